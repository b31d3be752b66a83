"""Services, teams and people as lists and as pages of their own: who owns what, and whether anybody would be woken.

Addresses of contacts are shown to their owner and to administrators alone. Reads only.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from allauth.mfa.models import Authenticator
from django.db.models import Count
from django.utils import timezone

from quarterdeck.app.oncall.roster import Duty
from quarterdeck.app.paging.directory import default_policy
from quarterdeck.app.visibility import visible_incidents
from quarterdeck.core.access import Who
from quarterdeck.store import models

from . import words
from .callouts import channel_name

LOOKED_AT = timedelta(days=90)
MOST_INCIDENTS = 5_000
ROLES = {
    "administrator": "Administrator",
    "responder": "Responder",
    "observer": "Observer",
    "executive": "Executive",
}
URGENCIES = {"high": "Urgent pages", "low": "Quiet pages"}


def services(rows: Sequence[models.Service], who: Who, now: datetime) -> list[dict[str, Any]]:
    firing = dict(
        models.Alert.objects.filter(status="open", service__in=rows)
        .order_by()
        .values_list("service")
        .annotate(n=Count("pk"))
    )
    incidents = incident_counts(who, now)
    fallback = default_policy()
    return [
        {
            "name": s.name,
            "key": s.key,
            "description": s.description,
            "url": f"/catalog/services/{s.key}",
            "firing": firing.get(s.id, 0),
            "team": {"name": s.team.name, "href": f"/catalog/teams/{s.team.key}"} if s.team else None,
            "policy": s.policy.name if s.policy else f"{fallback.name} (default)" if fallback else "",
            "problem": "" if s.policy or fallback else "nobody would be paged",
            "tier": s.tier,
            "incidents": incidents[s.key],
        }
        for s in rows
    ]


def incident_counts(who: Who, now: datetime) -> Counter[str]:
    """How many incidents of the last 90 days that `who` may know of each service was part of."""
    rows = visible_incidents(who).filter(declared_at__gt=now - LOOKED_AT, drill=False).order_by("-number")
    return Counter(
        key for keys in rows.values_list("services", flat=True)[:MOST_INCIDENTS] for key in set(keys)
    )


def incidents_of(key: str, who: Who, now: datetime) -> list[dict[str, Any]]:
    """The newest ten incidents of a service."""
    rows = visible_incidents(who).filter(declared_at__gt=now - LOOKED_AT).order_by("-number")
    found = [r for r in rows.filter(services__contains=f'"{key}"')[:200] if key in r.services]
    return [incident(r) for r in found[:10]]


def incident(row: models.IncidentRow) -> dict[str, Any]:
    return {
        "id": row.id,
        "title": row.title,
        "url": f"/incidents/{row.id}",
        "severity": words.severity(row.severity),
        "phase": words.phase(row.phase),
        "at": row.declared_at,
    }


def teams(rows: Sequence[models.Team], duties: Sequence[Duty], viewer: str) -> list[dict[str, Any]]:
    members: dict[str, list[models.Membership]] = {}
    for m in (
        models.Membership.objects.select_related("person")
        .filter(team__in=rows, person__is_active=True)
        .order_by("person__name")
    ):
        members.setdefault(m.team_id, []).append(m)
    owned = dict(
        models.Service.objects.filter(team__in=rows).order_by().values_list("team").annotate(n=Count("pk"))
    )
    found = []
    for team in rows:
        people = members.get(team.id, [])
        mine = [d for d in duties if d.schedule.team_id == team.id]
        held = next((d.person for d in mine if d.person), None)
        found.append({
            "name": team.name, "url": f"/catalog/teams/{team.key}", "description": team.description,
            "lead": ", ".join(m.person.name for m in people if m.lead),
            "people": [{"name": m.person.name, "me": m.person_id == viewer} for m in people[:6]],
            "people_count": len(people), "services": owned.get(team.id, 0), "has_schedule": bool(mine),
            "on_call": {"name": held.name, "me": held.id == viewer} if held else None,
            "gap": ", ".join(d.schedule.name for d in mine if d.person is None),
        })  # fmt: skip
    return found


def people(rows: Sequence[models.Person], viewer: str, now: datetime) -> list[dict[str, Any]]:
    ids = [p.id for p in rows]
    ways: dict[str, list[str]] = {}
    for person, kind in models.ContactMethod.objects.filter(person__in=ids, disabled=False).values_list(
        "person_id", "kind"
    ):
        ways.setdefault(person, []).append(channel_name(kind))
    groups: dict[str, list[str]] = {}
    for person, name in models.Membership.objects.filter(person__in=ids).values_list(
        "person_id", "team__name"
    ):
        groups.setdefault(person, []).append(name)
    strong = set(Authenticator.objects.filter(user__in=ids).values_list("user_id", flat=True))
    return [
        {
            "id": p.id,
            "name": p.name,
            "me": p.id == viewer,
            "url": f"/catalog/people/{p.id}",
            "title": p.title,
            "role": ROLES.get(p.role, p.role),
            "teams": ", ".join(groups.get(p.id, [])),
            "reach_text": ", ".join(dict.fromkeys(ways.get(p.id, []))),
            "problem": "" if ways.get(p.id) or not p.is_active else "no contact",
            "active": p.is_active,
            "sign_in": sign_in(p, p.id in strong),
            "last_seen_at": p.last_login,
        }
        for p in rows
    ]


def sign_in(person: models.Person, strong: bool) -> dict[str, str]:
    """How somebody signs in, as a state and words."""
    if not person.is_active:
        return {"state": "revoked", "text": "Switched off"}
    if strong:
        return {"state": "ok", "text": "Two factors"}
    if person.has_usable_password():
        return {"state": "warning", "text": "Password only"}
    return {"state": "waiting", "text": "Has not signed in"}


def contacts(person: models.Person, shown: bool) -> list[dict[str, Any]]:
    """Ways to reach a person in their order; the address only when `shown`."""
    return [
        {
            "id": c.id,
            "kind": c.kind,
            "channel": channel_name(c.kind),
            "label": c.label,
            "address": c.address if shown else "",
            "disabled": c.disabled,
            "verified_at": c.verified_at,
        }
        for c in person.contacts.all()
    ]


def rules(person: models.Person) -> list[dict[str, Any]]:
    """What is tried when, for each urgency. Without rules: every contact, one minute apart."""
    rows = list(models.NotificationRule.objects.select_related("contact").filter(person=person))
    found = []
    for urgency, title in URGENCIES.items():
        steps = [
            {
                "after": after(r.delay_seconds),
                "text": f"{channel_name(r.contact.kind)}{f' ({r.contact.label})' if r.contact.label else ''}",
            }
            for r in rows
            if r.urgency == urgency
        ]
        found.append({"key": urgency, "title": title, "steps": steps})
    return found


def after(seconds: int) -> str:
    if not seconds:
        return "at once"
    minutes, rest = divmod(seconds, 60)
    return f"after {minutes} min" if not rest else f"after {seconds} s"


def local_clock(zone: str, now: datetime) -> str:
    """What the clock shows where somebody is: "03:10, Tue"."""
    try:
        return f"{timezone.localtime(now, ZoneInfo(zone)):%H:%M, %a}"
    except (ZoneInfoNotFoundError, ValueError):
        return ""
