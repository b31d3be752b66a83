"""How long something took by the clock, or counted in business hours alone. Never asks what time it is."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

from quarterdeck.core.oncall.wall import instant, wall, zone

ALWAYS, BUSINESS = "always", "business"
HOURS = (ALWAYS, BUSINESS)
OPENS, CLOSES = time(9), time(17)
WEEKEND = (5, 6)
# What a reader must know; the days and hours above, in words.
BUSINESS_HOURS = "Business hours are 9:00 to 17:00 from Monday to Friday, in the organisation's zone."
_DAY = timedelta(days=1)
_NOTHING = timedelta(0)


def elapsed(start: datetime, stop: datetime, hours: str, zone_name: str) -> timedelta:
    """From start to stop; a stop before its start counts as zero."""
    if stop <= start:
        return _NOTHING
    if hours == ALWAYS:
        return stop - start
    total, day = _NOTHING, wall(start, zone(zone_name)).date()
    last = wall(stop, zone(zone_name)).date()
    while day <= last:
        opens, closes = _open(day, zone_name)
        total += max(min(stop, closes) - max(start, opens), _NOTHING)
        day += _DAY
    return total


def latest(start: datetime, span: timedelta, hours: str, zone_name: str) -> datetime:
    """The last moment at which no more than `span` has passed since `start`."""
    if hours == ALWAYS:
        return start + span
    left, day = span, wall(start, zone(zone_name)).date()
    while True:
        opens, closes = _open(day, zone_name)
        begins = max(start, opens)
        if closes - begins > left:
            return begins + left
        left -= max(closes - begins, _NOTHING)
        day += _DAY


def _open(day: date, zone_name: str) -> tuple[datetime, datetime]:
    """When a day's business hours begin and end; at weekends both are one instant."""
    tz = zone(zone_name)
    opens = instant(datetime.combine(day, OPENS), tz)
    return opens, opens if day.weekday() in WEEKEND else instant(datetime.combine(day, CLOSES), tz)
