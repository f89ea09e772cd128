"""What a case has said and heard, by which messages find it (BPMN 2.0.2, 8.4.2).

A conversation is known by its correlation properties, from the first message that the case throws or catches. Their
values are facts; what the case itself says of them, while it waits, is decided here.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from caseloom.engine.errors import ExpressionError
from caseloom.engine.expressions import Expression
from caseloom.engine.facts import Kind
from caseloom.engine.flow.model import Event
from caseloom.engine.flow.tokens import Token

if TYPE_CHECKING:
    from caseloom.engine.flow.run import Run


def said(run: Run, token: Token, event: Event, data: Mapping[str, Any]) -> dict[str, Any]:
    """The properties of a message that is thrown: from what it carries, from the case, else as they were before."""
    view = token.vars.below(dict(data))
    found = {}
    for one in event.properties:
        value = _read(run, one.path, token, view)
        if value is None:
            value = next(
                (talk[one.key] for talk in reversed(token.scope.known_talks) if one.key in talk), None
            )
        if value is not None:
            found[one.key] = value
    return found


def expected(
    run: Run, token: Token, event: Event, variables: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """What the data of a case say of the properties of a message that it waits for."""
    view = token.vars if variables is None else variables
    read = {one.key: _read(run, one.bound or one.path, token, view) for one in event.properties}
    return {key: value for key, value in read.items() if value is not None}


def _read(run: Run, path: Expression, token: Token, variables: Mapping[str, Any]) -> Any:
    try:
        return run.value(path, token, variables)
    except ExpressionError:
        return None  # it asks for something that is not there (yet)


def renew(run: Run) -> None:
    """Data have changed, and with them perhaps what a case says of the messages that it waits for."""
    if not run.instance.model.correlates:
        return
    for token in [one for one in run.instance.open.values() if isinstance(one, Token)]:
        changed = _changed(run, token)
        if changed:
            writers = {id for part in changed for id in _writers(run, event_of(token, part))}
            run.note(
                Kind.ARM, token.node.name, token.scope.path, token.occurrence or "",
                causes=(token.started, *sorted(writers - {token.started})), outcome={"messages": changed},
            )  # fmt: skip


def _writers(run: Run, event: Event) -> set[int]:
    """The facts that wrote what the expectation is read from: they take it with them when they fall."""
    reads = {name for one in event.properties for name in (one.bound or one.path).reads}
    return {run.instance.writers[name] for name in reads if name in run.instance.writers}


def _changed(run: Run, token: Token) -> dict[str, Any]:
    changed = {}
    for part, (name, known) in token.outcome.get("messages", {}).items():
        event = event_of(token, part)
        if not event.properties or event.correlation is not None:
            continue
        now = expected(run, token, event)
        if now != known:
            changed[part] = [name, now]
    return changed


def event_of(token: Token, part: str) -> Event:
    """The event that is waited for under that name."""
    return dict(token.catcher(part).parts)[part]
