"""Other organisations in an incident: who is listed, what they are asked, and what their guests are shown."""

from __future__ import annotations

from typing import Annotated, Literal

from quarterdeck.app.casebook import Case, load
from quarterdeck.app.incidents import agencies as acts
from quarterdeck.core.incidents.outside import Agency as Part
from quarterdeck.core.incidents.outside import AgencyRequest as Asked
from quarterdeck.core.kernel.refused import missing

from .doors import Request
from .fields import Id, IncidentId, Moment, Named, Read, Text, Write
from .operations import Noun
from .pages import Page, whole

NOUN = Noun("Agencies", "/incidents/{incident}/agencies")
REQUESTS = Noun("Agencies", "/incidents/{incident}/agency-requests")
SHARING = Noun("Agencies", "/incidents/{incident}/shared-entries")


class Agency(Read):
    """`left_at` null: it is here. A guest whose organisation has this name answers for it."""

    id: str
    name: str
    representative: str
    contact: str
    offers: str
    limits: str
    listed_at: Moment
    left_at: Moment | None
    left_reason: str


class AgencyWrite(Write):
    name: Annotated[str, Text(200, least=1)]
    representative: Annotated[str, Text(200)] = ""
    contact: Annotated[str, Text(300)] = ""
    offers: Annotated[str, Text(2000)] = ""
    limits: Annotated[str, Text(2000)] = ""


class AgencyEndWrite(Write):
    reason: Annotated[str, Text(500)] = ""


class AgencyRequest(Read):
    """`answer` is empty until the agency answered."""

    id: str
    agency: str
    text: str
    asked_by: Named
    asked_at: Moment
    answer: Literal["", "yes", "partly", "no"]
    reply: str
    answered_by: Named | None
    answered_at: Moment | None


class AgencyRequestWrite(Write):
    agency: Id
    text: Annotated[str, Text(2000, least=1)]


class AgencyAnswerWrite(Write):
    """`reply` is needed with every answer but yes."""

    answer: Literal["yes", "partly", "no"]
    reply: Annotated[str, Text(2000)] = ""


class SharedEntries(Read):
    """The ids of the entries that guests are shown."""

    entries: list[str]


@NOUN.get("", "incident.read", Page[Agency])
def list_agencies(request: Request, incident: IncidentId) -> Page[Agency]:
    """Every agency and partner, in the order they were listed."""
    return whole(_agency(a) for a in load(incident, request.act.who).incident.outside.agencies.values())


@NOUN.post("", "incident.act", Agency)
def list_agency(request: Request, incident: IncidentId, body: AgencyWrite) -> Agency:
    """List an organisation. By whoever speaks with others, or the commander."""
    case = acts.put(request.act, incident, "", **body.model_dump())
    return _agency(next(reversed(case.incident.outside.agencies.values())))


@NOUN.put("/{agency}", "incident.act", Agency)
def change_agency(request: Request, incident: IncidentId, agency: Id, body: AgencyWrite) -> Agency:
    """Change what is known of one; one that left is here again."""
    _known(load(incident, request.act.who), agency)
    return _agency(
        acts.put(request.act, incident, agency, **body.model_dump()).incident.outside.agencies[agency]
    )


@NOUN.put("/{agency}/end", "incident.act", Agency)
def agency_left(request: Request, incident: IncidentId, agency: Id, body: AgencyEndWrite) -> Agency:
    """It works on this no more."""
    return _agency(acts.left(request.act, incident, agency, body.reason).incident.outside.agencies[agency])


@REQUESTS.get("", "incident.read", Page[AgencyRequest])
def list_agency_requests(request: Request, incident: IncidentId) -> Page[AgencyRequest]:
    """What agencies were asked, in order, with their answers."""
    found = list(load(incident, request.act.who).incident.outside.requests.values())
    request.names.load(p for r in found for p in (r.asked_by, r.answered_by) if p)
    return whole(_asked(request, r) for r in found)


@REQUESTS.post("", "incident.act", AgencyRequest)
def ask_agency(request: Request, incident: IncidentId, body: AgencyRequestWrite) -> AgencyRequest:
    """Ask an agency for something. Its guests see it on their page."""
    case = acts.ask(request.act, incident, body.agency, body.text)
    return _asked(request, next(reversed(case.incident.outside.requests.values())))


@REQUESTS.put("/{asked}/answer", "incident.act", AgencyRequest)
def answer_agency_request(
    request: Request, incident: IncidentId, asked: Id, body: AgencyAnswerWrite
) -> AgencyRequest:
    """Write down what an agency answered; its guests answer on their own page."""
    case = acts.answer(request.act, incident, asked, body.answer, body.reply)
    return _asked(request, case.incident.outside.requests[asked])


@SHARING.get("", "incident.read", SharedEntries)
def list_shared_entries(request: Request, incident: IncidentId) -> SharedEntries:
    """Which entries guests are shown."""
    return SharedEntries(entries=sorted(load(incident, request.act.who).incident.outside.shared))


@SHARING.put("/{entry}", "incident.act", SharedEntries)
def share_entry(request: Request, incident: IncidentId, entry: Id) -> SharedEntries:
    """Show an entry to guests; what corrects it later is shown, too."""
    case = acts.share(request.act, incident, entry)
    return SharedEntries(entries=sorted(case.incident.outside.shared))


@SHARING.delete("/{entry}", "incident.act")
def unshare_entry(request: Request, incident: IncidentId, entry: Id) -> None:
    """Show it to guests no longer. What they have read they have read."""
    acts.share(request.act, incident, entry, shared=False)


def _known(case: Case, agency: str) -> None:
    if agency not in case.incident.outside.agencies:
        raise missing("agency.unknown", "There is no such agency in this incident. List it first.")


def _agency(a: Part) -> Agency:
    return Agency(
        id=a.id, name=a.name, representative=a.representative, contact=a.contact, offers=a.offers, limits=a.limits,
        listed_at=a.listed_at, left_at=a.left_at, left_reason=a.left_reason,
    )  # fmt: skip


def _asked(request: Request, r: Asked) -> AgencyRequest:
    return AgencyRequest(
        id=r.id, agency=r.agency, text=r.text, asked_by=request.names.of(r.asked_by), asked_at=r.asked_at,
        answer=r.answer, reply=r.reply, answered_by=request.names.maybe(r.answered_by), answered_at=r.answered_at,
    )  # fmt: skip
