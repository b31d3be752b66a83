"""Whether somebody is really on call in the time ahead: gaps, one person carrying most, people who cannot be called."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Literal

from .schedule import Schedule, Shift
from .shifts import shifts

Why = Literal["disabled", "absent"]
AHEAD = timedelta(days=90)
_NONE = timedelta(0)


@dataclass(frozen=True, slots=True)
class Alone:
    """One person who is on call with nobody beside them for this share (0 to 1) of the covered time."""

    person: str
    share: float
    time: timedelta


@dataclass(frozen=True, slots=True)
class Unfit:
    """Part of a shift of somebody who is disabled or absent then. `alone`: nobody else is on call beside them."""

    person: str
    why: Why
    starts_at: datetime
    ends_at: datetime
    alone: bool


@dataclass(frozen=True, slots=True)
class Coverage:
    """`gaps` are those of the schedule; time in which everybody on call is unfit is in `unfit`."""

    gaps: tuple[Shift, ...]
    alone: tuple[Alone, ...]
    unfit: tuple[Unfit, ...]

    @property
    def is_whole(self) -> bool:
        """Somebody who can be called is on call at every moment."""
        return not self.gaps and not any(u.alone for u in self.unfit)


def coverage(
    schedule: Schedule,
    now: datetime,
    ahead: timedelta = AHEAD,
    disabled: Mapping[str, datetime] | Collection[str] = (),
    most_share: float = 0.5,
    known: Sequence[Shift] | None = None,
) -> Coverage:
    """Looks from `now` so far ahead. `disabled` people cannot be called, from an instant on where one is given.

    A person is told of as alone above `most_share` of the covered time. `known` are the schedule's shifts of just this
    time, where the caller has them.
    """
    found = shifts(schedule, now, now + ahead) if known is None else known
    gaps = tuple(s for s in found if s.person is None)
    since = disabled if isinstance(disabled, Mapping) else dict.fromkeys(disabled, now)
    unfit = [u for shift in found if shift.people for u in _unfit(shift, schedule, since)]
    return Coverage(gaps, _alone(found, most_share), tuple(unfit))


def _alone(found: Sequence[Shift], most_share: float) -> tuple[Alone, ...]:
    times: dict[str, timedelta] = {}
    covered = _NONE
    for shift in found:
        span = shift.ends_at - shift.starts_at
        if shift.people:
            covered += span
        if len(shift.people) == 1:
            times[shift.people[0]] = times.get(shift.people[0], _NONE) + span
    heavy = [Alone(p, time / covered, time) for p, time in times.items() if time / covered > most_share]
    return tuple(sorted(heavy, key=lambda a: (-a.share, a.person)))


def _unfit(shift: Shift, schedule: Schedule, disabled: Mapping[str, datetime]) -> list[Unfit]:
    spans: list[tuple[str, Why, datetime, datetime]] = []
    for person in shift.people:
        if person in disabled:
            spans.append((person, "disabled", max(disabled[person], shift.starts_at), shift.ends_at))
        for a in schedule.absences:
            if a.person == person and a.starts_at < shift.ends_at and a.ends_at > shift.starts_at:
                spans.append(
                    (person, "absent", max(a.starts_at, shift.starts_at), min(a.ends_at, shift.ends_at))
                )
    found: list[Unfit] = []
    for low, high in pairwise(sorted({edge for span in spans for edge in span[2:]})):
        # Disabled comes before absent: it is the one that does not end by itself.
        unable = {p: why for p, why, a, b in reversed(spans) if a <= low and b >= high}
        alone = len(unable) == len(shift.people)
        found += [Unfit(p, why, low, high, alone) for p, why in unable.items()]
    return _joined(found)


def _joined(found: list[Unfit]) -> list[Unfit]:
    joined: list[Unfit] = []
    for unfit in sorted(found, key=lambda u: (u.person, u.starts_at)):
        last = joined[-1] if joined else None
        if (
            last
            and last.ends_at == unfit.starts_at
            and replace(last, ends_at=unfit.ends_at) == replace(unfit, starts_at=last.starts_at)
        ):
            joined[-1] = replace(last, ends_at=unfit.ends_at)
        else:
            joined.append(unfit)
    return joined
