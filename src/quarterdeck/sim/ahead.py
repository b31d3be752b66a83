"""How far the engines' clocks are ahead of the true time: when that grew (a jump), and what of it was lost.

It may be lost in one way only: while no engine reached the store, to an engine of a machine that had not known of it.
A wait that had begun before then lasts longer by what was lost, and by nothing else.
"""

from __future__ import annotations

from dataclasses import dataclass

from .capacity import Capacity

AFTER_JUMP = 60.0
# A clock that is ahead runs so much slower.
SLOWER = 0.02
UNNOTICED = 1.0


@dataclass(frozen=True, slots=True)
class Standstill:
    """From `since` to `until` nobody could work, and the clocks went on for `lost` seconds less than that."""

    since: float
    until: float
    lost: float


@dataclass(frozen=True, slots=True)
class Lead:
    at: float = 0.0
    seconds: float = 0.0

    def by(self, now: float) -> float:
        """What is left of it if nothing happens: it shrinks."""
        return self.seconds - SLOWER * (now - self.at)


# A lease outlasts an attempt by ten seconds: whoever is further ahead than that takes what others still hold.
LEFT_BEHIND = 10.0


class Ahead:
    def __init__(self, capacity: Capacity) -> None:
        self._capacity = capacity
        self._most = 0.0
        self._lead = Lead()
        self._known: dict[str, Lead] = {}  # machine → how far its own engines have been
        self._jumps: list[float] = []
        self._stood: list[Standstill] = []

    def seen(self, now: float, machine: str, ahead: float) -> None:
        """An engine of this machine is so many seconds ahead. Further ahead than any before is a forward jump; so is
        who comes back far ahead of those who ran on slower meanwhile, as they should.
        """
        if ahead > self._most + 1.0 or ahead > self._lead.by(now) + LEFT_BEHIND:
            self._jumps.append(now)
        self._most = max(self._most, ahead)
        since, until = self._lead.at, self._capacity.until
        unable = now - since - (until(now) - until(since))
        lost = min(self._lead.by(now) - ahead, unable)
        # What its own machine had known is never lost: its counter goes on.
        if lost > UNNOTICED and ahead >= self._known.get(machine, Lead()).by(now) - UNNOTICED:
            self._stood.append(Standstill(since, now, lost))
            self._lead = Lead(now, ahead)
        else:
            self._lead = Lead(now, max(self._lead.by(now), ahead))
        self._known[machine] = Lead(now, ahead)

    def jumped(self, now: float) -> bool:
        """Whether a clock went forward a moment ago."""
        return any(now - AFTER_JUMP <= at <= now for at in self._jumps)

    def overdue(self, began: float, deadline: float, now: float) -> float:
        """Able seconds by which a wait that `began` then has outlasted its deadline, or the clocks stood still."""
        late = self._capacity.between(deadline, now)
        for stood in self._stood:
            if began <= stood.since < deadline and stood.until <= now:
                # What of it lies past the deadline was no able time anyway.
                late -= max(stood.lost - max(stood.until - deadline, 0.0), 0.0)
        return late
