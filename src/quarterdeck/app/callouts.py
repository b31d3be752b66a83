"""Callouts: one request to one person, with a delivery for each of their contacts, and its acknowledgement."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from quarterdeck.core.escalation.notify import contacts
from quarterdeck.core.kernel.text import line
from quarterdeck.store import models
from quarterdeck.store.ids import new_id

from . import alarms
from .directory import Directory
from .links import callout_url
from .visibility import unless_restricted
from .wording import callout_body


@dataclass(frozen=True, slots=True)
class Request:
    """`kind` is callout (must be acknowledged) or heads_up (informed only). `together` are also called now."""

    person: str
    subject: str
    reason: str
    expires_at: datetime
    urgency: str = "high"
    kind: str = "callout"
    run_id: str = ""
    alert_id: str = ""
    incident_id: str = ""
    role: str = ""
    step: int = 0
    cycle: int = 0
    together: tuple[str, ...] = ()
    created_by: str = ""
    drill: bool = False
    link: str = ""


def call(request: Request, directory: Directory) -> models.Callout:
    """Create a callout and its deliveries inside the caller's transaction.

    A person already waiting to answer for the same run is not asked a second time in parallel: the new step's
    callout goes out, the older stays answerable. Somebody without any contact becomes "unreachable", with an alarm.
    """
    now = directory.now
    chosen = contacts(directory.rules(request.person), request.urgency)
    state = "waiting" if request.kind == "callout" else "informed"
    callout = models.Callout.objects.create(
        id=new_id(),
        run_id=request.run_id,
        alert_id=request.alert_id,
        incident_id=request.incident_id,
        role=request.role,
        person_id=request.person,
        kind=request.kind,
        subject=line(request.subject, 300),
        reason=line(request.reason, 500),
        urgency=request.urgency,
        step=request.step,
        cycle=request.cycle,
        state=state if chosen.planned else "unreachable",
        created_at=now,
        expires_at=request.expires_at,
        created_by=request.created_by,
        drill=request.drill,
        note="" if chosen.planned else line(chosen.reason, 300),
    )
    if not chosen.planned:
        unreachable(callout, f"{directory.name(request.person)} cannot be reached: {chosen.reason}", now)
        return callout
    link = request.link or callout_url(callout.id)
    body = callout_body(callout, directory, request.together, link)
    rows = directory.contacts(request.person)
    last = chosen.planned[-1].contact_id
    models.Delivery.objects.bulk_create(
        models.Delivery(
            id=new_id(),
            key=f"{callout.id}/{planned.contact_id}",
            cls="page",
            callout_id=callout.id,
            alert_id=request.alert_id,
            incident_id=request.incident_id,
            person_id=request.person,
            contact_id=planned.contact_id,
            channel=rows[planned.contact_id].kind,
            address=rows[planned.contact_id].address,
            body=body | {"last": planned.contact_id == last},
            drill=request.drill,
            next_at=now + planned.delay,
            not_after=request.expires_at,
            created_at=now,
        )
        for planned in chosen.planned
        if planned.contact_id in rows
    )
    return callout


def unreachable(callout: models.Callout, text: str, now: datetime) -> None:
    """Say loudly that one person could not be reached by any contact."""
    what = unless_restricted(callout.subject, callout.incident_id)
    alarms.raise_alarm("unreachable", callout.run_id or callout.id, f"{text} — {what}", now)
    if callout.alert_id:
        models.AlertEntry.objects.create(
            alert_id=callout.alert_id,
            at=now,
            kind="unreachable",
            actor=callout.person_id,
            text=line(text, 600),
        )


def default_expiry(now: datetime) -> datetime:
    """How long the link of a callout works when no step says otherwise."""
    return now + timedelta(hours=24)
