"""Who acts in a simulation: with a clock of their own, cut off from the store, stopped or killed by faults."""

from __future__ import annotations

from datetime import datetime, timedelta

from .schedule import Schedule, moment


class Killed(BaseException):
    """The process of an actor ends here, whatever it was doing. Caught by whoever let it act, and by nobody else."""


class MachineClock:
    """The two clocks of one machine: the wall may jump and drift; the other one only counts on."""

    def __init__(self, schedule: Schedule) -> None:
        self._schedule = schedule
        self.offset = 0.0
        self.drift = 0.0

    def wall(self) -> datetime:
        return moment(self._schedule.now * (1 + self.drift)) + timedelta(seconds=self.offset)

    def monotonic(self) -> float:
        return self._schedule.now


class Actor:
    """`cut_off` until that instant; `held` while it is stopped (SIGSTOP); `waiting` while it stands at the border of a
    transaction and others run; `doomed` once it must not go on.
    """

    def __init__(self, name: str, machine: MachineClock) -> None:
        self.name = name
        self.machine = machine
        self.cut_off = -1.0
        self.held = False
        self.waiting = False
        self.acting = False
        self.doomed = False

    def now(self) -> datetime:
        """What this actor dates its writings by."""
        return self.machine.wall()

    def end(self) -> None:
        """Its process is gone."""
