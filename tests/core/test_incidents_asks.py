"""Executives: engagement by policy, help, decisions with a default, delegated limits, briefings, the brief's floor."""

from __future__ import annotations

from datetime import timedelta

import pytest

from quarterdeck.catalog import load
from quarterdeck.catalog.engagement import load_engagement
from quarterdeck.catalog.tables import CatalogError
from quarterdeck.core.access import Who
from quarterdeck.core.incidents import (
    briefings,
    clocks,
    decision_requests,
    delegations,
    engagement,
    help_requests,
)
from quarterdeck.core.incidents import events as ev
from quarterdeck.core.incidents.events import asks as said
from quarterdeck.core.kernel.refused import Refused
from support.incident_case import TEMPLATE, Case, declared

ANA, EXEC = Who("ana", frozenset({"responder"})), Who("eve", frozenset({"executive"}))
CHAIN = ("eve", "fay", "gil")


def refusal(do) -> str:
    with pytest.raises(Refused) as met:
        do()
    return met.value.code


def ask(case: Case, minutes: int = 20, key: str = "h-1") -> None:
    case.record(ANA, help_requests.ask(
        case.incident, TEMPLATE, ANA, help_id=key, kind="roadblock", text="Purchasing has closed", minutes=minutes,
        chain=CHAIN, now=case.now,
    ))  # fmt: skip


def decide(case: Case, key: str = "x-1") -> None:
    case.record(ANA, decision_requests.ask(
        case.incident, TEMPLATE, ANA, request_id=key, question="Pay the ransom?", options=("Pay", "Refuse"),
        consequences=("It may end", "We restore from backups"), recommendation="Refuse", fallback="Refuse",
        minutes=15, chain=CHAIN, now=case.now,
    ))  # fmt: skip


@pytest.mark.requirement("R-142")
@pytest.mark.requirement("X-02")
@pytest.mark.parametrize(
    ("severity", "kind", "impact", "rows"),
    [
        (5, "availability", {}, []),
        (4, "availability", {}, []),
        (3, "availability", {}, ["sev3"]),
        (2, "availability", {}, ["sev2"]),
        (1, "availability", {}, ["sev1"]),
        (1, "security", {}, ["sev1", "severe"]),
        (3, "security", {}, ["sev3"]),
        (3, "availability", {"legal": "high"}, ["sev3", "severe"]),
        (5, "availability", {"brand": "critical"}, ["severe"]),
        (2, "availability", {"brand": "medium"}, ["sev2"]),
    ],
)
def test_the_policy_says_for_every_level_whom_it_engages(severity, kind, impact, rows):
    case = declared()
    case.record("ana", [ev.SeveritySet(2, severity, reason="x"), ev.TypeSet(kind, "x")])
    case.record("ana", [ev.ImpactSet(impact, "")] if impact else [])
    events = engagement.follow(load_engagement(), case.incident, TEMPLATE, case.now, CHAIN, case.id)
    engaged = {e.rule: e for e in events if isinstance(e, said.ExecutivesEngaged)}
    assert list(engaged) == rows
    measures = {"sev3": "digest", "sev2": "heads_up", "sev1": "call", "severe": "front"}
    assert all(e.measure == measures[rule] for rule, e in engaged.items())
    planned = [e.every_minutes for e in events if isinstance(e, said.BriefingPlanned)]
    assert planned == ([30] if severity == 1 else [])
    assert all(e.liaison == (rule == "sev1") for rule, e in engaged.items())
    assert all(bool(e.roles) == (rule == "severe") for rule, e in engaged.items())


def test_each_row_takes_effect_once_and_its_briefings_end_with_the_severity():
    case, rules = declared(), load_engagement()

    def follow():
        return case.record(
            "engine", engagement.follow(rules, case.incident, TEMPLATE, case.now, CHAIN, case.id)
        )

    case.record("ana", [ev.SeveritySet(2, 1, reason="x")])
    assert [type(e).__name__ for e in follow()] == ["ExecutivesEngaged", "BriefingPlanned"]
    assert follow() == []
    case.record("ana", [ev.SeveritySet(1, 2, reason="x")])
    assert [type(e).__name__ for e in follow()] == ["ExecutivesEngaged", "BriefingCancelled"]
    case.record("ana", [ev.SeveritySet(2, 1, reason="x")])
    assert [type(e).__name__ for e in follow()] == ["BriefingPlanned"]


def test_a_policy_that_briefs_too_often_is_refused_with_its_line():
    row = '[[row]]\nkey = "a"\ntitle = "A"\nwhen = "always"\nmeasure = "call"\nbriefing = "5m"\n'
    with pytest.raises(CatalogError, match="15m"):
        load_engagement(None, {"engagement.toml": row})


@pytest.mark.requirement("X-03")
def test_executives_are_not_briefed_more_often_than_every_quarter_of_an_hour():
    case = declared()
    code = refusal(lambda: clocks.set_clock(
        case.incident, TEMPLATE, ANA, audience="executives", every=timedelta(minutes=5), at=case.now
    ))  # fmt: skip
    assert code == "clock.executives"
    assert clocks.set_clock(
        case.incident, TEMPLATE, ANA, audience="executives", every=timedelta(minutes=15), at=case.now
    )
    due = case.now + timedelta(minutes=15)
    case.record("ana", [ev.ClockStarted("executives", 900, due, "executive_liaison", remind_seconds=120)])
    said = []
    for _ in range(30):  # due soon, overdue, and still overdue: each is said once, at its minute
        case.pass_time(minutes=1)
        found = case.record("engine", clocks.due_events(case.incident, case.now))
        said += [
            ((case.now - due) // timedelta(minutes=1), type(e).__name__, getattr(e, "level", 0))
            for e in found
        ]
    assert said == [(-2, "ClockReminded", 0), (5, "ClockOverdue", 1), (10, "ClockOverdue", 2)]


@pytest.mark.requirement("X-03")
def test_the_shipped_brief_of_a_sev1_is_due_every_half_hour():
    assert load().template("software").clocks["executives"] == {
        1: timedelta(minutes=30),
        2: timedelta(minutes=60),
    }


@pytest.mark.requirement("R-146")
@pytest.mark.parametrize("lacking", list(briefings.FIELDS))
def test_a_brief_that_lacks_a_field_is_refused(lacking):
    case = declared()
    fields = dict.fromkeys(briefings.FIELDS, "Something") | {lacking: "  "}
    later = case.now + timedelta(minutes=30)
    assert refusal(lambda: briefings.brief_content(fields, later, case.now)) == f"{lacking}.missing"
    whole = dict.fromkeys(briefings.FIELDS, "Something")
    assert refusal(lambda: briefings.brief_content(whole, case.now, case.now)) == "next_at.past"
    assert briefings.brief_content(whole, later, case.now).next_update_at == later


def test_help_is_asked_by_the_commander_and_answered_by_executives():
    case = declared()
    ask(case)
    assert refusal(lambda: help_requests.accept(case.incident, ANA, help_id="h-1")) == "help.executive"
    case.record(EXEC, help_requests.accept(case.incident, EXEC, help_id="h-1", note="I call them"))
    other = Who("fay", frozenset({"executive"}))
    assert refusal(lambda: help_requests.accept(case.incident, other, help_id="h-1")) == "help.taken"
    case.record(EXEC, help_requests.finish(case.incident, TEMPLATE, EXEC, help_id="h-1"))
    assert (case.incident.asks.help["h-1"].state, case.incident.asks.help["h-1"].reply) == (
        "done",
        "I call them",
    )
    assert help_requests.finish(case.incident, TEMPLATE, EXEC, help_id="h-1") == []
    code = refusal(lambda: help_requests.ask(
        case.incident, TEMPLATE, ANA, help_id="h-2", kind="spend", text="x", minutes=5, chain=(), now=case.now
    ))  # fmt: skip
    assert code == "executives.none"


@pytest.mark.requirement("X-09")
def test_help_that_nobody_answers_goes_to_the_next_and_at_last_to_the_last():
    case = declared()
    ask(case)
    passed = []
    while (at := help_requests.wake_at(case.incident)) is not None:
        assert help_requests.due_events(case.incident, at - timedelta(seconds=1)) == []
        case.now = at
        passed += [
            (at - case.incident.asks.help["h-1"].asked_at, e.person)
            for e in case.record("engine", help_requests.due_events(case.incident, at))
        ]
        assert help_requests.due_events(case.incident, at) == []
    assert passed == [(timedelta(minutes=20), "fay"), (timedelta(minutes=30), "gil")]


def test_an_offer_is_a_note_until_the_commander_makes_it_a_request():
    case = declared()
    refused = refusal(
        lambda: help_requests.offer(case.incident, ANA, offer_id="o", kind="resource", text="x")
    )
    assert refused == "access.executive.act"
    case.record(
        EXEC, help_requests.offer(case.incident, EXEC, offer_id="o-1", kind="resource", text="Two people")
    )
    assert not case.incident.asks.help
    assert not case.incident.tasks
    case.record(ANA, help_requests.take_offer(
        case.incident, TEMPLATE, ANA, offer_id="o-1", help_id="h-1", minutes=30, text="", now=case.now
    ))  # fmt: skip
    found = case.incident.asks.help["h-1"]
    assert (found.kind, found.text, found.person) == ("resource", "Two people", "eve")
    assert case.incident.asks.offers["o-1"].help == "h-1"


@pytest.mark.requirement("X-10")
@pytest.mark.requirement("R-139")
def test_silence_applies_the_default_and_records_it():
    case = declared()
    decide(case)
    deadline = case.incident.asks.decisions["x-1"].deadline
    assert decision_requests.wake_at(case.incident) == deadline
    assert decision_requests.due_events(case.incident, deadline - timedelta(seconds=1)) == []
    case.record("engine", decision_requests.due_events(case.incident, deadline))
    found = case.incident.asks.decisions["x-1"]
    assert (found.chosen, found.by_default) == ("Refuse", True)
    assert case.incident.decisions["x-1"].chosen == "Refuse"
    assert decision_requests.due_events(case.incident, deadline) == []
    assert refusal(lambda: decision_requests.answer(
        case.incident, EXEC, request_id="x-1", chosen="Pay"
    )) == "decision.over"  # fmt: skip


def test_an_executive_chooses_among_the_options_and_nobody_else_does():
    case = declared()
    decide(case)

    def answer(who, chosen):
        return decision_requests.answer(case.incident, who, request_id="x-1", chosen=chosen)

    assert refusal(lambda: answer(ANA, "Pay")) == "decision.executive"
    assert refusal(lambda: answer(EXEC, "Wait")) == "chosen.unknown"
    # An administrator may all that executives may; but who asked for it never decides it.
    assert refusal(lambda: answer(Who("ana", frozenset({"administrator"})), "Pay")) == "decision.own"
    case.record(EXEC, answer(EXEC, "Pay"))
    assert case.incident.decisions["x-1"].chosen == "Pay"
    assert decision_requests.wake_at(case.incident) is None


@pytest.mark.requirement("X-11")
@pytest.mark.requirement("R-130")
@pytest.mark.parametrize(("minor", "asks"), [(1, False), (100_000, False), (100_001, True)])
def test_spending_within_the_delegated_limit_needs_nobody_and_above_it_an_executive(minor, asks):
    case = declared()
    root = Who("root", frozenset({"administrator"}))
    case.record(root, delegations.delegate(
        case.incident, TEMPLATE, root, delegation_id="d-1", to="ana", acts=("spend",), limit_minor=100_000,
        currency="EUR", now=case.now,
    ))  # fmt: skip
    events = decide_within(case, "spend", minor)
    assert [type(e).__name__ for e in events] == ["DecisionAsked" if asks else "DecisionMade"]
    if asks:
        assert events[0].fallback == decision_requests.NO


@pytest.mark.requirement("X-11")
@pytest.mark.parametrize("act", ["shutdown", "disclosure", "data_deletion"])
def test_what_was_not_delegated_is_asked_and_what_was_is_done_until_it_ends(act):
    case = declared()
    root = Who("root", frozenset({"administrator"}))
    assert isinstance(decide_within(case, act)[0], said.DecisionAsked)
    until = case.now + timedelta(hours=1)
    case.record(root, delegations.delegate(
        case.incident, TEMPLATE, root, delegation_id="d-1", to="ana", acts=(act,), until=until, now=case.now
    ))  # fmt: skip
    case.now = until - timedelta(seconds=1)
    assert isinstance(decide_within(case, act)[0], ev.DecisionMade)
    case.now = until
    assert isinstance(decide_within(case, act)[0], said.DecisionAsked)


def decide_within(case: Case, act: str, minor: int = 0):
    return decision_requests.decide_or_ask(
        case.incident, TEMPLATE, ANA, request_id="w-1", act=act, what="The checkout", consequence="More harm",
        minutes=10, chain=CHAIN, now=case.now, minor=minor, currency="EUR",
    )  # fmt: skip


@pytest.mark.requirement("X-13")
def test_no_responder_is_invited_to_a_briefing_and_none_holds_it():
    case = declared()
    case.record("ana", [ev.RoleTaken("a-9", "technical_lead", "ben", assigned_by="ana")])
    at = case.now + timedelta(minutes=30)

    def plan(presenter, *people):
        return briefings.plan(
            case.incident, TEMPLATE, ANA, briefing_id="b-1", starts_at=at, presenter=presenter, people=people,
            every_minutes=30, now=case.now,
        )  # fmt: skip

    assert refusal(lambda: plan("", "ben")) == "briefing.responder"
    assert refusal(lambda: plan("ben", "eve")) == "briefing.presenter"
    case.record(ANA, plan("ana", "eve"))
    assert briefings.wake_at(case.incident) == at - briefings.REMIND_BEFORE
    first = case.record("engine", briefings.due_events(case.incident, at - briefings.REMIND_BEFORE, case.id))
    assert [(type(e).__name__, e.presenter) for e in first] == [("BriefingReminded", "ana")]
    late = at + briefings.MISSED_AFTER
    assert briefings.wake_at(case.incident) == late
    second = case.record("engine", briefings.due_events(case.incident, late, case.id))
    assert [type(e).__name__ for e in second] == ["BriefingMissed", "BriefingPlanned"]
    assert second[1].starts_at == at + timedelta(minutes=30)


def test_a_liaison_is_required_once_an_executive_spoke_up():
    from quarterdeck.core.incidents.staffing import BRIDGES, required

    bridging = [r.key for r in TEMPLATE.roles if BRIDGES in r.grants]
    case = declared()
    before = {r.key for r in required(case.incident, TEMPLATE, case.now)}
    case.record(
        EXEC, help_requests.offer(case.incident, EXEC, offer_id="o-1", kind="resource", text="Two people")
    )
    after = {r.key for r in required(case.incident, TEMPLATE, case.now)}
    assert after - before == set(bridging) - before
