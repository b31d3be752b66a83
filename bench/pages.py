"""Server time of the pages, signed in, in the demo's company grown a hundredfold.

In brackets the CPU time of the whole server for each request: on a machine that does other work as well it says more
than the time that passed.
"""

from __future__ import annotations

import http.cookiejar
import re
import sys
import tempfile
import time
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path

from . import ours
from .machine import Missing, Row, cpu_seconds, percentile

INCIDENTS, ALERTS = 5_000, 100_000
WHAT = f"p95 of the time to answer, page by page: the demo, {INCIDENTS:,} incidents and {ALERTS:,} alerts"
GOAL = "≤ 60 ms"
TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')


class Browser:
    """Keeps cookies and signs in as a person does. Does not run scripts or load what a page refers to."""

    def __init__(self, url: str) -> None:
        self.url = url
        jar = urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar())
        self.opener = urllib.request.build_opener(jar)

    def get(self, path: str) -> tuple[str, str]:
        """The content type and the text of a page; a part is asked for as the page's script does it."""
        asked = urllib.request.Request(self.url + path)
        if "/parts/" in path:
            asked.add_header("HX-Request", "true")
        with self.opener.open(asked, timeout=30) as answer:
            return answer.headers.get_content_type(), answer.read().decode("utf-8", "replace")

    def sign_in(self, email: str, password: str) -> None:
        _, form = self.get("/accounts/login/")
        found = TOKEN.search(form)
        if not found:
            raise Missing("the login page has no form")
        fields = {"csrfmiddlewaretoken": found[1], "login": email, "password": password}
        request = urllib.request.Request(
            self.url + "/accounts/login/", urllib.parse.urlencode(fields).encode(), {"Origin": self.url}
        )
        with self.opener.open(request, timeout=30) as answer:
            if "/accounts/login" in answer.geturl():
                raise Missing("signing in was refused")


def is_page(browser: Browser, path: str) -> bool:
    """Asks once, which does not count: whether this is a page, and not only the address of a form."""
    try:
        return browser.get(path)[0] in ("text/html", "application/json", "text/csv")
    except urllib.error.HTTPError:
        return False


def measure(browser: Browser, path: str, seconds: float) -> list[float]:
    """Milliseconds of repeated requests for one page."""
    times: list[float] = []
    end = time.monotonic() + seconds
    while time.monotonic() < end or len(times) < 20:
        start = time.perf_counter()
        browser.get(path)
        times.append((time.perf_counter() - start) * 1000)
    return times


def named(path: str) -> str:
    """The page's address without what differs from run to run."""
    return re.sub(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", "<id>", path)


def run(seconds: float, rounds: int) -> list[Row]:
    times: dict[str, list[float]] = {}
    spent: dict[str, float] = {}
    start = time.monotonic()
    with tempfile.TemporaryDirectory() as place, ours.serving_company(Path(place), INCIDENTS, ALERTS) as it:
        print(f"filled and started in {time.monotonic() - start:.0f} s", file=sys.stderr, flush=True)
        browser = Browser(it.url)
        browser.sign_in(it.email, it.password)
        for number in range(rounds):
            for path in (p for p in it.pages if is_page(browser, p)):
                before = cpu_seconds(it.process.pid)
                times.setdefault(path, []).extend(measure(browser, path, seconds / 4))
                spent[path] = spent.get(path, 0.0) + cpu_seconds(it.process.pid) - before
            print(f"round {number + 1}: {len(times)} pages", file=sys.stderr, flush=True)
    p95 = {path: percentile(found, 0.95) for path, found in times.items()}
    return [
        Row(
            f"{named(path)}: p95 (CPU)",
            f"{ms:.0f} ms ({spent[path] * 1000 / len(times[path]):.0f} ms)",
            goal=GOAL,
        )
        for path, ms in sorted(p95.items(), key=lambda pair: -pair[1])
    ]
