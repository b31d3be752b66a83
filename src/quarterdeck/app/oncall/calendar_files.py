"""Shifts as an iCalendar file that Google, Outlook and Apple take: RFC 5545 with METHOD:PUBLISH, folded and escaped by
the library. Reads nothing itself.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import icalendar

from quarterdeck.core.oncall.wall import zone

from .calendar_entry import Entry
from .calendar_feeds import Content

PRODID = "-//Quarterdeck//On-call calendar//EN"
REFRESH = timedelta(hours=1)
_DAY = timedelta(days=1)


def written(content: Content, public_url: str) -> bytes:
    """The whole file. Times are in the zone of each schedule, with the zones explained in it."""
    calendar = icalendar.Calendar()
    calendar.add("prodid", PRODID)
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("method", "PUBLISH")
    calendar.add("x-wr-calname", content.name)
    calendar.add("name", content.name)
    if content.cut:
        calendar.add("x-wr-caldesc", "This calendar holds too many shifts: the last ones are left out.")
    zones = {e.zone for e in content.entries}
    if len(zones) == 1:
        calendar.add("x-wr-timezone", next(iter(zones)))
    calendar.add("refresh-interval", REFRESH, parameters={"VALUE": "DURATION"})
    calendar.add("x-published-ttl", "PT1H")
    calendar.add("last-modified", content.changed_at.replace(microsecond=0))
    for entry in content.entries:
        calendar.add_component(_event(entry, public_url))
    if content.entries:
        first = min(e.starts_at for e in content.entries) - _DAY
        last = max(e.ends_at for e in content.entries) + _DAY
        calendar.add_missing_timezones(first_date=first.date(), last_date=last.date())
    return calendar.to_ical()


def _event(entry: Entry, public_url: str) -> icalendar.Event:
    event = icalendar.Event()
    changed = entry.changed_at.astimezone(UTC).replace(microsecond=0)
    event.add("uid", entry.uid)
    event.add("dtstamp", changed)
    event.add("last-modified", changed)
    event.add("sequence", entry.sequence)
    starts, ends = _shown(entry)
    event.add("dtstart", starts.date() if entry.all_day else starts)
    event.add("dtend", ends.date() if entry.all_day else ends)
    event.add("summary", entry.title)
    event.add("description", entry.text or f"On call in {entry.schedule}: {', '.join(entry.people)}")
    event.add("url", f"{public_url}{entry.path or f'/on-call/schedules/{entry.key}'}")
    event.add("status", "CONFIRMED")
    # Whoever is on call can be invited all the same.
    event.add("transp", "TRANSPARENT")
    event.add("x-microsoft-cdo-busystatus", "FREE")
    event.add("categories", ["Prevention" if entry.all_day else "Training" if entry.path else "On call"])
    return event


def _shown(entry: Entry) -> tuple[datetime, datetime]:
    """Both ends on the wall of the schedule's zone; in UTC where the wall cannot say which of two times is meant."""
    tz = zone(entry.zone)
    ends = [entry.starts_at.replace(microsecond=0), entry.ends_at.replace(microsecond=0)]
    shown = [at.astimezone(tz) for at in ends]
    if not isinstance(tz, ZoneInfo) or entry.zone == "UTC" or any(s.fold or _odd(s) for s in shown):
        return ends[0].astimezone(UTC), ends[1].astimezone(UTC)
    return shown[0], shown[1]


def _odd(shown: datetime) -> bool:
    """Offsets with seconds are not what calendar programs expect."""
    offset = shown.utcoffset()
    return offset is None or bool(offset.seconds % 60)
