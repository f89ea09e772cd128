"""`caseloom doctor`: is the database whole, are commits kept, does work get done? One question, one function."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path

import click

from caseloom.engine.engine import now
from caseloom.engine.errors import CaseloomError
from caseloom.engine.projection import SERVICE, START_TIMER, TIMER
from caseloom.storage.database import Database
from caseloom.storage.reader import Reader
from caseloom.web.cli import output
from caseloom.web.cli.opening import check_there, common, url

STUCK = timedelta(minutes=5)
MOST_SHOWN = 20


class State(StrEnum):
    """`note` is for what may well be meant so."""

    GOOD = "good"
    NOTE = "note"
    LOOK = "look"
    BAD = "bad"


_COLOURS = {State.GOOD: "green", State.NOTE: "cyan", State.LOOK: "yellow", State.BAD: "red"}


@dataclass(frozen=True, slots=True)
class Result:
    check: str
    state: State
    message: str


def durability(reader: Reader, at: datetime) -> Iterator[Result]:
    yield Result("commits", State.GOOD, reader.durability())


def integrity(reader: Reader, at: datetime) -> Iterator[Result]:
    damaged = False
    for damage in reader.integrity():
        damaged = True
        place = f"Case {damage.case_id}: " if damage.case_id else ""
        yield Result("integrity", State.BAD, f"{place}{damage.what}")
    if not damaged:
        yield Result("integrity", State.GOOD, "All that is stored fits its checksums.")


def incidents(reader: Reader, at: datetime) -> Iterator[Result]:
    found = reader.incidents()
    for one in found[:MOST_SHOWN]:
        yield Result("incidents", State.LOOK, f"Case {one.case_id}, {one.id}: {one.message}")
    if len(found) > MOST_SHOWN:
        yield Result("incidents", State.LOOK, f"… and {len(found) - MOST_SHOWN} more.")
    if not found:
        yield Result("incidents", State.GOOD, "Nothing waits for a person to mend it.")


def timers(reader: Reader, at: datetime) -> Iterator[Result]:
    late = reader.due_jobs(at - STUCK, MOST_SHOWN, [TIMER, START_TIMER])
    if late:
        since = output.cell(late[0].due_at)
        message = f"Timers are due since {since}: does “caseloom serve” or “caseloom worker” run?"
        yield Result("timers", State.BAD, message)
    else:
        yield Result("timers", State.GOOD, "No timer is late.")


def services(reader: Reader, at: datetime) -> Iterator[Result]:
    late = reader.due_jobs(at - STUCK, 1000, [SERVICE])
    for topic in sorted({job.topic or "" for job in late}):
        waiting = [job for job in late if job.topic == topic]
        error = next((f"; last error: {job.error}" for job in waiting if job.error), "")
        message = f"{len(waiting)} wait for a worker since {output.cell(waiting[0].due_at)}{error}"
        yield Result("services", State.LOOK, f"“{topic}”: {message}.")
    if not late:
        yield Result("services", State.GOOD, "No service is waited for.")


def settings(reader: Reader, at: datetime) -> Iterator[Result]:
    users = reader.users()
    signing_in = sum(user.password_hash is not None for user in users)
    state = State.GOOD if signing_in else State.NOTE
    more = "" if signing_in else " Add somebody with “caseloom user add”."
    yield Result("people", state, f"{len(users)} known, {signing_in} can sign in.{more}")
    built = (Path(__file__).parents[1] / "static" / "vendor" / "htmx.js").is_file()
    yield Result(
        "pages",
        State.GOOD if built else State.NOTE,
        "The browser code is there."
        if built
        else "The browser code is missing; install it with “pip install .”",
    )


_CHECKS: tuple[Callable[[Reader, datetime], Iterator[Result]], ...] = (
    durability, integrity, incidents, timers, services, settings,
)  # fmt: skip


@click.command()
@common
def doctor() -> None:
    """Look for damage, stuck work and incidents. Exit code 1 where there is something to look at."""
    results = _examined()
    rows = [{"check": one.check, "state": str(one.state), "message": one.message} for one in results]
    if not output.give(rows):
        for one in results:
            click.echo(
                f"{click.style(f'{one.state:4}', fg=_COLOURS[one.state])}  {one.check:10} {one.message}"
            )
    if any(one.state in (State.LOOK, State.BAD) for one in results):
        click.get_current_context().exit(1)


def _examined() -> list[Result]:
    """Opens the database as it is: nothing is made, migrated or mended."""
    try:
        check_there(url())
        database = Database(url())
    except CaseloomError as away:
        return [Result("database", State.BAD, str(away))]
    try:
        with database.read() as reader:
            return list(_answers(reader))
    except CaseloomError as broken:
        return [Result("database", State.BAD, str(broken))]
    finally:
        database.close()


def _answers(reader: Reader) -> Iterator[Result]:
    yield Result("database", State.GOOD, "It answers.")
    found, newest = reader.schema()
    if found != newest:
        state = f"The tables are those of “{found}”" if found else "There are no tables yet"
        yield Result("schema", State.BAD, f"{state}; “caseloom serve” makes those of “{newest}”.")
        return
    yield Result("schema", State.GOOD, f"The tables are those of this release (“{found}”).")
    for check in _CHECKS:
        yield from check(reader, now())


COMMANDS = (doctor,)
