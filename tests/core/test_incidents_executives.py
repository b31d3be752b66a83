"""The executive boundary: one queue of questions, a quiet period, guidance, command taken formally, names left out."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from quarterdeck.core.access import Who
from quarterdeck.core.incidents import (
    Event,
    brief_handover,
    describe,
    exec_acts,
    exec_brief,
    exec_questions,
    make_effective,
    take_role,
    timers,
)
from quarterdeck.core.incidents import events as ev
from quarterdeck.core.incidents.boundary import contacts
from quarterdeck.core.incidents.eligibility import EXECUTIVE_ROLES, account_allows
from quarterdeck.core.incidents.events import boundary as said
from quarterdeck.core.kernel.refused import Refused
from support.incident_case import ANA, BEN, CHO, DAG, EVA, NAMES, TEMPLATE, Case, declared, name

ELI = Who("eli", frozenset({"executive"}))


def incident(**more: object) -> Case:
    """Ana commands, Cho is executive liaison, Ben leads the technical work; the quiet period is over."""
    case = declared(ANA, **({"severity": 1} | more))
    case.give_role("executive_liaison", CHO)
    case.give_role("technical_lead", BEN)
    case.pass_time(minutes=20)
    return case


def ask(case: Case, by: Who, text: str, key: str = "", **more: object) -> list[Event]:
    asked = exec_questions.ask(
        case.incident, TEMPLATE, by, case.now, question_id=key or case.id(), text=text, names=NAMES, **more
    )
    return case.record(by, asked)


def refused(code: str, act, *args: object, **more: object) -> Refused:
    with pytest.raises(Refused) as met:
        act(*args, **more)
    assert met.value.code == code
    return met.value


@pytest.mark.parametrize("role", ["commander", "technical_lead", "executive_liaison", "scribe", "sme"])
def test_an_executive_account_takes_no_role_that_works_on_the_incident(role: str) -> None:
    refused("role.executive", account_allows, EVA, role)
    for allowed in (*EXECUTIVE_ROLES, "observer"):
        account_allows(EVA, allowed)


def test_one_question_a_brief_interval_unless_it_is_critical() -> None:
    case = incident()
    ask(case, EVA, "Was anybody charged twice?")
    told = refused("question.interval", ask, case, EVA, "And what does it cost?")
    assert "14:52" in told.message
    refused("reason.missing", ask, case, EVA, "And what does it cost?", critical=True)
    ask(case, EVA, "And what does it cost?", critical=True, reason="The bank asks now")
    ask(case, ELI, "Who tells the board?")  # each executive has their own
    case.pass_time(minutes=30)
    ask(case, EVA, "And when is the next sailing?")
    assert contacts(case.incident.boundary).questions == 4


def test_critical_questions_page_the_liaison_a_few_times_and_no_more() -> None:
    case = incident()
    for n in range(exec_questions.MOST_CRITICAL):
        ask(case, EVA, f"What of port {n}?", critical=True, reason="The bank asks now")
    refused("question.critical_many", ask, case, EVA, "And now?", critical=True, reason="The bank asks again")
    ask(case, ELI, "Do we tell the regulator?", critical=True, reason="They are on the phone")
    case.pass_time(minutes=31)
    ask(case, EVA, "And now?", critical=True, reason="The bank asks again")


def test_a_brief_that_went_out_opens_the_next_question() -> None:
    case = incident()
    case.record("engine", [ev.ClockStarted("executives", 1800, case.now + timedelta(minutes=30))])
    ask(case, EVA, "Was anybody charged twice?")
    case.pass_time(minutes=5)
    refused("question.interval", ask, case, EVA, "Who tells the board?")
    case.record("engine", [ev.ClockReset("executives", case.now + timedelta(minutes=30), "m-1")])
    [asked] = ask(case, EVA, "Who tells the board?")
    assert isinstance(asked, said.ExecQuestionAsked)


def test_the_same_question_is_one_and_both_who_asked_hear_the_answer() -> None:
    case = incident()
    ask(case, EVA, "Was anybody charged twice?", "q-1")
    assert isinstance(ask(case, ELI, "was anybody charged TWICE")[0], said.ExecQuestionJoined)
    assert ask(case, ELI, "Was anybody charged twice?") == []
    case.record(CHO, answer(case, "q-1", "answered", "None found."))
    [mine] = exec_questions.seen_by(case.incident, TEMPLATE, ELI)
    assert (mine.answer, mine.askers) == ("None found.", ("eva", "eli"))


def answer(case: Case, key: str, state: str, text: str = "", by: Who = CHO) -> list[Event]:
    return exec_questions.answer(case.incident, TEMPLATE, by, question_id=key, state=state, text=text)


def test_the_liaison_answers_defers_names_the_decision_or_declines_and_merges() -> None:
    case = incident()
    for n, person in enumerate((EVA, ELI, Who("eda", frozenset({"executive"})))):
        ask(case, person, f"Question {n}?", f"q-{n}")
    for state in ("answered", "decision", "declined"):
        refused("text.missing", answer, case, "q-0", state)
    case.record(CHO, answer(case, "q-0", "deferred"))
    case.record(CHO, answer(case, "q-1", "declined", "It is not ours to say."))
    merged = exec_questions.merge(case.incident, TEMPLATE, CHO, question_id="q-2", into="q-1")
    case.record(CHO, merged)
    states = [q.state for q in case.incident.boundary.questions.values()]
    assert states == ["deferred", "declined", "merged"]
    assert case.incident.boundary.questions["q-1"].askers == ("eli", "eda")
    for outsider in (ANA, BEN, DAG, EVA):
        refused("grant.exec.answer", answer, case, "q-1", "answered", "No.", by=outsider)


@pytest.mark.requirement("X-05")
def test_the_commander_reads_a_counter_and_no_sentence_says_what_was_asked_or_whose_it_was() -> None:
    case = incident()
    ask(case, EVA, "Was anybody charged twice?", critical=True, reason="The bank is on the phone")
    assert exec_questions.seen_by(case.incident, TEMPLATE, ANA) == []
    assert exec_questions.answerers(case.incident, TEMPLATE) == ("cho",)
    told = describe(case.log[-1], name)
    assert "charged" not in f"{told.title}{told.text}" and "Eva" not in told.title
    # Without a liaison the deputy has the queue: never the commander, though other duties roll up to them.
    alone = declared(ANA, severity=1)
    assert exec_questions.answerers(alone.incident, TEMPLATE) == ()
    alone.give_role("deputy", DAG)
    assert exec_questions.answerers(alone.incident, TEMPLATE) == ("dag",)


def test_a_held_question_waits_for_its_minute_and_a_critical_one_does_not() -> None:
    case = declared(ANA, severity=1)
    case.give_role("executive_liaison", CHO)
    ask(case, EVA, "Was anybody charged twice?", "q-1")
    ask(case, ELI, "Do we tell the regulator?", "q-2", critical=True, reason="They are on the phone")
    held, critical = case.incident.boundary.questions.values()
    assert (held.state, critical.state) == ("held", "asked")
    assert [q.id for q in exec_questions.seen_by(case.incident, TEMPLATE, CHO)] == ["q-2"]
    refused("question.unknown", answer, case, "q-1", "answered", "No.")
    end = exec_questions.quiet_until(case.incident)
    assert end == case.now + timedelta(minutes=15) == exec_questions.wake_at(case.incident)
    glance = timers.Glance(case.incident, TEMPLATE, case.now, 10)
    assert not _delivered(timers.due_events(glance, case.id))
    assert timers.wake_at(glance) <= end
    delivered = _delivered(timers.due_events(replace(glance, now=end), case.id))
    assert delivered == [said.ExecQuestionsDelivered(("q-1",))]
    case.record("engine", delivered)
    assert exec_questions.wake_at(case.incident) is None
    assert case.incident.boundary.questions["q-1"].state == "asked"


def _delivered(events: list[Event]) -> list[Event]:
    return [e for e in events if isinstance(e, said.ExecQuestionsDelivered)]


@pytest.mark.parametrize(
    "text", ["status?", "/status", "Any update?", "What’s the status", "Is it fixed yet?!"]
)
def test_who_asks_how_it_stands_is_answered_from_the_brief(text: str) -> None:
    case = incident()
    case.record(ANA, [ev.FactsSet(what_we_know="Cards fail", next_step="Ben Okonkwo rolls back")])
    [told] = ask(case, EVA, text)
    assert isinstance(told, said.StatusDemanded)
    assert "Cards fail" in told.answer and "the Technical Lead rolls back" in told.answer
    assert not exec_brief.is_status_demand("Was anybody charged twice?")
    assert ask(case, EVA, text) == []  # the same answer a moment later is not written down again
    ask(case, EVA, "Was anybody charged twice?")  # and costs no question


def test_names_in_the_facts_stand_there_as_roles() -> None:
    case = incident()
    text = "Ben Okonkwo and Dag Nilsen wait for Ana; Benin is not affected"
    shown = exec_brief.without_names(case.incident, TEMPLATE, text, NAMES)
    assert (
        shown == "the Technical Lead and a colleague wait for the Incident Commander; Benin is not affected"
    )


@pytest.mark.requirement("X-12")
@pytest.mark.requirement("R-132")
def test_guidance_is_accepted_or_declined_with_a_reason_and_becomes_no_task() -> None:
    case = incident()
    for n, text in enumerate(("Pay first, reports later", "No data may be lost")):
        given = exec_acts.give_guidance(case.incident, EVA, guidance_id=f"g-{n}", kind="priority", text=text)
        case.record(EVA, given)

    def reply(by: Who, key: str, accepted: bool, reason: str = "") -> list[Event]:
        return exec_acts.answer_guidance(case.incident, by, guidance_id=key, accepted=accepted, reason=reason)

    refused("guidance.commander", reply, CHO, "g-0", True)
    case.record(ANA, reply(ANA, "g-0", True))
    refused("reason.missing", reply, ANA, "g-1", False)
    case.record(ANA, reply(ANA, "g-1", False, "Minutes of it are gone already."))
    kept = [(g.state, g.reason) for g in case.incident.boundary.guidance.values()]
    assert kept == [("accepted", ""), ("declined", "Minutes of it are gone already.")]
    assert not case.incident.tasks


@pytest.mark.requirement("X-08")
def test_yes_hands_command_over_and_no_asks_a_question() -> None:
    case = incident()
    wants = {"handover_id": "h-1", "reason": "The regulator asked for it"}
    refused("role.not_understood", exec_acts.take_command, case.incident, TEMPLATE, EVA, **wants)
    sought = exec_acts.take_command(case.incident, TEMPLATE, EVA, **wants, understood=True)
    case.record(EVA, sought)
    assert case.incident.commander.person == "ana"  # until it is effective
    again = exec_acts.take_command(case.incident, TEMPLATE, EVA, **wants, understood=True)
    assert again == []
    refused(
        "handover.running", exec_acts.take_command, case.incident, TEMPLATE, ELI, **wants, understood=True
    )
    case.record(ANA, brief_handover(case.incident, ANA, handover_id="h-1", briefing="Four of six are back."))
    case.record(EVA, make_effective(case.incident, TEMPLATE, EVA, handover_id="h-1", new_assignment_id="a-9"))
    assert case.incident.commander.person == "eva"

    refusing = incident()
    refusing.record(
        EVA, exec_acts.command_not_taken(refusing.incident, EVA, crossing_id="c-1", note="Faster!")
    )
    ask(refusing, EVA, "Faster!", "q-1", kind="note")
    assert refusing.incident.commander.person == "ana" and not refusing.incident.handovers
    assert [q.text for q in exec_questions.seen_by(refusing.incident, TEMPLATE, CHO)] == ["Faster!"]
    assert contacts(refusing.incident.boundary).not_taken == 1


@pytest.mark.requirement("X-17")
@pytest.mark.requirement("R-136")
def test_a_doubt_goes_to_the_review_and_changes_nothing() -> None:
    case = incident()
    case.record(ANA, [ev.DecisionMade("d-1", "Fail over?", ("yes", "no"), "no", "Too risky")])
    before = case.incident
    for key, about, decision in (("n-1", "severity", ""), ("n-2", "decision", "d-1")):
        case.record(
            EVA,
            exec_acts.leave_note(
                case.incident,
                EVA,
                note_id=key,
                about=about,
                text="I see it differently",
                decision_id=decision,
            ),
        )
    assert (case.incident.severity, case.incident.decisions) == (before.severity, before.decisions)
    assert [n.subject for n in case.incident.boundary.notes.values()] == ["SEV1", "Fail over?"]
    refused(
        "role.executive", take_role, case.incident, TEMPLATE, with_act(EVA), assignment_id="x", role="scribe"
    )


def with_act(who: Who) -> Who:
    return Who(who.person, who.roles | {"holder"})


def test_what_was_refused_is_counted_once_and_what_came_past_the_liaison_is_written_down_by_them() -> None:
    case = incident()

    def attempt(what: str) -> list[Event]:
        found = exec_acts.attempted(case.incident, EVA, case.now, crossing_id=case.id(), what=what)
        return case.record("engine", found)

    assert attempt("change severity") and attempt("give task")
    assert attempt("change severity") == []
    case.pass_time(minutes=6)
    assert attempt("change severity")
    refused(
        "grant.exec.answer",
        exec_acts.off_channel,
        case.incident,
        TEMPLATE,
        BEN,
        crossing_id="o",
        what="a restart",
    )
    case.record(
        CHO,
        exec_acts.off_channel(case.incident, TEMPLATE, CHO, crossing_id="o", what="a restart", person="eva"),
    )
    found = contacts(case.incident.boundary)
    assert (found.attempts, found.off_channel, found.crossings, found.total) == (3, 1, 4, 4)
    assert not any("Eva" in describe(s, name).title for s in case.log[-4:])
