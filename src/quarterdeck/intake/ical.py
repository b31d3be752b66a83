"""Events out of an iCalendar file that somebody else wrote: when, what it is called, who is in it. Repeats are followed
within a horizon and a budget of steps and time, whatever their rule says. Looks nobody up.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import Any
from zoneinfo import ZoneInfo

import icalendar

from quarterdeck.core.kernel.refused import Refused, bad
from quarterdeck.core.kernel.text import line
from quarterdeck.core.oncall.wall import instant, zone

from .ical_rules import TooMuch, occurrences

MOST_BYTES = 1024 * 1024
MOST_EVENTS = 5_000
MOST_OCCURRENCES = 10_000
MOST_FAULTS = 100
LONGEST_LINE = 200_000
SECONDS = 4.0
LONGEST = timedelta(days=366)
_UNREADABLE = (ValueError, TypeError, KeyError, AttributeError, OverflowError, IndexError)


@dataclass(frozen=True, slots=True)
class Event:
    """One occurrence. `row` counts the events of the file from 1; `ref` names the occurrence and stays.

    `people` are the mail addresses and names in it, attendees first. `busy` is False where it blocks no time.
    """

    row: int
    ref: str
    title: str
    people: tuple[str, ...]
    starts_at: datetime
    ends_at: datetime
    all_day: bool
    busy: bool


@dataclass(frozen=True, slots=True)
class Fault:
    """An event that could not be taken, in words for whoever sent the file; row 0 is about the whole file."""

    row: int
    text: str


@dataclass(slots=True)
class Reading:
    name: str = ""
    events: list[Event] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)


class Budget:
    """What one file may cost altogether."""

    def __init__(self) -> None:
        self.until = time.monotonic() + SECONDS
        self.left = MOST_OCCURRENCES

    def spend(self) -> None:
        if time.monotonic() > self.until:
            raise bad(
                "ical.slow", "This calendar takes too long to read. Export a shorter time, and try again."
            )


def read(data: bytes, zone_name: str, since: datetime, until: datetime) -> Reading:
    """Every event of a file that touches the time between two instants, by start, and what could not be read.

    Whole days, and times without a zone, are those of `zone_name`. Raises Refused where the file is none, too large or
    too costly.
    """
    budget = Budget()
    reading = Reading()
    sources = [s for calendar in _parsed(data) for s in _events(calendar, reading)]
    budget.spend()
    moved = _moved(sources, zone(zone_name))
    for row, source in enumerate(sources, 1):
        budget.spend()
        try:
            for event in _occurrences(row, source, zone(zone_name), since, until, moved):
                budget.left -= 1
                if budget.left < 0:
                    text = f"This calendar has more than {MOST_OCCURRENCES:,} events ahead. Export a shorter time."
                    raise bad("ical.many", text)
                reading.events.append(event)
        except TooMuch as refused:
            _fault(reading, row, f"“{_title(source)}” {refused}")
        except Refused:
            raise
        except _UNREADABLE:
            _fault(
                reading,
                row,
                f"“{_title(source)}” cannot be read: its times or its rule are not as iCalendar has them.",
            )
    reading.events.sort(key=lambda e: (e.starts_at, e.row))
    return reading


def _parsed(data: bytes) -> list[Any]:
    if len(data) > MOST_BYTES:
        text = f"This calendar is larger than {MOST_BYTES // 1024} KiB. Export a shorter time, and try again."
        raise bad("ical.large", text, file="too large")
    data = data.removeprefix(b"\xef\xbb\xbf").replace(b"\x00", b"")
    if b"BEGIN:VCALENDAR" not in data[:10_000].upper():
        text = "This is no iCalendar file: it does not begin with BEGIN:VCALENDAR. Choose the .ics that was exported."
        raise bad("ical.none", text, file="no calendar")
    if not data.rstrip().upper().endswith(b"END:VCALENDAR") or data.count(b"BEGIN:VEVENT") != data.count(
        b"END:VEVENT"
    ):
        # A download that broke off would otherwise look as if the rest had been taken out.
        raise bad(
            "ical.cut", "This iCalendar file is not whole: its end is missing. Export or fetch it again."
        )
    if data.upper().count(b"BEGIN:") > MOST_EVENTS * 3 or data.upper().count(b"BEGIN:VEVENT") > MOST_EVENTS:
        raise bad("ical.many", f"This calendar has more than {MOST_EVENTS:,} events. Export a shorter time.")
    unfolded = data.replace(b"\r\n", b"\n").replace(b"\n ", b"").replace(b"\n\t", b"")
    if max(map(len, unfolded.split(b"\n")), default=0) > LONGEST_LINE:
        raise bad("ical.line", "This calendar has a line that no calendar program writes. Export it again.")
    try:
        return list(icalendar.Calendar.from_ical(data.decode("utf-8", "replace"), multiple=True))
    except (*_UNREADABLE, RecursionError):
        raise bad(
            "ical.broken", "This iCalendar file is damaged and cannot be read. Export it again."
        ) from None


def _events(calendar: Any, reading: Reading) -> list[Any]:
    if calendar.name != "VCALENDAR":
        return []
    reading.name = reading.name or line(str(calendar.get("X-WR-CALNAME") or ""), 120)
    return [
        c
        for c in calendar.walk("VEVENT")
        if str(c.get("STATUS", "")).upper() != "CANCELLED" or c.get("RECURRENCE-ID")
    ]


def _moved(sources: Iterable[Any], here: tzinfo) -> set[tuple[str, datetime]]:
    """The occurrences that an event of their own stands for, moved or cancelled."""
    found: set[tuple[str, datetime]] = set()
    for source in sources:
        if source.get("RECURRENCE-ID") is not None:
            try:
                found.add((_uid(source), _instant(source["RECURRENCE-ID"].dt, here)))
            except _UNREADABLE:
                continue
    return found


def _occurrences(
    row: int, source: Any, here: tzinfo, since: datetime, until: datetime, moved: set[tuple[str, datetime]]
) -> Iterator[Event]:
    if str(source.get("STATUS", "")).upper() == "CANCELLED":
        return
    if source.get("DTSTART") is None:
        raise TooMuch("has no start.")
    start = source["DTSTART"].dt
    all_day = not isinstance(start, datetime)
    tz = here if all_day or start.tzinfo is None else start.tzinfo
    length = _length(source, start, all_day)
    if length <= timedelta(0):
        raise TooMuch("has no length: it ends when it starts.")
    if length > LONGEST:
        raise TooMuch("lasts longer than a year.")
    people, title, busy = (
        _people(source),
        _title(source),
        str(source.get("TRANSP", "")).upper() != "TRANSPARENT",
    )
    single = source.get("RECURRENCE-ID")
    walls = (
        [_wall(start)] if single is not None else occurrences(source, _wall(start), tz, since - length, until)
    )
    for shown in walls:
        begins = _at(shown, tz)
        if single is None and (_uid(source), begins) in moved:
            continue
        # Days and weeks of the wall are whole days there, however long; hours are hours.
        ends = _at(shown + length, tz) if all_day else begins + length
        if begins < until and ends > since and ends > begins:
            known = _instant(single.dt, here) if single is not None else begins
            ref = f"{_uid(source)}|{known:%Y%m%dT%H%M%SZ}"
            yield Event(row, ref[-300:], title, people, begins, ends, all_day, busy)


def _length(source: Any, start: date, all_day: bool) -> timedelta:
    if source.get("DTEND") is not None:
        end = source["DTEND"].dt
        if isinstance(end, datetime) != isinstance(start, datetime):
            raise TooMuch("begins on a day and ends at a time, or the other way round.")
        if all_day:
            return timedelta(days=(end - start).days)
        if end.tzinfo is None or start.tzinfo is None:  # type: ignore[attr-defined]
            return _wall(end) - _wall(start)
        return end.astimezone(UTC) - start.astimezone(UTC)  # type: ignore[attr-defined, no-any-return]
    if source.get("DURATION") is not None:
        return source["DURATION"].dt  # type: ignore[no-any-return]
    return timedelta(days=1) if all_day else timedelta(0)


def _wall(value: date) -> datetime:
    if isinstance(value, datetime):
        return value.replace(tzinfo=None, fold=0)
    return datetime(value.year, value.month, value.day)  # noqa: DTZ001 - a day on some wall


def _at(shown: datetime, tz: tzinfo) -> datetime:
    if isinstance(tz, ZoneInfo):
        return instant(shown, tz)
    return shown.replace(tzinfo=tz).astimezone(UTC)


def _instant(value: date, here: tzinfo) -> datetime:
    tz = value.tzinfo if isinstance(value, datetime) and value.tzinfo is not None else here
    return _at(_wall(value), tz)


def _people(source: Any) -> tuple[str, ...]:
    """Mail addresses and names of the attendees, then the words of the title."""
    attendees = source.get("ATTENDEE") or []
    found: dict[str, None] = {}
    for one in (attendees if isinstance(attendees, list) else [attendees])[:50]:
        found[line(str(one), 200).removeprefix("mailto:").removeprefix("MAILTO:")] = None
        if getattr(one, "params", None) and one.params.get("CN"):
            found[line(str(one.params["CN"]), 120)] = None
    return tuple(p for p in found if p)


def _uid(source: Any) -> str:
    return str(source.get("UID") or "")[:240]


def _title(source: Any) -> str:
    return line(str(source.get("SUMMARY") or ""), 200) or "without a title"


def _fault(reading: Reading, row: int, text: str) -> None:
    if len(reading.faults) < MOST_FAULTS:
        reading.faults.append(Fault(row, text))
