"""What a shift was like: who was called how often and by what, what is still open, and the notes that were left.

Never tells of restricted incidents or drills. Reads only.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

from django.db.models import Q, QuerySet

from quarterdeck.core.oncall import Shift, shifts
from quarterdeck.core.oncall.hours import Home, is_night
from quarterdeck.store import models

from ..paging.directory import default_policy, schedule_from
from ..visibility import without_restricted

BACK, AHEAD = timedelta(days=35), timedelta(days=15)
# Notes of a shift are those written from its start until this long after its end.
NOTES_AFTER = timedelta(hours=2)
MOST = 20


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch with the same people on call; no people is a gap."""

    people: tuple[str, ...]
    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class Summary:
    """`repeated` and `noisy` are (name, how often), the most frequent first."""

    since: datetime
    until: datetime
    pages: int
    wake_ups: int
    repeated: tuple[tuple[str, int], ...]
    noisy: tuple[tuple[str, int], ...]
    alerts: tuple[models.Alert, ...]
    more_alerts: int
    incidents: tuple[models.IncidentRow, ...]
    silences: tuple[models.Silence, ...]
    notes: tuple[models.ShiftNote, ...]


def spans(row: models.Schedule, since: datetime, until: datetime) -> list[Span]:
    """The stretches of a schedule between two instants, neighbours with the same people as one."""
    return _joined(shifts(schedule_from(row), since, until))


def _joined(found: Sequence[Shift]) -> list[Span]:
    joined: list[Span] = []
    for s in found:
        last = joined[-1] if joined else None
        if last is not None and set(last.people) == set(s.people) and last.ends_at == s.starts_at:
            joined[-1] = Span(last.people, last.starts_at, s.ends_at)
        else:
            joined.append(Span(s.people, s.starts_at, s.ends_at))
    return joined


def changes(row: models.Schedule, since: datetime, until: datetime) -> list[tuple[Span, Span]]:
    """The handovers after `since` until `until`: who goes and who comes. What lies around them is seen as far as a
    month back, so that the whole shift is known.
    """
    known = spans(row, since - BACK, until + AHEAD)
    return [(a, b) for a, b in pairwise(known) if since < b.starts_at <= until]


def running(row: models.Schedule, now: datetime) -> tuple[Span | None, Span | None]:
    """The stretch before the one that runs, and that one. None where the schedule knows none."""
    known = spans(row, now - BACK, now + AHEAD)
    here = next((n for n, s in enumerate(known) if s.starts_at <= now < s.ends_at), None)
    if here is None:
        return None, None
    return (known[here - 1] if here else None), known[here]


def read(
    row: models.Schedule, people: Sequence[str], since: datetime, until: datetime, now: datetime
) -> Summary:
    """What these people were called for between two instants, and what stands now of what this schedule looks after."""
    called = models.Callout.objects.filter(
        person_id__in=people, kind="callout", drill=False, created_at__gte=since, created_at__lt=until
    )
    # A number would tell as well that there is something restricted.
    about = list(without_restricted(called).values_list("person_id", "created_at", "alert_id", "subject"))
    zones = dict(models.Person.objects.filter(id__in=people).values_list("id", "timezone"))
    services = dict(
        models.Alert.objects.filter(id__in={a for _, _, a, _ in about if a}).values_list(
            "id", "service__name"
        )
    )
    standing = _alerts(row).order_by("-id")
    open_ = list(standing.select_related("service")[: MOST + 1])
    return Summary(
        since=since,
        until=until,
        pages=len(about),
        wake_ups=sum(is_night(at, Home(zones.get(p) or "UTC")) for p, at, *_ in about),
        repeated=_most(subject for *_, subject in about),
        noisy=_most(services[a] or "No service" for _, _, a, _ in about if a in services),
        alerts=tuple(open_[:MOST]),
        more_alerts=max(standing.count() - MOST, 0) if len(open_) > MOST else 0,
        incidents=tuple(
            models.IncidentRow.objects.filter(is_open=True, restricted=False, drill=False)
            .order_by("severity", "number")[:MOST]
        ),
        silences=tuple(
            models.Silence.objects.filter(starts_at__lte=now, ends_at__gt=now, ended_at=None).order_by("ends_at")[:MOST]
        ),
        notes=tuple(
            models.ShiftNote.objects.filter(schedule=row, at__gte=since, at__lt=until + NOTES_AFTER)
            .order_by("at", "id")
        ),
    )  # fmt: skip


def _most(names: Iterable[str]) -> tuple[tuple[str, int], ...]:
    return tuple(Counter(names).most_common(5))


def _alerts(row: models.Schedule) -> QuerySet[models.Alert]:
    """The open alerts that a policy which names this schedule looks after."""
    named = models.EscalationPolicy.objects.filter(definition__contains=f'"{row.id}"')
    wanted = Q(service__policy__in=named)
    fallback = default_policy()
    if fallback is not None and f'"{row.id}"' in str(fallback.definition).replace("'", '"'):
        wanted |= Q(service=None) | Q(service__policy=None)
    return models.Alert.objects.filter(wanted, status__in=("open", "acknowledged"))
