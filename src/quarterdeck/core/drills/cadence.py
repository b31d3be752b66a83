"""When the drills of a plan take place: a weekday and a time on the wall of a zone, every so many weeks. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from quarterdeck.core.oncall.wall import DAY, instant, wall, zone

# People hear of a drill this long before, and it is made then.
AHEAD = timedelta(days=3)


@dataclass(frozen=True, slots=True)
class Cadence:
    """`weekday` 0 is Monday; `since` is a day from which weeks are counted: the first drill is not before it."""

    weekday: int
    at: time
    zone: str
    every_weeks: int
    since: date

    def run(self, n: int) -> datetime:
        """The n-th drill (from 0), as aware UTC: the same time on the wall, whatever clocks do meanwhile."""
        first = self.since + timedelta(days=(self.weekday - self.since.weekday()) % 7)
        return instant(datetime.combine(first + n * self.every_weeks * 7 * DAY, self.at), zone(self.zone))

    def _nearly(self, at: datetime) -> int:
        days = (wall(at, zone(self.zone)).date() - self.since).days
        return max(days // (7 * self.every_weeks) - 1, 0)


def first_after(cadence: Cadence, at: datetime) -> datetime:
    """The first drill later than an instant."""
    n = cadence._nearly(at)
    while cadence.run(n) <= at:
        n += 1
    return cadence.run(n)


def to_make(cadence: Cadence, last: datetime | None, now: datetime) -> datetime | None:
    """The drill to be made now: the latest whose notice has begun and that was not made yet. However many were missed
    while nothing ran, it is one. None where nothing is due.
    """
    n, found = cadence._nearly(now), None
    while cadence.run(n) - AHEAD <= now:
        found = cadence.run(n)
        n += 1
    return found if found is not None and (last is None or found > last) else None


def wake_at(cadence: Cadence, last: datetime | None, now: datetime) -> datetime:
    """When the plan is to be looked at next: the notice of the first drill that is neither made nor over."""
    return first_after(cadence, max(last or now, now)) - AHEAD


def next_scenario(keys: Sequence[str], played: Sequence[str]) -> str:
    """In rotation: the one not played for longest, those never played first, else in their order. "" where none is.

    `played` are those of earlier drills, the newest first.
    """
    order = {key: n for n, key in reversed(list(enumerate(played)))}
    never = len(played)
    return max(keys, key=lambda k: (order.get(k, never), -list(keys).index(k)), default="")
