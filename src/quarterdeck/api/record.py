"""The record of an incident: its timeline, notes and findings, corrections, pins, decisions."""

from __future__ import annotations

from typing import Annotated, Literal

from ninja import Query
from pydantic import Field

from quarterdeck.app.casebook import load
from quarterdeck.app.incidents import record as acts
from quarterdeck.app.quick import quick
from quarterdeck.app.visibility import must_see
from quarterdeck.core.incidents.parts import Decision as Part
from quarterdeck.core.kernel.refused import missing
from quarterdeck.store import models
from quarterdeck.store.ids import new_id

from .doors import Request
from .fields import Id, IncidentId, Line, LongLine, Moment, Named, Read, Text, When, Write, Yes
from .operations import Noun
from .pages import Page, PageAsked, page, whole

NOUN = Noun("Record", "/incidents/{incident}")
Kind = Literal["note", "finding", "followup", "hypothesis", "impact_pulse", "broadcast", "can", "abnormal"]
Weight = Literal["system", "entry", "key"]


class TimelineLine(Read):
    """A line of the record. `title` is a whole sentence; `entry` is the id that corrections and pins name."""

    seq: int
    kind: str
    weight: Weight
    actor: Named | None
    happened_at: Moment
    entered_at: Moment
    backdated: bool
    title: str
    text: str
    entry: str | None
    pinned: bool
    followup: bool
    superseded_by: str | None


class Decision(Read):
    id: str
    question: str
    options: list[str]
    chosen: str
    reason: str
    objections: str
    kind: str
    decided_by: Named
    decided_at: Moment


class EntryWrite(Write):
    """`happened_at` more than a minute ago makes the entry back-dated. A broadcast reaches every responder."""

    kind: Kind = "note"
    text: Annotated[str, Text(10_000, least=1)]
    happened_at: When | None = None
    pinned: Yes = False
    followup: Yes = False


class SayWrite(Write):
    """A line as it is typed in the war room: `/task @ana in 10m Look at the pool`; without a slash it is a note."""

    text: Annotated[str, Text(10_000, least=1)]


class Said(Read):
    """`text` says what came of it; `lines` is the answer to `/help`."""

    verb: str
    text: str
    lines: list[str]


class CorrectionWrite(Write):
    text: Annotated[str, Text(10_000, least=1)]
    reason: Line = ""


class DecisionWrite(Write):
    """`chosen` is one of `options`, where there are any. Standing down is an act of its own."""

    question: Annotated[str, Text(500, least=1)]
    chosen: Annotated[str, Text(500, least=1)]
    options: Annotated[list[LongLine], Field(max_length=20)] = Field(default_factory=list)
    reason: Annotated[str, Text(2000)] = ""
    objections: Annotated[str, Text(2000)] = ""
    kind: Literal["", "prioritise", "act"] = ""


class TimelineAsked(PageAsked):
    """`weight=key` for the turning points only; `order=desc` for the newest first."""

    weight: Weight | Literal[""] = ""
    order: Literal["asc", "desc"] = "asc"


@NOUN.get("/timeline", "incident.read", Page[TimelineLine])
def list_timeline(request: Request, incident: IncidentId, asked: Query[TimelineAsked]) -> Page[TimelineLine]:
    """Everything that happened, by the time it happened."""
    must_see(request.act.who, incident)
    rows = models.TimelineRow.objects.filter(incident_id=incident)
    if asked.weight:
        rows = rows.filter(weight=asked.weight)
    falling = "-" if asked.order == "desc" else ""
    return page(asked, rows, (f"{falling}happened_at", f"{falling}seq"), lambda found: _lines(request, found))


@NOUN.post("/entries", "incident.act", TimelineLine)
def write_entry(request: Request, incident: IncidentId, body: EntryWrite) -> TimelineLine:
    """Write a note, a finding or another entry."""
    entry_id = new_id()
    acts.write(
        request.act,
        incident,
        body.kind,
        body.text,
        happened_at=body.happened_at,
        pinned=body.pinned,
        followup=body.followup,
        entry_id=entry_id,
    )
    return _entry(request, incident, entry_id)


@NOUN.post("/say", "incident.act", Said)
def say(request: Request, incident: IncidentId, body: SayWrite) -> Said:
    """Carry out a typed line; a command that does not exist is refused with the nearest one."""
    return Said.model_validate(quick.say(request.act, incident, body.text))


@NOUN.post("/entries/{entry}/corrections", "incident.act", TimelineLine)
def correct_entry(request: Request, incident: IncidentId, entry: Id, body: CorrectionWrite) -> TimelineLine:
    """Another text for an entry; the old one stays readable."""
    case = acts.correct(request.act, incident, entry, body.text, body.reason)
    return _entry(request, incident, case.incident.entries[entry].superseded_by)


@NOUN.put("/entries/{entry}/pin", "incident.act")
def pin_entry(request: Request, incident: IncidentId, entry: Id) -> None:
    """Keep an entry on top for everybody."""
    acts.pin(request.act, incident, entry)


@NOUN.delete("/entries/{entry}/pin", "incident.act")
def unpin_entry(request: Request, incident: IncidentId, entry: Id) -> None:
    """Let a pinned entry go."""
    acts.pin(request.act, incident, entry, pinned=False)


@NOUN.put("/entries/{entry}/followup", "incident.act")
def flag_entry(request: Request, incident: IncidentId, entry: Id) -> None:
    """Mark an entry for follow-up after the incident."""
    acts.flag(request.act, incident, entry)


@NOUN.delete("/entries/{entry}/followup", "incident.act")
def unflag_entry(request: Request, incident: IncidentId, entry: Id) -> None:
    """Take the mark for follow-up away."""
    acts.flag(request.act, incident, entry, followup=False)


@NOUN.get("/decisions", "incident.read", Page[Decision])
def list_decisions(request: Request, incident: IncidentId) -> Page[Decision]:
    """Every decision, with the options it was taken from."""
    case = load(incident, request.act.who)
    return whole(_decision(request, d) for d in case.incident.decisions.values())


@NOUN.post("/decisions", "incident.act", Decision)
def make_decision(request: Request, incident: IncidentId, body: DecisionWrite) -> Decision:
    """Record a decision."""
    case = acts.decide(
        request.act,
        incident,
        body.question,
        body.chosen,
        options=tuple(body.options),
        reason=body.reason,
        objections=body.objections,
        kind=body.kind,
    )
    return _decision(request, next(reversed(case.incident.decisions.values())))


def _decision(request: Request, part: Part) -> Decision:
    plain = {n: getattr(part, n) for n in Decision.model_fields if n not in ("decided_by", "options")}
    return Decision(**plain, options=list(part.options), decided_by=request.names.of(part.decided_by))


def _entry(request: Request, incident_id: str, entry_id: str) -> TimelineLine:
    rows = models.TimelineRow.objects.filter(incident_id=incident_id, entry_id=entry_id).order_by("seq")
    found = _lines(request, list(rows[:1]))
    if not found:
        raise missing("entry.unknown", "There is no such entry in this incident. Reload the timeline.")
    return found[0]


def _lines(request: Request, rows: list[models.TimelineRow]) -> list[TimelineLine]:
    names = request.names.load(r.actor for r in rows)
    plain = [n for n in TimelineLine.model_fields if n not in ("actor", "entry", "superseded_by")]
    return [
        TimelineLine(
            **{n: getattr(r, n) for n in plain},
            actor=names.maybe(r.actor),
            entry=r.entry_id or None,
            superseded_by=r.superseded_by or None,
        )
        for r in rows
    ]
