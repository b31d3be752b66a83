"""Loading an incident, changing it, and appending what was decided: the one path for every incident command.

One transaction: lock, load from the log, decide, append, project, react. A refusal leaves nothing behind.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from quarterdeck.core.access import Who
from quarterdeck.core.incidents import Event, Incident, Stamped, evolve
from quarterdeck.core.incidents.authority import may_read, must_read
from quarterdeck.core.incidents.crew import Crew
from quarterdeck.core.incidents.describe import words
from quarterdeck.core.incidents.own_roles import effective
from quarterdeck.core.incidents.structure import Template
from quarterdeck.core.incidents.technical import Technical
from quarterdeck.core.kernel.refused import missing
from quarterdeck.store import codec, log, models, project, tx

from . import reactions
from .act import Act, engine_act
from .incidents import newer, pins
from .paging.directory import Directory


@dataclass(frozen=True, slots=True)
class Case:
    """An incident with the structure it was declared with."""

    incident: Incident
    template: Template
    _people: dict[str, models.Person] = field(default_factory=dict, init=False, repr=False, compare=False)

    def directory(self, now: datetime) -> Directory:
        """A directory for reading: whoever is named in this incident is looked up together, once a case."""
        found = Directory(now, people=self._people)
        if not self._people:
            found.load_people(_named_in(self.incident))
        return found


def _named_in(incident: Incident) -> set[str]:
    found = {incident.declared_by}
    for a in incident.assignments.values():
        found |= {a.person, a.assigned_by}
    for h in incident.handovers.values():
        found |= {h.from_person, h.to_person}
    for t in incident.tasks.values():
        found |= {t.assignee, t.given_by}
    for m in incident.messages.values():
        found |= {m.drafted_by, m.edited_by, m.released_by, m.submitted_by, m.countersigned_by}
    found |= {v.person for v in incident.approval.verdicts.values()}
    found |= {s.person for s in incident.approval.stand_ins.values()}
    found |= {c.person for c in incident.callouts.values()}
    found |= {d.decided_by for d in incident.decisions.values()}
    found |= _named_in_crew(incident.crew) | _named_in_work(incident.technical) | _named_in_business(incident)
    found |= _named_in_asks(incident)
    found |= _named_in_response(incident)
    return found - {"", "engine", "system"}


def _named_in_response(incident: Incident) -> set[str]:
    now = incident.response
    found = {now.recommended_by, now.severe_by, now.enough_by, now.preliminary_by, now.parent_commander}
    return found | {r.rated_by for r in now.ratings.values()} | {a.by for a in now.answers.values()}


def _named_in_crew(crew: Crew) -> set[str]:
    found = set(crew.presence)
    for w in crew.workstreams.values():
        found |= {w.leader, w.opened_by, *w.members}
    for r in crew.roll_calls.values():
        found |= {r.started_by, *r.asked}
    found |= {r.person for r in crew.reliefs.values()} | {s.ordered_by for s in crew.stops.values()}
    return found | {p for h in crew.hypotheses.values() for p in (h.owner, h.stated_by)}


def _named_in_work(work: Technical) -> set[str]:
    found: set[str] = set()
    for r in work.remediations.values():
        found |= {r.assignee, r.proposed_by, r.decided_by, r.approved_by}
    for p in work.polls.values():
        found |= {p.opened_by, *p.objections}
    found |= {p for f in work.findings.values() for p in (f.reported_by, f.addressed_to)}
    found |= {e.added_by for e in work.evidence.values()} | {w.said_by for w in work.words.values()}
    found |= {c.opened_by for c in work.choices.values()}
    return found | {s.done_by for s in work.steps.values()}


def _named_in_business(incident: Incident) -> set[str]:
    business = incident.business
    found = {p for d in business.delegations.values() for p in (d.from_person, d.to_person)}
    found |= {e.entered_by for e in business.costs.values()} | {
        c.owner for c in business.vendor_cases.values()
    }
    found |= {c.owner for c in business.regulatory.values()}
    found |= {c.activated_by for c in business.continuity.values()}
    emergency = incident.emergency
    found |= {p for a in emergency.areas.values() for p in (a.said_by, a.asked)}
    found |= {s.changed_by for s in emergency.switches.values()}
    found |= {s.said_by for s in emergency.sentiments.values()}
    return found | {p for r in incident.ics.requests.values() for p in (r.requested_by, r.approved_by)}


def _named_in_asks(incident: Incident) -> set[str]:
    asks = incident.asks
    found = {p for h in asks.help.values() for p in (h.person, h.asked_by, h.accepted_by)}
    found |= {o.offered_by for o in asks.offers.values()} | {b.sent_by for b in asks.briefs.values()}
    found |= {p for d in asks.decisions.values() for p in (d.asked_by, d.decided_by)}
    return found | {p for b in asks.briefings.values() for p in (b.presenter, *b.people, *b.present)}


def load_many(incident_ids: Sequence[str], who: Who | None = None) -> dict[str, Case]:
    """As `load`, of many with a few queries however many they are. What is not there, or not for `who`, is left out."""
    pins_ = models.TemplatePin.objects.filter(incident_id__in=list(incident_ids))
    pinned = {pin.incident_id: pin for pin in pins_}
    found = {}
    for key, incident in project.load_many(list(pinned)).items():
        if incident.seq and (who is None or may_read(incident, who)):
            found[key] = Case(incident, effective(codec.decode_template(pinned[key].template), incident))
    return {key: found[key] for key in incident_ids if key in found}


Decide = Callable[[Incident, Template], Sequence[Event]]


def load(incident_id: str, who: Who | None = None) -> Case:
    """An incident as its log tells it. With `who`, restricted incidents do not exist for outsiders."""
    incident = project.load(incident_id)
    pin = models.TemplatePin.objects.filter(incident_id=incident_id).first()
    if incident.seq == 0 or pin is None:
        raise missing("incident.unknown", "There is no such incident. Look it up in the list of incidents.")
    if who is not None:
        must_read(incident, who)
    return Case(incident, effective(codec.decode_template(pin.template), incident))


@tx.again
def change(act: Act, incident_id: str, decide: Decide) -> Case:
    """Run one command on an incident and append what it decides. [] changes nothing and is not an error."""
    try:
        with tx.write("engine", "web"):
            return change_within(act, incident_id, decide)
    except newer.Newer as met:
        with tx.write("web"):
            newer.tell(met, act.at)
        raise


def change_within(act: Act, incident_id: str, decide: Decide) -> Case:
    """As `change`, inside the caller's transaction."""
    log.lock_incident(incident_id)
    case = load(incident_id, act.who)
    newer.must_be_known(case.incident)
    events = list(decide(case.incident, case.template))
    if not events:
        return case
    return append(act, case, incident_id, events)


def append(act: Act, case: Case, incident_id: str, events: Sequence[Event]) -> Case:
    """Append events, bring the read tables up to date, and do what follows from them, in this transaction."""
    newer.must_be_known(case.incident)
    entries = log.append(incident_id, [codec.encode(e) for e in events], at=act.at, actor=act.person)
    stamped: list[Stamped] = [codec.decode(e) for e in entries]
    directory = Directory(act.at)
    before = after = case.incident
    for one in stamped:
        after = evolve(after, one)
    project.project(before, after, stamped, directory.name, titles(effective(case.template, after)))
    changed = Case(after, effective(case.template, after))
    further = reactions.react(act, before, after, changed.template, stamped, directory)
    if further:
        return append(engine_act(act.at), changed, incident_id, further)
    return changed


def titles(template: Template) -> Callable[[str], str]:
    """Display words of roles, audiences, phases and severities of a structure, for the timeline's sentences."""
    known = {r.key: r.title for r in template.roles} | {a.key: a.title for a in template.audiences}
    known |= {str(rank): f"SEV{rank}" for rank in range(1, 6)}
    return lambda key: known.get(key) or words(key)


def rebuild(incident_id: str, at: datetime) -> Incident:
    """Write the read tables of an incident again from its log, each event in the words of the structure it met."""
    with tx.write():
        case = load(incident_id)
        newer.must_be_known(case.incident)
        known = [titles(effective(t, case.incident)) for t in pins.stretches(incident_id)]
        ends = pins.ends(incident_id)

        def words_at(seq: int) -> Callable[[str], str]:
            return known[sum(seq > end for end in ends)]

        return project.rebuild(incident_id, Directory(at).name, words_at)
