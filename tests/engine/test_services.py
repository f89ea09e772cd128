"""Services: functions of this process, workers outside, errors, retries, incidents; nothing is done twice."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from drawing import bpmn, draw, flow, node, process
from playing import NOON, Clock, again, finish, open_tasks, start, stored

from caseloom.engine import BpmnError, Case, Engine, Job, Retry
from caseloom.engine.errors import AlreadyDone, Conflict, Invalid, NotFound
from caseloom.engine.results import Status


def test_a_function_is_run_as_soon_as_its_step_is_reached(engine: Engine) -> None:
    @engine.service("price")
    def price(job: Job) -> Mapping[str, Any]:
        return {"price": job.data["amount"] * 2}

    case = start(engine, "A > !price Price > B", {"amount": 4})

    assert finish(engine, case, "A").data == {"amount": 4, "price": 8}
    assert open_tasks(engine, case) == ["B"]


def test_services_follow_one_another_before_the_call_returns(engine: Engine) -> None:
    engine.service("one")(lambda job: {"n": 1})
    engine.service("two")(lambda job: {"n": job.data["n"] + 1})

    case = start(engine, "!one One > !two Two")

    assert case.status is Status.COMPLETED
    assert case.data == {"n": 2}


def test_a_job_tells_what_a_service_needs(engine: Engine) -> None:
    seen: list[Job] = []
    engine.service("price")(seen.append)

    case = start(engine, "!price Price", {"x": 1}, business_key="A-1")

    [job] = seen
    assert (job.topic, job.case_id, job.business_key, job.element_id) == ("price", case.id, "A-1", "price")
    assert (dict(job.data), job.attempt) == ({"x": 1}, 1)
    assert case.id in job.idempotency_key


def test_a_result_variable_takes_the_result_as_a_whole(engine: Engine) -> None:
    engine.service("price")(lambda job: {"net": 4, "gross": 5})

    case = start(engine, "!price Price", attributes={"price": {"camunda:resultVariable": "prices"}})

    assert case.data == {"prices": {"net": 4, "gross": 5}}


def test_a_failing_function_is_tried_again_later_with_the_same_key_and_then_is_an_incident(
    engine: Engine, clock: Clock
) -> None:
    keys: list[str] = []

    @engine.service("price")
    def price(job: Job) -> None:
        keys.append(job.idempotency_key)
        raise RuntimeError("no network")

    case = start(engine, "!price Price > A")
    assert again(engine, case).incidents == []
    while engine.next_due() is not None:
        clock.now = engine.next_due() or clock.now
        engine.run_due()

    [incident] = again(engine, case).incidents
    assert (incident.kind, incident.element_id) == ("job", "price")
    assert "no network" in incident.message
    assert len(keys) == 3
    assert len(set(keys)) == 1
    assert clock.now > NOON


def test_after_an_incident_a_retry_runs_the_service_again(engine: Engine, clock: Clock) -> None:
    works: list[bool] = []

    @engine.service("price")
    def price(job: Job) -> Mapping[str, Any]:
        if not works:
            raise RuntimeError("no network")
        return {"price": job.data["amount"]}

    case = start(engine, "!price Price > A")
    while engine.next_due() is not None:
        clock.now = engine.next_due() or clock.now
        engine.run_due()
    works.append(True)

    engine.do(case.id, Retry(again(engine, case).incidents[0].id, data={"amount": 7}))

    assert open_tasks(engine, case) == ["A"]
    assert again(engine, case).data == {"amount": 7, "price": 7}
    assert again(engine, case).incidents == []


def test_a_function_throws_an_error_that_the_diagram_catches(engine: Engine) -> None:
    @engine.service("price")
    def price(job: Job) -> None:
        raise BpmnError("too-high", "far too high", {"limit": 5})

    case = start(engine, "!price Price ^error too-high ( Ask ) > B")

    assert open_tasks(engine, case) == ["Ask"]
    assert again(engine, case).data == {"limit": 5}


def test_an_error_nobody_catches_is_an_incident(engine: Engine) -> None:
    @engine.service("price")
    def price(job: Job) -> None:
        raise BpmnError("too-high", "far too high")

    case = start(engine, "!price Price > B")

    [incident] = again(engine, case).incidents
    assert "too-high" in incident.message
    assert open_tasks(engine, case) == []


@pytest.mark.parametrize("wrong", [{"x": float("nan")}, {"x": object()}])
def test_a_result_that_cannot_be_stored_is_a_failure(engine: Engine, clock: Clock, wrong: Any) -> None:
    engine.service("price")(lambda job: wrong)

    case = start(engine, "!price Price > A")
    while engine.next_due() is not None:
        clock.now = engine.next_due() or clock.now
        engine.run_due()

    assert [one.kind for one in again(engine, case).incidents] == ["job"]


def test_a_function_may_work_the_case_itself(engine: Engine) -> None:
    """Services run outside of any transaction, so they may ask and tell the engine."""

    @engine.service("price")
    def price(job: Job) -> None:
        other = engine.start("other", {"for": job.case_id})
        assert engine.case(job.case_id).status is Status.RUNNING
        assert other.status is Status.COMPLETED

    engine.deploy(("other.bpmn", draw("", key="other")))

    assert start(engine, "!price Price").status is Status.COMPLETED


# -- workers outside -------------------------------------------------------------------------------------


@pytest.fixture
def case(engine: Engine) -> Case:
    return start(engine, "@send letter Send ^error bad ( Ask ) > A", {"x": 1})


def test_a_worker_fetches_locks_and_completes(engine: Engine, case: Case) -> None:
    [job] = engine.fetch_and_lock("letter", "w1")
    assert dict(job.data) == {"x": 1}
    assert engine.fetch_and_lock("letter", "w2") == []
    assert engine.fetch_and_lock("other", "w2") == []

    engine.complete_job(job.id, "w1", {"sent": True})

    assert open_tasks(engine, case) == ["A"]
    assert again(engine, case).data == {"x": 1, "sent": True}


def test_a_worker_fetches_several(engine: Engine) -> None:
    for _ in range(5):
        start(engine, "@send letter Send")

    assert len(engine.fetch_and_lock("letter", "w1", max_jobs=3)) == 3
    assert len(engine.fetch_and_lock("letter", "w2", max_jobs=3)) == 2


def test_a_job_whose_lock_ran_out_goes_to_the_next_and_the_late_answer_is_refused(
    engine: Engine, case: Case, clock: Clock
) -> None:
    [job] = engine.fetch_and_lock("letter", "w1", lock_seconds=30)
    clock.forward(seconds=31)
    [same] = engine.fetch_and_lock("letter", "w2")
    assert (same.id, same.idempotency_key, same.attempt) == (job.id, job.idempotency_key, 2)

    with pytest.raises(Conflict, match="w2"):
        engine.complete_job(job.id, "w1", {})
    engine.complete_job(job.id, "w2", {})

    with pytest.raises(AlreadyDone):
        engine.complete_job(job.id, "w2", {})
    with pytest.raises(AlreadyDone):
        engine.complete_job(job.id, "w1", {})


def test_a_late_answer_is_refused_even_if_nobody_else_has_come(
    engine: Engine, case: Case, clock: Clock
) -> None:
    [job] = engine.fetch_and_lock("letter", "w1", lock_seconds=30)
    clock.forward(seconds=31)
    before = stored(engine, case.id)

    with pytest.raises(Conflict, match="ran out"):
        engine.complete_job(job.id, "w1", {})

    assert stored(engine, case.id) == before


def test_a_lock_is_extended(engine: Engine, case: Case, clock: Clock) -> None:
    [job] = engine.fetch_and_lock("letter", "w1", lock_seconds=30)
    engine.extend_lock(job.id, "w1", 100)
    clock.forward(seconds=60)

    assert engine.fetch_and_lock("letter", "w2") == []
    engine.complete_job(job.id, "w1", {})

    assert open_tasks(engine, case) == ["A"]


def test_a_worker_fails_and_says_when_to_try_again(engine: Engine, case: Case, clock: Clock) -> None:
    [job] = engine.fetch_and_lock("letter", "w1")
    engine.fail_job(job.id, "w1", "no paper", retries=2, retry_seconds=60)
    assert engine.fetch_and_lock("letter", "w1") == []
    clock.forward(seconds=60)

    [job] = engine.fetch_and_lock("letter", "w1")
    engine.fail_job(job.id, "w1", "no paper", retries=0, retry_seconds=0)

    [incident] = again(engine, case).incidents
    assert "no paper" in incident.message
    assert engine.fetch_and_lock("letter", "w1") == []
    engine.do(case.id, Retry(incident.id))
    assert len(engine.fetch_and_lock("letter", "w1")) == 1


def test_a_worker_throws_an_error(engine: Engine, case: Case) -> None:
    [job] = engine.fetch_and_lock("letter", "w1")

    engine.job_error(job.id, "w1", "bad", "bad address", {"why": "moved"})

    assert open_tasks(engine, case) == ["Ask"]
    assert again(engine, case).data == {"x": 1, "why": "moved"}


def test_a_job_that_a_boundary_event_took_away_is_gone(engine: Engine) -> None:
    case = start(engine, "@send letter Send ^message stop ( Ask ) > A")
    [job] = engine.fetch_and_lock("letter", "w1")
    engine.message("stop", case_id=case.id)

    with pytest.raises(Conflict):
        engine.complete_job(job.id, "w1", {})

    assert open_tasks(engine, case) == ["Ask"]


@pytest.mark.parametrize(
    "ask",
    [
        lambda engine: engine.fetch_and_lock("letter", "w1", max_jobs=0),
        lambda engine: engine.fetch_and_lock("letter", "w1", lock_seconds=0),
        lambda engine: engine.service(""),
    ],
)
def test_what_makes_no_sense_is_refused(engine: Engine, ask: Any) -> None:
    with pytest.raises(Invalid):
        ask(engine)


def test_a_job_of_somebody_else_cannot_be_touched(engine: Engine, case: Case) -> None:
    [job] = engine.fetch_and_lock("letter", "w1")

    for touch in (
        lambda: engine.complete_job(job.id, "w2", {}),
        lambda: engine.fail_job(job.id, "w2", "no", 1, 1),
        lambda: engine.job_error(job.id, "w2", "bad"),
        lambda: engine.extend_lock(job.id, "w2", 9),
    ):
        with pytest.raises(Conflict, match="w2"):
            touch()
    with pytest.raises(NotFound):
        engine.complete_job(f"{case.id}-77", "w1", {})


def test_a_topic_may_be_served_here_or_by_a_worker(engine: Engine, case: Case, clock: Clock) -> None:
    engine.service("letter")(lambda job: {"by": "us"})
    assert engine.next_due() is not None

    clock.forward(seconds=1)
    engine.run_due()

    assert again(engine, case).data == {"x": 1, "by": "us"}


def test_due_work_of_a_worker_outside_is_none_of_the_clock(engine: Engine, case: Case) -> None:
    assert engine.next_due() is None
    assert engine.run_due() == 0


def test_a_thrown_message_with_a_topic_is_work_too(engine: Engine) -> None:
    engine.service("mail")(lambda job: {"sent": True})
    thrown = node("messageEventDefinition", attributes={"camunda:type": "external", "camunda:topic": "mail"})
    drawn = bpmn(
        process(
            "case",
            node("startEvent", "s"),
            node("intermediateThrowEvent", "tell", name="Tell", children=[thrown]),
            node("userTask", "a", name="A"),
            node("endEvent", "e"),
            flow("s", "tell"),
            flow("tell", "a"),
            flow("a", "e"),
        )
    )
    engine.deploy(("tell.bpmn", drawn))
    case = engine.start("case")

    assert case.data == {"sent": True}
    assert open_tasks(engine, case) == ["A"]
