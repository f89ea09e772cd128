"""Finds what an address names: a task with its case, its form with the schema, a draft, a drawing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from caseloom.adhoc import decision, options
from caseloom.adhoc import rights as adhoc_rights
from caseloom.engine import rights
from caseloom.engine.errors import NotFound
from caseloom.engine.flow.model import Flow, Node
from caseloom.engine.results import Case, Definition, Form, Status, Task
from caseloom.storage.records import CaseRecord, DecisionRecord
from caseloom.web import wording
from caseloom.web.context import the_engine, the_person

_LOOKED_THROUGH = 200
_OPTIONS = {
    "insert": "insert",
    "skip": "skip",
    "revisit": "revisit",
    "undo": "undo",
    "jump": "jump",
    "sooner": "start_now",
    "again": "repeat",
    "elsewhere": "move",
    "instead": "move",
    "item": "items",
    "drop": "items",
    "wait": "wait",
    "release": "release",
}


def task_of(task_id: str) -> tuple[Case, Task]:
    """An open task and its case, as they are now. Raises NotFound, or Conflict where it is done or gone."""
    engine = the_engine()
    task = engine.task(task_id)
    return engine.case(task.case_id), replace(task, form=with_schema(task.form, task.definition_id))


def may_work(task: Task) -> bool:
    """The engine's own answer whether the person here may claim and complete a task."""
    case = the_engine().look(task.case_id, by=the_person().id)
    return rights.may_work(case, case.task(task.id))


def may_manage(case_id: str) -> bool:
    """Whether the person here may pause and cancel the case as a whole."""
    case = the_engine().look(case_id, by=the_person().id)
    return not case.enforced or rights.is_manager(case)


def waiting_gateways(case: Case) -> list[str]:
    """The gateways at which the person here may say which way the case goes."""
    if case.status is not Status.RUNNING:
        return []
    live = the_engine().look(case.id, by=the_person().id)
    return [node.name for node in decision.choosable(live) if adhoc_rights.may(live, "skip", node)]


def idle_changes(case: Case) -> frozenset[str]:
    """The changes with which the person here can do nothing to the case just now, not even by asking others."""
    possible = options(the_engine(), case.id, by=the_person().id)
    asked = {one.command.lower() for one in possible.request}
    found = {key for key, option in _OPTIONS.items() if not getattr(possible, option)}
    return frozenset(found - asked)


@dataclass(frozen=True, slots=True)
class Way:
    """One flow that leaves a gateway; `leads_to` is the element at its end."""

    flow: str
    name: str
    leads_to: str


def ways_of(case_id: str, gateway: str) -> tuple[list[Way], bool]:
    """The flows that leave a gateway, and whether several may be taken at once."""
    node = the_engine().look(case_id, by=the_person().id).node(gateway)
    ways = [Way(flow.id, _way(flow, node), flow.target) for flow in node.flows]
    return ways, node.kind == "inclusiveGateway"


def _way(flow: Flow, node: Node) -> str:
    """Its own name, else where it leads."""
    target = node.plan.nodes[flow.target]
    end = target.label if target.label != target.name else wording.label(target.name)
    return f"{flow.name}, to {end}" if flow.name else f"to {end}"


def with_schema(form: Form | None, definition_id: str) -> Form | None:
    """A form that is only named, with the schema that was deployed under that name, if there is one."""
    if form is None or form.kind != "key" or form.key is None:
        return form
    schema = the_engine().library.form_schema(form.key, definition_id, form.binding)
    return form if schema is None else Form("form-js", key=form.key, schema=schema)


def start_form_of(definition_id: str) -> tuple[Form | None, str]:
    """What is asked when a case is started by hand, and what the analyst wrote about it."""
    plan = the_engine().library.model(definition_id).plan
    for entrance in plan.entrances():
        return with_schema(entrance.form, definition_id), entrance.documentation or ""
    return None, ""


def draft_of(task: Task, user_id: str) -> Mapping[str, Any] | None:
    """What this person has typed into the task so far."""
    return the_engine().drafts(task.id).get(user_id)


def definition_of(definition_id: str) -> Definition:
    for found in the_engine().definitions():
        if found.id == definition_id:
            return found
    raise NotFound("There is no such diagram.")


def latest_decisions() -> list[DecisionRecord]:
    """The newest version of each decision, by name."""
    with the_engine().database.read() as reader:
        newest = {found.key: found for found in reader.decisions()}
    return sorted(newest.values(), key=lambda found: (found.name or found.key).casefold())


def decision_of(decision_id: str) -> DecisionRecord:
    with the_engine().database.read() as reader:
        found = reader.decision(decision_id)
    if found is None:
        raise NotFound("There is no such decision.")
    return found


def file_of(decision: DecisionRecord) -> bytes:
    """The file of a decision, as it was uploaded."""
    with the_engine().database.read() as reader:
        file = reader.file(decision.deployment_id, decision.file_name)
    if file is None:
        raise NotFound(f"The file “{decision.file_name}” is not kept.")
    return file.data


def cases_like(*, q: str, key: str, status: str, limit: int, after: str | None = None) -> list[Case]:
    """Cases, newest first. `q` is a piece of the reference or of the case file; an empty filter is none."""
    engine, word = the_engine(), q.casefold()
    found: list[str] = []
    while len(found) < limit:
        with engine.database.read() as reader:
            page = reader.cases(
                key=key or None, status=status or None, order="newest", limit=_LOOKED_THROUGH, after=after
            )
        found += [case.id for case in page if not word or _has(case, word)]
        if len(page) < _LOOKED_THROUGH:
            break
        after = page[-1].id
    return [engine.case(case_id) for case_id in found[:limit]]


def _has(case: CaseRecord, word: str) -> bool:
    return word in (case.business_key or "").casefold() or word in case.data.casefold()
