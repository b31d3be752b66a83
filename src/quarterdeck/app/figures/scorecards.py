"""One person's own record in the roles they hold: for that person and the program lead alone, never a ranking (R-235).

Shares with their number, of what one can do oneself: no count of incidents. What the reader may not know of is left
out.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeVar

from django.db.models import Model, QuerySet

from quarterdeck.core.access import GUEST
from quarterdeck.core.kernel.refused import forbidden
from quarterdeck.store import models

from ..act import Act, need
from ..people.people import find as find_person
from ..visibility import hidden_incidents
from . import insight_rules

BACK = timedelta(days=90)
IN_TIME = timedelta(minutes=5)
READ = "insight.read"
M = TypeVar("M", bound=Model)


@dataclass(frozen=True, slots=True)
class Line:
    """`met` of `of`: how often something was done in time. `about` says what counts."""

    key: str
    title: str
    about: str
    met: int
    of: int


@dataclass(frozen=True, slots=True)
class Scorecard:
    """What has no record yet has no line."""

    person: str
    name: str
    since: datetime
    until: datetime
    lines: tuple[Line, ...]


def may_see(act: Act, person_id: str) -> bool:
    """Oneself and the program lead; an administrator's rights do not count here."""
    return (
        GUEST not in act.who.roles
        and person_id != ""
        and act.person in (person_id, insight_rules.rules().program_lead)
    )


def leads(act: Act) -> bool:
    return bool(act.person) and act.person == insight_rules.rules().program_lead


def of(act: Act, person_id: str) -> Scorecard:
    """The last 90 days of a person. 403 for everybody else."""
    need(act, READ)
    person = find_person(person_id)
    if not may_see(act, person_id):
        raise forbidden(
            "scorecard.forbidden",
            "A person's record is for that person and the program lead. Ask them to show it to you.",
        )
    since = act.at - BACK
    found = (line for part in (_calls, _updates, _reviews, _promises) for line in part(act, person.id, since))
    return Scorecard(person.id, person.name, since, act.at, tuple(found))


def _calls(act: Act, person: str, since: datetime) -> Iterator[Line]:
    rows = models.Callout.objects.filter(
        person_id=person, kind="callout", drill=False, created_at__gte=since, created_at__lt=act.at
    )
    rows = rows.exclude(state__in=("cancelled", "unreachable")).exclude(incident_id__in=_hidden(act))
    rows = rows.exclude(alert_id__in=models.Alert.objects.filter(incident_id__in=_hidden(act)).values("id"))
    told = list(rows.values_list("created_at", "acknowledged_at"))
    if told:
        met = sum(done is not None and done - at <= IN_TIME for at, done in told)
        yield Line(
            "acknowledgements", "Calls answered in time", "Within 5 minutes of the call.", met, len(told)
        )


def _updates(act: Act, person: str, since: datetime) -> Iterator[Line]:
    """A message is in time when it went out by the moment the message before it, to the same audience, had promised."""
    mine = models.MessageRow.objects.filter(released_by=person, sent_at__gte=since, sent_at__lt=act.at)
    mine = _real(act, mine)
    wanted = {(i, a) for i, a in mine.values_list("incident_id", "audience")}
    rows = models.MessageRow.objects.filter(incident_id__in={i for i, _ in wanted}).exclude(sent_at=None)
    met = count = 0
    promised: dict[tuple[str, str], datetime | None] = {}
    columns = ("incident_id", "audience", "released_by", "sent_at", "next_update_at")
    for incident, audience, by, sent, following in rows.order_by("sent_at", "id").values_list(*columns):
        due = promised.get((incident, audience))
        if by == person and due is not None and sent >= since:
            count += 1
            met += sent <= due
        promised[incident, audience] = following
    if count:
        yield Line(
            "updates", "Updates in time", "Sent by the time the update before it had promised.", met, count
        )


def _reviews(act: Act, person: str, since: datetime) -> Iterator[Line]:
    first, last = since.date().isoformat(), act.at.date().isoformat()
    rows = models.ReviewRow.objects.filter(owner=person, due_on__gte=first, due_on__lt=last).exclude(
        state="waived"
    )
    told = list(_real(act, rows).values_list("due_on", "published_at"))
    if told:
        met = sum(done is not None and done.date().isoformat() <= due for due, done in told)
        yield Line("reviews", "Reviews delivered in time", "Agreed by the day they were due.", met, len(told))


def _promises(act: Act, person: str, since: datetime) -> Iterator[Line]:
    first, last = since.date().isoformat(), act.at.date().isoformat()
    rows = models.ActionItemRow.objects.filter(owner=person, due_on__gte=first, due_on__lt=last)
    told = list(_real(act, rows).values_list("due_on", "done_at"))
    if told:
        met = sum(done is not None and done.date().isoformat() <= due for due, done in told)
        yield Line("action_items", "Action items done in time", "By the day they were due.", met, len(told))


def _real(act: Act, rows: QuerySet[M]) -> QuerySet[M]:
    drills = models.IncidentRow.objects.filter(drill=True).values("id")
    return rows.exclude(incident_id__in=drills).exclude(incident_id__in=_hidden(act))


def _hidden(act: Act) -> QuerySet[models.IncidentRow, dict[str, Any]]:
    return hidden_incidents(act.who).values("id")


def people(rows: Iterable[dict[str, str]], act: Act) -> list[dict[str, str]]:
    """Whose records the program lead may open, by name."""
    return [p for p in rows if p["id"] != act.person] if leads(act) else []
