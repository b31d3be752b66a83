"""When a step applies: severities, times of day, one of several; and what a policy is refused for."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quarterdeck.core.alerts import signal
from quarterdeck.core.escalation.conditions import Cause, is_open, needs, told
from quarterdeck.core.escalation.lint import check
from quarterdeck.core.escalation.plan import Position, Resolved, plan, preview
from quarterdeck.core.escalation.policy import SEVERITIES, Policy, Step, Target, Window
from quarterdeck.core.kernel.refused import Refused

MINUTE = timedelta(minutes=1)
SATURDAY = datetime(2026, 11, 21, 2, 0, tzinfo=UTC)  # 03:00 in Berlin
NIGHT = Window(time(22), time(6), (4,), "Europe/Berlin")  # begins on Friday
OFFICE = Window(time(9), time(17), (0, 1, 2, 3, 4), "Europe/Berlin")
ANA, BEN, CLEO = (Target("person", p) for p in ("ana", "ben", "cleo"))
TEAM = Target("team", "all")


def stands(target: Target) -> Resolved:
    return Resolved(("ana", "ben", "cleo") if target == TEAM else (target.ref,))


def a_policy(
    *steps: Step, repeats: int = 0, catch_all: tuple[Target, ...] = (CLEO,), **more: object
) -> Policy:
    return Policy("p", "Payments", steps, repeats, catch_all, **more)


def first_plan(policy: Policy, cause: Cause = Cause(), now: datetime = SATURDAY):  # noqa: B008 - immutable
    return plan(policy, Position(), now, stands, cause)


def test_severities_are_those_of_alerts():
    assert SEVERITIES == signal.SEVERITIES


def test_a_step_outside_its_hours_is_skipped_at_once_and_says_why():
    found = first_plan(a_policy(Step((ANA,), windows=(OFFICE,)), Step((BEN,))))
    assert [p.person for p in found.pages] == ["ben"]
    assert [(s.applies, s.reason) for s in found.skipped] == [
        (False, "It applies Mon–Fri 09:00–17:00 Europe/Berlin, and it is Sat 03:00 there (step 1 of 2, first round,"
                " skipped at once)")
    ]  # fmt: skip


def test_a_step_for_other_severities_is_skipped_and_one_that_is_unknown_is_not():
    policy = a_policy(Step((ANA,), severities=("critical", "error")), Step((BEN,)))
    low = first_plan(policy, Cause("info"))
    assert [p.person for p in low.pages] == ["ben"]
    assert low.skipped[0].reason.startswith(
        "It is for critical or error alerts, and this one is info (step 1"
    )
    for severity in ("critical", "", "strange"):
        assert [p.person for p in first_plan(policy, Cause(severity)).pages] == ["ana"]


def test_when_no_step_applies_the_catch_all_is_called_at_once():
    found = first_plan(
        a_policy(Step((ANA,), windows=(OFFICE,)), Step((BEN,), severities=("info",)), repeats=3),
        Cause("error"),
    )
    assert ([p.person for p in found.pages], found.exhausted) == (["cleo"], True)
    assert (
        found.reason
        == "No step of this policy applies now; the catch-all is called, and nobody further is named."
    )


def test_a_night_belongs_to_the_day_on_which_it_begins():
    friday_night = datetime(2026, 11, 20, 21, 0, tzinfo=UTC)
    hours = [is_open(NIGHT, friday_night + n * 60 * MINUTE) for n in range(-1, 9)]
    assert hours == [False, *[True] * 8, False]
    assert not is_open(NIGHT, friday_night + timedelta(days=1))


def test_the_same_time_twice_is_a_whole_day_and_an_unknown_zone_pages():
    day = Window(time(8), time(8), (5,), "UTC")
    assert [is_open(day, SATURDAY + timedelta(hours=h)) for h in (5, 6, 29, 30)] == [False, True, True, False]
    assert is_open(replace(OFFICE, zone="Mars/Olympus"), SATURDAY)


@given(
    st.builds(Window, st.times(), st.times(), st.lists(st.integers(0, 6), unique=True).map(tuple),
              st.sampled_from(["UTC", "Europe/Berlin", "Australia/Lord_Howe", "America/St_Johns"])),
    st.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 1)),
)  # fmt: skip
def test_a_window_is_what_somebody_with_a_calendar_and_a_clock_says(window, naive):
    at = naive.replace(tzinfo=UTC)
    shown = at.astimezone(ZoneInfo(window.zone)).replace(tzinfo=None)
    begun = []
    for back in (0, 1):
        day = shown.date() - timedelta(days=back)
        start = datetime.combine(day, window.start)
        end = datetime.combine(day, window.end) + timedelta(days=window.end <= window.start)
        begun.append(start <= shown < end and day.weekday() in (window.weekdays or range(7)))
    assert is_open(window, at) == any(begun)


def test_one_of_pages_one_person_and_spreads_runs_over_all():
    policy = a_policy(Step((TEAM,), mode="one_of"), repeats=2)
    chosen = Counter(first_plan(policy, Cause(turn=f"run-{n}")).pages[0].person for n in range(3_000))
    assert set(chosen) == {"ana", "ben", "cleo"}
    assert min(chosen.values()) > 900
    assert all(len(first_plan(policy, Cause(turn=f"run-{n}")).pages) == 1 for n in range(50))
    assert "one of 3 in turn (step 1 of 1, first round)" in first_plan(policy).pages[0].reason


def test_each_round_takes_the_next_of_several():
    policy = a_policy(Step((TEAM,), mode="one_of"), repeats=2)
    rungs = preview(policy, SATURDAY, lambda t, at: stands(t), Cause(turn="x"))
    assert {r.pages[0].person for r in rungs[:3]} == {"ana", "ben", "cleo"}


def test_a_step_may_ring_louder_than_its_alert():
    found = first_plan(a_policy(Step((ANA,), urgency="high")))
    assert found.pages[0].urgency == "high"


def test_where_nobody_of_a_step_can_be_reached_the_next_follows_at_once():
    policy = a_policy(Step((ANA,), 30 * MINUTE), Step((BEN,), 30 * MINUTE))
    rungs = preview(policy, SATURDAY, lambda t, at: stands(t), reachable=lambda page: page.person != "ana")
    assert [(r.offset, r.pages[0].person) for r in rungs] == [
        (0 * MINUTE, "ana"), (0 * MINUTE, "ben"), (30 * MINUTE, "cleo")
    ]  # fmt: skip


def test_runs_share_a_plan_only_where_the_policy_does_not_ask_what_differs():
    assert needs(a_policy(Step((ANA,)))) == needs(a_policy(Step((ANA,), windows=(OFFICE,))))
    asked = needs(a_policy(Step((Target("role", "commander"),), severities=("info",), mode="one_of")))
    assert (asked.severity, asked.turn, asked.roles) == (True, True, True)


@pytest.mark.parametrize(
    ("window", "text"),
    [
        (NIGHT, "Fri 22:00–06:00 Europe/Berlin"),
        (replace(OFFICE, weekdays=()), "every day 09:00–17:00 Europe/Berlin"),
        (Window(time(0), time(0), (5, 6)), "Sat, Sun UTC"),
    ],
)
def test_a_window_in_words(window, text):
    assert told(window) == text


@pytest.mark.parametrize(
    ("policy", "code"),
    [
        (a_policy(Step((ANA,), severities=("sev1",))), "policy.severity"),
        (a_policy(Step((ANA,), windows=(replace(OFFICE, zone="Berlin"),))), "policy.zone"),
        (a_policy(Step((ANA,), windows=(replace(OFFICE, weekdays=(7,)),))), "policy.weekday"),
        (a_policy(Step((ANA,), windows=(OFFICE,) * 15)), "policy.too_many"),
        (a_policy(Step((ANA,) * 21)), "policy.too_many"),
        (a_policy(Step((ANA,)), catch_all=(ANA,) * 21), "policy.too_many"),
        (a_policy(Step((ANA,), mode="two_of")), "policy.mode"),
        (a_policy(Step((ANA,), urgency="loud")), "policy.urgency"),
        (a_policy(Step((ANA,)), ack_timeout=timedelta(hours=25)), "policy.ack_timeout"),
        (a_policy(*[Step((ANA,))] * 21), "policy.too_many_steps"),
        (replace(a_policy(Step((Target("role", "scribe"),))), key="role-scribe"), "policy.circular"),
        (
            replace(a_policy(Step((ANA,)), catch_all=(Target("role", "x"),)), key="commander"),
            "policy.circular",
        ),
        (a_policy(catch_all=()), "policy.nobody"),
    ],
)
def test_what_could_never_call_anybody_is_refused_with_what_to_do(policy, code):
    with pytest.raises(Refused) as refused:
        check(policy)
    assert refused.value.code == code
