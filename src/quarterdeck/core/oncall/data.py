"""Layers, overrides and absences as plain data and back: the shape in which they are stored.

What is as it has always been is not written, so that what was stored before reads as it did.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, time
from typing import Any

from quarterdeck.core.kernel.moments import parse, text

from .schedule import Absence, FixedShift, Layer, Override, Restriction, Turn


def layer_data(layer: Layer) -> dict[str, Any]:
    """A layer as plain data. Its holidays are not in it: they are given with the schedule, by region."""
    told: dict[str, Any] = {
        "people": list(layer.people),
        "turn": {"unit": layer.turn.unit, "length": layer.turn.length},
        "handover_time": layer.handover_time.isoformat("minutes"),
        "handover_weekday": layer.handover_weekday,
        "starts_at": text(layer.starts_at),
        "ends_at": text(layer.ends_at) if layer.ends_at else None,
        "zone": layer.zone,
        "restrictions": [_restriction_data(r) for r in layer.restrictions],
    }
    if layer.at_once != 1:
        told["at_once"] = layer.at_once
    if layer.handover_day is not None:
        told["handover_day"] = layer.handover_day
    if layer.fixed:
        told["fixed"] = [_fixed_data(s) for s in layer.fixed]
    if layer.when_absent != "leave":
        told["when_absent"] = layer.when_absent
    if not layer.gaps_allowed:
        told["gaps_allowed"] = False
    if layer.region:
        told["region"] = layer.region
    return told


def layer_of(layer_id: str, name: str, d: Mapping[str, Any], zone: str) -> Layer:
    """A layer from its data; `zone` is that of the schedule, where the layer names none."""
    return Layer(
        id=layer_id,
        name=name,
        people=tuple(d["people"]),
        turn=Turn(d["turn"]["unit"], d["turn"]["length"]),
        handover_time=time.fromisoformat(d["handover_time"]),
        handover_weekday=d.get("handover_weekday"),
        starts_at=_moment(d["starts_at"]),
        ends_at=parse(d["ends_at"]) if d.get("ends_at") else None,
        zone=d.get("zone") or zone,
        restrictions=tuple(_restriction(r) for r in d.get("restrictions", [])),
        at_once=d.get("at_once", 1),
        handover_day=d.get("handover_day"),
        fixed=tuple(_fixed(s) for s in d.get("fixed", [])),
        when_absent=d.get("when_absent", "leave"),
        gaps_allowed=d.get("gaps_allowed", True),
        region=d.get("region", ""),
    )


def override_data(o: Override) -> dict[str, Any]:
    told = {
        "id": o.id,
        "person": o.person,
        "starts_at": text(o.starts_at),
        "ends_at": text(o.ends_at),
        "reason": o.reason,
    }
    extra = {"effect": o.effect, "instead_of": o.instead_of, "swap": o.swap}
    return told | {k: v for k, v in extra.items() if v not in ("", "all")}


def override_of(d: Mapping[str, Any]) -> Override:
    return Override(
        d["id"], d["person"], _moment(d["starts_at"]), _moment(d["ends_at"]), d.get("reason", ""),
        d.get("effect", "all"), d.get("instead_of", ""), d.get("swap", ""),
    )  # fmt: skip


def absence_data(a: Absence) -> dict[str, Any]:
    return {
        "person": a.person,
        "starts_at": text(a.starts_at),
        "ends_at": text(a.ends_at),
        "reason": a.reason,
    }


def absence_of(d: Mapping[str, Any]) -> Absence:
    return Absence(d["person"], _moment(d["starts_at"]), _moment(d["ends_at"]), d.get("reason", ""))


def _restriction_data(r: Restriction) -> dict[str, Any]:
    told = {
        "start": r.start_time.isoformat("minutes"),
        "end": r.end_time.isoformat("minutes"),
        "weekdays": list(r.weekdays),
    }
    return told if r.holidays == "usual" else told | {"holidays": r.holidays}


def _restriction(d: Mapping[str, Any]) -> Restriction:
    return Restriction(
        time.fromisoformat(d["start"]),
        time.fromisoformat(d["end"]),
        tuple(d["weekdays"]),
        d.get("holidays", "usual"),
    )


def _fixed_data(s: FixedShift) -> dict[str, Any]:
    return {
        "person": s.person,
        "starts_at": text(s.starts_at),
        "ends_at": text(s.ends_at),
        "ref": s.ref,
    }


def _fixed(d: Mapping[str, Any]) -> FixedShift:
    return FixedShift(d["person"], _moment(d["starts_at"]), _moment(d["ends_at"]), d.get("ref", ""))


def _moment(value: str) -> datetime:
    at = parse(value)
    if at is None:
        raise ValueError(f"{value!r} is not a time that a schedule can have")
    return at
