"""Time in the demo's story: beats are played in their order, and between them the engine of the past does its work.

So every timer fires and every page goes out at its own moment, and nothing of the past is left to be sent.
"""

from __future__ import annotations

import heapq
import random
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from quarterdeck.app import due, receive, timers
from quarterdeck.app.automation import running
from quarterdeck.app.paging.directory import Directory
from quarterdeck.app.upkeep import seeding
from quarterdeck.core.kernel.moments import micros
from quarterdeck.intake import dialects
from quarterdeck.store import tx
from quarterdeck.store.ids import new_id
from quarterdeck.store.journal_reader import JournalReader, Row

Beat = Callable[[], None]
FIRE_AT_ONCE = 50


class Received(JournalReader):
    """Bodies that came in once, handed to the engine without a journal: it is empty and stays so."""

    def __init__(self, rows: Sequence[Row]) -> None:
        super().__init__()
        self._rows = list(rows)

    def waiting(self) -> bool:
        return bool(self._rows)

    def next(self, limit: int) -> list[Row]:
        return self._rows[:limit]

    def still(self, rows: list[Row]) -> bool:
        return True

    def advance(self, rows: list[Row], now: datetime) -> None:
        """The place in the real journal does not move."""
        del self._rows[: len(rows)]


class Stage:
    """`now` is the moment that is played, `chance` the story's own dice."""

    def __init__(self, start: datetime, seed: int, told: Callable[[float], None]) -> None:
        self.now = start
        self.chance = random.Random(seed)
        self._told = told
        self._beats: list[tuple[datetime, int, Beat]] = []
        self._laid, self._done = 0, 0.0
        self._due = due.next_due()
        self._dialects = dialects()
        self.automates = False  # from the moment there are rules

    def at(self, moment: datetime, beat: Beat) -> None:
        """Play a beat at this moment; those of one moment in the order they were given."""
        self._laid += 1
        heapq.heappush(self._beats, (moment, self._laid, beat))

    def play(self, until: datetime, part: float) -> None:
        """Everything up to `until`, which is this `part` of the story. Beats that lie later stay for another time."""
        before, start = self._done, self.now
        while self._beats and self._beats[0][0] <= until:
            moment, _, beat = heapq.heappop(self._beats)
            self._pass(moment)
            self.now = max(self.now, moment)
            beat()
            self._settle()
            self._done = before + (part - before) * ((self.now - start) / (until - start))
            self._told(self._done)
        self._pass(until)
        self.now, self._done = until, part
        self._told(part)

    def _pass(self, moment: datetime) -> None:
        """What the engine did until this moment, each thing when it was due."""
        while self._due is not None and self._due <= moment:
            self.now = max(self.now, self._due)
            with tx.write():
                directory = Directory(self.now)
                for row in due.take(self.now, FIRE_AT_ONCE):
                    timers.fire(row, directory)
                    due.finish(row, self.now)
            self._settle()

    def _settle(self) -> None:
        """Pages and messages go out in the moment they are made; then look when the next timer falls due."""
        if self.automates:
            running.work(self.now)
        self._due, queued = seeding.standing()
        if queued:
            seeding.hand_over(self.now)

    def receive(self, integration_id: str, dialect: str, *bodies: bytes) -> None:
        """Bodies from a monitoring tool, expanded at once by the engine's own function."""
        rows = [
            Row(n, micros(self.now), integration_id, dialect, new_id(), body)
            for n, body in enumerate(bodies, 1)
        ]
        reader = Received(rows)
        while reader.waiting():
            receive.expand(reader, self._dialects, self.now, len(rows))

    def minutes(self, low: float, high: float) -> timedelta:
        """A while between these, by chance, to the second."""
        return timedelta(seconds=round(self.chance.uniform(low, high) * 60))
