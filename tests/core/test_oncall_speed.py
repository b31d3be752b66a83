"""How long the answers may take, in CPU time, best of several: who else is at work on the machine does not count."""

from __future__ import annotations

import gc
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from time import process_time

from quarterdeck.core.oncall import Absence, Layer, Override, Restriction, Schedule, Turn, on_call, shifts
from quarterdeck.core.oncall.coverage import coverage
from quarterdeck.core.oncall.data import layer_data, layer_of
from quarterdeck.core.oncall.fairness import balance, loads
from quarterdeck.core.oncall.hours import Home

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
START = datetime(2026, 1, 5, 8, tzinfo=UTC)
HOLIDAYS = frozenset(date(year, month, 1) for year in (2026, 2027) for month in range(1, 13))


def a_layer(id, people, turn, *windows, **more):
    return Layer(
        id, id, tuple(people), turn, time(9), None, START, None, "Europe/Berlin", windows,
        region="DE", holidays=HOLIDAYS, **more,
    )  # fmt: skip


def a_schedule(name="s", **more):
    layers = (
        a_layer(f"{name}-all", "abc", Turn("weeks"), when_absent="skip"),
        a_layer(f"{name}-nights", "def", Turn("days"), Restriction(time(18), time(9))),
        a_layer(f"{name}-off", "ghi", Turn("weeks"), Restriction(time(0), time(0), (5, 6), "also")),
    )
    overrides = tuple(
        Override(f"o{n}", "x", START + n * 30 * DAY + 51 * HOUR, START + n * 30 * DAY + 56 * HOUR)
        for n in range(12)
    )
    return Schedule(name, name, name, "Europe/Berlin", layers, overrides, **more)


def best(call, times=15):
    call()
    gc.collect()
    found = []
    for _ in range(times):
        began = process_time()
        call()
        found.append(process_time() - began)
    return min(found)


def test_who_is_on_call_takes_at_most_fifty_microseconds():
    schedule = a_schedule()
    moments = [START + 37 * n * HOUR for n in range(400)]
    took = best(lambda: [on_call(schedule, at) for at in moments])
    assert took / len(moments) <= 50e-6


def test_the_shifts_of_a_year_take_at_most_two_milliseconds():
    schedule = a_schedule()
    found = shifts(schedule, START, START + 365 * DAY)
    assert len(found) > 500
    assert best(lambda: shifts(schedule, START, START + 365 * DAY)) <= 2e-3


def test_two_hundred_schedules_are_covered_for_ninety_days_in_a_second():
    away = tuple(Absence("a", START + n * 20 * DAY, START + n * 20 * DAY + 50 * HOUR) for n in range(5))
    began = process_time()
    schedules = [a_schedule(f"s{n}", absences=away) for n in range(200)]
    found = [coverage(schedule, START, disabled={"d"}) for schedule in schedules]
    assert process_time() - began <= 1
    assert all(f.unfit and not f.gaps for f in found)


def test_the_fairness_of_a_team_over_a_quarter_is_reckoned_in_a_fifth_of_a_second():
    found = shifts(a_schedule(), START, START + 91 * DAY)
    homes = dict.fromkeys("abcdefghix", Home("Europe/Berlin", HOLIDAYS))
    assert best(lambda: balance(loads(found, list("abcdefghi"), homes)), 3) <= 0.2


def test_a_layer_read_anew_is_not_reckoned_anew():
    schedule = a_schedule()
    on_call(schedule, START)

    def anew():
        read = (layer_of(x.id, x.name, layer_data(x), "UTC") for x in schedule.layers)
        again = replace(schedule, layers=tuple(replace(layer, holidays=HOLIDAYS) for layer in read))
        return on_call(again, START)

    assert best(anew) <= 500e-6
