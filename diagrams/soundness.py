"""Whether a process can get stuck, told with the way there: the analysis behind the mark “sound”.

Explores which markings the tokens can reach, data aside: any condition may hold. Sound means that from every
marking the end can be reached, no join waits for ever, no two tokens meet where something happens, and
everything can happen (van der Aalst, 1997; BPMN's implicit ends count as proper). What cannot be explored
within the bound is said to be unknown, never guessed.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum

from caseloom.diagrams.model import Process, Scope
from caseloom.diagrams.net import (
    START,
    Join,
    Move,
    Net,
    Path,
    Station,
    UndecidableError,
    flattened,
    last_of,
    net_of,
)
from caseloom.diagrams.reduction import reduced

MOST_MARKINGS = 5_000
_MOST_DEADLOCKS = 10
_MOST_WORK = 1_500_000  # about a second: tokens looked at, a firing counting as ten

Marking = frozenset[int]


class Verdict(StrEnum):
    SOUND = "sound"
    UNSOUND = "unsound"
    UNKNOWN = "unknown"


class ProblemKind(StrEnum):
    DEADLOCK = "deadlock"  # tokens wait at a join for one that never comes
    MEET = "meet"  # two tokens come together, and what follows runs twice
    NO_WAY_OUT = "no-way-out"  # it goes on for ever
    DEAD = "dead"  # it never happens
    WORK_LEFT = "work-left"  # an end ends the scope while other work is open; sound, but worth saying


@dataclass(frozen=True, slots=True)
class Problem:
    """`path`: ids of the nodes and flows that lead there, in an order in which they can happen."""

    kind: ProblemKind
    element_ids: tuple[str, ...]
    path: tuple[str, ...] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Soundness:
    """`reason` says why the verdict is unknown; `stuck_scopes` are those that no run whatever can leave.

    `idle_scopes` are those of them where a run does not even come to any work.
    """

    verdict: Verdict
    problems: tuple[Problem, ...] = ()
    reason: str | None = None
    stuck_scopes: tuple[str, ...] = ()
    idle_scopes: tuple[str, ...] = ()


def analyse(process: Process, *, bound: int = MOST_MARKINGS) -> Soundness:
    """Every scope of the process by itself, each within `bound` markings."""
    found = [_analyse_scope(scope, bound) for scope in process.scopes() if scope.tag != "adHocSubProcess"]
    problems = tuple(problem for one in found for problem in one.problems)
    verdicts = {one.verdict for one in found}
    worst = next(
        verdict for verdict in (Verdict.UNSOUND, Verdict.UNKNOWN, Verdict.SOUND) if verdict in verdicts
    )
    reason = next((one.reason for one in found if one.reason), None)
    stuck = tuple(scope for one in found for scope in one.stuck_scopes)
    idle = tuple(scope for one in found for scope in one.idle_scopes)
    return Soundness(worst, problems, reason, stuck, idle)


def _analyse_scope(scope: Scope, bound: int) -> Soundness:
    try:
        net = reduced(net_of(scope))
    except UndecidableError as error:
        return Soundness(Verdict.UNKNOWN, reason=str(error))

    exploration = _Exploration(net)
    complete = exploration.run(bound)
    problems = tuple(exploration.problems(complete))
    if any(problem.kind is not ProblemKind.WORK_LEFT for problem in problems):
        stuck = (scope.id,) if complete and exploration.cannot_end() else ()
        idle = stuck if stuck and not any(_works(scope, name) for name in exploration.passed()) else ()
        return Soundness(Verdict.UNSOUND, problems, stuck_scopes=stuck, idle_scopes=idle)
    if not complete:
        return Soundness(Verdict.UNKNOWN, problems, f"“{scope.label}” has more than {bound:,} markings")
    return Soundness(Verdict.SOUND, problems)


def _works(scope: Scope, name: str) -> bool:
    """Is there work where a token comes by, or something that it waits for?"""
    node = scope.by_id.get(name)
    return node is not None and (node.is_activity or node.tag.startswith("intermediate"))


@dataclass(frozen=True, slots=True)
class _Step:
    """How a marking was first reached."""

    before: Marking | None
    path: Path


class _Exploration:
    """Breadth first, so that the first witness is a shortest one."""

    def __init__(self, net: Net) -> None:
        self._net = net
        self._steps: dict[Marking, _Step] = {}
        self._before: dict[Marking, set[Marking]] = {}
        self._stuck: list[Marking] = []
        self._met: dict[str, tuple[Marking, Path]] = {}
        self._left: dict[str, tuple[Marking, Path]] = {}
        self._escaped: set[Marking] = set()
        self._fired: set[str] = {START}
        self._work = 0
        self._upstream: dict[tuple[str, int], set[int]] = {}

    def run(self, bound: int) -> bool:
        """Whether everything was seen."""
        waiting: deque[Marking] = deque()
        for move in self._net.stations[START].moves:
            self._reach(move.places, None, move, waiting)
        while waiting:
            marking = waiting.popleft()
            fired = False
            for station, taken, move in self._firings(marking):
                fired = True
                self._fire(marking, station, taken, move, waiting)
                self._work += 10 + len(marking)
                if len(self._steps) > bound or self._work > _MOST_WORK:
                    return False
            if marking and not fired:
                self._stuck.append(marking)
        return True

    def _firings(self, marking: Marking) -> Iterator[tuple[Station, Marking, Move]]:
        for name in sorted({self._net.target[place] for place in marking}):
            station = self._net.stations[name]
            for taken in self._taken(station, marking):
                for move in station.moves:
                    yield station, taken, move

    def _taken(self, station: Station, marking: Marking) -> list[Marking]:
        """The tokens that the station can take now; for a merge one at a time."""
        there = station.incoming & marking
        if station.join is Join.ANY:
            return [frozenset({place}) for place in there]
        if station.join is Join.ALL:
            return [frozenset(there)] if there == station.incoming else []
        return [] if self._more_can_come(station, there, marking) else [frozenset(there)]

    def _more_can_come(self, station: Station, there: set[int], marking: Marking) -> bool:
        """BPMN 2.0.2, 13.4.3: a token on its way to an empty place, and not to one where a token waits."""
        late: set[int] = set()
        for place in station.incoming - there:
            late |= self._leading_to(station, place)
        for place in there:
            late -= self._leading_to(station, place)
        return bool(late & marking)

    def _leading_to(self, station: Station, place: int) -> set[int]:
        """The places from which a token can come to `place` without passing the station."""
        known = self._upstream.get((station.id, place))
        if known is not None:
            return known
        found = {place}
        waiting = [place]
        while waiting:
            source = self._net.source[waiting.pop()]
            if source == station.id:
                continue
            fresh = self._net.stations[source].incoming - found
            found |= fresh
            waiting.extend(fresh)
        self._upstream[station.id, place] = found
        self._work += len(found)
        return found

    def _fire(
        self, marking: Marking, station: Station, taken: Marking, move: Move, waiting: deque[Marking]
    ) -> None:
        self._fired.add(station.id)
        rest = marking - taken
        if move.ends:
            if rest:
                self._left.setdefault(last_of(move.path), (marking, move.path))
            self._reach(frozenset(), marking, move, waiting)
            return
        twice = {place for place in rest & move.places if not self._may_lie_twice(place)}
        if twice:
            self._meet(self._runs_twice(min(twice)), marking, move.path)
            self._escaped.add(marking)
            return
        self._reach(rest | move.places, marking, move, waiting)

    def _reach(self, marking: Marking, before: Marking | None, move: Move, waiting: deque[Marking]) -> None:
        marking = frozenset() if move.ends else marking
        if before is not None:
            self._before.setdefault(marking, set()).add(before)
        if marking in self._steps:
            return
        self._steps[marking] = _Step(before, move.path)
        waiting.append(marking)
        for name in sorted({self._net.target[place] for place in move.places}):
            station = self._net.stations[name]
            if station.join is Join.ANY and len(station.incoming & marking) > 1 and not station.is_last:
                self._meet(name, marking, ())

    def _runs_twice(self, place: int) -> str:
        """The element that two tokens on one place come to, or that both of them may still be in."""
        return self._net.carried.get(place) or self._net.target[place]

    def _may_lie_twice(self, place: int) -> bool:
        """Where the first token ends the whole scope, another does nothing twice."""
        station = self._net.stations[self._net.target[place]]
        ends = station.is_last and all(move.ends for move in station.moves)
        return ends and place not in self._net.carried

    def _meet(self, name: str, marking: Marking, path: Path) -> None:
        """At a station that is last, only two on one way have met: work before it that runs twice puts them there."""
        self._met.setdefault(name, (marking, path))

    # --- what was found

    def cannot_end(self) -> bool:
        """No marking is the end, and none was left unexplored."""
        return bool(self._steps) and frozenset() not in self._steps and not self._escaped

    def passed(self) -> Iterator[str]:
        """The elements that a token can come by."""
        for step in self._steps.values():
            yield from flattened(step.path)

    def problems(self, complete: bool) -> Iterator[Problem]:
        yield from self._deadlocks()
        for name, (marking, path) in self._met.items():
            yield Problem(ProblemKind.MEET, (name,), (*self._witness(marking), *flattened(path)))
        if complete:
            yield from self._endless()
            yield from self._dead()
        for name, (marking, path) in self._left.items():
            yield Problem(ProblemKind.WORK_LEFT, (name,), (*self._witness(marking), *flattened(path)))

    def _deadlocks(self) -> Iterator[Problem]:
        """The smallest sets of joins at which tokens wait for ever; what only adds to them says nothing new."""
        seen: list[set[str]] = []
        for marking in sorted(self._stuck, key=len):
            waiting_at = self._targets(marking)
            if not any(known <= set(waiting_at) for known in seen):
                seen.append(set(waiting_at))
                yield Problem(ProblemKind.DEADLOCK, waiting_at, self._witness(marking))
            if len(seen) == _MOST_DEADLOCKS:
                return

    def _endless(self) -> Iterator[Problem]:
        known = {
            marking for marking in (frozenset[int](), *self._stuck, *self._escaped) if marking in self._steps
        }
        waiting = deque(known)
        while waiting:
            fresh = self._before.get(waiting.popleft(), set()) - known
            known |= fresh
            waiting.extend(fresh)
        for marking in self._steps:
            if marking not in known:
                yield Problem(ProblemKind.NO_WAY_OUT, self._targets(marking), self._witness(marking))
                return

    def _dead(self) -> Iterator[Problem]:
        if self._stuck or self._met:
            return
        for name, station in self._net.stations.items():
            if station.incoming and name not in self._fired and self._is_fed(station):
                yield Problem(ProblemKind.DEAD, (name,), ())

    def _is_fed(self, station: Station) -> bool:
        """What nothing leads to is another rule's affair."""
        return any(self._net.source[place] in self._fired for place in station.incoming)

    def _targets(self, marking: Marking) -> tuple[str, ...]:
        return tuple(sorted({self._net.target[place] for place in marking}))

    def _witness(self, marking: Marking) -> tuple[str, ...]:
        paths: list[Path] = []
        at: Marking | None = marking
        while at is not None:
            step = self._steps[at]
            paths.append(step.path)
            at = step.before
        return tuple(step for step in flattened(tuple(reversed(paths))) if step)
