"""Schedules, overrides and absences as the core knows them, from their rows. Reads, decides nothing."""

from __future__ import annotations

from collections.abc import Iterable

from quarterdeck.core.oncall import Absence, Layer, Override, Schedule
from quarterdeck.core.oncall.data import layer_of
from quarterdeck.store import models

from .holidays import with_days


def layer_from(row: models.Layer, zone: str) -> Layer:
    return layer_of(row.id, row.name, row.definition, zone)


def schedule_from(row: models.Schedule) -> Schedule:
    """A schedule with layers, their holidays and standing overrides (prefetch `layers` and `overrides` for many).

    Absences are read only where they move turns: by a layer that passes the absent over.
    """
    layers = tuple(layer_from(x, row.timezone) for x in row.layers.all())
    moved = {p for layer in layers if layer.when_absent == "skip" for p in layer.people}
    return with_days(
        Schedule(
            id=row.id,
            key=row.key,
            name=row.name,
            zone=row.timezone,
            layers=layers,
            overrides=tuple(override_from(o) for o in row.overrides.all() if o.removed_at is None),
            absences=absences_of(moved) if moved else (),
        )
    )


def override_from(o: models.Override) -> Override:
    return Override(o.id, o.person_id, o.starts_at, o.ends_at, o.reason, o.effect, o.instead_of, o.swap_id)  # type: ignore[arg-type]


def absences_of(people: Iterable[str]) -> tuple[Absence, ...]:
    """The standing absences of these people, past ones included, by start."""
    rows = models.Absence.objects.filter(person_id__in=people, removed_at=None)
    return tuple(Absence(a.person_id, a.starts_at, a.ends_at, a.reason) for a in rows)


def people_of(schedule: Schedule) -> set[str]:
    """Everybody whom a schedule may put on call."""
    turns = {p for layer in schedule.layers for p in layer.people}
    fixed = {s.person for layer in schedule.layers for s in layer.fixed}
    return turns | fixed | {o.person for o in schedule.overrides}
