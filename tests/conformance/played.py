"""Plays a diagram by a line of steps, and tells what ran as a line of element ids.

    told = play(engine, clock, "start > a > b > end", "a b")
    assert told == "start a b end"

Steps

    a   a(x=1;y="no")   a#2          completes the (second) open task of the element, with data in FEEL
    msg:paid   msg:paid(x=1)         gives a message to the case; `post:paid` to whom it may concern
    sig:alarm                        broadcasts a signal
    +1h   +2d   +30m                 moves the clock, and does what is due
    set(x=1)                         writes into the case file
    job:topic   job:topic(x=1)       a worker does a job; err:topic/code throws a BPMN error
    do:a   fin:p                     starts an activity of an ad-hoc sub-process (where it ran least); ends one
    retry                            tries the open incident again

What is told: the ids of all that ran or runs, in the order in which it began. `a?` is open, `-a` was withdrawn,
`a!` has failed; a line that ends in `…` is of a case where nothing is open: it waits at a join, or for a person
to look at an incident. After every step the case is compared with a replay of its journal and its snapshot.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from typing import Any

from playing import Clock, leftovers, live, marking, rebuilt, reloaded, thawed

from caseloom.engine import Cancel, Case, Complete, CompleteSubProcess, Engine, Retry, SetData, StartActivity
from caseloom.engine.results import State, Status

_STEP = re.compile(r"(?P<what>[^\s(]+)(?:\((?P<data>[^)]*)\))?")
_UNITS = {"m": "minutes", "h": "hours", "d": "days", "s": "seconds"}
STUCK = "…"
_MARKS = {State.ACTIVE: "{}?", State.FAILED: "{}!", State.WITHDRAWN: "-{}", State.HELD: "{}*"}


def play(
    engine: Engine,
    clock: Clock,
    diagram: bytes,
    steps: str = "",
    *,
    data: Mapping[str, Any] | None = None,
    begin: str | None = None,
) -> str:
    """`begin` is the step that starts the case; without it, it is started by key."""
    engine.deploy(("shape.bpmn", diagram))
    case = _begun(engine, clock, begin) if begin else engine.start("case", data=data)
    check(engine, case.id)
    for step in _STEP.finditer(steps):
        _do(engine, clock, case, step["what"], _data(engine, step["data"]))
        check(engine, case.id)
    state = marking(live(engine, case.id))
    assert marking(reloaded(engine, case.id)) == state

    return told(engine, case.id)


def told(engine: Engine, case_id: str) -> str:
    case = engine.case(case_id)
    line = " ".join(
        _MARKS.get(one.state, "{}").format(one.element_id) for one in case.occurrences if one.effective
    )
    open_ones = re.search(r"[?!*](\s|$)", line) is not None
    if case.status is not Status.COMPLETED and not open_ones:
        return f"{line} {STUCK}"
    assert case.status is not Status.COMPLETED or not open_ones, line

    return line


def check(engine: Engine, case_id: str) -> None:
    """Memory, journal and snapshot give the same case; an ended one has left nothing behind."""
    instance = live(engine, case_id)
    state = marking(instance)
    assert marking(thawed(instance)) == state
    assert marking(rebuilt(engine, case_id)) == state
    if instance.status is Status.COMPLETED:
        assert leftovers(instance) == []


def _begun(engine: Engine, clock: Clock, begin: str) -> Case:
    step = _STEP.fullmatch(begin)
    assert step
    kind, _, name = step["what"].partition(":")
    data = _data(engine, step["data"])
    if begin.startswith("+"):
        _wait(engine, clock, begin)
        return engine.cases(key="case", limit=10_000)[-1]
    if kind == "at":
        return engine.start("case", data, start_event=name)
    if kind == "if":
        return engine.case(engine.conditions(data)[0])
    outside = engine.signal if kind == "sig" else engine.message

    return engine.case(outside(name, data=data)[0])


def _wait(engine: Engine, clock: Clock, step: str) -> None:
    clock.forward(**{_UNITS[step[-1]]: float(step[1:-1])})
    engine.run_due()


def _data(engine: Engine, text: str | None) -> dict[str, Any]:
    pairs = [part.partition("=") for part in (text or "").split(";") if part.strip()]

    return {name.strip(): engine.evaluate(value) for name, _, value in pairs}


def _do(engine: Engine, clock: Clock, case: Case, what: str, data: Mapping[str, Any]) -> None:
    kind, colon, rest = what.partition(":")
    if what.startswith("+"):
        _wait(engine, clock, what)
    elif colon:
        _outside(engine, case, kind, rest, data)
    elif what == "set":
        engine.do(case.id, SetData(data))
    elif what == "retry":
        engine.do(case.id, Retry(engine.case(case.id).incidents[0].id, data=data))
    else:
        _complete(engine, case.id, what, data)


def _outside(engine: Engine, case: Case, kind: str, name: str, data: Mapping[str, Any]) -> None:
    if kind in ("do", "fin"):
        _choose(engine, case.id, kind, name, data)
        return
    if kind == "msg":
        engine.message(name, case_id=case.id, data=data)
    elif kind == "post":
        engine.message(name, data=data)
    elif kind == "sig":
        engine.signal(name, data=data)
    else:
        topic, _, code = name.partition("/")
        job = engine.fetch_and_lock(topic, "worker")[0]
        if kind == "job":
            engine.complete_job(job.id, "worker", data)
        else:
            engine.job_error(job.id, "worker", code, data=data)


def _choose(engine: Engine, case_id: str, kind: str, name: str, data: Mapping[str, Any]) -> None:
    found = engine.startable(case_id)
    if kind == "fin":
        scope = next(one for one in found if one.element_id == name and one.completable)
        engine.do(case_id, CompleteSubProcess(scope.occurrence_id, data=data))
        return
    ran = Counter(one.scope_id for one in engine.case(case_id).occurrences if one.element_id == name)
    scopes = [one.occurrence_id for one in found if any(name == each.element_id for each in one.activities)]
    assert scopes, f"“{name}” cannot be started in: {told(engine, case_id)}"
    engine.do(case_id, StartActivity(name, scope=min(scopes, key=ran.__getitem__), data=data))


def _complete(engine: Engine, case_id: str, what: str, data: Mapping[str, Any]) -> None:
    element, _, number = what.partition("#")
    found = [one for one in engine.tasks(case_id=case_id, limit=None) if one.element_id == element]
    assert len(found) >= int(number or 1), f"“{what}” is not open in: {told(engine, case_id)}"
    engine.do(case_id, Complete(found[int(number or 1) - 1].id, data=data))


def finish(engine: Engine, case: Case, *elements: str, **data: Any) -> None:
    """Completes the first open task of each element."""
    for element in elements:
        _complete(engine, case.id, element, data)
        check(engine, case.id)


def put_away(engine: Engine) -> None:
    """Cancels what is still open, so that it hears nothing of the next case."""
    for case in engine.cases(status="running"):
        engine.do(case.id, Cancel())
