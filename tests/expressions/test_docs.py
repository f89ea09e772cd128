"""What docs/expressions.md says is true: every example, and the table of functions, which is written from the code.

`python tests/expressions/test_docs.py` writes the table anew.
"""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from caseloom.engine.expressions import evaluate
from caseloom.engine.expressions.reference import as_markdown, chapters

PAGE = Path(__file__).parents[2] / "docs" / "expressions.md"
TABLE = re.compile(r"(<!-- functions -->\n).*(<!-- /functions -->)", re.DOTALL)
BLOCK = re.compile(r"```(\w+)\n(.*?)```", re.DOTALL)


def blocks(language: str) -> list[str]:
    return [text for kind, text in BLOCK.findall(PAGE.read_text("utf-8")) if kind == language]


def examples() -> list[tuple[str, str]]:
    lines = [line for block in blocks("feel") for line in block.splitlines()]
    return [tuple(part.strip() for part in line.rsplit(" = ", 1)) for line in lines if line]


@pytest.mark.parametrize(("expression", "value"), examples())
def test_an_example_has_the_value_that_is_shown(expression, value):
    (data,) = blocks("json")

    assert evaluate(expression, json.loads(data)) == evaluate(value, {})


@pytest.mark.parametrize(
    "row", [row for _, rows in chapters() for row in rows], ids=lambda row: row.signatures[0]
)
def test_a_function_is_explained_by_an_example_that_is_true(row):
    assert row.meaning.endswith(".")
    if row.signatures[0] in ("now()", "today()", "random number()"):
        return  # these never give the same twice
    assert evaluate(row.example, {}) is True


def test_the_table_of_functions_is_the_one_in_the_code():
    assert with_table(PAGE.read_text("utf-8")) == PAGE.read_text("utf-8"), f"run python {__file__}"


def with_table(page: str) -> str:
    return TABLE.sub(lambda found: f"{found[1]}\n{as_markdown()}\n{found[2]}", page)


if __name__ == "__main__":
    PAGE.write_text(with_table(PAGE.read_text("utf-8")), "utf-8")
