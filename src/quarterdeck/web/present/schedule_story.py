"""What was changed in a schedule, in sentences: what it was and what it is now. Reads only."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from quarterdeck.app.paging.directory import Directory
from quarterdeck.core.kernel import moments
from quarterdeck.core.kernel.text import counted, cut
from quarterdeck.core.oncall import Layer
from quarterdeck.core.oncall.data import layer_of
from quarterdeck.store import models

from .oncall import day_time

MOST_LINES = 8
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
Data = Mapping[str, Any]


def told(rows: Sequence[models.Event], zone: str, directory: Directory) -> list[dict[str, Any]]:
    """The events of one schedule as {at, who, title, lines, reason}; times on the viewer's clock."""
    parsed = [(r, json.loads(r.data)) for r in rows]
    directory.load_people({r.actor for r in rows} | {p for _, d in parsed for p in _people(d)})
    tell = _Telling(zone, directory)
    return [
        {
            "at": r.at,
            "who": "Somebody on the server" if r.actor == "operator" else directory.name(r.actor),
            "reason": str(d.get("reason") or ""),
            **tell(r.kind, d),
        }
        for r, d in parsed
    ]


def _people(d: Data) -> Iterator[str]:
    for name in ("person", "other", "asked", "instead_of"):
        if d.get(name):
            yield str(d[name])
    for side in (d.get("before"), d.get("after")):
        if isinstance(side, dict):
            yield from side.get("people") or ()
            yield from (str(s.get("person") or "") for s in side.get("fixed") or ())


class _Telling:
    """One event after the other in words. What an event of an older release leaves out is left out here too."""

    def __init__(self, zone: str, directory: Directory) -> None:
        self.zone, self.directory = zone, directory

    def __call__(self, kind: str, d: Data) -> dict[str, Any]:
        if kind in _SWAPS:
            return self._swap(d, _SWAPS[kind])
        if kind in _COVERS:
            return self._cover(d, _COVERS[kind])
        say: dict[str, Callable[[Data], dict[str, Any]]] = {
            "ScheduleCreated": self._created, "ScheduleChanged": self._changed, "LayerSet": self._layer,
            "LayerRemoved": self._ended, "OverrideAdded": self._override, "OverrideRemoved": self._taken_back,
        }  # fmt: skip
        return say[kind](d) if kind in say else _said(kind)

    def _created(self, d: Data) -> dict[str, Any]:
        return _said(f"Made the schedule “{d.get('name', '')}” in the zone {d.get('zone', '')}")

    def _changed(self, d: Data) -> dict[str, Any]:
        before, after = d.get("before") or {}, d.get("after") or {}
        called = {"name": "Name", "timezone": "Zone"}
        lines = [
            _turned(called.get(k, k), str(before.get(k, "")), str(v))
            for k, v in after.items()
            if before.get(k) != v
        ]
        return _said("Changed the schedule", lines)

    def _layer(self, d: Data) -> dict[str, Any]:
        after = self._core(d, "after")
        if not d.get("before"):
            return _said(
                f"Added the layer “{d.get('name', '')}”", [f"{k}: {v}" for k, v in self._facts(after)]
            )
        was, now = dict(self._facts(self._core(d, "before"))), dict(self._facts(after))
        lines = [
            _turned(k, was.get(k, ""), now.get(k, ""))
            for k in dict.fromkeys((*now, *was))
            if was.get(k) != now.get(k)
        ]
        return _said(
            f"Changed the layer “{d.get('name', '')}”",
            lines or ["Nothing but its name or the turn that runs."],
        )

    def _ended(self, d: Data) -> dict[str, Any]:
        lines = [f"{k}: {v}" for k, v in self._facts(self._core(d, "before"))] if d.get("before") else []
        return _said(f"Ended the layer “{d.get('name', '')}”", lines)

    def _core(self, d: Data, side: str) -> Layer:
        return layer_of(str(d.get("layer", "")), str(d.get("name", "")), d[side], self.zone)

    def _facts(self, layer: Layer) -> Iterator[tuple[str, str]]:
        """What a layer says, as (title, words), in the order of its form."""
        if layer.fixed:
            people = ", ".join(dict.fromkeys(self.directory.name(s.person) for s in layer.fixed))
            yield "Fixed shifts", cut(f"{len(layer.fixed)}, of {people}", 300)
        else:
            yield "People", cut(", ".join(self.directory.name(p) for p in layer.people) or "nobody", 300)
            yield "Turns", _turns(layer)
        if layer.at_once > 1:
            yield "At once", str(layer.at_once)
        if layer.restrictions:
            yield "Only", "; ".join(_hours(r) for r in layer.restrictions)
        if layer.when_absent == "skip":
            yield "When somebody is away", "their turn goes to the next who is there"
        if not layer.gaps_allowed:
            yield "Gaps", "somebody must always be on call"
        if layer.region:
            yield "Public holidays of", layer.region
        if layer.ends_at:
            yield "Ends", day_time(layer.ends_at)

    def _override(self, d: Data) -> dict[str, Any]:
        name, span = self._name(d, "person"), _span(d)
        title = {
            "remove": f"Took {name} off call",
            "add": f"Put {name} on call in addition",
            "one": f"Put {name} on call instead of {self._name(d, 'instead_of')}",
        }.get(str(d.get("effect", "")), f"Put {name} on call instead of whoever has the turn")
        return _said(title, [span + (", by a swap" if d.get("swap") else "")])

    def _taken_back(self, d: Data) -> dict[str, Any]:
        return _said(f"Took the override of {self._name(d, 'person')} back: the layers count again")

    def _swap(self, d: Data, title: str) -> dict[str, Any]:
        given, other = self._name(d, "person"), self._name(d, "other")
        lines = [f"{given} gives {other} {_span(d)}"]
        if isinstance(d.get("back"), dict):
            lines.append(f"{other} gives {given} in return {_span(d['back'])}")
        return _said(title.format(given=given, other=other), lines)

    def _cover(self, d: Data, title: str) -> dict[str, Any]:
        return _said(title.format(person=self._name(d, "person"), asked=self._name(d, "asked")), [_span(d)])

    def _name(self, d: Data, key: str) -> str:
        return self.directory.name(str(d[key])) if d.get(key) else "somebody"


_SWAPS = {
    "SwapOffered": "{given} offered {other} a shift",
    "SwapAccepted": "{other} took a shift of {given}",
    "SwapDeclined": "{other} declined a shift of {given}",
    "SwapWithdrawn": "{given} no longer offers {other} a shift",
    "SwapExpired": "{other} did not answer: the shift stays with {given}",
}
_COVERS = {
    "CoverWanted": "Looked for cover for {person}",
    "CoverAsked": "{asked} was asked to cover for {person}",
    "CoverDeclined": "{asked} cannot cover for {person}",
    "CoverTaken": "{asked} covers for {person}",
    "CoverFailed": "Nobody covers for {person}",
    "CoverWithdrawn": "No longer looks for cover for {person}",
}
_UNITS = {"hours": "hour", "days": "day", "weeks": "week", "months": "month"}


def _said(title: str, lines: Sequence[str] = ()) -> dict[str, Any]:
    more = len(lines) - MOST_LINES
    return {"title": title, "lines": [*lines[:MOST_LINES], *([f"and {more} more"] if more > 0 else [])]}


def _turned(what: str, before: str, after: str) -> str:
    if not before:
        return f"{what}: now {after}"
    return f"{what}: no longer {before}" if not after else f"{what}: from {before} to {after}"


def _turns(layer: Layer) -> str:
    unit = _UNITS.get(layer.turn.unit, layer.turn.unit)
    every = f"every {unit}" if layer.turn.length == 1 else f"every {counted(layer.turn.length, unit)}"
    day = ""
    if layer.turn.unit == "weeks" and layer.handover_weekday is not None:
        day = f"{WEEKDAYS[layer.handover_weekday]} "
    elif layer.turn.unit == "months" and layer.handover_day:
        day = f"day {layer.handover_day} "
    return f"{every}, handover {day}{layer.handover_time:%H:%M}"


def _hours(r: Any) -> str:
    days = ", ".join(WEEKDAYS[d][:3] for d in r.weekdays)
    return f"{r.start_time:%H:%M} to {r.end_time:%H:%M}" + (f" on {days}" if days else "")


def _span(d: Data) -> str:
    found = [_moment(d.get(k)) for k in ("starts_at", "ends_at")]
    return " to ".join(day_time(at) for at in found if at)


def _moment(value: object) -> Any:
    try:
        return moments.parse(str(value or ""))
    except ValueError:
        return None
