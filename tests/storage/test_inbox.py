"""The open tasks: who sees which, in what order, page by page, the same on every database."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from caseloom.engine.errors import Invalid, NotFound
from caseloom.storage.inbox import TaskQuery
from caseloom.storage.records import Counts


@pytest.fixture
def inbox(database, a_case, a_task, noon):
    """Four tasks: of Ada, for clerks, for Ada or Bo, behind a gate."""
    tomorrow, yesterday = noon + timedelta(days=1), noon - timedelta(days=1)
    with database.begin() as transaction:
        transaction.insert_case(a_case(business_key="A-17"))
        transaction.insert_tasks(
            [
                a_task("own", name="Write letter", assignee="ada", due_at=tomorrow, priority=10),
                a_task("clerks", name="Ärger prüfen", candidate_groups=("clerks", "heads"), due_at=yesterday),
                a_task(
                    "both", name="check plot", candidate_users=("ada", "bo"), priority=90, business_key="A-17"
                ),
                a_task("behind", name="Send", assignee="ada", held=True, description="50% off_er"),
            ]
        )
    return database


def listed(database, query=None, **wanted):
    with database.read() as reader:
        return [task.id for task in reader.tasks(query, **wanted)]


def test_a_task_comes_back_as_it_was_given(inbox, a_task, noon):
    task = a_task(
        "t",
        description="Look at it",
        element_id="check",
        kind="adhoc",
        candidate_users=("ada",),
        candidate_groups=("clerks", "heads"),
        priority=-3,
        due_at=noon,
        follow_up_at=noon + timedelta(microseconds=1),
        held=True,
        payload='{"form":1}',
    )
    with inbox.begin() as transaction:
        transaction.insert_tasks([task])

    with inbox.read() as reader:
        assert reader.task("t") == task


def test_a_person_sees_what_is_theirs_and_what_they_may_take(inbox):
    assert listed(inbox, for_user="ada") == ["own", "both"]
    assert listed(inbox, for_user="ada", groups=["clerks"]) == ["own", "clerks", "both"]
    assert listed(inbox, for_user="bo") == ["both"]
    assert listed(inbox, for_user="cy", groups=["drivers"]) == []


def test_a_task_that_someone_took_is_offered_no_longer(inbox):
    with inbox.begin() as transaction:
        task = transaction.task("both")
        transaction.update_tasks([replace(task, assignee="bo")])

    assert listed(inbox, for_user="ada") == ["own"]
    assert listed(inbox, for_user="bo") == ["both"]


def test_other_candidates_are_other_people(inbox):
    with inbox.begin() as transaction:
        task = transaction.task("both")
        transaction.update_tasks([replace(task, candidate_users=("cy",), candidate_groups=("cy",))])

    assert listed(inbox, for_user="bo") == []
    assert listed(inbox, for_user="cy") == ["both"]


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ({}, ["own", "clerks", "both"]),
        ({"held": True}, ["own", "clerks", "both", "behind"]),
        ({"case_id": "case-1", "assignee": "ada"}, ["own"]),
        ({"case_id": "another"}, []),
        ({"unassigned": True}, ["clerks", "both"]),
        ({"unassigned": False}, ["own"]),
        ({"groups": ["heads"]}, ["clerks"]),
        ({"groups": []}, []),
        ({"name": "check plot"}, ["both"]),
        ({"key": "order", "limit": 1}, ["own"]),
        ({"key": "lease"}, []),
        ({"q": "ÄRGER"}, ["clerks"]),
        ({"q": "a-17"}, ["both"]),
        ({"q": "50% OFF_", "held": True}, ["behind"]),
        ({"q": "5_% off", "held": True}, []),
    ],
)
def test_each_filter_says_what_it_leaves_out(inbox, wanted, found):
    assert listed(inbox, **wanted) == found


def test_what_is_due_before_a_moment_is_listed(inbox, noon):
    assert listed(inbox, due_before=noon) == ["clerks"]


@pytest.mark.parametrize(
    ("order", "found"),
    [
        ("created", ["own", "clerks", "both"]),
        ("due", ["clerks", "own", "both"]),
        ("priority", ["both", "clerks", "own"]),
        ("name", ["both", "own", "clerks"]),
    ],
)
def test_each_order_goes_on_after_the_last_task_of_a_page(inbox, order, found):
    pages, after = [], None
    while page := listed(inbox, TaskQuery(order=order, limit=1, after=after)):
        pages += page
        after = page[-1]

    assert pages == found == listed(inbox, order=order)


def test_an_unknown_order_is_refused_by_name(inbox):
    with pytest.raises(Invalid, match="“size”; use one of created, due, priority, name"):
        listed(inbox, order="size")


def test_a_page_after_a_task_that_is_gone_is_refused(inbox):
    with pytest.raises(NotFound, match="begin again"):
        listed(inbox, after="gone")


def test_badges_count_what_the_person_sees(inbox, noon):
    with inbox.read() as reader:
        assert reader.counts("ada", ["clerks"], noon) == Counts(mine=1, offered=2, overdue=1)
        assert reader.counts("cy", [], noon) == Counts(mine=0, offered=0, overdue=0)


def test_a_task_that_is_done_is_gone_with_its_candidates(inbox):
    with inbox.begin() as transaction:
        transaction.delete_tasks("case-1", ["both", "own"])
        transaction.delete_tasks("another case", ["clerks"])

    assert listed(inbox, held=True) == ["clerks", "behind"]
    assert listed(inbox, for_user="bo") == []


def test_a_task_that_comes_back_keeps_its_place(inbox, noon, a_task):
    with inbox.begin() as transaction:
        task = transaction.task("own")
        transaction.insert_tasks([a_task("later", created_at=noon + timedelta(seconds=1))])
        transaction.delete_tasks("case-1", ["own"])
        transaction.insert_tasks([task])

    assert listed(inbox)[-1] == "later"


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.tuples(
            st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=5),
            st.one_of(st.none(), st.integers(0, 3)),
            st.integers(0, 3),
        ),
        max_size=8,
    ),
    st.sampled_from(["created", "due", "priority", "name"]),
    st.integers(1, 3),
)
def test_pages_put_together_are_the_whole_list(database, a_case, a_task, noon, tasks, order, size):
    with database.begin() as transaction:
        if transaction.case("case-1") is None:
            transaction.insert_case(a_case())
        transaction.delete_tasks("case-1", [str(number) for number in range(8)])
        transaction.insert_tasks(
            [
                a_task(
                    str(number),
                    name=name,
                    due_at=None if due is None else noon + timedelta(due),
                    priority=priority,
                    created_at=noon + timedelta(priority),
                )
                for number, (name, due, priority) in enumerate(tasks)
            ]
        )

    pages, after = [], None
    while page := listed(database, TaskQuery(order=order, limit=size, after=after)):
        pages += page
        after = page[-1]
    assert pages == listed(database, order=order)
    assert sorted(pages) == sorted(str(number) for number in range(len(tasks)))


def test_all_open_tasks_of_a_case_are_found_those_behind_a_gate_too(database, a_case, a_task, noon):
    with database.begin() as transaction:
        transaction.insert_case(a_case("case-1"))
        transaction.insert_case(a_case("case-2"))
        transaction.insert_tasks(
            [a_task("later", created_at=noon + timedelta(hours=1)), a_task("held", held=True)]
        )
        transaction.insert_tasks([a_task("other", case_id="case-2")])

    with database.read() as reader:
        assert [task.id for task in reader.tasks_of("case-1")] == ["held", "later"]
