"""Schedules that are odd, wrong or huge, and schedules as data: what is told, refused, bounded and kept."""

from __future__ import annotations

import time as clock
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from quarterdeck.core.kernel.refused import Refused
from quarterdeck.core.oncall import (
    Absence,
    FixedShift,
    Layer,
    Override,
    Restriction,
    Schedule,
    Turn,
    check,
    layer_shifts,
    on_call,
    shifts,
)
from quarterdeck.core.oncall.data import (
    absence_data,
    absence_of,
    layer_data,
    layer_of,
    override_data,
    override_of,
)
from quarterdeck.core.oncall.lint import lint

BERLIN = ZoneInfo("Europe/Berlin")
HOUR, DAY, WEEK = timedelta(hours=1), timedelta(days=1), timedelta(weeks=1)


def local(*parts, tz=BERLIN):
    return datetime(*parts, tzinfo=tz).astimezone(UTC)


MONDAY = local(2026, 11, 2, 9)


def a_layer(*people, turn=None, starts_at=MONDAY, id="primary", **more):
    return Layer(
        id=id, name=id.title(), people=people, turn=turn or Turn("weeks"), handover_time=time(9),
        handover_weekday=None, starts_at=starts_at, ends_at=None, zone="Europe/Berlin", **more,
    )  # fmt: skip


def a_schedule(*layers, overrides=(), absences=()):
    return Schedule("s", "payments", "Payments", "Europe/Berlin", layers, tuple(overrides), tuple(absences))


def told(found):
    return [(s.people, s.source) for s in found]


def code(call, *args):
    with pytest.raises(Refused) as refusal:
        call(*args)
    return refusal.value.code


FIXED = replace(
    a_layer(id="import"),
    fixed=(
        FixedShift("ana", MONDAY, MONDAY + 8 * HOUR, "row-1"),
        FixedShift("ben", MONDAY + 6 * HOUR, MONDAY + 12 * HOUR, "row-2"),
    ),
)
AWAY = Absence("ana", MONDAY + DAY, MONDAY + 3 * DAY, "holiday")


def test_a_layer_that_allows_no_gap_is_named_where_there_is_one():
    day = Restriction(time(9), time(18))
    schedule = a_schedule(
        a_layer("ana", restrictions=(day,), gaps_allowed=False), a_layer("ben", id="b", restrictions=(day,))
    )
    found = lint(schedule, MONDAY, MONDAY + DAY)
    assert [(f.kind, f.ref, f.starts_at, f.ends_at) for f in found] == [
        ("gap", "primary", local(2026, 11, 2, 18), local(2026, 11, 3, 9))
    ]
    assert found[0].text == (
        "The layer “Primary” allows no gap, but nobody is on call from 2026-11-02 18:00 to 2026-11-03 09:00."
    )
    assert lint(a_schedule(a_layer("ana", restrictions=(day,))), MONDAY, MONDAY + DAY) == []


def test_two_overrides_at_once_are_named_and_the_later_counts():
    schedule = a_schedule(
        a_layer("ana"),
        overrides=[
            Override("long", "dan", MONDAY, MONDAY + DAY),
            Override("a", "eve", MONDAY + HOUR, MONDAY + 2 * HOUR),
            Override("b", "fay", MONDAY + 3 * HOUR, MONDAY + 4 * HOUR),
        ],
    )
    found = lint(schedule, MONDAY, MONDAY + DAY)
    assert [(f.kind, f.ref, f.starts_at) for f in found] == [
        ("overrides", "long", MONDAY + HOUR),
        ("overrides", "long", MONDAY + 3 * HOUR),
    ]
    assert on_call(schedule, MONDAY + HOUR).person == "eve"


def test_a_handover_at_a_time_that_clocks_leave_out_is_told():
    layer = replace(a_layer("ana", "ben", turn=Turn("days")), handover_time=time(2, 30))
    found = lint(a_schedule(layer), local(2027, 3, 27, 12), local(2027, 3, 30))
    assert [(f.kind, f.starts_at) for f in found] == [("handover", datetime(2027, 3, 28, 1, tzinfo=UTC))]
    assert "2027-03-28 02:30, which clocks in Europe/Berlin leave out" in found[0].text


@pytest.mark.parametrize(
    ("layer", "wanted"),
    [
        (a_layer("ana", turn=Turn("months", 0)), "layer.turn"),
        (a_layer("ana", turn=Turn("months", 13)), "layer.turn"),
        (a_layer("ana", turn=Turn("days", -1)), "layer.turn"),
        (a_layer("ana", turn=Turn("months"), handover_day=32), "layer.day"),
        (a_layer("ana", at_once=0), "layer.at_once"),
        (a_layer("ana", "ana", at_once=2), "layer.at_once"),
        (replace(FIXED, people=("ana",)), "layer.kind"),
        (replace(FIXED, fixed=(FixedShift("ana", MONDAY, MONDAY),)), "layer.times"),
        (replace(FIXED, fixed=(FixedShift("", MONDAY, MONDAY + DAY),)), "layer.people"),
        (replace(FIXED, fixed=FIXED.fixed * 2501), "layer.fixed"),
        (replace(FIXED, fixed=FIXED.fixed * 26), "layer.at_once"),
    ],
)
def test_a_layer_that_means_nothing_is_refused(layer, wanted):
    assert code(check, a_schedule(layer)) == wanted


@pytest.mark.parametrize(
    ("schedule", "wanted"),
    [
        (a_schedule(absences=[Absence("ana", MONDAY, MONDAY)]), "absence.times"),
        (
            a_schedule(overrides=[Override("o", "ana", MONDAY, MONDAY + DAY, "", "one")]),
            "override.instead_of",
        ),
        (a_schedule(overrides=[Override("o", "x", MONDAY, MONDAY + DAY, "", "one", "x")]), "override.same"),
    ],
)
def test_overrides_and_absences_that_mean_nothing_are_refused(schedule, wanted):
    assert code(check, schedule) == wanted


def test_what_was_never_checked_still_answers():
    odd = [
        a_layer(),
        a_layer("ana", turn=Turn("hours", 0)),
        a_layer("ana", "ben", turn=Turn("months", -3), handover_day=77),
        a_layer("ana", at_once=9),
        a_layer("ana", at_once=-1),
        replace(a_layer("ana", "ben"), zone="Nowhere/Land"),
    ]
    for layer in odd:
        found = shifts(a_schedule(layer), MONDAY - DAY, MONDAY + 30 * DAY)
        assert (found[0].starts_at, found[-1].ends_at) == (MONDAY - DAY, MONDAY + 30 * DAY)
        on_call(a_schedule(layer), MONDAY)


def test_fifty_layers_work_and_one_more_is_refused():
    night = (Restriction(time(18), time(9)),)
    layers = [
        a_layer("ana", "ben", id=f"l{n}", turn=Turn("days"), restrictions=night if n else ())
        for n in range(50)
    ]
    check(a_schedule(*layers))
    assert on_call(a_schedule(*layers), MONDAY).person == "ana"
    assert len(shifts(a_schedule(*layers), MONDAY, MONDAY + 90 * DAY)) == 180
    assert code(check, a_schedule(*layers, layers[0])) == "schedule.layers"


def test_thirty_years_are_answered_or_refused_in_a_few_seconds():
    began = clock.process_time()
    ordinary = a_schedule(
        a_layer("ana", "ben"), a_layer("cleo", id="n", restrictions=(Restriction(time(18), time(9)),))
    )
    assert len(shifts(ordinary, MONDAY, MONDAY + 30 * 365 * DAY)) > 20_000
    busy = [a_layer("ana", "ben", id=f"l{n}", turn=Turn("hours")) for n in range(50)]
    assert code(shifts, a_schedule(*busy), MONDAY, MONDAY + 30 * 365 * DAY) == "shifts.window"
    assert code(layer_shifts, a_schedule(*busy), MONDAY, MONDAY + 30 * 365 * DAY) == "shifts.window"
    assert clock.process_time() - began < 5


def test_a_schedule_that_never_seems_to_change_is_looked_at_only_so_long():
    same = [a_layer("ana", id="a"), *[a_layer("ben", id=f"w{n}") for n in range(3)]]
    windows = (Restriction(time(9), time(10)), Restriction(time(11), time(12)))
    top = a_layer("ana", "ben", id="top", turn=Turn("hours"), restrictions=windows)
    quiet = a_schedule(replace(top, people=("ana", "ana")), *same)
    assert on_call(quiet, MONDAY).until is None


# As data


def test_layers_overrides_and_absences_survive_being_stored():
    layers = [
        a_layer(
            "ana", "ben", turn=Turn("months", 2), at_once=2, handover_day=31, when_absent="skip",
            gaps_allowed=False, region="DE-BE",
            restrictions=(Restriction(time(9), time(17), (0,), "never"), Restriction(time(1), time(2))),
        ),
        FIXED,
    ]  # fmt: skip
    for layer in layers:
        assert layer_of(layer.id, layer.name, layer_data(layer), "UTC") == layer
    override = Override("o", "dan", MONDAY, MONDAY + DAY, "why", "one", "ana", "w1")
    assert override_of(override_data(override)) == override
    assert absence_of(absence_data(AWAY)) == AWAY


def test_what_was_stored_before_reads_as_it_did_and_is_written_as_it_was():
    old = {
        "people": ["ana", "ben"], "turn": {"unit": "weeks", "length": 1}, "handover_time": "09:00",
        "handover_weekday": 0, "starts_at": "2026-11-02T08:00:00Z", "ends_at": None, "zone": "",
        "restrictions": [{"start": "18:00", "end": "09:00", "weekdays": []}],
    }  # fmt: skip
    layer = layer_of("l", "Nights", old, "Europe/Berlin")
    assert (layer.zone, layer.at_once, layer.fixed, layer.when_absent) == ("Europe/Berlin", 1, (), "leave")
    assert layer_data(replace(layer, zone="")) == old
