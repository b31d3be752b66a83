"""The course of a maintenance: whatever the clock does, each thing happens once, in order, or is said to be left out."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quarterdeck.core.kernel.refused import Refused
from quarterdeck.core.status import maintenance as core
from quarterdeck.core.status import maintenance_plan as plans

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
leads = st.integers(1, 6 * 24 * 60).map(lambda m: m * MINUTE)


def course(**more: object) -> core.Course:
    plain = core.Course("approved", NOW + 4 * DAY, NOW + 4 * DAY + 2 * HOUR, 3 * DAY, (DAY, HOUR))
    return replace(plain, **more)  # type: ignore[arg-type]


def done(c: core.Course, step: core.Step, now: datetime) -> core.Course:
    """What the shell keeps of a step that was done."""
    match step.what:
        case "announce":
            return replace(c, state="announced", done=c.done | core.passed(c, now))
        case "remind":
            assert step.reminder is not None
            return replace(c, done=c.done | {step.reminder, *step.skipped})
        case "start":
            return replace(c, state="in_progress", started_at=now, done=frozenset(c.reminders))
        case "finish":
            return replace(c, state="completed")
        case _:
            return replace(c, told=c.told | {step.what})


def lived(c: core.Course, wakes: list[datetime]) -> list[tuple[core.Step, datetime]]:
    """Everything that is done when the clock looks at these instants only."""
    happened: list[tuple[core.Step, datetime]] = []
    for now in wakes:
        for _ in range(12):
            step = core.next_step(c, now)
            if step is None or step.at > now:
                break
            happened.append((step, now))
            c = done(c, step, now)
        else:
            raise AssertionError("it never comes to rest")
    return happened


def test_in_time_it_announces_reminds_starts_warns_and_finishes() -> None:
    wakes = [NOW + n * 15 * MINUTE for n in range(5 * 24 * 4)]
    assert [(s.what, at - NOW - 4 * DAY) for s, at in lived(course(), wakes)] == [
        ("announce", -3 * DAY),
        ("remind", -DAY),
        ("remind", -HOUR),
        ("start", 0 * HOUR),
        ("ending", 2 * HOUR - 15 * MINUTE),
        ("finish", 2 * HOUR),
    ]


@given(
    starts=st.integers(0, 10_000),
    lasts=st.integers(5, 3_000),
    announce=leads,
    reminders=st.lists(leads, max_size=5),
    auto=st.tuples(st.booleans(), st.booleans()),
    wakes=st.lists(st.integers(0, 20_000), min_size=1, max_size=30),
)
def test_whenever_it_wakes_each_thing_happens_once_and_in_order(
    starts: int,
    lasts: int,
    announce: timedelta,
    reminders: list[timedelta],
    auto: tuple[bool, bool],
    wakes: list[int],
) -> None:
    begins = NOW + starts * MINUTE
    kept = tuple(r for r in dict.fromkeys(reminders) if r < announce)
    c = core.Course(
        "approved", begins, begins + lasts * MINUTE, announce, kept, auto_start=auto[0], auto_finish=auto[1]
    )
    happened = lived(c, [NOW + m * MINUTE for m in sorted(wakes)])
    keys = [(s.what, s.reminder) for s, _ in happened]
    assert len(keys) == len(set(keys))
    order = ["announce", "remind", "ask_start", "start", "ending", "missed", "finish", "overrun"]
    assert [k[0] for k in keys] == sorted((k[0] for k in keys), key=order.index)
    for step, at in happened:
        assert at >= step.at
        if step.what in ("announce", "remind", "start", "ask_start"):
            assert at < c.ends_at
        if step.what in ("announce", "remind"):
            assert at < c.starts_at
    assert not {"start", "ask_start"} <= {k[0] for k in keys}
    assert not {"start", "missed"} <= {k[0] for k in keys}


def test_of_several_late_reminders_the_last_is_sent_and_the_others_are_left_out() -> None:
    step = core.next_step(course(state="announced"), NOW + 4 * DAY - 30 * MINUTE)
    assert step == core.Step("remind", NOW + 4 * DAY - HOUR, HOUR, (DAY,))


def test_a_window_that_went_by_is_not_started_any_more() -> None:
    late = NOW + 5 * DAY
    step = core.next_step(course(state="announced"), late)
    assert step is not None
    assert (step.what, step.skipped) == ("missed", (DAY, HOUR))
    assert core.next_step(course(state="announced", told=frozenset({"missed"})), late) is None
    assert core.too_late(course(), step, late) == "22 h late: nothing ran here when it was due."


def test_over_is_over_and_a_draft_does_nothing_by_itself() -> None:
    for state in ("draft", "proposed", "completed", "cancelled"):
        assert core.next_step(course(state=state), NOW + 4 * DAY) is None
    for state in core.OVER:
        assert not any(core.may_become(state, wanted) for wanted in core.STATES)
    with pytest.raises(Refused, match="is completed, so it cannot be started"):
        core.must_become("completed", "in_progress", "be started")
    words = [core.public_word(s) for s in core.STATES]
    assert words == ["", "", "", "scheduled", "in_progress", "verifying", "completed", "cancelled"]


def test_what_is_to_happen_is_listed_in_order() -> None:
    steps = [(s.what, s.at) for s in core.ahead(course(), NOW)]
    assert [w for w, _ in steps] == ["announce", "remind", "remind", "start", "finish"]
    assert steps == sorted(steps, key=lambda s: s[1])
    by_hand = core.ahead(
        course(auto_start=False, auto_finish=False, state="announced", done=frozenset({DAY})), NOW
    )
    assert [s.what for s in by_hand] == ["remind", "ask_start", "overrun"]


STATES = st.sampled_from(["operational", "under_maintenance", "degraded_performance", "partial_outage"])
WORK = st.sampled_from(["under_maintenance", "degraded_performance"])


@given(
    shown=st.dictionaries(st.sampled_from("abcd"), STATES), first=st.dictionaries(st.sampled_from("abcd"), WORK),
    second=st.dictionaries(st.sampled_from("abcd"), WORK), first_ends_first=st.booleans(),
)  # fmt: skip
def test_after_two_windows_that_overlap_every_component_is_what_it_was(
    shown: dict[str, str], first: dict[str, str], second: dict[str, str], first_ends_first: bool
) -> None:
    now = dict(shown)
    states, before1 = core.taken(first, now, {})
    now |= states
    states, before2 = core.taken(second, now, before1)
    now |= states
    assert all(core.rank(now[c]) >= core.rank(shown[c]) for c in shown)
    pair = [(first, before1), (second, before2)]
    (a, before_a), (b, before_b) = pair if first_ends_first else pair[::-1]
    now |= core.given_back(a, before_a, now, b)
    now |= core.given_back(b, before_b, now, {})
    assert now == shown


def test_a_component_that_got_worse_meanwhile_stays_as_it_is() -> None:
    wanted = {"a": "under_maintenance", "b": "under_maintenance"}
    states, before = core.taken(wanted, {"a": "operational", "b": "major_outage"}, {})
    assert states == {"a": "under_maintenance"}
    assert core.given_back(wanted, before, {"a": "partial_outage", "b": "operational"}, {}) == {}


@pytest.mark.parametrize(
    ("starts", "ends", "code"),
    [
        (DAY, DAY, "maintenance.times"),
        (DAY, HOUR, "maintenance.times"),
        (-MINUTE, HOUR, "maintenance.past"),
        (DAY, DAY + MINUTE, "maintenance.short"),
        (DAY, 32 * DAY, "maintenance.long"),
        (800 * DAY, 801 * DAY, "maintenance.far"),
    ],
)
def test_times_that_make_no_sense_are_refused(starts: timedelta, ends: timedelta, code: str) -> None:
    with pytest.raises(Refused, match=code):
        plans.check_times(NOW + starts, NOW + ends, NOW)


def test_an_hour_that_clocks_leave_out_is_refused_and_one_that_comes_twice_is_its_first() -> None:
    with pytest.raises(
        Refused, match=r"02:30 does not exist on 28 Mar 2027 in Europe/Berlin.*03:00 or later"
    ):
        plans.at_wall(datetime(2027, 3, 28, 2, 30), "Europe/Berlin", "starts_at")
    twice = plans.at_wall(datetime(2027, 10, 31, 2, 30), "Europe/Berlin", "starts_at")
    assert twice == datetime(2027, 10, 31, 0, 30, tzinfo=UTC)
    with pytest.raises(Refused, match="not a time zone"):
        plans.at_wall(datetime(2027, 1, 1), "Mars/Olympus", "starts_at")


def test_leads_and_states_that_make_no_sense_are_refused() -> None:
    assert plans.leads(4320, [60, 1440, 60]) == (1440, 60)
    for announce, reminders in ((-1, []), (90_000, []), (60, [60]), (60, [0]), (4320, [1, 2, 3, 4, 5, 6])):
        with pytest.raises(Refused):
            plans.leads(announce, reminders)
    assert plans.component_states({"a": "", "b": "degraded"}) == {
        "a": "under_maintenance",
        "b": "degraded_performance",
    }
    for state in ("operational", "on fire"):
        with pytest.raises(Refused):
            plans.component_states({"a": state})


def test_whoever_planned_it_approves_it_only_where_nobody_else_may() -> None:
    assert plans.may_approve("ben", ["ana"], "another", 3) == "Approved by another person."
    assert "nobody else" in plans.may_approve("ana", ["ana"], "another", 0)
    assert "as this installation allows" in plans.may_approve("ana", ["ana"], "anyone", 3)
    with pytest.raises(Refused, match="maintenance.own"):
        plans.may_approve("ana", ["ana"], "another", 1)


def test_an_extension_is_later_than_the_end_and_than_now() -> None:
    ends = NOW + HOUR
    plans.check_extension(ends, ends + HOUR, NOW, NOW)
    for until, now in ((ends, NOW), (ends + HOUR, ends + 2 * HOUR), (NOW + 31 * DAY, NOW)):
        with pytest.raises(Refused):
            plans.check_extension(ends, until, now, NOW)
