"""Cases: start, look, command, preview, options, history."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import KW_ONLY, dataclass, field
from typing import Any

from caseloom import adhoc
from caseloom.adhoc import Options
from caseloom.engine.errors import Invalid
from caseloom.engine.results import AdHocSubProcess, Case, Entry, LedgerEntry, Preview, Status, TrayEntry
from caseloom.web.api.answers import WholeCase
from caseloom.web.api.asked import the_json, the_key, the_revision, the_user
from caseloom.web.api.commands import COMMANDS, Order, ordered
from caseloom.web.api.operations import Body, Operations, Repeat, json_body
from caseloom.web.api.schemas import Schema, Schemas
from caseloom.web.api.text import NotJson, parsed
from caseloom.web.context import the_engine

cases = Operations()


@dataclass(frozen=True, slots=True)
class Start:
    """A new case of the newest version of `key`, or of `version`.

    `start_event` is the plain start event at which it begins, where there are several.
    """

    key: str
    _: KW_ONLY
    data: Mapping[str, Any] = field(default_factory=dict)
    version: int | None = None
    business_key: str | None = None
    start_event: str | None = None


@dataclass(frozen=True, slots=True)
class CaseQuery:
    """`where` is a FEEL condition over the case file, or a JSON object of names and their values."""

    key: str | None = None
    status: str | None = None
    business_key: str | None = None
    where: str | None = None
    limit: int = 50
    after: str | None = None


@dataclass(frozen=True, slots=True)
class JournalQuery:
    """`after` is the `seq` of the last row of the page before."""

    limit: int = 1000
    after: int = 0


def _commands(schemas: Schemas) -> Schema:
    """One schema for each command of the table, told apart by `command`."""
    found = []
    for name, kind in COMMANDS.items():
        schema = schemas.taken(kind)
        schema["properties"] = {
            "command": {"const": name},
            **schema["properties"],
            "preview": {"type": ["string", "null"]},
        }
        schema["required"] = ["command", *schema.get("required", ())]
        schemas.named[f"{name.replace('.', '')}Command"] = schema
        found.append({"$ref": f"#/components/schemas/{name.replace('.', '')}Command"})
    return {"anyOf": found}


_COMMAND = Body(lambda: ordered(the_json()), _commands)


@cases.post("/cases", body=json_body(Start), gives=Case, status=201, repeat=Repeat.KEPT)
def start(wanted: Start) -> Case:
    """Starts a case."""
    return the_engine().start(
        wanted.key,
        wanted.data,
        version=wanted.version,
        business_key=wanted.business_key,
        start_event=wanted.start_event,
        by=the_user(),
        request_id=the_key(),
    )


@cases.get("/cases", query=CaseQuery, gives=list[Case])
def find(wanted: CaseQuery) -> list[Case]:
    """Cases in the order in which they were started."""
    if wanted.status is not None and wanted.status not in list(Status):
        raise Invalid(f"“status” must be one of {', '.join(Status)}.")
    return the_engine().cases(
        key=wanted.key,
        status=wanted.status,
        business_key=wanted.business_key,
        where=_condition(wanted.where),
        limit=wanted.limit + 1,
        after=wanted.after,
    )


def _condition(where: str | None) -> str | Mapping[str, Any] | None:
    if where is None or not where.lstrip().startswith("{"):
        return where
    try:
        return dict(parsed(where, "“where”"))
    except NotJson as wrong:
        raise Invalid(str(wrong)) from wrong


@cases.get("/cases/{case_id}", gives=WholeCase)
def show(case_id: str) -> WholeCase:
    """The case as it is now, with everything that ran or runs in it. `ETag` is its revision."""
    return WholeCase.of(the_engine().case(case_id))


@cases.post("/cases/{case_id}/commands", body=_COMMAND, gives=Case, repeat=Repeat.KEPT, revision=True)
def command(case_id: str, order: Order) -> Case:
    """Carries out one command. `If-Match` names the revision that the case must still be at."""
    return the_engine().do(
        case_id,
        order.command,
        by=the_user(),
        expect_revision=the_revision(),
        request_id=the_key(),
        preview=order.preview,
    )


@cases.post("/cases/{case_id}/preview", body=_COMMAND, gives=Preview)
def preview(case_id: str, order: Order) -> Preview:
    """What the command would come to; nothing happens. Its `token` goes with the command as `preview`."""
    engine = the_engine()
    engine.case(case_id)
    return engine.preview(case_id, order.command, by=the_user())


@cases.get("/cases/{case_id}/options", gives=Options)
def options(case_id: str) -> Options:
    """What the person may do to the case now, outside its diagram."""
    return adhoc.options(the_engine(), case_id, by=the_user())


@cases.get("/cases/{case_id}/effects", gives=list[LedgerEntry])
def effects(case_id: str) -> list[LedgerEntry]:
    """What has left the house, oldest first, and what became of it."""
    return the_engine().effects(case_id)


@cases.get("/cases/{case_id}/orders", gives=list[adhoc.Order])
def orders(case_id: str) -> list[adhoc.Order]:
    """The standing orders to skip something, oldest first, and what became of them."""
    return adhoc.orders(the_engine(), case_id)


@cases.get("/cases/{case_id}/startable", gives=list[AdHocSubProcess])
def startable(case_id: str) -> list[AdHocSubProcess]:
    """The open ad-hoc sub-processes, with the activities that the person may start in them now."""
    return the_engine().startable(case_id, by=the_user())


@cases.get("/cases/{case_id}/tray", gives=list[TrayEntry])
def tray(case_id: str) -> list[TrayEntry]:
    """Messages for the case that nothing has taken: to be applied again, or dismissed."""
    return the_engine().tray(case_id)


@cases.get("/cases/{case_id}/history", query=JournalQuery, gives=list[Entry])
def history(case_id: str, wanted: JournalQuery) -> list[Entry]:
    """The journal, oldest first."""
    rows = [entry for entry in the_engine().history(case_id) if entry.seq > wanted.after]
    return rows[: wanted.limit + 1]
