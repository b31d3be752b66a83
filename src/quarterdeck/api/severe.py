"""The severe score of an incident, the advice of the business SME, the escalation, and how often it happened."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated

from ninja import Query
from pydantic import Field

from quarterdeck.app.casebook import Case, load
from quarterdeck.app.response import response as groups
from quarterdeck.app.response import severe as acts
from quarterdeck.app.response import standby_liaison
from quarterdeck.app.response.business_rules import rules
from quarterdeck.core.incidents.response import SME, SevereRating

from .doors import Request
from .fields import Asked, Id, IncidentId, Line, Moment, Named, Read, Text, Word, Write
from .operations import Noun

NOUN = Noun("Business response", "/incidents/{incident}")
COUNT = Noun("Business response", "/severe-escalations")
_ACT = "incident.act"
Reason = Annotated[str, Text(2000, least=1)]


class SevereScore(Read):
    """100 × visibility × impact × duration × confidence. From `threshold` on the commander is asked to call the
    business SME; nothing happens by itself.
    """

    visibility: str
    impact: str
    duration: str
    confidence: str
    score: int
    threshold: int
    crossed: bool
    rated_by: Named
    rated_at: Moment
    note: str


class SevereAnswer(Read):
    """An answer to an input of the score. `counts` is a number from 0 to 1, written as text."""

    key: str
    title: str
    counts: str


class Severe(Read):
    """`score` is the newest rating. `child` is the business incident once it was escalated."""

    score: SevereScore | None
    threshold: int
    answers: dict[str, list[SevereAnswer]]
    recommended_by: Named | None
    recommended_at: Moment | None
    recommendation: str
    severe_at: Moment | None
    severe_by: Named | None
    child: str | None


class SevereWrite(Write):
    """Answers by their key; see `answers`."""

    visibility: Word
    impact: Word
    duration: Word
    confidence: Word
    note: Annotated[str, Text(2000)] = ""


class RecommendWrite(Write):
    reason: Reason


class EscalateWrite(Write):
    """`lead` leads the business incident, left out: whoever answers the call first. `standby` takes the customer
    liaison's place in the technical one, left out: the next on call.
    """

    reason: Line = ""
    lead: Id | None = None
    standby: Id | None = None


class Escalated(Read):
    child: str


class StandbyWrite(Write):
    person: Id


class ForceWrite(Write):
    reason: Annotated[str, Text(300, least=1)]


class GroupCall(Read):
    """Roles that are called now, that somebody holds already, and that nobody is set for."""

    called: list[str]
    held: list[str]
    nobody: list[str]


class SevereEscalation(Read):
    incident: str
    title: str
    severe_at: Moment
    severe_by: Named


class Escalations(Read):
    """`count` of all in the time; `top_severity` is how many incidents of the top severity were declared in it."""

    count: int
    top_severity: int
    since: Moment
    until: Moment
    items: list[SevereEscalation]


class DaysAsked(Asked):
    days: Annotated[int, Field(ge=1, le=3660)] = 365


@NOUN.get("/severe", "incident.read", Severe)
def get_severe(request: Request, incident: IncidentId) -> Severe:
    """How severe it was judged to be, and what may be answered."""
    return _severe(request, load(incident, request.act.who))


@NOUN.put("/severe/score", _ACT, Severe)
def rate_severe(request: Request, incident: IncidentId, body: SevereWrite) -> Severe:
    """Judge how severe it is for the business."""
    return _severe(request, acts.rate(request.act, incident, **body.model_dump()))


@NOUN.put("/severe/recommendation", _ACT, Severe)
def recommend_severe(request: Request, incident: IncidentId, body: RecommendWrite) -> Severe:
    """The business SME advises to escalate. Recorded; changes nothing."""
    return _severe(request, acts.recommend(request.act, incident, body.reason))


@NOUN.post("/severe/sme-call", _ACT, GroupCall)
def call_business_sme(request: Request, incident: IncidentId) -> GroupCall:
    """Call the business SME on call."""
    return GroupCall.model_validate(groups.page_role(request.act, incident, SME))


@NOUN.post("/severe/escalation", _ACT, Escalated)
def escalate_severe(request: Request, incident: IncidentId, body: EscalateWrite) -> Escalated:
    """Escalate as severe: the business incident is opened. The commander alone; said again, the same one."""
    made = acts.escalate(request.act, incident, body.reason, body.lead or "", body.standby or "")
    return Escalated(child=made.incident.key)


@NOUN.put("/severe/standby", _ACT)
def name_liaison_standby(request: Request, incident: IncidentId, body: StandbyWrite) -> None:
    """Offer the customer liaison's role to a standby, so that the liaison may go into the business incident."""
    standby_liaison.name_standby(request.act, incident, body.person)


@NOUN.put("/handovers/{handover}/force", _ACT)
def force_liaison_handover(request: Request, incident: IncidentId, handover: Id, body: ForceWrite) -> None:
    """Let the customer liaison go before the standby is briefed. The commander alone."""
    standby_liaison.force(request.act, incident, handover, body.reason)


@NOUN.post("/role-groups/{group}/call", _ACT, GroupCall)
def call_role_group(request: Request, incident: IncidentId, group: Word) -> GroupCall:
    """Call the people on call for every free role of a functional group."""
    return GroupCall.model_validate(groups.page_group(request.act, incident, group))


@COUNT.get("", "incident.read", Escalations)
def count_severe_escalations(request: Request, asked: Query[DaysAsked]) -> Escalations:
    """How often incidents were escalated as severe in the last days; drills are not counted."""
    until: datetime = request.act.at + timedelta(microseconds=1)
    since = until - timedelta(days=asked.days)
    found = acts.frequency(request.act, since, until)
    names = request.names.load(r.severe_by for r in found.incidents)
    return Escalations(
        count=found.count,
        top_severity=found.top_severity,
        since=since,
        until=until,
        items=[
            SevereEscalation(
                incident=r.id, title=r.title, severe_at=r.severe_at, severe_by=names.of(r.severe_by)
            )
            for r in found.incidents
        ],
    )


def _severe(request: Request, case: Case) -> Severe:
    now, names = case.incident.response, request.names
    return Severe(
        score=_score(now.rating, request) if now.rating else None,
        threshold=rules().severe.threshold,
        answers={
            name: [SevereAnswer(key=x.key, title=x.title, counts=str(x.counts)) for x in levels]
            for name, levels in rules().severe.levels.items()
        },
        recommended_by=names.of(now.recommended_by) if now.recommended_by else None,
        recommended_at=now.recommended_at,
        recommendation=now.recommendation,
        severe_at=now.severe_at,
        severe_by=names.of(now.severe_by) if now.severe_by else None,
        child=now.child or None,
    )


def _score(rating: SevereRating, request: Request) -> SevereScore:
    return SevereScore(
        visibility=rating.visibility,
        impact=rating.impact,
        duration=rating.duration,
        confidence=rating.confidence,
        score=rating.score,
        threshold=rating.threshold,
        crossed=rating.crossed,
        rated_by=request.names.of(rating.rated_by),
        rated_at=rating.rated_at,
        note=rating.note,
    )
