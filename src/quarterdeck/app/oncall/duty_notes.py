"""What people are told about their shifts: swaps offered, shifts taken, cover asked for. Messages, never pages."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from django.conf import settings

from quarterdeck.core.kernel.text import clean, line
from quarterdeck.store import models, tx
from quarterdeck.store.ids import new_id

KEEP_TRYING = timedelta(hours=24)


def tell(
    people: Iterable[str],
    subject: str,
    text: str,
    path: str,
    now: datetime,
    *,
    key: str = "",
    send_at: datetime | None = None,
) -> int:
    """Put a message to each of these people into the outbox, inside the caller's transaction; how many can be told.

    By mail where they have such a contact, else by their first; without any, to their account's address. `path` is
    the page it is about. With a `key` each of them is told once only, whoever else tells them; `send_at` is when it
    goes out, if not now.
    """
    wanted = {p.id: p for p in models.Person.objects.filter(id__in=set(people), is_active=True)}
    if key:
        tx.lock("messages told once")
        keys = [f"{key}/{p}" for p in wanted]
        told = set(models.Delivery.objects.filter(key__in=keys).values_list("key", flat=True))
        wanted = {i: p for i, p in wanted.items() if f"{key}/{i}" not in told}
    made = [_delivery(p, subject, text, path, now) for p in wanted.values()]
    for row in made:
        row.key = f"{key}/{row.person_id}" if key else row.key
        if send_at is not None:
            row.next_at, row.not_after = send_at, send_at + KEEP_TRYING
    models.Delivery.objects.bulk_create(made)
    return len(made)


def said(at: datetime) -> str:
    """A time in a message: its reader may be anywhere."""
    return f"{at.astimezone(UTC):%a %d %b %Y, %H:%M} UTC"


def span(starts_at: datetime, ends_at: datetime) -> str:
    return f"{said(starts_at)} to {said(ends_at)}"


def _delivery(person: models.Person, subject: str, text: str, path: str, now: datetime) -> models.Delivery:
    known = list(models.ContactMethod.objects.filter(person=person, disabled=False))
    usable = [c for c in known if c.verified_at is not None] or known
    contact = min(usable, key=lambda c: (c.kind != "email", c.position, c.id), default=None)
    row_id = new_id()
    return models.Delivery(
        id=row_id,
        key=f"duty/{row_id}",
        cls="message",
        person_id=person.id,
        channel=contact.kind if contact else "email",
        address=contact.address if contact else person.email,
        body={
            "subject": line(subject, 200),
            "text": clean(text),
            "link": f"{settings.QUARTERDECK_PUBLIC_URL}{path}",
            "link_label": "Open",
            "kind": "message",
            "urgency": "low",
        },
        next_at=now,
        not_after=now + KEEP_TRYING,
        created_at=now,
    )
