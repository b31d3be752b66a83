"""Wall-clock times of a zone as instants, exact where clocks change. A wall time here is a naive datetime.

A wall time that a jump forward leaves out stands for the instant of the jump; one that comes twice stands for
its first time. So a later wall time never stands for an earlier instant.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from difflib import get_close_matches
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from quarterdeck.core.kernel.refused import bad

Tz = ZoneInfo | timezone
DAY = timedelta(days=1)
WEEK = timedelta(days=7)
# Weeks are counted from a Monday on the wall.
MONDAY = datetime(2001, 1, 1)  # noqa: DTZ001
_SECOND = timedelta(seconds=1)
_TICK = timedelta(microseconds=1)


@lru_cache(maxsize=1024)
def zone(name: str) -> Tz:
    """The zone of this name; UTC if this machine does not know it: a schedule in doubt still has to page."""
    return _known(name) or UTC


def check_zone(name: str) -> None:
    """Refuses a name that is no IANA zone, with a proposal."""
    if _known(name) is None:
        near = get_close_matches(name, sorted(available_timezones()), 1)
        hint = f" Did you mean {near[0]!r}?" if near else " Use a name such as 'Europe/Paris'."
        raise bad("zone.unknown", f"{name[:60]!r} is not a time zone.{hint}")


def wall(at: datetime, tz: Tz) -> datetime:
    """What the clock on the wall shows at an instant."""
    return at.astimezone(tz).replace(tzinfo=None, fold=0)


def reached(at: datetime, tz: Tz) -> datetime:
    """The furthest the clock on the wall has ever been at an instant: while an hour comes again, its first end.

    A wall time w has begun, instant(w) <= at, exactly if w <= reached(at).
    """
    shown = at.astimezone(tz)
    if not shown.fold:
        return shown.replace(tzinfo=None)
    after, before = shown.utcoffset(), shown.replace(fold=0).utcoffset()
    assert after is not None
    assert before is not None
    now = at.astimezone(UTC).replace(tzinfo=None, microsecond=0)
    turned = _jump(now - (before - after), now, after, tz)
    return turned.replace(tzinfo=None) + before - _TICK


def instant(shown: datetime, tz: Tz) -> datetime:
    """When the clock on the wall shows this, as aware UTC."""
    before = tz.utcoffset(shown)
    after = tz.utcoffset(shown.replace(fold=1))
    assert before is not None
    assert after is not None
    if after > before:
        shown = shown.replace(microsecond=0)
        return _jump(shown - after, shown - before, after, tz)
    return (shown - before).replace(tzinfo=UTC)


@lru_cache(maxsize=16_384)
def steady_monday(week: int, tz: Tz) -> datetime | None:
    """The instant of the Monday of a week counted from MONDAY; None if clocks change in it or a day about it.

    In such a week an instant is this one and the time on the wall since. It looks once a day: no zone has
    changed its clocks and changed them back within a day.
    """
    monday = MONDAY + week * WEEK
    offset = tz.utcoffset(monday)
    assert offset is not None
    if any(tz.utcoffset(monday + n * DAY) != offset for n in (-1, 1, 2, 3, 4, 5, 6, 7, 8)):
        return None
    return (monday - offset).replace(tzinfo=UTC)


def _jump(low: datetime, high: datetime, after: timedelta, tz: Tz) -> datetime:
    """The first whole second with the offset `after`, between two naive UTC times around a change of clocks."""
    while high - low > _SECOND:
        middle = (low + (high - low) / 2).replace(microsecond=0)
        if middle.replace(tzinfo=UTC).astimezone(tz).utcoffset() == after:
            high = middle
        else:
            low = middle
    return high.replace(tzinfo=UTC)


def _known(name: str) -> ZoneInfo | None:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None
