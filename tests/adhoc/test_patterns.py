"""The change patterns of Weber, Reichert and Rinderle-Ma (2008), each done in a running case.

`docs/ad-hoc.md` has them as a table; a test here holds that the table names every one of these tests.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from drawing import draw
from playing import finish, held_tasks, last_change, open_tasks, start

from caseloom.adhoc import (
    AddItem,
    AddWait,
    Decide,
    Insert,
    JumpTo,
    Move,
    Plan,
    ReleaseWait,
    RemoveItem,
    Repeat,
    Replace,
    Revisit,
    Skip,
    StartNow,
    Swap,
)
from caseloom.engine import Case, Engine, Person, SetData, StartActivity
from caseloom.engine.errors import Conflict, NotAllowed

LINE = "A > B > C > D"
BOTH = "A > ( B | C ) > D"
WHY = "as agreed"


def after_a(engine: Engine, line: str, **data: object) -> Case:
    case = start(engine, line, data)
    return finish(engine, case, "A")


# -- adaptation patterns ---------------------------------------------------------------------------


def test_ap01_insert_a_fragment(engine: Engine) -> None:
    case = after_a(engine, LINE)
    engine.deploy(("ask.bpmn", draw("Ask > Judge", key="ask")))

    engine.do(case.id, Insert("Second opinion", fragment="ask", before="c", reason=WHY))

    finish(engine, case, "B", "Ask", "Judge")
    assert open_tasks(engine, case) == ["C"]


def test_ap02_delete_a_fragment(engine: Engine) -> None:
    case = after_a(engine, LINE)

    engine.do(case.id, JumpTo("d", reason=WHY))

    assert open_tasks(engine, case) == ["D"]


def test_ap03_move_a_fragment(engine: Engine) -> None:
    case = after_a(engine, LINE)

    engine.do(case.id, Move("c", before="b", reason=WHY))

    assert open_tasks(engine, case) == ["C"]
    finish(engine, case, "C", "B")
    assert open_tasks(engine, case) == ["D"]


def test_ap04_replace_a_fragment(engine: Engine) -> None:
    case = after_a(engine, LINE)

    engine.do(case.id, Replace("c", Insert("Ask by phone"), reason=WHY))

    finish(engine, case, "B", "Ask by phone")
    assert open_tasks(engine, case) == ["D"]


def test_ap05_swap_two_fragments(engine: Engine) -> None:
    case = after_a(engine, LINE)

    engine.do(case.id, Swap("b", "c", reason=WHY))

    finish(engine, case, "C", "B")
    assert open_tasks(engine, case) == ["D"]


def test_ap06_extract_a_sub_process(engine: Engine) -> None:
    """What is drawn as steps is done by a called process in this case."""
    case = after_a(engine, LINE)
    engine.deploy(("both.bpmn", draw("B anew > C anew", key="both")))

    engine.do(case.id, Replace("b", Insert("B and C", fragment="both"), reason=WHY))
    engine.do(case.id, Skip("c", when="next", reason=WHY))

    assert open_tasks(engine, case) == ["B anew"]
    finish(engine, case, "B anew", "C anew")
    assert open_tasks(engine, case) == ["D"]


def test_ap07_inline_a_sub_process(engine: Engine) -> None:
    """What is drawn as a sub-process is done step by step in the case itself."""
    case = after_a(engine, "A > { Inner: B > C } > D")

    engine.do(case.id, Plan([Insert("B here"), Insert("C here")], in_turn=True, before="d", reason=WHY))
    engine.do(case.id, Skip("inner", reason=WHY))

    finish(engine, case, "B here", "C here")
    assert open_tasks(engine, case) == ["D"]


def test_ap08_embed_a_fragment_in_a_loop(engine: Engine) -> None:
    case = after_a(engine, LINE)
    finish(engine, case, "B")

    engine.do(case.id, Repeat("c", reason=WHY))
    finish(engine, case, "C", "C")
    assert open_tasks(engine, case) == ["D"]

    engine.do(case.id, Revisit("b", reason=WHY))
    assert open_tasks(engine, case) == ["B"]


def test_ap09_parallelize_activities(engine: Engine) -> None:
    case = after_a(engine, LINE)

    engine.do(case.id, StartNow("c", reason=WHY))

    assert open_tasks(engine, case) == ["B", "C"]
    finish(engine, case, "C", "B")
    assert open_tasks(engine, case) == ["D"]


def test_ap10_embed_a_fragment_in_a_conditional_branch(engine: Engine) -> None:
    case = after_a(engine, LINE, amount=5)

    engine.do(case.id, Skip("c", when="every", condition="amount < 100", reason=WHY))

    finish(engine, case, "B")
    assert open_tasks(engine, case) == ["D"]
    engine.do(case.id, SetData({"amount": 500}))
    engine.do(case.id, Revisit("b", reason=WHY))
    finish(engine, case, "B")
    assert open_tasks(engine, case) == ["C"]


def test_ap11_add_a_control_dependency(engine: Engine) -> None:
    case = after_a(engine, BOTH)

    engine.do(case.id, AddWait("b", "c", reason=WHY))

    assert (open_tasks(engine, case), held_tasks(engine, case)) == (["B"], ["C"])
    finish(engine, case, "B", "C")
    assert open_tasks(engine, case) == ["D"]


def test_ap12_remove_a_control_dependency(engine: Engine) -> None:
    case = after_a(engine, BOTH)
    engine.do(case.id, AddWait("b", "c", reason=WHY))

    engine.do(case.id, ReleaseWait("b", "c", reason=WHY))

    assert open_tasks(engine, case) == ["B", "C"]


def test_ap13_update_a_condition(engine: Engine) -> None:
    """The way that a gateway chose is chosen again by hand."""
    case = start(engine, "A > [ amount > 100: B #dear | else: C #cheap ] > D", {"amount": 5})
    finish(engine, case, "A")
    assert open_tasks(engine, case) == ["C"]
    [gateway] = {one.element_id for one in engine.case(case.id).occurrences} - {
        "start", "a", "dear", "cheap", "d",
    }  # fmt: skip
    assert gateway is not None
    [dear] = [
        flow.id
        for flow in engine.library.model(case.definition_id).node(gateway).flows
        if flow.target == "dear"
    ]

    engine.do(case.id, Decide(gateway, [dear], reason=WHY))

    assert open_tasks(engine, case) == ["B"]


def test_ap14_copy_a_fragment(engine: Engine) -> None:
    case = after_a(engine, LINE)

    engine.do(case.id, StartNow("d", reason=WHY))

    assert open_tasks(engine, case) == ["B", "D"]


# -- patterns for predefined regions ---------------------------------------------------------------


def test_pp1_late_selection(engine: Engine) -> None:
    """Which process is called is known when the step comes."""
    engine.deploy(("small.bpmn", draw("Look", key="small")), ("big.bpmn", draw("Visit", key="big")))
    case = after_a(engine, "A > @call =check Check > D", check="big")

    assert open_tasks(engine, case) == ["Visit"]


def test_pp2_late_modelling(engine: Engine) -> None:
    """What the sub-process holds is drawn while the case runs."""
    case = after_a(engine, "A > { Inner: Prepare } > D")
    engine.deploy(("drawn_late.bpmn", draw("Survey > Report", key="drawn_late")))

    engine.do(case.id, Insert("As drawn now", fragment="drawn_late", scope="inner", reason=WHY))

    finish(engine, case, "Prepare", "Survey", "Report")
    assert open_tasks(engine, case) == ["D"]


AD_HOC = """<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" targetNamespace="urn:tests">
  <process id="case" isExecutable="true">
    <startEvent id="start"/> <sequenceFlow id="f" sourceRef="start" targetRef="work"/>
    <adHocSubProcess id="work"><userTask id="ask" name="Ask"/><userTask id="look" name="Look"/></adHocSubProcess>
  </process>
</definitions>"""


def test_pp3_late_composition(engine: Engine) -> None:
    """People put the work of an ad-hoc sub-process together as they go."""
    engine.deploy(("case.bpmn", AD_HOC.encode()))
    case = engine.start("case")

    engine.do(case.id, StartActivity("look"))
    engine.do(case.id, StartActivity("ask"))
    engine.do(case.id, StartActivity("look"))

    assert open_tasks(engine, case) == ["Ask", "Look", "Look"]


def test_pp4_multi_instance_activity(engine: Engine) -> None:
    case = after_a(engine, "A > Hear each n in names > D", names=["Ann", "Bea"])

    engine.do(case.id, AddItem("hear", "Cec", reason=WHY))
    engine.do(case.id, RemoveItem("hear", "Ann", reason=WHY))

    assert [one.item for one in engine.tasks(case_id=case.id)] == ["Bea", "Cec"]


# -- change features -------------------------------------------------------------------------------


def test_cf1_schema_evolution(engine: Engine) -> None:
    case = after_a(engine, LINE)
    version = engine.deploy(("drawn.bpmn", draw("A > B > C > Check > D"))).definitions[0].version

    [moved] = engine.migrate_all("case", version, reason=WHY)

    assert moved.refusal is None
    finish(engine, case, "B", "C")
    assert open_tasks(engine, case) == ["Check"]


def test_cf2_instance_specific_change(engine: Engine) -> None:
    changed, other = after_a(engine, LINE), None
    other = engine.start("case")

    engine.do(changed.id, Skip("b", reason=WHY))
    finish(engine, other, "A")

    assert (open_tasks(engine, changed), open_tasks(engine, other)) == (["C"], ["B"])


def test_cf3_correctness(engine: Engine) -> None:
    """A change that no run of the diagram could lead to is refused, and nothing has happened."""
    case = after_a(engine, BOTH)
    before = engine.case(case.id).revision

    with pytest.raises(Conflict):
        engine.do(case.id, AddWait("d", "b", reason=WHY))

    assert engine.case(case.id).revision == before


def test_cf4_traceability(engine: Engine) -> None:
    case = after_a(engine, LINE)

    engine.do(case.id, Skip("b", reason="known for years"), by="ada")

    entry = engine.history(case.id)[-1]
    assert (entry.command, entry.by, entry.reason) == ("Skip", "ada", "known for years")
    assert entry.change_id == last_change(engine, case)


def test_cf5_access_control() -> None:
    groups = {"ada": ("clerks",), "bo": ("heads",)}
    with Engine("sqlite://", people=lambda user: Person(user, groups[user])) as engine:
        case = start(engine, "A <caseloom.skipGroups=heads> > B")

        with pytest.raises(NotAllowed):
            engine.do(case.id, Skip("a", reason=WHY), by="ada")
        engine.do(case.id, Skip("a", reason=WHY), by="bo")

        assert open_tasks(engine, case) == ["B"]


def test_cf6_change_reuse(engine: Engine) -> None:
    engine.save_template("Second opinion", [Insert("Ask"), Insert("Judge")], rule="in-turn")
    case = after_a(engine, LINE)

    engine.do(case.id, Insert(template="Second opinion", before="c", reason=WHY))

    finish(engine, case, "B", "Ask", "Judge")
    assert open_tasks(engine, case) == ["C"]


def test_cf7_change_concurrency(engine: Engine) -> None:
    """Of two who change the same case, the second is told that it has moved on."""
    case = after_a(engine, LINE)
    seen = engine.preview(case.id, Revisit("a", reason=WHY), by="bo")
    engine.do(case.id, Skip("b", reason=WHY), by="ada")

    with pytest.raises(Conflict, match="changed since the preview"):
        engine.do(case.id, Revisit("a", reason=WHY), by="bo", preview=seen.token)
    with pytest.raises(Conflict, match="revision"):
        engine.do(case.id, Revisit("a", reason=WHY), by="bo", expect_revision=case.revision)

    assert open_tasks(engine, case) == ["C"]


def test_the_table_in_the_documentation_names_each_of_these() -> None:
    page = (Path(__file__).parents[2] / "docs" / "ad-hoc.md").read_text(encoding="utf-8")

    told = re.findall(r"`(test_(?:ap|pp|cf)\d+_\w+)`", page)

    assert told == [name for name in globals() if re.match(r"test_(ap|pp|cf)\d", name)]
