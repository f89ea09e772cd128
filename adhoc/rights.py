"""Who may bend what: the groups that a diagram names for an element, else for its process, else whoever may work it.

A right may be bound to a condition, and what cannot be undone may need a second person. What a person lacks is
refused, or gathered in `LiveCase.wants` for those who are asked to approve it. Who may break the glass goes past all
of it, with a reason and on record.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass
from typing import Any

from caseloom.engine import rights
from caseloom.engine.errors import ExpressionError, NotAllowed
from caseloom.engine.expressions import Environment, Expression
from caseloom.engine.flow.model import Node
from caseloom.engine.flow.tokens import Insertion, Occurrence, Token
from caseloom.engine.flow.variables import Variables
from caseloom.engine.live import LiveCase

_VERBS = {"skip": "skip", "revisit": "revisit", "insert": "insert work at"}
_ASK = "Ask for it with RequestApproval."


@dataclass(frozen=True, slots=True)
class Want:
    """What a person lacks for a change: the say-so of one of `users` or of these `groups`, or of anybody else."""

    step: str
    _: KW_ONLY
    users: Sequence[str] = ()
    groups: Sequence[str] = ()
    four_eyes: bool = False


def may(case: LiveCase, operation: str, node: Node | None, occurrence: Occurrence | None = None) -> bool:
    """`operation` is skip, revisit or insert. Without people everything is allowed.

    A case manager may do all but what the diagram gives to certain groups, or to nobody.
    """
    if not case.enforced or case.person is None or may_break_glass(case):
        return True
    return _holds(case, operation, node, occurrence) and _covers(case, operation, node, occurrence)


def check(case: LiveCase, operation: str, node: Node | None, occurrence: Occurrence | None = None) -> None:
    """Raises NotAllowed, naming who may."""
    if not case.enforced or case.person is None:
        return
    what = occurrence.name if occurrence is not None else node.label if node is not None else "the case"
    if not _holds(case, operation, node, occurrence):
        _stop(case, operation, what, "the diagram allows it at other times only")
    elif not _covers(case, operation, node, occurrence):
        groups = groups_of(case, operation, node)
        want = _owners(what, occurrence) if groups is None else Want(what, groups=groups)
        _lack(case, operation, want, _who(groups), hopeless=groups == ())


def check_four_eyes(case: LiveCase, operation: str, node: Node | None, named: Mapping[str, Any]) -> None:
    """What cannot be undone, or is marked so, is confirmed by another person; `named` is whom the step names."""
    if (
        not case.enforced
        or case.person is None
        or node is None
        or not _needs_four_eyes(case, operation, node)
    ):
        return
    groups = groups_of(case, operation, node)
    if groups is None:
        users = [*(named.get("users") or ()), *filter(None, [named.get("assignee")])]
        want = Want(node.label, users=users, groups=named.get("groups") or (), four_eyes=True)
    else:
        want = Want(node.label, groups=groups, four_eyes=True)
    _lack(case, operation, want, "it needs four eyes")


def check_again(
    case: LiveCase, node: Node | None, name: str, began: Mapping[str, Any], by: str | None
) -> None:
    """May a completed step fall? Who did it is its owner; `began` is whom it named when it began."""
    if not case.enforced or case.person is None:
        return
    if node is not None and not _condition_holds(case, "revisit", node, "done", None):
        _stop(case, "revisit", name, "the diagram allows it at other times only")
        return
    groups = groups_of(case, "revisit", node)
    if groups is not None:
        if set(groups).isdisjoint(case.person.groups):
            _lack(case, "revisit", Want(name, groups=groups), _who(groups), hopeless=not groups)
        return
    if rights.is_manager(case) or by == case.by or rights.is_named(case.person, began):
        return
    users = [by] if by else [*(began.get("users") or ()), *filter(None, [began.get("assignee")])]
    want = Want(name, users=users, groups=() if by else began.get("groups") or ())
    _lack(case, "revisit", want, f"{by} did it" if by else "only who may work it may")


def check_inserted(case: LiveCase, insertion: Insertion, indices: Iterable[int]) -> None:
    """Inserted work is changed by who inserted it, by case managers, and by who may insert or work it."""
    if not case.enforced or case.person is None or case.by == insertion.by:
        return
    node = case.node(insertion.element) if insertion.element else None
    check(case, "insert", node)
    if groups_of(case, "insert", node) is None and not rights.is_manager(case):
        for work in [insertion.works[index] for index in indices]:
            if not rights.is_named(case.person, work):
                raise NotAllowed(f"{case.by} may not change “{work['name']}”: only who may work it may.")


# -- in an emergency -----------------------------------------------------------------------------------


def may_break_glass(case: LiveCase) -> bool:
    return case.person is not None and case.break_glass is not None and case.break_glass in case.person.groups


def overrides(case: LiveCase, operation: str, what: str) -> bool:
    """Does this person go past a right, on record? Raises NotAllowed where they do not say why."""
    if not case.enforced or not may_break_glass(case):
        return False
    if not case.reason or not case.reason.strip():
        raise NotAllowed(f"{case.by} may {_VERBS[operation]} “{what}” in an emergency only: say why.")
    case.overrides.append((operation, what))
    return True


# -- what the diagram says -----------------------------------------------------------------------------


def groups_of(case: LiveCase, operation: str, node: Node | None) -> tuple[str, ...] | None:
    """None where the diagram names none, for the element or for its process."""
    own: tuple[str, ...] | None = getattr(node.rights, operation) if node is not None else None
    default: tuple[str, ...] | None = getattr(case.instance.model.rights, operation)
    return default if own is None else own


def _covers(case: LiveCase, operation: str, node: Node | None, occurrence: Occurrence | None) -> bool:
    assert case.person is not None
    if operation == "skip" and occurrence is not None and _puts_right(occurrence):
        return rights.is_manager(case)
    groups = groups_of(case, operation, node)
    if groups is not None:
        return not set(groups).isdisjoint(case.person.groups)
    return rights.is_manager(case) or occurrence is None or rights.may_work(case, occurrence)


def _puts_right(occurrence: Occurrence) -> bool:
    """Is it, or is it part of, a counter-step that a revisit called for? To go on without is not everybody's."""
    host: Occurrence | None = occurrence
    while isinstance(host, Token):
        if host.remedy:
            return True
        host = host.scope.host
    return False


def _holds(case: LiveCase, operation: str, node: Node | None, occurrence: Occurrence | None) -> bool:
    state = "to come" if occurrence is None else "held" if occurrence.held else "waiting"
    return _condition_holds(case, operation, node, state, occurrence)


def _condition_holds(
    case: LiveCase, operation: str, node: Node | None, state: str, occurrence: Occurrence | None
) -> bool:
    """Is the condition met that the right is bound to? One that cannot be told is not met."""
    own = getattr(node.rights, f"{operation}_when") if node is not None else None
    condition: Expression | None = own or getattr(case.instance.model.rights, f"{operation}_when")
    if condition is None:
        return True
    assert case.person is not None
    seen: Variables = occurrence.vars if occurrence is not None else case.instance.file
    request = {"state": state, "by": case.by, "groups": list(case.person.groups)}
    try:
        return condition.evaluate(seen.below({"request": request}), Environment(now=case.at)) is True
    except ExpressionError:
        return False


def _needs_four_eyes(case: LiveCase, operation: str, node: Node) -> bool:
    if node.rights.four_eyes is not None:
        return node.rights.four_eyes
    return (
        operation == "revisit"
        and bool(case.instance.model.rights.four_eyes)
        and node.effect == "irreversible"
    )


def _owners(step: str, occurrence: Occurrence | None) -> Want:
    """Those who may work it."""
    if occurrence is None:
        return Want(step)
    outcome = occurrence.outcome
    named = [*(outcome.get("users") or ()), occurrence.assignee, outcome.get("assignee")]
    return Want(step, users=list(dict.fromkeys(filter(None, named))), groups=outcome.get("groups") or ())


def _who(groups: Sequence[str] | None) -> str:
    if groups is None:
        return "only who may work it may"
    return f"only {', '.join(groups)} may" if groups else "nobody may"


def _stop(case: LiveCase, operation: str, what: str, why: str) -> None:
    if not overrides(case, operation, what):
        raise NotAllowed(f"{case.by} may not {_VERBS[operation]} “{what}”: {why}.")


def _lack(case: LiveCase, operation: str, want: Want, why: str, *, hopeless: bool = False) -> None:
    """Somebody else has to agree: gathered where that is asked for, else refused."""
    if overrides(case, operation, want.step):
        return
    if case.wants is not None and not hopeless:
        case.wants.append(want)
        return
    asking = "" if hopeless else f" {_ASK}"
    raise NotAllowed(f"{case.by} may not {_VERBS[operation]} “{want.step}”: {why}.{asking}")


__all__ = [
    "Want",
    "check",
    "check_again",
    "check_four_eyes",
    "check_inserted",
    "groups_of",
    "may",
    "overrides",
]
