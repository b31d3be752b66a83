"""What a drill showed, read off its log: times, roles, tasks, injects, steps, the four parts of crisis ability, gaps."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quarterdeck.core.drills import scoring
from quarterdeck.core.drills.scoring import Expected, Figures, Inject, Judgement, Rating, Setting
from quarterdeck.core.drills.scoring.score import score
from quarterdeck.core.drills.scoring.shapes import Item
from quarterdeck.core.incidents import acknowledge_task, give_task
from quarterdeck.core.incidents.events import (
    CalloutAnswered,
    ChecklistDone,
    EntryWritten,
    HandoverBriefed,
    HandoverEffective,
    HandoverOffered,
    MessageReleased,
    Resolved,
    RoleCalled,
    RoleTaken,
    SeveritySet,
)
from support.incident_case import ANA, BEN, CHO, TEMPLATE, Case, declared

MINUTE = timedelta(minutes=1)


def drill(**said: object) -> Case:
    """Cho facilitates and declares; Ana is called for command."""
    return declared(CHO, drill=True, severity=None, **said)


def setting(case: Case, minutes: float | None = 60, **more: object) -> Setting:
    start = case.log[0].at
    ended = start + timedelta(minutes=minutes) if minutes is not None else None
    return Setting(start, ended or case.now, facilitator="cho", ended_at=ended, **more)  # type: ignore[arg-type]


def run(case: Case, minutes: float | None = 60, **more: object) -> scoring.Result:
    return scoring.result(case.log, TEMPLATE, setting(case, minutes, **more))


def led(case: Case) -> Case:
    """Ana is paged at minute 1, answers at minute 3, and takes command at minute 4."""
    case.pass_time(minutes=1)
    case.record("engine", [RoleCalled("commander", "ana", "c-1")])
    case.pass_time(minutes=2)
    case.record(ANA, [CalloutAnswered("c-1", "commander", "ana")])
    case.pass_time(minutes=1)
    case.record("engine", [RoleTaken("a-2", "commander", "ana", previous="cho", exclusive=True)])
    return case


def said(found: scoring.Result, key: str, role: str = "") -> Item:
    items = found.role(role).items if role else found.items  # type: ignore[union-attr]
    return next(i for i in items if i.key == key)


def test_times_count_from_the_log_and_name_the_events_they_come_from() -> None:
    case = led(drill())
    case.pass_time(minutes=4)
    case.record(ANA, [SeveritySet(3, 1)])
    case.pass_time(minutes=5)
    case.record(ANA, [MessageReleased("m-1", "hash", "executives", "Checkout is down")])
    case.pass_time(minutes=30)
    case.record(ANA, [MessageReleased("m-2", "hash", "customers_all", "Checkout is down")])
    found = run(case)
    assert said(found, "acknowledge").measured == 2 * MINUTE
    assert [e.seq for e in said(found, "acknowledge").evidence] == [
        s.seq for s in case.log if isinstance(s.event, (RoleCalled, CalloutAnswered))
    ]
    assert (said(found, "command").measured, said(found, "command").verdict) == (3 * MINUTE, "met")
    assert said(found, "severity").measured == 8 * MINUTE
    assert (said(found, "internal_update").measured, said(found, "internal_update").verdict) == (
        13 * MINUTE,
        "met",
    )
    late = said(found, "public_update")
    # The structure promises the public a word every 15 minutes at severity 1.
    assert (late.measured, late.at_most, late.verdict, late.share) == (43 * MINUTE, 15 * MINUTE, "late", 0.5)


def test_what_was_not_seen_counts_for_nothing_and_never_as_zero() -> None:
    found = run(led(drill()))
    handovers = said(found, "handovers")
    assert (handovers.verdict, handovers.share) == ("not_seen", None)
    nothing = Item("x", "X", "", "not_seen", None)
    met = Item("y", "Y", "", "met", 1.0)
    assert score([nothing, met], []) == 100 and score([nothing], []) is None
    assert score([met], [Rating("commander", "delegation", None, "words alone")]) == 100


shares = st.lists(st.one_of(st.none(), st.floats(0, 1)), max_size=12)
points = st.lists(st.one_of(st.none(), st.integers(0, 4)), max_size=8)


@given(shares, points)
def test_a_score_lies_between_what_it_is_made_of(some: list[float | None], given_: list[int | None]) -> None:
    items = [Item(str(n), "", "", "", share) for n, share in enumerate(some)]
    ratings = [Rating("r", str(n), p) for n, p in enumerate(given_)]
    found = score(items, ratings)
    seen = [100 * s for s in some if s is not None] + [25.0 * p for p in given_ if p is not None]
    if not seen:
        assert found is None
    else:
        assert found is not None and min(seen) - 1 <= found <= max(seen) + 1


def test_time_in_a_pause_does_not_count() -> None:
    case = drill()
    start = case.now
    case.pass_time(minutes=20)
    case.record("engine", [RoleTaken("a-2", "commander", "ana", previous="cho", exclusive=True)])
    pause = ((start + MINUTE, start + 18 * MINUTE),)
    assert said(run(case), "command").verdict == "late"
    assert said(run(case, pauses=pause), "command").measured == 3 * MINUTE


def test_the_facilitator_is_not_in_the_drill() -> None:
    case = drill()
    case.pass_time(minutes=2)
    case.record(CHO, [EntryWritten("n-1", "note", "The phones ring")])
    inject = Inject("phones", "The phones ring", case.now, "")
    found = run(case, injects=(inject,))
    assert said(found, "command").verdict == "missed"
    assert found.injects[0].verdict == "missed" and "commander" in {r.role for r in found.roles}
    assert found.role("commander").people == ()  # type: ignore[union-attr]


def test_an_inject_is_answered_by_whom_it_is_for_within_its_time() -> None:
    case = led(drill())
    case.give_role("technical_lead", BEN)
    fired = case.now
    case.pass_time(minutes=4)
    case.record(ANA, [EntryWritten("n-1", "note", "I look")])
    case.pass_time(minutes=4)
    entry = case.record(BEN, [EntryWritten("n-2", "note", "The replica lags")])
    place = next(s.seq for s in case.log if s.event is entry[0])
    for_ben = Inject("replica", "The replica lags", fired, "technical_lead", 10 * MINUTE)
    for_all = Inject("press", "The press calls", fired, "", 3 * MINUTE)
    later = replace(for_all, key="later", fired_at=None)
    ben, everybody = run(case, injects=(for_ben, for_all, later)).injects
    assert (ben.verdict, ben.measured, [e.seq for e in ben.evidence]) == ("met", 8 * MINUTE, [place])
    assert (everybody.verdict, everybody.measured) == ("late", 4 * MINUTE)


def test_an_expected_step_is_met_late_missed_waiting_or_said_by_the_facilitator() -> None:
    case = led(drill())
    steps = (
        Expected("cmd", "commander", "Take command", 5, "command"),
        Expected("sev", "commander", "Set the severity", 10, "severity"),
        Expected("tell", "", "Tell the public", 30, "public_update"),
        Expected("calm", "commander", "Speak calmly", 10),
        Expected("read", "commander", "Read the task back", 10),
    )
    heard = (Judgement("step:read", "missed", "never"),)
    early = run(case, None, expected=steps)
    assert [i.verdict for i in early.steps] == ["met", "waiting", "waiting", "not_seen", "not_seen"]
    case.pass_time(minutes=20)
    case.record(ANA, [SeveritySet(3, 2)])
    found = run(case, expected=steps, judgements=heard)
    assert [i.verdict for i in found.steps] == ["met", "late", "missed", "not_seen", "missed"]
    assert "never" in found.steps[-1].note
    assert [g.key for g in scoring.gaps(found) if g.kind == "step"] == ["step:tell", "step:read"]


@pytest.mark.requirement("R-251")
def test_each_of_the_four_parts_of_crisis_ability_is_an_item_of_every_role_that_was_held() -> None:
    case = led(drill())
    case.record(ANA, [ChecklistDone("commander", "triage", 0, "Announce yourself")])
    case.give_role("technical_lead", BEN)
    task = give_task(
        case.incident, TEMPLATE, ANA, task_id="t-1", title="Look at the pool", assignee="ben", minutes=10
    )
    case.record(ANA, task)
    case.pass_time(seconds=40)
    case.record(BEN, acknowledge_task(case.incident, BEN, task_id="t-1"))
    for n in range(3):
        case.pass_time(minutes=12)
        case.record(ANA, [EntryWritten(f"n-{n}", "note", "State?")])
    found = run(case, 45)
    commander = {k: said(found, k, "commander").verdict for k in scoring_parts()}
    # Nothing was asked of the commander: coordination is not seen.
    assert commander == {
        "plan_activation": "met",
        "coordination": "not_seen",
        "delegation": "met",
        "monitoring": "met",
    }
    lead = {k: said(found, k, "technical_lead").verdict for k in scoring_parts()}
    assert lead == {
        "plan_activation": "missed",
        "coordination": "met",
        "delegation": "missed",
        "monitoring": "missed",
    }
    proposed = {g.key for g in scoring.gaps(found) if g.kind == "ability"}
    assert {"ability:technical_lead:delegation", "ability:technical_lead:monitoring"} <= proposed


def scoring_parts() -> tuple[str, ...]:
    return ("plan_activation", "coordination", "delegation", "monitoring")


def test_a_handover_is_clean_only_with_a_briefing() -> None:
    case = led(drill())
    for number, briefed in enumerate((True, False)):
        key = f"h-{number}"
        case.record(ANA, [HandoverOffered(key, "commander", "a-2", "ana", "ben")])
        if briefed:
            case.record(ANA, [HandoverBriefed(key, "All is said")])
        case.record(BEN, [HandoverEffective(key, f"a-9{number}", "commander", "ana", "ben")])
    found = said(run(case), "handovers")
    assert (found.share, found.note) == (0.5, "1 of 2 with a briefing")


@pytest.mark.requirement("R-190")
def test_a_needed_role_that_nobody_held_is_a_gap_and_a_repeated_one_says_so() -> None:
    case = led(drill())
    resolved = case.log[-1].at
    found = run(case)
    gaps = scoring.gaps(found)
    # Never a role the structure did not ask for.
    assert {g.role for g in gaps if g.kind == "role"} <= {"communications_lead", "deputy", "technical_lead"}
    keys = [g.key for g in gaps]
    assert "update" in {g.kind for g in gaps} and len(keys) == len(set(keys))
    again = scoring.gaps(found, before=keys[:1])
    assert [g.repeated for g in again] == [n == 0 for n in range(len(keys))]
    assert resolved <= case.now


def test_the_time_to_restore_is_the_drill_time_of_the_resolution() -> None:
    case = led(drill())
    case.pass_time(minutes=36)
    case.record(ANA, [Resolved("fixed", case.now)])
    assert scoring.figures(run(case)).restore == 40 * 60


@pytest.mark.requirement("R-189")
def test_the_comparison_has_the_median_and_a_trend_once_there_are_enough() -> None:
    course = [Figures(command=s, score=p) for s, p in ((600, 40), (500, 50), (300, 60), (200, 61))]
    assert scoring.trend("command", course[:3]) == scoring.Trend(3, 500.0, "")
    assert scoring.trend("command", course) == scoring.Trend(4, 400.0, "better")
    assert scoring.trend("score", course).direction == "better"
    assert scoring.trend("score", course[::-1]).direction == "worse"
    assert scoring.trend("restore", course) == scoring.Trend(0, None, "")
    assert scoring.trend("command", [Figures(command=300)] * 5).direction == "steady"
