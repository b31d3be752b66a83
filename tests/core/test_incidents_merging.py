"""What an incident takes on from one that is merged into it, and what ends there."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import count

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quarterdeck.catalog import load_business
from quarterdeck.core.access import Who
from quarterdeck.core.incidents import regulatory, relations, safety, vendors
from quarterdeck.core.incidents.authority import is_acting
from quarterdeck.core.incidents.events import HypothesisJudged, HypothesisStated, SafetyStopped, TaskGiven
from quarterdeck.core.incidents.events import business as ev
from quarterdeck.core.incidents.events.crew import WorkstreamOpened
from quarterdeck.core.incidents.events.ics_resources import RequestApproved, RequestOrdered, ResourceRequested
from quarterdeck.core.incidents.events.outside import AgencyAsked, AgencyListed
from quarterdeck.core.incidents.events.technical import (
    ChoiceOpened,
    PollOpened,
    RemediationProposed,
    RemediationStarted,
)
from quarterdeck.core.incidents.state import Incident
from quarterdeck.core.incidents.workstreams import of_person
from quarterdeck.core.kernel.refused import Refused
from support.budgets import examples
from support.incident_case import ANA, BEN, CHO, DAG, START, TEMPLATE, Case, declared

EVE, FAY = (Who(p, frozenset({"responder"})) for p in ("eve", "fay"))


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


def test_a_sub_team_that_stands_still_for_safety_does_so_as_the_task_it_becomes():
    case, other = declared(ANA), declared(FAY)
    other.incident = replace(other.incident, number=1043)
    for one in (case, other):
        one.give_role("technical_lead", BEN)
        one.record(ANA, [WorkstreamOpened("net", "network", "Network", "ben", "", 30)])
    case.record(ANA, [SafetyStopped("s", "workstream", "net", "Network", "A live wire")])
    ids = (f"m-{n}" for n in count())
    taken = relations.take_in(other.incident, TEMPLATE, other=case.incident, reason="Same", ids=ids)
    other.record(FAY, taken)
    (task,) = (t for t in other.incident.tasks.values() if t.is_open)
    assert task.title.startswith("Give the sub-team Network of INC-1042 a leader")
    (stop,) = other.incident.crew.open_stops()
    assert (stop.what, stop.subject, stop.reason) == ("task", task.id, "A live wire")
    with pytest.raises(Refused, match="is stopped for safety: A live wire"):
        safety.must_not_be_stopped(other.incident, task_id=task.id)


PEOPLE = (BEN, CHO, DAG, EVE)
ROLES = ("technical_lead", "sme", "scribe", "deputy", "observer")
WORK = st.lists(
    st.one_of(
        st.tuples(st.just("cause"), st.sampled_from(["proposed", "testing", "confirmed"])),
        st.tuples(st.just("repair"), st.sampled_from(["proposed", "running"])),
        st.tuples(st.just("choice"), st.just("")),
        st.tuples(st.just("poll"), st.just("")),
        st.tuples(st.just("stream"), st.sampled_from(["ben", "cho", "dag"])),
        st.tuples(st.just("stop"), st.sampled_from(["everything", "task", "workstream"])),
        st.tuples(st.just("task"), st.sampled_from(["ben", "cho", "ana"])),
        st.tuples(st.just("request"), st.sampled_from(["requested", "approved", "ordered"])),
        st.tuples(st.just("lend"), st.just("ben")),
        st.tuples(st.just("agency"), st.sampled_from(["City works", "Rail"])),
    ),
    max_size=14,
)


def of_technical_work(i: Incident, key: str, what: str, how: str, at: datetime) -> list:
    made: list = []
    match what:
        case "cause":
            made = [HypothesisStated(key, f"Cause {key}", "ben"), HypothesisJudged(key, how, "seen")]
        case "repair":
            made = [RemediationProposed(key, f"Repair {key}", "Do it", "low", "", "fix", "ben", 10)]
            if how == "running":
                made += [
                    RemediationStarted(key),
                    TaskGiven(key, f"Repair {key}", "ben", 10, kind="remediation"),
                ]
        case "choice":
            made = [ChoiceOpened(key, f"Choice {key}", ("a", "b"))]
        case "poll":
            made = [PollOpened(key, f"Poll {key}", at)]
        case "stream" if is_acting(i, Who(how)) and of_person(i, how) is None:
            made = [WorkstreamOpened(key, key.replace("-", "_"), f"Team {key}", how)]
    return made


def of_the_rest(i: Incident, key: str, what: str, how: str) -> list:
    made: list = []
    match what:
        case "stop":
            parts = {"task": i.tasks, "workstream": i.crew.workstreams}.get(how, {"": None})
            open_ = [k for k, p in parts.items() if p is None or p.is_open]
            made = [SafetyStopped(key, how, open_[-1], "", f"Stop {key}")] if open_ else []
        case "task":
            made = [TaskGiven(key, f"Task {key}", how, 10)]
        case "request":
            made = [ResourceRequested(key, len(i.ics.requests) + 1, 1, "Pump", f"Pump {key}")]
            made += [RequestApproved(key)] if how != "requested" else []
            made += [RequestOrdered(key, "o-1", "Hire", 3)] if how == "ordered" else []
        case "lend":
            made = [ev.AuthorityDelegated(key, "ana", how, ("regulatory",))]
        case "agency" if not any(a.is_called(how) for a in i.outside.agencies.values()):
            made = [AgencyListed(key, how), AgencyAsked(f"{key}-q", key, how, f"Asked {key}")]
    return made


def happens(case: Case, what: str, how: str) -> None:
    """One piece of work, as its event leaves it."""
    key, i = case.id(), case.incident
    case.record(ANA, [*of_technical_work(i, key, what, how, case.now), *of_the_rest(i, key, what, how)])


@settings(max_examples=examples(60))
@given(
    st.lists(st.tuples(st.sampled_from(ROLES), st.sampled_from(PEOPLE)), max_size=5),
    st.lists(st.tuples(st.sampled_from(ROLES), st.sampled_from(PEOPLE)), max_size=5),
    WORK, WORK,
)  # fmt: skip
def test_of_a_merge_nothing_is_lost_one_commands_and_no_duty_is_left_to_nobody(here, there, mine, theirs):
    case, other = declared(ANA), declared(FAY)
    other.incident = replace(other.incident, number=1043)
    for one, held in ((case, here), (other, there)):
        for role, person in dict.fromkeys(held):
            with suppress(Refused):
                one.give_role(role, person)
    for one, work in ((case, mine), (other, theirs)):
        for what, how in work:
            happens(one, what, how)
    old, ids = case.incident, (f"m-{n}" for n in count())
    taken = relations.take_in(other.incident, TEMPLATE, other=old, reason="Same", ids=ids)
    case.record(ANA, relations.merge_into(old, TEMPLATE, ANA, other=other.incident, reason="Same"))
    other.record(FAY, taken)
    done, new = case.incident, other.incident

    assert [a.person for a in new.holders("commander")] == ["fay"]
    assert {a.person for a in old.open_assignments()} <= {a.person for a in new.open_assignments()}
    # Nothing that ended is open still, and what was open has a place where it goes on.
    assert not done.open_assignments() and not done.crew.open_workstreams() and not done.crew.open_stops()
    assert not any(r.is_open for r in done.technical.remediations.values())
    assert not any(p.is_open for p in (*done.technical.choices.values(), *done.technical.polls.values()))
    assert not any(d.ended_at is None for d in done.business.delegations.values())
    said = {t.title for t in new.tasks.values() if t.is_open}
    assert {t.title for t in old.tasks.values() if t.is_open} <= said
    causes = {h.text: h.state for h in new.crew.hypotheses.values()}
    assert all(causes[h.text] == h.state for h in old.crew.hypotheses.values() if h.state != "confirmed")
    proposed = {r.title for r in new.technical.remediations.values()}
    assert {r.title for r in old.technical.remediations.values() if r.state == "proposed"} <= proposed
    asked = {c.question for c in new.technical.choices.values()}
    assert {c.question for c in old.technical.choices.values()} <= asked
    assert {p.proposal for p in old.technical.polls.values()} <= asked
    titles = {w.title for w in new.crew.open_workstreams()}
    for w in old.crew.open_workstreams():
        assert w.title in titles or any(w.title in t for t in said)
    assert {s.reason for s in old.crew.open_stops()} <= {s.reason for s in new.crew.open_stops()}
    items = {r.item for r in new.ics.requests.values()}
    for r in old.ics.requests.values():
        assert r.item in items or any(f"request {r.number} of {old.key}" in t for t in said)
    assert {a.name for a in old.outside.agencies.values()} <= {a.name for a in new.outside.agencies.values()}
    assert {r.text for r in old.outside.requests.values()} <= {r.text for r in new.outside.requests.values()}
    # No orphan: whoever has a duty is in the incident, and each sub-team has a leader who acts.
    present = {a.person for a in new.open_assignments()}
    acting = {a.person for a in new.open_assignments() if a.role not in ("observer", "shadow")}
    assert {w.leader for w in new.crew.open_workstreams()} <= acting
    assert all(t.assignee for t in new.tasks.values() if t.id.startswith("m-"))
    assert all(t.assignee in present for t in new.tasks.values() if t.title.startswith(("Give", "See to")))
    assert len({r.number for r in new.ics.requests.values()}) == len(new.ics.requests)
