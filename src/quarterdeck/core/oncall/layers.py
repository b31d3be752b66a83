"""One layer, whatever its kind: who it has on call, until when, and in which stretches; absences included."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from typing import NamedTuple

from .fixed import roster
from .schedule import Absence, Layer, Source
from .turns import People, Rotation, present, rotation, shortest


class Label(NamedTuple):
    """Where a stretch comes from. `reason` is a clause without a full stop."""

    source: Source
    ref: str
    reason: str


Stretch = tuple[datetime, datetime, People, Label]
Away = Sequence[Absence]
_WEEK = timedelta(weeks=1)


def holder(layer: Layer, at: datetime, absences: Away = ()) -> tuple[People, bool] | None:
    """The people a layer has on call at an instant, and whether somebody of them stands in for somebody absent.

    None outside its life and its windows, and where everybody in it is absent.
    """
    if at < layer.starts_at or (layer.ends_at is not None and at >= layer.ends_at):
        return None
    if layer.fixed:
        held = roster(layer).at(at)
        return (held[2], False) if held else None
    if not layer.people:
        return None
    plan = rotation(layer)
    number = plan.turn(at)
    if number is None:
        return None
    people = plan.groups[number % len(plan.groups)]
    if absences and layer.when_absent == "skip":
        away = frozenset(a.person for a in absences if a.starts_at <= at < a.ends_at)
        if not away.isdisjoint(people):
            people = _standing_in(plan, number, layer, away)
            return (people, True) if people else None
    return people, False


def next_change(layer: Layer, at: datetime, absences: Away = ()) -> datetime | None:
    """The first instant after `at` at which `holder` may answer differently; None if it never will."""
    if layer.ends_at is not None and at >= layer.ends_at:
        return None
    if not layer.fixed and not layer.people:
        return None
    if at < layer.starts_at:
        return layer.starts_at
    found = roster(layer).next_change(at) if layer.fixed else rotation(layer).next_change(at)
    if absences and layer.when_absent == "skip" and not layer.fixed:
        edges = [e for a in absences for e in (a.starts_at, a.ends_at) if e > at]
        found = min((e for e in (found, *edges) if e is not None), default=None)
    if layer.ends_at is not None and (found is None or layer.ends_at < found):
        return layer.ends_at
    return found


def stretches(layer: Layer, start: datetime, end: datetime, absences: Away = ()) -> list[Stretch]:
    """Every turn of a layer between two instants, cut to them and to its windows, in order; turns are not joined."""
    low = max(start, layer.starts_at)
    high = end if layer.ends_at is None else min(end, layer.ends_at)
    if low >= high:
        return []
    if layer.fixed:
        return [
            (a, b, people, fixed_label(layer, ref)) for a, b, people, ref in roster(layer).between(low, high)
        ]
    if not layer.people:
        return []
    plan, label = rotation(layer), layer_label(layer)
    groups, count = plan.groups, len(plan.groups)
    pieces = plan.pieces(low, high)
    named = set(layer.people)
    away = [a for a in absences if a.starts_at < high and a.ends_at > low and a.person in named]
    if not away or layer.when_absent == "leave":
        return [(a, b, groups[number % count], label) for a, b, number in pieces]
    cover = cover_label(layer)
    found: list[Stretch] = []
    for begins, ends, number in pieces:
        found += _with_absences(layer, plan, (begins, ends, number), away, (label, cover))
    return found


def turns_between(layer: Layer, start: datetime, end: datetime) -> int:
    """At most so many stretches, roughly: to refuse a question before it takes minutes to answer."""
    high = end if layer.ends_at is None else min(end, layer.ends_at)
    span = high - max(start, layer.starts_at)
    if span <= timedelta(0):
        return 0
    if layer.fixed:
        return 2 * len(layer.fixed)
    return span // shortest(layer.turn) + 1 + (span // _WEEK + 1) * (1 + 7 * len(layer.restrictions))


def layer_label(layer: Layer) -> Label:
    return Label("layer", layer.id, f"layer {layer.name}")


def cover_label(layer: Layer) -> Label:
    return Label("cover", layer.id, f"layer {layer.name}, instead of somebody absent")


def fixed_label(layer: Layer, ref: str) -> Label:
    return Label("fixed", ref or layer.id, f"fixed shift in layer {layer.name}")


def label_at(layer: Layer, at: datetime, covered: bool) -> Label:
    """The label of the stretch that `holder` finds at an instant."""
    if layer.fixed:
        held = roster(layer).at(at)
        return fixed_label(layer, held[3] if held else "")
    return cover_label(layer) if covered else layer_label(layer)


def _standing_in(plan: Rotation, number: int, layer: Layer, away: frozenset[str]) -> People:
    return present(plan.order(number), layer.at_once, away)


def _with_absences(
    layer: Layer,
    plan: Rotation,
    piece: tuple[datetime, datetime, int],
    away: Away,
    labels: tuple[Label, Label],
) -> list[Stretch]:
    """One turn cut where absences begin and end; empty where everybody is absent."""
    begins, ends, number = piece
    near = [a for a in away if a.starts_at < ends and a.ends_at > begins]
    usual = plan.groups[number % len(plan.groups)]
    cuts = {begins, ends, *(e for a in near for e in (a.starts_at, a.ends_at) if begins < e < ends)}
    edges = sorted(cuts)
    found: list[Stretch] = []
    for low, high in pairwise(edges):
        missing = frozenset(a.person for a in near if a.starts_at <= low < a.ends_at)
        if missing.isdisjoint(usual):
            found.append((low, high, usual, labels[0]))
        elif people := _standing_in(plan, number, layer, missing):
            found.append((low, high, people, labels[1]))
    return found
