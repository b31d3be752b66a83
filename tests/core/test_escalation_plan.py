"""The plan of an escalation: order, waits, rounds, nobody, the catch-all and the end."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quarterdeck.core.escalation.plan import (
    MAX_FIRINGS,
    MAX_REPEATS,
    MAX_STEPS,
    Plan,
    Position,
    Resolved,
    check,
    plan,
    preview,
)
from quarterdeck.core.escalation.policy import Policy, Step, Target
from quarterdeck.core.kernel.refused import Refused

NOW = datetime(2026, 11, 18, 3, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
SECOND = timedelta(seconds=1)
PRIMARY, SECONDARY, BOSS, TEAM = (
    Target("schedule", "primary"),
    Target("schedule", "secondary"),
    Target("person", "cleo"),
    Target("team", "payments"),
)
PEOPLE = {PRIMARY: ("ana",), SECONDARY: ("ben",), BOSS: ("cleo",), TEAM: ("ana", "dan")}


def roster(people=PEOPLE):
    return lambda target: Resolved(
        people.get(target, ()), nobody_because=f"Nobody is on call in {target.ref}"
    )


def a_policy(*steps, repeats=0, catch_all=(BOSS,)):
    return Policy(
        "p", "Payments", tuple(Step(tuple(s), 5 * MINUTE) for s in steps), repeats, tuple(catch_all)
    )


def run(policy, on_call=None, now=NOW, late=timedelta(0)):
    """Every plan of a run nobody acknowledges, the engine coming `late` to each step."""
    plans, position = [], Position()
    while position is not None:
        plans.append(plan(policy, position, now, on_call or roster()))
        position, now = plans[-1].next, (plans[-1].wake_at or now) + late
    return plans


def paged(plans):
    return [(p.person, p.cycle, p.step) for each in plans for p in each.pages]


def test_the_first_step_pages_who_is_on_call_and_looks_again_after_its_wait():
    found = plan(a_policy([PRIMARY], [SECONDARY]), Position(), NOW, roster())
    assert [p.person for p in found.pages] == ["ana"]
    assert found.wake_at == NOW + 5 * MINUTE
    assert found.next == Position(1, 0, NOW + 5 * MINUTE)
    assert not found.exhausted


def test_a_page_says_why_in_words():
    on_call = lambda t: Resolved(("ana",), because={"ana": "Ana is on call in Payments primary"})  # noqa: E731
    found = plan(a_policy([PRIMARY], [SECONDARY], [BOSS]), Position(), NOW, on_call)
    assert found.pages[0].reason == "Ana is on call in Payments primary (step 1 of 3, first round)"
    assert found.reason == (
        "Step 1 of 3, first round: 1 person is paged. "
        "Without an acknowledgement step 2 of 3, first round follows in 5 min."
    )


def test_without_an_acknowledgement_every_step_fires_and_the_catch_all_ends_in_an_alarm():
    plans = run(a_policy([PRIMARY], [SECONDARY], repeats=1))
    assert paged(plans) == [("ana", 0, 0), ("ben", 0, 1), ("ana", 1, 0), ("ben", 1, 1), ("cleo", 2, 0)]
    assert [p.exhausted for p in plans] == [False, False, False, False, True]
    assert plans[-1].next is None
    assert plans[-1].wake_at is None
    assert plans[-1].reason == (
        "Nobody acknowledged any step in 2 rounds; the catch-all is called, and nobody further is named."
    )


def test_a_look_before_the_step_is_due_pages_nobody_and_keeps_the_time():
    policy = a_policy([PRIMARY], [SECONDARY])
    first = plan(policy, Position(), NOW, roster())
    early = plan(policy, first.next, NOW + MINUTE, roster())
    assert early.pages == ()
    assert early.next == first.next
    assert early.wake_at == NOW + 5 * MINUTE
    assert early.reason == "Step 2 of 2, first round is due at 2026-11-18T03:05:00Z."


def test_a_position_without_a_time_is_due_now():
    first = plan(a_policy([PRIMARY], [SECONDARY]), Position(), NOW, roster())
    pulled = plan(a_policy([PRIMARY], [SECONDARY]), replace(first.next, due_at=None), NOW, roster())
    assert [p.person for p in pulled.pages] == ["ben"]


def test_a_late_engine_fires_one_step_and_waits_from_there():
    policy = a_policy([PRIMARY], [SECONDARY], [BOSS])
    first = plan(policy, Position(), NOW, roster())
    late = plan(policy, first.next, NOW + 60 * MINUTE, roster())
    assert [p.person for p in late.pages] == ["ben"]
    assert late.wake_at == NOW + 65 * MINUTE


def test_a_step_with_nobody_is_skipped_at_once_and_shown():
    found = plan(a_policy([PRIMARY], [SECONDARY], [BOSS]), Position(), NOW, roster({SECONDARY: ("ben",)}))
    assert [p.person for p in found.pages] == ["ben"]
    assert found.skipped[0].target == PRIMARY
    assert (
        found.skipped[0].reason == "Nobody is on call in primary (step 1 of 3, first round, skipped at once)"
    )
    assert found.next == Position(2, 0, NOW + 5 * MINUTE)


def test_a_target_with_nobody_is_shown_beside_those_who_are_paged():
    found = plan(a_policy([PRIMARY, SECONDARY]), Position(), NOW, roster({SECONDARY: ("ben",)}))
    assert [p.person for p in found.pages] == ["ben"]
    assert (
        found.skipped[0].reason
        == "Nobody is on call in primary (step 1 of 1, first round, others were paged)"
    )


def test_skipping_the_last_step_of_a_round_goes_on_with_the_next_round_at_once():
    policy = a_policy([PRIMARY], [SECONDARY], repeats=1)
    second = plan(policy, Position(1, 0), NOW, roster({PRIMARY: ("ana",)}))
    assert paged([second]) == [("ana", 1, 0)]
    assert [s.step for s in second.skipped] == [1]


def test_a_policy_in_which_every_step_is_empty_calls_the_catch_all_at_once():
    found = plan(a_policy([PRIMARY], [SECONDARY], repeats=5), Position(), NOW, roster({BOSS: ("cleo",)}))
    assert [p.person for p in found.pages] == ["cleo"]
    assert len(found.skipped) == 2
    assert found.exhausted
    assert found.reason.startswith("No step of this policy reaches anybody now; the catch-all is called")


def test_a_policy_without_steps_calls_the_catch_all():
    found = plan(a_policy(), Position(), NOW, roster())
    assert [p.person for p in found.pages] == ["cleo"]
    assert found.pages[0].reason == "cleo is named in the policy (catch-all)"
    assert found.reason.startswith("This policy has no steps; the catch-all is called")


def test_nobody_at_all_is_exhausted_with_a_reason():
    found = plan(a_policy([PRIMARY]), Position(), NOW, roster({}))
    assert found == replace(found, pages=(), next=None, wake_at=None, exhausted=True)
    assert found.reason == "No step of this policy reaches anybody now; the catch-all reaches nobody either."
    assert [s.target for s in found.skipped] == [PRIMARY, BOSS]


def test_an_empty_policy_without_a_catch_all_is_exhausted_with_a_reason():
    found = plan(a_policy(catch_all=()), Position(), NOW, roster())
    assert found == Plan((), (), None, None, True, "This policy has no steps; no catch-all is set.")


def test_a_step_that_names_nobody_is_shown():
    found = plan(a_policy([], [PRIMARY]), Position(), NOW, roster())
    assert found.skipped[0].target is None
    assert found.skipped[0].reason == "No target is named (step 1 of 2, first round, skipped at once)"


def test_a_person_reached_twice_by_one_step_is_paged_once():
    found = plan(a_policy([PRIMARY, TEAM]), Position(), NOW, roster())
    assert [p.person for p in found.pages] == ["ana", "dan"]
    assert found.pages[0].target == PRIMARY


def test_a_position_past_the_end_pages_nobody():
    found = plan(a_policy([PRIMARY]), Position(0, 2), NOW, roster())
    assert (found.pages, found.exhausted, found.wake_at) == ((), True, None)


def test_the_preview_shows_each_firing_with_its_offset():
    rungs = preview(a_policy([PRIMARY], [SECONDARY]), NOW, lambda t, at: roster()(t))
    assert [(r.offset, [p.person for p in r.pages]) for r in rungs] == [
        (0 * MINUTE, ["ana"]),
        (5 * MINUTE, ["ben"]),
        (10 * MINUTE, ["cleo"]),
    ]
    assert [r.exhausted for r in rungs] == [False, False, True]


def test_the_preview_asks_who_is_on_call_at_the_time_of_each_firing():
    def on_call(target, at):
        return Resolved(("day",) if at >= NOW + 5 * MINUTE else ("night",))

    rungs = preview(a_policy([PRIMARY], repeats=1, catch_all=()), NOW, on_call)
    assert [[p.person for p in r.pages] for r in rungs] == [["night"], ["day"], []]


@pytest.mark.parametrize(
    ("policy", "code"),
    [
        (a_policy(*[[PRIMARY]] * 21), "policy.too_many_steps"),
        (a_policy([PRIMARY], repeats=11), "policy.repeats"),
        (a_policy([PRIMARY], []), "policy.empty_step"),
        (Policy("p", "P", (Step((PRIMARY,), timedelta(0)),)), "policy.wait"),
        (a_policy(catch_all=()), "policy.nobody"),
    ],
)
def test_a_policy_beyond_the_caps_is_refused(policy, code):
    with pytest.raises(Refused) as refusal:
        check(policy)
    assert refusal.value.code == code


def test_an_ordinary_policy_is_accepted():
    check(a_policy([PRIMARY], [SECONDARY], repeats=MAX_REPEATS))


targets = st.sampled_from([PRIMARY, SECONDARY, BOSS, TEAM])
policies = st.builds(
    Policy,
    key=st.just("p"),
    name=st.just("P"),
    steps=st.lists(
        st.builds(
            Step,
            targets=st.lists(targets, max_size=3).map(tuple),
            wait=st.integers(-5, 600).map(lambda m: m * MINUTE),
        ),
        max_size=25,
    ).map(tuple),
    repeats=st.integers(-1, 30),
    catch_all=st.lists(targets, max_size=2).map(tuple),
)
rosters = st.dictionaries(targets, st.lists(st.sampled_from("abcd"), max_size=3, unique=True).map(tuple))


@given(policies, rosters)
def test_every_run_ends_in_order_and_exactly_once(policy, people):
    plans = run(policy, roster(people))
    assert len(plans) <= MAX_FIRINGS
    assert [p.exhausted for p in plans] == [False] * (len(plans) - 1) + [True]
    fired = [(p.cycle, p.step) for each in plans for p in (*each.skipped, *each.pages)]
    assert fired == sorted(fired)
    assert max(fired, default=(0, 0)) <= (MAX_REPEATS + 1, 0)


@given(policies, rosters)
def test_somebody_is_paged_whenever_anybody_stands_for_a_target(policy, people):
    named = [t for s in policy.steps[:MAX_STEPS] for t in s.targets] + list(policy.catch_all)
    assert bool(paged(run(policy, roster(people)))) == any(people.get(t) for t in named)


@given(policies, rosters)
def test_every_step_that_reaches_somebody_fires_in_every_round(policy, people):
    steps = policy.steps[:MAX_STEPS]
    reach = [n for n, s in enumerate(steps) if any(people.get(t) for t in s.targets)]
    rounds = min(max(policy.repeats, 0), MAX_REPEATS) + 1
    wanted = [(c, n) for c in range(rounds) for n in reach]
    fired = list(dict.fromkeys((c, n) for _, c, n in paged(run(policy, roster(people)))))
    assert [f for f in fired if f[0] < rounds] == wanted


@given(policies, rosters)
def test_a_person_is_paged_at_most_once_a_step_and_round(policy, people):
    pages = paged(run(policy, roster(people)))
    assert len(pages) == len(set(pages))


@given(policies, rosters, st.lists(st.integers(0, 900), max_size=20), st.integers(0, 120))
def test_extra_looks_and_a_late_engine_change_nothing_about_who_is_paged(policy, people, looks, late):
    on_call, plans, position, now = roster(people), [], Position(), NOW
    while position is not None:
        wake = position.due_at or NOW
        for seconds in looks if wake > now else ():
            found = plan(policy, position, min(now + timedelta(seconds=seconds), wake - SECOND), on_call)
            assert found.pages == ()
            position = found.next
        now = wake + timedelta(seconds=late)
        plans.append(plan(policy, position, now, on_call))
        position = plans[-1].next
    assert paged(plans) == paged(run(policy, on_call))


@given(policies, rosters)
def test_the_preview_is_the_run(policy, people):
    rungs = preview(policy, NOW, lambda t, at: roster(people)(t))
    assert paged(rungs) == paged(run(policy, roster(people)))
