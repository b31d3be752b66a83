"""Secret addresses under which calendar programs read shifts: made, renewed and revoked, each audited.

The secret is shown once and kept as SHA-256 alone. Whoever has it reads names, schedules and times, nothing else.
"""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.db.models import QuerySet

from quarterdeck.core.kernel.refused import Refused, bad, missing
from quarterdeck.core.kernel.text import line
from quarterdeck.store import log, models, tx
from quarterdeck.store.ids import new_id

from ..act import Act, need, need_own
from ..people import keys, teams
from . import schedules

PREVENTION = "prevention"
MAINTENANCE = "maintenance"
KINDS = ("person", "schedule", "team", PREVENTION, MAINTENANCE)
MOST = 20
READ_EVERY = timedelta(hours=1)


def create(act: Act, kind: str, subject: str = "", name: str = "") -> tuple[models.CalendarFeed, str]:
    """A feed of one's own shifts and training ("person"), of a schedule (id or key), of all of a team (key), of
    preventive work ("prevention") or of maintenance, and its secret, which nobody can read again.
    """
    need(act, "schedule.read")
    subject_id, usual = _subject(act, kind, subject)
    token = keys.make("cal")
    with tx.write("web"):
        tx.lock(f"calendars {act.person}")
        if standing(act.person).count() >= MOST:
            raise Refused("calendar.many", f"You have {MOST} calendar addresses. Revoke one first.")
        row = models.CalendarFeed.objects.create(
            id=new_id(), owner_id=act.person, kind=kind, subject_id=subject_id, name=line(name, 120) or usual,
            token_hash=keys.digest(token), hint=_hint(token), changed_at=act.at, created_at=act.at,
        )  # fmt: skip
        log.audit("CalendarMade", _told(row), at=act.at, actor=act.person)
    return row, token


def renew(act: Act, feed_id: str) -> tuple[models.CalendarFeed, str]:
    """A new secret for a feed; from now on the old address answers nothing. Its shifts keep their identity."""
    need(act, "schedule.read")
    token = keys.make("cal")
    with tx.write("web"):
        row = _own(act, feed_id)
        if row.revoked_at is not None:
            raise Refused("calendar.revoked", "This address has been revoked. Make a new one.")
        models.CalendarFeed.objects.filter(id=row.id).update(
            token_hash=keys.digest(token), hint=_hint(token), last_read_at=None
        )
        log.audit("CalendarRenewed", _told(row), at=act.at, actor=act.person)
    row.hint = _hint(token)
    return row, token


def revoke(act: Act, feed_id: str) -> None:
    """From now on its address answers nothing. Twice changes nothing."""
    need(act, "schedule.read")
    with tx.write("web"):
        row = _own(act, feed_id)
        if row.revoked_at is None:
            models.CalendarFeed.objects.filter(id=row.id).update(revoked_at=act.at, told={})
            log.audit("CalendarRevoked", _told(row), at=act.at, actor=act.person)


def standing(person: str) -> QuerySet[models.CalendarFeed]:
    """The feeds of a person that have not been revoked, the first made first."""
    return models.CalendarFeed.objects.filter(owner_id=person, revoked_at=None)


def opened(token: str) -> models.CalendarFeed | None:
    """The feed that this secret opens; None for a wrong or revoked one, and once its owner is disabled."""
    if not keys.well_formed(token):
        return None
    rows = models.CalendarFeed.objects.select_related("owner")
    return rows.filter(token_hash=keys.digest(token), revoked_at=None, owner__is_active=True).first()


def address(token: str) -> str:
    """Where programs read a feed."""
    return f"{settings.QUARTERDECK_PUBLIC_URL}/calendars/{token}.ics"


def _subject(act: Act, kind: str, subject: str) -> tuple[str, str]:
    """The id of what a feed is about, and what it is called unless somebody says otherwise."""
    if kind == "person":
        return act.person, "My on-call shifts"
    if kind == "schedule":
        row = schedules.find(subject)
        return row.id, row.name
    if kind == "team":
        team = teams.find(subject)
        return team.id, f"On call: {team.name}"
    if kind == PREVENTION:
        need(act, "service.read")
        return "", "Preventive work"
    if kind == MAINTENANCE:
        need(act, "service.read")
        return "", "Maintenance"
    message = "Choose your own shifts, a schedule, a team, prevention or maintenance."
    raise bad("calendar.kind", message, kind="unknown")


def _own(act: Act, feed_id: str) -> models.CalendarFeed:
    row = models.CalendarFeed.objects.select_for_update().filter(id=feed_id).first()
    if row is None:
        raise missing("calendar.unknown", "There is no such calendar address. Reload the page.")
    need_own(act, row.owner_id)
    return row


def _hint(token: str) -> str:
    return f"…{token[-6:]}"


def _told(row: models.CalendarFeed) -> dict[str, str]:
    return {
        "calendar": row.id, "owner": row.owner_id, "kind": row.kind, "subject": row.subject_id, "name": row.name,
    }  # fmt: skip
