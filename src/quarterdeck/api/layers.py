"""Making schedules and setting their layers."""

from __future__ import annotations

from typing import Annotated

from quarterdeck.app.oncall import rotations
from quarterdeck.app.paging.directory import layer_from
from quarterdeck.store import models

from .doors import Request
from .fields import Id, Key, NewKey, Text, Write
from .layer_words import Layer, LayerWrite, layer_of, layer_told
from .operations import Noun
from .schedules import Schedule, schedule_told

NOUN = Noun("On call", "/schedules")
Zone = Annotated[str, Text(60, least=1)]
Name = Annotated[str, Text(120, least=1)]


class ScheduleWrite(Write):
    """`timezone` is one of the IANA database, such as Europe/Berlin: in it people hand over."""

    key: NewKey
    name: Name
    timezone: Zone = "UTC"


class ScheduleChange(Write):
    name: Name | None = None
    timezone: Zone | None = None


@NOUN.post("", "schedule.edit", Schedule)
def create_schedule(request: Request, body: ScheduleWrite) -> Schedule:
    """A schedule without layers: nobody is on call in it yet."""
    return schedule_told(rotations.create(request.act, body.key, body.name, body.timezone))


@NOUN.patch("/{schedule}", "schedule.edit", Schedule)
def change_schedule(request: Request, schedule: Key, body: ScheduleChange) -> Schedule:
    """Another name or zone; what is left out stays."""
    return schedule_told(rotations.update(request.act, schedule, name=body.name, zone=body.timezone))


@NOUN.post("/{schedule}/layers", "schedule.edit", Layer)
def add_layer(request: Request, schedule: Key, body: LayerWrite) -> Layer:
    """A layer over the others."""
    return _told(request, rotations.put_layer(request.act, schedule, layer_of(request, body)))


@NOUN.put("/{schedule}/layers/{layer}", "schedule.edit", Layer)
def replace_layer(request: Request, schedule: Key, layer: Id, body: LayerWrite) -> Layer:
    """Another layer in the place of this one. One that has begun ends now and stays as the past."""
    return _told(request, rotations.put_layer(request.act, schedule, layer_of(request, body), layer))


@NOUN.delete("/{schedule}/layers/{layer}", "schedule.edit")
def end_layer(request: Request, schedule: Key, layer: Id) -> None:
    """From now on nobody is on call by this layer."""
    rotations.remove_layer(request.act, schedule, layer)


def _told(request: Request, row: models.Layer) -> Layer:
    return layer_told(request, layer_from(row, row.schedule.timezone))
