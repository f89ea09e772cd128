"""What the one-line notation draws."""

from __future__ import annotations

from importlib.resources import files

import pytest
from drawing import NotationError, bpmn, draw, draw_all, flow, node, process
from lxml import etree

BPMN = "{http://www.omg.org/spec/BPMN/20100524/MODEL}"
CAMUNDA = "{http://camunda.org/schema/1.0/bpmn}"
SCHEMA = etree.XMLSchema(etree.parse(str(files("SpiffWorkflow.bpmn.parser") / "schema" / "BPMN20.xsd")))

LINES = [
    "",
    "Register > ( Check plot | Check applicant ) > [amount > 100000: Manager] > Send",
    "x := y + 1 > big := (x > 3) > small := y < 2 > !notify Tell tenant",
    "{ Hear: A > B } each n in neighbours > C",
    "A > ( B > C until n >= 3 ) > D",
    "Write > Review until done",
    "[ a: X > @end No | else: Y ] ~> Z",
    "A ~> ( B | C ) ~> D",
    "A ~> ( x > 1: B | else: C ) > D",
    "Draft <groups=survey due='=now()'> +timer P14D ( Remind ) ^error late ( Repair > ) > Send",
    "Draft ^message stop ( @terminate )",
    "[ @message pay > A | @timer P30D Waited > B ] > C",
    "Vote 3 times in turn enough when (n > 1) > @timer 2026-01-01T10:00:00Z > @error bad",
    "@start-message order > ( a: A | b: B | else: ) > @call child Sub > @receive paid Wait",
    "@start-signal s > @throw-message m > @end-message finished",
    "@start-timer R3/P1D > @task A > @manual B > @event C > @rule risk D > @send mail E",
    "@throw-signal s > @signal t > @end-signal u",
    "{ A > { B > @error bad } ^error ( C ) > D } +signal s ( E > F ) ^timer 'cycle=R/P1D' ( > ) > G",
    "( Tenant's call | Owner's call > @timer \"${wait}\" ) > @timer =wait > A <assignee='#{owner}'>",
    "Start > End",
]


@pytest.mark.parametrize("line", LINES)
def test_every_line_draws_valid_bpmn(line: str) -> None:
    SCHEMA.assertValid(etree.fromstring(draw(line)))


def test_steps_are_joined_by_flows_that_are_named_after_them() -> None:
    assert flows(draw("Register > Check plot > Send")) == [
        "start -> register",
        "register -> check_plot",
        "check_plot -> send",
        "send -> end",
    ]


def test_round_brackets_are_parallel_and_square_ones_exclusive() -> None:
    drawn = draw("( A | B ) > [ x > 1: C | else: D ]")

    assert tag(drawn, "fork_1") == tag(drawn, "join_1") == "parallelGateway"
    assert tag(drawn, "choice_1") == tag(drawn, "merge_1") == "exclusiveGateway"
    assert condition(drawn, "choice_1__c") == "x > 1"
    assert element(drawn, "choice_1").get("default") == "choice_1__d"


def test_one_condition_alone_gets_a_way_round() -> None:
    drawn = draw("A > [amount > 100000: Manager] > Send")

    assert element(drawn, "choice_1").get("default") == "choice_1__merge_1"
    assert "choice_1 -> merge_1" in flows(drawn)


def test_conditions_in_round_brackets_are_inclusive() -> None:
    drawn = draw("( a: A | b: B | else: C )")

    assert tag(drawn, "some_1") == tag(drawn, "sync_1") == "inclusiveGateway"


def test_events_in_square_brackets_race() -> None:
    drawn = draw("[ @message payment > Ship | @timer P30D > Remind ]")

    assert tag(drawn, "race_1") == "eventBasedGateway"
    assert element(drawn, "payment").find(f"{BPMN}messageEventDefinition") is not None
    assert element(drawn, "timer").findtext(f".//{BPMN}timeDuration") == "P30D"


def test_a_curly_arrow_draws_no_gateway() -> None:
    assert flows(draw("A ~> ( B | C ) ~> D")) == [
        "start -> a",
        "a -> b",
        "a -> c",
        "b -> d",
        "c -> d",
        "d -> end",
    ]


def test_a_loop_goes_back_unless_its_condition_holds() -> None:
    drawn = draw("( Write > Review until n > 2 ) > Send")

    assert condition(drawn, "until_1__send") == "n > 2"
    assert element(drawn, "until_1").get("default") == "until_1__again_1"


def test_a_sub_process_has_its_own_ends_and_may_run_for_each_item() -> None:
    drawn = draw("{ Hear: A > B } each n in neighbours in turn")

    loop = element(drawn, "hear").find(f"{BPMN}multiInstanceLoopCharacteristics")
    assert loop is not None
    assert loop.get("isSequential") == "true"
    assert loop.get(f"{CAMUNDA}collection") == "neighbours"
    assert loop.get(f"{CAMUNDA}elementVariable") == "n"
    assert [each.get("id") for each in element(drawn, "hear").iter(f"{BPMN}userTask")] == ["a", "b"]
    assert "hear_start -> a" in flows(drawn)


def test_boundary_events_interrupt_or_not_and_lead_back_where_an_arrow_says_so() -> None:
    drawn = draw("Draft +timer P14D ( Remind ) ^error late ( Repair > ) > Send")

    assert element(drawn, "draft_timer").get("cancelActivity") == "false"
    assert element(drawn, "draft_error").get("cancelActivity") is None
    assert {"remind -> draft_timer_end", "draft -> back_1", "repair -> back_1"} <= set(flows(drawn))


def test_a_branch_that_ends_is_not_joined() -> None:
    assert flows(draw("[ bad: Tell > @terminate | else: Send ]"))[-2:] == ["choice_1 -> send", "send -> end"]


def test_what_would_be_there_twice_is_numbered_and_an_id_can_be_given() -> None:
    drawn = draw("Draft > Draft > Start #Start")

    assert [each.get("id") for each in tree(drawn).iter(f"{BPMN}userTask")] == ["draft", "draft_2", "Start"]


def test_attributes_stand_behind_the_name_or_come_by_id() -> None:
    drawn = draw(
        "A <assignee=anna due=\"=now() + duration('P3D')\"> > x := 1",
        attributes={"set_x": {"caseloom:effect": "none"}, "case": {"camunda:versionTag": "7"}},
    )

    assert element(drawn, "a").get(f"{CAMUNDA}assignee") == "anna"
    assert element(drawn, "a").get(f"{CAMUNDA}dueDate") == "=now() + duration('P3D')"
    assert element(drawn, "set_x").get("{urn:caseloom:bpmn:1}effect") == "none"
    assert element(drawn, "case").get(f"{CAMUNDA}versionTag") == "7"


def test_several_processes_share_a_file_and_its_messages() -> None:
    drawn = draw_all(buyer="@throw-message order > @message goods", seller="@start-message order > Pack")

    SCHEMA.assertValid(etree.fromstring(drawn))
    assert [each.get("name") for each in tree(drawn).iter(f"{BPMN}message")] == ["order", "goods"]


def test_what_the_notation_cannot_say_is_composed_by_hand() -> None:
    drawn = bpmn(
        process("case", node("startEvent", "s"), node("complexGateway", "g"), flow("s", "g", "x > 1"))
    )

    SCHEMA.assertValid(etree.fromstring(drawn))
    assert condition(drawn, "s__g") == "x > 1"


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("A > ( B", "expected “)”"),
        ("A )", "nothing more was expected"),
        ("A > ", "an arrow that leads on"),
        ("A > @end > B", "Nothing leads to “b”"),
        ("@walk B", "“@walk” is not known"),
        ("( a: A | B )", "every branch a condition, or none"),
        ("[ A | B ]", "each begins with an event"),
        ("( A | B ) ~> ( C | D )", None),
        ("( A until x ) ~> ( C | D )", "A conditional flow leads into a block"),
        ("A #x > B #x", "“x” is there twice"),
        ("A ^timer 'P1D ( B )", "does not end"),
        ("A ^walk x ( B )", "cannot stand on a boundary"),
    ],
)
def test_a_line_that_cannot_be_read_says_why(line: str, said: str | None) -> None:
    if said is None:
        SCHEMA.assertValid(etree.fromstring(draw(line)))
        return

    with pytest.raises(NotationError, match=said.replace(")", r"\)")):
        draw(line)


def tree(drawn: bytes) -> etree._Element:
    return etree.fromstring(drawn)


def element(drawn: bytes, id: str) -> etree._Element:
    return next(each for each in tree(drawn).iter() if each.get("id") == id)


def tag(drawn: bytes, id: str) -> str:
    return etree.QName(element(drawn, id)).localname


def condition(drawn: bytes, id: str) -> str | None:
    return element(drawn, id).findtext(f"{BPMN}conditionExpression")


def flows(drawn: bytes) -> list[str]:
    return [
        f"{each.get('sourceRef')} -> {each.get('targetRef')}"
        for each in tree(drawn).iter(f"{BPMN}sequenceFlow")
    ]
