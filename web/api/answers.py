"""What the engine answers, as JSON: which fields of each result go out, and how a value is written.

Moments are ISO 8601 in UTC with a `Z`. Values of a case that JSON lacks are written as FEEL writes them
(`2026-01-31`, `P3D`); a decimal is a number where a float holds it exactly, else text.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any, get_type_hints

from caseloom import adhoc
from caseloom.adhoc import Anchor, CasePlan, Change, Options, PlanTask, Request, Target
from caseloom.adhoc.options import Pair
from caseloom.engine.errors import Finding
from caseloom.engine.expressions.texts import feel_text
from caseloom.engine.results import (
    AdHocSubProcess,
    Case,
    CheckItem,
    ConsumedMessage,
    Counterpart,
    DataStore,
    Definition,
    Deployment,
    Effect,
    Entry,
    Form,
    FormField,
    Incident,
    Job,
    LedgerEntry,
    Migrated,
    Notice,
    Occurrence,
    OccurrenceRef,
    Overdue,
    Preview,
    Startable,
    Tainted,
    Task,
    Template,
    TrayEntry,
)
from caseloom.web.trying import Evaluation, Ruling


@dataclass(frozen=True, slots=True)
class WholeCase(Case):
    """A case with everything that ran or runs in it."""

    @classmethod
    def of(cls, case: Case) -> WholeCase:
        return cls(**{field.name: getattr(case, field.name) for field in fields(case)})


@dataclass(frozen=True, slots=True)
class Taken:
    """Who took a message or a signal, or was started by it; nobody where it is kept for later."""

    case_ids: Sequence[str]


@dataclass(frozen=True, slots=True)
class ClockState:
    """`running` where this process has a clock; `late` where its last tick is long ago."""

    running: bool
    last_tick: datetime | None
    late: bool


@dataclass(frozen=True, slots=True)
class Health:
    """`status` is `ok`, or `late` where timers wait for a clock that no longer ticks."""

    status: str
    version: str
    database: str
    clock: ClockState


_CASE = (
    "id", "key", "version", "definition_id", "business_key", "status", "revision", "data", "created_at",
    "ended_at", "tasks", "incidents", "data_states",
)  # fmt: skip

FIELDS: Mapping[type, Sequence[str]] = {
    Definition: ("id", "key", "version", "name", "deployment_id", "file", "global_task"),
    Deployment: ("id", "at", "definitions", "decisions", "findings"),
    Finding: ("file", "element_id", "line", "severity", "code", "message"),
    Case: _CASE,
    WholeCase: (*_CASE, "occurrences"),
    Task: (
        "id", "case_id", "name", "element_id", "occurrence_id", "item", "kind", "key", "definition_id",
        "business_key", "assignee", "candidate_users", "candidate_groups", "priority", "due_at",
        "follow_up_at", "created_at", "form", "held", "previous", "description", "goal", "checklist", "asks",
    ),
    Form: ("kind", "key", "fields", "schema"),
    FormField: ("id", "label", "type", "default", "options", "required", "readonly", "constraints"),
    Incident: ("id", "occurrence_id", "element_id", "message", "at", "kind"),
    Occurrence: (
        "id", "element_id", "name", "scope_id", "item", "number", "state", "effective", "started_at",
        "ended_at", "by",
    ),
    Entry: ("seq", "at", "by", "command", "reason", "facts", "change_id"),
    Job: (
        "id", "topic", "case_id", "occurrence_id", "element_id", "business_key", "data", "idempotency_key",
        "attempt",
    ),
    OccurrenceRef: ("id", "element_id", "name", "item", "task_id"),
    Effect: ("id", "occurrence", "kind", "choices", "default"),
    LedgerEntry: ("id", "occurrence", "kind", "state", "at", "idempotency_key", "by"),
    AdHocSubProcess: (
        "occurrence_id", "element_id", "name", "item", "activities", "completable", "allowed", "closing", "sequential",
        "ends_by_itself", "cancels_remaining",
    ),
    Startable: ("element_id", "name", "waiting"),
    Preview: (
        "opened", "withdrawn", "superseded", "restored", "effects", "stale", "refusal", "token", "told", "tainted",
        "messages", "overdue",
    ),
    Tainted: ("occurrence", "names"),
    ConsumedMessage: ("id", "name", "occurrence", "data", "message_id", "choices"),
    Overdue: ("occurrence", "element_id", "due_at"),
    TrayEntry: ("id", "name", "data", "at", "why", "message_id", "element_id"),
    Options: (
        "skip", "revisit", "insert", "decide", "undo", "orders", "decided", "jump", "start_now", "repeat", "move",
        "items", "wait", "release", "reopen", "request",
    ),
    Pair: ("first", "then"),
    Request: ("command", "id", "element_id", "name", "occurrence_id", "item"),
    Target: ("id", "element_id", "name", "occurrence_id", "item"),
    Anchor: ("kind", "id", "name", "element_id"),
    Change: ("id", "command", "by", "at", "reason"),
    adhoc.Order: (
        "id", "element_id", "name", "every", "state", "fired", "until", "condition", "by", "at", "reason",
    ),
    Counterpart: ("element_id", "name", "kind", "becomes", "found"),
    Migrated: ("case_id", "change_id", "refusal"),
    CheckItem: ("name", "required", "done", "by"),
    CasePlan: ("id", "title", "place", "element_id", "element_name", "in_turn", "blocking", "by", "done", "tasks"),
    PlanTask: (
        "id", "name", "progress", "task_id", "assignee", "groups", "due", "follow_up", "goal", "form", "checklist",
        "fragment",
    ),
    DataStore: ("name", "value", "revision", "updated_at", "case_id"),
    Template: ("name", "works", "rule", "created_at", "by"),
    Notice: (
        "id", "person", "case_id", "business_key", "at", "by", "reason", "withdrawn", "restored",
    ),
    Taken: ("case_ids",),
    Evaluation: ("value", "type", "reasons"),
    Ruling: ("id", "name", "version", "value", "type", "reasons", "explanation"),
    ClockState: ("running", "last_tick", "late"),
    Health: ("status", "version", "database", "clock"),
}  # fmt: skip

# Fields that hold values of a case, in which a moment keeps the zone that it was given.
_VALUES = frozenset({"data", "previous", "item", "facts", "schema", "default", "value", "explanation"})


def hint(kind: type, name: str) -> Any:
    """The type of a field of a result."""
    own = getattr(kind, name, None)
    if isinstance(own, property) and own.fget is not None:
        return get_type_hints(own.fget)["return"]
    return get_type_hints(kind)[name]


def answer(value: Any) -> Any:
    """A result of the engine, or a list of them, as JSON."""
    names = FIELDS.get(type(value))
    if names is not None:
        return {
            name: plain(getattr(value, name)) if name in _VALUES else answer(getattr(value, name))
            for name in names
        }
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    if isinstance(value, Mapping):
        return {name: answer(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [answer(one) for one in value]
    return plain(value)


def plain(value: Any) -> Any:
    """A value of a case as JSON."""
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, str):
        return str(value) if isinstance(value, StrEnum) else value
    if isinstance(value, Decimal):
        return _decimal(value)
    if isinstance(value, Mapping):
        return {str(name): plain(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [plain(one) for one in value]
    return feel_text(value)


def _decimal(value: Decimal) -> int | float | str:
    number = float(value)
    if Decimal(repr(number)) == value:
        return int(number) if number.is_integer() and abs(number) < 2**53 else number
    return format(value, "f") if -30 < value.adjusted() < 30 else str(value)


def written(value: Any) -> str:
    """JSON text."""
    return json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
