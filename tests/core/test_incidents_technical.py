"""Findings, options, polls, standing down, relapses, offers: what is allowed and what follows."""

from __future__ import annotations

from datetime import timedelta

import pytest

from quarterdeck.core.incidents import (
    change_phase,
    checks,
    choices,
    clocks,
    evolve,
    findings,
    give_task,
    hypotheses,
    offers,
    polls,
    relapse,
    reopen,
    resolve,
    set_clock,
    set_facts,
    set_severity,
    stand_down,
    task_words,
    tasks,
    workstreams,
)
from quarterdeck.core.incidents import events as ev
from quarterdeck.core.incidents.catch_up import catch_up
from quarterdeck.core.incidents.events import technical as te
from quarterdeck.core.incidents.relapse import Fired
from quarterdeck.core.kernel.refused import Refused
from support.incident_case import ANA, BEN, CATALOG, CHO, DAG, TEMPLATE, Who, clock, declared, name

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


# -- supposed causes and findings


@pytest.mark.requirement("R-016")
def test_a_refuted_cause_stays_visible_and_a_confirmed_one_offers_the_phase_identified():
    case = staffed()
    case.record(ANA, change_phase(case.incident, TEMPLATE, ANA, phase="investigating"))
    for key, text in (("h-1", "The cache is cold"), ("h-2", "The pool is too small")):
        case.record(
            CHO, hypotheses.state_hypothesis(case.incident, CHO, hypothesis_id=key, text=text, owner="cho")
        )
    assert {h.state for h in case.incident.crew.hypotheses.values()} == {"proposed"}

    def judge(key, state, evidence=""):
        made = hypotheses.judge_hypothesis(
            case.incident, TEMPLATE, CHO, hypothesis_id=key, state=state, evidence=evidence
        )
        case.record(CHO, made)

    judge("h-1", "testing")
    assert code(lambda: judge("h-1", "refuted")) == "evidence.missing"
    judge("h-1", "refuted", "Hit rate 98 %")
    assert not offers.offers(case.incident, TEMPLATE)
    judge("h-2", "confirmed", "Waits of 4 s")
    assert {h.id: h.state for h in case.incident.crew.hypotheses.values()} == {
        "h-1": "refuted", "h-2": "confirmed",
    }  # fmt: skip
    (offer,) = offers.offers(case.incident, TEMPLATE)
    assert (offer.kind, offer.phase) == ("phase", "identified")
    case.record(ANA, change_phase(case.incident, TEMPLATE, ANA, phase=offer.phase))
    assert not offers.offers(case.incident, TEMPLATE)


def test_evidence_is_words_a_link_or_a_file_of_the_incident():
    case = staffed()
    case.record(CHO, hypotheses.state_hypothesis(case.incident, CHO, hypothesis_id="h", text="The pool"))
    add = lambda **said: findings.add_evidence(case.incident, CHO, evidence_id="e", hypothesis_id="h", **said)  # noqa: E731
    assert code(add) == "text.missing"
    assert code(lambda: add(file="nowhere")) == "file.unknown"
    case.record(CHO, [ev.FileAttached("f", "graph.png", "image/png", 10, "a" * 64)])
    case.record(CHO, add(file="f", speaks="for"))
    assert case.incident.technical.evidence["e"].file == "f"


def test_a_finding_goes_to_who_leads_the_technical_work_and_says_what_shows_it():
    case = staffed()

    def report(**said):
        return findings.report_finding(case.incident, TEMPLATE, CHO, entry_id="f", finding_id="f-1", **said)

    assert code(lambda: report(fact="The pool waits", confidence="high")) == "evidence.missing"
    (made,) = case.record(CHO, report(fact="The pool waits", confidence="high", evidence="Log of 14:02"))
    assert made.addressed_to == "ben"
    assert case.incident.entries["f"].kind == "finding"

    def outside():
        return findings.report_finding(
            case.incident, TEMPLATE, OLE, entry_id="g", finding_id="g-1", fact="I looked"
        )

    assert code(outside) == "access.incident.act"


def test_a_runbook_step_that_failed_says_what_happened():
    case = staffed()
    case.record(
        ANA,
        workstreams.open_workstream(
            case.incident, TEMPLATE, ANA, workstream_id="w", title="Databases", leader=CHO
        ),
    )
    step = {"runbook": "Pool", "step": "Restart it", "workstream_id": "w"}
    record = lambda **said: findings.record_step(case.incident, CHO, step_id="s", **step | said)  # noqa: E731
    assert code(lambda: record(outcome="failed")) == "result.missing"
    (made,) = case.record(CHO, record(outcome="failed", result="It hangs"))
    assert made.title == "Databases"


# -- decisions


OPTIONS = (choices.Option("Roll back", "low", "Old prices"), choices.Option("Roll forward", "high", "Fixed"))


def asked(case, by=BEN):
    case.record(by, choices.open_choice(case.incident, by, choice_id="c", question="How?", options=OPTIONS))
    return case


@pytest.mark.requirement("R-049")
def test_choosing_an_option_records_the_decision_and_gives_assigned_time_boxed_tasks():
    case = asked(staffed())
    work = [choices.Work("t-1", "Deploy v41", "ben", 10), choices.Work("t-2", "Tell support", "dag", 5)]
    said = {"decision_id": "d", "chosen": "Roll back", "work": work}
    choose = lambda by, **more: choices.choose(  # noqa: E731
        case.incident, TEMPLATE, by, choice_id="c", **said | more
    )
    assert code(lambda: choose(BEN)) == "grant.decision.make"
    assert code(lambda: choose(ANA, chosen="Wait")) == "chosen.unknown"
    bad = [choices.Work("t-3", "For everybody", "", 10)]
    assert code(lambda: choose(ANA, work=bad)) == "task.incomplete"
    case.record(ANA, choose(ANA))
    assert case.incident.decisions["d"].options == ("Roll back", "Roll forward")
    boxes = {t.id: (t.assignee, t.minutes, t.due_at - case.now) for t in case.incident.tasks.values()}
    assert boxes == {
        "t-1": ("ben", 10, timedelta(minutes=10)), "t-2": ("dag", 5, timedelta(minutes=5)),
    }  # fmt: skip
    assert code(lambda: choose(ANA, decision_id="d-2")) == "choice.settled"


def test_a_decision_is_marked_for_follow_up():
    case = asked(staffed())
    case.record(
        ANA, choices.choose(case.incident, TEMPLATE, ANA, choice_id="c", decision_id="d", chosen="Roll back")
    )
    case.record(DAG, choices.flagged(case.incident, DAG, "d", True))
    assert case.incident.entries["d"].followup
    assert code(lambda: choices.flagged(case.incident, DAG, "c", True)) == "decision.unknown"


def polled(case, minutes=5):
    made = polls.open_poll(
        case.incident, TEMPLATE, ANA, poll_id="p", proposal="Fail over", minutes=minutes, at=case.now
    )
    case.record(ANA, made)
    return case


@pytest.mark.requirement("R-288")
def test_a_poll_nobody_objects_to_becomes_the_decision_of_who_asked_when_its_window_ends():
    case = polled(staffed())
    assert polls.wake_at(case.incident) == case.now + timedelta(minutes=5)
    case.pass_time(minutes=4, seconds=59)
    assert polls.due_events(case.incident, TEMPLATE, case.now) == []
    case.pass_time(seconds=1)
    case.record("engine", polls.due_events(case.incident, TEMPLATE, case.now))
    decision = case.incident.decisions["p"]
    assert (decision.question, decision.chosen, decision.decided_by) == ("Fail over", polls.GO, "ana")
    assert "5 min" in decision.objections
    assert polls.due_events(case.incident, TEMPLATE, case.now) == []
    late = lambda: polls.raise_objection(case.incident, CHO, poll_id="p", text="No", at=case.now)  # noqa: E731
    assert code(late) == "poll.over"


@pytest.mark.requirement("R-288")
def test_one_strong_objection_stops_a_poll_and_no_decision_is_made():
    case = polled(staffed())
    object_to = lambda by, text: polls.raise_objection(  # noqa: E731
        case.incident, by, poll_id="p", text=text, at=case.now
    )
    assert code(lambda: object_to(CHO, " ")) == "text.missing"
    case.record(CHO, object_to(CHO, "Paris is at its limit"))
    case.record(DAG, object_to(DAG, "And at night"))
    case.pass_time(hours=1)
    assert polls.due_events(case.incident, TEMPLATE, case.now) == []
    poll = case.incident.technical.polls["p"]
    assert (poll.state, set(poll.objections)) == ("stopped", {"cho", "dag"})
    assert "p" not in case.incident.decisions


@pytest.mark.requirement("R-025")
def test_only_the_commander_stands_the_team_down_and_then_no_clock_runs():
    case = polled(staffed(severity=1))
    case.record(
        ANA, give_task(case.incident, TEMPLATE, ANA, task_id="t", title="Look", assignee="ben", minutes=5)
    )
    down = lambda by: stand_down.stand_down(  # noqa: E731
        case.incident, TEMPLATE, by, decision_id="d", reason="Four hours without errors"
    )
    for other in (BEN, CHO, DAG):
        assert code(lambda other=other: down(other)) == "standdown.commander"
    assert case.incident.running_clocks()
    case.record(ANA, down(ANA))
    assert (case.incident.decisions["d"].kind, case.incident.running_clocks()) == ("stand_down", ())
    assert case.incident.technical.polls["p"].state == "withdrawn"
    hotter = set_severity(case.incident, TEMPLATE, CATALOG, ANA, severity=2, reason="x", at=case.now)
    assert not any(isinstance(e, ev.ClockStarted) for e in hotter)
    again = lambda: set_clock(  # noqa: E731
        case.incident, TEMPLATE, ANA, audience="executives", every=timedelta(minutes=30), at=case.now
    )
    assert code(again) == "standdown.on"
    assert clocks.due_events(case.incident, case.now + timedelta(days=1)) == []
    case.record(ANA, stand_down.stand_to(case.incident, TEMPLATE, ANA, reason="Errors again", at=case.now))
    assert case.incident.running_clocks() and case.incident.technical.stood_down_at is None


# -- watching recovery


def watched(case):
    case.record(ANA, change_phase(case.incident, TEMPLATE, ANA, phase="investigating"))
    case.record(ANA, change_phase(case.incident, TEMPLATE, ANA, phase="monitoring"))
    return case


FIRED = Fired("al-2", "shop", "shop/errors", "Errors in the shop")


@pytest.mark.requirement("R-064")
def test_an_alert_of_the_same_service_in_monitoring_is_a_relapse_and_offers_to_return():
    case = staffed(services=("shop",))
    assert relapse.alerts_fired(case.incident, [FIRED], case.now) == []
    watched(case)
    other = Fired("al-3", "search", "search/x", "Search is slow")
    assert relapse.alerts_fired(case.incident, [other], case.now) == []
    (seen,) = case.record("engine", relapse.alerts_fired(case.incident, [FIRED, FIRED], case.now))
    assert (seen.alert_id, case.incident.phase) == ("al-2", "monitoring")  # a person decides
    assert relapse.alerts_fired(case.incident, [Fired("al-4", "shop", "k", "More")], case.now) == []
    (offer,) = offers.offers(case.incident, TEMPLATE)
    assert (offer.kind, offer.phase) == ("phase", "investigating")
    case.record(ANA, change_phase(case.incident, TEMPLATE, ANA, phase="investigating"))
    assert case.incident.technical.open_relapse() is None


def test_an_incident_is_watched_for_an_hour_after_it_was_resolved_and_then_offers_to_reopen():
    case = watched(staffed(services=("shop",)))
    done = {"code": "fixed", "resolved_at": case.now, "at": case.now, "review_id": "r"}
    case.record(ANA, resolve(case.incident, TEMPLATE, CATALOG, ANA, **done))
    later = case.now + timedelta(minutes=60)
    assert relapse.alerts_fired(case.incident, [FIRED], later) == []
    case.record("engine", relapse.alerts_fired(case.incident, [FIRED], later - timedelta(seconds=1)))
    assert [o.kind for o in offers.offers(case.incident, TEMPLATE)] == ["reopen"]
    case.record(ANA, reopen(case.incident, TEMPLATE, ANA, reason="Errors again", at=case.now))
    assert not offers.offers(case.incident, TEMPLATE)


@pytest.mark.requirement("R-064")
def test_a_check_bound_to_a_service_fails_when_its_alert_fires_and_passes_only_in_silence():
    case = staffed()
    plan = checks.plan_check(case.incident, TEMPLATE, BEN, check_id="k", subject="Frankfurt", service="shop")
    case.record(BEN, plan)
    firing = ("Errors in the shop",)
    refused = lambda: checks.pass_check(case.incident, CHO, check_id="k", firing=firing)  # noqa: E731
    assert code(refused) == "check.alert_firing"
    case.record(CHO, checks.pass_check(case.incident, CHO, check_id="k"))
    case.record("engine", relapse.alerts_fired(case.incident, [FIRED], case.now))
    assert (case.incident.checks["k"].state, "Errors" in case.incident.checks["k"].note) == ("failed", True)


# -- facts, tasks


@pytest.mark.requirement("R-019", "R-155")
def test_a_workaround_offers_a_message_that_contains_it_and_fix_and_verification_are_facts_apart():
    case = staffed()
    case.record(BEN, set_facts(case.incident, TEMPLATE, BEN, workaround="Pay by invoice"))
    (offer,) = offers.offers(case.incident, TEMPLATE)
    assert (offer.kind, offer.audience) == ("message", "customers_all")
    assert "Pay by invoice" in offer.text
    case.record(ANA, [ev.MessageDrafted("m", "customers_all", "triage", "News", offer.text)])
    assert not offers.offers(case.incident, TEMPLATE)
    case.record(BEN, set_facts(case.incident, TEMPLATE, BEN, fix="v41", verification="500 orders in 10 min"))
    now = case.incident
    assert (now.workaround, now.fix, now.verification) == ("Pay by invoice", "v41", "500 orders in 10 min")


@pytest.mark.requirement("R-284")
def test_the_answer_needs_ten_minutes_moves_the_timer_and_unknown_is_accepted():
    case = staffed()
    case.record(
        ANA, give_task(case.incident, TEMPLATE, ANA, task_id="t", title="Look", assignee="ben", minutes=5)
    )
    due = case.incident.tasks["t"].due_at
    answer = lambda said, n=0: case.record(  # noqa: E731
        BEN, tasks.reply_task(case.incident, BEN, task_id="t", reply=said, minutes=n)
    )
    answer("unknown")
    assert case.incident.tasks["t"].reply == "unknown"
    assert tasks.due_events(case.incident, case.now + timedelta(minutes=2)) == []
    answer("needs_time", 10)
    assert case.incident.tasks["t"].due_at == due + timedelta(minutes=10)
    assert not any(
        isinstance(e, ev.TaskLate) for e in tasks.due_events(case.incident, due + timedelta(minutes=9))
    )


def test_questions_and_answers_stay_with_their_task():
    case = staffed()
    case.record(
        ANA, give_task(case.incident, TEMPLATE, ANA, task_id="t", title="Look", assignee="ben", minutes=5)
    )
    say = lambda by, **said: task_words.say(case.incident, by, task_id="t", **said)  # noqa: E731
    assert code(lambda: say(BEN, word_id="w", text=" ")) == "text.missing"
    assert (
        code(lambda: task_words.say(case.incident, BEN, word_id="w", task_id="x", text="?")) == "task.unknown"
    )
    case.record(BEN, say(BEN, word_id="w-1", text="Which pool?", asks=True))
    case.record(ANA, say(ANA, word_id="w-2", text="The one of the shop"))
    assert [(w.said_by, w.asks) for w in case.incident.technical.words.values()] == [
        ("ben", True), ("ana", False),
    ]  # fmt: skip


def test_a_cause_that_was_open_in_an_older_log_is_proposed():
    case = staffed()
    case.record(CHO, [ev.HypothesisStated("h", "The pool"), ev.HypothesisJudged("h", "open")])
    assert case.incident.crew.hypotheses["h"].state == "proposed"


def test_events_of_unknown_parts_change_nothing():
    case = staffed()
    strange = [
        te.RemediationApproved("x", "", "d"),
        te.PollClosed("x", "carried"),
        te.ObjectionRaised("x", "No"),
    ]
    after = case.incident
    for n, event in enumerate(strange):
        after = evolve(after, ev.Stamped(100 + n, case.now, "ana", event))
    assert after.technical == case.incident.technical


def test_who_comes_late_reads_what_is_supposed_what_was_proposed_and_that_it_relapsed():
    case = watched(staffed(services=("shop",)))
    case.record(CHO, hypotheses.state_hypothesis(case.incident, CHO, hypothesis_id="h", text="The pool"))
    case.record("engine", relapse.alerts_fired(case.incident, [FIRED], case.now))
    case.record("engine", [ev.DecisionMade("d", "Fail over", (), polls.GO, kind="act", by="ana")])
    told = "\n".join(catch_up(case.incident, TEMPLATE, name, clock, case.now))
    for words in ("is it “The pool”?", "relapse, Errors in the shop fires again", "Fail over go ahead"):
        assert words in told
