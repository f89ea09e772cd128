"""Random single gestures: jumps, early starts, moves, items, waits. `GESTURES` is the table of all of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from caseloom.adhoc.decision import Decide
from caseloom.adhoc.insert import Insert
from caseloom.adhoc.items import AddItem, RemoveItem
from caseloom.adhoc.jump import JumpTo
from caseloom.adhoc.moving import Move, Replace
from caseloom.adhoc.options import Options
from caseloom.adhoc.orders import RemoveDirective
from caseloom.adhoc.sooner import Repeat, StartNow
from caseloom.adhoc.testing.changes import Maker
from caseloom.adhoc.waits import AddWait, ReleaseWait
from caseloom.engine.commands import Command
from caseloom.engine.flow.tokens import Token

if TYPE_CHECKING:
    from caseloom.adhoc.testing.play import Play

_PLACES = ("before", "after", "beside")


def jump(play: Play, found: Options) -> Command | None:
    if not found.jump:
        return None
    return JumpTo(play.random.choice(found.jump).id, reason="all known", data=play.scene.answer(play.random))


def decide_again(play: Play, found: Options) -> Command | None:
    """A gateway that was passed takes a way that it did not take."""
    if not found.decided:
        return None
    target = play.random.choice(found.decided)
    gateway = play.engine.look(play.case_id).node(target.id)
    last = [fact for fact in play.effective() if fact.element == target.id and fact.gives][-1:]
    ways = [flow.id for flow in gateway.flows if last and flow.id not in last[0].gives]
    return Decide(target.id, [play.random.choice(ways)], reason="the other way") if ways else None


def lift(play: Play, found: Options) -> Command | None:
    return RemoveDirective(play.random.choice(found.orders).id, reason="no longer") if found.orders else None


def start_now(play: Play, found: Options) -> Command | None:
    return StartNow(play.random.choice(found.start_now).id, reason="now") if found.start_now else None


def repeat(play: Play, found: Options) -> Command | None:
    return Repeat(play.random.choice(found.repeat).id, reason="once more") if found.repeat else None


def move(play: Play, found: Options) -> Command | None:
    if not found.move:
        return None
    step = play.random.choice(found.move)
    places = [
        one for one in found.insert if one.kind in _PLACES and one.id and one.element_id != step.element_id
    ]
    if not places:
        return None
    place = play.random.choice(places)
    return Move(step.id, reason="elsewhere", **{place.kind: place.id})


def replace(play: Play, found: Options) -> Command | None:
    if not found.move:
        return None
    return Replace(play.random.choice(found.move).id, Insert("Instead"), reason="somebody else")


def add_item(play: Play, found: Options) -> Command | None:
    return AddItem(play.random.choice(found.items).id, "one more", reason="more") if found.items else None


def remove_item(play: Play, found: Options) -> Command | None:
    """An item that is open is taken out."""
    bodies = {one.id for one in found.items}
    opened = [one for one in play.tokens() if one.number is not None and _body(play, one) in bodies]
    if not opened:
        return None
    one = play.random.choice(opened)
    return RemoveItem(_body(play, one), one.number, reason="less")


def _body(play: Play, item: Token) -> str:
    host = item.scope.host
    return f"{play.case_id}-{host.started}" if host is not None else ""


def wait(play: Play, found: Options) -> Command | None:
    if not found.wait:
        return None
    pair = play.random.choice(found.wait)
    return AddWait(pair.first, pair.then, reason="first things first")


def release(play: Play, found: Options) -> Command | None:
    if not found.release:
        return None
    pair = play.random.choice(found.release)
    return ReleaseWait(pair.first, pair.then, reason="never mind")


GESTURES: Mapping[str, Maker] = {
    "jump": jump,
    "decide again": decide_again,
    "lift": lift,
    "start now": start_now,
    "repeat": repeat,
    "move": move,
    "replace": replace,
    "add item": add_item,
    "remove item": remove_item,
    "wait": wait,
    "release": release,
}
