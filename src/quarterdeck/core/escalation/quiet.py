"""Until when a page of low urgency waits for somebody's quiet hours. It never keeps an urgent one waiting."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from quarterdeck.core.kernel.refused import bad

ALL_WEEK = frozenset(range(7))
USUAL_THROUGH = frozenset({"critical", "error"})
SEVERITIES = ("critical", "error", "warning", "info")
_DAY = timedelta(days=1)
_SECOND = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class Quiet:
    """Quiet hours on the wall clock of `zone`, beginning on `days` (0 is Monday). An end that is not after the start is
    on the next day. `through` are severities that never wait.
    """

    zone: str
    starts: time
    ends: time
    days: frozenset[int] = ALL_WEEK
    through: frozenset[str] = USUAL_THROUGH


def quiet_hours(
    zone: str, starts: str, ends: str, days: Iterable[int], through: Iterable[str] = USUAL_THROUGH
) -> Quiet:
    """Checked. Refuses times that are none, hours without end, and no day at all; the zone is checked by its owner."""
    first, last = _time(starts, "starts"), _time(ends, "ends")
    chosen, loud = frozenset(days), frozenset(through)
    if first == last:
        raise bad("quiet.times", "Quiet hours end at another time than they begin.", ends="same as the start")
    if not chosen or not chosen <= ALL_WEEK:
        raise bad("quiet.days", "Choose at least one day of the week, Monday is 0.", days="none")
    if not loud <= frozenset(SEVERITIES):
        raise bad("quiet.through", f"A severity is one of: {', '.join(SEVERITIES)}.", through="unknown")
    return Quiet(zone, first, last, chosen, loud)


def until(quiet: Quiet | None, at: datetime, urgency: str, severity: str = "") -> datetime | None:
    """When a page decided at `at` may ring, where these hours keep it waiting; None where it need not wait.

    High urgency overrides them, and so do the severities they let through. `severity` "" is none of these.
    """
    if quiet is None or urgency != "low" or severity in quiet.through:
        return None
    tz = _zone(quiet.zone)
    today = at.astimezone(tz).date()
    for day in (today - _DAY, today, today + _DAY):
        if day.weekday() not in quiet.days:
            continue
        begins = _instant(datetime.combine(day, quiet.starts), tz)
        last = day if quiet.ends > quiet.starts else day + _DAY
        over = _instant(datetime.combine(last, quiet.ends), tz)
        if begins <= at < over:
            return over
    return None


def _instant(shown: datetime, tz: ZoneInfo) -> datetime:
    """When the clock shows this: its first time where it comes twice, the jump where it never comes."""
    early = shown.replace(tzinfo=tz).astimezone(UTC)
    if early.astimezone(tz).replace(tzinfo=None) == shown:
        return early
    # The hour is left out: both readings lie around the jump, which is found by halving.
    low, high = sorted((shown.replace(tzinfo=tz, fold=1).astimezone(UTC), early))
    before = low.astimezone(tz).utcoffset()
    while high - low > _SECOND:
        middle = (low + (high - low) / 2).replace(microsecond=0)
        if middle.astimezone(tz).utcoffset() == before:
            low = middle
        else:
            high = middle
    return high


def _zone(name: str) -> ZoneInfo:
    """UTC where this machine does not know the zone: a page in doubt still rings at some time."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return ZoneInfo("UTC")


def _time(text: str, field: str) -> time:
    try:
        found = time.fromisoformat(text.strip())
    except ValueError:
        found = None
    if found is None or found.tzinfo is not None or len(text.strip()) > 5:
        raise bad("quiet.time", "Give a time such as 22:00.", **{field: "no time"})
    return found
