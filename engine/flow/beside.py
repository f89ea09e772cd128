"""Work beside the diagram, as the flow meets it: gates that hold tokens, standing orders to skip, inserted tasks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from caseloom.engine import times
from caseloom.engine.errors import ExpressionError
from caseloom.engine.expressions import compile_feel
from caseloom.engine.facts import Fact, Kind, Writes, inside, place
from caseloom.engine.flow import compensation, ending, firing, listeners, outputs, precedence, starting, ways
from caseloom.engine.flow.model import Node
from caseloom.engine.flow.tokens import Directive, Insertion, Occurrence, Round, Scope, Token, Work

AHEAD = "ahead"  # a copy of a step that was started before its turn

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
    if precedence.held(run, token) or _held_ahead(run, token):
        return True
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
    except ways.LeftOpen as unsaid:
        ways.ask(run, tokens, unsaid)
    except ExpressionError as wrong:
        run.incident(tokens[0], "expression", str(wrong), tokens[1:])
    return True


def _held_ahead(run: Run, token: Token) -> bool:
    """Is the step done ahead of its turn, but not yet? Then what comes for it waits."""
    for directive in run.instance.directives.values():
        if directive.element != token.node.name or directive.source is None or directive.result is not None:
            continue
        found = next((one for one in run.instance.rounds.values() if one.insertion == directive.source), None)
        if found is not None and not directive.over and _within(directive.scope, token.scope):
            hold(run, found, token)
            return True
    return False


def hold(run: Run, found: Round, token: Token) -> None:
    """Holds one token more until a round is over, also where it stands in another scope."""
    elsewhere = {} if token.scope.path == found.scope else {"where": token.scope.path}
    run.note(
        Kind.HOLD, scope=found.scope, causes=(*token.causes, found.id),
        outcome={"round": found.id, "tokens": [list(token.id)], **elsewhere},
    )  # fmt: skip


def _insertion_for(run: Run, token: Token) -> Insertion | None:
    for insertion in run.instance.insertions.values():
        here = insertion.kind == "before" and insertion.element == token.node.name
        here = here or (insertion.kind == "flow" and insertion.element == token.id[1])
        if here and _due(run, insertion, token):
            return insertion
    return None


def _due(run: Run, insertion: Insertion, token: Token) -> bool:
    if not insertion.armed or insertion.id in token.passed or not _within(insertion.scope, token.scope):
        return False
    return insertion.scope is not None or not _namesake(run, insertion.element or "", token.scope)


def _namesake(run: Run, element: str, scope: Scope) -> bool:
    """Does an element of the case's own diagram only share its id with one of a process that is called?"""
    own = run.instance.model
    if scope.model is own:
        return False
    return own.node(element) is not None or own.flow(element) is not None


def _directive_for(run: Run, token: Token) -> Directive | None:
    for directive in run.instance.directives.values():
        if directive.element != token.node.name or not directive.armed:
            continue
        here = _within(directive.scope, token.scope) and not _namesake(run, directive.element, token.scope)
        if here and _holds(run, token, directive):
            return directive
    return None


def _holds(run: Run, token: Token, directive: Directive) -> bool:
    """An order that cannot be told to hold does not: the step is done."""
    if isinstance(directive.until, datetime) and run.at >= directive.until:
        return False
    if directive.condition is None:
        return True
    return run.value(compile_feel(directive.condition), token) is True


def _skip_arriving(run: Run, tokens: Sequence[Token], directive: Directive) -> None:
    scope, node = tokens[0].scope, tokens[0].node
    writes = _stands_in(run, tokens[0], directive)
    view = firing.overlay(scope.vars, writes)
    left = {"missing": directive.missing, "open": sorted(outputs.left_open(scope, node, view))}
    outcome: dict[str, Any] = {"directive": directive.id} | {
        name: found for name, found in left.items() if found
    }
    flows = firing.choose(run, tokens[0], view, said=outcome)
    causes = [*(cause for token in tokens for cause in token.causes), directive.id]
    writes = listeners.taking(run, tokens[0], flows, writes, firing.overlay(scope.vars, writes))
    if directive.result is None:
        outcome["skipped"] = True
    else:
        outcome["carried"] = True
        causes.append(directive.result)
    fact = run.note(
        Kind.PASS, node.name, scope.path, run.instance.next_occurrence(scope, node.name),
        takes=tuple(token.id for token in tokens), causes=tuple(causes), gives=node.gives(flows), writes=writes,
        outcome=outcome,
    )  # fmt: skip
    firing.left(run, fact, node, scope)


def _stands_in(run: Run, token: Token, directive: Directive) -> Writes:
    """The values of an order; what was done ahead has written its own, but for what the step would map."""
    writes = tuple((name, value) for name, value in directive.writes)
    if directive.source is None or directive.result is None:
        return writes
    mapped = {mapping.target for mapping in token.node.output_mappings}
    view = token.vars.below(starting.own_variables(run, token)) if mapped else token.vars
    return tuple(pair for pair in ending.mapped(run, token, writes, view) if pair[0] in mapped)


def watch_start(run: Run, token: Token) -> None:
    for insertion in list(run.instance.insertions.values()):
        if (
            insertion.kind == "beside"
            and insertion.element == token.node.name
            and _due(run, insertion, token)
        ):
            open_round(run, insertion, token.scope, host=token, depends=(token.started,))


def watch_opening(run: Run, token: Occurrence) -> None:
    """Work put into a scope comes again in the scope that takes its place."""
    own = run.instance.scopes.get(token.occurrence or "")
    if own is None:
        return
    for insertion in list(run.instance.insertions.values()):
        if insertion.kind == "scope" and insertion.armed and place(insertion.scope or "") == place(own.path):
            open_round(run, insertion, own, depends=(token.started,))


def watch_leaving(run: Run, fact: Fact, node: Node, scope: Scope, given: Sequence[Token]) -> None:
    if run.instance.scopes.get(scope.path) is not scope:
        return  # what was thrown there has ended it: nothing comes after
    for insertion in list(run.instance.insertions.values()):
        if insertion.kind != "after" or insertion.element != node.name or not insertion.armed:
            continue
        named = insertion.scope is not None or not _namesake(run, node.name, scope)
        if named and _within(insertion.scope, scope):
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
    if insertion.stays:  # it holds nothing here; the end of the case waits for it
        outcome["where"], scope, host = scope.path, run.instance.root, None
    given = run.instance.given
    run.note(
        Kind.ROUND, insertion.element or "", scope.path, (host.occurrence or "") if host else "",
        causes=(insertion.id, *depends), outcome=outcome,
    )  # fmt: skip
    run.instance.given = given


def settle_rounds(run: Run) -> None:
    """Opens what is to be done next, and ends what is done.

    What a replay has opened again is not ended at once because enough had been done: it was wanted back.
    """
    touched, run.instance.rounds_touched = run.instance.rounds_touched, {}
    wanted, run.instance.rounds_wanted = run.instance.rounds_wanted, frozenset()
    for round_id in touched:
        if found := run.instance.rounds.get(round_id):
            _settle(run, found, run.instance.insertions[found.insertion], found.id in wanted)


def _settle(run: Run, found: Round, insertion: Insertion, wanted: bool) -> None:
    waiting = [
        index
        for index in insertion.left
        if index not in found.open and index not in found.closed and index not in found.dropped
    ]
    enough = len(found.closed) >= insertion.need and not (wanted and found.open)
    if enough or not (waiting or found.open):
        _close_round(run, found, insertion)
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
    address = run.instance.next_occurrence(scope, name)
    causes = [found.id, *(found.closed.values() if insertion.in_turn else ())]
    if index in insertion.edited:
        causes.append(insertion.edited[index])
    called = run.instance.models(work["called"]) if "called" in work else None
    run.note(
        Kind.START, "", scope.path, address,
        causes=tuple(causes), gives=tuple(one.name for one in called.plan.entrances()) if called else (),
        outcome={**at_this_moment(run, work), "round": found.id, "work": index}
        | ({} if called else run.instance.offered(address)),
    )  # fmt: skip
    if called:
        opened = run.instance.open[address]
        starting.arm(run, run.instance.scopes[address])
        watch_opening(run, opened)


def at_this_moment(run: Run, work: Mapping[str, Any]) -> dict[str, Any]:
    """Inserted work as it opens now: its dates are moments, no longer durations."""
    told = {name: value for name, value in work.items() if name not in _DATES}
    dates = {
        name: times.instant(work[name], run.at, element=work["name"])
        for name in _DATES
        if work.get(name) is not None
    }
    return {**told, **dates}


_DATES = ("due", "follow_up")


def finish_work(run: Run, work: Work, writes: Writes, kind: str, outcome: Mapping[str, Any] | None) -> Fact:
    if ways.asks(work):
        return ways.answer(run, work, writes, kind, outcome)
    return run.note(
        kind, "", work.scope.path, work.occurrence,
        takes=(work.occurrence,), causes=work.causes, closes=work.occurrence if work.process else None,
        writes=writes, outcome=outcome,
    )  # fmt: skip


def withdraw(run: Run, work: Work, *, causes: Iterable[int] = ()) -> Fact:
    """Inserted work is no longer needed."""
    return run.note(
        Kind.WITHDRAW, "", work.scope.path, work.occurrence,
        takes=(work.occurrence,), causes=(*causes, *work.causes),
        closes=work.occurrence if work.process else None,
    )  # fmt: skip


def _close_round(run: Run, found: Round, insertion: Insertion) -> None:
    closings = (*found.closed.values(), *sorted(set(insertion.removed.values())))
    withdrawn = []  # what was done in one of them, or before it, may come back: then this is not over
    for work in [run.instance.open[address] for address in found.open.values()]:
        assert isinstance(work, Work)
        withdrawn.append(withdraw(run, work, causes=closings).id)
    scope = run.instance.scopes[found.scope]
    run.note(
        Kind.RELEASE, scope=scope.path, causes=(found.id, *closings, *withdrawn), outcome={"round": found.id}
    )
    host = run.instance.open.get(found.host or "")
    own = run.instance.scopes.get(found.host or "-")
    if own is not None and isinstance(host, Token):
        ending.go_on(run, own, host)
    ending.ended(run, scope)


def _within(path: str | None, scope: Scope) -> bool:
    """Is it the scope that was meant, or one that has taken its place since?"""
    return path is None or inside(place(scope.path), place(path))
