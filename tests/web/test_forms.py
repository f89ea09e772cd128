"""Forms: fields from both kinds, what is read of them, and what is refused."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from werkzeug.datastructures import MultiDict

from caseloom.engine.results import Form, FormField
from caseloom.web import forms
from caseloom.web.fields import Kind


def drawn(*fields: FormField) -> Form:
    return Form("fields", fields=fields)


def form_js(*components: dict[str, object]) -> Form:
    return Form("form-js", schema={"type": "default", "components": list(components)})


def evaluate(expression, data):
    """Stands in for the engine's: names, and `a = b` of a name and a literal."""
    name, _, literal = (part.strip() for part in expression.partition("="))
    return data.get(name) if not literal else data.get(name) == literal.strip('"')


def read(form, *typed, data=None):
    return forms.received(form, data or {}, MultiDict(typed), evaluate=evaluate)


# -- the modeler's own forms ---------------------------------------------------------------------


def test_fields_of_the_modeler_become_controls_and_values():
    form = drawn(
        FormField("amount", "Amount", "long", required=True),
        FormField("approved", "Approved", "boolean"),
        FormField("when", "When", "date"),
        FormField("rating", "Rating", "enum", options=[("good", "Good"), ("bad", "Bad")]),
        FormField("note", "", "string"),
    )

    shown = forms.filled(form, {"amount": 5, "rating": "bad"}, evaluate=evaluate)
    sent = read(
        form, ("amount", "7"), ("approved", "true"), ("when", "2026-03-31"), ("rating", "good"), ("note", " ")
    )

    assert [control.field.kind for control in shown.controls] == [
        Kind.NUMBER,
        Kind.TICK,
        Kind.DATE,
        Kind.SELECT,
        Kind.TEXT,
    ]
    assert shown.controls[0].value == "5"
    assert shown.controls[3].chosen == {"bad"}
    assert shown.controls[4].field.label == "Note"
    assert sent.errors == {}
    assert sent.data == {
        "amount": 7,
        "approved": True,
        "when": date(2026, 3, 31),
        "rating": "good",
        "note": None,
    }


@pytest.mark.parametrize(
    ("field", "typed", "sentence"),
    [
        (FormField("a", "A", "long", required=True), "", "This is needed."),
        (FormField("a", "A", "long"), "many", "“many” is not a number."),
        (FormField("a", "A", "long"), "1.5", "Give a whole number."),
        (FormField("a", "A", "long"), "NaN", "That number is too large."),
        (FormField("a", "A", "long", constraints={"max": "10"}), "11", "At most 10, please."),
        (
            FormField("a", "A", "string", constraints={"minlength": "3"}),
            "ab",
            "At least 3 characters, please.",
        ),
        (FormField("a", "A", "date"), "31.3.", "“31.3.” is not a date, such as 2026-03-31."),
        (FormField("a", "A", "enum", options=[("x", "X")]), "y", "“y” is not one of the choices."),
    ],
)
def test_what_does_not_fit_is_refused_in_a_sentence(field, typed, sentence):
    sent = read(drawn(field), ("a", typed))

    assert sent.errors == {"a": sentence}
    assert "a" not in sent.data


def test_a_wrong_answer_is_shown_again_as_it_was_typed():
    form = drawn(FormField("a", "A", "long"))
    answers = MultiDict([("a", "many")])
    sent = forms.received(form, {}, answers, evaluate=evaluate)

    (control,) = forms.again(form, {}, answers, sent, evaluate=evaluate).controls

    assert (control.value, control.error) == ("many", "“many” is not a number.")


def test_a_read_only_field_cannot_be_written():
    sent = read(drawn(FormField("a", "A", "string", readonly=True)), ("a", "forged"))

    assert sent.data == {}


def test_a_draft_goes_before_an_earlier_answer_and_that_before_the_case_file():
    form = drawn(*(FormField(name, name) for name in "abcd"))

    shown = forms.filled(
        form,
        {"a": "file", "b": "file", "c": "file"},
        evaluate=evaluate,
        draft={"a": "draft"},
        previous={"a": "earlier", "b": "earlier"},
    )

    assert [control.value for control in shown.controls] == ["draft", "earlier", "file", ""]
    assert [control.previous for control in shown.controls] == ["earlier", "earlier", "", ""]


def test_a_form_of_another_program_is_named():
    assert (
        forms.filled(Form("key", key="embedded:app:x"), {}, evaluate=evaluate).elsewhere == "embedded:app:x"
    )


# -- form-js -------------------------------------------------------------------------------------


def test_every_common_component_is_read():
    choices = [{"label": "One", "value": 1}, {"label": "Two", "value": 2}]
    form = form_js(
        {"type": "text", "text": "# Hello {{name}}"},
        {"type": "textfield", "key": "tenant", "label": "Tenant", "validate": {"required": True}},
        {"type": "textarea", "key": "note", "label": "Note"},
        {"type": "number", "key": "hours", "label": "Hours", "decimalDigits": 1},
        {"type": "checkbox", "key": "sure", "label": "Sure"},
        {"type": "select", "key": "one", "label": "One", "values": choices},
        {"type": "radio", "key": "other", "label": "Other", "values": choices},
        {"type": "checklist", "key": "several", "label": "Several", "values": choices},
        {"type": "datetime", "key": "on", "subtype": "date", "dateLabel": "On"},
        {"type": "separator"},
        {"type": "button", "label": "Send"},
    )

    shown = forms.filled(form, {"name": "Ida"}, evaluate=evaluate)
    sent = read(
        form,
        ("tenant", "Ida"),
        ("note", "x"),
        ("hours", "1.5"),
        ("one", "1"),
        ("other", "2"),
        ("several", "1"),
        ("several", "2"),
        ("on", "2026-03-31"),
    )

    assert shown.controls[0].field.html == "<h2>Hello Ida</h2>"
    assert sent.errors == {}
    assert sent.data == {
        "tenant": "Ida",
        "note": "x",
        "hours": Decimal("1.5"),
        "sure": False,
        "one": 1,
        "other": 2,
        "several": [1, 2],
        "on": date(2026, 3, 31),
    }


def test_a_group_with_a_path_nests_its_data():
    form = form_js(
        {
            "type": "group",
            "path": "tenant",
            "label": "Tenant",
            "components": [{"type": "textfield", "key": "name"}],
        }
    )

    assert read(form, ("tenant.name", "Ida")).data == {"tenant": {"name": "Ida"}}


def test_a_hidden_field_is_neither_asked_for_nor_written():
    form = form_js(
        {"type": "textfield", "key": "kind"},
        {
            "type": "textfield",
            "key": "why",
            "validate": {"required": True},
            "conditional": {"hide": '=kind = "plain"'},
        },
    )

    assert read(form, ("kind", "plain"), ("why", "forged")).data == {"kind": "plain"}
    assert read(form, ("kind", "odd")).errors == {"why": "This is needed."}


def test_options_may_come_from_the_case_file():
    form = form_js({"type": "select", "key": "plot", "valuesKey": "plots"})

    (control,) = forms.filled(
        form, {"plots": ["q1", {"label": "Quay 2", "value": "q2"}]}, evaluate=evaluate
    ).controls

    assert [(option.value, option.label) for option in control.field.options] == [
        ("q1", "q1"),
        ("q2", "Quay 2"),
    ]


def test_a_component_that_cannot_be_shown_says_so():
    (control,) = forms.filled(form_js({"type": "filepicker", "key": "file"}), {}, evaluate=evaluate).controls

    assert (control.field.kind, control.field.label) == (Kind.UNKNOWN, "filepicker")


def test_a_pattern_that_would_run_forever_elsewhere_answers_at_once():
    form = form_js({"type": "textfield", "key": "a", "validate": {"pattern": "^(a+)+$"}})

    assert read(form, ("a", "a" * 5000 + "!")).errors == {
        "a": "This does not have the form that is asked for."
    }


# -- without a form ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "value"),
    [
        ("yes", True),
        ("False", False),
        ("12", 12),
        ("1.50", Decimal("1.50")),
        ("2026-03-31", date(2026, 3, 31)),
        ("nan", "nan"),
        ("Ida", "Ida"),
        ("", None),
    ],
)
def test_values_typed_without_a_form_mean_what_they_look_like(typed, value):
    sent = read(None, ("free-name", "x"), ("free-value", typed), ("free-name", ""), ("free-value", "lost"))

    assert sent.data == {"x": value}
