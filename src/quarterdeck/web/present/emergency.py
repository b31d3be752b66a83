"""The business in emergency mode on its page: switches with their next step, areas, the mood outside, talks."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from quarterdeck.app.casebook import Case
from quarterdeck.app.desk import inquiry_moods
from quarterdeck.core.access import Who
from quarterdeck.core.incidents import areas, is_acting, stands_for, switches, talks
from quarterdeck.core.incidents.authority import may
from quarterdeck.core.incidents.describe.emergency import LEVELS
from quarterdeck.core.incidents.emergency import (
    HALT_REQUESTED,
    HALTED,
    NORMAL,
    NOT_APPLICABLE,
    RESUME_REQUESTED,
    Area,
)

_MARKS = {
    NORMAL: ("grey", "play", "runs"),
    HALT_REQUESTED: ("amber", "clock", "to be halted"),
    HALTED: ("red", "stop", "halted"),
    RESUME_REQUESTED: ("blue", "clock", "to be resumed"),
    NOT_APPLICABLE: ("grey", "minusc", "does not apply"),
}
_AREA_TONES = {"normal": ("green", "checkc"), "affected": ("amber", "info"), "down": ("red", "triangle")}
_MOOD_TONES = {-2: ("red", "triangle"), -1: ("amber", "info"), 0: ("grey", "ring"), 1: ("green", "checkc"),
               2: ("green", "checkc")}  # fmt: skip
SHOWN = 30
# The group of the roles that speak for a department.
DEPARTMENTS = "departments"


def line(case: Case) -> dict[str, int] | None:
    """The words of the header; None while nothing was halted."""
    if not switches.switches_missing(case.incident):
        return None
    halted, of = switches.counted(case.incident, case.template)
    return {"halted": halted, "of": of}


def page(case: Case, who: Who, now: datetime) -> dict[str, Any]:
    i, t = case.incident, case.template
    acting = is_acting(i, who) and not i.has_ended
    return {
        "switches": [_switch(case, s, who, now) for s in t.switches],
        "counted": dict(zip(("halted", "of"), switches.counted(i, t), strict=True)),
        "areas": [_area(case, role, who, now) for role in areas.roles(i, t)],
        "departments": [r.key for r in t.roles if r.group == DEPARTMENTS and i.holder(r.key)],
        "area_states": [{"key": k, "label": v} for k, v in areas.STATES.items()],
        "may_ask": not i.has_ended and may(i, t, who, "decision.make", "role.assign", "callout.send", "timer.manage"),
        "moods": _moods(case, now),
        "mood_levels": [{"key": k, "label": v} for k, v in LEVELS.items()],
        "asked_moods": inquiry_moods.of(i, who),
        "mood_due": i.emergency.sentiment_due,
        "mood_late": i.emergency.sentiment_late,
        "talks": _talks(case, now),
        "acting": acting,
        "may_set": not i.has_ended and may(i, t, who, "decision.make", "message.draft"),
    }  # fmt: skip


def _switch(case: Case, switch: Any, who: Who, now: datetime) -> dict[str, Any]:
    i, t = case.incident, case.template
    s, holder, card = switches.of(i, switch), i.holder(switch.owner), t.role(switch.owner)
    tone, icon, word = _MARKS[s.state]
    late = s.state == HALT_REQUESTED and s.eta_at is not None and s.eta_at <= now
    acts = is_acting(i, who) and not i.has_ended
    return {
        "key": switch.key, "title": switch.title, "state": s.state, "tone": "red" if late else tone, "icon": icon,
        "word": "late" if late else word, "owner_role": card.title if card else switch.owner,
        "owner": case.directory(now).name(holder.person) if holder else "", "eta": s.eta_at if s.eta_at else None,
        "evidence": s.evidence, "reason": s.reason, "at": s.changed_at, "calls": bool(switch.webhook),
        "direct": acts and switches.may_direct(i, t, who, switch),
        "confirm": acts and switches.may_confirm(i, t, who, switch),
        "waits_for": switches.not_yet(i, t, switch) if s.state == HALTED else "",
    }  # fmt: skip


def _area(case: Case, role: str, who: Who, now: datetime) -> dict[str, Any]:
    i, names = case.incident, case.directory(now).name
    a = i.emergency.areas.get(role) or Area(role)
    card, holder = case.template.role(role), i.holder(role)
    tone, icon = _AREA_TONES.get(a.state, ("grey", "ring"))
    return {
        "role": role, "title": card.title if card else role, "holder": names(holder.person) if holder else "",
        "state": areas.STATES.get(a.state, "no word yet"), "key": a.state or "normal", "tone": tone, "icon": icon,
        "text": a.text, "by": names(a.said_by) if a.said_by else "", "as_of": a.as_of, "owed": a.is_owed,
        "stale": areas.is_stale(a, now), "mine": not i.has_ended and role in stands_for(i, case.template, who),
    }  # fmt: skip


def _moods(case: Case, now: datetime) -> list[dict[str, Any]]:
    names = case.directory(now).name
    found = list(reversed(list(case.incident.emergency.sentiments.values())))[:SHOWN]
    return [
        {"channel": s.channel, "tone": _MOOD_TONES[s.level][0], "icon": _MOOD_TONES[s.level][1],
         "word": LEVELS[s.level], "volume": s.volume, "posts": s.posts, "by": names(s.said_by), "at": s.at,
         "big": s.big}
        for s in found
    ]  # fmt: skip


def _talks(case: Case, now: datetime) -> dict[str, Any]:
    found, names = talks.forecast(case.incident), case.directory(now).name
    return {
        "offered": found.offered, "weekly": found.weekly, "warning": talks.warning(found),
        "weeks": f"{found.weeks:.1f}".rstrip("0").rstrip(".") if found.weeks else "",
        "rows": [
            {"id": o.id, "customer": o.customer, "note": o.note, "by": names(o.offered_by), "at": o.offered_at,
             "open": o.state == "open", "state": o.state}
            for o in reversed(list(case.incident.emergency.offers.values()))
        ][:100],
    }  # fmt: skip
