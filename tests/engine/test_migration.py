"""Migrating: a running case goes on with another version of its diagram, or is refused by name."""

from __future__ import annotations

from datetime import timedelta

import pytest
from drawing import draw
from playing import Clock, finish, last_change, live, marking, open_tasks, rebuilt

from caseloom.adhoc import Insert, Revisit, Skip, Undo, options
from caseloom.engine import Case, Complete, Engine
from caseloom.engine.errors import Conflict, Invalid, NotFound

FIRST = "Register > ( Check plot | Check applicant ) > Draft > Send"


def on_first_version(engine: Engine, *done: str) -> Case:
    engine.deploy(("case.bpmn", draw(FIRST)))
    case = engine.start("case")
    return finish(engine, case, *done)


def deploy(engine: Engine, notation: str) -> int:
    return engine.deploy(("case.bpmn", draw(notation))).definitions[0].version


def test_a_step_that_the_new_version_adds_ahead_comes_in_its_turn(engine: Engine) -> None:
    case = on_first_version(engine, "Register", "Check plot")
    version = deploy(engine, "Register > ( Check plot | Check applicant ) > Draft > Approve > Send")
    before = engine.tasks(case_id=case.id)

    assert engine.preview_migration(case.id, version).refusal is None
    case = engine.migrate(case.id, version, by="ada", reason="approval is asked for now")

    assert case.version == version
    assert engine.tasks(case_id=case.id)[0].id == before[0].id
    finish(engine, case, "Check applicant", "Draft")
    assert open_tasks(engine, case) == ["Approve"]
    assert marking(live(engine, case.id)) == marking(rebuilt(engine, case.id))


def test_a_step_in_what_is_past_already_is_refused_and_nothing_changes(engine: Engine) -> None:
    case = on_first_version(engine, "Register", "Check plot")
    version = deploy(engine, "Register > Triage > ( Check plot | Check applicant ) > Draft > Send")
    before = engine.case(case.id).revision

    assert "Register" in (engine.preview_migration(case.id, version).refusal or "")
    with pytest.raises(Conflict, match="cannot go to version 2"):
        engine.migrate(case.id, version)

    assert (engine.case(case.id).version, engine.case(case.id).revision) == (1, before)
    finish(engine, case, "Check applicant")
    assert open_tasks(engine, case) == ["Draft"]


def test_elements_with_another_id_are_found_by_name_or_named_by_hand(engine: Engine) -> None:
    case = on_first_version(engine, "Register", "Check plot")
    renamed = deploy(engine, "Register > ( Check plot | Check applicant #applicant ) > Draft > Send")
    anew = deploy(engine, "Register > ( Check plot | Check the tenant ) > Draft > Send")

    engine.migrate(case.id, renamed)
    assert [task.element_id for task in engine.tasks(case_id=case.id)] == ["applicant"]
    with pytest.raises(Conflict):
        engine.migrate(case.id, anew)
    engine.migrate(case.id, anew, mapping={"applicant": "check_the_tenant"})

    assert [task.element_id for task in engine.tasks(case_id=case.id)] == ["check_the_tenant"]
    finish(engine, case, "Check the tenant")
    assert open_tasks(engine, case) == ["Draft"]
    assert [one.element_id for one in engine.case(case.id).occurrences].count("check_the_tenant") == 1
    assert marking(live(engine, case.id)) == marking(rebuilt(engine, case.id))


def test_a_mapping_to_what_is_not_there_is_refused(engine: Engine) -> None:
    case = on_first_version(engine)
    version = deploy(engine, "Register > Draft")

    with pytest.raises(Invalid, match="nowhere"):
        engine.migrate(case.id, version, mapping={"register": "nowhere"})


def test_timers_of_the_new_version_are_armed_and_those_it_dropped_are_off(
    engine: Engine, clock: Clock
) -> None:
    case = on_first_version(engine, "Register", "Check plot", "Check applicant")
    reminded = deploy(
        engine, "Register > ( Check plot | Check applicant ) > Draft +timer P2D ( Remind ) > Send"
    )
    plain = deploy(engine, "Register > ( Check plot | Check applicant ) > Draft > Sign > Send")

    engine.migrate(case.id, reminded)
    assert engine.next_due() == clock() + timedelta(days=2)
    engine.migrate(case.id, plain)

    assert engine.next_due() is None
    assert open_tasks(engine, case) == ["Draft"]


def test_what_was_done_before_a_migration_can_be_revisited_after_it(engine: Engine) -> None:
    case = on_first_version(engine, "Register", "Check plot", "Check applicant")
    version = deploy(engine, "Register > ( Check plot | Check applicant #applicant ) > Draft > Sign > Send")
    engine.migrate(case.id, version)

    engine.do(case.id, Revisit("applicant", reason="another applicant"), by="ada")

    assert open_tasks(engine, case) == ["Check applicant"]
    finish(engine, case, "Check applicant", "Draft")
    assert open_tasks(engine, case) == ["Sign"]


def test_a_migration_is_undone_while_nobody_has_worked_on(engine: Engine) -> None:
    case = on_first_version(engine, "Register")
    version = deploy(engine, "Register > ( Check plot | Check applicant ) > Draft > Approve > Send")
    before = marking(live(engine, case.id))

    engine.migrate(case.id, version, by="ada")
    engine.do(case.id, Undo(last_change(engine, case)), by="ada")

    assert engine.case(case.id).version == 1
    assert marking(live(engine, case.id)) == before
    engine.migrate(case.id, version, by="ada")
    finish(engine, case, "Check plot")
    assert options(engine, case.id).undo == []


def test_inserted_work_waits_at_the_same_place_of_the_new_version(engine: Engine) -> None:
    case = on_first_version(engine, "Register")
    engine.do(case.id, Insert("Ask a lawyer", before="send", reason="disputed"), by="ada")
    version = deploy(engine, "Register > ( Check plot | Check applicant ) > Draft > Send #letter")
    without = deploy(engine, "Register > ( Check plot | Check applicant ) > Draft")

    with pytest.raises(Conflict, match="Ask a lawyer"):
        engine.migrate(case.id, without)
    engine.migrate(case.id, version)

    finish(engine, case, "Check plot", "Check applicant", "Draft")
    assert open_tasks(engine, case) == ["Ask a lawyer"]
    finish(engine, case, "Ask a lawyer")
    assert open_tasks(engine, case) == ["Send"]


def test_an_ended_case_and_the_same_version_are_refused(engine: Engine) -> None:
    case = on_first_version(engine, "Register")
    version = deploy(engine, "Register > ( Check plot | Check applicant ) > Draft > Approve > Send")

    with pytest.raises(Conflict, match="already"):
        engine.migrate(case.id, 1)
    finish(engine, case, "Check plot", "Check applicant", "Draft", "Send")
    with pytest.raises(Conflict, match="ended"):
        engine.migrate(case.id, version)


WITHOUT_SEND = "Register > ( Check plot | Check applicant ) > Draft"


def test_what_was_ordered_at_a_vanished_step_is_given_up_by_name_and_comes_back_with_the_undo(
    engine: Engine,
) -> None:
    case = on_first_version(engine, "Register")
    engine.do(case.id, Insert("Ask a lawyer", before="send", reason="disputed"), by="ada")
    engine.do(case.id, Skip("send", when="next", reason="by phone"), by="ada")
    without = deploy(engine, WITHOUT_SEND)

    with pytest.raises(Conflict, match="map it to nothing"):
        engine.migrate(case.id, without, mapping={"draft": "draft"})
    engine.migrate(case.id, without, mapping={"send": None}, by="ada")

    assert marking(live(engine, case.id)) == marking(rebuilt(engine, case.id))
    assert live(engine, case.id).insertions == {}
    engine.do(case.id, Undo(last_change(engine, case)), by="ada")
    finish(engine, case, "Check plot", "Check applicant", "Draft")
    assert open_tasks(engine, case) == ["Ask a lawyer"]
    finish(engine, case, "Ask a lawyer")
    assert engine.case(case.id).status == "completed"


def test_inserted_work_that_is_open_at_a_vanished_step_falls_with_it(engine: Engine) -> None:
    case = on_first_version(engine, "Register")
    engine.do(case.id, Insert("Watch", before="check_plot", repeat="every", reason="new law"), by="ada")
    other = deploy(engine, "Register > ( Look at plot #check_plot | Check applicant ) > Draft > Send")

    engine.migrate(case.id, other, mapping={"check_plot": None})

    assert open_tasks(engine, case) == ["Check applicant", "Look at plot"]


def test_many_cases_move_each_by_itself_and_each_can_be_undone(engine: Engine) -> None:
    early = on_first_version(engine, "Register")
    late = engine.start("case")
    finish(engine, late, "Register", "Check plot", "Check applicant", "Draft")
    ended = engine.start("case")
    finish(engine, ended, "Register", "Check plot", "Check applicant", "Draft", "Send")
    version = deploy(engine, "Register > ( Check plot | Check applicant ) > Draft > Approve > Send")

    told = engine.preview_migrate_all("case", version)
    assert [(one.case_id, one.refusal is None) for one in told] == [(early.id, True), (late.id, False)]
    assert {engine.case(one.case_id).version for one in told} == {1}

    moved = engine.migrate_all("case", version, reason="approval is asked for now")

    assert [(one.case_id, one.change_id is None) for one in moved] == [(early.id, False), (late.id, True)]
    assert "cannot go to version 2" in (moved[1].refusal or "")
    assert [engine.case(one.id).version for one in (early, late, ended)] == [2, 1, 1]
    engine.do(early.id, Undo(moved[0].change_id or ""))
    assert engine.case(early.id).version == 1


def test_of_many_only_those_that_are_named_or_of_one_version_move(engine: Engine) -> None:
    first, second = on_first_version(engine), engine.start("case")
    version = deploy(engine, "Register > ( Check plot | Check applicant ) > Draft > Approve > Send")
    newest = deploy(engine, "Register > ( Check plot | Check applicant ) > Draft > Approve > Sign > Send")

    assert [one.case_id for one in engine.migrate_all("case", version, case_ids=[second.id])] == [second.id]
    assert [one.case_id for one in engine.migrate_all("case", newest, from_version=1)] == [first.id]
    assert [engine.case(one.id).version for one in (first, second)] == [newest, version]


def test_many_are_refused_at_once_where_the_version_or_a_case_is_none_of_the_process(engine: Engine) -> None:
    case = on_first_version(engine)
    engine.deploy(("other.bpmn", draw("Wait", key="other")))
    other = engine.start("other")

    with pytest.raises(NotFound, match="no version 9"):
        engine.migrate_all("case", 9)
    with pytest.raises(Invalid, match="“other”"):
        engine.migrate_all("case", 1, case_ids=[case.id, other.id])


def test_the_counterparts_are_told_with_how_they_were_found(engine: Engine) -> None:
    on_first_version(engine)
    deploy(engine, "Register > ( Check plot | Check applicant #applicant ) > Draft the letter > Send")

    found = {one.element_id: (one.becomes, one.found) for one in engine.counterparts("case", 1, 2)}
    assert found["register"] == ("register", "id")
    assert found["check_applicant"] == ("applicant", "name")
    assert found["draft"] == (None, None)
    given = engine.counterparts("case", 1, 2, mapping={"draft": "draft_the_letter", "send": None})
    found = {one.element_id: (one.becomes, one.found) for one in given}
    assert (found["draft"], found["send"]) == (("draft_the_letter", "given"), (None, "given"))


def test_a_migrated_case_can_be_worked_by_commands_that_named_its_tasks_before(engine: Engine) -> None:
    case = on_first_version(engine, "Register")
    task = engine.tasks(case_id=case.id)[0]
    version = deploy(engine, "Register > ( Check plot | Check applicant ) > Draft > Approve > Send")
    engine.migrate_all("case", version)

    engine.do(case.id, Complete(task.id), by="bo")

    assert open_tasks(engine, case) == ["Check applicant"]
