"""The business half: money, authority with limits, vendors, legal deadlines, continuity, the contact."""

from __future__ import annotations

import contextlib
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quarterdeck.catalog import load_business
from quarterdeck.core.incidents import (
    assess,
    continuity,
    costing,
    delegations,
    regulatory,
    spending,
    spending_up,
    transfer,
    vendors,
)
from quarterdeck.core.incidents.contact import contact_of, name_contact
from quarterdeck.core.incidents.events import business as ev
from quarterdeck.core.incidents.events.course import Resolved
from quarterdeck.core.incidents.events.ics_resources import ResourceRequested
from quarterdeck.core.incidents.ics import requests
from quarterdeck.core.kernel import money
from quarterdeck.core.kernel.refused import Refused
from support.incident_case import ADAM, ANA, BEN, CHO, DAG, OLE, START, TEMPLATE, Case, clock, declared, name

RATES = costing.Rates("EUR", 6_000, {"commander": 12_000})
RULES = load_business().clocks


def code(act) -> str:
    with pytest.raises(Refused) as refused:
        act()
    return refused.value.code


def lend(case: Case, by=ANA, to="ben", acts=("spend",), limit=100_000, until=None, **said):
    made = delegations.delegate(
        case.incident, TEMPLATE, by, delegation_id=case.id(), to=to, acts=acts, limit_minor=limit,
        currency="EUR", until=until, now=case.now, **said,
    )  # fmt: skip
    return case.record(by, made)[0].delegation_id


def ask(case: Case, by=BEN, minor=0, number=1) -> str:
    made = ResourceRequested(
        case.id(), number, 1, "Pump", "A pump", cost_minor=minor, currency="EUR" if minor else ""
    )
    case.record(by, requests.request_resource(case.incident, TEMPLATE, by, request=made))
    return made.request_id


def approve(case: Case, by, request_id: str):
    return case.record(
        by, requests.approve_request(case.incident, TEMPLATE, by, request_id=request_id, now=case.now)
    )


def assessed(case: Case, by=ANA, dimension="revenue", level="high", **said):
    said.setdefault("currency", "EUR")
    made = spending.assess_impact(case.incident, TEMPLATE, by, dimension=dimension, level=level, **said)
    return case.record(by, made)


def harm(case: Case, dimension="revenue") -> int:
    until = costing.counted_until(case.incident, case.now)
    return costing.harm(case.incident.business.impacts[dimension], until)


# -- money itself


@pytest.mark.parametrize(
    ("typed", "currency", "minor"),
    [
        ("1250.5", "EUR", 125_050),
        ("1,250", "USD", 125_000),
        ("12", "JPY", 12),
        ("0.001", "KWD", 1),
        ("0", "EUR", 0),
    ],
)
def test_an_amount_is_read_into_minor_units(typed, currency, minor):
    assert money.minor(typed, currency) == minor


@pytest.mark.parametrize(
    ("typed", "currency"),
    [("1.005", "EUR"), ("1.5", "JPY"), ("-1", "EUR"), ("1e9", "EUR"), ("", "EUR"), ("٣", "EUR")],
)
def test_what_is_no_amount_is_refused(typed, currency):
    assert code(lambda: money.minor(typed, currency)) == "amount.amount"


@given(st.integers(0, money.MOST), st.sampled_from(["EUR", "JPY", "KWD"]))
def test_an_amount_written_and_read_again_is_the_same(amount, currency):
    assert money.minor(money.typed(amount, currency), currency) == amount


# -- harm and costs


@pytest.mark.requirement("R-006")
def test_revenue_an_hour_times_the_duration_is_the_estimate_and_each_change_is_a_line():
    case = declared()
    assessed(case, hour_minor=120_000, note="Nobody can pay")
    case.pass_time(minutes=90)
    assert harm(case) == 180_000
    assessed(case, level="medium", hour_minor=40_000)
    case.pass_time(minutes=30)
    assert harm(case) == 180_000 + 20_000
    case.record(ANA, [Resolved("fixed", case.now)])
    case.pass_time(days=2)
    assert harm(case) == 200_000
    assert case.incident.dimensions["revenue"] == "medium"
    assert len([s for s in case.log if isinstance(s.event, ev.ImpactAssessed)]) == 2


@given(st.lists(st.tuples(st.integers(0, 500_000), st.integers(0, 7_200)), min_size=1, max_size=8))
def test_the_running_estimate_equals_the_sum_over_the_log(changes):
    case, expected = declared(), 0
    for n, (rate, seconds) in enumerate(changes):
        assessed(case, hour_minor=rate, note=str(n))
        case.pass_time(seconds=seconds)
        expected += rate * seconds
    assert harm(case) == (2 * expected + 3600) // 7200


def test_an_earlier_beginning_counts_from_there_until_the_estimate_was_changed():
    case = declared()
    case.pass_time(hours=1)
    assessed(case, hour_minor=3_600)
    began = START - timedelta(hours=1)
    made = spending.set_impact_start(case.incident, TEMPLATE, ANA, began_at=began, now=case.now)
    case.record(ANA, made)
    assert harm(case) == 7_200
    assessed(case, hour_minor=0)
    again = lambda: spending.set_impact_start(case.incident, TEMPLATE, ANA, began_at=START, now=case.now)  # noqa: E731
    assert code(again) == "impact.counted"
    assessed(case, hour_minor=100, from_start=True)
    case.record(ANA, again())
    assert harm(case) == 100


@pytest.mark.requirement("R-239")
def test_the_costs_are_the_hours_times_the_rate_the_entries_the_orders_and_the_harm():
    case = declared()
    case.give_role("technical_lead", BEN)
    case.pass_time(minutes=30)
    case.give_role("scribe", BEN)  # two roles at once count once
    assessed(case, hour_minor=100_000)
    for kind, minor in (("cost", 5_000), ("budget", 30_000)):
        made = spending.enter_money(
            case.incident,
            TEMPLATE,
            ANA,
            entry_id=kind,
            kind=kind,
            what="Taxi",
            minor=minor,
            currency="eur",
            now=case.now,
        )
        case.record(ANA, made)
    wrong = spending.enter_money(
        case.incident,
        TEMPLATE,
        ANA,
        entry_id="x",
        kind="cost",
        what="Oops",
        minor=99,
        currency="USD",
        now=case.now,
    )
    case.record(ANA, wrong)
    case.record(
        ANA, spending.strike_money(case.incident, TEMPLATE, ANA, entry_id="x", reason="typo", now=case.now)
    )
    request = ask(case, minor=7_000)
    approve(case, ANA, request)
    ordered = requests.order_request(
        case.incident, TEMPLATE, ANA, request_id=request, order_number="L1", supplier="P", cost=70, eta=None,
        resource_id="r", cost_minor=7_500, currency="EUR", now=case.now,
    )  # fmt: skip
    case.record(ANA, ordered)
    case.pass_time(minutes=30)
    found = costing.so_far(case.incident, RATES, case.now)
    assert {line.subject: line.minor for line in found.lines if line.kind == "people"} == {
        "ana": 12_000,
        "ben": 6_000,
    }
    assert found.totals == {"EUR": 12_000 + 6_000 + 5_000 + 7_500 + 100_000}
    assert sum(line.minor for line in found.lines) == found.totals["EUR"]
    assert found.left == {"EUR": 30_000 - (18_000 + 5_000 + 7_500)}


def test_money_takes_an_acting_role_and_a_real_currency():
    case = declared()
    case.give_role("scribe", CHO)
    enter = lambda by, **said: spending.enter_money(  # noqa: E731
        case.incident, TEMPLATE, by, entry_id="m", kind="cost", what="Taxi", now=case.now,
        **({"minor": 100, "currency": "EUR"} | said),
    )  # fmt: skip
    assert code(lambda: enter(CHO)) == "grant.decision.make"
    assert code(lambda: enter(ANA, currency="EURO")) == "currency.code"
    assert code(lambda: enter(ANA, minor=0)) == "amount.range"


# -- authority


def test_a_request_above_the_limit_goes_to_whoever_lent_the_authority():
    case = declared()
    case.give_role("technical_lead", BEN)
    case.give_role("scribe", CHO)
    lend(case, to="cho", limit=100_000)
    small, large = ask(case, minor=100_000), ask(case, minor=100_001, number=2)
    approve(case, CHO, small)
    assert case.incident.ics.requests[small].state == "approved"
    assert isinstance(approve(case, CHO, large)[0], ev.RequestSentUp)
    assert case.incident.ics.requests[large].state == "requested"
    assert case.incident.business.sent_up[large] == "ana"
    assert approve(case, CHO, large) == []
    approve(case, ANA, large)
    assert case.incident.ics.requests[large].state == "approved"


def test_silence_of_whoever_was_asked_goes_to_the_backup_then_up_then_to_the_commander_with_the_reason():
    case = declared()
    case.give_role("technical_lead", BEN)
    lend(case, by=ADAM, to="ana", limit=50_000)
    request = ask(case, minor=60_000)
    sent = requests.approve_request(
        case.incident, TEMPLATE, ANA, request_id=request, now=case.now, above_to="adm",
        backup=("adm", "ana", "cho", "cho", "dag"),
    )  # fmt: skip
    assert case.record(ANA, sent)[0].backup == ("cho", "dag")
    assert spending_up.wake_at(case.incident) == case.now + spending_up.WAIT
    assert spending_up.due_events(case.incident, case.now + spending_up.WAIT - timedelta(seconds=1)) == []
    asked = []
    for _ in range(3):
        case.now += spending_up.WAIT
        [passed] = case.record(ADAM, spending_up.due_events(case.incident, case.now))
        asked.append((passed.from_person, passed.to_person))
        assert spending_up.due_events(case.incident, case.now) == []
    assert asked == [("adm", "cho"), ("cho", "dag"), ("dag", "")]
    assert spending_up.wake_at(case.incident) is None
    assert code(lambda: approve(case, BEN, request)) == "position.operations_section_chief"
    assert [case.incident.business.was_asked(request, p) for p in ("adm", "cho", "dag", "ben")] == [
        True
    ] * 3 + [False]
    approve(case, ADAM, request)
    assert case.incident.ics.requests[request].approved_by == "adm"


def test_a_commander_whom_the_agency_limits_asks_the_agency_who_holds_no_role():
    case = declared()
    case.give_role("technical_lead", BEN)
    lend(case, by=ADAM, to="ana", limit=50_000)
    request = ask(case, minor=60_000)
    approve(case, ANA, request)
    assert case.incident.business.sent_up[request] == "adm"
    approve(case, ADAM, request)
    assert case.incident.ics.requests[request].approved_by == "adm"
    assert code(lambda: lend(case, to="ben", limit=50_001)) == "delegation.above_own"
    lend(case, to="ben", limit=50_000)


def test_an_order_may_not_cost_more_than_its_approver_may_approve():
    case = declared()
    case.give_role("technical_lead", BEN)
    case.give_role("scribe", CHO)
    lend(case, to="cho", limit=1_000)
    request = ask(case, minor=900)
    approve(case, CHO, request)
    order = lambda **said: requests.order_request(  # noqa: E731
        case.incident, TEMPLATE, ANA, request_id=request, order_number="1", supplier="P", eta=None, resource_id="r",
        now=case.now, **said,
    )  # fmt: skip
    assert code(lambda: order(cost=11, cost_minor=1_001, currency="EUR")) == "delegation.above"
    assert code(lambda: order(cost=11)) == "delegation.above"
    assert order(cost=10, cost_minor=1_000, currency="EUR")


def test_lent_authority_ends_with_its_time_its_giver_or_its_holder():
    case = declared()
    case.give_role("scribe", CHO)
    until = case.now + timedelta(hours=1)
    lend(case, to="cho", until=until)
    assert delegations.wake_at(case.incident) == until
    case.pass_time(hours=1)
    request = ask(case, by=CHO, minor=10)
    assert code(lambda: approve(case, CHO, request)).startswith("position.")
    case.record("engine", delegations.due_events(case.incident, case.now))
    assert not delegations.standing(case.incident, case.now)
    assert delegations.due_events(case.incident, case.now) == []
    second = lend(case, to="cho")
    case.record(
        CHO, delegations.revoke(case.incident, TEMPLATE, CHO, delegation_id=second, reason="Too much")
    )
    assert not delegations.lent(case.incident, "cho", "spend", case.now)


def test_only_the_commander_or_the_agency_lends_authority():
    case = declared()
    case.give_role("technical_lead", BEN)
    assert code(lambda: lend(case, by=BEN, to="cho")) == "grant.decision.make"
    assert code(lambda: lend(case, to="ana")) == "delegation.self"
    assert code(lambda: lend(case, acts=("fly",))) == "acts.unknown"
    assert code(lambda: lend(case, until=case.now)) == "until.past"
    assert code(lambda: lend(case, to="dag")) == "role.none"
    lend(case)
    told = transfer.snapshot(case.incident, TEMPLATE, name, clock)
    assert "Authority of Ben Okonkwo: approve requests and enter costs, up to 1,000.00 EUR" in str(told)


@given(st.lists(st.tuples(st.sampled_from([ADAM, ANA, BEN, CHO]), st.sampled_from(["ana", "ben", "cho"]),
                          st.integers(1, 10), st.integers(0, 12)), max_size=12))  # fmt: skip
def test_nobody_ever_approves_more_than_was_lent_to_them(steps):
    case = declared()
    case.give_role("technical_lead", BEN)
    case.give_role("scribe", CHO)
    for n, (by, to, limit, cost) in enumerate(steps):
        with contextlib.suppress(Refused):
            lend(case, by=by, to=to, limit=limit)
        request = ask(case, by=BEN, minor=cost, number=n + 1)
        for who in (CHO, ANA):
            try:
                approve(case, who, request)
            except Refused:
                continue
            found = case.incident.ics.requests[request]
            limits = [d.limit_minor for d in delegations.lent(case.incident, who.person, "spend", case.now)]
            if found.approved_by == who.person and limits:
                assert cost <= max(limits)


# -- requests on their way


@pytest.mark.requirement("R-206")
def test_a_request_goes_from_asked_to_ordered_to_arrived_and_back():
    case = declared()
    case.give_role("technical_lead", BEN)
    request = ask(case, minor=500)
    release = lambda: requests.release_request(case.incident, TEMPLATE, ANA, request_id=request)  # noqa: E731
    assert (
        code(lambda: requests.dispatch_request(case.incident, TEMPLATE, ANA, request_id=request))
        == "request.state"
    )
    approve(case, ANA, request)
    case.record(ANA, requests.order_request(
        case.incident, TEMPLATE, ANA, request_id=request, order_number="L1", supplier="P", cost=5, eta=None,
        resource_id="r",
    ))  # fmt: skip
    assert code(release) == "request.state"
    eta = case.now + timedelta(hours=2)
    case.record(ANA, requests.dispatch_request(case.incident, TEMPLATE, ANA, request_id=request, eta=eta))
    assert (case.incident.ics.requests[request].state, case.incident.ics.resources["r"].status) == (
        "on_the_way",
        "en_route",
    )
    case.record(ANA, requests.deliver_request(case.incident, TEMPLATE, ANA, request_id=request))
    case.record(ANA, release())
    assert (case.incident.ics.requests[request].state, case.incident.ics.resources["r"].status) == (
        "released",
        "released",
    )
    assert release() == []


# -- vendors


def test_waiting_for_a_vendor_has_a_clock_that_speaks_once_and_stops_with_their_answer():
    case = declared()
    case.give_role("technical_lead", BEN)
    made = vendors.open_case(
        case.incident, BEN, case_id="v", vendor="Northgrid", what="Power", answer_minutes=30, now=case.now
    )
    case.record(BEN, made)
    assert vendors.wake_at(case.incident) == case.now + timedelta(minutes=30)
    case.pass_time(minutes=30)
    case.record("engine", vendors.due_events(case.incident, case.now))
    assert case.incident.business.vendor_cases["v"].overdue
    assert vendors.due_events(case.incident, case.now) == []
    case.record(BEN, vendors.vendor_answered(case.incident, BEN, case_id="v", note="They come"))
    case.pass_time(hours=9)
    assert vendors.due_events(case.incident, case.now) == []
    case.record(BEN, vendors.ask_again(case.incident, BEN, case_id="v", note="When?", now=case.now))
    assert vendors.wake_at(case.incident) == case.now + timedelta(minutes=30)
    assert code(lambda: vendors.close_case(case.incident, DAG, case_id="v")) == "role.none"
    case.record(BEN, vendors.close_case(case.incident, BEN, case_id="v"))
    assert vendors.wake_at(case.incident) is None


# -- legal deadlines


def test_the_shipped_library_starts_the_authority_clock_for_a_data_incident_and_for_no_other():
    assert regulatory.starting(declared().incident, TEMPLATE, RULES, START) == []
    case = declared(type="security")
    started = case.record("engine", regulatory.starting(case.incident, TEMPLATE, RULES, case.now))
    assert [(s.key, s.due_at - START) for s in started] == [("gdpr_authority", timedelta(hours=72))]
    assert "33" in started[0].source
    assert regulatory.starting(case.incident, TEMPLATE, RULES, case.now) == []


def test_a_deadline_reminds_before_alarms_after_and_is_judged_with_a_reason():
    case = declared(type="security")
    case.record("engine", regulatory.starting(case.incident, TEMPLATE, RULES, case.now))
    said = []
    for _ in range(80):
        case.pass_time(hours=1)
        found = case.record("engine", regulatory.due_events(case.incident, case.now))
        said += [(type(e).__name__, (case.now - START) // timedelta(hours=1)) for e in found]
    assert said == [
        ("RegulatoryReminded", 24), ("RegulatoryReminded", 48), ("RegulatoryReminded", 68), ("RegulatoryOverdue", 72),
    ]  # fmt: skip
    end = lambda by, note="Told by phone", state="met": regulatory.end_clock(  # noqa: E731
        case.incident, TEMPLATE, by, key="gdpr_authority", state=state, note=note, now=case.now
    )
    assert code(lambda: end(DAG)) == "grant.legal.review"
    assert code(lambda: end(ANA, "")) == "note.missing"
    case.record(ANA, end(ANA))
    assert end(ANA) == []
    assert code(lambda: end(ANA, "No people", "not_applicable")) == "regulatory.ended"


def test_a_deadline_outlives_the_incident_and_its_owner_may_still_judge_it():
    case = declared(type="security")
    case.record("engine", regulatory.starting(case.incident, TEMPLATE, RULES, case.now))
    case.incident = replace(case.incident, phase="closed", assignments={})
    assert regulatory.wake_at(case.incident) == START + timedelta(hours=24)
    assert regulatory.end_clock(
        case.incident, TEMPLATE, ANA, key="gdpr_authority", state="met", note="Told", now=case.now
    )
    case.incident = replace(case.incident, phase="dismissed")
    assert regulatory.wake_at(case.incident) is None


# -- continuity and the contact


@pytest.mark.requirement("R-280")
def test_activating_a_continuity_plan_gives_its_steps_as_tasks_once():
    case = declared()
    case.give_role("technical_lead", BEN)
    plan = ev.ContinuityActivated(
        "c", "plan", "Paper tills", "shop", "Pay Ltd", 60, 15, ("Fetch slips", "Call Pay Ltd")
    )
    activate = lambda by=ANA, to=BEN: continuity.activate(  # noqa: E731
        case.incident, TEMPLATE, by, plan=plan, assignee=to, task_ids=("t1", "t2"), now=case.now
    )
    assert code(lambda: activate(BEN)) == "grant.decision.make"
    assert code(lambda: activate(to=OLE)) == "role.none"
    case.record(ANA, activate())
    assert [(t.title, t.assignee) for t in case.incident.tasks.values()] == [
        ("Fetch slips", "ben"),
        ("Call Pay Ltd", "ben"),
    ]
    assert activate() == []
    case.record(ANA, continuity.end(case.incident, TEMPLATE, ANA, activation_id="c", now=case.now))
    assert activate()


def test_the_contact_is_the_commander_unless_somebody_who_still_acts_was_named():
    case = declared()
    assert contact_of(case.incident).person == "ana"
    assert code(lambda: name_contact(case.incident, TEMPLATE, ANA, person=BEN)) == "role.none"
    held = case.give_role("scribe", BEN)
    case.record(ANA, name_contact(case.incident, TEMPLATE, ANA, person=BEN))
    assert contact_of(case.incident).person == "ben"
    gone = replace(case.incident.assignments[held], ended_at=case.now)
    case.incident = replace(case.incident, assignments={**case.incident.assignments, held: gone})
    assert contact_of(case.incident).person == "ana"


def test_the_level_that_was_set_alone_and_the_assessment_are_one():
    case = declared()
    assessed(case, level="high", dimension="legal")
    case.record(ANA, assess.set_impact(case.incident, TEMPLATE, ANA, dimensions={"legal": "low"}))
    assert case.incident.dimensions["legal"] == "low"
    assert assessed(case, level="low", dimension="legal") == []
