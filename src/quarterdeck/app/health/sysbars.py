"""The thin bars above every page: the product cannot page, or a drill is running."""

from __future__ import annotations

from datetime import datetime, timedelta

from quarterdeck.core.access import Who
from quarterdeck.store import models

from ..drills import drills as drill_rows
from ..paging import pause
from ..visibility import visible_incidents
from . import nodes

SILENT = timedelta(seconds=30)


def bars(now: datetime, who: Who) -> list[dict[str, str]]:
    """Most urgent first, each with kind, icon, text, detail, href and label; no drill that is hidden from `who`."""
    found = []
    held = pause.standing()
    if held is not None:
        text = "Paused: nobody is paged, no timer fires"
        found.append(_bar("red", "triangle", text, held.reason, "/settings/engine", "Look and resume"))
    engine = nodes.newest("engine")
    if engine is None or engine.heartbeat_at < now - SILENT:
        since = f"since {engine.heartbeat_at:%H:%M:%S} UTC" if engine else "it has not started yet"
        found.append(
            _bar(
                "red",
                "triangle",
                "Quarterdeck cannot page: the engine is silent",
                since,
                "/settings/health",
                "Health",
            )
        )
    running = models.IncidentRow.objects.filter(is_open=True, drill=True)
    drills = visible_incidents(who).filter(is_open=True, drill=True) if running.exists() else running.none()
    drill = drills.order_by("number").first()
    if drill is not None:
        href, label = f"/incidents/{drill.id}", "Open"
        practised = drill_rows.of_incident(drill.id)
        if practised is not None and drill_rows.may_steer(practised, who):
            href, label = f"/drills/{practised.id}/console", "Console"
        found.append(
            _bar("blue", "target", f"Drill: {drill.title}", "nothing leaves the building", href, label)
        )
    return found


def _bar(kind: str, icon: str, text: str, detail: str, href: str, label: str) -> dict[str, str]:
    return {"kind": kind, "icon": icon, "text": text, "detail": detail, "href": href, "label": label}
