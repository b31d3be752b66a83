"""What is owed, checked: each timer, page and lease that waits, and whether it is dealt with in time (I5, I7, I8)."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from quarterdeck.core.kernel.moments import micros

if TYPE_CHECKING:
    from .ledger import Ledger

LATE = 60.0
LEASE = 31.0
_DUE = "SELECT id, due_at FROM due WHERE state = 'waiting'"
_OUTBOX = "SELECT id, state, next_at, lease_until, fence FROM delivery WHERE state IN ('queued', 'sending')"
_ENDED = "SELECT 1 FROM attempt WHERE delivery_id = ? AND fence = ? AND phase = 'ended'"


class Owed:
    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        # What (kind, id, when in the store) → when in true time, and how long it was to wait.
        self._owed: dict[tuple[str, str, int], tuple[float, float]] = {}
        self._fences: dict[tuple[str, str, int], int] = {}

    def look(self, now: float, clock: datetime) -> None:
        """I7, I8: whatever waits is done within a minute of its time, counted while somebody was able to."""
        here = micros(clock)
        owed = {("timer", i, at) for i, at in self._ledger.memory.read(_DUE)}
        for i, state, next_at, lease, fence in self._ledger.memory.read(_OUTBOX):
            what = ("page", i, next_at) if state == "queued" else ("lease", i, lease or here + 10**12)
            owed.add(what)
            if state == "sending":
                self._fences[what] = fence
        for done in sorted(self._owed.keys() - owed):
            if done[0] == "lease" and done[2] > here + 1_000_000 and not self._ledger.ahead.jumped(now):
                self._given_back(done, now)
            self._late(done, *self._owed.pop(done), now)
        for new in sorted(owed - self._owed.keys()):
            wait = (new[2] - here) / 1e6
            if new[0] == "lease" and wait > LEASE:
                self._ledger.broken("I7", new[1], f"a page is claimed for {wait:.0f} s", now)
            self._owed[new] = (now + max(wait, 0.0), max(wait, 0.0))

    def _given_back(self, what: tuple[str, str, int], now: float) -> None:
        """I5: before its lease is over, only its holder ends a claim, and writes down how it ended."""
        if not self._ledger.memory.read(_ENDED, what[1], self._fences.get(what, 0)):
            self._ledger.broken(
                "I5", what[1], "a page was taken from its holder before the lease was over", now
            )

    def _late(self, what: tuple[str, str, int], deadline: float, wait: float, now: float) -> None:
        late = self._ledger.ahead.overdue(deadline - wait, deadline, now)
        if late > LATE + wait * 0.03:
            self._ledger.broken(
                "I8", "/".join(what[:2]), f"a {what[0]} was {late:.0f} able seconds late", now
            )

    def standing(self, now: float) -> None:
        """At the end: whatever is still owed."""
        for what, (deadline, wait) in self._owed.items():
            late = self._ledger.ahead.overdue(deadline - wait, deadline, now)
            if late > LATE + wait * 0.03:
                self._ledger.broken(
                    "I7", "/".join(what[:2]), f"a {what[0]} still waits, {late:.0f} able seconds late", now
                )
