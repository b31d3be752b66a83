"""How the work is split and run: span, sub-teams, safety stops, one-tap replies, reports, supposed causes."""

from __future__ import annotations

from datetime import timedelta

import pytest

from quarterdeck.core.incidents import (
    chart,
    describe,
    give_task,
    hypotheses,
    safety,
    tasks,
    transfer,
    workstreams,
    write_entry,
)
from quarterdeck.core.incidents.record import can_report
from quarterdeck.core.incidents.staffing import spans
from quarterdeck.core.kernel.refused import Refused
from support.incident_case import ANA, BEN, CHO, DAG, TEMPLATE, Who, clock, declared, name

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


@pytest.mark.requirement("R-173")
def test_the_eighth_direct_report_warns_and_suggests_to_split():
    case = declared(ANA)
    people = [Who(f"p{n}", frozenset({"responder"})) for n in range(8)]
    team(case, *people[:7])
    assert spans(case.incident, TEMPLATE)[0].advice == ""
    team(case, people[7])
    (span,) = spans(case.incident, TEMPLATE)
    assert (span.supervisor.person, len(span.reports)) == ("ana", 8)
    assert "8 people report to one" in span.advice
    assert "workstream" in span.advice


@pytest.mark.requirement("R-063")
def test_an_expert_reports_to_the_technical_lead_or_the_leader_of_their_workstream():
    case = declared(ANA)
    team(case, BEN, role="technical_lead")
    team(case, CHO, DAG)
    above = lambda: {p.assignment.person: p.above.person for p in chart(case.incident, TEMPLATE) if p.above}  # noqa: E731
    assert above() == {"ben": "ana", "cho": "ben", "dag": "ben"}
    stream(case, CHO)
    case.record(ANA, workstreams.join_workstream(case.incident, TEMPLATE, ANA, workstream_id="w", person=DAG))
    assert above() == {"ben": "ana", "cho": "ben", "dag": "cho"}
    people = [Who(f"p{n}", frozenset({"responder"})) for n in range(7)]
    team(case, *people)
    assert "8 people" in next(
        s.advice for s in spans(case.incident, TEMPLATE) if s.supervisor.person == "ben"
    )


@pytest.mark.requirement("R-174")
def test_a_second_supervisor_is_refused_and_two_roles_are_one_line_in_the_chart():
    case = declared(ANA)
    team(case, BEN, CHO, DAG)
    stream(case, BEN)
    stream(case, CHO, "w2", "Database")
    join = lambda w: workstreams.join_workstream(case.incident, TEMPLATE, ANA, workstream_id=w, person=DAG)  # noqa: E731
    case.record(ANA, join("w"))
    with pytest.raises(Refused) as refused:
        join("w2")
    assert (refused.value.code, refused.value.details["leader"]) == ("supervisor.second", "ben")
    team(case, DAG, role="scribe")
    lines = [p for p in chart(case.incident, TEMPLATE) if p.assignment.person == "dag"]
    assert [(p.above.person, [a.role for a in p.also]) for p in lines] == [("ben", ["scribe"])]


def test_a_workstream_has_a_leader_who_speaks_for_it_and_a_clock_that_tells_when_nobody_does():
    case = declared(ANA)
    team(case, BEN, CHO)
    stream(case, BEN, room="https://call.example/n", every_minutes=20)
    case.record(CHO, workstreams.join_workstream(case.incident, TEMPLATE, CHO, workstream_id="w", person=CHO))
    report = lambda who: workstreams.report_workstream(  # noqa: E731
        case.incident, TEMPLATE, who, workstream_id="w", text="Two links are back"
    )
    assert code(lambda: report(CHO)) == "workstream.not_leader"
    assert workstreams.wake_at(case.incident) == case.now + timedelta(minutes=20)
    case.pass_time(minutes=20)
    (late,) = case.record("engine", workstreams.due_events(case.incident, case.now))
    assert (late.leader, workstreams.due_events(case.incident, case.now)) == ("ben", [])
    case.record(BEN, report(BEN))
    one = case.incident.crew.workstreams["w"]
    assert (one.late, one.next_report_at) == (False, case.now + timedelta(minutes=20))
    assert (
        code(
            lambda: workstreams.leave_workstream(
                case.incident, TEMPLATE, BEN, workstream_id="w", person="ben"
            )
        )
        == "workstream.leader"
    )
    case.record(
        BEN, workstreams.end_workstream(case.incident, TEMPLATE, BEN, workstream_id="w", result="Done")
    )
    assert workstreams.wake_at(case.incident) is None


def test_a_workstream_is_led_by_somebody_who_acts_and_not_by_the_commander():
    case = declared(ANA)
    assert code(lambda: stream(case, BEN)) == "role.none"
    assert code(lambda: stream(case, ANA)) == "workstream.commander"
    team(case, BEN)
    stream(case, BEN)
    assert code(lambda: stream(case, BEN, "w2", "Database")) == "workstream.leads"


def test_two_people_above_each_other_both_end_up_under_the_commander():
    """The leader of a sub-team is an expert under the technical lead, who works in that sub-team."""
    case = declared(ANA)
    team(case, BEN, role="technical_lead")
    team(case, CHO)
    stream(case, CHO)
    case.record(ANA, workstreams.join_workstream(case.incident, TEMPLATE, ANA, workstream_id="w", person=BEN))
    above = {p.assignment.person: p.above.person for p in chart(case.incident, TEMPLATE) if p.above}
    assert above == {"ben": "cho", "cho": "ana"}


@pytest.mark.requirement("R-167")
def test_what_is_stopped_for_safety_is_not_started_until_it_is_cleared():
    case = declared(ANA)
    team(case, BEN, CHO)
    given = give_task(
        case.incident, TEMPLATE, ANA, task_id="t", title="Cut power", assignee="ben", minutes=10
    )
    case.record(ANA, given)
    stopped = safety.stop(
        case.incident, CHO, stop_id="s", reason="Water near power", what="task", subject="t"
    )
    case.record(CHO, stopped)
    start = lambda: tasks.acknowledge_task(case.incident, BEN, task_id="t")  # noqa: E731
    assert code(start) == "safety.stopped"
    assert (
        code(lambda: safety.clear(case.incident, TEMPLATE, BEN, stop_id="s", clearance="ok")) == "stop.clear"
    )
    case.record(ANA, safety.clear(case.incident, TEMPLATE, ANA, stop_id="s", clearance="Power is off"))
    assert start()


def test_a_stop_of_everything_holds_every_task():
    case = declared(ANA)
    team(case, BEN)
    case.record(BEN, safety.stop(case.incident, BEN, stop_id="s", reason="Smoke"))
    given = give_task(case.incident, TEMPLATE, ANA, task_id="t", title="Look", assignee="ben", minutes=5)
    case.record(ANA, given)
    assert code(lambda: tasks.finish_task(case.incident, TEMPLATE, BEN, task_id="t")) == "safety.stopped"


@pytest.mark.requirement("R-285")
@pytest.mark.parametrize("reply", ["acknowledged", "say_again", "standby", "will_comply"])
def test_a_reply_is_one_tap_kept_with_its_time_and_ends_the_reminder(reply):
    case = declared(ANA)
    given = give_task(case.incident, TEMPLATE, ANA, task_id="t", title="Look", assignee="ben", minutes=10)
    case.record(ANA, given)
    assert tasks.wake_at(case.incident) == case.now + tasks.REMIND_AFTER
    case.pass_time(seconds=20)
    case.record(BEN, tasks.reply_task(case.incident, BEN, task_id="t", reply=reply))
    task = case.incident.tasks["t"]
    assert (task.reply, task.replied_at) == (reply, case.now)
    assert (task.state == "acknowledged") == (reply in ("acknowledged", "will_comply"))
    case.pass_time(minutes=2)
    assert tasks.due_events(case.incident, case.now) == []


@pytest.mark.requirement("R-284")
def test_needing_ten_minutes_moves_the_timer_and_not_knowing_is_an_answer():
    case = declared(ANA)
    given = give_task(case.incident, TEMPLATE, ANA, task_id="t", title="Look", assignee="ben", minutes=10)
    case.record(ANA, given)
    due = case.incident.tasks["t"].due_at
    case.record(BEN, tasks.reply_task(case.incident, BEN, task_id="t", reply="needs_time", minutes=10))
    assert case.incident.tasks["t"].due_at == due + timedelta(minutes=10)
    case.record(BEN, tasks.reply_task(case.incident, BEN, task_id="t", reply="unknown"))
    assert case.incident.tasks["t"].reply == "unknown"


@pytest.mark.requirement("R-072")
def test_a_report_has_condition_actions_needs_and_a_request_for_one_is_reminded_of():
    case = declared(ANA)
    team(case, BEN)
    asked = give_task(
        case.incident, TEMPLATE, ANA, task_id="t", title="Report", assignee="ben", minutes=5, kind="can"
    )
    case.record(ANA, asked)
    case.pass_time(seconds=61)
    (reminded,) = tasks.due_events(case.incident, case.now)
    assert reminded.assignee == "ben"
    text = can_report("Half of the nodes are down", "Restarting them", "")
    assert text.splitlines() == [
        "Condition: Half of the nodes are down",
        "Actions: Restarting them",
        "Needs: nothing",
    ]
    written = write_entry(case.incident, TEMPLATE, BEN, entry_id="e", kind="can", text=text, at=case.now)
    case.record(BEN, written)
    assert describe(case.log[-1], name).kind == "can"


def test_a_supposed_cause_is_confirmed_or_refuted_by_what_shows_it():
    case = declared(ANA)
    team(case, BEN, role="technical_lead")
    team(case, CHO)
    stated = hypotheses.state_hypothesis(
        case.incident, CHO, hypothesis_id="h", text="Cold cache", owner="cho"
    )
    case.record(CHO, stated)
    judge = lambda who, evidence="": hypotheses.judge_hypothesis(  # noqa: E731
        case.incident, TEMPLATE, who, hypothesis_id="h", state="refuted", evidence=evidence
    )
    assert code(lambda: judge(CHO)) == "evidence.missing"
    assert code(lambda: judge(DAG, "x")) == "grant.hypothesis.write"
    case.record(BEN, judge(BEN, "Hit rate 98 %"))
    assert case.incident.crew.hypotheses["h"].state == "refuted"


def test_the_briefing_of_a_successor_is_written_from_the_record():
    case = declared(ANA)
    team(case, BEN, role="technical_lead")
    given = give_task(
        case.incident, TEMPLATE, ANA, task_id="t", title="Roll back", assignee="ben", minutes=10
    )
    case.record(ANA, given)
    told = transfer.snapshot(case.incident, TEMPLATE, name, clock)
    assert tuple(told) == tuple(transfer.HEADINGS)
    assert "Checkout is down" in told["situation"]
    assert told["actions"].startswith("Roll back – Ben Okonkwo, until 14:12")
    assert told["organisation"].splitlines() == [
        "Incident Commander: Ana Ferreira",
        "Technical Lead: Ben Okonkwo",
    ]
