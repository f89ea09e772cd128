"""Listeners: what they write belongs to the step that they listen to, and falls with it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from xml.etree import ElementTree

import pytest
from drawing import bpmn, draw, draw_all, extensions, flow, node, process
from playing import again, finish, open_tasks, start_drawn, task

from caseloom.adhoc import Decide, Revisit, Skip, Undo
from caseloom.engine import Assign, Cancel, Case, Claim, Complete, Engine, Occasion, Retry
from caseloom.engine.errors import DiagramError, ExpressionError
from caseloom.engine.results import Status

Element = ElementTree.Element


def hears(event: str, expression: str = "", *, kind: str = "executionListener", **attributes: str) -> Element:
    """An execution listener; `handler=` names one instead of an expression."""
    handler = attributes.pop("handler", None)
    how = {"delegateExpression": f"${{{handler}}}"} if handler else {"expression": expression}

    return node(f"camunda:{kind}", attributes={"event": event, **how, **attributes})


def task_hears(event: str, expression: str = "", **attributes: str) -> Element:
    return hears(event, expression, kind="taskListener", **attributes)


def sets(name: str, value: str, *, of: str = "execution") -> str:
    return f'${{{of}.setVariable("{name}", {value})}}'


def attached(drawn: bytes, listeners: Mapping[str, list[Element]]) -> bytes:
    """The diagram with listeners attached to its elements, by their ids."""
    root = ElementTree.fromstring(drawn)
    elements = {element.get("id"): element for element in root.iter()}
    for id, given in listeners.items():
        elements[id].insert(0, extensions(*given))

    return ElementTree.tostring(root)


def begin(
    engine: Engine, line: str, data: Mapping[str, Any] | None = None, /, **listeners: list[Element]
) -> Case:
    return start_drawn(engine, attached(draw(line), listeners), data)


# -- where they are heard --------------------------------------------------------------------------------


def test_a_listener_writes_when_a_step_starts_and_when_it_ends(engine: Engine) -> None:
    case = begin(
        engine,
        "A > B",
        a=[hears("start", sets("phase", '"Decision"')), hears("end", sets("phase", '"Done"'))],
    )

    assert case.data == {"phase": "Decision"}
    assert finish(engine, case, "A").data == {"phase": "Done"}


def test_an_end_listener_sees_what_the_step_wrote_and_a_condition_sees_the_listener(engine: Engine) -> None:
    case = begin(
        engine,
        "A > [ doubled > 5: B | else: C ]",
        a=[hears("end", "${execution.setVariable('doubled', n * 2)}")],
    )

    finish(engine, case, "A", n=3)

    assert open_tasks(engine, case) == ["B"]


def test_listeners_are_heard_one_after_the_other_and_see_one_another(engine: Engine) -> None:
    case = begin(engine, "A", a=[hears("start", sets("x", "1")), hears("start", sets("y", "x + 1"))])

    assert case.data == {"x": 1, "y": 2}


def test_what_is_passed_at_once_has_listeners_too(engine: Engine) -> None:
    """A start event, a script, gateways and an end event."""
    names = ("start", "set_x", "fork_1", "join_1", "end")

    case = begin(
        engine, "x := x + 1 > ( A | B )", {"x": 1},
        **{name: [hears(event, sets(f"{name}_{event}", "x")) for event in ("start", "end")] for name in names},
    )  # fmt: skip
    case = finish(engine, case, "A", "B")

    assert (case.data["set_x_start"], case.data["set_x_end"]) == (1, 2)
    assert set(case.data) == {"x", *(f"{name}_{event}" for name in names for event in ("start", "end"))}


def test_a_flow_is_listened_to_when_it_is_taken(engine: Engine) -> None:
    case = begin(
        engine, "A > [ x > 1: B | else: C ]",
        choice_1__b=[hears("take", sets("way", '"b"'))], choice_1__c=[hears("take", sets("way", '"c"'))],
    )  # fmt: skip

    assert finish(engine, case, "A", x=0).data["way"] == "c"


def test_a_process_is_listened_to_at_its_start_and_its_end(engine: Engine) -> None:
    case = begin(
        engine,
        "A",
        {"n": 1},
        case=[hears("start", sets("began", "n + 1")), hears("end", sets("over", "began + n"))],
    )

    assert case.data == {"n": 1, "began": 2}
    done = finish(engine, case, "A")
    assert (done.status, done.data["over"]) == (Status.COMPLETED, 3)


def test_each_item_is_listened_to_by_itself(engine: Engine) -> None:
    case = begin(
        engine, "Check each plot in plots > B", {"plots": [1, 2, 3], "seen": 0},
        check=[hears("end", "${execution.setVariable('seen', seen + plot)}")],
    )  # fmt: skip

    for item in (1, 2, 3):
        finish(engine, case, "Check", item=item)

    assert again(engine, case).data["seen"] == 6


def test_a_local_variable_ends_with_its_step(engine: Engine) -> None:
    case = begin(
        engine,
        "A > B",
        a=[hears("start", "${execution.setVariableLocal('mine', 1)}"), hears("end", sets("copy", "mine"))],
    )

    assert case.data == {}
    assert finish(engine, case, "A").data == {"copy": 1}


def test_an_expression_that_sets_nothing_is_evaluated(engine: Engine) -> None:
    with pytest.raises(ExpressionError, match="missing"):
        begin(engine, "A", case=[hears("start", "${missing}")])


def test_a_start_listener_that_fails_is_an_incident_and_is_tried_again(engine: Engine) -> None:
    case = begin(engine, "A", a=[hears("start", sets("copy", "missing"))])

    [incident] = case.incidents
    assert "missing" in incident.message
    engine.do(case.id, Retry(incident.id, data={"missing": 1}))
    assert again(engine, case).data == {"missing": 1, "copy": 1}
    assert open_tasks(engine, case) == ["A"]


def test_the_end_listener_of_a_process_that_fails_keeps_the_case_open(engine: Engine) -> None:
    case = begin(engine, "A", case=[hears("end", sets("copy", "missing"))])

    [incident] = finish(engine, case, "A").incidents

    assert again(engine, case).status is Status.RUNNING
    done = engine.do(case.id, Retry(incident.id, data={"missing": 1}))
    assert (done.status, done.data) == (Status.COMPLETED, {"missing": 1, "copy": 1})


def test_a_called_process_has_listeners_of_its_own(engine: Engine) -> None:
    """The call hands over all variables at its end."""
    drawn = draw_all(case="@call inner > B", inner="A")
    engine.deploy(
        (
            "both.bpmn",
            attached(
                drawn,
                {"inner": [hears("start", sets("began", "1")), hears("end", sets("over", "began + 1"))]},
            ),
        )
    )
    case = engine.start("case")

    assert case.data == {}
    assert finish(engine, case, "A").data == {"began": 1, "over": 2}


def test_an_event_whose_catcher_fails_waits_with_it_until_that_is_mended(engine: Engine) -> None:
    """The listener of the boundary event reads what is not there yet."""
    line = "{ S: A > @error bad } ^error bad ( Late ) > B"
    [catcher] = [
        one.get("id") for one in ElementTree.fromstring(draw(line)).iter() if one.get("attachedToRef")
    ]
    assert catcher is not None
    case = begin(engine, line, **{catcher: [hears("start", sets("copy", "missing"))]})

    [incident] = finish(engine, case, "A").incidents
    assert open_tasks(engine, case) == []
    engine.do(case.id, Retry(incident.id, data={"missing": 1}))

    assert open_tasks(engine, case) == ["Late"]
    assert again(engine, case).data == {"missing": 1, "copy": 1}
    assert again(engine, case).incidents == []


def test_an_escalation_whose_catcher_fails_keeps_its_activity_open(engine: Engine) -> None:
    """x reads what is not there when the escalation comes; the sub-process itself is done."""
    drawn = bpmn(
        process(
            "case",
            node("startEvent", "start"),
            node("subProcess", "s", children=[
                node("startEvent", "s1"),
                node("endEvent", "s2", children=[
                    node("escalationEventDefinition", attributes={"escalationRef": "up"})
                ]),
                flow("s1", "s2"),
            ]),
            node("boundaryEvent", "x", attributes={"attachedToRef": "s", "cancelActivity": "false"}, children=[
                node("escalationEventDefinition", attributes={"escalationRef": "up"})
            ]),
            node("userTask", "late", name="Late"),
            node("userTask", "b", name="B"),
            flow("start", "s"), flow("s", "b"), flow("x", "late"),
        ),
        node("escalation", "up", attributes={"escalationCode": "up"}),
    )  # fmt: skip
    case = start_drawn(engine, attached(drawn, {"x": [hears("end", sets("copy", "missing"))]}))

    [incident] = case.incidents
    assert open_tasks(engine, case) == []
    engine.do(case.id, Retry(incident.id, data={"missing": 1}))

    assert open_tasks(engine, case) == ["B", "Late"]


# -- tasks -----------------------------------------------------------------------------------------------


def test_the_life_of_a_task_is_listened_to(engine: Engine) -> None:
    events = ("create", "assignment", "update", "complete")
    case = begin(
        engine,
        "A > B",
        a=[task_hears(event, "${task.setVariable('last', task.eventName)}") for event in events],
    )

    assert case.data == {"last": "create"}
    assert engine.do(case.id, Claim(task(engine, case, "A").id), by="anna").data == {"last": "assignment"}
    assert finish(engine, case, "A").data == {"last": "complete"}


def test_a_listener_knows_who_has_the_task(engine: Engine) -> None:
    case = begin(engine, "A", a=[task_hears("assignment", sets("who", "task.assignee", of="task"))])

    one = task(engine, case, "A")
    assert engine.do(case.id, Assign(one.id, "bo")).data == {"who": "bo"}
    assert engine.do(case.id, Assign(one.id, None)).data == {"who": None}


def test_a_create_listener_says_who_does_the_task_and_by_when(engine: Engine) -> None:
    case = begin(engine, "A", {"office": "north"}, a=[
        task_hears("create", "${task.setAssignee('anna')}"),
        task_hears("create", "${task.addCandidateGroup(office)}"),
        task_hears("create", "${task.setPriority(70)}"),
        task_hears("create", "${task.setDueDate('2026-03-09T12:00:00Z')}"),
    ])  # fmt: skip

    one = task(engine, case, "A")

    assert (one.assignee, list(one.candidate_groups), one.priority) == ("anna", ["north"], 70)
    assert one.due_at is not None and one.due_at.day == 9


def test_work_that_is_cut_off_is_listened_to(engine: Engine, clock: Any) -> None:
    case = begin(
        engine, "A ^timer P1D ( Late ) > B",
        a=[task_hears("delete", sets("cut", "true")), hears("end", sets("over", "true"))],
    )  # fmt: skip

    clock.forward(days=2)
    engine.run_due()

    assert again(engine, case).data == {"cut": True, "over": True}


def test_a_listener_that_fails_does_not_keep_a_case_from_being_cancelled(engine: Engine) -> None:
    case = begin(engine, "A", a=[task_hears("delete", "${missing}")])

    assert engine.do(case.id, Cancel(reason="no longer needed")).status is Status.CANCELLED


# -- bending ---------------------------------------------------------------------------------------------


def test_the_writes_of_a_listener_fall_with_its_step(engine: Engine) -> None:
    """What A's listeners wrote is gone while A is open again, and is written anew."""
    case = begin(
        engine,
        "A > B > C",
        {"n": 0},
        b=[
            hears("start", "${execution.setVariable('n', n + 1)}"),
            hears("end", "${execution.setVariable('n', n + 10)}"),
        ],
    )
    finish(engine, case, "A", "B")
    assert again(engine, case).data == {"n": 11}

    engine.do(case.id, Revisit("a", reason="wrong", data_policy="revert"))
    assert again(engine, case).data == {"n": 0}
    finish(engine, case, "A", "B")

    assert again(engine, case).data == {"n": 11}


def test_an_undone_revisit_has_the_writes_of_the_listeners_again(engine: Engine) -> None:
    case = begin(engine, "A > B", {"n": 0}, a=[hears("end", "${execution.setVariable('n', n + 1)}")])
    finish(engine, case, "A")
    engine.do(case.id, Revisit("a", reason="wrong", data_policy="revert"))

    change = next(entry.change_id for entry in reversed(engine.history(case.id)) if entry.change_id)
    assert change is not None
    engine.do(case.id, Undo(change))

    assert again(engine, case).data == {"n": 1}


def test_a_skipped_step_is_not_completed_so_its_listeners_are_not_heard(engine: Engine) -> None:
    case = begin(
        engine, "A > B",
        a=[
            hears("start", sets("begun", "1")), hears("end", sets("ended", "1")),
            task_hears("complete", sets("done", "1")),
        ],
    )  # fmt: skip

    engine.do(case.id, Skip("a", reason="not needed"))

    assert again(engine, case).data == {"begun": 1}


def test_a_decided_gateway_takes_its_flow_with_the_listeners_of_that(engine: Engine) -> None:
    case = begin(engine, "A > [ x > 1: B | else: C ]", choice_1__c=[hears("take", sets("way", '"c"'))])
    finish(engine, case, "A", x="?")

    engine.do(case.id, Decide("choice_1", ["choice_1__c"], reason="the customer said so"))

    assert again(engine, case).data["way"] == "c"


# -- handlers --------------------------------------------------------------------------------------------


def test_a_handler_is_called_with_the_occasion_and_what_it_returns_is_written(engine: Engine) -> None:
    told: list[Occasion] = []

    @engine.listener("audit")
    def audit(occasion: Occasion) -> dict[str, Any]:
        told.append(occasion)
        return {"audited": occasion.event}

    case = begin(
        engine, "A > B", {"x": 1}, a=[hears("start", handler="audit"), hears("end", handler="audit")]
    )
    finish(engine, case, "A", y=2)

    assert again(engine, case).data == {"x": 1, "y": 2, "audited": "end"}
    assert [(one.event, one.element_id, one.case_id) for one in told] == [
        ("start", "a", case.id),
        ("end", "a", case.id),
    ]
    assert dict(told[1].data) == {"x": 1, "y": 2, "audited": "start"}
    assert told[0].occurrence_id == told[1].occurrence_id
    assert told[0].idempotency_key != told[1].idempotency_key


def test_a_handler_is_called_neither_by_a_preview_nor_by_a_replay(engine: Engine) -> None:
    told: list[str] = []
    engine.listener("audit")(lambda occasion: told.append(occasion.event))
    case = begin(engine, "A > B > C", a=[hears("end", handler="audit")], b=[hears("start", handler="audit")])

    engine.preview(case.id, Complete(task(engine, case, "A").id))
    assert told == []
    finish(engine, case, "A", "B")
    engine.do(case.id, Revisit("b", reason="again"))

    assert told == ["end", "start", "start"]


def test_a_class_names_a_handler_as_well(engine: Engine) -> None:
    engine.listener("com.example.Audit")(lambda occasion: {"heard": True})

    case = begin(
        engine,
        "A",
        a=[node("camunda:executionListener", attributes={"event": "start", "class": "com.example.Audit"})],
    )

    assert case.data == {"heard": True}


def test_a_handler_that_nobody_has_registered_is_an_incident_that_names_it(engine: Engine) -> None:
    case = begin(engine, "A", a=[hears("start", handler="audit")])

    [incident] = case.incidents
    assert "“audit”" in incident.message
    engine.listener("audit")(lambda occasion: {"heard": True})
    engine.do(case.id, Retry(incident.id))

    assert again(engine, case).data == {"heard": True}


def test_a_handler_that_fails_refuses_the_command_and_changes_nothing(engine: Engine) -> None:
    @engine.listener("check")
    def check(occasion: Occasion) -> None:
        raise ValueError("a signature is missing")

    case = begin(engine, "A > B", a=[task_hears("complete", handler="check")])

    with pytest.raises(ExpressionError, match="a signature is missing"):
        finish(engine, case, "A")
    assert again(engine, case).revision == case.revision
    assert open_tasks(engine, case) == ["A"]


def test_the_job_types_of_camunda_8_name_handlers(engine: Engine) -> None:
    engine.listener("audit")(lambda occasion: {occasion.event: occasion.element_id})
    groups = [
        node(
            f"zeebe:{kind}s",
            children=[
                node(f"zeebe:{kind}", attributes={"eventType": event, "type": "audit"}) for event in events
            ],
        )
        for kind, events in (
            ("executionListener", ("start", "end")),
            ("taskListener", ("creating", "completing")),
        )
    ]

    case = begin(engine, "A > B", a=groups)

    assert finish(engine, case, "A").data == {"start": "a", "create": "a", "complete": "a", "end": "a"}


# -- what does not run -----------------------------------------------------------------------------------


def holding(tag: str, language: str | None, java: str | None = None) -> Element:
    """A listener with something inside."""
    inside = node(tag, text="x = 1", attributes={"scriptFormat": language} if language else {"name": "x"})
    attributes = {"event": "start", **({"class": java} if java else {})}

    return node("camunda:executionListener", attributes=attributes, children=[inside])


@pytest.mark.parametrize(
    ("listener", "said"),
    [
        (holding("camunda:script", "groovy"), "groovy"),
        (holding("camunda:field", None, "a.B"), "injected field"),
        (hears("begin", "${1}"), "“begin”"),
        (hears("take", "${1}"), "use start or end"),
        (task_hears("timeout", "${1}"), "timer on the border"),
        (hears("start"), "give it an expression"),
        (hears("start", "${mailer.send(x)}"), "mailer.send"),
        (hears("start", "${task.setAssignee('x')}"), "setAssignee"),
        (hears("start", "${1}", surprise="1"), "surprise"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)  # fmt: skip
def test_what_does_not_run_is_refused_by_name(engine: Engine, listener: Element, said: str) -> None:
    with pytest.raises(DiagramError) as refused:
        begin(engine, "A", a=[listener])

    [finding] = refused.value.findings
    assert finding.element_id == "a"
    assert said in finding.message
    assert "“A”" in finding.message
