"""Work beside the diagram, as the flow meets it: gates that hold tokens, standing orders to skip, inserted tasks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from caseloom.engine import times
from caseloom.engine.errors import ExpressionError
from caseloom.engine.facts import Fact, Kind, Writes, inside, place
from caseloom.engine.flow import compensation, ending, firing
from caseloom.engine.flow.model import Node
from caseloom.engine.flow.tokens import Directive, Insertion, Occurrence, Round, Scope, Token, Work

if TYPE_CHECKING:
    from caseloom.engine.flow.run import Run


def works_of(run: Run, address: str) -> list[Work]:
    """Open inserted work that belongs to an occurrence."""
    return [
        work
        for found in run.instance.rounds.values()
        if found.host == address
        for where in found.open.values()
        if isinstance(work := run.instance.open[where], Work)
    ]


def skip(run: Run, token: Occurrence, writes: Writes, outcome: Mapping[str, Any] | None = None) -> Fact:
    return ending.finish(run, token, writes, kind=Kind.SKIP, outcome=outcome)


def bent(run: Run, token: Token) -> bool:
    """Inserted work before an element, on a flow, or an order to skip it: is the token taken care of?"""
    if (insertion := _insertion_for(run, token)) is not None:
        open_round(run, insertion, token.scope, tokens=[token], depends=token.causes)
        return insertion.blocking or bent(run, token)
    return token.node.start_quantity == 1 and skipped(run, [token])


def skipped(run: Run, tokens: Sequence[Token]) -> bool:
    """Does an order to skip the element take care of the tokens that would start it?"""
    directive = _directive_for(run, tokens[0])
    if directive is None:
        return False
    try:
        _skip_arriving(run, tokens, directive)
    except ExpressionError as wrong:
        run.incident(tokens[0], "expression", str(wrong), tokens[1:])
    return True


def _insertion_for(run: Run, token: Token) -> Insertion | None:
    for insertion in run.instance.insertions.values():
        here = insertion.kind == "before" and insertion.element == token.node.name
        here = here or (insertion.kind == "flow" and insertion.element == token.id[1])
        if here and _due(run, insertion, token):
            return insertion
    return None


def _due(run: Run, insertion: Insertion, token: Token) -> bool:
    return insertion.armed and insertion.id not in token.passed and _within(insertion.scope, token.scope)


def _directive_for(run: Run, token: Token) -> Directive | None:
    for directive in run.instance.directives.values():
        if directive.element == token.node.name and directive.armed and _within(directive.scope, token.scope):
            return directive
    return None


def _skip_arriving(run: Run, tokens: Sequence[Token], directive: Directive) -> None:
    scope, node = tokens[0].scope, tokens[0].node
    writes = tuple((name, value) for name, value in directive.writes)
    flows = firing.choose(run, tokens[0], firing.overlay(scope.vars, writes))
    causes = (cause for token in tokens for cause in token.causes)
    fact = run.note(
        Kind.PASS, node.name, scope.path, run.instance.next_occurrence(scope, node.name),
        takes=tuple(token.id for token in tokens), causes=(*causes, directive.id), gives=node.gives(flows),
        writes=writes, outcome={"skipped": True, "directive": directive.id},
    )  # fmt: skip
    firing.left(run, fact, node, scope)


def watch_start(run: Run, token: Token) -> None:
    for insertion in list(run.instance.insertions.values()):
        if (
            insertion.kind == "beside"
            and insertion.element == token.node.name
            and _due(run, insertion, token)
        ):
            open_round(run, insertion, token.scope, host=token, depends=(token.started,))


def watch_opening(run: Run, token: Token) -> None:
    """Work put into a scope comes again in the scope that takes its place."""
    own = run.instance.scopes.get(token.occurrence or "")
    if own is None:
        return
    for insertion in list(run.instance.insertions.values()):
        if insertion.kind == "scope" and insertion.armed and place(insertion.scope or "") == place(own.path):
            open_round(run, insertion, own, depends=(token.started,))


def watch_leaving(run: Run, fact: Fact, node: Node, scope: Scope, given: Sequence[Token]) -> None:
    for insertion in list(run.instance.insertions.values()):
        if insertion.kind != "after" or insertion.element != node.name or not insertion.armed:
            continue
        if _within(insertion.scope, scope):
            open_round(run, insertion, scope, tokens=given, depends=(fact.id,))


def hold_beside(run: Run, fact: Fact, token: Token) -> None:
    """Blocking work beside an occurrence holds what leaves it until the work is done."""
    given = list(run.instance.given)
    for found in list(run.instance.rounds.values()):
        if found.host == token.occurrence and run.instance.insertions[found.insertion].blocking and given:
            run.note(
                Kind.HOLD, scope=found.scope, causes=(fact.id, found.id),
                outcome={"round": found.id, "tokens": [list(held.id) for held in given]},
            )  # fmt: skip
    run.instance.given = given


def open_round(
    run: Run,
    insertion: Insertion,
    scope: Scope,
    *,
    tokens: Sequence[Token] = (),
    host: Occurrence | None = None,
    depends: Iterable[int] = (),
) -> None:
    """Inserted work is due: it holds the tokens, or belongs to the occurrence, that it was put beside."""
    outcome: dict[str, Any] = {"insertion": insertion.id}
    if tokens:
        outcome["tokens"] = [list(token.id) for token in tokens]
    given = run.instance.given
    run.note(
        Kind.ROUND, insertion.element or "", scope.path, (host.occurrence or "") if host else "",
        causes=(insertion.id, *depends), outcome=outcome,
    )  # fmt: skip
    run.instance.given = given


def settle_rounds(run: Run) -> None:
    touched, run.instance.rounds_touched = run.instance.rounds_touched, {}
    for round_id in touched:
        if found := run.instance.rounds.get(round_id):
            _settle(run, found, run.instance.insertions[found.insertion])


def _settle(run: Run, found: Round, insertion: Insertion) -> None:
    waiting = [
        index
        for index in range(len(insertion.works))
        if index not in found.open and index not in found.closed and index not in found.dropped
    ]
    if len(found.closed) >= insertion.need or not (waiting or found.open):
        _close_round(run, found)
    elif not insertion.in_turn:
        for index in waiting:
            _open_work(run, found, insertion, index)
    elif not found.open:
        _open_work(run, found, insertion, waiting[0])


def _open_work(run: Run, found: Round, insertion: Insertion, index: int) -> None:
    scope = run.instance.scopes[found.scope]
    work = insertion.works[index]
    name = f"+{insertion.id}.{index}"
    if "entry" in work:
        compensation.put_right(run, scope, found, index, work, name)
        return
    due = times.instant(work.get("due"), run.at, element=work["name"])
    address = run.instance.next_occurrence(scope, name)
    run.note(
        Kind.START, "", scope.path, address,
        causes=(found.id, *found.closed.values()) if insertion.in_turn else (found.id,),
        outcome={**{key: value for key, value in work.items() if key != "due"}, "round": found.id, "work": index}
        | ({"due": due} if due else {})
        | run.instance.offered(address),
    )  # fmt: skip


def finish_work(run: Run, work: Work, writes: Writes, kind: str, outcome: Mapping[str, Any] | None) -> Fact:
    return run.note(
        kind, "", work.scope.path, work.occurrence,
        takes=(work.occurrence,), causes=work.causes, writes=writes, outcome=outcome,
    )  # fmt: skip


def _close_round(run: Run, found: Round) -> None:
    closings = tuple(found.closed.values())
    for address in list(found.open.values()):
        work = run.instance.open[address]
        run.note(
            Kind.WITHDRAW,
            "",
            work.scope.path,
            address,
            takes=(address,),
            causes=(*closings, work.started),
        )
    scope = run.instance.scopes[found.scope]
    run.note(Kind.RELEASE, scope=scope.path, causes=(found.id, *closings), outcome={"round": found.id})
    host = run.instance.open.get(found.host or "")
    own = run.instance.scopes.get(found.host or "-")
    if own is not None and isinstance(host, Token):
        ending.go_on(run, own, host)
    ending.ended(run, scope)


def _within(path: str | None, scope: Scope) -> bool:
    """Is it the scope that was meant, or one that has taken its place since?"""
    return path is None or inside(place(scope.path), place(path))
