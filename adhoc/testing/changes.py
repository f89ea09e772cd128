"""Random changes outside the diagram: one maker for each operation, fed with what `options` lists.

A maker gives a command, or None where there is nothing of its kind to do now. `CHANGES` is the table of all of them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Literal

from caseloom.adhoc.decision import Decide
from caseloom.adhoc.insert import Insert
from caseloom.adhoc.options import Options, Target
from caseloom.adhoc.revisit import Revisit
from caseloom.adhoc.skip import Skip
from caseloom.adhoc.undo import Undo
from caseloom.engine.commands import Command
from caseloom.engine.flow.tokens import Token

if TYPE_CHECKING:
    from caseloom.adhoc.testing.play import Play

Maker = Callable[["Play", Options], Command | None]


def skip(play: Play, found: Options) -> Command | None:
    """Something that waits now: a step, an event, or one of the events behind an event-based gateway."""
    raced = {flow.target for token in play.tokens() if _is_race(token) for flow in token.node.flows}
    waiting = [
        target for target in found.skip if target.occurrence_id is not None or target.element_id in raced
    ]
    if not waiting:
        return None
    target = play.random.choice(waiting)
    return Skip(target.id, reason="not needed", data=_instead(play))


def _is_race(token: Token) -> bool:
    return token.node.kind == "eventBasedGateway" and bool(token.occurrence)


def skip_ahead(play: Play, found: Options) -> Command | None:
    """Something to come is skipped: once, or each time where that cannot empty a loop."""
    ahead = [target for target in found.skip if target.occurrence_id is None]
    if not ahead:
        return None
    when: Literal["next", "every"] = "next"
    if not play.scene.loops and play.random.random() < 0.5:
        when = "every"
    target = play.random.choice(ahead)
    return Skip(target.id, reason="not needed", when=when, data=_instead(play))


def _instead(play: Play) -> dict[str, Any]:
    """What the step would have said: mostly all that may be needed, else only some of it."""
    most = play.random.random() < 0.8
    return {**(play.scene.beginning(play.random) if most else {}), **play.scene.answer(play.random)}


def revisit(play: Play, found: Options) -> Command | None:
    if not found.revisit:
        return None
    target = _late(play, found.revisit)
    policies: list[Any] = ["keep", "revert", "clear"]
    policies += [{name: "clear"} for name in list(play.scene.candidates)[:1]]
    return Revisit(
        target.id,
        reason="to be done again",
        data_policy=play.random.choice(policies),
        reuse=play.random.choice([None, "manual", "unchanged", "never"]),
    )


def _late(play: Play, targets: Any) -> Target:
    """Any of them, the late ones more often, so that cones of all sizes occur."""
    most = len(targets) - 1
    at: int = max(play.random.randint(0, most), play.random.randint(0, most))
    chosen: Target = targets[at]
    return chosen


def insert(play: Play, found: Options) -> Command | None:
    if not found.insert:
        return None
    kinds = sorted({anchor.kind for anchor in found.insert})
    kind = play.random.choice(kinds)
    anchor = play.random.choice([one for one in found.insert if one.kind == kind])
    place: dict[str, Any] = {} if kind == "case" else {kind: anchor.id}
    place["blocking"] = play.random.random() < 0.7
    place["repeat"] = play.random.choice(["once", "once", "every"])
    number = play.random.randint(1, 3)
    if number == 1:
        return Insert("Extra", **place)
    rule: Any = play.random.choice(["all", "any", "in-turn", number - 1])
    return Insert.many([Insert(f"Extra {at}") for at in range(1, number + 1)], rule=rule, **place)


def undo(play: Play, found: Options) -> Command | None:
    return Undo(play.random.choice(found.undo).id) if found.undo else None


def decide(play: Play, found: Options) -> Command | None:
    if not found.decide:
        return None
    target = play.random.choice(found.decide)
    flows = play.engine.look(play.case_id).node(target.id).flows
    return Decide(target.id, [play.random.choice(flows).id], reason="decided")


CHANGES: Mapping[str, Maker] = {
    "skip": skip,
    "skip ahead": skip_ahead,
    "revisit": revisit,
    "insert": insert,
    "undo": undo,
    "decide": decide,
}
