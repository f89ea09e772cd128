"""Cases from the shell: start, list, look, and what comes to them from outside."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from typing import IO, Any

import click

from caseloom.adhoc import Options, options
from caseloom.engine import Cancel, Engine, Resume, Retry, SetData, Suspend
from caseloom.engine.results import Entry, Status
from caseloom.web.api.answers import Taken, WholeCase
from caseloom.web.api.text import parsed
from caseloom.web.cli import output
from caseloom.web.cli.carrying import carry_out, carrying
from caseloom.web.cli.opening import acting, common, data, read_object, the_engine, wants_json

_CASE = click.argument("case_id", metavar="CASE")
_REASON = click.option("--reason", metavar="TEXT", help="Why; it stands in the journal.")
Data = Mapping[str, Any]


@click.command()
@click.argument("key")
@data
@click.option("--version", type=int, help="Of the definition; else the newest.")
@click.option("--business-key", metavar="TEXT", help="What people call the case.")
@click.option(
    "--start-event", metavar="ID", help="The plain start event to begin at, where there are several."
)
@click.option("--request-id", metavar="ID", help="The same id twice is one effect.")
@click.option(
    "--each",
    type=click.File("rb"),
    metavar="FILE",
    help="One case for each line of a file (- is the standard input), each line a JSON object.",
)
@acting
@common
def start(
    key: str,
    data: Data | None,
    version: int | None,
    business_key: str | None,
    start_event: str | None,
    request_id: str | None,
    each: IO[bytes] | None,
    by: str | None,
) -> None:
    """Start a case of a process, or many."""
    if each is not None and (business_key is not None or request_id is not None):
        raise click.UsageError("--each starts many cases; --business-key and --request-id name one.")
    with the_engine(by=by) as engine:
        if each is not None:
            _start_each(
                engine, key, version, start_event, by, [{**(data or {}), **line} for line in _lines(each)]
            )
            return
        found = engine.start(
            key,
            data,
            version=version,
            business_key=business_key,
            start_event=start_event,
            by=by,
            request_id=request_id,
        )
    output.case(found)


def _lines(file: IO[bytes]) -> Iterator[Data]:
    for number, line in enumerate(file, 1):
        if line.strip():
            found = parsed(line, f"Line {number}")
            if not isinstance(found, dict):
                raise click.UsageError(f"Line {number} is not a JSON object.")
            yield found


def _start_each(
    engine: Engine,
    key: str,
    version: int | None,
    start_event: str | None,
    by: str | None,
    lines: Sequence[Data],
) -> None:
    """Prints the id of each case as soon as it is stored."""
    hidden = not sys.stderr.isatty()
    with click.progressbar(lines, label="Starting cases", file=sys.stderr, hidden=hidden) as bar:
        for line in bar:
            found = engine.start(key, line, version=version, start_event=start_event, by=by)
            if not output.give(found):
                click.echo(found.id)


@click.command()
@_CASE
@common
def case(case_id: str) -> None:
    """Show a case: where it is, its case file, what ran."""
    with the_engine() as engine:
        found = WholeCase.of(engine.case(case_id))
        if wants_json():
            output.give(found)
            return
        output.case(found)
        ran = found.occurrences
    click.echo()
    output.table(("NAME", "VALUE"), found.data.items(), empty="The case file is empty.")
    click.echo()
    rows = [
        (one.name, one.number, one.state, "" if one.effective else "no longer counts", one.by, one.started_at)
        for one in ran
    ]
    output.table(("STEP", "ROUND", "STATE", "", "BY", "SINCE"), rows, empty="Nothing has run yet.")


@click.command()
@click.option("--key", help="Of one process.")
@click.option("--status", type=click.Choice([str(one) for one in Status]))
@click.option("--business-key", metavar="TEXT")
@click.option("--where", metavar="FEEL", help="A condition over the case file: 'amount > 5'.")
@click.option("--limit", type=click.IntRange(1), default=50, show_default=True)
@click.option("--after", metavar="CASE", help="The last case of the page before.")
@common
def cases(**wanted: Any) -> None:
    """List cases, oldest first."""
    with the_engine() as engine:
        found = engine.cases(**wanted)
    if output.give(found):
        return
    rows = [
        (one.id, one.key, one.business_key, one.status, one.created_at, ", ".join(t.name for t in one.tasks))
        for one in found
    ]
    output.table(
        ("CASE", "KEY", "BUSINESS KEY", "STATUS", "STARTED", "AT"), rows, empty="There are no such cases."
    )


@click.command()
@_CASE
@common
def history(case_id: str) -> None:
    """Show the journal of a case: who did what, when and why."""
    with the_engine() as engine:
        found = engine.history(case_id)
    if output.give(found):
        return
    rows = [(one.seq, one.at, one.by, one.command, _steps(one), one.reason, one.change_id) for one in found]
    output.table(
        ("", "WHEN", "BY", "COMMAND", "STEPS", "REASON", "CHANGE"), rows, empty="Nothing has happened."
    )


def _steps(entry: Entry) -> str:
    return ", ".join(dict.fromkeys(fact["name"] for fact in entry.facts if fact["name"]))


@click.command("options")
@_CASE
@acting
@common
def choices(case_id: str, by: str | None) -> None:
    """Show what may be done to a case now, outside its diagram."""
    with the_engine(by=by) as engine:
        found = options(engine, case_id, by=by)
    if output.give(found):
        return
    output.table(("WHAT", "WHERE", "NAME"), _choices(found), empty="Nothing may be done to it now.")


def _choices(found: Options) -> Iterator[tuple[str, str, str]]:
    for verb, targets in (("skip", found.skip), ("revisit", found.revisit), ("decide", found.decide)):
        yield from ((verb, target.id, target.name) for target in targets)
    yield from ((f"insert --{one.kind}", one.id or "", one.name) for one in found.insert)
    yield from (("undo", one.id, one.reason or one.command) for one in found.undo)


@click.command("set-data")
@_CASE
@click.argument("values", callback=read_object, metavar="JSON")
@_REASON
@carrying
def set_data(case_id: str, values: Data, reason: str | None, **how: Any) -> None:
    """Correct the case file by hand."""
    carry_out(case_id, SetData(values, reason=reason), **how)


@click.command()
@_CASE
@_REASON
@carrying
def suspend(case_id: str, reason: str | None, **how: Any) -> None:
    """Stop a case until it is resumed."""
    carry_out(case_id, Suspend(reason=reason), **how)


@click.command()
@_CASE
@carrying
def resume(case_id: str, **how: Any) -> None:
    """Let a suspended case go on."""
    carry_out(case_id, Resume(), **how)


@click.command()
@_CASE
@_REASON
@carrying
def cancel(case_id: str, reason: str | None, **how: Any) -> None:
    """End a case where it stands."""
    carry_out(case_id, Cancel(reason=reason), **how)


@click.command()
@click.argument("incident_id", metavar="INCIDENT")
@data
@carrying
def retry(incident_id: str, data: Data | None, **how: Any) -> None:
    """Try again what failed; --data corrects the case file first."""
    carry_out(incident_id.rpartition("-i")[0], Retry(incident_id, data=data or {}), **how)


@click.command()
@click.argument("name")
@data
@click.option("--case", "case_id", metavar="CASE", help="To this case only.")
@click.option("--business-key", metavar="TEXT", help="To the case of this name only.")
@click.option("--correlation", metavar="JSON", help="The key, or an object of variables that must be equal.")
@click.option("--message-id", metavar="ID", help="The same id twice is one message.")
@common
def message(
    name: str,
    data: Data | None,
    case_id: str | None,
    business_key: str | None,
    correlation: str | None,
    message_id: str | None,
) -> None:
    """Give a message to whom it fits, or keep it until somebody waits for it."""
    value = None if correlation is None else parsed(correlation, "--correlation")
    with the_engine() as engine:
        taken = engine.message(
            name,
            case_id=case_id,
            business_key=business_key,
            correlation=value,
            data=data,
            message_id=message_id,
        )
    _tell(taken, "Nobody takes it now; it is kept.")


@click.command()
@data
@click.option("--business-key", metavar="TEXT", help="The name of the cases that it starts.")
@acting
@common
def conditions(data: Data | None, business_key: str | None, by: str | None) -> None:
    """Start the processes whose conditional start event holds with --data."""
    with the_engine(by=by) as engine:
        begun = engine.conditions(data or {}, business_key=business_key, by=by)
    _tell(begun, "No condition that starts a process holds.")


@click.command()
@click.argument("name")
@data
@common
def signal(name: str, data: Data | None) -> None:
    """Broadcast a signal."""
    with the_engine() as engine:
        taken = engine.signal(name, data)
    _tell(taken, "Nobody waits for it.")


def _tell(taken: Sequence[str], nobody: str) -> None:
    if output.give(Taken(taken)):
        return
    for case_id in taken:
        click.echo(case_id)
    if not taken:
        output.say(nobody)


COMMANDS = (
    start, case, cases, history, choices, set_data, suspend, resume, cancel, retry, message, signal, conditions,
)  # fmt: skip
