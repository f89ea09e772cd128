"""Rights of a change: who may take out what, who is asked, four eyes, conditions, and the glass that may be broken."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from drawing import draw
from playing import (
    Clock,
    finish,
    last_change,
    live,
    marking,
    open_tasks,
    rebuilt,
    start,
    states,
    task,
    thawed,
)

from caseloom.adhoc import Approve, Insert, Reject, Remove, RequestApproval, Revisit, Skip, Undo, options
from caseloom.engine import Assign, Case, Complete, Engine, Person, SetData
from caseloom.engine.commands import Command
from caseloom.engine.errors import Conflict, DiagramError, Invalid, NotAllowed

PEOPLE = {
    "ann": Person("ann", ["clerks"]),
    "bea": Person("bea", ["clerks"]),
    "ben": Person("ben", ["bosses"]),
    "cleo": Person("cleo", ["others"]),
    "eve": Person("eve", ["break-glass"]),
    "mia": Person("mia", ["case-managers"]),
}
LINE = "A <groups=clerks> > B <groups=bosses> > C <groups=clerks> > D"


@pytest.fixture
def house(clock: Clock) -> Iterator[Engine]:
    with Engine("sqlite://", clock=clock, people=PEOPLE.get) as opened:
        yield opened


def drawn(line: str = LINE, **attributes: dict[str, str]) -> tuple[str, bytes]:
    given = {id: {f"caseloom:{name}": value for name, value in own.items()} for id, own in attributes.items()}
    return "drawn.bpmn", draw(line, attributes=given)


def started(house: Engine, line: str = LINE, **attributes: dict[str, str]) -> Case:
    """A and B are done by ann and ben, C waits."""
    house.deploy(drawn(line, **attributes))
    case = house.start("case")
    finish(house, case, "A", by="ann")
    return finish(house, case, "B", by="ben")


def who_may(house: Engine, case: Case, command: Command) -> list[str]:
    return [person for person in PEOPLE if house.preview(case.id, command, by=person).refusal is None]


def asked(house: Engine, case: Case) -> list[tuple[str, list[str], list[str]]]:
    return [
        (one.name, list(one.candidate_users), list(one.candidate_groups))
        for one in house.tasks(case_id=case.id)
        if one.asks
    ]


def sound(house: Engine, case: Case) -> None:
    now = live(house, case.id)
    assert marking(rebuilt(house, case.id)) == marking(now)
    assert marking(thawed(now)) == marking(now)


REVISIT = Revisit("a", reason="wrong plot")


# -- every completed step of the cone --------------------------------------------------------------------


def test_the_right_to_revisit_covers_every_completed_step_that_would_fall(house: Engine) -> None:
    case = started(house)

    assert who_may(house, case, Revisit("b", reason="x")) == ["ben", "eve", "mia"]
    assert who_may(house, case, REVISIT) == ["eve", "mia"]
    with pytest.raises(NotAllowed, match="ann may not revisit “B”: ben did it"):
        house.do(case.id, REVISIT, by="ann")


def test_who_did_a_step_may_take_it_out_again(house: Engine) -> None:
    house.deploy(drawn())
    case = house.start("case")
    finish(house, case, "A", by="mia")

    assert who_may(house, case, REVISIT) == ["ann", "bea", "eve", "mia"]


def test_steps_of_a_parallel_branch_do_not_fall_and_are_not_asked_about(house: Engine) -> None:
    house.deploy(drawn("( A <groups=clerks> | B <groups=bosses> ) > C"))
    case = house.start("case")
    finish(house, case, "A", by="ann")
    finish(house, case, "B", by="ben")

    house.do(case.id, REVISIT, by="ann")

    assert open_tasks(house, case) == ["A"]


def test_options_list_what_may_be_done_and_what_may_be_asked_for(house: Engine) -> None:
    case = started(house)

    found = options(house, case.id, by="ann")

    assert [one.element_id for one in found.revisit] == []
    assert [(one.command, one.element_id) for one in found.request if one.command == "Revisit"] == [
        ("Revisit", "a"), ("Revisit", "b"),
    ]  # fmt: skip
    assert options(house, case.id, by="mia").request == []


# -- asking for approval ---------------------------------------------------------------------------------


def test_who_did_the_steps_that_would_fall_is_asked(house: Engine) -> None:
    case = started(house)

    house.do(case.id, RequestApproval(REVISIT), by="ann")

    assert asked(house, case) == [("Approve: go back to “A”", ["ben"], [])]
    assert open_tasks(house, case) == ["Approve: go back to “A”", "C"]
    [request] = [one for one in house.tasks(case_id=case.id) if one.asks]
    assert request.goal == "ann asks: wrong plot"
    sound(house, case)


def test_with_the_last_who_agrees_it_is_carried_out(house: Engine) -> None:
    case = started(house, LINE.replace("C <groups=clerks>", "C <groups=others>"))
    finish(house, case, "C", by="cleo")
    house.do(case.id, RequestApproval(REVISIT), by="ann")
    ben, cleo = (one.id for one in house.tasks(case_id=case.id) if one.asks)

    house.do(case.id, Approve(ben), by="ben")
    assert open_tasks(house, case) == ["Approve: go back to “A”", "D"]
    seen = house.preview(case.id, Approve(cleo), by="cleo")
    assert [one.name for one in seen.superseded] == ["A", "B", "C"]
    house.do(case.id, Approve(cleo, reason="sorry"), by="cleo")

    assert open_tasks(house, case) == ["A"]
    entry = house.history(case.id)[-1]
    assert (entry.by, entry.command, entry.reason) == (
        "cleo",
        "Approve",
        "ann asks: wrong plot (cleo: sorry)",
    )
    assert entry.change_id is not None
    sound(house, case)


def test_an_approved_change_is_undone_like_any_other(house: Engine) -> None:
    case = started(house)
    house.do(case.id, RequestApproval(REVISIT), by="ann")
    [request] = [one.id for one in house.tasks(case_id=case.id) if one.asks]
    house.do(case.id, Approve(request), by="ben")

    house.do(case.id, Undo(last_change(house, case)), by="ben")

    assert open_tasks(house, case) == ["Approve: go back to “A”", "C"]
    sound(house, case)


def test_a_no_ends_the_request_and_tells_who_asked(house: Engine) -> None:
    case = started(house)
    house.do(case.id, RequestApproval(REVISIT), by="ann")
    [request] = [one.id for one in house.tasks(case_id=case.id) if one.asks]

    house.do(case.id, Reject(request, reason="the plot is right"), by="ben")

    assert open_tasks(house, case) == ["C", "Not approved: go back to “A”"]
    told = task(house, case, "Not approved: go back to “A”")
    assert (told.assignee, told.goal) == ("ann", "ben: the plot is right")
    sound(house, case)


def test_who_asked_may_take_the_request_back(house: Engine) -> None:
    case = started(house)
    house.do(case.id, RequestApproval(REVISIT), by="ann")
    [request] = [one.id for one in house.tasks(case_id=case.id) if one.asks]

    house.do(case.id, Reject(request, reason="found it"), by="ann")

    assert open_tasks(house, case) == ["C"]


def test_what_no_longer_fits_is_told_and_not_done(house: Engine) -> None:
    case = started(house)
    house.do(case.id, RequestApproval(Skip("c", reason="known")), by="ben")
    [request] = [one.id for one in house.tasks(case_id=case.id) if one.asks]
    finish(house, case, "C", by="ann")

    house.do(case.id, Approve(request), by="bea")

    assert states(house, case, "c") == ["completed"]
    told = task(house, case, "Approved, but it no longer fits: skip “C”")
    assert told.assignee == "ben"


def test_nor_is_what_has_come_to_need_others_too(house: Engine) -> None:
    case = started(house, LINE.replace("C <groups=clerks>", "C <groups=others>"))
    house.do(case.id, RequestApproval(REVISIT), by="ann")
    [request] = [one.id for one in house.tasks(case_id=case.id) if one.asks]
    finish(house, case, "C", by="cleo")

    house.do(case.id, Approve(request), by="ben")

    assert states(house, case, "a") == ["completed"]
    assert "“C” has come in between" in (
        task(house, case, "Approved, but it no longer fits: go back to “A”").goal or ""
    )


def test_the_groups_of_the_diagram_are_asked_where_it_names_some(house: Engine) -> None:
    case = started(house, a={"revisitGroups": "others"}, b={"revisitGroups": "others"})

    house.do(case.id, RequestApproval(REVISIT), by="ann")
    [request] = [one.id for one in house.tasks(case_id=case.id) if one.asks]
    assert asked(house, case) == [("Approve: go back to “A”", [], ["others"])]

    with pytest.raises(NotAllowed, match="not for bea"):
        house.do(case.id, Approve(request), by="bea")
    house.do(case.id, Approve(request), by="cleo")
    assert open_tasks(house, case) == ["A"]


def test_a_skip_or_an_insert_may_be_asked_for_too(house: Engine) -> None:
    case = started(house, c={"insertGroups": "bosses"})

    house.do(
        case.id, RequestApproval(Insert("Ask", before="c", groups=["legal"], reason="disputed")), by="ann"
    )
    [request] = [one.id for one in house.tasks(case_id=case.id) if one.asks]
    house.do(case.id, Approve(request), by="ben")

    assert open_tasks(house, case) == ["Ask"]
    assert list(task(house, case, "Ask").candidate_groups) == ["legal"]


def test_a_request_lapses_when_the_case_ends(house: Engine) -> None:
    case = started(house)
    house.do(case.id, RequestApproval(REVISIT), by="ann")

    ended = finish(house, case, "C", "D", by="mia")

    assert ended.status == "completed"
    assert open_tasks(house, case) == []


@pytest.mark.parametrize(
    ("command", "by", "error", "said"),
    [
        (RequestApproval(Revisit("c", reason="x")), "ann", Invalid, "can be done right away"),
        (RequestApproval(REVISIT), None, Invalid, "say by whom"),
        (RequestApproval(Insert("X")), "ann", Invalid, "Say why"),
        (RequestApproval(Undo("c")), "ann", Invalid, "not for “Undo”"),
        (RequestApproval(Complete("c")), "ann", Invalid, "not for “Complete”"),
        (RequestApproval(Skip("nowhere", reason="x")), "ann", Exception, "nowhere"),
    ],
)
def test_what_needs_nobody_or_makes_no_sense_is_not_asked_for(
    house: Engine, command: Command, by: str | None, error: type[Exception], said: str
) -> None:
    case = started(house)

    with pytest.raises(error, match=said):
        house.do(case.id, command, by=by)


def test_an_approval_is_neither_completed_skipped_removed_nor_given_by_who_asked(house: Engine) -> None:
    case = started(house)
    house.do(case.id, RequestApproval(REVISIT), by="ann")
    [request] = [one.id for one in house.tasks(case_id=case.id) if one.asks]

    for command in (Complete(request), Skip(request, reason="x"), Remove(request)):
        with pytest.raises(Conflict, match="answered with Approve or Reject"):
            house.do(case.id, command, by="mia")
    house.do(case.id, Assign(request, "ann"), by="mia")
    with pytest.raises(NotAllowed, match="somebody else has to agree"):
        house.do(case.id, Approve(request), by="ann")
    with pytest.raises(Invalid, match="is no request"):
        house.do(case.id, Approve(task(house, case, "C").id), by="ann")


def test_an_answered_request_cannot_be_revisited(house: Engine) -> None:
    case = started(house)
    house.do(case.id, RequestApproval(REVISIT), by="ann")
    [request] = [one.id for one in house.tasks(case_id=case.id) if one.asks]
    house.do(case.id, Reject(request, reason="no"), by="ben")

    with pytest.raises(Conflict, match="ask again instead"):
        house.do(case.id, Revisit(request, reason="x"), by="mia")


# -- four eyes -------------------------------------------------------------------------------------------


def test_what_is_marked_needs_a_second_person_even_of_case_managers(house: Engine) -> None:
    case = started(house, b={"fourEyes": "true"}, c={"fourEyes": "true"})

    assert who_may(house, case, Revisit("b", reason="x")) == ["eve"]
    assert who_may(house, case, Skip("c", reason="x")) == ["eve"]
    with pytest.raises(NotAllowed, match="needs four eyes"):
        house.do(case.id, Skip("c", reason="x"), by="mia")


def test_another_person_confirms(house: Engine) -> None:
    case = started(house, c={"fourEyes": "true"})
    house.do(case.id, RequestApproval(Skip("c", reason="known")), by="ann")
    assert asked(house, case) == [("Approve: skip “C”", [], ["clerks"])]
    [request] = [one.id for one in house.tasks(case_id=case.id) if one.asks]
    with pytest.raises(NotAllowed, match="somebody else"):
        house.do(case.id, Approve(request), by="ann")

    house.do(case.id, Approve(request), by="bea")

    assert states(house, case, "c") == ["skipped"]


def test_a_process_may_ask_for_four_eyes_on_all_that_cannot_be_undone(house: Engine) -> None:
    house.deploy(drawn("A > @send letter Send > C", case={"fourEyes": "true"}))
    house.service("letter")(lambda job: None)
    case = finish(house, house.start("case"), "A", by="ann")

    with pytest.raises(NotAllowed, match="“Send”: it needs four eyes"):
        house.do(case.id, Revisit("a", reason="x", effects="note"), by="ann")
    house.do(case.id, RequestApproval(Revisit("a", reason="x", effects="note")), by="ann")
    [request] = [one.id for one in house.tasks(case_id=case.id) if one.asks]
    house.do(case.id, Approve(request), by="cleo")

    assert open_tasks(house, case) == ["A"]


def test_only_steps_that_still_count_are_counted(house: Engine) -> None:
    """B was done by ben, then taken out and done by mia: it is mia who owns it now."""
    case = started(house)
    house.do(case.id, Revisit("b", reason="x"), by="ben")
    finish(house, case, "B", by="mia")

    house.do(case.id, RequestApproval(Revisit("b", reason="x")), by="ann")

    assert asked(house, case) == [("Approve: go back to “B”", ["mia"], [])]


# -- conditions ------------------------------------------------------------------------------------------


def test_a_right_may_depend_on_the_case_file(house: Engine) -> None:
    case = started(house, c={"skipWhen": "amount < 1000"})
    assert who_may(house, case, Skip("c", reason="x")) == ["eve"]

    finish(house, case, "C", by="ann")
    house.do(case.id, Revisit("c", reason="x"), by="ann")
    assert who_may(house, case, Skip("c", reason="x")) == ["eve"]
    house.do(case.id, SetData({"amount": 5}), by="mia")

    assert who_may(house, case, Skip("c", reason="x")) == ["ann", "bea", "eve", "mia"]


@pytest.mark.parametrize(
    ("condition", "may"),
    [
        ('request.state = "waiting"', ["ann", "bea", "eve", "mia"]),
        ('request.state = "to come"', ["eve"]),
        ('list contains(request.groups, "clerks")', ["ann", "bea", "eve"]),
        ('request.by = "mia"', ["eve", "mia"]),
        ("nonsense", ["eve"]),
    ],
)
def test_a_right_may_depend_on_the_state_of_the_step_and_on_who_asks(
    house: Engine, condition: str, may: list[str]
) -> None:
    case = started(house, c={"skipWhen": condition})

    assert who_may(house, case, Skip("c", reason="x")) == may


def test_a_condition_of_the_process_is_for_all_its_steps(house: Engine) -> None:
    case = started(house, case={"insertWhen": "open = true", "revisitWhen": 'request.state = "waiting"'})

    assert who_may(house, case, Insert("X", before="c", reason="x")) == ["eve"]
    assert who_may(house, case, Insert("X", reason="x")) == ["eve"]
    assert who_may(house, case, Revisit("b", reason="x")) == ["eve"]


def test_a_condition_that_cannot_be_read_is_refused_at_deployment(house: Engine) -> None:
    with pytest.raises(DiagramError, match="skipWhen"):
        house.deploy(drawn(c={"skipWhen": "1 +"}))


# -- break glass -----------------------------------------------------------------------------------------


def test_who_may_break_the_glass_says_why_and_it_is_on_record(house: Engine) -> None:
    case = started(house, c={"insertGroups": "bosses"})

    with pytest.raises(NotAllowed, match="in an emergency only: say why"):
        house.do(case.id, Insert("Ask", before="c"), by="eve")
    house.do(case.id, Insert("Ask", before="c", reason="the building burns"), by="eve")

    entry = house.history(case.id)[-1]
    [mark] = [fact for fact in entry.facts if fact["kind"] == "override"]
    assert (entry.by, entry.reason, mark["rights"]) == ("eve", "the building burns", [["insert", "C"]])
    sound(house, case)


def test_what_one_may_do_anyway_is_not_marked(house: Engine) -> None:
    case = started(house, c={"insertGroups": "break-glass"})

    house.do(case.id, Insert("Ask", before="c"), by="eve")

    assert [fact for fact in house.history(case.id)[-1].facts if fact["kind"] == "override"] == []


def test_it_opens_points_of_no_return_and_four_eyes(house: Engine) -> None:
    case = started(house, b={"pointOfNoReturn": "true", "fourEyes": "true", "revisitGroups": ""})

    house.do(case.id, REVISIT, by="eve")

    assert open_tasks(house, case) == ["A"]
    [mark] = [fact for fact in house.history(case.id)[-1].facts if fact["kind"] == "override"]
    assert mark["rights"] == [["revisit", "A"], ["revisit", "B"]]


@pytest.mark.parametrize(("group", "may"), [("clerks", True), (None, False)])
def test_the_group_is_the_engines_to_name(clock: Clock, group: str | None, may: bool) -> None:
    with Engine("sqlite://", clock=clock, people=PEOPLE.get, break_glass=group) as house:
        case = started(house, b={"revisitGroups": ""})

        assert ("ann" in who_may(house, case, REVISIT)) is may
        assert "eve" not in who_may(house, case, REVISIT)


def test_without_people_nothing_is_enforced(engine: Engine) -> None:
    case = start(
        engine, LINE, attributes={"b": {"caseloom:fourEyes": "true", "caseloom:revisitWhen": "false"}}
    )
    finish(engine, case, "A", "B", by="ann")

    engine.do(case.id, REVISIT, by="cleo")

    assert open_tasks(engine, case) == ["A"]


def test_history_tells_who_asked_and_who_agreed(house: Engine) -> None:
    case = started(house)
    house.do(case.id, RequestApproval(REVISIT), by="ann")
    [request] = [one.id for one in house.tasks(case_id=case.id) if one.asks]
    house.do(case.id, Approve(request), by="ben")

    told: list[Any] = [fact for fact in house.history(case.id)[-1].facts if "approved" in fact]

    assert [(one["approved"], one["asked_by"], one["carries"]) for one in told] == [(True, "ann", "Revisit")]
