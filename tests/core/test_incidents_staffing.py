"""Which roles are needed, whom to call, and the chart that equals the assignments."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quarterdeck.core.access import ENGINE
from quarterdeck.core.incidents import chart, gaps, required, set_impact, set_type, to_call
from quarterdeck.core.incidents import events as ev
from support.incident_case import ANA, BEN, CATALOG, CHO, DAG, TEMPLATE, declared


def keys(roles):
    return [r.key for r in roles]


def test_required_roles_follow_severity_phase_and_time():
    case = declared(ANA)
    assert keys(required(case.incident, TEMPLATE, case.now)) == ["commander", "communications_lead"]
    assert keys(gaps(case.incident, TEMPLATE, case.now)) == ["communications_lead"]
    later = case.now + timedelta(minutes=61)
    assert keys(gaps(case.incident, TEMPLATE, later)) == ["deputy", "communications_lead"]


def test_assembly_calls_out_or_gives_a_heads_up_and_never_twice():
    case = declared(ANA)
    rules = to_call(case.incident, TEMPLATE, case.now)
    assert [(r.role, r.how) for r in rules] == [
        ("technical_lead", "callout"),
        ("communications_lead", "heads_up"),
    ]
    for rule in rules:
        case.record(ENGINE, [ev.RoleCalled(rule.role, "ben", case.id(), rule.how, "on call")])
    assert to_call(case.incident, TEMPLATE, case.now) == ()


def test_a_change_of_impact_or_type_adds_calls_and_takes_none_back():
    case = declared(ANA)
    before = set(to_call(case.incident, TEMPLATE, case.now))
    case.record(ANA, set_impact(case.incident, TEMPLATE, ANA, dimensions={"legal": "high"}))
    assert {r.role for r in to_call(case.incident, TEMPLATE, case.now)} - {r.role for r in before} == {
        "elt_approver"
    }
    case.record(ANA, set_type(case.incident, TEMPLATE, CATALOG, ANA, type="security"))
    assert "elt_approver" in {r.role for r in to_call(case.incident, TEMPLATE, case.now)}


@pytest.mark.requirement("R-036")
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["deputy", "scribe", "technical_lead", "sme", "shadow"]),
            st.sampled_from([BEN, CHO, DAG]),
        ),
        max_size=8,
        unique=True,
    )
)
def test_the_chart_equals_the_assignments_and_leaves_no_orphan(wanted):
    case = declared(ANA)
    for role, person in wanted:
        definition = TEMPLATE.role(role)
        clash = {role, *case.incident.roles_of(person.person)} >= {"technical_lead", "sme"}
        if clash or (definition.max is not None and case.incident.holder(role)):
            continue
        case.give_role(role, person)
    places = chart(case.incident, TEMPLATE)
    shown = [a.id for p in places for a in (p.assignment, *p.also)]
    assert sorted(shown) == sorted(a.id for a in case.incident.open_assignments())
    assert len({p.assignment.person for p in places}) == len(places)
    assert [p.assignment.role for p in places if p.depth == 0] == ["commander"]
    assert all(p.above is not None for p in places if p.depth)


def test_an_expert_reports_to_the_technical_lead_or_to_whoever_stands_above():
    case = declared(ANA)
    case.give_role("sme", CHO)
    assert [(p.assignment.role, p.depth) for p in chart(case.incident, TEMPLATE)] == [
        ("commander", 0),
        ("sme", 1),
    ]
    case.give_role("technical_lead", BEN)
    assert [(p.assignment.role, p.depth) for p in chart(case.incident, TEMPLATE)] == [
        ("commander", 0),
        ("technical_lead", 1),
        ("sme", 2),
    ]
