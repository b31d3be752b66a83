"""Events of automation: a rule ran in an incident, proposed something, and what a person made of it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class RuleRan:
    """`done` and `failed` are one sentence each for an action. `trigger` is what set it off."""

    run_id: str
    rule: str
    version: int
    name: str
    trigger: str
    done: tuple[str, ...] = ()
    failed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Proposed:
    """`kind` is severity or phase. Nothing changes until a person says so."""

    proposal_id: str
    kind: str
    value: str
    reason: str
    name: str


@dataclass(frozen=True, slots=True)
class ProposalSettled:
    """`outcome` is accepted or declined."""

    proposal_id: str
    kind: str
    value: str
    outcome: str


AutomationEvent = RuleRan | Proposed | ProposalSettled
