"""What the random process models promise to the tests that use them."""

from __future__ import annotations

import re
from importlib.resources import files

import pytest
from drawing import draw_all
from drawing_random import FEATURES, RandomDiagram, random_diagrams
from hypothesis import find, given, settings
from lxml import etree

from caseloom.diagrams.model import read_document
from caseloom.diagrams.soundness import Verdict, analyse

BPMN = "{http://www.omg.org/spec/BPMN/20100524/MODEL}"
SCHEMA = etree.XMLSchema(etree.parse(str(files("SpiffWorkflow.bpmn.parser") / "schema" / "BPMN20.xsd")))

THOROUGH = settings(max_examples=2000, deadline=None, database=None)


@settings(max_examples=60, deadline=None)
@given(random_diagrams(size=10))
def test_a_random_diagram_is_valid_bpmn(diagram: RandomDiagram) -> None:
    SCHEMA.assertValid(etree.fromstring(diagram.xml))


@settings(max_examples=60, deadline=None)
@given(random_diagrams())
def test_whatever_a_condition_reads_has_its_values(diagram: RandomDiagram) -> None:
    conditions = [
        text for tag in ("conditionExpression", "completionCondition") for text in texts(diagram, tag)
    ]

    read = {name for text in conditions for name in re.findall(r"c\d+", text)}
    assert read <= set(diagram.start_data)


@settings(max_examples=60, deadline=None)
@given(random_diagrams(without={"compensation"}))
def test_every_node_is_reached_and_leads_to_an_end(diagram: RandomDiagram) -> None:
    root = etree.fromstring(diagram.xml)
    flows = [(flow.get("sourceRef"), flow.get("targetRef")) for flow in root.iter(f"{BPMN}sequenceFlow")]

    sources, targets = {source for source, _ in flows}, {target for _, target in flows}
    assert targets - sources == ids(root, "endEvent")
    assert sources - targets == ids(root, "startEvent") | ids(root, "boundaryEvent")


@settings(max_examples=60, deadline=None)
@given(random_diagrams(without={"non_interrupting", "implicit_merge", "complex"}))
def test_a_random_diagram_is_sound_but_for_the_unsafe_features(diagram: RandomDiagram) -> None:
    document = read_document("random.bpmn", etree.fromstring(diagram.xml))

    assert {analyse(process).verdict for process in document.processes} == {Verdict.SOUND}


@settings(max_examples=60, deadline=None)
@given(random_diagrams(without={"parallel", "non_interrupting", "implicit_merge"}))
def test_a_feature_can_be_left_out(diagram: RandomDiagram) -> None:
    assert not diagram.features & {"parallel", "non_interrupting", "implicit_merge"}
    assert b"cancelActivity" not in diagram.xml


def test_a_loop_overtakes_its_complex_gateway_unless_that_is_left_out() -> None:
    others = {*FEATURES, "implicit_merge"} - {"loop", "complex"}

    found = find(random_diagrams(without=others), lambda diagram: diagram.unsafe, settings=THOROUGH)
    safe = find(
        random_diagrams(without={*others, "overtaking"}),
        lambda diagram: "complex" in diagram.features and " until " in diagram.lines["case"],
        settings=THOROUGH,
    )

    assert found.features == {"loop", "complex", "overtaking"}
    assert not safe.unsafe


@pytest.mark.parametrize("feature", [*FEATURES, "implicit_merge"])
def test_every_feature_comes_up(feature: str) -> None:
    others = {*FEATURES, "implicit_merge"} - {feature}

    found = find(
        random_diagrams(without=others), lambda diagram: feature in diagram.features, settings=THOROUGH
    )

    assert found.xml == draw_all(**found.lines)


def texts(diagram: RandomDiagram, tag: str) -> list[str]:
    return [element.text or "" for element in etree.fromstring(diagram.xml).iter(f"{BPMN}{tag}")]


def ids(root: etree._Element, tag: str) -> set[str | None]:
    return {element.get("id") for element in root.iter(f"{BPMN}{tag}")}
