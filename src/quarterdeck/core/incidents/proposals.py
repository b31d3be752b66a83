"""What rules propose and people decide: a severity, a phase. A proposal changes nothing by itself."""

from __future__ import annotations

from quarterdeck.core.access import Who
from quarterdeck.core.kernel.refused import Refused, bad

from .authority import authorise
from .events import Event
from .events.automation import ProposalSettled, Proposed
from .guards import filled, known, not_ended
from .parts import Proposal
from .state import Incident
from .structure import Template

MOST_OPEN = 20


def propose(
    incident: Incident,
    template: Template,
    by: Who,
    *,
    proposal_id: str,
    kind: str,
    value: str,
    reason: str,
    name: str,
    severities: tuple[int, ...] = (1, 2, 3, 4, 5),
) -> list[Event]:
    """[] where it is so already or proposed already."""
    not_ended(incident)
    authorise(incident, template, by, "proposal.make")
    reason = filled(reason, "reason", "Say why.")
    choices = {"severity": tuple(str(s) for s in severities), "phase": template.phases}
    if value not in choices.get(kind, ()):
        raise bad("proposal.unknown", f"There is no {kind} {value} in this structure.")
    if proposal_id in incident.proposals or not is_news(incident, kind, value):
        return []
    standing = open_ones(incident)
    if any((p.kind, p.value) == (kind, value) for p in standing):
        return []
    if len(standing) >= MOST_OPEN:
        raise Refused("proposal.many", "Too many proposals wait for a decision. Settle some of them first.")
    return [Proposed(proposal_id, kind, value, reason, name)]


def is_news(incident: Incident, kind: str, value: str) -> bool:
    """Whether the incident is not so already."""
    if kind == "severity":
        return value != str(incident.severity) or incident.severity_unknown
    return value != incident.phase and not (value == "resolved" and not incident.is_open)


def open_ones(incident: Incident) -> tuple[Proposal, ...]:
    """Those that wait for a decision and still say something new."""
    if incident.has_ended:
        return ()
    return tuple(
        p for p in incident.proposals.values() if not p.outcome and is_news(incident, p.kind, p.value)
    )


def settle(incident: Incident, template: Template, by: Who, *, proposal_id: str, outcome: str) -> list[Event]:
    """By whoever could do it themselves. Accepting is told beside the change it stands for."""
    not_ended(incident)
    one = known(incident.proposals.get(proposal_id), "proposal.unknown", "proposal")
    authorise(incident, template, by, "severity.set" if one.kind == "severity" else "incident.phase")
    if one.outcome:
        if one.outcome == outcome:
            return []
        raise Refused("proposal.settled", f"This proposal was {one.outcome} already.")
    return [ProposalSettled(one.id, one.kind, one.value, outcome)]
