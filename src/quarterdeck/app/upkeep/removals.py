"""Taking things away in a way that can be undone: each removal is kept for 30 days, and nobody makes many alone.

A script with a mistake, or a stolen key, is stopped after 25 removals a day; a second person allows more for an hour.
(The lesson of Atlassian's outage of April 2022, in which a script deleted 883 sites.)
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Model

from quarterdeck.core.kernel.moments import spoken
from quarterdeck.core.kernel.refused import Refused, bad, missing
from quarterdeck.core.kernel.text import line
from quarterdeck.store import log, models, tx

from ..act import OPERATOR, Act, need

MOST = 25
WITHIN = timedelta(hours=24)
ALLOWED_FOR = timedelta(hours=1)
KEEP = timedelta(days=30)


def note(
    act: Act, kind: str, thing_id: str, name: str, data: Mapping[str, Any], team_id: str | None = ""
) -> None:
    """Something is being taken away, in the caller's transaction. Refused when this person took away too much."""
    _within_limit(act)
    models.Removal.objects.create(
        kind=kind,
        thing_id=thing_id,
        name=line(name, 200),
        data=dict(data),
        team_id=team_id or "",
        actor=act.person,
        at=act.at,
    )


def as_data(row: Model) -> dict[str, Any]:
    """A row's own columns by name, as JSON takes them."""
    return {
        f.attname: f.value_from_object(row)
        for f in row._meta.concrete_fields
        if _plain(f.value_from_object(row))
    }


def _plain(value: object) -> bool:
    return value is None or isinstance(value, str | int | bool | float | list | dict)


def _within_limit(act: Act) -> None:
    tx.lock(f"removals of {act.person}")  # two at once would each count without the other
    since = act.at - WITHIN
    allowance = (
        models.RemovalAllowance.objects.filter(person_id=act.person, at__gt=since).order_by("-at").first()
    )
    if allowance is not None:
        if act.at < allowance.until:
            return
        since = max(since, allowance.until)
    if models.Removal.objects.filter(actor=act.person, at__gt=since).count() < MOST:
        return
    raise Refused(
        "removal.many",
        f"You have taken away {MOST} things within {spoken(WITHIN)}. If that is meant, another administrator allows "
        "more under Settings, Removed; what went by mistake is put back there.",
        kind="forbidden",
    )


def allow(act: Act, person_id: str, reason: str) -> models.RemovalAllowance:
    """Somebody else may take away more for an hour. Nobody allows it to themselves."""
    need(act, "settings.edit")
    why = line(reason, 300)
    if not why:
        raise bad(
            "removal.reason_missing", "Say why so much is taken away: it is recorded.", reason="missing"
        )
    if person_id == act.person:
        raise Refused(
            "removal.own", "Ask another administrator: nobody allows this to themselves.", kind="forbidden"
        )
    if person_id != OPERATOR and not models.Person.objects.filter(id=person_id, is_active=True).exists():
        raise missing("person.unknown", "There is no such person. Look them up in the list of people.")
    with tx.write("web"):
        row = models.RemovalAllowance.objects.create(
            person_id=person_id, given_by=act.person, reason=why, at=act.at, until=act.at + ALLOWED_FOR
        )
        told = {"person": person_id, "reason": why, "until": row.until.isoformat()}
        log.audit("RemovalsAllowed", told, at=act.at, actor=act.person)
    return row


def undone(kind: str, thing_id: str, now: datetime) -> None:
    """What was taken away came back by another way; in the caller's transaction."""
    models.Removal.objects.filter(kind=kind, thing_id=thing_id, restored_at=None).update(restored_at=now)


def tidy(now: datetime) -> int:
    """Forget what nobody put back in 30 days; returns how many."""
    old = list(models.Removal.objects.filter(at__lt=now - KEEP).values_list("id", flat=True)[:500])
    if not old:
        return 0
    with tx.write():
        return models.Removal.objects.filter(id__in=old).delete()[0]
