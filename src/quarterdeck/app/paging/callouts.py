"""Callouts: one request to one person, with a delivery for each of their contacts, and its acknowledgement."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.conf import settings

from quarterdeck.channels import sms_twilio
from quarterdeck.core.escalation.notify import Contacts, Planned
from quarterdeck.core.escalation.quiet import until
from quarterdeck.core.incidents import drill as drills
from quarterdeck.core.kernel.moments import micros
from quarterdeck.core.kernel.text import line
from quarterdeck.store import bulk, models
from quarterdeck.store.ids import new_id

from ..alerts import notes
from ..comms.links import callout_url
from ..health import alarms
from ..visibility import unless_restricted
from .directory import Directory
from .wording import callout_body


@dataclass(frozen=True, slots=True)
class Request:
    """`kind` is callout (must be acknowledged), heads_up (informed only) or rehearsal (a test). `together` are
    also called now.
    `known` are facts in place of those that would be unknown; `link` and its label replace the acknowledgement's.
    """

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
    link_label: str = ""
    known: tuple[tuple[str, str], ...] = ()
    only: tuple[str, ...] = ()  # these contacts and no others, all at once


@dataclass(slots=True)
class Prepared:
    """A callout with its deliveries, not yet written. `lost` says why nobody can be reached by it."""

    callout: models.Callout
    deliveries: list[tuple[Any, ...]]
    lost: str = ""
    waits: datetime | None = None  # the end of the person's quiet hours, before which nothing rings


def call(request: Request, directory: Directory) -> models.Callout:
    """Create a callout and its deliveries inside the caller's transaction.

    Somebody who has not answered an earlier one is asked once more: both stay answerable. Somebody without any contact
    becomes "unreachable", with an alarm.
    """
    prepared = prepare(request, directory)
    write_all([prepared], directory.now)
    return prepared.callout


def prepare(request: Request, directory: Directory) -> Prepared:
    """A callout as it will be written, and a delivery for each of the person's contacts."""
    now = directory.now
    about = _drill(request.incident_id)
    drill = request.drill or about is not None
    # At a table nothing rings: what is said stands in the product.
    silent = about == drills.TABLETOP
    chosen = Contacts((), "At a table nothing is sent.") if silent else _chosen(request, directory)
    tries, waits = _when(chosen.planned, request, directory)
    held = [at + _ANSWERABLE for planned, at in tries if at > now + planned.delay]
    expires_at = max([request.expires_at, *held])
    state = "informed" if request.kind == "heads_up" else "waiting"
    callout = models.Callout(
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
        state=state if chosen.planned or silent else "unreachable",
        created_at=now,
        expires_at=expires_at,
        created_by=request.created_by,
        drill=drill,
        note="" if chosen.planned else line(chosen.reason, 300),
    )
    if silent:
        return Prepared(callout, [])
    if not chosen.planned:
        return Prepared(callout, [], f"{directory.name(request.person)} cannot be reached: {chosen.reason}")
    link = request.link or callout_url(callout.id)
    body = callout_body(callout, directory, request.together, link, dict(request.known))
    if request.link_label:
        body["link_label"] = request.link_label
    rows = directory.contacts(request.person)
    last = chosen.planned[-1].contact_id
    made, expires = micros(now), micros(expires_at)
    # A link of another kind tells no provider where to report to.
    reporting = {"data": {sms_twilio.REPORTS_TO: settings.QUARTERDECK_PUBLIC_URL}} if request.link else {}
    deliveries = [
        (
            new_id(), key, "page", callout.id, request.alert_id, request.incident_id, "", request.person,
            planned.contact_id, rows[planned.contact_id].kind, rows[planned.contact_id].address,
            bulk.plain(
                body
                | {"last": planned.contact_id == last}
                | (reporting if rows[planned.contact_id].kind == sms_twilio.KIND else {})
            ),
            drill, "queued",
            micros(at), expires, 0, 0, "", WAITS if at > now + planned.delay else "", made,
        )
        for (key, planned), (_, at) in zip(_keyed(callout.id, chosen.planned), tries, strict=True)
        if planned.contact_id in rows
    ]  # fmt: skip
    return Prepared(callout, deliveries, waits=waits)


def _chosen(request: Request, directory: Directory) -> Contacts:
    """The contacts asked for, at once; without any those of the person's own rules."""
    if not request.only:
        return directory.ways(request.person, request.urgency)
    usable = [c for c in directory.contacts(request.person).values() if not c.disabled]
    planned = tuple(Planned(c.id, timedelta(0)) for c in usable if c.id in request.only)
    return Contacts(planned, "" if planned else "The contact to be tried is gone or disabled.")


def _when(
    planned: Sequence[Planned], request: Request, directory: Directory
) -> tuple[list[tuple[Planned, datetime]], datetime | None]:
    about = directory.alert(request.alert_id)
    severity = about.severity if about is not None else ""
    return when(planned, request.person, request.urgency, severity, directory)


def when(
    planned: Sequence[Planned], person: str, urgency: str, severity: str, directory: Directory
) -> tuple[list[tuple[Planned, datetime]], datetime | None]:
    """When each contact is tried, and the end of the quiet hours that hold all of them back, if they do.

    Contacts keep their distance from one another. One that would ring in the next quiet hours waits for their end.
    """
    now, hours = directory.now, directory.quiet(person)
    if hours is None or not planned:
        return [(p, now + p.delay) for p in planned], None
    waits = until(hours, now, urgency, severity)
    wanted = [(p, (waits or now) + p.delay) for p in planned]
    return [(p, until(hours, at, urgency, severity) or at) for p, at in wanted], waits


def _keyed(callout_id: str, planned: Sequence[Planned]) -> list[tuple[str, Planned]]:
    """A key for each delivery. A person may want to be tried twice by one contact."""
    times: dict[str, int] = {}
    found = []
    for p in planned:
        n = times[p.contact_id] = times.get(p.contact_id, 0) + 1
        found.append((f"{callout_id}/{p.contact_id}" + (f"/{n}" if n > 1 else ""), p))
    return found


# What waited can be answered this long after it rings, at least.
_ANSWERABLE = timedelta(hours=1)
WAITS = "Waits for the end of the recipient's quiet hours."
_DELIVERY = (
    "id", "key", "cls", "callout_id", "alert_id", "incident_id", "message_id", "person_id", "contact_id", "channel",
    "address", "body", "drill", "state", "next_at", "not_after", "fence", "attempts", "node", "error", "created_at",
)  # fmt: skip
_CALLOUT = (
    "id", "run_id", "alert_id", "incident_id", "role", "person_id", "kind", "subject", "reason", "urgency", "step",
    "cycle", "state", "created_at", "expires_at", "acknowledged_via", "note", "created_by", "drill", "version",
)  # fmt: skip


def _drill(incident_id: str) -> str | None:
    """What is about a drill is a drill, whoever asks for it and however: its kind, None where it is none."""
    if not incident_id:
        return None
    rows = models.IncidentRow.objects.filter(id=incident_id, drill=True)
    return rows.values_list("drill_kind", flat=True).first()


def write_all(prepared: Sequence[Prepared], now: datetime) -> None:
    """Write callouts and their deliveries; whoever cannot be reached raises an alarm."""
    bulk.insert(models.Callout, _CALLOUT, [_row(p.callout) for p in prepared])
    bulk.insert(models.Delivery, _DELIVERY, [d for p in prepared for d in p.deliveries])
    for p in prepared:
        if p.lost:
            unreachable(p.callout, p.lost, now)
    _tell_of_quiet(prepared, now)


def _tell_of_quiet(prepared: Sequence[Prepared], now: datetime) -> None:
    """What waits for quiet hours is on record with the alert; where everybody asked at once waits, it says so."""
    together: dict[tuple[str, str, int, int], list[Prepared]] = {}
    for p in prepared:
        c = p.callout
        if c.alert_id:
            together.setdefault((c.alert_id, c.run_id, c.step, c.cycle), []).append(p)
    found: list[notes.Note] = []
    names = Directory(now)
    for (alert, *_), asked in together.items():
        ends = [(p, p.waits) for p in asked if p.waits is not None]
        found += [
            (alert, now, "waiting", p.callout.person_id,
             f"{names.name(p.callout.person_id)} has quiet hours: the page waits until {_said(at)}.")
            for p, at in ends
        ]  # fmt: skip
        if ends and len(ends) == len([p for p in asked if not p.lost]):
            first = min(at for _, at in ends)
            text = f"Everybody asked now has quiet hours: nobody is paged before {_said(first)}, but by a later step."
            found.append((alert, now, "waiting", "", text))
    if found:
        notes.write(found)


def _said(at: datetime) -> str:
    return f"{at.astimezone(UTC):%a %d %b %H:%M} UTC"


def _row(c: models.Callout) -> tuple[Any, ...]:
    return (
        c.id, c.run_id, c.alert_id, c.incident_id, c.role, c.person_id, c.kind, c.subject, c.reason, c.urgency, c.step,
        c.cycle, c.state, micros(c.created_at), micros(c.expires_at), c.acknowledged_via, c.note, c.created_by, c.drill,
        c.version,
    )  # fmt: skip


def unreachable(callout: models.Callout, text: str, now: datetime) -> None:
    """Say loudly that one person could not be reached by any contact. A drill raises no alarm about real paging: its
    record and its callouts say it.
    """
    if callout.drill:
        return
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
