"""The feed of changes: deployments, flags, configuration, as tools report them; and beside an incident's timeline."""

from __future__ import annotations

from typing import Annotated, Literal

from ninja import Query

from quarterdeck.app.alerts import changes as acts
from quarterdeck.app.casebook import load
from quarterdeck.core.access import GUEST
from quarterdeck.core.kernel.refused import forbidden
from quarterdeck.store import models

from .doors import Request
from .fields import IncidentId, Key, Moment, Read, Text, Url, When, Word, Write
from .operations import Noun
from .pages import Page, PageAsked, page, whole

NOUN = Noun("Changes", "/changes")
BESIDE = Noun("Changes", "/incidents/{incident}/changes")
Kind = Literal["deployment", "flag", "configuration", "other"]


class Change(Read):
    """`changed_at` is when it was made, `by` who or what made it."""

    id: str
    source: str
    kind: str
    service: str
    title: str
    link: str
    by: str
    changed_at: Moment
    received_at: Moment


class ChangeBeside(Change):
    """`suspect`: made in the window before the incident began."""

    suspect: bool


class ChangeWrite(Write):
    """`id` is the tool's own: the same report of a source is kept once. Without `at` it was made now."""

    source: Annotated[str, Text(60, least=1)]
    title: Annotated[str, Text(300, least=1)]
    kind: Kind = "deployment"
    service: Key | None = None
    at: When | None = None
    link: Url = ""
    by: Annotated[str, Text(200)] = ""
    id: Annotated[str, Text(200)] = ""


class ChangesAsked(PageAsked):
    service: Key | None = None
    source: Word = ""


@NOUN.get("", "service.read", Page[Change])
def list_changes(request: Request, asked: Query[ChangesAsked]) -> Page[Change]:
    """Changes, the latest first."""
    rows = models.Change.objects.all()
    if asked.service:
        rows = rows.filter(service=asked.service)
    if asked.source:
        rows = rows.filter(source=asked.source)
    return page(asked, rows, ("-changed_at", "-id"), lambda found: [Change.model_validate(r) for r in found])


@NOUN.post("", "service.edit", Change)
def report_change(request: Request, body: ChangeWrite) -> Change:
    """Report a deployment, a flag or a configuration change."""
    told = acts.Told(
        body.source, body.title, body.kind, body.service or "", body.at, body.link, body.by, body.id
    )
    return Change.model_validate(acts.report(request.act, told))


@BESIDE.get("", "incident.read", Page[ChangeBeside])
def list_changes_beside(request: Request, incident: IncidentId) -> Page[ChangeBeside]:
    """Changes of the incident's services from a day before it began; suspects first."""
    case = load(incident, request.act.who)
    if GUEST in request.act.who.roles:
        raise forbidden(
            "changes.guest", "Changes are shown to the organisation's own people. Ask one of them."
        )
    return whole(
        ChangeBeside(**Change.model_validate(s.row).model_dump(), suspect=s.suspect)
        for s in acts.beside(case, request.act.at)
    )
