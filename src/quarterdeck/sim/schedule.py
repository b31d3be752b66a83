"""Virtual time: one heap of tasks by instant, ties broken by the seed. Whoever runs may let others run in between."""

from __future__ import annotations

import heapq
import random
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)  # a Monday
HOURS = 3600.0


class Task:
    """Something that happens at an instant, unless it is called off."""

    __slots__ = ("off", "work")

    def __init__(self, work: Callable[[], None]) -> None:
        self.work = work
        self.off = False


class Schedule:
    """`now` is seconds since START. `settle` is asked before time moves on: it plans what has been caused."""

    def __init__(self, dice: random.Random) -> None:
        self.now = 0.0
        self.settle: Callable[[], None] = lambda: None
        self._dice = dice
        self._heap: list[tuple[float, float, int, Task]] = []
        self._count = 0

    def at(self, when: float, work: Callable[[], None]) -> Task:
        task = Task(work)
        self._count += 1
        heapq.heappush(self._heap, (when, self._dice.random(), self._count, task))
        return task

    def after(self, seconds: float, work: Callable[[], None]) -> Task:
        return self.at(self.now + seconds, work)

    def run_until(self, end: float) -> None:
        """Run what falls due up to `end`; then it is `end`. May be called by a task: others run while it waits."""
        while True:
            if not self._heap or self._heap[0][0] > self.now:
                self.settle()
            if not self._heap or self._heap[0][0] > end:
                break
            when, _, _, task = heapq.heappop(self._heap)
            if task.off:
                continue
            self.now = max(self.now, when)
            task.work()
        self.now = max(self.now, end)

    def moment(self) -> datetime:
        return moment(self.now)


def moment(seconds: float) -> datetime:
    """Virtual seconds as an instant."""
    return START + timedelta(seconds=seconds)
