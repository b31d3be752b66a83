"""What an incident takes on from one that is merged into it, and what ends there."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from quarterdeck.catalog import load_business
from quarterdeck.core.incidents import regulatory, relations, vendors
from quarterdeck.core.incidents.events import TaskGiven
from quarterdeck.core.incidents.events import business as ev
from quarterdeck.core.incidents.events.technical import RemediationProposed, RemediationStarted
from support.incident_case import ANA, BEN, START, TEMPLATE, declared


def test_a_deadline_goes_on_from_its_beginning_in_the_incident_that_takes_this_one_in():
    case, other = declared(type="security"), declared(BEN)
    case.record("engine", regulatory.starting(case.incident, TEMPLATE, load_business().clocks, case.now))
    case.record(ANA, vendors.open_case(
        case.incident, ANA, case_id="v", vendor="Northern Grid", what="No power", number="NG-7", now=START,
    ))  # fmt: skip
    other.pass_time(hours=20)
    taken = relations.take_in(
        other.incident, TEMPLATE, other=case.incident, reason="One breach", ids=iter("wxyz")
    )
    other.record(BEN, taken)
    duty = other.incident.business.regulatory["gdpr_authority"]
    assert (duty.aware_at, duty.due_at) == (START, START + timedelta(hours=72))
    assert regulatory.wake_at(other.incident) == START + timedelta(hours=24)
    (open_case,) = other.incident.business.open_cases()
    assert (open_case.vendor, open_case.number, open_case.owner) == ("Northern Grid", "NG-7", "ana")
    # An earlier one counts; what was judged stays judged.
    again = relations.take_in(other.incident, TEMPLATE, other=case.incident, reason="x", ids=iter("abcd"))
    assert not any(isinstance(e, ev.RegulatoryStarted) for e in again)


def test_a_repair_that_runs_is_not_left_running_in_an_incident_that_is_merged():
    case, other = declared(), declared(BEN)
    case.record(ANA, [
        RemediationProposed("r", "Restart", "Restart it", "low", "", "mitigation", "ben", 10),
        RemediationStarted("r"), TaskGiven("r", "Restart", "ben", 10, kind="remediation"),
    ])  # fmt: skip
    other.incident = replace(other.incident, number=1043)
    case.record(ANA, relations.merge_into(case.incident, TEMPLATE, ANA, other=other.incident, reason="Same"))
    ended = case.incident.technical.remediations["r"]
    assert (ended.state, ended.result) == ("stopped", "Its task goes on in INC-1043.")
