"""How one transaction talks to its database: through SQLAlchemy, and on the hot path to the driver itself."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from sqlalchemy import Connection


class Channel(NamedTuple):
    """`execute` and `execute_many` take text as the driver wants it.

    They give something with a `rowcount`, which is also the rows of the answer.
    """

    connection: Connection
    execute: Callable[[str, dict[str, Any]], Any]
    execute_many: Callable[[str, list[dict[str, Any]]], Any]
