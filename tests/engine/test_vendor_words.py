"""The words that Camunda 7, Operaton and Activiti, and Camunda 8 add to BPMN: each does what it says.

`x:` stands for the first three in turn; what they say of the life of steps and tasks is in `test_listeners`.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest
from playing import NOON, Clock, again, finish, open_tasks, task

from caseloom.diagrams.checks.vendors import RUNS
from caseloom.engine import BpmnError, Case, Engine, Job
from caseloom.engine.errors import DiagramError, Severity
from caseloom.engine.results import Status

KIN = {
    "camunda": "http://camunda.org/schema/1.0/bpmn",
    "operaton": "http://operaton.org/schema/1.0/bpmn",
    "activiti": "http://activiti.org/bpmn",
}
TABLE = """<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="d" name="d" namespace="urn:t">
<decision id="rate" name="Rate"><variable name="rate"/><decisionTable hitPolicy="COLLECT">
<input id="i"><inputExpression><text>amount</text></inputExpression></input><output id="o" name="level"/>
<rule id="r1"><inputEntry id="e1"><text>&gt; 1</text></inputEntry>
<outputEntry id="o1"><text>"high"</text></outputEntry></rule>
</decisionTable></decision></definitions>"""

Begin = Callable[..., Case]


def diagram(inside: str, namespace: str, *, process: str = "", more: str = "") -> bytes:
    """The process `case`: a start event, then the elements one after the other, then an end event."""
    steps = [part.strip() for part in inside.split("||")]
    ids = ["start", *(step.split('id="', 1)[1].split('"', 1)[0] for step in steps), "end"]
    flows = "".join(f'<sequenceFlow id="{a}_{b}" sourceRef="{a}" targetRef="{b}"/>' for a, b in pairwise(ids))
    return f"""<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:x="{namespace}"
      xmlns:zeebe="http://camunda.org/schema/zeebe/1.0" targetNamespace="urn:t">
      <process id="case" isExecutable="true" {process}><startEvent id="start" x:initiator="starter"/>
      {"".join(steps)}<endEvent id="end"/>{flows}</process>{more}</definitions>""".encode()


@pytest.fixture(params=KIN)
def begin(engine: Engine, request: pytest.FixtureRequest) -> Begin:
    def begin(inside: str, data: dict[str, Any] | None = None, **more: str) -> Case:
        engine.deploy(("drawn.bpmn", diagram(inside, KIN[request.param], **more)))
        return engine.start("case", data=data, by="anna")

    return begin


# -- people, dates, forms ------------------------------------------------------------------------------------


def test_a_task_says_who_does_it_and_by_when(engine: Engine, begin: Begin) -> None:
    case = begin(
        """<userTask id="a" name="A" x:assignee="${starter}" x:candidateUsers="bo, cleo" x:candidateGroups="${office}"
        x:dueDate="${dateTime().plusDays(2)}" x:followUpDate="2026-03-03T12:00:00Z" x:priority="70" x:formKey="mine"
        x:asyncBefore="true" x:asyncAfter="true" x:exclusive="false"/>""",
        {"office": "north"},
        process='x:versionTag="v1" x:historyTimeToLive="P180D" x:isStartableInTasklist="true"',
    )

    one = task(engine, case, "A")

    assert (one.assignee, list(one.candidate_users), list(one.candidate_groups)) == (
        "anna",
        ["bo", "cleo"],
        ["north"],
    )
    assert (one.due_at, one.follow_up_at) == (NOON + timedelta(days=2), NOON + timedelta(days=1))
    assert one.priority == 70
    assert one.form is not None and one.form.key == "mine"


def test_a_form_is_drawn_in_the_diagram(engine: Engine, begin: Begin) -> None:
    case = begin(
        """<userTask id="a" name="A"><extensionElements><x:formData>
        <x:formField id="amount" label="Amount" type="long" defaultValue="${price * 2}">
        <x:validation><x:constraint name="required"/></x:validation></x:formField>
        <x:formField id="color" type="enum"><x:value id="r" name="Red"/></x:formField>
        </x:formData></extensionElements></userTask>""",
        {"price": 3},
    )

    form = engine.task(task(engine, case, "A").id).form

    assert form is not None
    amount, color = form.fields
    assert (amount.id, amount.label, amount.default, amount.required) == ("amount", "Amount", 6, True)
    assert list(color.options) == [("r", "Red")]


def test_a_form_of_properties_is_read(engine: Engine, begin: Begin) -> None:
    case = begin(
        """<userTask id="a" name="A"><extensionElements>
        <x:formProperty id="amount" name="Amount" type="long" required="true" default="5"/>
        <x:formProperty id="seen" writable="false"/></extensionElements></userTask>"""
    )

    form = engine.task(task(engine, case, "A").id).form

    assert form is not None
    amount, seen = form.fields
    assert (amount.label, amount.type, amount.default, amount.required) == ("Amount", "long", "5", True)
    assert seen.readonly


def test_a_deployed_form_is_the_one_that_is_asked_for(engine: Engine, begin: Begin) -> None:
    def form(text: str) -> bytes:
        parts = [{"type": "text", "text": text}]
        return json.dumps({"type": "default", "id": "ask", "components": parts}).encode()

    engine.deploy(("ask.form", form("old")))
    case = begin('<userTask id="a" name="A" x:formRef="ask" x:formRefBinding="latest"/>')
    engine.deploy(("ask.form", form("new")))

    shown = engine.task(task(engine, case, "A").id).form

    assert shown is not None and shown.schema is not None
    assert shown.schema["components"][0]["text"] == "new"


# -- work ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "how", ['x:type="external" x:topic="price"', 'x:delegateExpression="${price}"', 'x:class="price"']
)
def test_a_service_task_names_who_serves_it(engine: Engine, begin: Begin, how: str) -> None:
    engine.service("price")(lambda job: {"net": job.data["amount"]})

    case = begin(f'<serviceTask id="a" {how} x:resultVariable="prices"/>', {"amount": 4})

    assert case.data == {"starter": "anna", "amount": 4, "prices": {"net": 4}}


def test_an_expression_is_evaluated_in_the_place_of_a_service(begin: Begin) -> None:
    case = begin(
        """<serviceTask id="a" x:expression="${amount * 2}" x:resultVariable="double"/> ||
        <sendTask id="b" x:expression="${execution.setVariable('sent', double + 1)}"/>""",
        {"amount": 4},
    )

    assert (case.status, case.data["double"], case.data["sent"]) == (Status.COMPLETED, 8, 9)


def test_parameters_go_in_and_out(begin: Begin) -> None:
    case = begin(
        """<scriptTask id="a" scriptFormat="feel" x:resultVariable="sum"><extensionElements><x:inputOutput>
        <x:inputParameter name="one">${amount + 1}</x:inputParameter>
        <x:inputParameter name="list"><x:list><x:value>=amount</x:value><x:value>b</x:value></x:list></x:inputParameter>
        <x:inputParameter name="map"><x:map><x:entry key="k">v</x:entry></x:map></x:inputParameter>
        <x:outputParameter name="result">${sum}</x:outputParameter>
        </x:inputOutput></extensionElements><script>[one, list, map.k]</script></scriptTask>""",
        {"amount": 4},
    )

    assert case.data["result"] == [5, [4, "b"], "v"]
    assert "one" not in case.data


def test_lists_and_maps_of_parameters_hold_what_each_of_their_texts_computes(begin: Begin) -> None:
    case = begin(
        """<scriptTask id="a" scriptFormat="feel" x:resultVariable="both"><extensionElements><x:inputOutput>
        <x:inputParameter name="list"><x:list><x:value>${amount + 1}</x:value><x:value>=amount</x:value>
          <x:value>no ${amount}</x:value><x:value>"b"</x:value><x:list><x:value>#{boss}</x:value></x:list></x:list>
        </x:inputParameter>
        <x:inputParameter name="map"><x:map><x:entry key="k">${amount}</x:entry>
          <x:entry key="case">${execution.processBusinessKey}</x:entry>
          <x:entry key="in"><x:map><x:entry key="who">${boss}</x:entry></x:map></x:entry></x:map></x:inputParameter>
        </x:inputOutput></extensionElements><script>[list, map]</script></scriptTask>""",
        {"amount": 4, "boss": "Kim"},
    )

    assert case.data["both"] == [
        [5, 4, "no 4", '"b"', ["Kim"]],
        {"k": 4, "case": None, "in": {"who": "Kim"}},
    ]


def test_a_failed_job_is_tried_again_as_the_diagram_says(engine: Engine, clock: Clock, begin: Begin) -> None:
    tried: list[int] = []

    @engine.service("price")
    def price(job: Job) -> None:
        tried.append(job.attempt)
        raise RuntimeError("no")

    case = begin(
        '<serviceTask id="a" x:topic="price"><extensionElements><x:failedJobRetryTimeCycle>R2/PT7M'
        "</x:failedJobRetryTimeCycle></extensionElements></serviceTask>"
    )
    assert engine.next_due() == NOON + timedelta(minutes=7)
    clock.forward(minutes=7)
    engine.run_due()

    assert len(tried) == 2
    assert [one.kind for one in again(engine, case).incidents] == ["job"]


_MAPPED = """<serviceTask id="a" x:type="external" x:topic="pay"><extensionElements>
    <x:errorEventDefinition errorRef="broke" expression="${amount &gt; 100}"/>
    <x:errorEventDefinition errorRef="broke" expression="${externalTask.errorMessage.contains('broke')}"/>
    </extensionElements></serviceTask>
    <boundaryEvent id="no" attachedToRef="a"><errorEventDefinition errorRef="broke" x:errorCodeVariable="code"
    x:errorMessageVariable="why"/></boundaryEvent><userTask id="b" name="B"/>
    <sequenceFlow id="no_b" sourceRef="no" targetRef="b"/>"""
_BROKE = '<error id="broke" errorCode="E1"/>'


def test_an_answer_that_the_diagram_maps_to_an_error_throws_it(engine: Engine, begin: Begin) -> None:
    engine.service("pay")(lambda job: {"amount": 200})

    case = begin(_MAPPED, {"amount": 5}, more=_BROKE)

    assert open_tasks(engine, case) == ["B"]
    assert again(engine, case).data["code"] == "E1"


def test_a_failure_that_the_diagram_maps_to_an_error_throws_it(engine: Engine, begin: Begin) -> None:
    @engine.service("pay")
    def pay(job: Job) -> None:
        raise RuntimeError("we are broke")

    case = begin(_MAPPED, {"amount": 5}, more=_BROKE)

    assert open_tasks(engine, case) == ["B"]
    assert "broke" in again(engine, case).data["why"]


def test_other_answers_are_answers(engine: Engine, begin: Begin) -> None:
    engine.service("pay")(lambda job: {"paid": True})

    case = begin(_MAPPED, {"amount": 5}, more=_BROKE)

    assert (case.status, case.data["paid"]) == (Status.COMPLETED, True)


def test_a_decision_is_asked_and_its_result_mapped(engine: Engine, begin: Begin) -> None:
    engine.deploy(("rate.dmn", TABLE.encode()))

    def asked(mapping: str) -> Any:
        text = (
            f'<businessRuleTask id="a" x:decisionRef="rate" x:resultVariable="r" x:mapDecisionResult="{mapping}" '
            'x:decisionRefBinding="version" x:decisionRefVersion="1"/>'
        )
        return begin(text, {"amount": 5}).data["r"]

    assert asked("singleEntry") == "high"
    assert asked("singleResult") == {"level": "high"}
    assert asked("collectEntries") == ["high"]
    assert asked("resultList") == [{"level": "high"}]


def test_instances_run_over_a_collection(engine: Engine, begin: Begin) -> None:
    case = begin(
        """<userTask id="a" name="A"><multiInstanceLoopCharacteristics x:collection="${people}" x:elementVariable="p"/>
        </userTask>""",
        {"people": ["bo", "cleo"]},
    )

    assert sorted(one.item for one in engine.tasks(case_id=case.id)) == ["bo", "cleo"]


# -- calls and events ------------------------------------------------------------------------------------------


def called(engine: Engine, inside: str) -> None:
    drawn = diagram(inside, KIN["camunda"]).decode().replace('id="case"', 'id="inner"')
    engine.deploy(("inner.bpmn", drawn.encode()))


def test_a_call_hands_over_what_it_says_and_gets_back_what_it_says(engine: Engine, begin: Begin) -> None:
    called(
        engine,
        '<scriptTask id="s" scriptFormat="feel" x:resultVariable="b"><script>a + 1</script></scriptTask>',
    )

    case = begin(
        """<callActivity id="a" calledElement="inner" x:calledElementBinding="version" x:calledElementVersion="1">
        <extensionElements><x:in source="amount" target="a"/><x:out sourceExpression="${b * 2}" target="c"/>
        </extensionElements></callActivity>""",
        {"amount": 4},
    )

    assert case.data == {"starter": "anna", "amount": 4, "c": 10}


def test_a_called_process_has_the_business_key_that_the_call_gives_it(engine: Engine, begin: Begin) -> None:
    called(
        engine, '<serviceTask id="s" x:expression="${execution.processBusinessKey}" x:resultVariable="key"/>'
    )

    case = begin(
        """<callActivity id="a" calledElement="inner"><extensionElements><x:in businessKey="K-${amount}"/>
        <x:in variables="all"/><x:out variables="all"/></extensionElements></callActivity>""",
        {"amount": 4},
    )

    assert case.data["key"] == "K-4"


def test_a_call_by_tag_finds_the_version_with_that_tag(engine: Engine, begin: Begin) -> None:
    for tag, value in (("old", 1), ("new", 2)):
        text = f'<scriptTask id="s" scriptFormat="feel" x:resultVariable="v"><script>{value}</script></scriptTask>'
        drawn = diagram(text, KIN["camunda"], process=f'x:versionTag="{tag}"').decode()
        engine.deploy(("inner.bpmn", drawn.replace('id="case"', 'id="inner"').encode()))

    case = begin(
        '<callActivity id="a" calledElement="inner" x:calledElementBinding="versionTag" '
        'x:calledElementVersionTag="old"/>'
    )

    assert case.data["v"] == 1


def test_an_error_tells_its_code_and_its_message(engine: Engine, begin: Begin) -> None:
    case = begin(
        """<subProcess id="a"><startEvent id="s"/><endEvent id="t"><errorEventDefinition errorRef="bad"/></endEvent>
        <sequenceFlow id="s_t" sourceRef="s" targetRef="t"/></subProcess>
        <boundaryEvent id="no" attachedToRef="a"><errorEventDefinition x:errorCodeVariable="code"
        x:errorMessageVariable="why"/></boundaryEvent>""",
        {"amount": 4},
        more='<error id="bad" errorCode="E1" x:errorMessage="${amount} is too much"/>',
    )

    assert (case.data["code"], case.data["why"]) == ("E1", "4 is too much")


def test_an_escalation_tells_its_code(begin: Begin) -> None:
    case = begin(
        """<subProcess id="a"><startEvent id="s"/><endEvent id="t"><escalationEventDefinition escalationRef="up"/>
        </endEvent>
        <sequenceFlow id="s_t" sourceRef="s" targetRef="t"/></subProcess>
        <boundaryEvent id="no" attachedToRef="a"><escalationEventDefinition escalationRef="up"
        x:escalationCodeVariable="code"/></boundaryEvent>""",
        more='<escalation id="up" escalationCode="U1"/>',
    )

    assert case.data["code"] == "U1"


def test_a_thrown_message_may_be_served(engine: Engine, begin: Begin) -> None:
    engine.service("mail")(lambda job: {"sent": True})

    case = begin(
        """<intermediateThrowEvent id="a"><messageEventDefinition messageRef="m" x:type="external" x:topic="mail"/>
        </intermediateThrowEvent>""",
        more='<message id="m" name="m"/>',
    )

    assert case.data["sent"] is True


# -- what does not run -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("inside", "said"),
    [
        ('<userTask id="a" x:formHandlerClass="a.B"/>', "formHandlerClass"),
        (
            '<userTask id="a" x:formRef="f" x:formRefBinding="version" x:formRefVersion="1"/>',
            "formRefVersion",
        ),
        (
            '<businessRuleTask id="a" x:decisionRef="rate" x:decisionRefVersionTag="v"/>',
            "decisionRefVersionTag",
        ),
        ('<businessRuleTask id="a" x:decisionRef="rate" x:decisionRefTenantId="t"/>', "no tenants"),
        ('<businessRuleTask id="a" x:decisionRef="rate" x:mapDecisionResult="odd"/>', "singleEntry"),
        ('<callActivity id="a" calledElement="case" x:calledElementTenantId="t"/>', "no tenants"),
        (
            '<callActivity id="a" calledElement="case" x:variableMappingClass="a.B"/>',
            "maps variables in Java",
        ),
        ('<callActivity id="a" calledElement="case" x:variableMappingDelegateExpression="${b}"/>', "in Java"),
        ('<callActivity id="a" x:caseRef="c"/>', "CMMN"),
        ('<callActivity id="a" calledElement="case" x:caseBinding="latest"/>', "CMMN"),
        ('<serviceTask id="a" x:type="mail"/>', "“mail”"),
        ('<serviceTask id="a" x:expression="${bean.run()}"/>', "calls Java"),
        (
            '<scriptTask id="a" scriptFormat="feel" x:resource="s.groovy" x:resultVariable="r"/>',
            "from elsewhere",
        ),
        ('<userTask id="a" x:novelty="1"/>', "camunda:novelty"),
        *(
            (
                f'<serviceTask id="a" x:topic="t"><extensionElements>{inner}</extensionElements></serviceTask>',
                said,
            )
            for inner, said in (
                ("<x:connector><x:connectorId>http</x:connectorId></x:connector>", "a connector"),
                ('<x:field name="f" stringValue="v"/>', "an injected field"),
                ('<x:errorEventDefinition id="e"/>', "set errorRef"),
                ("<x:failedJobRetryTimeCycle>often</x:failedJobRetryTimeCycle>", "R3/PT10M"),
                ("<x:novelty/>", "novelty"),
                (
                    '<x:inputOutput><x:inputParameter name="p"><x:script scriptFormat="groovy">1</x:script>'
                    "</x:inputParameter></x:inputOutput>",
                    "docs/scripts.md",
                ),
            )
        ),
        (
            '<callActivity id="a" calledElement="case"><extensionElements><x:in variables="all" local="true"/>'
            "</extensionElements></callActivity>",
            "local",
        ),
    ],
    ids=lambda value: "" if value.startswith("<") else value,
)
def test_what_does_not_run_is_refused_by_name(engine: Engine, begin: Begin, inside: str, said: str) -> None:
    engine.deploy(("rate.dmn", TABLE.encode()))

    with pytest.raises(DiagramError) as refused:
        begin(inside)

    found = [one for one in refused.value.findings if one.severity is Severity.ERROR]
    assert [one.element_id for one in found] == ["a"] * len(found)
    assert any(said in one.message for one in found)
    assert all(": " in one.message for one in found)


@pytest.mark.parametrize(
    ("inside", "said"),
    [
        ('<userTask id="a" x:jobPriority="3"/>', "jobPriority"),
        ('<serviceTask id="a" x:topic="t" x:taskPriority="3"/>', "taskPriority"),
        (
            '<intermediateCatchEvent id="a"><conditionalEventDefinition x:variableName="n" x:variableEvents="create">'
            "<condition>n = 1</condition></conditionalEventDefinition></intermediateCatchEvent>",
            "variableName",
        ),
    ],
    ids=lambda value: "" if value.startswith("<") else value,
)
def test_what_has_no_effect_is_said(engine: Engine, inside: str, said: str) -> None:
    found = engine.check(("drawn.bpmn", diagram(inside, KIN["camunda"])))

    assert {one.severity for one in found} == {Severity.WARNING}
    assert any(f"camunda:{said}" in one.message for one in found)


def test_the_retries_of_a_listener_are_said_to_have_no_effect(engine: Engine) -> None:
    words = """<zeebe:executionListeners><zeebe:executionListener eventType="start" type="audit" retries="3"/>
        </zeebe:executionListeners>"""

    found = engine.check(("drawn.bpmn", diagram(extended("userTask", words), KIN["camunda"])))

    assert [one.code for one in found] == ["vendor-without-effect"]


def test_who_may_start_a_process_is_not_restricted_and_that_is_said(engine: Engine) -> None:
    drawn = diagram('<userTask id="a"/>', KIN["camunda"], process='x:candidateStarterGroups="boss"')

    assert [one.code for one in engine.check(("drawn.bpmn", drawn))] == ["vendor-without-effect"]


def test_every_attribute_that_runs_is_in_a_test() -> None:
    with open(__file__, encoding="utf-8") as file:
        told = file.read()

    assert [name for name in sorted(RUNS) if f"x:{name}=" not in told] == []


# -- Camunda 8 -------------------------------------------------------------------------------------------------


def zeebe(engine: Engine, inside: str, data: dict[str, Any] | None = None, **more: str) -> Case:
    engine.deploy(("drawn.bpmn", diagram(inside, KIN["camunda"], **more)))

    return engine.start("case", data=data, by="anna")


def extended(tag: str, words: str, attributes: str = "") -> str:
    return f'<{tag} id="a" name="A" {attributes}><extensionElements>{words}</extensionElements></{tag}>'


def test_a_job_has_a_type_retries_and_headers(engine: Engine) -> None:
    seen: list[Job] = []
    engine.service("price")(seen.append)
    words = """<zeebe:taskDefinition type="=&quot;pri&quot; + &quot;ce&quot;" retries="5"/>
        <zeebe:taskHeaders><zeebe:header key="url" value="/p"/></zeebe:taskHeaders>
        <zeebe:properties><zeebe:property name="n" value="v"/></zeebe:properties>"""

    zeebe(engine, extended("serviceTask", words))

    assert [(one.topic, dict(one.headers)) for one in seen] == [("price", {"url": "/p"})]


def test_a_user_task_of_camunda_8_says_who_and_by_when(engine: Engine) -> None:
    words = """<zeebe:userTask/><zeebe:assignmentDefinition assignee="=starter" candidateGroups="=[&quot;north&quot;]"
        candidateUsers="bo,cleo"/><zeebe:taskSchedule dueDate="=now() + duration(&quot;P1D&quot;)"
        followUpDate="2026-03-02T18:00:00Z"/><zeebe:priorityDefinition priority="=30 + 1"/>
        <zeebe:formDefinition formId="mine"/>"""

    one = task(engine, zeebe(engine, extended("userTask", words)), "A")

    assert (one.assignee, list(one.candidate_groups), list(one.candidate_users)) == (
        "anna",
        ["north"],
        ["bo", "cleo"],
    )
    assert (one.due_at, one.follow_up_at) == (NOON + timedelta(days=1), NOON + timedelta(hours=6))
    assert one.priority == 31
    assert one.form is not None and one.form.key == "mine"


def test_a_form_may_stand_in_the_diagram(engine: Engine) -> None:
    form = json.dumps({"type": "default", "components": [{"type": "textfield", "key": "n"}]})
    held = f'<extensionElements><zeebe:userTaskForm id="f">{form}</zeebe:userTaskForm></extensionElements><startEvent'
    words = '<zeebe:formDefinition formKey="camunda-forms:bpmn:f"/>'
    drawn = diagram(extended("userTask", words), KIN["camunda"]).decode().replace("<startEvent", held, 1)
    deployment = engine.deploy(("drawn.bpmn", drawn.encode()))

    shown = engine.task(task(engine, engine.start("case"), "A").id).form

    assert deployment.findings == []
    assert shown is not None and shown.schema is not None
    assert shown.schema["components"][0]["key"] == "n"


def test_mappings_of_camunda_8_go_in_and_out(engine: Engine) -> None:
    words = """<zeebe:script expression="=one + 1" resultVariable="sum"/><zeebe:ioMapping>
        <zeebe:input source="=amount" target="one"/><zeebe:output source="=sum * 2" target="result"/>
        </zeebe:ioMapping>"""

    case = zeebe(engine, extended("scriptTask", words), {"amount": 4})

    assert case.data == {"starter": "anna", "amount": 4, "result": 10}


def test_a_decision_of_camunda_8_is_asked(engine: Engine) -> None:
    engine.deploy(("rate.dmn", TABLE.encode()))
    words = '<zeebe:calledDecision decisionId="rate" resultVariable="r" bindingType="latest"/>'

    assert zeebe(engine, extended("businessRuleTask", words), {"amount": 5}).data["r"] == ["high"]


def test_instances_of_camunda_8_collect_their_results(engine: Engine) -> None:
    inside = """<userTask id="a" name="A"><multiInstanceLoopCharacteristics><extensionElements>
        <zeebe:loopCharacteristics inputCollection="=people" inputElement="p" outputCollection="all"
        outputElement="=p + n"/>
        </extensionElements></multiInstanceLoopCharacteristics></userTask>"""
    case = zeebe(engine, inside, {"people": ["x", "y"]})

    finish(engine, case, "A", item="y", n="2")
    case = finish(engine, case, "A", item="x", n="1")

    assert case.data["all"] == ["x1", "y2"]


def test_a_message_of_camunda_8_is_correlated(engine: Engine) -> None:
    inside = (
        """<intermediateCatchEvent id="a"><messageEventDefinition messageRef="m"/></intermediateCatchEvent>"""
    )
    message = """<message id="m" name="paid"><extensionElements><zeebe:subscription correlationKey="=order"/>
        </extensionElements></message>"""
    case = zeebe(engine, inside, {"order": 7}, more=message)

    assert engine.message("paid", correlation=8) == []
    assert engine.message("paid", correlation=7) == [case.id]


@pytest.mark.parametrize(
    ("words", "data"),
    [
        ("", {"amount": 4, "kept": 2, "b": 5}),
        ('propagateAllChildVariables="false"', {"amount": 4, "kept": 2}),
        ('propagateAllParentVariables="false"', {"amount": 4, "kept": 2, "b": 5}),
    ],
)
def test_a_call_of_camunda_8_says_what_passes(engine: Engine, words: str, data: dict[str, Any]) -> None:
    called(
        engine,
        '<scriptTask id="s" scriptFormat="feel" x:resultVariable="b"><script>amount + 1</script></scriptTask>',
    )
    mapped = '<zeebe:ioMapping><zeebe:input source="=amount" target="amount"/></zeebe:ioMapping>'

    case = zeebe(
        engine,
        extended("callActivity", f'<zeebe:calledElement processId="inner" {words}/>{mapped}'),
        {"amount": 4, "kept": 2},
    )

    assert {name: value for name, value in case.data.items() if name != "starter"} == data


def test_a_call_of_camunda_8_by_tag(engine: Engine) -> None:
    for tag, value in (("old", 1), ("new", 2)):
        text = f'<scriptTask id="s" scriptFormat="feel" x:resultVariable="v"><script>{value}</script></scriptTask>'
        held = f'<extensionElements><zeebe:versionTag value="{tag}"/></extensionElements><startEvent'
        drawn = diagram(text, KIN["camunda"]).decode().replace("<startEvent", held, 1)
        engine.deploy(("inner.bpmn", drawn.replace('id="case"', 'id="inner"').encode()))
    words = '<zeebe:calledElement processId="inner" bindingType="versionTag" versionTag="old"/>'

    assert zeebe(engine, extended("callActivity", words)).data["v"] == 1


@pytest.mark.parametrize(
    ("tag", "words", "said"),
    [
        ("serviceTask", '<zeebe:taskDefinition type="t" retries="=n"/>', "write a number"),
        (
            "userTask",
            '<zeebe:formDefinition formId="f" versionTag="v" bindingType="versionTag"/>',
            "versionTag",
        ),
        (
            "businessRuleTask",
            '<zeebe:calledDecision decisionId="rate" bindingType="versionTag"/>',
            "versionTag",
        ),
        (
            "callActivity",
            '<zeebe:calledElement processId="case" processIdExpression="=k"/>',
            "processIdExpression",
        ),
        ("userTask", "<zeebe:linkedResources/>", "linkedResources"),
    ],
)
def test_what_does_not_run_of_camunda_8_is_refused_by_name(
    engine: Engine, tag: str, words: str, said: str
) -> None:
    engine.deploy(("rate.dmn", TABLE.encode()))

    with pytest.raises(DiagramError) as refused:
        zeebe(engine, extended(tag, words))

    assert any(said in one.message and one.element_id == "a" for one in refused.value.findings)


def test_an_error_of_a_service_is_caught_by_its_code(engine: Engine, begin: Begin) -> None:
    @engine.service("pay")
    def pay(job: Job) -> None:
        raise BpmnError("E1", "no money", {"left": 3})

    case = begin(_MAPPED, {"amount": 5}, more=_BROKE)

    assert (again(engine, case).data["why"], again(engine, case).data["left"]) == ("no money", 3)
