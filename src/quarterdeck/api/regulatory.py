"""Legal deadlines: the library of the organisation, and the clocks of an incident. No legal advice."""

from __future__ import annotations

from typing import Annotated, Literal

from quarterdeck.app.casebook import load
from quarterdeck.app.incidents import regulatory as acts
from quarterdeck.app.response.business_rules import rules
from quarterdeck.core.incidents import business as parts

from .doors import Request
from .fields import IncidentId, Key, LongLine, Moment, Named, Read, Text, When, Write
from .operations import Noun
from .pages import Page, whole

NOUN = Noun("Legal deadlines", "/incidents/{incident}/legal-deadlines")
LIBRARY = Noun("Legal deadlines", "/legal-deadlines")
_ACT = "incident.act"


class DeadlineRule(Read):
    """`hours` from the moment people become aware; `starts_itself` when an incident of its kind is declared."""

    key: str
    title: str
    source: str
    hours: float
    owner: str
    starts_itself: bool
    note: str


class LegalDeadline(Read):
    """`state`: running, met, not_applicable. `owner` answered for it when it began."""

    key: str
    title: str
    source: str
    why: str
    owner: Named
    aware_at: Moment
    due_at: Moment
    overdue: bool
    state: str
    ended_at: Moment | None
    note: str


class DeadlineWrite(Write):
    """`aware_at` left out is now."""

    key: Key
    aware_at: When | None = None
    why: LongLine = ""


class DeadlineEndWrite(Write):
    """How it was met, or why it does not apply."""

    state: Literal["met", "not_applicable"]
    note: Annotated[str, Text(2000, least=1)]


@LIBRARY.get("", "incident.read", Page[DeadlineRule])
def list_deadline_rules(request: Request) -> Page[DeadlineRule]:
    """The legal deadlines that incidents may start."""
    return whole(
        DeadlineRule(
            key=c.key, title=c.title, source=c.source, hours=c.within.total_seconds() / 3600, owner=c.owner,
            starts_itself=c.when is not None, note=c.note,
        )
        for c in rules().clocks
    )  # fmt: skip


@NOUN.get("", "incident.read", Page[LegalDeadline])
def list_legal_deadlines(request: Request, incident: IncidentId) -> Page[LegalDeadline]:
    """The legal deadlines of an incident."""
    found = load(incident, request.act.who).incident.business.regulatory.values()
    return whole(_told(request, c) for c in found)


@NOUN.post("", _ACT, LegalDeadline)
def start_legal_deadline(request: Request, incident: IncidentId, body: DeadlineWrite) -> LegalDeadline:
    """Start a deadline of the library by hand."""
    case = acts.start(request.act, incident, body.key, body.aware_at, body.why)
    return _told(request, case.incident.business.regulatory[body.key])


@NOUN.put("/{key}/end", _ACT, LegalDeadline)
def end_legal_deadline(
    request: Request, incident: IncidentId, key: Key, body: DeadlineEndWrite
) -> LegalDeadline:
    """It is met, or does not apply; with how or why."""
    case = acts.end(request.act, incident, key, body.state, body.note)
    return _told(request, case.incident.business.regulatory[key])


def _told(request: Request, c: parts.RegulatoryClock) -> LegalDeadline:
    return LegalDeadline(
        key=c.key, title=c.title, source=c.source, why=c.why, owner=request.names.of(c.owner), aware_at=c.aware_at,
        due_at=c.due_at, overdue=c.overdue, state=c.state, ended_at=c.ended_at, note=c.note,
    )  # fmt: skip
