"""What a case sends to others; it goes out when the command that threw it is stored."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple


class Thrown(NamedTuple):
    """A signal that goes out to other cases when the command is stored; in its own case it was heard at once."""

    name: str
    data: Mapping[str, Any]
