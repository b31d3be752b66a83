"""Live updates: how long until the last of many browsers has heard of a change, and how long another request to the
same process waits meanwhile, beside a loop that only sends.

The server process (`python -m bench.sse serve hub|loop`) runs the product's live route and hub under uvicorn on
one core. Sessions and the feed are stand-ins, so that thousands of people need no store; the hub waits up to an eighth
of a second between rounds, which is left out: the time starts when the hub has read the change.
"""

from __future__ import annotations

import asyncio
import re
import resource
import select
import socket
import sys
import tempfile
import time
import urllib.request
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from statistics import median
from typing import Any

from .machine import Missing, Row, free_port, is_well, percentile, started, wait_for

WHAT = "milliseconds until the last of 1,000 and 5,000 live pages has heard of a change; other requests meanwhile"
SIZES = ((1_000, 50), (5_000, 250))
STAMP = re.compile(rb'"seq": (\d+)')
WAIT_SECONDS = 20


def run(seconds: float, rounds: int) -> list[Row]:
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    if most < max(n for n, _ in SIZES) + 200:
        raise Missing(f"{most} open files are allowed (ulimit -n), too few for {SIZES[-1][0]:,} clients")
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    found = []
    for number, goal in SIZES:
        hub, beside = measure("hub", number, 5 * rounds)
        bare, _ = measure("loop", number, 5 * rounds)
        found.append(
            Row(
                f"last of {number:,} live pages",
                f"{hub:.0f} ms",
                f"{bare:.0f} ms (bare loop)",
                hub / bare,
                f"≤ {goal} ms",
            )
        )
        found.append(
            Row(f"another request meanwhile, {number:,} live pages: p99", f"{beside:.0f} ms", goal="≤ 100 ms")
        )
    return found


def measure(kind: str, number: int, times: int) -> tuple[float, float]:
    """Median until the last of `number` clients has it, and p99 of a request made while it is sent; milliseconds."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    command = [sys.executable, "-m", "bench.sse", "serve", kind, str(port)]
    with tempfile.TemporaryDirectory() as place, started(command, Path(place) / "log") as process:
        wait_for("the live server", lambda: is_well(url + "/count"), process)
        clients, waiting = connected(port, number), time.monotonic()
        while int(urllib.request.urlopen(url + "/count", timeout=10).read()) < number:
            if time.monotonic() - waiting > WAIT_SECONDS:
                raise Missing(f"not all of {number} clients were let in")
            time.sleep(0.1)
        time.sleep(1)
        lasts, others = [], []
        for _ in range(times):
            last, beside = one_change(clients, url)
            lasts.append(last)
            others += beside
            time.sleep(0.3)
        for client in clients.values():
            client.close()
    return median(lasts), percentile(others, 0.99)


def connected(port: int, number: int) -> dict[int, socket.socket]:
    found = {}
    for n in range(number):
        client = socket.create_connection(("127.0.0.1", port), timeout=WAIT_SECONDS)
        client.sendall(f"GET /live?topics=alerts HTTP/1.1\r\nHost: x\r\nCookie: n={n}\r\n\r\n".encode())
        client.setblocking(False)
        found[client.fileno()] = client
    return found


def one_change(clients: dict[int, socket.socket], url: str) -> tuple[float, list[float]]:
    """Milliseconds until all have one change, and those that other requests took in the meantime."""
    poll = select.epoll()
    for number in clients:
        poll.register(number, select.EPOLLIN)
    heard: set[int] = set()
    last, beside = 0.0, []
    for number, _ in poll.poll(0, len(clients)):
        clients[number].recv(65_536)  # what came before
    with ThreadPoolExecutor(1) as other:
        urllib.request.urlopen(urllib.request.Request(url + "/fire", method="POST"), timeout=10).close()
        asking, end = other.submit(ask, url), time.monotonic() + WAIT_SECONDS
        while len(heard) < len(clients):
            if time.monotonic() > end:
                raise Missing(f"only {len(heard)} of {len(clients)} clients heard of a change")
            for number, _ in poll.poll(0.1, 4_096):
                now = time.monotonic_ns()
                stamp = STAMP.search(clients[number].recv(65_536))
                if stamp:
                    heard.add(number)
                    last = max(last, (now - int(stamp[1])) / 1e6)
        beside = asking.result()
    poll.close()
    return last, beside


def ask(url: str) -> list[float]:
    """Milliseconds of some small requests, one after the other."""
    found = []
    for _ in range(10):
        start = time.monotonic()
        urllib.request.urlopen(url + "/count", timeout=10).close()
        found.append((time.monotonic() - start) * 1000)
    return found


# -- the server process


def serve(kind: str, port: int) -> None:
    import uvicorn

    from quarterdeck.boot.wiring import set_up

    set_up("command")
    app = _hub() if kind == "hub" else _loop()
    uvicorn.run(
        app,
        host="127.0.0.1",
        port=port,
        log_level="critical",
        access_log=False,
        backlog=8_192,
        lifespan="off",
    )


App = Callable[[Any, Any, Any], Awaitable[None]]


def _answering(live: App, count: Callable[[], int], fire: Callable[[], None]) -> App:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        path = scope["path"]
        if path == "/live":
            await live(scope, receive, send)
            return
        if path == "/fire":
            fire()
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": str(count()).encode()})

    return app


class _Feed:
    """One change for each `fire`, stamped with the time at which the hub reads it."""

    def __init__(self) -> None:
        self.waiting = 0

    def now(self) -> tuple[int, int]:
        return (0, 0)

    def changes_since(self, cursor: tuple[int, int]) -> tuple[list[Any], tuple[int, int]]:
        from quarterdeck.store.feed import Change

        fired, self.waiting = self.waiting, 0
        return [Change("alerts", "1", "alert", time.monotonic_ns()) for _ in range(min(fired, 1))], cursor

    def standing(self, visitors: dict[str, str]) -> set[str]:
        return set(visitors)


def _hub() -> App:
    from quarterdeck.web import live_route
    from quarterdeck.web.live import Hub
    from quarterdeck.web.sessions import Visitor

    def admitted(_: str, asked: frozenset[str]) -> tuple[Visitor, frozenset[str]]:
        nonlocal number
        number += 1
        return Visitor(f"person-{number}", "responder", "", f"session-{number}"), asked

    number = 0
    live_route._admitted = admitted
    feed, executor = _Feed(), ThreadPoolExecutor(4)
    hub = Hub(feed, executor, lambda: False)
    route = live_route.live(hub, executor, [])
    running: list[asyncio.Task[None]] = []

    async def live(scope: Any, receive: Any, send: Any) -> None:
        if not running:
            running.append(asyncio.create_task(hub.run()))
        await route(scope, receive, send)

    def fire() -> None:
        feed.waiting += 1
        hub.nudge()

    return _answering(live, lambda: len(hub), fire)


def _loop() -> App:
    """What no server can be faster than: one event written to each connection, one after the other."""
    sends: list[Any] = []

    async def live(scope: Any, receive: Any, send: Any) -> None:
        await send(
            {
                "type": "http.response.start",
                "status": 200,
                "headers": [(b"content-type", b"text/event-stream")],
            }
        )
        await send({"type": "http.response.body", "body": b"\n", "more_body": True})
        sends.append(send)
        while (await receive())["type"] != "http.disconnect":
            pass

    async def everybody() -> None:
        event = b'data: {"seq": %d}\n\n' % time.monotonic_ns()
        for send in sends:
            await send({"type": "http.response.body", "body": event, "more_body": True})

    kept: list[asyncio.Task[None]] = []
    return _answering(live, lambda: len(sends), lambda: kept.append(asyncio.ensure_future(everybody())))


if __name__ == "__main__":
    serve(sys.argv[2], int(sys.argv[3]))
