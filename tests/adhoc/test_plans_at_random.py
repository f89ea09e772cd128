"""Plans, edits, removals, ticks and inserted processes in any order: nothing is lost, nothing is left behind."""

from __future__ import annotations

from typing import Any

from drawing import draw
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from playing import Clock, last_change, leftovers, live, marking, rebuilt, standing, thawed

from caseloom.adhoc import Edit, Insert, Plan, Remove, Replan, Revisit, Undo, options, plans
from caseloom.engine import Complete, Engine, Tick
from caseloom.engine.errors import CaseloomError

LINE = "A > ( B | { S: C > D } ^timer P9D ( X > ) ) > E"
GESTURES = [
    "insert", "process", "many", "plan", "edit", "remove", "replan", "tick", "complete", "complete", "revisit", "undo",
    "time",
]  # fmt: skip
PLACES = [{}, {"before": "e"}, {"after": "b"}, {"beside": "s"}, {"before": "b"}, {"blocking": False}]
_step = st.tuples(st.sampled_from(GESTURES), st.integers(0, 50))


class Player:
    """Turns numbers into gestures that make sense now; a refusal changes nothing."""

    def __init__(self, engine: Engine, clock: Clock, case_id: str) -> None:
        self.engine, self.clock, self.case_id = engine, clock, case_id

    def play(self, gesture: str, number: int) -> None:
        command = getattr(self, f"_{gesture}")(number)
        if command is None:
            return
        before = standing(self.engine, self.case_id)
        try:
            self.engine.do(self.case_id, command)
        except CaseloomError:
            assert standing(self.engine, self.case_id) == before

    def _insert(self, number: int) -> Any:
        place: dict[str, Any] = PLACES[number % len(PLACES)]
        free = {"at_end": "finish"} if "blocking" in place and number % 2 else {}
        pauses = {"pause_timers": True} if "before" in place and number % 3 == 0 else {}
        repeat: Any = "every" if number % 7 == 0 else "once"
        checklist = [{"name": "look", "required": number % 2 == 0}]
        return Insert(f"I{number}", checklist=checklist, repeat=repeat, **place, **free, **pauses)

    def _process(self, number: int) -> Any:
        return Insert(f"P{number}", fragment="survey", **PLACES[number % 5])

    def _many(self, number: int) -> Any:
        rule: Any = ["all", "any", "in-turn", 1][number % 4]
        works = [Insert(f"M{number}"), Insert("W", fragment="survey")]
        return Insert.many(works, rule=rule, **PLACES[number % 5])

    def _plan(self, number: int) -> Any:
        return Plan([Insert(f"T{number}"), Insert("U"), Insert("V")], in_turn=number % 2 == 0)

    def _works(self) -> list[Any]:
        return [task for plan in plans(self.engine, self.case_id) for task in plan.tasks]

    def _edit(self, number: int) -> Any:
        works = self._works()
        return Edit(works[number % len(works)].id, name=f"N{number}", due="P1D") if works else None

    def _remove(self, number: int) -> Any:
        works = self._works()
        return Remove(works[number % len(works)].id) if works else None

    def _replan(self, number: int) -> Any:
        found = plans(self.engine, self.case_id)
        if not found:
            return None
        plan = found[number % len(found)]
        ids = [task.id for task in plan.tasks]
        in_turn = None if number % 3 else number % 2 == 0
        add = [Insert(f"R{number}")] if number % 2 else []
        return Replan(plan.id, order=ids[::-1], add=add, in_turn=in_turn)

    def _tick(self, number: int) -> Any:
        lists = [task for task in self.engine.tasks(case_id=self.case_id) if task.checklist]
        return Tick(lists[number % len(lists)].id, "look") if lists else None

    def _complete(self, number: int) -> Any:
        tasks = self.engine.tasks(case_id=self.case_id)
        return Complete(tasks[number % len(tasks)].id) if tasks else None

    def _revisit(self, number: int) -> Any:
        found = options(self.engine, self.case_id).revisit
        return Revisit(found[number % len(found)].id, reason="r") if found else None

    def _undo(self, number: int) -> Any:
        found = options(self.engine, self.case_id).undo
        return Undo(found[number % len(found)].id) if found else None

    def _time(self, number: int) -> None:
        self.clock.forward(days=number % 12)
        self.engine.run_due()

    def finish(self) -> None:
        """Completes what is open; a list is ticked before its task is done."""
        for _ in range(200):
            tasks = self.engine.tasks(case_id=self.case_id)
            if not tasks:
                return
            for item in tasks[0].checklist:
                self.engine.do(self.case_id, Tick(tasks[0].id, item.name))
            self.engine.do(self.case_id, Complete(tasks[0].id))
        raise AssertionError("The case does not end.")


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(_step, max_size=14))
def test_nothing_is_lost_and_the_case_ends(steps: list[tuple[str, int]]) -> None:
    clock = Clock()
    with Engine("sqlite://", clock=clock) as engine:
        engine.deploy(("case.bpmn", draw(LINE)), ("survey.bpmn", draw("Measure > Report", key="survey")))
        case = engine.start("case")
        player = Player(engine, clock, case.id)
        for gesture, number in steps:
            player.play(gesture, number)

            now = live(engine, case.id)
            assert marking(rebuilt(engine, case.id)) == marking(now)
            assert marking(thawed(now)) == marking(now)
        player.finish()

        assert engine.case(case.id).status == "completed"
        assert leftovers(live(engine, case.id)) == []


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.lists(_step, max_size=8),
    st.sampled_from(["plan", "edit", "remove", "replan", "process"]),
    st.integers(0, 50),
)
def test_a_gesture_that_is_undone_at_once_has_not_been(
    steps: list[tuple[str, int]], gesture: str, number: int
) -> None:
    clock = Clock()
    with Engine("sqlite://", clock=clock) as engine:
        engine.deploy(("case.bpmn", draw(LINE)), ("survey.bpmn", draw("Measure > Report", key="survey")))
        case = engine.start("case")
        player = Player(engine, clock, case.id)
        for one, which in steps:
            player.play(one, which)
        before, revision = standing(engine, case.id), engine.case(case.id).revision
        player.play(gesture, number)
        if engine.case(case.id).revision == revision:
            return

        engine.do(case.id, Undo(last_change(engine, case)))

        assert standing(engine, case.id) == before
