"""Slows down those who guess passwords: a few tries in a while, for each name and for each address.

Kept in memory, so each process counts by itself; a restart forgets.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable
from threading import Lock
from time import monotonic

_MANY = 10_000


class Throttle:
    """At most `tries` failures within `seconds` for one key."""

    def __init__(self, tries: int, seconds: float, *, clock: Callable[[], float] = monotonic) -> None:
        self._tries = tries
        self._seconds = seconds
        self._clock = clock
        self._failures: dict[str, deque[float]] = {}
        self._lock = Lock()

    def is_shut(self, keys: Iterable[str]) -> bool:
        with self._lock:
            return any(len(self._recent(key)) >= self._tries for key in keys)

    def failed(self, keys: Iterable[str]) -> None:
        with self._lock:
            self._forget_old()
            for key in keys:
                self._failures.setdefault(key, deque(maxlen=self._tries)).append(self._clock())

    def succeeded(self, keys: Iterable[str]) -> None:
        with self._lock:
            for key in keys:
                self._failures.pop(key, None)

    def _forget_old(self) -> None:
        if len(self._failures) > _MANY:
            for key in list(self._failures):
                self._recent(key)

    def _recent(self, key: str) -> deque[float]:
        failures = self._failures.get(key, deque())
        while failures and failures[0] <= self._clock() - self._seconds:
            failures.popleft()
        if not failures:
            self._failures.pop(key, None)
        return failures
