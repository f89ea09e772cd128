"""How a case begins: by hand at a plain start, or because something outside has come (BPMN 2.0.2, 10.5.2, 10.6.6)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from caseloom.engine.errors import Conflict, ExpressionError, Invalid
from caseloom.engine.expressions import Expression
from caseloom.engine.facts import Kind, Writes
from caseloom.engine.flow import events, starting
from caseloom.engine.flow.model import Node
from caseloom.engine.flow.tokens import Token
from caseloom.engine.flow.variables import Variables

if TYPE_CHECKING:
    from caseloom.engine.flow.run import Run


def begin(
    run: Run,
    entrances: Sequence[str],
    writes: Writes,
    *,
    part: str | None = None,
    outcome: Mapping[str, Any] | None = None,
) -> None:
    """The first facts of a case, to its first wait. `part` is the name under which what has come is waited for."""
    run.note(Kind.BEGIN, run.instance.model.key, gives=tuple(entrances), writes=writes, outcome=outcome)
    starting.arm(run, run.instance.root)
    run.advance()
    host = None if part is None else _waiting(run, part)
    if part is not None and host is not None:
        events.catch(run, host, host.catcher(part), part=part, outcome=outcome)
        run.advance()


def _waiting(run: Run, part: str) -> Token | None:
    """A gateway, a receive task or an event of several triggers waits for what has come already."""
    root = run.instance.root
    for token in run.instance.open.values():
        if isinstance(token, Token) and token.scope is root and not token.watch and _awaits(token, part):
            return token
    return None


def _awaits(token: Token, part: str) -> bool:
    return any(
        part in token.outcome.get(kind, ()) for kind in ("messages", "signals", "timers", "conditions")
    )


def by_hand(run: Run, wanted: str | None, data: Mapping[str, Any]) -> tuple[list[str], str | None]:
    """Where a person or a program starts a case, and what it meets there.

    At the plain start; with several, at the one that is named. A process that only conditions start begins where
    a condition holds with the data that it is given.
    """
    plan, name = run.instance.model.plan, run.instance.model.plan.label
    plain = plan.entrances()
    if wanted is not None:
        if all(node.name != wanted for node in plain):
            raise Invalid(f"“{name}” has no plain start “{wanted}”.")
        return [wanted], None
    if len(plain) > 1 and plan.begins_apart:
        listed = " or at ".join(f"“{node.name}”" for node in plain)
        raise Invalid(f"“{name}” begins at {listed}: say at which, by its start event.")
    if plain:
        return [node.name for node in plain], None
    for entrance, part, _ in met(run, data):
        return [entrance], part
    raise Conflict(f"“{name}” is started by an event, not by hand.")


def met(run: Run, data: Mapping[str, Any]) -> list[tuple[str, str, Node]]:
    """The conditions that start the process and hold with this data: what is entered, the part, and what caught it."""
    scope = run.instance.root
    found = []
    for entrance, catcher in run.instance.model.plan.openings():
        for part, event in catcher.parts:
            if event.condition is None:
                continue
            token = Token((0, "condition"), catcher, scope)
            if _holds(run, event.condition, token, data):
                found.append((entrance.name, part, catcher))
    return found


def _holds(run: Run, condition: Expression, token: Token, data: Mapping[str, Any]) -> bool:
    try:
        return run.value(condition, token, Variables(dict(data))) is True
    except ExpressionError:
        return False  # it asks for something that is not in this data, which is meant for others
