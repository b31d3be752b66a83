"""Repairs: who may propose, decide, approve, begin and end them, and that no order of acts gets round it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quarterdeck import catalog
from quarterdeck.core.incidents import (
    change_phase,
    findings,
    hypotheses,
    remediations,
    resolve,
    tasks,
)
from quarterdeck.core.kernel.refused import Refused
from support.budgets import examples
from support.incident_case import ANA, BEN, CATALOG, CHO, DAG, TEMPLATE, Who, declared

OLE = Who("ole", frozenset({"observer"}))


def code(act) -> str:
    with pytest.raises(Refused) as refused:
        act()
    return refused.value.code


def staffed(**said):
    """Ana commands, Ben leads the technical work, Cho is an expert, Dag writes."""
    case = declared(ANA, **said)
    for role, person in (("technical_lead", BEN), ("sme", CHO), ("scribe", DAG)):
        case.give_role(role, person)
    return case


def proposed(case, by=CHO, risk="high", assignee="ben", remediation_id="re", **more):
    told = {"title": "Roll back", "plan": "Deploy v41", "rollback": "Deploy v42", "minutes": 10} | more
    made = remediations.propose(
        case.incident, by, remediation_id=remediation_id, risk=risk, assignee=assignee, **told
    )
    case.record(by, made)
    return case


def approve(case, by, decision_id="d-1"):
    made = remediations.approve(case.incident, TEMPLATE, by, remediation_id="re", decision_id=decision_id)
    return case.record(by, made)


def start(case, by=BEN):
    return case.record(by, remediations.start(case.incident, TEMPLATE, by, remediation_id="re"))


def repair(case):
    return case.incident.technical.remediations["re"]


@pytest.mark.requirement("R-062")
def test_a_risky_repair_is_blocked_until_the_commanders_decision_is_recorded():
    case = proposed(staffed())
    assert code(lambda: start(case)) == "remediation.blocked"
    approve(case, CHO)  # a second person alone is not enough
    assert code(lambda: start(case)) == "remediation.blocked"
    approve(case, ANA)
    decision = case.incident.decisions[repair(case).decision]
    assert (decision.chosen, decision.decided_by) == (remediations.YES, "ana")
    start(case)
    assert (repair(case).state, case.incident.tasks["re"].kind) == ("running", "remediation")
    assert case.incident.tasks["re"].due_at == case.now + timedelta(minutes=10)


@pytest.mark.requirement("R-062")
def test_a_repair_of_low_risk_begins_at_once_and_the_commander_may_refuse_a_risky_one():
    case = proposed(staffed(), risk="low", rollback="")
    start(case)
    refused = proposed(staffed())
    made = remediations.refuse(
        refused.incident, TEMPLATE, ANA, remediation_id="re", decision_id="d", reason="Too late"
    )
    refused.record(ANA, made)
    assert (repair(refused).state, refused.incident.decisions["d"].chosen) == ("refused", remediations.NO)
    assert code(lambda: start(refused)) == "remediation.state"


# The five core duties of a commander, each with words of the item that asks for it.
DUTIES = {
    "triage": ("triage", "the type, the severity"),
    "resources": ("investigating", "each task to one named person"),
    "hub": ("triage", "channel and the call are open"),
    "oversight": ("monitoring", "every affected region checked"),
    "review": ("analysis", "review is written on time"),
}


@pytest.mark.requirement("R-053")
def test_the_shipped_checklist_has_the_five_duties_and_an_action_flagged_risky_needs_a_second_person():
    card = next(t for t in catalog.load().templates if t.key == "software").role("commander")
    for phase, words in DUTIES.values():
        assert any(words in item.text for item in card.checklist[phase]), words
    case = proposed(staffed(), assignee="ana")  # the commander means to do it alone
    approve(case, ANA)
    assert repair(case).decision and not repair(case).approved_by
    assert code(lambda: start(case, ANA)) == "remediation.blocked"
    assert code(lambda: approve(case, ANA, "d-2")) == "remediation.own"
    approve(case, BEN)
    assert repair(case).approved_by == "ben"
    start(case, ANA)
    passing = tasks.reassign_task
    back = lambda: passing(case.incident, TEMPLATE, ANA, task_id="re", assignee="ben", minutes=5)  # noqa: E731
    assert code(back) == "remediation.own"
    case.record(ANA, passing(case.incident, TEMPLATE, ANA, task_id="re", assignee="cho", minutes=5))
    assert repair(case).assignee == "cho"


def test_another_plan_is_decided_anew_and_a_risky_one_says_its_way_back():
    case = proposed(staffed())
    approve(case, ANA)
    told = {"title": "Roll back", "plan": "Delete it all", "minutes": 10, "assignee": "ben"}
    change = lambda **more: remediations.change(  # noqa: E731
        case.incident,
        TEMPLATE,
        CHO,
        remediation_id="re",
        **told | {"risk": "high", "rollback": "None"} | more,
    )
    assert code(lambda: change(rollback=" ")) == "rollback.missing"
    case.record(CHO, change())
    assert (repair(case).decision, repair(case).approved_by) == ("", "")
    assert code(lambda: start(case)) == "remediation.blocked"


def test_a_repair_ends_with_its_result_and_so_does_its_task_either_way():
    case = proposed(staffed(), risk="low")
    start(case)
    ends = remediations.end
    bare = lambda: ends(case.incident, TEMPLATE, BEN, remediation_id="re", outcome="failed", result=" ")  # noqa: E731
    assert code(bare) == "result.missing"
    case.record(
        BEN, ends(case.incident, TEMPLATE, BEN, remediation_id="re", outcome="failed", result="It hangs")
    )
    assert (repair(case).state, repair(case).result) == ("failed", "It hangs")
    assert case.incident.tasks["re"].state == "done"
    other = proposed(staffed(), risk="low")
    start(other)
    other.record(BEN, tasks.finish_task(other.incident, TEMPLATE, BEN, task_id="re", result="v41 runs"))
    assert (repair(other).state, repair(other).result) == ("done", "v41 runs")


def test_an_incident_is_not_resolved_while_a_repair_runs():
    case = proposed(staffed(), risk="low")
    start(case)
    case.record(ANA, change_phase(case.incident, TEMPLATE, ANA, phase="investigating"))
    done = {"code": "fixed", "resolved_at": case.now, "at": case.now, "review_id": "r"}
    with pytest.raises(Refused) as refused:
        resolve(case.incident, TEMPLATE, CATALOG, ANA, **done)
    assert "repairs_ended" in refused.value.details


_ACTS = st.lists(
    st.tuples(
        st.sampled_from(["approve", "start", "change", "reassign"]), st.sampled_from([ANA, BEN, CHO, DAG])
    ),
    max_size=12,
)


@settings(max_examples=examples(80), deadline=None)
@given(_ACTS, st.sampled_from(["ana", "ben", "cho"]))
def test_whatever_people_do_no_risky_repair_runs_without_the_commander_and_a_second_person(acts, assignee):
    case = proposed(staffed(), assignee=assignee)
    for n, (what, by) in enumerate(acts):
        try:
            if what == "approve":
                approve(case, by, f"d-{n}")
            elif what == "start":
                start(case, by)
            elif what == "reassign":
                case.record(
                    ANA,
                    tasks.reassign_task(
                        case.incident, TEMPLATE, ANA, task_id="re", assignee=by.person, minutes=7
                    ),
                )
            else:
                case.record(
                    by,
                    remediations.change(
                        case.incident, TEMPLATE, by, remediation_id="re", title="Roll back", plan=f"Plan {n}",
                        risk="high", rollback="Forward", assignee=by.person, minutes=5,
                    ),
                )  # fmt: skip
        except Refused:
            continue
        now = repair(case)
        if now.state == "running":
            assert now.decided_by == "ana"
            assert now.approved_by not in ("", now.assignee)


@pytest.mark.requirement("R-060")
def test_the_technical_lead_changes_hypotheses_repairs_and_the_technical_channel_and_a_scribe_does_not():
    card = next(t for t in catalog.load().templates if t.key == "software").role("technical_lead")
    assert {"hypothesis.write", "remediation.apply"} <= set(card.grants)
    case = proposed(staffed(), by=CHO, risk="low", assignee="cho")
    case.record(CHO, hypotheses.state_hypothesis(case.incident, CHO, hypothesis_id="h", text="The pool"))

    def judge(by):
        return hypotheses.judge_hypothesis(
            case.incident, TEMPLATE, by, hypothesis_id="h", state="refuted", evidence="Graph"
        )

    def change(by):
        return remediations.change(
            case.incident, TEMPLATE, by, remediation_id="re", title="Roll on", plan="v43", risk="low",
            assignee="cho", minutes=5,
        )  # fmt: skip

    def channel(by):
        return findings.set_channel(case.incident, TEMPLATE, by, url="https://chat.example/tech")

    for act in (judge, change, channel):
        assert code(lambda act=act: act(DAG)).startswith("grant.")
        assert act(BEN)
    case.record(BEN, channel(BEN))
    assert case.incident.technical.channel_url == "https://chat.example/tech"
