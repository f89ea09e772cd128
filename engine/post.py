"""Messages and signals from outside the case: who waits for them, whom they start, and those that came early.

A message goes to every case that its name and its criteria fit, to the one that waited longest in each; with no
criteria at all it must fit one case only. An id is accepted once.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Protocol

from caseloom.engine.commands import Command, Receive
from caseloom.engine.door import Done, Door
from caseloom.engine.errors import Conflict, Invalid, NotFound
from caseloom.engine.ids import new_id
from caseloom.engine.library import Library, starts
from caseloom.storage.database import Database
from caseloom.storage.errors import Damaged
from caseloom.storage.payload import checked, decode, encode
from caseloom.storage.records import CaseRecord, DefinitionRecord, MessageRecord, SubscriptionRecord

log = logging.getLogger("caseloom.post")

Data = Mapping[str, Any]


class Carry(Protocol):
    def __call__(self, case_id: str, command: Command, at: datetime) -> Done: ...


class Begin(Protocol):
    def __call__(
        self,
        definition: DefinitionRecord,
        data: Data,
        *,
        entrance: str,
        business_key: str | None,
        outcome: Data,
    ) -> Done: ...


class Post:
    def __init__(
        self,
        database: Database,
        door: Door,
        library: Library,
        clock: Callable[[], datetime],
        carry: Carry,
        begin: Begin,
    ) -> None:
        self._database = database
        self._door = door
        self._library = library
        self._clock = clock
        self._carry = carry
        self._begin = begin

    def message(
        self,
        name: str,
        *,
        case_id: str | None,
        business_key: str | None,
        correlation: Any,
        data: Data | None,
        message_id: str | None,
    ) -> list[str]:
        """Delivers, starts or keeps a message; the ids of the cases that took it or were started by it."""
        at = self._clock()
        payload = checked(dict(data or {}), "The message")
        correlation = checked(correlation, "The correlation")
        if not name or not isinstance(name, str):
            raise Invalid("A message has a name.")
        if case_id is not None:
            self._door.load(case_id)
        waiting = self._whom(name, case_id, business_key, correlation)
        vague = len(waiting) > 1 and case_id is None and business_key is None and correlation is None
        refusal = f"{len(waiting)} cases wait for “{name}”; say which by case, business key or correlation."
        if not self._accepted(message_id, at, Conflict(refusal) if vague else None):
            return []
        taken = [one.case_id for one in waiting if self._give(one, name, payload, message_id, at)]
        if not taken and case_id is None:
            taken = self._start(name, business_key, payload, message_id)
        if not taken:
            self._keep(name, case_id, business_key, correlation, payload, message_id, at)
        return taken

    def _accepted(self, message_id: str | None, at: datetime, refusal: Conflict | None) -> bool:
        """False where the id was taken before. A message that is refused does not take it."""
        if message_id is None:
            if refusal is not None:
                raise refusal
            return True
        with self._database.begin() as transaction:
            if transaction.seen_message(message_id, at=at):
                return False
            if refusal is not None:
                raise refusal
        return True

    def _whom(
        self, name: str, case_id: str | None, business_key: str | None, correlation: Any
    ) -> list[SubscriptionRecord]:
        """The one that waited longest in each case that the message fits."""
        with self._database.read() as reader:
            waiting = reader.waiting_for("message", name, case_id=case_id, business_key=business_key)
        first: dict[str, SubscriptionRecord] = {}
        for one in waiting:
            if self._correlates(one, correlation):
                first.setdefault(one.case_id, one)
        return list(first.values())

    def _give(
        self, one: SubscriptionRecord, name: str, payload: Data, message_id: str | None, at: datetime
    ) -> bool:
        try:
            self._carry(
                one.case_id, Receive(one.occurrence_id or "", one.element_id, name, payload, message_id), at
            )
        except (Conflict, NotFound):
            return False  # somebody else was quicker
        except Damaged:
            log.exception("“%s” cannot be given to case %s", name, one.case_id)
            return False  # a damaged case must not keep the others from hearing it
        return True

    def _correlates(self, one: SubscriptionRecord, correlation: Any) -> bool:
        """A subscription with a key wants that key; a mapping is compared with the variables of the case."""
        if one.correlation is not None:
            return correlation is not None and encode(correlation) == one.correlation
        if correlation is None:
            return True
        if not isinstance(correlation, Mapping):
            return False
        try:
            with self._door.reading(one.case_id) as hot:
                known = dict(hot.instance.file)
        except Damaged:
            log.exception("Whether “%s” fits case %s cannot be told", one.name, one.case_id)
            return False
        return all(name in known and known[name] == value for name, value in correlation.items())

    def _start(self, name: str, business_key: str | None, payload: Data, message_id: str | None) -> list[str]:
        outcome = {"event": name, **({"message": message_id} if message_id else {})}
        return [
            self._begin(
                definition, payload, entrance=element, business_key=business_key, outcome=outcome
            ).hot.record.id
            for definition, element in self._started_by("message", name)
        ]

    def _started_by(self, kind: str, name: str) -> list[tuple[DefinitionRecord, str]]:
        with self._database.read() as reader:
            newest = reader.latest_definitions()
        return [
            (definition, start["element"])
            for definition in newest
            for start in starts(definition)
            if start["kind"] == kind and start["name"] == name
        ]

    def _keep(
        self,
        name: str,
        case_id: str | None,
        business_key: str | None,
        correlation: Any,
        payload: Data,
        message_id: str | None,
        at: datetime,
    ) -> None:
        key = None if correlation is None else encode(correlation)
        record = MessageRecord(
            message_id or new_id(at), name=name, case_id=case_id, business_key=business_key, correlation=key,
            payload=encode(payload), at=at,
        )  # fmt: skip
        with self._database.begin() as transaction:
            transaction.keep_message(record)

    def look_for_kept(self, case_id: str) -> None:
        """A case has begun to wait: gives it what came early and fits it."""
        with self._database.read() as reader:
            waiting = [one for one in reader.subscriptions(case_id) if one.kind == "message"]
            kept = [(one, message) for one in waiting for message in reader.kept_messages(one.name)]
        business_key = self._door.load(case_id).record.business_key
        for one, message in kept:
            if not self._fits(one, message, business_key):
                continue
            with self._database.begin() as transaction:
                if not transaction.drop_message(message.id):
                    continue
            if self._give(one, message.name, decode(message.payload), message.id, self._clock()):
                return
            with self._database.begin() as transaction:
                transaction.keep_message(message)

    def _fits(self, one: SubscriptionRecord, message: MessageRecord, business_key: str | None) -> bool:
        if message.case_id not in (None, one.case_id) or message.business_key not in (None, business_key):
            return False
        return self._correlates(one, None if message.correlation is None else decode(message.correlation))

    def send(self, name: str, data: Data, *, sender: CaseRecord) -> None:
        """A message that a case throws: to the one other case that waits for it, or to the processes that it starts.

        The business key of the sender narrows the choice. Where several cases could be meant nobody gets it.
        """
        key = sender.business_key
        waiting = [one for one in self._whom(name, None, key, None) if one.case_id != sender.id]
        at = self._clock()
        if len(waiting) > 1:
            log.warning("“%s” of case %s fits %d cases, so none got it", name, sender.id, len(waiting))
        elif not (waiting and self._give(waiting[0], name, data, None, at)):
            started = self._start(name, key, data, None)
            if not started and key is not None:
                self._keep(name, None, key, None, data, None, at)

    def signal(self, name: str, data: Data | None, *, origin: str | None = None) -> list[str]:
        """Broadcasts a signal to all that wait for it now; it starts the processes that wait for it.

        `origin` is the case that threw it: there it was heard already.
        """
        at = self._clock()
        payload = checked(dict(data or {}), "The signal")
        with self._database.read() as reader:
            waiting = reader.waiting_for("signal", name)
        others = [one for one in waiting if one.case_id != origin]
        taken = [one.case_id for one in others if self._give(one, name, payload, None, at)]
        for definition, element in self._started_by("signal", name):
            done = self._begin(
                definition, payload, entrance=element, business_key=None, outcome={"event": name}
            )
            taken.append(done.hot.record.id)
        return list(dict.fromkeys(taken))
