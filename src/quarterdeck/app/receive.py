"""From journal rows to alerts: deduplicate, route, silence, start an escalation. One transaction a batch (T0).

The reader's place moves in the same transaction, so each body has its effect exactly once. A body that cannot be
parsed is kept with the reason and raises an alarm; it never stops the ones behind it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from django.db.models import F, Q

from quarterdeck.core.alerts.batch import Folded, fold
from quarterdeck.core.alerts.decide import AlertState, Decision, decide
from quarterdeck.core.alerts.signal import Signal
from quarterdeck.core.alerts.silence import Silence
from quarterdeck.core.kernel.moments import from_micros
from quarterdeck.core.kernel.refused import Refused
from quarterdeck.core.kernel.text import line
from quarterdeck.store import models, tx
from quarterdeck.store.ids import new_id
from quarterdeck.store.journal_reader import JournalReader, Row

from . import alarms, component_rules
from .alert_links import note_resolved
from .escalations import start_runs, stop_paging
from .silences import standing


class Dialect(Protocol):
    """A module of `intake`."""

    def parse(
        self, raw: bytes, mapping: Mapping[str, Any] | None, received_at: datetime, event_id: str
    ) -> list[Signal]: ...


@dataclass(slots=True)
class _Batch:
    """What one transaction is about to write."""

    now: datetime
    services: dict[str, models.Service]
    silences: Sequence[Silence]
    live: dict[tuple[str, str], models.Alert] = field(default_factory=dict)
    opened: dict[str, models.Alert] = field(default_factory=dict)
    changed: dict[str, models.Alert] = field(default_factory=dict)
    entries: list[models.AlertEntry] = field(default_factory=list)
    to_page: list[models.Alert] = field(default_factory=list)
    ended: list[models.Alert] = field(default_factory=list)
    acknowledged: list[models.Alert] = field(default_factory=list)
    muted: list[models.Alert] = field(default_factory=list)


# How many alerts one transaction takes, so that a person's click never waits long behind a storm. A single body is
# never split: its effect is all there or not at all.
AT_ONCE = 128


def expand(reader: JournalReader, dialects: Mapping[str, Dialect], now: datetime, limit: int = 100) -> int:
    """Expand up to `limit` journal rows, fewer when they hold many alerts; returns how many were taken."""
    with tx.write("engine", "web"):
        rows = reader.next(limit)
        if not rows:
            return 0
        integrations = {
            i.id: i
            for i in models.Integration.objects.select_related("service").filter(
                id__in={r.integration for r in rows}
            )
        }
        taken, parsed = _parse(rows, integrations, dialects, now)
        signals = list(_folded(parsed, integrations))
        batch = _load(signals, integrations, now)
        for received_at, integration, folded in signals:
            _apply(batch, integration, folded, received_at)
        _save(batch)
        _count(taken, now)
        reader.advance(taken, now)
        return len(taken)


_Seen = tuple[datetime, models.Integration, Folded]


def _parse(
    rows: Sequence[Row],
    integrations: Mapping[str, models.Integration],
    dialects: Mapping[str, Dialect],
    now: datetime,
) -> tuple[list[Row], dict[str, list[tuple[datetime, Signal]]]]:
    """The rows this transaction takes, and their signals by integration in the order of the journal."""
    parsed: dict[str, list[tuple[datetime, Signal]]] = {}
    count = 0
    for n, row in enumerate(rows):
        if count >= AT_ONCE:
            return list(rows[:n]), parsed
        integration = integrations.get(row.integration)
        if integration is None:
            continue
        received_at = from_micros(row.received_at)
        try:
            found = dialects[row.dialect].parse(row.body, integration.mapping, received_at, row.event_id)
        except (Refused, ValueError, KeyError, RecursionError) as e:
            _keep_unparsed(row, integration, e, now)
            continue
        count += len(found)
        parsed.setdefault(integration.id, []).extend((received_at, s) for s in found)
    return list(rows), parsed


def _folded(
    parsed: Mapping[str, list[tuple[datetime, Signal]]], integrations: Mapping[str, models.Integration]
) -> Iterable[_Seen]:
    for key, pairs in parsed.items():
        # The last time of a key is when its folded signal was received.
        times = {signal.key: at for at, signal in pairs}
        for folded in fold(signal for _, signal in pairs):
            yield times[folded.signal.key], integrations[key], folded


def _keep_unparsed(row: Row, integration: models.Integration, error: Exception, now: datetime) -> None:
    reason = error.message if isinstance(error, Refused) else f"{type(error).__name__}: {error}"
    models.Unparsed.objects.create(
        inbound_id=row.id, integration=row.integration, dialect=row.dialect, reason=line(reason, 500), at=now
    )
    text = f"A body sent to {integration.name} was stored but not understood: {reason}"
    alarms.raise_alarm("unparsed", integration.id, text, now)


def _load(signals: Sequence[_Seen], integrations: Mapping[str, models.Integration], now: datetime) -> _Batch:
    keys = {f.signal.key for _, _, f in signals}
    hints = {f.signal.service for _, _, f in signals if f.signal.service}
    services = {s.key: s for s in models.Service.objects.filter(key__in=hints)}
    batch = _Batch(now, services, standing(now))
    wanted = sorted(keys)
    for start in range(0, len(wanted), 500):
        # Locked, so that an acknowledgement that commits meanwhile is not written over (I6).
        found = models.Alert.objects.select_for_update(of=("self",)).filter(
            ~Q(status="resolved"), integration__in=integrations, dedup_key__in=wanted[start : start + 500]
        )
        for alert in found:
            batch.live[alert.integration_id, alert.dedup_key] = alert
    return batch


def _apply(batch: _Batch, integration: models.Integration, folded: Folded, received_at: datetime) -> None:
    signal = folded.signal
    place = (integration.id, signal.key)
    alert = batch.live.get(place)
    service = batch.services.get(signal.service or "") or integration.service
    decision = decide(
        state_of(alert) if alert else None,
        signal,
        received_at,
        batch.silences,
        service=service.key if service else "",
        repeats=folded.repeats,
    )
    if decision.action == "open":
        alert = _open(batch, integration, service, signal, received_at, decision)
        batch.live[place] = batch.opened[alert.id] = alert
    elif alert is not None and decision.action != "ignore":
        _change(batch, alert, signal, received_at, decision)
        if decision.action == "resolve":
            del batch.live[place]
            batch.ended.append(alert)
    if decision.page and alert is not None:
        batch.to_page.append(alert)


def state_of(alert: models.Alert) -> AlertState:
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


def _open(
    batch: _Batch,
    integration: models.Integration,
    service: models.Service | None,
    signal: Signal,
    at: datetime,
    decision: Decision,
) -> models.Alert:
    alert = models.Alert(
        id=new_id(),
        dedup_key=signal.key,
        integration=integration,
        service=service,
        status=decision.status,
        summary=signal.summary or signal.key,
        severity=signal.severity,
        source=signal.source,
        labels=dict(signal.labels),
        details=dict(signal.details),
        links=[{"href": x.href, "text": x.text} for x in signal.links],
        count=decision.count,
        first_seen_at=at,
        last_seen_at=at,
        starts_at=decision.starts_at,
        expires_at=signal.expires_at,
        paged=decision.page,
        reason=decision.reason,
    )
    batch.entries.append(models.AlertEntry(alert_id=alert.id, at=at, kind="opened", text=decision.reason))
    return alert


def _change(batch: _Batch, alert: models.Alert, signal: Signal, at: datetime, decision: Decision) -> None:
    """What a decision other than "open" does to an alert that is there."""
    alert.version += 1
    alert.count = decision.count
    alert.severity = decision.severity
    alert.last_seen_at = decision.last_seen_at
    alert.expires_at = decision.expires_at
    alert.starts_at = decision.starts_at
    alert.paged = alert.paged or decision.page
    if decision.action == "repeat":
        alert.summary = signal.summary or alert.summary
        alert.details = dict(signal.details)
    elif decision.action == "resolve":
        alert.resolved_at, alert.resolved_by = at, "source"
    elif decision.action == "acknowledge":
        alert.acknowledged_at, alert.acknowledged_by = at, "source"
        batch.acknowledged.append(alert)
    if decision.status == "silenced" and alert.status == "open":
        batch.muted.append(alert)
    if decision.status != alert.status or decision.page:
        alert.status, alert.reason = decision.status, decision.reason
        kind = "paging" if decision.page else alert.status
        batch.entries.append(models.AlertEntry(alert_id=alert.id, at=at, kind=kind, text=decision.reason))
    if alert.id not in batch.opened:
        batch.changed[alert.id] = alert


_CHANGING = (
    "status", "summary", "severity", "details", "count", "last_seen_at", "starts_at", "expires_at", "paged",
    "acknowledged_at", "acknowledged_by", "resolved_at", "resolved_by", "reason", "version",
)  # fmt: skip


def _save(batch: _Batch) -> None:
    models.Alert.objects.bulk_create(batch.opened.values(), batch_size=400)
    if batch.changed:
        models.Alert.objects.bulk_update(batch.changed.values(), _CHANGING, batch_size=60)
    models.AlertEntry.objects.bulk_create(batch.entries, batch_size=400)
    start_runs([a for a in batch.to_page if a.status == "open"], batch.now)
    stop_paging([a.id for a in batch.ended], batch.now, "The alert was resolved at the source.")
    stop_paging([a.id for a in batch.acknowledged], batch.now, "The alert was acknowledged at the source.")
    stop_paging([a.id for a in batch.muted], batch.now, "The alert was silenced.")
    note_resolved(batch.ended, batch.now)
    component_rules.look([*batch.opened.values(), *batch.ended], batch.now)


def _count(rows: Sequence[Row], now: datetime) -> None:
    counts: dict[str, int] = {}
    for r in rows:
        counts[r.integration] = counts.get(r.integration, 0) + 1
    for integration, n in sorted(counts.items()):
        models.Integration.objects.filter(id=integration).update(
            event_count=F("event_count") + n, last_event_at=now
        )
