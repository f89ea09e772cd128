"""What makes a delivery count once: it is done in the transaction of the delivery, or refuses it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from caseloom.engine.committing import Also
from caseloom.engine.errors import Conflict
from caseloom.engine.message import Message
from caseloom.storage.records import JobRecord
from caseloom.storage.transaction import Transaction


class Gone(Conflict):
    """The message was delivered before, or somebody else is about to."""

    def __init__(self) -> None:
        super().__init__("The message was delivered already.")


def nothing(transaction: Transaction) -> None:
    """A signal is nobody's in particular."""


def accepting(message: Message, at: datetime) -> Also:
    """The id of a message is taken with its delivery; who comes second gets `Gone`."""

    def also(transaction: Transaction) -> None:
        if message.named and transaction.seen_message(message.id, at=at):
            raise Gone

    return also


def taking(message_id: str) -> Also:
    """A kept message leaves its place with its delivery."""

    def also(transaction: Transaction) -> None:
        if not transaction.drop_message(message_id):
            raise Gone

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


def settling(job_id: str) -> Also:
    """What was left to do is done with its delivery."""

    def also(transaction: Transaction) -> None:
        if transaction.job(job_id) is None:
            raise Gone
        transaction.delete_jobs(None, [job_id])

    return also


def leaving(claim: Also, rest: Sequence[JobRecord]) -> Also:
    def also(transaction: Transaction) -> None:
        claim(transaction)
        transaction.insert_jobs(rest)

    return also
