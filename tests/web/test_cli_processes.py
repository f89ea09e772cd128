"""The command line as processes: exit codes as a shell sees them, and what runs until it is told to stop."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
import urllib.request
from concurrent.futures import ThreadPoolExecutor

import pytest
from drawing import draw

from caseloom.engine import Complete, Engine
from caseloom.web.cli.serving import Place

PROGRAM = [sys.executable, "-m", "caseloom"]


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "ask.bpmn").write_bytes(draw("Ask > @timer PT0S Wait > Answer", key="ask"))
    return tmp_path


def run(folder, *words):
    environment = {**os.environ, "CASELOOM_DATABASE": "sqlite:///test.db"}
    return subprocess.run(
        [*PROGRAM, *words], cwd=folder, env=environment, capture_output=True, text=True, timeout=60
    )


def stopped(process, number=signal.SIGTERM):
    process.send_signal(number)
    out, err = process.communicate(timeout=30)
    return process.returncode, out, err


def running(folder, *words):
    environment = {**os.environ, "CASELOOM_DATABASE": "sqlite:///test.db"}
    return subprocess.Popen(
        [*PROGRAM, *words],
        cwd=folder,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def soon(folder, wanted):
    """The names of the open tasks, once they are what is wanted or it has taken too long."""
    with Engine(f"sqlite:///{folder}/test.db") as engine:
        for _ in range(200):
            names = [task.name for task in engine.tasks()]
            if names == wanted:
                break
            time.sleep(0.1)
        return names


def test_exit_codes_and_streams_are_those_of_a_good_citizen(folder):
    deployed = run(folder, "deploy", "ask.bpmn", "--json")
    refused = run(folder, "complete", "nowhere")
    misused = run(folder, "complete")

    assert (deployed.returncode, deployed.stderr) == (0, "")
    assert json.loads(deployed.stdout)["definitions"][0]["key"] == "ask"
    assert (refused.returncode, refused.stdout) == (1, "")
    assert refused.stderr.startswith("Refused: There is no task “nowhere”.")
    assert (misused.returncode, misused.stdout) == (2, "")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_worker_fires_what_is_due_until_it_is_told_to_stop(folder, number):
    with Engine(f"sqlite:///{folder}/test.db") as engine:
        engine.deploy(folder / "ask.bpmn")
        case = engine.start("ask")
        engine.do(case.id, Complete(case.tasks[0].id))
    worker = running(folder, "worker", "--tick", "0.1")
    assert worker.stderr.readline().startswith("Working.")

    names = soon(folder, ["Answer"])

    code, _, err = stopped(worker, number)
    assert names == ["Answer"]
    assert (code, "Stopped." in err) == (0, True)


@pytest.mark.slow
def test_the_demo_says_whom_to_sign_in_as_and_serves(folder):
    demo = running(folder, "demo", "--port", "0", "--json")
    address = json.loads(demo.stdout.readline())["url"]
    with urllib.request.urlopen(f"{address}/login", timeout=20) as answer:
        assert answer.status == 200

    code, _, err = stopped(demo)

    assert code == 0
    assert "Anna Berg" in err
    assert "CASELOOM_DATABASE=sqlite:///test.db" in err


@pytest.mark.parametrize(("proxy", "seen"), [("127.0.0.1", "203.0.113.9"), (None, "127.0.0.1")])
def test_only_a_proxy_that_is_named_is_believed(proxy, seen):
    def whoever(environ, start_response):
        start_response("200 OK", [])
        return [environ["REMOTE_ADDR"].encode()]

    place = Place("127.0.0.1", 0, proxy=proxy)
    server = place.listen(whoever)
    asked = urllib.request.Request(place.address(server), headers={"X-Forwarded-For": "203.0.113.9"})
    with ThreadPoolExecutor(1) as others:
        answer = others.submit(body_of, asked)
        while not answer.done():
            server.asyncore.loop(timeout=0.05, map=server._map, count=1)
    server.task_dispatcher.shutdown()
    server.asyncore.close_all(server._map)

    assert answer.result().decode() == seen


def body_of(asked):
    with urllib.request.urlopen(asked, timeout=20) as answer:
        return answer.read()


def test_a_port_that_is_taken_is_told(folder):
    first = running(folder, "serve", "--port", "0", "--json")
    port = json.loads(first.stdout.readline())["url"].rpartition(":")[2]

    second = run(folder, "serve", "--port", port)

    assert second.returncode == 1
    assert f"127.0.0.1:{port}" in second.stderr
    assert stopped(first)[0] == 0
