"""Layers of fixed shifts by form: who, from when to when, a line for each."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils import timezone

from quarterdeck.app.oncall import calendar_import, coverage, rotations, schedules
from quarterdeck.app.paging.directory import layer_from
from quarterdeck.core.kernel.refused import Refused, bad
from quarterdeck.core.oncall import FixedShift
from quarterdeck.store import models
from quarterdeck.web.acting import act, done, local_time
from quarterdeck.web.routes import route

MOST_LINES = 150
SPARE = 3
Line = dict[str, str]


def fixed(request: HttpRequest, key: str, layer_id: str = "") -> HttpResponse:
    """A new layer of fixed shifts, or one that is there. Shifts that are over stay as they were."""
    row, doing = schedules.find(key), act(request)
    old = next((x for x in row.layers.all() if x.id == layer_id), None) if layer_id else None
    if layer_id and old is None:
        return HttpResponseRedirect(f"/on-call/schedules/{key}/edit")
    known = layer_from(old, row.timezone).fixed if old is not None else ()
    over = tuple(s for s in known if s.ends_at <= doing.at)
    ahead = sorted((s for s in known if s.ends_at > doing.at), key=lambda s: s.starts_at)
    if len(ahead) > MOST_LINES:
        raise Refused(
            "layer.fixed",
            f"This layer has {len(ahead):,} shifts ahead, too many for a form. Change them where they come from, "
            "by the REST interface, or import the calendar again.",
        )
    lines, name, message = _shown(ahead), old.name if old else "", ""
    if request.method == "POST":
        lines, name = _typed(request), request.POST.get("name", "")[:120]
        try:
            found = [_shift(line, number) for number, line in enumerate(lines, 1) if any(line.values())]
            if not found:
                raise bad("layer.fixed", "There is no shift in it. Fill in a line.")
            layer = calendar_import.fixed_layer(doing.at, name or "Fixed shifts", [*over, *found])
            rotations.put_layer(doing, key, layer, layer_id)
        except Refused as refused:
            message = refused.message
        else:
            missing = coverage.after_saving(row.id, doing.at)
            return done(
                request, f"/on-call/schedules/{key}", f"The shifts count from now on. {missing or ''}".strip()
            )
    blank = {"person": "", "start": "", "end": ""}
    context: dict[str, Any] = {
        "row": {"key": row.key, "name": row.name},
        "old": old,
        "name": name,
        "lines": lines + [blank] * (SPARE if len(lines) >= SPARE else 2 * SPARE - len(lines)),
        "people": _people(),
        "zone": f"{timezone.localtime():%Z}",
        "message": message,
    }
    return render(request, "oncall/fixed_form.html", context, status=422 if message else 200)


def _people() -> list[tuple[str, str]]:
    rows = models.Person.objects.filter(is_active=True).exclude(role="executive")
    return list(rows.order_by("name").values_list("id", "name")[:500])


def _shown(found: list[FixedShift]) -> list[Line]:
    return [{"person": s.person, "start": _local(s.starts_at), "end": _local(s.ends_at)} for s in found]


def _local(at: datetime) -> str:
    return f"{timezone.localtime(at):%Y-%m-%dT%H:%M}"


def _typed(request: HttpRequest) -> list[Line]:
    parts = [request.POST.getlist(part)[: MOST_LINES + 2 * SPARE] for part in ("person", "start", "end")]
    return [
        {"person": p[:40], "start": s[:30], "end": e[:30]}
        for p, s, e in zip(*parts, strict=False)
        if p or s or e
    ]


def _shift(line: Line, number: int) -> FixedShift:
    start, end = local_time(line["start"], "start"), local_time(line["end"], "end")
    if not line["person"] or start is None or end is None:
        raise bad("layer.fixed", f"Line {number} is not whole. Say who, from when and until when.")
    if end <= start:
        raise bad("layer.times", f"Line {number} ends before it starts. Choose a later end.")
    return FixedShift(line["person"], start, end)


_EDIT = "schedule.edit"
_AT = "on-call/schedules/<str:key>/fixed/"
ROUTES = [
    route(f"{_AT}new", fixed, name="fixed-new", permission=_EDIT),
    route(f"{_AT}<str:layer_id>", fixed, name="fixed", permission=_EDIT),
]
