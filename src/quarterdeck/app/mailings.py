"""The recipients of a released message: frozen with its release, one row each and channel, paused, resumed, stopped.

Who is in the set is decided in the transaction of the release and never again; what becomes of each is in its row.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import connection
from django.db.models import Count

from quarterdeck.core.incidents import Incident
from quarterdeck.core.incidents.authority import authorise
from quarterdeck.core.incidents.parts import Message
from quarterdeck.core.kernel.moments import micros
from quarterdeck.core.kernel.refused import Refused, bad, missing
from quarterdeck.core.kernel.text import line
from quarterdeck.store import log, models, tx

from . import casebook, due
from .act import Act
from .visibility import must_see

# So many mails go out one by one with all else; more go over connections of their own.
FEW = 200
REST = "recipients"
STATES = {
    "queued": "waiting", "sending": "being handed over", "handed": "handed over", "delivered": "delivered",
    "bounced": "bounced", "complained": "complained", "suppressed": "held back", "failed": "failed",
    "stopped": "stopped",
}  # fmt: skip
_COLUMNS = (
    "message_id, contact_id, channel, address, name, carrier, state, attempts, unclear, fence, node, next_at, "
    "provider_id, detail, ended_at"
)


def freeze(
    incident: Incident, message: Message, *, public: bool, body: Mapping[str, Any], now: datetime, not_after: datetime
) -> models.Mailing:  # fmt: skip
    """Write down who gets this message, inside the caller's transaction; who is held back stands there, and why."""
    chosen = models.AffectedList.objects.filter(incident_id=incident.key, audience=message.audience).first()
    segment = chosen.segment if chosen else ""
    mailing = models.Mailing(
        id=message.id, incident_id=incident.key, audience=message.audience, segment=segment, body=dict(body),
        drill=incident.drill, public=public, changed_at=now, frozen_at=now, not_after=not_after,
    )  # fmt: skip
    asked = models.AudienceContact.objects.filter(audience=message.audience, removed_at=None)
    if segment:
        asked = asked.filter(segments__contains=f"|{segment}|")
    carrier = "outbox" if incident.drill or asked.count() <= FEW else "bulk"
    _insert(mailing, "email", "email", carrier, now)
    for route in models.AudienceRoute.objects.filter(audience=message.audience).order_by("id"):
        if route.address:
            models.Recipient.objects.get_or_create(
                message_id=message.id, channel=route.channel, address=route.address,
                defaults={"carrier": "outbox", "next_at": now, "name": "room"},
            )  # fmt: skip
        else:
            _insert(mailing, route.channel, "phone", "outbox", now)
    mailing.total = models.Recipient.objects.filter(message_id=message.id).count()
    if not models.Recipient.objects.filter(message_id=message.id, state="queued").exists():
        mailing.state, mailing.ended_at = "done", now
    mailing.save(force_insert=True)
    return mailing


def _insert(mailing: models.Mailing, channel: str, column: str, carrier: str, now: datetime) -> None:
    """The contacts of the audience that have this channel, each address once, with one statement."""
    at = micros(now)
    held = "s.id IS NOT NULL OR c.withdrawn_at IS NOT NULL"
    why = (
        "CASE WHEN s.id IS NULL AND c.withdrawn_at IS NULL THEN '' WHEN s.reason = 'bounce' THEN 'It bounced before.' "
        "WHEN s.reason = 'complaint' THEN 'They complained before.' WHEN s.reason = 'manual' THEN 'On the list of "
        "addresses nothing is sent to.' ELSE 'They unsubscribed.' END"
    )
    where = "c.audience = %s AND c.removed_at IS NULL AND c." + column + " <> ''"
    values: list[Any] = [mailing.id, channel, carrier, at, at, channel, mailing.audience]
    if mailing.segment:
        where += " AND c.segments LIKE %s ESCAPE '!'"
        values.append(f"%|{mailing.segment.replace('_', '!_')}|%")
    with connection.cursor() as c:
        c.execute(
            f"INSERT INTO recipient ({_COLUMNS}) SELECT %s, c.id, %s, c.{column}, c.name, %s, "  # noqa: S608 - own words
            f"CASE WHEN {held} THEN 'suppressed' ELSE 'queued' END, 0, 0, 0, '', %s, '', {why}, "
            f"CASE WHEN {held} THEN CAST(%s AS BIGINT) END FROM audience_contact c "
            f"LEFT JOIN suppression s ON s.channel = %s AND s.address = c.{column} WHERE {where} "
            "ORDER BY c.id ON CONFLICT DO NOTHING",
            values,
        )


def find(message_id: str) -> models.Mailing:
    found = models.Mailing.objects.filter(id=message_id).first()
    if found is None:
        raise missing("mailing.unknown", "This message has not been released, so it has no recipients yet.")
    return found


def of_message(act: Act, incident_id: str, message_id: str) -> models.Mailing:
    """The recipients of a message of an incident that this person may know of."""
    must_see(act.who, incident_id)
    found = find(message_id)
    if found.incident_id != incident_id:
        raise missing("mailing.unknown", "This message has not been released, so it has no recipients yet.")
    return found


def counts(message_id: str) -> dict[str, int]:
    """How many recipients are in which state; every state is named."""
    rows = models.Recipient.objects.filter(message_id=message_id).order_by()
    found = dict(rows.values_list("state").annotate(n=Count("pk")))
    return {state: found.get(state, 0) for state in STATES}


def pause(act: Act, incident_id: str, message_id: str, reason: str = "") -> models.Mailing:
    """Hand nothing further over; what is on its way this moment may still go out."""
    return _move(act, incident_id, message_id, "running", "paused", reason)


def resume(act: Act, incident_id: str, message_id: str) -> models.Mailing:
    return _move(act, incident_id, message_id, "paused", "running", "")


def stop(act: Act, incident_id: str, message_id: str, reason: str) -> models.Mailing:
    """For good: whoever has not got it does not. Needs a reason."""
    if len(line(reason, 300)) < 3:
        text = "Say why it is stopped: whoever has not got it will not."
        raise bad("mailing.reason", text, reason=text)
    return _move(act, incident_id, message_id, "", "stopped", reason)


_KINDS = {"paused": "MailingPaused", "running": "MailingResumed", "stopped": "MailingStopped"}


def _move(act: Act, incident_id: str, message_id: str, was: str, to: str, reason: str) -> models.Mailing:
    case = casebook.load(incident_id, act.who)
    authorise(case.incident, case.template, act.who, "message.release")
    with tx.write("engine", "web"):
        of_message(act, incident_id, message_id)
        row = models.Mailing.objects.select_for_update().get(id=message_id)
        if row.state == to:
            return row
        if row.state in ("done", "stopped") or (was and row.state != was):
            told = {"done": "has gone out to everybody", "stopped": "was stopped"}.get(
                row.state, f"is {row.state}"
            )
            raise Refused("mailing.over", f"This message {told}. Reload the page.")
        row.state, row.reason, row.changed_by, row.changed_at = to, line(reason, 300), act.person, act.at
        row.note = ""
        row.ended_at = act.at if to == "stopped" else None
        row.save()
        _outbox(row, act.at)
        if to == "stopped":
            rows = models.Recipient.objects.filter(message_id=row.id, state="queued")
            rows.update(state="stopped", ended_at=act.at, detail="Sending was stopped.")
        told_ = {"message": row.id, "incident": row.incident_id, "reason": row.reason}
        log.audit(_KINDS[to], told_, at=act.at, actor=act.person)
    return row


def _outbox(row: models.Mailing, now: datetime) -> None:
    """What waits in the outbox follows the message."""
    mine = models.Delivery.objects.filter(message_id=row.id, cls="message")
    if row.state == "running":
        mine.filter(state="paused").update(state="queued")
        due.rearm(REST, row.id, now, now)
    elif row.state == "paused":
        mine.filter(state="queued").update(state="paused")
    else:
        mine.filter(state__in=("queued", "paused")).update(
            state="cancelled", finished_at=now, error="Sending was stopped."
        )
