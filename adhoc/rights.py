"""Who may bend what: the groups that a diagram names for an element, else for its process, else whoever may work it."""

from __future__ import annotations

from collections.abc import Iterable

from caseloom.engine import rights
from caseloom.engine.errors import NotAllowed
from caseloom.engine.flow.model import Node
from caseloom.engine.flow.tokens import Insertion, Occurrence, Token
from caseloom.engine.live import LiveCase

_VERBS = {"skip": "skip", "revisit": "revisit", "insert": "insert work at"}


def may(case: LiveCase, operation: str, node: Node | None, occurrence: Occurrence | None = None) -> bool:
    """`operation` is skip, revisit or insert. Without people everything is allowed.

    A case manager may do all but what the diagram gives to certain groups, or to nobody.
    """
    if not case.enforced or case.person is None:
        return True
    if operation == "skip" and occurrence is not None and _puts_right(occurrence):
        return rights.is_manager(case)
    groups = _groups(case, operation, node)
    if groups is not None:
        return bool(groups) and not set(groups).isdisjoint({*case.person.groups})
    if rights.is_manager(case):
        return True
    return occurrence is None or rights.may_work(case, occurrence)


def check(case: LiveCase, operation: str, node: Node | None, occurrence: Occurrence | None = None) -> None:
    if may(case, operation, node, occurrence):
        return
    what = occurrence.name if occurrence is not None else node.label if node is not None else "the case"
    groups = _groups(case, operation, node)
    who = f"only {', '.join(groups)}" if groups else "nobody" if groups == () else "only who may work it"
    raise NotAllowed(f"{case.by} may not {_VERBS[operation]} “{what}”: {who} may.")


def _puts_right(occurrence: Occurrence) -> bool:
    """Is it, or is it part of, a counter-step that a revisit called for? To go on without is not everybody's."""
    host: Occurrence | None = occurrence
    while isinstance(host, Token):
        if host.remedy:
            return True
        host = host.scope.host
    return False


def check_inserted(case: LiveCase, insertion: Insertion, indices: Iterable[int]) -> None:
    """Inserted work is changed by who inserted it, by case managers, and by who may insert or work it."""
    if not case.enforced or case.person is None or case.by == insertion.by:
        return
    node = case.node(insertion.element) if insertion.element else None
    if not may(case, "insert", node):
        check(case, "insert", node)
    if _groups(case, "insert", node) is None and not rights.is_manager(case):
        for work in [insertion.works[index] for index in indices]:
            if not rights.is_named(case.person, work):
                raise NotAllowed(f"{case.by} may not change “{work['name']}”: only who may work it may.")


def _groups(case: LiveCase, operation: str, node: Node | None) -> tuple[str, ...] | None:
    own: tuple[str, ...] | None = getattr(node.rights, operation) if node is not None else None
    default: tuple[str, ...] | None = getattr(case.instance.model.rights, operation)
    return default if own is None else own
