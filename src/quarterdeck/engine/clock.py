"""The engine's clock: max(wall, last + monotonic). It never runs backwards and never freezes.

Intervals run on it; who is on call is asked by wall time. A jump of the wall clock is reported, not followed.
"""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from typing import Protocol

JUMP = timedelta(seconds=5)


class Clock(Protocol):
    """What the engine asks of a clock; tests and simulation bring their own."""

    jumped: timedelta | None

    def now(self) -> datetime: ...
    def monotonic(self) -> float: ...


class EngineClock:
    """The real one."""

    def __init__(self) -> None:
        self._last = self.wall()
        self._mark = time.monotonic()
        self.jumped: timedelta | None = None

    @staticmethod
    def wall() -> datetime:
        return datetime.now(UTC)

    @staticmethod
    def monotonic() -> float:
        """Seconds, for measuring within this process only."""
        return time.monotonic()

    def now(self) -> datetime:
        mark, wall = time.monotonic(), self.wall()
        expected = self._last + timedelta(seconds=mark - self._mark)
        drift = wall - expected
        self.jumped = drift if abs(drift) > JUMP else None
        self._last, self._mark = max(wall, expected), mark
        return self._last
