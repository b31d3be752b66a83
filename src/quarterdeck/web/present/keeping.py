"""The files of a record with what may be taken back, and how long an incident is kept. Never writes."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from quarterdeck.app.casebook import Case
from quarterdeck.app.incidents import readings
from quarterdeck.app.upkeep import keeping as acts
from quarterdeck.core.access import Who, may
from quarterdeck.core.incidents.authority import may as granted

from . import replay


def files(case: Case, who: Who, now: datetime) -> list[dict[str, Any]]:
    """As the record shows them; one that was taken back has no content and says why."""
    names = case.directory(now)
    held = case.incident.attachments
    names.load_people({a.taken_back_by for a in held.values() if a.taken_back_by})
    commands = granted(case.incident, case.template, who, "incident.phase") or may(who, "settings.edit")
    on_hold = case.incident.aftermath.hold is not None
    shown = []
    for row in replay.files(case, now):
        a = held[row["id"]]
        gone = a.taken_back_at
        back = (
            {"at": gone, "by": names.name(a.taken_back_by), "reason": a.taken_back_reason} if gone else None
        )
        mine = commands or a.attached_by == who.person
        more = {"sha256": a.sha256, "taken_back": back, "may_take_back": mine and not on_hold and not gone}
        shown.append(row | more | ({"image": ""} if gone else {}))
    return shown


def keeping(case: Case, who: Who, now: datetime) -> dict[str, Any]:
    """The hold that stands, the time of the installation, and what the viewer may do."""
    hold = case.incident.aftermath.hold
    names = case.directory(now)
    lawful = may(who, "settings.edit") or granted(case.incident, case.template, who, "legal.review")
    return {
        "held": {"by": names.name(hold.placed_by), "at": hold.placed_at, "reason": hold.reason}
        if hold
        else None,
        "days": acts.days(),
        "may_hold": lawful,
        "may_look": readings.may_look(case.incident, case.template, who),
    }
