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

_SECOND = timedelta(seconds=1)


@lru_cache(maxsize=1024)
def zone(name: str) -> ZoneInfo | timezone:
    """The zone of this name; UTC if this machine does not know it: a schedule in doubt still has to page."""
    return _known(name) or UTC


def check_zone(name: str) -> None:
    """Refuses a name that is no IANA zone, with a proposal."""
    if _known(name) is None:
        near = get_close_matches(name, sorted(available_timezones()), 1)
        hint = f" Did you mean {near[0]!r}?" if near else " Use a name such as 'Europe/Paris'."
        raise bad("zone.unknown", f"{name[:60]!r} is not a time zone.{hint}")


def wall(at: datetime, tz: ZoneInfo | timezone) -> datetime:
    """What the clock on the wall shows at an instant."""
    return at.astimezone(tz).replace(tzinfo=None, fold=0)


def instant(shown: datetime, tz: ZoneInfo | timezone) -> datetime:
    """When the clock on the wall shows this, as aware UTC."""
    before = tz.utcoffset(shown)
    after = tz.utcoffset(shown.replace(fold=1))
    assert before is not None
    assert after is not None
    if after > before:
        shown = shown.replace(microsecond=0)
        return _jump(shown - after, shown - before, after, tz)
    return (shown - before).replace(tzinfo=UTC)


def _jump(low: datetime, high: datetime, after: timedelta, tz: ZoneInfo | timezone) -> datetime:
    """The first whole second with the offset `after`, between two naive UTC times around a jump."""
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
