"""The adaptation patterns of Weber, Reichert and Rinderle-Ma (2008), each in one case.

AP1 to AP14 change one case; PP1 to PP4 fill a place that the drawing left open. docs/ad-hoc.md names these tests.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest
from drawing import draw
from playing import finish, leftovers, live, marking, open_tasks, rebuilt, start

sys.path.insert(0, str(Path(__file__).parents[1] / "conformance"))

from shapes import shape

from caseloom.adhoc import (
    AddItem,
    AddWait,
    Decide,
    Insert,
    JumpTo,
    Move,
    ReleaseWait,
    Repeat,
    Replace,
    Skip,
    StartNow,
    Swap,
)
from caseloom.engine import Case, Engine, StartActivity
from caseloom.engine.results import Status

ROOT = Path(__file__).parents[2]


def played(engine: Engine, case: Case) -> list[str]:
    """What comes, all that is open at once in one line; the case ends without debris and replays."""
    seen = []
    while names := open_tasks(engine, case):
        seen.append(" ".join(names))
        finish(engine, case, *names)
    instance = live(engine, case.id)
    assert engine.case(case.id).status is Status.COMPLETED
    assert leftovers(instance) == []
    assert marking(instance) == marking(rebuilt(engine, case.id))
    return seen


def test_ap1_insert(engine: Engine) -> None:
    case = start(engine, "A > B > C")
    engine.do(case.id, Insert("X", before="b"))
    assert played(engine, case) == ["A", "X", "B", "C"]


def test_ap2_delete(engine: Engine) -> None:
    case = start(engine, "A > B > C > D")
    engine.do(case.id, Skip("b", reason="not needed", when="next"))
    assert played(engine, case) == ["A", "C", "D"]


def test_ap3_move(engine: Engine) -> None:
    case = start(engine, "A > B > C > D")
    engine.do(case.id, Move("b", after="c", reason="later"))
    assert played(engine, case) == ["A", "C", "B", "D"]


def test_ap4_replace(engine: Engine) -> None:
    case = start(engine, "A > B > C")
    engine.do(case.id, Replace("b", Insert("X"), reason="another way"))
    assert played(engine, case) == ["A", "X", "C"]


def test_ap5_swap(engine: Engine) -> None:
    case = start(engine, "A > B > C > D")
    engine.do(case.id, Swap("b", "c", reason="other way round"))
    assert played(engine, case) == ["A", "C", "B", "D"]


def test_ap6_extract_a_sub_process(engine: Engine) -> None:
    """What was drawn as steps is done by a process of its own."""
    engine.deploy(("survey.bpmn", draw("Measure > Report", key="survey")))
    case = start(engine, "A > B > C > D")
    engine.do(case.id, Replace("b", Insert("Survey", fragment="survey"), reason="the survey does both"))
    engine.do(case.id, Skip("c", reason="the survey does both", when="next"))
    assert played(engine, case) == ["A", "Measure", "Report", "D"]


def test_ap7_inline_a_sub_process(engine: Engine) -> None:
    """What was drawn as a sub-process is done as steps of the case."""
    case = start(engine, "A > { Hear: B > C } > D")
    works = [Insert("B here"), Insert("C here")]
    engine.do(case.id, Replace("hear", Insert.many(works, rule="in-turn"), reason="in the open"))
    assert played(engine, case) == ["A", "B here", "C here", "D"]


def test_ap8_embed_in_a_loop(engine: Engine) -> None:
    """A step that is drawn once comes again and again, as long as somebody wants it to."""
    case = start(engine, "A > B > C")
    finish(engine, case, "A")
    for _ in range(3):
        engine.do(case.id, Repeat("b", reason="not good yet"))
        finish(engine, case, "B")
    assert played(engine, case) == ["B", "C"]


def test_ap9_parallelize(engine: Engine) -> None:
    case = start(engine, "A > B > C > D")
    engine.do(case.id, Move("c", beside="b", reason="at once"))
    assert played(engine, case) == ["A", "B C", "D"]


@pytest.mark.parametrize(("amount", "come"), [(5, ["A", "C"]), (500, ["A", "B", "C"])])
def test_ap10_embed_in_a_conditional_branch(engine: Engine, amount: int, come: list[str]) -> None:
    case = start(engine, "A > B > C", {"amount": amount})
    engine.do(case.id, Skip("b", reason="small ones", when="next", condition="amount < 100"))
    assert played(engine, case) == come


def test_ap11_add_a_control_dependency(engine: Engine) -> None:
    case = start(engine, "( A > B | C > D ) > E")
    engine.do(case.id, AddWait("b", "c", reason="first things first"))
    assert played(engine, case) == ["A", "B", "C", "D", "E"]


def test_ap12_remove_a_control_dependency(engine: Engine) -> None:
    """One that was added is released; one that is drawn is passed by doing the later step now."""
    case = start(engine, "( A | B ) > C > D")
    engine.do(case.id, AddWait("a", "b", reason="first things first"))
    engine.do(case.id, ReleaseWait("a", "b", reason="never mind"))
    engine.do(case.id, StartNow("c", reason="it need not wait"))
    assert played(engine, case) == ["A B C", "D"]


def test_ap13_update_a_condition(engine: Engine) -> None:
    """For this case, its outcome is decided; for all, the diagram is changed and cases migrate."""
    case = start(engine, "A > [ amount > 9: B | else: C ] > D", {"amount": 1})
    finish(engine, case, "A")
    engine.do(case.id, Decide("choice_1", ["choice_1__b"], reason="the limit is lower here"))
    assert played(engine, case) == ["B", "D"]


def test_ap14_copy(engine: Engine) -> None:
    case = start(engine, "A > B > C")
    finish(engine, case, "A")
    engine.do(case.id, Repeat("a", after="b", reason="once more"))
    assert played(engine, case) == ["B", "A", "C"]


def test_pp1_late_selection(engine: Engine) -> None:
    """Which process a call activity calls is computed when the case gets there."""
    for name in ("short", "long"):
        engine.deploy((f"{name}.bpmn", draw(f"Do it {name}", key=name)))
    case = start(engine, 'A > @call "${which}" Part > B', {"which": "short"})
    finish(engine, case, "A", which="long")
    assert played(engine, case) == ["Do it long", "B"]


def test_pp2_late_modelling(engine: Engine) -> None:
    """A placeholder gets its process when the case is under way: one that was drawn only now."""
    case = start(engine, "A > Placeholder > B")
    engine.deploy(("new.bpmn", draw("Measure > Report", key="new")))
    engine.do(case.id, Replace("placeholder", Insert("New", fragment="new"), reason="drawn for this case"))
    assert played(engine, case) == ["A", "Measure", "Report", "B"]


def test_pp3_late_composition(engine: Engine) -> None:
    """In an ad-hoc sub-process people choose what is done, and in which order."""
    engine.deploy(("shape.bpmn", shape("start > adhoc:p { a | b } > end")))
    case = engine.start("case")
    engine.do(case.id, StartActivity("b"))
    assert open_tasks(engine, case) == ["b"]


def test_pp4_multi_instance(engine: Engine) -> None:
    case = start(engine, "A each n in names > B", {"names": ["N1"]})
    engine.do(case.id, AddItem("a", "N2", reason="one more"))
    finish(engine, case, "A", item="N1")
    assert open_tasks(engine, case) == ["A"]
    finish(engine, case, "A", item="N2")
    assert played(engine, case) == ["B"]


def test_a_region_is_left_out_at_once(engine: Engine) -> None:
    case = start(engine, "A > ( B | C ) > D > E")
    engine.do(case.id, JumpTo("e", reason="not needed"))
    assert played(engine, case) == ["E"]


def test_every_test_that_the_documentation_names_is_there() -> None:
    named = set(re.findall(r"`(test_\w+)`", (ROOT / "docs" / "ad-hoc.md").read_text()))
    written = {
        name
        for file in (ROOT / "tests").rglob("test_*.py")
        for name in re.findall(r"^def (test_\w+)", file.read_text(), re.MULTILINE)
    }

    assert len(named) >= 25
    assert named <= written
