"""Answers of services that come while their work is held, or after it was taken back."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playing import finish, open_tasks, start, task

from caseloom.adhoc import Insert, Revisit
from caseloom.engine import Complete, Engine, Job
from caseloom.engine.errors import Conflict, Superseded

LATE: dict[str, Callable[[Engine, Job], object]] = {
    "done": lambda engine, job: engine.complete_job(job.id, "worker", {}),
    "failed": lambda engine, job: engine.fail_job(job.id, "worker", "no", 0, 0),
    "error": lambda engine, job: engine.job_error(job.id, "worker", "bad"),
    "longer": lambda engine, job: engine.extend_lock(job.id, "worker", 5),
}


@pytest.mark.parametrize("answer", LATE.values(), ids=LATE)
def test_the_answer_of_a_worker_whose_step_is_held_meanwhile_is_refused(
    engine: Engine, answer: Callable[[Engine, Job], object]
) -> None:
    case = start(engine, "!letter Send > B")
    [job] = engine.fetch_and_lock("letter", "worker")
    engine.do(case.id, Insert("Look again", before="send"), by="ada")

    with pytest.raises(Conflict, match="“Send” is held") as refused:
        answer(engine, job)

    assert not isinstance(refused.value, Superseded)
    assert open_tasks(engine, case) == ["Look again"]


def test_the_job_of_a_held_step_is_given_out_once_when_the_step_is_free_again(engine: Engine) -> None:
    case = start(engine, "!letter Send > B")
    [first] = engine.fetch_and_lock("letter", "worker")
    engine.do(case.id, Insert("Look again", before="send"), by="ada")
    assert engine.fetch_and_lock("letter", "other") == []

    finish(engine, case, "Look again")
    [second] = engine.fetch_and_lock("letter", "other")
    engine.complete_job(second.id, "other", {})

    assert second.idempotency_key == first.idempotency_key
    assert engine.fetch_and_lock("letter", "other") == []
    assert open_tasks(engine, case) == ["B"]


def test_a_service_of_this_process_that_ran_into_a_hold_runs_once_more_when_it_is_over(
    engine: Engine,
) -> None:
    case = start(engine, "A > !letter Send > B")
    keys: list[str] = []

    @engine.service("letter")
    def letter(job: Job) -> None:
        keys.append(job.idempotency_key)
        if len(keys) == 1:
            engine.do(job.case_id, Insert("Look again", before=job.occurrence_id), by="ada")

    finish(engine, case, "A")
    assert open_tasks(engine, case) == ["Look again"]

    finish(engine, case, "Look again")

    assert open_tasks(engine, case) == ["B"]
    assert len(keys) == 2
    assert len(set(keys)) == 1


@pytest.mark.parametrize("answer", LATE.values(), ids=LATE)
def test_the_answer_of_a_worker_whose_step_was_taken_back_is_told_to_be_superseded(
    engine: Engine, answer: Callable[[Engine, Job], object]
) -> None:
    case = finish(engine, start(engine, "A > !letter Send > B"), "A")
    [job] = engine.fetch_and_lock("letter", "worker")
    engine.do(case.id, Revisit("a", reason="wrong"), by="ada")

    with pytest.raises(Superseded, match="Send"):
        answer(engine, job)

    engine.do(case.id, Complete(task(engine, case, "A").id))
    assert [again.id for again in engine.fetch_and_lock("letter", "worker")] != [job.id]
