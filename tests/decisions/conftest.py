"""Prints what the compatibility kit came to, and draws small decision models for the tests."""

from __future__ import annotations

from collections.abc import Callable
from textwrap import dedent
from xml.sax.saxutils import escape

import pytest

from caseloom.engine.decisions import DecisionModel, read_model

RATES = pytest.StashKey[dict[str, tuple[int, int]]]()


def pytest_configure(config: pytest.Config) -> None:
    config.stash[RATES] = {}


@pytest.fixture(scope="session")
def rates(request: pytest.FixtureRequest) -> dict[str, tuple[int, int]]:
    """Passed and all results by level, printed when all is over."""
    return request.config.stash[RATES]


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    for level, (passed, total) in sorted(config.stash.get(RATES, {}).items()):
        terminalreporter.write_line(f"DMN TCK {level}: {passed} of {total} ({100 * passed / total:.2f} %)")


@pytest.fixture
def table() -> Callable[..., DecisionModel]:
    """Draws a table: a line of inputs | outputs, then a line for each rule; `-` is any value."""
    return lambda drawing, **options: read_model(_drawn(drawing, **options).encode())


@pytest.fixture
def model() -> Callable[[str], DecisionModel]:
    """A model of which only the elements are written."""
    return lambda elements: read_model(document(elements).encode())


def document(elements: str) -> str:
    return (
        '<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="m" name="m" namespace="urn:m">'
        f"{dedent(elements)}</definitions>"
    )


def _drawn(
    drawing: str,
    *,
    policy: str = "UNIQUE",
    aggregation: str = "",
    types: str = "",
    values: str = "",
    default: str = "",
) -> str:
    header, *rules = [line for line in dedent(drawing).splitlines() if line.strip()]
    inputs, outputs = ([part.strip() for part in side.split(",")] for side in header.split("|"))
    kinds = dict(zip((*inputs, *outputs), types.split(), strict=False))
    aggregated = f' aggregation="{aggregation}"' if aggregation else ""
    return document(
        f'<decision id="d" name="decision"><decisionTable hitPolicy="{policy}"{aggregated}>'
        + "".join(_input(name, kinds.get(name)) for name in inputs if name)
        + "".join(_output(name, kinds.get(name), values, default) for name in outputs)
        + "".join(_rule(number, line) for number, line in enumerate(rules, 1))
        + "</decisionTable></decision>"
    )


def _type(kind: str | None) -> str:
    return f' typeRef="{kind}"' if kind else ""


def _input(name: str, kind: str | None) -> str:
    return (
        f'<input label="{name}"><inputExpression{_type(kind)}><text>{name}</text></inputExpression></input>'
    )


def _output(name: str, kind: str | None, values: str, default: str) -> str:
    allowed = f"<outputValues><text>{escape(values)}</text></outputValues>" if values else ""
    otherwise = f"<defaultOutputEntry><text>{escape(default)}</text></defaultOutputEntry>" if default else ""
    return f'<output name="{name}"{_type(kind)}>{allowed}{otherwise}</output>'


def _rule(number: int, line: str) -> str:
    tests, results = ([part.strip() for part in side.split(";")] for side in line.split("|"))
    cells = "".join(f"<inputEntry><text>{escape(test)}</text></inputEntry>" for test in tests if test)
    outputs = "".join(f"<outputEntry><text>{escape(result)}</text></outputEntry>" for result in results)
    return f'<rule id="r{number}">{cells}{outputs}</rule>'
