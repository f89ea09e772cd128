"""Approvals: a change that a person may not make alone is kept as work for those who have to agree.

Who did a step that would fall, or whom the diagram names, approves; four eyes are another person's. When all have
agreed, the change is carried out, if it still fits; if not, or if one says no, a task tells who asked.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, fields, is_dataclass, replace
from importlib import import_module
from typing import Any

from caseloom.adhoc import insert, places
from caseloom.adhoc.rights import Want
from caseloom.adhoc.skip import needs_reason
from caseloom.engine import rights as work_rights
from caseloom.engine import works
from caseloom.engine.commands import Command
from caseloom.engine.errors import CaseloomError, Invalid, NotAllowed
from caseloom.engine.facts import Kind
from caseloom.engine.flow import beside
from caseloom.engine.flow.run import Run
from caseloom.engine.flow.tokens import Work
from caseloom.engine.hot import copied
from caseloom.engine.live import LiveCase
from caseloom.engine.results import Person

_OWN = frozenset({"person", "enforced", "wants", "reason", "change"})  # of who approves, not of who asked
_NOT_KEPT = frozenset({"Approve", "Reject", "RequestApproval", "Undo"})


@dataclass(frozen=True, slots=True)
class RequestApproval:
    """Asks those who have to agree for a change that one may not make alone.

    `change` is the command, complete as it shall be carried out. It becomes a task for each who has to agree; nothing
    waits for it, and it lapses when the case ends.
    """

    change: Command
    _: KW_ONLY
    reason: str | None = None

    def decide(self, case: LiveCase) -> None:
        case.running()
        case.change = True
        kept = keep(self.change)
        reason = self.reason or getattr(self.change, "reason", None) or ""
        needs_reason(reason)
        case.reason = reason
        if case.person is None:
            raise Invalid("An approval is asked for by somebody: say by whom.")
        wants = _wanted(case, self.change, case.person)
        if not wants:
            raise Invalid("Nobody has to agree to that: it can be done right away.")
        asks = {**kept, "by": case.by, "groups": list(case.person.groups), "title": _title(case, self.change)}
        tasks = [_task(asks, want, steps, reason) for want, steps in _merged(wants)]
        place = places.Place("scope", None, "", scope=case.instance.root)
        insert.put(case, place, tasks, "all", blocking=False)


@dataclass(frozen=True, slots=True)
class Approve:
    """Agrees to a change that somebody else asked for. With the last who agrees, it is carried out."""

    task_id: str
    _: KW_ONLY
    reason: str | None = None

    def decide(self, case: LiveCase) -> None:
        case.running()
        work = _asked(case, self.task_id)
        asks = work.outcome["asks"]
        _check_approver(case, work)
        found = case.instance.rounds[work.round]
        asked = [one["asks"]["for"] for one in case.instance.insertions[found.insertion].works]
        last = not [index for index in found.open if index != work.index]
        _answer(case, work, approved=True, carries=asks["command"] if last else None)
        if last:
            case.change = True
            case.reason = _told_by(case, work, self.reason)
            _carry_out(case, asks, {step for steps in asked for step in steps})


@dataclass(frozen=True, slots=True)
class Reject:
    """Says no to a change that somebody asked for, or takes one's own request back."""

    task_id: str
    _: KW_ONLY
    reason: str

    def decide(self, case: LiveCase) -> None:
        case.running()
        needs_reason(self.reason)
        work = _asked(case, self.task_id)
        asks = work.outcome["asks"]
        own = case.by == asks["by"] and case.by is not None
        if not own:
            _check_approver(case, work)
        found = case.instance.rounds[work.round]
        _answer(case, work, approved=False)
        for address in list(found.open.values()):
            other = case.instance.open[address]
            assert isinstance(other, Work)
            beside.withdraw(case.run, other, causes=(case.run.facts[0].id,))
        if not own:
            _tell(case, asks, f"Not approved: {asks['title']}", f"{case.by or 'The program'}: {self.reason}")


# -- asking ----------------------------------------------------------------------------------------------


def _wanted(case: LiveCase, change: Command, person: Person) -> list[Want]:
    """Who has to agree, found out by doing it on a copy. Raises what the change itself is refused for."""
    copy = _copy(case, person)
    copy.wants = []
    copy.reason = getattr(change, "reason", None)
    change.decide(copy)
    copy.run.advance()
    return copy.wants


def _copy(case: LiveCase, person: Person) -> LiveCase:
    instance = copied(case.instance)
    return LiveCase(
        case.record, instance, case.world, Run(instance, case.world, case.at), person, case.at, case.read,
        case.enforced, case.break_glass,
    )  # fmt: skip


def _merged(wants: Sequence[Want]) -> list[tuple[Want, list[str]]]:
    """One task for each who has to agree, with the steps that it is about; four eyes are a task of their own."""
    found: dict[tuple[Any, ...], tuple[Want, list[str]]] = {}
    for want in wants:
        key = (tuple(sorted(want.users)), tuple(sorted(want.groups)), want.four_eyes)
        found.setdefault(key, (want, []))[1].append(_key(want))
    return [(want, list(dict.fromkeys(steps))) for want, steps in found.values()]


def _key(want: Want) -> str:
    """What an approval is for: a step, and whose word it needs."""
    named = ",".join([*sorted(want.users), *sorted(want.groups)])
    return f"{'four eyes' if want.four_eyes else 'right'}:{want.step}:{named}"


def _task(asks: Mapping[str, Any], want: Want, steps: Sequence[str], reason: str) -> dict[str, Any]:
    named = {"users": list(want.users), "groups": list(want.groups)}
    task = {
        "name": f"Approve: {asks['title']}",
        "goal": f"{asks['by']} asks: {reason}",
        "asks": {**asks, "for": list(steps)},
        **{name: value for name, value in named.items() if value},
    }
    return works.storable(task, "The request")


def _title(case: LiveCase, change: Command) -> str:
    """What a person calls the change."""
    verb = _VERBS.get(type(change).__name__, type(change).__name__)
    target = (
        getattr(change, "target", None) or getattr(change, "gateway", None) or getattr(change, "name", None)
    )
    return f"{verb} “{_name(case, target)}”" if target else verb


_VERBS = {"Skip": "skip", "Revisit": "go back to", "Decide": "decide", "Insert": "insert"}


def _name(case: LiveCase, target: str) -> str:
    for one in case.instance.open.values():
        if case.id_of(one) == target:
            return one.name
    node = case.node(target)
    if node is not None:
        return str(node.label)
    for line in case.journal():
        for fact in line.facts:
            if target == f"{case.id}-{fact.id}":
                return case.name_of(fact)
    return target


def asked(case: LiveCase, change: Command) -> list[Want]:
    """Who would have to agree, each once. Raises what the change itself is refused for."""
    if case.person is None:
        return []
    return [want for want, _ in _merged(_wanted(case, change, case.person))]


# -- answering -------------------------------------------------------------------------------------------


def _asked(case: LiveCase, task_id: str) -> Work:
    work = case.workable(task_id)
    if not isinstance(work, Work) or "asks" not in work.outcome:
        raise Invalid(f"“{work.name}” is no request; complete it instead.")
    return work


def _check_approver(case: LiveCase, work: Work) -> None:
    """Another person than who asks, of those who were asked."""
    if case.by is not None and case.by == work.outcome["asks"]["by"]:
        raise NotAllowed(f"“{work.name}” was asked for by {case.by}: somebody else has to agree.")
    work_rights.check_work(case, work)


def _answer(case: LiveCase, work: Work, *, approved: bool, carries: str | None = None) -> None:
    outcome = {
        "by": case.by,
        "approved": approved,
        "asked_by": work.outcome["asks"]["by"],
        "carries": carries,
    }
    told = {name: value for name, value in outcome.items() if value is not None}
    beside.finish_work(case.run, work, (), Kind.END, told)


def _told_by(case: LiveCase, work: Work, note: str | None) -> str:
    asked = str(work.outcome.get("goal", ""))
    return f"{asked} ({case.by}: {note})" if note else asked


def _carry_out(case: LiveCase, asks: Mapping[str, Any], agreed: set[str]) -> None:
    """The change as its asker would make it, if it still fits and all who have to agree have done so."""
    change = rebuilt(asks)
    person = Person(asks["by"], tuple(asks["groups"]))
    try:
        missing = [want for want in _wanted(case, change, person) if _key(want) not in agreed]
    except CaseloomError as refusal:
        _tell(case, asks, f"Approved, but it no longer fits: {asks['title']}", str(refusal))
        return
    if missing:
        sentence = f"“{missing[0].step}” has come in between, and somebody has to agree to that too."
        _tell(case, asks, f"Approved, but it no longer fits: {asks['title']}", sentence)
        return
    acting = replace(case, person=person, enforced=False, wants=None)
    change.decide(acting)
    for field in fields(case):
        if field.name not in _OWN:
            setattr(case, field.name, getattr(acting, field.name))


def _tell(case: LiveCase, asks: Mapping[str, Any], title: str, why: str) -> None:
    """A task that only tells who asked."""
    place = places.Place("scope", None, "", scope=case.instance.root)
    insert.put(case, place, [{"name": title, "assignee": asks["by"], "goal": why}], "all", blocking=False)


# -- how a command is kept -------------------------------------------------------------------------------


def keep(command: Any) -> dict[str, Any]:
    """A command of this package as plain data. Raises Invalid for one that cannot be asked for."""
    name = type(command).__name__
    known = getattr(import_module("caseloom.adhoc"), name, None)
    if known is not type(command) or not is_dataclass(command) or name in _NOT_KEPT:
        raise Invalid(
            f"An approval is asked for a change of the case, such as Revisit or Skip, not for “{name}”."
        )
    keywords = {
        field.name: _plain(getattr(command, field.name))
        for field in fields(command)
        if getattr(command, field.name) is not field.default
    }
    return works.storable({"command": name, "keywords": keywords}, "The change")


def rebuilt(kept: Mapping[str, Any]) -> Any:
    kind = getattr(import_module("caseloom.adhoc"), kept["command"])
    return kind(**{name: _revived(value) for name, value in kept["keywords"].items()})


def _plain(value: Any) -> Any:
    if is_dataclass(value) and not isinstance(value, type):
        return keep(value)
    if isinstance(value, Mapping):
        return {name: _plain(one) for name, one in value.items()}
    return [_plain(one) for one in value] if isinstance(value, list | tuple) else value


def _revived(value: Any) -> Any:
    if isinstance(value, Mapping):
        if set(value) == {"command", "keywords"}:
            return rebuilt(value)
        return {name: _revived(one) for name, one in value.items()}
    return [_revived(one) for one in value] if isinstance(value, list) else value


__all__ = ["Approve", "Reject", "RequestApproval", "asked"]
