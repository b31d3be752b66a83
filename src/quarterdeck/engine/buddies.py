"""Watching another installation, as it watches us (L5): when it is silent, our own people are paged for it.

The page goes through our own front door, journal and default policy, like any other alert.
"""

from __future__ import annotations

import json
import secrets
import time
from collections.abc import Callable
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

import structlog
from django.conf import settings

from quarterdeck.app.alerts import buddy
from quarterdeck.app.health import outside
from quarterdeck.channels.safe_http import SafeClient, Unreached
from quarterdeck.core.kernel import seals
from quarterdeck.core.kernel.moments import text
from quarterdeck.core.kernel.refused import Refused

log = structlog.get_logger("auditor")
SECONDS = 5.0


class _OurFault(Exception):
    """Nothing is known about the other installation; the message says what to mend here."""


class Buddy:
    """Counts the silence on the monotonic clock. `state` is what Health shows; `send` is our own door."""

    def __init__(
        self, send: Callable[[str, bytes], str], monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._set = settings.QUARTERDECK.buddy
        self._http = SafeClient(allow=settings.QUARTERDECK_ALLOW_TARGETS)
        self._send = send
        self._monotonic = monotonic
        self._heard = monotonic()
        self._failures = 0
        self._told: bool | None = None  # None: not known since this process started
        self.state: dict[str, Any] = {}

    @property
    def name(self) -> str:
        return str(self.state.get("name") or self._set.name or urlsplit(self._set.url).hostname or "buddy")

    def look(self, now: datetime) -> None:
        """Ask once; page when it has been silent for long enough, and say when it is back."""
        if not self._set.url:
            return
        try:
            why = self._ask()
        except _OurFault as fault:
            self._cannot(str(fault), now)
            return
        self._failures = 0
        outside.count(outside.BUDDY, "buddy", 0, "", now)
        if not why:
            self._heard = self._monotonic()
            self.state |= {"heard_at": text(now), "why": ""}
            if self._told is not False and self._tell(now, over=True):
                self._told = False
            return
        silent = self._monotonic() - self._heard
        self.state |= {"why": why, "silent_seconds": round(silent)}
        log.warning("buddy is silent", buddy=self.name, why=why, seconds=round(silent))
        if silent >= self._set.silent_seconds and not self._told:
            self._told = self._tell(now, over=False, why=why)

    def _tell(self, now: datetime, *, over: bool, why: str = "") -> bool:
        """Whether our own intake took it."""
        if over and not buddy.is_open(self._set.url):
            return True
        buddy.ensure(now)
        problem = self._send(buddy.PURPOSE, buddy.body(self._set.url, self.name, why, over=over))
        if problem:
            log.error("buddy alert failed", why=problem)
        return not problem

    def _cannot(self, why: str, now: datetime) -> None:
        """We are the ones who cannot watch: that pages nobody, and is an alarm."""
        self._failures += 1
        self._heard = self._monotonic()
        self.state |= {"why": why, "silent_seconds": 0}
        text_ = f"{self.name} cannot be watched from here: {why}"
        outside.count(outside.BUDDY, "buddy", self._failures, text_, now)

    def _ask(self) -> str:
        """Empty when it answers with our key that all is well, else what was wrong there. Raises _OurFault."""
        nonce = secrets.token_urlsafe(24)
        headers = {"authorization": seals.question(self._set.key, nonce)}
        url = f"{self._set.url.rstrip('/')}/buddy"
        try:
            reply = self._http.request("GET", url, headers=headers, deadline_seconds=SECONDS)
        except Unreached as failed:
            return f"It gives no answer: {failed.why}."
        except Refused as refused:
            raise _OurFault(refused.message) from None
        if reply.status == 401:
            raise _OurFault("It does not know our key: set the same one on both sides.")
        return self._read(reply.body, nonce)

    def _read(self, body: bytes, nonce: str) -> str:
        try:
            sealed = json.loads(body)
            said, seal = str(sealed["body"]), str(sealed["seal"])
            if not seals.answered(self._set.key, nonce, said.encode(), seal):
                return "Its answer is not sealed with our key."
            told = json.loads(said)
            self.state["name"] = str(told["name"])[:60]
        except (ValueError, KeyError, TypeError):
            return "Its answer cannot be read."
        return (
            "" if told.get("well") is True else f"It says that it does not work: {str(told.get('why'))[:200]}"
        )
