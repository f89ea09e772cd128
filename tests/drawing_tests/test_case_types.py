"""The case types that ship: valid, fit to be opened in any modeler, with samples that fit the drawing."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.resources import files
from itertools import combinations, pairwise
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

FOLDER = Path(__file__).parents[2] / "diagrams"
KEYS = ("complaint", "fault_report", "lease_request")
SCHEMA = etree.XMLSchema(etree.parse(str(files("SpiffWorkflow.bpmn.parser") / "schema" / "BPMN20.xsd")))

BPMN = "{http://www.omg.org/spec/BPMN/20100524/MODEL}"
BPMNDI = "{http://www.omg.org/spec/BPMN/20100524/DI}"
DC = "{http://www.omg.org/spec/DD/20100524/DC}"
DI = "{http://www.omg.org/spec/DD/20100524/DI}"
SUB_PROCESSES = (f"{BPMN}subProcess", f"{BPMN}adHocSubProcess")
CAMUNDA = "{http://camunda.org/schema/1.0/bpmn}"

Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Box:
    of: str
    left: float
    top: float
    right: float
    bottom: float

    def overlaps(self, other: Box) -> bool:
        beside = self.right <= other.left or other.right <= self.left
        above = self.bottom <= other.top or other.bottom <= self.top

        return not (beside or above)

    def is_crossed_by(self, start: Point, end: Point) -> bool:
        line = Box(
            "", min(start[0], end[0]), min(start[1], end[1]), max(start[0], end[0]), max(start[1], end[1])
        )

        return (
            self.left < line.right
            and line.left < self.right
            and self.top < line.bottom
            and line.top < self.bottom
        )

    def has_on_its_edge(self, point: Point) -> bool:
        x, y = point
        on_side = x in (self.left, self.right) and self.top <= y <= self.bottom

        return on_side or (y in (self.top, self.bottom) and self.left <= x <= self.right)


@pytest.fixture(params=KEYS)
def key(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def drawing(key: str) -> etree._Element:
    return etree.parse(FOLDER / key / f"{key}.bpmn").getroot()


@pytest.fixture
def sample(key: str) -> dict[str, Any]:
    return dict(json.loads((FOLDER / key / "sample.json").read_text("utf-8")))


def test_the_diagram_is_valid_bpmn(drawing: etree._Element) -> None:
    SCHEMA.assertValid(drawing)


def test_every_node_and_flow_is_drawn_once(drawing: etree._Element) -> None:
    drawn = [
        each.get("bpmnElement")
        for tag in ("BPMNShape", "BPMNEdge")
        for each in drawing.iter(f"{BPMNDI}{tag}")
    ]

    assert sorted(map(str, drawn)) == sorted(
        str(each.get("id")) for each in (*nodes(drawing), *flows(drawing))
    )


def test_nothing_overlaps(drawing: etree._Element) -> None:
    inside_of_each_other = {frozenset(pair) for pair in nested(drawing)}

    for one, other in combinations([*shapes(drawing), *labels(drawing)], 2):
        if frozenset((one.of, other.of)) not in inside_of_each_other:
            assert not one.overlaps(other), f"{one.of} lies on {other.of}"


def test_flows_are_straight_and_begin_and_end_at_their_nodes(drawing: etree._Element) -> None:
    boxes = {box.of: box for box in shapes(drawing)}

    for flow in flows(drawing):
        points = waypoints(drawing, str(flow.get("id")))
        assert all(one[0] == other[0] or one[1] == other[1] for one, other in pairwise(points)), flow.get(
            "id"
        )
        assert boxes[str(flow.get("sourceRef"))].has_on_its_edge(points[0]), flow.get("id")
        assert boxes[str(flow.get("targetRef"))].has_on_its_edge(points[-1]), flow.get("id")


def test_no_flow_crosses_a_label_or_a_node(drawing: etree._Element) -> None:
    around = {str(node.get("id")) for node in drawing.iter(*SUB_PROCESSES)}
    solid = [box for box in (*shapes(drawing), *labels(drawing)) if box.of not in around]

    for flow in flows(drawing):
        for start, end in pairwise(waypoints(drawing, str(flow.get("id")))):
            crossed = [box.of for box in solid if box.is_crossed_by(start, end)]
            assert not crossed, f"{flow.get('id')} crosses {crossed}"


def test_handlers_are_told_what_each_task_is_about(drawing: etree._Element) -> None:
    tasks = (f"{BPMN}{tag}" for tag in ("userTask", "serviceTask", "sendTask"))
    for task in drawing.iter(*tasks, *SUB_PROCESSES):
        assert task.findtext(f"{BPMN}documentation"), task.get("id")


def test_every_form_is_there_and_has_one_field_for_each_key(key: str, drawing: etree._Element) -> None:
    wanted = {str(each.get(f"{CAMUNDA}formRef")) for each in drawing.iter() if each.get(f"{CAMUNDA}formRef")}

    assert wanted == {path.stem for path in (FOLDER / key).glob("*.form")}
    for path in (FOLDER / key).glob("*.form"):
        form = json.loads(path.read_text("utf-8"))
        keys = [field["key"] for field in form["components"] if "key" in field]
        assert form["id"] == path.stem
        assert len(keys) == len(set(keys))


def test_the_samples_name_only_what_is_drawn_and_who_is_there(
    drawing: etree._Element, sample: dict[str, Any]
) -> None:
    elements = {str(each.get("id")) for each in nodes(drawing)}
    users = {user["id"] for user in sample["users"]}
    groups = {group for user in sample["users"] for group in user["groups"]}

    for step in (step for case in sample["cases"] for step in case["steps"]):
        named = {step[word] for word in ("task", "target", "before") if word in step}
        asked = {group for work in (step, *step.get("tasks", ())) for group in work.get("groups", ())}
        assert named <= elements
        assert step["by"] in users
        assert asked <= groups


def test_every_service_of_the_diagram_has_a_stand_in(drawing: etree._Element, sample: dict[str, Any]) -> None:
    topics = {str(each.get(f"{CAMUNDA}topic")) for each in drawing.iter() if each.get(f"{CAMUNDA}topic")}

    assert topics == set(sample["services"])


def test_the_samples_of_all_case_types_agree_on_who_is_who() -> None:
    known: dict[str, Any] = {}
    for key in KEYS:
        for user in json.loads((FOLDER / key / "sample.json").read_text("utf-8"))["users"]:
            assert known.setdefault(user["id"], user) == user


def nodes(drawing: etree._Element) -> Iterator[etree._Element]:
    ends = ("Event", "Gateway", "Task", "ubProcess")
    for element in drawing.iter(f"{BPMN}*"):
        if etree.QName(element).localname.endswith(ends):
            yield element


def flows(drawing: etree._Element) -> Iterator[etree._Element]:
    return drawing.iter(f"{BPMN}sequenceFlow")


def nested(drawing: etree._Element) -> Iterator[tuple[str, str]]:
    """Pairs that may lie on each other: a sub-process and its inside, a host and its boundary events."""
    for scope in drawing.iter(*SUB_PROCESSES):
        for inside in scope.iter(f"{BPMN}*"):
            yield str(scope.get("id")), str(inside.get("id"))
    for event in drawing.iter(f"{BPMN}boundaryEvent"):
        yield str(event.get("attachedToRef")), str(event.get("id"))


def shapes(drawing: etree._Element) -> Iterator[Box]:
    for shape in drawing.iter(f"{BPMNDI}BPMNShape"):
        yield box_of(str(shape.get("bpmnElement")), shape.find(f"{DC}Bounds"))


def labels(drawing: etree._Element) -> Iterator[Box]:
    for label in drawing.iter(f"{BPMNDI}BPMNLabel"):
        shape = label.getparent()
        assert shape is not None
        yield box_of(str(shape.get("bpmnElement")), label.find(f"{DC}Bounds"))


def box_of(of: str, bounds: etree._Element | None) -> Box:
    assert bounds is not None
    left, top, width, height = (float(str(bounds.get(word))) for word in ("x", "y", "width", "height"))

    return Box(of, left, top, left + width, top + height)


def waypoints(drawing: etree._Element, flow: str) -> list[Point]:
    edge = next(each for each in drawing.iter(f"{BPMNDI}BPMNEdge") if each.get("bpmnElement") == flow)

    return [(float(str(each.get("x"))), float(str(each.get("y")))) for each in edge.iter(f"{DI}waypoint")]
