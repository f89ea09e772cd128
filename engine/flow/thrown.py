"""What a case sends to others; it goes out when the command that threw it is stored."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple


class Thrown(NamedTuple):
    """A signal or message that goes out to other cases when the command is stored.

    `kind` is signal or message; `properties` say which case a message is for. A signal was heard at once in its own
    case; a message never reaches its sender.
    """

    kind: str
    name: str
    data: Mapping[str, Any]
    properties: Mapping[str, Any] = {}
