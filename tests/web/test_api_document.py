"""The OpenAPI document says what the routes do. (That answers fit it is checked with every call in these tests.)"""

from __future__ import annotations

import json
import re

import pytest
from calling import DOCUMENT, house
from jsonschema import Draft202012Validator

from caseloom.web.api.app import OPERATIONS, create_api
from caseloom.web.api.commands import COMMANDS

CONTRACT = [
    "POST /api/v1/deployments",
    "GET /api/v1/definitions",
    "POST /api/v1/cases",
    "GET /api/v1/cases",
    "GET /api/v1/cases/{case_id}",
    "POST /api/v1/cases/{case_id}/commands",
    "POST /api/v1/cases/{case_id}/preview",
    "GET /api/v1/cases/{case_id}/options",
    "GET /api/v1/cases/{case_id}/startable",
    "GET /api/v1/cases/{case_id}/history",
    "GET /api/v1/tasks",
    "POST /api/v1/messages",
    "POST /api/v1/signals",
    "POST /api/v1/jobs/fetch-and-lock",
    "GET /health",
]


@pytest.fixture
def ours():
    with house(anna=()) as opened:
        yield opened


def described():
    return {f"{method.upper()} {path}" for path, methods in DOCUMENT["paths"].items() for method in methods}


def test_the_document_has_every_route_and_no_other(ours):
    routes = {
        f"{method} {rule.rule.replace('<', '{').replace('>', '}')}"
        for rule in create_api(ours.engine).url_map.iter_rules()
        for method in rule.methods - {"HEAD", "OPTIONS"}
    }

    assert described() == routes


@pytest.mark.parametrize("operation", CONTRACT)
def test_what_is_promised_is_there(operation):
    assert operation in described()


def test_the_document_is_for_everybody(ours):
    assert ours.nobody.get("/openapi.json").json == json.loads(json.dumps(DOCUMENT))


def test_every_reference_leads_somewhere():
    named = set(re.findall(r'"#/components/schemas/(\w+)"', json.dumps(DOCUMENT)))

    assert named <= set(DOCUMENT["components"]["schemas"])


@pytest.mark.parametrize("name", DOCUMENT["components"]["schemas"])
def test_every_schema_is_one(name):
    Draft202012Validator.check_schema(DOCUMENT["components"]["schemas"][name])


def test_every_command_has_its_schema():
    schemas = DOCUMENT["components"]["schemas"]

    for name, kind in COMMANDS.items():
        schema = schemas[f"{name.replace('.', '')}Command"]
        assert schema["properties"]["command"] == {"const": name}
        assert set(schema["properties"]) - {"command", "preview"} == set(kind.__dataclass_fields__) - {"_"}


def test_every_operation_says_what_it_does():
    ids = [operation.id for operation in OPERATIONS]

    assert len(set(ids)) == len(ids)
    assert all(operation.view.__doc__ for operation in OPERATIONS)
