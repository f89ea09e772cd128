"""What comes from outside: messages, signals, and conditions that start processes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import KW_ONLY, dataclass, field
from typing import Any

from caseloom.engine.errors import Invalid
from caseloom.web.api.answers import Taken
from caseloom.web.api.asked import the_key, the_user
from caseloom.web.api.operations import Operations, Repeat, json_body
from caseloom.web.context import the_engine

post = Operations()


@dataclass(frozen=True, slots=True)
class Message:
    """`correlation` is the value of the correlation key, or an object of variables that must be equal."""

    name: str
    _: KW_ONLY
    case_id: str | None = None
    business_key: str | None = None
    correlation: Any = None
    data: Mapping[str, Any] = field(default_factory=dict)
    message_id: str | None = None


@dataclass(frozen=True, slots=True)
class Signal:
    """A signal goes to everybody who waits for it."""

    name: str
    _: KW_ONLY
    data: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Conditions:
    """Conditional start events are looked at with `data`, which goes into the cases that they start."""

    data: Mapping[str, Any]
    _: KW_ONLY
    business_key: str | None = None


@post.post("/messages", body=json_body(Message), gives=Taken, repeat=Repeat.KEPT)
def message(wanted: Message) -> Taken:
    """Gives a message to whom it fits, or keeps it. `Idempotency-Key` stands for `message_id`."""
    key = the_key()
    if key is not None and wanted.message_id not in (None, key):
        raise Invalid("“message_id” and “Idempotency-Key” differ; send one of them.")
    taken = the_engine().message(
        wanted.name,
        case_id=wanted.case_id,
        business_key=wanted.business_key,
        correlation=wanted.correlation,
        data=wanted.data,
        message_id=wanted.message_id or key,
    )
    return Taken(taken)


@post.post("/signals", body=json_body(Signal), gives=Taken, repeat=Repeat.REFUSED)
def signal(wanted: Signal) -> Taken:
    """Broadcasts a signal."""
    return Taken(the_engine().signal(wanted.name, wanted.data))


@post.post("/conditions", body=json_body(Conditions), gives=Taken, repeat=Repeat.REFUSED)
def conditions(wanted: Conditions) -> Taken:
    """Starts a case at each conditional start event whose condition holds."""
    return Taken(the_engine().conditions(wanted.data, business_key=wanted.business_key, by=the_user()))
