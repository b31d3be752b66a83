"""Who hears of what happens to an incident's crew, and who hears nothing: people who were let go, and guests, who
have no way to be reached. Makes requests only; the caller sends them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from quarterdeck.core.access import GUEST, RULE_PREFIX
from quarterdeck.core.incidents import Incident
from quarterdeck.core.incidents import events as ev
from quarterdeck.core.incidents.bridging import BRIDGES
from quarterdeck.core.incidents.state import COMMANDER
from quarterdeck.core.incidents.structure import Template
from quarterdeck.core.kernel.text import line
from quarterdeck.store import models

from ..act import Act
from ..paging.callouts import Request
from ..paging.directory import Directory

Notice = Callable[[Incident, str, str, str, Directory], Request]
ROLL_CALL = "roll_call"


@dataclass(frozen=True, slots=True)
class Desk:
    """An act on an incident, and the two ways to write to a person: `tell` informs, `ask` must be acknowledged."""

    act: Act
    incident: Incident
    template: Template
    directory: Directory
    tell_by: Notice
    ask_by: Notice

    def tell(self, person: str, subject: str, why: str) -> Request:
        return self.tell_by(self.incident, person, subject, why, self.directory)

    def ask(self, person: str, subject: str, why: str) -> Request:
        return self.ask_by(self.incident, person, subject, why, self.directory)

    def name(self, person: str) -> str:
        return self.directory.name(person)

    @property
    def commander(self) -> str:
        return self.incident.commander.person if self.incident.commander else self.incident.declared_by

    def responders(self) -> list[str]:
        held = dict.fromkeys(a.person for a in self.incident.open_assignments())
        return [p for p in held if p != self.act.person]


def expects_word(incident: Incident, person: str) -> bool:
    """Whether this person is to be written to about the incident at all. A rule that gave a task is no person."""
    if person.startswith(RULE_PREFIX):
        return False
    found = incident.crew.presence.get(person)
    return found is None or (found.is_here and not found.guest)


def told(desk: Desk, event: ev.Event) -> list[Request]:
    """Who hears of an event of the crew, or of a transfer of command (R-040)."""
    match event:
        case ev.HandoverEffective(role=role) if role == COMMANDER:
            return _new_commander(desk, event.to_person, event.from_person)
        case ev.HandoverTimed(role=role) if role == COMMANDER:
            return _announced(desk, event)
        case ev.RoleTaken(role=role) if role == COMMANDER and event.previous:
            return _new_commander(desk, event.person, event.previous)
        case ev.GapWarned():
            return _gaps(desk, event.role)
        case ev.GapPassedOn():
            title = _title(desk.template, event.role)
            why = "The deputy was told and it is still empty: name somebody in the incident."
            return [desk.ask(p, f"Nobody is {title}", why) for p in [event.person or desk.commander] if p]
        case ev.PersonRecalled():
            why = event.reason or "You were let go before. Come back when you can."
            return [desk.ask(event.person, f"{desk.name(desk.act.person)} calls you back", why)]
        case ev.RollCallStarted():
            text = f"{desk.incident.key}: are you here?"
            why = "Roll call. Acknowledging this is your answer."
            return [replace(desk.ask(p, text, why), role=ROLL_CALL) for p in event.asked]
        case ev.ReliefPlanned() if event.person != desk.act.person:
            text = f"You take {_title(desk.template, event.role)} at {event.starts_at:%H:%M} UTC"
            return [desk.tell(event.person, text, "You relieve whoever holds the role then.")]
        case ev.ReliefDue():
            return _relief(desk, event)
        case _:
            return _work(desk, event)


def _work(desk: Desk, event: ev.Event) -> list[Request]:
    match event:
        case ev.WorkstreamOpened() if event.leader != desk.act.person:
            return [desk.tell(event.leader, f"You lead the workstream {event.title}", "You speak for it.")]
        case ev.WorkstreamJoined() if event.person != desk.act.person:
            leader = desk.incident.crew.workstreams[event.workstream_id].leader
            return [desk.tell(event.person, f"You work in {event.title}", f"{desk.name(leader)} leads it.")]
        case ev.WorkstreamLate():
            people = dict.fromkeys([event.leader, desk.commander])
            return [desk.tell(p, f"No report from {event.title}", "Its report is due.") for p in people if p]
        case ev.TaskReplied(reply="say_again" | "standby" | "unknown" | "needs_time"):
            giver = desk.incident.tasks[event.task_id].given_by
            words = {"say_again": "Say again", "standby": "Stand by", "unknown": "Does not know"}
            said = words.get(event.reply, f"Needs {event.minutes} min more")
            known = giver not in ("", "engine", "system", desk.act.person)
            text = f"{said}: {event.title}"
            return [desk.tell(giver, text, f"{desk.name(desk.act.person)} answered.")] if known else []
        case ev.SafetyStopped():
            what = event.title or "all work"
            people = dict.fromkeys([desk.commander, *desk.responders()])
            return [
                desk.ask(p, f"STOP for safety: {what}", event.reason) for p in people if p != desk.act.person
            ]
        case ev.SafetyCleared():
            what = event.title or "all work"
            return [desk.tell(p, f"Go on: {what}", event.clearance) for p in desk.responders()]
        case ev.MergedInto():
            why = f"It goes on as {event.other} {event.title}."
            people = dict.fromkeys(a.person for a in desk.incident.assignments.values())
            return [
                desk.tell(p, f"{desk.incident.key} was merged", why) for p in people if p != desk.act.person
            ]
        case _:
            return []


def _gaps(desk: Desk, last: str) -> list[Request]:
    """One message for all the roles that were found empty together: with the last of them."""
    empty = [r for r in desk.incident.crew.gaps if not desk.incident.holder(r)]
    if not empty or empty[-1] != last:
        return []
    titles = ", ".join(_title(desk.template, r) for r in empty)
    why = "Nobody holds what is needed. Whoever stands above does the duties until somebody does."
    told = [desk.tell(desk.commander, line(f"Still vacant: {titles}", 300), why)]
    bridges = {r.key for r in desk.template.roles if BRIDGES in r.grants}
    if bridges.intersection(empty) and desk.incident.deputy is not None:
        why = "Executives are engaged and nobody bridges to them: do it until somebody takes the role."
        told.append(desk.ask(desk.incident.deputy.person, line(f"Still vacant: {titles}", 300), why))
    return told


def _new_commander(desk: Desk, now: str, before: str) -> list[Request]:
    """Every responder learns who commands, and since when."""
    commander = desk.incident.commander
    since = f"{commander.started_at:%H:%M}" if commander else ""
    text = f"{desk.name(now)} commands {desk.incident.key} since {since} UTC"
    why = f"Command passed from {desk.name(before)}."
    return [desk.tell(p, text, why) for p in desk.responders()]


def _announced(desk: Desk, event: ev.HandoverTimed) -> list[Request]:
    """Every responder learns from when on somebody else commands, or that this is off (R-040)."""
    now, then = desk.name(event.from_person), desk.name(event.to_person)
    if event.effective_at is None:
        text, why = f"{now} goes on commanding {desk.incident.key}", f"No time is set for {then} any more."
    else:
        text = f"{then} commands {desk.incident.key} from {event.effective_at:%H:%M} UTC"
        why = f"Until then {now} commands."
    return [desk.tell(p, text, why) for p in desk.responders()]


def _relief(desk: Desk, event: ev.ReliefDue) -> list[Request]:
    role = _title(desk.template, event.role)
    holder = desk.incident.holder(event.role)
    found = [desk.ask(event.person, f"You take {role} now", "Your turn comes in a quarter of an hour.")]
    if holder and holder.person != event.person:
        text = f"Your relief as {role} comes: {desk.name(event.person)}"
        found.append(desk.tell(holder.person, text, "Offer them the role in the incident."))
    return found


def send_guests_home(incident: Incident, now: datetime) -> None:
    """The incident is over, and so is what let its guests in."""
    passes = models.GuestPass.objects.filter(incident_id=incident.key, ended_at=None)
    people = list(passes.values_list("person_id", flat=True))
    if people:
        passes.update(ended_at=now)
        models.Person.objects.filter(id__in=people, role=GUEST).update(is_active=False)


def _title(template: Template, role: str) -> str:
    found = template.role(role)
    return found.title if found else role.replace("_", " ")
