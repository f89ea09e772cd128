"""What the inbox, the clock and the messages look up: rows that follow from the live occurrences of a case.

Written in the transaction of the command that changed them. Nothing here decides anything.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from caseloom.engine import correlation
from caseloom.engine.flow.instance import Instance
from caseloom.engine.flow.model import DEFAULT_RETRIES, Node
from caseloom.engine.flow.tokens import Occurrence, Token, Trouble, Work
from caseloom.engine.ids import incident_id, occurrence_id, part_id
from caseloom.engine.results import CheckItem, Form, FormField, Task
from caseloom.storage.payload import decode, encode
from caseloom.storage.records import CaseRecord, IncidentRecord, JobRecord, SubscriptionRecord, TaskRecord

SERVICE = "service"
TIMER = "timer"
START_TIMER = "start-timer"
CLOSED = "closed"
POST = "post"  # a message that is still to be delivered


@dataclass(slots=True)
class Changes:
    """Rows to write for one command."""

    new_tasks: list[TaskRecord] = field(default_factory=list)
    changed_tasks: list[TaskRecord] = field(default_factory=list)
    gone_tasks: list[str] = field(default_factory=list)
    new_jobs: list[JobRecord] = field(default_factory=list)
    gone_jobs: list[str] = field(default_factory=list)
    new_subscriptions: list[SubscriptionRecord] = field(default_factory=list)
    gone_subscriptions: list[str] = field(default_factory=list)


def of_touched(case: CaseRecord, instance: Instance, first_new: int) -> Changes:
    """The rows that the facts from `first_new` on have changed."""
    changes = Changes()
    for started, occurrence in instance.touched.items():
        alive = instance.by_start.get(started) is occurrence
        if started >= first_new:
            if alive:
                _add(changes, case, instance, occurrence)
        elif alive:
            _change(changes, case, instance, occurrence)
        else:
            _remove(changes, case, occurrence)
    return changes


def _add(changes: Changes, case: CaseRecord, instance: Instance, occurrence: Occurrence) -> None:
    if human(occurrence):
        changes.new_tasks.append(task_record(case, instance, occurrence))
    if isinstance(occurrence, Token):
        changes.new_jobs.extend(_timers(case, occurrence))
        changes.new_jobs.extend(_job(case, occurrence))
        changes.new_subscriptions.extend(_subscriptions(case, occurrence))
        occurrence.has_job = _wants_job(occurrence)


def _change(changes: Changes, case: CaseRecord, instance: Instance, occurrence: Occurrence) -> None:
    if human(occurrence):
        changes.changed_tasks.append(task_record(case, instance, occurrence))
    if not isinstance(occurrence, Token):
        return
    if "timers" in occurrence.outcome:
        changes.gone_jobs.extend(_timer_ids(case, occurrence))
        changes.new_jobs.extend(_timers(case, occurrence))
    if waiting := _subscription_ids(case, occurrence):
        changes.gone_subscriptions.extend(waiting)
        changes.new_subscriptions.extend(_subscriptions(case, occurrence))
    if _wants_job(occurrence) != occurrence.has_job:
        changes.gone_jobs.append(occurrence_id(case.id, occurrence.started))
        changes.new_jobs.extend(_job(case, occurrence))
        occurrence.has_job = _wants_job(occurrence)


def _remove(changes: Changes, case: CaseRecord, occurrence: Occurrence) -> None:
    own = occurrence_id(case.id, occurrence.started)
    if human(occurrence):
        changes.gone_tasks.append(own)
    if isinstance(occurrence, Token):
        changes.gone_jobs.extend(_timer_ids(case, occurrence))
        if "topic" in occurrence.outcome:
            changes.gone_jobs.append(own)
        changes.gone_subscriptions.extend(_subscription_ids(case, occurrence))


def of_all(case: CaseRecord, instance: Instance) -> Changes:
    """The rows of every live occurrence, as if all were new."""
    changes = Changes()
    for occurrence in instance.by_start.values():
        _add(changes, case, instance, occurrence)
    changes.new_subscriptions.extend(_closed(case, instance))
    return changes


def human(occurrence: Occurrence) -> bool:
    """Is it something that a person does? Not the activity whose instances or inside are worked, or put right."""
    if isinstance(occurrence, Work):
        return not occurrence.process
    return occurrence.node.inbox and "items" not in occurrence.outcome and "inside" not in occurrence.outcome


def _wants_job(token: Token) -> bool:
    return not token.held and not token.parked


# -- rows ----------------------------------------------------------------------------------------


def task_record(case: CaseRecord, instance: Instance, occurrence: Occurrence) -> TaskRecord:
    outcome = occurrence.outcome
    own = occurrence_id(case.id, occurrence.started)
    node = occurrence.node if isinstance(occurrence, Token) else None
    assert occurrence.at is not None
    return TaskRecord(
        own,
        case_id=case.id,
        key=case.key,
        business_key=case.business_key,
        name=occurrence.name,
        description=node.documentation if node else outcome.get("description"),
        element_id=node.name if node else None,
        occurrence_id=own,
        kind="diagram" if node else "adhoc",
        assignee=occurrence.assignee,
        candidate_users=_users(occurrence),
        candidate_groups=tuple(outcome.get("groups", ())),
        priority=outcome.get("priority", 50),
        due_at=outcome.get("due"),
        follow_up_at=outcome.get("follow_up"),
        created_at=occurrence.at,
        held=bool(occurrence.held),
        payload=encode(_details(case, occurrence, node)),
    )


def _users(occurrence: Occurrence) -> tuple[str, ...]:
    """Its candidates; whom the diagram has assigned is one of them when they have given it back."""
    outcome = occurrence.outcome
    users, own = tuple(outcome.get("users", ())), outcome.get("assignee")
    return (*users, own) if own and occurrence.assignee is None and own not in users else users


def _details(case: CaseRecord, occurrence: Occurrence, node: Node | None) -> dict[str, Any]:
    outcome = occurrence.outcome
    form = (
        _form_details(node.form, outcome.get("defaults", {})) if node else _inserted_form(outcome.get("form"))
    )
    definition = occurrence.scope.model.definition_id
    found = {
        "definition": definition if definition != case.definition_id else None,
        "item": occurrence.item,
        "form": form,
        "previous": occurrence.previous["data"] if occurrence.previous else occurrence.outcome.get("data"),
        "goal": node.goal if node else occurrence.outcome.get("goal"),
        "checklist": None if node else _checklist(occurrence),
        "asks": None if node else outcome.get("asks"),
    }
    return {name: value for name, value in found.items() if value is not None}


def _checklist(occurrence: Occurrence) -> list[list[Any]] | None:
    """Each item: its name, whether it must be done, whether it is, and by whom."""
    items = occurrence.outcome.get("checklist")
    if not items or not isinstance(occurrence, Work):
        return None
    done = occurrence.ticked
    return [[name, required, name in done, done.get(name)] for name, required in items]


def _form_details(form: Form | None, defaults: Mapping[str, Any]) -> dict[str, Any] | None:
    if form is None:
        return None
    if form.kind == "key":
        return {"key": form.key, **({"binding": form.binding} if form.binding else {})}
    if form.schema is not None:
        return {"schema": form.schema}
    fields = [replace(one, default=defaults.get(one.id, one.default)) for one in form.fields]
    return {"fields": [_field_row(one) for one in fields]}


def _field_row(field: FormField) -> list[Any]:
    options = [list(option) for option in field.options]
    constraints = dict(field.constraints)
    return [
        field.id, field.label, field.type, field.default, options, field.required, field.readonly, constraints,
    ]  # fmt: skip


def _inserted_form(form: Any) -> dict[str, Any] | None:
    """An inserted task's form: a list of fields, a form-js schema, or the key of a deployed form."""
    if form is None:
        return None
    if isinstance(form, str):
        return {"key": form}
    if isinstance(form, Mapping):
        return {"schema": form}
    return {"fields": [_field_row(_inserted_field(given)) for given in form]}


def _inserted_field(given: Mapping[str, Any]) -> FormField:
    """A field of an inserted task as `Insert` has checked it."""
    options = tuple((str(key), str(text)) for key, text in given.get("options", ()))
    return FormField(
        given["id"], given.get("label") or given["id"], given.get("type", "string"),
        default=given.get("default"), options=options, required=bool(given.get("required")),
        readonly=bool(given.get("readonly")),
    )  # fmt: skip


def form_of(details: Mapping[str, Any] | None) -> Form | None:
    if details is None:
        return None
    if "key" in details:
        return Form("key", key=details["key"], binding=details.get("binding"))
    if "schema" in details:
        return Form("form-js", schema=details["schema"])
    return Form("fields", fields=tuple(_field(row) for row in details["fields"]))


def _field(row: list[Any]) -> FormField:
    name, label, kind, default, options, required, readonly, constraints = row
    return FormField(
        name, label, kind, default=default, options=tuple((key, text) for key, text in options),
        required=required, readonly=readonly, constraints=constraints,
    )  # fmt: skip


def task(record: TaskRecord, definition_id: str) -> Task:
    """A row of the inbox as the engine answers with it; a form that was deployed is still only a key."""
    details = decode(record.payload)
    return Task(
        record.id,
        record.case_id,
        record.name,
        key=record.key,
        definition_id=details.get("definition", definition_id),
        occurrence_id=record.occurrence_id,
        element_id=record.element_id,
        item=details.get("item"),
        kind=record.kind,
        assignee=record.assignee,
        candidate_users=record.candidate_users,
        candidate_groups=record.candidate_groups,
        priority=record.priority,
        due_at=record.due_at,
        follow_up_at=record.follow_up_at,
        created_at=record.created_at,
        form=form_of(details.get("form")),
        held=record.held,
        previous=details.get("previous"),
        business_key=record.business_key,
        description=record.description,
        goal=details.get("goal"),
        checklist=tuple(CheckItem(*item) for item in details.get("checklist", ())),
        asks=details.get("asks"),
    )


def _timers(case: CaseRecord, token: Token) -> Iterator[JobRecord]:
    for name, (due, _rest) in token.timers.items():
        if not token.ticks(name):
            continue
        yield JobRecord(
            part_id(case.id, token.started, name),
            case_id=case.id,
            kind=TIMER,
            element_id=name,
            occurrence_id=occurrence_id(case.id, token.started),
            due_at=due,
        )


def _timer_ids(case: CaseRecord, token: Token) -> list[str]:
    return [part_id(case.id, token.started, name) for name in token.outcome.get("timers", ())]


def _job(case: CaseRecord, token: Token) -> Iterator[JobRecord]:
    if "topic" not in token.outcome or not _wants_job(token):
        return
    assert token.at is not None
    retry = token.node.retry
    yield JobRecord(
        occurrence_id(case.id, token.started),
        case_id=case.id,
        kind=SERVICE,
        topic=token.outcome["topic"],
        element_id=token.node.name,
        occurrence_id=occurrence_id(case.id, token.started),
        due_at=token.at,
        retries=retry.times if retry else DEFAULT_RETRIES,
        payload=encode({"wait": retry.wait}) if retry and retry.wait else "{}",
    )


def _waits_for(token: Token) -> Iterator[tuple[str, str, str, Any]]:
    for kind in ("message", "signal"):
        for element, (name, key) in token.outcome.get(kind + "s", {}).items():
            yield element, kind, name, key


def _subscription_ids(case: CaseRecord, token: Token) -> list[str]:
    return [part_id(case.id, token.started, element) for element, _, _, _ in _waits_for(token)]


def _subscriptions(case: CaseRecord, token: Token) -> Iterator[SubscriptionRecord]:
    for element, kind, name, key in _waits_for(token):
        if not token.hears(element):
            continue
        yield SubscriptionRecord(
            part_id(case.id, token.started, element),
            case_id=case.id,
            kind=kind,
            name=name,
            correlation=correlation.written(token, element, key) if kind == "message" else None,
            element_id=element,
            occurrence_id=occurrence_id(case.id, token.started),
        )


def _closed(case: CaseRecord, instance: Instance) -> Iterator[SubscriptionRecord]:
    """Subscriptions with a key that a revisit has closed: what comes for them lies in the tray of the case."""
    tokens = [one for one in instance.open.values() if isinstance(one, Token)]
    waited_for = {(name, encode(key)) for token in tokens for _, _, name, key in _waits_for(token)}
    closed = {(name, encode(key)): (started, element) for started, element, name, key in instance.closed}
    for (name, key), (started, element) in closed.items():
        if (name, key) not in waited_for:
            yield SubscriptionRecord(
                part_id(case.id, started, f"{element}.closed"), case_id=case.id, kind=CLOSED, name=name,
                correlation=key, element_id=element, occurrence_id=occurrence_id(case.id, started),
            )  # fmt: skip


def incidents(case: CaseRecord, troubles: Iterable[Trouble]) -> list[IncidentRecord]:
    return [
        IncidentRecord(
            incident_id(case.id, trouble.id),
            case_id=case.id,
            element_id=trouble.element,
            occurrence_id=_troubled(case, trouble),
            kind=trouble.kind,
            message=trouble.message,
            at=trouble.at,
        )
        for trouble in troubles
    ]


def _troubled(case: CaseRecord, trouble: Trouble) -> str | None:
    return None if trouble.started is None else occurrence_id(case.id, trouble.started)


__all__ = ["Changes", "datetime"]
