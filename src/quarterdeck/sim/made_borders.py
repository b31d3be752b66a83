"""Borders of transactions for directed schedules: one that comes late, one at which the process dies."""

from __future__ import annotations

from .actors import Killed
from .schedule import Schedule


class _Plain:
    def beginning(self) -> None:
        """Nothing happens here."""

    def committing(self) -> None:
        """Nor here."""

    def committed(self) -> None:
        """Nor here."""


class SlowBorder(_Plain):
    """Each transaction begins only after the machine has been busy with something else for two minutes."""

    def __init__(self, schedule: Schedule) -> None:
        self._schedule = schedule

    def beginning(self) -> None:
        self._schedule.run_until(self._schedule.now + 120)


class DyingBorder(_Plain):
    """The process is gone when it begins its second transaction."""

    def __init__(self) -> None:
        self._begun = 0

    def beginning(self) -> None:
        self._begun += 1
        if self._begun > 1:
            raise Killed
