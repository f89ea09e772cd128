"""The contract of the embedded engine, call by call."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from drawing import draw, draw_all
from playing import NOON, Clock, again, finish, open_tasks, start, stored, task, tasks

from caseloom.adhoc import Insert
from caseloom.engine import (
    Assign,
    Cancel,
    Claim,
    Complete,
    Engine,
    Person,
    Resume,
    Retry,
    SaveDraft,
    SetData,
    Suspend,
    Unclaim,
)
from caseloom.engine.errors import (
    AlreadyDone,
    CaseloomError,
    Conflict,
    DiagramError,
    ExpressionError,
    Invalid,
    NotAllowed,
    NotFound,
)
from caseloom.engine.expressions.values import YearMonthDuration
from caseloom.engine.results import Status

# -- deploying -------------------------------------------------------------------------------------------


def test_a_deployment_tells_its_definitions(engine: Engine) -> None:
    deployed = engine.deploy(("order.bpmn", draw("A", key="order", name="Order")))

    [definition] = deployed.definitions
    assert (definition.key, definition.version, definition.name) == ("order", 1, "Order")
    assert engine.definitions("order") == [definition]


def test_the_same_bytes_are_the_same_version_and_others_the_next(engine: Engine) -> None:
    first = engine.deploy(("a.bpmn", draw("A")))
    assert engine.deploy(("a.bpmn", draw("A"))) == first

    engine.deploy(("a.bpmn", draw("B")))

    assert [one.version for one in engine.definitions("case")] == [1, 2]


def test_files_may_be_paths(engine: Engine, tmp_path: Path) -> None:
    path = tmp_path / "order.bpmn"
    path.write_bytes(draw("A", key="order"))

    assert engine.deploy(path).definitions[0].key == "order"
    assert engine.deploy(str(path)).definitions[0].version == 1


def test_what_is_wrong_is_told_with_its_element_and_nothing_is_stored(engine: Engine) -> None:
    wrong = draw("A > [ x >: B | else: C ]")

    with pytest.raises(DiagramError) as refused:
        engine.deploy(("good.bpmn", draw("A", key="good")), ("wrong.bpmn", wrong))

    [finding] = [one for one in refused.value.findings if one.severity == "error"]
    assert (finding.file, finding.element_id) == ("wrong.bpmn", "choice_1__b")
    assert finding.line > 0
    assert finding.code
    assert engine.definitions() == []


@pytest.mark.parametrize("files", [(), (("a.bpmn", b""),), (("a.bpmn", b"<x/>"),), ("nowhere.bpmn",)])
def test_what_is_no_diagram_is_refused(engine: Engine, files: tuple[Any, ...]) -> None:
    with pytest.raises((Invalid, NotFound)):
        engine.deploy(*files)


# -- starting --------------------------------------------------------------------------------------------


def test_a_case_has_what_it_was_started_with(engine: Engine) -> None:
    engine.deploy(("order.bpmn", draw("A", key="order")))

    case = engine.start("order", data={"amount": 5}, business_key="A-17", by="anna")

    assert (case.key, case.version, case.business_key) == ("order", 1, "A-17")
    assert (case.status, case.revision, case.data) == (Status.RUNNING, 1, {"amount": 5})
    assert (case.created_at, case.ended_at) == (NOON, None)
    assert [one.name for one in case.tasks] == ["A"]
    assert engine.case(case.id) == case
    [entry] = engine.history(case.id)
    assert (entry.seq, entry.command, entry.by, entry.at) == (1, "Start", "anna", NOON)


def test_a_case_runs_the_newest_version_or_the_one_that_is_named(engine: Engine) -> None:
    engine.deploy(("a.bpmn", draw("A")))
    engine.deploy(("a.bpmn", draw("B")))

    assert [one.name for one in engine.start("case").tasks] == ["B"]
    assert [one.name for one in engine.start("case", version=1).tasks] == ["A"]
    with pytest.raises(NotFound, match="version 3"):
        engine.start("case", version=3)
    with pytest.raises(NotFound, match="“order”"):
        engine.start("order")


def test_a_case_of_an_old_version_goes_on_by_it(engine: Engine) -> None:
    case = start(engine, "A > Old")
    engine.deploy(("drawn.bpmn", draw("A > New")))

    finish(engine, case, "A")

    assert open_tasks(engine, case) == ["Old"]


def test_a_request_to_start_is_carried_out_once(engine: Engine) -> None:
    engine.deploy(("a.bpmn", draw("A")))

    first = engine.start("case", request_id="r1")
    second = engine.start("case", request_id="r1")
    third = engine.start("case", request_id="r2")

    assert first.id == second.id != third.id
    assert len(engine.cases()) == 2


# -- doing -----------------------------------------------------------------------------------------------


def test_a_command_is_carried_out_once_per_request(engine: Engine) -> None:
    case = start(engine, "( Write > Review until done )", {"done": False})
    write = Complete(task(engine, case, "Write").id, data={"n": 1})

    first = engine.do(case.id, write, request_id="r1")
    second = engine.do(case.id, write, request_id="r1")

    assert first.revision == second.revision == 2
    assert open_tasks(engine, case) == ["Review"]


def test_a_request_belongs_to_one_case(engine: Engine) -> None:
    one, other = start(engine, "A > B"), start(engine, "A > B")
    engine.do(one.id, Complete(task(engine, one, "A").id), request_id="r1")

    with pytest.raises(Conflict, match="another case"):
        engine.do(other.id, Complete(task(engine, other, "A").id), request_id="r1")


def test_a_request_that_changes_nothing_is_remembered_too(engine: Engine) -> None:
    case = start(engine, "A > B")
    engine.do(case.id, Claim(task(engine, case, "A").id), by="bo")

    engine.do(case.id, Claim(task(engine, case, "A").id), by="bo", request_id="r1")
    finish(engine, case, "A")

    assert engine.do(case.id, Claim("gone"), by="bo", request_id="r1").revision == 3


def test_a_refused_request_may_be_made_again(engine: Engine) -> None:
    case = start(engine, "A > B")
    with pytest.raises(NotFound):
        engine.do(case.id, Complete(f"{case.id}-99"), request_id="r1")

    engine.do(case.id, Complete(task(engine, case, "A").id), request_id="r1")

    assert open_tasks(engine, case) == ["B"]


def test_an_expected_revision_is_held_to(engine: Engine) -> None:
    case = start(engine, "A > B")
    engine.do(case.id, SetData({"x": 1}), expect_revision=1)
    before = stored(engine, case.id)

    with pytest.raises(Conflict, match="revision 2, not 1"):
        engine.do(case.id, SetData({"x": 2}), expect_revision=1)

    assert stored(engine, case.id) == before


def test_claiming_is_not_a_lock(engine: Engine) -> None:
    case = start(engine, "A > B")
    id = task(engine, case, "A").id
    engine.do(case.id, Claim(id), by="anna")
    with pytest.raises(Conflict, match="anna"):
        engine.do(case.id, Claim(id), by="bo")
    assert task(engine, case, "A").assignee == "anna"

    engine.do(case.id, Complete(id), by="bo")

    assert open_tasks(engine, case) == ["B"]


def test_a_task_changes_hands(engine: Engine) -> None:
    case = start(engine, "A <assignee=anna>")
    id = task(engine, case, "A").id
    assert task(engine, case, "A").assignee == "anna"

    engine.do(case.id, Assign(id, "bo"))
    assert task(engine, case, "A").assignee == "bo"
    engine.do(case.id, Unclaim(id), by="bo")
    assert task(engine, case, "A").assignee is None
    engine.do(case.id, Claim(id), by="cleo")

    assert task(engine, case, "A").assignee == "cleo"


def test_a_claim_needs_somebody(engine: Engine) -> None:
    case = start(engine, "A")

    with pytest.raises(Invalid, match="by whom"):
        engine.do(case.id, Claim(task(engine, case, "A").id))


def test_a_task_is_done_once(engine: Engine) -> None:
    case = start(engine, "A > B")
    id = task(engine, case, "A").id
    engine.do(case.id, Complete(id))

    with pytest.raises(AlreadyDone, match="A"):
        engine.do(case.id, Complete(id))
    with pytest.raises(AlreadyDone):
        engine.task(id)


def test_a_draft_is_a_persons_own_and_never_process_data(engine: Engine) -> None:
    case = start(engine, "A > B")
    id = task(engine, case, "A").id

    engine.do(case.id, SaveDraft(id, {"x": 1}), by="anna")
    engine.do(case.id, SaveDraft(id, {"x": 2}), by="bo")
    engine.do(case.id, SaveDraft(id, {"x": 3}), by="anna")

    assert engine.drafts(id) == {"anna": {"x": 3}, "bo": {"x": 2}}
    assert again(engine, case).data == {}


def test_a_second_draft_writes_no_history(engine: Engine) -> None:
    case = start(engine, "A > B")
    id = task(engine, case, "A").id
    engine.do(case.id, SaveDraft(id, {"x": 1}), by="anna")
    revision = again(engine, case).revision

    engine.do(case.id, SaveDraft(id, {"x": 2}), by="anna")

    assert again(engine, case).revision == revision


def test_the_case_file_is_corrected_by_hand(engine: Engine) -> None:
    case = start(engine, "A", {"x": 1})

    engine.do(case.id, SetData({"x": 2, "y": 3}), by="anna")

    assert again(engine, case).data == {"x": 2, "y": 3}


def test_the_case_file_that_is_given_out_is_a_copy(engine: Engine) -> None:
    case = start(engine, "A", {"list": [1]})

    case.data["list"].append(2)
    again(engine, case).data["list"].append(3)

    assert again(engine, case).data == {"list": [1]}


def test_a_suspended_case_rests_until_it_is_resumed(engine: Engine, clock: Clock) -> None:
    case = start(engine, "( A | @timer P1D Wait > B | @message go > C | @send letter Send )")
    assert engine.do(case.id, Suspend(reason="strike")).status is Status.SUSPENDED
    clock.forward(days=2)

    assert engine.run_due() == 0
    assert engine.message("go", case_id=case.id) == []
    assert engine.fetch_and_lock("letter", "worker") == []
    with pytest.raises(Conflict, match="suspended"):
        engine.do(case.id, Complete(tasks(engine, case)[0].id))
    with pytest.raises(Conflict, match="suspended"):
        engine.do(case.id, Suspend())

    assert engine.do(case.id, Resume()).status is Status.RUNNING
    assert engine.run_due() == 1
    assert "B" in open_tasks(engine, case)


def test_a_message_that_came_while_a_case_was_suspended_is_taken_afterwards(engine: Engine) -> None:
    case = start(engine, "@message go > A")
    engine.do(case.id, Suspend())
    engine.message("go", case_id=case.id)

    engine.do(case.id, Resume())

    assert open_tasks(engine, case) == ["A"]


def test_a_cancelled_case_is_over(engine: Engine) -> None:
    case = start(engine, "( A +timer P1D ( B ) | @message go | @send letter Send )")

    ended = engine.do(case.id, Cancel(reason="withdrawn"), by="anna")

    assert (ended.status, ended.ended_at) == (Status.CANCELLED, NOON)
    assert (open_tasks(engine, case), engine.next_due()) == ([], None)
    assert engine.fetch_and_lock("letter", "worker") == []
    assert engine.message("go", case_id=case.id) == []
    with pytest.raises(Conflict, match="ended"):
        engine.do(case.id, Cancel())


def test_a_retry_corrects_the_data_and_goes_on(engine: Engine) -> None:
    case = start(engine, "A > [ x > 1: B | else: C ]")
    finish(engine, case, "A")
    [incident] = again(engine, case).incidents
    assert (incident.element_id, incident.kind, incident.at) == ("choice_1", "expression", NOON)
    assert "x > 1" in incident.message
    assert again(engine, case).status is Status.RUNNING

    engine.do(case.id, Retry(incident.id, data={"x": 2}))

    assert open_tasks(engine, case) == ["B"]
    assert again(engine, case).incidents == []
    with pytest.raises(NotFound):
        engine.do(case.id, Retry(incident.id))


def test_a_retry_that_fails_again_is_a_new_incident(engine: Engine) -> None:
    case = start(engine, "[ x > 1: B | else: C ]")
    [incident] = again(engine, case).incidents

    engine.do(case.id, Retry(incident.id))

    [other] = again(engine, case).incidents
    assert other.id != incident.id


# -- looking ---------------------------------------------------------------------------------------------


@pytest.fixture
def inbox(engine: Engine, clock: Clock) -> Engine:
    """Three cases with tasks of several people."""
    engine.deploy(
        (
            "all.bpmn",
            draw_all(
                letter="Write <assignee=anna due=P3D> > Send",
                lease="Check <groups=survey due=P1D priority=90>",
                visit="Visit <users='bo,cleo' groups=survey>",
            ),
        )
    )
    for key in ("letter", "lease", "visit"):
        engine.start(key, business_key=key.upper())
        clock.forward(minutes=1)

    return engine


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ({}, ["Write", "Check", "Visit"]),
        ({"assignee": "anna"}, ["Write"]),
        ({"unassigned": True}, ["Check", "Visit"]),
        ({"unassigned": False}, ["Write"]),
        ({"groups": ["survey"]}, ["Check", "Visit"]),
        ({"groups": ["nobody"]}, []),
        ({"for_user": "anna"}, ["Write"]),
        ({"for_user": "bo"}, ["Visit"]),
        ({"for_user": "bo", "groups": ["survey"]}, ["Check", "Visit"]),
        ({"name": "Check"}, ["Check"]),
        ({"key": "visit"}, ["Visit"]),
        ({"due_before": NOON + timedelta(days=2)}, ["Check"]),
        ({"order": "due"}, ["Check", "Write", "Visit"]),
        ({"order": "priority"}, ["Check", "Write", "Visit"]),
        ({"order": "name"}, ["Check", "Visit", "Write"]),
        ({"limit": 2}, ["Write", "Check"]),
    ],
)
def test_tasks_are_found_by_what_they_are(inbox: Engine, wanted: dict[str, Any], found: list[str]) -> None:
    assert [one.name for one in inbox.tasks(**wanted)] == found


@pytest.mark.parametrize("order", ["created", "due", "priority", "name"])
def test_tasks_are_paged_in_every_order(inbox: Engine, order: str) -> None:
    for _ in range(4):
        inbox.start("lease")
    whole = [one.id for one in inbox.tasks(order=order)]

    pages: list[str] = []
    while page := inbox.tasks(order=order, limit=2, after=pages[-1] if pages else None):
        pages += [one.id for one in page]

    assert pages == whole
    assert len(whole) == 7


def test_an_unknown_order_is_refused(inbox: Engine) -> None:
    with pytest.raises(Invalid):
        inbox.tasks(order="colour")


def test_a_task_tells_all_that_the_contract_names(inbox: Engine) -> None:
    [check] = inbox.tasks(name="Check")

    assert (check.element_id, check.kind, check.item, check.held) == ("check", "diagram", None, False)
    assert (check.priority, check.due_at, check.follow_up_at) == (
        90,
        NOON + timedelta(days=1, minutes=1),
        None,
    )
    assert (check.assignee, list(check.candidate_users), list(check.candidate_groups)) == (
        None,
        [],
        ["survey"],
    )
    assert (check.created_at, check.form, check.previous) == (NOON + timedelta(minutes=1), None, None)
    assert check.occurrence_id
    assert inbox.task(check.id) == check


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ({}, ["LETTER", "LEASE", "VISIT"]),
        ({"key": "lease"}, ["LEASE"]),
        ({"business_key": "VISIT"}, ["VISIT"]),
        ({"status": "running"}, ["LETTER", "LEASE", "VISIT"]),
        ({"status": "completed"}, []),
        ({"limit": 1}, ["LETTER"]),
        ({"where": {"amount": 5}}, ["LEASE"]),
        ({"where": {"amount": 5, "colour": "red"}}, []),
        ({"where": "amount > 3"}, ["LEASE", "VISIT"]),
        ({"where": "amount > 3 and amount < 6"}, ["LEASE"]),
        ({"where": "amount > 3", "limit": 1}, ["LEASE"]),
        ({"where": {}}, ["LETTER", "LEASE", "VISIT"]),
    ],
)
def test_cases_are_found_by_what_they_are(inbox: Engine, wanted: dict[str, Any], found: list[str]) -> None:
    for case, amount in zip(inbox.cases(), (1, 5, 9), strict=True):
        inbox.do(case.id, SetData({"amount": amount}))

    assert [one.business_key for one in inbox.cases(**wanted)] == found


def test_cases_are_paged(engine: Engine, clock: Clock) -> None:
    engine.deploy(("a.bpmn", draw("A")))
    made = []
    for number in range(7):
        made.append(engine.start("case", {"n": number}).id)
        clock.forward(seconds=1)

    pages: list[str] = []
    while page := engine.cases(limit=2, after=pages[-1] if pages else None, where="n != 3"):
        pages += [one.id for one in page]

    assert pages == [id for number, id in enumerate(made) if number != 3]


def test_a_condition_that_cannot_be_read_is_refused(engine: Engine) -> None:
    with pytest.raises(ExpressionError):
        engine.cases(where="amount >")


@pytest.mark.parametrize(
    "ask",
    [
        lambda engine: engine.case("nothing"),
        lambda engine: engine.history("nothing"),
        lambda engine: engine.task("nothing"),
        lambda engine: engine.task("nothing-4"),
        lambda engine: engine.do("nothing", Resume()),
        lambda engine: engine.message("m", case_id="nothing"),
        lambda engine: engine.complete_job("nothing", "worker", {}),
    ],
)
def test_what_is_not_there_is_not_found(engine: Engine, ask: Any) -> None:
    with pytest.raises(NotFound):
        ask(engine)


def test_the_history_tells_who_did_what_when_and_why(engine: Engine, clock: Clock) -> None:
    case = start(engine, "A > x := 1 > B", by="anna")
    clock.forward(hours=1)
    finish(engine, case, "A", by="bo", y=2)
    engine.do(case.id, Insert("X", after="b", reason="to be sure"), by="ada")

    told = engine.history(case.id)

    assert [(one.seq, one.command, one.by, one.reason) for one in told] == [
        (1, "Start", "anna", None),
        (2, "Complete", "bo", None),
        (3, "Insert", "ada", "to be sure"),
    ]
    assert [one.change_id is None for one in told] == [True, True, False]
    written = [fact["writes"] for fact in told[1].facts if fact["writes"]]
    assert written == [{"y": 2}, {"x": 1}]
    assert all(fact["effective"] for one in told for fact in one.facts)


def test_an_occurrence_tells_its_story(engine: Engine, clock: Clock) -> None:
    case = start(engine, "{ S: A > B }")
    clock.forward(hours=1)
    finish(engine, case, "A", by="bo")

    by_element = {one.element_id: one for one in again(engine, case).occurrences}

    done, scope = by_element["a"], by_element["s"]
    assert (str(done.state), done.number, done.effective, done.by) == ("completed", 1, True, "bo")
    assert (done.started_at, done.ended_at) == (NOON, NOON + timedelta(hours=1))
    assert done.scope_id == scope.id
    assert (str(scope.state), scope.scope_id, scope.ended_at) == ("active", None, None)


# -- people ----------------------------------------------------------------------------------------------

PEOPLE = {
    "anna": Person("anna", ["survey"]),
    "bo": Person("bo"),
    "mia": Person("mia", ["case-managers"]),
}


@pytest.fixture
def house(clock: Clock) -> Iterator[Engine]:
    with Engine("sqlite://", clock=clock, people=PEOPLE.get) as opened:
        yield opened


def test_with_people_candidates_assignee_and_managers_may_work(house: Engine) -> None:
    case = start(house, "A <groups=survey>")
    id = task(house, case, "A").id

    for command in (Complete(id), Claim(id), SaveDraft(id, {}), Assign(id, "bo")):
        with pytest.raises(NotAllowed, match="bo"):
            house.do(case.id, command, by="bo")
    house.do(case.id, Assign(id, "bo"), by="mia")

    house.do(case.id, Complete(id), by="bo")


def test_with_people_a_stranger_may_nothing(house: Engine) -> None:
    house.deploy(("a.bpmn", draw("A")))

    with pytest.raises(NotAllowed, match="zoe"):
        house.start("case", by="zoe")
    case = house.start("case", by="bo")
    with pytest.raises(NotAllowed, match="zoe"):
        finish(house, case, "A", by="zoe")


def test_with_people_only_managers_stop_cases(house: Engine) -> None:
    case = start(house, "A")

    for command in (Suspend(), Cancel()):
        with pytest.raises(NotAllowed, match="case-managers"):
            house.do(case.id, command, by="anna")
    house.do(case.id, Suspend(), by="mia")
    with pytest.raises(NotAllowed, match="case-managers"):
        house.do(case.id, Resume(), by="anna")


def test_with_people_the_groups_of_a_person_find_their_tasks(house: Engine) -> None:
    start(house, "A <groups=survey>")

    assert [one.name for one in house.tasks(for_user="anna")] == ["A"]
    assert house.tasks(for_user="bo") == []


def test_a_task_that_names_nobody_is_listed_for_everybody_until_somebody_has_it(house: Engine) -> None:
    case = start(house, "A")

    assert [[one.name for one in house.tasks(for_user=who)] for who in ("anna", "bo")] == [["A"], ["A"]]
    assert house.tasks(groups=["survey"]) == []
    house.do(case.id, Claim(task(house, case, "A").id), by="anna")
    assert house.tasks(for_user="bo") == []
    house.do(case.id, Unclaim(task(house, case, "A").id), by="anna")
    assert [one.name for one in house.tasks(for_user="bo")] == ["A"]


def test_a_task_that_its_assignee_gives_back_is_offered_to_them_alone(house: Engine) -> None:
    case = start(house, "A <assignee=anna>")
    house.do(case.id, Unclaim(task(house, case, "A").id), by="anna")

    assert [one.name for one in house.tasks(for_user="anna")] == ["A"]
    assert house.tasks(for_user="bo") == []


# -- values ----------------------------------------------------------------------------------------------

VALUES = {
    "text": "Grüße ✓ 🎉",
    "int": 10**30,
    "float": 0.1,
    "bool": True,
    "null": None,
    "decimal": Decimal("19.990"),
    "date": date(2026, 2, 28),
    "time": time(9, 30),
    "instant": datetime(2026, 3, 1, 9, 30, tzinfo=UTC),
    "local": datetime(2026, 3, 1, 9, 30),
    "duration": timedelta(days=1, hours=2),
    "months": YearMonthDuration(14),
    "list": [1, Decimal("2.50"), [date(2026, 1, 1)], {}],
    "nested": {"typename": "x", "@date": "no date", "a": {"b": [None]}},
}


def test_values_survive_exactly(engine: Engine) -> None:
    case = start(engine, "A > B", VALUES)
    finish(engine, case, "A", **{f"again_{name}": value for name, value in VALUES.items()})
    engine.door.hot.forget(case.id)

    found = engine.case(case.id).data

    for name, value in VALUES.items():
        for stored_value in (found[name], found[f"again_{name}"]):
            assert stored_value == value
            assert type(stored_value) is type(value)
    assert str(found["decimal"]) == "19.990"


@pytest.mark.parametrize("wrong", [float("nan"), float("inf"), "a\0b", "\ud800", object(), {1: 2}, b"x", {3}])
def test_values_that_cannot_be_stored_are_refused_by_name(engine: Engine, wrong: Any) -> None:
    case = start(engine, "A")
    before = stored(engine, case.id)

    for act in (
        lambda: engine.start("case", {"place": wrong}),
        lambda: finish(engine, case, "A", place=wrong),
        lambda: engine.do(case.id, SetData({"place": wrong})),
        lambda: engine.do(case.id, SaveDraft(task(engine, case, "A").id, {"place": wrong}), by="bo"),
        lambda: engine.message("m", case_id=case.id, data={"place": wrong}),
    ):
        with pytest.raises(Invalid, match="place"):
            act()

    assert stored(engine, case.id) == before
    assert len(engine.cases()) == 1


@pytest.mark.parametrize("data", [[1], "text", 5])
def test_data_is_a_mapping(engine: Engine, data: Any) -> None:
    case = start(engine, "A")

    with pytest.raises(CaseloomError):
        engine.do(case.id, SetData(data))
    with pytest.raises(CaseloomError):
        engine.do(case.id, Complete(task(engine, case, "A").id, data=data))


# -- expressions -----------------------------------------------------------------------------------------


def test_expressions_are_evaluated_by_themselves(engine: Engine) -> None:
    assert engine.evaluate("amount * 2", {"amount": 4}) == 8
    assert engine.evaluate("${amount > 3}", {"amount": 4}) is True
    with pytest.raises(ExpressionError):
        engine.evaluate("1 +", {})


# -- signatures ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("call", "names"),
    [
        ("__init__", ["url", "clock", "people", "fast_commit"]),
        ("start", ["key", "data", "version", "business_key", "by", "request_id"]),
        ("do", ["case_id", "command", "by", "expect_revision", "request_id", "preview"]),
        ("preview", ["case_id", "command", "by"]),
        ("cases", ["key", "status", "business_key", "where", "limit", "after"]),
        (
            "tasks",
            [
                "case_id", "for_user", "groups", "assignee", "unassigned", "name", "key", "due_before",
                "order", "limit", "after",
            ],
        ),
        ("message", ["name", "case_id", "business_key", "correlation", "data", "message_id"]),
        ("signal", ["name", "data"]),
        ("run_due", ["now"]),
        ("fetch_and_lock", ["topic", "worker", "max_jobs", "lock_seconds"]),
        ("complete_job", ["job_id", "worker", "data"]),
        ("fail_job", ["job_id", "worker", "message", "retries", "retry_seconds"]),
        ("job_error", ["job_id", "worker", "code", "message", "data"]),
        ("extend_lock", ["job_id", "worker", "seconds"]),
        ("evaluate", ["expression", "data"]),
        ("decide", ["decision", "data"]),
    ],
)  # fmt: skip
def test_the_calls_take_what_the_contract_says(call: str, names: list[str]) -> None:
    known = list(inspect.signature(getattr(Engine, call)).parameters)

    assert [name for name in known if name in names] == names
