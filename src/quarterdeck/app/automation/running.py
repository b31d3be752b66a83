"""Carrying out what waits: one run, one transaction, once. A run that breaks is tried again and then given up.

What an action does, its outcome and the end of the run are written together or not at all, so that neither a crash nor
a second node does anything twice. A failing action keeps no other from its turn.
"""

from __future__ import annotations

import time
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, connection, transaction

from quarterdeck.app import casebook
from quarterdeck.app.act import Act
from quarterdeck.app.health import alarms
from quarterdeck.app.incidents import command, newer
from quarterdeck.core.access import rule_actor
from quarterdeck.core.incidents.authority import may_read
from quarterdeck.core.incidents.automation import Rule, explain, may_run, names, read
from quarterdeck.core.incidents.automation.caps import Counts
from quarterdeck.core.incidents.automation.deeds import own
from quarterdeck.core.incidents.automation.triggers import OPEN_FOR, QUIET_FOR, TRIGGERS
from quarterdeck.core.incidents.events.automation import RuleRan
from quarterdeck.core.incidents.expressions import parse
from quarterdeck.core.kernel.refused import Refused
from quarterdeck.core.kernel.text import line
from quarterdeck.store import log, models, tx

from .deeds import Desk, perform
from .facts import Scene
from .queue import COUNTED, HOUR, WAITING, caused_by

ALARM = "automation"
# An action refused for a reason that may pass, and a run that breaks, are tried again after these.
AGAIN = (timedelta(minutes=1), timedelta(minutes=5))
# Runs of a rule that fail one after the other before it is switched off.
MOST_FAILURES = 5


def next_due() -> datetime | None:
    """When the earliest waiting run wants its turn."""
    rows = models.AutomationRun.objects.filter(state__in=WAITING).order_by("due_at")
    return rows.values_list("due_at", flat=True).first()


def first(now: datetime) -> str:
    """The id of a run whose time has come, "" for none."""
    rows = models.AutomationRun.objects.filter(state__in=WAITING, due_at__lte=now).order_by("due_at", "id")
    return rows.values_list("id", flat=True).first() or ""


def work(now: datetime, most: int = 100) -> int:
    """Carry out what is due; how many runs were looked at."""
    for n in range(most):
        run_id = first(now)
        if not run_id:
            return n
        carry_out(run_id, now)
    return most


def carry_out(run_id: str, now: datetime) -> None:
    """One run. Where its incident is busy, a moment later; where only a newer release may write there, its nodes do."""
    try:
        with tx.write("engine", "web"):
            rows = models.AutomationRun.objects.filter(id=run_id, state__in=WAITING)
            if connection.vendor == "postgresql":
                rows = rows.select_for_update(skip_locked=True)
            run = rows.first()
            if run is not None:
                _carry_out(run, now)
    except tx.Busy:
        with tx.write():
            _later(run_id, now + timedelta(seconds=1))
    except newer.Newer as met:
        with tx.write("web"):
            newer.tell(met, now)
            _later(run_id, now + newer.LEFT)


def _later(run_id: str, at: datetime) -> None:
    models.AutomationRun.objects.filter(id=run_id, state__in=WAITING).update(due_at=at)


def broke(run_id: str, error: str, now: datetime) -> None:
    """A run raised what nobody foresaw; nothing of it was kept. Tried again, then given up."""
    with tx.write("web"):
        run = models.AutomationRun.objects.filter(id=run_id, state__in=WAITING).first()
        if run is None:
            return
        run.reason = line(f"It broke: {error}", 600)
        if run.attempts < len(AGAIN):
            run.state, run.due_at = "again", now + AGAIN[run.attempts]
            run.attempts += 1
            run.save()
            return
        _end(run, "failed", run.reason, now)
        _count_failure(run, now)


def _carry_out(run: models.AutomationRun, now: datetime) -> None:
    begun = time.monotonic()
    row = models.AutomationRule.objects.filter(id=run.rule_id).first()
    version = models.AutomationVersion.objects.filter(rule_id=run.rule_id, version=run.version).first()
    if row is None or version is None or not row.enabled:
        _end(run, "skipped", "The rule was switched off before its turn.", now)
        return
    rule = read(version.definition)
    scene = _scene(run, row, rule, version.author, now)
    if scene is None:
        return
    if not run.holds:  # else it began before, and goes on with what is left
        standing = may_run(row.key, run.chain, _counts(run, now), rule.per_hour)
        if standing.why:
            _end(run, "stopped", standing.text, now)
            return
        values = scene.values()
        tree = parse(rule.condition, names(TRIGGERS[rule.trigger]))
        parts = explain(tree, values)
        run.holds, run.explained = parts[0].holds, [[p.depth, p.text, p.holds, p.have] for p in parts]
        if not run.holds:
            _end(run, "skipped", "The condition does not hold.", now)
            return
    with caused_by([*run.chain, row.key]):
        _act(run, row, rule, version.author, scene, now)
    run.took_ms = round((time.monotonic() - begun) * 1000)
    run.save()


def _scene(
    run: models.AutomationRun, row: models.AutomationRule, rule: Rule, author: str, now: datetime
) -> Scene | None:
    """What the run is about; None where it does not apply any more, or not yet: that is written down."""
    alert = None
    if run.alert_id:
        alert = models.Alert.objects.select_related("service").filter(id=run.alert_id).first()
        if alert is None:
            _end(run, "skipped", "The alert is not kept any more.", now)
            return None
        quiet_at = alert.last_seen_at + timedelta(minutes=rule.minutes)
        if run.trigger == QUIET_FOR and quiet_at > now:
            models.AutomationRun.objects.filter(id=run.id).update(due_at=quiet_at)
            return None
    case = None
    incident_id = run.incident_id or (alert.incident_id if alert is not None else "")
    if incident_id:
        log.lock_incident_at_once(incident_id)
        case = casebook.load(incident_id)
        newer.must_be_known(case.incident)
        if case.incident.restricted and not (rule.restricted and _author_sees(case, author)):
            _end(run, "skipped", "The incident is restricted, and the rule is not let in.", now)
            return None
        if run.trigger == OPEN_FOR and not case.incident.is_open:
            _end(run, "skipped", "The incident was over before.", now)
            return None
    return Scene(now, row.name, run.words, case, alert)


def _author_sees(case: casebook.Case, author: str) -> bool:
    try:
        return may_read(case.incident, command.who(author))
    except Refused:
        return False  # they are gone


def _counts(run: models.AutomationRun, now: datetime) -> Counts:
    lately = models.AutomationRun.objects.filter(queued_at__gt=now - HOUR, state__in=COUNTED).exclude(
        id=run.id
    )
    lately = lately.exclude(state="queued")
    mine = lately.filter(rule_id=run.rule_id)
    if not run.incident_id:
        return Counts(of_rule=mine.count())
    return Counts(
        mine.count(),
        mine.filter(incident_id=run.incident_id).count(),
        lately.filter(incident_id=run.incident_id).count(),
    )


def _act(
    run: models.AutomationRun,
    row: models.AutomationRule,
    rule: Rule,
    author: str,
    scene: Scene,
    now: datetime,
) -> None:
    act = Act(rule_actor(row.key, own(rule.grants)), now, "engine")
    before = {o["n"]: o for o in run.outcomes if o["state"] == "done"}
    outcomes: list[dict[str, Any]] = []
    for n, action in enumerate(rule.actions):
        desk = Desk(act, scene, run, author, n)
        outcomes.append(before.get(n) or _one(desk, action.deed, action.values, run.attempts < len(AGAIN)))
    run.outcomes = outcomes
    if any(o["state"] == "again" for o in outcomes):
        run.state, run.due_at = "again", now + AGAIN[run.attempts]
        run.attempts += 1
        return
    failed = [o for o in outcomes if o["state"] == "failed"]
    run.state, run.ended_at, run.reason = ("failed" if failed else "done"), now, ""
    _say(run, row, rule, act, scene)
    if failed:
        _count_failure(run, now)
    elif row.failures:
        models.AutomationRule.objects.filter(id=row.id).update(failures=0)


def _one(desk: Desk, deed: str, values: Any, may_again: bool) -> dict[str, Any]:
    """One action, kept or taken back by itself."""
    try:
        with transaction.atomic():
            said = perform(desk, deed, values)
        return {"n": desk.number, "do": deed, "state": "done", "text": line(said, 600)}
    except Refused as e:
        again = e.kind == "conflict" and may_again
        return {
            "n": desk.number,
            "do": deed,
            "state": "again" if again else "failed",
            "text": line(e.message, 600),
        }
    except (IntegrityError, ValueError, LookupError) as e:
        return {"n": desk.number, "do": deed, "state": "failed", "text": line(f"It broke: {e!r}", 600)}


def _say(run: models.AutomationRun, row: models.AutomationRule, rule: Rule, act: Act, scene: Scene) -> None:
    """The incident's timeline tells what ran in it."""
    incident_id = run.incident_id or scene.incident_id
    if not incident_id:
        return
    run.incident_id = incident_id
    told = {s: tuple(o["text"] for o in run.outcomes if o["state"] == s) for s in ("done", "failed")}
    event = RuleRan(run.id, row.key, run.version, row.name, run.trigger, told["done"], told["failed"])
    casebook.change_within(act, incident_id, lambda i, t: [event])


def _end(run: models.AutomationRun, state: str, why: str, now: datetime) -> None:
    run.state, run.reason, run.ended_at = state, line(why, 600), now
    run.save()


def _count_failure(run: models.AutomationRun, now: datetime) -> None:
    """A rule that fails again and again is switched off, and somebody is told."""
    row = models.AutomationRule.objects.select_for_update().filter(id=run.rule_id).first()
    if row is None:
        return
    row.failures += 1
    if row.failures >= MOST_FAILURES and row.enabled:
        row.enabled = False
        row.stopped = f"Its last {row.failures} runs failed."
        log.audit(
            "RuleDisabled", {"rule": row.key, "name": row.name, "reason": row.stopped}, at=now, actor="engine"
        )
        text = (
            f"The rule “{row.name}” was switched off: its last {row.failures} runs failed. Look at its runs."
        )
        alarms.raise_alarm(ALARM, row.id, text, now)
    row.save(update_fields=["failures", "enabled", "stopped"])
