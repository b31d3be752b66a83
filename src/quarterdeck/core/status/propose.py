"""Which state alerts suggest for a component, and when: worse at once, better only after a quiet while.

It never overrules a person: it may publish only what it published before, everything else is a proposal.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal

from quarterdeck.core.kernel.moments import spoken
from quarterdeck.core.kernel.text import counted

from .words import ComponentState, label, rank, worst


def _degraded() -> Mapping[str, ComponentState]:
    return dict.fromkeys(("critical", "error", "warning"), "degraded_performance")


# What the alerts of a component's services may do: nothing, propose a state to a person, or publish it.
RULES = ("off", "propose", "publish")
LONGEST_HOLD_DOWN = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Rule:
    """What the alerts of a component's services mean for it. `states` is by severity; no entry means nothing.

    `hold_down` is how long every alert must be over before the component is called better again.
    """

    component: str
    states: Mapping[str, ComponentState] = field(default_factory=_degraded)
    hold_down: timedelta = timedelta(minutes=10)
    publishes: bool = False


@dataclass(frozen=True, slots=True)
class Firing:
    """An alert of the component, running or over."""

    alert: str
    severity: str
    opened_at: datetime
    resolved_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Shown:
    """What the page shows now. `by_rule`: this rule published it. `pending` waits for a person's decision,
    `dismissed` is what a person refused since the alerts were last quiet.
    """

    state: ComponentState
    by_rule: bool = False
    pending: ComponentState | None = None
    dismissed: ComponentState | None = None


@dataclass(frozen=True, slots=True)
class Proposal:
    """`wake_at` is when to ask again although nothing happens: the hold-down of an alert ends then."""

    action: Literal["none", "propose", "publish", "withdraw"]
    state: ComponentState
    reason: str
    wake_at: datetime | None = None


def propose(rule: Rule, shown: Shown, alerts: Sequence[Firing], now: datetime) -> Proposal:
    """What to do about the component now. Asked twice for the same facts it changes nothing twice.

    An alert counts while it runs and for the hold-down after its end, so one that flaps is one disturbance.
    Withdraw means that a pending proposal has lost its ground.
    """
    counting = [a for a in alerts if a.resolved_at is None or now < a.resolved_at + rule.hold_down]
    meant = worst(rule.states.get(a.severity, "operational") for a in counting)
    wake_at = min(
        (a.resolved_at + rule.hold_down for a in counting if a.resolved_at is not None), default=None
    )
    if shown.state == "under_maintenance":
        return Proposal("none", shown.state, "Planned maintenance is shown; alerts change nothing.", wake_at)
    if rank(meant) > rank(shown.state):
        return _worse(rule, shown, counting, meant, wake_at)
    if shown.pending is not None and shown.pending != meant:
        return Proposal("withdraw", meant, "The alerts no longer mean what was proposed.", wake_at)
    if rank(meant) < rank(shown.state) and shown.by_rule:
        quiet = f"Its alerts have been quiet for {spoken(rule.hold_down)}"
        return _act(rule, shown, meant, f"{quiet}: {label(meant).lower()} again.", wake_at)
    if rank(meant) < rank(shown.state):
        return Proposal("none", shown.state, "A person set this state; a person takes it back.", wake_at)
    return Proposal("none", shown.state, "The page shows what the alerts mean.", wake_at)


def _worse(
    rule: Rule, shown: Shown, counting: Sequence[Firing], meant: ComponentState, wake_at: datetime | None
) -> Proposal:
    if shown.dismissed is not None and rank(meant) <= rank(shown.dismissed):
        return Proposal("none", shown.state, "A person dismissed this proposal.", wake_at)
    count = sum(1 for a in counting if rule.states.get(a.severity) == meant)
    reason = f"{counted(count, 'alert means', 'alerts mean')} {label(meant).lower()}."
    return _act(rule, shown, meant, reason, wake_at)


def _act(rule: Rule, shown: Shown, state: ComponentState, reason: str, wake_at: datetime | None) -> Proposal:
    # Over a state that a person chose, even a rule that publishes only proposes.
    if rule.publishes and (shown.by_rule or shown.state == "operational"):
        return Proposal("publish", state, reason, wake_at)
    if shown.pending == state:
        return Proposal("none", shown.state, "Already proposed.", wake_at)
    return Proposal("propose", state, reason, wake_at)
