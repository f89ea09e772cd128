"""What has left the house: one line for each effect of a case, and what became of it."""

from __future__ import annotations

from typing import Any

import pytest
from drawing import node
from drawing_compensation import compensated, throwing
from playing import NOON, Clock, finish, last_change, open_tasks, start, task

from caseloom.adhoc import Revisit, Skip, Undo
from caseloom.engine import Case, Engine, Job


def told(engine: Engine, case: Case) -> list[tuple[str, str]]:
    return [(one.occurrence.name, str(one.state)) for one in engine.effects(case.id)]


@pytest.fixture
def sent(engine: Engine) -> list[str]:
    """The keys of the letters that went out."""
    keys: list[str] = []

    @engine.service("letter")
    def letter(job: Job) -> None:
        keys.append(job.idempotency_key)

    return keys


def test_services_and_messages_that_went_out_are_listed_and_work_of_people_is_not(
    engine: Engine, sent: list[str], clock: Clock
) -> None:
    case = start(
        engine, "A > @send letter Send > @throw-message done Tell > !letter Look up <effect=none> > B"
    )
    clock.forward(days=1)
    finish(engine, case, "A")

    first, second = engine.effects(case.id)

    assert (first.occurrence.name, first.occurrence.element_id) == ("Send", "send")
    assert (first.kind, str(first.state), first.by) == ("irreversible", "done", None)
    assert first.at == clock.now > NOON
    assert first.idempotency_key == sent[0]
    assert (second.occurrence.name, str(second.state)) == ("Tell", "done")


@pytest.mark.parametrize(("answer", "state"), [("note", "noted"), ("keep", "kept"), ("correct", "corrected")])
def test_the_answer_of_a_revisit_is_told(engine: Engine, sent: list[str], answer: str, state: str) -> None:
    case = finish(engine, start(engine, "A > @send letter Send > B"), "A")

    engine.do(case.id, Revisit("a", reason="wrong", effects=answer), by="ada")

    [entry] = engine.effects(case.id)
    assert (str(entry.state), entry.by) == (state, "ada")


def test_what_is_done_again_is_another_line_with_another_key(engine: Engine, sent: list[str]) -> None:
    case = finish(engine, start(engine, "A > @send letter Send > B"), "A")
    engine.do(case.id, Revisit("a", reason="wrong", effects="note"))

    finish(engine, case, "A")

    assert told(engine, case) == [("Send", "noted"), ("Send", "done")]
    assert [entry.idempotency_key for entry in engine.effects(case.id)] == sent


def test_an_undone_revisit_leaves_it_as_done(engine: Engine, sent: list[str]) -> None:
    case = finish(engine, start(engine, "A > @send letter Send > B"), "A")
    engine.do(case.id, Revisit("a", reason="wrong", effects="note"))

    engine.do(case.id, Undo(last_change(engine, case)))

    assert told(engine, case) == [("Send", "done")]


def test_what_is_being_put_right_and_what_was(engine: Engine) -> None:
    engine.deploy(
        ("drawn.bpmn", compensated("Book > Pay", book=node("userTask", "cancel", name="Cancel booking")))
    )
    case = finish(engine, engine.start("case"), "Book")
    assert told(engine, case) == [("Book", "done")]

    engine.do(case.id, Revisit("book", reason="wrong"))
    assert told(engine, case) == [("Book", "compensating")]
    finish(engine, case, "Cancel booking")

    assert told(engine, case) == [("Book", "compensated")]


def test_what_the_diagram_itself_has_compensated_is_told_so(engine: Engine) -> None:
    drawn = compensated("Book > B > @event Undo > C", book=node("userTask", "cancel", name="Cancel"))
    engine.deploy(("drawn.bpmn", throwing(drawn, "undo")))
    case = finish(engine, engine.start("case"), "Book", "B", "Cancel")

    assert told(engine, case) == [("Book", "compensated")]


@pytest.mark.parametrize("change", [Revisit("a", reason="wrong"), Skip("send", reason="by hand")])
def test_the_outcome_of_a_service_that_was_under_way_is_not_known(engine: Engine, change: Any) -> None:
    case = finish(engine, start(engine, "A > @send letter Send > B"), "A")
    engine.fetch_and_lock("letter", "worker")

    engine.do(case.id, change, by="ada")

    assert told(engine, case) == [("Send", "unknown")]


@pytest.mark.parametrize("change", [Revisit("a", reason="wrong"), Skip("send", reason="by hand")])
def test_a_service_that_nobody_had_begun_did_nothing(engine: Engine, change: Any) -> None:
    case = finish(engine, start(engine, "A > @send letter Send > B"), "A")

    engine.do(case.id, change, by="ada")

    assert told(engine, case) == []


def test_the_author_of_the_diagram_words_the_correction(engine: Engine, sent: list[str]) -> None:
    case = start(
        engine, "A > @send letter Send > B", {"name": "Mr Abel"},
        attributes={"send": {"caseloom:correction": '="Write to " + name + " that the letter was wrong"'}},
    )  # fmt: skip
    finish(engine, case, "A")

    engine.do(case.id, Revisit("a", reason="wrong", effects="correct"))
    finish(engine, case, "A")

    assert open_tasks(engine, case) == ["Write to Mr Abel that the letter was wrong"]
    assert task(engine, case, "Write to Mr Abel that the letter was wrong").kind == "adhoc"
