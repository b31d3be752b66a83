"""Pages that were not sent in time because Quarterdeck itself stood still: one summary a person instead of each.

Nobody is woken forty times for what is long over; nothing is dropped silently either: every page that is not sent
stands in the summary's list, worst and newest first, and what it is about can still be answered.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from django.conf import settings
from django.db import connection
from django.db.models import Q, QuerySet

from quarterdeck.core.kernel.moments import spoken
from quarterdeck.core.kernel.text import counted, line
from quarterdeck.store import models, tx
from quarterdeck.store.ids import new_id

from ..comms.links import token
from .callouts import Request, call, default_expiry
from .directory import Directory

STALE = timedelta(hours=1)
# From this lateness on the order of sending is no longer first come, first served.
LATE = timedelta(seconds=60)
PEOPLE_AT_ONCE = 20
PURPOSE = "missed"
_OVER = ("acknowledged", "cancelled")
_RANK = {"critical": 0, "error": 1, "high": 1, "warning": 2, "low": 3, "info": 3}


@dataclass(frozen=True, slots=True)
class Missed:
    """One page of a summary. `state` is the callout's; `rank` 0 is worst."""

    callout_id: str
    subject: str
    due_at: datetime
    rank: int
    state: str
    alert_id: str
    incident_id: str


def stale(now: datetime) -> QuerySet[models.Delivery]:
    """Queued pages past their useful time: due for over an hour, or due and no longer wanted after a time that has
    passed.
    """
    too_old = Q(next_at__lt=now - STALE) | Q(not_after__lt=now)
    return models.Delivery.objects.filter(cls="page", state="queued", next_at__lte=now).filter(too_old)


def collapse(now: datetime) -> int:
    """Put every stale page into its person's summary; returns how many pages that were."""
    total = 0
    while stale(now).exists():
        with tx.write("web"):
            done = collapse_within(now)
        if not done:
            break  # somebody else has them
        total += done
    return total


def collapse_within(now: datetime) -> int:
    """As `collapse`, for some people at a time, inside the caller's transaction."""
    rows = stale(now)
    people = sorted(set(rows.values_list("person_id", flat=True)))[:PEOPLE_AT_ONCE]
    if not people:
        return 0
    rows = rows.filter(person_id__in=people).order_by("id")
    if connection.vendor == "postgresql":
        rows = rows.select_for_update(skip_locked=True)
    by_person: dict[str, list[models.Delivery]] = {}
    for row in rows:
        by_person.setdefault(row.person_id, []).append(row)
    directory = Directory(now)
    for person, mine in by_person.items():
        _one_person(person, mine, directory)
    return sum(len(mine) for mine in by_person.values())


def _one_person(person: str, rows: Sequence[models.Delivery], directory: Directory) -> None:
    now = directory.now
    pages = _described(rows)
    wanted = [p for p in pages if p.state not in _OVER]
    if not wanted or not person:
        _close(rows, "", "It was too late to send this, and nobody waits for an answer any more.", now)
        return
    summary = new_id()
    worst, oldest = wanted[0], min(p.due_at for p in wanted)
    number = counted(len(wanted), "page did", "pages did")
    call(
        Request(
            person=person,
            subject=f"{number} not reach you in time. First: {worst.subject}",
            reason=f"Quarterdeck was not sending. The oldest was due {spoken(now - oldest)} ago; all are listed.",
            expires_at=default_expiry(now),
            urgency="high" if worst.rank < 2 else "low",
            kind="heads_up",
            drill=all(r.drill for r in rows),
            link=f"{settings.QUARTERDECK_PUBLIC_URL}/missed/{summary}/{token(PURPOSE, summary)}/",
        ),
        directory,
    )
    _close(rows, summary, "Too late to send one by one; it stands in a summary.", now)
    # What was not sent cannot be waited for; the summary is what reaches the person, or says that nothing does.
    models.Callout.objects.filter(id__in=[p.callout_id for p in wanted], state="waiting").update(
        state="informed", note="It came too late and stands in a summary."
    )
    name = directory.name(person)
    models.AlertEntry.objects.bulk_create(
        models.AlertEntry(
            alert_id=alert, at=now, kind="summarised", actor=person,
            text=line(f"{name} was paged too late and got a summary of {counted(len(wanted), 'page')} instead.", 600),
        )
        for alert in dict.fromkeys(p.alert_id for p in wanted if p.alert_id)
    )  # fmt: skip


def _close(rows: Sequence[models.Delivery], summary: str, why: str, now: datetime) -> None:
    # `message_id` says in which message somebody got what a delivery had to say: for these that is the summary.
    models.Delivery.objects.filter(id__in=[r.id for r in rows], state="queued").update(
        state="cancelled", finished_at=now, error=why, message_id=summary
    )


def listed(summary: str) -> list[Missed]:
    """The pages of a summary, worst first and then newest."""
    rows = models.Delivery.objects.filter(message_id=summary, cls="page", state="cancelled")
    return _described(rows)


def _described(rows: Iterable[models.Delivery]) -> list[Missed]:
    """One entry a callout, worst first and then newest."""
    first: dict[str, models.Delivery] = {}
    for row in rows:
        known = first.get(row.callout_id)
        if known is None or row.next_at < known.next_at:
            first[row.callout_id] = row
    callouts = {c.id: c for c in models.Callout.objects.filter(id__in=first)}
    ranks = _ranks(first.values())
    found = [
        Missed(
            callout_id=key,
            subject=("DRILL: " if row.drill else "")
            + (callouts[key].subject if key in callouts else str(row.body.get("text", ""))),
            due_at=row.next_at,
            rank=ranks[row.id],
            state=callouts[key].state if key in callouts else "cancelled",
            alert_id=row.alert_id,
            incident_id=row.incident_id,
        )
        for key, row in first.items()
    ]
    return sorted(found, key=lambda p: (p.rank, -p.due_at.timestamp()))


def _ranks(rows: Iterable[models.Delivery]) -> dict[str, int]:
    """How bad what each page is about is: by its alert, else its incident, else its urgency."""
    given = list(rows)
    severe = _severities(given)
    return {r.id: severe.get(r.id, _RANK.get(r.body.get("urgency", "high"), 1)) for r in given}


def _severities(rows: Sequence[models.Delivery | Queued]) -> dict[str, int]:
    """How bad it is, 0 the worst, of those pages that are about an alert or an incident."""
    alerts = dict(
        models.Alert.objects.filter(id__in={r.alert_id for r in rows if r.alert_id}).values_list(
            "id", "severity"
        )
    )
    named = models.IncidentRow.objects.filter(id__in={r.incident_id for r in rows if r.incident_id})
    # A drill can wait: it never comes before what is real.
    incidents = {i: 4 if drill else rank for i, rank, drill in named.values_list("id", "severity", "drill")}
    found = {}
    for row in rows:
        severity = incidents.get(row.incident_id)
        by_incident = None if not severity else min(max(int(severity) - 1, 0), 3)
        known = [r for r in (by_incident, _RANK.get(alerts.get(row.alert_id, ""))) if r is not None]
        if known:
            found[row.id] = min(known)
    return found


class Queued(NamedTuple):
    """What the order of sending is made of: read for each handful of sends, so it holds no more."""

    id: str
    contact_id: str
    callout_id: str
    alert_id: str
    incident_id: str
    next_at: datetime


def in_turns(rows: Sequence[Queued], now: datetime) -> list[Queued]:
    """Pages, given the longest due first, in the order to send them. While one is late by more than a minute, the
    worst and newest and the longest due take turns: what matters most comes first, and nothing waits for ever.
    """
    if not rows or now - rows[0].next_at <= LATE:
        return list(rows)
    severe = _severities(rows)
    worst = sorted(rows, key=lambda r: (severe.get(r.id, 1), -r.next_at.timestamp()))
    # Where one worker is free at a time, every other second is the turn of the longest due.
    first, second = (worst, rows) if now.second % 2 == 0 else (rows, worst)
    both = (row for pair in zip(first, second, strict=True) for row in pair)
    return list({row.id: row for row in both}.values())
