"""The one door: every change of a case goes through `Door.carry_out`.

Load (a hot instance if it is current, else snapshot and journal), decide, run to the next wait, and write journal,
case, tasks, jobs and subscriptions in one transaction. Two who want the same are decided by the case's revision.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from functools import wraps
from typing import Any, ParamSpec

from caseloom.engine.commands import Command
from caseloom.engine.committing import Also, Done, commit
from caseloom.engine.difference import Seen, difference
from caseloom.engine.errors import CaseloomError, Conflict
from caseloom.engine.flow import listeners, opening
from caseloom.engine.flow.instance import Instance
from caseloom.engine.flow.model import Node
from caseloom.engine.flow.run import Run
from caseloom.engine.handlers import Handlers
from caseloom.engine.hot import Hot, HotCases, copied
from caseloom.engine.ids import new_id
from caseloom.engine.library import CaseWorld, Library
from caseloom.engine.live import LiveCase
from caseloom.engine.results import Person, Preview
from caseloom.storage.database import Database
from caseloom.storage.errors import StoreChanged
from caseloom.storage.payload import checked
from caseloom.storage.records import CaseRecord, DefinitionRecord
from caseloom.storage.transaction import Transaction

TRIES = 3
P = ParamSpec("P")


def _again(begin: Callable[P, Done]) -> Callable[P, Done]:
    """A start is tried again where another case has changed a data store meanwhile."""

    @wraps(begin)
    def tried(*args: P.args, **keywords: P.kwargs) -> Done:
        for _ in range(TRIES - 1):
            with suppress(StoreChanged):
                return begin(*args, **keywords)
        return begin(*args, **keywords)

    return tried


class Door:
    """`hot` holds the cases in memory; `fresh`, `load` and `reading` ask it."""

    def __init__(self, database: Database, library: Library) -> None:
        self._database = database
        self._library = library
        self.hot = HotCases(database, library)
        self.break_glass: str | None = None
        self.fresh, self.load, self.reading = self.hot.fresh, self.hot.load, self.hot.reading
        self.handlers = Handlers()

    # -- starting ----------------------------------------------------------------------------------

    @_again
    def start(
        self,
        definition: DefinitionRecord,
        data: Mapping[str, Any] | None,
        *,
        person: Person | None,
        at: datetime,
        business_key: str | None,
        request_id: str | None,
        entrance: str | None = None,
        part: str | None = None,
        outcome: Mapping[str, Any] | None = None,
        also: Also | None = None,
    ) -> Done:
        """A new case. `entrance` is where it begins: what something outside has triggered, if `part` names that."""
        model = self._library.model(definition.id)
        record = CaseRecord(
            new_id(at), definition_id=definition.id, key=definition.key, version=definition.version,
            business_key=business_key, revision=0, data="{}", created_at=at, created_by=person.id if person else None,
        )  # fmt: skip
        instance = Instance(model, self._library.model)
        world = CaseWorld(self._library, record.id, business_key, self.handlers)
        run = Run(instance, world, at)
        writes = dict(checked(dict(data or {}), "The data"))
        if model.plan.initiator and person is not None:
            writes[model.plan.initiator] = person.id
        entrances = [entrance or ""]
        if part is None:
            entrances, part = opening.by_hand(run, entrance, writes)
        writes |= listeners.of_process(run, model.plan, "start", instance.root, instance.file.below(writes))
        opening.begin(run, entrances, tuple(writes.items()), part=part, outcome=outcome)
        live = LiveCase(record, instance, world, run, person, at, self._database.read)
        return self._commit(Hot(record, instance, 0, {}), live, "Start", request_id, also)

    def conditions_met(
        self, definition: DefinitionRecord, data: Mapping[str, Any], at: datetime
    ) -> list[tuple[str, str, Node]]:
        """The conditions that start the process and hold with this data; see `opening.met`."""
        instance = Instance(self._library.model(definition.id), self._library.model)
        return opening.met(Run(instance, CaseWorld(self._library, "", None), at), data)

    # -- commands ----------------------------------------------------------------------------------

    def carry_out(
        self,
        case_id: str,
        command: Command,
        *,
        person: Person | None,
        enforced: bool,
        at: datetime,
        expect_revision: int | None = None,
        request_id: str | None = None,
        preview: str | None = None,
        also: Also | None = None,
    ) -> Done:
        """Decides a command and stores what came of it. A refusal raises and leaves the case exactly as it was.

        `also` is done in the same transaction; what it raises refuses the command.
        """
        with self.hot.lock(case_id):
            for attempt in range(1, TRIES + 1):
                hot = self.load(case_id)
                if expect_revision is not None and hot.record.revision != expect_revision:
                    hot = self.fresh(case_id)  # another process may have moved the case on
                if expect_revision is not None and hot.record.revision != expect_revision:
                    raise Conflict(
                        f"The case is at revision {hot.record.revision}, not {expect_revision}: look at it again."
                    )
                try:
                    return self._attempt(hot, command, person, enforced, at, request_id, preview, also)
                except CaseloomError as refusal:
                    if attempt < TRIES and self.hot.was_stale(hot, refusal):
                        continue
                    raise
        raise AssertionError("unreachable")

    def _attempt(
        self,
        hot: Hot,
        command: Command,
        person: Person | None,
        enforced: bool,
        at: datetime,
        request_id: str | None,
        preview: str | None,
        also: Also | None,
    ) -> Done:
        before = Seen.of(hot.instance) if preview is not None else None
        live = self._live(hot, person, enforced, at, self.handlers)
        live.instance.touched.clear()
        live.reason = getattr(command, "reason", None)
        try:
            command.decide(live)
            live.note_overrides()
            live.run.advance()
            if before is not None and difference(before, live).token != preview:
                raise Conflict("The case has changed since the preview: look at the preview again.")
            return self._commit(hot, live, type(command).__name__, request_id, also)
        except BaseException:
            if live.run.facts:  # the instance in memory is no longer what is stored
                self.hot.forget(hot.record.id)
            raise

    def _live(
        self, hot: Hot, person: Person | None, enforced: bool, at: datetime, handlers: Handlers | None = None
    ) -> LiveCase:
        world = CaseWorld(self._library, hot.record.id, hot.record.business_key, handlers)
        run = Run(hot.instance, world, at)
        return LiveCase(
            hot.record, hot.instance, world, run, person, at, self._database.read, enforced, self.break_glass
        )

    def look(self, hot: Hot, person: Person | None = None, *, enforced: bool = False) -> LiveCase:
        """A copy of a case to ask things of, at leisure."""
        copy = Hot(hot.record, copied(hot.instance), hot.snapshot, {})
        return self._live(copy, person, enforced, hot.record.updated_at or hot.record.created_at)

    def preview(
        self, case_id: str, command: Command, *, person: Person | None, enforced: bool, at: datetime
    ) -> Preview:
        """What a command would do, worked out on a copy. Never raises a refusal: it is told in `refusal`."""
        with self.hot.lock(case_id):
            hot = self.fresh(case_id)
            copy = Hot(hot.record, copied(hot.instance), hot.snapshot, {})
        before = Seen.of(copy.instance)
        live = self._live(copy, person, enforced, at)
        live.previewing = True
        live.reason = getattr(command, "reason", None)
        try:
            command.decide(live)
            live.note_overrides()
            live.run.advance()
        except CaseloomError as refusal:
            return Preview(refusal=str(refusal), effects=list(live.effects))
        return difference(before, live)

    def _commit(self, hot: Hot, live: LiveCase, name: str, request_id: str | None, also: Also | None) -> Done:
        done = commit(
            self._database, hot, live, name, request_id=request_id, also=_together(also, live.along)
        )
        self.hot.keep(done.hot)
        return done


def _together(also: Also | None, along: Sequence[Also]) -> Also | None:
    """What comes with a command from outside, and what the command itself has asked for."""
    if not along:
        return also

    def all_of_it(transaction: Transaction) -> None:
        for one in [*([also] if also else []), *along]:
            one(transaction)

    return all_of_it
