"""Schedules and their layers: made and changed, each audited with before and after. Overrides are in `schedules`.

What has been stays answerable: a layer that has begun is ended and replaced, never rewritten.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

from django.db.models import F

from quarterdeck.core.kernel.moments import parse, text
from quarterdeck.core.kernel.refused import bad, missing
from quarterdeck.core.kernel.text import line
from quarterdeck.core.oncall import Layer, Schedule, check
from quarterdeck.core.oncall.wall import check_zone
from quarterdeck.store import log, models, tx
from quarterdeck.store.ids import new_id

from ..act import Act, need
from ..incidents.services import free_key, named
from ..paging.directory import layer_data, schedule_from
from ..people import competence
from ..upkeep import removals
from .schedules import find

# Ended layers that are kept, so that the past stays answerable; those that ended first go first. Layers in force are
# bounded by `check`.
KEPT = 50


def create(act: Act, key: str, name: str, zone: str, team: models.Team | None = None) -> models.Schedule:
    """A schedule without layers: nobody is on call in it yet."""
    need(act, "schedule.edit")
    name, zone = named(name, "schedule"), _zone(zone)
    with tx.write("engine", "web"):
        free_key(models.Schedule, key, "schedule")
        row = models.Schedule.objects.create(id=new_id(), key=key, name=name, timezone=zone, team=team)
        told = {"schedule": row.id, "key": key, "name": name, "zone": zone}
        log.audit("ScheduleCreated", told, at=act.at, actor=act.person)
    return row


def update(act: Act, schedule: str, *, name: str | None = None, zone: str | None = None) -> models.Schedule:
    """Another name or zone; None leaves one. The zone moves the hours of every layer."""
    need(act, "schedule.edit")
    with tx.write("engine", "web"):
        row = find(schedule, lock=True)
        before = {"name": row.name, "timezone": row.timezone}
        after = {
            "name": row.name if name is None else named(name, "schedule"),
            "timezone": row.timezone if zone is None else _zone(zone),
        }
        if after != before:
            models.Schedule.objects.filter(id=row.id).update(**after, version=F("version") + 1)
            told = {"schedule": row.id, "before": before, "after": after}
            log.audit("ScheduleChanged", told, at=act.at, actor=act.person)
    return find(schedule)


def put_layer(act: Act, schedule: str, layer: Layer, layer_id: str = "") -> models.Layer:
    """Add a layer over the others, or change one: a layer that has begun ends now and the new one follows it.

    `layer.id` and `layer.zone` are not read; a start in the past of a change means now.
    """
    need(act, "schedule.edit")
    layer = replace(layer, name=line(layer.name, 120) or "Layer")
    if layer.ends_at is not None and layer.ends_at <= act.at:
        raise bad("layer.times", "This layer would have ended already. Choose a later end.", ends_at="past")
    with tx.write("engine", "web"):
        row = find(schedule, lock=True)
        _people(layer)
        competence.may_be_rostered(row.id, {*layer.people, *(s.person for s in layer.fixed)}, act.at)
        old = _layer(row, layer_id) if layer_id else None
        before = old.definition if old is not None else None
        position = old.position if old is not None else _top(row)
        if old is not None:
            _end(old, act.at)
            layer = replace(
                layer,
                starts_at=max(layer.starts_at, act.at) if _has_begun(before, act.at) else layer.starts_at,
            )
        made = models.Layer.objects.create(
            id=new_id(),
            schedule=row,
            position=position,
            name=layer.name,
            definition=layer_data(replace(layer, zone="")),
        )
        _prune(row, act.at)
        check(in_force(schedule_from(find(row.id)), act.at))
        models.Schedule.objects.filter(id=row.id).update(version=F("version") + 1)
        told = {
            "schedule": row.id,
            "layer": made.id,
            "name": made.name,
            "before": before,
            "after": made.definition,
        }
        log.audit("LayerSet", told, at=act.at, actor=act.person)
    return made


def remove_layer(act: Act, schedule: str, layer_id: str) -> None:
    """From now on nobody is on call by this layer. One that has not begun is gone. Twice changes nothing."""
    need(act, "schedule.edit")
    with tx.write("engine", "web"):
        row = find(schedule, lock=True)
        layer = _layer(row, layer_id)
        if not ended(layer, act.at):
            name = f"{layer.name} of {row.name}"
            removals.note(act, "layer", layer.id, name, removals.as_data(layer), row.team_id)
            _end(layer, act.at)
            models.Schedule.objects.filter(id=row.id).update(version=F("version") + 1)
            told = {"schedule": row.id, "layer": layer.id, "name": layer.name, "before": layer.definition}
            log.audit("LayerRemoved", told, at=act.at, actor=act.person)


def in_force(schedule: Schedule, now: datetime) -> Schedule:
    """Without the layers that have ended."""
    layers = tuple(x for x in schedule.layers if x.ends_at is None or x.ends_at > now)
    return replace(schedule, layers=layers)


def ended(layer: models.Layer, now: datetime) -> bool:
    end = parse(layer.definition.get("ends_at") or "")
    return end is not None and end <= now


def _has_begun(definition: dict[str, Any] | None, now: datetime) -> bool:
    start = parse(definition["starts_at"]) if definition else None
    return start is not None and start < now


def _end(layer: models.Layer, now: datetime) -> None:
    """Inside the caller's transaction."""
    if _has_begun(layer.definition, now):
        models.Layer.objects.filter(id=layer.id).update(definition=layer.definition | {"ends_at": text(now)})
    else:
        models.Layer.objects.filter(id=layer.id).delete()


def _prune(row: models.Schedule, now: datetime) -> None:
    """Keep the number of layers bounded: the longest ended go."""
    rows = list(models.Layer.objects.filter(schedule=row))
    over = sorted((r for r in rows if ended(r, now)), key=lambda r: r.definition["ends_at"])
    for old in over[: max(0, len(over) - KEPT)]:
        models.Layer.objects.filter(id=old.id).delete()


def _layer(row: models.Schedule, layer_id: str) -> models.Layer:
    found = models.Layer.objects.filter(schedule=row, id=layer_id).first()
    if found is None:
        raise missing("layer.unknown", "There is no such layer. Reload the schedule.")
    return found


def _top(row: models.Schedule) -> int:
    return max((p for p in row.layers.values_list("position", flat=True)), default=-1) + 1


def _people(layer: Layer) -> None:
    named = {*layer.people, *(shift.person for shift in layer.fixed)}
    known = set(models.Person.objects.filter(id__in=named, is_active=True).values_list("id", flat=True))
    if not named:
        raise bad("layer.people", "Nobody is in this layer. Choose at least one person.", people="missing")
    if not named <= known:
        raise bad(
            "person.unknown", "There is no such active person. Choose one from the list.", people="unknown"
        )


def _zone(zone: str) -> str:
    zone = line(zone, 60)
    check_zone(zone)
    return zone
