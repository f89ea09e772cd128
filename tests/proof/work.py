"""Random work on a random case, and all that must hold after each step of it.

`Worker` plays one case: it completes tasks, lets messages come and time pass, and bends the case by whatever
`options` lists. After each step `check` compares the case with its journal, its rows, its snapshot and the
independent simulator.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from random import Random
from typing import Any

from drawing_random import RandomDiagram
from playing import (
    Clock,
    last_change,
    leftovers,
    live,
    marking,
    rebuilt,
    reloaded,
    standing,
    thawed,
    workable,
)
from simulator import Simulator

from caseloom.adhoc import Decide, Insert, Options, Revisit, Skip, Undo, options
from caseloom.engine import Assign, Case, Complete, Engine, Retry, SaveDraft, SetData
from caseloom.engine import facts as fact_rules
from caseloom.engine.commands import Command
from caseloom.engine.facts import Fact, Kind
from caseloom.engine.flow.instance import Instance
from caseloom.engine.flow.run import Run
from caseloom.engine.flow.tokens import Token
from caseloom.engine.live import row
from caseloom.engine.results import Status, Task

MOST_STEPS = 500
MOST_CHANGES = 10


@dataclass
class Mix:
    """What the random cases consisted of, so that nobody proves something about nothing."""

    done: Counter[str] = field(default_factory=Counter)
    features: Counter[str] = field(default_factory=Counter)
    cones: list[int] = field(default_factory=list)

    def told(self) -> str:
        cones = sorted(self.cones)
        middle = cones[len(cones) // 2] if cones else 0

        return (
            f"steps: {dict(sorted(self.done.items()))}\n"
            f"features: {dict(sorted(self.features.items()))}\n"
            f"cones: {len(cones)}, middle {middle}, largest {cones[-1] if cones else 0}"
        )


@dataclass
class Worker:
    engine: Engine
    clock: Clock
    diagram: RandomDiagram
    random: Random
    mix: Mix
    case: Case = field(init=False)
    bent: int = 0

    def begin(self) -> None:
        deployed = self.engine.deploy(("random.bpmn", self.diagram.xml))
        self.keys = {one.id: one.key for one in deployed.definitions}
        self.case = self.engine.start("case", data=self.diagram.start_data)
        self.mix.features.update(self.diagram.features)

    @property
    def instance(self) -> Instance:
        return live(self.engine, self.case.id)

    @property
    def running(self) -> bool:
        return self.instance.status is Status.RUNNING

    def one_of(self, things: Any) -> Any:
        return self.random.choice(list(things))

    # -- plain work ------------------------------------------------------------------------------------------

    def step(self, *, at_random: bool = True) -> None:
        """One ordinary thing that may happen now."""
        doable = self.doable()
        assert doable, f"nothing can happen any more: {leftovers(self.instance)}"
        kind, what = self.one_of(doable) if at_random else doable[0]
        self.mix.done[kind] += 1
        what(self.values() if at_random else self.diagram.start_data)

    def doable(self) -> list[tuple[str, Callable[[Mapping[str, Any]], Any]]]:
        instance = self.instance
        found: list[tuple[str, Callable[[Mapping[str, Any]], Any]]] = [
            ("complete", self._completing(one)) for one in workable(instance)
        ]
        found += [
            ("message", self._sending(name)) for name in self.diagram.messages if _waits(instance, name)
        ]
        if self.engine.next_due() is not None:
            found.append(("timer", self._let_time_pass))
        found += [("retry", self._mending(number)) for number in instance.troubles]

        return found

    def _completing(self, one: Any) -> Callable[[Mapping[str, Any]], Any]:
        id = f"{self.case.id}-{one.started}"
        return lambda data: self.engine.do(self.case.id, Complete(id, data=data), by="bo")

    def _sending(self, name: str) -> Callable[[Mapping[str, Any]], Any]:
        return lambda data: self.engine.message(name, case_id=self.case.id)

    def _let_time_pass(self, data: Mapping[str, Any]) -> None:
        due = self.engine.next_due()
        assert due is not None
        self.clock.now = max(self.clock.now, due)
        assert self.engine.run_due() > 0

    def _mending(self, number: int) -> Callable[[Mapping[str, Any]], Any]:
        id = f"{self.case.id}-i{number}"
        return lambda data: self.engine.do(self.case.id, Retry(id, data=self.diagram.start_data))

    def touch(self) -> None:
        """Something small that people do meanwhile: it moves no token."""
        people = [self._claiming, self._drafting] if workable(self.instance) else []
        self.one_of([self._correcting, *people])()
        self.mix.done["touch"] += 1

    def _some_task(self) -> str:
        return f"{self.case.id}-{self.one_of(workable(self.instance)).started}"

    def _claiming(self) -> None:
        self.engine.do(self.case.id, Assign(self._some_task(), self.one_of(["anna", "bo", None])))

    def _drafting(self) -> None:
        self.engine.do(
            self.case.id, SaveDraft(self._some_task(), self.values()), by=self.one_of(["anna", "bo"])
        )

    def _correcting(self) -> None:
        self.engine.do(self.case.id, SetData(self.values()))

    def values(self) -> dict[str, Any]:
        """Some of what conditions read, at random."""
        names = sorted(self.diagram.values)
        chosen = [name for name in names if name[0] == "c" and self.random.random() < 0.3]

        return {name: self.one_of(self.diagram.values[name]) for name in chosen}

    def play(self) -> None:
        """A whole case, bent up to ten times."""
        self.begin()
        self.check()
        for _ in range(self.random.randint(3, 30)):
            if self.running and self.random.random() < 0.15:
                self.touch()
            elif self.running and self.random.random() < 0.6:
                self.step()
            elif self.bent < MOST_CHANGES:
                self.bend()
            self.check()
        self.finish()

    def finish(self) -> None:
        """Everything that is still to be done, with the values that lead out of every loop."""
        for _ in range(MOST_STEPS):
            if not self.running:
                break
            self.step(at_random=False)
        assert self.instance.status is Status.COMPLETED, leftovers(self.instance)
        self.check()
        self.check_end()

    # -- bending ---------------------------------------------------------------------------------------------

    def bend(self) -> None:
        """One change of those that are listed; it must be accepted, and come out as its preview said."""
        kind, command = self.change()
        if command is None:
            return
        before = standing(self.engine, self.case.id)
        tasks = {one.id: one for one in self.tasks()}
        shown = self.engine.preview(self.case.id, command)
        assert shown.refusal is None, (command, shown.refusal)
        self.engine.do(self.case.id, command, preview=shown.token)
        self.mix.done[kind] += 1
        self.bent += 1
        self._check_shown(tasks, shown)
        if kind == "revisit":
            self._check_independence(tasks)
        if not isinstance(command, Undo) and self.random.random() < 0.2:
            self._take_back(before)

    def change(self) -> tuple[str, Command | None]:
        found = options(self.engine, self.case.id)
        kinds = [kind for kind in ("skip", "revisit", "insert", "undo", "decide") if getattr(found, kind)]
        if not kinds:
            return "", None
        # A decision is seldom possible, so half of the chances to make one are taken.
        kind = "decide" if found.decide and self.random.random() < 0.5 else self.one_of(kinds)

        return kind, getattr(self, f"_{kind}")(found)

    def _skip(self, found: Options) -> Command:
        target = self.one_of(found.skip)
        if target.occurrence_id is not None:
            return Skip(target.id, reason="random", data=self.values())
        # Skipping the only task of a loop for good makes the loop run for ever: legal, and an incident.
        when = "next" if "loop" in self.diagram.features else self.one_of(["next", "every"])
        return Skip(target.id, reason="random", when=when, data=self.values())

    def _revisit(self, found: Options) -> Command:
        return Revisit(
            self.one_of(found.revisit).id,
            reason="random",
            data_policy=self.one_of(
                ["keep", "revert", "clear"] if not self.diagram.values else ["keep", "revert"]
            ),
            reuse=self.one_of([None, "manual", "unchanged", "never"]),
        )

    def _insert(self, found: Options) -> Command:
        anchor = self.one_of(found.insert)
        place: dict[str, Any] = {} if anchor.kind == "case" else {anchor.kind: anchor.id}
        place["blocking"] = self.one_of([True, True, False])
        place["repeat"] = self.one_of(["once", "once", "every"])
        number = self.random.randint(1, 3)
        if number == 1:
            return Insert("Extra", **place)
        rule = self.one_of(["all", "any", "in-turn", number - 1])
        return Insert.many([Insert(f"Extra {at}") for at in range(number)], rule=rule, **place)

    def _undo(self, found: Options) -> Command:
        return Undo(self.one_of(found.undo).id)

    def _decide(self, found: Options) -> Command:
        target = self.one_of(found.decide)
        flows = self.engine.look(self.case.id).node(target.id).flows
        return Decide(target.id, [self.one_of(flows).id], reason="random")

    def _take_back(self, before: Mapping[str, Any]) -> None:
        """I9: a change and its undo leave all as it was."""
        change = last_change(self.engine, self.case)
        if change not in [one.id for one in options(self.engine, self.case.id).undo]:
            return
        self.engine.do(self.case.id, Undo(change))
        self.mix.done["take back"] += 1
        assert standing(self.engine, self.case.id) == before

    # -- what must hold --------------------------------------------------------------------------------------

    def tasks(self) -> list[Task]:
        return self.engine.tasks(case_id=self.case.id, held=True, limit=None)

    def facts(self) -> list[Fact]:
        with self.engine.database.read() as reader:
            return [fact for entry in reader.entries(self.case.id) for fact in row(entry).facts]

    def effective(self) -> list[Fact]:
        facts = self.facts()

        return fact_rules.effective(facts, fact_rules.superseded(facts))

    def check(self) -> None:
        facts = self.effective()
        self._check_one_state()
        self._check_simulated(facts)
        self._check_rows()
        if not self.diagram.features & {"call", "repeat"}:
            self._check_values(facts)

    def _check_one_state(self) -> None:
        """I16: memory, snapshot, journal and a fresh load give the same case, and nothing is left to decide."""
        instance = self.instance
        state = marking(instance)
        assert marking(thawed(instance)) == state
        again = rebuilt(self.engine, self.case.id)
        assert marking(again) == state
        assert again.next_id == instance.next_id
        more = Run(again, self.engine.look(self.case.id).world, self.clock.now)
        more.advance()
        assert more.facts == []
        assert marking(reloaded(self.engine, self.case.id)) == state

    def _check_simulated(self, facts: list[Fact]) -> None:
        """I2, I3, I14: what counts is a plain run of the unchanged diagram, and leads to the live marking."""
        simulator = Simulator(self.diagram.xml, self.keys)
        simulator.play(facts)
        instance = self.instance
        waiting = [
            (token.scope.path, str(token.id[0]), str(token.id[1]))
            for token in instance.get_tasks()
            if not token.occurrence
        ]
        opened = [address for address, one in instance.open.items() if isinstance(one, Token)]
        assert simulator.tokens() == sorted(waiting)
        assert simulator.open() == sorted(opened)
        if not self.diagram.features & {"implicit_merge", "non_interrupting"}:
            assert simulator.most_at_once <= 1

    def _check_rows(self) -> None:
        """I4: every wait has all of its own rows, and no row is without its wait."""
        instance, id = self.instance, self.case.id
        with self.engine.database.read() as reader:
            tasks = {one.id: one.held for one in reader.tasks(case_id=id, held=True, limit=None)}
            jobs = {one.id: one.due_at for one in reader.jobs(case_id=id)}
            waits = {one.id for one in reader.subscriptions(id)}
            incidents = {one.id for one in reader.incidents(case_id=id)}
        people = {
            f"{id}-{one.started}": bool(one.held)
            for one in instance.open.values()
            if not isinstance(one, Token) or (one.node.inbox and "items" not in one.outcome)
        }
        tokens = [one for one in instance.open.values() if isinstance(one, Token)]
        timers = {
            f"{id}-{one.started}.{name}": due[0]
            for one in tokens
            for name, due in one.timers.items()
            if one.hears(name)
        }
        messages = {
            f"{id}-{one.started}.{name}" for one in tokens for name in one.outcome.get("messages", ())
        }
        assert tasks == people
        assert jobs == timers
        assert waits == messages
        assert incidents == {f"{id}-i{number}" for number in instance.troubles}

    def _check_values(self, facts: list[Fact]) -> None:
        """I7: a variable has what the last fact that counts has written."""
        file: dict[str, Any] = {}
        for fact in facts:
            file.update(dict(fact.writes))
            outcome = fact.outcome or {}
            if fact.kind == Kind.REVISIT:
                file.update({name: value for path, name, value in outcome.get("kept", ()) if not path})
                for path, name in outcome.get("cleared", ()):
                    if not path:
                        file.pop(name, None)
        assert self.engine.case(self.case.id).data == file

    def _check_shown(self, before: Mapping[str, Task], shown: Any) -> None:
        """I10: what was shown is what came."""
        after = {one.id: one for one in self.tasks()}
        opened = sorted(one.name for one in shown.opened if one.task_id)
        assert opened == sorted(
            one.name for id, one in after.items() if id not in before and id not in _ids(shown.restored)
        )
        assert _ids(shown.withdrawn) == {id for id in before if id not in after} - self._ended_just_now()
        assert _ids(shown.restored) <= set(after)

    def _last_facts(self) -> list[Fact]:
        with self.engine.database.read() as reader:
            return list(row(reader.entries(self.case.id)[-1]).facts)

    def _ended_just_now(self) -> set[str]:
        addresses = {
            address
            for fact in self._last_facts()
            if fact.kind in (Kind.END, Kind.SKIP)
            for address in fact.takes
        }
        return {
            f"{self.case.id}-{fact.id}"
            for fact in self.facts()
            if fact.kind == Kind.START and fact.occurrence in addresses
        }

    def _check_independence(self, before: Mapping[str, Task]) -> None:
        """I6: a task outside the cone is the very same task, unless what ran automatically has closed its scope."""
        made = self._last_facts()
        revisited = next(fact for fact in made if fact.kind == Kind.REVISIT)
        cone = fact_rules.unpack((revisited.outcome or {})["superseded"])
        self.mix.cones.append(len(cone))
        if any(fact.closes is not None or fact.kind in (Kind.ROUND, Kind.RELEASE) for fact in made):
            return
        after = {one.id: one for one in self.tasks()}
        for id, one in before.items():
            if int(id.rpartition("-")[2]) not in cone:
                assert replace(after[id], held=one.held) == one

    def check_end(self) -> None:
        """I1: nothing is left, and the case has ended once."""
        assert leftovers(self.instance) == []
        assert self.tasks() == []
        facts = self.effective()
        assert [fact.kind for fact in facts].count(Kind.DONE) == 1
        assert facts[-1].kind in (Kind.DONE, Kind.UNDO, Kind.REVISIT)


def _waits(instance: Instance, name: str) -> bool:
    return any(
        wanted == name and one.hears(element)
        for one in instance.open.values()
        if isinstance(one, Token)
        for element, (wanted, _) in one.outcome.get("messages", {}).items()
    )


def _ids(refs: Any) -> set[str]:
    return {one.task_id for one in refs if one.task_id}


__all__ = ["Mix", "Worker"]
