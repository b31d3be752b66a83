"""When the installation could work: lateness counts only while somebody was able to do what was due."""

from __future__ import annotations

from bisect import bisect_right


class Capacity:
    """Able seconds since the start, as broken lines over time; and what single faults have cost beyond that."""

    def __init__(self) -> None:
        self._times = [0.0]
        self._sums = [0.0]
        self._able = True
        self._debits: list[tuple[float, float]] = []

    def set(self, now: float, able: bool) -> None:
        if able != self._able:
            self._sums.append(self.until(now))
            self._times.append(now)
            self._able = able

    def debit(self, now: float, seconds: float) -> None:
        """A fault at `now` kept somebody from working for so long at most."""
        self._debits.append((now, seconds))

    def until(self, at: float) -> float:
        """Able seconds from the start to `at`."""
        n = bisect_right(self._times, at) - 1
        # The lines rise and lie flat in turn; the last of them is as it is now.
        rises = self._able if (len(self._times) - 1 - n) % 2 == 0 else not self._able
        return self._sums[n] + ((at - self._times[n]) if rises else 0.0)

    def between(self, start: float, end: float) -> float:
        """Seconds from `start` to `end` for which nothing excuses that what was due was not done."""
        if end <= start:
            return 0.0
        able = self.until(end) - self.until(start)
        return able - sum(cost for at, cost in self._debits if start - cost <= at <= end)
