"""`/metrics` in Prometheus' format. Changes nothing.

Takes `Authorization: Bearer <metrics_token>`; on an installation that has no public address yet, a program on the same
machine may read it without.
"""

from __future__ import annotations

import hmac
from collections.abc import Iterator, Sequence
from typing import Any
from urllib.parse import urlsplit

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily

from quarterdeck.app.alerts import source_counts
from quarterdeck.app.health import watchers

from .edge_answers import Headers, Receive, Scope, Send, answer, header, tell
from .edge_health import Figures, Health, State

UNKNOWN = -1.0


class _Collector:
    def __init__(self, figures: Figures, state: State) -> None:
        self._f, self._s = figures, state

    def collect(self) -> Iterator[Any]:
        f, s = self._f, self._s
        for name, text, value in (
            ("quarterdeck_pages", "Requests answered by the page pool", f.pages),
            ("quarterdeck_pages_refused", "Requests refused because the page pool was full", f.pages_refused),
            ("quarterdeck_page_seconds", "Time spent in the page pool", f.pages_seconds),
            ("quarterdeck_page_queue_seconds", "Time spent waiting for the page pool", f.queue_seconds),
            ("quarterdeck_journal_bodies", "Alert bodies made durable", f.bodies()),
            ("quarterdeck_journal_commits", "Commits of the journal", f.commits()),
        ):
            yield CounterMetricFamily(name, text, value=value)
        for name, text, gauge in (
            ("quarterdeck_pages_running", "Requests in the page pool now", f.pages_running),
            ("quarterdeck_pages_waiting", "Requests waiting for the page pool now", f.pages_waiting),
            ("quarterdeck_live_streams", "Open live streams", f.streams()),
            ("quarterdeck_store_up", "1 while the store answers", float(s.store)),
            ("quarterdeck_engine_age_seconds", "Since the engine last showed life", s.engine_age_seconds),
            ("quarterdeck_journal_waiting", "Bodies received and not yet expanded", s.waiting),
            ("quarterdeck_journal_oldest_seconds", "Age of the oldest of them", s.oldest_seconds),
            ("quarterdeck_audit_age_seconds", "Since the auditor's last whole look", s.audit_age_seconds),
            ("quarterdeck_paging", "1 while people can be paged", float(s.pages)),
        ):
            yield GaugeMetricFamily(name, text, value=_known(gauge))
        yield from _watch(s.watch)


def _watch(w: watchers.Figures) -> Iterator[Any]:
    for name, text, value in (
        ("quarterdeck_audit_duration_seconds", "Time of the auditor's last questions", w.audit_seconds),
        ("quarterdeck_audit_findings", "Findings of the auditor's last look", w.findings),
        ("quarterdeck_audit_broken", "Those of them that break a promise of paging", w.broken),
        ("quarterdeck_timer_late_seconds", "How overdue the oldest timer is", w.late.timer_seconds),
        ("quarterdeck_page_late_seconds", "How overdue the oldest unsent page is", w.late.page_seconds),
        ("quarterdeck_synthetic_age_seconds", "Since the last synthetic page ended", w.page_age_seconds),
        ("quarterdeck_synthetic_seconds", "How long it took to come back", w.page_seconds),
        ("quarterdeck_synthetic_well", "1 when it came back in time", _flag(w.page_well)),
    ):
        yield GaugeMetricFamily(name, text, value=_known(value))
    alarms = GaugeMetricFamily("quarterdeck_alarms", "Alarms that stand, by kind", labels=["kind"])
    for kind, count in sorted(w.alarms.items()):
        alarms.add_metric([kind], count)
    yield alarms
    probes = GaugeMetricFamily(
        "quarterdeck_channel_well", "1 when the channel's last test succeeded", labels=["channel"]
    )
    for kind, well in sorted(w.channels.items()):
        probes.add_metric([kind], float(well))
    yield probes
    yield from _sources(w.sources)


def _sources(sources: Sequence[source_counts.Source]) -> Iterator[Any]:
    """As written down, once a second, by every web process of this installation together."""
    names = ["integration", "name", "outcome"]
    requests = CounterMetricFamily("quarterdeck_source_requests", "Requests of each source", labels=names)
    alerts = CounterMetricFamily("quarterdeck_source_alerts", "Alerts of each source", labels=names)
    for s in sources:
        requests.add_metric([s.integration, s.name, "accepted"], s.requests)
        requests.add_metric([s.integration, s.name, "limited"], s.refused_requests)
        alerts.add_metric([s.integration, s.name, "accepted"], s.alerts)
        alerts.add_metric([s.integration, s.name, "limited"], s.refused_alerts)
    yield requests
    yield alerts


def _flag(value: bool | None) -> float | None:
    return None if value is None else float(value)


def _known(value: float | None) -> float:
    return UNKNOWN if value is None else value


def metrics(health: Health, figures: Figures, token: str, public_url: str, security: Headers) -> Any:
    """Prometheus text. Who may read: see the module."""
    hidden = (urlsplit(public_url).hostname or "") in ("localhost", "127.0.0.1", "::1")

    def admitted(scope: Scope) -> bool:
        given = header(scope, b"authorization")
        if token and hmac.compare_digest(given, b"Bearer " + token.encode()):
            return True
        peer = (scope.get("client") or ("",))[0]
        forwarded = any(name.startswith((b"x-forwarded", b"forwarded")) for name, _ in scope["headers"])
        return hidden and peer in ("127.0.0.1", "::1") and not forwarded

    async def serve(scope: Scope, receive: Receive, send: Send) -> None:
        if not admitted(scope):
            text = "Send Authorization: Bearer with the metrics_token of the configuration."
            await tell(send, 401, text, [(b"www-authenticate", b"Bearer"), *security])
            return
        registry = CollectorRegistry()
        registry.register(_Collector(figures, await health.state()))  # type: ignore[arg-type]
        kind = b"text/plain; version=0.0.4; charset=utf-8"
        await answer(send, 200, generate_latest(registry), kind, security)

    return serve
