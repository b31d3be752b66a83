"""How what rules propose changes an incident. That a rule ran changes nothing."""

from __future__ import annotations

from dataclasses import replace
from typing import assert_never

from ..events import Stamped
from ..events.automation import AutomationEvent, ProposalSettled, Proposed, RuleRan
from ..parts import Proposal
from ..state import Incident
from .fold import change, put


def automation(state: Incident, stamped: Stamped, event: AutomationEvent) -> Incident:
    match event:
        case RuleRan():
            return state
        case Proposed():
            made = Proposal(
                event.proposal_id,
                event.kind,
                event.value,
                event.reason,
                event.name,
                stamped.actor,
                stamped.at,
            )
            return replace(state, proposals=put(state.proposals, made.id, made))
        case ProposalSettled():
            if event.proposal_id not in state.proposals:
                return state
            by, at = stamped.actor, stamped.at
            settled = change(
                state.proposals, event.proposal_id, outcome=event.outcome, settled_by=by, settled_at=at
            )
            return replace(state, proposals=settled)
        case _:
            assert_never(event)
