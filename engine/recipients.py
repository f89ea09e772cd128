"""Whom a message is for: the cases that wait for it, and the processes that it starts."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from caseloom.engine.correlation import (
    Expectation,
    Fit,
    definition_of,
    is_expectation,
    others_of,
    properties_of,
)
from caseloom.engine.door import Door
from caseloom.engine.flow.model import Event
from caseloom.engine.flow.tokens import Token
from caseloom.engine.ids import started
from caseloom.engine.library import Library, starts
from caseloom.engine.message import Addressee, Message
from caseloom.storage.database import Database
from caseloom.storage.errors import Damaged
from caseloom.storage.payload import encode
from caseloom.storage.records import SubscriptionRecord

log = logging.getLogger("caseloom.post")

Data = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Waiting:
    """Who waits for a message; `sure`, where each has what the message says, and nothing is guessed."""

    for_it: Sequence[Addressee]
    sure: bool

    def undecided(self, message: Message) -> bool:
        return len(self.for_it) > 1 and (message.vague or not self.sure)


class Recipients:
    def __init__(
        self, database: Database, door: Door, library: Library, clock: Callable[[], datetime]
    ) -> None:
        self._database = database
        self._door = door
        self._library = library
        self._clock = clock

    def whom(self, message: Message) -> Waiting:
        """The one that waited longest in each case that the message fits; never its sender.

        Where some have exchanged what the message says, those alone are meant.
        """
        key = None if message.properties else message.business_key  # its properties are better than a key
        with self._database.read() as reader:
            records = reader.waiting_for("message", message.name, case_id=message.case_id, business_key=key)
        found: dict[Fit, dict[str, Addressee]] = {Fit.YES: {}, Fit.OPEN: {}}
        for one in records:
            if one.case_id == message.sender:
                continue
            fit, talk = self._fit(one, message)
            if fit is not Fit.NO:
                found[fit].setdefault(one.case_id, Addressee.of(one, talk))
        sure = bool(found[Fit.YES])
        return Waiting(list(found[Fit.YES if sure else Fit.OPEN].values()), sure)

    def _fit(self, one: SubscriptionRecord, message: Message) -> tuple[Fit, Data]:
        """Whether a message belongs to what waits there, and its properties as they are read there."""
        if is_expectation(one.correlation):
            return self._meets(one, message)
        if message.properties and not self._named_alike(one, message):
            return Fit.NO, {}
        return (Fit.YES if self._correlates(one, message) else Fit.NO), {}

    def _meets(self, one: SubscriptionRecord, message: Message) -> tuple[Fit, Data]:
        assert one.correlation is not None
        event = self._event(definition_of(one.correlation), one.element_id)
        talk = properties_of(event, message, self._clock())
        if not self._has(one, others_of(event, message)):
            return Fit.NO, {}
        if not talk and (message.addressed or message.correlation is not None):
            return Fit.YES, {}
        expectation = Expectation.read(one.correlation) or self._asked(one)
        return (Fit.NO if expectation is None else expectation.fits(talk)), talk

    def _asked(self, one: SubscriptionRecord) -> Expectation | None:
        """What the case itself expects, where that is more than a row holds."""
        try:
            with self._door.reading(one.case_id) as hot:
                token = hot.instance.by_start.get(started(one.occurrence_id or "", one.case_id) or 0)
                return Expectation.of(token, one.element_id) if isinstance(token, Token) else None
        except Damaged:
            log.exception("Whether “%s” fits case %s cannot be told", one.name, one.case_id)
            return None

    def _event(self, definition_id: str, part: str) -> Event:
        node = self._library.model(definition_id).node(part.partition("~")[0])
        assert node is not None
        return dict(node.parts)[part]

    def _named_alike(self, one: SubscriptionRecord, message: Message) -> bool:
        """What knows nothing of the properties of a message goes by the business key, if the sender has one."""
        key = message.business_key
        return key is None or self._door.load(one.case_id).record.business_key == key

    def _correlates(self, one: SubscriptionRecord, message: Message) -> bool:
        """A subscription with a key wants that key; a mapping is compared with the variables of the case."""
        if one.correlation is not None:
            return message.correlation is not None and encode(message.correlation) == one.correlation
        if message.correlation is None:
            return True
        return isinstance(message.correlation, Mapping) and self._has(one, message.correlation)

    def _has(self, one: SubscriptionRecord, wanted: Data) -> bool:
        """Has the case variables of these values?"""
        if not wanted:
            return True
        try:
            with self._door.reading(one.case_id) as hot:
                known = dict(hot.instance.file)
        except Damaged:
            log.exception("Whether “%s” fits case %s cannot be told", one.name, one.case_id)
            return False
        return all(name in known and known[name] == value for name, value in wanted.items())

    def started_by(self, kind: str, message: Message) -> list[Addressee]:
        with self._database.read() as reader:
            newest = reader.latest_definitions()
        return [
            self._opening(definition.id, start, message)
            for definition in newest
            for start in starts(definition)
            if start["kind"] == kind and start["name"] == message.name
        ]

    def _opening(self, definition_id: str, start: Data, message: Message) -> Addressee:
        part = start.get("part", start["element"])
        talk = properties_of(self._event(definition_id, part), message, self._clock())
        return Addressee(start["element"], definition_id=definition_id, part=part, talk=talk)

    def talk_with(self, one: SubscriptionRecord, message: Message, business_key: str | None) -> Data | None:
        """The properties of a kept message as they are read there; None where it is not meant."""
        if message.case_id not in (None, one.case_id) or one.case_id == message.sender:
            return None
        if not message.properties and message.business_key not in (None, business_key):
            return None
        fit, talk = self._fit(one, message)
        if fit is Fit.NO:
            return None
        guessed = fit is Fit.OPEN or message.vague
        if guessed and message.sender is not None and not self._alone(one.case_id, message.sender):
            return None
        return talk

    def _alone(self, case_id: str, sender: str) -> bool:
        """Could no other case of the process have been meant by one that did not say for which?"""
        key = self._door.load(case_id).record.key
        with self._database.read() as reader:
            running = reader.cases(key=key, status="running", limit=3)
        return all(case.id in (case_id, sender) for case in running)
