"""What goes over when an incident is merged into another, beside its people, alerts, deadlines and suppliers: all
that somebody still has to act on. What has happened stays in the record of the incident it happened in, readable there.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from .agencies import MOST as MOST_AGENCIES
from .crew import Workstream
from .events import Event, HypothesisJudged, HypothesisStated, SafetyCleared, SafetyStopped, TaskGiven
from .events.business import AuthorityEnded
from .events.crew import WorkstreamEnded, WorkstreamJoined, WorkstreamOpened
from .events.ics_resources import RequestEnded, ResourceRequested
from .events.outside import AgencyAsked, AgencyListed
from .events.technical import ChoiceOpened, ChoiceSettled, PollClosed, RemediationEnded, RemediationProposed
from .ics.requests import next_number
from .ics.resource_parts import ResourceRequest
from .state import Incident
from .tasks import TITLE_LIMIT
from .workstreams import of_person

_UNDECIDED = ("proposed", "testing")
# Not ordered yet: asked for again there. From the order on the money is bound here.
_UNORDERED = ("requested", "approved")
_OVER = ("released", "refused", "cancelled")
_TRACK_MINUTES = 60


def ending(incident: Incident, other: Incident) -> list[Event]:
    """What ends here because it goes on in `other`, so that nothing is open twice or left to nobody."""
    there = f"It goes on in {other.key}."
    work, crew = incident.technical, incident.crew
    return [
        *(
            RemediationEnded(r.id, "stopped", f"Its task goes on in {other.key}.", r.title)
            for r in work.remediations.values()
            if r.state == "running"
        ),
        *(
            RemediationEnded(r.id, "withdrawn", there, r.title)
            for r in work.remediations.values()
            if r.state == "proposed"
        ),
        *(ChoiceSettled(c.id, "dropped", question=c.question) for c in work.choices.values() if c.is_open),
        *(PollClosed(p.id, "withdrawn", p.proposal) for p in work.polls.values() if p.is_open),
        *(WorkstreamEnded(w.id, there, w.title) for w in crew.open_workstreams()),
        *(
            SafetyCleared(s.id, s.title, f"Not safe yet: it stands in {other.key}.")
            for s in crew.open_stops()
        ),
        *(
            AuthorityEnded(d.id, d.to_person, f"The incident goes on as {other.key}: lend it there anew.")
            for d in incident.business.delegations.values()
            if d.ended_at is None
        ),
        *(
            RequestEnded(r.id, "cancelled", there, r.number)
            for r in incident.ics.requests.values()
            if r.state in _UNORDERED
        ),
    ]


@dataclass(frozen=True, slots=True)
class Arrivals:
    """`acting` are those who act in this incident once everybody has come; `tasks` what the tasks are called here."""

    acting: frozenset[str]
    tasks: Mapping[str, str]


def carried(incident: Incident, other: Incident, came: Arrivals, ids: Iterator[str]) -> list[Event]:
    """What `incident` takes on of `other`, under ids of its own."""
    streams, opened = _streams(incident, other, came, ids)
    places = streams | {old: ("task", new) for old, new in came.tasks.items()}
    return [
        *_causes(other, ids),
        *_proposals(other, ids),
        *opened,
        *_stops(other, places, ids),
        *_requests(incident, other, ids),
        *_agencies(incident, other, ids),
    ]


def _causes(other: Incident, ids: Iterator[str]) -> Iterator[Event]:
    for h in other.crew.hypotheses.values():
        if h.state in _UNDECIDED:
            key = next(ids)
            yield HypothesisStated(key, h.text, h.owner)
            if h.state != "proposed":
                yield HypothesisJudged(key, h.state, h.evidence)


def _proposals(other: Incident, ids: Iterator[str]) -> Iterator[Event]:
    """Proposals are decided there, with their own approval; a question whose time ran is laid out to be decided."""
    for r in other.technical.remediations.values():
        if r.state == "proposed":
            yield RemediationProposed(
                next(ids), r.title, r.plan, r.risk, r.rollback, r.kind, r.assignee, r.minutes
            )
    for c in other.technical.choices.values():
        if c.is_open:
            yield ChoiceOpened(next(ids), c.question, c.options, c.risks, c.effects)
    for p in other.technical.polls.values():
        if p.is_open:
            objected = "; ".join(p.objections.values()).replace("\n", " ")[:500]
            yield ChoiceOpened(next(ids), p.proposal, ("Do it", "Leave it"), (objected, ""), ("", ""))


def _streams(
    incident: Incident, other: Incident, came: Arrivals, ids: Iterator[str]
) -> tuple[dict[str, tuple[str, str]], list[Event]]:
    """Sub-teams under their leaders; one whose leader cannot lead here becomes a task of whoever commands. With them,
    by the id there, what each is here and its id.
    """
    found: dict[str, tuple[str, str]] = {}
    events: list[Event] = []
    commander = incident.commander.person if incident.commander else ""
    keys = {w.key for w in incident.crew.open_workstreams()}
    for w in other.crew.open_workstreams():
        if w.leader not in came.acting or w.leader == commander or of_person(incident, w.leader):
            found[w.id] = ("task", next(ids))
            events.append(_leaderless(w, other, commander, found[w.id][1]))
            continue
        key, title = w.key, w.title
        if key in keys:
            key, title = f"{w.key}_{other.number}"[:60], f"{w.title} ({other.key})"
        keys.add(key)
        made = next(ids)
        found[w.id] = ("workstream", made)
        events.append(WorkstreamOpened(made, key, title, w.leader, w.room, w.every_minutes))
        events += [
            WorkstreamJoined(made, p, title)
            for p in w.members
            if p in came.acting and p != commander and not of_person(incident, p)
        ]
    return found, events


def _leaderless(w: Workstream, other: Incident, commander: str, key: str) -> Event:
    title = f"Give the sub-team {w.title} of {other.key} a leader, or end it"
    return TaskGiven(key, title[:TITLE_LIMIT], commander, _TRACK_MINUTES)


def _stops(other: Incident, places: Mapping[str, tuple[str, str]], ids: Iterator[str]) -> Iterator[Event]:
    """What is not safe there is not safe here; work that came as something else is stopped as that."""
    for s in other.crew.open_stops():
        if s.what == "everything":
            yield SafetyStopped(next(ids), s.what, "", s.title or f"All work of {other.key}", s.reason)
        elif s.subject in places:
            what, subject = places[s.subject]
            yield SafetyStopped(next(ids), what, subject, s.title, s.reason)


def _requests(incident: Incident, other: Incident, ids: Iterator[str]) -> Iterator[Event]:
    """What is not ordered yet is asked for here, to be approved here. What is ordered is bound and counted there:
    somebody here sees that it arrives.
    """
    number = next_number(incident.ics)
    commander = incident.commander.person if incident.commander else ""
    for r in other.ics.requests.values():
        if r.state in _UNORDERED:
            yield ResourceRequested(
                next(ids), number, r.quantity, r.kind, r.item, r.type, r.priority, r.deliver_to, r.substitutes,
                r.needed_at, "", r.cost, r.position, r.cost_minor, r.currency,
            )  # fmt: skip
            number += 1
        elif r.state not in _OVER:
            yield TaskGiven(next(ids), _tracking(r, other), commander, _TRACK_MINUTES)


def _tracking(r: ResourceRequest, other: Incident) -> str:
    ordered = f", order {r.order_number} at {r.supplier}" if r.order_number else ""
    title = f"See to request {r.number} of {other.key}: {r.quantity} {r.kind}, {r.state.replace('_', ' ')}{ordered}"
    return title[:TITLE_LIMIT]


def _agencies(incident: Incident, other: Incident, ids: Iterator[str]) -> Iterator[Event]:
    """Organisations that are not listed here yet, and what they have not answered."""
    here = {a.name.casefold(): a.id for a in incident.outside.agencies.values() if a.is_here}
    known: dict[str, str] = {}
    for a in other.outside.agencies.values():
        if not a.is_here or len(here) >= MOST_AGENCIES:
            continue
        known[a.id] = here.get(a.name.casefold()) or next(ids)
        if a.name.casefold() not in here:
            here[a.name.casefold()] = known[a.id]
            yield AgencyListed(known[a.id], a.name, a.representative, a.contact, a.offers, a.limits)
    for r in other.outside.requests.values():
        if r.is_open and r.agency in known:
            yield AgencyAsked(next(ids), known[r.agency], other.outside.agencies[r.agency].name, r.text)
