"""The interface as it is served: a real process, a real socket, the session of the documentation."""

from __future__ import annotations

import http.client
import json
import os
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

import pytest

from caseloom import diagrams

ROOT = Path(__file__).parents[2]
SESSION = re.search(r"```sh\n(.*?)```", (ROOT / "docs" / "http.md").read_text(encoding="utf-8"), re.S)[1]


@contextmanager
def served(folder: Path, *options: str):
    """`caseloom serve` in a folder, at a port of its own; its address."""
    environment = {**os.environ, "CASELOOM_DATABASE": "sqlite:///lease.db"}
    command = [sys.executable, "-m", "caseloom", "serve", "--port", "0", "--json", *options]
    process = subprocess.Popen(
        command, cwd=folder, env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    try:
        yield json.loads(process.stdout.readline())["url"]
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) == 0
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


@pytest.fixture
def folder(tmp_path):
    for file in (Path(diagrams.__file__).parent / "lease_request").iterdir():
        shutil.copy(file, tmp_path)
    return tmp_path


@pytest.mark.skipif(shutil.which("curl") is None, reason="no curl on this machine")
def test_the_session_of_the_documentation_runs_as_it_stands(folder):
    commands = f'caseloom() {{ "{sys.executable}" -m caseloom "$@"; }}\n{SESSION}'

    with served(folder) as address:
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", commands.replace("http://127.0.0.1:8000", address)],
            cwd=folder,
            capture_output=True,
            text=True,
            timeout=120,
        )

    assert done.returncode == 0, done.stdout + done.stderr
    journal = json.loads(done.stdout[done.stdout.rindex('[\n    {\n        "seq"') :])
    assert [(row["by"], row["command"]) for row in journal] == [
        ("anna", "Start"),
        ("anna", "Claim"),
        ("anna", "Complete"),
        ("anna", "Skip"),
    ]


def test_a_server_answers_pages_health_and_programs_and_stops_when_told(folder):
    with served(folder, "--tick", "0.1") as address:
        connection = http.client.HTTPConnection(address.removeprefix("http://"), timeout=20)
        answers = {}
        for path in ("/health", "/login", "/api/v1/cases", "/api/v1/openapi.json"):
            connection.request("GET", path)
            answer = connection.getresponse()
            answers[path] = (answer.status, answer.getheader("Content-Type"), answer.read())
        connection.close()

    health = json.loads(answers["/health"][2])
    assert (health["status"], health["clock"]["running"]) == ("ok", True)
    assert health["clock"]["last_tick"] is not None
    assert answers["/login"][:2] == (200, "text/html; charset=utf-8")
    assert answers["/api/v1/cases"][:2] == (401, "application/problem+json")
    assert answers["/api/v1/openapi.json"][0] == 200


def test_what_breaks_inside_is_told_by_a_number_only(folder):
    with served(folder, "--no-clock") as address:
        with sqlite3.connect(folder / "lease.db") as connection:
            (table,) = connection.execute(
                "SELECT name FROM sqlite_master WHERE type = 'table' AND name LIKE '%settings'"
            ).fetchone()
            connection.execute(f"DROP TABLE {table}")
        connection.close()
        client = http.client.HTTPConnection(address.removeprefix("http://"), timeout=20)
        client.request("GET", "/health")
        answer = client.getresponse()
        body = json.loads(answer.read())
        client.close()

    assert (answer.status, body["type"]) == (500, "urn:caseloom:problem:bug")
    assert body["id"] in body["detail"]
    assert table not in json.dumps(body)
