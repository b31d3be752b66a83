"""What people do with alerts: acknowledge, resolve. Once "acknowledged" is answered, it is never undone (T4, I6)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import F

from quarterdeck.core.alerts.decide import AlertState, Decision, expire, unsilence
from quarterdeck.core.kernel.refused import Refused, missing
from quarterdeck.core.kernel.text import line
from quarterdeck.store import models, tx

from ..act import Act, need
from ..maintenance import maintenance_silence
from ..paging import answers
from ..paging.directory import Directory
from ..paging.escalations import start_runs, stop_paging
from ..paging.policy_rows import policy_of
from ..status import component_rules
from . import mirror, notes
from .alert_links import note_resolved
from .silences import standing

# How many alerts a pass looks at in one go.
PART = 200


@tx.again
def acknowledge(act: Act, alert_id: str) -> models.Alert:
    """Take an alert: paging stops. Acknowledging it again is harmless: an answer that runs out begins anew, a snooze is
    over. A resolved alert is refused.
    """
    need(act, "alert.act")
    with tx.write("engine", "web"):
        alert = locked(alert_id)
        if alert.status == "acknowledged":
            return answers.again(alert, act)
        if alert.status == "resolved":
            raise Refused(
                "alert.resolved",
                "This alert is already resolved, so there is nothing to acknowledge.",
                kind="conflict",
            )
        return _acknowledge(alert, act.person, act.at, act.via)


def acknowledge_from_callout(callout: models.Callout, act: Act) -> None:
    """The answer to a page takes its alert. Inside the caller's transaction; no right but the callout is needed."""
    alert = locked(callout.alert_id)
    if alert.status in ("open", "silenced"):
        _acknowledge(alert, callout.person_id, act.at, act.via)


def _acknowledge(alert: models.Alert, person: str, at: datetime, via: str) -> models.Alert:
    name = Directory(at).name(person)
    _tell(alert, "acknowledged", at, name)
    alert.status, alert.acknowledged_at, alert.acknowledged_by = "acknowledged", at, person
    alert.reason = f"Acknowledged by {name} ({via})."
    alert.version += 1
    alert.save(update_fields=["status", "acknowledged_at", "acknowledged_by", "reason", "version"])
    models.AlertEntry.objects.create(
        alert_id=alert.id, at=at, kind="acknowledged", actor=person, text=alert.reason
    )
    stop_paging([alert.id], at, f"{name} acknowledged the alert.", answered_by=person)
    answers.limit([alert.id], person, at)
    # After paging has stopped: a step under way may just have called this person once more.
    mine = models.Callout.objects.filter(alert_id=alert.id, person_id=person, state="waiting")
    mine.update(state="acknowledged", acknowledged_at=at, acknowledged_via=via)
    return alert


@tx.again
def acknowledge_many(act: Act, alert_ids: Sequence[str]) -> None:
    """Take these alerts as the answer to pages about them; those that are over stay so. One transaction."""
    with tx.write("engine", "web"):
        rows = models.Alert.objects.select_for_update().filter(
            id__in=alert_ids, status__in=("open", "silenced")
        )
        found = list(rows.order_by("id").only("id", "status", "summary", "severity"))
        ids = [a.id for a in found]
        name = Directory(act.at).name(act.person)
        mirror.tell([_news(a, "acknowledged", name) for a in found if a.status != "silenced"], act.at)
        reason = f"Acknowledged by {name} ({act.via})."
        models.Alert.objects.filter(id__in=ids).update(
            status="acknowledged",
            acknowledged_at=act.at,
            acknowledged_by=act.person,
            reason=reason,
            version=F("version") + 1,
        )
        notes.write([(i, act.at, "acknowledged", act.person, reason) for i in ids])
        stop_paging(ids, act.at, f"{name} acknowledged the alert.", answered_by=act.person)
        answers.limit(ids, act.person, act.at)
        mine = models.Callout.objects.filter(alert_id__in=alert_ids, person_id=act.person, state="waiting")
        mine.update(state="acknowledged", acknowledged_at=act.at, acknowledged_via=act.via)


@tx.again
def resolve(act: Act, alert_id: str, reason: str = "") -> models.Alert:
    """Close an alert by hand. Resolving it again changes nothing."""
    need(act, "alert.act")
    with tx.write("engine", "web"):
        alert = locked(alert_id)
        if alert.status == "resolved":
            return alert
        name = Directory(act.at).name(act.person)
        close_alert(alert, act.at, act.person, f"Resolved by {name}. {reason}".strip())
    return alert


def close_alert(alert: models.Alert, at: datetime, by: str, reason: str) -> None:
    """Mark an alert resolved and end its paging, inside the caller's transaction."""
    _tell(alert, "resolved", at, "" if by == "engine" else Directory(at).name(by))
    alert.status, alert.resolved_at, alert.resolved_by, alert.reason = "resolved", at, by, reason[:500]
    alert.version += 1
    alert.save(update_fields=["status", "resolved_at", "resolved_by", "reason", "version"])
    models.AlertEntry.objects.create(alert_id=alert.id, at=at, kind="resolved", actor=by, text=reason[:600])
    stop_paging([alert.id], at, "The alert was resolved.")
    note_resolved([alert], at)
    component_rules.look([alert], at)


def _tell(alert: models.Alert, word: mirror.Word, at: datetime, by: str) -> None:
    if alert.status != "silenced":
        mirror.tell([_news(alert, word, by)], at)


def _news(alert: models.Alert, word: mirror.Word, by: str = "") -> mirror.News:
    return mirror.News(word, alert.id, alert.summary, alert.severity, by)


def locked(alert_id: str) -> models.Alert:
    """The alert, locked until the transaction ends (SQLite has one writer anyway)."""
    alert = models.Alert.objects.select_for_update().filter(id=alert_id).first()
    if alert is None:
        raise missing(
            "alert.unknown", "There is no such alert. It may have been removed; open the list of alerts."
        )
    return alert


def expire_alerts(now: datetime, limit: int = 100) -> int:
    """Resolve alerts whose source stopped refreshing them (Prometheus sends an end that moves ahead)."""
    late = models.Alert.objects.exclude(status="resolved").filter(expires_at__lt=now)
    if not late.exists():
        return 0
    with tx.write("engine", "web"):
        rows = list(late.select_for_update().order_by("expires_at")[:limit])
        for alert in rows:
            made = expire(_state_of(alert), now)
            if made is not None:
                close_alert(alert, now, "engine", made.reason)
    return len(rows)


def end_silences(now: datetime) -> int:
    """Open and page alerts that were silenced, still fire, and whose silence is over."""
    opened, after = 0, ""
    while rows := _silenced(now, after):
        after = rows[-1].id
        wanted = [a.id for a, made in _unsilenced(rows, now) if made is not None]
        if wanted:
            opened += _open_again(wanted, now)
    return opened


def _silenced(now: datetime, after: str) -> list[models.Alert]:
    rows = models.Alert.objects.filter(status="silenced", id__gt=after).select_related(
        "service", "integration"
    )
    return list(rows.order_by("id")[:PART])


def _unsilenced(
    rows: Sequence[models.Alert], now: datetime
) -> Iterator[tuple[models.Alert, Decision | None]]:
    silences, work = standing(now), maintenance_silence.running(now)
    for alert in rows:
        service = alert.service.key if alert.service else ""
        yield alert, unsilence(_state_of(alert), alert.labels, now, silences, work, service=service)


def _open_again(ids: Sequence[str], now: datetime) -> int:
    """Asked again inside the transaction: somebody may have acknowledged or silenced them anew."""
    opened, loud = [], []
    with tx.write("engine", "web"):
        rows = models.Alert.objects.select_for_update(of=("self",)).select_related("service", "integration")
        for alert, made in _unsilenced(rows.filter(id__in=ids, status="silenced").order_by("id"), now):
            if made is None:
                continue
            loud.append(alert)
            alert.status, alert.reason, alert.paged = "open", line(made.reason, 500), made.page
            alert.version += 1
            alert.save(update_fields=["status", "reason", "paged", "version"])
            models.AlertEntry.objects.create(
                alert_id=alert.id, at=now, kind="open", text=line(made.reason, 600)
            )
            if made.page:
                opened.append(alert)
        mirror.tell([_news(a, "opened") for a in opened], now)
        start_runs([as_paged(a) for a in opened], now)
        component_rules.look(loud, now)
    return len(loud)


def _state_of(alert: models.Alert) -> AlertState:
    """An alert row as far as deciding needs it."""
    return AlertState(
        id=alert.id,
        key=alert.dedup_key,
        status=alert.status,
        count=alert.count,
        first_seen_at=alert.first_seen_at,
        last_seen_at=alert.last_seen_at,
        starts_at=alert.starts_at,
        expires_at=alert.expires_at,
        severity=alert.severity,
        paged=alert.paged,
    )


@dataclass(slots=True)
class Paged:
    """What an escalation needs of an alert."""

    id: str
    severity: str
    summary: str
    policy_id: str | None


def as_paged(alert: models.Alert) -> Paged:
    """With the policy of its service, else of its integration; None where only the default one could cover it."""
    return Paged(alert.id, alert.severity, alert.summary, policy_of(alert))
