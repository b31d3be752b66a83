"""The catalogue in force: incident types (and making one), severities, the words of the matrix, what it suggests."""

from __future__ import annotations

from typing import Annotated

from ninja import Query
from pydantic import Field

from quarterdeck.app.catalog.catalogue import add_type, current
from quarterdeck.core.incidents import suggest
from quarterdeck.core.incidents.structure import IncidentType as Type

from .doors import Request
from .fields import Asked, Key, LongLine, Number, Read, Text, Word, Write, Yes
from .operations import Noun
from .pages import Page, whole

NOUN = Noun("Catalogue", "/catalogue")
TYPES = Noun("Catalogue", "/incident-types")
SUGGESTION = Noun("Catalogue", "/severity-suggestion")


class IncidentType(Read):
    """A kind of harm; `template` is the structure it picks, `roles` what its incidents require besides."""

    key: str
    title: str
    description: str
    template: str
    default_severity: int | None
    restricted: bool
    roles: list[str]


class IncidentTypeWrite(Write):
    key: Annotated[str, Text(60, pattern=r"^[a-z][a-z0-9_]{0,58}[a-z0-9]$")]
    title: Annotated[str, Text(120, least=1)]
    template: Word
    description: LongLine = ""
    default_severity: Annotated[int, Number(1, 5)] | None = None
    restricted: Yes = False
    roles: Annotated[list[Key], Field(max_length=40)] = Field(default_factory=list)


class SeverityLevel(Read):
    """Rank 1 is the highest; `label` is what the organisation calls it."""

    rank: int
    label: str
    criteria: str
    review_required: bool
    triage_minutes: int


class Template(Read):
    """A response structure: its phases, roles and audiences by key."""

    key: str
    version: int
    title: str
    phases: list[str]
    roles: dict[str, str]
    audiences: dict[str, str]


class Catalogue(Read):
    """The words that declaring and assessing use. `scopes` and `resolution_codes` map keys to titles."""

    severities: list[SeverityLevel]
    impacts: list[str]
    urgencies: list[str]
    scopes: dict[str, str]
    resolution_codes: dict[str, str]
    templates: list[Template]


class SuggestionAsked(Asked):
    impact: Word
    urgency: Word
    scope: Word = ""


class Suggestion(Read):
    """The severity the matrix suggests, and why. People decide."""

    severity: int
    label: str
    reason: str


@NOUN.get("", "incident.read", Catalogue)
def get_catalogue(request: Request) -> Catalogue:
    """Severities, impacts, urgencies, scopes, resolution codes and response structures."""
    c = current()
    return Catalogue(
        severities=[SeverityLevel.model_validate(s) for s in c.severities],
        impacts=list(c.impacts),
        urgencies=list(c.urgencies),
        scopes={s.key: s.title for s in c.scopes},
        resolution_codes={r.key: r.title for r in c.resolution_codes},
        templates=[
            Template(
                key=t.key,
                version=t.version,
                title=t.title,
                phases=list(t.phases),
                roles={r.key: r.title for r in t.roles},
                audiences={a.key: a.title for a in t.audiences},
            )
            for t in c.templates
        ],
    )


@TYPES.get("", "incident.read", Page[IncidentType])
def list_incident_types(request: Request) -> Page[IncidentType]:
    return whole(IncidentType.model_validate(t) for t in current().types)


@TYPES.post("", "settings.edit", IncidentType)
def add_incident_type(request: Request, body: IncidentTypeWrite) -> IncidentType:
    """A new kind of harm, at once usable for declaring."""
    return IncidentType.model_validate(
        add_type(request.act, Type(**body.model_dump() | {"roles": tuple(body.roles)}))
    )


@SUGGESTION.get("", "incident.read", Suggestion)
def suggest_severity(request: Request, asked: Query[SuggestionAsked]) -> Suggestion:
    """What the matrix suggests for an impact, an urgency and a scope."""
    catalog = current()
    found = suggest(catalog, asked.impact, asked.urgency, asked.scope)
    return Suggestion(severity=found.rank, label=catalog.severity(found.rank).label, reason=found.reason)
