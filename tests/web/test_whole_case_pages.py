"""Choose a way, correct the case file, pause, resume and cancel from the page of a case; incidents and grounds."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from drawing import draw

from caseloom.engine import Complete, Engine, Person
from caseloom.engine.expressions.values import YearMonthDuration
from caseloom.storage.records import UserRecord
from caseloom.web.app import create_app

RATES = """<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="rates" name="Rates" namespace="urn:r">
  <decision id="rate" name="Rate">
    <decisionTable hitPolicy="UNIQUE">
      <input label="Amount"><inputExpression><text>amount</text></inputExpression></input>
      <output/>
      <rule><inputEntry><text>&lt; 100</text></inputEntry><outputEntry><text>0</text></outputEntry></rule>
      <rule><inputEntry><text>&gt;= 100</text></inputEntry><outputEntry><text>5</text></outputEntry></rule>
    </decisionTable>
  </decision>
</definitions>"""


@pytest.fixture
def started(engine):
    """Starts a case of what is drawn."""

    def start(drawing, data=None):
        engine.deploy(("a.bpmn", draw(drawing, key="a")))
        return engine.start("a", data or {}, by="anna")

    return start


@pytest.fixture
def apply(page):
    """Sends the form of a preview, as the button does."""

    def send(visitor, preview):
        form = page(preview).xpath("//form[.//button[@data-testid='apply']]")[0]
        fields = [(found.get("name"), found.get("value")) for found in form.xpath(".//input[@type='hidden']")]
        return visitor.post(form.get("action"), [field for field in fields if field[0] != "csrf_token"])

    return send


# -- choosing a way ------------------------------------------------------------------------------


STUCK = "Ask > [ amount > 100: Big | amount < 10: Small ] > File"


def stuck(engine, started):
    case = started(STUCK, {"amount": 50})
    return engine.do(case.id, Complete(engine.tasks(case_id=case.id)[0].id))


def test_a_gateway_that_cannot_tell_is_shown_with_what_to_do(engine, started, anna, find):
    case = stuck(engine, started)

    answer = anna.get(f"/cases/{case.id}")

    assert find(answer, "status") == ["needs help"]
    assert find(answer, "choose-way") == ["Choose the way"]
    assert find(answer, "decide") == ["Choose"]
    assert "choose the way yourself" in find(answer, "advice")[0]


def test_its_way_is_chosen_by_name_with_a_preview_and_a_reason(engine, started, anna, find, page, apply):
    path = f"/cases/{stuck(engine, started).id}"
    form = page(anna.get(f"{path}/decide"))
    (big,) = [one for one in form.xpath("//label[@data-element]") if one.get("data-element") == "big"]
    assert "Big" in big.text_content()

    typed = {"target": big.xpath(".//input/@value")[0], "reason": "the manager says so"}
    preview = anna.post(f"{path}/decide/preview", typed)
    (said,) = find(preview, "consequences")
    assert apply(anna, preview).status_code == 303

    assert "goes on" in said
    assert "Opens now Big" in said
    assert [task.name for task in engine.tasks()] == ["Big"]
    assert "the manager says so" in anna.get(path).text
    assert find(anna.get(path), "decide") == []


def test_what_is_missing_for_a_choice_is_asked_for(engine, started, anna):
    path = f"/cases/{stuck(engine, started).id}/decide"
    anna.get(path)

    assert "Choose one of the list." in anna.post(f"{path}/preview", {"reason": "x"}).text
    assert "Say why" in anna.post(f"{path}/preview", {"target": "a:b"}).text
    two = anna.post(f"{path}/preview", [("target", "a:b"), ("target", "c:d"), ("reason", "x")])
    assert "Choose ways of one place only." in two.text


def test_where_nothing_waits_for_a_choice_the_panel_says_so(case, anna):
    answer = anna.get(f"/cases/{case.id}/decide")

    assert "does not wait for anybody to choose its way" in answer.text


def test_what_failed_is_tried_again_with_the_value_it_needs(engine, started, anna):
    case = stuck(engine, started)
    (incident,) = engine.case(case.id).incidents
    anna.get(f"/cases/{case.id}")

    anna.post(
        f"/cases/{case.id}/incidents/{incident.id}/retry",
        [("free-name", "amount"), ("free-value", "500"), ("free-name", ""), ("free-value", "")],
    )

    assert [task.name for task in engine.tasks()] == ["Big"]


# -- correcting the case file --------------------------------------------------------------------


VALUES = [
    ("number", 5, "7", 7),
    ("number", Decimal("1.10"), "2.25", Decimal("2.25")),
    ("yes-no", True, "false", False),
    ("text", "red", "blue", "blue"),
    ("long", "one\ntwo", "three\nfour", "three\nfour"),
    ("date", date(2026, 1, 31), "2026-02-01", date(2026, 2, 1)),
    ("duration", timedelta(days=1), "PT2H", timedelta(hours=2)),
    ("duration", YearMonthDuration(1), "P2M", YearMonthDuration(2)),
    ("json", [1, date(2026, 1, 31)], '[2, {"@date": "2026-02-01"}]', [2, date(2026, 2, 1)]),
    ("json", {"a": 1}, '{"a": {"b": null}}', {"a": {"b": None}}),
    ("free", None, "12", 12),
]


@pytest.mark.parametrize(("manner", "before", "typed", "after"), VALUES)
def test_a_value_is_asked_for_in_its_own_kind(
    engine, started, anna, page, apply, manner, before, typed, after
):
    case = started("Ask", {"thing": before, "other": "stays"})
    path = f"/cases/{case.id}"
    shown = page(anna.get(f"{path}/correct?name=thing"))
    assert shown.xpath("//input[@name='manner']/@value") == [manner]

    fields = {"name": "thing", "shown": "thing", "manner": manner, "value": typed, "reason": "a slip"}
    preview = anna.post(f"{path}/correct/preview", fields)
    assert apply(anna, preview).status_code == 303

    now = engine.case(case.id).data
    assert (now["thing"], type(now["thing"])) == (after, type(after))
    assert now["other"] == "stays"
    assert engine.history(case.id)[-1].reason == "a slip"


@pytest.mark.parametrize(("before", "shown"), [([1, date(2026, 1, 31)], "@date"), ({"a": 1}, '"a": 1')])
def test_a_value_with_parts_is_shown_as_json_that_reads_back(started, anna, page, before, shown):
    case = started("Ask", {"thing": before})

    area = page(anna.get(f"/cases/{case.id}/correct")).xpath("//textarea[@name='value']")[0]

    assert shown in area.text


def test_a_new_value_gets_a_name(engine, started, anna, apply, find):
    case = started("Ask", {"a": 1})
    path = f"/cases/{case.id}/correct"
    anna.get(path)

    typed = {"name": "", "shown": "", "manner": "free", "new_name": "colour", "value": "red", "reason": "x"}
    preview = anna.post(f"{path}/preview", typed)
    apply(anna, preview)

    assert "“Colour” comes into the case file, as “red”." in find(preview, "consequences")[0]
    assert engine.case(case.id).data == {"a": 1, "colour": "red"}


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"name": "", "shown": ""}, "Say which value is to be corrected."),
        ({"name": "b", "shown": "a"}, "show that first"),
        ({"name": "a", "shown": "a", "manner": "number", "value": "x"}, "“x” is not a number."),
        ({"name": "a", "shown": "a", "manner": "json", "value": "["}, "This is not JSON"),
        ({"name": "a", "shown": "a", "manner": "duration", "value": "soon"}, "“soon” is not a duration"),
        ({"name": "a", "shown": "a", "manner": "number", "value": "1"}, "Say why"),
    ],
)
def test_what_is_missing_for_a_correction_is_asked_for(started, anna, typed, sentence):
    path = f"/cases/{started('Ask', {'a': 1, 'b': 2}).id}/correct"
    anna.get(path)

    answer = anna.post(f"{path}/preview", typed)

    assert answer.status_code == 422
    assert sentence in answer.text


def test_another_name_brings_its_own_value(started, anna, page):
    path = f"/cases/{started('Ask', {'a': 1, 'b': 'red'}).id}/correct"
    anna.get(path)

    shown = page(anna.post(path, {"name": "b", "shown": "a", "manner": "number", "value": "99"}))

    assert shown.xpath("//input[@name='value']/@value") == ["red"]
    assert shown.xpath("//input[@name='shown']/@value") == ["b"]


# -- the whole case ------------------------------------------------------------------------------


def test_a_case_is_paused_resumed_and_cancelled(engine, case, anna, find, apply):
    path = f"/cases/{case.id}"
    assert find(anna.get(path), "suspend") == ["Pause"]

    apply(anna, anna.post(f"{path}/suspend/preview", {"reason": "the tenant is away"}))
    paused = anna.get(path)
    assert find(paused, "status") == ["paused"]
    assert "the tenant is away" in paused.text
    apply(anna, anna.post(f"{path}/resume/preview"))
    assert find(anna.get(path), "status") == ["running"]
    preview = anna.post(f"{path}/cancel/preview", {"reason": "withdrawn"})
    apply(anna, preview)

    assert "Is taken back; what was typed is kept Register" in find(preview, "consequences")[0]
    ended = anna.get(path)
    assert find(ended, "status") == ["cancelled"]
    assert find(ended, "correct") == find(ended, "cancel") == []


def test_a_case_is_not_cancelled_without_a_reason(case, anna):
    anna.get(f"/cases/{case.id}/cancel")

    assert anna.post(f"/cases/{case.id}/cancel/preview").status_code == 422


def test_only_case_managers_are_offered_the_whole_case(anna):
    with Engine("sqlite://", people=lambda user: Person(user, ("clerks",))) as engine:
        engine.deploy(("lease.bpmn", draw("Ask", key="ask")))
        with engine.database.begin() as transaction:
            transaction.put_user(UserRecord("bo", name="Bo", groups=("clerks",), password_hash="x"))
        path = f"/cases/{engine.start('ask').id}"
        bo = type(anna)(create_app(engine, secret_key="for tests")).signed_in("bo")

        assert "The whole case" not in bo.get(path).text
        assert "only by a case manager" in bo.get(f"{path}/cancel").text
        refused = bo.post(f"{path}/cancel/preview", {"reason": "x"})
        assert "case-managers" in refused.text
        assert 'data-testid="apply"' not in refused.text


# -- grounds -------------------------------------------------------------------------------------


def test_the_story_tells_the_ground_of_a_decision(engine, anna, find):
    engine.deploy(("a.bpmn", draw("@rule rate Rate > File", key="a")), ("rates.dmn", RATES.encode()))
    case = engine.start("a", {"amount": 250})

    (ground,) = find(anna.get(f"/cases/{case.id}"), "ground")

    assert "Rate version 1" in ground
    assert "Amount 250 Matched Rule 2 Result 5" in ground
    assert "Rule 1: Amount is not < 100" in ground
