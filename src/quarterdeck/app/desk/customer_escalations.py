"""A customer's issue that needs the technical lead or the commander: it pages them, has a time of its own, and comes
back to the inquiry when it is closed (R-085).
"""

from __future__ import annotations

from django.db.models import QuerySet

from quarterdeck.core.access import Who
from quarterdeck.core.escalation.policy import Target
from quarterdeck.core.incidents import inquiries as core
from quarterdeck.core.incidents.guards import filled
from quarterdeck.core.incidents.state import COMMANDER
from quarterdeck.core.kernel.refused import Refused, bad, missing
from quarterdeck.core.kernel.text import clean, line
from quarterdeck.store import log, models, tx
from quarterdeck.store.ids import new_id

from .. import due
from ..act import Act, need
from ..incidents import record
from ..oncall import duty_notes
from ..paging import paging
from ..paging.callouts import Request, call, default_expiry
from ..paging.directory import Directory
from ..visibility import hidden_incidents, unless_restricted
from .inquiries import NOTE_LIMIT, WORK, locked, note

KIND = "customer-escalation"
TITLES = {"technical_lead": "Technical lead", COMMANDER: "Commander"}


def escalations(who: Who) -> QuerySet[models.CustomerEscalation]:
    """Every one `who` may know of. Unordered."""
    return models.CustomerEscalation.objects.exclude(incident_id__in=hidden_incidents(who).values("id"))


def find(escalation_id: str, who: Who) -> models.CustomerEscalation:
    found = escalations(who).filter(id=escalation_id).first()
    if found is None:
        raise missing("escalation.unknown", "There is no such escalation. Look it up on the desk.")
    return found


@tx.again
def raise_issue(
    act: Act, inquiry_id: str, *, target: str, priority: str, reason: str
) -> models.CustomerEscalation:
    """Page whoever holds the role in this incident; the commander where nobody leads the technical work."""
    core.one_of(target, core.TARGETS, "target")
    due_at = core.due_at(priority, act.at)
    said = line(filled(clean(reason, 500), "reason", "Say what they have to decide or do."), 400)
    with tx.write("engine", "web"):
        row = locked(inquiry_id, act)
        if row.state == "escalated":
            raise Refused("inquiry.escalated", "It is escalated already. Close that one first.")
        if not models.IncidentRow.objects.filter(id=row.incident_id, is_open=True).exists():
            message = "Only an inquiry about an open incident is escalated. Say first which one it is about."
            raise Refused("escalation.no_incident", message)
        person = _holder(row.incident_id, target)
        whom = row.customer or row.outlet or row.contact or core.KINDS[row.kind]
        subject = f"Customer issue ({priority}): {whom}"
        urgency = "low" if priority == "normal" else "high"
        paged = paging.page(
            act, [Target("person", person)], subject, said, incident_id=row.incident_id, urgency=urgency
        )
        made = models.CustomerEscalation.objects.create(
            id=new_id(), inquiry_id=row.id, incident_id=row.incident_id, target=target, priority=priority,
            reason=said, person=person, callout_id=paged[0].id if paged else "", raised_by=act.person,
            raised_at=act.at, due_at=due_at,
        )  # fmt: skip
        due.rearm(KIND, made.id, due_at, act.at)
        row.state, row.changed_at = "escalated", act.at
        row.save(update_fields=["state", "changed_at"])
        note(row, act.person, "escalated", f"{TITLES[target]}, {priority}: {said}", act.at)
        about = unless_restricted(row.incident_id, row.incident_id)
        log.audit(
            "CustomerIssueRaised", {"escalation": made.id, "incident": about}, at=act.at, actor=act.person
        )
        record.write(
            act, row.incident_id, "note", f"Customer issue to the {TITLES[target]}, {priority}: {said}"
        )
    return made


@tx.again
def close(act: Act, escalation_id: str, outcome: str) -> models.CustomerEscalation:
    """Dealt with: the outcome stands on the inquiry, which is open again for its answer."""
    need(act, WORK)
    said = filled(clean(outcome, NOTE_LIMIT).strip(), "outcome", "Say what came of it; support reads this.")
    with tx.write("engine", "web"):
        found = find(escalation_id, act.who)
        row = locked(found.inquiry_id, act)
        made = models.CustomerEscalation.objects.select_for_update().get(id=found.id)
        if made.closed_at is not None:
            return made
        made.outcome, made.closed_by, made.closed_at = said, act.person, act.at
        made.save(update_fields=["outcome", "closed_by", "closed_at"])
        due.disarm(KIND, [made.id], act.at)
        row.state, row.changed_at = ("assigned" if row.owner else "new"), act.at
        row.save(update_fields=["state", "changed_at"])
        note(row, act.person, "returned", said, act.at)
        told = {made.raised_by, row.owner} - {act.person, ""}
        words = unless_restricted(said, made.incident_id, "Read on its page what came of it.")
        duty_notes.tell(told, "A customer issue is dealt with", words, f"/inquiries/{row.id}", act.at)
        log.audit("CustomerIssueClosed", {"escalation": made.id}, at=act.at, actor=act.person)
        if models.IncidentRow.objects.filter(id=made.incident_id, is_open=True).exists():
            record.write(act, made.incident_id, "note", f"Customer issue dealt with: {said}")
    return made


def fire(escalation_id: str, directory: Directory) -> None:
    """Its time is over: the commander is paged, once (T0: inside the caller's transaction)."""
    made = models.CustomerEscalation.objects.select_for_update().filter(id=escalation_id).first()
    if made is None or made.closed_at is not None or made.late_at is not None:
        return
    if directory.now < made.due_at:
        due.arm(KIND, made.id, made.due_at, directory.now)
        return
    made.late_at = directory.now
    made.save(update_fields=["late_at"])
    row = models.Inquiry.objects.get(id=made.inquiry_id)
    note(row, "", "late", "The time of the escalation is over.", directory.now)
    person = _held_by(made.incident_id, COMMANDER) or made.person
    request = Request(
        person=person, subject=f"Customer issue overdue ({made.priority})",
        reason=f"Nobody has dealt with: {made.reason}", expires_at=default_expiry(directory.now),
        incident_id=made.incident_id,
    )  # fmt: skip
    call(request, directory)


def fire_deadline(inquiry_id: str, directory: Directory) -> None:
    """The deadline of an inquiry has come: its owner hears of it once; without an owner the commander."""
    row = models.Inquiry.objects.filter(id=inquiry_id).first()
    if row is None or row.deadline is None or row.deadline_told or row.state not in core.OPEN_STATES:
        return
    if directory.now < row.deadline:
        due.arm("inquiry-deadline", row.id, row.deadline, directory.now)
        return
    models.Inquiry.objects.filter(id=row.id).update(deadline_told=True)
    note(row, "", "late", "The deadline has passed.", directory.now)
    person = row.owner or _held_by(row.incident_id, COMMANDER)
    if person and models.Person.objects.filter(id=person, is_active=True).exists():
        whom = row.outlet or row.customer or core.KINDS[row.kind]
        request = Request(
            person=person, subject=f"Deadline of an inquiry: {whom}", reason="Nobody has answered it yet.",
            expires_at=default_expiry(directory.now), urgency="low", kind="heads_up", incident_id=row.incident_id,
        )  # fmt: skip
        call(request, directory)


def _holder(incident_id: str, target: str) -> str:
    person = _held_by(incident_id, target) or _held_by(incident_id, COMMANDER)
    if not person:
        message = "Nobody holds this role, and nobody commands. Call a commander first."
        raise bad("escalation.nobody", message, target=message)
    return person


def _held_by(incident_id: str, role: str) -> str:
    if not incident_id:
        return ""
    held = models.RoleAssignmentRow.objects.filter(incident_id=incident_id, role=role, ended_at=None)
    return held.values_list("person_id", flat=True).first() or ""
