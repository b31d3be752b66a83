"""Maintenance windows: planned work with its states, each state a resource that may be put twice."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from ninja import Query

from quarterdeck.app.maintenance import maintenance as acts
from quarterdeck.app.maintenance import (
    maintenance_conflicts,
    maintenance_drafts,
    maintenance_rows,
    maintenance_views,
)
from quarterdeck.core.kernel.refused import missing
from quarterdeck.core.status import maintenance as core
from quarterdeck.store import models

from .doors import Request
from .fields import Id
from .maintenance_shapes import (
    ApprovalWrite,
    CancellationWrite,
    ExtensionWrite,
    MaintenanceAsked,
    MaintenanceConflict,
    MaintenanceDetail,
    MaintenanceEntry,
    MaintenanceGlassWrite,
    MaintenanceMade,
    MaintenancePatch,
    MaintenanceRecord,
    MaintenanceStep,
    MaintenanceTextWrite,
    MaintenanceWrite,
    ReturnWrite,
    SeriesWrite,
    TimesWrite,
)
from .operations import Noun
from .pages import Page, page

NOUN = Noun("Maintenance", "/maintenance")
_READ, _EDIT = "status.read", "status.edit"


@NOUN.get("", _READ, Page[MaintenanceRecord])
def list_maintenance(request: Request, asked: Query[MaintenanceAsked]) -> Page[MaintenanceRecord]:
    """Planned work: what is to come by its start, what is over the newest first."""
    rows = maintenance_views.of_view(request.act.who, asked.view)
    if asked.service:
        rows = rows.filter(services__key=asked.service)
    if asked.page:
        found = models.StatusPage.objects.filter(key=asked.page).values_list("id", flat=True).first()
        rows = rows.filter(pages__contains=f'"{found or asked.page}"')
    if asked.mine:
        rows = rows.filter(people__contains=f'"{request.act.person}"')
    return page(asked, rows, maintenance_views.order(asked.view), lambda found: _told(request, found))


@NOUN.post("", _EDIT, MaintenanceMade)
def plan_maintenance(request: Request, body: MaintenanceWrite) -> MaintenanceMade:
    """A draft; nothing happens by itself until it is proposed and approved."""
    made = acts.plan(request.act, maintenance_drafts.Draft(**body.model_dump()))
    return MaintenanceMade(
        **_one(request, made[0]), windows=[r.id for r in made], conflicts=_conflicts(request, made[0])
    )


@NOUN.get("/{window}", _READ, MaintenanceDetail)
def get_maintenance(request: Request, window: Id) -> MaintenanceDetail:
    """One window with what will happen, what stands against it, and what happened."""
    row = maintenance_views.seen(request.act.who).filter(id=window).first()
    if row is None:
        raise missing("maintenance.unknown", "There is no such maintenance. Look it up in the list.")
    entries = list(row.entries.order_by("id")) if maintenance_views.inside(request.act.who) else []
    names = request.names.load(e.actor for e in entries if e.actor != "engine")
    steps = core.ahead(maintenance_rows.course(row), request.act.at)
    return MaintenanceDetail(
        **_one(request, row),
        ahead=[MaintenanceStep(what=s.what, at=s.at) for s in steps],
        conflicts=_conflicts(request, row),
        history=[
            MaintenanceEntry(
                at=e.at, kind=e.kind, by=None if e.actor == "engine" else names.of(e.actor), text=e.text
            )
            for e in entries
        ],
    )


@NOUN.patch("/{window}", _EDIT, MaintenanceRecord)
def change_maintenance(request: Request, window: Id, body: MaintenancePatch) -> MaintenanceRecord:
    """Change the plan, until it is announced. What was proposed or approved has to be agreed to again."""
    said = body.model_dump(exclude_none=True)
    seen = said.pop("version", None)
    draft = replace(maintenance_drafts.of_row(maintenance_rows.find(window)), **said)
    return _record(request, acts.change(request.act, window, draft, seen))


@NOUN.put("/{window}/proposal", _EDIT, MaintenanceRecord)
def propose_maintenance(request: Request, window: Id, body: SeriesWrite | None = None) -> MaintenanceRecord:
    """Ask for approval; where the installation wants none, it is approved at once."""
    return _record(request, acts.propose(request.act, window, series=bool(body and body.series)))


@NOUN.put("/{window}/approval", _EDIT, MaintenanceRecord)
def approve_maintenance(request: Request, window: Id, body: ApprovalWrite | None = None) -> MaintenanceRecord:
    """Agree to it: administrators, and who leads the team of a covered service."""
    body = body or ApprovalWrite()
    return _record(request, acts.approve(request.act, window, body.version, series=body.series))


@NOUN.put("/{window}/return", _EDIT, MaintenanceRecord)
def send_maintenance_back(request: Request, window: Id, body: ReturnWrite) -> MaintenanceRecord:
    """Do not agree: it is a draft again, and its planner hears why."""
    return _record(request, acts.send_back(request.act, window, body.reason))


@NOUN.put("/{window}/announcement", _EDIT, MaintenanceRecord)
def announce_maintenance(
    request: Request, window: Id, body: MaintenanceGlassWrite | None = None
) -> MaintenanceRecord:
    """Announce it now, before its lead says so."""
    return _record(request, acts.announce(request.act, window, break_glass=body.break_glass if body else ""))


@NOUN.put("/{window}/times", _EDIT, MaintenanceRecord)
def move_maintenance(request: Request, window: Id, body: TimesWrite) -> MaintenanceRecord:
    """Other times for what is approved and has not begun."""
    glass = body.break_glass
    return _record(
        request, acts.move(request.act, window, body.starts_at, body.ends_at, body.reason, break_glass=glass)
    )


@NOUN.put("/{window}/start", _EDIT, MaintenanceRecord)
def start_maintenance(
    request: Request, window: Id, body: MaintenanceTextWrite | None = None
) -> MaintenanceRecord:
    """Start it now, even where its automatic start is held; or go on with work that was being checked."""
    body = body or MaintenanceTextWrite()
    return _record(request, acts.start(request.act, window, body.text, break_glass=body.break_glass))


@NOUN.put("/{window}/verification", _EDIT, MaintenanceRecord)
def verify_maintenance(
    request: Request, window: Id, body: MaintenanceTextWrite | None = None
) -> MaintenanceRecord:
    """The work is done and is being checked; alerts stay silent."""
    body = body or MaintenanceTextWrite()
    return _record(request, acts.verify(request.act, window, body.text, break_glass=body.break_glass))


@NOUN.put("/{window}/extension", _EDIT, MaintenanceRecord)
def extend_maintenance(request: Request, window: Id, body: ExtensionWrite) -> MaintenanceRecord:
    """A later end for what runs; the silence lasts as long."""
    glass = body.break_glass
    return _record(request, acts.extend(request.act, window, body.ends_at, body.reason, break_glass=glass))


@NOUN.put("/{window}/completion", _EDIT, MaintenanceRecord)
def finish_maintenance(
    request: Request, window: Id, body: MaintenanceTextWrite | None = None
) -> MaintenanceRecord:
    """It is over now; alerts that still fire page."""
    body = body or MaintenanceTextWrite()
    return _record(request, acts.finish(request.act, window, body.text, break_glass=body.break_glass))


@NOUN.put("/{window}/cancellation", _EDIT, MaintenanceRecord)
def cancel_maintenance(
    request: Request, window: Id, body: CancellationWrite | None = None
) -> MaintenanceRecord:
    """It will not take place, or stops half way and everything goes back."""
    body = body or CancellationWrite()
    glass = body.break_glass
    return _record(
        request, acts.cancel(request.act, window, body.reason, series=body.series, break_glass=glass)
    )


def _conflicts(request: Request, row: models.MaintenanceWindow) -> list[MaintenanceConflict]:
    if row.state in core.OVER or not maintenance_views.inside(request.act.who):
        return []
    found = maintenance_conflicts.found(row, request.act.at)
    return [MaintenanceConflict(kind=c.kind, text=c.text) for c in found]


def _record(request: Request, row: models.MaintenanceWindow) -> MaintenanceRecord:
    return MaintenanceRecord(**_one(request, row))


def _told(request: Request, rows: list[models.MaintenanceWindow]) -> list[MaintenanceRecord]:
    request.names.load(p for r in rows for p in (*r.people, r.planned_by, r.approved_by) if p)
    return [_record(request, r) for r in rows]


_PLAIN = (
    "id", "series", "rule", "title", "text", "text_started", "text_finished", "state", "zone", "starts_at", "ends_at",
    "planned_end", "pages", "components", "spared", "announce_minutes", "reminders", "auto_start", "auto_finish",
    "hold", "approved_at", "announced_at", "started_at", "ended_at", "reason", "version",
)  # fmt: skip


def _one(request: Request, row: models.MaintenanceWindow) -> dict[str, Any]:
    """What the public is told as well, and for whoever works here the rest."""
    inside = maintenance_views.inside(request.act.who)
    names = request.names.load(p for p in (*row.people, row.planned_by, row.approved_by) if p)
    services = {s.id: s.key for s in row.services.order_by("name")} if inside else {}
    return {name: getattr(row, name) for name in _PLAIN} | {
        "notes": row.notes if inside else "",
        "held_reason": row.held_reason if inside else "",
        "public": core.public_word(row.state),
        "services": list(services.values()),
        "spared_services": [services[i] for i in row.spared_services if i in services],
        "people": [names.of(p) for p in row.people] if inside else [],
        "planned_by": names.of(row.planned_by),
        "approved_by": names.of(row.approved_by) if row.approved_by else None,
    }
