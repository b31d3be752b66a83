"""Sentences of the crew: sub-teams, presence, roll calls, reliefs, safety stops, ties to other incidents."""

from __future__ import annotations

from typing import assert_never

from ..events import crew as ev
from ..events.chat import ChatEvent
from .chat import chat
from .line import Said, Teller, of, quoted
from .relations import relation

REPLIES = {
    "acknowledged": "acknowledged",
    "will_comply": "will comply with",
    "say_again": "asks to say again",
    "standby": "asks to stand by on",
    "unknown": "does not know about",
    "needs_time": "needs more time for",
}


def crew(event: ev.CrewEvent, tell: Teller) -> Said:
    if isinstance(event, ev.AuthorityEvent):
        return _authority(event, tell)
    if isinstance(event, ev.PeopleEvent):
        return _people(event, tell)
    if isinstance(event, ev.StreamEvent):
        return _stream(event, tell)
    if isinstance(event, ev.ConductEvent):
        return _conduct(event, tell)
    if isinstance(event, ChatEvent):
        return chat(event, tell)
    return relation(event, tell)


def _authority(event: ev.AuthorityEvent, tell: Teller) -> Said:
    match event:
        case ev.RoleCreated():
            return Said("role", "entry", f"{tell.who} added the role {event.title}", event.purpose)
        case ev.DomainDelegated():
            what = event.domain or "everything again"
            return Said("role", "entry", f"{tell.name(event.person)} looks after {what}")
        case ev.GapWarned():
            title = f"The role {tell.titles(event.role)} is needed and still vacant"
            return Said("role", "key", title, f"{tell.name(event.person)} does its duties meanwhile.")
        case ev.GapPassedOn():
            title = f"Still nobody is {tell.titles(event.role)}: {tell.name(event.person)} is asked to name somebody"
            return Said("role", "key", title, "Executives have nobody else to talk to.")
        case ev.CommandUnified():
            title = f"{tell.who} opened a unified command; the commander speaks for it"
            return Said("role", "key", title, event.reason)
        case ev.MemberAgreed():
            return Said("decision", "entry", f"{tell.name(event.person)} agreed to {quoted(event.subject)}")
        case ev.CommandSingle():
            return Said("role", "key", f"{tell.who} ended the unified command", event.reason)
        case _:
            assert_never(event)


def _people(event: ev.PeopleEvent, tell: Teller) -> Said:
    match event:
        case ev.CheckedIn():
            home = f" of {event.organisation}" if event.organisation else ""
            return Said("people", "entry", f"{tell.name(event.person)}{home} checked in{of(event.doing)}")
        case ev.PersonReleased():
            return Said("people", "entry", *_let_go(event, tell))
        case ev.PersonRecalled():
            return Said("people", "entry", f"{tell.who} called {tell.name(event.person)} back", event.reason)
        case ev.RollCallStarted():
            n = len(event.asked)
            return Said(
                "people", "entry", f"{tell.who} called the roll of {n} {'person' if n == 1 else 'people'}"
            )
        case ev.RollCallAnswered():
            word = "is here" if event.answer == "here" else "is away"
            return Said("people", "system", f"{tell.name(event.person)} {word}")
        case ev.RollCallEnded():
            silent = ", ".join(tell.name(p) for p in event.silent)
            title = (
                f"The roll call is over{f'; no answer from {silent}' if silent else ': everybody answered'}"
            )
            return Said("people", "entry", title)
        case ev.ReserveActivated():
            people = ", ".join(tell.name(p) for p in event.people)
            skill = f" for {event.skill}" if event.skill else ""
            return Said("people", "key", f"{tell.who} called {people} from {event.team}{skill}", event.reason)
        case _:
            return _relief(event, tell)


def _let_go(event: ev.PersonReleased, tell: Teller) -> tuple[str, str]:
    person = tell.name(event.person)
    title = f"{person} left" if tell.is_actor(event.person) else f"{tell.who} released {person}"
    stay = ", ".join(tell.name(p) for p in event.staying)
    words = [f"{event.reason.rstrip('.')}." if event.reason else "", f"{stay} stay." if stay else ""]
    if len(event.staying) == 1:
        words[1] = f"{stay} stays."
    return title, " ".join(w for w in words if w)


def _relief(event: ev.ReliefPlanned | ev.ReliefDue | ev.ReliefCancelled, tell: Teller) -> Said:
    person, what = tell.name(event.person), tell.role(event.role)
    match event:
        case ev.ReliefPlanned():
            return Said("people", "entry", f"{person} takes {what} next, at {event.starts_at:%H:%M} UTC")
        case ev.ReliefDue():
            return Said("people", "entry", f"It is time for {person} to take {what}")
        case ev.ReliefCancelled():
            return Said("people", "system", f"{person} does not take {what} next", event.reason)
        case _:
            assert_never(event)


def _stream(event: ev.StreamEvent, tell: Teller) -> Said:
    what = f"the workstream {event.title}" if event.title else "a workstream"
    match event:
        case ev.WorkstreamOpened():
            clock = f", reporting every {event.every_minutes} min" if event.every_minutes else ""
            return Said(
                "workstream", "entry", f"{tell.who} opened {what} under {tell.name(event.leader)}{clock}"
            )
        case ev.WorkstreamChanged():
            return Said(
                "workstream", "system", f"{tell.who} changed {what}; {tell.name(event.leader)} leads it"
            )
        case ev.WorkstreamJoined():
            return Said("workstream", "system", f"{tell.name(event.person)} joined {what}")
        case ev.WorkstreamLeft():
            return Said("workstream", "system", f"{tell.name(event.person)} left {what}")
        case ev.WorkstreamReported():
            return Said("workstream", "entry", f"{tell.who} reported for {what}", event.text)
        case ev.WorkstreamLate():
            return Said("workstream", "entry", f"No report from {what}; {tell.name(event.leader)} leads it")
        case ev.WorkstreamEnded():
            return Said("workstream", "entry", f"{tell.who} closed {what}", event.result)
        case _:
            assert_never(event)


def _conduct(event: ev.ConductEvent, tell: Teller) -> Said:
    match event:
        case ev.TaskReplied():
            minutes = f", {event.minutes} min" if event.minutes else ""
            reply = REPLIES.get(event.reply, event.reply)
            return Said("task", "system", f"{tell.who} {reply} the task {quoted(event.title)}{minutes}")
        case ev.SafetyStopped():
            what = quoted(event.title) if event.subject else "all work"
            return Said("safety", "key", f"{tell.who} stopped {what} for safety", event.reason)
        case ev.SafetyCleared():
            what = quoted(event.title) if event.title else "all work"
            return Said("safety", "key", f"{tell.who} cleared {what} to go on", event.clearance)
        case ev.HypothesisStated():
            owner = f"; {tell.name(event.owner)} tests it" if event.owner else ""
            return Said("hypothesis", "entry", f"{tell.who} supposes a cause{owner}", event.text)
        case ev.HypothesisJudged():
            title = f"{tell.who} finds the supposed cause {quoted(event.text)} {event.state}"
            return Said("hypothesis", "entry", title, event.evidence)
        case _:
            assert_never(event)
