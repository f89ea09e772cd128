"""Looking at a case changes nothing in it, not even while a command works on it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest
from drawing import draw

from caseloom.engine import Complete, Engine, SetData
from caseloom.engine.live import LiveCase


@dataclass(frozen=True)
class CompleteWhileSomebodyLooks:
    engine: Engine
    task_id: str

    def decide(self, case: LiveCase) -> None:
        Complete(self.task_id).decide(case)
        self.engine.look(case.id)


@pytest.fixture
def engine():
    with Engine("sqlite://") as engine:
        yield engine


def test_a_look_in_the_middle_of_a_command_leaves_its_tasks_right(engine):
    engine.deploy(("a.bpmn", draw("Ask > Answer", key="a")))
    case = engine.start("a")

    engine.do(case.id, CompleteWhileSomebodyLooks(engine, case.tasks[0].id))

    assert [task.name for task in engine.tasks(case_id=case.id)] == ["Answer"]


def test_a_revision_that_another_engine_has_written_may_be_expected(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'cases.db'}"
    with Engine(url) as here, Engine(url) as there:
        here.deploy(("case.bpmn", draw("A")))
        case = here.start("case")
        moved = there.do(case.id, SetData({"x": 1}))

        done = here.do(case.id, SetData({"y": 2}), expect_revision=moved.revision)

        assert done.data == {"x": 1, "y": 2}
