"""The command line: what it does, prints and answers with. In this process, so that many cases are quick."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace

import pytest
from click.testing import CliRunner
from drawing import draw
from openings import CONDITIONAL, TWO_DOORS

from caseloom.engine import Engine
from caseloom.web.cli import (
    cases,
    changes,
    choosing,
    diagrams,
    doctor,
    migrations,
    people,
    reference,
    serving,
    tasks,
    trying,
)
from caseloom.web.cli.program import caseloom
from caseloom.web.people import People
from caseloom.web.tokens import Tokens

LEASE = draw("Register > ( Check plot <groups=survey> | Check applicant ) > Draft > Send", key="lease")
CONTRACT = ["demo", "serve", "deploy", "start", "tasks", "complete", "check", "worker", "doctor", "token"]


@pytest.fixture
def shell(tmp_path, monkeypatch):
    """A folder with a diagram in it, and `run`, which is a shell in it."""
    monkeypatch.chdir(tmp_path)
    for name in ("CASELOOM_DATABASE", "CASELOOM_USER"):
        monkeypatch.delenv(name, raising=False)
    Path("lease.bpmn").write_bytes(LEASE)

    def run(*words: str, code: int = 0, given: str | bytes | None = None):
        result = CliRunner().invoke(caseloom, list(words), input=given, prog_name="caseloom")
        assert result.exit_code == code, result.output + repr(result.exception)
        return SimpleNamespace(out=result.stdout, err=result.stderr)

    def read(*words: str, code: int = 0, given: str | None = None):
        return json.loads(run(*words, "--json", code=code, given=given).out)

    return SimpleNamespace(run=run, json=read, folder=tmp_path)


@pytest.fixture
def case(shell):
    """A case that waits at its first step."""
    shell.run("deploy", "lease.bpmn")
    return shell.json("start", "lease", "--data", '{"amount": 5}', "--business-key", "A-17")


@pytest.mark.parametrize("name", CONTRACT)
def test_what_is_promised_is_there(name):
    assert name in caseloom.list_commands(None)


def test_a_diagram_is_deployed_and_listed(shell):
    out = shell.run("deploy", "lease.bpmn").out

    assert out.split() == ["KEY", "VERSION", "NAME", "FILE", "lease", "1", "lease", "lease.bpmn"]
    assert [one["version"] for one in shell.json("definitions", "lease")] == [1]
    assert (shell.folder / "caseloom.db").exists()


def test_a_diagram_that_cannot_run_is_refused_with_its_findings(shell):
    Path("broken.bpmn").write_text("<nonsense/>")

    said = shell.run("deploy", "broken.bpmn", code=1)

    assert "broken.bpmn:" in said.out
    assert said.err.startswith("Refused: ")


def test_a_check_stores_nothing_and_finds_what_is_wrong(shell):
    Path("broken.bpmn").write_bytes(draw("A", key="a").replace(b'targetRef="end"', b'targetRef="nowhere"'))

    assert "can be deployed" in shell.run("check", "lease.bpmn").err
    assert "broken.bpmn" in shell.run("check", "lease.bpmn", "broken.bpmn", code=1).out
    assert {one["severity"] for one in shell.json("check", "broken.bpmn", code=1)} >= {"error"}
    assert not (shell.folder / "caseloom.db").exists()


def test_a_file_that_is_not_there_is_refused(shell):
    assert "nothing.bpmn" in shell.run("check", "nothing.bpmn", code=1).err


def test_a_check_knows_what_is_deployed_in_a_database_that_is_named(shell):
    shell.run("deploy", "lease.bpmn", "--database", "sqlite:///other.db")
    Path("caller.bpmn").write_bytes(draw("@call lease Have it leased", key="caller"))

    assert [one["code"] for one in shell.json("check", "caller.bpmn", code=1)] == ["unknown-process"]
    assert shell.json("check", "caller.bpmn", "--database", "sqlite:///other.db") == []


def test_a_case_is_worked_through_to_its_end(shell, case):
    assert (case["business_key"], case["data"]) == ("A-17", {"amount": 5})
    while open_tasks := shell.json("tasks", "--case", case["id"]):
        case = shell.json("complete", open_tasks[0]["id"], "--data", '{"done": true}')

    assert case["status"] == "completed"
    assert shell.run("tasks").err == "There is nothing to do.\n"
    assert [row["command"] for row in shell.json("history", case["id"])] == ["Start", *["Complete"] * 5]


def test_tables_are_for_people(shell, case):
    task = case["tasks"][0]["id"]

    assert re.match(rf"TASK +NAME +CASE +WHO +DUE\n{task} +Register +A-17\n", shell.run("tasks").out)
    assert f"lease A-17: running, revision 1, case {case['id']}" in shell.run("case", case["id"]).out
    assert re.search(r"amount +5\n", shell.run("case", case["id"]).out)
    assert re.search(r"1 .*Start +lease, start, Register", shell.run("history", case["id"]).out)
    assert "A-17" in shell.run("cases").out
    assert "\x1b" not in shell.run("cases").out


def test_a_task_is_taken_given_back_and_handed_over(shell, case):
    task = case["tasks"][0]["id"]

    assert shell.json("claim", task, "--by", "anna")["tasks"][0]["assignee"] == "anna"
    assert "already taken" in shell.run("claim", task, "--by", "bo", code=1).err
    assert shell.json("unclaim", task)["tasks"][0]["assignee"] is None
    assert shell.json("assign", task, "bo")["tasks"][0]["assignee"] == "bo"
    assert shell.json("tasks", "--assignee", "bo")[0]["id"] == task
    assert shell.json("tasks", "--unassigned") == []


def test_whom_the_database_knows_has_their_rights_and_no_others(shell, case):
    shell.run("user", "add", "anna", "--group", "clerks", "--password", "secret")
    shell.run("user", "add", "bo", "--group", "survey", "--password", "secret")
    shell.run("complete", case["tasks"][0]["id"])
    plot = next(one for one in shell.json("tasks") if one["name"] == "Check plot")["id"]

    assert "Check plot" in shell.run("complete", plot, "--by", "anna", code=1).err
    assert "Nobody is known as “mara”" in shell.run("complete", plot, "--by", "mara", code=1).err
    assert [one["name"] for one in shell.json("tasks", "--for", "bo")] == ["Check plot", "Check applicant"]
    assert [one["name"] for one in shell.json("tasks", "--for", "anna")] == ["Check applicant"]
    shell.run("complete", plot, "--by", "bo")
    assert [one["id"] for one in shell.json("user", "list")] == ["anna", "bo"]


def test_a_case_is_bent_with_a_preview_first(shell, case):
    skip = ("skip", case["id"], "register", "--reason", "known")

    preview = shell.json(*skip, "--preview")
    assert "would open" in shell.run(*skip, "--preview").out
    after = shell.json(*skip, "--expect", preview["token"])
    assert [task["name"] for task in after["tasks"]] == ["Check plot", "Check applicant"]
    assert "Refused" in shell.run(*skip, "--expect", "0" * 32, code=1).err


def test_a_preview_that_is_refused_says_so(shell, case):
    said = shell.run("skip", case["id"], "draft", "--reason", "known", "--preview", code=1)

    assert "would be refused" in said.err


def test_a_step_is_done_again(shell, case):
    shell.run("complete", case["tasks"][0]["id"], "--data", '{"plot": 1}')

    again = shell.json("revisit", case["id"], "register", "--reason", "wrong", "--policy", "clear")

    assert [task["name"] for task in again["tasks"]] == ["Register"]
    assert "plot" not in again["data"]


def test_work_is_inserted_skipped_and_undone(shell, case):
    id = case["id"]

    one = shell.json("insert", id, "Ask", "--before", "register", "--due", "P3D", "--reason", "unclear")
    assert [task["name"] for task in one["tasks"]] == ["Ask"]
    two = shell.json("insert", id, "A", "B", "--rule", "any", "--free")
    assert [task["name"] for task in two["tasks"]] == ["Ask", "A", "B"]
    change = shell.json("options", id)["undo"][0]["id"]
    assert [task["name"] for task in shell.json("undo", id, change)["tasks"]] == ["Ask"]
    skipped = shell.json("skip", id, one["tasks"][0]["id"], "--reason", "clear now")
    assert [task["name"] for task in skipped["tasks"]] == ["Register"]
    assert re.search(r"skip +\S+ +Register\n", shell.run("options", id).out)


def test_a_gateway_is_decided(shell):
    Path("a.bpmn").write_bytes(draw("[ nothing > 1: A | nothing < 0: B ]", key="choose"))
    shell.run("deploy", "a.bpmn")
    case = shell.json("start", "choose")

    decided = shell.json("decide", case["id"], "choice_1", "choice_1__b", "--reason", "I know")

    assert case["incidents"]
    assert [task["name"] for task in decided["tasks"]] == ["B"]


def test_a_case_is_stopped_resumed_corrected_and_ended(shell, case):
    id = case["id"]

    assert shell.json("suspend", id, "--reason", "wait")["status"] == "suspended"
    assert shell.json("resume", id)["status"] == "running"
    assert shell.json("set-data", id, '{"amount": 6}')["data"] == {"amount": 6}
    assert shell.json("cancel", id, "--reason", "moved")["status"] == "cancelled"


def test_what_failed_is_tried_again(shell):
    Path("a.bpmn").write_bytes(draw("[ amount > 5: A | amount < 0: B ]", key="choose"))
    shell.run("deploy", "a.bpmn")
    (incident,) = shell.json("start", "choose", "--data", '{"amount": 2}')["incidents"]

    mended = shell.json("retry", incident["id"], "--data", '{"amount": 6}')

    assert (mended["incidents"], [task["name"] for task in mended["tasks"]]) == ([], ["A"])


def test_messages_and_signals_reach_those_who_wait(shell):
    Path("a.bpmn").write_bytes(draw("@message payment Paid > @signal alarm Alarm > Run", key="wait"))
    shell.run("deploy", "a.bpmn")
    id = shell.json("start", "wait", "--business-key", "A")["id"]

    assert shell.json("message", "payment", "--business-key", "A", "--data", '{"paid": 5}') == {
        "case_ids": [id]
    }
    assert shell.run("signal", "alarm").out == f"{id}\n"
    assert "kept" in shell.run("message", "payment", "--case", id).err
    assert "Nobody" in shell.run("signal", "alarm").err


def test_a_condition_starts_what_waits_for_it(shell):
    Path("a.bpmn").write_bytes(CONDITIONAL)
    shell.run("deploy", "a.bpmn")

    (id,) = shell.json("conditions", "--data", '{"degrees": 35}', "--business-key", "July")["case_ids"]

    assert shell.json("case", id)["business_key"] == "July"
    assert "No condition" in shell.run("conditions", "--data", '{"degrees": 3}').err


def test_a_case_begins_at_the_start_event_that_is_named(shell):
    Path("a.bpmn").write_bytes(TWO_DOORS)
    shell.run("deploy", "a.bpmn")

    case = shell.json("start", "doors", "--start-event", "back")

    assert [task["name"] for task in case["tasks"]] == ["b"]


def test_many_cases_are_started_from_lines(shell):
    shell.run("deploy", "lease.bpmn")
    lines = '{"amount": 1}\n\n{"amount": 2}\n'

    out = shell.run("start", "lease", "--each", "-", "--data", '{"by": "mail"}', given=lines).out

    assert [shell.json("case", id)["data"] for id in out.split()] == [
        {"by": "mail", "amount": 1},
        {"by": "mail", "amount": 2},
    ]
    assert "Line 2" in shell.run("start", "lease", "--each", "-", given="{}\n{\n", code=2).err
    assert len(shell.json("cases", "--where", "amount > 1")) == 1


def test_the_same_request_twice_is_one_case(shell, case):
    first, again = (shell.json("start", "lease", "--request-id", "r-1")["id"] for _ in range(2))

    assert first == again


def test_another_revision_is_refused(shell, case):
    assert "revision 1" in shell.run("set-data", case["id"], "{}", "--revision", "9", code=1).err


def test_data_comes_from_a_file_or_the_standard_input(shell, case):
    Path("more.json").write_text('{"amount": 7}')

    assert shell.json("set-data", case["id"], "@more.json")["data"] == {"amount": 7}
    assert shell.json("set-data", case["id"], "-", given='{"amount": 8}')["data"] == {"amount": 8}


@pytest.mark.parametrize(
    "words",
    [
        ("nonsense",),
        ("start",),
        ("start", "lease", "--data", "{"),
        ("start", "lease", "--data", "[]"),
        ("start", "lease", "--data", "@nothing.json"),
        ("start", "lease", "--each", "-", "--business-key", "A"),
        ("start", "lease", "--colour", "red"),
        ("skip", "case", "target"),
        ("revisit", "case", "target", "--reason", "r", "--effect", "nothing"),
        ("tasks", "--limit", "0"),
        ("tasks", "--order", "random"),
        ("serve", "--port", "99999"),
    ],
    ids=" ".join,
)
def test_wrong_usage_has_its_own_code(shell, words):
    said = shell.run(*words, code=2, given="")

    assert said.out == ""
    assert said.err


@pytest.mark.parametrize(
    "words",
    [("case", "nowhere"), ("complete", "nowhere"), ("start", "nothing"), ("undo", "nowhere", "c")],
    ids=" ".join,
)
def test_a_refusal_is_a_sentence(shell, case, words):
    said = shell.run(*words, code=1)

    assert said.out == ""
    assert said.err.startswith("Refused: ")
    assert "Traceback" not in said.err


def test_a_mistyped_database_is_not_made(shell):
    said = shell.run("tasks", "--database", "sqlite:///mistyped.db", code=1)

    assert "mistyped.db" in said.err
    assert not (shell.folder / "mistyped.db").exists()


def test_the_database_is_named_before_or_behind_the_command_or_by_the_environment(shell, monkeypatch):
    shell.run("--database", "sqlite:///a.db", "deploy", "lease.bpmn")
    assert shell.json("definitions", "--database", "sqlite:///a.db")

    monkeypatch.setenv("CASELOOM_DATABASE", "sqlite:///a.db")
    assert shell.json("definitions")
    assert json.loads(shell.run("--json", "definitions").out)


def test_a_token_acts_for_somebody_until_it_is_revoked(shell):
    said = shell.run("token", "anna", "--group", "clerks")
    token = said.out.strip()
    shell.run("token", "anna", "--days", "3")

    with Engine("sqlite:///caseloom.db") as engine:
        assert Tokens(engine.database).user_of(token, engine.clock()) == "anna"
        assert People(engine.database).find("anna").groups == ("clerks",)
        assert People(engine.database).signed_in("anna", "") is None

    assert "added" in said.err
    assert "known already" in shell.run("token", "anna", "--group", "x", code=2).err
    shell.run("revoke", token)
    assert "no such token" in shell.run("revoke", token, code=1).err


def test_somebody_is_added_with_a_password_that_is_asked_for(shell):
    shell.run("user", "add", "anna", "--name", "Anna Berg", given="secret\nsecret\n")

    with Engine("sqlite:///caseloom.db") as engine:
        assert People(engine.database).signed_in("anna", "secret").name == "Anna Berg"


def test_the_doctor_finds_a_sound_database_sound(shell, case):
    assert {one["state"] for one in shell.json("doctor")} <= {"good", "note"}
    assert re.search(r"good +commits +SQLite, journal mode wal, synchronous FULL", shell.run("doctor").out)


def test_the_doctor_finds_damage(shell, case):
    with Engine("sqlite:///caseloom.db") as engine, engine.database.begin() as transaction:
        tampered = "UPDATE {} SET payload = replace(payload, 'register', 'released')"
        name = transaction._connection.exec_driver_sql(
            "SELECT name FROM sqlite_master WHERE type = 'table' AND name LIKE '%journal'"
        ).scalar()
        transaction._connection.exec_driver_sql(tampered.format(name))

    found = shell.json("doctor", code=1)

    assert [one["check"] for one in found if one["state"] == "bad"] == ["integrity"]
    assert case["id"] in next(one["message"] for one in found if one["state"] == "bad")


def test_the_doctor_finds_incidents_and_work_that_nobody_does(shell):
    Path("a.bpmn").write_bytes(
        draw("( !tell Tell | @timer PT1H Wait | [ nothing > 1: A | nothing < 0: B ] )", key="a")
    )
    shell.run("deploy", "a.bpmn")
    with Engine("sqlite:///caseloom.db", clock=_long_ago) as engine:
        engine.start("a")

    found = {one["check"]: one for one in shell.json("doctor", code=1) if one["state"] in ("look", "bad")}

    assert set(found) == {"incidents", "services", "timers"}
    assert "“tell”" in found["services"]["message"]


def _long_ago():
    return datetime(2026, 1, 1, tzinfo=UTC)


def test_the_doctor_makes_no_database(shell):
    assert shell.json("doctor", code=1)[0]["check"] == "database"
    assert not (shell.folder / "caseloom.db").exists()


def test_a_worker_does_what_is_due_once(shell, monkeypatch):
    Path("services_of_a_test.py").write_text(
        "def register(engine):\n    engine.service('tell')(lambda job: {'told': job.data['name']})\n"
    )
    Path("a.bpmn").write_bytes(draw("!tell Tell > File", key="tell"))
    shell.run("deploy", "a.bpmn")
    case = shell.json("start", "tell", "--data", '{"name": "Ida"}')

    assert "Nothing is due" in shell.run("worker", "--once").err
    assert shell.json("worker", "--once", "--module", "services_of_a_test") == {"done": 1}
    assert shell.json("case", case["id"])["data"] == {"name": "Ida", "told": "Ida"}
    assert "no_such_module" in shell.run("worker", "--once", "--module", "no_such_module", code=1).err
    assert "register" in shell.run("worker", "--once", "--module", "json", code=1).err


def test_the_page_about_it_says_what_it_is():
    page = Path(__file__).parents[2] / "docs" / "command-line.md"

    assert page.read_text(encoding="utf-8") == reference.page(), (
        "python -m caseloom.web.cli.reference > docs/command-line.md"
    )


def test_every_command_is_found_where_it_is_looked_for_and_explains_itself():
    for name in caseloom.list_commands(None):
        command = caseloom.get_command(None, name)

        assert command.name == name
        assert command.help


def test_every_command_of_every_part_is_known():
    parts = (serving, diagrams, cases, tasks, choosing, changes, migrations, trying, people, doctor)

    assert [command.name for part in parts for command in part.COMMANDS] == caseloom.list_commands(None)


APPROVED = "Register > ( Check plot <groups=survey> | Check the tenant #tenant ) > Draft > Approve > Send"


def test_the_work_of_an_ad_hoc_sub_process_is_chosen_and_done(shell):
    Path("hear.bpmn").write_bytes(
        b'<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" targetNamespace="t">'
        b'<process id="hear" isExecutable="true"><adHocSubProcess id="ask" name="Ask around">'
        b'<userTask id="call" name="Call"/><userTask id="visit" name="Visit"/></adHocSubProcess></process>'
        b"</definitions>"
    )
    shell.run("deploy", "hear.bpmn")
    case = shell.json("start", "hear")["id"]

    (scope,) = shell.json("startable", case)
    assert "visit" in shell.run("startable", case).out
    begun = shell.json(
        "begin", case, "call", "--scope", scope["occurrence_id"], "--data", '{"about": "noise"}'
    )

    assert [task["name"] for task in begun["tasks"]] == ["Call"]
    assert "would be withdrawn     Call" in shell.run("finish", case, "ask", "--preview").out
    assert shell.json("finish", case, "ask")["status"] == "completed"
    assert "Nothing can be started now." in shell.run("startable", case).err


def test_a_case_goes_to_another_version_and_many_tell_what_became_of_each(shell, case):
    Path("lease.bpmn").write_bytes(draw(APPROVED, key="lease"))
    shell.run("deploy", "lease.bpmn")
    other = shell.json("start", "lease", "--version", "1")

    told = shell.json("migrate", case["id"], "--to", "2", "--map", "check_applicant=tenant", "--preview")
    assert told["refusal"] is None
    assert shell.json("case", case["id"])["version"] == 1
    shell.run("migrate", case["id"], "--to", "2", "--map", "check_applicant=tenant", "--reason", "new law")
    assert shell.json("case", case["id"])["version"] == 2

    previewed = shell.run("migrate-all", "lease", "--to", "2", "--preview").out
    assert [line.split() for line in previewed.splitlines()[1:]] == [[other["id"], "would", "go"]]
    [moved] = shell.json("migrate-all", "lease", "--to", "2", "--from", "1")
    assert (moved["case_id"], moved["refusal"]) == (other["id"], None)
    shell.run("undo", other["id"], moved["change_id"])
    assert shell.json("case", other["id"])["version"] == 1


def test_a_mapping_without_two_sides_is_refused_and_so_is_a_case_that_does_not_fit(shell, case):
    Path("lease.bpmn").write_bytes(draw("Triage > Register > Draft", key="lease"))
    shell.run("deploy", "lease.bpmn")

    assert "write --map" in shell.run("migrate", case["id"], "--to", "2", "--map", "x", code=2).err
    assert "cannot go to version 2" in shell.run("migrate-all", "lease", "--to", "2", code=1).out
