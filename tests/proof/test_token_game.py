"""The engine and an independent token game, each left to itself, reach the same markings by the same traces.

The game (`token_game`) knows all that can happen on a random diagram. The engine is led along every edge of its graph,
as far as a bound on commands allows: after each command its trace must be an order of steps that the game allows, and
its marking must be the game's. Where the whole graph was walked, the sets of markings are equal.
CASELOOM_PROOF_CASES is five times the number of diagrams: 60 in the ordinary suite.
"""

from __future__ import annotations

import os
from collections import Counter, deque
from collections.abc import Iterable, Iterator
from random import Random
from typing import Any

import pytest
from drawing import draw
from drawing_random import FEATURES, RandomDiagram, diagram_of
from playing import Clock, live
from token_game import Action, Choices, Edge, State, Step, TokenGame, shown

from caseloom.engine import Complete, Engine
from caseloom.engine.commands import Command, FireTimer, Receive, SetData
from caseloom.engine.flow import ending, joins
from caseloom.engine.flow.instance import Instance
from caseloom.engine.flow.tokens import Scope, Token
from caseloom.engine.live import row
from caseloom.engine.projection import human

DIAGRAMS = int(os.environ.get("CASELOOM_PROOF_CASES", "300")) // 5
MOST_COMMANDS = 40  # on one diagram
MOST_STATES = 300
IN_A_TRACE = frozenset({"pass", "start", "end", "boundary", "done"})
# A called process and a compensation keep data of their own, a service and a thrown signal come back by another door.
WITHOUT = frozenset({"call", "compensation", "service", "signal"})
WANTED = sorted({*FEATURES, "implicit_merge", "non_interrupting"} - WITHOUT)
TALLY: Counter[str] = Counter()


class Walker:
    """Leads cases of one diagram along the edges of the game."""

    def __init__(self, engine: Engine, clock: Clock, diagram: RandomDiagram, random: Random) -> None:
        self.engine, self.clock, self.diagram, self.random = engine, clock, diagram, random
        self.game = TokenGame(diagram.xml, diagram.choices)
        self.walked: set[tuple[State | None, Edge | Choices]] = set()
        self.reached: set[tuple[str, ...]] = set()
        self.confluent = True
        self.commands = 0
        self.story: list[str] = []
        engine.deploy(("random.bpmn", diagram.xml))

    def walk(self) -> None:
        """Case after case, until every edge was taken or it has been enough."""
        starts = self.game.beginnings()
        while self.commands < MOST_COMMANDS and (choices := self._next_start(starts)) is not None:
            states = self._start(starts, choices)
            while states and self.commands < MOST_COMMANDS:
                states = self._go(states)

    def is_whole(self) -> bool:
        starts = self.game.beginnings()
        return self.commands < MOST_COMMANDS and self._next_start(starts) is None

    def _next_start(self, starts: dict[Choices, set[State]]) -> Choices | None:
        for choices, ends in starts.items():
            if (None, choices) not in self.walked or any(self._next_edge(state) for state in ends):
                return choices
        return None

    def _next_edge(self, state: State) -> Edge | None:
        """The first edge of a shortest way to one that was not taken yet."""
        waiting: deque[tuple[State, Edge | None]] = deque([(state, None)])
        seen = {state}
        while waiting and len(seen) < MOST_STATES:
            here, first = waiting.popleft()
            edges = sorted(self.game.edges(here).items(), key=lambda one: str(one[0]))
            self.random.shuffle(edges)
            for edge, ends in edges:
                if (here, edge) not in self.walked:
                    return first or edge
                waiting.extend((end, first or edge) for end in ends - seen)
                seen |= ends
        return None

    def _start(self, starts: dict[Choices, set[State]], choices: Choices) -> list[State]:
        data = self._data(choices)
        self.story = [f"start, with {data}"]
        self.case_id = self.engine.start("case", data={**self.diagram.start_data, **data}).id
        self.seen = 0
        self.walked.add((None, choices))
        return self._compare(self.game.begin(_known(data), self._trace()), _within(starts.items(), data))

    def _go(self, states: list[State]) -> list[State]:
        """One command. There are several states where it cannot be seen which of two runs of an element is which."""
        edge = self._next_edge(states[0])
        if edge is None:
            return []
        action, data = edge[0], self._data(edge[1])
        self.story.append(f"{' '.join(action)}, with {data}")
        self.engine.do(self.case_id, SetData(data))
        self._trace()
        self.clock.forward(days=10)
        self.engine.do(self.case_id, self._command(action))
        self.walked.add((states[0], edge))
        moves = [move for state in states for move in self.game.act(state, action, _known(data))]
        edges = [
            (one[1], ends)
            for state in states
            for one, ends in self.game.edges(state).items()
            if one[0] == action
        ]
        return self._compare(self.game.follow(moves, self._trace()), _within(edges, data))

    def _compare(self, found: set[State], foretold: set[State]) -> list[State]:
        """What the trace leads to must be what the game has foretold, and look as the case does."""
        self.commands += 1
        instance = live(self.engine, self.case_id)
        marking = tuple(sorted(_marking(instance)))
        awaited = {action for token in _open(instance) for action in _awaited(token)}
        assert found, f"the game has no such trace: {self.trace}"
        assert found <= foretold, "the game did not foretell where its trace leads"
        alike = sorted(state for state in found if shown(state) == marking)
        assert alike, f"the engine stands at {marking}, the game at {sorted(map(shown, found))}"
        same = [state for state in alike if self.game.actions(state) == awaited]
        assert same, f"the engine waits for {awaited}, the game for {self.game.actions(alike[0])}"
        self.reached.add(marking)
        self.confluent &= len(foretold) == 1
        return same

    def _data(self, choices: Choices) -> dict[str, Any]:
        """What the edge wants, and anything for the rest, which may be asked for in another order."""
        data = {name: self.random.choice(list(values)) for name, values in self.diagram.choices.items()}
        return {**data, **{name: list(one) if isinstance(one, tuple) else one for name, one in choices}}

    def _trace(self) -> list[Step]:
        with self.engine.database.read() as reader:
            rows = [row(entry) for entry in reader.entries(self.case_id, self.seen)]
        self.seen += len(rows)
        facts = [fact for line in rows for fact in line.facts]
        self.trace = [
            Step(str(fact.kind), "" if fact.kind == "done" else fact.element)
            for fact in facts
            if fact.kind in IN_A_TRACE and "watch" not in (fact.outcome or {})
        ]
        return self.trace

    def _command(self, action: Action) -> Command:
        opened = _open(live(self.engine, self.case_id))
        token = next(one for one in opened if action in _awaited(one))
        id = f"{self.case_id}-{token.started}"
        if action.kind == "complete":
            return Complete(id)
        waits = token.timers if action.kind == "timer" else token.outcome[f"{action.kind}s"]
        key = action.element if action.element in waits else next(iter(waits))  # a handler has one
        return FireTimer(id, key) if action.kind == "timer" else Receive(id, key, str(waits[key][0]), {})


def _with_feature(random: Random, wanted: str) -> RandomDiagram:
    while True:
        diagram = diagram_of(random, size=random.randint(3, 7), without=WITHOUT)
        if wanted in diagram.features:
            return diagram


def markings_of(game: TokenGame) -> set[tuple[str, ...]]:
    """All that can be seen of any state that the game can come to."""
    found = {state for ends in game.beginnings().values() for state in ends}
    waiting = list(found)
    while waiting:
        after = {end for ends in game.edges(waiting.pop()).values() for end in ends}
        waiting += after - found
        found |= after
    return {shown(state) for state in found}


def _known(data: dict[str, Any]) -> Choices:
    return tuple(sorted((name, tuple(one) if isinstance(one, list) else one) for name, one in data.items()))


def _marking(instance: Instance) -> Iterator[str]:
    for token in instance.get_tasks():
        yield _address(token)
    yield from (_address(one) for one in _open(instance) if one.watch)


def _within(edges: Iterable[tuple[Choices, set[State]]], data: dict[str, Any]) -> set[State]:
    """Where the edges lead whose choices are these."""
    return {end for choices, ends in edges if set(choices) <= set(_known(data)) for end in ends}


def _open(instance: Instance) -> list[Token]:
    return [one for one in instance.open.values() if isinstance(one, Token)]


def _awaited(token: Token) -> Iterator[Action]:
    """What people, messages and clocks can do to it."""
    address, watched = _address(token), token.node.plan.name if token.watch else None
    if human(token):
        yield Action("complete", address, token.node.name)
    events = {kind: token.outcome.get(f"{kind}s", {}) for kind in ("message", "signal")}
    for kind, waits in {**events, "timer": token.timers}.items():
        yield from (Action(kind, address, watched or element) for element in waits)


def _address(token: Token) -> str:
    """As the game writes it: by element, without the numbers of occurrences."""
    if token.watch:
        return f"{_inside(token.scope)}{token.node.plan.name}?"
    if not token.occurrence:
        return f"{_inside(token.scope)}~{token.id[1]}"
    item = "" if token.number is None else f"[{token.number}]"
    return f"{_inside(token.scope)}{token.node.name}{item}"


def _inside(scope: Scope) -> str:
    host = scope.host
    if host is None:
        return ""
    return _inside(host.scope) if scope.body else f"{_address(host)}/"


@pytest.mark.parametrize("seed", range(DIAGRAMS))
def test_the_engine_and_the_game_reach_the_same_markings_by_the_same_traces(
    engine: Engine, clock: Clock, seed: int
) -> None:
    random = Random(seed)
    diagram = _with_feature(random, WANTED[seed % len(WANTED)])
    walker = Walker(engine, clock, diagram, random)
    try:
        walker.walk()
        if whole := walker.is_whole() and walker.confluent:
            assert walker.reached == markings_of(walker.game)
    except Exception as broken:
        broken.add_note(f"{dict(diagram.lines)}, seed {seed}:\n" + "\n".join(walker.story))
        raise
    TALLY.update(diagram.features)
    TALLY.update(
        {"diagrams": 1, "commands": walker.commands, "markings": len(walker.reached), "whole": int(whole)}
    )


def test_the_graphs_of_many_diagrams_were_walked_whole_and_everything_occurred() -> None:
    """Runs after the others."""
    if TALLY["diagrams"] < DIAGRAMS or DIAGRAMS < 60:
        pytest.skip("the diagrams have not run")
    print(dict(TALLY))
    assert TALLY["whole"] > DIAGRAMS // 3
    assert TALLY["markings"] > 5 * DIAGRAMS
    assert set(WANTED) <= set(TALLY)


@pytest.mark.parametrize(
    ("line", "markings"),
    [
        ("( A | B )", {("a", "b"), ("a", "~b__join_1"), ("b", "~a__join_1"), ()}),
        ("( c: A | else: B ) > C", {("a",), ("b",), ("c",), ()}),
        ("A ^timer P1D ( B > ) > C", {("a",), ("b",), ("c",), ()}),
        ("A +timer P1D ( B )", {("a",), ("a", "b"), ("b",), ()}),
        ("{ S: A > @error e } ^error e ( B > )", {("s", "s/a"), ("b",), ()}),
        ("A each i in items in turn enough when c", {("a", "a[0]"), ("a", "a[1]"), ()}),
        ("A each i in items", {("a", "a[0]", "a[1]"), ("a", "a[0]"), ("a", "a[1]"), ()}),
    ],
)  # fmt: skip
def test_the_game_itself_knows_what_can_be_seen_at_once(line: str, markings: set[tuple[str, ...]]) -> None:
    game = TokenGame(draw(line), {"c": (False, True), "items": ([], ["x", "y"])})

    assert markings_of(game) == markings


def test_tokens_that_wait_on_one_way_count_singly_for_a_complex_gateway(engine: Engine, clock: Clock) -> None:
    line = "A +message m ( ( T | @task Note ) when 2 > B )"
    walker = Walker(engine, clock, RandomDiagram({"case": line}, {}, ("m",), frozenset()), Random(0))

    walker.walk()

    assert ("a", "b", "t", "t", "~note__enough_1") in walker.reached


@pytest.mark.parametrize(
    ("where", "name", "instead", "line"),
    [
        (joins, "_nothing_comes", lambda *_: True, "( a: A > C | b: B | true: )"),
        (ending, "_next_item", lambda *_: (), "A each i in items in turn"),
    ],
)
def test_an_engine_that_plays_otherwise_is_caught(
    engine: Engine,
    clock: Clock,
    monkeypatch: pytest.MonkeyPatch,
    where: Any,
    name: str,
    instead: Any,
    line: str,
) -> None:
    values: dict[str, tuple[Any, ...]] = {"ca": (False, True), "cb": (False, True), "citems": (["x", "y"],)}
    line = line.replace("a:", "ca:").replace("b:", "cb:").replace("items", "citems")
    monkeypatch.setattr(where, name, instead)
    walker = Walker(engine, clock, RandomDiagram({"case": line}, values, (), frozenset()), Random(0))

    with pytest.raises(AssertionError, match=r"the game"):
        walker.walk()
