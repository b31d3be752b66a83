"""What people make of a rule's proposals: accepting one is the change itself, by their own rights."""

from __future__ import annotations

from quarterdeck.app import casebook
from quarterdeck.app.act import Act
from quarterdeck.app.casebook import Case
from quarterdeck.app.catalog.catalogue import current
from quarterdeck.core.incidents import Event, Incident, Template, assess, phases, proposals
from quarterdeck.core.incidents.guards import known
from quarterdeck.core.kernel.refused import Refused
from quarterdeck.core.kernel.text import line


def accept(act: Act, incident_id: str, proposal_id: str) -> Case:
    """Do what is proposed. Resolving asks for more than a yes: it is done on its own page."""

    def decide(i: Incident, t: Template) -> list[Event]:
        one = known(i.proposals.get(proposal_id), "proposal.unknown", "proposal")
        settled = proposals.settle(i, t, act.who, proposal_id=proposal_id, outcome="accepted")
        if not settled:
            return []
        why = line(f"{one.reason} (proposed by {one.name})", 500)
        if one.kind == "severity":
            rank = int(one.value)
            made = assess.set_severity(i, t, current(), act.who, severity=rank, reason=why, at=act.at)
        elif one.value == "resolved":
            text = (
                "Resolve the incident with its code and the time service was back; the proposal ends with it."
            )
            raise Refused("proposal.resolve", text, kind="conflict")
        else:
            made = phases.change_phase(i, t, act.who, phase=one.value, reason=why, override_reason="")
        return [*made, *settled]

    return casebook.change(act, incident_id, decide)


def decline(act: Act, incident_id: str, proposal_id: str) -> Case:
    """Leave it as it is."""
    return casebook.change(
        act,
        incident_id,
        lambda i, t: proposals.settle(i, t, act.who, proposal_id=proposal_id, outcome="declined"),
    )
