"""What a random case may be changed by: `EVERY` is the table of all operations, by name."""

from __future__ import annotations

from collections.abc import Mapping

from caseloom.adhoc.testing.changes import CHANGES, Maker
from caseloom.adhoc.testing.gestures import GESTURES

EVERY: Mapping[str, Maker] = {**CHANGES, **GESTURES}

__all__ = ["CHANGES", "EVERY", "GESTURES", "Maker"]
