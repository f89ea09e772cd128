"""The questions that lists ask of open tasks and of cases, as statements; it runs none of them.

Pages are told apart by the last row of the page before (`after`), never by an offset, so that work which
comes and goes meanwhile neither repeats nor hides a row.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import KW_ONLY, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Column, ColumnElement, Select, Table, and_, case, func, not_, or_, select, tuple_

from caseloom.engine.errors import Invalid
from caseloom.storage import tables
from caseloom.storage.rows import CASES, TASKS

_TASK = tables.tasks.c
_CASE = tables.cases.c
_CANDIDATE = tables.candidates.c


@dataclass(frozen=True, slots=True)
class TaskQuery:
    """Which open tasks. Whatever is None does not matter.

    `for_user`: what the person may take up, that is assigned to them, or unassigned and offered to them, to one of
    `groups` or to nobody in particular. `groups` alone: offered to one of these groups. `held`: those behind a gate,
    too. `q`: a piece of the name, the description or the business key. `order`: created, due, priority or name.
    """

    _: KW_ONLY
    case_id: str | None = None
    for_user: str | None = None
    groups: Collection[str] | None = None
    assignee: str | None = None
    unassigned: bool | None = None
    name: str | None = None
    key: str | None = None
    due_before: datetime | None = None
    held: bool = False
    q: str | None = None
    order: str = "created"
    limit: int | None = 50
    after: str | None = None


# What each order sorts by; the number makes it total.
_TASK_ORDERS: Mapping[str, tuple[Any, ...]] = {
    "created": (_TASK.created_at, _TASK.number),
    "due": (tables.due_order, _TASK.number),
    "priority": (-_TASK.priority, _TASK.created_at, _TASK.number),
    "name": (_TASK.searched, _TASK.number),
}


def searchable(name: str, *others: str | None) -> str:
    """What a search looks through, the name first; the same folding on every database."""
    return "\n".join([name, *filter(None, others)]).casefold()


def tasks(query: TaskQuery) -> Select[Any]:
    order = _TASK_ORDERS.get(query.order)
    if order is None:
        raise Invalid(f"Tasks cannot be ordered by “{query.order}”; use one of {', '.join(_TASK_ORDERS)}.")

    statement = TASKS.select.where(*_wanted_tasks(query)).order_by(*order)
    return _behind(statement, tables.tasks, order, query.after)


def counts(for_user: str, groups: Collection[str], at: datetime) -> Select[Any]:
    """Three numbers: mine, offered to me, and those of both that are overdue at `at`."""
    mine = _TASK.assignee == for_user
    return select(
        func.coalesce(func.sum(case((mine, 1), else_=0)), 0),
        func.coalesce(func.sum(case((mine, 0), else_=1)), 0),
        func.coalesce(func.sum(case((_TASK.due_at < at, 1), else_=0)), 0),
    ).where(not_(_TASK.held), within_reach(for_user, groups))


def within_reach(user: str, groups: Collection[str]) -> ColumnElement[bool]:
    """A disjunction of three, each of which has an index of its own."""
    offered = and_(_TASK.assignee.is_(None), _TASK.id.in_(_offered(user, groups)))
    return or_(_TASK.assignee == user, tables.for_anybody, offered)


def cases(
    *,
    key: str | None,
    version: int | None,
    status: str | None,
    business_key: str | None,
    order: str,
    after: str | None,
) -> Select[Any]:
    """Cases in the order in which they were started: `order` is oldest or newest (first)."""
    if order not in ("oldest", "newest"):
        raise Invalid(f"Cases cannot be ordered by “{order}”; use oldest or newest.")

    wanted = {"key": key, "version": version, "status": status, "business_key": business_key}
    equal = [_CASE[name] == value for name, value in wanted.items() if value is not None]
    ordered = _CASE.number if order == "oldest" else _CASE.number.desc()
    statement = CASES.select.where(*equal).order_by(ordered)
    if after is None:
        return statement

    place = select(_CASE.number).where(_CASE.id == after).scalar_subquery()
    return statement.where(_CASE.number > place if order == "oldest" else _CASE.number < place)


def _behind(statement: Select[Any], table: Table, order: tuple[Any, ...], after: str | None) -> Select[Any]:
    if after is None:
        return statement
    place = select(*order).where(table.c.id == after).scalar_subquery()
    return statement.where(tuple_(*order) > place)


def _wanted_tasks(query: TaskQuery) -> Iterator[ColumnElement[bool]]:
    for column, value in _equalities(query):
        if value is not None:
            yield column == value
    if not query.held:
        yield not_(_TASK.held)
    if query.unassigned is not None:
        yield _TASK.assignee.is_(None) if query.unassigned else _TASK.assignee.is_not(None)
    if query.due_before is not None:
        yield _TASK.due_at < query.due_before
    if query.q:
        yield _TASK.searched.contains(query.q.casefold(), autoescape=True)
    yield from _audience(query)


def _equalities(query: TaskQuery) -> Iterator[tuple[Column[Any], Any]]:
    yield _TASK.case_id, query.case_id
    yield _TASK.assignee, query.assignee
    yield _TASK.name, query.name
    yield _TASK.key, query.key


def _audience(query: TaskQuery) -> Iterator[ColumnElement[bool]]:
    if query.for_user is not None:
        yield within_reach(query.for_user, query.groups or ())
    elif query.groups is not None:
        yield _TASK.id.in_(select(_CANDIDATE.task_id).where(_to_groups(query.groups)))


def _offered(user: str, groups: Collection[str]) -> Select[Any]:
    to_user = and_(_CANDIDATE.kind == "user", _CANDIDATE.value == user)
    return select(_CANDIDATE.task_id).where(or_(to_user, _to_groups(groups)))


def _to_groups(groups: Collection[str]) -> ColumnElement[bool]:
    return and_(_CANDIDATE.kind == "group", _CANDIDATE.value.in_(sorted(groups)))
