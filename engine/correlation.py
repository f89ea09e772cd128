"""Whether a message belongs to a case: by the properties of their conversation, or by the key of a subscription.

What a case expects is written into the row of its subscription, so that a message is compared with many cases
without loading one of them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum
from typing import TYPE_CHECKING, Any

from caseloom.engine.errors import ExpressionError
from caseloom.engine.expressions import Environment
from caseloom.engine.flow.conversation import event_of
from caseloom.engine.flow.model import Event
from caseloom.engine.flow.tokens import Token
from caseloom.storage.payload import decode, encode

if TYPE_CHECKING:
    from caseloom.engine.message import Message

_MARK = '{"~":'
_LONGEST = 500  # bytes that the row takes


class Fit(IntEnum):
    NO = 0
    OPEN = 1  # nothing was exchanged yet by which it could be told
    YES = 2


@dataclass(frozen=True, slots=True)
class Expectation:
    """What a case expects of the properties of a message: `bound` must be so, and one of `talks` must be met.

    Values are written as their digests.
    """

    definition_id: str
    talks: Sequence[Mapping[str, str]]
    bound: Mapping[str, str]

    @classmethod
    def of(cls, token: Token, part: str) -> Expectation:
        event, (_, data) = event_of(token, part), token.outcome["messages"][part]
        keys = {one.key for one in event.properties}
        talks = [{key: talk[key] for key in sorted(keys & talk.keys())} for talk in token.scope.known_talks]
        talks = [talk for talk in talks if talk]
        bound = {
            one.key: data[one.key]
            for one in event.properties
            if one.key in (data or {}) and (one.bound is not None or not talks)
        }
        return cls(token.scope.model.definition_id, [_digests(talk) for talk in talks], _digests(bound))

    @classmethod
    def read(cls, text: str) -> Expectation | None:
        """From the row of a subscription; None where the case itself has to be asked."""
        row = decode(text)
        return cls(row["~"], row["talks"], row["bound"]) if "talks" in row else None

    def written(self) -> str:
        row = encode({"~": self.definition_id, "talks": list(self.talks), "bound": dict(self.bound)})
        return row if len(row.encode()) <= _LONGEST else encode({"~": self.definition_id})

    def fits(self, properties: Mapping[str, Any]) -> Fit:
        given = _digests(properties)
        if any(given.get(key) != value for key, value in self.bound.items()):
            return Fit.NO
        if self.talks:
            return Fit.YES if any(_meets(given, talk) for talk in self.talks) else Fit.NO
        return Fit.YES if self.bound else Fit.OPEN


def _meets(given: Mapping[str, str], talk: Mapping[str, str]) -> bool:
    shared = given.keys() & talk.keys()
    return bool(shared) and all(given[key] == talk[key] for key in shared)


def _digests(values: Mapping[str, Any]) -> dict[str, str]:
    return {key: hashlib.sha256(encode(value).encode()).hexdigest()[:24] for key, value in values.items()}


def written(token: Token, part: str, key: Any) -> str | None:
    """What the row of a subscription says: a key of its own, or what is expected of the properties."""
    event = event_of(token, part)
    if event.properties and event.correlation is None:
        return Expectation.of(token, part).written()
    return None if key is None else encode(key)


def is_expectation(correlation: str | None) -> bool:
    return correlation is not None and correlation.startswith(_MARK)


def definition_of(correlation: str) -> str:
    return str(decode(correlation)["~"])


def properties_of(event: Event, message: Message, at: datetime) -> dict[str, Any]:
    """The properties of a message, as who catches it reads them: as they were thrown or given, else by their paths."""
    given = message.correlation
    known: Mapping[str, Any] = given if isinstance(given, Mapping) else {}
    found = {}
    for one in event.properties:
        value = message.properties.get(one.key, known.get(one.key, known.get(one.id)))
        if value is None and given is not None and given is not known and len(event.properties) == 1:
            value = given
        if value is None:
            value = _path(one.path, message, at)
        if value is not None:
            found[one.key] = value
    return found


def others_of(event: Event, message: Message) -> dict[str, Any]:
    """What a correlation names besides the properties: variables of the case."""
    if not isinstance(message.correlation, Mapping):
        return {}
    own = {name for one in event.properties for name in (one.key, one.id)}
    return {name: value for name, value in message.correlation.items() if name not in own}


def _path(path: Any, message: Message, at: datetime) -> Any:
    try:
        return path.evaluate(dict(message.data), Environment(now=at))
    except ExpressionError:
        return None
