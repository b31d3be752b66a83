"""Telling those outside that all is well, while it is (L5). Says nothing when it is not: silence is the signal."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import structlog
from django.conf import settings

from quarterdeck.app.health import outside
from quarterdeck.channels.safe_http import SafeClient, Unreached
from quarterdeck.core.kernel.moments import text
from quarterdeck.core.kernel.refused import Refused

log = structlog.get_logger("auditor")
SECONDS = 10.0


class Ping:
    """`state` is what Health shows of it."""

    def __init__(self, fresh: timedelta = outside.FRESH) -> None:
        self._url: str = settings.QUARTERDECK.ping_url
        self._http = SafeClient(allow=settings.QUARTERDECK_ALLOW_TARGETS)
        self._fresh = fresh
        self._failures = 0
        self.state: dict[str, Any] = {}

    def look(self, now: datetime) -> None:
        """Send one if all is well; a failure to send is logged, shown, and an alarm when it lasts."""
        if not self._url:
            return
        standing = outside.standing(now, self._fresh)
        if not standing.well:
            log.warning("no ping", why=standing.why)
            self.state |= {"held_at": text(now), "why": standing.why}
            return
        why = self._send(standing.late_seconds)
        self._failures = self._failures + 1 if why else 0
        if why:
            log.error("ping failed", why=why, failures=self._failures)
            self.state |= {"failed_at": text(now), "failures": self._failures, "why": why}
        else:
            self.state = {"sent_at": text(now), "failures": 0, "why": ""}
        message = f"The outside watch cannot be told that all is well: {why} It will soon tell people that it is not."
        outside.count(outside.PING, "ping", self._failures, message, now)

    def _send(self, late_seconds: float) -> str:
        body = f"oldest lateness {late_seconds:.1f} s\n".encode()
        try:
            reply = self._http.request("POST", self._url, content=body, deadline_seconds=SECONDS)
        except Unreached as failed:
            return f"{failed.why}."
        except Refused as refused:
            return refused.message
        return "" if 200 <= reply.status < 300 else f"it answered {reply.status}."
