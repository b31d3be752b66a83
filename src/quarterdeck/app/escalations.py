"""Escalation runs: started with an alert or by hand, advanced when due (T1), stopped by an answer.

Each advance is one transaction: callouts, their deliveries and the next timer, or the end with an alarm. So an
open, unacknowledged alert under a policy always has exactly one waiting timer or an `exhausted` mark (I9).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from quarterdeck.core.escalation.plan import Plan, Position, plan
from quarterdeck.core.escalation.policy import Policy
from quarterdeck.core.kernel.moments import parse, text
from quarterdeck.core.kernel.text import line
from quarterdeck.store import log, models
from quarterdeck.store.ids import new_id

from . import alarms, due
from .callouts import Request, call
from .directory import Directory, default_policy, policy_data, policy_from
from .visibility import unless_restricted

KIND = "escalate"


@dataclass(frozen=True, slots=True)
class Subject:
    """What a run is about; exactly one of `alert_id` and `incident_id` is normally set."""

    text: str
    urgency: str = "high"
    alert_id: str = ""
    incident_id: str = ""
    role: str = ""
    drill: bool = False


def start_runs(alerts: Sequence[models.Alert], now: datetime) -> None:
    """Start paging for new alerts: the service's policy, else the integration's, else the default one."""
    if not alerts:
        return
    wanted = {p for a in alerts if (p := _policy_id(a))}
    pinned = {
        p.id: policy_data(policy_from(p.definition))
        for p in models.EscalationPolicy.objects.filter(id__in=wanted)
    }
    fallback = default_policy() if any(_policy_id(a) not in pinned for a in alerts) else None
    if fallback is not None:
        pinned[""] = policy_data(policy_from(fallback.definition))
    runs = []
    for alert in alerts:
        policy = pinned.get(_policy_id(alert) or "") or pinned.get("")
        if policy is None:
            _no_policy(alert, now)
        else:
            subject = Subject(alert.summary, _urgency(alert.severity), alert_id=alert.id)
            runs.append(_run(policy, subject, now))
    _begin(runs, now)


def _policy_id(alert: models.Alert) -> str | None:
    service = alert.service
    return (service.policy_id if service else None) or alert.integration.policy_id


def _urgency(severity: str) -> str:
    return "high" if severity in ("critical", "error") else "low"


def _no_policy(alert: models.Alert, now: datetime) -> None:
    reason = "Nobody was paged: no escalation policy covers this alert and there is no default policy."
    models.AlertEntry.objects.create(alert_id=alert.id, at=now, kind="not_paged", text=reason)
    alarms.raise_alarm("no_policy", alert.id, f"{reason} {alert.summary}", now)


def start(policy: Policy, subject: Subject, now: datetime) -> models.Run:
    """A run that pins a copy of the policy and is due at once."""
    run = _run(policy_data(policy), subject, now)
    _begin([run], now)
    return run


def _run(policy: dict[str, Any], subject: Subject, now: datetime) -> models.Run:
    return models.Run(
        id=new_id(),
        alert_id=subject.alert_id,
        incident_id=subject.incident_id,
        role=subject.role,
        subject=line(subject.text, 300),
        urgency=subject.urgency,
        policy=policy,
        position=_position_data(Position()),
        started_at=now,
        drill=subject.drill,
    )


def _begin(runs: Sequence[models.Run], now: datetime) -> None:
    """Runs and their first timers, in as few statements as there can be."""
    models.Run.objects.bulk_create(runs, batch_size=200)
    due.arm_all(KIND, [r.id for r in runs], now, now)


def advance(run_id: str, directory: Directory) -> tuple[models.Run | None, list[models.Callout]]:
    """Do what is due in a run: page a step, say who was skipped, set the next timer or end it (T1).

    Returns the run and the callouts it made.
    """
    now = directory.now
    run = models.Run.objects.filter(id=run_id).first()
    if run is None or run.state != "running" or run.position is None:
        return run, []
    if run.incident_id and run.role:
        log.lock_incident_at_once(run.incident_id)  # who was called is written there next
    made = plan(policy_from(run.policy), _position(run.position), now, directory.on_call)
    run.position = _position_data(made.next) if made.next else None
    if made.exhausted:
        run.state, run.ended_at = "exhausted", now
    run.save(update_fields=["position", "state", "ended_at"])
    if made.next is not None and made.wake_at is not None:
        due.arm(KIND, run.id, made.wake_at, now)
    called = _page(run, made, directory, now)
    if made.exhausted:
        _exhausted(run, made.reason, now)
    return run, called


def _page(run: models.Run, made: Plan, directory: Directory, now: datetime) -> list[models.Callout]:
    together = [p.person for p in made.pages]
    expires = (made.wake_at or now) + timedelta(hours=24)
    called = []
    for page in made.pages:
        _note(run, now, "paged", f"Paged: {page.reason}.")
        called.append(call(
            Request(
                person=page.person, subject=run.subject, reason=page.reason, urgency=run.urgency, run_id=run.id,
                alert_id=run.alert_id, incident_id=run.incident_id, role=run.role, step=page.step,
                cycle=page.cycle, expires_at=expires, together=tuple(p for p in together if p != page.person),
                drill=run.drill,
            ),
            directory,
        ))  # fmt: skip
    for skipped in made.skipped:
        who = directory.label(skipped.target) if skipped.target else "an empty step"
        _note(run, now, "not_paged", f"Did not page {who}: {skipped.reason}.")
    if called and all(c.state == "unreachable" for c in called):
        # Nobody of this step has any contact: the next step must not wait.
        due.pull(KIND, run.id, now)
    return called


def _exhausted(run: models.Run, reason: str, now: datetime) -> None:
    _note(run, now, "exhausted", reason)
    what = unless_restricted(run.subject, run.incident_id)
    alarms.raise_alarm("exhausted", run.id, f"Nobody has answered for “{what}”. {reason}", now)


def _note(run: models.Run, now: datetime, kind: str, text_: str) -> None:
    if run.alert_id:
        models.AlertEntry.objects.create(alert_id=run.alert_id, at=now, kind=kind, text=line(text_, 600))


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


def _position_data(p: Position) -> dict[str, Any]:
    return {"step": p.step, "cycle": p.cycle, "due_at": text(p.due_at) if p.due_at else None}


def _position(data: dict[str, Any]) -> Position:
    return Position(data["step"], data["cycle"], parse(data["due_at"]) if data["due_at"] else None)
