"""Ad-hoc sub-processes: people choose what runs in them, how often, and (without a condition) when they are over.

What was chosen goes on along its flows as anywhere else. Where the ordering is sequential, an activity that a flow
leads to waits to be chosen too, so that another may come first (BPMN 2.0.2, 13.3.5).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from caseloom.engine.errors import ExpressionError
from caseloom.engine.facts import Fact, Kind, Writes
from caseloom.engine.flow import ending, firing
from caseloom.engine.flow.enabled import busy, idle, interrupted, starts_free, waiting_at
from caseloom.engine.flow.model import AdHoc, Node, Plan
from caseloom.engine.flow.tokens import Scope, Token
from caseloom.engine.flow.variables import Variables

if TYPE_CHECKING:
    from caseloom.engine.flow.run import Run

_HEARD_AGAIN = frozenset({"message", "signal"})


def begins_with(run: Run, token: Token, plan: Plan, view: Variables) -> tuple[str, ...]:
    """What starts by itself when the sub-process is entered: its events, and what the diagram names (Camunda 8)."""
    listeners = tuple(node.name for node in plan.listeners)
    if plan.ad_hoc is None or plan.ad_hoc.active is None:
        return listeners
    return (*listeners, *_active(run, token, plan, view, plan.ad_hoc))


def _active(run: Run, token: Token, plan: Plan, view: Variables, rules: AdHoc) -> list[str]:
    assert rules.active is not None
    text, label = rules.active.text, token.node.label
    found = run.value(rules.active, token, view)
    if not isinstance(found, list):
        raise ExpressionError(f"“{label}”: “{text}” gives {firing.say(found)}, not a list of ids.", text=text)
    for name in found:
        node = plan.nodes.get(name) if isinstance(name, str) else None
        if node is None or not starts_free(node):
            raise ExpressionError(
                f"“{label}” should start with {firing.say(name)}, which is no activity in it that starts by itself.",
                text=text,
            )
    if len(set(found)) < len(found):
        raise ExpressionError(f"“{label}”: “{text}” names the same activity twice.", text=text)
    return found


def select(
    run: Run, scope: Scope, node: Node, writes: Writes = (), outcome: Mapping[str, Any] | None = None
) -> None:
    """Starts an activity, or lets the tokens go on that wait there. It owes its turn to what has made room for it."""
    assert scope.host is not None
    told = dict(outcome or {})
    waiting = waiting_at(scope, node)
    causes = [scope.host.started, *scope.host.after, *scope.freed]
    if waiting:
        told["tokens"] = [list(token.id) for token in waiting]
        causes += [cause for token in waiting for cause in token.causes]
    run.note(
        Kind.SELECT, node.name, scope.path, causes=tuple(sorted(set(causes))), writes=writes,
        gives=() if waiting else (node.name,), outcome=told or None,
    )  # fmt: skip


def went_on(run: Run, fact: Fact, node: Node, scope: Scope) -> None:
    """Something in the scope is over: events are waited for again, and the completion condition is looked at."""
    rules = scope.ad_hoc
    if rules is None or run.instance.scopes.get(scope.path) is not scope:
        return
    if node in scope.plan.listeners and not scope.closing:
        if all(event.kind in _HEARD_AGAIN for _, event in node.parts):
            run.note(Kind.SELECT, node.name, scope.path, causes=(fact.id,), gives=(node.name,))
    elif node.activity and not node.for_compensation:
        _look_at_condition(run, scope, rules)


def _look_at_condition(run: Run, scope: Scope, rules: AdHoc) -> None:
    host = scope.host
    assert isinstance(host, Token)
    if rules.until is None or scope.closing or host.parked:
        return
    try:
        over = holds(run, scope)
    except ExpressionError as wrong:
        run.incident(host, "expression", str(wrong))
        return
    if over:
        close(run, scope)


def holds(run: Run, scope: Scope, data: Mapping[str, Any] | None = None) -> bool:
    """Does the completion condition hold now, with that data? Without one, it is for a person to say."""
    host, rules = scope.host, scope.ad_hoc
    assert isinstance(host, Token)
    assert rules is not None
    if rules.until is None:
        return False
    view = scope.vars.below(dict(data)) if data else scope.vars
    return run.holds(rules.until, host, f"The completion condition of “{host.node.label}”", view)


def close(run: Run, scope: Scope, outcome: Mapping[str, Any] | None = None, writes: Writes = ()) -> None:
    """Nothing new starts any more; the sub-process ends now, or when what has to be done first is done."""
    host = scope.host
    assert isinstance(host, Token)
    if _may_end(run, scope) and not host.held:
        ending.finish_host(run, scope, host, writes, outcome)
    else:
        run.note(
            Kind.CLOSING, host.node.name, scope.path, causes=(host.started,), writes=writes, outcome=outcome
        )


def _may_end(run: Run, scope: Scope) -> bool:
    """What is withdrawn takes the work before it along; work that was put into the sub-process itself is done first."""
    rules = scope.ad_hoc
    assert rules is not None
    if interrupted(scope):
        return False
    return not _work_of_its_own(run, scope) if rules.cancels else not (scope.rounds or busy(scope))


def _work_of_its_own(run: Run, scope: Scope) -> bool:
    rounds, insertions = run.instance.rounds, run.instance.insertions
    return any(insertions[rounds[number].insertion].kind == "scope" for number in scope.rounds)


def settle(run: Run, scope: Scope) -> None:
    """Ends the sub-process if it only waited for what is over now."""
    host, rules = scope.host, scope.ad_hoc
    assert isinstance(host, Token)
    assert rules is not None
    done = rules.ends_by_itself and idle(scope) and not scope.rounds
    if done or (scope.closing and _may_end(run, scope)):
        ending.finish_host(run, scope, host)


def look_again(run: Run, scope: Scope) -> None:
    """Is it over? Asked when an incident of it is mended, and when steps in it were passed all at once."""
    host, rules = scope.host, scope.ad_hoc
    assert isinstance(host, Token)
    assert rules is not None
    if rules.until is not None and not scope.closing:
        _look_at_condition(run, scope, rules)
    else:
        settle(run, scope)
