"""Is it well? For load balancers and monitors; tells nothing that is not for everybody."""

from __future__ import annotations

from datetime import timedelta
from importlib.metadata import version

from flask import current_app

from caseloom.web.api.answers import ClockState, Health
from caseloom.web.api.operations import Operations
from caseloom.web.clock import Clock
from caseloom.web.context import the_engine

health = Operations(prefix="")
CLOCK = "caseloom.clock"
LATE = timedelta(minutes=1)


@health.get("/health", gives=Health, public=True)
def show() -> Health:
    """200 while the database answers, else 503."""
    with the_engine().database.read() as reader:
        reader.setting("session key")
    clock = _clock()
    return Health("late" if clock.late else "ok", version("caseloom"), "ok", clock)


def _clock() -> ClockState:
    clock: Clock | None = current_app.extensions[CLOCK]
    if clock is None:
        return ClockState(False, None, False)
    last = clock.last_tick
    return ClockState(True, last, last is not None and the_engine().clock() - last > LATE)
