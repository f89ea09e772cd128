"""Jobs and their locks, subscriptions and messages."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from threading import Thread

import pytest

from caseloom.engine.errors import Conflict
from caseloom.storage.database import Database
from caseloom.storage.records import JobRecord, MessageRecord, SubscriptionRecord

MINUTE = timedelta(minutes=1)
KINDS = ("timer", "service", "start-timer")


@pytest.fixture
def a_job(noon):
    def made(job_id, **fields):
        usual = {"case_id": "case-1", "kind": "service", "topic": "print", "element_id": "e", "due_at": noon}
        return JobRecord(job_id, **(usual | fields))

    return made


@pytest.fixture
def running(database, a_case):
    with database.begin() as transaction:
        transaction.insert_case(a_case())
    return database


def ids(records):
    return [record.id for record in records]


def test_a_job_comes_back_as_it_was_given(running, a_job, noon):
    job = a_job(
        "j", occurrence_id="e#1", retries=3, payload='{"n":1}', error="no\0paper", due_at=noon + MINUTE
    )

    with running.begin() as transaction:
        transaction.insert_jobs([job])

    with running.read() as reader:
        assert reader.job("j") == replace(job, error="no\ufffdpaper")
        assert ids(reader.jobs(case_id="case-1")) == ["j"]


def test_what_is_due_comes_longest_due_first(running, a_job, noon):
    jobs = [
        a_job("late", due_at=noon - MINUTE),
        a_job("now"),
        a_job("early", due_at=noon + MINUTE),
        a_job("failed", retries=0),
        a_job("timer", kind="timer"),
    ]
    with running.begin() as transaction:
        transaction.insert_jobs(jobs)

    with running.read() as reader:
        assert ids(reader.due_jobs(noon, 10, ["service"])) == ["late", "now"]
        assert ids(reader.due_jobs(noon, 1, ["service", "timer"])) == ["late"]
        assert reader.next_due(["service"]) == noon - MINUTE
        assert reader.next_due(["timer"]) == noon
        assert reader.next_due([]) is None


def test_a_suspended_case_rests(running, a_job, noon):
    with running.begin() as transaction:
        transaction.insert_jobs(
            [a_job("j"), a_job("start", case_id=None, definition_id="d", kind="start-timer", topic=None)]
        )
        transaction.insert_subscriptions([subscription("s")])
        transaction.update_case(
            "case-1",
            expected_revision=1,
            revision=2,
            status="suspended",
            data_text=None,
            ended_at=None,
            at=noon,
        )

    with running.begin() as transaction:
        assert ids(transaction.due_jobs(noon, 10, KINDS)) == ["start"]
        assert transaction.next_due(["service"]) is None
        assert transaction.lock_jobs("print", "w", noon + MINUTE, 10, noon) == []
        assert transaction.waiting_for("message", "paid") == []


def test_a_locked_job_goes_to_nobody_else_until_the_lock_runs_out(running, a_job, noon):
    with running.begin() as transaction:
        transaction.insert_jobs([a_job("a"), a_job("b", due_at=noon - MINUTE), a_job("c", topic="send")])
        first = transaction.lock_jobs("print", "anna", noon + MINUTE, 5, noon)
    with running.begin() as transaction:
        second = transaction.lock_jobs("print", "bert", noon + MINUTE, 5, noon)
        waiting = transaction.next_due(["service"])
        third = transaction.lock_jobs("print", "carl", noon + 9 * MINUTE, 1, noon + MINUTE)

    assert ids(first) == ["b", "a"]
    assert {(job.locked_by, job.attempt, job.lock_until) for job in first} == {("anna", 1, noon + MINUTE)}
    assert second == []
    assert waiting == noon
    assert [(job.id, job.locked_by, job.attempt) for job in third] == [("b", "carl", 2)]


def test_the_next_moment_is_when_a_lock_runs_out(running, a_job, noon):
    with running.begin() as transaction:
        transaction.insert_jobs([a_job("a"), a_job("b", due_at=noon + 5 * MINUTE)])
        transaction.lock_job("a", "anna", noon + MINUTE, noon)

        assert transaction.next_due(["service"]) == noon + MINUTE


def test_the_late_answer_of_a_worker_is_refused(running, a_job, noon):
    with running.begin() as transaction:
        transaction.insert_jobs([a_job("a")])
        mine = transaction.lock_job("a", "anna", noon + MINUTE, noon)
        transaction.lock_job("a", "bert", noon + 9 * MINUTE, noon + 2 * MINUTE)

    with pytest.raises(Conflict, match="taken over"), running.begin() as transaction:
        transaction.update_job(replace(mine, retries=0, error="late"))
    with running.begin() as transaction:
        theirs = transaction.job("a")
        transaction.update_job(replace(theirs, retries=7, locked_by=None, lock_until=None))
        assert transaction.job("a").retries == 7


def test_jobs_go_by_case_and_start_jobs_by_themselves(running, a_job):
    with running.begin() as transaction:
        transaction.insert_jobs([a_job("j"), a_job("start", case_id=None, definition_id="d")])
        transaction.delete_jobs("case-2", ["j"])
        transaction.delete_jobs("case-1", ["start"])
        transaction.delete_jobs(None, ["j"])
        assert ids(transaction.jobs(case_id="case-1") + transaction.jobs(definition_id="d")) == ["j", "start"]

        transaction.delete_jobs("case-1", ["j"])
        transaction.delete_jobs(None, ["start"])
        assert transaction.job("j") is None
        assert transaction.job("start") is None


def test_workers_at_the_same_time_never_get_the_same_job(shared_url, a_case, a_job, noon):
    taken = []

    def work(name):
        with closing(Database(shared_url)) as own:
            while True:
                with own.begin() as transaction:
                    got = transaction.lock_jobs("print", name, noon + MINUTE, 3, noon)
                if not got:
                    return
                taken.extend(ids(got))

    with closing(Database(shared_url)) as database:
        database.migrate()
        with database.begin() as transaction:
            transaction.insert_case(a_case())
            transaction.insert_jobs([a_job(f"job-{number}") for number in range(40)])
        threads = [Thread(target=work, args=(f"worker-{number}",)) for number in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)

    assert sorted(taken) == sorted(f"job-{number}" for number in range(40))


def subscription(subscription_id, **fields):
    usual = {"case_id": "case-1", "kind": "message", "name": "paid", "element_id": "e"}
    return SubscriptionRecord(subscription_id, **(usual | fields))


def test_who_waits_longest_for_a_message_comes_first(database, a_case):
    with database.begin() as transaction:
        for number in (1, 2):
            transaction.insert_case(a_case(f"case-{number}", business_key=f"A-{number}"))
        transaction.insert_subscriptions(
            [
                subscription("z"),
                subscription("y", case_id="case-2", correlation='"17"'),
                subscription("x", kind="signal"),
                subscription("w", name="cancelled"),
            ]
        )

        assert ids(transaction.waiting_for("message", "paid")) == ["z", "y"]
        assert ids(transaction.waiting_for("message", "paid", case_id="case-2")) == ["y"]
        assert ids(transaction.waiting_for("message", "paid", business_key="A-1")) == ["z"]
        assert ids(transaction.waiting_for("message", "paid", correlation='"17"')) == ["y"]
        assert ids(transaction.waiting_for("signal", "paid")) == ["x"]
        assert ids(transaction.subscriptions("case-1")) == ["z", "x", "w"]
        transaction.delete_subscriptions("case-1", ["z", "y"])
        assert ids(transaction.waiting_for("message", "paid")) == ["y"]


def test_a_message_that_nobody_waits_for_is_kept_until_someone_takes_it(database, noon):
    messages = [
        MessageRecord("m-2", name="paid", case_id="case-9", correlation='"17"', payload='{"n":2}', at=noon),
        MessageRecord("m-1", name="paid", business_key="A", payload="{}", at=noon),
    ]
    with database.begin() as transaction:
        for message in messages:
            transaction.keep_message(message)

    with database.begin() as transaction:
        assert transaction.kept_messages("paid") == messages
        assert transaction.kept_messages("other") == []
        assert transaction.drop_message("m-2") is True
        assert transaction.drop_message("m-2") is False
        assert ids(transaction.kept_messages("paid")) == ["m-1"]


def test_a_message_id_is_accepted_once(database, noon):
    with database.begin() as transaction:
        assert transaction.seen_message("m-1", at=noon) is False
        assert transaction.seen_message("m-1") is True
        assert transaction.seen_message("m-2") is False
