"""Who hears of the technical work of an incident: who is to carry out, to decide, to answer. Makes requests only."""

from __future__ import annotations

from quarterdeck.core.incidents import events as ev
from quarterdeck.core.incidents.events import technical as te
from quarterdeck.core.incidents.technical import Remediation
from quarterdeck.core.kernel.text import line

from ..incidents.crew_notices import Desk
from ..paging.callouts import Request


def told(desk: Desk, event: ev.Event) -> list[Request]:
    """Nobody is told of what they did themselves."""
    match event:
        case te.FindingReported() if event.addressed_to != desk.act.person:
            why = f"{desk.name(desk.act.person)} reports a finding, {event.confidence} confidence."
            return _one(desk, event.addressed_to, line(f"Finding: {event.fact}", 200), why)
        case te.HypothesisPassed() if event.owner != desk.act.person:
            return _one(desk, event.owner, line(f"Test this: {event.text}", 200), "A supposed cause.")
        case te.RemediationProposed() | te.RemediationChanged() if event.risk != "low":
            why = "A risky repair waits for your decision."
            return _others(desk, [desk.commander], line(f"Decide: {event.title}", 200), why)
        case te.RemediationApproved() | te.RemediationRefused():
            return _answered(desk, event, desk.incident.technical.remediations[event.remediation_id])
        case te.TaskSaid():
            return _said(desk, event)
        case _:
            return _decided(desk, event)


def _decided(desk: Desk, event: ev.Event) -> list[Request]:
    match event:
        case te.PollOpened():
            text = line(f"Strong objections? {event.proposal}", 200)
            why = f"Object in the incident within {event.minutes} min; silence decides."
            return _others(desk, desk.responders(), text, why)
        case te.ObjectionRaised():
            poll = desk.incident.technical.polls[event.poll_id]
            text = line(f"Objection: {event.proposal}", 200)
            return _others(desk, [desk.commander, poll.opened_by], text, line(event.text, 300))
        case te.PollClosed(outcome="carried"):
            poll = desk.incident.technical.polls[event.poll_id]
            text = line(f"Go ahead: {event.proposal}", 200)
            return _others(desk, [desk.commander, poll.opened_by], text, "Nobody objected in time.")
        case te.StoodDown():
            return _others(
                desk, desk.responders(), f"{desk.incident.key}: stand down", line(event.reason, 300)
            )
        case te.StoodTo():
            return [
                desk.ask(p, f"{desk.incident.key} goes on", line(event.reason, 300))
                for p in desk.responders()
            ]
        case te.RelapseSeen():
            text = line(f"Relapse: {event.summary}", 200)
            why = "It fires again while recovery is watched. Decide whether to return to investigating."
            return [desk.ask(desk.commander, text, why)] if desk.commander else []
        case _:
            return []


def _answered(
    desk: Desk, event: te.RemediationApproved | te.RemediationRefused, repair: Remediation
) -> list[Request]:
    did = "Approved" if isinstance(event, te.RemediationApproved) else "Refused"
    people = [repair.assignee, repair.proposed_by]
    return _others(desk, people, line(f"{did}: {event.title}", 200), f"By {desk.name(desk.act.person)}.")


def _said(desk: Desk, event: te.TaskSaid) -> list[Request]:
    """Whoever has the task, who gave it, and who asked before."""
    task = desk.incident.tasks[event.task_id]
    asked = [w.said_by for w in desk.incident.technical.words.values() if w.task == task.id and w.asks]
    verb = "Question" if event.asks else "Answer"
    return _others(
        desk,
        [task.assignee, task.given_by, *asked],
        line(f"{verb}: {event.title}", 200),
        line(event.text, 300),
    )


def _one(desk: Desk, person: str, subject: str, why: str) -> list[Request]:
    return _others(desk, [person], subject, why)


def _others(desk: Desk, people: list[str], subject: str, why: str) -> list[Request]:
    known = dict.fromkeys(p for p in people if p not in ("", "engine", "system", desk.act.person))
    return [desk.tell(p, subject, why) for p in known]
