"""What a drill showed, for its results and the console: items, roles, timeline, gaps. Decides nothing."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import gettext as _

from quarterdeck.app.drills.drill_scores import Sheet
from quarterdeck.app.paging.directory import Directory
from quarterdeck.core.drills.scoring import RATINGS, RUBRIC, Item, Rating, RoleResult
from quarterdeck.core.drills.scoring.crisis import PARTS
from quarterdeck.core.kernel.moments import spoken
from quarterdeck.store import models

from . import problems, words
from .reviews import end_of

# Verdict -> mark and word.
VERDICTS = {
    "met": ("done", "Met"), "late": ("warning", "Late"), "missed": ("late", "Missed"), "waiting": ("draft", "Waiting"),
    "not_seen": ("superseded", "Not seen"),
}  # fmt: skip
KINDS = {"tabletop": "Tabletop", "fire_drill": "Fire drill", "simulation": "Simulation"}
LINES = 400


def item(i: Item) -> dict[str, Any]:
    mark, label = VERDICTS[i.verdict]
    if i.verdict == "late" and i.measured is None:
        label = _("In part")
    return {
        "key": i.key, "title": i.title, "role": i.role, "mark": mark, "label": _(label), "verdict": i.verdict,
        "part": i.key in PARTS, "measured": "" if i.measured is None else spoken(i.measured),
        "at_most": "" if i.at_most is None else spoken(i.at_most),
        "percent": None if i.share is None else round(100 * i.share), "note": i.note,
        "evidence": [{"seq": e.seq, "at": e.at} for e in i.evidence[:4]],
    }  # fmt: skip


def items(found: Iterable[Item]) -> list[dict[str, Any]]:
    return [item(i) for i in found]


def role(found: RoleResult, names: Directory, me: str) -> dict[str, Any]:
    return {
        "key": found.role, "title": found.title, "score": found.score,
        "people": [{"name": names.name(p), "me": p == me} for p in found.people],
        "seen": items(i for i in found.items if i.counts or i.verdict == "waiting"),
        "unseen": [i.title for i in found.items if i.verdict == "not_seen"],
        "rubric": rubric(found.ratings),
        "rated": [r for r in rubric(found.ratings) if r["points"] is not None or r["note"]],
    }  # fmt: skip


def rubric(ratings: Sequence[Rating]) -> list[dict[str, Any]]:
    """Every item of the rubric with what was said, and its buttons 0 to 4 in words."""
    said = {r.item: r for r in ratings}
    return [
        {
            "key": r.key, "title": r.title, "points": said[r.key].points if r.key in said else None,
            "note": said[r.key].note if r.key in said else "",
            "word": RATINGS[p] if r.key in said and (p := said[r.key].points) is not None else "",
            "choices": [{"points": n, "word": word, "chosen": r.key in said and said[r.key].points == n}
                        for n, word in enumerate(r.words)],
        }
        for r in RUBRIC
    ]  # fmt: skip


def head(sheet: Sheet, names: Directory) -> dict[str, Any]:
    drill = sheet.drill
    return {
        "id": drill.id, "title": drill.title, "kind": _(KINDS.get(drill.kind, drill.kind)), "state": drill.state,
        "incident": drill.incident_id, "started_at": drill.started_at, "ended_at": drill.ended_at,
        "facilitator": names.name(drill.facilitator), "restricted": drill.restricted, "url": f"/drills/{drill.id}",
        "scenario": drill.script.get("title", "") or drill.scenario,
        "lasted": spoken(sheet.setting.minute(sheet.setting.until)),
    }  # fmt: skip


def names_of(sheet: Sheet, at: datetime) -> Directory:
    names = sheet.case.directory(at)
    names.load_people({sheet.drill.facilitator, *(p for r in sheet.result.roles for p in r.people)} - {""})
    return names


def results(sheet: Sheet, me: str, at: datetime) -> dict[str, Any]:
    names = names_of(sheet, at)
    found = sheet.result
    every = [*found.items, *found.steps, *found.injects]
    return {
        "drill": head(sheet, names),
        "score": found.score,
        "restore": spoken(found.to_restore) if found.to_restore is not None else "",
        "whole": items(i for i in found.items if i.counts),
        "unseen": [i.title for i in found.items if i.verdict == "not_seen"],
        "steps": items(found.steps),
        "injects": items(found.injects),
        "roles": [role(r, names, me) for r in found.roles],
        "well": [item(i) for i in every if i.verdict == "met"],
        "gaps": gaps(sheet, names),
        "lines": timeline(sheet),
        "all_roles": sheet.all_roles,
        "agreed_at": sheet.agreed_at,
        "people": problems.people() if sheet.all_roles else [],
        "suggested_due": (at + timedelta(days=14)).date().isoformat(),
    }


def gaps(sheet: Sheet, names: Directory) -> list[dict[str, Any]]:
    """Every proposal with what became of it; what was decided and is no longer proposed stands at the end."""
    items_ = {i.id: i for i in models.ActionItemRow.objects.filter(incident_id=sheet.drill.incident_id)}
    titles = {r.role: r.title for r in sheet.result.roles}
    shown = []
    for g in sheet.gaps:
        kept = sheet.kept.get(g.key)
        made = items_.get(kept.item_id) if kept else None
        shown.append({
            "key": g.key, "title": kept.title if kept else g.title, "why": (kept.reason if kept else "") or g.why,
            "role": titles.get(g.role, ""), "repeated": g.repeated, "state": kept.state if kept else "proposed",
            "item": {
                "owner": names.name(made.owner), "due_on": made.due_on, "done": made.done_at is not None,
                "id": made.id, "due_at": end_of(made.due_on),
            } if made else None,
        })  # fmt: skip
    return shown


def timeline(sheet: Sheet) -> list[dict[str, Any]]:
    """The record of the drill with the steps that were expected between its lines, by drill time."""
    setting = sheet.setting
    rows = models.TimelineRow.objects.filter(incident_id=sheet.drill.incident_id, seq__lte=_last(sheet))
    lines = [
        {
            "minute": _minute(setting.minute(r.entered_at)), "at": r.entered_at, "seq": r.seq, "title": r.title,
            "text": r.text, "icon": words.icon_of(r.kind), "step": None, "order": setting.minute(r.entered_at),
        }
        for r in rows.order_by("seq")[:LINES]
    ]  # fmt: skip
    for i in sheet.result.steps:
        by = i.at_most or timedelta(0)
        lines.append({
            "minute": _minute(by), "at": None, "seq": 0, "title": i.title, "text": "", "icon": "target",
            "step": item(i), "order": by,
        })  # fmt: skip
    return sorted(lines, key=lambda line: (line["order"], line["step"] is not None, line["seq"]))


def _last(sheet: Sheet) -> int:
    end = sheet.setting.ended_at
    return max((s.seq for s in sheet.log if end is None or s.at <= end), default=0)


def _minute(span: timedelta) -> str:
    return f"{int(span.total_seconds()) // 60}′"
