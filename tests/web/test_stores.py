"""Data stores and data states, by HTTP, on the command line and on the page of a case."""

from __future__ import annotations

import pytest
from calling import house
from click.testing import CliRunner
from drawing import bpmn, flow, node, process

from caseloom.engine import Complete, Engine
from caseloom.web.cli.program import caseloom


def order() -> bytes:
    """Someone checks an order, which is approved by that, and counted in the store of orders."""
    state = node("dataState", name="approved")
    written = node(
        "dataOutputAssociation",
        children=[node("sourceRef", text="found"), node("targetRef", text="approved_order")],
    )
    counted = node(
        "dataOutputAssociation",
        children=[node("targetRef", text="orders"), node("transformation", text="1 + 1")],
    )
    inside = [node("ioSpecification", children=[node("dataOutput", "found", name="found")]), written, counted]
    return bpmn(
        process(
            "order",
            node("dataObject", "the_order", name="order"),
            node(
                "dataObjectReference",
                "approved_order",
                attributes={"dataObjectRef": "the_order"},
                children=[state],
            ),
            node("dataStoreReference", "orders", name="Orders"),
            node("startEvent", "start"),
            flow("start", "check"),
            node("userTask", "check", name="Check", children=inside),
            flow("check", "wait"),
            node("userTask", "wait", name="Wait"),
        )
    )


@pytest.fixture
def ours():
    with house(anna=["clerks"]) as opened:
        opened.engine.deploy(("order.bpmn", order()))
        yield opened


def checked(engine):
    case = engine.start("order")
    return engine.do(case.id, Complete(case.tasks[0].id, data={"found": 7}), by="anna")


def test_stores_are_asked_for_by_http(ours):
    case = checked(ours.engine)

    assert [(one["name"], one["value"]) for one in ours.anna.get("/stores").json] == [("Orders", 2)]
    assert ours.anna.get("/stores/Orders").json["case_id"] == case.id
    assert ours.anna.get("/stores/Customers").status_code == 404


def test_a_case_tells_the_states_of_its_data_objects(ours):
    case = checked(ours.engine)

    answer = ours.anna.get(f"/cases/{case.id}").json

    assert (answer["data"], answer["data_states"]) == ({"order": 7}, {"order": "approved"})


def test_stores_are_listed_on_the_command_line(tmp_path):
    url = f"sqlite:///{tmp_path / 'cases.db'}"
    with Engine(url) as engine:
        engine.write_store("Orders", {"open": 3})

    told = CliRunner().invoke(caseloom, ["stores", "--database", url])
    one = CliRunner().invoke(caseloom, ["stores", "Orders", "--json", "--database", url])
    none = CliRunner().invoke(caseloom, ["stores", "Customers", "--database", url])

    assert "Orders" in told.output and '"open"' in told.output
    assert '"revision"' in one.output
    assert none.exit_code == 1


def test_the_page_of_a_case_shows_the_state_of_a_data_object(engine, anna, page):
    engine.deploy(("order.bpmn", order()))
    case = checked(engine)

    shown = page(anna.get(f"/cases/{case.id}")).xpath("//*[@data-testid='case-file']//dt")

    assert [" ".join(one.text_content().split()) for one in shown] == ["Order approved"]
