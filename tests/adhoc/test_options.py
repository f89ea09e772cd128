"""Options and previews tell the truth: what is listed is accepted, and what is applied is what was shown."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from drawing import draw_all
from playing import finish, last_change, open_tasks, start, stored, task

from caseloom.adhoc import Decide, Insert, Options, Revisit, Skip, Undo, options
from caseloom.engine import Case, Complete, Engine, Suspend
from caseloom.engine.commands import Command
from caseloom.engine.errors import Conflict
from caseloom.engine.live import LiveCase

RICH = (
    "Register > ( Check plot +timer P3D ( Remind ) | { Hear: Ask > Note } each n in names ^timer P9D ( Late > ) )"
    " > [ @message payment > Ship | @timer P30D > Dun ] > ( a: Pack | b: Label | else: ) > @send letter Send > File"
)
DATA = {"a": True, "b": True, "names": ["N1", "N2"]}


def stages(engine: Engine) -> Iterator[Case]:
    """One case, at several points of its way."""
    engine.service("letter")(lambda job: None)
    case = start(engine, RICH, DATA)
    yield case
    finish(engine, case, "Register")
    yield case
    finish(engine, case, "Ask", item="N1")
    engine.do(case.id, Insert("X", before="check_plot"))
    yield case
    finish(engine, case, "X", "Check plot")
    finish(engine, case, "Note", item="N1")
    finish(engine, case, "Ask", "Note", item="N2")
    yield case
    engine.message("payment", case_id=case.id)
    finish(engine, case, "Ship", "Pack")
    engine.do(case.id, Skip("label", reason="no"))
    yield case
    finish(engine, case, "File")
    yield case


def commands(found: Options) -> Iterator[Command]:
    """Every command that the options offer."""
    for target in found.skip:
        waits = target.occurrence_id is not None
        yield Skip(target.id, reason="listed", when="now" if waits else "next")
    for target in found.revisit:
        yield Revisit(target.id, reason="listed", effects="note")
    for anchor in found.insert:
        place = {} if anchor.kind == "case" else {anchor.kind: anchor.id}
        yield Insert("Listed", **place)  # type: ignore[arg-type]
    for change in found.undo:
        yield Undo(change.id)


def every_command(case: LiveCase) -> Iterator[tuple[str, Command]]:
    """What somebody may try, listed or not: with the keyword under which the options would list it."""
    for node in case.instance.model.plans.values():
        for name in node.nodes:
            yield "skip", Skip(name, reason="tried", when="next")
            for kind in ("before", "after", "beside"):
                yield kind, Insert("Tried", **{kind: name})  # type: ignore[arg-type]
    for one in case.instance.open.values():
        id = case.id_of(one)
        yield "skip", Skip(id, reason="tried")
        for kind in ("before", "after", "beside", "scope"):
            yield kind, Insert("Tried", **{kind: id})  # type: ignore[arg-type]


def test_whatever_is_listed_is_accepted(engine: Engine) -> None:
    tried = 0
    for case in stages(engine):
        for command in commands(options(engine, case.id)):
            assert engine.preview(case.id, command).refusal is None, command
            tried += 1
        for target in options(engine, case.id).decide:
            node = engine.look(case.id).node(target.id)
            command = Decide(target.id, [node.flows[0].id], reason="listed")
            assert engine.preview(case.id, command).refusal is None, command
            tried += 1

    assert tried > 150


def test_an_open_task_is_listed_for_whatever_is_accepted_of_it(engine: Engine) -> None:
    for case in stages(engine):
        found = options(engine, case.id)
        listed = {("skip", target.id) for target in found.skip}
        listed |= {(anchor.kind, anchor.id or "") for anchor in found.insert}
        look = engine.look(case.id)
        ids = {look.id_of(one) for one in look.instance.open.values()}

        for kind, command in every_command(look):
            target = command.target if isinstance(command, Skip) else getattr(command, kind)
            if target in ids and engine.preview(case.id, command).refusal is None:
                assert (kind, target) in listed, command


def test_every_completed_step_is_listed_to_be_revisited_oldest_first(engine: Engine) -> None:
    case = start(engine, "A > x := 1 > { S: B } > C")
    finish(engine, case, "A", "B")

    found = options(engine, case.id).revisit

    assert [one.element_id for one in found] == ["a", "set_x", "s", "b"]


def test_changes_are_listed_newest_first(engine: Engine) -> None:
    case = start(engine, "A > B")
    engine.do(case.id, Insert("X", after="b", reason="first"), by="ada")
    engine.do(case.id, Skip("b", reason="second", when="next"), by="bo")

    found = options(engine, case.id).undo

    assert [(one.command, one.by, one.reason) for one in found] == [
        ("Skip", "bo", "second"),
        ("Insert", "ada", "first"),
    ]


def test_of_a_suspended_case_nothing_is_listed(engine: Engine) -> None:
    case = start(engine, "A > B")
    engine.do(case.id, Suspend())

    assert options(engine, case.id) == Options()


def test_of_an_ended_case_only_going_back_is_listed(engine: Engine) -> None:
    case = start(engine, "A")
    finish(engine, case, "A")

    found = options(engine, case.id)

    assert [one.element_id for one in found.revisit] == ["a"]
    assert (list(found.skip), list(found.insert), list(found.decide)) == ([], [], [])


def test_steps_of_a_called_process_are_listed(engine: Engine) -> None:
    engine.deploy(("two.bpmn", draw_all(case="@call part Do part > C", part="A > B")))
    case = engine.start("case")
    finish(engine, case, "A")

    found = options(engine, case.id)

    assert "a" in [one.element_id for one in found.revisit]
    assert "b" in [one.element_id for one in found.skip]
    assert "c" in [one.element_id for one in found.skip]


# -- previews --------------------------------------------------------------------------------------------


def test_a_preview_changes_nothing(engine: Engine) -> None:
    for case in stages(engine):
        before = stored(engine, case.id)
        for command in commands(options(engine, case.id)):
            engine.preview(case.id, command)
        assert stored(engine, case.id) == before


def test_what_a_preview_shows_is_what_comes(engine: Engine) -> None:
    case = start(engine, "Register > ( Check plot | Check applicant ) > Draft > Send")
    finish(engine, case, "Register", "Check plot", "Check applicant")
    before = {one.id for one in engine.tasks(case_id=case.id)}

    shown = engine.preview(case.id, Revisit("check_plot", reason="wrong"))
    engine.do(case.id, Revisit("check_plot", reason="wrong"), preview=shown.token)

    after = {one.id: one for one in engine.tasks(case_id=case.id)}
    assert [one.name for one in shown.opened] == [one.name for id, one in after.items() if id not in before]
    assert {one.task_id for one in shown.withdrawn} == before - set(after)
    assert [one.name for one in shown.superseded] == ["Check plot"]
    assert shown.restored == []


def test_what_comes_back_is_shown_as_restored(engine: Engine) -> None:
    case = start(engine, "{ Hear: ( A | B ) } ^message stop ( Close )")
    killed = task(engine, case, "B")
    finish(engine, case, "A")
    engine.message("stop", case_id=case.id)

    shown = engine.preview(case.id, Revisit("a", reason="wrong"))

    assert [one.task_id for one in shown.restored if one.task_id] == [killed.id]
    assert [one.name for one in shown.withdrawn] == ["Close"]
    assert [one.name for one in shown.opened] == ["A"]


@pytest.mark.parametrize("stage", range(6))
def test_a_preview_that_still_holds_is_accepted_for_each_thing_listed(engine: Engine, stage: int) -> None:
    case = next(case for at, case in enumerate(stages(engine)) if at == stage)
    for command in list(commands(options(engine, case.id)))[::4]:
        shown = engine.preview(case.id, command)
        engine.do(case.id, command, preview=shown.token)
        if isinstance(command, Undo):
            return
        engine.do(case.id, Undo(last_change(engine, case)))


def test_a_preview_that_no_longer_holds_is_refused(engine: Engine) -> None:
    case = start(engine, "( A > B | X > Y ) > C")
    finish(engine, case, "A", "X")
    shown = engine.preview(case.id, Revisit("a", reason="wrong"))
    engine.do(case.id, Complete(task(engine, case, "B").id))
    before = stored(engine, case.id)

    with pytest.raises(Conflict, match="preview"):
        engine.do(case.id, Revisit("a", reason="wrong"), preview=shown.token)

    assert stored(engine, case.id) == before


def test_a_preview_of_plain_work_shows_what_opens(engine: Engine) -> None:
    case = start(engine, "A > ( B | C )")

    shown = engine.preview(case.id, Complete(task(engine, case, "A").id))

    assert sorted(one.name for one in shown.opened) == ["B", "C"]
    assert open_tasks(engine, case) == ["A"]


def test_a_refusal_is_told_and_not_raised(engine: Engine) -> None:
    case = start(engine, "A")

    shown = engine.preview(case.id, Skip("nothing", reason="x"))

    assert shown.refusal is not None
    assert "nothing" in shown.refusal
    assert shown.token is None
    assert engine.preview("no-such-case", Skip("a", reason="x")).refusal is not None
