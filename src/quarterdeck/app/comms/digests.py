"""Digests by mail for those who never log in: what waits for them, with a link to answer each; theirs to end."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings

from quarterdeck.core.access import GUEST
from quarterdeck.core.kernel.refused import bad
from quarterdeck.core.kernel.text import counted, line
from quarterdeck.core.oncall import wall
from quarterdeck.store import log, models, tx
from quarterdeck.store.ids import new_id

from .. import due
from ..act import Act, act_of, need_own
from ..paging.directory import Directory
from ..people.people import find
from . import digest_items, links, suppressions

KIND = "digest"
PURPOSE = "digest"
LEAST_HOURS, MOST_HOURS = 1, 24
_KEEP_TRYING = timedelta(hours=6)


def of(person_id: str) -> models.Digest | None:
    return models.Digest.objects.filter(person=person_id, ended_at=None).first()


def put(act: Act, person_id: str, *, hours: int = 0, minute: int = 480) -> models.Digest:
    """Daily at this minute of the person's own day, or every so many `hours` while an incident concerns them."""
    need_own(act, person_id)
    if hours and not LEAST_HOURS <= hours <= MOST_HOURS:
        message = f"Choose {LEAST_HOURS} to {MOST_HOURS} hours, or 0 for once a day."
        raise bad("digest.hours", message, hours=message)
    if not 0 <= minute < 24 * 60:
        message = "Give a time of the day."
        raise bad("digest.time", message, at=message)
    with tx.write("engine", "web"):
        person = find(person_id, lock=True)
        if person.role == GUEST or not person.is_active:
            raise bad("digest.person", "A digest goes to people who belong here. This account does not.")
        row = of(person_id)
        if row is None:
            row = models.Digest(id=new_id(), person=person_id)
        row.hours, row.minute, row.set_by, row.set_at = hours, minute, act.person, act.at
        row.save()
        due.rearm(KIND, row.id, _next(row, person, act.at), act.at)
        kept = {"person": person_id, "hours": hours, "minute": minute}
        log.audit("DigestSet", kept, at=act.at, actor=act.person)
    return row


def clear(act: Act, person_id: str) -> None:
    need_own(act, person_id)
    row = of(person_id)
    if row is not None:
        _end(row, act.at, act.person, act.via)


def by_link(digest_id: str, token: str) -> models.Digest | None:
    """The digest behind a link to end it; None whatever is wrong with it."""
    if not links.holds(PURPOSE, digest_id, token):
        return None
    return models.Digest.objects.filter(id=digest_id).first()


def unsubscribe(row: models.Digest, at: datetime) -> None:
    """By the link in one of them. Twice is once."""
    if row.ended_at is None:
        _end(row, at, row.person, "link")


def _end(row: models.Digest, at: datetime, by: str, via: str) -> None:
    with tx.write("web"):
        if models.Digest.objects.filter(id=row.id, ended_at=None).update(ended_at=at, ended_via=via):
            due.disarm(KIND, [row.id], at)
            log.audit("DigestEnded", {"person": row.person, "via": via}, at=at, actor=by)


def fire(digest_id: str, directory: Directory) -> None:
    """Its timer: sent where something waits or an open incident concerns them; nothing is sent about nothing."""
    now = directory.now
    row = models.Digest.objects.select_for_update().filter(id=digest_id, ended_at=None).first()
    person = models.Person.objects.filter(id=row.person, is_active=True).first() if row else None
    if row is None or person is None:
        return
    due.rearm(KIND, row.id, _next(row, person, now), now)
    address = _address(person)
    if not address:
        return
    found = digest_items.waiting(act_of(person.id, person.role, now, "engine").who, now)
    if found.items or found.concerned:
        row.last_at = now
        row.save(update_fields=["last_at"])
        models.Delivery.objects.create(
            id=new_id(), key=f"digest/{row.id}/{now:%Y%m%d%H%M%S}", cls="message", person_id=person.id,
            channel="email", address=address, body=_body(row, person, found), next_at=now,
            not_after=now + _KEEP_TRYING, created_at=now,
        )  # fmt: skip


def _body(row: models.Digest, person: models.Person, found: digest_items.Waiting) -> dict[str, object]:
    number = len(found.items)
    waits = f"{counted(number, 'thing')} {'waits' if number == 1 else 'wait'} for you"
    parts = [digest_items.as_text(found.items) or "Nothing waits for you."]
    if found.concerned:
        parts.append("Open, and yours too:\n" + "\n".join(line(name, 160) for name in found.concerned))
    parts.append(
        "A link shows what it is about and answers once. Whoever has it answers as you: pass none on."
    )
    return {
        "subject": waits if number else "Nothing waits for you", "text": "\n\n".join(parts),
        "link": f"{settings.QUARTERDECK_PUBLIC_URL}/", "link_label": "Log in", "kind": "message",
        "urgency": "low", "recipient_name": person.name, "data": {"unsubscribe_url": url(row)},
    }  # fmt: skip


def url(row: models.Digest) -> str:
    """Where it is ended without a login."""
    return f"{settings.QUARTERDECK_PUBLIC_URL}/d/{row.id}/{links.token(PURPOSE, row.id)}/"


def _address(person: models.Person) -> str:
    """Their mailbox, where it takes mail; "" where it was said that nothing goes there."""
    rows = models.ContactMethod.objects.filter(person=person, kind="email", disabled=False)
    known = rows.exclude(verified_at=None).order_by("position", "id").first()
    address = known.address if known else person.email
    return "" if suppressions.among("email", [address]) else address


def _next(row: models.Digest, person: models.Person, now: datetime) -> datetime:
    if row.hours:
        return now + timedelta(hours=row.hours)
    zone = wall.zone(person.timezone)
    day = wall.wall(now, zone).replace(hour=row.minute // 60, minute=row.minute % 60, second=0, microsecond=0)
    at = wall.instant(day, zone)
    return at if at > now else wall.instant(day + timedelta(days=1), zone)
