"""The risk register: list, matrix, file, a new risk out of what it was found in, one risk with its acts."""

from __future__ import annotations

import csv
from datetime import timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from quarterdeck.app.act import need
from quarterdeck.app.learning import causes, risks
from quarterdeck.app.visibility import visible_incidents
from quarterdeck.core.access import Who
from quarterdeck.core.kernel.refused import Refused, bad
from quarterdeck.store import models
from quarterdeck.web.acting import act, done, number, posts
from quarterdeck.web.present import risks as shown
from quarterdeck.web.routes import route

FIELDS = (
    "title", "description", "safeguard", "safeguard_state", "owner", "due_on", "review_on", "likelihood", "effect",
)  # fmt: skip
USUAL_DAYS = 30
COLUMNS = (
    "id", "title", "services", "likelihood", "effect", "level", "safeguard", "safeguard_state", "owner", "due_on",
    "review_on", "state", "accepted_by", "accepted_until",
)  # fmt: skip


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    doing = act(request)
    return render(request, "prevention/risks.html", shown.listing(doing.who, request.GET.dict(), doing.at))


@require_safe
def table(request: HttpRequest) -> HttpResponse:
    """The list as it is filtered, for a spreadsheet."""
    doing = act(request)
    answer = HttpResponse(content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = 'attachment; filename="quarterdeck-risks.csv"'
    out = csv.writer(answer)
    out.writerow(COLUMNS)
    for row in shown.chosen_rows(doing.who, request.GET.dict(), doing.at):
        said = row | {"services": " ".join(k for k, _ in row["services"]), "level": row["level"]["label"],
                      "state": row["key"]}  # fmt: skip
        out.writerow([_cell(said[c]) for c in COLUMNS])
    return answer


def _cell(value: Any) -> str:
    """A spreadsheet must not take a text for a formula."""
    text = str(value)
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t", "\r") else text


def new(request: HttpRequest) -> HttpResponse:
    """A form that is filled in from a finding of a review, a pattern or a service. A refusal keeps what was typed."""
    doing = act(request)
    need(doing, "service.edit")
    asked = request.POST if request.method == "POST" else request.GET
    origin = _origin(doing.who, {k: asked.get(k, "")[:120] for k in ("incident", "item", "pattern")})
    context: dict[str, Any] = {"tab": "risks", "origin": origin, **shown.form(doing.who)}
    if request.method != "POST":
        day = timezone.localdate(doing.at) + timedelta(days=USUAL_DAYS)
        services = [request.GET.get("service", "")[:60]] if request.GET.get("service") else origin["services"]
        first = {"title": origin["title"], "owner": doing.person, "due_on": day.isoformat(), "likelihood": "3",
                 "effect": "3", "safeguard_state": "none", "services": services}  # fmt: skip
        return render(request, "prevention/risk_new.html", context | {"typed": first})
    try:
        made = risks.create(doing, _draft(request), source=origin["source"], links=origin["links"])
    except Refused as refused:
        return _again(request, "prevention/risk_new.html", context, refused)
    return done(request, f"/prevention/risks/{made.id}", "The risk is in the register.", "risk:new")


def detail(request: HttpRequest, risk_id: str) -> HttpResponse:
    """POST changes it; a refusal shows the form again with what was typed."""
    doing = act(request)
    context = shown.detail(risks.find(risk_id, doing.who), doing.who, doing.at)
    if request.method != "POST":
        return render(request, "prevention/risk.html", context)
    try:
        draft = _draft(request)
        said = {k: getattr(draft, k) for k in risks.Draft.__dataclass_fields__}
        risks.change(doing, risk_id, note=request.POST.get("note", ""), **said)
    except Refused as refused:
        return _again(request, "prevention/risk.html", context, refused)
    return done(request, f"/prevention/risks/{risk_id}", "Saved.", f"risk:{risk_id}")


@posts
def move(request: HttpRequest, risk_id: str) -> HttpResponse:
    risks.move(act(request), risk_id, request.POST.get("state", ""), request.POST.get("note", ""))
    return done(request, f"/prevention/risks/{risk_id}", "Kept.", f"risk-state:{risk_id}")


@posts
def accept(request: HttpRequest, risk_id: str) -> HttpResponse:
    said = request.POST
    risks.accept(act(request), risk_id, said.get("until", ""), said.get("note", ""), said.get("by", ""))
    return done(
        request, f"/prevention/risks/{risk_id}", "It is accepted until then.", f"risk-accept:{risk_id}"
    )


@posts
def link(request: HttpRequest, risk_id: str) -> HttpResponse:
    ref = request.POST.get("incident", "").strip().upper()
    risks.link(act(request), risk_id, "incident", ref)
    return done(request, f"/prevention/risks/{risk_id}", "Linked.", f"risk-link:{risk_id}")


def _origin(who: Who, asked: dict[str, str]) -> dict[str, Any]:
    """What a risk is made out of: an action item or a review (with its incident), or a pattern."""
    found: dict[str, Any] = {
        "source": "hand",
        "links": [],
        "title": "",
        "services": [],
        "said": "",
        "fields": {},
    }
    incident = visible_incidents(who).filter(id=asked["incident"]).first()
    if incident is not None:
        item = models.ActionItemRow.objects.filter(id=asked["item"], incident_id=incident.id).first()
        links = [("item", item.id)] if item else [("incident", incident.id)]
        return found | {
            "source": "review", "links": links, "title": item.title if item else "", "services": incident.services,
            "said": f"{incident.id} {incident.title}", "fields": {"incident": incident.id, "item": asked["item"]},
        }  # fmt: skip
    kind, _, key = asked["pattern"].partition(":")
    if kind and key:
        services = [key] if kind == "service" else []
        title = f"{key} keeps failing" if kind == "service" else causes.title(kind, key)
        return found | {
            "source": "pattern", "links": [("pattern", asked["pattern"])], "title": title, "services": services,
            "said": title, "fields": {"pattern": asked["pattern"]},
        }  # fmt: skip
    return found


def _draft(request: HttpRequest) -> risks.Draft:
    said = request.POST
    for name in ("likelihood", "effect"):
        if not said.get(name):
            raise bad(f"risk.{name}", f"Choose the {name}.", **{name: "missing"})
    return risks.Draft(
        title=said.get("title", ""), owner=said.get("owner", ""), due_on=said.get("due_on", ""),
        description=said.get("description", ""), services=[k for k in said.getlist("services") if k],
        likelihood=number(said.get("likelihood"), "likelihood", 1, 5),
        effect=number(said.get("effect"), "effect", 1, 5),
        safeguard=said.get("safeguard", ""), safeguard_state=said.get("safeguard_state", "none"),
        review_on=said.get("review_on", ""),
    )  # fmt: skip


def _again(request: HttpRequest, template: str, context: dict[str, Any], refused: Refused) -> HttpResponse:
    if refused.kind in ("missing", "forbidden"):
        raise refused
    typed = {k: request.POST.get(k, "") for k in FIELDS} | {"services": request.POST.getlist("services")}
    return render(request, template, context | {"typed": typed, "refused": refused}, status=422)


_READ, _EDIT = "service.read", "service.edit"
ROUTES = [
    route("prevention", index, name="prevention", permission=_READ),
    route("prevention/risks.csv", table, name="risks-csv", permission=_READ),
    route("prevention/risks/new", new, name="risk-new", permission=_EDIT),
    route("prevention/risks/<str:risk_id>", detail, name="risk", permission=_READ),
    route("prevention/risks/<str:risk_id>/state", move, name="risk-state", permission=_READ),
    route("prevention/risks/<str:risk_id>/acceptance", accept, name="risk-acceptance", permission=_READ),
    route("prevention/risks/<str:risk_id>/links", link, name="risk-link", permission=_READ),
]
