"""Incidents: the list, declaring one, and one as a whole with its facts, stages and links to everything in it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Annotated, Any, Literal

from django.http import HttpResponse
from ninja import Query
from pydantic import Field

from quarterdeck.app import search
from quarterdeck.app.casebook import Case, load
from quarterdeck.app.incidents import incidents as acts
from quarterdeck.app.incidents import readings, stages
from quarterdeck.core.incidents import Declaration
from quarterdeck.core.incidents.codename import outside
from quarterdeck.core.kernel.refused import bad
from quarterdeck.store import models

from . import tokens
from .catalogue_words import check_assessment
from .doors import Request
from .fields import (
    Flag,
    Id,
    IncidentId,
    Key,
    Line,
    Moment,
    Named,
    Number,
    Read,
    Text,
    Url,
    Word,
    Write,
    Yes,
)
from .names import Names
from .operations import Noun
from .pages import Page, PageAsked, page

NOUN = Noun("Incidents", "/incidents")
_PARTS = (
    "command", "chart", "catch-up", "timeline", "roles", "handovers", "tasks", "checks", "checklists", "decisions",
    "messages", "clocks", "alerts", "review", "action-items", "files",
)  # fmt: skip


class Incident(Read):
    """An incident in a list. `services` are keys; `next_update_at` is the earliest promise to any audience; `contact`
    is whom to ask about it: the commander, or whom the commander named. `codename` is what a restricted one is called
    wherever others than its members may see it; empty for all others.
    """

    id: str
    title: str
    type: str
    severity: int
    severity_confirmed: bool
    phase: str
    phase_since: Moment
    is_open: bool
    drill: bool
    restricted: bool
    codename: str
    services: list[str]
    commander: Named | None
    declared_at: Moment
    declared_by: Named
    resolved_at: Moment | None
    closed_at: Moment | None
    next_update_at: Moment | None
    triage_overdue: bool
    contact: Named | None


class Condition(Read):
    """`text` says what is still to be done."""

    key: str
    text: str


class Stage(Read):
    """A phase of the structure: done, current, next or later, and what is missing before it may begin."""

    phase: str
    state: str
    missing: list[Condition]


class IncidentDetail(Incident):
    """An incident as a whole. `gaps` is what triage still owes; `links` lead to its parts."""

    template: str
    impact: str
    urgency: str
    scope: str
    severity_initial: int
    severity_highest: int
    source: str
    summary: str
    what_we_know: str
    workaround: str
    customer_effect: str
    cause: str
    next_step: str
    fix: str
    verification: str
    customers_affected: str
    dimensions: dict[str, str]
    bridge_url: str
    chat_url: str
    technical_url: str
    stood_down_at: Moment | None
    commander_since: Moment | None
    resolution_code: str
    resolution_summary: str
    stages: list[Stage]
    gaps: list[Condition]
    links: dict[str, str]


class IncidentsAsked(PageAsked):
    is_open: Flag | None = Field(None, alias="open")
    severity: Annotated[int, Field(ge=1, le=9)] | None = None
    q: Line = ""


class IncidentWrite(Write):
    """What is known when an incident is declared; only the title is needed. The declarer commands it unless `commander`
    names somebody. Whoever holds another incident is refused (command.elsewhere), unless `both_reason` says why. A
    restricted one is given a codename unless it brings one.
    """

    title: Annotated[str, Text(200, least=1)]
    type: Word = ""
    severity: Annotated[int, Number(1, 5)] | None = None
    impact: Word = ""
    urgency: Word = ""
    scope: Word = ""
    services: Annotated[list[Key], Field(max_length=50)] = Field(default_factory=list)
    summary: Annotated[str, Text(4000)] = ""
    customer_effect: Annotated[str, Text(1000)] = ""
    template: Word = ""
    drill: Yes = False
    restricted: Yes = False
    codename: Annotated[str, Text(40)] = ""
    bridge_url: Url = ""
    chat_url: Url = ""
    alerts: Annotated[list[Id], Field(max_length=100)] = Field(default_factory=list)
    commander: Id | Literal[""] = ""
    both_reason: Line = ""


@NOUN.get("", "incident.read", Page[Incident])
def list_incidents(request: Request, asked: Query[IncidentsAsked]) -> Page[Incident]:
    """Incidents, the newest first; restricted ones for their members only."""
    rows = search.incidents(request.act.who, is_open=asked.is_open, severity=asked.severity, q=asked.q)
    return page(asked, rows, ("-number",), lambda found: summaries(request, found))


@NOUN.post("", "incident.declare", IncidentDetail, openapi_extra=tokens.header("Declares"))
def declare_incident(request: Request, body: IncidentWrite, response: HttpResponse) -> IncidentDetail:
    """Declare an incident: record, commander, clocks and callouts, all or nothing."""
    check_assessment(body.impact, body.urgency, body.scope)
    _check_services(body.services)
    said = body.model_dump(exclude={"alerts", "services"})
    case = acts.declare(
        request.act,
        Declaration(**said, services=tuple(body.services), source="api"),
        alert_ids=tuple(body.alerts),
        token=tokens.token(request),
    )
    response["Location"] = address(case.incident.key)
    return detail(request, case)


@NOUN.get("/{incident}", "incident.read", IncidentDetail)
def get_incident(request: Request, incident: IncidentId) -> IncidentDetail:
    """One incident with its facts, its stages and what each still misses."""
    case = load(incident, request.act.who)
    readings.note(request.act.who, case.incident, readings.PAGE, request.act.at)
    return detail(request, case)


def address(incident_id: str, part: str = "") -> str:
    return f"/api/v1/incidents/{incident_id}" + (f"/{part}" if part else "")


def _check_services(keys: Sequence[str]) -> None:
    known = set(models.Service.objects.filter(key__in=keys).values_list("key", flat=True))
    strange = [k for k in keys if k not in known]
    if strange:
        raise bad(
            "service.unknown",
            f"There is no service {strange[0]!r}. Choose from the list.",
            services="unknown",
        )


def summaries(request: Request, rows: Sequence[models.IncidentRow]) -> list[Incident]:
    names = request.names.load(i for r in rows for i in (r.commander_id, r.declared_by, r.contact_id))
    return [Incident(**_summary(r, names)) for r in rows]


def _summary(row: models.IncidentRow, names: Names) -> dict[str, Any]:
    plain = (
        "id", "title", "type", "severity", "phase", "phase_since", "is_open", "drill", "restricted", "services",
        "declared_at", "resolved_at", "closed_at", "next_update_at", "triage_overdue",
    )  # fmt: skip
    return {
        **{name: getattr(row, name) for name in plain},
        "codename": outside(row) if row.restricted else "",
        "severity_confirmed": not row.severity_unknown,
        "commander": names.maybe(row.commander_id),
        "declared_by": names.of(row.declared_by),
        "contact": names.maybe(row.contact_id),
    }


def detail(request: Request, case: Case) -> IncidentDetail:
    """The whole of an incident, from its read row and its state."""
    row = models.IncidentRow.objects.get(id=case.incident.key)
    plain = [n for n in IncidentDetail.model_fields if n not in Incident.model_fields]
    return IncidentDetail(
        **_summary(row, request.names),
        **{name: getattr(row, name) for name in plain if name not in ("stages", "gaps", "links")},
        stages=[
            Stage(phase=s.phase, state=s.state, missing=_conditions(s.missing)) for s in stages.strip(case)
        ],
        gaps=_conditions(stages.untriaged(case)),
        links={part.replace("-", "_"): address(row.id, part) for part in _PARTS},
    )


def _conditions(found: Iterable[Any]) -> list[Condition]:
    return [Condition(key=c.key, text=c.text) for c in found]
