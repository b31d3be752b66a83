"""Help asked of executives, what they offer, and the call for the duty executive."""

from __future__ import annotations

from typing import Annotated, Literal

from quarterdeck.app.casebook import Case, load
from quarterdeck.app.executives import asks
from quarterdeck.core.incidents import asks as parts
from quarterdeck.core.incidents.help_requests import LONGEST_MINUTES

from .doors import Request
from .fields import Id, IncidentId, Moment, Named, Number, Read, Text, Write
from .operations import Noun
from .pages import Page, whole

NOUN = Noun("Executives", "/incidents/{incident}/help-requests")
OFFERS = Noun("Executives", "/incidents/{incident}/help-offers")
CALL = Noun("Executives", "/incidents/{incident}/executive-call")
_ACT, _DO = "incident.act", "executive.act"
Kind = Literal["roadblock", "resource", "access", "spend", "decision", "external_contact"]
OfferKind = Literal["resource", "roadblock", "spend", "external_contact"]
Words = Annotated[str, Text(1000, least=1)]
Note = Annotated[str, Text(1000)]
Minutes = Annotated[int, Number(1, LONGEST_MINUTES)]


class HelpRequest(Read):
    """`state`: open, accepted, done, declined. `asked` is who is asked now; `level` how often it was passed on."""

    id: str
    kind: str
    text: str
    need_by: Moment
    state: str
    asked: Named
    level: int
    late: bool
    accepted_by: Named | None
    reply: str
    asked_at: Moment
    ended_at: Moment | None


class HelpOffer(Read):
    """`state`: open, taken (as the request `help`), declined."""

    id: str
    kind: str
    text: str
    offered_by: Named
    offered_at: Moment
    state: str
    help: str
    reason: str


class ExecutiveCall(Read):
    """`called` says that paging has begun."""

    called: bool


class HelpRequestWrite(Write):
    """`minutes` until it is needed; after that the next executive is asked."""

    kind: Kind
    text: Words
    minutes: Minutes = 30


class HelpNoteWrite(Write):
    note: Note = ""


class HelpReasonWrite(Write):
    reason: Words


class HelpOfferWrite(Write):
    kind: OfferKind
    text: Words


class TakenOfferWrite(Write):
    """`text` empty keeps the words of the offer."""

    minutes: Minutes = 30
    text: Note = ""


class ExecutiveCallWrite(Write):
    reason: Annotated[str, Text(300, least=1)]


@NOUN.get("", "brief.read", Page[HelpRequest])
def list_help_requests(request: Request, incident: IncidentId) -> Page[HelpRequest]:
    """What is asked of executives, and how it stands."""
    found = load(incident, request.act.who).incident.asks.help.values()
    return whole(_told(request, h) for h in found)


@NOUN.post("", _ACT, HelpRequest)
def ask_for_help(request: Request, incident: IncidentId, body: HelpRequestWrite) -> HelpRequest:
    """The commander asks the executives on duty."""
    case, key = asks.ask_help(request.act, incident, body.kind, body.text, body.minutes)
    return _told(request, case.incident.asks.help[key])


@NOUN.put("/{help}/acceptance", _DO, HelpRequest)
def accept_help_request(
    request: Request, incident: IncidentId, help: Id, body: HelpNoteWrite | None = None
) -> HelpRequest:
    """An executive takes it on."""
    return _one(request, asks.accept_help(request.act, incident, help, body.note if body else ""), help)


@NOUN.put("/{help}/refusal", _DO, HelpRequest)
def decline_help_request(
    request: Request, incident: IncidentId, help: Id, body: HelpReasonWrite
) -> HelpRequest:
    """An executive says why not."""
    return _one(request, asks.decline_help(request.act, incident, help, body.reason), help)


@NOUN.put("/{help}/completion", _DO, HelpRequest)
def complete_help_request(
    request: Request, incident: IncidentId, help: Id, body: HelpNoteWrite | None = None
) -> HelpRequest:
    """It is done, says who took it on."""
    return _one(request, asks.finish_help(request.act, incident, help, body.note if body else ""), help)


@NOUN.put("/{help}/receipt", _ACT, HelpRequest)
def receive_help(
    request: Request, incident: IncidentId, help: Id, body: HelpNoteWrite | None = None
) -> HelpRequest:
    """It is done, says the commander who has what was asked for."""
    return _one(request, asks.finish_help(request.act, incident, help, body.note if body else ""), help)


@OFFERS.get("", "brief.read", Page[HelpOffer])
def list_help_offers(request: Request, incident: IncidentId) -> Page[HelpOffer]:
    """What executives offer."""
    found = load(incident, request.act.who).incident.asks.offers.values()
    return whole(_offered(request, o) for o in found)


@OFFERS.post("", _DO, HelpOffer)
def offer_help(request: Request, incident: IncidentId, body: HelpOfferWrite) -> HelpOffer:
    """An executive offers help: a note to the executive liaison."""
    case, key = asks.offer(request.act, incident, body.kind, body.text)
    return _offered(request, case.incident.asks.offers[key])


@OFFERS.put("/{offer}/request", _ACT, HelpOffer)
def take_help_offer(
    request: Request, incident: IncidentId, offer: Id, body: TakenOfferWrite | None = None
) -> HelpOffer:
    """The commander turns an offer into a request to whoever made it."""
    said = body or TakenOfferWrite()
    case = asks.take_offer(request.act, incident, offer, said.minutes, said.text)
    return _offered(request, case.incident.asks.offers[offer])


@OFFERS.put("/{offer}/refusal", _ACT, HelpOffer)
def decline_help_offer(request: Request, incident: IncidentId, offer: Id, body: HelpReasonWrite) -> HelpOffer:
    """The liaison or the commander says why it is not needed."""
    case = asks.decline_offer(request.act, incident, offer, body.reason)
    return _offered(request, case.incident.asks.offers[offer])


@CALL.post("", _ACT, ExecutiveCall)
def call_executive(request: Request, incident: IncidentId, body: ExecutiveCallWrite) -> ExecutiveCall:
    """Page the executive duty with the brief attached: by the commander, the deputy or the executive liaison."""
    asks.call_executive(request.act, incident, body.reason)
    return ExecutiveCall(called=True)


def _one(request: Request, case: Case, key: str) -> HelpRequest:
    return _told(request, case.incident.asks.help[key])


def _told(request: Request, h: parts.HelpRequest) -> HelpRequest:
    return HelpRequest(
        id=h.id, kind=h.kind, text=h.text, need_by=h.need_by, state=h.state, asked=request.names.of(h.person),
        level=h.level, late=h.late, accepted_by=request.names.of(h.accepted_by) if h.accepted_by else None,
        reply=h.reply, asked_at=h.asked_at, ended_at=h.ended_at,
    )  # fmt: skip


def _offered(request: Request, o: parts.Offer) -> HelpOffer:
    return HelpOffer(
        id=o.id, kind=o.kind, text=o.text, offered_by=request.names.of(o.offered_by), offered_at=o.offered_at,
        state=o.state, help=o.help, reason=o.reason,
    )  # fmt: skip
