"""The recipients of a released message: frozen with its release, one row for each and channel, and counted by state.

Who is in the set is decided in the transaction of the release and never again; what becomes of each is in its row.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import connection
from django.db.models import Count

from quarterdeck.core.incidents import Incident
from quarterdeck.core.incidents.parts import Message
from quarterdeck.core.kernel.moments import micros
from quarterdeck.store import models

# So many mails go out one by one with all else; more go over connections of their own.
FEW = 200
REST = "recipients"
STATES = {
    "queued": "waiting", "sending": "being handed over", "handed": "handed over", "delivered": "delivered",
    "bounced": "bounced", "complained": "complained", "suppressed": "held back", "failed": "failed",
    "stopped": "stopped",
}  # fmt: skip


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


# The contacts of an audience that have this channel ("@" is the column of its address), each address once.
_EVERYBODY = (
    "INSERT INTO recipient (message_id, contact_id, channel, address, name, carrier, state, attempts, unclear, fence, "
    "node, next_at, provider_id, detail, ended_at) "
    "SELECT %s, c.id, %s, c.@, c.name, %s, "
    "CASE WHEN s.id IS NOT NULL OR c.withdrawn_at IS NOT NULL THEN 'suppressed' ELSE 'queued' END, "
    "0, 0, 0, '', %s, '', "
    "CASE WHEN s.id IS NULL AND c.withdrawn_at IS NULL THEN '' WHEN s.reason = 'bounce' THEN 'It bounced before.' "
    "WHEN s.reason = 'complaint' THEN 'They complained before.' WHEN s.reason = 'manual' THEN 'On the list of "
    "addresses nothing is sent to.' ELSE 'They unsubscribed.' END, "
    "CASE WHEN s.id IS NOT NULL OR c.withdrawn_at IS NOT NULL THEN CAST(%s AS BIGINT) END "
    "FROM audience_contact c LEFT JOIN suppression s ON s.channel = %s AND s.address = c.@ "
    "WHERE c.audience = %s AND c.removed_at IS NULL AND c.@ <> '' "
    "AND (CAST(%s AS TEXT) = '' OR c.segments LIKE %s ESCAPE '!') ORDER BY c.id ON CONFLICT DO NOTHING"
)
_BY_COLUMN = {"email": _EVERYBODY.replace("@", "email"), "phone": _EVERYBODY.replace("@", "phone")}


def _insert(mailing: models.Mailing, channel: str, column: str, carrier: str, now: datetime) -> None:
    """All of them with one statement, however many they are."""
    at, segment = micros(now), mailing.segment
    like = f"%|{segment.replace('_', '!_')}|%"
    values = [mailing.id, channel, carrier, at, at, channel, mailing.audience, segment, like]
    with connection.cursor() as c:
        c.execute(_BY_COLUMN[column], values)


def counts(message_id: str) -> dict[str, int]:
    """How many recipients are in which state; every state is named."""
    rows = models.Recipient.objects.filter(message_id=message_id).order_by()
    found = dict(rows.values_list("state").annotate(n=Count("pk")))
    return {state: found.get(state, 0) for state in STATES}
