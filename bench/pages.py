"""Server time of every page that needs no argument, signed in, with many alerts in the store."""

from __future__ import annotations

import http.cookiejar
import json
import re
import sys
import tempfile
import time
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path

from . import ours
from .machine import Missing, Row, percentile

WHAT = "p95 of the time to answer, page by page, with ten thousand alerts in the store"
GOAL_MS = 60
ALERTS, BATCH = 10_000, 500
TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')


class Browser:
    """Keeps cookies and signs in as a person does. Does not run scripts or load what a page refers to."""

    def __init__(self, url: str) -> None:
        self.url = url
        jar = urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar())
        self.opener = urllib.request.build_opener(jar)

    def get(self, path: str) -> tuple[str, str]:
        """The content type and the text of a page."""
        with self.opener.open(self.url + path, timeout=30) as answer:
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


def fill(url: str, folder: Path) -> None:
    """Sends the alerts and waits until all of them are visible."""
    for first in range(0, ALERTS, BATCH):
        alerts = [
            {
                "labels": {"alertname": f"Disk{n % 40}", "instance": f"host-{n}", "severity": "warning"},
                "annotations": {"summary": f"Disk {n % 40} of host-{n} is almost full"},
            }
            for n in range(first, first + BATCH)
        ]
        body = json.dumps(alerts).encode()
        request = urllib.request.Request(url, body, {"Content-Type": "application/json"}, method="POST")
        urllib.request.urlopen(request, timeout=30).close()
    if not ours.wait_until_expanded(folder, 120):
        raise Missing("the alerts were not expanded within two minutes")


def measure(browser: Browser, path: str, seconds: float) -> list[float]:
    """Milliseconds of repeated requests for one page, after one that does not count. Empty for no page."""
    try:
        if browser.get(path)[0] != "text/html":
            return []
    except urllib.error.HTTPError:
        return []
    times: list[float] = []
    end = time.monotonic() + seconds
    while time.monotonic() < end or len(times) < 20:
        start = time.perf_counter()
        browser.get(path)
        times.append((time.perf_counter() - start) * 1000)
    return times


def run(seconds: float, rounds: int) -> list[Row]:
    times: dict[str, list[float]] = {}
    with tempfile.TemporaryDirectory() as place, ours.serving(Path(place)) as it:
        fill(it.url + it.ingest_path, Path(place))
        browser = Browser(it.url)
        browser.sign_in(it.email, it.password)
        for number in range(rounds):
            for path in it.pages:
                times.setdefault(path, []).extend(measure(browser, path, seconds / 4))
            print(f"round {number + 1}: {sum(map(bool, times.values()))} pages", file=sys.stderr, flush=True)
    return [
        Row(f"page {path}: p95", f"{percentile(found, 0.95):.0f} ms", goal=f"≤ {GOAL_MS} ms")
        for path, found in times.items()
        if found
    ]
