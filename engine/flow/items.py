"""Items that are added to a multi-instance activity while it runs, or taken out of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from caseloom.engine.facts import Kind
from caseloom.engine.flow import ending
from caseloom.engine.flow.tokens import Scope, Token

if TYPE_CHECKING:
    from caseloom.engine.flow.run import Run


def host_of(body: Scope) -> Token:
    """The activity whose items a body holds."""
    assert isinstance(body.host, Token)
    return body.host


def add(run: Run, body: Scope, value: Any) -> None:
    """A parallel item begins at once; one of a sequence when those before it are done."""
    host, number = host_of(body), len(body.items or ())
    run.note(
        Kind.ITEM, host.node.name, body.path, causes=host.causes, gives=() if in_turn(body) else (number,),
        outcome={"added": value, "number": number},
    )  # fmt: skip


def remove(run: Run, body: Scope, number: int) -> None:
    """An item that is not done goes; in a sequence the next one begins where it was open."""
    host, open_ = host_of(body), open_at(body, number)
    address = open_.occurrence if open_ is not None else None
    takes: tuple[Any, ...] = () if open_ is None else (address or open_.id,)
    following = body.following(number) if open_ is not None and in_turn(body) else None
    added = [] if following is None or following not in body.added else [body.added[following]]
    run.note(
        Kind.ITEM, host.node.name, body.path,
        causes=tuple(sorted({*host.causes, *added, *(open_.causes if open_ else ())})),
        takes=takes, gives=() if following is None else (following,), outcome={"removed": number},
        closes=address if address in run.instance.scopes else None,
    )  # fmt: skip
    ending.go_on(run, body, host)


def open_at(body: Scope, number: int) -> Token | None:
    """The token of an item that has begun and is not done."""
    return next((token for token in body.tokens.values() if token.number == number), None)


def is_done(body: Scope, number: int) -> bool:
    """Has an item begun, and is no longer open?"""
    if open_at(body, number) is not None:
        return False
    current = min(
        (token.number for token in body.tokens.values() if token.number is not None), default=number
    )
    return not in_turn(body) or number < current


def in_turn(body: Scope) -> bool:
    multi = host_of(body).node.multi
    return multi is not None and multi.sequential
