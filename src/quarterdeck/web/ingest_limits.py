"""How much each source may send to this process, and what it did send since the counts were last written down.

Two buckets a key, one of requests and one of alerts, each holding a minute's worth: one tool that floods is slowed
down, and no other notices. Belongs to the event loop; never touches a table.
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from typing import NamedTuple

# What a refused sender is asked to wait at most, however deep in debt its bucket is.
LONGEST_WAIT_SECONDS = 60


class Counted(NamedTuple):
    """What came of one source: accepted, and refused because it was too much. Alerts of a refused request are counted
    where it was read, which one refused at the door was not.
    """

    requests: int
    alerts: int
    refused_requests: int
    refused_alerts: int


class Gate:
    """One source. `request` and `take` give 0.0, or the seconds until it is worth trying again."""

    __slots__ = (
        "alert_rate",
        "alert_tokens",
        "alerts",
        "alerts_at",
        "integration",
        "refused_alerts",
        "refused_requests",
        "request_rate",
        "request_tokens",
        "requests",
        "requests_at",
    )

    def __init__(self, integration: str, requests_per_minute: int, alerts_per_minute: int) -> None:
        self.integration = integration
        self.requests = self.alerts = self.refused_requests = self.refused_alerts = 0
        self.requests_at = self.alerts_at = time.monotonic()
        self.request_tokens, self.alert_tokens = float(requests_per_minute), float(alerts_per_minute)
        self.request_rate, self.alert_rate = requests_per_minute / 60, alerts_per_minute / 60

    def allow(self, requests_per_minute: int, alerts_per_minute: int) -> None:
        """Limits that changed; what a bucket already holds of the old ones is used up first. 0: no limit."""
        self.request_rate, self.alert_rate = requests_per_minute / 60, alerts_per_minute / 60

    def request(self, now: float) -> float:
        """One request comes, at `now` by the monotonic clock."""
        rate = self.request_rate
        if not rate:
            return 0.0
        tokens = self.request_tokens + (now - self.requests_at) * rate
        if tokens > rate * 60:
            tokens = rate * 60
        self.requests_at = now
        if tokens >= 1:
            self.request_tokens = tokens - 1
            return 0.0
        self.request_tokens = tokens
        self.refused_requests += 1
        return (1 - tokens) / rate

    def take(self, alerts: int, now: float) -> float:
        """Its alerts. A body is never cut: while the bucket holds anything all of it goes in, and the rest is debt."""
        rate = self.alert_rate
        if not rate:
            return 0.0
        tokens = self.alert_tokens + (now - self.alerts_at) * rate
        if tokens > rate * 60:
            tokens = rate * 60
        self.alerts_at = now
        if tokens >= 1 or not alerts:
            self.alert_tokens = tokens - alerts
            return 0.0
        self.alert_tokens = tokens
        self.refused_requests += 1
        self.refused_alerts += alerts
        return (1 - tokens) / rate


class Limits:
    """Every source this process has heard of. Both limits by the minute; 0: none."""

    def __init__(self, requests_per_minute: int, alerts_per_minute: int) -> None:
        self._usual = (requests_per_minute, alerts_per_minute)
        self._gates: dict[str, Gate] = {}

    def gate(self, integration: str, requests: int | None, alerts: int | None) -> Gate:
        """The gate of a source; its own limits, where it has any, instead of the usual ones."""
        found = self._gates.get(integration)
        if found is None:
            found = self._gates[integration] = Gate(integration, *self._of(requests, alerts))
        return found

    def refresh(self, known: Iterable[tuple[str, int | None, int | None]]) -> None:
        """What the integrations say by now."""
        for integration, requests, alerts in known:
            found = self._gates.get(integration)
            if found is not None:
                found.allow(*self._of(requests, alerts))

    def _of(self, requests: int | None, alerts: int | None) -> tuple[int, int]:
        usual_requests, usual_alerts = self._usual
        return (
            usual_requests if requests is None else requests,
            usual_alerts if alerts is None else alerts,
        )

    def counted(self) -> dict[str, Counted]:
        """What came since the last call, by integration; whoever cannot write it down gives it `back`."""
        found = {}
        for gate in self._gates.values():
            if gate.requests or gate.refused_requests:
                found[gate.integration] = Counted(
                    gate.requests, gate.alerts, gate.refused_requests, gate.refused_alerts
                )
                gate.requests = gate.alerts = gate.refused_requests = gate.refused_alerts = 0
        return found

    def back(self, counted: dict[str, Counted]) -> None:
        """Counts that could not be written down yet."""
        for integration, one in counted.items():
            gate = self._gates[integration]
            gate.requests += one.requests
            gate.alerts += one.alerts
            gate.refused_requests += one.refused_requests
            gate.refused_alerts += one.refused_alerts
