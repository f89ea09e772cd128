"""The worked examples of the ad-hoc semantics, on a lease request drawn as they tell it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from playing import (
    NOON,
    Clock,
    again,
    finish,
    held_tasks,
    last_change,
    open_tasks,
    standing,
    start,
    states,
    task,
    tasks,
)

from caseloom.adhoc import Insert, JumpTo, Reapply, Revisit, Skip, Undo
from caseloom.engine import Assign, Case, Complete, Engine, Job, SaveDraft
from caseloom.engine.results import Status

LEASE = (
    "Register > ( Check plot | Check applicant ) > Draft +timer P14D ( Remind )"
    " > [amount > 100000: Manager] > @send letter Send letter > !archive Archive <effect=compensable>"
)


@pytest.fixture
def letters(engine: Engine, archived: list[str]) -> list[Job]:
    """What the post office of these tests has sent."""
    sent: list[Job] = []

    @engine.service("letter")
    def letter(job: Job) -> None:
        sent.append(job)

    return sent


@pytest.fixture
def archived(engine: Engine) -> list[str]:
    """What the archive was asked to do."""
    asked: list[str] = []

    @engine.service("archive")
    def archive(job: Job) -> None:
        asked.append("archive")

    @engine.service("unarchive")
    def unarchive(job: Job) -> None:
        asked.append("un-archive")

    return asked


def lease(engine: Engine, amount: int = 50_000) -> Case:
    attributes = {"archive": {"caseloom:compensation": "unarchive"}}

    return start(engine, LEASE, {"amount": amount}, attributes=attributes)


def at_the_draft(engine: Engine, amount: int = 50_000) -> Case:
    """Register and both checks are done; C, the draft, is open."""
    return finish(engine, lease(engine, amount), "Register", "Check plot", "Check applicant")


# 1 Revisit A while C is open.


def test_1_revisiting_one_branch_takes_the_draft_back_and_leaves_the_other_branch_done(
    engine: Engine,
) -> None:
    case = at_the_draft(engine)
    engine.do(case.id, SaveDraft(task(engine, case, "Draft").id, {"rent": 400}), by="cleo")

    engine.do(case.id, Revisit("check_plot", reason="wrong plot"), by="ada")

    assert open_tasks(engine, case) == ["Check plot"]
    assert states(engine, case, "check_applicant") == ["completed"]
    assert states(engine, case, "check_plot") == ["(completed)", "active"]
    assert states(engine, case, "draft") == ["(withdrawn)"]


def test_1_after_the_second_check_the_draft_comes_again_with_what_was_typed_and_the_reminder_anew(
    engine: Engine, clock: Clock
) -> None:
    case = at_the_draft(engine)
    engine.do(case.id, SaveDraft(task(engine, case, "Draft").id, {"rent": 400}), by="cleo")
    clock.forward(days=3)
    engine.do(case.id, Revisit("check_plot", reason="wrong plot"), by="ada")
    assert engine.next_due() is None

    finish(engine, case, "Check plot")

    assert task(engine, case, "Draft").previous == {"rent": 400}
    assert engine.next_due() == NOON + timedelta(days=17)


def test_1_the_second_check_is_filled_with_the_earlier_answer(engine: Engine) -> None:
    case = finish(engine, lease(engine), "Register")
    finish(engine, case, "Check plot", plot="K-7")
    finish(engine, case, "Check applicant")

    engine.do(case.id, Revisit("check_plot", reason="wrong plot"), by="ada")

    assert task(engine, case, "Check plot").previous == {"plot": "K-7"}


# 2 Revisit R while A is done and B open.


def test_2_revisiting_the_registration_takes_both_branches_back(engine: Engine) -> None:
    case = finish(engine, lease(engine), "Register", "Check plot")
    preview = engine.preview(case.id, Revisit("register", reason="wrong person"))

    engine.do(case.id, Revisit("register", reason="wrong person"), by="ada")

    assert [one.name for one in preview.withdrawn] == ["Check applicant"]
    assert [one.name for one in preview.superseded] == ["Register", "Check plot"]
    assert open_tasks(engine, case) == ["Register"]
    finish(engine, case, "Register")
    assert open_tasks(engine, case) == ["Check applicant", "Check plot"]


def test_2_an_unchanged_check_confirms_itself(engine: Engine) -> None:
    case = finish(engine, lease(engine), "Register", plot="K-7")
    finish(engine, case, "Check plot", plot_fits=True)
    engine.do(case.id, Revisit("register", reason="wrong person", reuse="unchanged"), by="ada")

    finish(engine, case, "Register", plot="K-7")

    assert open_tasks(engine, case) == ["Check applicant"]
    assert states(engine, case, "check_plot") == ["(completed)", "completed"]
    assert again(engine, case).data["plot_fits"] is True


def test_2_a_check_of_another_plot_has_to_be_made_again(engine: Engine) -> None:
    case = finish(engine, lease(engine), "Register", plot="K-7")
    finish(engine, case, "Check plot", plot_fits=True)
    engine.do(case.id, Revisit("register", reason="wrong plot", reuse="unchanged"), by="ada")

    finish(engine, case, "Register", plot="K-8")

    assert open_tasks(engine, case) == ["Check applicant", "Check plot"]
    assert task(engine, case, "Check plot").previous == {"plot_fits": True}


# 3 Skip D in advance.


def test_3_the_manager_is_skipped_in_advance_with_an_answer(engine: Engine, letters: list[Job]) -> None:
    case = at_the_draft(engine, amount=200_000)
    order = Skip("manager", reason="agreed by phone", when="next", data={"approved": True, "approvedBy": "-"})
    engine.do(case.id, order, by="ada")

    ended = finish(engine, case, "Draft")

    assert states(engine, case, "manager") == ["skipped"]
    assert ended.data == {"amount": 200_000, "approved": True, "approvedBy": "-"}
    assert ended.status is Status.COMPLETED
    assert len(letters) == 1


def test_3_an_order_for_a_step_that_never_comes_does_nothing(engine: Engine, letters: list[Job]) -> None:
    case = at_the_draft(engine, amount=5)
    engine.do(case.id, Skip("manager", reason="agreed", when="next", data={"approved": True}), by="ada")

    ended = finish(engine, case, "Draft")

    assert states(engine, case, "manager") == []
    assert ended.data == {"amount": 5}
    assert ended.status is Status.COMPLETED


# 4 Insert two lawyers (all of them) before E while C is open.


def two_lawyers() -> Insert:
    return Insert.many([Insert("Lawyer Ann"), Insert("Lawyer Ben")], rule="all", before="send_letter")


def test_4_two_lawyers_hold_the_letter(engine: Engine, letters: list[Job]) -> None:
    case = at_the_draft(engine)
    engine.do(case.id, two_lawyers(), by="ada")
    assert open_tasks(engine, case) == ["Draft"]

    finish(engine, case, "Draft")
    assert open_tasks(engine, case) == ["Lawyer Ann", "Lawyer Ben"]
    finish(engine, case, "Lawyer Ann")
    assert letters == []

    assert finish(engine, case, "Lawyer Ben").status is Status.COMPLETED
    assert len(letters) == 1


def test_4_revisiting_a_check_takes_the_lawyers_back_and_they_come_again_with_their_drafts(
    engine: Engine, letters: list[Job]
) -> None:
    case = at_the_draft(engine)
    engine.do(case.id, two_lawyers(), by="ada")
    finish(engine, case, "Draft")
    engine.do(case.id, SaveDraft(task(engine, case, "Lawyer Ann").id, {"advice": "no"}), by="ann")

    engine.do(case.id, Revisit("check_plot", reason="wrong plot"), by="ada")
    assert open_tasks(engine, case) == ["Check plot"]
    finish(engine, case, "Check plot", "Draft")

    assert open_tasks(engine, case) == ["Lawyer Ann", "Lawyer Ben"]
    assert task(engine, case, "Lawyer Ann").previous == {"advice": "no"}
    assert task(engine, case, "Lawyer Ben").previous is None
    assert finish(engine, case, "Lawyer Ann", "Lawyer Ben").status is Status.COMPLETED
    assert len(letters) == 1


# 5 Revisit N2 after H is finished and C is open.


def test_5_a_neighbour_is_heard_again_after_the_hearing(engine: Engine) -> None:
    case = start(
        engine, "{ Hear neighbours: Hear } each n in neighbours > Draft", {"neighbours": ["N1", "N2", "N3"]}
    )
    for neighbour in ("N1", "N2", "N3"):
        finish(engine, case, "Hear", item=neighbour, **{f"said_{neighbour}": "yes"})
    assert open_tasks(engine, case) == ["Draft"]

    engine.do(case.id, Revisit("hear", item="N2", reason="he was on holiday"), by="ada")

    assert [(one.name, one.item) for one in tasks(engine, case)] == [("Hear", "N2")]
    assert states(engine, case, "draft") == ["(withdrawn)"]
    assert states(engine, case, "hear") == ["completed", "(completed)", "completed", "active"]
    finish(engine, case, "Hear", item="N2")
    assert open_tasks(engine, case) == ["Draft"]


# 6 H was interrupted by “applicant withdraws”, the side task W is open; it was the wrong letter.


def test_6_what_a_withdrawal_interrupted_comes_back_when_a_neighbour_is_heard_again(engine: Engine) -> None:
    case = start(
        engine,
        "{ Hear neighbours: Hear } each n in neighbours ^message withdrawal ( Close ) > Draft",
        {"neighbours": ["N1", "N2", "N3"]},
    )
    finish(engine, case, "Hear", item="N1")
    second, third = (task(engine, case, "Hear", item=item) for item in ("N2", "N3"))
    engine.message("withdrawal", case_id=case.id)
    assert open_tasks(engine, case) == ["Close"]

    engine.do(case.id, Revisit("hear", item="N1", reason="the letter was of another case"), by="ada")

    opened = {one.item: one for one in tasks(engine, case)}
    assert sorted(opened) == ["N1", "N2", "N3"]
    assert (opened["N2"].id, opened["N3"].id) == (second.id, third.id)
    assert states(engine, case, "close") == ["(withdrawn)"]
    [withdrawal] = engine.tray(case.id)
    assert (withdrawal.name, withdrawal.why) == ("withdrawal", "superseded")
    engine.do(case.id, Reapply(withdrawal.id), by="ada")
    assert open_tasks(engine, case) == ["Close"]
    assert engine.tray(case.id) == []


# 7 After the end of the case revisit C.


def test_7_an_ended_case_runs_again_once_the_letter_is_answered_for_and_the_file_is_out_of_the_archive(
    engine: Engine, letters: list[Job], archived: list[str], clock: Clock
) -> None:
    case = at_the_draft(engine)
    assert finish(engine, case, "Draft").status is Status.COMPLETED
    assert archived == ["archive"]
    clock.forward(days=10)

    preview = engine.preview(case.id, Revisit("draft", reason="wrong rent"))
    assert [(one.occurrence.name, one.kind) for one in preview.effects] == [
        ("Send letter", "irreversible"),
        ("Archive", "compensable"),
    ]
    engine.do(case.id, Revisit("draft", reason="wrong rent", effects={"send_letter": "correct"}), by="ada")

    assert archived == ["archive", "un-archive"]
    assert again(engine, case).status is Status.RUNNING
    assert again(engine, case).ended_at is None
    assert open_tasks(engine, case) == ["Draft"]
    finish(engine, case, "Draft")
    assert open_tasks(engine, case) == ["Correct what was sent: Send letter"]
    assert finish(engine, case, "Correct what was sent: Send letter").status is Status.COMPLETED
    assert len(letters) == 2
    assert letters[0].idempotency_key != letters[1].idempotency_key
    assert archived == ["archive", "un-archive", "archive"]
    assert [(one.occurrence.name, str(one.state)) for one in engine.effects(case.id)] == [
        ("Send letter", "corrected"),
        ("Archive", "compensated"),
        ("Send letter", "done"),
        ("Archive", "done"),
    ]


# 8 Event gateway (payment | 30 days), payment came, “ship” is open.


def test_8_revisiting_the_wait_arms_both_events_again(engine: Engine, clock: Clock) -> None:
    case = start(engine, "[ @message payment > Ship | @timer P30D > Remind ] > Close")
    engine.message("payment", case_id=case.id, message_id="4711")
    assert open_tasks(engine, case) == ["Ship"]
    clock.forward(days=1)
    warned = engine.preview(case.id, Revisit("race_1", reason="the payment bounced")).messages
    assert [(one.name, one.message_id) for one in warned] == [("payment", "4711")]

    engine.do(case.id, Revisit("race_1", reason="the payment bounced"), by="ada")

    assert open_tasks(engine, case) == []
    assert engine.next_due() == NOON + timedelta(days=31)
    assert engine.message("payment", case_id=case.id) == [case.id]
    assert open_tasks(engine, case) == ["Ship"]


def test_8_with_the_payment_reused_the_wait_is_over_at_once(engine: Engine) -> None:
    case = start(engine, "[ @message payment > Ship | @timer P30D > Remind ] > Close")
    engine.message("payment", case_id=case.id, data={"amount": 47})
    first = task(engine, case, "Ship").id

    engine.do(
        case.id, Revisit("race_1", reason="look again", messages="reuse", data_policy="revert"), by="ada"
    )

    assert open_tasks(engine, case) == ["Ship"]
    assert task(engine, case, "Ship").id != first
    assert again(engine, case).data == {"amount": 47}
    assert engine.next_due() is None


# 9 Loop write-review, round 3.


def test_9_revisiting_the_first_round_takes_all_later_rounds_out(engine: Engine) -> None:
    case = start(engine, "( Write > Review until done )", {"done": False})
    finish(engine, case, "Write", "Review", "Write", "Review", "Write")
    first = next(one for one in again(engine, case).occurrences if one.element_id == "write")

    engine.do(case.id, Revisit(first.id, reason="start over"), by="ada")

    assert open_tasks(engine, case) == ["Write"]
    effective = [
        one for one in again(engine, case).occurrences if one.effective and one.element_id == "write"
    ]
    assert [one.number for one in effective] == [1]
    assert states(engine, case, "review") == ["(completed)", "(completed)", "(withdrawn)"]


def test_9_a_count_of_rounds_starts_over_too_when_values_are_reverted(engine: Engine) -> None:
    case = start(engine, "( rounds := rounds + 1 > Write > Review until rounds >= 3 ) > Print", {"rounds": 0})
    finish(engine, case, "Write", "Review", "Write", "Review")
    assert again(engine, case).data["rounds"] == 3
    first = next(one for one in again(engine, case).occurrences if one.element_id == "write")

    engine.do(case.id, Revisit(first.id, reason="start over", data_policy="revert"), by="ada")

    assert again(engine, case).data["rounds"] == 1
    finish(engine, case, "Write", "Review", "Write", "Review", "Write", "Review")
    assert open_tasks(engine, case) == ["Print"]


# 10 Data: A wrote risk = low, then B risk = high.


def test_10_reverting_one_branch_does_not_lose_what_the_other_wrote(engine: Engine) -> None:
    case = finish(engine, lease(engine), "Register")
    finish(engine, case, "Check plot", risk="low")
    finish(engine, case, "Check applicant", risk="high")

    engine.do(case.id, Revisit("check_plot", reason="wrong plot", data_policy="revert"), by="ada")

    assert again(engine, case).data["risk"] == "high"


def test_10_who_has_read_the_first_value_is_listed(engine: Engine) -> None:
    case = start(engine, '( A > A2 | W > [ risk = "low": D | else: X ] | V > B > B2 ) > C', {"risk": "none"})
    finish(engine, case, "A", risk="low")
    finish(engine, case, "W", "V")
    finish(engine, case, "B", risk="high")

    seen = engine.preview(case.id, Revisit("a", reason="wrong plot", data_policy="revert"))

    assert [(one.occurrence.element_id, list(one.names)) for one in seen.tainted] == [("choice_1", ["risk"])]
    engine.do(case.id, Revisit("a", also=["choice_1"], reason="wrong plot", data_policy="revert"), by="ada")
    assert open_tasks(engine, case) == ["A", "B2", "X"]


# 11 Undo 1 before anybody touched A#2.


def test_11_undoing_the_revisit_brings_the_very_same_draft_back(engine: Engine, clock: Clock) -> None:
    case = at_the_draft(engine)
    draft = task(engine, case, "Draft")
    engine.do(case.id, Assign(draft.id, "cleo"))
    engine.do(case.id, SaveDraft(draft.id, {"rent": 400}), by="cleo")
    before, due = standing(engine, case.id), engine.next_due()
    clock.forward(days=3)
    engine.do(case.id, Revisit("check_plot", reason="wrong plot"), by="ada")

    clock.forward(hours=1)
    engine.do(case.id, Undo(last_change(engine, case)), by="ada")

    restored = task(engine, case, "Draft")
    assert (restored.id, restored.assignee) == (draft.id, "cleo")
    assert engine.drafts(draft.id) == {"cleo": {"rent": 400}}
    assert engine.next_due() == due == NOON + timedelta(days=14)
    assert standing(engine, case.id) == before


# 12 Skip the branch from A to the join.


def test_12_a_branch_of_two_steps_is_skipped_step_by_step_and_the_join_waits_for_the_other(
    engine: Engine,
) -> None:
    case = start(engine, "( Survey > Report | Check applicant ) > Draft")
    engine.do(case.id, Skip("report", reason="not needed", when="next"), by="ada")

    engine.do(case.id, Skip("survey", reason="not needed"), by="ada")

    assert states(engine, case, "survey") == states(engine, case, "report") == ["skipped"]
    assert open_tasks(engine, case) == ["Check applicant"]
    assert held_tasks(engine, case) == []
    engine.do(case.id, Complete(task(engine, case, "Check applicant").id))
    assert open_tasks(engine, case) == ["Draft"]


def test_12_the_branch_is_left_out_as_one_change_up_to_the_join_which_waits_for_the_other(
    engine: Engine,
) -> None:
    case = start(engine, "( Survey > Report | Check applicant ) > Draft")

    engine.do(case.id, JumpTo("join_1", branch="survey", reason="not needed"), by="ada")

    assert states(engine, case, "survey") == states(engine, case, "report") == ["skipped"]
    assert next(iter(engine.history(case.id)[-1].facts))["kind"] == "jump"
    assert open_tasks(engine, case) == ["Check applicant"]
    engine.do(case.id, Complete(task(engine, case, "Check applicant").id))
    assert open_tasks(engine, case) == ["Draft"]
