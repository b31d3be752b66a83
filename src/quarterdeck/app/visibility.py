"""Which incidents somebody may know of. The one place that hides restricted ones from outsiders in lists.

Says the same as `core.incidents.authority.may_read` does for one incident, but as a query. Never grants: what a
member may do is decided where it is done.
"""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import Count, Q, QuerySet

from quarterdeck.core.access import GUEST, Who
from quarterdeck.core.incidents.state import ENDED_PHASES
from quarterdeck.core.kernel.refused import missing
from quarterdeck.store import models


def visible_incidents(who: Who) -> QuerySet[models.IncidentRow]:
    """Every incident `who` may know of: a restricted one is there for its declarer, those who hold or held a
    role in it, were called for one, or have a task in it (R-293). A guest knows of the one they were let into.
    """
    rows = models.IncidentRow.objects.all()
    if GUEST in who.roles:
        return rows.filter(id__in=_guest_of(who)).exclude(phase__in=ENDED_PHASES)
    return rows if who.is_system else rows.filter(Q(restricted=False) | _member(who))


def _guest_of(who: Who) -> QuerySet[models.PresenceRow, str]:
    here = models.PresenceRow.objects.filter(person=who.person, guest=True, left_at=None)
    return here.values_list("incident_id", flat=True)


def open_incidents(who: Who) -> int:
    """How many of the open incidents `who` may know of. Who is in which is looked up only while one is restricted."""
    if GUEST in who.roles:
        return visible_incidents(who).filter(is_open=True).count()
    rows = models.IncidentRow.objects.filter(is_open=True).order_by().values_list("restricted")
    found = dict(rows.annotate(n=Count("pk")))
    mine = visible_incidents(who).filter(is_open=True, restricted=True).count() if found.get(True) else 0
    return found.get(False, 0) + mine


def _member(who: Who) -> Q:
    held = models.RoleAssignmentRow.objects.filter(person_id=who.person)
    called = models.Callout.objects.filter(person_id=who.person).exclude(role="").exclude(state="unreachable")
    asked = models.TaskRow.objects.filter(assignee=who.person)
    leads = models.BusinessResponseRow.objects.filter(parent_commander=who.person)
    return (
        Q(declared_by=who.person)
        | Q(id__in=leads.values("id"))
        | Q(id__in=held.values("incident_id"))
        | Q(id__in=called.values("incident_id"))
        | Q(id__in=asked.values("incident_id"))
    )


def known_to(who: Who, incident_ids: Iterable[str]) -> frozenset[str]:
    """Those of these ids that `who` may see, so that a list elsewhere shows no id of a hidden incident."""
    wanted = {i for i in incident_ids if i}
    if not wanted:
        return frozenset()
    return frozenset(visible_incidents(who).filter(id__in=wanted).values_list("id", flat=True))


def hidden_incidents(who: Who) -> QuerySet[models.IncidentRow]:
    """The restricted incidents that do not exist for `who`; to exclude what hangs on them."""
    if GUEST in who.roles:
        return models.IncidentRow.objects.exclude(id__in=visible_incidents(who).values("id"))
    rows = models.IncidentRow.objects.filter(restricted=True)
    return rows.none() if who.is_system else rows.exclude(_member(who))


def known_alarms(who: Who, alarms: Iterable[models.Alarm]) -> list[models.Alarm]:
    """Those of these alarms that are not about calling people for a hidden incident: their text names it."""
    given = list(alarms)
    subjects = [a.subject for a in given]
    hidden = hidden_incidents(who).values("id")
    runs = models.Run.objects.filter(id__in=subjects, incident_id__in=hidden).values_list("id", flat=True)
    callouts = models.Callout.objects.filter(id__in=subjects, incident_id__in=hidden).values_list(
        "id", flat=True
    )
    about = {*runs, *callouts}
    return [a for a in given if a.subject not in about]


def unless_restricted(text: str, incident_id: str, otherwise: str = "something restricted") -> str:
    """A text for a place that everybody reads, such as alarms and the audit: nothing of a restricted incident."""
    if not incident_id or not models.IncidentRow.objects.filter(id=incident_id, restricted=True).exists():
        return text
    return otherwise


def about_restricted(callout: models.Callout) -> bool:
    """Whether a page is about an incident that only its people may know of, itself or through its alert."""
    incident_id = callout.incident_id
    if not incident_id and callout.alert_id:
        about = models.Alert.objects.filter(id=callout.alert_id).values_list("incident_id", flat=True)
        incident_id = about.first() or ""
    return bool(incident_id) and models.IncidentRow.objects.filter(id=incident_id, restricted=True).exists()


def without_restricted(callouts: QuerySet[models.Callout]) -> QuerySet[models.Callout]:
    """Those that are not `about_restricted`."""
    hidden = models.IncidentRow.objects.filter(restricted=True).values("id")
    alerts = models.Alert.objects.filter(incident_id__in=hidden).values("id")
    return callouts.exclude(incident_id__in=hidden).exclude(alert_id__in=alerts)


def must_see(who: Who, incident_id: str) -> models.IncidentRow:
    """The row of an incident. Refuses as if a hidden one did not exist."""
    found = visible_incidents(who).filter(id=incident_id).first()
    if found is None:
        raise missing("incident.unknown", "There is no such incident. Look it up in the list of incidents.")
    return found
