"""Escalation runs: started with an alert or by hand, advanced when due (T1), stopped by an answer.

Each advance is one transaction: callouts, their deliveries and the next timer, or the end with an alarm. So an
open, unacknowledged alert under a policy always has exactly one waiting timer or an `exhausted` mark (I9).
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any, Protocol

from quarterdeck.core.escalation.plan import Plan, Position, plan
from quarterdeck.core.escalation.policy import Policy
from quarterdeck.core.kernel.moments import from_micros, micros, parse, spoken, text
from quarterdeck.core.kernel.text import line
from quarterdeck.store import bulk, models
from quarterdeck.store.ids import new_id

from . import alarms, due, last_resort, notes
from .callouts import Prepared, Request, prepare, write_all
from .directory import Directory, default_policy, policy_data, policy_from
from .notes import Note
from .visibility import unless_restricted

NO_POLICY = "no_policy"
KIND = "escalate"
LATE = timedelta(minutes=1)


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
    runs, position, at = [], bulk.plain(_position_data(Position())), micros(now)
    for alert in alerts:
        policy = pinned.get(alert.policy_id or "") or pinned.get("")
        if policy is None:
            _no_policy(alert, now)
        else:
            urgency = "high" if alert.severity in ("critical", "error") else "low"
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


def start(policy: Policy, subject: Subject, now: datetime) -> models.Run:
    """A run that pins a copy of the policy and is due at once."""
    run = models.Run.objects.create(
        id=new_id(),
        alert_id=subject.alert_id,
        incident_id=subject.incident_id,
        role=subject.role,
        subject=line(subject.text, 300),
        urgency=subject.urgency,
        policy=policy_data(policy),
        position=_position_data(Position()),
        started_at=now,
        drill=subject.drill,
    )
    due.arm(KIND, run.id, now, now)
    return run


@dataclass(slots=True)
class Standing:
    """A run as advancing needs it. `policy` is the pinned snapshot as text: many runs share one."""

    id: str
    alert_id: str
    incident_id: str
    role: str
    subject: str
    urgency: str
    policy: str
    position: Position | None
    state: str
    drill: bool
    started_at: int


_STANDING = """SELECT id, alert_id, incident_id, role, subject, urgency, policy, position, state, drill, started_at
 FROM run WHERE id IN """


def standing(run_ids: Sequence[str]) -> list[Standing]:
    """These runs, those that exist, in no order."""
    marks = f"({', '.join(['%s'] * len(run_ids))})"
    return [
        Standing(
            *row[:7],
            _position(json.loads(row[7])) if row[7] and row[7] != "null" else None,
            row[8],
            bool(row[9]),
            row[10],
        )
        for row in bulk.select(_STANDING + marks, *run_ids)
    ]


def advance(runs: Sequence[Standing], directory: Directory) -> list[models.Callout]:
    """Do what is due in these runs: page a step, say who was skipped, set the next timer or end it (T1).

    All of it inside the caller's transaction, with as few statements for a thousand runs as for one. Returns the
    callouts made; the runs given are as they stand afterwards.
    """
    firing = [r for r in runs if r.state == "running" and r.position is not None]
    directory.load_alerts({r.alert_id for r in firing if r.alert_id})
    _load_called(firing, directory)
    work = _Work(directory.now)
    for run in firing:
        _advance(run, directory, work)
    work.write()
    return [p.callout for p in work.called]


def _load_called(firing: Sequence[Standing], directory: Directory) -> None:
    """Fetch whom the steps of these runs call, and how to reach them, with a few queries for all."""
    steps = {(r.policy, r.position.step) for r in firing if r.position is not None}
    targets = {t for policy, n in steps for s in _policy(policy).steps[n : n + 1] for t in s.targets}
    directory.load_targets(targets)
    directory.load_reach(p for t in targets for p in directory.on_call(t).people)


@dataclass(slots=True)
class _Work:
    """What one firing is about to write."""

    now: datetime
    runs: list[tuple[Any, ...]] = field(default_factory=list)
    timers: list[tuple[str, datetime]] = field(default_factory=list)
    entries: list[Note] = field(default_factory=list)
    called: list[Prepared] = field(default_factory=list)
    exhausted: list[tuple[Standing, str]] = field(default_factory=list)
    # At one instant, runs that stand at the same place of the same policy go on in the same way.
    plans: dict[tuple[str, Position], Plan] = field(default_factory=dict)

    def write(self) -> None:
        bulk.update(models.Run, ("position", "state", "ended_at"), self.runs)
        due.arm_each(KIND, self.timers, self.now)
        write_all(self.called, self.now)
        notes.write(self.entries)
        for run, reason in self.exhausted:
            if run.drill:
                continue  # the incident's record says it, among the drill
            what = unless_restricted(run.subject, run.incident_id)
            alarms.raise_alarm("exhausted", run.id, f"Nobody has answered for “{what}”. {reason}", self.now)


def _advance(run: Standing, directory: Directory, work: _Work) -> None:
    assert run.position is not None
    now, at = work.now, run.position
    made = work.plans.get((run.policy, at))
    if made is None:
        made = work.plans[run.policy, at] = plan(_policy(run.policy), at, now, directory.on_call)
    run.position = made.next
    if made.exhausted:
        run.state = "exhausted"
    position = bulk.plain(_position_data(made.next)) if made.next else None
    called = _page(run, made, at, directory, work)
    if made.exhausted:
        called += _call_last(run, made, at, directory, work)
    work.runs.append((position, run.state, micros(now) if made.exhausted else None, run.id))
    if made.next is not None and made.wake_at is not None:
        # Nobody of this step has any contact: the next step must not wait.
        lost = bool(called) and all(p.callout.state == "unreachable" for p in called)
        work.timers.append((run.id, now if lost else made.wake_at))
        if lost:
            run.position = Position(made.next.step, made.next.cycle)
            work.runs[-1] = (bulk.plain(_position_data(run.position)), *work.runs[-1][1:])
    if made.exhausted:
        _note(work, run, "exhausted", made.reason)
        work.exhausted.append((run, made.reason))


@lru_cache(maxsize=1_000)
def _policy(snapshot: str) -> Policy:
    return policy_from(json.loads(snapshot))


def _page(run: Standing, made: Plan, at: Position, directory: Directory, work: _Work) -> list[Prepared]:
    together = [p.person for p in made.pages]
    expires = (made.wake_at or work.now) + timedelta(hours=24)
    called, late = [], _late(run, at, work.now)
    for page in made.pages:
        reason = f"{page.reason}{late}"
        _note(work, run, "paged", f"Paged: {reason}.")
        called.append(prepare(
            Request(
                person=page.person, subject=run.subject, reason=reason, urgency=run.urgency, run_id=run.id,
                alert_id=run.alert_id, incident_id=run.incident_id, role=run.role, step=page.step,
                cycle=page.cycle, expires_at=expires, together=tuple(p for p in together if p != page.person),
                drill=run.drill,
            ),
            directory,
        ))  # fmt: skip
    for skipped in made.skipped:
        who = directory.label(skipped.target) if skipped.target else "an empty step"
        _note(work, run, "not_paged", f"Did not page {who}: {skipped.reason}.")
    work.called += called
    return called


def _call_last(run: Standing, made: Plan, at: Position, directory: Directory, work: _Work) -> list[Prepared]:
    """A callout never ends in silence: beyond the policy, whoever commands and whoever administrates."""
    request = Request(
        person="", subject=run.subject, reason="", urgency=run.urgency, run_id=run.id, alert_id=run.alert_id,
        incident_id=run.incident_id, role=run.role, step=at.step, cycle=at.cycle, drill=run.drill,
        expires_at=work.now + timedelta(hours=24),
    )  # fmt: skip
    called = []
    for asked in last_resort.requests(request, {p.person for p in made.pages}, directory):
        _note(work, run, "paged", f"Paged: {asked.reason}.")
        called.append(prepare(asked, directory))
    work.called += called
    return called


def _late(run: Standing, at: Position, now: datetime) -> str:
    """A clause that says so when this step was due long ago: Quarterdeck itself was away (ADR 0005)."""
    due_at = at.due_at or (from_micros(run.started_at) if at == Position() else now)
    return f"; this was due {spoken(now - due_at)} ago" if now - due_at > LATE else ""


def _note(work: _Work, run: Standing, kind: str, text_: str) -> None:
    if run.alert_id:
        work.entries.append((run.alert_id, work.now, kind, "", line(text_, 600)))


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


def _position_data(p: Position) -> dict[str, Any]:
    return {"step": p.step, "cycle": p.cycle, "due_at": text(p.due_at) if p.due_at else None}


def _position(data: dict[str, Any]) -> Position:
    return Position(data["step"], data["cycle"], parse(data["due_at"]) if data["due_at"] else None)
