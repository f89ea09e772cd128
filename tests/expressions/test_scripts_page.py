"""`docs/scripts.md`: each line that it translates is run, by the engine, and gives what the original gives."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from drawing import bpmn, extensions, flow, node, process
from playing import NOON, finish

from caseloom.engine import Engine

PAGE = Path(__file__).parents[2] / "docs" / "scripts.md"

ITEMS = [{"name": "desk", "price": 300}, {"name": "lamp", "price": 50}]
DATA: dict[str, Any] = {
    "amount": 5,
    "price": 3,
    "quantity": 4,
    "customer": {"address": {"city": "Bern"}},
    "name": "Anna",
    "urgent": False,
    "items": ITEMS,
    "names": ["Anna", "Cleo", "Anna"],
    "n": 4,
    "x": 2.345,
    "json": '{"a": [1, 2]}',
    "day": "2026-03-02",
    "a": "2026-03-02",
    "b": "2026-03-12",
}
TEXTS = {
    '"a"': "a bc",
    '","': "a,b",
    "number(text)": "42",
    "[0-9]": "a1b2",
    "trim(text)": " a ",
    "text": "abcd",
}

# What each line of the FEEL column gives for these data.
GIVES: dict[str, Any] = {
    "amount": 5,
    "price * quantity": 12,
    "customer.address.city": "Bern",
    '"Dear " + name': "Dear Anna",
    "amount > 5 and not(urgent)": False,
    'if amount = 5 then "a" else "b"': "a",
    "if amount = null then 0 else amount": 5,
    "{name: name, total: 2}": {"name": "Anna", "total": 2},
    "count(items)": 2,
    "items[1]": ITEMS[0],
    "items.price": [300, 50],
    "for item in items return item.price * 2": [600, 100],
    "items[price > 100]": [ITEMS[0]],
    "items[price > 100][1]": ITEMS[0],
    "some item in items satisfies item.price > 100": True,
    "every item in items satisfies item.price > 100": False,
    "sum(items.price)": 350,
    "max(items.price)": 300,
    "sort(items, function(a, b) a.price < b.price)": [ITEMS[1], ITEMS[0]],
    'append(names, "Bo")': ["Anna", "Cleo", "Anna", "Bo"],
    "distinct values(names)": ["Anna", "Cleo"],
    'list contains(names, "Bo")': False,
    'string join(names, ", ")': "Anna, Cleo, Anna",
    "for i in 1..n return i * 2": [2, 4, 6, 8],
    "upper case(text)": "ABCD",
    "trim(text)": "a",
    'contains(text, "a")': True,
    'starts with(text, "a")': True,
    "substring(text, 1, 3)": "abc",
    'replace(text, "[0-9]", "")': "ab",
    'split(text, ",")': ["a", "b"],
    "number(text)": 42,
    "string(n)": "4",
    "round half up(x, 2)": Decimal("2.35"),
    "modulo(n, 3)": 1,
    "today()": date(2026, 3, 2),
    "now()": NOON,
    'today() + duration("P14D")': date(2026, 3, 16),
    "date(day)": date(2026, 3, 2),
    "(date(b) - date(a)).days": 10,
    "${S(json)}": {"a": [1, 2]},
}
SETS: dict[str, dict[str, Any]] = {
    '${execution.setVariable("phase", "Decision")}': {"phase": "Decision"},
    '${execution.setVariable("total", price * quantity)}': {"total": 12},
    '${execution.setVariableLocal("mine", amount)}': {},
    '${task.setVariable("who", task.assignee)}': {"who": None},
    '${execution.setVariable("done", now())}': {"done": NOON},
}
_OF_THE_CASE = '${task.execution.setVariable("case", execution.processInstanceId)}'


def column(section: str, number: int) -> list[str]:
    """The code in one column of the table of a section."""
    _, _, rest = PAGE.read_text(encoding="utf-8").partition(f"## {section}\n")
    rows = [line for line in rest.partition("\n## ")[0].splitlines() if line.startswith("| `")]
    cells = [re.split(r"(?<!\\) \| ", line.strip("| "))[number] for line in rows]

    return [cell.strip("`") for cell in cells]


def scripted(text: str) -> bytes:
    inside = [node("script", text=text)]
    script = node(
        "scriptTask",
        "s",
        attributes={"scriptFormat": "feel", "camunda:resultVariable": "result"},
        children=inside,
    )

    return bpmn(process("case", node("startEvent", "start"), script, flow("start", "s")))


@pytest.mark.parametrize("text", GIVES)
def test_a_translated_script_gives_what_the_page_promises(engine: Engine, text: str) -> None:
    told = next(value for sign, value in TEXTS.items() if sign in text or sign == "text")
    engine.deploy(("script.bpmn", scripted(text)))

    case = engine.start("case", data={**DATA, "text": told})

    assert case.data["result"] == GIVES[text]


def test_every_script_of_the_page_is_run() -> None:
    assert column("What to write", 2) == list(GIVES)


@pytest.mark.parametrize("text", [*SETS, _OF_THE_CASE])
def test_a_translated_listener_sets_what_the_page_promises(engine: Engine, text: str) -> None:
    listener = node("camunda:taskListener", attributes={"event": "create", "expression": text})
    task = node("userTask", "a", name="A", children=[extensions(listener)])
    engine.deploy(("task.bpmn", bpmn(process("case", node("startEvent", "start"), task, flow("start", "a")))))

    case = engine.start("case", data=DATA)

    assert dict(case.data) == {**DATA, **SETS.get(text, {"case": case.id})}


def test_every_listener_of_the_page_is_run() -> None:
    assert column("Listeners", 1) == [*list(SETS)[:4], _OF_THE_CASE, *list(SETS)[4:]]


def test_the_functions_of_the_page_run(engine: Engine) -> None:
    """A user task with a listener, then a service task."""
    for code in re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL):
        written: dict[str, Callable[..., Any]] = {}
        exec(code, {"engine": engine}, written)
    listener = node(
        "camunda:executionListener", attributes={"event": "end", "delegateExpression": "${audit}"}
    )
    drawn = process(
        "case",
        node("startEvent", "start"),
        node("userTask", "a", name="A", children=[extensions(listener)]),
        node("serviceTask", "b", attributes={"camunda:topic": "tell"}),
        flow("start", "a"),
        flow("a", "b"),
    )
    engine.deploy(("both.bpmn", bpmn(drawn)))

    case = finish(engine, engine.start("case", data={"name": "Anna"}), "A")

    assert case.data == {"name": "Anna", "audited": "end of a", "told": "Anna"}
    assert case.ended_at is not None and case.ended_at - case.created_at == timedelta()
