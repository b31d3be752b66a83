"""Ways around a limit that was set, and a decision made in the name of somebody who leads no more."""

from __future__ import annotations

from datetime import timedelta

from quarterdeck.core.access import Who
from quarterdeck.core.incidents import delegations, findings, hypotheses, polls, remediations, spending
from quarterdeck.core.incidents.events import RoleTaken
from quarterdeck.core.incidents.events.ics_resources import ResourceRequested
from quarterdeck.core.incidents.ics import requests
from quarterdeck.core.kernel.refused import Refused
from support.incident_case import ADAM, ANA, BEN, CHO, TEMPLATE, Case, declared


def refused(act) -> str:
    try:
        act()
    except Refused as no:
        return no.code
    return ""


def lend(case: Case, by: Who, to: str, limit: int, until=None) -> str:
    made = delegations.delegate(
        case.incident, TEMPLATE, by, delegation_id=case.id(), to=to, acts=("spend", "budget"), limit_minor=limit,
        currency="EUR", until=until, now=case.now,
    )  # fmt: skip
    return case.record(by, made)[0].delegation_id


def spend(case: Case, by: Who, minor: int) -> list:
    return spending.enter_money(
        case.incident, TEMPLATE, by, entry_id=case.id(), kind="cost", what="Pumps", minor=minor, currency="EUR",
        now=case.now,
    )  # fmt: skip


def test_whoever_is_limited_does_not_lift_the_limit_themselves():
    case = declared()
    limit = lend(case, ADAM, "ana", 1_000)
    assert refused(lambda: spend(case, ANA, 1_001)) == "delegation.above"
    give_back = lambda by: delegations.revoke(case.incident, TEMPLATE, by, delegation_id=limit)  # noqa: E731
    assert refused(lambda: give_back(ANA)) == "delegation.own_limit"
    assert refused(lambda: spend(case, ANA, 1_001)) == "delegation.above"
    case.record(ADAM, give_back(ADAM))
    assert spend(case, ANA, 1_001)


def test_whoever_may_spend_by_a_loan_alone_gives_it_back():
    case = declared()
    case.give_role("scribe", CHO)
    loan = lend(case, ANA, "cho", 1_000)
    case.record(CHO, delegations.revoke(case.incident, TEMPLATE, CHO, delegation_id=loan))
    assert refused(lambda: spend(case, CHO, 1)) == "grant.decision.make"


def test_an_order_keeps_to_the_limit_of_its_approval_when_that_is_over():
    case = declared()
    case.give_role("technical_lead", BEN)
    case.give_role("scribe", CHO)
    lend(case, ANA, "cho", 1_000, until=case.now + timedelta(hours=1))
    asked = ResourceRequested(case.id(), 1, 1, "Pump", "A pump", cost_minor=900, currency="EUR")
    case.record(BEN, requests.request_resource(case.incident, TEMPLATE, BEN, request=asked))
    case.record(
        CHO,
        requests.approve_request(case.incident, TEMPLATE, CHO, request_id=asked.request_id, now=case.now),
    )
    case.pass_time(hours=2)
    case.record("engine", delegations.due_events(case.incident, case.now))
    order = lambda minor: requests.order_request(  # noqa: E731
        case.incident, TEMPLATE, ANA, request_id=asked.request_id, order_number="1", supplier="P", cost=0, eta=None,
        resource_id="r", cost_minor=minor, currency="EUR", now=case.now,
    )  # fmt: skip
    assert refused(lambda: order(1_001)) == "delegation.above"
    assert order(1_000)


def test_a_poll_of_somebody_who_decides_no_more_decides_nothing():
    case = declared()
    made = polls.open_poll(
        case.incident, TEMPLATE, ANA, poll_id="p", proposal="Fail over", minutes=5, at=case.now
    )
    case.record(ANA, made)
    case.record(BEN, [RoleTaken("a-2", "commander", "ben", previous="ana", exclusive=True)])
    case.pass_time(minutes=6)
    case.record("engine", polls.due_events(case.incident, TEMPLATE, case.now))
    assert case.incident.technical.polls["p"].state == "withdrawn"
    assert "p" not in case.incident.decisions


def test_a_guest_stops_no_decision():
    case = declared()
    made = polls.open_poll(
        case.incident, TEMPLATE, ANA, poll_id="p", proposal="Fail over", minutes=5, at=case.now
    )
    case.record(ANA, made)
    guest = Who("gus", frozenset({"guest"}))
    object_to = lambda: polls.raise_objection(  # noqa: E731
        case.incident, guest, poll_id="p", text="No", at=case.now
    )
    assert refused(object_to) in ("incident.unknown", "poll.guest")
    assert case.incident.technical.polls["p"].is_open


def test_nothing_of_a_restricted_incident_is_handed_to_somebody_outside():
    case = declared(restricted=True, both_reason="The same people are needed.")
    case.give_role("sme", CHO)
    stated = hypotheses.state_hypothesis(case.incident, CHO, hypothesis_id="h", text="A stolen key")
    case.record(CHO, stated)
    pass_to = lambda person: findings.pass_hypothesis(  # noqa: E731
        case.incident, TEMPLATE, ANA, hypothesis_id="h", owner=person
    )
    assert refused(lambda: pass_to("dag")) == "person.outside"
    propose = lambda person: remediations.propose(  # noqa: E731
        case.incident, CHO, remediation_id="r", title="Turn the key", plan="Turn it", risk="low", assignee=person,
        minutes=5,
    )  # fmt: skip
    assert refused(lambda: propose("dag")) == "person.outside"
    assert propose("cho")
