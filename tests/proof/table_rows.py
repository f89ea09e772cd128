"""Which row of the tables of the ad-hoc rules a change was, so that the report can say how often each occurred."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from caseloom.adhoc import Decide, Insert, Revisit, Skip
from caseloom.adhoc.testing.play import Play
from caseloom.engine import facts as fact_rules
from caseloom.engine.commands import Command
from caseloom.engine.facts import Fact, Kind

REVISITS = (
    "in the same branch", "before a parallel split", "in one branch, the join has fired",
    "in one branch, the other still runs", "in a loop, later rounds fall", "in a live sub-process",
    "in a sub-process that had ended", "in a scope that was interrupted", "a whole sub-process or call",
    "in a called process", "an item of several at once", "an item of several in turn",
    "an item after enough were done", "after the end of the case", "an inserted task",
)  # fmt: skip
SKIPS = (
    "a waiting activity", "an event", "one way of an event-based gateway", "an item", "several items as a whole",
    "a sub-process or call", "the next time", "every time",
)  # fmt: skip
INSERTS = (
    "before",
    "after",
    "beside",
    "on a flow",
    "in a scope",
    "in the case",
    "free",
    "every time",
    "several",
)
EVERY = (
    *(f"revisit: {row}" for row in REVISITS),
    *(f"skip: {row}" for row in SKIPS),
    *(f"insert: {row}" for row in INSERTS),
    "decide: a gateway",
)


def note_rows(play: Play, command: Command, before: Sequence[Fact]) -> None:
    """Counts the rows that a change falls under; `before` are the facts that counted until then."""
    made = play.last_facts()
    if isinstance(command, Revisit):
        revisited = next(fact for fact in made if fact.kind == Kind.REVISIT)
        rows = [f"revisit: {row}" for row in _revisited(revisited, before)]
    elif isinstance(command, Skip):
        rows = [f"skip: {_skipped(command, made, before)}"]
    elif isinstance(command, Insert):
        rows = [f"insert: {row}" for row in _inserted(command)]
    else:
        rows = ["decide: a gateway"] if isinstance(command, Decide) else []
    play.tally.rows.update(rows)


def _revisited(revisited: Fact, before: Sequence[Fact]) -> Iterator[str]:
    outcome = revisited.outcome or {}
    cone = fact_rules.unpack(outcome["superseded"])
    fallen = [fact for fact in before if fact.id in cone]
    target = fallen[0]
    items = {fact.occurrence: fact for fact in before if "items" in (fact.outcome or {})}
    yield from _by_tokens(target, fallen, before, cone)
    yield from _by_scope(target, fallen, items)
    yield from _by_kind(target, fallen, items)


def _by_tokens(target: Fact, fallen: Sequence[Fact], before: Sequence[Fact], cone: set[int]) -> Iterator[str]:
    joins = [fact for fact in fallen if fact.kind == Kind.PASS and len(fact.takes) > 1]
    splits = [fact for fact in fallen if fact.element and len(fact.gives) > 1 and fact is not target]
    outside = {(fact.id, flow) for fact in before if fact.id not in cone for flow in fact.gives}
    if splits:
        yield "before a parallel split"
    if any(not outside.isdisjoint(fact.takes) for fact in joins):
        yield "in one branch, the join has fired"
    used = {token for fact in before for token in fact.takes}
    running = [fact for fact in before if fact.kind == Kind.START and fact.occurrence not in used]
    if any(fact.id not in cone and fact.scope == target.scope and fact.element for fact in running):
        yield "in one branch, the other still runs"
    if not splits and not joins:
        yield "in the same branch"
    again = [fact for fact in fallen if fact.kind == target.kind and fact.element == target.element]
    if target.element and len(again) > 1:
        yield "in a loop, later rounds fall"


def _by_scope(target: Fact, fallen: Sequence[Fact], items: dict[str, Fact]) -> Iterator[str]:
    around = [one for one in fallen if one.closes is not None and fact_rules.inside(target.scope, one.closes)]
    ended = [one for one in around if one.kind == Kind.END and one.closes]
    broken = [one for one in around if one.kind in (Kind.BOUNDARY, Kind.PASS, Kind.START)]
    if target.scope and not around:
        yield "in a live sub-process"
    if ended:
        yield "in a sub-process that had ended"
    if broken:
        yield "in a scope that was interrupted"
    if any(one.kind == Kind.DONE for one in fallen):
        yield "after the end of the case"


def _by_kind(target: Fact, fallen: Sequence[Fact], items: dict[str, Fact]) -> Iterator[str]:
    if target.kind == Kind.START and not target.element:
        yield "an inserted task"
    if target.kind == Kind.START and any(one.closes == target.occurrence for one in fallen):
        yield "a whole sub-process or call"
    if "call_" in target.scope:
        yield "in a called process"
    body = items.get(target.scope) or items.get(fact_rules.parent(target.scope))
    if body is None or not target.scope:
        return
    yield "an item of several at once" if len(body.gives) > 1 else "an item of several in turn"
    done = [one for one in fallen if one.kind == Kind.END and one.closes == body.occurrence]
    left = {(body.id, flow) for flow in body.gives}
    ended = {one.scope for one in fallen if one.kind == Kind.START}
    if done and len(body.gives) > 1 and len(left) > len([one for one in ended if one == body.occurrence]):
        yield "an item after enough were done"


def _skipped(command: Skip, made: Sequence[Fact], before: Sequence[Fact]) -> str:
    if command.when != "now":
        return "the next time" if command.when == "next" else "every time"
    skipped = next((fact for fact in made if fact.kind == Kind.SKIP), None)
    if skipped is None:
        return "one way of an event-based gateway"
    start = next(fact for fact in before if fact.kind == Kind.START and fact.occurrence in skipped.takes)
    if "items" in (start.outcome or {}):
        return "several items as a whole"
    if "[" in start.occurrence.rpartition("/")[2]:
        return "an item"
    if skipped.closes is not None:
        return "a sub-process or call"
    waits = (start.outcome or {}).keys() & {"messages", "timers", "signals"}
    return "an event" if waits and start.element.startswith("wait") else "a waiting activity"


def _inserted(command: Insert) -> Iterator[str]:
    places = {
        "before": "before",
        "after": "after",
        "beside": "beside",
        "flow": "on a flow",
        "scope": "in a scope",
    }
    yield next((row for name, row in places.items() if getattr(command, name) is not None), "in the case")
    if not command.blocking:
        yield "free"
    if command.repeat == "every":
        yield "every time"
    if command.tasks:
        yield "several"


__all__ = ["EVERY", "note_rows"]
