"""One case, played at random: ordinary steps, changes outside the diagram, and after each of them the laws.

Everything that happens is told in `story`, so that a failure can be read and, with its seed, played again.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, field, fields, is_dataclass, replace
from datetime import UTC, datetime
from random import Random
from typing import Any

from caseloom.adhoc.decision import Decide
from caseloom.adhoc.effects import COMPENSATE, CORRECT
from caseloom.adhoc.options import options
from caseloom.adhoc.testing import laws, steps
from caseloom.adhoc.testing.laws import Law
from caseloom.adhoc.testing.operations import EVERY, Maker
from caseloom.adhoc.testing.scene import Scene
from caseloom.adhoc.testing.states import live, standing
from caseloom.adhoc.testing.tally import Tally
from caseloom.adhoc.undo import Undo
from caseloom.engine import Case, Engine
from caseloom.engine import facts as fact_rules
from caseloom.engine.commands import Command, SetData
from caseloom.engine.errors import CaseloomError, ExpressionError
from caseloom.engine.facts import Fact
from caseloom.engine.flow.instance import Instance
from caseloom.engine.flow.tokens import Token, Work
from caseloom.engine.live import Row, row
from caseloom.engine.projection import human
from caseloom.engine.results import Preview, Status, Task

MOST_STEPS = 300
MOST_CHANGES = 10
MOST_LINES = 80
_FROM_OUTSIDE = frozenset({"message", "signal"})  # one of them could be sent for ever


@dataclass
class Clock:
    """Stands still until a step lets time pass."""

    now: datetime = field(default_factory=lambda: datetime(2026, 3, 2, 12, tzinfo=UTC))

    def __call__(self) -> datetime:
        return self.now


@dataclass
class Play:
    """`operations` are the changes that are made, by their names in `operations.EVERY`."""

    engine: Engine
    clock: Clock
    scene: Scene
    random: Random
    _: KW_ONLY
    tally: Tally = field(default_factory=Tally)
    operations: Mapping[str, Maker] = field(default_factory=lambda: dict(EVERY))
    more_laws: Sequence[Law] = ()
    case_id: str = ""
    story: list[str] = field(default_factory=list)
    ledger: Counter[str] = field(default_factory=Counter)
    journal: list[Any] = field(default_factory=list)
    bent: int = 0
    _rows: list[Row] = field(default_factory=list)

    # -- what is there -------------------------------------------------------------------------------

    @property
    def instance(self) -> Instance:
        return live(self.engine, self.case_id)

    @property
    def running(self) -> bool:
        return self.instance.status is Status.RUNNING

    @property
    def ran_away(self) -> bool:
        """Did it come into a loop without a wait? Then a person has to say how it goes on."""
        return self.instance.stopped is not None

    @property
    def case(self) -> Case:
        return self.engine.case(self.case_id)

    def tokens(self) -> list[Token]:
        """The occurrences that wait."""
        return [one for one in self.instance.open.values() if isinstance(one, Token)]

    def workable(self) -> list[Token | Work]:
        """The tasks that a person could do now; an ad-hoc sub-process in the inbox is finished in its own way."""
        return [
            one
            for one in self.instance.open.values()
            if not one.held and not one.parked and (isinstance(one, Work) or _is_task(one))
        ]

    def tasks(self) -> dict[str, Task]:
        return {one.id: one for one in self.engine.tasks(case_id=self.case_id, held=True, limit=None)}

    def rows(self) -> list[Row]:
        """The journal, oldest first. What was read before is not read again: I5 sees to it that it stays."""
        if len(self._rows) != self.case_revision():
            with self.engine.database.read() as reader:
                self._rows += [row(entry) for entry in reader.entries(self.case_id, len(self._rows))]
        return self._rows

    def case_revision(self) -> int:
        return self.engine.door.fresh(self.case_id).record.revision

    def facts(self) -> list[Fact]:
        return [fact for line in self.rows() for fact in line.facts]

    def effective(self) -> list[Fact]:
        facts = self.facts()
        return fact_rules.effective(facts, fact_rules.superseded(facts))

    def last_facts(self) -> list[Fact]:
        """What the last command has written."""
        return list(self.rows()[-1].facts)

    # -- the whole -----------------------------------------------------------------------------------

    def play(self) -> None:
        """A whole case, bent up to ten times, to its end."""
        self.begin()
        for _ in range(self.random.randint(3, 30)):
            if not self.ran_away:
                self.something()
        self.finish()

    def begin(self) -> None:
        self.tally.cases += 1
        data = self.scene.beginning(self.random)
        self.tell(f"start({self.scene.key!r}, data={data!r})")
        self.case_id = self.engine.start(self.scene.key, data=data).id
        self.check()

    def something(self) -> None:
        chance = self.random.random()
        if self.running and chance < 0.12:
            self.touch()
        elif self.running and (chance < 0.6 or not self.operations):
            self.step()
        elif self.bent < MOST_CHANGES and self.operations:
            self.bend()

    def touch(self) -> None:
        self.tally.steps["touch"] += 1
        steps.touch(self)
        self.check()

    def step(self) -> None:
        """One ordinary thing that may happen now."""
        found = self._possible()
        kind = self.random.choice(sorted({step.kind for step in found}))
        step = self.random.choice([step for step in found if step.kind == kind])
        self._take(step, self.scene.answer(self.random))

    def _take(self, step: steps.Step, data: Mapping[str, Any]) -> None:
        """A step for which a value is missing is refused; then the case file is put right by hand."""
        try:
            step.do(data)
            self.tally.steps[step.kind] += 1
        except ExpressionError as missing:
            self.tell(f"# refused: {missing}")
            self.tally.refused[step.kind] += 1
            self.do(SetData(self.way_out()))
        self.check()

    def _possible(self, wanted: Callable[[Play], list[steps.Step]] = steps.possible) -> list[steps.Step]:
        found = wanted(self)
        assert found, f"nothing can happen any more; {self._waiting()}"
        return found

    def _waiting(self) -> str:
        troubles = [f"“{one.message}”" for one in self.instance.troubles.values()]
        told = [f"“{token.node.label}”" for token in self.instance.get_tasks()]
        waiting = f"tokens wait at {', '.join(told)}" if told else "there is no token"
        return f"{waiting}; incidents are {', '.join(troubles)}" if troubles else waiting

    def finish(self) -> None:
        """All that is still to be done, with the values that lead out of loops where they are known."""
        for _ in range(MOST_STEPS):
            if self.ran_away:
                self.tally.ran_away += 1
                return
            if not self.running:
                break
            found = self._possible(steps.ending)
            first = self.scene.ending and found[0].kind not in _FROM_OUTSIDE
            step = found[0] if first else self.random.choice(found)
            self._take(step, self.way_out())
        assert not self.running, f"the case has not ended after {MOST_STEPS} more steps; {self._waiting()}"
        self._law(laws.i1_ended_properly)
        self.tally.ended += 1

    def way_out(self) -> Mapping[str, Any]:
        """Values that lead out of every loop, or the best guess at them."""
        if self.scene.ending:
            return self.scene.ending
        return {**self.scene.beginning(self.random), **self.scene.answer(self.random)}

    # -- bending -------------------------------------------------------------------------------------

    def bend(self, wanted: Collection[str] | None = None) -> None:
        """One change of those that are listed; it must be accepted, and come out as its preview said."""
        found = options(self.engine, self.case_id)
        made = {
            name: maker(self, found)
            for name, maker in self.operations.items()
            if wanted is None or name in wanted
        }
        possible = {name: command for name, command in made.items() if command is not None}
        if possible:
            name = self.random.choice(sorted(possible))
            self.change(name, possible[name])

    def change(self, name: str, command: Command) -> None:
        """Carries a change out, looked at beforehand; what is listed as possible must not be refused."""
        before, tasks = standing(self.engine, self.case_id), self.tasks()
        facts = self.effective()
        command, shown = self._with_effects(command)
        if shown.refusal is not None:
            self.tally.refused[name] += 1
            self.tell(f"{self.written(command)}  # refused: {shown.refusal}")
            self._around("I11", laws.i11_refused_is_refused_whole, command, before)
            return
        revision, request = self.case_revision(), f"{self.case_id}:{len(self.story)}"
        self.tell(self.written(command))
        self.engine.do(self.case_id, command, preview=shown.token, request_id=request)
        self.tally.changes[name] += 1
        self.bent += 1
        self._look_back(command, tasks, shown, facts)
        if self.random.random() < 0.2:
            self._around("I11", laws.i11_twice_is_once, command, request, revision)
        self.check()
        if not isinstance(command, Undo) and self.random.random() < 0.25:
            self._take_back(before)

    def _with_effects(self, command: Command) -> tuple[Command, Preview]:
        """Answers for each effect that the preview asks about, by chance.

        A gateway is not decided before what holds its token is done, so that nothing is put right there first.
        """
        shown = self.engine.preview(self.case_id, command)
        if not shown.effects or not hasattr(command, "effects"):
            return command, shown
        unfit = (COMPENSATE, CORRECT) if isinstance(command, Decide) else ()
        answers = {
            one.id: self.random.choice([choice for choice in one.choices if choice not in unfit])
            for one in shown.effects
        }
        answered: Command = replace(command, effects=answers)  # type: ignore[type-var]
        return answered, self.engine.preview(self.case_id, answered)

    def _look_back(
        self, command: Command, tasks: Mapping[str, Task], shown: Preview, facts: Sequence[Fact]
    ) -> None:
        self._around("I10", laws.i10_what_was_shown_has_come, tasks, shown)
        laws.i6_the_rest_is_untouched(self, tasks)

    def _around(self, name: str, law: Any, *arguments: Any) -> None:
        law(self, *arguments)
        self.tally.checked[name] += 1

    def _take_back(self, before: Mapping[str, Any]) -> None:
        """I9, where the change may be undone at once."""
        change = next(row.change_id for row in reversed(self.engine.history(self.case_id)) if row.change_id)
        if change not in [one.id for one in options(self.engine, self.case_id).undo]:
            return
        self.do(Undo(change))
        self.tally.changes["take back"] += 1
        self._around("I9", laws.i9_an_undone_change_leaves_no_trace, before)
        self.check()

    # -- telling and checking ------------------------------------------------------------------------

    def do(self, command: Command, *, by: str | None = None) -> None:
        self.tell(self.written(command, by))
        self.engine.do(self.case_id, command, by=by)

    def check(self) -> None:
        for law in (*laws.ALWAYS, *self.more_laws):
            self._law(law)

    def _law(self, law: Law) -> None:
        name = laws.number(law)
        try:
            law(self)
        except (AssertionError, CaseloomError) as broken:
            raise AssertionError(f"{name}: {broken}") from broken
        self.tally.checked[name] += 1

    def tell(self, line: str) -> None:
        self.story.append(line.replace(f"{self.case_id}-", "#") if self.case_id else line)

    def written(self, command: Command, by: str | None = None) -> str:
        return f"{_written(command)}{f'  # by {by}' if by else ''}"

    def told(self) -> str:
        lines = [f"  {at:>3}  {line}" for at, line in enumerate(self.story, 1)]
        if len(lines) <= MOST_LINES:
            return "\n".join(lines)
        return "\n".join(
            [*lines[: MOST_LINES - 10], f"       … {len(lines) - MOST_LINES} more", *lines[-10:]]
        )


def _is_task(token: Token) -> bool:
    return human(token) and token.node.kind != "adHocSubProcess"


def _written(value: Any) -> str:
    """A command as one would write it, without what is left at its default."""
    if isinstance(value, (list, tuple)):
        return f"[{', '.join(_written(one) for one in value)}]"
    if not is_dataclass(value):
        return repr(value)
    told = [
        f"{one.name}={_written(given)}"
        for one in fields(value)
        if (given := getattr(value, one.name)) != one.default and given not in ({}, (), [])
    ]
    return f"{type(value).__name__}({', '.join(told)})"
