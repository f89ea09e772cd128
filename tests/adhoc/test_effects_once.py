"""I8: each effect is executed once per occurrence, each is put right at most once, in reverse causal order.

The world outside keeps a journal of its own: what it was asked to do, and to take back. Cases are played at random over
diagrams whose services all have a counter-step.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from drawing import draw
from hypothesis import event, given, settings
from hypothesis import strategies as st
from playing import leftovers, live, marking, rebuilt, tasks

from caseloom.adhoc import Revisit, Undo, options
from caseloom.engine import Case, Complete, Engine, Job
from caseloom.engine.results import Status

LINES = (
    "A > !act One > B > !act Two > C",
    "( A > !act One > B | C > !act Two > D ) > !act Three > E",
    "{ Sub: A > !act One > ( B | C > !act Two ) } > D > !act Three > E",
    "A > ( B > !act One > C until done ) > D",
    "R > ( a: A > !act One | b: B > !act Two | else: C ) > D > !act Three > E",
    "A > !act One each n in names > B > !act Two > C",
    "A > { Hear: !act One > B } each n in names > C > !act Two > D",
)
DATA = {"done": True, "a": True, "b": True, "names": ["N1", "N2"]}
REMEDY = {"caseloom:compensation": "take-back"}


@dataclass
class World:
    """The connectors, and their journal: (what, number of the effect, idempotency key)."""

    done: list[tuple[str, int, str]] = field(default_factory=list)

    def connect(self, engine: Engine) -> None:
        engine.service("act")(self.act)
        engine.service("take-back")(self.take_back)

    def act(self, job: Job) -> dict[str, int]:
        self.done.append(("act", len(self.done), job.idempotency_key))
        return {"receipt": len(self.done) - 1}

    def take_back(self, job: Job) -> None:
        """It is told what was done: the receipt stands in the data of the activity's completion."""
        self.done.append(("take-back", job.data["receipt"], job.idempotency_key))


def begun(engine: Engine, line: str) -> Case:
    steps = {name: REMEDY for name in ("one", "two", "three") if name.title() in line}
    engine.deploy(("drawn.bpmn", draw(line, attributes=steps)))
    return engine.start("case", DATA)


def go_back(engine: Engine, case: Case, data: st.DataObject) -> None:
    targets = options(engine, case.id).revisit
    if not targets:
        return
    target = data.draw(st.sampled_from(targets), label="back to")
    seen = engine.preview(case.id, Revisit(target.id, reason="wrong"))
    answers = {
        effect.id: data.draw(st.sampled_from(["compensate", "compensate", "note", "keep"]), label="answer")
        for effect in seen.effects
    }
    engine.do(case.id, Revisit(target.id, reason="wrong", effects=answers))
    if answers:
        event(f"effects that fall: {min(len(answers), 3)}")


def take_back(engine: Engine, case: Case) -> None:
    for change in options(engine, case.id).undo[:1]:
        engine.do(case.id, Undo(change.id))


def play(engine: Engine, case: Case, data: st.DataObject) -> None:
    for _ in range(data.draw(st.integers(4, 14), label="moves")):
        move = data.draw(st.sampled_from(["work", "work", "back", "undo"]), label="move")
        if move == "work" and (waiting := tasks(engine, case)):
            engine.do(case.id, Complete(data.draw(st.sampled_from(waiting)).id))
        elif move == "back":
            go_back(engine, case, data)
        elif move == "undo":
            take_back(engine, case)
    for _ in range(60):
        if not (waiting := tasks(engine, case)):
            break
        engine.do(case.id, Complete(waiting[0].id))


def caused(engine: Engine, case: Case) -> dict[str, set[str]]:
    """For each occurrence that did something, by key: the keys of all that it came of."""
    facts = {fact["id"]: fact for entry in engine.history(case.id) for fact in entry.facts}
    before: dict[int, set[int]] = {}
    for number, fact in facts.items():
        before[number] = set(fact["causes"]).union(*(before.get(cause, set()) for cause in fact["causes"]))
    keys = {entry.occurrence.id: entry.idempotency_key for entry in engine.effects(case.id)}
    ends = {
        number: keys[fact["occurrence_id"]]
        for number, fact in facts.items()
        if fact["kind"] == "end" and fact["occurrence_id"] in keys
    }
    return {key: {ends[one] for one in before[number] if one in ends} for number, key in ends.items()}


@given(data=st.data())
@settings(max_examples=25, deadline=None)
def test_i8_each_effect_happens_once_and_is_put_right_once_the_last_first(data: Any) -> None:
    with Engine("sqlite://") as engine:
        world = World()
        world.connect(engine)
        case = begun(engine, data.draw(st.sampled_from(LINES), label="line"))

        play(engine, case, data)

        assert engine.case(case.id).status is Status.COMPLETED
        assert leftovers(live(engine, case.id)) == []
        assert marking(rebuilt(engine, case.id)) == marking(live(engine, case.id))
        check(world, engine, case)


def check(world: World, engine: Engine, case: Case) -> None:
    keys = Counter(key for _, _, key in world.done)
    assert max(keys.values(), default=1) == 1, "no key is used twice"
    receipts = [number for what, number, _ in world.done if what == "take-back"]
    assert len(receipts) == len(set(receipts)), "nothing is put right twice"
    states = Counter(str(entry.state) for entry in engine.effects(case.id))
    assert states["compensated"] == len(receipts)
    assert states["compensating"] == 0
    by_receipt = {number: key for what, number, key in world.done if what == "act"}
    order = [by_receipt[number] for number in receipts]
    came_of = caused(engine, case)
    for place, key in enumerate(order):
        assert came_of[key].isdisjoint(order[:place]), "what came of something is put right before it"
    if receipts:
        event(f"put right: {min(len(receipts), 3)}")
