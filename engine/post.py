"""Messages and signals between cases and the world: who waits for them, whom they start, and those that came early.

A message goes to every case that its name and its criteria fit, to the one that waited longest in each; with no
criteria at all it must fit one case only. What makes it count once (its id, its place among the kept ones, the job
that a throw has left) is settled in the transaction of its first delivery, and what is still to be delivered then is
written down in that transaction, too: a message is neither lost nor given twice by a crash.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from caseloom.engine.commands import Command, LayAside, Receive, arrived
from caseloom.engine.committing import Also, Done
from caseloom.engine.correlation import (
    Expectation,
    Fit,
    definition_of,
    is_expectation,
    others_of,
    properties_of,
)
from caseloom.engine.door import Door
from caseloom.engine.errors import Conflict, Invalid, NotFound
from caseloom.engine.flow.model import Event
from caseloom.engine.flow.tokens import Token
from caseloom.engine.ids import new_id, started
from caseloom.engine.library import Library, starts
from caseloom.engine.message import Addressee, Message, looks_for_kept
from caseloom.engine.projection import CLOSED
from caseloom.storage.database import Database
from caseloom.storage.errors import Damaged
from caseloom.storage.payload import checked, encode
from caseloom.storage.records import DefinitionRecord, JobRecord, SubscriptionRecord
from caseloom.storage.transaction import Transaction

log = logging.getLogger("caseloom.post")

Data = Mapping[str, Any]


class Carry(Protocol):
    def __call__(self, case_id: str, command: Command, at: datetime, *, also: Also | None = None) -> Done: ...


class Begin(Protocol):
    def __call__(
        self,
        definition: DefinitionRecord,
        data: Data,
        *,
        entrance: str,
        part: str | None,
        business_key: str | None,
        outcome: Data,
        also: Also | None = None,
    ) -> Done: ...


@dataclass(frozen=True, slots=True)
class Waiting:
    """Who waits for a message; `sure`, where each has what the message says, and it is not only nobody else's."""

    for_it: Sequence[Addressee]
    sure: bool

    def undecided(self, message: Message) -> bool:
        return len(self.for_it) > 1 and (message.vague or not self.sure)


class _Gone(Conflict):
    """The message was delivered before, or somebody else is about to."""

    def __init__(self) -> None:
        super().__init__("The message was delivered already.")


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

    # -- messages ----------------------------------------------------------------------------------

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
        if not name or not isinstance(name, str):
            raise Invalid("A message has a name.")
        message = Message(
            message_id or new_id(at), name, named=message_id is not None,
            data=checked(dict(data or {}), "The message"), correlation=checked(correlation, "The correlation"),
            case_id=case_id, business_key=business_key,
        )  # fmt: skip
        if case_id is not None:
            self._door.load(case_id)
        if message.named and self._came_before(message.id):
            return []
        waiting = self._whom(message)
        if waiting.undecided(message):
            raise Conflict(
                f"{len(waiting.for_it)} cases wait for “{name}”; say which by case, business key or correlation."
            )
        try:
            return self._route(message, waiting, _accept(message, at))
        except _Gone:
            return []

    def _came_before(self, message_id: str) -> bool:
        with self._database.read() as reader:
            return reader.accepted_message(message_id)

    def _route(self, message: Message, waiting: Waiting, claim: Also) -> list[str]:
        """To those who wait, else to the processes that it starts, else it is kept."""
        taken = self._hand_out(message, waiting.for_it, claim)
        if not taken and self._lay_aside(message, claim):
            return []
        if not taken and message.case_id is None:
            taken = self._hand_out(message, self._started_by("message", message), claim)
        return taken or self._keep(message, claim)

    def _lay_aside(self, message: Message, claim: Also) -> bool:
        """What comes for a subscription that a revisit has closed goes to the tray of its case."""
        if message.correlation is None:
            return False
        with self._database.read() as reader:
            closed = reader.waiting_for(
                CLOSED, message.name, case_id=message.case_id, business_key=message.business_key,
                correlation=encode(message.correlation),
            )  # fmt: skip
        for one in closed[:1]:
            command = LayAside(message.name, message.data, message.own_id, message.correlation)
            self._carry(one.case_id, command, self._clock(), also=claim)
        return bool(closed)

    def _keep(self, message: Message, claim: Also) -> list[str]:
        """Nobody waits: it is kept, unless a case has begun to wait at this very moment."""
        if message.sender is not None and not self._library.catches(message.name):
            self._let_go(claim)
            return []
        with self._database.begin() as transaction:
            claim(transaction)
            transaction.keep_message(message.record(self._clock()))
        late = self._whom(message)
        if late.undecided(message):
            return []
        return [one.case_id for one in late.for_it[:1] if one.case_id and self._give_kept(one.case_id)]

    def _let_go(self, claim: Also) -> None:
        """A thrown message that nobody here could ever wait for, or that might be for several."""
        with self._database.begin() as transaction:
            claim(transaction)

    def _hand_out(self, message: Message, addressees: Sequence[Addressee], claim: Also) -> list[str]:
        """The first that takes it settles the message; what is left for the others is written down with that."""
        taken: list[str] = []
        at = self._clock()
        for index, one in enumerate(addressees):
            job = message.job(at, one)
            rest = [message.job(at, other) for other in addressees[index + 1 :]]
            also = _settling(job.id) if taken else _and_leave(claim, rest)
            if (case_id := self._hand_over(message, one, also)) is not None:
                taken.append(case_id)
            elif taken:
                self._drop(job.id)
        return taken

    def _hand_over(self, message: Message, to: Addressee, also: Also) -> str | None:
        """The case that has it now; None where it cannot take it (any more)."""
        try:
            if to.definition_id is not None:
                return self._begun(message, to, also)
            assert to.case_id is not None
            command = Receive(
                to.occurrence_id, to.element_id, message.name, message.data, message.own_id, talk=to.talk
            )
            return self._carry(to.case_id, command, self._clock(), also=also).hot.record.id
        except _Gone:
            raise
        except (Conflict, NotFound):
            return None  # somebody else was quicker
        except Damaged:
            log.exception("“%s” cannot be given to case %s", message.name, to.case_id)
            return None  # a damaged case must not keep the others from hearing it

    def _begun(self, message: Message, to: Addressee, also: Also) -> str:
        with self._database.read() as reader:
            definition = reader.definition(to.definition_id or "")
        assert definition is not None
        done = self._begin(
            definition, message.data, entrance=to.element_id, part=to.part, business_key=message.business_key,
            outcome=arrived(message.name, message.own_id, to.talk), also=also,
        )  # fmt: skip
        return done.hot.record.id

    def give_up(self, job: JobRecord) -> None:
        """A message that has gone too far is not passed on."""
        self._drop(job.id)

    def _drop(self, job_id: str) -> None:
        with self._database.begin() as transaction:
            transaction.delete_jobs(None, [job_id])

    # -- who waits ---------------------------------------------------------------------------------

    def _whom(self, message: Message) -> Waiting:
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

    def _started_by(self, kind: str, message: Message) -> list[Addressee]:
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

    # -- messages that came early ------------------------------------------------------------------

    def look_for_kept(self, case_id: str) -> None:
        """A case has begun to wait: gives it what came early and fits it, one after the other."""
        while self._give_kept(case_id):
            pass

    def _give_kept(self, case_id: str) -> bool:
        with self._database.read() as reader:
            waiting = [one for one in reader.subscriptions(case_id) if one.kind == "message"]
            kept = [(one, record) for one in waiting for record in reader.kept_messages(one.name)]
        business_key = self._door.load(case_id).record.business_key
        for one, record in kept:
            message = Message.kept(record)
            talk = self._suits(one, message, business_key)
            try:
                if talk is not None and self._hand_over(message, Addressee.of(one, talk), taking(message.id)):
                    return True
            except _Gone:
                continue
        return False

    def _suits(self, one: SubscriptionRecord, message: Message, business_key: str | None) -> Data | None:
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

    # -- from case to case -------------------------------------------------------------------------

    def deliver(self, job: JobRecord) -> bool:
        """What a throw, or a delivery that was cut short, has left to do; False where somebody else has done it.

        The business key of the sender narrows the choice. Where several cases could be meant nobody gets it.
        """
        if (waiting := looks_for_kept(job)) is not None:
            self.look_for_kept(waiting)
            self._drop(job.id)
            return True
        message, to = Message.left(job), Addressee.left(job)
        claim = _settling(job.id)
        try:
            if to is None:
                self._send(message, claim)
            elif self._hand_over(message, to, claim) is None:
                self._drop(job.id)
        except _Gone:
            return False
        return True

    def _send(self, message: Message, claim: Also) -> None:
        waiting = self._whom(message)
        if len(waiting.for_it) < 2:
            self._route(message, waiting, claim)
        elif message.properties and not waiting.sure:
            self._keep(message, claim)  # for one who will have exchanged something by then
        else:
            log.warning(
                "“%s” of case %s fits %d cases, so none got it",
                message.name,
                message.sender,
                len(waiting.for_it),
            )
            self._let_go(claim)

    def signal(self, name: str, data: Data | None, *, origin: str | None = None) -> list[str]:
        """Broadcasts a signal to all that wait for it now; it starts the processes that wait for it.

        `origin` is the case that threw it: there it was heard already.
        """
        at = self._clock()
        signal = Message(new_id(at), name, data=checked(dict(data or {}), "The signal"))
        with self._database.read() as reader:
            waiting = [one for one in reader.waiting_for("signal", name) if one.case_id != origin]
        addressees = [*map(Addressee.of, waiting), *self._started_by("signal", signal)]
        taken = [self._hand_over(signal, one, _nothing) for one in addressees]
        return list(dict.fromkeys(case_id for case_id in taken if case_id is not None))


# -- what makes a delivery count once --------------------------------------------------------------


def _nothing(transaction: Transaction) -> None:
    """A signal is nobody's in particular."""


def _accept(message: Message, at: datetime) -> Also:
    """The id of a message is taken with its delivery; who comes second gets `_Gone`."""

    def also(transaction: Transaction) -> None:
        if message.named and transaction.seen_message(message.id, at=at):
            raise _Gone

    return also


def taking(message_id: str) -> Also:
    """A kept message leaves its place with its delivery."""

    def also(transaction: Transaction) -> None:
        if not transaction.drop_message(message_id):
            raise _Gone

    return also


def recalling(message_id: str) -> Also:
    """A thrown message that nobody has taken yet is taken back."""

    def also(transaction: Transaction) -> None:
        if transaction.drop_message(message_id):
            return
        if transaction.job(message_id) is None:
            raise Conflict("A message that was to be taken back has reached somebody just now: look again.")
        transaction.delete_jobs(None, [message_id])

    return also


def _settling(job_id: str) -> Also:
    """What was left to do is done with its delivery."""

    def also(transaction: Transaction) -> None:
        if transaction.job(job_id) is None:
            raise _Gone
        transaction.delete_jobs(None, [job_id])

    return also


def _and_leave(claim: Also, rest: Sequence[JobRecord]) -> Also:
    def also(transaction: Transaction) -> None:
        claim(transaction)
        transaction.insert_jobs(rest)

    return also
