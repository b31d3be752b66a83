"""From journal rows to alerts: deduplicate, route, silence, start an escalation. One transaction a batch (T0).

The reader's place moves in the same transaction, so each body has its effect exactly once. A body that cannot be
parsed is kept with the reason and raises an alarm; it never stops the ones behind it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple, Protocol

from django.db.models import F

from quarterdeck.core.alerts.batch import Folded, fold
from quarterdeck.core.alerts.decide import Decision, decide, is_worse
from quarterdeck.core.alerts.signal import Signal
from quarterdeck.core.alerts.silence import Maintenance, Silence
from quarterdeck.core.incidents.automation import triggers
from quarterdeck.core.kernel.moments import from_micros
from quarterdeck.core.kernel.refused import Refused
from quarterdeck.core.kernel.text import line
from quarterdeck.store import models, tx
from quarterdeck.store.journal_reader import JournalReader, Row

from .alerts import episodes, mirror, notes, relapses
from .alerts.alert_links import note_resolved
from .alerts.episodes import Episode
from .alerts.notes import Note
from .alerts.silences import standing
from .automation import queue
from .health import alarms
from .maintenance import maintenance_silence
from .paging import answers, quiet_pages
from .paging.escalations import start_runs, stop_paging
from .status import component_rules


class Dialect(Protocol):
    """A module of `intake`."""

    def parse(
        self, raw: bytes, mapping: Mapping[str, Any] | None, received_at: datetime, event_id: str
    ) -> list[Signal]: ...


# How many signals one transaction takes, so that a person's click never waits long behind a storm: new keys cost a few
# rows each, repeats of a key are folded before anything is written. A single body is never split: its effect is all
# there or not at all.
KEYS_AT_ONCE = 600
# A key that was seen lately most likely only counts on: so many of them cost as much as a new one.
FAMILIAR_KEYS = 8
REMEMBERED_KEYS = 20_000
SIGNALS_AT_ONCE = 24_000


class _Unread(NamedTuple):
    row: Row
    name: str
    error: Exception


@dataclass(slots=True)
class _Told:
    """What a batch of bodies says, before anything is locked."""

    rows: list[Row]
    signals: list[tuple[datetime, models.Integration, Folded]] = field(default_factory=list)
    unread: list[_Unread] = field(default_factory=list)


@dataclass(slots=True)
class _Batch:
    """What one transaction is about to write."""

    now: datetime
    services: dict[str, models.Service]
    silences: Sequence[Silence]
    maintenance: Sequence[Maintenance]
    live: dict[tuple[str, str], Episode] = field(default_factory=dict)
    opened: list[Episode] = field(default_factory=list)
    changed: dict[str, Episode] = field(default_factory=dict)
    entries: list[Note] = field(default_factory=list)
    to_page: list[Episode] = field(default_factory=list)
    ended: list[Episode] = field(default_factory=list)
    acknowledged: list[Episode] = field(default_factory=list)
    muted: list[Episode] = field(default_factory=list)
    risen: list[Episode] = field(default_factory=list)
    news: list[mirror.News] = field(default_factory=list)


def expand(reader: JournalReader, dialects: Mapping[str, Dialect], now: datetime, limit: int = 100) -> int:
    """Expand up to `limit` journal rows, fewer when they hold many alerts; returns how many were taken.

    Bodies are read and understood before the write transaction, which only begins if they are still the next ones.
    """
    rows = reader.next(limit)
    if not rows:
        return 0
    wanted = {r.integration for r in rows}
    integrations = {
        i.id: i for i in models.Integration.objects.select_related("service").filter(id__in=wanted)
    }
    told = _understand(rows, integrations, dialects, reader.familiar)
    with tx.write("engine", "web"):
        if not reader.still(told.rows):
            return 0
        if reader.replaced:
            alarms.raise_alarm("journal", "journal", f"{reader.replaced} Look whether alerts were lost.", now)
        _note_unread(told, now)
        batch = _load(told, now)
        for received_at, integration, folded in told.signals:
            _apply(batch, integration, folded, received_at)
        _save(batch)
        _count(told.rows, now)
        reader.advance(told.rows, now)
        return len(told.rows)


def set_aside(reader: JournalReader, error: str, now: datetime) -> None:
    """Keep the next body with the reason why its effect could not be written, and go on behind it."""
    rows = reader.next(1)
    with tx.write("engine", "web"):
        if not rows or not reader.still(rows):
            return
        row = rows[0]
        models.Unparsed.objects.create(
            inbound_id=row.id,
            integration=row.integration,
            dialect=row.dialect,
            reason=line(error, 500),
            at=now,
        )
        text = (
            "A body was stored and understood, but what it means could not be written. It is set aside, and what came "
            "after it goes on. The log of the engine says why; report it with those lines."
        )
        alarms.raise_alarm("unparsed", row.integration, text, now)
        reader.advance(rows, now)


def _understand(
    rows: list[Row],
    integrations: Mapping[str, models.Integration],
    dialects: Mapping[str, Dialect],
    familiar: set[str],
) -> _Told:
    """The rows that fit into one transaction and their signals, equal neighbours of a key folded."""
    strange = 0
    told = _Told(rows)
    parsed: dict[str, list[tuple[datetime, Signal]]] = {}
    keys: set[str] = set()
    count = 0
    for n, row in enumerate(rows):
        cost = strange + (len(keys) - strange) // FAMILIAR_KEYS
        if n and (cost >= KEYS_AT_ONCE or count >= SIGNALS_AT_ONCE):
            told.rows = rows[:n]
            break
        integration = integrations.get(row.integration)
        if integration is None:
            gone = LookupError("the integration whose key it carried is no longer there")
            told.unread.append(_Unread(row, "an integration that is gone", gone))
            continue
        received_at = from_micros(row.received_at)
        try:
            found = dialects[row.dialect].parse(row.body, integration.mapping, received_at, row.event_id)
        except (Refused, ValueError, KeyError, RecursionError) as e:
            told.unread.append(_Unread(row, integration.name, e))
            continue
        count += len(found)
        fresh = {s.key for s in found} - keys
        strange += len(fresh - familiar)
        keys |= fresh
        parsed.setdefault(integration.id, []).extend((received_at, s) for s in found)
    if len(familiar) > REMEMBERED_KEYS:
        familiar.clear()
    familiar |= keys
    for name, pairs in parsed.items():
        # The last time of a key is when its folded signal was received.
        times = {signal.key: at for at, signal in pairs}
        for folded in fold(signal for _, signal in pairs):
            told.signals.append((times[folded.signal.key], integrations[name], folded))
    return told


def _note_unread(told: _Told, now: datetime) -> None:
    """Keep what was not understood; a source that is understood again clears its alarm."""
    strange = {u.row.integration for u in told.unread}
    for unread in told.unread:
        _keep_unparsed(unread, now)
    fine = {integration.id for _, integration, _ in told.signals} - strange
    models.Alarm.objects.filter(kind="unparsed", subject__in=fine, cleared_at=None).update(cleared_at=now)


def _keep_unparsed(unread: _Unread, now: datetime) -> None:
    row, name, error = unread
    reason = error.message if isinstance(error, Refused) else f"{type(error).__name__}: {error}"
    models.Unparsed.objects.create(
        inbound_id=row.id, integration=row.integration, dialect=row.dialect, reason=line(reason, 500), at=now
    )
    text = f"A body sent to {name} was stored but not understood: {reason}"
    alarms.raise_alarm("unparsed", row.integration, text, now)


def _load(told: _Told, now: datetime) -> _Batch:
    hints = {f.signal.service for _, _, f in told.signals if f.signal.service}
    services = {s.key: s for s in models.Service.objects.filter(key__in=hints)} if hints else {}
    batch = _Batch(now, services, standing(now), maintenance_silence.running(now))
    keys: dict[str, set[str]] = {}
    for _, integration, folded in told.signals:
        keys.setdefault(integration.id, set()).add(folded.signal.key)
    for integration_id in sorted(keys):
        for e in episodes.live(integration_id, sorted(keys[integration_id])):
            batch.live[integration_id, e.state.key] = e
    return batch


def _apply(batch: _Batch, integration: models.Integration, folded: Folded, received_at: datetime) -> None:
    signal = folded.signal
    place = (integration.id, signal.key)
    known = batch.live.get(place)
    service = batch.services.get(signal.service or "") or integration.service
    decision = decide(
        known.state if known else None,
        signal,
        received_at,
        batch.silences,
        batch.maintenance,
        service=service.key if service else "",
        repeats=folded.repeats,
    )
    if decision.action == "open":
        known = episodes.opened(
            signal, decision, received_at, integration.id, service.id if service else None
        )
        batch.live[place] = known
        batch.opened.append(known)
        batch.entries.append((known.id, received_at, "opened", "", known.reason))
        _tell(batch, "opened", known)
    elif known is not None and decision.action != "ignore":
        if decision.action in _TOLD:
            _tell(batch, _TOLD[decision.action], known)
        _change(batch, known, signal, received_at, decision)
        if decision.action == "resolve":
            del batch.live[place]
            batch.ended.append(known)
    if decision.page and known is not None:
        known.policy_id = _policy(known, service) or integration.policy_id
        batch.to_page.append(known)


_TOLD: Mapping[str, mirror.Word] = {"acknowledge": "acknowledged", "resolve": "resolved"}


def _tell(batch: _Batch, word: mirror.Word, known: Episode) -> None:
    if known.state.status != "silenced":
        batch.news.append(mirror.News(word, known.id, known.summary, known.severity))


def _policy(known: Episode, service: models.Service | None) -> str | None:
    """The policy of the alert's own service, which a later signal may not have named."""
    if known.service_id is None:
        return None
    if service is not None and service.id == known.service_id:
        return service.policy_id
    return models.Service.objects.filter(id=known.service_id).values_list("policy_id", flat=True).first()


def _change(batch: _Batch, known: Episode, signal: Signal, at: datetime, decision: Decision) -> None:
    """What a decision other than "open" does to an alert that is there."""
    before = known.state.status
    if decision.action == "acknowledge":
        batch.acknowledged.append(known)
    if decision.status == "silenced" and before == "open":
        batch.muted.append(known)
    if is_worse(decision.severity, known.severity):
        batch.risen.append(known)
    known.follow(decision, at)
    if decision.action == "repeat":
        known.summary, known.words = signal.summary or known.summary, signal
    if decision.status != before or decision.page:
        kind = "paging" if decision.page else known.state.status
        batch.entries.append((known.id, at, kind, "", line(decision.reason, 600)))
    if not known.opened:
        batch.changed[known.id] = known


def _save(batch: _Batch) -> None:
    # First what is over: a key that ended and fires again in one batch has one live row at every moment.
    episodes.update(batch.changed.values())
    episodes.insert(batch.opened)
    notes.write(batch.entries)
    start_runs([e for e in batch.to_page if e.state.status == "open"], batch.now)
    stop_paging([e.id for e in batch.ended], batch.now, "The alert was resolved at the source.")
    stop_paging([e.id for e in batch.acknowledged], batch.now, "The alert was acknowledged at the source.")
    stop_paging([e.id for e in batch.muted], batch.now, "The alert was silenced.")
    answers.limit([e.id for e in batch.acknowledged if e.state.status == "acknowledged"], "", batch.now)
    quiet_pages.let_go([e.id for e in batch.risen if e.state.status == "open"], batch.now)
    note_resolved(batch.ended, batch.now)
    relapses.look(batch.opened, batch.now)
    component_rules.look([*batch.opened, *batch.ended, *batch.risen], batch.now)
    mirror.tell(batch.news, batch.now)
    _automate(batch)


def _automate(batch: _Batch) -> None:
    """Rules hear of what is no longer silent."""
    loud = [e for e in batch.opened if e.state.status != "silenced"]
    queue.of_alerts(triggers.ALERT_RECEIVED, loud, batch.now)
    queue.of_alerts(triggers.ALERT_RESOLVED, batch.ended, batch.now)


def _count(rows: Sequence[Row], now: datetime) -> None:
    counts: dict[str, int] = {}
    for r in rows:
        counts[r.integration] = counts.get(r.integration, 0) + 1
    for integration, n in sorted(counts.items()):
        models.Integration.objects.filter(id=integration).update(
            event_count=F("event_count") + n, last_event_at=now
        )
