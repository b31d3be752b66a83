"""The business in emergency mode: what is halted, how areas do, how people speak of it, talks offered to customers."""

from __future__ import annotations

from typing import Annotated, Literal

from quarterdeck.app.casebook import Case, load
from quarterdeck.app.desk import inquiry_moods
from quarterdeck.app.response import switches as acts
from quarterdeck.core.incidents import areas, sentiment, switches, talks
from quarterdeck.core.incidents import emergency as parts
from quarterdeck.core.incidents.describe.emergency import LEVELS
from quarterdeck.core.incidents.structure import Switch

from .doors import Request
from .fields import Id, IncidentId, Key, Line, Moment, Named, Number, Read, Text, When, Write
from .operations import Noun
from .pages import Page, whole

SWITCHES = Noun("Operations switches", "/incidents/{incident}/switches")
AREAS = Noun("Status of areas", "/incidents/{incident}/areas")
ROUNDS = Noun("Status of areas", "/incidents/{incident}/area-rounds")
MOOD = Noun("Sentiment reports", "/incidents/{incident}/sentiment")
TALKS = Noun("Customer talks", "/incidents/{incident}/customer-talks")
_ACT, _READ = "incident.act", "incident.read"
Proof = Annotated[str, Text(switches.PROOF_LIMIT, least=1)]


class OperationsSwitch(Read):
    """`state`: normal, halt_requested, halted, resume_requested, not_applicable. `owner_role` confirms its steps;
    `owner` holds it now. `calls` says that a tool is called at each step, `waits_for` why it may not be resumed yet.
    """

    key: str
    title: str
    state: str
    owner_role: str
    owner: Named | None
    eta_at: Moment | None
    evidence: str
    reason: str
    changed_at: Moment | None
    late: bool
    calls: bool
    waits_for: str


class HaltWrite(Write):
    """By when it stands still."""

    eta_at: When


class ProofWrite(Write):
    evidence: Proof


class ResumedWrite(Write):
    evidence: Annotated[str, Text(switches.PROOF_LIMIT)] = ""


class ExcuseWrite(Write):
    reason: Proof


class AreaStatus(Read):
    """`state`: normal, affected, down, unknown, or empty before the first word. `stale`: older than 30 minutes;
    `owed`: asked for, and not said since.
    """

    role: str
    title: str
    holder: Named | None
    state: str
    text: str
    said_by: Named | None
    as_of: Moment | None
    asked_at: Moment | None
    stale: bool
    owed: bool


class AreaWrite(Write):
    state: Literal["normal", "affected", "down", "unknown"]
    text: Annotated[str, Text(areas.TEXT_LIMIT, least=1)]


class AreaRoundWrite(Write):
    """`roles` left out asks all."""

    roles: tuple[Key, ...] = ()


class SentimentReport(Read):
    """`level` from -2 (outrage) to 2 (praise), in words in `mood`. `big`: it has turned since the report before."""

    id: str
    channel: str
    level: int
    mood: str
    volume: int
    posts: str
    said_by: Named
    at: Moment
    big: bool


class InquiryMood(Read):
    """`sentiment`: angry, worried, calm, or empty for what nobody has judged."""

    sentiment: str
    title: str
    count: int


class SentimentWrite(Write):
    """`next_minutes` 0: no further report is owed."""

    channel: Annotated[str, Text(80, least=1)]
    level: Annotated[int, Number(sentiment.LOWEST, sentiment.HIGHEST)]
    volume: Annotated[int, Number(0, sentiment.MOST_VOLUME)] = 0
    posts: Annotated[str, Text(sentiment.POSTS_LIMIT)] = ""
    next_minutes: Annotated[int, Number(0, sentiment.LONGEST_MINUTES)] = 0


class CustomerTalk(Read):
    id: str
    customer: str
    note: str
    offered_by: Named
    offered_at: Moment
    state: str
    ended_at: Moment | None


class CustomerTalks(Read):
    """`weeks`: open offers divided by what a week holds. `warning` is empty while a week holds all that are open."""

    offered: int
    weekly: int
    weeks: float | None
    warning: str
    talks: list[CustomerTalk]


class TalkWrite(Write):
    customer: Annotated[str, Text(200, least=1)]
    note: Line = ""


class CapacityWrite(Write):
    weekly: Annotated[int, Number(1, talks.MOST_WEEKLY)]


class TalkEndWrite(Write):
    state: Literal["held", "withdrawn"]


@SWITCHES.get("", _READ, Page[OperationsSwitch])
def list_operations_switches(request: Request, incident: IncidentId) -> Page[OperationsSwitch]:
    """The outward activity that the structure of this incident knows; none where it knows none."""
    case = load(incident, request.act.who)
    return whole(_switch(request, case, s) for s in case.template.switches)


@SWITCHES.put("/{key}/halt", _ACT, OperationsSwitch)
def halt_switch(request: Request, incident: IncidentId, key: Key, body: HaltWrite) -> OperationsSwitch:
    """Have it stand still by a time."""
    return _one(request, acts.halt(request.act, incident, key, body.eta_at), key)


@SWITCHES.put("/{key}/halted", _ACT, OperationsSwitch)
def confirm_switch_halted(
    request: Request, incident: IncidentId, key: Key, body: ProofWrite
) -> OperationsSwitch:
    """It stands still, with proof. Whoever holds the role of its owner."""
    return _one(request, acts.halted(request.act, incident, key, body.evidence), key)


@SWITCHES.put("/{key}/resume", _ACT, OperationsSwitch)
def resume_switch(request: Request, incident: IncidentId, key: Key) -> OperationsSwitch:
    """Have it run again: after those outside have heard that it is over, in the order of the structure."""
    return _one(request, acts.resume(request.act, incident, key), key)


@SWITCHES.put("/{key}/resumed", _ACT, OperationsSwitch)
def confirm_switch_resumed(
    request: Request, incident: IncidentId, key: Key, body: ResumedWrite
) -> OperationsSwitch:
    """It runs again. Whoever holds the role of its owner."""
    return _one(request, acts.resumed(request.act, incident, key, body.evidence), key)


@SWITCHES.put("/{key}/excuse", _ACT, OperationsSwitch)
def excuse_switch(request: Request, incident: IncidentId, key: Key, body: ExcuseWrite) -> OperationsSwitch:
    """It does not apply in this incident."""
    return _one(request, acts.excuse(request.act, incident, key, body.reason), key)


@AREAS.get("", _READ, Page[AreaStatus])
def list_area_statuses(request: Request, incident: IncidentId) -> Page[AreaStatus]:
    """How each area of ownership does, by role."""
    case = load(incident, request.act.who)
    return whole(_area(request, case, role) for role in areas.roles(case.incident, case.template))


@ROUNDS.post("", _ACT, Page[AreaStatus])
def ask_all_areas(request: Request, incident: IncidentId, body: AreaRoundWrite) -> Page[AreaStatus]:
    """Ask every role, or these, how its area does."""
    case = acts.ask_areas(request.act, incident, tuple(body.roles))
    return whole(_area(request, case, role) for role in areas.roles(case.incident, case.template))


@AREAS.put("/{role}", _ACT, AreaStatus)
def report_area_status(request: Request, incident: IncidentId, role: Key, body: AreaWrite) -> AreaStatus:
    """The word of whoever holds the role."""
    return _area(request, acts.report_area(request.act, incident, role, body.state, body.text), role)


@MOOD.get("", _READ, Page[SentimentReport])
def list_sentiment_reports(request: Request, incident: IncidentId) -> Page[SentimentReport]:
    """How people speak of it, the newest first."""
    found = load(incident, request.act.who).incident.emergency.sentiments.values()
    return whole(_mood(request, s) for s in reversed(list(found)))


@MOOD.get("/inquiries", _READ, list[InquiryMood])
def sum_inquiry_sentiment(request: Request, incident: IncidentId) -> list[InquiryMood]:
    """How those who asked felt about it, the worst first."""
    found = inquiry_moods.of(load(incident, request.act.who).incident, request.act.who)
    return [InquiryMood(sentiment=m.key, title=m.title, count=m.count) for m in found]


@MOOD.post("", _ACT, SentimentReport)
def report_sentiment(request: Request, incident: IncidentId, body: SentimentWrite) -> SentimentReport:
    """How people speak of it in one channel, and when the next report is owed."""
    said = body.model_dump()
    case = acts.report_sentiment(
        request.act, incident, said.pop("channel"), said.pop("level"), said.pop("volume"), **said
    )
    return _mood(request, list(case.incident.emergency.sentiments.values())[-1])


@TALKS.get("", _READ, CustomerTalks)
def list_customer_talks(request: Request, incident: IncidentId) -> CustomerTalks:
    """Talks with single customers, and how long those that are offered will take."""
    return _talks(request, load(incident, request.act.who))


@TALKS.post("", _ACT, CustomerTalks)
def offer_customer_talk(request: Request, incident: IncidentId, body: TalkWrite) -> CustomerTalks:
    return _talks(request, acts.offer(request.act, incident, body.customer, body.note))


@TALKS.put("/capacity", _ACT, CustomerTalks)
def set_talk_capacity(request: Request, incident: IncidentId, body: CapacityWrite) -> CustomerTalks:
    """How many a week holds."""
    return _talks(request, acts.set_capacity(request.act, incident, body.weekly))


@TALKS.put("/{talk}/end", _ACT, CustomerTalks)
def end_customer_talk(request: Request, incident: IncidentId, talk: Id, body: TalkEndWrite) -> CustomerTalks:
    return _talks(request, acts.end_offer(request.act, incident, talk, body.state))


def _one(request: Request, case: Case, key: str) -> OperationsSwitch:
    return _switch(request, case, next(s for s in case.template.switches if s.key == key))


def _switch(request: Request, case: Case, switch: Switch) -> OperationsSwitch:
    s, holder = switches.of(case.incident, switch), case.incident.holder(switch.owner)
    return OperationsSwitch(
        key=switch.key, title=switch.title, state=s.state, owner_role=switch.owner,
        owner=request.names.of(holder.person) if holder else None, eta_at=s.eta_at, evidence=s.evidence,
        reason=s.reason, changed_at=s.changed_at, late=s.level > 0 and s.state == parts.HALT_REQUESTED,
        calls=bool(switch.webhook),
        waits_for=switches.not_yet(case.incident, case.template, switch) if s.state == parts.HALTED else "",
    )  # fmt: skip


def _area(request: Request, case: Case, role: str) -> AreaStatus:
    a = case.incident.emergency.areas.get(role) or parts.Area(role)
    card, holder = case.template.role(role), case.incident.holder(role)
    return AreaStatus(
        role=role, title=card.title if card else role, holder=request.names.of(holder.person) if holder else None,
        state=a.state, text=a.text, said_by=request.names.of(a.said_by) if a.said_by else None, as_of=a.as_of,
        asked_at=a.asked_at, stale=areas.is_stale(a, request.act.at), owed=a.is_owed,
    )  # fmt: skip


def _mood(request: Request, s: parts.Sentiment) -> SentimentReport:
    return SentimentReport(
        id=s.id, channel=s.channel, level=s.level, mood=LEVELS[s.level], volume=s.volume, posts=s.posts,
        said_by=request.names.of(s.said_by), at=s.at, big=s.big,
    )  # fmt: skip


def _talks(request: Request, case: Case) -> CustomerTalks:
    found = talks.forecast(case.incident)
    return CustomerTalks(
        offered=found.offered, weekly=found.weekly, weeks=found.weeks, warning=talks.warning(found),
        talks=[
            CustomerTalk(
                id=o.id, customer=o.customer, note=o.note, offered_by=request.names.of(o.offered_by),
                offered_at=o.offered_at, state=o.state, ended_at=o.ended_at,
            )
            for o in case.incident.emergency.offers.values()
        ],
    )  # fmt: skip
