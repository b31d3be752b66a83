"""What sets off rules is written down in the transaction it happened in: one row a rule and event, never two.

Nothing runs here: whoever pages must not wait for rules. Without a rule for it, it costs one look-up.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from quarterdeck.core.incidents import Incident, Stamped
from quarterdeck.core.incidents import events as ev
from quarterdeck.core.incidents.automation import Occurrence, Rule, Standing, may_run, occurrences, read
from quarterdeck.core.incidents.automation.caps import MOST_RULES, Counts
from quarterdeck.core.incidents.automation.triggers import (
    ALERT_ESCALATED,
    ALERT_RECEIVED,
    OPEN_FOR,
    QUIET_FOR,
    TRIGGERS,
    names,
)
from quarterdeck.core.incidents.expressions import Value, evaluate, parse
from quarterdeck.store import models
from quarterdeck.store.ids import new_id

WAITING = ("queued", "again")
# Runs that count against the bounds.
COUNTED = ("done", "failed", "again", "queued")
HOUR = timedelta(hours=1)
# Alerts of one batch that one rule is queued for, at most; the rest is told in one line.
MOST_AT_ONCE = 100
_ENDS = (ev.Resolved, ev.Closed, ev.Dismissed, ev.MergedInto)
# The rules whose runs led to what is being written now.
_CHAIN: ContextVar[tuple[str, ...]] = ContextVar("automation_chain", default=())


@dataclass(frozen=True, slots=True)
class Active:
    """A rule that is switched on, with what its version says."""

    row: models.AutomationRule
    rule: Rule


@dataclass(frozen=True, slots=True)
class About:
    """An alert as a condition sees it."""

    id: str
    severity: str
    service: str
    source: str
    status: str

    def values(self) -> dict[str, Value]:
        return {
            "alert.severity": self.severity,
            "alert.service": self.service,
            "alert.source": self.source,
            "alert.status": self.status,
        }


@contextmanager
def caused_by(chain: Sequence[str]) -> Iterator[None]:
    """Whatever is written inside follows from these rules."""
    token = _CHAIN.set(tuple(chain))
    try:
        yield
    finally:
        _CHAIN.reset(token)


def active(triggers: set[str]) -> dict[str, list[Active]]:
    """The rules that are switched on, by trigger, in their order; at most so many a trigger."""
    rows = list(
        models.AutomationRule.objects.filter(enabled=True, trigger__in=triggers).order_by("position", "key")
    )
    if not rows:
        return {}
    versions = {
        (v.rule_id, v.version): v.definition
        for v in models.AutomationVersion.objects.filter(rule_id__in=[r.id for r in rows])
    }
    found: dict[str, list[Active]] = {}
    for row in rows:
        together = found.setdefault(row.trigger, [])
        if len(together) < MOST_RULES and (row.id, row.version) in versions:
            together.append(Active(row, read(versions[row.id, row.version])))
    return found


def happened(before: Incident, after: Incident, new: Sequence[Stamped], now: datetime) -> None:
    """Queue the rules that these events of an incident set off, inside the caller's transaction."""
    if any(isinstance(s.event, _ENDS) for s in new):
        models.AutomationRun.objects.filter(
            incident_id=after.key, trigger=OPEN_FOR, state__in=WAITING
        ).update(state="skipped", reason="The incident was over before.", ended_at=now)
    found = occurrences(before, after, new)
    known = active({o.trigger for o in found}) if found else {}
    if not known:
        return
    rows = [
        _run(one, o, now, incident_id=after.key, drill=after.drill)
        for o in found
        for one in known.get(o.trigger, ())
        # A rule that does not say so never learns of a restricted incident.
        if one.rule.restricted or not after.restricted
    ]
    models.AutomationRun.objects.bulk_create(rows, ignore_conflicts=True)


def of_alerts(trigger: str, alerts: Sequence[Any], now: datetime) -> None:
    """Queue the rules that these alerts set off, inside the caller's transaction. Those whose condition cannot hold any
    more leave no trace: a storm must not fill the table.
    """
    wanted = {trigger, QUIET_FOR} if trigger == ALERT_RECEIVED else {trigger}
    known = active(wanted) if alerts else {}
    if not known:
        return
    seen = abouts(alerts)
    for one in (r for found in known.values() for r in found):
        meant = [a for a in seen if _may_hold(one.rule, a)]
        if meant:
            _queue(one, meant, now)


def escalated(alert_ids: Sequence[str], now: datetime) -> None:
    """As `of_alerts`, for alerts that a further step of their policy was called for just now: once an alert."""
    if alert_ids and models.AutomationRule.objects.filter(enabled=True, trigger=ALERT_ESCALATED).exists():
        of_alerts(
            ALERT_ESCALATED, list(models.Alert.objects.filter(id__in=set(alert_ids)).order_by("id")), now
        )


def _queue(one: Active, meant: Sequence[About], now: datetime) -> None:
    counted = models.AutomationRun.objects.filter(
        rule_id=one.row.id, queued_at__gt=now - HOUR, state__in=COUNTED
    )
    room = max(0, min(MOST_AT_ONCE, one.rule.per_hour - counted.count()))
    trigger = one.rule.trigger
    rows = [_run(one, Occurrence(trigger, f"{a.id}/{trigger}"), now, alert_id=a.id) for a in meant[:room]]
    left = meant[room:]
    if left:
        text = f"stopped: limit. {len(left)} more alerts came at once; the rule did not run for them."
        over = _run(one, Occurrence(trigger, f"{left[0].id}/{trigger}"), now, alert_id=left[0].id)
        over.state, over.reason, over.ended_at = "stopped", text, now
        rows.append(over)
    models.AutomationRun.objects.bulk_create(rows, ignore_conflicts=True)


def abouts(alerts: Sequence[Any]) -> list[About]:
    """These alerts, as rows or as a batch of signals knows them, as conditions see them."""
    services = {a.service_id for a in alerts if a.service_id}
    keys = dict(models.Service.objects.filter(id__in=services).values_list("id", "key")) if services else {}
    return [
        About(a.id, a.severity, keys.get(a.service_id or "", ""), source_of(a), _status(a)) for a in alerts
    ]


def source_of(alert: Any) -> str:
    first = getattr(alert, "first", None)
    return str(first.source if first is not None else getattr(alert, "source", ""))


def _status(alert: Any) -> str:
    state = getattr(alert, "state", None)
    return str(state.status if state is not None else alert.status)


def _may_hold(rule: Rule, alert: About) -> bool:
    if rule.trigger == QUIET_FOR and "alert.status" in rule.condition:
        return True
    try:
        return evaluate(parse(rule.condition, names(TRIGGERS[rule.trigger])), alert.values())
    except ValueError:
        return True


def _run(
    one: Active,
    what: Occurrence,
    now: datetime,
    *,
    incident_id: str = "",
    alert_id: str = "",
    drill: bool = False,
) -> models.AutomationRun:
    chain = _CHAIN.get()
    standing: Standing = may_run(one.row.key, chain, Counts(), one.rule.per_hour)
    return models.AutomationRun(
        id=new_id(),
        rule_id=one.row.id,
        version=one.row.version,
        event=what.key,
        trigger=what.trigger,
        incident_id=incident_id,
        alert_id=alert_id,
        words={**what.words, "trigger.by_rule": bool(chain)},
        chain=list(chain),
        state="stopped" if standing.why else "queued",
        reason=standing.text,
        due_at=now + timedelta(minutes=one.rule.minutes),
        drill=drill,
        queued_at=now,
        ended_at=now if standing.why else None,
    )
