"""Ordinary things that may happen to a case next: work is done, messages come, time passes, services answer or fail."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

from caseloom.adhoc.decision import Decide, choosable
from caseloom.engine.choosing import CompleteSubProcess, StartActivity
from caseloom.engine.commands import Assign, Command, Complete, Retry, SaveDraft, SetData
from caseloom.engine.flow import ways
from caseloom.engine.flow.tokens import Token, Work
from caseloom.engine.results import BpmnError, Job

if TYPE_CHECKING:
    from caseloom.adhoc.testing.play import Play

PEOPLE = ("anna", "bo")
_WORKER = "proof"


class Step(NamedTuple):
    """`kind` is its word in the tally; `do` carries it out with the data that is at hand."""

    kind: str
    do: Callable[[Mapping[str, Any]], object]


def possible(play: Play) -> list[Step]:
    """All that may happen now, what brings the case on first. Nothing at all means that the case is stuck."""
    return [
        *_work(play), *_finishing(play), *_events(play), *_time(play), *_jobs(play), *_mending(play),
        *_choosing_work(play),
    ]  # fmt: skip


def ending(play: Play) -> list[Step]:
    """What brings the case to its end: nothing that only sets something off beside it, unless nothing else is left."""
    found = [
        *_work(play), *_finishing(play), *_events(play, beside=False), *_time(play), *_jobs(play), *_mending(play),
        *_choosing_work(play),
    ]  # fmt: skip
    return found or possible(play)


def _work(play: Play) -> Iterator[Step]:
    for one in play.workable():
        yield Step("complete", _completing(play, one))


def _completing(play: Play, one: Token | Work) -> Callable[[Mapping[str, Any]], object]:
    def complete(data: Mapping[str, Any]) -> None:
        if isinstance(one, Work) and ways.asks(one):
            data = {ways.WAY: play.random.choice(one.outcome["ways"])}
        play.do(Complete(f"{play.case_id}-{one.started}", data=data), by="bo")

    return complete


def _finishing(play: Play) -> Iterator[Step]:
    """A person says that an ad-hoc sub-process is done."""
    for scope in play.engine.startable(play.case_id):
        if scope.completable:
            yield Step("finish", _doing(play, CompleteSubProcess(scope.occurrence_id)))


def _choosing_work(play: Play) -> Iterator[Step]:
    """A person starts an activity of an ad-hoc sub-process."""
    for scope in play.engine.startable(play.case_id):
        for one in scope.activities:
            yield Step("choose", _doing(play, StartActivity(one.element_id, scope=scope.occurrence_id)))


def _doing(play: Play, command: Command) -> Callable[[Mapping[str, Any]], object]:
    return lambda data: play.do(command, by="bo")


def _events(play: Play, *, beside: bool = True) -> Iterator[Step]:
    heard = {"messages": set[tuple[str, Any]](), "signals": set[tuple[str, Any]]()}
    for token in play.tokens():
        for kind, found in heard.items():
            waits = token.outcome.get(kind, {})
            found.update(
                (name, _hashable(key))
                for event, (name, key) in waits.items()
                if token.hears(event) and (beside or token.catcher(event).interrupting)
            )
    for name, key in sorted(heard["messages"], key=str):
        yield Step("message", _sending(play, name, key))
    for name, _ in sorted(heard["signals"], key=str):
        yield Step("signal", _signalling(play, name))


def _hashable(value: Any) -> Any:
    return value if isinstance(value, (str, int, float, bool, type(None))) else str(value)


def _sending(play: Play, name: str, key: Any) -> Callable[[Mapping[str, Any]], object]:
    def send(data: Mapping[str, Any]) -> None:
        play.tell(f"message({name!r}, correlation={key!r})")
        play.engine.message(name, case_id=play.case_id, correlation=key)

    return send


def _signalling(play: Play, name: str) -> Callable[[Mapping[str, Any]], object]:
    def signal(data: Mapping[str, Any]) -> None:
        play.tell(f"signal({name!r})")
        play.engine.signal(name)

    return signal


def _time(play: Play) -> Iterator[Step]:
    if play.engine.next_due() is not None:
        yield Step("timer", lambda data: let_time_pass(play))


def let_time_pass(play: Play) -> None:
    due = play.engine.next_due()
    assert due is not None
    play.clock.now = max(play.clock.now, due)
    play.tell(f"run_due()  # it is {play.clock.now:%d %B, %H:%M}")
    assert play.engine.run_due() > 0, "a timer that is due does not fire"


def _jobs(play: Play) -> Iterator[Step]:
    for topic in sorted({token.outcome["topic"] for token in play.tokens() if _is_job(token)}):
        yield Step("service", _serving(play, topic))


def _is_job(token: Token) -> bool:
    return "topic" in token.outcome and not token.held and not token.parked


def _serving(play: Play, topic: str) -> Callable[[Mapping[str, Any]], object]:
    def serve(data: Mapping[str, Any]) -> None:
        play.clock.now += timedelta(minutes=1)  # a lock of an earlier try has run out
        play.tell(f"fetch_and_lock({topic!r}, …), and its answer")
        jobs = play.engine.fetch_and_lock(topic, _WORKER)
        assert jobs, f"a job of “{topic}” is open, but no worker gets it"
        for job in jobs:
            _answer(play, topic, job)

    return serve


def _answer(play: Play, topic: str, job: Job) -> None:
    if topic not in play.scene.services and play.random.random() < 0.1:
        play.engine.fail_job(job.id, _WORKER, "out of order")
        return
    try:
        found = play.scene.services.get(topic, _nothing)(job)
    except BpmnError as error:
        play.engine.job_error(job.id, _WORKER, error.code, error.message, error.data)
        return
    play.engine.complete_job(job.id, _WORKER, found)
    play.ledger[job.idempotency_key] += 1


def _nothing(job: Job) -> None:
    """The answer of a service that nobody has described."""


def _mending(play: Play) -> Iterator[Step]:
    """What an incident stopped is decided, where it is a gateway, or tried again with other data."""
    troubles = play.instance.troubles
    if not troubles:
        return
    look = play.engine.look(play.case_id)
    for node in choosable(look):
        if any(one.element == node.name for one in troubles.values()):
            yield Step("mend", _choosing(play, node))
    for number in troubles:
        yield Step("mend", _trying_again(play, number))


def _choosing(play: Play, node: Any) -> Callable[[Mapping[str, Any]], object]:
    return lambda data: play.do(Decide(node.name, [play.random.choice(node.flows).id], reason="stuck"))


def _trying_again(play: Play, number: int) -> Callable[[Mapping[str, Any]], object]:
    return lambda data: play.do(Retry(f"{play.case_id}-i{number}", data={**play.way_out(), **data}))


def touch(play: Play) -> None:
    """Something small that people do meanwhile: it moves no token."""
    random, found = play.random, play.workable()
    if not found or random.random() < 0.3:
        play.do(SetData(play.scene.answer(random)))
        return
    task = f"{play.case_id}-{random.choice(found).started}"
    if random.random() < 0.5:
        play.do(Assign(task, random.choice([*PEOPLE, None])))
        return
    play.do(SaveDraft(task, play.scene.answer(random)), by=random.choice(PEOPLE))


__all__ = ["PEOPLE", "Step", "possible", "touch"]
