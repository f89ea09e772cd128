"""Decision models: requirements, knowledge, services, types, imports, and what Camunda's modeler leaves out."""

from __future__ import annotations

import pytest

from caseloom.engine.decisions import read_model, read_models
from caseloom.engine.errors import DiagramError, NotFound

ROUTING = """
    <itemDefinition name="tLoan">
      <itemComponent name="amount"><typeRef>number</typeRef></itemComponent>
      <itemComponent name="monthly rate"><typeRef>number</typeRef></itemComponent>
    </itemDefinition>
    <inputData id="i1" name="Requested loan"><variable name="Requested loan" typeRef="tLoan"/></inputData>
    <businessKnowledgeModel id="k1" name="interest">
      <encapsulatedLogic>
        <formalParameter name="loan" typeRef="tLoan"/>
        <literalExpression><text>loan.amount * loan.monthly rate</text></literalExpression>
      </encapsulatedLogic>
    </businessKnowledgeModel>
    <decision id="d1" name="Monthly interest"><variable name="Monthly interest" typeRef="number"/>
      <informationRequirement><requiredInput href="#i1"/></informationRequirement>
      <knowledgeRequirement><requiredKnowledge href="#k1"/></knowledgeRequirement>
      <literalExpression><text>interest(Requested loan)</text></literalExpression>
    </decision>
    <decision id="d2" name="Routing">
      <informationRequirement><requiredDecision href="#d1"/></informationRequirement>
      <literalExpression><text>if Monthly interest > 100 then "committee" else "desk"</text></literalExpression>
    </decision>
    <decisionService id="s1" name="Route"><outputDecision href="#d2"/><inputDecision href="#d1"/></decisionService>
"""
LOAN = {"Requested loan": {"amount": 1000, "monthly rate": 0.5}}


def test_a_decision_takes_the_decisions_that_it_requires(model):
    outcome = model(ROUTING).decide("Routing", LOAN)

    assert outcome.value == "committee"
    assert [step["decision"] for step in outcome.explanation] == ["Monthly interest", "Routing"]


def test_an_element_is_found_by_its_id_and_then_by_its_name(model):
    assert model(ROUTING).decide("d1", LOAN).value == 500
    assert model(ROUTING).decide("Monthly interest", LOAN).value == 500
    with pytest.raises(NotFound, match="no decision “Nothing”"):
        model(ROUTING).decide("Nothing", {})


def test_a_service_and_a_knowledge_model_are_called_with_the_data(model):
    assert model(ROUTING).decide("Route", {"Monthly interest": 5}).value == "desk"
    assert model(ROUTING).decide("interest", {"loan": {"amount": 10, "monthly rate": 2}}).value == 20


def test_an_input_of_another_type_is_null_with_a_reason(model):
    outcome = model(ROUTING).decide("d1", {"Requested loan": {"amount": "much"}})

    assert outcome.value is None
    assert "“Requested loan”" in outcome.reasons[0]


def test_a_decision_that_requires_itself_is_null_with_a_reason(model):
    circle = """
        <decision id="a" name="A"><informationRequirement><requiredDecision href="#b"/></informationRequirement>
          <literalExpression><text>B</text></literalExpression></decision>
        <decision id="b" name="B"><informationRequirement><requiredDecision href="#a"/></informationRequirement>
          <literalExpression><text>A</text></literalExpression></decision>
    """

    outcome = model(circle).decide("A", {})

    assert outcome.value is None
    assert "“A” requires itself." in outcome.reasons


def test_a_table_without_requirements_reads_the_data_of_the_case(table):
    model = table('season, order.guests | dish\n"Fall"; > 8 | "Stew"')

    assert model.decide("decision", {"season": "Fall", "order": {"guests": 9}}).value == "Stew"


def test_expressions_in_juel_are_read(model):
    elements = """
        <decision id="d" name="d"><decisionTable>
          <input><inputExpression expressionLanguage="juel"><text>amount + 1</text></inputExpression></input>
          <output name="o"/>
          <rule><inputEntry><text>&gt; 5</text></inputEntry><outputEntry><text>"much"</text></outputEntry></rule>
        </decisionTable></decision>
    """

    assert model(elements).decide("d", {"amount": 5}).value == "much"


def test_another_language_is_an_error_that_names_it(model):
    elements = """
        <decision id="d" name="d">
          <literalExpression expressionLanguage="groovy"><text>1</text></literalExpression>
        </decision>
    """
    (finding,) = model(elements).findings

    assert (finding.severity, finding.element_id) == ("error", "d")
    assert "groovy" in finding.message


def test_outputs_of_a_required_decision_are_known_by_their_names_as_in_camunda(model):
    elements = """
        <decision id="d" name="Dish">
          <informationRequirement><requiredDecision href="#s"/></informationRequirement>
          <literalExpression><text>season + " dish"</text></literalExpression>
        </decision>
        <decision id="s" name="Season"><decisionTable>
          <input><inputExpression><text>temperature</text></inputExpression></input>
          <output name="season"/>
          <rule><inputEntry><text>cellInput &gt; 30</text></inputEntry>
            <outputEntry><text>"Summer"</text></outputEntry></rule>
        </decisionTable></decision>
    """

    outcome = model(elements).decide("d", {"temperature": 31})

    assert outcome.value == "Summer dish"


def test_a_cell_in_juel_is_a_condition(model):
    elements = """
        <decision id="d" name="d"><decisionTable>
          <input><inputExpression><text>amount</text></inputExpression></input>
          <output name="o"/>
          <rule><inputEntry expressionLanguage="juel"><text>${amount gt limit}</text></inputEntry>
            <outputEntry><text>"much"</text></outputEntry></rule>
        </decisionTable></decision>
    """

    assert model(elements).decide("d", {"amount": 5, "limit": 3}).value == "much"
    assert model(elements).decide("d", {"amount": 5, "limit": 7}).value is None


def file(namespace: str, elements: str) -> bytes:
    return (
        f'<definitions xmlns="https://www.omg.org/spec/DMN/20230324/MODEL/" name="{namespace}"'
        f' namespace="urn:{namespace}">{elements}</definitions>'
    ).encode()


FEES = '<decision id="fee" name="Fee"><literalExpression><text>7</text></literalExpression></decision>'
ORDER = """
    <import name="fees" namespace="urn:fees" importType="https://www.omg.org/spec/DMN/20230324/MODEL/"/>
    <decision id="total" name="Total">
      <informationRequirement><requiredDecision href="urn:fees#fee"/></informationRequirement>
      <literalExpression><text>fees.Fee + 1</text></literalExpression>
    </decision>
"""


def test_a_model_may_import_another_one():
    order, _ = read_models([("order.dmn", file("order", ORDER)), ("fees.dmn", file("fees", FEES))])

    assert order.decide("Total", {}).value == 8
    assert read_model(file("order", ORDER), imports=[file("fees", FEES)]).decide("total", {}).value == 8


def test_an_import_that_is_missing_or_runs_in_a_circle_is_refused():
    with pytest.raises(DiagramError, match="not among the files"):
        read_model(file("order", ORDER))

    circle = '<import name="order" namespace="urn:order" importType=""/>'
    with pytest.raises(DiagramError, match="imports itself"):
        read_models([("order.dmn", file("order", ORDER)), ("fees.dmn", file("fees", circle))])


@pytest.mark.parametrize(
    "namespace",
    [
        "http://www.omg.org/spec/DMN/20151101/dmn.xsd",
        "http://www.omg.org/spec/DMN/20180521/MODEL/",
        "https://www.omg.org/spec/DMN/20191111/MODEL/",
        "https://www.omg.org/spec/DMN/20211108/MODEL/",
        "https://www.omg.org/spec/DMN/20230324/MODEL/",
    ],
)
def test_every_version_of_the_standard_is_read(namespace):
    data = file("fees", FEES).replace(b"https://www.omg.org/spec/DMN/20230324/MODEL/", namespace.encode())

    assert read_model(data).decide("Fee", {}).value == 7


@pytest.mark.parametrize("attribute", ['hitPolicy="BEST"', 'hitPolicy="COLLECT" aggregation="AVG"'])
def test_a_policy_that_is_not_known_is_refused_by_its_name(attribute):
    table = f'<decision id="d" name="d"><decisionTable {attribute}><output/></decisionTable></decision>'

    with pytest.raises(DiagramError, match=r"BEST|AVG"):
        read_model(file("m", table))


@pytest.mark.parametrize("data", [b"", b"<a/>", b"<!DOCTYPE a><a/>", b"\x1f\x8b\x08", b"<definitions/>"])
def test_what_is_no_model_is_refused(data):
    with pytest.raises(DiagramError):
        read_model(data)
