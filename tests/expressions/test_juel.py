"""JUEL, as it stands in diagrams made for Camunda 7."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from caseloom.engine.errors import ExpressionError
from caseloom.engine.expressions import Environment, compile_juel, compile_place

DATA = {
    "amount": 7000,
    "approved": False,
    "name": "Ada",
    "items": [1, 2],
    "order": {"id": 5},
    "empty": "",
    "nothing": None,
}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("${amount > 5000 && !approved}", True),
        ("#{amount gt 5000 and not approved}", True),
        ("${amount == '7000'}", True),
        ("${approved == false}", True),
        ("${name eq 'Ada' ? 'yes' : 'no'}", "yes"),
        ("${empty nothing and empty items == false}", True),
        ("${order.id + 1}", 6),
        ("${order['id']}", 5),
        ("${items[0]}", 1),
        ("${items[7]}", None),
        ("${order.missing}", None),
        ("${nothing.anything}", None),
        ("${nothing < 5}", False),
        ("${nothing == null}", True),
        ("${7 / 2}", Decimal("3.5")),
        ("${7 mod 4}", 3),
        ("${-amount}", -7000),
        ("PT${items.size()}H", "PT2H"),
        ("${name} has ${amount} and ${nothing}.", "Ada has 7000 and ."),
        ("plain text", "plain text"),
        (r"\${name}", "${name}"),
        ("${items.contains(2)}", True),
        ("${name.toLowerCase().startsWith('a')}", True),
        ("${name.equals('Ada')}", True),
        ("${items.isEmpty()}", False),
        ("${order.containsKey('id')}", True),
        ("${order.getOrDefault('id', 9)}", 5),
        ("${order.getOrDefault('no', 9)}", 9),
        ("${name.charAt(0)}", "A"),
        ("${name.lastIndexOf('a')}", 2),
        ("${items.lastIndexOf('none')}", -1),
        ("${name.matches('A.*')}", True),
        ("${name.matches('A')}", False),
        ('${S(order).prop("id").value()}', 5),
        ("""${S('{"a": {"b": 1.5}}').prop("a").prop("b").numberValue()}""", Decimal("1.5")),
    ],
)
def test_an_expression_has_its_value(text, value):
    assert compile_juel(text).evaluate(DATA) == value


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("${missing > 5}", "There is no variable “missing”."),
        ("${name > 5}", "“Ada” is no number."),
        ("${amount / 0}", "division by zero"),
        ("${name.charAt(3)}", "The text has no character 3 (it counts from 0)."),
        ("${name.matches('(')}", "“(” is no pattern"),
        ("${amount.id}", "A number has no “id”."),
        ("${items && true}", "A list is neither true nor false."),
    ],
)
def test_what_cannot_be_computed_is_an_error_that_names_it(text, words):
    expression = compile_juel(text)

    with pytest.raises(ExpressionError) as raised:
        expression.evaluate(DATA)
    assert words in str(raised.value)


@pytest.mark.parametrize(
    ("text", "call"),
    [
        ("${mailer.send(order)}", "mailer.send"),
        ("${execution.getEngineServices()}", "execution.getEngineServices"),
        ("${order.getAmount()}", "order.getAmount"),
        ("${currentUser()}", "currentUser"),
        ("${x.getClass().forName('java.lang.Runtime')}", "forName"),
    ],
)
def test_a_call_that_is_not_understood_is_refused_by_its_name(text, call):
    with pytest.raises(ExpressionError, match=call):
        compile_juel(text)


def test_the_execution_is_plain_data():
    env = Environment(
        execution={"case_id": "c1", "business_key": "A-17", "element_id": "check", "assignee": "bo"}
    )

    assert compile_juel("${execution.processBusinessKey}").evaluate({}, env) == "A-17"
    assert compile_juel("${execution.getProcessBusinessKey()}").evaluate({}, env) == "A-17"
    assert compile_juel("${execution.id}").evaluate({}, env) == "c1"
    assert compile_juel("${task.assignee}").evaluate({}, env) == "bo"
    assert compile_juel("${execution.getVariable('amount') + 1}").evaluate(DATA, env) == 7001
    assert compile_juel("${execution.hasVariable('missing')}").evaluate(DATA, env) is False


def test_a_variable_that_is_set_is_left_in_the_environment_and_read_back():
    env = Environment()

    compile_juel("${execution.setVariable('amount', 1)}").evaluate(DATA, env)

    assert env.writes == {"amount": 1}
    assert compile_juel("${amount}").evaluate(DATA, env) == 1


def test_the_clock_is_given_and_its_use_is_noted():
    env = Environment(now=datetime(2026, 11, 24, 9, tzinfo=UTC))

    assert compile_juel("${dateTime().plusDays(2).toDate()}").evaluate({}, env) == datetime(
        2026, 11, 26, 9, tzinfo=UTC
    )
    assert env.used_volatile


def test_an_expression_says_what_it_reads():
    expression = compile_juel("${a.b > c[d] ? execution.getVariable('e') : 0}")

    assert expression.reads == {"a", "c", "d", "e"}
    assert not expression.constant
    assert compile_juel("demo").constant


@pytest.mark.parametrize(
    ("text", "bare", "language", "value"),
    [
        ("${name}", "feel", "juel", "Ada"),
        ("= name", "text", "feel", "Ada"),
        ("name", "feel", "feel", "Ada"),
        ("name", "text", "text", "name"),
        ('="${name}"', "text", "feel", "${name}"),
    ],
)
def test_the_form_says_which_language_it_is(text, bare, language, value):
    expression = compile_place(text, bare=bare)

    assert expression.language == language
    assert expression.evaluate(DATA) == value
