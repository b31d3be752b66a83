"""A business incident: what it mirrors of the technical one, who has accepted, the briefing, the grid, its step."""

from __future__ import annotations

from typing import Annotated, Literal

from quarterdeck.app.casebook import Case, load
from quarterdeck.app.response import response as acts
from quarterdeck.core.incidents import readiness
from quarterdeck.core.incidents.response import INITIAL, QUESTIONS, STEPS
from quarterdeck.core.incidents.response_gate import child_gate
from quarterdeck.core.incidents.response_grid import grid
from quarterdeck.core.kernel.refused import missing

from .doors import Request
from .fields import IncidentId, Line, Moment, Named, Read, Text, Write
from .operations import Noun

NOUN = Noun("Business response", "/incidents/{incident}/business-response")
_ACT = "incident.act"
Step = Literal[STEPS[:-1]]  # type: ignore[valid-type]
Question = Literal[tuple(QUESTIONS)]  # type: ignore[valid-type]
Role = Literal[INITIAL]  # type: ignore[valid-type]


class Mirror(Read):
    """The technical incident as it stands; read-only here."""

    incident: str
    title: str
    phase: str
    severity: int
    commander: Named | None
    facts: dict[str, str]
    as_of: Moment


class Initial(Read):
    role: str
    title: str
    person: Named | None
    accepted: bool


class BriefingAnswer(Read):
    """`text` is null while the question is open: then it is an ask of the customer liaison."""

    question: str
    title: str
    text: str | None
    by: Named | None
    at: Moment | None


class GridMessage(Read):
    id: str
    state: str
    headline: str


class GridRow(Read):
    """What each audience hears in a phase of the technical incident; null where nothing is written yet."""

    phase: str
    opened_at: Moment
    current: bool
    messages: dict[str, GridMessage | None]


class GateItem(Read):
    key: str
    text: str
    met: bool


class BusinessResponse(Read):
    """`ready` opens the briefing. `gate` is what resolving asks for. `waiting_release`: messages that only wait for the
    technical commander. `preliminary` is for inside only.
    """

    parent: Mirror
    step: str
    ready: bool
    initial: list[Initial]
    briefing_opened_at: Moment | None
    briefing: list[BriefingAnswer]
    enough_by: Named | None
    enough_at: Moment | None
    grid: list[GridRow]
    gate: list[GateItem]
    waiting_release: list[str]
    preliminary: str
    preliminary_by: Named | None
    preliminary_at: Moment | None


class BusinessStepWrite(Write):
    """`override_reason` goes on past what is missing; going back takes a `reason`."""

    step: Step
    reason: Line = ""
    override_reason: Line = ""


class BriefingAnswerWrite(Write):
    text: Annotated[str, Text(readiness.TEXT_LIMIT, least=1)]


class PreliminaryWrite(Write):
    text: Annotated[str, Text(20_000, least=1)]


@NOUN.get("", "incident.read", BusinessResponse)
def get_business_response(request: Request, incident: IncidentId) -> BusinessResponse:
    """How the business incident stands."""
    return _response(request, load(incident, request.act.who))


@NOUN.put("/step", _ACT, BusinessResponse)
def set_business_step(request: Request, incident: IncidentId, body: BusinessStepWrite) -> BusinessResponse:
    """Say how the business incident stands. The Business Lead, or whoever stands in for them."""
    return _response(request, acts.set_step(request.act, incident, **body.model_dump()))


@NOUN.put("/acceptance/{role}", _ACT, BusinessResponse)
def accept_initial_role(request: Request, incident: IncidentId, role: Role) -> BusinessResponse:
    """Whoever holds a role of the initial group says that they are there."""
    return _response(request, acts.accept(request.act, incident, role))


@NOUN.put("/briefing/{question}", _ACT, BusinessResponse)
def answer_briefing(
    request: Request, incident: IncidentId, question: Question, body: BriefingAnswerWrite
) -> BusinessResponse:
    """Answer a question of the briefing, or mend the answer."""
    return _response(request, acts.answer(request.act, incident, question, body.text))


@NOUN.put("/briefing", _ACT, BusinessResponse)
def confirm_briefing(request: Request, incident: IncidentId) -> BusinessResponse:
    """The Technical SLT has enough detail."""
    return _response(request, acts.confirm(request.act, incident))


@NOUN.put("/preliminary-analysis", _ACT, BusinessResponse)
def write_preliminary_analysis(
    request: Request, incident: IncidentId, body: PreliminaryWrite
) -> BusinessResponse:
    """Write the preliminary analysis, for inside only."""
    return _response(request, acts.write_preliminary(request.act, incident, body.text))


def _response(request: Request, case: Case) -> BusinessResponse:
    incident, now, names = case.incident, case.incident.response, request.names
    if now.mirror is None:
        message = f"{incident.key} is not the business response to another incident."
        raise missing("response.none", message)
    titles = {r.key: r.title for r in case.template.roles}
    return BusinessResponse(
        parent=Mirror(
            incident=now.parent,
            title=now.mirror.title,
            phase=now.mirror.phase,
            severity=now.mirror.severity,
            commander=names.of(now.mirror.commander) if now.mirror.commander else None,
            facts=dict(now.mirror.facts),
            as_of=now.mirror.at,
        ),
        step=now.step,
        ready=not readiness.waiting_for(incident),
        initial=[
            Initial(
                role=role,
                title=titles.get(role, role),
                person=names.of(held.person) if (held := incident.holder(role)) else None,
                accepted=readiness.has_accepted(incident, role),
            )
            for role in INITIAL
        ],
        briefing_opened_at=now.briefing_opened_at,
        briefing=[_answer(request, case, key, title) for key, title in QUESTIONS.items()],
        enough_by=names.of(now.enough_by) if now.enough_by else None,
        enough_at=now.enough_at,
        grid=[
            GridRow(
                phase=row.phase,
                opened_at=row.opened_at,
                current=row.current,
                messages={
                    a: GridMessage(id=m.id, state=m.state, headline=m.headline) if m else None
                    for a, m in row.messages.items()
                },
            )
            for row in grid(incident, case.template)
        ],
        gate=[GateItem(key=key, text=text, met=met) for key, text, met in child_gate(incident)],
        waiting_release=[m.id for m in acts.release_waits(case, request.act.at)],
        preliminary=now.preliminary,
        preliminary_by=names.of(now.preliminary_by) if now.preliminary_by else None,
        preliminary_at=now.preliminary_at,
    )


def _answer(request: Request, case: Case, key: str, title: str) -> BriefingAnswer:
    found = case.incident.response.answers.get(key)
    return BriefingAnswer(
        question=key,
        title=title,
        text=found.text if found else None,
        by=request.names.of(found.by) if found else None,
        at=found.at if found else None,
    )
