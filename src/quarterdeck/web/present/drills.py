"""Drills in lists, alone and as plans, in words. Decides nothing; what may be seen is `app.drills.drills`'s to say."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, F, Q
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _

from quarterdeck.app.catalog.catalogue import current
from quarterdeck.app.drills import drill_injects, drill_plans, drill_scenarios, drills
from quarterdeck.app.paging.directory import Directory
from quarterdeck.core.access import Who, may
from quarterdeck.core.drills.scenario import Scenario, structure_of
from quarterdeck.core.incidents.describe import words
from quarterdeck.core.incidents.drill import KINDS
from quarterdeck.store import models

MOST = 100
STATES = {
    "planned": ("waiting", "Planned"), "running": ("running", "Running"), "ended": ("done", "Held"),
    "cancelled": ("superseded", "Cancelled"),
}  # fmt: skip
KIND_WORDS = {
    "tabletop": ("Tabletop", "Around a table: everything is said aloud, nobody is called."),
    "fire_drill": ("Fire drill", "Whoever is on call is really called, marked as a drill."),
    "simulation": ("Simulation", "The whole response with roles, pages and surprises."),
}
DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def kinds() -> list[tuple[str, str]]:
    return [(k, f"{KIND_WORDS[k][0]}: {KIND_WORDS[k][1][0].lower()}{KIND_WORDS[k][1][1:]}") for k in KINDS]


def listing(who: Who, show: str, now: datetime) -> dict[str, Any]:
    """Upcoming with those that run, or past ones; the plans, and how many scenarios there are."""
    found = drills.drills(who)
    live = found.filter(state__in=(drills.PLANNED, drills.RUNNING))
    past = found.filter(state__in=(drills.ENDED, drills.CANCELLED))
    show = show if show in ("upcoming", "past") else "upcoming"
    rows = (
        live.order_by("scheduled_at", "id") if show == "upcoming" else past.order_by("-scheduled_at", "-id")
    )
    plans_ = list(drill_plans.plans(who).order_by(F("next_at").asc(nulls_last=True), "id")[:MOST])
    return {
        "views": [
            {"label": _("Upcoming"), "href": "/drills", "current": show == "upcoming", "count": live.count()},
            {"label": _("Past"), "href": "/drills?show=past", "current": show == "past", "count": None},
        ],
        "show": show,
        "drills": _lines(list(rows[:MOST]), who, now),
        "plans": plans(plans_, who, now),
        "may_plan": may(who, "drill.plan"),
    }


def _lines(rows: Sequence[models.Drill], who: Who, now: datetime) -> list[dict[str, Any]]:
    names = Directory(now)
    names.load_people({r.facilitator for r in rows})
    ids = [r.id for r in rows]
    people = models.DrillPerson.objects.filter(drill_id__in=ids, observer=False).values("drill_id")
    counts = dict(people.annotate(n=Count("id")).values_list("drill_id", "n"))
    mine = models.DrillPerson.objects.filter(drill_id__in=ids, person_id=who.person)
    plays = dict(mine.values_list("drill_id", "role"))
    return [
        {
            "id": r.id, "url": f"/drills/{r.id}", "title": r.title, "kind": _(KIND_WORDS[r.kind][0]),
            "state": STATES[r.state][0], "state_text": _(STATES[r.state][1]), "at": r.started_at or r.scheduled_at,
            "late": r.state == drills.PLANNED and r.scheduled_at < now, "facilitator": names.name(r.facilitator),
            "people": counts.get(r.id, 0), "incident": r.incident_id, "surprise": not r.announced,
            "mine": _("you facilitate") if r.facilitator == who.person else _("you are in it") if r.id in plays else "",
        }
        for r in rows
    ]  # fmt: skip


def plans(rows: Iterable[models.DrillPlan], who: Who, now: datetime) -> list[dict[str, Any]]:
    found = list(rows)
    names = Directory(now)
    names.load_people({r.facilitator for r in found})
    return [
        {
            "id": r.id, "url": f"/drill-plans/{r.id}", "title": r.title, "kind": _(KIND_WORDS[r.kind][0]),
            "often": often(r), "facilitator": names.name(r.facilitator), "next_at": r.next_at,
            "paused": r.state == drill_plans.PAUSED, "reason": r.reason,
            "may_change": drill_plans.may_change(r, who),
        }
        for r in found
    ]  # fmt: skip


def often(row: models.DrillPlan) -> str:
    day = _(DAYS[row.weekday])
    every = (
        _("every %(day)s") % {"day": day}
        if row.every_weeks == 1
        else _("every %(weeks)s weeks on %(day)s") % {"weeks": row.every_weeks, "day": day}
    )
    return f"{every}, {row.at} ({row.zone})"


def detail(seen: drills.View, who: Who, now: datetime) -> dict[str, Any]:
    """One drill: the brief for everybody, the script for whoever steers it."""
    row = seen.drill
    names = Directory(now)
    names.load_people({row.facilitator, row.created_by, *(p.person_id for p in seen.people)})
    script = drill_scenarios.unpinned(row.script)
    titles = role_titles(script)
    mark, text = ("paused", "Paused") if seen.paused else STATES[row.state]
    return {
        "drill": row, "url": f"/drills/{row.id}", "state": mark, "state_text": _(text),
        "kind": _(KIND_WORDS[row.kind][0]), "kind_text": _(KIND_WORDS[row.kind][1]),
        "steers": seen.steers, "paused": seen.paused, "minutes": seen.minutes,
        "late": row.state == drills.PLANNED and row.scheduled_at < now,
        "elapsed_minutes": int(seen.elapsed / timedelta(minutes=1)), "facilitator": names.name(row.facilitator),
        "people": [
            {"id": p.person_id, "name": names.name(p.person_id), "role": titles.get(p.role, words(p.role)),
             "role_key": p.role, "me": p.person_id == who.person}
            for p in seen.people if not p.observer
        ],
        "observers": [names.name(p.person_id) for p in seen.people if p.observer],
        "script": seen.script, "aims": script.aims if seen.script else (),
        "roles": [(r, titles.get(r, words(r))) for r in script.roles] if seen.script else [],
        "steps": [
            {"title": s.title, "role": titles.get(s.role, _("the team")), "by": s.by_minute}
            for s in sorted(seen.script.steps, key=lambda s: s.by_minute)
        ] if seen.script else [],
        "injects": [_inject(row, i, titles, now) for i in seen.injects],
        "plan": models.DrillPlan.objects.filter(id=row.plan_id).exclude(state="ended").first(),
        "console": _address("drill-console", row.id), "results": _address("drill-results", row.id),
        "incident": models.IncidentRow.objects.filter(id=row.incident_id).first() if row.incident_id else None,
    }  # fmt: skip


def _inject(
    row: models.Drill, i: models.DrillInject, titles: dict[str, str], now: datetime
) -> dict[str, Any]:
    return {
        "id": i.id, "minute": i.at_minute, "title": i.title, "text": i.text, "kind": words(i.kind),
        "role": titles.get(i.role, "") if i.role else "", "surprise": i.surprise, "state": i.state,
        "fired_at": i.fired_at, "at": drill_injects.happens_at(row, i, now), "note": i.note,
    }  # fmt: skip


def _address(name: str, drill_id: str) -> str:
    try:
        return reverse(name, args=(drill_id,))
    except NoReverseMatch:
        return ""


def role_titles(script: Scenario) -> dict[str, str]:
    template = structure_of(script, current())
    return {r.key: r.title for r in template.roles} if template else {}


def library(who: Who) -> list[dict[str, Any]]:
    """Every scenario with its brief; steps and injects for whoever may read them."""
    mine = models.DrillPerson.objects.filter(
        Q(drill__state="planned") | Q(drill__state="running"), person_id=who.person, observer=False
    )
    playing = set(mine.values_list("drill__scenario", flat=True))
    found = []
    for s in drill_scenarios.library():
        titles = role_titles(s)
        script = s.key not in playing
        found.append(
            {
                "scenario": s, "kinds": [_(KIND_WORDS[k][0]) for k in s.kinds], "script": script,
                "roles": [titles.get(r, words(r)) for r in s.roles],
                "steps": [(x.by_minute, titles.get(x.role, _("the team")), x.title) for x in s.steps] if script else [],
                "injects": [(x.at_minute, titles.get(x.role, ""), x.title, x.surprise) for x in s.injects]
                if script
                else [],
            }
        )  # fmt: skip
    return found


def scenario_choices() -> list[tuple[str, str]]:
    return [(s.key, f"{s.title} ({s.minutes} min)") for s in drill_scenarios.library()]


def people_choices() -> list[tuple[str, str]]:
    rows = models.Person.objects.filter(is_active=True).exclude(role="guest").order_by("name")
    return [(p, n) for p, n in rows.values_list("id", "name")]


def facilitator_choices() -> list[tuple[str, str]]:
    rows = models.Person.objects.filter(is_active=True, role__in=("responder", "administrator")).order_by(
        "name"
    )
    return [(p, n) for p, n in rows.values_list("id", "name")]
