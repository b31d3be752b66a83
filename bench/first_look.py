"""How long somebody with a slow phone waits for the main words of a published page, and what they have to load.

The connection and the processor are Lighthouse's for a phone: 150 ms round trip, 1.6 Mbit/s, four times slower.
"""

from __future__ import annotations

import socket
import statistics
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from .machine import Row, program

WHAT = "the first look at a published page with a slow phone"
SLOW = {
    "offline": False,
    "latency": 150,
    "downloadThroughput": 1_600_000 / 8,
    "uploadThroughput": 750_000 / 8,
}
SLOWER_PROCESSOR = 4
PAINTED = """() => new Promise(done => new PerformanceObserver(list => done(list.getEntries().at(-1).startTime))
    .observe({type: "largest-contentful-paint", buffered: true}))"""


def run(seconds: float, rounds: int) -> list[Row]:
    from playwright.sync_api import sync_playwright

    with _served() as address, sync_playwright() as play:
        browser = play.chromium.launch(executable_path=program("chromium"), args=["--no-sandbox"])
        looks = [_look(browser, address) for _ in range(max(5, rounds))]
        browser.close()
    painted, loaded = statistics.median(ms for ms, _ in looks), max(size for _, size in looks)
    return [
        Row("status page on a slow phone: largest paint, median", f"{painted:,.0f} ms", goal="≤ 1,000 ms"),
        Row("status page: all that is loaded", f"{loaded / 1000:.1f} kB", goal="≤ 60 kB"),
    ]


def _look(browser: Any, address: str) -> tuple[float, int]:
    """Milliseconds to the largest paint and bytes over the wire, for somebody who was never here."""
    context = browser.new_context(viewport={"width": 390, "height": 844}, device_scale_factor=2)
    page = context.new_page()
    wire = context.new_cdp_session(page)
    wire.send("Network.enable")
    wire.send("Network.emulateNetworkConditions", SLOW)
    wire.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER_PROCESSOR})
    bytes_loaded: list[int] = []
    wire.on("Network.loadingFinished", lambda told: bytes_loaded.append(int(told["encodedDataLength"])))
    page.goto(address, wait_until="load")
    time.sleep(0.3)
    painted = float(page.evaluate(PAINTED))
    context.close()
    return painted, sum(bytes_loaded)


@contextmanager
def _served() -> Iterator[str]:
    """A busy page, served as the product serves it."""
    import uvicorn

    from quarterdeck.channels.status_site import SiteSettings, render, write
    from quarterdeck.web.edge_files import published
    from support.status_sample import busy_page

    with tempfile.TemporaryDirectory() as folder, socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{taken.getsockname()[1]}/status/corvane/"
        write(render(busy_page(), SiteSettings(address)), Path(folder) / "corvane")
        app = published(Path(folder), "/status/", [])
        server = uvicorn.Server(uvicorn.Config(app, log_level="error", lifespan="off"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [taken]}, daemon=True)
        thread.start()
        while not server.started:
            time.sleep(0.01)
        yield address
        server.should_exit = True
        thread.join()
