"""Every rule finds what it is for, and nothing in its valid example."""

from __future__ import annotations

import pytest
import words_page
from rule_examples import EXAMPLES, PAGE, findings, page

from caseloom.diagrams.checks import RULES
from caseloom.engine.errors import Severity

# These need more than one file, or a diagram too large to print; they have tests of their own.
_ELSEWHERE = {"duplicate-process", "soundness-unknown", "never-happens"}


def test_every_rule_has_its_examples():
    assert {rule.code for rule in RULES} == EXAMPLES.keys() | _ELSEWHERE


@pytest.mark.parametrize("code", EXAMPLES)
def test_the_valid_example_has_no_errors_and_nothing_of_this_rule(code):
    found = findings(EXAMPLES[code].right)

    assert [finding for finding in found if finding.severity is Severity.ERROR] == []
    assert code not in {finding.code for finding in found}


@pytest.mark.parametrize("code", EXAMPLES)
def test_the_invalid_example_is_found(code):
    found = [finding for finding in findings(EXAMPLES[code].wrong) if finding.code == code]

    severity = next(rule.severity for rule in RULES if rule.code == code)
    assert found
    assert {finding.severity for finding in found} == {severity}
    assert all(finding.file == "example.bpmn" and finding.line > 0 for finding in found)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.code)
def test_every_rule_says_what_it_wants_and_how_to_put_it_right(rule):
    assert "Cure:" in rule.about
    assert rule.code == rule.code.lower()


def test_the_page_of_camunda_is_up_to_date():
    assert words_page.PAGE.read_text(encoding="utf-8") == words_page.page(), (
        "run: python tests/diagrams/words_page.py"
    )


def test_the_page_of_checks_is_up_to_date():
    assert PAGE.read_text(encoding="utf-8") == page(), "run: python tests/diagrams/rule_examples.py"
