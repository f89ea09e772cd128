"""Starting a later step now, and doing a step once more: a task that copies it, with its form and its people."""

from __future__ import annotations

from datetime import timedelta

import pytest
from playing import (
    NOON,
    again,
    finish,
    last_change,
    leftovers,
    live,
    marking,
    open_tasks,
    rebuilt,
    reloaded,
    standing,
    start,
    states,
    task,
    tasks,
)

from caseloom.adhoc import Insert, Repeat, Revisit, Skip, StartNow, Undo, options
from caseloom.engine import Case, Complete, Engine
from caseloom.engine.errors import CaseloomError, Conflict, Invalid
from caseloom.engine.results import Status


def sound(engine: Engine, case: Case) -> bool:
    now = marking(live(engine, case.id))
    return now == marking(rebuilt(engine, case.id)) == marking(reloaded(engine, case.id))


# -- start now -------------------------------------------------------------------------------------------


def test_a_later_step_is_done_now_and_counts_when_the_flow_gets_there(engine: Engine) -> None:
    case = start(engine, "Check > Review > Send")

    engine.do(case.id, StartNow("review", reason="she is here today"), by="ada")
    assert open_tasks(engine, case) == ["Check", "Review"]
    finish(engine, case, "Review", grade=1)
    done = finish(engine, case, "Check")

    assert open_tasks(engine, case) == ["Send"]
    assert done.data == {"grade": 1}
    assert states(engine, case, "review") == ["completed"]
    assert sound(engine, case)


def test_the_flow_waits_for_what_was_started_and_is_not_done(engine: Engine) -> None:
    case = start(engine, "Check > Review > Send")
    engine.do(case.id, StartNow("review", reason="she is here today"))

    finish(engine, case, "Check")
    assert open_tasks(engine, case) == ["Review"]
    assert sound(engine, case)
    finish(engine, case, "Review")

    assert open_tasks(engine, case) == ["Send"]
    assert finish(engine, case, "Send").status is Status.COMPLETED
    assert leftovers(live(engine, case.id)) == []


def test_the_copy_has_the_people_and_the_date_of_the_step(engine: Engine) -> None:
    case = start(
        engine,
        "Check > Review > Send",
        {"who": "cleo"},
        attributes={
            "review": {
                "camunda:assignee": "${who}",
                "camunda:dueDate": "P3D",
                "camunda:candidateUsers": "bo, cy",
            }
        },
    )

    engine.do(case.id, StartNow("review", reason="now"))

    copy = task(engine, case, "Review")
    assert (copy.assignee, copy.due_at, copy.kind) == ("cleo", NOON + timedelta(days=3), "adhoc")
    assert list(copy.candidate_users) == ["bo", "cy"]


def test_a_copy_that_is_skipped_stands_for_a_skipped_step(engine: Engine) -> None:
    case = start(engine, "Check > Review > Send")
    engine.do(case.id, StartNow("review", reason="now"))

    engine.do(case.id, Skip(task(engine, case, "Review").id, reason="no need"))
    finish(engine, case, "Check")

    assert open_tasks(engine, case) == ["Send"]


def test_an_early_start_can_be_undone_until_somebody_has_worked_on_it(engine: Engine) -> None:
    case = start(engine, "Check > Review > Send")
    before = standing(engine, case.id)
    engine.do(case.id, StartNow("review", reason="now"))
    change = last_change(engine, case)
    engine.do(case.id, Undo(change))
    assert standing(engine, case.id) == before

    engine.do(case.id, StartNow("review", reason="now"))
    finish(engine, case, "Review")
    with pytest.raises(Conflict, match="worked on"):
        engine.do(case.id, Undo(last_change(engine, case)))


def test_what_was_done_early_still_counts_after_going_back(engine: Engine) -> None:
    case = start(engine, "Check > Review > Send")
    engine.do(case.id, StartNow("review", reason="now"))
    finish(engine, case, "Review", "Check")
    assert open_tasks(engine, case) == ["Send"]

    engine.do(case.id, Revisit("check", reason="wrong"))
    finish(engine, case, "Check")

    assert open_tasks(engine, case) == ["Send"]
    assert sound(engine, case)


def test_a_step_inside_a_sub_process_to_come_is_started_in_the_case(engine: Engine) -> None:
    case = start(engine, "Check > { Hear: Ask > Note } > Send")

    engine.do(case.id, StartNow("note", reason="now"))
    finish(engine, case, "Note", "Check", "Ask")

    assert open_tasks(engine, case) == ["Send"]
    assert sound(engine, case)


@pytest.mark.parametrize(
    ("target", "said"),
    [
        ("check", "open already"),
        ("count", "not a person's task"),
        ("ask", "once for each item"),
        ("old", "not lie ahead"),
        ("nothing", "no element"),
    ],
)
def test_what_cannot_be_started_now_is_refused(engine: Engine, target: str, said: str) -> None:
    case = start(engine, "Old > Check > @task Count > Ask each n in names > Send", {"names": ["N1"]})
    finish(engine, case, "Old")

    with pytest.raises(CaseloomError, match=said):
        engine.do(case.id, StartNow(target, reason="now"))


def test_a_step_is_started_early_once(engine: Engine) -> None:
    case = start(engine, "Check > Review > Send")
    assert [one.id for one in options(engine, case.id).start_now] == ["review", "send"]
    engine.do(case.id, StartNow("review", reason="now"))

    assert [one.id for one in options(engine, case.id).start_now] == ["send"]
    with pytest.raises(Conflict, match="already"):
        engine.do(case.id, StartNow("review", reason="now"))


# -- once more -------------------------------------------------------------------------------------------


def test_a_step_is_done_again_after_the_one_that_is_open(engine: Engine) -> None:
    case = start(engine, "Check > Draft > Send")
    finish(engine, case, "Check", grade=1)

    engine.do(case.id, Repeat("check", reason="once more, with feeling"))
    finish(engine, case, "Draft")

    assert open_tasks(engine, case) == ["Check"]
    assert finish(engine, case, "Check", grade=2).data == {"grade": 2}
    assert open_tasks(engine, case) == ["Send"]
    assert states(engine, case, "check") == ["completed"]
    assert sound(engine, case)


def test_the_step_that_is_open_is_done_twice(engine: Engine) -> None:
    case = start(engine, "Check > Send")

    engine.do(case.id, Repeat("check", reason="two pairs of eyes"))
    finish(engine, case, "Check")
    assert open_tasks(engine, case) == ["Check"]
    finish(engine, case, "Check")

    assert open_tasks(engine, case) == ["Send"]


def test_where_several_steps_are_open_one_says_after_which(engine: Engine) -> None:
    case = start(engine, "Check > ( A | B ) > Send")
    finish(engine, case, "Check")
    assert options(engine, case.id).repeat and "check" not in [
        one.id for one in options(engine, case.id).repeat
    ]

    with pytest.raises(Invalid, match=r"“A”.*“B”"):
        engine.do(case.id, Repeat("check", reason="again"))
    engine.do(case.id, Repeat("check", after="b", reason="again"))
    finish(engine, case, "A", "B")

    assert open_tasks(engine, case) == ["Check"]


def test_what_was_inserted_is_not_repeated(engine: Engine) -> None:
    case = start(engine, "Check > Send")
    engine.do(case.id, Insert("Ask", before="check"))

    with pytest.raises(Invalid, match="inserted itself"):
        engine.do(case.id, Repeat(task(engine, case, "Ask").id, reason="again"))


def test_a_repetition_can_be_undone(engine: Engine) -> None:
    case = start(engine, "Check > Send")
    before = standing(engine, case.id)

    engine.do(case.id, Repeat("check", reason="again"))
    engine.do(case.id, Undo(last_change(engine, case)))

    assert standing(engine, case.id) == before
    assert [one.name for one in tasks(engine, case)] == ["Check"]
    assert again(engine, case).status is Status.RUNNING
    engine.do(case.id, Complete(tasks(engine, case)[0].id))
    assert open_tasks(engine, case) == ["Send"]


def test_a_step_that_was_done_early_is_done_where_it_is_drawn_by_going_back_to_it(engine: Engine) -> None:
    case = start(engine, "Check > Review > Send")
    engine.do(case.id, StartNow("review", reason="now"))
    finish(engine, case, "Review", "Check")

    engine.do(case.id, Revisit("review", reason="it has changed since"))

    assert open_tasks(engine, case) == ["Review"]
    assert sound(engine, case)


def test_a_step_is_done_again_and_again_behind_its_own_copies(engine: Engine) -> None:
    case = start(engine, "A > B > C")
    finish(engine, case, "A")

    for _ in range(3):
        engine.do(case.id, Repeat("b", reason="not good yet"))
        finish(engine, case, "B")
        assert sound(engine, case)
    finish(engine, case, "B")

    assert open_tasks(engine, case) == ["C"]


# -- where a step is done ahead of a scope that it lies in ---------------------------------------------------


def test_the_flow_waits_for_a_step_that_was_started_before_its_sub_process(engine: Engine) -> None:
    case = start(engine, "Check > { Hear: Review > Send } > File")
    engine.do(case.id, StartNow("review", reason="she is here today"))

    finish(engine, case, "Check")

    assert open_tasks(engine, case) == ["Review"]
    assert sound(engine, case)
    finish(engine, case, "Review")
    assert open_tasks(engine, case) == ["Send"]
    assert sound(engine, case)


def test_what_waits_for_it_goes_with_its_sub_process(engine: Engine) -> None:
    case = start(engine, "Check > { Hear: Review > Send } ^message stop ( > ) > File")
    engine.do(case.id, StartNow("review", reason="she is here today"))
    finish(engine, case, "Check")

    engine.message("stop", case_id=case.id)

    assert open_tasks(engine, case) == ["File", "Review"]
    assert sound(engine, case)
    finish(engine, case, "Review", "File")
    assert again(engine, case).status is Status.COMPLETED


def test_a_step_is_done_again_behind_what_the_sub_process_waits_for(engine: Engine) -> None:
    case = start(engine, "Check > { Hear: Review > Send } > File")
    engine.do(case.id, StartNow("review", reason="she is here today"))
    finish(engine, case, "Check")

    engine.do(case.id, Repeat("check", reason="once more"))

    assert open_tasks(engine, case) == ["Review"]
    finish(engine, case, "Review")
    assert open_tasks(engine, case) == ["Check"]
    finish(engine, case, "Check")
    assert open_tasks(engine, case) == ["Send"]


def test_a_step_is_done_again_before_a_join_where_another_branch_waits(engine: Engine) -> None:
    case = start(engine, "( A | B ) > C")
    engine.do(case.id, Repeat("a", reason="once more"))
    finish(engine, case, "A", "B")
    assert open_tasks(engine, case) == ["A"]

    command = Repeat("a", reason="and once more")
    shown = engine.preview(case.id, command)
    engine.do(case.id, command, preview=shown.token)

    assert (open_tasks(engine, case), sound(engine, case)) == (["A"], True)
    finish(engine, case, "A")
    assert (open_tasks(engine, case), sound(engine, case)) == (["A"], True)
    finish(engine, case, "A")
    assert open_tasks(engine, case) == ["C"]
