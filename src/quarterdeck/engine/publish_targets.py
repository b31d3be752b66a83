"""Bringing published pages to their targets: beside everything else, one thread for each, so that one that hangs delays
neither the page on this machine nor another target, and never a page to a person.
"""

from __future__ import annotations

import shutil
import threading
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from pathlib import Path

import structlog
from django.conf import settings
from django.db import DatabaseError, close_old_connections, connections

from quarterdeck.app.status import publish_target_runs as runs
from quarterdeck.app.status.publish_target_runs import Out, Work
from quarterdeck.channels import status_site
from quarterdeck.channels.safe_http import SafeClient
from quarterdeck.channels.status_targets import Errand, Failed, kept, kind, read_settings
from quarterdeck.core.kernel.refused import Refused
from quarterdeck.store import models
from quarterdeck.store.sealed import seal

log = structlog.get_logger("publish")
AT_ONCE = 8
LOOK = timedelta(seconds=1)
WATCH = timedelta(seconds=15)
# What a target may still break with: it is told and tried again, as with what it says itself.
_BROKE = (OSError, ValueError, LookupError, TypeError, RuntimeError)


class TargetPublisher:
    """`clock` says when something ended; `node` is this engine."""

    def __init__(self, clock: Callable[[], datetime], node: str) -> None:
        self._clock, self._node = clock, node
        self._under_way: dict[str, threading.Thread] = {}
        self._http: SafeClient | None = None
        self._next_look = self._next_watch = clock()

    def is_time(self, now: datetime) -> bool:
        """Whether a look is due; asked with every cycle."""
        if self._next_look - LOOK <= now < self._next_look:
            return False
        self._next_look = now + LOOK
        return True

    def look(self, out: Mapping[str, Out], folders: Mapping[str, Path], now: datetime) -> None:
        """Begin what is to be done for pages as this node shows them, both by the pages' ids."""
        self._under_way = {t: thread for t, thread in self._under_way.items() if thread.is_alive()}
        free = AT_ONCE - len(self._under_way)
        for work in runs.claim(out, set(self._under_way), self._node, free, now):
            self._http = self._http or SafeClient(allow=settings.QUARTERDECK_ALLOW_TARGETS)
            arguments = (work, folders[work.target.page_id], self._http)
            thread = threading.Thread(target=self._work, args=arguments, name="target", daemon=True)
            self._under_way[work.target.id] = thread
            thread.start()
        if not self._next_watch - WATCH <= now < self._next_watch:
            self._next_watch = now + WATCH
            runs.watch(now)

    def wait(self, seconds: float = 30) -> None:
        """Until what is under way has ended."""
        for thread in list(self._under_way.values()):
            thread.join(seconds)

    def _work(self, work: Work, folder: Path, http: SafeClient) -> None:
        try:
            close_old_connections()
            if work.tries:
                runs.tried(work, self._why_not(work, folder, http), self._clock())
            if work.pushes and work.leaves:
                self._take_away(work, folder, http)
            elif work.pushes:
                self._push(work, folder, http)
        except DatabaseError as e:
            log.error("target not recorded", target=work.target.id, error=repr(e), exc_info=True)
        finally:
            connections.close_all()

    def _why_not(self, work: Work, folder: Path, http: SafeClient) -> str:
        try:
            kind(work.target.kind).test(_errand(work, folder, folder, http))
        except Failed as e:
            return e.why
        except Refused as e:
            return e.message
        except _BROKE as e:
            log.error("target not tried", target=work.target.id, error=repr(e), exc_info=True)
            return f"It could not be tried: {type(e).__name__}."
        return ""

    def _take_away(self, work: Work, folder: Path, http: SafeClient) -> None:
        def do() -> None:
            nothing = kept.scratch(folder, work.target.id) / "nothing"
            nothing.mkdir(parents=True, exist_ok=True)
            changes = kind(work.target.kind).take_away(_errand(work, folder, nothing, http))
            runs.taken_away(work, changes, self._clock())

        self._recorded(work, do)

    def _push(self, work: Work, folder: Path, http: SafeClient) -> None:
        def do() -> None:
            with status_site.held(folder, work.target.id) as version:
                if version is None:
                    return
                changes = kind(work.target.kind).push(_errand(work, folder, version, http))
            brought = Out(version.name, work.out.revision, work.out.withdrawn)
            runs.done(Work(work.target, brought, True, False), changes, self._clock())

        self._recorded(work, do)

    def _recorded(self, work: Work, do: Callable[[], None]) -> None:
        """Does it; should it fail, that is noted, and it is tried again."""
        try:
            do()
        except Failed as e:
            runs.failed(work, e.why, e.retry_after_seconds, self._clock())
        except Refused as e:
            runs.failed(work, e.message, None, self._clock())
        except _BROKE as e:
            log.error("target failed", target=work.target.id, error=repr(e), exc_info=True)
            runs.failed(work, f"It broke off: {type(e).__name__}.", None, self._clock())


def _errand(work: Work, folder: Path, version: Path, http: SafeClient) -> Errand:
    row = work.target
    return Errand(
        read_settings(row.kind, row.settings), row.secret, version, kept.scratch(folder, row.id), http,
        settings.QUARTERDECK_STATUS_LOCAL_TARGETS, work.out.withdrawn,
    )  # fmt: skip


def keep(page: models.StatusPage, folder: Path) -> None:
    """What the emergency command needs to know of the page's targets, kept beside the page with the secrets sealed;
    nothing for a page that is not public. What was left of targets that are no more is removed.
    """
    rows = list(page.targets.filter(enabled=True)) if page.public else []
    sealed = [seal(r.secret) if r.secret else "" for r in rows]
    kept.keep(
        folder,
        [kept.KeptTarget(r.id, r.kind, r.name, r.settings, s) for r, s in zip(rows, sealed, strict=True)],
    )
    known = set(page.targets.values_list("id", flat=True))
    for path in status_site.versions_of(folder).glob(f"{status_site.TARGETS}/*"):
        if path.name not in known:
            shutil.rmtree(path, ignore_errors=True)
