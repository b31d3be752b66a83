"""The risk register as pages show it: list, matrix, one risk with its history, a service's risks. Decides nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from quarterdeck.app.learning import causes, risks
from quarterdeck.app.paging.directory import Directory
from quarterdeck.app.visibility import known_to
from quarterdeck.core.access import Who, may
from quarterdeck.core.reviews import risks as core
from quarterdeck.store import models

from .paging import href, part
from .problems import people
from .reviews import end_of

LEVELS = {
    "severe": ("red", "octagon", gettext_lazy("Severe")), "high": ("orange", "triangle", gettext_lazy("High")),
    "moderate": ("amber", "diamond", gettext_lazy("Moderate")), "low": ("blue", "info", gettext_lazy("Low")),
}  # fmt: skip
SAFEGUARDS = {
    "none": ("amber", "vacant", gettext_lazy("None yet")), "planned": ("blue", "calendar", gettext_lazy("Planned")),
    "in_place": ("green", "shield", gettext_lazy("In place")),
    "failing": ("red", "broken", gettext_lazy("Does not hold")),
}  # fmt: skip
STATES = {
    "open": ("open", gettext_lazy("Open")), "accepted": ("waiting", gettext_lazy("Accepted")),
    "reduced": ("done", gettext_lazy("Reduced")), "withdrawn": ("superseded", gettext_lazy("Withdrawn")),
}  # fmt: skip
LATE = {
    "due": gettext_lazy("Overdue"), "review": gettext_lazy("To be looked at again"),
    "acceptance": gettext_lazy("Acceptance ended"),
}  # fmt: skip
FIELDS = {
    "title": "title", "description": "description", "services": "services", "likelihood": "likelihood",
    "effect": "effect", "safeguard": "safeguard", "safeguard_state": "state of the safeguard", "owner": "owner",
    "due_on": "due", "review_on": "looked at again", "state": "state", "accepted_by": "accepted by",
    "accepted_until": "accepted until", "links": "seen in",
}  # fmt: skip
SIZE, MOST, SHORT = 50, 1000, 5
LIKELY = {
    1: gettext_lazy("1, hardly ever"), 2: gettext_lazy("2, once in years"), 3: gettext_lazy("3, once a year"),
    4: gettext_lazy("4, several times a year"), 5: gettext_lazy("5, any week"),
}  # fmt: skip
EFFECTS = {
    1: gettext_lazy("1, nobody notices"), 2: gettext_lazy("2, a nuisance"), 3: gettext_lazy("3, some customers suffer"),
    4: gettext_lazy("4, many customers suffer"), 5: gettext_lazy("5, the business stands still"),
}  # fmt: skip


def rows(found: Sequence[models.Risk], now: datetime) -> list[dict[str, Any]]:
    names = Directory(now)
    names.load_people({p for r in found for p in (r.owner, r.accepted_by) if p})
    known = {k for r in found for k in r.services}
    services = dict(models.Service.objects.filter(key__in=known).values_list("key", "name"))
    today = timezone.localdate(now).isoformat()
    return [_row(r, names, services, today) for r in found]


def _row(r: models.Risk, names: Directory, services: Mapping[str, str], today: str) -> dict[str, Any]:
    late = risks.late(r, today)
    mark, label = STATES[r.state]
    tone, icon, level = LEVELS[core.level(r.likelihood, r.effect)]
    guard = SAFEGUARDS[r.safeguard_state]
    return {
        "id": r.id, "title": r.title, "url": f"/prevention/risks/{r.id}", "description": r.description,
        "owner": names.name(r.owner), "owner_id": r.owner, "services": [(k, services.get(k, k)) for k in r.services],
        "level": {"tone": tone, "icon": icon, "label": level}, "score": r.likelihood * r.effect,
        "likelihood": r.likelihood, "effect": r.effect, "likely": LIKELY[r.likelihood], "hits": EFFECTS[r.effect],
        "guard": {"tone": guard[0], "icon": guard[1], "label": guard[2]}, "safeguard": r.safeguard,
        "safeguard_state": r.safeguard_state, "state": "late" if late else mark,
        "state_text": LATE[late] if late else label, "key": r.state, "is_live": r.state in core.LIVE,
        "is_open": r.state == core.OPEN, "due_on": r.due_on, "due_at": end_of(r.due_on), "review_on": r.review_on,
        "accepted_by": names.name(r.accepted_by) if r.accepted_by else "", "accepted_until": r.accepted_until,
        "note": r.note, "created_at": r.created_at,
    }  # fmt: skip


def listing(who: Who, asked: Mapping[str, str], now: datetime) -> dict[str, Any]:
    """`asked`: show (open, late, accepted, over), service, level, owner, view (list, matrix), part."""
    today = timezone.localdate(now).isoformat()
    everything = list(risks.risks(who).order_by("due_on", "id")[:MOST])
    live = [r for r in everything if r.state in core.LIVE]
    views = {
        "open": (_("Open"), [r for r in live if r.state == core.OPEN]),
        "late": (_("Overdue"), [r for r in live if risks.late(r, today)]),
        "accepted": (_("Accepted"), [r for r in live if r.state == core.ACCEPTED]),
        "over": (_("Over"), [r for r in everything if r.state not in core.LIVE]),
    }
    show = asked.get("show", "open")
    show = show if show in views else "open"
    chosen = {k: asked.get(k, "")[:60] for k in ("service", "level", "owner")}
    shown = [r for r in views[show][1] if _fits(r, chosen)]
    base = {k: v for k, v in {"show": show, **chosen}.items() if v}
    matrix = asked.get("view") == "matrix"
    page, parts = part(shown, asked.get("part", ""), SIZE)
    owners = Directory(now)
    owners.load_people({r.owner for r in everything})
    return {
        "tab": "risks", "show": show, "filters": chosen, "filtered": any(chosen.values()), "matrix": matrix,
        "views": [
            {"label": label, "current": key == show, "count": len(found),
             "href": href("/prevention", base, show=key, view="matrix" if matrix else "")}
            for key, (label, found) in views.items()
        ],
        "risks": [] if matrix else rows(page, now),
        "part": parts,
        "grid": _grid(shown) if matrix else [],
        "list_href": href("/prevention", base, view=""),
        "matrix_href": href("/prevention", base, view="matrix"),
        "csv_href": href("/prevention/risks.csv", base),
        "choices": {
            "service": list(models.Service.objects.order_by("name").values_list("key", "name")[:500]),
            "level": [(k, v[2]) for k, v in LEVELS.items()],
            "owner": sorted({(r.owner, owners.name(r.owner)) for r in everything}, key=lambda pair: pair[1]),
        },
        "may_edit": may(who, "service.edit"),
    }  # fmt: skip


def chosen_rows(who: Who, asked: Mapping[str, str], now: datetime) -> list[dict[str, Any]]:
    """All of a view, for a file."""
    today = timezone.localdate(now).isoformat()
    show = asked.get("show", "open")
    states = {"accepted": (core.ACCEPTED,), "over": (core.REDUCED, core.WITHDRAWN), "late": core.LIVE}
    found = risks.risks(who).filter(state__in=states.get(show, (core.OPEN,))).order_by("due_on", "id")[:MOST]
    chosen = {k: asked.get(k, "")[:60] for k in ("service", "level", "owner")}
    kept = [r for r in found if _fits(r, chosen) and (show != "late" or risks.late(r, today))]
    return rows(kept, now)


def _fits(r: models.Risk, chosen: Mapping[str, str]) -> bool:
    return (
        (not chosen["service"] or chosen["service"] in r.services)
        and (not chosen["level"] or core.level(r.likelihood, r.effect) == chosen["level"])
        and (not chosen["owner"] or r.owner == chosen["owner"])
    )


def _grid(found: Sequence[models.Risk]) -> list[dict[str, Any]]:
    """A row for each likelihood, the greatest first; in it a cell for each effect."""
    return [
        {
            "label": LIKELY[likelihood],
            "cells": [
                {
                    "tone": LEVELS[core.level(likelihood, effect)][0],
                    "level": LEVELS[core.level(likelihood, effect)][2],
                    "risks": [
                        {"title": r.title, "url": f"/prevention/risks/{r.id}"}
                        for r in found if (r.likelihood, r.effect) == (likelihood, effect)
                    ],
                }
                for effect in core.SCALE
            ],
        }
        for likelihood in reversed(core.SCALE)
    ]  # fmt: skip


def detail(row: models.Risk, who: Who, now: datetime) -> dict[str, Any]:
    edits = risks.may_change(row, who)
    names = Directory(now)
    changes = risks.history(row)
    names.load_people({c.by for c in changes} | {row.created_by} | _people_in(changes))
    return {
        "tab": "risks",
        "risk": rows([row], now)[0] | {"created_by": names.name(row.created_by), "links": _links(row, who)},
        "may_edit": edits,
        "fields": {k: getattr(row, k) for k in risks.Draft.__dataclass_fields__},
        "history": [
            {"at": c.at, "by": names.name(c.by), "note": c.note, "what": _said(c.what, names)} for c in changes
        ],
        "year": (timezone.localdate(now) + timedelta(days=180)).isoformat(),
    } | (form(who) if edits else {})  # fmt: skip


def form(who: Who) -> dict[str, Any]:
    """What the form of a risk chooses from."""
    return {
        "people": people(),
        "all_services": list(models.Service.objects.order_by("name").values_list("key", "name")[:500]),
        "likely": list(LIKELY.items()),
        "effects": list(EFFECTS.items()),
        "guards": [(k, v[2]) for k, v in SAFEGUARDS.items()],
    }


def _links(row: models.Risk, who: Who) -> list[dict[str, str]]:
    links = list(row.links.order_by("at", "id"))
    known = known_to(who, (x.ref for x in links if x.kind in ("incident", "drill")))
    titles = dict(models.IncidentRow.objects.filter(id__in=known).values_list("id", "title"))
    items = dict(
        models.ActionItemRow.objects.filter(id__in=[x.ref for x in links if x.kind == "item"]).values_list(
            "id", "title"
        )
    )
    problems = dict(
        models.Problem.objects.filter(id__in=[x.ref for x in links if x.kind == "problem"]).values_list(
            "id", "title"
        )
    )
    found = []
    for x in links:
        if x.kind == "incident" and x.ref in known:
            found.append(
                {
                    "href": f"/reviews/{x.ref}",
                    "kind": _("Incident"),
                    "title": f"{x.ref} {titles.get(x.ref, '')}",
                }
            )
        elif x.kind == "item" and x.ref in items:
            found.append({"href": "", "kind": _("Action item"), "title": items[x.ref]})
        elif x.kind == "problem" and x.ref in problems:
            found.append({"href": f"/problems/{x.ref}", "kind": _("Problem"), "title": problems[x.ref]})
        elif x.kind == "pattern":
            kind, _sep, key = x.ref.partition(":")
            title = key if kind == "service" else causes.title(kind, key)
            found.append({"href": "/patterns", "kind": _("Pattern"), "title": title})
    return found


def _people_in(changes: Sequence[models.RiskChange]) -> set[str]:
    return {p for c in changes for k in ("owner", "accepted_by") for p in c.what.get(k, ()) if p}


def _said(what: Mapping[str, Any], names: Directory) -> list[str]:
    found = []
    for key, (before, after) in what.items():
        if key in ("owner", "accepted_by"):
            before, after = names.name(before) if before else "", names.name(after) if after else ""
        if key in ("description", "safeguard"):
            found.append(f"{FIELDS[key]} rewritten")
        else:
            found.append(f"{FIELDS.get(key, key)}: {_plain(before)} → {_plain(after)}")
    return found


def _plain(value: Any) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value).replace("_", " ") or "–"


def of_service(key: str, who: Who, now: datetime) -> dict[str, Any]:
    """The panel of a service's page."""
    found = risks.of_service(key, who)
    tasks = models.PreventiveTask.objects.filter(service=key, state="open").order_by("due_on", "id")[:SHORT]
    return {
        "risks": rows(found[:SHORT], now),
        "more_risks": max(0, len(found) - SHORT),
        "preventive": [
            {"title": t.title, "url": f"/prevention/tasks/{t.id}", "due_at": end_of(t.due_on)} for t in tasks
        ],
    }
