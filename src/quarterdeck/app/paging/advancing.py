"""Runs that are due: a step pages, says who was skipped, and sets the next timer or ends the run (T1).

Each advance is one transaction: callouts, their deliveries and the next timer, or the end with an alarm (I9).
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import lru_cache, partial
from typing import Any, NamedTuple

from quarterdeck.core.escalation.conditions import Cause, Needs, needs
from quarterdeck.core.escalation.plan import Plan, Position, Skipped, hurried, plan
from quarterdeck.core.escalation.policy import Policy, Target
from quarterdeck.core.kernel.moments import from_micros, micros, spoken
from quarterdeck.core.kernel.text import line
from quarterdeck.store import bulk, models

from .. import due
from ..alerts import notes
from ..alerts.notes import Note
from ..automation import queue
from ..health import alarms
from ..visibility import unless_restricted
from . import last_resort
from .callouts import Prepared, Request, prepare, write_all
from .directory import Directory
from .escalations import KIND, position_data, position_from, urgency_of
from .policy_rows import policy_from

LATE = timedelta(minutes=1)


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
            position_from(json.loads(row[7])) if row[7] and row[7] != "null" else None,
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
    targets: dict[str, set[Target]] = {}
    for policy, n in steps:
        targets.setdefault(policy, set()).update(_targets(policy, n))
    roles = {r.policy: set[str]() for r in firing if _read(r.policy).needs.roles}
    for run in firing:
        if run.policy in roles:
            roles[run.policy].add(_incident(run, directory))
    directory.load_targets({t for found in targets.values() for t in found}, set().union(*roles.values()))
    meant = {(t, i) for policy, found in targets.items() for t in found for i in roles.get(policy) or ("",)}
    directory.load_reach(p for t, i in meant for p in directory.on_call(t, i).people)


def _targets(policy: str, step: int) -> set[Target]:
    """Whom a policy may call next: its step, and those behind it where that one may not apply."""
    steps = _read(policy).policy.steps[step:]
    certain = next((n for n, s in enumerate(steps) if not (s.severities or s.windows)), len(steps))
    return {t for s in steps[: certain + 1] for t in s.targets}


def _incident(run: Standing, directory: Directory) -> str:
    """The incident a run belongs to, itself or by its alert."""
    alert = directory.alert(run.alert_id)
    return run.incident_id or (alert.incident_id if alert else "")


@dataclass(slots=True)
class _Work:
    """What one firing is about to write."""

    now: datetime
    runs: list[tuple[Any, ...]] = field(default_factory=list)
    timers: list[tuple[str, datetime]] = field(default_factory=list)
    entries: list[Note] = field(default_factory=list)
    called: list[Prepared] = field(default_factory=list)
    exhausted: list[tuple[Standing, str]] = field(default_factory=list)
    escalated: list[str] = field(default_factory=list)
    # At one instant, runs that stand at the same place of the same policy go on in the same way, as far as what it asks
    # of them is the same: severity, turn, incident.
    plans: dict[tuple[str, Position, str, str, str], Plan] = field(default_factory=dict)

    def write(self) -> None:
        bulk.update(models.Run, ("position", "state", "ended_at"), self.runs)
        due.arm_each(KIND, self.timers, self.now)
        write_all(self.called, self.now)
        notes.write(self.entries)
        queue.escalated(self.escalated, self.now)
        for run, reason in self.exhausted:
            if run.drill:
                continue  # the incident's record says it, among the drill
            what = unless_restricted(run.subject, run.incident_id)
            alarms.raise_alarm("exhausted", run.id, f"Nobody has answered for “{what}”. {reason}", self.now)


def _advance(run: Standing, directory: Directory, work: _Work) -> None:
    assert run.position is not None
    now, at = work.now, run.position
    made = _plan(run, at, directory, work)
    called = _page(run, made, at, directory, work)
    if run.alert_id and called and (at.step or at.cycle) and not run.drill:
        work.escalated.append(run.alert_id)
    if called and all(p.callout.state == "unreachable" for p in called):
        made = hurried(made, now)
    run.position = made.next
    if made.exhausted:
        run.state = "exhausted"
        called += _call_last(run, made, at, directory, work)
    position = bulk.plain(position_data(made.next)) if made.next else None
    work.runs.append((position, run.state, micros(now) if made.exhausted else None, run.id))
    if made.next is not None and made.wake_at is not None:
        work.timers.append((run.id, made.wake_at))
    if made.exhausted:
        _note(work, run, "exhausted", made.reason)
        work.exhausted.append((run, made.reason))


def _plan(run: Standing, at: Position, directory: Directory, work: _Work) -> Plan:
    read = _read(run.policy)
    asks = read.needs
    severity = _severity(run, directory) if asks.severity else ""
    turn = run.id if asks.turn else ""
    incident = _incident(run, directory) if asks.roles else ""
    place = (run.policy, at, severity, turn, incident)
    made = work.plans.get(place)
    if made is None:
        on_call = partial(directory.on_call, incident=incident)
        made = work.plans[place] = plan(read.policy, at, work.now, on_call, Cause(severity, turn))
    return made


def _severity(run: Standing, directory: Directory) -> str:
    alert = directory.alert(run.alert_id)
    return alert.severity if alert else ""


def _urgency(run: Standing, directory: Directory) -> str:
    """A run that began with low urgency calls with a high one once its alert has grown more severe."""
    alert = directory.alert(run.alert_id)
    return "high" if alert is not None and urgency_of(alert.severity) == "high" else run.urgency


class _Read(NamedTuple):
    policy: Policy
    needs: Needs


@lru_cache(maxsize=1_000)
def _read(snapshot: str) -> _Read:
    policy = policy_from(json.loads(snapshot))
    return _Read(policy, needs(policy))


def _page(run: Standing, made: Plan, at: Position, directory: Directory, work: _Work) -> list[Prepared]:
    together = [p.person for p in made.pages]
    expires = (made.wake_at or work.now) + timedelta(hours=24)
    called, late = [], _late(run, at, work.now)
    for page in made.pages:
        reason = f"{page.reason}{late}"
        _note(work, run, "paged", f"Paged: {reason}.")
        called.append(prepare(
            Request(
                person=page.person, subject=run.subject, reason=reason,
                urgency=page.urgency or _urgency(run, directory), run_id=run.id, alert_id=run.alert_id,
                incident_id=run.incident_id, role=run.role, step=page.step, cycle=page.cycle, expires_at=expires,
                together=tuple(p for p in together if p != page.person), drill=run.drill,
            ),
            directory,
        ))  # fmt: skip
    for skipped in made.skipped:
        _note(work, run, "not_paged", f"{unpaged(skipped, directory)}: {skipped.reason}.")
    work.called += called
    return called


def unpaged(skipped: Skipped, directory: Directory) -> str:
    """What was passed over, as the beginning of a sentence."""
    if not skipped.applies:
        return f"Step {skipped.step + 1} does not apply"
    return f"Did not page {directory.label(skipped.target) if skipped.target else 'an empty step'}"


def _call_last(run: Standing, made: Plan, at: Position, directory: Directory, work: _Work) -> list[Prepared]:
    """A callout never ends in silence: beyond the policy, whoever commands and whoever administrates."""
    request = Request(
        person="", subject=run.subject, reason="", urgency=_urgency(run, directory), run_id=run.id,
        alert_id=run.alert_id, incident_id=run.incident_id, role=run.role, step=at.step, cycle=at.cycle,
        drill=run.drill, expires_at=work.now + timedelta(hours=24),
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
