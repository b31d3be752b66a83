"""From an alert answered 2xx to the page in the hands of a mail server, on an idle installation."""

from __future__ import annotations

import asyncio
import json
import re
import sys
import tempfile
import threading
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from . import ours
from .machine import Missing, Row, free_port, percentile

WHAT = "milliseconds from an accepted alert to its page at a mail server, idle"
GOAL_MS = 250
MARK = re.compile(rb"latency-(\d{6})")
WAIT_SECONDS = 30


class Sink:
    """Notes when a message with a mark has arrived whole; answers every message with 250."""

    def __init__(self) -> None:
        self.arrived: dict[int, float] = {}

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 sink\r\n")
        while line := await reader.readline():
            word = line[:4].upper().strip()
            if word == b"DATA":
                writer.write(b"354 go on\r\n")
                await writer.drain()
                found = MARK.search(await reader.readuntil(b"\r\n.\r\n"))
                if found:
                    self.arrived.setdefault(int(found[1]), time.monotonic())
            writer.write({b"EHLO": b"250 sink\r\n", b"QUIT": b"221 bye\r\n"}.get(word, b"250 ok\r\n"))
            await writer.drain()
            if word == b"QUIT":
                break
        writer.close()


@contextmanager
def mail_server() -> Iterator[tuple[int, Sink]]:
    """A mail server on a free port, in a thread of this process."""
    sink, port, loop = Sink(), free_port(), asyncio.new_event_loop()
    server = loop.run_until_complete(asyncio.start_server(sink, "127.0.0.1", port, limit=2**22))
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    try:
        yield port, sink
    finally:
        loop.call_soon_threadsafe(server.close)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(5)


def alert(number: int) -> dict[str, dict[str, str]]:
    """An alert of a service of its own: somebody else is paged for each, so none waits to be bundled."""
    name = f"latency-{number:06d}"
    labels = {"alertname": name, "severity": "critical", "service": f"svc-{number}"}
    return {"labels": labels, "annotations": {"summary": name}}


def post(url: str, *numbers: int) -> float:
    """Sends alerts in one body; returns when its 2xx had come."""
    request = urllib.request.Request(
        url,
        json.dumps([alert(n) for n in numbers]).encode(),
        {"Content-Type": "application/json"},
        method="POST",
    )
    urllib.request.urlopen(request, timeout=10).close()
    return time.monotonic()


def measure(url: str, sink: Sink, count: int, pause_seconds: float) -> list[float]:
    """Milliseconds for `count` alerts, one at a time. Raises Missing when a page does not come."""
    waits = []
    for number in range(count):
        accepted = post(url, number)
        while number not in sink.arrived:
            if time.monotonic() - accepted > WAIT_SECONDS:
                raise Missing(f"alert {number} was accepted, and no mail came within {WAIT_SECONDS} s")
            time.sleep(0.0005)
        waits.append((sink.arrived[number] - accepted) * 1000)
        time.sleep(pause_seconds)
    return waits


def run(seconds: float, rounds: int) -> list[Row]:
    waits: list[float] = []
    started: list[float] = []
    for number in range(rounds):
        with tempfile.TemporaryDirectory() as place, mail_server() as (port, sink):
            mail = {
                "QUARTERDECK_EMAIL_HOST": "127.0.0.1",
                "QUARTERDECK_EMAIL_PORT": str(port),
                "QUARTERDECK_EMAIL_TLS": "none",
                "QUARTERDECK_EMAIL_FROM": "pager@example.com",
            }
            count = max(20, round(seconds * 10))
            with ours.serving(Path(place), "email", "bench@example.com", mail, crowd=count) as it:
                started.append(it.ready_seconds)
                found = measure(it.url + it.ingest_path, sink, count, 0.05)
        waits += found[2:]  # the first two pay for connections and imports
        print(f"round {number + 1}: p50 {percentile(found, 0.5):.0f} ms", file=sys.stderr, flush=True)
    slowest = percentile(waits, 0.99)
    return [
        Row("accepted → page at the mail server, idle: p50", f"{percentile(waits, 0.5):.0f} ms"),
        Row("accepted → page at the mail server, idle: p99", f"{slowest:.0f} ms", goal=f"≤ {GOAL_MS} ms"),
        Row("`serve` answers after (empty store)", f"{min(started):.1f} s", goal="≤ 4 s"),
    ]
