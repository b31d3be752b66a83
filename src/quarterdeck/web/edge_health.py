"""`/healthz` and `/metrics`: whether this node does its work, in a form machines read. Changes nothing.

Health is public and says no more than a balancer needs. Metrics take `Authorization: Bearer <metrics_token>`;
on an installation that has no public address yet, a program on the same machine may read them without.
"""

from __future__ import annotations

import asyncio
import hmac
import sqlite3
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.db import DatabaseError, close_old_connections, connection
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily

from quarterdeck.store.journal_reader import JournalReader

from .edge_answers import Headers, Receive, Scope, Send, answer, header, tell, tell_json

ENGINE_SILENT_SECONDS = 30.0
KEEP_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class State:
    """What health says. Ages in seconds; `None` where it is not known."""

    store: bool
    engine_age_seconds: float | None
    waiting: int
    oldest_seconds: float

    @property
    def well(self) -> bool:
        return (
            self.store
            and self.engine_age_seconds is not None
            and self.engine_age_seconds < ENGINE_SILENT_SECONDS
        )


class Health:
    """Looks at most once a second, on a thread of its own, however often it is asked."""

    def __init__(self, beat: Path) -> None:
        self._beat = beat
        # One thread only: the journal's connection belongs to the thread that opened it.
        self._executor = ThreadPoolExecutor(1, thread_name_prefix="health")
        self._reader = JournalReader()
        self._state: State | None = None
        self._looked = 0.0
        self._lock = asyncio.Lock()

    async def state(self) -> State:
        async with self._lock:
            if self._state is None or time.monotonic() - self._looked > KEEP_SECONDS:
                loop = asyncio.get_running_loop()
                self._state = await loop.run_in_executor(self._executor, self._look)
                self._looked = time.monotonic()
            return self._state

    def _look(self) -> State:
        close_old_connections()
        store, waiting, oldest = True, 0, 0.0
        try:
            with connection.cursor() as c:
                c.execute("SELECT 1")
            waiting, first = self._reader.lag()
            if first is not None:
                oldest = max(0.0, (datetime.now(UTC) - first).total_seconds())
        except (DatabaseError, sqlite3.Error):
            store = False
        return State(store, self._age(), waiting, oldest)

    def _age(self) -> float | None:
        try:
            return max(0.0, time.time() - self._beat.stat().st_mtime)
        except OSError:
            return None


def healthz(health: Health, security: Headers) -> Any:
    """200 while the store answers and the engine shows life, else 503; the body says which."""

    async def serve(scope: Scope, receive: Receive, send: Send) -> None:
        state = await health.state()
        age = state.engine_age_seconds
        body = {
            "status": "ok" if state.well else "failing",
            "store": "ok" if state.store else "unreachable",
            "engine_age_seconds": None if age is None else round(age, 1),
            "journal_waiting": state.waiting,
            "journal_oldest_seconds": round(state.oldest_seconds, 1),
        }
        await tell_json(send, 200 if state.well else 503, body, security)

    return serve


class Figures:
    """What the web process counts about itself. Plain numbers: the edge raises them without a lock."""

    def __init__(self) -> None:
        self.pages = 0
        self.pages_refused = 0
        self.pages_running = 0
        self.pages_waiting = 0
        self.pages_seconds = 0.0
        self.queue_seconds = 0.0
        self.streams: Callable[[], int] = lambda: 0
        self.bodies: Callable[[], int] = lambda: 0
        self.commits: Callable[[], int] = lambda: 0


class _Collector:
    def __init__(self, figures: Figures, state: State) -> None:
        self._f, self._s = figures, state

    def collect(self) -> Any:
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
        age = s.engine_age_seconds
        for name, text, value in (
            ("quarterdeck_pages_running", "Requests in the page pool now", f.pages_running),
            ("quarterdeck_pages_waiting", "Requests waiting for the page pool now", f.pages_waiting),
            ("quarterdeck_live_streams", "Open live streams", f.streams()),
            ("quarterdeck_store_up", "1 while the store answers", float(s.store)),
            (
                "quarterdeck_engine_age_seconds",
                "Since the engine last showed life",
                -1.0 if age is None else age,
            ),
            ("quarterdeck_journal_waiting", "Bodies received and not yet expanded", s.waiting),
            ("quarterdeck_journal_oldest_seconds", "Age of the oldest of them", s.oldest_seconds),
        ):
            yield GaugeMetricFamily(name, text, value=value)


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
        await answer(
            send, 200, generate_latest(registry), b"text/plain; version=0.0.4; charset=utf-8", security
        )

    return serve
