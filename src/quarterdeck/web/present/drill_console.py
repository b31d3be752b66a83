"""The console of a drill: its clock, injects, who holds what and who has not answered, the latest lines, ratings.

Made for one reader who steers; decides nothing.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import gettext as _

from quarterdeck.app.drills import drill_injects, drills
from quarterdeck.app.drills.drill_scores import Sheet
from quarterdeck.app.paging.directory import Directory
from quarterdeck.core.access import Who
from quarterdeck.core.drills.scenario import FACTS, SENDERS
from quarterdeck.core.incidents.drill import INJECTS
from quarterdeck.store import models

from . import drill_scores as shown

LINES = 25
KINDS = {
    "message": "A message", "away": "Somebody is away", "alert": "An alert", "fact": "A fact changes",
    "inquiry": "Somebody asks",
}  # fmt: skip


def console(sheet: Sheet, who: Who, now: datetime) -> dict[str, Any]:
    names = shown.names_of(sheet, now)
    view = drills.view(sheet.drill.id, who, now)
    incident, template = sheet.case.incident, sheet.case.template
    judged = [*sheet.result.steps, *sheet.result.injects]
    return {
        "drill": shown.head(sheet, names),
        "running": sheet.drill.state == drills.RUNNING,
        "paused": view.paused,
        # Where it would have started had it never stood still: a clock that ticks from there is right.
        "clock_from": now - view.elapsed,
        "elapsed": view.elapsed,
        "length": timedelta(minutes=view.minutes),
        "score": sheet.result.score,
        "agreed_at": sheet.agreed_at,
        "injects": [_inject(sheet, i, now) for i in view.injects],
        "waiting_tasks": [
            {"title": t.title, "who": names.name(t.assignee), "since": t.given_at}
            for t in incident.tasks.values()
            if t.state == "given"
        ],
        "holders": _holders(sheet, names, who),
        "judged": [shown.item(i) for i in judged],
        "roles": [_rated(sheet, key, names, who) for key in _roles(sheet)],
        "lines": lines(sheet),
        "choices": {
            "kinds": [(k, _(KINDS[k])) for k in INJECTS],
            "roles": [(r.key, r.title) for r in template.roles],
            "about": [*FACTS, *(s for s in SENDERS if s not in FACTS)],
        },
    }  # fmt: skip


def _inject(sheet: Sheet, row: models.DrillInject, now: datetime) -> dict[str, Any]:
    answer = next((i for i in sheet.result.injects if i.key == f"inject:{row.key}"), None)
    role = sheet.case.template.role(row.role)
    at = drill_injects.happens_at(sheet.drill, row, now) if row.state == "waiting" else row.fired_at
    return {
        "id": row.id, "title": row.title, "text": row.text, "kind": _(KINDS.get(row.kind, row.kind)),
        "role": role.title if role else "", "minute": row.at_minute, "state": row.state, "at": at,
        "surprise": row.surprise, "added": row.added, "note": row.note,
        "answer": shown.item(answer) if answer else None,
    }  # fmt: skip


def _holders(sheet: Sheet, names: Directory, who: Who) -> list[dict[str, Any]]:
    """Every role that is held, called or needed, those without a holder first."""
    incident, template = sheet.case.incident, sheet.case.template
    called = {c.role: c for c in incident.callouts.values() if c.how == "callout" and c.answered_at is None}
    found = []
    for result in sheet.result.roles:
        holder = incident.holder(result.role)
        call = called.get(result.role)
        known = template.role(result.role)
        found.append({
            "title": known.title if known else result.title,
            "person": {"name": names.name(holder.person), "me": holder.person == who.person} if holder else None,
            "since": holder.started_at if holder else None,
            "away": bool(holder) and holder.person in incident.away if holder else False,
            "called": {"name": names.name(call.person), "since": call.called_at} if call and not holder else None,
        })  # fmt: skip
    return sorted(found, key=lambda f: f["person"] is not None)


def _roles(sheet: Sheet) -> list[str]:
    """Roles to rate: those that were held, then the others of the script."""
    held = [r.role for r in sheet.result.roles if r.people]
    return [*held, *(r.role for r in sheet.result.roles if r.role not in held)]


def _rated(sheet: Sheet, key: str, names: Directory, who: Who) -> dict[str, Any]:
    found = sheet.result.role(key)
    assert found is not None
    told = shown.role(found, names, who.person)
    return told | {"given": sum(r["points"] is not None for r in told["rubric"])}


def lines(sheet: Sheet) -> list[dict[str, Any]]:
    """The latest lines of the drill's record, the newest first."""
    found = [line for line in shown.timeline(sheet) if line["step"] is None]
    return found[-LINES:][::-1]
