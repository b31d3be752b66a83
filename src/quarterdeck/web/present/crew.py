"""The people of an incident as its page shows them: who is here, roll, sub-teams, reliefs, safety stops, experts."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from quarterdeck.app.casebook import Case
from quarterdeck.app.incidents import guests, picker
from quarterdeck.app.oncall import fatigue
from quarterdeck.core.access import GUEST, Who
from quarterdeck.core.incidents import safety
from quarterdeck.core.incidents.crew import Presence
from quarterdeck.core.incidents.parts import RoleAssignment
from quarterdeck.core.incidents.staffing import SPAN_BEST, SPAN_MOST, spans
from quarterdeck.core.incidents.state import COMMANDER, PASSIVE_ROLES
from quarterdeck.core.incidents.workstreams import of_person
from quarterdeck.store import models

SHOWN_EXPERTS = 8


def page(case: Case, who: Who, now: datetime, skill: str) -> dict[str, Any]:
    """Everything below the incident's header."""
    people = models.Person.objects.filter(id__in=_everybody(case))
    strains = fatigue.strains(now, people, who)
    stranger = GUEST in who.roles
    return {
        "here": here(case, who, now, strains),
        "left": _left(case, now),
        "me_here": case.incident.crew.presence.get(who.person) is not None
        and not case.incident.crew.has_left(who.person),
        "roll": roll(case, who, now),
        "streams": streams(case, who, now),
        "reliefs": _reliefs(case, now),
        "stops": _stops(case, now, who),
        "guests": [] if stranger else _guests(case, now),
        "spans": _spans(case, now),
        "skill": skill,
        "experts": experts(case, now, skill, who) if skill and not stranger else [],
        "reserves": list(models.Team.objects.filter(reserve=True).values("key", "name")),
        "actors": _actors(case, now),
        "role_choices": [
            {"key": r.key, "title": r.title} for r in case.template.roles if case.incident.holder(r.key)
        ],
        "unified": case.incident.crew.unified,
        "may_unify": case.template.unified_command,
    }


def _everybody(case: Case) -> set[str]:
    return {a.person for a in case.incident.open_assignments()} | set(case.incident.crew.presence)


def here(case: Case, who: Who, now: datetime, strains: dict[str, fatigue.Strain]) -> list[dict[str, Any]]:
    """One row a person, the commander first; hours on duty and what tires them beside the name."""
    incident, names = case.incident, case.directory(now).name
    titles = {r.key: r.title for r in case.template.roles}
    held: dict[str, list[RoleAssignment]] = {}
    for a in incident.open_assignments():
        held.setdefault(a.person, []).append(a)
    order = sorted(held, key=lambda p: not any(a.role == COMMANDER for a in held[p]))
    rows = []
    for person in order:
        known = incident.crew.presence.get(person) or Presence(person, held[person][0].started_at)
        strain = strains.get(person, fatigue.Strain())
        stream = of_person(incident, person)
        rows.append(
            {
                "id": person,
                "name": names(person),
                "me": person == who.person,
                "roles": ", ".join(_role(a, titles) for a in held[person]),
                "stream": stream.title if stream else "",
                "doing": known.doing,
                "organisation": known.organisation,
                "guest": known.guest,
                "checked_in": person in incident.crew.presence,
                "since": min(a.started_at for a in held[person]),
                "hours": strain.hours,
                "level": strain.level,
                "note": strain.note,
                "commander": any(a.role == COMMANDER for a in held[person]),
            }
        )
    return rows


def _role(a: RoleAssignment, titles: dict[str, str]) -> str:
    title = titles.get(a.role, a.role.replace("_", " ").capitalize())
    mark = " (T)" if a.mentor or a.role == "shadow" else ""
    return f"{title}{mark}{f' for {a.domain}' if a.domain else ''}"


def _left(case: Case, now: datetime) -> list[dict[str, Any]]:
    names = case.directory(now).name
    gone = [p for p in case.incident.crew.presence.values() if not p.is_here]
    return [
        {"id": p.person, "name": names(p.person), "at": p.left_at, "reason": p.left_reason, "guest": p.guest}
        for p in gone
    ]


def roll(case: Case, who: Who, now: datetime) -> dict[str, Any] | None:
    """The roll call that runs, else the last one."""
    calls = list(case.incident.crew.roll_calls.values())
    if not calls:
        return None
    last = case.incident.crew.roll_call() or calls[-1]
    names = case.directory(now).name
    return {
        "id": last.id,
        "open": last.is_open,
        "at": last.started_at,
        "by": names(last.started_by),
        "total": len(last.asked),
        "answered": len(last.answers),
        "silent": [names(p) for p in last.silent],
        "away": [names(p) for p, a in last.answers.items() if a == "away"],
        "asks_me": last.is_open and who.person in last.silent,
    }


def streams(case: Case, who: Who, now: datetime) -> list[dict[str, Any]]:
    names = case.directory(now).name
    found = sorted(case.incident.crew.workstreams.values(), key=lambda w: not w.is_open)
    return [
        {
            "id": w.id,
            "title": w.title,
            "leader": names(w.leader),
            "leads": w.leader == who.person,
            "in_it": who.person in w.members,
            "members": [{"id": m, "name": names(m)} for m in w.members],
            "room": w.room,
            "every": w.every_minutes,
            "next_at": w.next_report_at,
            "late": w.late,
            "report": w.last_report,
            "report_at": w.last_report_at,
            "open": w.is_open,
            "result": w.result,
        }
        for w in found
    ]


def _reliefs(case: Case, now: datetime) -> list[dict[str, Any]]:
    names = case.directory(now).name
    titles = {r.key: r.title for r in case.template.roles}
    found = sorted(case.incident.crew.reliefs.values(), key=lambda r: r.starts_at)
    return [
        {
            "id": r.id,
            "name": names(r.person),
            "role": titles.get(r.role, r.role),
            "at": r.starts_at,
            "state": r.state,
        }
        for r in found
        if r.state != "cancelled"
    ]


def _stops(case: Case, now: datetime, who: Who) -> list[dict[str, Any]]:
    names = case.directory(now).name
    return [
        {"id": s.id, "title": s.title or "All work", "reason": s.reason, "by": names(s.ordered_by),
         "at": s.ordered_at, "open": s.is_open, "clearance": s.clearance,
         "may_clear": s.is_open and safety.may_clear(case.incident, case.template, who, s)}
        for s in case.incident.crew.stops.values()
    ]  # fmt: skip


def _guests(case: Case, now: datetime) -> list[dict[str, Any]]:
    names = case.directory(now).name
    return [
        {"name": names(g.person_id), "organisation": g.organisation, "until": g.expires_at}
        for g in guests.waiting(case.incident.key, now)
    ]


def _spans(case: Case, now: datetime) -> list[dict[str, Any]]:
    names = case.directory(now).name
    return [
        {"name": names(s.supervisor.person), "value": len(s.reports), "limit": SPAN_MOST, "best": SPAN_BEST,
         "tone": "amber" if s.advice else "ink", "advice": s.advice}
        for s in spans(case.incident, case.template)
    ]  # fmt: skip


def experts(case: Case, now: datetime, skill: str, who: Who) -> list[dict[str, Any]]:
    """Who knows this, on call and fresh first."""
    found = [c for c in picker.candidates(now, (skill,), case.incident.services, who=who) if c.skills]
    return [
        {"id": c.person.id, "name": c.person.name, "title": c.person.title, "note": c.note, "local": c.local,
         "tired": c.tired or c.overloaded}
        for c in found[:SHOWN_EXPERTS]
    ]  # fmt: skip


def _actors(case: Case, now: datetime) -> list[dict[str, str]]:
    names = case.directory(now).name
    held = (a.person for a in case.incident.open_assignments() if a.role not in PASSIVE_ROLES)
    commander = case.incident.commander.person if case.incident.commander else ""
    return [{"id": p, "name": names(p)} for p in dict.fromkeys(held) if p != commander]
