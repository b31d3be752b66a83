"""Phases and their gates, overrides, resolving, reopening, closing, dismissing."""

from __future__ import annotations

from datetime import timedelta

import pytest

from quarterdeck.core.access import ENGINE
from quarterdeck.core.incidents import (
    Content,
    change_phase,
    close,
    conditions,
    dismiss,
    draft_message,
    fail_check,
    missing,
    pass_check,
    plan_check,
    reopen,
    resolve,
    set_severity,
    set_type,
    waive_review,
    write_entry,
)
from quarterdeck.core.incidents.events import (
    ClockStarted,
    ClockStopped,
    MessageSuperseded,
    PhaseChanged,
    Resolved,
    ReviewOpened,
    SeveritySet,
    TaskCancelled,
    TaskGiven,
)
from quarterdeck.core.kernel.refused import Refused
from support.incident_case import ADAM, ANA, BEN, CATALOG, TEMPLATE, declared


def move(case, phase, by=ANA, **rest):
    return case.record(by, change_phase(case.incident, TEMPLATE, by, phase=phase, **rest))


def end(case, by=ANA, **rest):
    values = {"code": "fixed", "resolved_at": case.now, "at": case.now, "review_id": "r-1"} | rest
    return case.record(by, resolve(case.incident, TEMPLATE, CATALOG, by, **values))


def at_work(**said):
    case = declared(ANA, **said)
    move(case, "investigating")
    return case


@pytest.mark.requirement("R-020")
def test_monitoring_is_refused_while_severity_or_type_is_empty_and_the_strip_lists_the_gaps():
    case = at_work(severity=None, type="")
    assert [c.key for c in missing(case.incident, TEMPLATE, "monitoring")] == ["severity_set", "type_set"]
    with pytest.raises(Refused) as refused:
        move(case, "monitoring", override_reason="It is fine")
    assert refused.value.code == "phase.gate"
    assert refused.value.details == {"severity_set": "Set the severity.", "type_set": "Set the type."}

    case.record(ANA, set_severity(case.incident, TEMPLATE, CATALOG, ANA, severity=2, at=case.now))
    case.record(ANA, set_type(case.incident, TEMPLATE, CATALOG, ANA, type="availability"))
    move(case, "monitoring")
    assert case.incident.phase == "monitoring"


@pytest.mark.requirement("R-018")
def test_resolving_with_one_unchecked_region_is_refused_or_overridden_with_a_reason():
    case = at_work()
    for check, subject in (("c1", "Frankfurt"), ("c2", "Dublin")):
        case.record(ANA, plan_check(case.incident, TEMPLATE, ANA, check_id=check, subject=subject))
    case.record(ANA, pass_check(case.incident, ANA, check_id="c1", note="green"))
    with pytest.raises(Refused) as refused:
        end(case)
    assert refused.value.details == {"validation_checks_done": "Have every validation check passed."}

    overridden = end(case, override_reason="Dublin is switched off")[0]
    assert overridden == Resolved(
        "fixed", case.now, "", ("validation_checks_done",), "Dublin is switched off", "investigating"
    )


@pytest.mark.requirement("R-018")
def test_resolving_with_all_regions_checked_stores_code_and_time():
    case = at_work()
    case.record(ANA, plan_check(case.incident, TEMPLATE, ANA, check_id="c1", subject="Frankfurt"))
    case.record(ANA, fail_check(case.incident, ANA, check_id="c1", note="still red"))
    case.record(ANA, pass_check(case.incident, ANA, check_id="c1"))
    back_at = case.now
    case.pass_time(minutes=7)
    end(case, resolved_at=back_at, summary="Rolled back")
    assert case.incident.resolution_code == "fixed"
    assert case.incident.resolved_at == back_at
    assert case.incident.phase == "resolved"
    assert case.incident.phase_since == case.now


def test_resolving_stops_the_clocks_and_supersedes_drafts():
    case = at_work(severity=1)
    content = Content("customers_all", "We are looking", next_update_at=case.now + timedelta(minutes=15))
    case.record(
        ANA, draft_message(case.incident, TEMPLATE, ANA, message_id="m", content=content, at=case.now)
    )
    kinds = [type(e) for e in end(case)]
    assert kinds == [Resolved, ClockStopped, ClockStopped, MessageSuperseded, TaskGiven, ReviewOpened]
    assert case.incident.running_clocks() == ()
    assert case.incident.next_update_at is None
    assert case.incident.messages["m"].state == "superseded"


@pytest.mark.requirement("R-210")
def test_resolving_a_severe_incident_opens_a_review_with_owner_and_deadline():
    case = at_work(severity=1)
    end(case)
    assert (case.incident.review.owner, case.incident.review.due_on) == ("ana", "2026-11-25")
    mild = at_work(severity=3)
    end(mild)
    assert mild.incident.review is None


def test_a_change_of_phase_supersedes_drafts():
    case = at_work()
    content = Content("customers_all", "We are looking", next_update_at=case.now + timedelta(minutes=15))
    case.record(
        ANA, draft_message(case.incident, TEMPLATE, ANA, message_id="m", content=content, at=case.now)
    )
    events = move(case, "identified", reason="Found it")
    assert events == [
        PhaseChanged("investigating", "identified", "Found it"),
        MessageSuperseded("m", "the phase is identified now", "customers_all", "We are looking"),
    ]


def test_only_the_commander_moves_the_phase_whatever_the_rank():
    case = declared(ANA)
    for who in (BEN, ADAM, ENGINE):
        with pytest.raises(Refused) as refused:
            change_phase(case.incident, TEMPLATE, who, phase="investigating")
        assert refused.value.kind == "forbidden"


def test_the_same_phase_again_changes_nothing_and_a_jump_is_refused():
    case = declared(ANA)
    assert change_phase(case.incident, TEMPLATE, ANA, phase="triage") == []
    with pytest.raises(Refused, match="From triage it goes to investigating or dismissed"):
        move(case, "identified")


@pytest.mark.parametrize("phase", ["resolved", "closed", "dismissed"])
def test_the_ends_have_their_own_acts(phase):
    with pytest.raises(Refused) as refused:
        move(at_work(), phase)
    assert refused.value.code == "phase.own_act"


def test_a_resolution_needs_a_known_code_and_a_time_that_has_passed():
    case = at_work()
    for rest in (
        {"code": ""},
        {"code": "magic"},
        {"resolved_at": case.now + timedelta(minutes=1)},
        {"resolved_at": case.now - timedelta(minutes=1)},
    ):
        with pytest.raises(Refused) as refused:
            end(case, **rest)
        assert refused.value.kind == "bad"


def test_reopening_starts_the_clocks_again():
    case = at_work(severity=1)
    end(case)
    with pytest.raises(Refused, match="Say what came back"):
        reopen(case.incident, TEMPLATE, ANA, reason="", at=case.now)
    case.pass_time(hours=1)
    events = case.record(ANA, reopen(case.incident, TEMPLATE, ANA, reason="Errors again", at=case.now))
    assert [type(e) for e in events[1:]] == [TaskCancelled, ClockStarted, ClockStarted]
    assert case.incident.phase == "investigating"
    assert case.incident.resolved_at is None
    assert reopen(case.incident, TEMPLATE, ANA, reason="Errors again", at=case.now) == []
    assert len(case.incident.running_clocks()) == 2


def test_an_incident_is_not_closed_without_a_review_or_a_waiver():
    case = at_work(severity=1)
    end(case)
    with pytest.raises(Refused) as refused:
        close(case.incident, TEMPLATE, ANA)
    assert set(refused.value.details) == {"review_done_or_waived"}
    case.record(ANA, waive_review(case.incident, TEMPLATE, ANA, reason="Drill"))
    events = case.record(ANA, close(case.incident, TEMPLATE, ANA))
    assert [e.phase for e in events if isinstance(e, PhaseChanged)] == ["analysis"]
    assert case.incident.phase == "closed"
    assert close(case.incident, TEMPLATE, ANA) == []


def test_closing_asks_for_an_action_item_per_follow_up():
    case = at_work(severity=3)
    entry = {"entry_id": "e", "kind": "note", "text": "Fix the alarm", "followup": True, "at": case.now}
    case.record(BEN, write_entry(case.incident, TEMPLATE, BEN, **entry))
    end(case)
    assert [c.key for c in missing(case.incident, TEMPLATE, "closed")] == ["follow_ups_assigned"]


def test_a_gate_nobody_can_check_stays_shut():
    from dataclasses import replace

    odd = replace(TEMPLATE, gates={"identified": ("stars_aligned", "technical_lead_present")})
    case = at_work()
    assert [c.met for c in conditions(case.incident, odd, "identified")] == [False, False]
    case.give_role("technical_lead", BEN)
    assert [c.met for c in conditions(case.incident, odd, "identified")] == [False, True]


def test_only_triage_is_dismissed():
    case = declared(ANA)
    case.record(ANA, dismiss(case.incident, TEMPLATE, ANA, reason="A test alarm"))
    assert case.incident.phase == "dismissed"
    assert not case.incident.open_assignments()
    with pytest.raises(Refused, match="false alarm"):
        dismiss(at_work().incident, TEMPLATE, ANA, reason="x")


@pytest.mark.requirement("R-185")
def test_lowering_the_severity_needs_commander_and_reason_and_three_values_are_kept():
    case = at_work(severity=2)
    case.record(ANA, set_severity(case.incident, TEMPLATE, CATALOG, ANA, severity=1, at=case.now))
    for who, reason in ((BEN, "calm"), (ANA, "")):
        with pytest.raises(Refused):
            set_severity(case.incident, TEMPLATE, CATALOG, who, severity=3, at=case.now, reason=reason)
    lowered = set_severity(case.incident, TEMPLATE, CATALOG, ANA, severity=3, at=case.now, reason="One shop")
    case.record(ANA, lowered)
    assert isinstance(lowered[0], SeveritySet)
    i = case.incident
    assert (i.severity_initial, i.severity_highest, i.severity) == (2, 1, 3)
