"""Who is on call now in every schedule, and what is open: for the lifeline, the screens and the API."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Prefetch

from quarterdeck.core.kernel.moments import text
from quarterdeck.core.oncall import OnCall, on_call, shifts
from quarterdeck.store import models

from ..paging.directory import schedule_from

AHEAD = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Duty:
    """One schedule at one instant. `people` are all on call, the first first; none of them is a gap."""

    schedule: models.Schedule
    held: OnCall
    people: tuple[models.Person, ...]

    @property
    def person(self) -> models.Person | None:
        """The first on call; None for a gap."""
        return self.people[0] if self.people else None


def duties(now: datetime, service_key: str = "") -> list[Duty]:
    """Every schedule with who holds it at `now`, or only those a service's policy names."""
    rows = models.Schedule.objects.select_related("team").prefetch_related("layers", "overrides")
    return _held(rows.filter(id__in=_schedules_of(service_key)) if service_key else rows, now)


def duties_in(now: datetime, schedules: Iterable[str]) -> list[Duty]:
    """These schedules, by id, with who holds them at `now`."""
    rows = models.Schedule.objects.select_related("team").prefetch_related("layers", "overrides")
    wanted = set(schedules)
    return _held(rows.filter(id__in=wanted), now) if wanted else []


def schedules_in(policy: models.EscalationPolicy | None) -> list[str]:
    """The ids of the schedules a policy calls, in the order of its steps."""
    if policy is None:
        return []
    targets = [t for s in policy.definition.get("steps", []) for t in s["targets"]]
    return [t["ref"] for t in targets if t["kind"] == "schedule"]


def duties_of(now: datetime, services: Iterable[str]) -> list[Duty]:
    """The schedules that the policies of these services name, service by service; each once."""
    named = [_schedules_of(key) for key in services]
    rows = models.Schedule.objects.select_related("team").prefetch_related("layers", "overrides")
    found = _held(rows.filter(id__in={i for ids in named for i in ids}), now) if any(named) else []
    return list({d.schedule.id: d for ids in named for d in found if d.schedule.id in ids}.values())


def _held(rows: Iterable[models.Schedule], now: datetime) -> list[Duty]:
    people = {p.id: p for p in models.Person.objects.filter(is_active=True)}
    found = []
    for row in rows:
        held = on_call(schedule_from(row), now)
        found.append(Duty(row, held, tuple(people[p] for p in held.people if p in people)))
    return found


def held_by(person_id: str, now: datetime) -> list[OnCall]:
    """The turns a person holds at `now`. Reads only the schedules that can name them."""
    layers = models.Layer.objects.filter(definition__contains=f'"{person_id}"')
    standing = models.Override.objects.filter(removed_at=None, ends_at__gt=now)
    stands_in = standing.filter(person_id=person_id, starts_at__lte=now)
    named = {*layers.values_list("schedule_id", flat=True), *stands_in.values_list("schedule_id", flat=True)}
    if not named:
        return []
    rows = models.Schedule.objects.filter(id__in=named).prefetch_related(
        "layers", Prefetch("overrides", standing)
    )
    found = (on_call(schedule_from(row), now) for row in rows)
    return [held for held in found if person_id in held.people]


def _schedules_of(service_key: str) -> list[str]:
    service = models.Service.objects.select_related("policy").filter(key=service_key).first()
    return schedules_in(service.policy if service else None)


def _ahead(now: datetime) -> tuple[list[dict[str, Any]], set[str]]:
    """The shifts of the next seven days in every schedule, earliest first, and the people in them."""
    found: list[dict[str, Any]] = []
    people: set[str] = set()
    for row in models.Schedule.objects.prefetch_related("layers", "overrides"):
        for shift in shifts(schedule_from(row), now, now + AHEAD):
            people.update(shift.people)
            # Each of several for themselves: what reads this knows one person a line.
            found += [
                {
                    "schedule": row.name,
                    "person": person,
                    "starts_at": text(shift.starts_at),
                    "ends_at": text(shift.ends_at),
                }
                for person in shift.people or (None,)
            ]
    return sorted(found, key=lambda s: (s["starts_at"], s["schedule"])), people


def roster(now: datetime) -> dict[str, Any]:
    """People on call now and for seven days with their addresses, and open incidents and alerts, as plain data."""
    contacts: dict[str, list[dict[str, str]]] = {}
    for c in models.ContactMethod.objects.filter(disabled=False):
        contacts.setdefault(c.person_id, []).append({"kind": c.kind, "address": c.address})
    on_duty = [
        {
            "schedule": d.schedule.name,
            "person": person.name,
            "email": person.email,
            "phone": person.phone,
            "contacts": contacts.get(person.id, []),
            "until": text(d.held.until) if d.held.until else None,
        }
        for d in duties(now)
        for person in d.people
    ]
    shifts_ahead, on_shifts = _ahead(now)
    people = {
        p.id: {"name": p.name, "email": p.email, "phone": p.phone, "contacts": contacts.get(p.id, [])}
        for p in models.Person.objects.filter(id__in=on_shifts, is_active=True)
    }
    incidents = models.IncidentRow.objects.filter(is_open=True, restricted=False, drill=False).order_by(
        "severity", "number"
    )[:100]
    alerts = models.Alert.objects.filter(status="open").order_by("-id")[:200]
    return {
        "on_call": on_duty,
        "shifts": shifts_ahead,
        "people": people,
        "incidents": [
            {"id": i.id, "severity": i.severity, "title": i.title, "phase": i.phase} for i in incidents
        ],
        "alerts": [{"id": a.id, "summary": a.summary, "severity": a.severity} for a in alerts],
    }
