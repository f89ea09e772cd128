"""Messages and signals between cases and the world: handed over, kept for later, or the start of something new.

A message goes to every case that its name and its criteria fit, to the one that waited longest in each; with no
criteria at all it must fit one case only. What makes it count once (its id, its place among the kept ones, the job
that a throw has left) is settled in the transaction of its first delivery, and what is still to be delivered then is
written down in that transaction, too: a message is neither lost nor given twice by a crash.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol

from caseloom.engine.claims import Gone, accepting, leaving, nothing, settling, taking
from caseloom.engine.commands import Command, LayAside, Receive, arrived
from caseloom.engine.committing import Also, Done
from caseloom.engine.door import Door
from caseloom.engine.errors import Conflict, Invalid, NotFound
from caseloom.engine.ids import new_id
from caseloom.engine.library import Library
from caseloom.engine.message import Addressee, Message, looks_for_kept
from caseloom.engine.projection import CLOSED
from caseloom.engine.recipients import Recipients, Waiting
from caseloom.storage.database import Database
from caseloom.storage.errors import Damaged
from caseloom.storage.payload import checked, encode
from caseloom.storage.records import DefinitionRecord, JobRecord

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
        self._recipients = Recipients(database, door, library, clock)
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
        waiting = self._recipients.whom(message)
        if waiting.undecided(message):
            raise Conflict(
                f"{len(waiting.for_it)} cases wait for “{name}”; say which by case, business key or correlation."
            )
        try:
            return self._route(message, waiting, accepting(message, at))
        except Gone:
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
            taken = self._hand_out(message, self._recipients.started_by("message", message), claim)
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
        late = self._recipients.whom(message)
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
            also = settling(job.id) if taken else leaving(claim, rest)
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
        except Gone:
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
            talk = self._recipients.talk_with(one, message, business_key)
            try:
                if talk is not None and self._hand_over(message, Addressee.of(one, talk), taking(message.id)):
                    return True
            except Gone:
                continue
        return False

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
        claim = settling(job.id)
        try:
            if to is None:
                self._send(message, claim)
            elif self._hand_over(message, to, claim) is None:
                self._drop(job.id)
        except Gone:
            return False
        return True

    def _send(self, message: Message, claim: Also) -> None:
        waiting = self._recipients.whom(message)
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
        addressees = [*map(Addressee.of, waiting), *self._recipients.started_by("signal", signal)]
        taken = [self._hand_over(signal, one, nothing) for one in addressees]
        return list(dict.fromkeys(case_id for case_id in taken if case_id is not None))
