"""Which alerts, incidents and callouts match what somebody asks for. Reads only; every value is a bound
parameter, and `%` and `_` in a question stand for themselves.
"""

from __future__ import annotations

from django.db.models import Q, QuerySet, TextField
from django.db.models.functions import Cast, Lower

from quarterdeck.core.access import Who
from quarterdeck.store import models

from .search_words import contains
from .visibility import hidden_incidents, visible_incidents

ALERT_STATES = ("open", "acknowledged", "resolved", "silenced")
# Asked for one by one rather than as "not resolved", so that an index finds them among all that is over.
LIVE_STATES = ("open", "acknowledged", "silenced")
# How many of the newest alerts are looked at for each one wanted, before all of them are.
RECENT_FOR_EACH = 200


def alerts(q: str = "", status: str = "", service: str = "") -> QuerySet[models.Alert]:
    """Alerts whose key, summary or labels contain every word of `q`, in one status, of one service. Unordered."""
    rows = models.Alert.objects.select_related("service")
    if status:
        rows = rows.filter(status=status)
    if service:
        rows = rows.filter(service__key=service)
    if q:
        # The column reads labels as JSON and would compare with JSON; the question is plain text.
        rows = rows.annotate(label_text=Cast("labels", TextField())).filter(
            contains(q, "dedup_key", "summary", "label_text")
        )
    return rows


def newest_alerts(
    rows: QuerySet[models.Alert], most: int, for_each: int = RECENT_FOR_EACH
) -> list[models.Alert]:
    """The newest of those that match a text, newest first.

    A common word stands in some of the last few thousand alerts. A rare one is looked for in all of them, in
    the order in which they are stored: fetching each by its id takes half as long again. `lower` changes no id, but
    keeps the database from using their index.
    """
    among = most * for_each
    recent = models.Alert.objects.order_by("-id").values_list("id", flat=True)[among : among + 1]
    for edge in recent:
        found = list(rows.filter(id__gte=edge).order_by("-id")[:most])
        if len(found) == most:
            return found
    return list(rows.order_by(Lower("id").desc())[:most])


def alerts_of(who: Who, incident_id: str, most: int) -> list[models.Alert]:
    """The newest alerts of an incident, none where it does not exist for `who`; found by an index."""
    if not visible_incidents(who).filter(id=incident_id).exists():
        return []
    rows = models.Alert.objects.select_related("service").filter(incident_id=incident_id)
    return list(rows.order_by("-id")[:most])


def live_alerts(service: models.Service, most: int) -> list[models.Alert]:
    """The newest alerts of a service that are not over. State by state: each is the beginning of an index."""
    rows = models.Alert.objects.select_related("service").filter(service=service).order_by("-id")
    found = [a for state in LIVE_STATES for a in rows.filter(status=state)[:most]]
    return sorted(found, key=lambda a: a.id, reverse=True)[:most]


def incidents(
    who: Who, *, is_open: bool | None = None, severity: int | None = None, q: str = ""
) -> QuerySet[models.IncidentRow]:
    """Incidents `who` may know of, whose id, title or summary contain every word of `q`. Unordered."""
    rows = visible_incidents(who)
    if is_open is not None:
        rows = rows.filter(is_open=is_open)
    if severity is not None:
        rows = rows.filter(severity=severity)
    if q:
        rows = rows.filter(contains(q, "id", "title", "summary", "codename"))
    return rows


def callouts(who: Who, *, mine: bool = False, state: str = "") -> QuerySet[models.Callout]:
    """Callouts, without those of incidents that are hidden from `who` unless they are the person's own."""
    rows = models.Callout.objects.select_related("person")
    if mine:
        rows = rows.filter(person_id=who.person)
    else:
        hidden = hidden_incidents(who).values("id")
        rows = rows.filter(Q(person_id=who.person) | ~Q(incident_id__in=hidden))
    return rows.filter(state=state) if state else rows
