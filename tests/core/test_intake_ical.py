"""Calendars that others wrote: what they say, judged by recurring-ical-events, and hostile ones that must cost nothing."""

from __future__ import annotations

import os
import time as clock
from datetime import UTC, datetime, timedelta
from random import Random
from zoneinfo import ZoneInfo

import icalendar
import pytest
import recurring_ical_events

from quarterdeck.core.kernel.refused import Refused
from quarterdeck.intake.ical import MOST_BYTES, SECONDS, read
from support.oncall_cases import STRANGE

SOAK = bool(os.environ.get("QUARTERDECK_SOAK"))
NOW = datetime(2026, 11, 22, tzinfo=UTC)
YEAR = timedelta(days=366)
START = "DTSTART;TZID=Europe/Berlin:20261201T090000\r\nDURATION:PT1H"


def calendar(*events: str) -> bytes:
    body = "".join(
        f"BEGIN:VEVENT\r\nUID:u{n}\r\nSUMMARY:e{n}\r\n{e}\r\nEND:VEVENT\r\n" for n, e in enumerate(events)
    )
    return f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//test//EN\r\n{body}END:VCALENDAR\r\n".encode()


def spans(data: bytes, zone: str = "Europe/Berlin"):
    return [(e.starts_at, e.ends_at) for e in read(data, zone, NOW, NOW + YEAR).events]


def berlin(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=ZoneInfo("Europe/Berlin")).astimezone(UTC)


def test_an_event_has_its_times_people_and_whether_it_blocks_time():
    event = (
        START + '\r\nATTENDEE;CN="Ana Ruiz":mailto:ana@example.com\r\nATTENDEE:mailto:ben@example.com\r\n'
        "TRANSP:TRANSPARENT"
    )
    found = read(calendar(event), "UTC", NOW, NOW + YEAR).events[0]
    assert found.people == ("ana@example.com", "Ana Ruiz", "ben@example.com")
    assert (found.starts_at, found.busy, found.title, found.row) == (berlin(2026, 12, 1, 9), False, "e0", 1)


def test_whole_days_and_times_without_a_zone_are_those_of_the_reader():
    day = "DTSTART;VALUE=DATE:20261224\r\nDTEND;VALUE=DATE:20261227"
    floating = "DTSTART:20261224T080000\r\nDTEND:20261224T090000"
    assert spans(calendar(day)) == [(berlin(2026, 12, 24), berlin(2026, 12, 27))]
    assert spans(calendar(floating), "Asia/Tokyo")[0][0] == datetime(2026, 12, 23, 23, tzinfo=UTC)
    # A day on which the clocks change has 23 hours.
    one = spans(calendar("DTSTART;VALUE=DATE:20270328"))[0]
    assert one[1] - one[0] == timedelta(hours=23)


def test_what_was_moved_cancelled_or_taken_out_is_so():
    weekly = START + "\r\nRRULE:FREQ=WEEKLY;COUNT=5\r\nEXDATE;TZID=Europe/Berlin:20261208T090000"
    moved = "RECURRENCE-ID;TZID=Europe/Berlin:20261215T090000\r\nDTSTART;TZID=Europe/Berlin:20261216T120000\r\nDURATION:PT2H"
    cancelled = "RECURRENCE-ID;TZID=Europe/Berlin:20261222T090000\r\nSTATUS:CANCELLED\r\n" + START
    data = calendar(weekly, moved, cancelled).replace(b"UID:u1", b"UID:u0").replace(b"UID:u2", b"UID:u0")
    days = [s.astimezone(ZoneInfo("Europe/Berlin")).strftime("%d %H") for s, _ in spans(data)]
    assert days == ["01 09", "16 12", "29 09"]
    assert spans(calendar(START + "\r\nSTATUS:CANCELLED")) == []


def test_an_occurrence_keeps_its_name_when_it_is_moved():
    weekly = START + "\r\nRRULE:FREQ=WEEKLY;COUNT=3"
    moved = "RECURRENCE-ID;TZID=Europe/Berlin:20261208T090000\r\nDTSTART;TZID=Europe/Berlin:20261209T120000\r\nDURATION:PT2H"
    before = read(calendar(weekly), "UTC", NOW, NOW + YEAR).events
    after = read(calendar(weekly, moved).replace(b"UID:u1", b"UID:u0"), "UTC", NOW, NOW + YEAR).events
    assert [e.ref for e in before] == [e.ref for e in after]


OLD = "DTSTART:19700101T090000Z\r\nDURATION:PT1H\r\nRRULE:"
HOSTILE = {
    "every second": [START + "\r\nRRULE:FREQ=SECONDLY"],
    "every minute": [START + "\r\nRRULE:FREQ=MINUTELY;COUNT=1000000000"],
    "each hour since 1970": [OLD + "FREQ=HOURLY;COUNT=1000000000"],
    "a thousand days that never come": [OLD + "FREQ=DAILY;COUNT=1000000000;BYMONTH=2;BYMONTHDAY=30"] * 1000,
    "a thousand years that never come": [OLD + "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30"] * 1000,
    "no interval": [START + "\r\nRRULE:FREQ=DAILY;INTERVAL=0"],
    "each second of a day": [
        START + "\r\nRRULE:FREQ=DAILY;BYHOUR=1,2,3,4,5,6;BYMINUTE=" + ",".join(map(str, range(60)))
    ],
    "a rule of megabytes": [START + "\r\nRRULE:FREQ=DAILY;BYMONTHDAY=" + ",".join(["1"] * 50_000)],
    "too many events": [START] * 5_001,
    "too many occurrences": [START + "\r\nRRULE:FREQ=DAILY"] * 4_000,
    "a length beyond time": ["DTSTART:20261201T000000Z\r\nDURATION:P999999999W"],
    "before time": ["DTSTART:00010101T000000Z\r\nDURATION:PT1H\r\nRRULE:FREQ=DAILY"],
    "tens of thousands of dates": [
        START + "\r\nRRULE:FREQ=DAILY\r\nEXDATE;TZID=Europe/Berlin:" + ",".join(["20261203T090000"] * 9_000)
    ],
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_calendar_is_refused_or_listed_within_its_budget(name):
    began = clock.monotonic()
    faults = ""
    try:
        found = read(calendar(*HOSTILE[name]), "Europe/Berlin", NOW, NOW + YEAR)
        faults = found.faults[0].text if found.faults and not found.events else ""
    except Refused as refused:
        faults = refused.code
    assert faults
    assert clock.monotonic() - began < SECONDS + 6


def test_a_count_beyond_reason_ends_at_the_horizon_and_thousands_of_exceptions_are_left_out():
    assert len(spans(calendar(START + "\r\nRRULE:FREQ=DAILY;COUNT=1000000000"))) == 357
    out = ",".join(
        (datetime(2026, 12, 1, 9, tzinfo=UTC) + timedelta(days=n)).strftime("%Y%m%dT%H%M%S")
        for n in range(4000)
    )
    assert spans(calendar(START + f"\r\nRRULE:FREQ=DAILY\r\nEXDATE;TZID=Europe/Berlin:{out}")) == []


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "ical.none"),
        (b"<html>Sign in</html>", "ical.none"),
        (b"BEGIN:VCALENDAR\r\n" + b"X" * 20_000_000, "ical.large"),
        (calendar(START)[:-30], "ical.cut"),
        (b"BEGIN:VCALENDAR\r\n" + b"BEGIN:VEVENT\r\n" * 4000 + b"END:VCALENDAR", "ical.cut"),
        (b"BEGIN:VCALENDAR\r\n" + b"BEGIN:X\r\n" * 20_000 + b"END:VCALENDAR", "ical.many"),
        (b"BEGIN:VCALENDAR\r\nSUMMARY:" + b"x" * 300_000 + b"\r\nEND:VCALENDAR", "ical.line"),
    ],
)
def test_what_is_no_whole_calendar_is_refused(data, code):
    began = clock.monotonic()
    with pytest.raises(Refused) as refused:
        read(data, "UTC", NOW, NOW + YEAR)
    assert refused.value.code == code
    assert clock.monotonic() - began < 20
    assert len(calendar(START)) < MOST_BYTES


@pytest.mark.parametrize(
    "junk", ["DTSTART:nonsense", "DTSTART;TZID=Mars/Base:20261201T090000", "RRULE:FREQ=DAILY"]
)
def test_one_event_that_cannot_be_read_leaves_the_others(junk):
    found = read(calendar(junk + "\r\nDURATION:PT1H", START), "UTC", NOW, NOW + YEAR)
    assert {e.row for e in found.events} >= {2}


def rule(random: Random) -> str:
    match random.choice(["DAILY", "WEEKLY", "MONTHLY", "YEARLY"]):
        case "DAILY":
            return f"FREQ=DAILY;INTERVAL={random.randint(1, 9)}"
        case "WEEKLY":
            return "FREQ=WEEKLY;WKST=MO;BYDAY=" + ",".join(
                random.sample(["MO", "TU", "WE", "TH", "FR", "SA", "SU"], 3)
            )
        case "MONTHLY":
            by = random.choice(
                ["BYMONTHDAY=1,15,31", "BYDAY=-1FR", "BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1", "BYDAY=2TU"]
            )
            return f"FREQ=MONTHLY;{by}"
    return "FREQ=YEARLY;BYMONTH=3,10;BYDAY=-1SU"


@pytest.mark.parametrize("seed", range(3000 if SOAK else 150))
def test_repeats_are_those_of_recurring_ical_events(seed):
    random = Random(seed)
    zone = random.choice(STRANGE)
    start = datetime(
        random.choice([2024, 2025, 2026]), random.randint(1, 12), random.randint(1, 28), random.randint(3, 23)
    )
    said = rule(random)
    if random.random() < 0.3:
        said += f";COUNT={random.randint(1, 300)}"
    elif random.random() < 0.4:
        said += f";UNTIL=20270{random.randint(1, 9)}15T000000Z"
    whole = random.random() < 0.3
    first = (
        f"DTSTART;VALUE=DATE:{start:%Y%m%d}"
        if whole
        else f"DTSTART;TZID={zone}:{start:%Y%m%dT%H%M%S}\r\nDURATION:PT45M"
    )
    data = calendar(f"{first}\r\nRRULE:{said if not whole else said.replace('T000000Z', '')}")
    mine = [e.starts_at for e in read(data, zone, NOW, NOW + YEAR).events]
    oracle = recurring_ical_events.of(icalendar.Calendar.from_ical(data)).between(NOW, NOW + YEAR)
    tz = ZoneInfo(zone)
    theirs = [e["DTSTART"].dt for e in oracle]
    shown = {
        (at if isinstance(at, datetime) else datetime(at.year, at.month, at.day)).replace(tzinfo=None)
        for at in theirs
    }
    # A wall time that the clocks leave out is told differently; every other is the same instant.
    told = {at.astimezone(tz).replace(tzinfo=None) for at in mine}
    odd = {
        w
        for w in told ^ shown
        if not real(w, tz) or not all(real(w + timedelta(hours=n), tz) for n in (-2, -1, 1))
    }
    edge = {w for w in told ^ shown if abs(w.replace(tzinfo=tz) - NOW) < timedelta(days=2)
            or abs(w.replace(tzinfo=tz) - NOW - YEAR) < timedelta(days=2)}  # fmt: skip
    assert (told ^ shown) - odd - edge == set()


def real(wall: datetime, tz: ZoneInfo) -> bool:
    return wall.replace(tzinfo=tz).astimezone(UTC).astimezone(tz).replace(tzinfo=None) == wall
