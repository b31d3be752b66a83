"""What is known about an incident: title, severity, type, impact, facts, links. Each is replaced as a whole."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from quarterdeck.app.incidents import codenames
from quarterdeck.app.incidents import incidents as acts
from quarterdeck.core.incidents.structure import DIMENSIONS, LEVELS

from .catalogue_words import check_assessment
from .doors import Request
from .fields import IncidentId, Line, LongLine, Number, Text, Url, Word, Write
from .incidents import IncidentDetail, detail
from .operations import Noun

NOUN = Noun("Incidents", "/incidents/{incident}")
Fact = Annotated[str, Text(4000)]
Dimension = Literal[DIMENSIONS]  # type: ignore[valid-type]
Level = Literal[LEVELS]  # type: ignore[valid-type]


class TitleWrite(Write):
    title: Annotated[str, Text(200, least=1)]


class CodenameWrite(Write):
    codename: Annotated[str, Text(40)] = ""


class SeverityWrite(Write):
    """1 is the highest. Lowering it needs a reason."""

    severity: Annotated[int, Number(1, 5)]
    reason: LongLine = ""
    impact: Word = ""
    urgency: Word = ""
    scope: Word = ""


class TypeWrite(Write):
    type: Word
    reason: LongLine = ""


class ImpactWrite(Write):
    """The level of each dimension that is named; the others stay."""

    dimensions: dict[Dimension, Level] = Field(default_factory=dict)
    customers_affected: Line | None = None
    reason: LongLine = ""


class FactsWrite(Write):
    """A field that is left out or null stays; an empty text empties it."""

    what_we_know: Fact | None = None
    workaround: Fact | None = None
    customer_effect: Fact | None = None
    cause: Fact | None = None
    next_step: Fact | None = None
    fix: Fact | None = None
    verification: Fact | None = None


class LinksWrite(Write):
    bridge_url: Url | None = None
    chat_url: Url | None = None


@NOUN.put("/title", "incident.act", IncidentDetail)
def set_title(request: Request, incident: IncidentId, body: TitleWrite) -> IncidentDetail:
    return detail(request, acts.set_title(request.act, incident, body.title))


@NOUN.put("/codename", "incident.act", IncidentDetail)
def set_codename(request: Request, incident: IncidentId, body: CodenameWrite) -> IncidentDetail:
    """Call a restricted incident otherwise where others may see it; empty: a name is made for it."""
    return detail(request, codenames.rename(request.act, incident, body.codename))


@NOUN.put("/severity", "incident.act", IncidentDetail)
def set_severity(request: Request, incident: IncidentId, body: SeverityWrite) -> IncidentDetail:
    """Set the severity; update clocks and callouts follow it."""
    check_assessment(body.impact, body.urgency, body.scope)
    case = acts.set_severity(
        request.act,
        incident,
        body.severity,
        body.reason,
        impact=body.impact,
        urgency=body.urgency,
        scope=body.scope,
    )
    return detail(request, case)


@NOUN.put("/type", "incident.act", IncidentDetail)
def set_type(request: Request, incident: IncidentId, body: TypeWrite) -> IncidentDetail:
    """Set the kind of harm; further people may be called for it."""
    return detail(request, acts.set_type(request.act, incident, body.type, body.reason))


@NOUN.put("/impact", "incident.act", IncidentDetail)
def set_impact(request: Request, incident: IncidentId, body: ImpactWrite) -> IncidentDetail:
    """Assess what is harmed and how badly."""
    dimensions = {str(k): str(v) for k, v in body.dimensions.items()}
    return detail(
        request, acts.set_impact(request.act, incident, dimensions, body.customers_affected, body.reason)
    )


@NOUN.put("/facts", "incident.act", IncidentDetail)
def set_facts(request: Request, incident: IncidentId, body: FactsWrite) -> IncidentDetail:
    """Keep the facts panel."""
    return detail(request, acts.set_facts(request.act, incident, **body.model_dump()))


@NOUN.put("/links", "incident.act", IncidentDetail)
def set_links(request: Request, incident: IncidentId, body: LinksWrite) -> IncidentDetail:
    """Where people meet: bridge and chat."""
    return detail(request, acts.set_links(request.act, incident, body.bridge_url, body.chat_url))
