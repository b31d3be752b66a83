"""What follows from events of an incident: people called and told, messages sent, timers set.

Runs inside the transaction that appended them, so a declaration and its callouts are there together or not at all.
Returns further events; never decides anything a person should decide.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from quarterdeck.core.incidents import (
    Incident,
    Stamped,
    access_grants,
    closing,
    drill,
    office,
    regulatory,
    staffing,
    timers,
)
from quarterdeck.core.incidents import events as ev
from quarterdeck.core.incidents.codename import outside
from quarterdeck.core.incidents.events.asks import ExecutivesEngaged
from quarterdeck.core.incidents.events.business import ImpactAssessed
from quarterdeck.core.incidents.events.ics_plan import HazardSet, MeetingMissed
from quarterdeck.core.incidents.events.technical import StoodDown
from quarterdeck.core.incidents.ics import hazards
from quarterdeck.core.incidents.state import COMMANDER
from quarterdeck.core.incidents.structure import Template
from quarterdeck.core.kernel.text import line
from quarterdeck.store import models
from quarterdeck.store.ids import new_id

from . import due
from .act import Act
from .automation import queue
from .catalog.catalogue import current
from .comms import (
    approval_notices,
    consent_notices,
    distribution_notices,
    next_drafts,
    sending,
    telling_notices,
)
from .comms.links import incident_url
from .executives import ask_notices, engagement, exec_notices, executive_readers
from .incidents import crew_notices, target_clock
from .learning import process, review_notices
from .paging import calling_off
from .paging.callouts import Request, call, default_expiry
from .paging.directory import Directory
from .paging.role_policies import call_for_role
from .response import business_notices, emergency_notices, switch_calls
from .response.business_rules import rules
from .technical import technical_notices

TIMER = "incident"
_STAFFING = (
    ev.Declared,
    ev.TypeSet,
    ev.SeveritySet,
    ev.ImpactSet,
    ImpactAssessed,
    ev.PhaseChanged,
    ev.StructureChanged,
)
_ENDS = (ev.Resolved, ev.Closed, ev.Dismissed, ev.MergedInto)


def react(
    act: Act,
    before: Incident,
    after: Incident,
    template: Template,
    new: Sequence[Stamped],
    directory: Directory,
) -> list[ev.Event]:
    """Everything that follows; the events returned are appended next, by the engine."""
    further: list[ev.Event] = []
    for stamped in new:
        calling_off.what_it_ends(after, stamped.event, directory)
        further.extend(_one(act, after, template, stamped.event, directory))
        switch_calls.follow(after, template, stamped, directory.now)
    if any(isinstance(s.event, _STAFFING) for s in new):
        if after.is_open and after.technical.stood_down_at is None and _calls(after):
            further.extend(_call_missing(after, template, directory))
            further.extend(engagement.follow(after, template, directory))
        # A legal deadline waits for nobody: not for the team to come back, not for a resolved incident to reopen.
        further.extend(regulatory.starting(after, template, rules().clocks, directory.now))
    further.extend(access_grants.follow(after, new))
    further.extend(_command_passed(before, after, template, new, directory))
    _ended(after, new, directory)
    from .chat import incident_chat  # they change incidents, which react
    from .executives import executive_channel  # they change incidents, which react
    from .response import response_follow  # they change incidents, which react

    further.extend(incident_chat.follow(after, template, new, directory))
    executive_channel.follow(after, template, directory)
    further.extend(consent_notices.to_ask(after, new))
    further.extend(next_drafts.follow(before, after, template, new, directory))
    further.extend(response_follow.follow(before, after, template, new, directory))
    set_timer(after, template, directory.now)
    queue.happened(before, after, new, directory.now)
    if any(isinstance(s.event, target_clock.MOVES) for s in new):
        target_clock.arm(after, directory.now)
    return further


def _command_passed(
    before: Incident, after: Incident, template: Template, new: Sequence[Stamped], directory: Directory
) -> list[ev.Event]:
    """What goes with command to its next holder: the briefing as it stood, and the authority of the office."""
    further: list[ev.Event] = []
    if any(isinstance(s.event, ev.HandoverEffective) and _of_command(after, s.event) for s in new):
        further.append(_briefing(after, template, directory))
    if before.commander and after.commander and before.commander.person != after.commander.person:
        leaver, successor = before.commander.person, after.commander.person
        further.extend(office.passed_on(after, leaver, successor, directory.now, new_id))
    return further


def _ended(after: Incident, new: Sequence[Stamped], directory: Directory) -> None:
    """Nobody is called for what is over, or rests; whoever came from outside goes home at the end."""
    if any(isinstance(s.event, _ENDS) for s in new):
        calling_off.all_of_it(after, directory, f"{after.key} is over.")
        if any(isinstance(s.event, ev.Resolved) for s in new):
            process.after_incident(after, directory)
    elif any(isinstance(s.event, StoodDown) for s in new):
        calling_off.all_of_it(after, directory, "The team stood down.")
    if after.has_ended:
        crew_notices.send_guests_home(after, directory.now)


def _calls(incident: Incident) -> bool:
    return not incident.drill or drill.mode(incident.drill_kind).calls


def _of_command(incident: Incident, event: ev.HandoverEffective) -> bool:
    handover = incident.handovers.get(event.handover_id)
    return handover is not None and handover.role == COMMANDER


def _briefing(incident: Incident, template: Template, directory: Directory) -> ev.Event:
    """The Incident Briefing (ICS 201) as it stood when command changed hands, frozen with the transfer (R-176)."""
    from .ics.forms import briefing  # it loads incidents, which react

    return briefing(incident, template, directory.now)


def _one(
    act: Act, incident: Incident, template: Template, event: ev.Event, directory: Directory
) -> list[ev.Event]:
    desk = crew_notices.Desk(act, incident, template, directory, _tell, _ask)
    match event:
        case ev.AlertLinked():
            models.Alert.objects.filter(id=event.alert_id).update(incident_id=incident.key)
        case ev.AlertUnlinked():
            models.Alert.objects.filter(id=event.alert_id, incident_id=incident.key).update(incident_id="")
        case ev.MessageReleased():
            _on_its_way(desk, event)
            return sending.send_message(
                act, incident, template, incident.messages[event.message_id], directory
            )
        case _ if isinstance(event, ev.ApprovalEvent):
            return _on_its_way(desk, event)
        case ev.MessageSent() | ev.MessageStepDone():
            _call(desk, distribution_notices.follow(desk, event))
        case ExecutivesEngaged(measure="call" | "front"):
            return engagement.engage(desk, event)
        case ev.PageUpdatePosted():
            sending.show_on_page(incident, event, act.person, directory.now)
        case ev.ReviewPublished():
            return executive_readers.asking(incident, directory)
        case _ if isinstance(event, review_notices.SAID):
            review_notices.send(desk, event)
        case _:
            told = _told(act, incident, template, event, directory)
            further = (
                telling_notices.told, ask_notices.told, business_notices.taken_over, consent_notices.told,
            )  # fmt: skip
            _call(desk, [*told, *(request for more in further for request in more(desk, event))])
    return []


def _on_its_way(desk: crew_notices.Desk, event: ev.Event) -> list[ev.Event]:
    """Those on a message's way to release are asked and told; returns who was let in for them."""
    desk = replace(desk, incident=closing.speaking(desk.incident))
    requests, further = approval_notices.follow(desk, event)
    _call(desk, requests)
    return further


def _call(desk: crew_notices.Desk, requests: Sequence[Request]) -> None:
    for request in requests:
        if crew_notices.expects_word(desk.incident, request.person):
            call(request, desk.directory)


def _told(
    act: Act, incident: Incident, template: Template, event: ev.Event, directory: Directory
) -> list[Request]:
    """Who hears of an event personally."""
    match event:
        case ev.RoleTaken() if event.person != act.person:
            return [_assigned(act, incident, template, event, directory)]
        case ev.HandoverOffered():
            text = f"{directory.name(event.from_person)} offers you the role {_title(template, event.role)}"
            return [
                _ask(
                    incident,
                    event.to_person,
                    text,
                    event.note or "Accept or decline in the incident.",
                    directory,
                )
            ]
        case ev.TaskGiven() if event.assignee != act.person:
            why = f"A task for you, {event.minutes} min. Acknowledge it in the incident."
            return [_tell(incident, event.assignee, f"Task: {event.title}", why, directory)]
        case ev.TaskReassigned() if event.assignee != act.person:
            return [
                _tell(
                    incident,
                    event.assignee,
                    f"Task: {event.title}",
                    f"Passed to you, {event.minutes} min.",
                    directory,
                )
            ]
        case ev.TaskReminded():
            return [
                _tell(
                    incident,
                    event.assignee,
                    f"Not yet acknowledged: {event.title}",
                    "Acknowledge the task.",
                    directory,
                )
            ]
        case ev.TaskLate():
            people = dict.fromkeys([event.assignee, _commander(incident)])
            return [
                _tell(incident, p, f"Time is up: {event.title}", "The task is not done.", directory)
                for p in people
                if p
            ]
        case ev.EntryWritten(kind="broadcast"):
            people = dict.fromkeys(a.person for a in incident.open_assignments() if a.person != act.person)
            return [
                _tell(incident, p, line(event.text, 200), "A broadcast to all responders.", directory)
                for p in people
            ]
        case ev.ClockOverdue() | ev.ClockReminded():
            return _clock(incident, template, event, directory)
        case ev.TriageOverdue():
            text = f"{incident.key} is not triaged yet: set severity and type"
            return [_ask(incident, _commander(incident), text, "The triage time is over.", directory)]
    desk = crew_notices.Desk(act, incident, template, directory, _tell, _ask)
    told = crew_notices.told(desk, event) or technical_notices.told(desk, event)
    told = told or _told_of_plan(incident, event, directory) or business_notices.told(desk, event)
    return told or emergency_notices.told(desk, event) or exec_notices.told(desk, event)


def _told_of_plan(incident: Incident, event: ev.Event, directory: Directory) -> list[Request]:
    """What the commander hears of safety and of the planning cycle."""
    match event:
        case HazardSet() if event.residual in hazards.ALARMING:
            text = f"Hazard in {event.area}: {event.hazard}, risk {event.residual} after mitigation"
            return [_tell(incident, _commander(incident), line(text, 200), "A high risk is left.", directory)]
        case MeetingMissed():
            why = "Nobody said that it was held."
            return [_tell(incident, _commander(incident), f"Missed: {event.title}", why, directory)]
    return []


def _assigned(
    act: Act, incident: Incident, template: Template, event: ev.RoleTaken, directory: Directory
) -> Request:
    """Whoever is named commander must know at once; other roles are told."""
    if event.role == COMMANDER:
        text = f"You command {incident.key} now: {outside(incident)}"
        return _ask(
            incident, event.person, text, f"{directory.name(act.person)} named you its commander.", directory
        )
    title = _title(template, event.role)
    return _tell(incident, event.person, f"You are {title} now", "You were assigned.", directory)


def _clock(
    incident: Incident, template: Template, event: ev.ClockOverdue | ev.ClockReminded, directory: Directory
) -> list[Request]:
    if isinstance(event, ev.ClockOverdue):
        return _overdue(incident, template, event, directory)
    owner, audience = incident.holder(event.owner_role), template.audience(event.audience)
    text = f"Update due at {event.due:%H:%M} UTC: {audience.title if audience else event.audience}"
    why = "You own this clock." if owner else "Nobody owns this clock."
    return [_tell(incident, owner.person if owner else _commander(incident), text, why, directory)]


def _overdue(
    incident: Incident, template: Template, event: ev.ClockOverdue, directory: Directory
) -> list[Request]:
    clock = incident.clocks[event.audience]
    owner = incident.holder(clock.owner_role)
    person = owner.person if owner and event.level == 1 else _commander(incident)
    audience = template.audience(event.audience)
    text = f"Update overdue: {audience.title if audience else event.audience}"
    why = (
        "You own this clock."
        if owner and event.level == 1
        else "Its owner has not sent one, or nobody owns it."
    )
    return [_ask(incident, person, text, why, directory)]


def _tell(incident: Incident, person: str, subject: str, why: str, directory: Directory) -> Request:
    """Informed only; the link opens the incident."""
    return Request(
        person=person, subject=subject, reason=why, expires_at=default_expiry(directory.now), urgency="low",
        kind="heads_up", incident_id=incident.key, drill=incident.drill, link=incident_url(incident.key),
    )  # fmt: skip


def _ask(incident: Incident, person: str, subject: str, why: str, directory: Directory) -> Request:
    """Must be acknowledged."""
    return Request(
        person=person, subject=subject, reason=why, expires_at=directory.now + timedelta(hours=4),
        incident_id=incident.key, drill=incident.drill,
    )  # fmt: skip


def _call_missing(incident: Incident, template: Template, directory: Directory) -> list[ev.Event]:
    """Start calling for the roles that the template's assembly rules bring in now (R-014)."""
    events: list[ev.Event] = []
    for rule in staffing.to_call(incident, template, directory.now):
        role = template.role(rule.role)
        title = role.title if role else rule.role
        made = call_for_role(incident, template, rule.role, rule.how, directory)
        if made is None and incident.unreachable.get(rule.role) is None:
            events.append(
                ev.RoleUnreachable(rule.role, f"nobody is set to be called as {title}; assign somebody")
            )
        elif made:
            events.extend(made)
    return events


def set_timer(incident: Incident, template: Template, now: datetime) -> None:
    """One timer an incident: the next moment at which time itself makes something true."""
    due.disarm(TIMER, [incident.key], now)
    at = timers.wake_at(glance(incident, template, now))
    if at is not None:
        due.arm(TIMER, incident.key, max(at, now), now)


def glance(incident: Incident, template: Template, now: datetime) -> timers.Glance:
    return timers.Glance(incident, template, now, triage_minutes(incident, template))


def triage_minutes(incident: Incident, template: Template) -> int:
    """As pinned with the incident's structure: what a file says by now moves nothing that runs."""
    level = template.severity(incident.severity)
    return (level or current().severity(incident.severity)).triage_minutes


def _commander(incident: Incident) -> str:
    return incident.commander.person if incident.commander else incident.declared_by


def _title(template: Template, role: str) -> str:
    found = template.role(role)
    return found.title if found else role.replace("_", " ")
