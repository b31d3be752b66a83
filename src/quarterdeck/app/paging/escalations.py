"""Escalation runs: started with an alert or by hand, pulled forward, stopped by an answer. `advancing` does what is
due.

A run is there with its timer from the first commit on, and ends with it: an open, unacknowledged alert under a policy
always has exactly one waiting timer or an `exhausted` mark (I9).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from quarterdeck.core.escalation.plan import Position
from quarterdeck.core.escalation.policy import Policy
from quarterdeck.core.kernel.moments import micros, parse, text
from quarterdeck.core.kernel.text import line
from quarterdeck.store import bulk, models
from quarterdeck.store.ids import new_id

from .. import due
from ..alerts import snooze_rows
from ..health import alarms
from .directory import default_policy
from .policy_rows import policy_data, policy_from

NO_POLICY = "no_policy"
KIND = "escalate"
# Severities of alerts that ring at once; the others use the rules for low urgency.
_LOUD = ("critical", "error")


def urgency_of(severity: str) -> str:
    """The urgency of the pages about an alert of this severity."""
    return "high" if severity in _LOUD else "low"


@dataclass(frozen=True, slots=True)
class Subject:
    """What a run is about; exactly one of `alert_id` and `incident_id` is normally set."""

    text: str
    urgency: str = "high"
    alert_id: str = ""
    incident_id: str = ""
    role: str = ""
    drill: bool = False


class Paged(Protocol):
    """An alert that is to be paged: as a row, or as a batch of signals knows it."""

    @property
    def id(self) -> str: ...
    @property
    def severity(self) -> str: ...

    summary: str
    policy_id: str | None


def start_runs(alerts: Sequence[Paged], now: datetime) -> None:
    """Start paging for new alerts: the service's policy, else the integration's, else the default one."""
    if not alerts:
        return
    wanted = {a.policy_id for a in alerts if a.policy_id}
    rows = models.EscalationPolicy.objects.filter(id__in=wanted) if wanted else ()
    pinned = {p.id: _pinned(p) for p in rows}
    if any(a.policy_id not in pinned for a in alerts):
        fallback = default_policy()
        if fallback is not None:
            pinned[""] = _pinned(fallback)
    runs, position, at = [], bulk.plain(position_data(Position())), micros(now)
    for alert in alerts:
        policy = pinned.get(alert.policy_id or "") or pinned.get("")
        if policy is None:
            _no_policy(alert, now)
        else:
            urgency = urgency_of(alert.severity)
            runs.append(
                (
                    new_id(),
                    alert.id,
                    "",
                    "",
                    line(alert.summary, 300),
                    urgency,
                    policy,
                    position,
                    "running",
                    at,
                    False,
                )
            )
    bulk.insert(models.Run, _RUN, runs)
    due.arm_all(KIND, [r[0] for r in runs], now, now)


_RUN = (
    "id", "alert_id", "incident_id", "role", "subject", "urgency", "policy", "position", "state", "started_at", "drill",
)  # fmt: skip


def _pinned(policy: models.EscalationPolicy) -> str:
    return bulk.plain(policy_data(policy_from(policy.definition)))


def _no_policy(alert: Paged, now: datetime) -> None:
    reason = "Nobody was paged: no escalation policy covers this alert and there is no default policy."
    models.AlertEntry.objects.create(alert_id=alert.id, at=now, kind="not_paged", text=reason)
    alarms.raise_alarm(NO_POLICY, alert.id, f"{reason} {alert.summary}", now)


def start(policy: Policy, subject: Subject, now: datetime, position: Position | None = None) -> models.Run:
    """A run that pins a copy of the policy and is due at once, from its first step on or from `position`."""
    run = models.Run.objects.create(
        id=new_id(),
        alert_id=subject.alert_id,
        incident_id=subject.incident_id,
        role=subject.role,
        subject=line(subject.text, 300),
        urgency=subject.urgency,
        policy=policy_data(policy),
        position=position_data(position or Position()),
        started_at=now,
        drill=subject.drill,
    )
    due.arm(KIND, run.id, now, now)
    return run


def hurry(run_id: str, now: datetime) -> None:
    """Somebody could not be reached: the next step fires now instead of when it was due."""
    run = models.Run.objects.filter(id=run_id, state="running").first()
    if run is None or run.position is None:
        return
    models.Run.objects.filter(id=run_id).update(position=run.position | {"due_at": None})
    due.pull(KIND, run_id, now)


def stop_paging(alert_ids: Sequence[str], now: datetime, why: str, answered_by: str = "") -> None:
    """End the runs of these alerts and cancel what has not been handed to a provider yet (T4)."""
    if not alert_ids:
        return
    runs = list(
        models.Run.objects.filter(alert_id__in=alert_ids, state__in=("running", "exhausted")).values_list(
            "id", flat=True
        )
    )
    end_runs(runs, now, "answered" if answered_by else "stopped")
    snooze_rows.end(alert_ids, now, answered_by)
    models.Alarm.objects.filter(kind=NO_POLICY, subject__in=alert_ids, cleared_at=None).update(cleared_at=now)
    waiting = models.Callout.objects.filter(alert_id__in=alert_ids, state="waiting")
    waiting.exclude(person_id=answered_by).update(state="cancelled", note=line(why, 300))
    models.Delivery.objects.filter(alert_id__in=alert_ids, cls="page", state="queued").update(
        state="cancelled", finished_at=now, error=line(why, 300)
    )


def hold(run_ids: Sequence[str]) -> None:
    """Keep every engine from firing the timers of these runs until the transaction ends.

    Whoever fires holds the timer's row, and may leave the next one behind: look again until none is new. Rows are
    locked in one order everywhere: alert, timers, callouts, deliveries.
    """
    waiting = models.Due.objects.filter(kind=KIND, ref__in=run_ids, state="waiting").order_by("id")
    held: set[str] = set()
    while fresh := set(waiting.values_list("id", flat=True)) - held:
        held |= fresh
        list(waiting.select_for_update().values_list("id", flat=True))


def end_runs(run_ids: Sequence[str], now: datetime, state: str) -> None:
    """Stop runs: no further step fires, and their alarms are cleared."""
    if not run_ids:
        return
    hold(run_ids)
    models.Run.objects.filter(id__in=run_ids, state__in=("running", "exhausted")).update(
        state=state, ended_at=now
    )
    due.disarm(KIND, run_ids, now)
    models.Alarm.objects.filter(
        kind__in=("exhausted", "unreachable"), subject__in=run_ids, cleared_at=None
    ).update(cleared_at=now)


def position_data(p: Position) -> dict[str, Any]:
    return {"step": p.step, "cycle": p.cycle, "due_at": text(p.due_at) if p.due_at else None}


def position_from(data: dict[str, Any]) -> Position:
    return Position(data["step"], data["cycle"], parse(data["due_at"]) if data["due_at"] else None)
