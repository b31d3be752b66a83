"""What each turn of a maintenance does: its state, its posts, its components, its silence, and who is told.

Every function works on a locked row inside the caller's transaction, and was allowed before.
"""

from __future__ import annotations

from datetime import datetime

from django.db.models import QuerySet

from quarterdeck.core.alerts.silence import muted_by
from quarterdeck.core.kernel.text import line
from quarterdeck.core.status import maintenance as core
from quarterdeck.core.status.maintenance_plan import span
from quarterdeck.core.status.words import worst
from quarterdeck.store import log, models

from ..alerts import muting, notes
from ..comms.sending import set_component_states
from ..health import alarms
from ..status import component_rules
from . import maintenance_notices
from . import maintenance_posts as posts
from .maintenance_rows import KIND, course, note, running, save
from .maintenance_silence import of_row

ENGINE = "engine"


def announce(row: models.MaintenanceWindow, actor: str, now: datetime, remark: str = "") -> None:
    """The public hears of it, and so do those on call. Reminders whose time has passed by then are left out."""
    gone = core.passed(course(row), now)
    _turn(row, "announced", actor, now, announced_at=now, reminded=_minutes(row, gone))
    note(row, "announced", actor, _told("Announced.", remark), now)
    posts.post(row, posts.Words("planned", posts.planned(row)), actor, now)
    maintenance_notices.tell(row, "announced", "Maintenance announced", row.text or row.title, now)


def start(row: models.MaintenanceWindow, actor: str, now: datetime, text: str = "", remark: str = "") -> None:
    """Components go under work, alerts of covered services fall silent, the public and those on call are told."""
    left = core.left_of(course(row))
    states, before = core.taken(row.components, _shown(row), _earlier(row))
    _turn(
        row, "in_progress", actor, now, started_at=now, before=before, held_at=None, held_reason="",
        reminded=row.reminders, announced_at=row.announced_at or now,
    )  # fmt: skip
    alarms.clear_alarm(KIND, row.id, now)
    set_component_states(states, actor, "", now, line(f"Maintenance “{row.title}” has begun.", 300))
    if left:
        remark = _told(remark, "Reminders that were still to come were left out.")
    note(row, "started", actor, _told("Started.", remark), now)
    posts.post(row, posts.Words("started", posts.started(row, text), now), actor, now)
    maintenance_notices.tell(row, "started", "Maintenance started", _silent(row), now)
    if now < row.ends_at:
        muting.mute(of_row(row), now)


def verify(row: models.MaintenanceWindow, actor: str, now: datetime, text: str = "") -> None:
    """The work is done and is being checked. All else stays as it is."""
    _turn(row, "verifying", actor, now)
    note(row, "verifying", actor, "The work is done; it is being checked.", now)
    posts.post(row, posts.Words("updated", posts.verifying(text)), actor, now)


def resume(row: models.MaintenanceWindow, actor: str, now: datetime, text: str = "") -> None:
    """What was being checked needs work again."""
    _turn(row, "in_progress", actor, now)
    note(row, "started", actor, "The work goes on.", now)
    posts.post(row, posts.Words("updated", posts.resumed(text)), actor, now)


def extend(row: models.MaintenanceWindow, until: datetime, actor: str, now: datetime, why: str) -> None:
    """A later end: the silence lasts as long, and takes hold again where the window had run over."""
    before = row.ends_at
    told = [what for what in row.told if what not in ("ending", "overrun")]
    save(row, now, ends_at=until, told=told)
    alarms.clear_alarm(KIND, row.id, now)
    said = {"maintenance": row.id, "before": before.isoformat(), "after": until.isoformat(), "reason": why}
    log.audit("MaintenanceExtended", said, at=now, actor=actor)
    note(row, "extended", actor, _told(f"Extended: {_span(row)}.", why), now)
    posts.post(row, posts.Words("extended", posts.extended(row, why)), actor, now)
    maintenance_notices.tell(row, f"extended {until:%Y%m%d%H%M%S}", "Maintenance extended", why, now)
    _retell_silenced(row, now)
    muting.mute(of_row(row), now)


def finish(
    row: models.MaintenanceWindow, actor: str, now: datetime, text: str = "", remark: str = ""
) -> None:
    """Components go back, the silence ends, the public and those on call are told. Alerts that still fire page then."""
    _end(row, "completed", actor, now)
    note(row, "completed", actor, _told("Finished.", remark), now)
    posts.post(row, posts.Words("finished", posts.finished(row, text)), actor, now)
    firing = _muted(row).count()
    rest = f"{firing} alerts were silenced and still fire; they page now." if firing else "Alerts page again."
    maintenance_notices.tell(row, "finished", "Maintenance finished", rest, now)


def cancel(row: models.MaintenanceWindow, actor: str, now: datetime, why: str) -> None:
    """It will not take place, or stops half way: then everything goes back as at its end."""
    known = row.announced_at is not None or row.approved_at is not None
    row.reason = line(why, 300)
    _end(row, "cancelled", actor, now, reason=row.reason)
    note(row, "cancelled", actor, _told("Cancelled.", why), now)
    posts.post(row, posts.Words("cancelled", posts.cancelled(row, why)), actor, now)
    if known:
        maintenance_notices.tell(row, "cancelled", "Maintenance cancelled", why, now)


def move(
    row: models.MaintenanceWindow, starts_at: datetime, ends_at: datetime, actor: str, now: datetime, why: str
) -> None:
    """Other times for what has not begun. What was announced is announced anew, and reminds anew."""
    before = _span(row)
    row.starts_at, row.ends_at = starts_at, ends_at
    gone = core.passed(course(row), now) if row.announced_at else frozenset()
    save(
        row, now, starts_at=starts_at, ends_at=ends_at, planned_end=ends_at, told=[], held_at=None,
        held_reason="", reminded=_minutes(row, gone),
    )  # fmt: skip
    alarms.clear_alarm(KIND, row.id, now)
    said = {"maintenance": row.id, "before": before, "after": _span(row), "reason": why}
    log.audit("MaintenanceMoved", said, at=now, actor=actor)
    note(row, "moved", actor, _told(f"Moved to {_span(row)}.", why), now)
    posts.post(row, posts.Words("planned", posts.moved(row, why)), actor, now)
    maintenance_notices.tell(row, f"moved {row.version}", "Maintenance moved", why, now)


def _turn(row: models.MaintenanceWindow, state: str, actor: str, now: datetime, **values: object) -> None:
    before, row.state = row.state, state
    save(row, now, state=state, **values)
    told = {"maintenance": row.id, "title": row.title, "before": before, "after": state}
    log.audit("MaintenanceTurned", told, at=now, actor=actor)


def _end(row: models.MaintenanceWindow, state: str, actor: str, now: datetime, **values: object) -> None:
    """Components go back to what they were; where another window works on one, that window gives it back."""
    held: dict[str, list[str]] = {}
    for other in running().exclude(id=row.id):
        for component, wanted in other.components.items():
            held.setdefault(component, []).append(wanted)
    kept = {c: worst(states) for c, states in held.items()}
    states = core.given_back(row.components, row.before, _shown(row), kept)
    _turn(row, state, actor, now, ended_at=now, held_at=None, held_reason="", **values)
    alarms.clear_alarm(KIND, row.id, now)
    set_component_states(states, actor, "", now, line(f"Maintenance “{row.title}” is over.", 300))
    for component in models.Component.objects.filter(id__in=row.before).exclude(rule="off"):
        component_rules.changed(component, now)


def _shown(row: models.MaintenanceWindow) -> dict[str, str]:
    rows = models.Component.objects.select_for_update().filter(id__in=row.components).order_by("id")
    return dict(rows.values_list("id", "state"))


def _earlier(row: models.MaintenanceWindow) -> dict[str, str]:
    """What components go back to that other windows have under work now."""
    found: dict[str, str] = {}
    for other in running().exclude(id=row.id):
        found |= other.before
    return found


def _retell_silenced(row: models.MaintenanceWindow, now: datetime) -> None:
    """Alerts say until when they are silent: that is later now."""
    reason = line(f"{muted_by(row.title)}, extended: {_span(row)}.", 500)
    ids = list(_muted(row).values_list("id", flat=True)[:1000])
    models.Alert.objects.filter(id__in=ids).update(reason=reason)
    notes.write([(i, now, "silenced", "", reason) for i in ids])


def _muted(row: models.MaintenanceWindow) -> QuerySet[models.Alert]:
    """The alerts that this window mutes, as their reason says; somebody's own silence mutes for its own reason."""
    work = of_row(row)
    rows = models.Alert.objects.filter(status="silenced", service__key__in=work.services)
    return rows.filter(reason__startswith=line(muted_by(row.title), 500)).exclude(severity__in=work.spares)


def _silent(row: models.MaintenanceWindow) -> str:
    spared = [*(f"severity {s}" for s in row.spared)]
    spared += list(
        models.Service.objects.filter(id__in=row.spared_services)
        .order_by("name")
        .values_list("name", flat=True)
    )
    said = "Alerts of the covered services page nobody until its end."
    return said + (f" Still paging: {', '.join(spared)}." if spared else "")


def _minutes(row: models.MaintenanceWindow, spans: object) -> list[int]:
    gone = {int(s.total_seconds() // 60) for s in spans}  # type: ignore[attr-defined]
    return [m for m in row.reminders if m in gone]


def _span(row: models.MaintenanceWindow) -> str:
    return span(row.starts_at, row.ends_at, row.zone)


def _told(*parts: str) -> str:
    return " ".join(p for p in parts if p)
