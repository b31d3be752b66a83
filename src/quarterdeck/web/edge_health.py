"""`/healthz`: whether this node does its work, in a form machines read. Changes nothing.

Public, and says no more than a balancer and the lifeline need. The answer is 503 when this node cannot take alerts in
or nothing sends; whether somebody watches (`audit_age_seconds`) is said beside it, because a balancer can do nothing
about that.
"""

from __future__ import annotations

import asyncio
import sqlite3
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.db import DatabaseError, InterfaceError, close_old_connections, connection

from quarterdeck.app.health import audit, synthetic, watchers
from quarterdeck.app.paging import pause
from quarterdeck.store.journal_reader import JournalReader

from .edge_answers import Headers, Receive, Scope, Send, tell_json

KEEP_SECONDS = 1.0
# Looks of the auditor that may be missing before it counts as silent.
LOOKS_MISSED = 2.5


@dataclass(frozen=True, slots=True)
class State:
    """What health says. Ages in seconds; `None` where it is not known."""

    store: bool
    engine_age_seconds: float | None
    waiting: int = 0
    oldest_seconds: float = 0.0
    audit_age_seconds: float = 0.0
    synthetic_age_seconds: float = 0.0
    longest_seconds: float = 150.0
    engine_silent_seconds: float = 30.0
    paused: bool = False
    watch: watchers.Figures = field(default_factory=watchers.Figures)

    @property
    def well(self) -> bool:
        """Whether this node should get requests."""
        return (
            self.store
            and self.engine_age_seconds is not None
            and self.engine_age_seconds < self.engine_silent_seconds
        )

    @property
    def why(self) -> str:
        """Why people may not be paged; "" while they are."""
        if not self.store:
            return "the store does not answer"
        if not self.well:
            return "the engine is silent"
        if self.paused:
            return "the engine is paused"
        if self.audit_age_seconds > self.longest_seconds:
            return "the auditor is silent"
        if self.synthetic_age_seconds > self.longest_seconds:
            return "the synthetic page does not come back"
        return ""

    @property
    def pages(self) -> bool:
        return not self.why

    @property
    def late_seconds(self) -> float:
        return max(self.watch.late.worst_seconds, self.oldest_seconds)


class Health:
    """Looks at most once a second, on a thread of its own, however often it is asked."""

    def __init__(self, beat: Path, audit_seconds: float = 60.0, silent_seconds: float = 30.0) -> None:
        self._beat = beat
        self._silent = silent_seconds
        self._file: tuple[int, int] | None = None
        self._longest = audit_seconds * LOOKS_MISSED
        self._began = datetime.now(UTC)
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
        now = datetime.now(UTC)
        try:
            self._require_file()
            waiting, first = self._reader.lag()
            oldest = max(0.0, (now - first).total_seconds()) if first is not None else 0.0
            figures = watchers.figures(now)
            look, page = audit.newest(), synthetic.last_well()
        except (DatabaseError, InterfaceError, sqlite3.Error):
            return State(False, self._age())
        return State(
            True,
            self._age(),
            waiting,
            oldest,
            self._since(look.ended_at if look else None, now),
            self._since(page.started_at if page else None, now),
            self._longest,
            self._silent,
            pause.standing() is not None,
            figures,
        )

    def _require_file(self) -> None:
        """SQLite goes on for as long as it runs in a file that was moved away or replaced, and all of it is lost then.

        Raises DatabaseError.
        """
        if connection.vendor != "sqlite":
            return
        try:
            found = Path(str(connection.settings_dict["NAME"])).stat()
        except OSError as e:
            raise DatabaseError("the file of the store is gone") from e
        place = found.st_dev, found.st_ino
        self._file = self._file or place
        if place != self._file:
            raise DatabaseError("the file of the store was replaced under a running process")

    def _since(self, at: datetime | None, now: datetime) -> float:
        """Seconds, but no more than we have been here: after a stop, everything is old and nothing is wrong."""
        since = self._began if at is None else max(at, self._began)
        return max(0.0, (now - since).total_seconds())

    def _age(self) -> float | None:
        try:
            return max(0.0, time.time() - self._beat.stat().st_mtime)
        except OSError:
            return None


def healthz(health: Health, security: Headers) -> Any:
    """200 while the store answers and the engine shows life, else 503; the body says which."""

    async def serve(scope: Scope, receive: Receive, send: Send) -> None:
        state = await health.state()
        body = {
            "status": "ok" if state.well else "failing",
            "store": "ok" if state.store else "unreachable",
            "engine_age_seconds": _rounded(state.engine_age_seconds),
            "audit_age_seconds": _rounded(state.audit_age_seconds),
            "synthetic_age_seconds": _rounded(state.synthetic_age_seconds),
            "journal_waiting": state.waiting,
            "journal_oldest_seconds": round(state.oldest_seconds, 1),
            "pages": state.pages,
            "why": state.why,
        }
        await tell_json(send, 200 if state.well else 503, body, security)

    return serve


def _rounded(age: float | None) -> float | None:
    return None if age is None else round(age, 1)


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
