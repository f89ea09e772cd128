"""Cases, their journals and snapshots: one wins, nothing is half written, damage stays where it is."""

from __future__ import annotations

import logging
from contextlib import closing
from datetime import timedelta
from threading import Barrier, Thread

import pytest
from sqlalchemy import create_engine

from caseloom.engine.errors import CaseloomError, Conflict, Invalid, NotFound
from caseloom.storage.database import Database
from caseloom.storage.errors import CorruptCase, RepeatedRequest


def advance(transaction, revision, noon, **fields):
    usual = {"status": "running", "data_text": None, "ended_at": None, "at": noon}
    transaction.update_case("case-1", expected_revision=revision - 1, revision=revision, **(usual | fields))


def carry_out(database, entry, noon):
    with database.begin() as transaction:
        transaction.append_entry(entry)
        advance(transaction, entry.seq, noon)


def tamper(url, statement):
    engine = create_engine(url.replace("postgresql://", "postgresql+psycopg://"))
    with engine.begin() as connection:
        connection.exec_driver_sql(statement)
    engine.dispose()


def test_a_case_comes_back_as_it_was_given(database, a_case, noon):
    case = a_case(
        business_key="A-17", data='{"amount":5}', created_by="ada", created_at=noon + timedelta.resolution
    )

    with database.begin() as transaction:
        transaction.insert_case(case)

    with database.read() as reader:
        assert reader.case("case-1") == case
        assert reader.case("another") is None
        assert (reader.revision("case-1"), reader.revision("another")) == (1, None)


def test_a_command_moves_the_case_on(database, a_case, noon):
    with database.begin() as transaction:
        transaction.insert_case(a_case())

    with database.begin() as transaction:
        advance(transaction, 2, noon, data_text='{"done":true}')
        advance(transaction, 3, noon, status="completed", ended_at=noon)

    with database.read() as reader:
        case = reader.case("case-1")
    assert (case.revision, case.status, case.data, case.ended_at) == (3, "completed", '{"done":true}', noon)


def test_a_command_on_an_older_revision_changes_nothing(database, a_case, an_entry, noon):
    with database.begin() as transaction:
        transaction.insert_case(a_case(revision=5))

    with pytest.raises(Conflict, match="changed by someone else"):
        carry_out(database, an_entry(5), noon)

    with database.read() as reader:
        assert reader.revision("case-1") == 5
        assert reader.entries("case-1") == []


def test_the_journal_is_read_from_anywhere(database, a_case, an_entry):
    entries = [an_entry(seq, reason="wrong plot", change_id="c", payload=f"[{seq}]") for seq in (1, 2, 3)]

    with database.begin() as transaction:
        # The order within a transaction does not matter.
        for entry in entries:
            transaction.append_entry(entry)
        transaction.insert_case(a_case())

    with database.read() as reader:
        assert reader.entries("case-1") == entries
        assert reader.entries("case-1", after_seq=2) == entries[2:]


def test_a_journal_without_its_case_is_refused(database, an_entry):
    with pytest.raises(Exception, match=r"(?i)foreign key"), database.begin() as transaction:
        transaction.append_entry(an_entry(1))


def test_the_same_journal_row_is_written_once(database, a_case, an_entry):
    with database.begin() as transaction:
        transaction.insert_case(a_case())
        transaction.append_entry(an_entry(1))

    with pytest.raises(Conflict, match="changed by someone else"), database.begin() as transaction:
        transaction.append_entry(an_entry(1))


def test_the_same_request_is_carried_out_once(database, a_case, an_entry):
    with database.begin() as transaction:
        transaction.insert_case(a_case())
        transaction.append_entry(an_entry(1, request_id="r-1"))
        transaction.remember_request("r-2", "case-1", 1)

    with pytest.raises(RepeatedRequest), database.begin() as transaction:
        transaction.append_entry(an_entry(2, request_id="r-1"))
    with pytest.raises(RepeatedRequest), database.begin() as transaction:
        transaction.remember_request("r-2", "case-1", 2)
    with database.read() as reader:
        assert reader.request("r-1") == reader.request("r-2") == ("case-1", 1)
        assert reader.request("r-3") is None


def test_an_older_snapshot_never_replaces_a_newer_one(database, a_case):
    with database.begin() as transaction:
        transaction.insert_case(a_case())
        transaction.put_snapshot("case-1", 7, "[7]")
        transaction.put_snapshot("case-1", 5, "[5]")

    with database.read() as reader:
        snapshot = reader.snapshot("case-1")
    assert (snapshot.revision, snapshot.payload) == (7, "[7]")


def test_a_draft_is_one_for_each_person_and_the_last_one_counts(database, a_case, noon):
    with database.begin() as transaction:
        transaction.insert_case(a_case())
        transaction.put_draft("case-1", "check#1", "ada", "1", noon)
        transaction.put_draft("case-1", "check#1", "bo", "2", noon)
        transaction.put_draft("case-1", "check#1", "ada", "3", noon)

    with database.read() as reader:
        assert {(draft.person, draft.payload) for draft in reader.drafts("case-1")} == {
            ("ada", "3"),
            ("bo", "2"),
        }


def test_cases_are_listed_page_by_page(database, a_case):
    with database.begin() as transaction:
        for number in range(5):
            status = "completed" if number == 2 else "running"
            transaction.insert_case(a_case(f"case-{number}", status=status, business_key=f"A-{number % 2}"))

    with database.read() as reader:
        assert ids(reader.cases(limit=2)) == ["case-0", "case-1"]
        assert ids(reader.cases(limit=2, after="case-1")) == ["case-2", "case-3"]
        assert ids(reader.cases(order="newest", limit=2, after="case-4")) == ["case-3", "case-2"]
        assert ids(reader.cases(status="running", business_key="A-0")) == ["case-0", "case-4"]
        assert ids(reader.cases(key="order", version=2)) == []
        with pytest.raises(NotFound):
            reader.cases(after="case-9")
        with pytest.raises(Invalid, match="oldest or newest"):
            reader.cases(order="status")


def ids(records):
    return [record.id for record in records]


def write_and_fail(database, case):
    with database.begin() as transaction:
        transaction.insert_case(case)
        raise ZeroDivisionError


def test_a_block_that_raises_has_written_nothing(database, a_case):
    with pytest.raises(ZeroDivisionError):
        write_and_fail(database, a_case())

    with database.read() as reader:
        assert reader.case("case-1") is None


def test_a_transaction_inside_another_is_a_bug_that_is_named(database):
    with database.read(), pytest.raises(RuntimeError, match="inside a transaction"), database.begin():
        pass
    with database.begin() as transaction:
        assert transaction.cases() == []


def test_of_two_threads_that_complete_the_same_task_one_wins(shared_url, a_case, an_entry, noon):
    with closing(Database(shared_url)) as database:
        database.migrate()
        with database.begin() as transaction:
            transaction.insert_case(a_case())
        outcomes = []
        ready = Barrier(2)

        def complete():
            ready.wait(10)
            try:
                carry_out(database, an_entry(2), noon)
                outcomes.append("done")
            except CaseloomError as answer:
                outcomes.append(type(answer))

        threads = [Thread(target=complete) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(30)

        assert sorted(outcomes, key=str) == [Conflict, "done"]


def test_threads_that_work_on_different_cases_all_succeed(database, a_case):
    def start(number):
        for count in range(10):
            with database.begin() as transaction:
                transaction.insert_case(a_case(f"case-{number}-{count}"))

    threads = [Thread(target=start, args=(number,)) for number in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)

    with database.read() as reader:
        assert len(reader.cases(limit=None)) == 50


def test_a_reader_sees_one_state(shared_url, a_case, noon):
    with closing(Database(shared_url)) as database, closing(Database(shared_url)) as other:
        database.migrate()
        with database.begin() as transaction:
            transaction.insert_case(a_case())

        with database.read() as reader:
            assert reader.revision("case-1") == 1
            write_elsewhere(other, lambda transaction: advance(transaction, 2, noon))
            assert reader.revision("case-1") == 1
        with database.read() as reader:
            assert reader.revision("case-1") == 2


def write_elsewhere(database, work):
    def run():
        with database.begin() as transaction:
            work(transaction)

    thread = Thread(target=run)
    thread.start()
    thread.join(30)


def test_a_damaged_case_is_named_and_does_not_stop_the_others(shared_url, a_case, an_entry, caplog):
    with closing(Database(shared_url)) as database:
        database.migrate()
        with database.begin() as transaction:
            for case_id in ("case-1", "case-2", "case-3"):
                transaction.insert_case(a_case(case_id))
                transaction.append_entry(an_entry(1, case_id))
                transaction.put_snapshot(case_id, 1, "[]")
    tamper(shared_url, "UPDATE caseloom_cases SET data = '{ }' WHERE id = 'case-1'")
    tamper(shared_url, "UPDATE caseloom_journal SET payload = '[ ]' WHERE case_id = 'case-1'")
    tamper(shared_url, "UPDATE caseloom_snapshots SET payload = '[ ]' WHERE case_id = 'case-1'")

    with closing(Database(shared_url)) as database, database.read() as reader:
        with pytest.raises(CorruptCase) as damaged:
            reader.case("case-1")
        with pytest.raises(CorruptCase) as row:
            reader.entries("case-1")
        with caplog.at_level(logging.CRITICAL):
            assert ids(reader.cases(limit=2)) == ["case-2", "case-3"]
            assert reader.snapshot("case-1") is None
        assert reader.entries("case-2")
        found = [(damage.case_id, damage.seq) for damage in reader.integrity()]

    assert (damaged.value.case_id, damaged.value.seq) == ("case-1", None)
    assert (row.value.case_id, row.value.seq) == ("case-1", 1)
    assert found == [("case-1", None), ("case-1", 1), ("case-1", None)]


def test_what_does_not_fit_together_is_found(database, a_case, a_task, an_entry):
    with database.begin() as transaction:
        transaction.insert_case(a_case("case-1"))
        transaction.append_entry(an_entry(1))
        transaction.insert_case(a_case("case-2", revision=3))
        transaction.append_entry(an_entry(3, "case-2"))
        transaction.insert_case(a_case("case-3", status="completed"))
        transaction.append_entry(an_entry(1, "case-3"))
        transaction.put_snapshot("case-3", 2, "[]")
        transaction.insert_tasks([a_task("left", case_id="case-3")])

    with database.read() as reader:
        found = [(damage.case_id, damage.what) for damage in reader.integrity()]

    assert found == [
        ("case-2", "The journal has 1 rows up to 3; the case is at revision 3."),
        ("case-3", "The snapshot is of revision 2, the case at 1."),
        ("case-3", "The case has ended, but left is still open in caseloom_tasks."),
    ]
