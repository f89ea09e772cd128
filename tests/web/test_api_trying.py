"""Expressions and decisions over HTTP and from the shell, by themselves."""

from __future__ import annotations

import json

import pytest
from calling import house
from click.testing import CliRunner

from caseloom.engine import Engine
from caseloom.web.cli.program import caseloom

RATE = """<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="rates" name="Rates" namespace="urn:r">
  <inputData id="amount" name="amount"/>
  <decision id="rate" name="Rate">
    <variable name="Rate"/>
    <informationRequirement><requiredInput href="#amount"/></informationRequirement>
    <decisionTable hitPolicy="UNIQUE">
      <input label="Amount"><inputExpression><text>amount</text></inputExpression></input>
      <output/>
      <rule><inputEntry><text>&lt; 100</text></inputEntry><outputEntry><text>0</text></outputEntry></rule>
      <rule><inputEntry><text>&gt;= 100</text></inputEntry><outputEntry><text>5</text></outputEntry></rule>
    </decisionTable>
  </decision>
</definitions>"""


@pytest.fixture
def ours():
    with house(anna=()) as opened:
        opened.engine.deploy(("rates.dmn", RATE.encode()))
        yield opened


@pytest.mark.parametrize("expression", ["amount * 2", "${amount * 2}", "= amount * 2"])
def test_an_expression_is_computed(ours, expression):
    found = ours.anna.post("/evaluate", {"expression": expression, "data": {"amount": 4}}).json

    assert found == {"value": 8, "type": "number", "reasons": []}


def test_null_says_why(ours):
    found = ours.anna.post("/evaluate", {"expression": 'amount + "x"', "data": {"amount": 4}}).json

    assert (found["value"], found["type"]) == (None, "null")
    assert "“+” is not defined" in found["reasons"][0]


def test_what_cannot_be_read_is_refused_with_its_place(ours):
    refused = ours.anna.post("/evaluate", {"expression": "1 + + 2"})

    assert refused.status_code == 422
    assert (refused.json["line"], refused.json["column"]) == (1, 5)


def test_too_much_work_is_refused(ours):
    endless = "count(for a in 1..2000, b in 1..2000 return a * b)"

    assert ours.anna.post("/evaluate", {"expression": endless}).status_code == 422


@pytest.mark.parametrize("name", ["rate", "Rate"])
def test_a_decision_says_which_rule_matched_and_why_the_other_did_not(ours, name):
    found = ours.anna.post("/decide", {"decision": name, "data": {"amount": 250}}).json

    assert (found["id"], found["name"], found["version"], found["value"]) == ("rate", "Rate", 1, 5)
    (table,) = found["explanation"][0]["tables"]
    assert [rule["rule"] for rule in table["matched"]] == [2]
    assert [(rule["rule"], rule["test"]) for rule in table["not_matched"]] == [(1, "< 100")]


def test_a_decision_that_is_not_there_is_not_found(ours):
    assert ours.anna.post("/decide", {"decision": "nothing"}).status_code == 404
    assert ours.anna.post("/decide", {"decision": "rate", "version": 9}).status_code == 404


def test_nobody_tries_without_a_token(ours):
    assert ours.nobody.post("/evaluate", {"expression": "1"}).status_code == 401


@pytest.fixture
def run(tmp_path):
    address = f"sqlite:///{tmp_path}/a.db"
    with Engine(address) as engine:
        engine.deploy(("rates.dmn", RATE.encode()))

    def in_the_shell(*words, code=0):
        result = CliRunner().invoke(caseloom, [*words, "--database", address], prog_name="caseloom")
        assert result.exit_code == code, result.output
        return result

    return in_the_shell


def test_the_shell_computes_an_expression(run):
    assert run("evaluate", "amount * 2", "--data", '{"amount": 4}').stdout == "8\n"
    assert "“+” is not defined" in run("evaluate", '1 + "x"').stderr
    assert json.loads(run("evaluate", "1", "--json").stdout)["type"] == "number"
    assert "Refused" in run("evaluate", "1 + + 2", code=1).stderr


def test_the_shell_takes_a_decision(run):
    said = run("decision", "rate", "--data", '{"amount": 250}')

    assert said.stdout == "5\n"
    assert said.stderr.splitlines() == ["Rate: rule 2 matched", "Rate: rule 1 did not: Amount is not < 100"]
    assert json.loads(run("decision", "rate", "--json").stdout)["value"] is None
    assert "nothing" in run("decision", "nothing", code=1).stderr
