"""On-call arithmetic: who is on call now, a year's shifts, the coverage of 200 schedules. Needs no store.

The peer is recurring-ical-events, which expands the same turns written as an iCalendar: one recurring event for each
person and layer, all of a year, and what is on at an instant. It knows nothing of layers above each other.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from datetime import time as clock
from typing import Any

from quarterdeck.core.oncall import Absence, Layer, Override, Restriction, Schedule, Turn, on_call, shifts
from quarterdeck.core.oncall.coverage import coverage
from quarterdeck.core.oncall.data import layer_data, layer_of
from quarterdeck.core.oncall.fairness import balance, loads
from quarterdeck.core.oncall.hours import Home

from .machine import Missing, Row

WHAT = "who is on call, the shifts of a year, coverage and fairness, beside recurring-ical-events"
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
ZONE = "Europe/Berlin"
START = datetime(2026, 1, 5, 8, tzinfo=UTC)
HOLIDAYS = frozenset(date(year, month, 1) for year in (2026, 2027) for month in range(1, 13))


def layer(id_: str, people: str, turn: Turn, *windows: Restriction, **more: Any) -> Layer:
    return Layer(
        id_, id_, tuple(people), turn, clock(9), None, START, None, ZONE, windows, region="DE", holidays=HOLIDAYS,
        **more,
    )  # fmt: skip


def schedule(name: str = "s", **more: Any) -> Schedule:
    """Three layers: weeks of everybody, nights by days, weekends and holidays by weeks; an override a month."""
    layers = (
        layer(f"{name}-all", "abc", Turn("weeks"), when_absent="skip"),
        layer(f"{name}-nights", "def", Turn("days"), Restriction(clock(18), clock(9))),
        layer(f"{name}-off", "ghi", Turn("weeks"), Restriction(clock(0), clock(0), (5, 6), "also")),
    )
    overrides = tuple(
        Override(f"o{n}", "x", START + n * 30 * DAY + 51 * HOUR, START + n * 30 * DAY + 56 * HOUR)
        for n in range(12)
    )
    return Schedule(name, name, name, ZONE, layers, overrides, **more)


def calendar() -> str:
    """The turns of the three layers as recurring events, and the overrides as single ones."""
    return "\r\n".join(["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//bench//EN", *_events(), "END:VCALENDAR"])


def _events() -> Iterator[str]:
    begun = datetime(2026, 1, 5, 9, tzinfo=UTC)  # written as wall time
    for n, person in enumerate("abc"):
        yield from _event(f"all-{n}", person, begun + 7 * n * DAY, 7 * DAY, "FREQ=WEEKLY;INTERVAL=3")
    for n, person in enumerate("def"):
        yield from _event(
            f"nights-{n}", person, begun + n * DAY + 9 * HOUR, 15 * HOUR, "FREQ=DAILY;INTERVAL=3"
        )
    for n, person in enumerate("ghi"):
        for day in (5, 6):
            start = begun.replace(hour=0) + (7 * n + day) * DAY
            yield from _event(f"off-{n}-{day}", person, start, DAY, "FREQ=WEEKLY;INTERVAL=3")
    for n in range(12):
        yield from _event(f"over-{n}", "x", begun + n * 30 * DAY + 51 * HOUR, 5 * HOUR, "")


def _event(uid: str, person: str, start: datetime, length: timedelta, rule: str) -> list[str]:
    wall = "%Y%m%dT%H%M%S"
    return [
        "BEGIN:VEVENT", f"UID:{uid}", f"SUMMARY:{person}", f"DTSTART;TZID={ZONE}:{start:{wall}}",
        f"DTEND;TZID={ZONE}:{start + length:{wall}}", *([f"RRULE:{rule}"] if rule else []), "END:VEVENT",
    ]  # fmt: skip


def took(call: Callable[[], object], times: int) -> float:
    """The median CPU time of a call, in seconds."""
    call()
    found = []
    for _ in range(times):
        began = time.process_time()
        call()
        found.append(time.process_time() - began)
    return statistics.median(found)


def run(seconds: float = 4, rounds: int = 3) -> list[Row]:
    try:
        import icalendar
        import recurring_ical_events as peer
    except ImportError:
        raise Missing("icalendar and recurring-ical-events are not installed (make setup)") from None
    ours, theirs = schedule(), icalendar.Calendar.from_ical(calendar())
    moments = [START + 37 * n * HOUR for n in range(200)]
    now = took(lambda: [on_call(ours, at) for at in moments], 3 * rounds) / len(moments)
    few = moments[:: len(moments) // 5]
    now_peer = took(lambda: [list(peer.of(theirs).at(at)) for at in few], rounds) / len(few)
    year = took(lambda: shifts(ours, START, START + 365 * DAY), 5 * rounds)
    year_peer = took(lambda: list(peer.of(theirs).between(START, START + 365 * DAY)), rounds)
    away = tuple(Absence("a", START + n * 20 * DAY, START + n * 20 * DAY + 50 * HOUR) for n in range(5))

    def covered() -> None:
        for n in range(200):
            coverage(schedule(f"s{n}", absences=away), START, disabled={"d"})

    quarter, homes = shifts(ours, START, START + 91 * DAY), dict.fromkeys("abcdefghix", Home(ZONE, HOLIDAYS))
    kept = [(x.id, x.name, layer_data(x)) for x in ours.layers]

    def anew() -> object:
        read = tuple(replace(layer_of(*one, "UTC"), holidays=HOLIDAYS) for one in kept)
        return on_call(replace(ours, layers=read), START)

    fair = took(lambda: balance(loads(quarter, list("abcdefghi"), homes)), rounds)
    return [
        Row("Who is on call now", f"{now * 1e6:.0f} µs", f"{now_peer * 1e3:.1f} ms", now / now_peer, "≤ 50 µs"),
        Row("A year of three layers", f"{year * 1e3:.2f} ms", f"{year_peer * 1e3:.0f} ms", year / year_peer, "≤ 2 ms"),
        Row("Who is on call, the layers read anew", f"{took(anew, 20 * rounds) * 1e6:.0f} µs"),
        Row("Coverage of 200 schedules, 90 days", f"{took(covered, rounds):.2f} s", goal="≤ 1 s"),
        Row("Fairness of nine people over a quarter", f"{fair * 1e3:.0f} ms"),
    ]  # fmt: skip
