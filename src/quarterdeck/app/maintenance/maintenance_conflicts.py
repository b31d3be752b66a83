"""What stands against a maintenance at its time: other windows, open incidents, days on which its people are off."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from quarterdeck.core.kernel.text import counted
from quarterdeck.core.oncall.wall import wall, zone
from quarterdeck.core.status.maintenance_plan import span
from quarterdeck.store import models

from ..oncall import holidays
from . import maintenance_notices, maintenance_rows


@dataclass(frozen=True, slots=True)
class Conflict:
    """`kind`: overlap, incident, holiday, absence, nobody. `href` is where to look, "" where that is nowhere."""

    kind: str
    text: str
    href: str = ""


def found(row: models.MaintenanceWindow, now: datetime) -> list[Conflict]:
    """Everything known now; none of it forbids the plan."""
    return [*_overlaps(row), *incidents(row), *_holidays(row), *_absences(row), *_nobody(row, now)]


def incidents(row: models.MaintenanceWindow) -> list[Conflict]:
    """Incidents that are open on a covered service, drills aside. A restricted one is not named."""
    covered = dict(row.services.values_list("key", "name"))
    if not covered:
        return []
    open_ = models.IncidentRow.objects.filter(is_open=True, drill=False).order_by("number")
    hit = [(i, sorted(covered[k] for k in set(i.services) & covered.keys())) for i in open_]
    return [
        Conflict(
            "incident",
            f"{'A restricted incident' if i.restricted else i.id} is open on {', '.join(names)}.",
            "" if i.restricted else f"/incidents/{i.id}",
        )
        for i, names in hit
        if names
    ]


def commanders(row: models.MaintenanceWindow) -> list[str]:
    """Who commands the open incidents on covered services."""
    covered = set(row.services.values_list("key", flat=True))
    open_ = models.IncidentRow.objects.filter(is_open=True, drill=False).exclude(commander_id="")
    return [i.commander_id for i in open_ if covered & set(i.services)]


def _overlaps(row: models.MaintenanceWindow) -> list[Conflict]:
    near = maintenance_rows.standing().exclude(id=row.id)
    near = near.filter(starts_at__lt=row.ends_at, ends_at__gt=row.starts_at)
    mine, parts = set(row.services.values_list("id", flat=True)), set(row.components)
    made = []
    for other in near.prefetch_related("services")[:200]:
        shared = [s.name for s in other.services.all() if s.id in mine]
        same = parts & set(other.components)
        if shared or same:
            what = ", ".join(shared) or counted(len(same), "component")
            text = (
                f"“{other.title}” works on {what} as well: {span(other.starts_at, other.ends_at, row.zone)}."
            )
            made.append(Conflict("overlap", text, f"/maintenance/{other.id}"))
    return made


def _holidays(row: models.MaintenanceWindow) -> list[Conflict]:
    made = []
    for person in models.Person.objects.filter(id__in=row.people).exclude(holiday_region=""):
        tz = zone(person.timezone)
        first, last = wall(row.starts_at, tz).date(), wall(row.ends_at, tz).date()
        days = holidays.between([person.holiday_region], first, last)
        for day, name in days.items():
            made.append(Conflict("holiday", f"{day:%d %b %Y} is a public holiday for {person.name}: {name}."))
    return made


def _absences(row: models.MaintenanceWindow) -> list[Conflict]:
    away = models.Absence.objects.filter(
        person_id__in=row.people, removed_at=None, starts_at__lt=row.ends_at, ends_at__gt=row.starts_at
    )
    names = dict(models.Person.objects.filter(id__in=row.people).values_list("id", "name"))
    ids = sorted(set(away.values_list("person_id", flat=True)), key=lambda p: names.get(p, ""))
    return [Conflict("absence", f"{names[p]} is away then.") for p in ids if p in names]


def _nobody(row: models.MaintenanceWindow, now: datetime) -> list[Conflict]:
    if row.services.exists() and not maintenance_notices.on_call(row, max(row.starts_at, now)):
        return [Conflict("nobody", "Nobody is on call for the covered services at its start.")]
    return []
