"""A steady stream of alerts and acts against a running Quarterdeck, by clients that repeat what was not answered.

What was answered 2xx is remembered: that is what may never be lost. An answer that did not come proves nothing, so the
same body is sent again, as Prometheus and PagerDuty's clients do.
"""

from __future__ import annotations

import http.client
import json
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

ANSWER_SECONDS = 15.0
AGAIN_SECONDS = 0.1
Send = Callable[[str, str, Any], bytes | None]


class Unexpected(Exception):
    """An answer that no kill explains."""


@dataclass
class Load:
    """Runs until `stop`. Keys are the summaries of the alerts, each used once; `mark` keeps several loads apart. With a
    `crowd` each alert is of one of so many services, `crew-0` and on, in turn.

    `raised_at` is when (seconds since 1970) the 2xx of each alert had come; `last_raised` the newest of them. `raised`, `ended`: alerts whose trigger or resolve was answered 2xx. `acknowledged`: ids of alerts. `written`:
    texts of timeline entries. `unsure`: sent, never answered. `refusals` counts the answers after which something was
    sent again, by status (0: none came).
    """

    port: int
    key: str
    api_key: str
    incident: str
    crowd: int = 0
    mark: str = "load"
    connections: int = 4
    pause_seconds: float = 0.25
    raised_at: dict[str, float] = field(default_factory=dict)
    last_raised: float = 0.0
    ended: set[str] = field(default_factory=set)
    acknowledged: set[str] = field(default_factory=set)
    written: set[str] = field(default_factory=set)
    unsure: set[str] = field(default_factory=set)
    slowest_seconds: float = 0.0
    refusals: Counter[int] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)
    _turn: int = 0

    @property
    def raised(self) -> set[str]:
        """Alerts whose trigger was answered 2xx."""
        return set(self.raised_at)

    def start(self) -> None:
        self._over = threading.Event()
        work = [self._alerts(n) for n in range(self.connections)] + [
            self._acknowledgements(),
            self._entries(),
        ]
        self._threads = [threading.Thread(target=self._run, args=(w,), daemon=True) for w in work]
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Let every body under way be answered, as long as that takes within reason."""
        self._over.set()
        for thread in self._threads:
            thread.join(60)
        assert not any(thread.is_alive() for thread in self._threads), "a client of the load hangs"
        assert not self.faults, self.faults

    # -- what the clients do

    def _alerts(self, number: int) -> Iterator[Callable[[Send], None]]:
        """Bodies of one, of several and of another dialect in turn; every fifth body recovers soon after."""
        for n in range(10**9):
            keys = [f"{self.mark}-{number}-{n}-{i}" for i in range(4 if n % 4 == 3 else 1)]
            yield lambda send, n=n, keys=keys: self._raise(send, n, keys)

    def _raise(self, send: Send, n: int, keys: list[str]) -> None:
        dialect = _pagerduty if n % 4 == 1 else _alertmanager
        self._turn += 1
        service = f"crew-{self._turn % self.crowd}" if self.crowd else ""
        self.unsure.update(keys)
        if send("POST", *dialect(self.key, keys, service, firing=True)) is None:
            return
        self.last_raised = time.time()
        self.raised_at.update(dict.fromkeys(keys, self.last_raised))
        self.unsure.difference_update(keys)
        if n % 5 == 2 and send("POST", *dialect(self.key, keys, service, firing=False)) is not None:
            self.ended.update(keys)

    def _acknowledgements(self) -> Iterator[Callable[[Send], None]]:
        while True:
            yield self._acknowledge

    def _acknowledge(self, send: Send) -> None:
        found = send("GET", "/api/v1/alerts?status=open&limit=1", None)
        for alert in json.loads(found)["items"] if found else ():
            if send("PUT", f"/api/v1/alerts/{alert['id']}/acknowledgement", None) is not None:
                self.acknowledged.add(alert["id"])

    def _entries(self) -> Iterator[Callable[[Send], None]]:
        for n in range(10**9):
            yield lambda send, n=n: self._write(send, f"entry {self.mark} {n}")

    def _write(self, send: Send, text: str) -> None:
        path = f"/api/v1/incidents/{self.incident}/entries"
        if send("POST", path, {"kind": "note", "text": text}) is not None:
            self.written.add(text)

    # -- how they send

    def _run(self, work: Iterator[Callable[[Send], None]]) -> None:
        client = _Client(self)
        while not self._over.is_set():
            try:
                next(work)(client.send)
            except Unexpected as e:
                self.faults.append(str(e))
                return
            self._over.wait(self.pause_seconds)

    def waits(self, seconds: float) -> bool:
        """Wait before sending again; False when that is not to be."""
        return not self._over.wait(seconds)


class _Client:
    """One connection that is opened again whenever it broke."""

    def __init__(self, load: Load) -> None:
        self._load = load
        self._line: http.client.HTTPConnection | None = None

    def send(self, method: str, path: str, body: Any) -> bytes | None:
        """The body of a 2xx answer. Sent again until there is one; None when that is not to be had."""
        raw = None if body is None else json.dumps(body)
        headers = {"Content-Type": "application/json"}
        if path.startswith("/api/"):
            headers["Authorization"] = f"Bearer {self._load.api_key}"
        while True:
            began = time.monotonic()
            status, told = self._once(method, path, raw, headers)
            if 200 <= status < 300:
                self._load.slowest_seconds = max(self._load.slowest_seconds, time.monotonic() - began)
                return told
            if status in (404, 409):  # what it was about has changed meanwhile
                return None
            if status not in (0, 429) and status < 500:
                raise Unexpected(f"{method} {path}: {status} {told!r}")
            self._load.refusals[status] += 1
            if not self._load.waits(AGAIN_SECONDS):
                return None

    def _once(self, method: str, path: str, raw: str | None, headers: dict[str, str]) -> tuple[int, bytes]:
        try:
            if self._line is None:
                self._line = http.client.HTTPConnection("127.0.0.1", self._load.port, timeout=ANSWER_SECONDS)
            self._line.request(method, path, raw, headers)
            answer = self._line.getresponse()
            return answer.status, answer.read()
        except (OSError, http.client.HTTPException):
            if self._line is not None:
                self._line.close()
            self._line = None
            return 0, b""


def _alertmanager(key: str, names: list[str], service: str, *, firing: bool) -> tuple[str, Any]:
    now = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    ends = {} if firing else {"endsAt": now}
    of = {"severity": "critical"} | ({"service": service} if service else {})
    alerts = [{"labels": {"alertname": n, **of}, "annotations": {"summary": n}, **ends} for n in names]
    return f"/in/alertmanager/{key}/api/v2/alerts", alerts


def _pagerduty(key: str, names: list[str], service: str, *, firing: bool) -> tuple[str, Any]:
    event: dict[str, Any] = {"event_action": "trigger" if firing else "resolve", "dedup_key": names[0]}
    if firing:
        event["payload"] = {"summary": names[0], "source": "load", "severity": "error"}
        if service:
            event["payload"]["custom_details"] = {"service": service}
    return f"/in/pagerduty/{key}/v2/enqueue", event
