"""The engine's clock: max(wall, last + monotonic). It never runs backwards and never freezes.

Intervals run on it; who is on call, and what a person or a source dated, is asked by wall time. A jump of the wall
clock is reported, not followed back: a clock that is ahead runs a little slower until the wall has caught up.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Protocol

JUMP = timedelta(seconds=5)
# How much slower a clock that is ahead runs: an interval of five minutes lasts at most six seconds longer.
SLOWER = 0.02
# What another engine has reached is believed up to here; further ahead, its clock is at fault and not ours.
BELIEVED = timedelta(hours=24)
_BOOT = Path("/proc/sys/kernel/random/boot_id")


def system_wall() -> datetime:
    return datetime.now(UTC)


def system_monotonic() -> float:
    """Seconds, for measuring while this machine runs; time during which it slept counts, where it can."""
    return time.clock_gettime(time.CLOCK_BOOTTIME) if hasattr(time, "CLOCK_BOOTTIME") else time.monotonic()


def system_boot() -> str:
    """Which start of which machine `system_monotonic` counts from; nothing where that cannot be told."""
    try:
        return _BOOT.read_text(encoding="ascii").strip() if hasattr(time, "CLOCK_BOOTTIME") else ""
    except (OSError, ValueError):
        return ""


class Clock(Protocol):
    """What the engine asks of a clock. `jumped` stays until it is set back to None; `boot` is as in `system_boot`."""

    jumped: timedelta | None
    boot: str

    def now(self) -> datetime: ...
    def wall(self) -> datetime: ...
    def monotonic(self) -> float: ...
    def reach(self, at: datetime) -> None: ...


class EngineClock:
    """`wall` and `monotonic` are the machine's, unless a simulation brings others. Without a `boot`, no other process
    can go by what this one's counter said.
    """

    def __init__(
        self,
        wall: Callable[[], datetime] = system_wall,
        monotonic: Callable[[], float] = system_monotonic,
        boot: str = "",
    ) -> None:
        self.boot = boot
        self.wall = wall
        self.monotonic = monotonic
        self._last = wall()
        self._mark = monotonic()
        self._ahead = timedelta(0)
        self.jumped: timedelta | None = None

    def now(self) -> datetime:
        mark, wall = self.monotonic(), self.wall()
        passed = timedelta(seconds=mark - self._mark)
        drift = wall - (self._last + passed) + self._ahead
        if abs(drift) > JUMP:
            self.jumped = drift
        if self._ahead > timedelta(0):
            passed *= 1 - SLOWER
        self._last, self._mark = max(wall, self._last + passed), mark
        self._ahead = self._last - wall
        return self._last

    def reach(self, at: datetime) -> None:
        """Another engine's clock has come to `at`: ours goes there, too, so that what it dated falls due on time."""
        now = self.now()
        if now < at <= now + BELIEVED:
            self._ahead += at - now
            self._last = at
