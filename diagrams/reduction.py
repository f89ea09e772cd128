"""Makes a net small without changing what it can do.

Rules in the manner of Murata (Petri nets: properties, analysis and applications, 1989): what is
block-structured vanishes, and only the tangled rest is left to explore. Stations with a single way in are
absorbed by whoever leads to them; parallel ways that a join cannot tell apart become one. An inclusive join
looks far ahead, so what it could tell apart stays; where that is not certain, work is rather said to meet itself
than to be sound.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from heapq import heappop, heappush
from itertools import chain

from caseloom.diagrams.loops import from_the_start, loops_in
from caseloom.diagrams.net import MOST_MOVES, Join, Move, Net, Path, Station

_MOST_TRIES = 8
_BEYOND = {-1}  # stands for all places behind where the ways meet
_EFFORT_AHEAD = 10  # to look one place further
_MOST_EFFORT = 3_000_000  # about a second; what is not made small by then is explored as it is


def reduced(net: Net) -> Net:
    """The same net with fewer stations, in place."""
    after = {
        name: [net.target[place] for place in net.places_from(station)]
        for name, station in net.stations.items()
    }
    net.looping.update(chain.from_iterable(loops_in(after)))
    net.order.update((name, number) for number, name in enumerate(from_the_start(after)))
    waiting = deque(net.stations)
    queued = set(waiting)
    while waiting and net.effort < _MOST_EFFORT:
        name = waiting.popleft()
        queued.discard(name)
        if name not in net.stations:
            continue
        station = net.stations[name]
        net.effort += _size(station) + sum(
            _size(net.stations[net.source[place]]) for place in station.incoming
        )
        for touched in sorted(_reduce_at(net, station)):
            if touched in net.stations and touched not in queued:
                queued.add(touched)
                waiting.append(touched)
    return net


def _size(station: Station) -> int:
    return 1 + len(station.incoming) + len(station.moves) + sum(len(move.places) for move in station.moves)


def _reduce_at(net: Net, station: Station) -> set[str]:
    """Applies what can be applied at one station; the names of those to look at again."""
    for rule in (_drop_loop, _merge_ways, _drop_sink, _absorb, _hand_on):
        touched = rule(net, station)
        if touched:
            return touched | {station.id}
    return set()


def _drop_loop(net: Net, station: Station) -> set[str]:
    """A way straight back can be taken, or not: nothing changes by it."""
    if station.join is not Join.ANY:
        return set()
    loops = {place for place in net.places_from(station) if net.target[place] == station.id}
    kept = [move for move in station.moves if not (len(move.places) == 1 and move.places <= loops)]
    if not kept or len(kept) == len(station.moves):
        return set()
    station.moves = kept
    for place in loops - net.places_from(station):
        _forget(net, place)
    if not _comes_back(net, station):
        net.looping.discard(station.id)
    return {net.target[place] for place in net.places_from(station)}


def _comes_back(net: Net, station: Station) -> bool:
    """Whether a token that leaves the station can come to it again."""
    seen: set[str] = set()
    waiting = [station.id]
    while waiting:
        places = net.places_from(net.stations[waiting.pop()])
        fresh = {net.target[place] for place in places} - seen
        seen |= fresh
        waiting.extend(fresh)
    return station.id in seen


def _merge_ways(net: Net, station: Station) -> set[str]:
    """Several ways to the same station become one, where that station cannot tell them apart."""
    by_target: dict[str, list[int]] = {}
    for place in sorted(net.places_from(station)):
        by_target.setdefault(net.target[place], []).append(place)
    if len(by_target) == len(net.places_from(station)):
        return set()

    moves_with: dict[int, set[int]] = {}
    for number, move in enumerate(station.moves):
        for place in move.places:
            moves_with.setdefault(place, set()).add(number)
    for name, places in by_target.items():
        for start in range(min(len(places) - 1, _MOST_TRIES)):
            one, *others = _alike(net.stations[name].join, places[start:], moves_with)
            if others:
                _merge(net, station, one, others)
                return {name}
    return set()


def _alike(join: Join, places: Sequence[int], moves_with: Mapping[int, set[int]]) -> list[int]:
    """The places that are as good as the first of them for a station of this join, and the first itself."""
    first = places[0]
    alike, taken = [first], set(moves_with[first])
    for place in places[1:]:
        if join is Join.SOME or (join is Join.ALL and moves_with[place] == moves_with[first]):
            alike.append(place)
        elif join is Join.ANY and not moves_with[place] & taken:
            alike.append(place)
            taken |= moves_with[place]
    return alike


def _merge(net: Net, station: Station, one: int, others: Sequence[int]) -> None:
    _rewrite(station, set(others), frozenset({one}), ())
    for other in net.carried.keys() & others:
        net.carried.setdefault(one, net.carried[other])
    if not net.offshoots.issuperset(others):
        net.offshoots.discard(one)
    for other in others:
        _forget(net, other)


def _drop_sink(net: Net, station: Station) -> set[str]:
    """Where nothing happens and nothing goes on, tokens vanish as soon as they come."""
    if len(station.incoming) < 2 or not _is_passive_end(station):
        return set()
    touched = set()
    for place in list(station.incoming):
        producer = net.stations[net.source[place]]
        if _would_hide_work(net, producer, station, place):
            continue
        _rewrite(producer, {place}, frozenset(), station.moves[0].path)
        _forget(net, place)
        touched.add(producer.id)
    if not station.incoming:
        del net.stations[station.id]
    return touched


def _absorb(net: Net, station: Station) -> set[str]:
    """A station with one way in belongs to whoever leads there."""
    if len(station.incoming) != 1:
        return set()
    (place,) = station.incoming
    producer = net.stations[net.source[place]]
    composed = _composed(producer.moves, place, station.moves)
    if producer is station or composed is None or _would_hide_work(net, producer, station, place):
        return set()
    works = _works_unseen(net, producer, station, place)
    if _would_decide_early(net, producer, station, place, works=works):
        return set()
    if works:
        _carry_work(net, station, net.carried.get(place) or station.work)
    producer.moves = composed
    producer.work = producer.work or station.work
    for outgoing in net.places_from(station):
        net.source[outgoing] = producer.id
        if place in net.offshoots:
            net.offshoots.add(outgoing)
    _forget(net, place)
    del net.stations[station.id]
    return {producer.id}


def _would_hide_work(net: Net, producer: Station, station: Station, place: int) -> bool:
    """Work that ends by itself beside a loop may run several times at once, or be cut off by an end.

    Absorbed, nobody would see it.
    """
    works = (station.work or place in net.carried) and place not in net.offshoots
    if not works or all(move.places for move in station.moves):
        return False
    if not net.can_be_cut_off and producer.id not in net.looping:
        return False
    return _overlaps(net, producer, place)


def _carry_work(net: Net, station: Station, work: str) -> None:
    """As long as all tokens of a move are there, the work before them may be open: one of them tells it."""
    for move in station.moves:
        if move.places and net.carried.keys().isdisjoint(move.places):
            places = sorted(move.places)
            telling = next((place for place in places[:-1] if _leads_to_work(net, place)), places[-1])
            net.carried[telling] = work


def _leads_to_work(net: Net, place: int) -> bool:
    return any(net.stations[net.target[one]].work for one in _ahead(net, place))


def _works_unseen(net: Net, producer: Station, station: Station, place: int) -> bool:
    """Whether work on this way, absorbed, has to be told by the places behind it."""
    return place in net.carried or (station.work != "" and _overlaps(net, producer, place))


def _overlaps(net: Net, producer: Station, place: int) -> bool:
    """Whether more can happen once this way is chosen: what is beside it, or an inclusive join that it lets go."""
    return _beside(net, producer, place) or any(
        not ways[place] >= set().union(*ways.values())
        for _, ways in _told_apart(net, net.places_from(producer))
    )


def _beside(net: Net, producer: Station, place: int) -> bool:
    """Whether another token can be under way while one goes by this place."""
    together = set[int]().union(*(move.places for move in producer.moves if place in move.places))
    return any(not _vanishes(net, other) for other in together - {place})


def _vanishes(net: Net, place: int) -> bool:
    """Whether a token that comes here is gone without any work."""
    station = net.stations[net.target[place]]
    return place not in net.carried and _is_passive_end(station)


def _is_passive_end(station: Station) -> bool:
    return station.is_last and station.join is Join.ANY and not any(move.ends for move in station.moves)


def _would_decide_early(net: Net, producer: Station, station: Station, place: int, *, works: bool) -> bool:
    """Absorbed, a token has chosen its way as soon as the producer lets it go, which an inclusive join can tell.

    One that may still go to several places of the join holds it up less than one that has chosen. And one
    whose work is still open, which holds it up, would count as gone elsewhere. Nothing changes where the
    producer can wait just as well.
    """
    further = net.places_from(station)
    if len(further) < 2:
        return False
    if not works and producer.join is not Join.SOME and not _beside(net, producer, place):
        return False
    for join, ways in _told_apart(net, further):
        together = set[int]().union(*ways.values())
        several = len(together) > 1 or join is None or join.id in net.looping
        if (works or several) and any(one != together for one in ways.values()):
            return True
    return False


def _told_apart(net: Net, places: set[int]) -> Iterator[tuple[Station | None, dict[int, set[int]]]]:
    """For each inclusive join, its places to which a token can come from each of these, without passing it.

    Only as far as the ways have not come together again: for the joins behind that, None, it matters whether
    a token comes there.
    """
    if not any(map(_is_inclusive_join, net.stations.values())):
        return
    region, meeting = _until_together(net, places)
    if meeting is not None:
        met = {place: meeting.incoming & set(_ahead(net, place, meeting)) for place in places}
        yield None, {place: found and _BEYOND for place, found in met.items()}
    for name in {net.target[place] for place in region}:
        join = net.stations[name]
        if _is_inclusive_join(join):
            yield join, {place: join.incoming & set(_ahead(net, place, join, meeting)) for place in places}


def _is_inclusive_join(station: Station) -> bool:
    return station.join is Join.SOME and len(station.incoming) > 1


def _until_together(net: Net, places: set[int]) -> tuple[set[int], Station | None]:
    """The places ahead, and the station to which all ways lead that go on; up to there, if there is one."""
    seen: set[int] = set()
    fresh = places
    known: set[str] = set()
    pending: list[tuple[int, str]] = []
    while True:
        seen |= fresh
        for name in {net.target[place] for place in fresh} - known:
            known.add(name)
            if net.places_from(net.stations[name]):
                heappush(pending, (net.order[name], name))
        if len(pending) < 2:
            return seen, net.stations[pending[0][1]] if pending else None
        fresh = net.places_from(net.stations[heappop(pending)[1]]) - seen


def _ahead(net: Net, place: int, *until: Station | None) -> Iterator[int]:
    """The places to which a token can come from this one, itself the first, without passing those stations."""
    seen = {place}
    waiting = [place]
    while waiting:
        net.effort += _EFFORT_AHEAD
        at = waiting.pop()
        yield at
        target = net.stations[net.target[at]]
        if target not in until:
            fresh = net.places_from(target) - seen
            seen |= fresh
            waiting.extend(fresh)


def _composed(moves: Sequence[Move], place: int, after: Sequence[Move]) -> list[Move] | None:
    """The moves with what follows `place` put in its stead; None where that would not be the same."""
    through = [move for move in moves if place in move.places]
    count = len(moves) + len(through) * (len(after) - 1)
    if count > max(MOST_MOVES, len(moves)):
        return None
    if any(then.ends and len(move.places) > 1 for move in through for then in after):
        return None
    joined = [
        Move((move.places - {place}) | then.places, (move.path, then.path), move.ends or then.ends)
        for move in through
        for then in after
    ]
    kept = [move for move in moves if place not in move.places]
    return list(dict.fromkeys((*kept, *joined)))


def _hand_on(net: Net, station: Station) -> set[str]:
    """A merge before a merge, or a join before a join, is one."""
    if len(station.moves) != 1 or len(station.moves[0].places) != 1 or len(station.incoming) < 2:
        return set()
    (place,) = station.moves[0].places
    target = net.stations[net.target[place]]
    merges = station.join is Join.ANY and not station.work
    if target is station or target.join is not station.join or not (merges or station.join is Join.ALL):
        return set()
    touched = {target.id}
    for incoming in station.incoming:
        producer = net.stations[net.source[incoming]]
        _rewrite(producer, {incoming}, frozenset({incoming}), station.moves[0].path)
        net.target[incoming] = target.id
        target.incoming.add(incoming)
        touched.add(producer.id)
    target.work = target.work or station.work
    _forget(net, place)
    del net.stations[station.id]
    return touched


def _rewrite(station: Station, gone: set[int], instead: frozenset[int], path: Path) -> None:
    rewritten: dict[Move, Move] = {}
    for move in station.moves:
        changed = move
        if move.places & gone:
            changed = Move((move.places - gone) | instead, (move.path, path), move.ends)
        rewritten.setdefault(changed, changed)
    station.moves = list(rewritten.values())


def _forget(net: Net, place: int) -> None:
    target = net.stations.get(net.target[place])
    if target is not None:
        target.incoming.discard(place)
