"""The clock: asks the engine at short intervals for what is due. The only file that knows APScheduler.

One interval job and no job store: what is due stands in the database, so that a restart loses nothing and two
clocks on one database do no harm.
"""

from __future__ import annotations

import logging
from datetime import datetime

from apscheduler.schedulers.background import BackgroundScheduler

from caseloom.engine import Engine

_log = logging.getLogger(__name__)


class Clock:
    """Ticks in a thread of its own from `start` to `stop`."""

    def __init__(self, engine: Engine, *, seconds: float = 5.0) -> None:
        self._engine = engine
        self.last_tick: datetime | None = None
        self._scheduler = BackgroundScheduler(timezone="UTC")
        self._scheduler.add_job(
            self.tick, "interval", seconds=seconds, max_instances=1, coalesce=True, misfire_grace_time=None
        )

    def start(self) -> None:
        self._scheduler.start()

    def stop(self) -> None:
        """Waits for a tick that is under way."""
        self._scheduler.shutdown(wait=True)

    def tick(self) -> int:
        """Fires what is due, and says how much that was. A tick that fails is logged; the next one tries again."""
        try:
            count = self._engine.run_due()
            self.last_tick = self._engine.clock()
        except Exception:  # noqa: BLE001 - a clock that stops would leave every later timer unfired
            _log.exception("A tick of the clock failed.")
            return 0
        return count
