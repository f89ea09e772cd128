"""Global tasks: tasks at the root of a file, called by call activities like processes."""

from __future__ import annotations

import pytest
from drawing_xml import bpmn, expression, flow, node, process
from playing import finish, open_tasks

from caseloom.adhoc import Revisit, Skip
from caseloom.engine import Engine


def calling(*more, called: str = "sign", **attributes: str) -> bytes:
    return bpmn(
        process(
            "order",
            node("startEvent", "start"),
            node("callActivity", "call", attributes={"calledElement": called, **attributes}),
            node("userTask", "file"),
            node("endEvent", "end"),
            flow("start", "call"),
            flow("call", "file"),
            flow("file", "end"),
        ),
        *more,
    )


SIGN = node("globalUserTask", "sign", name="Sign it", attributes={"camunda:candidateGroups": "board"})


def test_a_global_user_task_is_worked_where_it_is_called(engine: Engine) -> None:
    engine.deploy(("order.bpmn", calling(SIGN)))
    case = engine.start("order")

    [task] = engine.tasks(case_id=case.id)
    assert (task.name, task.element_id, task.candidate_groups) == ("Sign it", "sign", ("board",))
    finish(engine, case, "Sign it")
    assert open_tasks(engine, case) == ["file"]
    assert [one.element_id for one in engine.case(case.id).occurrences] == [
        "start", "call", "sign", "file",
    ]  # fmt: skip


def test_it_is_skipped_and_revisited_like_any_step(engine: Engine) -> None:
    engine.deploy(("order.bpmn", calling(SIGN)))
    case = engine.start("order")

    engine.do(case.id, Skip("sign", reason="signed on paper"))
    assert open_tasks(engine, case) == ["file"]
    engine.do(case.id, Revisit("sign", reason="not signed after all"))

    assert open_tasks(engine, case) == ["Sign it"]
    assert [one.element_id for one in engine.case(case.id).occurrences if one.state == "active"] == [
        "call", "sign",
    ]  # fmt: skip


def test_global_script_and_rule_tasks_and_plain_ones_run_by_themselves(engine: Engine) -> None:
    script = node(
        "globalScriptTask",
        "sign",
        attributes={"scriptLanguage": "feel", "caseloom:resultVariable": "total"},
        children=[expression("script", "a + 1")],
    )
    engine.deploy(("order.bpmn", calling(script)))

    case = engine.start("order", {"a": 4})

    assert case.data["total"] == 5
    assert open_tasks(engine, case) == ["file"]


@pytest.mark.parametrize("tag", ["globalTask", "globalManualTask"])
def test_an_undefined_or_manual_one_is_passed_at_once(engine: Engine, tag: str) -> None:
    engine.deploy(("order.bpmn", calling(node(tag, "sign"))))

    assert open_tasks(engine, engine.start("order")) == ["file"]


def test_it_is_called_from_another_file_and_by_a_name_with_a_prefix(engine: Engine) -> None:
    engine.deploy(("tasks.bpmn", bpmn(process("other", node("userTask", "wait")), SIGN)))
    engine.deploy(("order.bpmn", calling(called="tns:sign")))

    assert open_tasks(engine, engine.start("order")) == ["Sign it"]
    assert [(one.key, one.global_task) for one in engine.definitions()] == [
        ("order", False), ("other", False), ("sign", True),
    ]  # fmt: skip


def test_the_case_is_read_back_from_its_journal(engine: Engine) -> None:
    engine.deploy(("order.bpmn", calling(SIGN)))
    case = engine.start("order")
    engine.door.hot.clear()
    engine.library._models.clear()

    finish(engine, case, "Sign it", "file")

    assert engine.case(case.id).status == "completed"


def test_global_tasks_alone_do_not_make_a_drawing_executable(engine: Engine) -> None:
    drawn = bpmn(process("order", node("userTask", "file"), executable=False), SIGN)

    codes = {finding.code for finding in engine.check(("order.bpmn", drawn))}

    assert "nothing-executable" in codes
    assert [finding.code for finding in engine.check(("tasks.bpmn", bpmn(SIGN)))] == []
