"""Ad-hoc sub-processes on the pages and over HTTP: people start what a case needs, and say when it is done."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from calling import house

sys.path.insert(0, str(Path(__file__).parents[1] / "conformance"))

from shapes import shape

from caseloom.engine import Complete, StartActivity

HEARING = "start > adhoc:hearing({}) {{ call > file | letter }} > decide > end"


@pytest.fixture
def hearing(engine):
    """Starts a case with an ad-hoc sub-process of these arguments."""

    def begin(arguments="", data=None):
        engine.deploy(("hearing.bpmn", shape(HEARING.format(arguments))))

        return engine.start("case", data, by="anna")

    return begin


def done(engine, case, name):
    task = next(one for one in engine.tasks(case_id=case.id) if one.name == name)
    engine.do(case.id, Complete(task.id), by="anna")


def test_the_page_of_a_case_offers_what_can_be_started(hearing, anna, find):
    case = hearing()

    answer = anna.get(f"/cases/{case.id}")

    assert find(answer, "start-call") == ["Start “call”"]
    assert find(answer, "start-letter") == ["Start “letter”"]
    assert find(answer, "start-file") == []
    assert find(answer, "finish-hearing") == ["Finish hearing"]
    assert "In any order, also at the same time, as often as needed." in find(answer, "choice-hearing")[0]


def test_a_click_starts_an_activity_as_often_as_it_is_needed(engine, hearing, anna, find):
    case = hearing()
    (scope,) = engine.startable(case.id)
    chosen = {"element": "call", "scope": scope.occurrence_id}
    anna.get(f"/cases/{case.id}")

    for _ in range(2):
        answer = anna.post(f"/cases/{case.id}/begin", chosen, follow_redirects=True)

    assert "“call” is started." in answer.get_data(as_text=True)
    assert [task.name for task in engine.tasks(case_id=case.id)] == ["call", "call"]
    assert "“call” was started" in find(answer, "timeline")[0]


def test_what_cannot_be_started_any_more_is_said_in_a_sentence(engine, hearing, anna):
    case = hearing("sequential")
    anna.get(f"/cases/{case.id}")
    anna.post(f"/cases/{case.id}/begin", {"element": "call"})

    answer = anna.post(f"/cases/{case.id}/begin", {"element": "letter"})

    assert answer.status_code == 409
    assert "“call” is still under way" in answer.get_data(as_text=True)


def test_one_after_the_other_what_a_flow_leads_to_can_be_started_too(engine, hearing, anna, find):
    case = hearing("sequential")
    engine.do(case.id, StartActivity("call"))
    assert find(anna.get(f"/cases/{case.id}"), "start-letter") == []

    done(engine, case, "call")

    assert find(anna.get(f"/cases/{case.id}"), "start-file") == ["Start “file”"]


def test_finishing_shows_first_what_it_takes_back(engine, hearing, anna, find):
    case = hearing()
    engine.do(case.id, StartActivity("call"))
    (scope,) = engine.startable(case.id)

    seen = anna.post(f"/cases/{case.id}/finish/preview", {"target": scope.occurrence_id})

    told = find(seen, "consequences")[0]
    assert "“hearing” is done" in told
    assert "Opens now decide" in told
    assert "Is taken back; what was typed is kept call" in told
    answer = anna.post(
        f"/cases/{case.id}/finish/apply",
        {"target": scope.occurrence_id, "preview": ""},
        follow_redirects=True,
    )
    assert [task.name for task in engine.tasks(case_id=case.id)] == ["decide"]
    assert "“hearing” was said to be done" in find(answer, "timeline")[0]


def test_where_a_condition_ends_it_nobody_is_asked_to(hearing, anna, find):
    case = hearing("over enough = true", {"enough": False})

    answer = anna.get(f"/cases/{case.id}")

    assert find(answer, "finish-hearing") == []
    assert "Ends by itself when enough is done." in find(answer, "choice-hearing")[0]
    assert "not for you to say" in anna.get(f"/cases/{case.id}/finish").get_data(as_text=True)


def test_the_menu_at_an_element_starts_it(engine, hearing, anna, find):
    case = hearing()

    menu = anna.get(f"/cases/{case.id}/at/call")

    assert find(menu, "spot-play") == ["Start it"]
    assert find(anna.get(f"/cases/{case.id}/at/hearing"), "spot-check") == ["Say that it is done"]


def test_as_a_task_it_offers_what_can_be_started_on_its_own_page(engine, hearing, anna, find):
    case = hearing("attr caseloom:inbox=true")
    (task,) = engine.tasks(case_id=case.id)

    answer = anna.get(f"/tasks/{task.id}")

    assert find(answer, "start-call") == ["Start “call”"]
    assert find(answer, "finish-hearing") == []
    assert "what is still open in it is taken back." in answer.get_data(as_text=True)
    anna.post(f"/tasks/{task.id}/complete")
    assert [one.name for one in engine.tasks(case_id=case.id)] == ["decide"]


def test_over_http_the_same_is_listed_and_done():
    with house(anna=["clerks"], bo=["survey"]) as ours:
        clerks = "attr camunda:candidateGroups=clerks"
        ours.anna.deploy(hearing=shape(HEARING.format(clerks)))
        case = ours.anna.post("/cases", {"key": "case"}).json

        (listed,) = ours.anna.get(f"/cases/{case['id']}/startable").json
        assert listed["activities"] == [
            {"element_id": "call", "name": "call", "waiting": False},
            {"element_id": "letter", "name": "letter", "waiting": False},
        ]
        assert (listed["completable"], listed["allowed"]) == (True, True)
        (others,) = ours.bo.get(f"/cases/{case['id']}/startable").json
        assert (others["activities"], others["allowed"]) == ([], False)

        refused = ours.bo.do(case["id"], "StartActivity", element_id="call")
        assert refused.status_code == 403
        begun = ours.anna.do(
            case["id"],
            "StartActivity",
            element_id="call",
            scope=listed["occurrence_id"],
            data={"about": "noise"},
        )
        assert ([one["name"] for one in begun.json["tasks"]], begun.json["data"]) == (
            ["call"],
            {"about": "noise"},
        )
        over = ours.anna.do(case["id"], "CompleteSubProcess", target="hearing")
        assert [one["name"] for one in over.json["tasks"]] == ["decide"]
