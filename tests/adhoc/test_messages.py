"""Messages and a revisit: awaited again or heard again, laid into the tray of the case, withdrawn."""

from __future__ import annotations

from typing import Any

import pytest
from drawing import bpmn, draw_all, extensions, flow, node, process
from playing import (
    again,
    finish,
    last_change,
    leftovers,
    live,
    marking,
    open_tasks,
    rebuilt,
    start,
    states,
    thawed,
)

from caseloom.adhoc import Dismiss, Insert, Reapply, Revisit, Undo
from caseloom.engine import Case, Engine, Person
from caseloom.engine.errors import Conflict, Invalid, NotAllowed, NotFound
from caseloom.engine.results import TrayEntry


def paid(engine: Engine, line: str = "A > @message payment > Ship") -> Case:
    case = start(engine, line)
    finish(engine, case, "A")
    engine.message("payment", case_id=case.id, data={"amount": 47}, message_id="p-1")
    assert open_tasks(engine, case) == ["Ship"]
    return case


def revisit(engine: Engine, case: Case, target: str, **how: Any) -> Case:
    return engine.do(case.id, Revisit(target, reason="wrong", **how), by="ada")


def tray(engine: Engine, case: Case) -> list[tuple[str, str]]:
    return [(entry.name, entry.why) for entry in engine.tray(case.id)]


# -- awaited again, or heard again -----------------------------------------------------------------------


def test_a_message_is_awaited_again_and_what_was_received_lies_in_the_tray(engine: Engine) -> None:
    case = paid(engine)

    revisit(engine, case, "a")
    finish(engine, case, "A")

    assert open_tasks(engine, case) == []
    [entry] = engine.tray(case.id)
    assert entry == TrayEntry(
        entry.id, "payment", {"amount": 47}, entry.at, "superseded", message_id="p-1", element_id="payment"
    )


def test_the_preview_tells_which_messages_will_not_come_twice(engine: Engine) -> None:
    case = paid(engine)

    [message] = engine.preview(case.id, Revisit("a", reason="wrong")).messages

    assert (message.name, message.message_id, message.data) == ("payment", "p-1", {"amount": 47})
    assert list(message.choices) == ["await", "reuse"]


@pytest.mark.parametrize("answer", ["reuse", {"payment": "reuse"}])
def test_the_recorded_content_is_heard_again_when_the_case_gets_there(engine: Engine, answer: Any) -> None:
    case = paid(engine)

    revisit(engine, case, "a", messages=answer, data_policy="revert")
    assert again(engine, case).data == {}
    finish(engine, case, "A")

    assert open_tasks(engine, case) == ["Ship"]
    assert again(engine, case).data == {"amount": 47}
    assert tray(engine, case) == []


def test_an_event_gateway_whose_message_is_heard_again_fires_at_once(engine: Engine) -> None:
    case = start(engine, "[ @message payment > Ship | @timer P30D > Remind ] > Close")
    engine.message("payment", case_id=case.id)

    revisit(engine, case, "race_1", messages="reuse")

    assert open_tasks(engine, case) == ["Ship"]
    assert states(engine, case, "ship") == ["(withdrawn)", "active"]


def test_a_boundary_event_hears_its_message_again(engine: Engine) -> None:
    case = start(engine, "A > B ^message stop ( Close )")
    finish(engine, case, "A")
    engine.message("stop", case_id=case.id)

    revisit(engine, case, "a", messages="reuse")
    finish(engine, case, "A")

    assert open_tasks(engine, case) == ["Close"]


def test_a_message_that_is_heard_again_waits_while_its_step_is_held(engine: Engine) -> None:
    case = paid(engine, "A > @receive payment Wait > Ship")
    engine.do(case.id, Insert("Look", before="wait", repeat="every"), by="ada")
    revisit(engine, case, "a", messages="reuse")
    finish(engine, case, "A")
    assert open_tasks(engine, case) == ["Look"]

    finish(engine, case, "Look")

    assert open_tasks(engine, case) == ["Ship"]


def test_what_waits_to_be_heard_again_survives_a_second_revisit_and_a_restart(engine: Engine) -> None:
    case = paid(engine)
    revisit(engine, case, "a", messages="reuse")
    assert marking(rebuilt(engine, case.id)) == marking(live(engine, case.id))
    assert marking(thawed(live(engine, case.id))) == marking(live(engine, case.id))

    revisit(engine, case, "a")
    finish(engine, case, "A")

    assert open_tasks(engine, case) == ["Ship"]


def test_an_undone_revisit_leaves_the_message_as_received(engine: Engine) -> None:
    case = paid(engine)
    revisit(engine, case, "a")

    engine.do(case.id, Undo(last_change(engine, case)), by="ada")

    assert open_tasks(engine, case) == ["Ship"]
    assert tray(engine, case) == []


def test_a_signal_is_never_heard_again(engine: Engine) -> None:
    case = start(engine, "A > @signal alarm > B")
    finish(engine, case, "A")
    engine.signal("alarm")

    assert engine.preview(case.id, Revisit("a", reason="wrong", messages="reuse")).messages == []
    revisit(engine, case, "a", messages="reuse")
    finish(engine, case, "A")

    assert open_tasks(engine, case) == []
    assert tray(engine, case) == []


@pytest.mark.parametrize("answer", ["again", {"payment": "again"}, {"nothing": "reuse"}])
def test_answers_that_mean_nothing_are_refused(engine: Engine, answer: Any) -> None:
    case = paid(engine)

    with pytest.raises(Invalid):
        revisit(engine, case, "a", messages=answer)


# -- the tray --------------------------------------------------------------------------------------------


def test_a_message_of_the_tray_is_applied_again_to_what_waits_for_it(engine: Engine) -> None:
    case = paid(engine)
    revisit(engine, case, "a", data_policy="revert")
    [entry] = engine.tray(case.id)
    with pytest.raises(Conflict, match="Nothing waits for “payment”"):
        engine.do(case.id, Reapply(entry.id), by="ada")
    finish(engine, case, "A")

    engine.do(case.id, Reapply(entry.id), by="ada")

    assert open_tasks(engine, case) == ["Ship"]
    assert again(engine, case).data == {"amount": 47}
    assert tray(engine, case) == []


def test_what_was_applied_again_and_is_taken_out_again_lies_in_the_tray_once(engine: Engine) -> None:
    case = paid(engine)
    revisit(engine, case, "a")
    finish(engine, case, "A")
    engine.do(case.id, Reapply(engine.tray(case.id)[0].id), by="ada")

    engine.do(case.id, Undo(last_change(engine, case)), by="ada")
    assert tray(engine, case) == [("payment", "superseded")]
    engine.do(case.id, Reapply(engine.tray(case.id)[0].id), by="ada")
    revisit(engine, case, "a")

    assert tray(engine, case) == [("payment", "superseded")]


def test_a_dismissed_message_is_gone_from_the_tray(engine: Engine) -> None:
    case = paid(engine)
    revisit(engine, case, "a")
    [entry] = engine.tray(case.id)

    engine.do(case.id, Dismiss(entry.id, reason="the payment bounced"), by="ada")

    assert tray(engine, case) == []
    assert engine.history(case.id)[-1].reason == "the payment bounced"
    with pytest.raises(NotFound):
        engine.do(case.id, Dismiss(entry.id), by="ada")


def test_a_message_for_this_case_that_nothing_waits_for_yet_lies_there_as_early(engine: Engine) -> None:
    case = start(engine, "A > @message payment > Ship")
    engine.message("payment", case_id=case.id, data={"amount": 5})
    assert tray(engine, case) == [("payment", "early")]

    finish(engine, case, "A")

    assert open_tasks(engine, case) == ["Ship"]
    assert tray(engine, case) == []


def test_an_early_message_can_be_dismissed(engine: Engine) -> None:
    case = start(engine, "A > @message payment > Ship")
    engine.message("payment", case_id=case.id)

    engine.do(case.id, Dismiss(engine.tray(case.id)[0].id), by="ada")
    finish(engine, case, "A")

    assert tray(engine, case) == []
    assert open_tasks(engine, case) == []


def keyed(engine: Engine) -> Case:
    """Waits for the payment of the order that the case file names."""
    subscription = extensions(node("zeebe:subscription", attributes={"correlationKey": "=order"}))
    engine.deploy(("drawn.bpmn", bpmn(
        process(
            "case", node("startEvent", "start"), node("userTask", "a", name="A"),
            node("intermediateCatchEvent", "paid", children=[
                node("messageEventDefinition", attributes={"messageRef": "payment"})
            ]),
            node("userTask", "ship", name="Ship"), node("endEvent", "end"),
            flow("start", "a"), flow("a", "paid"), flow("paid", "ship"), flow("ship", "end"),
        ),
        node("message", "payment", name="payment", children=[subscription]),
    )))  # fmt: skip
    return engine.start("case", {"order": 1})


def test_what_comes_for_a_closed_correlation_goes_to_the_tray_and_never_to_the_next_one(
    engine: Engine,
) -> None:
    case = finish(engine, keyed(engine), "A")
    revisit(engine, case, "a")
    finish(engine, case, "A", order=2)

    assert engine.message("payment", correlation=1, message_id="late") == []

    [entry] = engine.tray(case.id)
    assert (entry.name, entry.why, entry.message_id) == ("payment", "late", "late")
    assert open_tasks(engine, case) == []
    assert engine.message("payment", correlation=2) == [case.id]
    assert open_tasks(engine, case) == ["Ship"]


def test_a_late_message_does_not_wait_for_the_step_that_is_done_again(engine: Engine) -> None:
    case = finish(engine, keyed(engine), "A")
    revisit(engine, case, "a")
    engine.message("payment", correlation=1)

    finish(engine, case, "A")

    assert open_tasks(engine, case) == []
    [entry] = engine.tray(case.id)
    engine.do(case.id, Reapply(entry.id), by="ada")
    assert open_tasks(engine, case) == ["Ship"]


def test_the_same_key_is_awaited_again_by_the_step_that_waits_for_it(engine: Engine) -> None:
    case = finish(engine, keyed(engine), "A")
    revisit(engine, case, "a")
    finish(engine, case, "A")

    assert engine.message("payment", correlation=1) == [case.id]
    assert open_tasks(engine, case) == ["Ship"]


def test_an_undone_revisit_opens_the_correlation_again(engine: Engine) -> None:
    case = finish(engine, keyed(engine), "A")
    revisit(engine, case, "a")
    engine.do(case.id, Undo(last_change(engine, case)), by="ada")

    assert engine.message("payment", correlation=1) == [case.id]


def test_only_who_works_on_the_case_empties_its_tray() -> None:
    people = {"bo": Person("bo", ("clerks",)), "ada": Person("ada", ("case-managers",))}
    with Engine("sqlite://", people=people.get) as engine:
        case = paid(engine, "A <groups=survey> > @message payment > Ship <groups=survey>")
        engine.do(case.id, Revisit("a", reason="wrong"), by="ada")
        [entry] = engine.tray(case.id)

        with pytest.raises(NotAllowed):
            engine.do(case.id, Dismiss(entry.id), by="bo")

        engine.do(case.id, Dismiss(entry.id), by="ada")


# -- messages that were sent -----------------------------------------------------------------------------


def test_a_sent_message_that_nobody_has_taken_yet_is_withdrawn(engine: Engine) -> None:
    engine.deploy(
        ("two.bpmn", draw_all(case="A > @throw-message done Tell > B", other="X > @message done > Y"))
    )
    case = engine.start("case", business_key="K")
    other = engine.start("other", business_key="K")
    finish(engine, case, "A")

    assert engine.preview(case.id, Revisit("a", reason="wrong")).effects == []
    revisit(engine, case, "a")

    finish(engine, other, "X")
    assert open_tasks(engine, other) == []
    assert [str(entry.state) for entry in engine.effects(case.id)] == ["withdrawn"]


def test_a_sent_message_that_another_case_has_taken_has_left_the_house(engine: Engine) -> None:
    engine.deploy(("two.bpmn", draw_all(case="A > @throw-message done Tell > B", other="@message done > Y")))
    other = engine.start("other", business_key="K")
    case = engine.start("case", business_key="K")
    finish(engine, case, "A")
    assert open_tasks(engine, other) == ["Y"]

    with pytest.raises(Conflict, match="Tell"):
        revisit(engine, case, "a")

    revisit(engine, case, "a", effects="note")
    assert open_tasks(engine, other) == ["Y"]


def test_nothing_is_left_when_the_case_ends(engine: Engine) -> None:
    case = paid(engine)
    revisit(engine, case, "a", messages="reuse")

    finish(engine, case, "A", "Ship")

    assert leftovers(live(engine, case.id)) == []
