"""Outward activity halted and resumed, areas, sentiment, talks: pure decisions."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from quarterdeck.catalog import load
from quarterdeck.core.incidents import areas, assign_role, gates, sentiment, switches, talks, timers
from quarterdeck.core.incidents.emergency import (
    HALT_REQUESTED,
    HALTED,
    NORMAL,
    NOT_APPLICABLE,
    RESUME_REQUESTED,
)
from quarterdeck.core.incidents.events import MessageDrafted, MessageReleased, MessageSent
from quarterdeck.core.incidents.events.emergency import SwitchLate
from quarterdeck.core.kernel.refused import Refused
from support.budgets import examples
from support.incident_case import ANA, BEN, CHO, DAG, START, Case, declared

BUSINESS = load().template("business")
KEYS = [s.key for s in BUSINESS.switches]
SOON = timedelta(minutes=10)


def code(act) -> str:
    with pytest.raises(Refused) as refused:
        act()
    return refused.value.code


def business() -> Case:
    """Ana leads, Ben is the Marketing Officer, Cho the Social Officer; Dag holds nothing."""
    case = declared()
    for who, role in ((BEN, "marketing_officer"), (CHO, "social_officer")):
        case.record(ANA, assign_role(
            case.incident, BUSINESS, ANA, assignment_id=case.id(), role=role, person=who
        ))  # fmt: skip
    return case


def halt(case: Case, key: str, by=ANA) -> None:
    case.record(
        by, switches.request_halt(case.incident, BUSINESS, by, key=key, eta_at=case.now + SOON, now=case.now)
    )


def halted(case: Case, key: str) -> None:
    halt(case, key)
    by = CHO if key in ("paid_social", "scheduled_posts") else BEN
    case.record(by, switches.confirm_halt(case.incident, BUSINESS, by, key=key, evidence="Paused, as shown"))


def say_it_is_over(case: Case) -> None:
    case.record("ana", [
        MessageDrafted("m-over", "customers_all", "monitoring", "All is well", final=True),
        MessageReleased("m-over", "0" * 64, "customers_all", "All is well"),
        MessageSent("m-over", 3, 1, "customers_all", "All is well"),
    ])  # fmt: skip


class Machine(RuleBasedStateMachine):
    """Whatever is tried in whatever order: only the steps of the machine happen, and never a resume too early."""

    steps = frozenset({
        (NORMAL, HALT_REQUESTED), (NOT_APPLICABLE, HALT_REQUESTED), (HALT_REQUESTED, HALT_REQUESTED),
        (HALT_REQUESTED, HALTED), (HALTED, RESUME_REQUESTED), (RESUME_REQUESTED, NORMAL), (NORMAL, NOT_APPLICABLE),
        (HALT_REQUESTED, NOT_APPLICABLE),
    })  # fmt: skip

    @initialize()
    def begin(self) -> None:
        self.case, self.said, self.before = business(), False, dict.fromkeys(KEYS, NORMAL)

    @rule(
        key=st.sampled_from(KEYS),
        what=st.sampled_from(switches.ACTS),
        by=st.sampled_from([ANA, BEN, CHO, DAG]),
    )
    def tries(self, key, what, by) -> None:
        i, now = self.case.incident, self.case.now
        self.case.pass_time(seconds=1)
        act = {
            "halt": lambda: switches.request_halt(i, BUSINESS, by, key=key, eta_at=now + SOON, now=now),
            "confirm-halt": lambda: switches.confirm_halt(i, BUSINESS, by, key=key, evidence="As shown"),
            "resume": lambda: switches.request_resume(i, BUSINESS, by, key=key),
            "confirm-resume": lambda: switches.confirm_resume(i, BUSINESS, by, key=key),
            "excuse": lambda: switches.excuse(i, BUSINESS, by, key=key, reason="None runs"),
        }[what]
        try:
            events = act()
        except Refused:
            return
        assert by is not DAG
        if events and what.startswith("confirm"):
            owner = next(s.owner for s in BUSINESS.switches if s.key == key)
            assert by is (BEN if owner == "marketing_officer" else CHO)
        self.case.record(by, events)

    @rule()
    def it_is_over(self) -> None:
        if not self.said:
            say_it_is_over(self.case)
            self.said = True

    @invariant()
    def only_steps_of_the_machine(self) -> None:
        if not hasattr(self, "case"):
            return
        now = {k: getattr(self.case.incident.emergency.switches.get(k), "state", NORMAL) for k in KEYS}
        for key in KEYS:
            step = (self.before[key], now[key])
            assert step[0] == step[1] or step in self.steps
            if step == (HALTED, RESUME_REQUESTED):
                assert self.said
                order = {s.key: s.resume_order for s in BUSINESS.switches}
                first = [k for k in KEYS if order[k] < order[key]]
                assert all(now[k] in (NORMAL, NOT_APPLICABLE) for k in first)
        self.before = now
        stopped, of = switches.counted(self.case.incident, BUSINESS)
        assert stopped == sum(v in (HALTED, RESUME_REQUESTED) for v in now.values())
        assert of == sum(v != NOT_APPLICABLE for v in now.values())
        missing = {s.key for s in switches.switches_missing(self.case.incident)}
        assert missing == {k for k, v in now.items() if v not in (NORMAL, NOT_APPLICABLE)}


test_the_switch_machine_keeps_its_steps = pytest.mark.requirement("R-102")(
    settings(max_examples=examples(25), stateful_step_count=30, deadline=None)(Machine).TestCase
)


@pytest.mark.requirement("R-103")
def test_a_late_halt_reminds_its_owner_and_then_the_lead():
    case = business()
    halt(case, "paid_ads")
    glance = lambda: timers.Glance(case.incident, BUSINESS, case.now, 60)  # noqa: E731
    at = case.incident.emergency.switches["paid_ads"].eta_at
    assert switches.wake_at(case.incident, BUSINESS) == at and timers.wake_at(glance()) <= at
    assert switches.due_events(case.incident, BUSINESS, at - timedelta(seconds=1)) == []
    case.now = at
    first = [e for e in timers.due_events(glance(), case.id) if isinstance(e, SwitchLate)]
    assert [(e.person, e.level) for e in case.record("engine", first)] == [("ben", 1)]
    assert switches.due_events(case.incident, BUSINESS, case.now) == []
    case.now = switches.wake_at(case.incident, BUSINESS)
    second = case.record("engine", switches.due_events(case.incident, BUSINESS, case.now))
    assert [(e.person, e.level) for e in second] == [("ana", 2)]
    assert switches.wake_at(case.incident, BUSINESS) is None


def test_without_an_owner_the_lead_hears_at_once_and_may_confirm():
    case = declared()
    halt(case, "paid_ads")
    case.now += SOON
    assert [(e.person, e.level) for e in switches.due_events(case.incident, BUSINESS, case.now)] == [
        ("ana", 2)
    ]
    made = switches.confirm_halt(case.incident, BUSINESS, ANA, key="paid_ads", evidence="I saw it")
    assert made


def test_nothing_is_resumed_before_those_outside_heard_and_social_comes_first():
    case = business()
    halted(case, "paid_ads")
    halted(case, "paid_social")
    resume = lambda key, by=ANA: switches.request_resume(case.incident, BUSINESS, by, key=key)  # noqa: E731
    assert code(lambda: resume("paid_social")) == "switch.not_yet"
    say_it_is_over(case)
    assert code(lambda: resume("paid_ads")) == "switch.not_yet"
    case.record(ANA, resume("paid_social"))
    assert code(lambda: resume("paid_ads")) == "switch.not_yet"
    case.record(CHO, switches.confirm_resume(case.incident, BUSINESS, CHO, key="paid_social"))
    assert resume("paid_ads")


@pytest.mark.requirement("R-103")
def test_an_owner_by_assignment_confirms_and_nobody_else():
    case = business()
    halt(case, "paid_ads", BEN)
    confirm = lambda by: switches.confirm_halt(case.incident, BUSINESS, by, key="paid_ads", evidence="x")  # noqa: E731
    assert code(lambda: confirm(CHO)) == "switch.owner"
    assert code(lambda: confirm(ANA)) == "switch.owner"
    assert code(lambda: confirm(DAG)) == "role.none"
    assert confirm(BEN)
    assert code(
        lambda: switches.confirm_halt(case.incident, BUSINESS, BEN, key="paid_ads", evidence=" ")
    ) == ("evidence.missing")
    far = case.now + timedelta(days=9)
    assert code(lambda: switches.request_halt(
        case.incident, BUSINESS, BEN, key="web_promotions", eta_at=far, now=case.now)) == "eta.range"  # fmt: skip
    assert (
        code(lambda: switches.excuse(case.incident, BUSINESS, BEN, key="radio", reason="x"))
        == "switch.unknown"
    )


def test_the_gate_of_resolving_asks_for_switches_only_where_there_are_some():
    case = business()
    halted(case, "paid_ads")
    asked = {c.key: c.met for c in gates.conditions(case.incident, BUSINESS, "resolved")}
    assert asked["switches_resumed"] is False
    none = replace(BUSINESS, switches=())
    assert "switches_resumed" in {c.key for c in gates.conditions(case.incident, none, "resolved")}
    assert "switches_resumed" not in {c.key for c in gates.conditions(declared().incident, none, "resolved")}


@pytest.mark.requirement("R-093")
def test_a_round_asks_every_role_and_a_word_grows_stale():
    case = business()
    asked = case.record(ANA, areas.start_round(case.incident, BUSINESS, ANA, now=case.now))[0]
    assert asked.roles == ("marketing_officer", "social_officer") and asked.people == ("ben", "cho")
    assert areas.start_round(case.incident, BUSINESS, ANA, now=case.now) == []
    assert all(a.is_owed for a in case.incident.emergency.areas.values())
    case.pass_time(minutes=2)
    said = areas.report(
        case.incident, BUSINESS, BEN, role="marketing_officer", state="affected", text="Half the team is out"
    )
    case.record(BEN, said)
    mine = case.incident.emergency.areas["marketing_officer"]
    assert not mine.is_owed and case.incident.emergency.areas["social_officer"].is_owed
    assert not areas.is_stale(mine, case.now + areas.STALE)
    assert areas.is_stale(mine, case.now + areas.STALE + timedelta(seconds=1))
    assert code(lambda: areas.report(
        case.incident, BUSINESS, BEN, role="social_officer", state="normal", text="x")) == "area.role"  # fmt: skip


@pytest.mark.requirement("R-106")
def test_the_next_report_of_the_mood_falls_due_once_and_a_turn_is_marked():
    case = business()

    def tell(level: int, volume: int, after: int = 0):
        return case.record(CHO, sentiment.report(
            case.incident, CHO, report_id=case.id(), channel="Mastodon", level=level, volume=volume,
            next_minutes=after, now=case.now,
        ))[0]  # fmt: skip

    assert not tell(0, 20, 30).big
    assert sentiment.wake_at(case.incident) == START + timedelta(minutes=30) + (case.now - START)
    case.pass_time(minutes=30)
    due = case.record("engine", sentiment.due_events(case.incident, case.now))
    assert [e.person for e in due] == ["cho"]
    assert sentiment.due_events(case.incident, case.now) == [] and sentiment.wake_at(case.incident) is None
    assert not tell(-1, 40).big
    assert tell(1, 40).big
    assert tell(1, 120).big and not tell(1, 130).big


@pytest.mark.requirement("R-121")
@pytest.mark.requirement("R-123")
def test_more_talks_than_a_week_holds_are_said_and_forecast():
    case = business()
    case.record(ANA, talks.set_capacity(case.incident, BUSINESS, ANA, weekly=2))
    made = [
        case.record(BEN, talks.offer(case.incident, BEN, offer_id=f"of-{n}", customer=f"Customer {n}"))[0]
        for n in range(5)
    ]
    assert [m.beyond for m in made] == [False, False, True, True, True]
    found = talks.forecast(case.incident)
    assert found.beyond and (found.offered, found.weekly, found.weeks) == (5, 2, 2.5)
    case.record(BEN, talks.end(case.incident, BEN, offer_id="of-0", state="held"))
    assert talks.forecast(case.incident).weeks == 2.0
    assert talks.end(case.incident, BEN, offer_id="of-0", state="held") == []
    assert code(lambda: talks.end(case.incident, BEN, offer_id="of-0", state="withdrawn")) == "offer.ended"
