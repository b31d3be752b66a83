"""Snoozing an alert: nobody is called for it until a time; if it still fires then, paging starts again, once.

While it sleeps it counts as acknowledged by whoever snoozed it. An acknowledgement that a policy lets run out ends in
the same way. Whatever ends the alert ends its sleep.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from django.db import connection

from quarterdeck.core.alerts.silence import muted
from quarterdeck.core.kernel.moments import spoken, text
from quarterdeck.core.kernel.refused import Refused, bad
from quarterdeck.core.kernel.text import line
from quarterdeck.store import log, models, tx
from quarterdeck.store.database_clock import database_now

from ..act import Act, need
from ..maintenance import maintenance_silence
from ..paging.directory import Directory
from ..paging.escalations import start_runs, stop_paging
from ..status import component_rules
from . import mirror, notes, snooze_rows
from .alerts import as_paged, locked
from .silences import standing as silences

SHORTEST, LONGEST = timedelta(minutes=1), timedelta(hours=24)
_SECOND = timedelta(seconds=1)
# A clock that was read a moment ago may say a little more than the longest.
_LENIENCE = timedelta(minutes=1)


@tx.again
def snooze(act: Act, alert_id: str, until: datetime | timedelta, reason: str) -> models.Snooze:
    """Let an alert that fires or is acknowledged sleep until a time, or for a while, of 1 minute to 24 hours; a second
    snooze takes the place of the first. It is dated by the clock that all nodes share, not by that of this one.
    """
    need(act, "alert.act")
    reason, now = line(reason, 300), database_now(act.at)
    until = (now + until if isinstance(until, timedelta) else until).replace(microsecond=0)
    if not reason:
        raise bad("snooze.reason", "Say why it can wait: others read it in the alert.", reason="missing")
    if not SHORTEST - _SECOND <= until - now <= LONGEST + _LENIENCE:
        raise bad("snooze.until", "Snooze it for 1 minute to 24 hours from now.", until="out of range")
    with tx.write("engine", "web"):
        alert = locked(alert_id)
        _may_sleep(alert)
        name = Directory(act.at).name(act.person)
        why = f"Snoozed by {name} for {spoken(until - now + _SECOND)}, until {_clock(until)}: {reason}"
        if alert.status == "open":
            mirror.tell([mirror.News("acknowledged", alert.id, alert.summary, alert.severity, name)], act.at)
        alert.status, alert.acknowledged_at, alert.acknowledged_by = "acknowledged", act.at, act.person
        alert.reason = line(why, 500)
        alert.version += 1
        alert.save(update_fields=["status", "acknowledged_at", "acknowledged_by", "reason", "version"])
        stop_paging([alert.id], act.at, why, answered_by=act.person)
        mine = models.Callout.objects.filter(alert_id=alert.id, person_id=act.person, state="waiting")
        mine.update(state="acknowledged", acknowledged_at=act.at, acknowledged_via=act.via)
        notes.write([(alert.id, act.at, "snoozed", act.person, line(why, 600))])
        row = snooze_rows.put(snooze_rows.SNOOZE, alert.id, until, act.at, person=act.person, reason=reason)
        told = {"alert": alert.id, "until": text(until), "reason": reason}
        log.audit("AlertSnoozed", told, at=act.at, actor=act.person)
    return row


def _clock(at: datetime) -> str:
    return f"{at.astimezone(UTC):%a %d %b %H:%M} UTC"


def _may_sleep(alert: models.Alert) -> None:
    if alert.status == "resolved":
        raise Refused(
            "alert.resolved", "This alert is over: nobody is called for it any more.", kind="conflict"
        )
    if alert.status == "silenced":
        raise Refused(
            "alert.silenced", "This alert is silenced already: nobody is called for it.", kind="conflict"
        )


@tx.again
def wake(act: Act, alert_id: str) -> models.Alert:
    """End a snooze now: paging starts again from the first step. Where none stands, nothing changes."""
    need(act, "alert.act")
    with tx.write("engine", "web"):
        alert = locked(alert_id)
        row = snooze_rows.standing([alert_id]).get(alert_id)
        if row is None or row.kind != snooze_rows.SNOOZE:
            return alert
        snooze_rows.end([alert_id], act.at, act.person)
        if alert.status == "acknowledged":
            name = Directory(act.at).name(act.person)
            _page_again(alert, f"{name} ended the snooze: paging starts again.", act.person, act.at)
            log.audit("SnoozeEnded", {"alert": alert_id}, at=act.at, actor=act.person)
    return alert


def fire(snooze_id: str, directory: Directory) -> None:
    """The timer: an answer has run out. Raises Busy while somebody holds the alert, who may be answering it."""
    row = models.Snooze.objects.filter(id=snooze_id, ended_at=None).first()
    if row is None:
        return
    if not models.Alert.objects.filter(id=row.alert_id).exists():
        snooze_rows.end([row.alert_id], directory.now, "engine")
        return
    alert = _at_once(row.alert_id)
    # Asked again under the alert's lock: it may have been answered, ended or snoozed anew meanwhile.
    row = models.Snooze.objects.filter(id=snooze_id, ended_at=None).first()
    if row is None:
        return
    now = directory.now
    lasted = row.until - row.created_at
    if row.kind == snooze_rows.ANSWER and alert.status == "acknowledged" and _in_hands(alert):
        snooze_rows.put(row.kind, alert.id, now + lasted, now, person=row.person_id)
        return
    snooze_rows.end([alert.id], now, "engine")
    if alert.status == "acknowledged":
        name = directory.name(row.person_id)
        why = f"The snooze by {name} is over and the alert still fires: paging starts again."
        if row.kind == snooze_rows.ANSWER:
            who = f"{name} acknowledged it" if row.person_id else "It was acknowledged at its source"
            why = f"{who} {spoken(lasted)} ago and it still fires: paging starts again."
        _page_again(alert, why, "", now)


def _at_once(alert_id: str) -> models.Alert:
    """The alert, locked, without ever waiting for whoever holds it: the engine holds timers meanwhile."""
    rows = models.Alert.objects.select_related("service", "integration")
    if connection.vendor == "postgresql":
        rows = rows.select_for_update(skip_locked=True, of=("self",))
    found = rows.filter(id=alert_id).first()
    if found is None:
        raise tx.Busy(alert_id)
    return found


def _in_hands(alert: models.Alert) -> bool:
    """Whether somebody commands it: then the incident's own clocks see to it that work goes on."""
    rows = models.IncidentRow.objects.filter(id=alert.incident_id, is_open=True)
    return bool(alert.incident_id) and rows.exists()


def _page_again(alert: models.Alert, why: str, by: str, now: datetime) -> None:
    """Open again and page from the first step on, unless a silence covers it by now."""
    service = alert.service.key if alert.service else ""
    facts = {"severity": alert.severity, **alert.labels}
    mute = muted(
        facts, service, now, silences(now), maintenance_silence.running(now),
        critical=alert.severity == "critical", severity=alert.severity,
    )  # fmt: skip
    alert.status, alert.reason = ("silenced", mute.reason[:500]) if mute else ("open", line(why, 500))
    alert.paged = alert.paged or not mute
    alert.acknowledged_at, alert.acknowledged_by = None, ""
    alert.version += 1
    alert.save(update_fields=["status", "reason", "paged", "acknowledged_at", "acknowledged_by", "version"])
    notes.write([(alert.id, now, "silenced" if mute else "paging", by, line(alert.reason, 600))])
    if not mute:
        mirror.tell([mirror.News("opened", alert.id, alert.summary, alert.severity)], now)
        start_runs([as_paged(alert)], now)
        component_rules.look([alert], now)
