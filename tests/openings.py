"""Two processes that begin otherwise than at one plain start, for tests that reach them from outside."""

from __future__ import annotations

from drawing import bpmn, expression, flow, node, process

CONDITIONAL = bpmn(
    process(
        "heat",
        node(
            "startEvent",
            "hot",
            children=[node("conditionalEventDefinition", children=[expression("condition", "degrees > 30")])],
        ),
        node("userTask", "a"),
        flow("hot", "a"),
    )
)
TWO_DOORS = bpmn(
    process(
        "doors",
        *(node("startEvent", "front"), node("userTask", "a"), flow("front", "a")),
        *(node("startEvent", "back"), node("userTask", "b"), flow("back", "b")),
    )
)
