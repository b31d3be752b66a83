"""Reports: anyone signed in says that something is wrong; the queue, where each becomes an incident or is linked."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Literal

from ninja import Query

from quarterdeck.app.incidents import incident_reports as acts
from quarterdeck.app.visibility import known_to
from quarterdeck.core.incidents.reports import MOST_CUSTOMERS
from quarterdeck.store import models

from .doors import Request
from .fields import Id, IncidentId, Line, Moment, Named, Number, Read, Text, Word, Write
from .incidents import IncidentDetail, detail
from .operations import Noun
from .pages import Page, PageAsked, page

NOUN = Noun("Reports", "/reports")


class Report(Read):
    """`state`: new, declared, linked, dismissed. `incident` is left out where it is hidden from the caller.

    With `via` mail, `sender` is the address it came from and `verified` what showed that it did (DKIM, SPF, DMARC), or
    known for the address of a colleague that nothing showed; `team` is the one whose address it went to.
    """

    id: str
    text: str
    source_kind: str
    service: str
    customer: str
    customers: int
    contact: str
    reported_by: Named
    via: str
    at: Moment
    state: str
    incident: str | None
    note: str
    team: str
    sender: str
    verified: str


class ReportWrite(Write):
    """`customers` is how many are hit, as far as the reporter knows."""

    text: Annotated[str, Text(4000, least=1)]
    source_kind: Literal["customer", "employee"] = "employee"
    service: Word = ""
    customer: Annotated[str, Text(200)] = ""
    customers: Annotated[int, Number(0, MOST_CUSTOMERS)] = 0
    contact: Line = ""


class ReportsAsked(PageAsked):
    state: Literal["new", "declared", "linked", "dismissed"] = "new"


class ReportLinkWrite(Write):
    incident: IncidentId


class ReportDeclareWrite(Write):
    """Without a title the beginning of the report is one."""

    title: Annotated[str, Text(200)] = ""


class ReportDismissWrite(Write):
    note: Annotated[str, Text(500, least=1)]


@NOUN.post("", "report.write", Report)
def make_report(request: Request, body: ReportWrite) -> Report:
    """Say that something is wrong."""
    return _told(request, [acts.report(request.act, **body.model_dump())])[0]


@NOUN.get("", "report.judge", Page[Report])
def list_reports(request: Request, asked: Query[ReportsAsked]) -> Page[Report]:
    """The queue: what waits to be judged, the oldest first; or what became of it."""
    order = ("at", "id") if asked.state == "new" else ("-at", "-id")
    return page(asked, acts.queue(request.act, asked.state), order, lambda rows: _told(request, rows))


@NOUN.get("/mine", "report.write", Page[Report])
def list_my_reports(request: Request, asked: Query[PageAsked]) -> Page[Report]:
    """What the caller reported, and what became of it."""
    return page(asked, acts.mine(request.act), ("-at", "-id"), lambda rows: _told(request, rows))


@NOUN.put("/{report}/link", "report.judge", IncidentDetail)
def link_report(request: Request, report: Id, body: ReportLinkWrite) -> IncidentDetail:
    """It is about an incident that there is already."""
    return detail(request, acts.link(request.act, report, body.incident))


@NOUN.put("/{report}/incident", "report.judge", IncidentDetail)
def declare_report(request: Request, report: Id, body: ReportDeclareWrite | None = None) -> IncidentDetail:
    """It becomes an incident, declared by the caller."""
    return detail(request, acts.declare(request.act, report, body.title if body else ""))


@NOUN.put("/{report}/dismissal", "report.judge", Report)
def dismiss_report(request: Request, report: Id, body: ReportDismissWrite) -> Report:
    """Nothing is wrong, or it is known."""
    return _told(request, [acts.dismiss(request.act, report, body.note)])[0]


def _told(request: Request, rows: Sequence[models.Report]) -> list[Report]:
    names = request.names.load(r.reported_by for r in rows)
    known = known_to(request.act.who, (r.incident_id for r in rows))
    return [
        Report(
            id=r.id, text=r.text, source_kind=r.source_kind, service=r.service, customer=r.customer,
            customers=r.customers, contact=r.contact, reported_by=names.of(r.reported_by), via=r.via, at=r.at,
            team=r.team, sender=r.sender, verified=r.verified,
            state=r.state, incident=r.incident_id if r.incident_id in known else None, note=r.note,
        )
        for r in rows
    ]  # fmt: skip
