"""Where a process can get stuck, told with the way there; compared with a token game that knows no tricks."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterator
from itertools import chain, combinations, pairwise

import pytest
from drawing import bpmn, draw, flow, node, process
from drawing_random import random_diagrams
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from caseloom.diagrams.model import Process, read_document
from caseloom.diagrams.reading import parse_xml
from caseloom.diagrams.soundness import ProblemKind, Soundness, Verdict, analyse

Problems = dict[ProblemKind, tuple[str, ...]]


def process_of(xml: bytes) -> Process:
    return read_document("a.bpmn", parse_xml("a.bpmn", xml)).processes[0]


def analysed(notation: str) -> Soundness:
    return analyse(process_of(draw(notation)))


def problems(soundness: Soundness) -> Problems:
    return {problem.kind: problem.element_ids for problem in soundness.problems}


def tangle(*parts: str) -> bytes:
    """A diagram of flows `a > b`; the first letter says what it is: xor, parallel, or, start, end, kill, task."""
    flows = [part.split(" > ") for part in parts]
    names = list(dict.fromkeys(chain.from_iterable(flows)))
    kinds = {"x": "exclusiveGateway", "p": "parallelGateway", "o": "inclusiveGateway", "s": "startEvent"}
    kinds |= {"e": "endEvent", "k": "endEvent"}
    nodes = [
        node(
            kinds.get(name[0], "userTask"),
            name,
            children=[node("terminateEventDefinition")] if name[0] == "k" else [],
        )
        for name in names
    ]
    return bpmn(process("case", *nodes, *(flow(source, target) for source, target in flows)))


@pytest.mark.parametrize(
    "notation",
    [
        "A > B > C",
        "( A | B > C ) > D",
        "[ x > 1: A | else: B ] > C",
        "( x > 1: A | y > 1: B | else: C ) > D",
        "A > B until done",
        "( A > ( B | C ) until done )",
        "{ S: ( A | B ) > C } ^timer P2D ( Late ) > D",
        "A +timer P2D ( Remind > Note ) > B",
        "( A +timer P2D ( Remind ) > B until done )",
        "A ^error ( Repair > ) > B",
        "[ @message m > A | @timer P1D > B ] > C",
        "Check each plot in plots > B",
        "( A > @end Done | B )",
        " > ".join(f"( A{n} | B{n} | C{n} | D{n} )" for n in range(30)),
        " > ".join(f"( a{n}: A{n} | b{n}: B{n} )" for n in range(30)),
        "( " + " | ".join(f"T{n} > U{n}" for n in range(40)) + " )",
    ],
)
def test_what_is_built_of_blocks_is_sound(notation):
    assert analysed(notation) == Soundness(Verdict.SOUND)


def test_a_parallel_join_after_a_decision_waits_for_ever():
    """s -> x -> (a | b) -> p -> e"""
    soundness = analyse(process_of(tangle("s > x", "x > a", "x > b", "a > p", "b > p", "p > e")))

    assert soundness.verdict is Verdict.UNSOUND
    assert problems(soundness) == {ProblemKind.DEADLOCK: ("p",)}
    assert soundness.problems[0].path == ("s", "s__x", "x", "x__a", "a", "a__p")
    assert soundness.stuck_scopes == ("case",)


def test_two_tokens_meet_where_parallel_paths_merely_merge():
    """s -> p -> (a | b) -> x -> c -> e"""
    soundness = analyse(process_of(tangle("s > p", "p > a", "p > b", "a > x", "b > x", "x > c", "c > e")))

    assert problems(soundness) == {ProblemKind.MEET: ("c",)}
    assert soundness.stuck_scopes == ()


def test_parallel_paths_may_come_to_the_same_end():
    soundness = analyse(process_of(tangle("s > p", "p > a", "p > b", "a > e", "b > e")))

    assert soundness == Soundness(Verdict.SOUND)


def test_a_loop_that_starts_work_beside_itself_is_found():
    """s -> x <- t <- p -> w -> e: each round leaves one more w"""
    soundness = analyse(
        process_of(tangle("s > x", "x > t", "t > p", "p > x1", "x1 > x", "x1 > e", "p > w", "w > e"))
    )

    assert ProblemKind.MEET in problems(soundness)


def test_work_behind_a_loop_may_end_in_several_ways_at_once():
    """The loop x0 -> p1 -> x2 -> x0 is left for good, so what p3 and t5 start beside one another runs once."""
    soundness = analyse(
        process_of(
            tangle(
                "s > x0", "x0 > p1", "p1 > x2", "x2 > x0", "x2 > p3", "p3 > x4", "p3 > e", "x4 > t5", "t5 > x6",
                "t5 > e", "x6 > e",
            )
        )
    )  # fmt: skip

    assert soundness == Soundness(Verdict.SOUND)


def test_a_loop_without_a_way_out_is_found():
    soundness = analyse(process_of(tangle("s > x1", "x1 > a", "a > e", "x1 > x2", "x2 > b", "b > x2")))

    assert problems(soundness) == {ProblemKind.NO_WAY_OUT: ("b",)}


def test_an_inclusive_join_waits_for_what_can_still_come():
    """A parallel split into an inclusive join, with an optional detour on one path."""
    soundness = analyse(
        process_of(
            tangle(
                "s > p", "p > a", "p > x1", "x1 > b", "x1 > x2", "b > x2", "a > o", "x2 > o", "o > c", "c > e"
            )
        )
    )

    assert soundness == Soundness(Verdict.SOUND)


def test_inclusive_joins_that_wait_for_each_other_are_a_deadlock():
    soundness = analyse(
        process_of(
            tangle(
                "s > p", "p > o1", "p > o2", "o1 > p1", "p1 > o2", "p1 > e1", "o2 > p2", "p2 > o1", "p2 > e2"
            )
        )
    )

    assert ProblemKind.DEADLOCK in problems(soundness) or ProblemKind.MEET in problems(soundness)


def test_an_end_that_cuts_work_off_is_said_but_sound():
    soundness = analysed("( A > @terminate | B )")

    assert soundness.verdict is Verdict.SOUND
    assert problems(soundness) == {ProblemKind.WORK_LEFT: ("terminate",)}


def test_the_end_that_cuts_work_off_is_named_and_not_the_choice_that_leads_there():
    soundness = analysed("( ( a: T1 | b: [ c: @terminate | else: T2 ] | else: T3 ) > T4 until d )")

    assert problems(soundness) == {ProblemKind.WORK_LEFT: ("terminate",)}


def test_a_sub_process_is_judged_by_itself():
    inner = node(
        "subProcess",
        "sub",
        children=[
            node("startEvent", "s2"),
            node("exclusiveGateway", "x"),
            node("userTask", "a"),
            node("userTask", "b"),
            node("parallelGateway", "p"),
            *(flow(*pair) for pair in (("s2", "x"), ("x", "a"), ("x", "b"), ("a", "p"), ("b", "p"))),
        ],
    )
    xml = bpmn(process("case", node("startEvent", "s"), inner, flow("s", "sub")))

    soundness = analyse(process_of(xml))

    assert problems(soundness) == {ProblemKind.DEADLOCK: ("p",)}
    assert soundness.stuck_scopes == ("sub",)


def test_a_token_that_leaves_by_a_boundary_event_does_not_come_to_the_join():
    soundness = analysed("( A ^timer P2D ( Late > @end Given up ) | B ) > C")

    assert problems(soundness) == {ProblemKind.DEADLOCK: ("join_1",)}


def test_a_link_leads_on_to_its_other_end():
    def link(tag: str, name: str):
        return node(tag, name, children=[node("linkEventDefinition", name="there")])

    ends = [link("intermediateThrowEvent", "leap"), link("intermediateCatchEvent", "land")]
    nodes = [node("startEvent", "s"), node("userTask", "a"), *ends]
    xml = bpmn(process("case", *nodes, flow("s", "leap"), flow("land", "a")))

    assert analyse(process_of(xml)) == Soundness(Verdict.SOUND)


def test_without_a_start_event_all_begins_that_nothing_leads_to():
    """a and b begin together and only merge: c runs twice."""
    soundness = analyse(process_of(tangle("a > c", "b > c")))

    assert problems(soundness) == {ProblemKind.MEET: ("c",)}


def test_an_event_sub_process_is_judged_by_itself():
    inside = [node("startEvent", "s2"), node("userTask", "a"), flow("s2", "a")]
    handler = node("subProcess", "handler", attributes={"triggeredByEvent": "true"}, children=inside)
    xml = bpmn(process("case", node("startEvent", "s"), node("userTask", "b"), flow("s", "b"), handler))

    assert analyse(process_of(xml)) == Soundness(Verdict.SOUND)


def test_what_cannot_be_explored_is_unknown_and_not_guessed():
    """Ten parallel loops that can be entered in two places, so that no rule makes them smaller."""
    loop = ("p > x0{n}", "x0{n} > x1{n}", "x0{n} > x2{n}", "x1{n} > a{n}", "a{n} > x2{n}", "x2{n} > b{n}")
    left = ("b{n} > x3{n}", "x3{n} > x1{n}", "x3{n} > p9")
    flows = [part.format(n=f"_{n}") for n in range(10) for part in (*loop, *left)]

    soundness = analyse(process_of(tangle("s > p", *flows, "p9 > e")))

    assert soundness.verdict is Verdict.UNKNOWN
    assert soundness.problems == ()
    assert "5,000" in (soundness.reason or "")


def test_two_thousand_steps_in_a_row_are_no_matter():
    assert analysed(" > ".join(f"T{n}" for n in range(2_000))).verdict is Verdict.SOUND


@given(random_diagrams(without={"implicit_merge", "non_interrupting", "terminate", "error", "complex"}))
@settings(deadline=None)
def test_random_block_structured_diagrams_are_sound(diagram):
    for one in read_document("a.bpmn", parse_xml("a.bpmn", diagram.xml)).processes:
        assert analyse(one) == Soundness(Verdict.SOUND)


# --- the token game, played flow by flow

Marking = frozenset[tuple[str, int]]


class Game:
    """All markings of a small diagram of tasks, gateways and ends, by the letter of BPMN 2.0.2, chapter 13.

    `met`: there were two tokens in one place that is no end. `twice`: they came to a task. `whole`: nothing was
    left out; where tokens heap up on a flow the game is given up.
    """

    def __init__(self, xml: bytes) -> None:
        self.scope = process_of(xml)
        self.stuck = False
        self.met = False
        self.twice = False
        self.endless = False
        self.whole = True
        self.play()

    def play(self) -> None:
        first = frozenset((f.id, 1) for f in self.scope.by_id["s"].outgoing)
        after: dict[Marking, set[Marking]] = {}
        waiting = deque([first])
        while waiting and self.whole:
            marking = waiting.popleft()
            if marking in after:
                continue
            after[marking] = {frozenset(then.items()) for then in self.steps(Counter(dict(marking)))}
            self.stuck |= bool(marking) and not after[marking]
            self.whole &= len(after) < 3_000
            waiting.extend(after[marking])
        self.endless = self.whole and not self.stuck and not self.all_can_end(after)

    def all_can_end(self, after: dict[Marking, set[Marking]]) -> bool:
        good = {frozenset[tuple[str, int]]()}
        while fresh := {one for one, then in after.items() if one not in good and then & good}:
            good |= fresh
        return set(after) <= good

    def steps(self, marking: Counter[str]) -> Iterator[Counter[str]]:
        for node_ in self.scope.nodes:
            arriving = {f.id for f in node_.incoming}
            for taken in self.taken(node_.tag, node_.id, arriving, marking):
                if node_.id.startswith("k"):
                    yield Counter()
                    continue
                for put in self.outcomes(node_.tag, [f.id for f in node_.outgoing]):
                    yield self.after(marking, taken, put)

    def after(self, marking: Counter[str], taken: set[str], put: frozenset[str]) -> Counter[str]:
        """Tokens vanish at an end; where one ends everything, others are of no account."""
        flows = {f.id: f for f in self.scope.flows}
        then = marking - Counter(taken)
        for flow_ in put:
            last = flows[flow_].target[0]
            if last != "e":
                self.met |= last != "k" and then[flow_] > 0
                then[flow_] = 1 if last == "k" else then[flow_] + 1
                self.whole &= then[flow_] < 4
        return then

    def taken(self, tag: str, name: str, arriving: set[str], marking: Counter[str]) -> list[set[str]]:
        there = arriving & set(marking)
        if tag == "parallelGateway":
            return [there] if there and there == arriving else []
        if tag == "inclusiveGateway":
            return (
                [there] if there and not self.can_still_come(name, arriving - there, there, marking) else []
            )
        if sum(marking[one] for one in there) > 1 and tag != "endEvent":
            self.met = True
            self.twice |= tag == "userTask"
        return [{one} for one in there]

    def can_still_come(self, name: str, empty: set[str], full: set[str], marking: Counter[str]) -> bool:
        return any(
            self.leads(token, empty, name) and not self.leads(token, full, name)
            for token in marking
            if token not in full
        )

    def leads(self, token: str, goals: set[str], name: str) -> bool:
        flows = {f.id: f for f in self.scope.flows}
        seen, waiting = {token}, [token]
        while waiting:
            at = waiting.pop()
            if at in goals:
                return True
            target = flows[at].target
            further = [f.id for f in self.scope.by_id[target].outgoing if target != name and f.id not in seen]
            seen.update(further)
            waiting.extend(further)
        return False

    def outcomes(self, tag: str, leaving: list[str]) -> list[frozenset[str]]:
        if tag == "exclusiveGateway":
            return [frozenset({one}) for one in leaving]
        if tag == "inclusiveGateway":
            sizes = range(1, len(leaving) + 1)
            return [frozenset(some) for size in sizes for some in combinations(leaving, size)]
        return [frozenset(leaving)]


@st.composite
def tangles(pick: st.DrawFn) -> bytes:
    """Gateways and tasks in a row with some flows more, to any place; nobody promises that they make sense."""
    kinds = pick(st.lists(st.sampled_from("xptxpto"), min_size=3, max_size=7))
    names = [f"{kind}{place}" for place, kind in enumerate(kinds)]
    row = ["s", *names, "e"]
    flows = [f"{source} > {target}" for source, target in pairwise(row)]
    for _ in range(pick(st.integers(1, 5))):
        source = pick(st.sampled_from(names))
        target = pick(st.sampled_from([*names, "e", "k"]))
        if source != target:
            flows.append(f"{source} > {target}")
    return tangle(*dict.fromkeys(flows))


@given(tangles())
@settings(deadline=None, max_examples=300)
def test_the_analysis_agrees_with_the_token_game(xml):
    """Beside inclusive gateways it may be too careful about what meets; it is never too careless."""
    game = Game(xml)
    assume(game.whole or game.twice or game.stuck)

    found = analyse(process_of(xml), bound=20_000)

    kinds = {problem.kind for problem in found.problems}
    if not game.met:
        assert (ProblemKind.DEADLOCK in kinds) is game.stuck
        assert ProblemKind.MEET not in kinds or b"inclusiveGateway" in xml
        assert game.stuck or (ProblemKind.NO_WAY_OUT in kinds) is game.endless
    if game.twice or game.stuck or game.endless:
        assert found.verdict is not Verdict.SOUND


@pytest.mark.parametrize(
    "flows",
    [
        "s > x0, x0 > p1, p1 > o2, o2 > x3, x3 > t4, t4 > e, x3 > o2, p1 > x3",
        "s > t0, t0 > o1, o1 > p2, p2 > o3, o3 > x4, x4 > e, x4 > o1, x4 > o3, o3 > t0",
        "s > x0, x0 > x1, x1 > p2, p2 > x3, x3 > t4, t4 > o5, o5 > t6, t6 > e, p2 > x0, t6 > k, x3 > k, x0 > t6",
    ],
)
def test_work_that_an_inclusive_join_does_not_wait_for_may_meet_itself(flows):
    found = analyse(process_of(tangle(*flows.split(", "))))

    assert found.verdict is Verdict.UNSOUND
    assert ProblemKind.MEET in problems(found)


def test_a_task_before_an_end_in_an_inclusive_block_of_a_loop_may_meet_itself():
    """The join does not wait for T2, which ends by itself, and the next round may come to it again."""
    found = analysed("( ( a: T1 | b: [ c: T2 > @end Away | else: T3 ] | else: T4 ) > T5 until d )")

    assert problems(found) == {ProblemKind.MEET: ("t2",)}
    assert found.problems[0].path.count("t2") == 2


@pytest.mark.parametrize(
    "notation",
    [
        "( ( a: T1 | b: [ c: @terminate | else: T2 ] | else: T3 ) > T4 until d )",
        "( ( true: | b: [ c: T2 > [ d: @terminate | else: T3 ] | else: T4 ] | e: T5 ) > T6 until f )",
        "( [ a: T1 | else: T2 ] > ( true: | b: [ c: @terminate | else: T3 ] ) > T4 until d ) > T5",
        "( A > @terminate | B > @terminate )",
    ],
)
def test_tokens_may_meet_where_the_first_one_ends_everything(notation):
    found = analysed(notation)

    assert found.verdict is Verdict.SOUND
    assert set(problems(found)) == {ProblemKind.WORK_LEFT}
