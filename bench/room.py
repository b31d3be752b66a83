"""A war room with 2,000 lines of record and sixty people watching: how long its pages take, and how long until the last
of sixty browsers shows a line that somebody writes.

A watcher does as a browser does: it keeps a live connection, waits as long as the page's script does after news, and
asks for the part that the script asks for then. Sixty people are told through the real server and its store.
"""

from __future__ import annotations

import asyncio
import re
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any
from urllib.parse import urlencode

from . import ours
from .machine import Missing, Row, cpu_seconds, percentile

PEOPLE, LINES = 60, 2_000
SETTLE_SECONDS = 0.04  # SETTLE_MS of live.js
PARTS = ("timeline",)
TOKEN = re.compile(rb'name="csrfmiddlewaretoken" value="([^"]+)"')
WHAT = f"pages of a war room with {LINES:,} lines; a line until all of {PEOPLE} watchers have heard of it, and show it"
WAIT_SECONDS = 20


def run(seconds: float, rounds: int) -> list[Row]:
    with tempfile.TemporaryDirectory() as place, _serving(Path(place)) as (it, told):
        host, incidents = it.url.removeprefix("http://"), told["incidents"]
        rows = [
            row
            for structure, key in incidents.items()
            for row in _pages(it, told["sessions"][0], structure, key, seconds)
        ]
        return rows + asyncio.run(_drill(it, host, told, incidents["software"], max(5, 3 * rounds)))


@contextmanager
def _serving(folder: Path) -> Iterator[tuple[ours.Started, dict[str, Any]]]:
    kept: dict[str, Any] = {}
    with ours.serving_filled(folder, ("crowd", str(PEOPLE), str(LINES)), kept) as it:
        yield it, kept


def _pages(it: ours.Started, session: str, structure: str, key: str, seconds: float) -> Iterator[Row]:
    room = f"/incidents/{key}"
    paths = {
        "first paint": room, "its timeline": f"{room}/parts/timeline",
        "the oldest lines": f"{room}/parts/timeline?from=1960",
        "the board of messages": f"{room}/communication",
        "whom to hand over to": f"{room}/handover", "as it was at an instant": f"{room}/at?s=3000",
    }  # fmt: skip
    for what, path in paths.items():
        times: list[float] = []
        asked = urllib.request.Request(it.url + path, headers={"Cookie": session})
        if "/parts/" in path:
            asked.add_header("HX-Request", "true")
        urllib.request.urlopen(asked, timeout=WAIT_SECONDS).read()
        before, end = cpu_seconds(it.process.pid), time.monotonic() + seconds
        while time.monotonic() < end or len(times) < 20:
            start = time.perf_counter()
            with urllib.request.urlopen(asked, timeout=WAIT_SECONDS) as answer:
                answer.read()
            times.append((time.perf_counter() - start) * 1000)
        spent = (cpu_seconds(it.process.pid) - before) * 1000 / len(times)
        goal = (
            "≤ 80 ms"
            if path in (room, f"{room}/communication")
            else "≤ 150 ms"
            if "/at" in path
            else "≤ 60 ms"
        )
        yield Row(
            f"war room ({structure}), {what}: p95 (CPU)",
            f"{percentile(times, 0.95):.0f} ms ({spent:.0f} ms)",
            goal=goal,
        )


@dataclass
class Watcher:
    """One browser with the war room open."""

    host: str
    incident: str
    session: str
    ready: asyncio.Event = field(default_factory=asyncio.Event)
    heard: float = 0.0
    shown: float = 0.0
    wanted: bytes = b""

    async def watch(self) -> None:
        reader, writer = await asyncio.open_connection(*self.host.split(":"))
        writer.write(_request("GET", f"/live?topics=incident:{self.incident}", self.host, self.session))
        await reader.readuntil(b"retry:")
        self.ready.set()
        while line := await reader.readline():
            if line.startswith(b"event: change") and self.wanted and not self.heard:
                self.heard = time.monotonic()
                await asyncio.sleep(SETTLE_SECONDS)
                await asyncio.gather(*(self._fetch(part) for part in PARTS))

    async def _fetch(self, part: str) -> None:
        path = f"/incidents/{self.incident}/parts/{part}"
        found = await _answer(self.host, _request("GET", path, self.host, self.session, "HX-Request: true"))
        if self.wanted in found:
            self.shown = time.monotonic()


def _request(method: str, path: str, host: str, cookie: str, *more: str, body: str = "") -> bytes:
    lines = [f"{method} {path} HTTP/1.1", f"Host: {host}", f"Cookie: {cookie}", "Connection: close", *more]
    if body:
        lines += ["Content-Type: application/x-www-form-urlencoded", f"Content-Length: {len(body)}"]
    return "\r\n".join([*lines, "", body]).encode()


async def _answer(host: str, request: bytes) -> bytes:
    reader, writer = await asyncio.open_connection(*host.split(":"))
    writer.write(request)
    found = await reader.read()
    writer.close()
    return found


async def _drill(it: ours.Started, host: str, told: dict[str, Any], incident: str, times: int) -> list[Row]:
    watchers = [Watcher(host, incident, cookie) for cookie in told["sessions"]]
    running = [asyncio.create_task(w.watch()) for w in watchers]
    async with asyncio.timeout(WAIT_SECONDS):
        await asyncio.gather(*(w.ready.wait() for w in watchers))
    await asyncio.sleep(1)
    page = await _answer(host, _request("GET", f"/incidents/{incident}", host, told["sessions"][0]))
    token, secret = TOKEN.search(page), re.search(rb"(quarterdeck-form=[^;]+);", page)
    if not token or not secret:
        raise Missing("the war room has no form to write in")
    cookie = f"{told['sessions'][0]}; {secret[1].decode()}"
    heard, shown, spent = [], [], []
    for n in range(times):
        text = f"Line number {n} of {time.monotonic_ns()}"
        for w in watchers:
            w.heard, w.shown, w.wanted = 0.0, 0.0, text.encode()
        body = urlencode({"kind": "note", "text": text, "csrfmiddlewaretoken": token[1].decode()})
        before, start = cpu_seconds(it.process.pid), time.monotonic()
        path, origin = f"/incidents/{incident}/entries", f"Origin: {it.url}"
        answer = await _answer(
            host, _request("POST", path, host, cookie, origin, "HX-Request: true", body=body)
        )
        if not answer.startswith(b"HTTP/1.1 200"):
            raise Missing(f"the line was refused: {answer[:200]!r}")
        while not all(w.shown for w in watchers):
            if time.monotonic() - start > WAIT_SECONDS:
                raise Missing(f"{sum(not w.shown for w in watchers)} watchers never showed the line")
            await asyncio.sleep(0.005)
        heard.append((max(w.heard for w in watchers) - start) * 1000)
        shown.append((max(w.shown for w in watchers) - start) * 1000)
        spent.append((cpu_seconds(it.process.pid) - before) * 1000)
        await asyncio.sleep(0.7)
    for task in running:
        task.cancel()
    settle = f"of which the page waits {SETTLE_SECONDS * 1000:.0f} ms for more news"
    return [
        Row(f"a line written → the last of {PEOPLE} watchers has heard of it: median, most",
            f"{median(heard):.0f}, {max(heard):.0f} ms", goal="≤ 300 ms"),
        Row(f"the same → it stands on the last of {PEOPLE} screens ({settle}): median, most",
            f"{median(shown):.0f}, {max(shown):.0f} ms ({median(spent):.0f} ms CPU of the server)"),
    ]  # fmt: skip
