"""Laws that tie operations together: skipping is completing, twice is once, the larger revisit holds the smaller."""

from __future__ import annotations

from random import Random
from typing import Any

from drawing import draw
from drawing_random import RandomDiagram, random_diagrams
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from playing import live, marking, workable
from work import Clock, Tally, Worker

from caseloom.adhoc import Insert, Revisit, Skip, options
from caseloom.engine import Complete, Engine, Person
from caseloom.engine.errors import CaseloomError
from caseloom.engine.facts import Kind, cone, place
from caseloom.engine.flow.instance import Instance
from caseloom.engine.flow.tokens import Token, Work

few = settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
# What was skipped need not be put right later: there a skip is no completion.
models = st.integers(4, 12).flatmap(lambda size: random_diagrams(size=size, without={"compensation"}))
# Without what depends on who is first: half of several branches, something shared, an event that ends work.
RACES = {"complex", "signal", "catch", "handler", "escalation", "compensation", "service"}
orderly = st.integers(4, 12).flatmap(lambda size: random_diagrams(size=size, without=RACES))
seeds = st.integers(0, 2**32)


def worked(engine: Engine, clock: Clock, diagram: RandomDiagram, seed: int) -> Worker:
    """A case after some random work; the same seed gives the same case."""
    worker = Worker(engine, clock, diagram, Random(seed), Tally())
    worker.begin()
    for _ in range(worker.random.randint(1, 8)):
        if worker.running:
            worker.step()

    return worker


def shape(instance: Instance) -> Any:
    """What is open and where tokens wait, without the numbers of the occurrences; and the case file."""
    opened = sorted(place(address) for address, one in instance.open.items() if isinstance(one, Token))
    waiting = sorted(
        (place(token.scope.path), token.node.name) for token in instance.get_tasks() if not token.occurrence
    )

    return opened, waiting, dict(instance.file.maps[0])


def told(worker: Worker) -> str:
    """The working state; definitions are named by their keys, for their ids differ between databases."""
    text = str(marking(worker.instance))
    for id, key in worker.keys.items():
        text = text.replace(id, key)

    return text


@few
@given(models, seeds)
def test_i13_skipping_with_an_answer_comes_to_the_same_as_completing_with_it(
    diagram: RandomDiagram, seed: int
) -> None:
    clocks = Clock(), Clock()
    with Engine("sqlite://", clock=clocks[0]) as one, Engine("sqlite://", clock=clocks[1]) as other:
        skipping, completing = worked(one, clocks[0], diagram, seed), worked(other, clocks[1], diagram, seed)
        open_now = [task.started for task in workable(skipping.instance)]
        if not open_now:
            return
        number = skipping.random.choice(open_now)
        data = skipping.scene.answer(skipping.random)

        one.do(skipping.case_id, Skip(f"{skipping.case_id}-{number}", reason="law", data=data))
        other.do(completing.case_id, Complete(f"{completing.case_id}-{number}", data=data))

        assert told(skipping) == told(completing)
        skipping.check()


@few
@given(models, seeds)
def test_revisiting_the_same_step_twice_comes_to_the_same_as_once(diagram: RandomDiagram, seed: int) -> None:
    clock = Clock()
    with Engine("sqlite://", clock=clock) as engine:
        worker = worked(engine, clock, diagram, seed)
        targets = options(engine, worker.case_id).revisit
        if not targets:
            return

        engine.do(worker.case_id, again(worker.random.choice(targets).id))
        once = shape(worker.instance)
        made = worker.last_facts()
        at, revisited = next((at, fact) for at, fact in enumerate(made) if fact.kind == Kind.REVISIT)
        begun = [fact for fact in made[at + 1 :] if fact.kind in (Kind.START, Kind.PASS)]
        new = next((fact for fact in begun if fact.element == revisited.element), None)
        if new is None:
            return  # what set it off is awaited again
        engine.do(worker.case_id, again(f"{worker.case_id}-{new.id}"))

        assert shape(worker.instance) == once
        worker.finish()


@few
@given(models, seeds)
def test_a_revisit_holds_every_revisit_of_what_came_of_its_target(diagram: RandomDiagram, seed: int) -> None:
    clocks = Clock(), Clock()
    with Engine("sqlite://", clock=clocks[0]) as one, Engine("sqlite://", clock=clocks[1]) as other:
        both, single = worked(one, clocks[0], diagram, seed), worked(other, clocks[1], diagram, seed)
        numbers = [int(target.id.rpartition("-")[2]) for target in options(one, both.case_id).revisit]
        facts = both.effective()
        pairs = [
            (early, late)
            for early in numbers
            for late in numbers
            if late != early and late in cone(facts, [early])
        ]
        if not pairs:
            return
        early, late = both.random.choice(pairs)

        one.do(both.case_id, again(f"{both.case_id}-{late}"))
        one.do(both.case_id, again(f"{both.case_id}-{early}"))
        other.do(single.case_id, again(f"{single.case_id}-{early}"))

        assert shape(live(one, both.case_id)) == shape(live(other, single.case_id))
        both.finish()


@few
@given(orderly, seeds)
def test_i14_i15_a_gate_changes_when_something_happens_and_nothing_else(
    diagram: RandomDiagram, seed: int
) -> None:
    """Inserted work that is done at once: erasing it gives the very same run (I14, I15)."""
    clocks = Clock(), Clock()
    with Engine("sqlite://", clock=clocks[0]) as one, Engine("sqlite://", clock=clocks[1]) as other:
        gated, plain = worked(one, clocks[0], diagram, seed), worked(other, clocks[1], diagram, seed)
        if not gated.running:
            return
        for _ in range(3):
            one.do(gated.case_id, a_gate(gated))
            do_what_was_inserted(gated)

        choices = Random(seed)
        for _ in range(30):
            addresses = drawn_tasks(plain)
            assert drawn_tasks(gated) == addresses
            if not addresses:
                break
            address, data = choices.choice(addresses), some_values(diagram, choices)
            for worker in (gated, plain):
                number = worker.instance.open[address].started
                worker.engine.do(worker.case_id, Complete(f"{worker.case_id}-{number}", data=data))
                do_what_was_inserted(worker)

        assert run_of(gated) == run_of(plain)
        assert shape(gated.instance) == shape(plain.instance)
        gated.check()


@few
@given(orderly, seeds)
def test_i12_changes_that_do_not_touch_each_other_come_to_the_same_in_either_order(
    diagram: RandomDiagram, seed: int
) -> None:
    clocks = Clock(), Clock()
    with Engine("sqlite://", clock=clocks[0]) as one, Engine("sqlite://", clock=clocks[1]) as other:
        first, second = worked(one, clocks[0], diagram, seed), worked(other, clocks[1], diagram, seed)
        numbers = [one.started for one in workable(first.instance) if getattr(one, "number", None) is None]
        if len(numbers) < 2:
            return
        facts = first.effective()
        a, b = first.random.sample(numbers, 2)
        if cone(facts, [a]) & cone(facts, [b]):
            return

        for worker, order in ((first, (a, b)), (second, (b, a))):
            for number in order:
                gate = Insert("Gate", after=f"{worker.case_id}-{number}")
                worker.engine.do(worker.case_id, gate)

        assert shape(first.instance) == shape(second.instance)
        assert len(first.tasks()) == len(second.tasks())


def test_i17_what_was_accepted_was_allowed() -> None:
    people = {"anna": Person("anna", ["clerks"]), "dora": Person("dora", ["managers"])}
    line = (
        "A <groups=clerks skip=managers revisit=managers> > B <groups=clerks skip=clerks insert=managers> > C"
    )
    with Engine("sqlite://", people=people.get) as engine:
        engine.deploy(("case.bpmn", draw(line)))
        for seed in range(30):
            random, case = Random(seed), engine.start("case", by="dora")
            for _ in range(6):
                by = random.choice(sorted(people))
                command, allowed = random.choice(asked(by))
                try:
                    engine.do(case.id, command, by=by)
                except CaseloomError:
                    continue
                assert allowed, f"{by} was let do {command}"


def asked(by: str) -> list[tuple[Any, bool]]:
    """What somebody may want, and whether the diagram lets them."""
    clerk, manager = by == "anna", by == "dora"
    return [
        (Skip("a", reason="r"), manager),
        (Skip("b", reason="r"), clerk),
        (Revisit("a", reason="r"), manager),
        (Insert("I", before="b", reason="r"), manager),
    ]


def a_gate(worker: Worker) -> Insert:
    anchor = worker.random.choice(options(worker.engine, worker.case_id).insert)
    place: dict[str, Any] = {} if anchor.kind == "case" else {anchor.kind: anchor.id}
    return Insert("Gate", repeat=worker.random.choice(["once", "every"]), **place)


def do_what_was_inserted(worker: Worker) -> None:
    while works := [one for one in worker.instance.open.values() if isinstance(one, Work)]:
        worker.engine.do(worker.case_id, Complete(f"{worker.case_id}-{works[0].started}"))


def drawn_tasks(worker: Worker) -> list[str]:
    return sorted(one.occurrence or "" for one in workable(worker.instance) if isinstance(one, Token))


def some_values(diagram: RandomDiagram, choices: Random) -> dict[str, Any]:
    names = [name for name in sorted(diagram.values) if name[0] == "c" and choices.random() < 0.3]

    return {name: choices.choice(diagram.values[name]) for name in names}


def run_of(worker: Worker) -> list[tuple[str, str, str]]:
    """All that happened in the diagram, in no order."""
    moves = (Kind.BEGIN, Kind.PASS, Kind.START, Kind.END, Kind.BOUNDARY, Kind.DONE)

    return sorted(
        (str(fact.kind), fact.element, fact.occurrence)
        for fact in worker.effective()
        if fact.kind in moves and (fact.element or fact.kind == Kind.DONE)
    )


def again(target: str) -> Revisit:
    return Revisit(target, reason="law", data_policy="revert", reuse="never", effects="note")
