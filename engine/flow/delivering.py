"""Events that are thrown inside a case, brought to whom they are for.

What throws has happened by then. Where the catcher cannot go on, since one of its expressions fails, it waits with an
incident that holds the event, and a retry brings it once more.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from caseloom.engine.errors import ExpressionError
from caseloom.engine.facts import Kind, Writes
from caseloom.engine.flow import ending, events
from caseloom.engine.flow.model import Node
from caseloom.engine.flow.tokens import Token

if TYPE_CHECKING:
    from caseloom.engine.flow.run import Run

UNDELIVERED = "event"


def deliver(
    run: Run,
    host: Token,
    catcher: Node,
    writes: Writes = (),
    *,
    part: str,
    outcome: Mapping[str, Any] | None = None,
    depends: Iterable[int] = (),
) -> None:
    """`part` and `depends` as `events.catch` takes them."""
    depends = tuple(depends)
    try:
        events.catch(run, host, catcher, writes, part=part, outcome=outcome, depends=depends)
    except ExpressionError as wrong:
        if host.occurrence not in run.instance.open:  # caught, and stopped behind that
            run.incident(host, "expression", str(wrong))
            return
        held = {"writes": [list(pair) for pair in writes], "part": part, "outcome": dict(outcome or {})}
        run.note(
            Kind.INCIDENT, host.node.name, host.scope.path, host.occurrence or "", causes=(*host.causes, *depends),
            outcome={"kind": UNDELIVERED, "message": str(wrong), "held": held | {"depends": list(depends)}},
        )  # fmt: skip


def once_more(run: Run, host: Token, held: Mapping[str, Any]) -> None:
    """A person has mended what kept the event from its catcher."""
    events.catch(
        run, host, host.catcher(held["part"]), tuple((name, value) for name, value in held["writes"]),
        part=held["part"], outcome=held["outcome"], depends=held["depends"],
    )  # fmt: skip
    own = run.instance.scopes.get(host.occurrence or "")
    if own is not None:
        ending.ended(run, own)


def awaits(run: Run, host: Token) -> bool:
    """Does the occurrence wait for a person to see to an event that it could not catch?"""
    trouble = run.instance.troubles.get(host.parked or 0)
    return trouble is not None and trouble.kind == UNDELIVERED
