"""Who is in an incident: trainees, own roles, unified command, vacancies, releases, roll calls, reliefs."""

from __future__ import annotations

from datetime import timedelta

import pytest

from quarterdeck import catalog
from quarterdeck.core.incidents import (
    assign_role,
    chart,
    command_line,
    crewing,
    describe,
    give_task,
    grants,
    hypotheses,
    make_decision,
    own_roles,
    release_role,
    reliefs,
    set_severity,
    take_role,
    unified,
    vacancies,
    workstreams,
)
from quarterdeck.core.incidents.authority import may
from quarterdeck.core.incidents.command import delegate_domain
from quarterdeck.core.incidents.expressions import evaluate
from quarterdeck.core.incidents.staffing import values
from quarterdeck.core.kernel.refused import Refused
from support.incident_case import ANA, BEN, CATALOG, CHO, DAG, TEMPLATE, Who, clock, declared, name

GUS = Who("gus", frozenset({"responder"}))


def code(act) -> str:
    with pytest.raises(Refused) as refused:
        act()
    return refused.value.code


def team(case, *people, role="sme"):
    for person in people:
        case.give_role(role, person)


def stream(case, leader=BEN, workstream_id="w", title="Network", **more):
    made = workstreams.open_workstream(
        case.incident, TEMPLATE, ANA, workstream_id=workstream_id, title=title, leader=leader, **more
    )
    return case.record(ANA, made)


@pytest.mark.requirement("R-027")
def test_a_deputy_has_a_domain_and_none_of_the_commanders_rights():
    case = declared(ANA)
    made = assign_role(
        case.incident, TEMPLATE, ANA, assignment_id="d", role="deputy", person=BEN, domain="the databases"
    )
    case.record(ANA, made)
    assert case.incident.deputy.domain == "the databases"
    assert not grants(case.incident, TEMPLATE, BEN) & {"incident.phase", "decision.make", "message.release"}
    case.record(ANA, delegate_domain(case.incident, ANA, assignment_id="d", domain="the network"))
    assert command_line(case.incident, name, clock).endswith("deputy: Ben Okonkwo (the network)")
    assert (
        code(lambda: delegate_domain(case.incident, BEN, assignment_id="d", domain="all"))
        == "domain.commander"
    )
    assert code(
        lambda: assign_role(
            case.incident, TEMPLATE, ANA, assignment_id="s", role="scribe", person=CHO, domain="x"
        )
    ) == "domain.deputy"  # fmt: skip


@pytest.mark.requirement("R-261")
def test_a_shadow_cannot_act_and_stands_in_the_chart_as_a_trainee_under_the_mentor():
    case = declared(ANA)
    team(case, BEN, role="technical_lead")
    made = take_role(case.incident, TEMPLATE, CHO, assignment_id="t", role="shadow", mentor="ben")
    case.record(CHO, made)
    (place,) = [p for p in chart(case.incident, TEMPLATE) if p.assignment.person == "cho"]
    assert (place.above.person, place.assignment.mentor) == ("ben", "ben")
    assert not grants(case.incident, TEMPLATE, CHO)
    assert (
        code(lambda: hypotheses.state_hypothesis(case.incident, CHO, hypothesis_id="h", text="x"))
        == "role.none"
    )


def test_a_reverse_shadow_acts_under_a_mentor_who_must_stay():
    case = declared(ANA)
    team(case, BEN)
    made = assign_role(
        case.incident, TEMPLATE, ANA, assignment_id="t", role="technical_lead", person=CHO, mentor="ben"
    )
    case.record(ANA, made)
    assert may(case.incident, TEMPLATE, CHO, "check.plan")
    assert code(lambda: release(case, BEN)) == "release.needed"
    assert code(
        lambda: take_role(case.incident, TEMPLATE, DAG, assignment_id="u", role="shadow", mentor="nobody")
    ) == "mentor.unknown"  # fmt: skip


def test_an_unforeseen_function_becomes_a_role_of_this_incident_that_can_be_filled():
    case = declared(ANA)
    made = own_roles.create_role(
        case.incident, TEMPLATE, ANA, title="Network lead", purpose="Lead the network people"
    )
    case.record(ANA, made)
    template = own_roles.effective(TEMPLATE, case.incident)
    filled = assign_role(case.incident, template, ANA, assignment_id="n", role="network_lead", person=BEN)
    case.record(ANA, filled)
    assert [p.assignment.role for p in chart(case.incident, template)] == ["commander", "network_lead"]
    again = lambda: own_roles.create_role(case.incident, template, ANA, title="Network lead", purpose="x")  # noqa: E731
    assert code(again) == "role.exists"
    assert (
        code(lambda: own_roles.create_role(case.incident, template, CHO, title="A", purpose="x"))
        == "grant.role.assign"
    )


def test_unified_command_is_off_unless_the_structure_has_it_and_then_decides_with_every_members_word():
    import dataclasses

    case = declared(ANA)
    assert code(lambda: unified.unify(case.incident, TEMPLATE, ANA, reason="Two agencies")) == "unified.off"
    both = dataclasses.replace(TEMPLATE, unified_command=True)
    member = lambda: assign_role(  # noqa: E731
        case.incident, both, ANA, assignment_id="m", role="command_member", person=BEN
    )
    assert code(member) == "unified.single"
    assert code(lambda: unified.unify(case.incident, both, BEN, reason="I too")) == "unified.commander"
    case.record(ANA, unified.unify(case.incident, both, ANA, reason="City and county"))
    case.record(ANA, member())
    assert unified.members(case.incident) == ("ana", "ben")
    assert [a.person for a in case.incident.holders("commander")] == ["ana"]
    decide = lambda: make_decision(  # noqa: E731
        case.incident, both, ANA, decision_id="d", question="Evacuate?", chosen="Yes"
    )
    with pytest.raises(Refused) as refused:
        decide()
    assert (refused.value.code, refused.value.details["missing"]) == ("unified.not_agreed", "ben")
    case.record(BEN, unified.agree(case.incident, BEN, subject="Evacuate?"))
    assert decide()
    assert code(lambda: unified.agree(case.incident, CHO, subject="Evacuate?")) == "unified.not_member"
    case.record(ANA, unified.end_unified(case.incident, both, ANA))
    assert case.incident.holders("command_member") == ()


def test_the_duties_of_a_vacated_role_fall_to_its_supervisor_who_is_told_after_three_minutes():
    case = declared(ANA, severity=1)
    team(case, BEN, role="deputy")
    case.pass_time(minutes=10)
    for event in vacancies.due_events(case.incident, TEMPLATE, case.now):
        case.record("engine", [event])
    deputy = case.incident.deputy
    case.record(BEN, release_role(case.incident, TEMPLATE, BEN, assignment_id=deputy.id))
    assert vacancies.stands_in(case.incident, TEMPLATE, "deputy") == "ana"
    assert may(case.incident, TEMPLATE, ANA, "clock.manage")
    assert vacancies.wake_at(case.incident, TEMPLATE, case.now) == case.now + timedelta(minutes=3)
    case.pass_time(minutes=2)
    assert vacancies.due_events(case.incident, TEMPLATE, case.now) == []
    case.pass_time(minutes=1)
    (gap,) = case.record("engine", vacancies.due_events(case.incident, TEMPLATE, case.now))
    assert (gap.role, gap.person) == ("deputy", "ana")
    assert vacancies.due_events(case.incident, TEMPLATE, case.now) == []
    team(case, CHO, role="deputy")
    assert case.incident.crew.gaps.get("deputy") is None


@pytest.mark.requirement("R-035")
def test_the_light_path_asks_for_no_structure_until_it_is_promoted_and_then_keeps_its_history():
    shipped = catalog.load().template("software")
    case = declared(ANA, severity=4)
    called = lambda: [  # noqa: E731
        r.role for r in shipped.assembly
        if r.role == "commander" and evaluate(r.when, values(case.incident, shipped, case.now))
    ]  # fmt: skip
    case.give_role("technical_lead", ANA)  # one person commands and repairs
    case.pass_time(minutes=30)
    assert called() == []
    assert vacancies.due_events(case.incident, TEMPLATE, case.now) == []
    before = case.log[:]
    raised = set_severity(case.incident, TEMPLATE, CATALOG, ANA, severity=2, reason="All shops", at=case.now)
    case.record(ANA, raised)
    assert called() == ["commander"]
    assert (
        code(lambda: take_role(case.incident, TEMPLATE, ANA, assignment_id="s", role="sme"))
        == "role.excluded"
    )
    assert case.log[: len(before)] == before
    assert case.incident.severity_initial == 4


def release(case, person, by=ANA, **more):
    return crewing.release_person(case.incident, TEMPLATE, by, person=person.person, now=case.now, **more)


@pytest.mark.requirement("R-290")
def test_a_released_person_holds_nothing_more_and_the_record_lists_who_stays():
    case = declared(ANA)
    team(case, BEN, CHO)
    stream(case, BEN)
    case.record(ANA, workstreams.join_workstream(case.incident, TEMPLATE, ANA, workstream_id="w", person=CHO))
    case.record(ANA, release(case, CHO, reason="Not needed any more"))
    assert case.incident.roles_of("cho") == ()
    assert case.incident.crew.workstreams["w"].members == ()
    line = describe(case.log[-1], name)
    assert line.title == "Ana Ferreira released Cho Min-ji"
    assert line.text == "Not needed any more. Ana Ferreira, Ben Okonkwo stay."
    assert release(case, CHO) == []
    case.record(ANA, crewing.recall(case.incident, TEMPLATE, ANA, person="cho"))
    assert not case.incident.crew.has_left("cho")


@pytest.mark.requirement("R-178")
def test_nobody_is_released_with_open_tasks_unless_somebody_says_why():
    case = declared(ANA)
    team(case, BEN)
    given = give_task(
        case.incident, TEMPLATE, ANA, task_id="t", title="Roll back", assignee="ben", minutes=10
    )
    case.record(ANA, given)
    assert code(lambda: release(case, BEN)) == "release.needed"
    case.record(ANA, release(case, BEN, override_reason="He is ill"))
    assert case.incident.tasks["t"].assignee == "ana"


def test_the_standby_must_be_here_before_the_last_one_in_a_needed_role_leaves():
    case = declared(ANA, severity=1)
    team(case, BEN, role="deputy")
    with pytest.raises(Refused, match="nobody else is Deputy"):
        release(case, BEN)
    team(case, CHO, role="deputy")
    assert release(case, BEN)
    assert code(lambda: release(case, ANA)) == "command.not_released"


def test_a_roll_call_asks_everybody_ends_with_the_last_answer_and_names_the_silent():
    case = declared(ANA)
    team(case, BEN, CHO)
    case.record(ANA, crewing.start_roll_call(case.incident, TEMPLATE, ANA, roll_id="r"))
    assert case.incident.crew.roll_call().asked == ("ben", "cho")
    case.record(BEN, crewing.answer_roll_call(case.incident, BEN, roll_id="r"))
    assert case.incident.crew.roll_call().silent == ("cho",)
    assert code(lambda: crewing.answer_roll_call(case.incident, DAG, roll_id="r")) == "roll.not_asked"
    case.record(CHO, crewing.check_in(case.incident, CHO, doing="payments"))
    assert case.incident.crew.roll_calls["r"].silent == ()
    case.record(ANA, crewing.start_roll_call(case.incident, TEMPLATE, ANA, roll_id="r2"))
    (ended,) = case.record(ANA, crewing.end_roll_call(case.incident, TEMPLATE, ANA, roll_id="r2"))
    assert ended.silent == ("ben", "cho")
    assert describe(case.log[-1], name).title.endswith("no answer from Ben Okonkwo, Cho Min-ji")


def test_a_relief_is_told_a_quarter_of_an_hour_ahead_and_once():
    case = declared(ANA)
    starts = case.now + timedelta(hours=4)
    planned = reliefs.plan_relief(
        case.incident,
        TEMPLATE,
        ANA,
        relief_id="r",
        role="commander",
        person=BEN,
        starts_at=starts,
        now=case.now,
    )
    case.record(ANA, planned)
    assert reliefs.wake_at(case.incident) == starts - timedelta(minutes=15)
    assert reliefs.due_events(case.incident, case.now) == []
    case.pass_time(hours=3, minutes=45)
    (due,) = case.record("engine", reliefs.due_events(case.incident, case.now))
    assert (due.person, reliefs.due_events(case.incident, case.now)) == ("ben", [])
    assert case.incident.commander.person == "ana"
