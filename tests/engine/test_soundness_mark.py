"""Each deployed version says whether its cases can get stuck; only what cannot run at all is refused."""

from __future__ import annotations

import pytest
from drawing import bpmn, draw, flow, node, process

from caseloom.engine import Engine
from caseloom.engine.errors import DiagramError

STUCK_LATE = bpmn(
    process(
        "case",
        node("startEvent", "s"),
        node("userTask", "a", name="A"),
        node("exclusiveGateway", "x", attributes={"default": "x__all"}),
        node("parallelGateway", "all"),
        node("endEvent", "e"),
        flow("s", "a"),
        flow("a", "x"),
        flow("x", "all"),
        flow("x", "all", "ok", id="second"),
        flow("all", "e"),
    )
)
STUCK_AT_ONCE = STUCK_LATE.replace(b"userTask", b"exclusiveGateway")


@pytest.mark.parametrize(
    ("line", "mark"),
    [
        ("A > ( B | C ) > D", "sound"),
        ("( A ^timer P2D ( Late > @end Given up ) | B ) > C", "unsound"),
    ],
)
def test_a_definition_carries_the_mark(engine: Engine, line: str, mark: str) -> None:
    deployed = engine.deploy(("drawn.bpmn", draw(line)))

    assert [one.soundness for one in (*deployed.definitions, *engine.definitions())] == [mark, mark]


def test_a_diagram_whose_analysis_has_a_bound_says_that_it_does_not_know(engine: Engine) -> None:
    drawn = bpmn(
        process(
            "case",
            node("startEvent", "s"),
            node("parallelGateway", "f"),
            node("userTask", "a"),
            node("userTask", "b"),
            node("complexGateway", "j", children=[node("activationCondition", text="activationCount >= 1")]),
            node("endEvent", "e"),
            *(
                flow(*pair)
                for pair in (("s", "f"), ("f", "a"), ("f", "b"), ("a", "j"), ("b", "j"), ("j", "e"))
            ),
        )
    )

    deployed = engine.deploy(("drawn.bpmn", drawn))

    assert [one.soundness for one in deployed.definitions] == ["unknown"]
    assert "soundness-unknown" in {finding.code for finding in deployed.findings}


def test_a_diagram_that_runs_but_never_ends_is_deployed_with_a_warning(engine: Engine) -> None:
    deployed = engine.deploy(("drawn.bpmn", STUCK_LATE))

    assert {"cannot-end", "deadlock"} <= {finding.code for finding in deployed.findings}
    assert len(engine.start("case").tasks) == 1


def test_a_diagram_that_gets_nowhere_is_refused(engine: Engine) -> None:
    with pytest.raises(DiagramError) as refused:
        engine.deploy(("drawn.bpmn", STUCK_AT_ONCE))

    assert "cannot-run" in {finding.code for finding in refused.value.findings}
