"""The demo: the sample case types with their people and a few cases that have come a certain way.

Each folder of `diagrams/` with a `sample.json` is one case type. Everything is loaded once; a second call
only registers the services again. Passwords are the user names.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from caseloom import diagrams
from caseloom.adhoc import Insert, Revisit, Skip
from caseloom.engine import Claim, Complete, CompleteSubProcess, Engine, StartActivity
from caseloom.engine.errors import NotFound
from caseloom.engine.results import Case, Job, Task
from caseloom.web.people import Account, People

Sample = Mapping[str, Any]
_DEPLOYED = frozenset({".bpmn", ".dmn", ".form"})


class StoryClock:
    """A clock for `Engine(clock=…)` that shows the real time, except while a story of the past is told."""

    def __init__(self) -> None:
        self._told: datetime | None = None

    def __call__(self) -> datetime:
        return self._told or datetime.now(UTC)

    def tell(self, at: datetime) -> None:
        self._told = at

    def resume(self) -> None:
        self._told = None


def load_demo(engine: Engine) -> list[Account]:
    """Loads all samples and returns the people to sign in as.

    The cases get their past where the engine was made with `clock=StoryClock()`; else they are all of today.
    """
    clock = engine.clock if isinstance(engine.clock, StoryClock) else StoryClock()
    people = People(engine.database)
    known: dict[str, Account] = {}
    stories: list[tuple[str, Sample]] = []
    for folder in sorted(_root().iterdir()):
        if (folder / "sample.json").is_file():
            sample = json.loads((folder / "sample.json").read_text(encoding="utf-8"))
            known |= {user["id"]: _user(people, user) for user in sample["users"]}
            key = _deploy(engine, folder, sample)
            stories += [(key, story) for story in sample["cases"]]
    _tell_all(engine, clock, stories)
    engine.run_due()
    return list(known.values())


def _root() -> Path:
    return Path(diagrams.__file__).parent


def _user(people: People, user: Sample) -> Account:
    return people.find(user["id"]) or people.put(
        user["id"],
        user["name"],
        password=user["id"],
        groups=user["groups"],
        is_admin=user.get("admin", False),
    )


def _deploy(engine: Engine, folder: Path, sample: Sample) -> str:
    for topic, answer in sample.get("services", {}).items():
        engine.service(topic)(_answering(answer))
    files = sorted(file for file in folder.iterdir() if file.suffix in _DEPLOYED)
    return engine.deploy(*files).definitions[0].key


def _tell_all(engine: Engine, clock: StoryClock, stories: Iterable[tuple[str, Sample]]) -> None:
    """The oldest first, so that lists have them in the order in which they would have come."""
    for key, story in sorted(stories, key=lambda told: -_span(engine, told[1]["ago"])):
        if not engine.cases(key=key, business_key=story["business_key"], limit=1):
            _tell(engine, clock, key, story)
    clock.resume()


def _answering(answer: Sample) -> Callable[[Job], Sample]:
    def service(job: Job) -> Sample:
        return answer

    return service


def _tell(engine: Engine, clock: StoryClock, key: str, story: Sample) -> None:
    today = datetime.now(UTC)
    clock.tell(today - _span(engine, story["ago"]))
    case = engine.start(key, story["data"], business_key=story["business_key"], by=story["by"])
    for step in story["steps"]:
        at = today - _span(engine, step["ago"])
        clock.tell(at)
        command = _COMMANDS[step["command"]](engine, engine.case(case.id), step, at)
        engine.do(case.id, command, by=step["by"])


def _span(engine: Engine, text: str) -> timedelta:
    span = engine.evaluate("duration(text)", {"text": text})
    assert isinstance(span, timedelta)
    return span


# -- steps ---------------------------------------------------------------------------------------


def _claim(engine: Engine, case: Case, step: Sample, at: datetime) -> Any:
    return Claim(_task(case, step).id)


def _complete(engine: Engine, case: Case, step: Sample, at: datetime) -> Any:
    return Complete(_task(case, step).id, data=step.get("data", {}))


def _skip(engine: Engine, case: Case, step: Sample, at: datetime) -> Any:
    return Skip(
        step["target"], reason=step["reason"], data=step.get("data", {}), when=step.get("when", "now")
    )


def _revisit(engine: Engine, case: Case, step: Sample, at: datetime) -> Any:
    return Revisit(step["target"], reason=step["reason"])


def _start_activity(engine: Engine, case: Case, step: Sample, at: datetime) -> Any:
    return StartActivity(step["target"])


def _complete_sub_process(engine: Engine, case: Case, step: Sample, at: datetime) -> Any:
    return CompleteSubProcess(step["target"])


def _insert(engine: Engine, case: Case, step: Sample, at: datetime) -> Any:
    return Insert(step["name"], **_work(engine, step, at), **_anchor(step), reason=step.get("reason"))


def _insert_many(engine: Engine, case: Case, step: Sample, at: datetime) -> Any:
    works = [Insert(work["name"], **_work(engine, work, at)) for work in step["tasks"]]
    return Insert.many(works, rule=step["rule"], **_anchor(step), reason=step.get("reason"))


def _work(engine: Engine, work: Sample, at: datetime) -> dict[str, Any]:
    return {
        "assignee": work.get("assignee"),
        "groups": tuple(work.get("groups", ())),
        "due": at + _span(engine, work["due"]) if "due" in work else None,
        "goal": work.get("goal"),
    }


def _anchor(step: Sample) -> dict[str, Any]:
    return {kind: step[kind] for kind in ("before", "after", "beside", "flow", "scope") if kind in step}


def _task(case: Case, step: Sample) -> Task:
    for task in case.tasks:
        if task.element_id == step["task"] and ("item" not in step or task.item == step["item"]):
            return task
    raise NotFound(f"The sample has no open task “{step['task']}” in {case.business_key}.")


_COMMANDS: Mapping[str, Callable[[Engine, Case, Sample, datetime], Any]] = {
    "Claim": _claim,
    "Complete": _complete,
    "StartActivity": _start_activity,
    "CompleteSubProcess": _complete_sub_process,
    "Skip": _skip,
    "Revisit": _revisit,
    "Insert": _insert,
    "Insert.many": _insert_many,
}
