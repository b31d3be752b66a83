"""Swaps, taking a shift now, and finding cover: who may do what, what it leads to, and what is refused."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from functools import reduce

import pytest

from quarterdeck.core.kernel.refused import Refused
from quarterdeck.core.oncall import Absence, Layer, Schedule, Turn, check, cover, on_call, shifts, swaps
from quarterdeck.core.oncall.cover import Cover, CoverAsked, CoverFailed, CoverTaken
from quarterdeck.core.oncall.swaps import Slot, Swap, SwapAccepted, SwapExpired, SwapOffered
from quarterdeck.core.oncall.taking import take_now

HOUR, DAY, WEEK = timedelta(hours=1), timedelta(days=1), timedelta(weeks=1)
MONDAY = datetime(2026, 11, 2, 9, tzinfo=UTC)
NOW = MONDAY + HOUR


def a_schedule(*people, **more):
    layer = Layer("l", "Primary", people, Turn("weeks"), time(9), None, MONDAY, None, "UTC", **more)
    return Schedule("s", "payments", "Payments", "UTC", (layer,))


WEEKLY = a_schedule("ana", "ben", "cleo")
KNOWN = {"s": WEEKLY}
BENS = Slot("s", "ben", MONDAY + WEEK, MONDAY + 2 * WEEK)
CLEOS = Slot("s", "cleo", MONDAY + 2 * WEEK, MONDAY + 3 * WEEK)


def a_swap(**changes):
    return replace(Swap("w", BENS, "cleo", CLEOS, "ben", NOW, NOW + 2 * DAY, "wedding"), **changes)


def code(call, *args, **more):
    with pytest.raises(Refused) as refusal:
        call(*args, **more)
    return refusal.value.code


def after(evolve, events, before=None):
    return reduce(evolve, events, before)


def offered(**changes):
    return after(swaps.evolve, swaps.offer(a_swap(**changes), KNOWN, NOW))


def with_overrides(schedule, *overrides):
    changed = replace(schedule, overrides=(*schedule.overrides, *overrides))
    check(changed)
    return changed


def test_an_offer_that_is_accepted_replaces_both_and_nothing_else():
    events = swaps.accept(offered(), KNOWN, "cleo", NOW + HOUR)
    assert events == [SwapAccepted(NOW + HOUR, "cleo")]
    done = after(swaps.evolve, events, offered())
    made = swaps.replacements(done, ["o1", "o2"])
    assert [schedule for schedule, _ in made] == ["s", "s"]
    found = shifts(with_overrides(WEEKLY, *[o for _, o in made]), MONDAY, MONDAY + 4 * WEEK)
    assert [(s.person, s.source) for s in found] == [
        ("ana", "layer"), ("cleo", "swap"), ("ben", "swap"), ("ana", "layer"),
    ]  # fmt: skip
    assert found[1].reason == "swap: wedding"


def test_nobody_gives_away_more_than_a_year():
    alone = {"s": a_schedule("ben")}
    years = Slot("s", "ben", MONDAY + WEEK, MONDAY + timedelta(days=500))
    assert code(swaps.offer, a_swap(give=years, take=None), alone, NOW) == "swap.long"
    wanted = Cover("c", years, ("cleo",), 30, "ben")
    assert code(cover.want, wanted, alone, NOW) == "swap.long"


def test_a_shift_can_be_given_away_for_nothing():
    swap = after(swaps.evolve, swaps.accept(offered(take=None), KNOWN, "cleo", NOW), offered(take=None))
    assert len(swaps.replacements(swap, ["o1"])) == 1


def test_an_accepted_swap_stands_when_the_shift_is_given_on():
    first = swaps.evolve(offered(take=None), SwapAccepted(NOW, "cleo"))
    schedule = with_overrides(WEEKLY, *[o for _, o in swaps.replacements(first, ["o1"])])
    on = a_swap(give=replace(BENS, person="cleo"), other="ana", take=None, made_by="cleo")
    second = after(swaps.evolve, [*swaps.offer(on, {"s": schedule}, NOW), SwapAccepted(NOW, "ana")])
    schedule = with_overrides(schedule, *[o for _, o in swaps.replacements(second, ["o2"])])
    assert on_call(schedule, BENS.starts_at).person == "ana"


def test_an_offer_ends_before_its_first_shift_begins():
    swap = offered(expires_at=NOW + 100 * DAY)
    assert swap.expires_at == BENS.starts_at
    assert swaps.expire(swap, BENS.starts_at - HOUR) == []
    assert swaps.expire(swap, BENS.starts_at) == [SwapExpired(BENS.starts_at)]
    assert code(swaps.accept, offered(), KNOWN, "cleo", NOW + 3 * DAY) == "swap.expired"


def test_a_manager_arranges_a_swap_with_a_reason_and_it_holds_at_once():
    events = swaps.arrange(a_swap(made_by="max"), KNOWN, NOW)
    assert [type(e) for e in events] == [SwapOffered, SwapAccepted]
    done = after(swaps.evolve, events)
    assert (done.state, done.ended_by) == ("accepted", "max")
    assert code(swaps.arrange, a_swap(made_by="max", reason=" "), KNOWN, NOW) == "swap.reason"


def test_answers_are_counted_once():
    said = swaps.evolve(offered(), SwapAccepted(NOW, "cleo"))
    assert swaps.accept(said, KNOWN, "cleo", NOW) == []
    no = after(swaps.evolve, swaps.decline(offered(), "cleo", NOW), offered())
    assert (no.state, swaps.decline(no, "cleo", NOW)) == ("declined", [])
    back = after(swaps.evolve, swaps.withdraw(offered(), "ben", NOW), offered())
    assert (back.state, swaps.withdraw(back, "ben", NOW)) == ("withdrawn", [])
    gone = swaps.evolve(offered(), SwapExpired(NOW))
    assert (gone.state, swaps.expire(gone, NOW + WEEK)) == ("expired", [])


@pytest.mark.parametrize("state", ["accepted", "declined", "withdrawn", "expired"])
def test_what_is_over_cannot_be_answered(state):
    over = replace(offered(), state=state)
    calls = [lambda: swaps.withdraw(over, "max", NOW, manager=True)] if state != "withdrawn" else []
    if state != "accepted":
        calls.append(lambda: swaps.accept(over, KNOWN, "cleo", NOW))
    if state != "declined":
        calls.append(lambda: swaps.decline(over, "cleo", NOW))
    assert {code(call) for call in calls} == {f"swap.{state}"}


@pytest.mark.parametrize(
    ("changes", "wanted"),
    [
        ({"made_by": "cleo"}, "swap.not_yours"),
        ({"other": "ben", "take": None}, "swap.same"),
        ({"take": replace(CLEOS, person="ana")}, "swap.other"),
        ({"give": replace(BENS, starts_at=MONDAY)}, "swap.past"),
        ({"give": replace(BENS, starts_at=MONDAY + 2 * DAY)}, "swap.not_held"),
        ({"give": replace(BENS, ends_at=BENS.starts_at)}, "swap.times"),
        ({"give": replace(BENS, schedule="other")}, "schedule.unknown"),
        ({"take": replace(CLEOS, starts_at=BENS.starts_at)}, "swap.not_held"),
        ({"expires_at": NOW}, "swap.expiry"),
    ],
)
def test_only_future_shifts_that_the_two_really_hold_are_swapped(changes, wanted):
    assert code(swaps.offer, a_swap(**changes), KNOWN, NOW) == wanted


def test_a_shift_that_changed_hands_since_the_offer_is_not_swapped():
    changed = {"s": a_schedule("ana", "dan", "cleo")}
    assert code(swaps.accept, offered(), changed, "cleo", NOW) == "swap.not_held"
    assert code(swaps.accept, offered(), KNOWN, "ana", NOW) == "swap.not_asked"
    assert code(swaps.withdraw, offered(), "cleo", NOW) == "swap.not_yours"


def test_nobody_gets_a_shift_beside_their_own_or_while_absent():
    pair = {"s": a_schedule("ana", "ben", "cleo", at_once=2)}
    beside = Slot("s", "ben", MONDAY + WEEK, MONDAY + 2 * WEEK)
    assert code(swaps.offer, a_swap(give=beside, take=None), pair, NOW) == "swap.double"
    away = {"s": replace(WEEKLY, absences=(Absence("cleo", BENS.starts_at, BENS.ends_at),))}
    assert code(swaps.offer, a_swap(), away, NOW) == "swap.absent"


def test_replacements_are_of_an_accepted_swap():
    with pytest.raises(ValueError, match="accepted"):
        swaps.replacements(offered(), ["o1", "o2"])


# Taking a shift now


def test_somebody_takes_the_shift_that_runs_until_it_ends():
    made = take_now(WEEKLY, "dan", NOW, "o1", reason="ana is on a train")
    assert (made.instead_of, made.starts_at, made.ends_at) == ("ana", NOW, MONDAY + WEEK)
    found = shifts(with_overrides(WEEKLY, made), MONDAY, MONDAY + 2 * WEEK)
    assert [s.person for s in found] == ["ana", "dan", "ben"]


def test_one_of_several_is_relieved_and_a_gap_is_filled():
    pair = a_schedule("ana", "ben", "cleo", at_once=2)
    made = take_now(pair, "dan", NOW, "o1", instead_of="ben")
    assert on_call(with_overrides(pair, made), NOW).people == ("ana", "dan")
    early = take_now(WEEKLY, "dan", MONDAY - DAY, "o1")
    assert (early.effect, early.ends_at) == ("all", MONDAY)


@pytest.mark.parametrize(
    ("schedule", "person", "more", "wanted"),
    [
        (WEEKLY, "ana", {}, "take.already"),
        (WEEKLY, "dan", {"instead_of": "ben"}, "take.not_on_call"),
        (a_schedule("ana"), "dan", {}, "take.until"),
        (WEEKLY, "dan", {"until": NOW}, "take.until"),
    ],
)
def test_what_cannot_be_taken_is_refused(schedule, person, more, wanted):
    assert code(take_now, schedule, person, NOW, "o1", **more) == wanted


# Finding cover

WANTED = Cover("c", BENS, ("cleo", "dan", "eve"), 30, "ben", "ill")
STEP = timedelta(minutes=30)


def begun():
    return after(cover.evolve, cover.want(WANTED, KNOWN, NOW))


def test_people_are_asked_in_turn_each_with_time_to_answer():
    state = begun()
    assert (state.asked, state.answer_by) == (("cleo",), NOW + STEP)
    assert cover.look(state, NOW + STEP - HOUR / 60) == []
    events = cover.look(state, NOW + STEP)
    assert events == [CoverAsked(NOW + STEP, "dan", NOW + 2 * STEP)]


def test_a_no_asks_the_next_at_once():
    events = cover.decline(begun(), "cleo", NOW + HOUR / 6)
    state = after(cover.evolve, events, begun())
    assert (state.asked, state.declined) == (("cleo", "dan"), ("cleo",))
    assert cover.decline(state, "cleo", NOW + HOUR / 3) == []


def test_who_accepts_first_has_it_also_after_their_wait():
    state = after(cover.evolve, cover.look(begun(), NOW + STEP), begun())
    events = cover.accept(state, KNOWN, "cleo", NOW + STEP + HOUR / 6)
    assert events == [CoverTaken(NOW + STEP + HOUR / 6, "cleo")]
    taken = after(cover.evolve, events, state)
    assert cover.accept(taken, KNOWN, "cleo", NOW + HOUR) == []
    assert code(cover.accept, taken, KNOWN, "dan", NOW + HOUR) == "cover.taken"
    assert cover.look(taken, NOW + WEEK) == []
    schedule = with_overrides(WEEKLY, cover.replacement(taken, "o1"))
    assert on_call(schedule, BENS.starts_at).person == "cleo"


def test_when_nobody_accepts_it_fails_and_a_late_yes_still_helps():
    state, at = begun(), NOW
    for _ in range(3):
        at += STEP
        events = cover.look(state, at)
        state = after(cover.evolve, events, state)
    assert events == [CoverFailed(at)]
    assert (state.state, state.asked) == ("failed", ("cleo", "dan", "eve"))
    assert cover.look(state, at + DAY) == []
    late = after(cover.evolve, cover.accept(state, KNOWN, "dan", at + DAY), state)
    assert (late.state, late.taken_by) == ("taken", "dan")


def test_after_a_pause_of_the_engine_one_person_is_asked_with_the_whole_wait():
    events = cover.look(begun(), NOW + 5 * STEP)
    assert events == [CoverAsked(NOW + 5 * STEP, "dan", NOW + 6 * STEP)]


def test_asking_ends_when_the_shift_begins():
    assert cover.look(begun(), BENS.starts_at) == [CoverFailed(BENS.starts_at)]
    assert code(cover.accept, begun(), KNOWN, "cleo", BENS.starts_at + HOUR) == "swap.past"
    late = BENS.starts_at - HOUR / 6
    assert after(cover.evolve, cover.want(WANTED, KNOWN, late)).answer_by == BENS.starts_at


def test_who_is_on_call_beside_it_or_absent_is_not_asked_and_nobody_left_fails_at_once():
    away = replace(WEEKLY, absences=(Absence("cleo", BENS.starts_at, BENS.ends_at),))
    assert after(cover.evolve, cover.want(WANTED, {"s": away}, NOW)).asked == ("dan",)
    events = cover.want(replace(WANTED, candidates=("ben",)), KNOWN, NOW)
    assert events[1:] == [CoverFailed(NOW)]


def test_cover_is_refused_and_withdrawn_by_those_who_may():
    assert code(cover.want, replace(WANTED, wait_minutes=0), KNOWN, NOW) == "cover.wait"
    assert code(cover.accept, begun(), KNOWN, "dan", NOW) == "cover.not_asked"
    assert code(cover.decline, begun(), "dan", NOW) == "cover.not_asked"
    assert code(cover.withdraw, begun(), "dan", NOW) == "cover.not_yours"
    gone = after(cover.evolve, cover.withdraw(begun(), "max", NOW, manager=True), begun())
    assert (gone.state, cover.withdraw(gone, "ben", NOW)) == ("withdrawn", [])
    assert code(cover.accept, gone, KNOWN, "cleo", NOW) == "cover.withdrawn"
    taken = cover.evolve(begun(), CoverTaken(NOW, "cleo"))
    assert code(cover.withdraw, taken, "ben", NOW) == "cover.taken"


def test_who_carries_least_is_asked_first():
    order = cover.volunteers(["ana", "ben", "cleo", "dan"], BENS, {"ana": 50.0, "cleo": 10.0, "dan": 30.0})
    assert order == ("cleo", "dan", "ana")
