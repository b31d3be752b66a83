"""Alerts as one batch of signals knows them: read with one query, changed in memory, written with a few statements.

Hundreds of signals must not cost hundreds of model objects; this is the part of `receive` that knows columns.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import connection

from quarterdeck.core.alerts.decide import AlertState, Decision
from quarterdeck.core.alerts.signal import Signal
from quarterdeck.core.kernel.moments import from_micros, micros
from quarterdeck.core.kernel.text import line
from quarterdeck.store import bulk, models
from quarterdeck.store.ids import new_id

AT_ONCE = 500


@dataclass(slots=True)
class Episode:
    """One alert of the batch: what decided last, and what has to be written. `opened` by this batch or live before."""

    state: AlertState
    integration_id: str
    service_id: str | None
    policy_id: str | None = None
    incident_id: str = ""
    summary: str = ""
    version: int = 1
    reason: str = ""
    opened: bool = False
    first: Signal | None = None
    words: Signal | None = None
    acknowledged_at: datetime | None = None
    resolved_at: datetime | None = None
    turned: bool = False

    @property
    def id(self) -> str:
        return self.state.id

    @property
    def severity(self) -> str:
        return self.state.severity

    def follow(self, decision: Decision, at: datetime) -> None:
        """Take over what was decided."""
        before = self.state
        self.turned = self.turned or decision.page or decision.status != before.status
        if decision.page or decision.status != before.status:
            self.reason = line(decision.reason, 500)
        if decision.action == "resolve":
            self.resolved_at = at
        elif decision.action == "acknowledge":
            self.acknowledged_at = at
        self.state = AlertState(
            before.id, before.key, decision.status or before.status, decision.count, before.first_seen_at,
            decision.last_seen_at or at, decision.starts_at, decision.expires_at, decision.severity,
            before.paged or decision.page,
        )  # fmt: skip


def opened(
    signal: Signal, decision: Decision, at: datetime, integration_id: str, service_id: str | None
) -> Episode:
    """A new alert of this batch."""
    state = AlertState(
        new_id(), signal.key, decision.status or "open", decision.count, at, at, decision.starts_at,
        signal.expires_at, decision.severity, decision.page,
    )  # fmt: skip
    return Episode(
        state, integration_id, service_id, summary=signal.summary or signal.key, reason=line(decision.reason, 500),
        opened=True, first=signal, words=signal,
    )  # fmt: skip


_LIVE = """SELECT id, integration_id, dedup_key, status, count, first_seen_at, last_seen_at, starts_at, expires_at,
 severity, paged, service_id, incident_id, summary, version FROM alert
 WHERE integration_id = %s AND NOT (status = 'resolved') AND dedup_key IN """


def live(integration_id: str, keys: Sequence[str]) -> list[Episode]:
    """The alerts of these keys that are not over, locked until the transaction ends, so that an acknowledgement that
    commits meanwhile is not written over (I6).
    """
    found = []
    lock = " ORDER BY id FOR UPDATE" if connection.vendor == "postgresql" else ""
    for start in range(0, len(keys), AT_ONCE):
        part = keys[start : start + AT_ONCE]
        marks = f"({', '.join(['%s'] * len(part))})"
        found += [_episode(row) for row in bulk.select(_LIVE + marks + lock, integration_id, *part)]
    return found


def _episode(row: tuple) -> Episode:
    (
        id_, integration, key, status, count, first, last, starts, expires, severity, paged, service, incident,
        summary, version,
    ) = row  # fmt: skip
    state = AlertState(
        id_, key, status, count, from_micros(first), from_micros(last), _moment(starts), _moment(expires), severity,
        bool(paged),
    )  # fmt: skip
    return Episode(state, integration, service, incident_id=incident, summary=summary, version=version)


def _moment(value: int | None) -> datetime | None:
    return None if value is None else from_micros(value)


def _micros(at: datetime | None) -> int | None:
    return None if at is None else micros(at)


_NEW = (
    "id", "dedup_key", "integration_id", "service_id", "status", "summary", "severity", "source", "labels", "details",
    "links", "count", "first_seen_at", "last_seen_at", "starts_at", "expires_at", "acknowledged_at", "acknowledged_by",
    "resolved_at", "resolved_by", "paged", "reason", "incident_id", "version",
)  # fmt: skip


def insert(new: Iterable[Episode]) -> None:
    bulk.insert(models.Alert, _NEW, [_row(e) for e in new])


def _row(e: Episode) -> tuple[object, ...]:
    s, signal, words = e.state, e.first, e.words
    assert signal is not None
    assert words is not None
    links = [{"href": x.href, "text": x.text} for x in signal.links]
    first = micros(s.first_seen_at)
    last = first if s.last_seen_at is s.first_seen_at else micros(s.last_seen_at)
    return (
        s.id, s.key, e.integration_id, e.service_id, s.status, e.summary, s.severity, signal.source,
        bulk.plain(signal.labels), bulk.plain(words.details), bulk.plain(links), s.count, first, last,
        _micros(s.starts_at), _micros(s.expires_at), _micros(e.acknowledged_at),
        "source" if e.acknowledged_at else "", _micros(e.resolved_at), "source" if e.resolved_at else "", s.paged,
        e.reason, "", e.version,
    )  # fmt: skip


_COUNTED = ("severity", "count", "last_seen_at", "starts_at", "expires_at", "paged", "version")
_WORDS = ("summary", "details")
_TURNED = ("status", "reason")


def update(changed: Iterable[Episode]) -> None:
    """Write what changed of alerts that were there before: of most only that they were seen again."""
    counted, words, turned, acknowledged, resolved = [], [], [], [], []
    for e in changed:
        s, id_ = e.state, e.state.id
        counted.append((
            s.severity, s.count, micros(s.last_seen_at), _micros(s.starts_at), _micros(s.expires_at), s.paged,
            e.version + 1, id_,
        ))  # fmt: skip
        if e.words is not None:
            words.append((e.summary, bulk.plain(e.words.details), id_))
        if e.turned:
            turned.append((s.status, e.reason, id_))
        if e.acknowledged_at is not None:
            acknowledged.append((micros(e.acknowledged_at), "source", id_))
        if e.resolved_at is not None:
            resolved.append((micros(e.resolved_at), "source", id_))
    bulk.update(models.Alert, _COUNTED, counted)
    bulk.update(models.Alert, _WORDS, words)
    bulk.update(models.Alert, _TURNED, turned)
    bulk.update(models.Alert, ("acknowledged_at", "acknowledged_by"), acknowledged)
    bulk.update(models.Alert, ("resolved_at", "resolved_by"), resolved)
