"""Two engines publish the same page into the same folder at the same time, and their clocks jump by a day: never half a page."""

from __future__ import annotations

import random
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from stories import test_publishing_killed as one_engine
from support.serving import Installation

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]
SECONDS = 20
JUMPS = (timedelta(0), timedelta(0), timedelta(days=1), timedelta(days=-1), timedelta(days=3))


class Reader(one_engine.Reader):
    """Two writers agree on no order; each look is at one whole version all the same."""

    names = ("index.html", "history/index.html", "api/v2/summary.json", "history.atom", "feed.json")

    def _look(self, version: int) -> None:
        super()._look(version)
        self.faults = [f for f in self.faults if " after " not in f]


def furnish() -> None:
    from quarterdeck.app.people import accounts
    from quarterdeck.app.status import status_pages

    act = accounts.operator(datetime.now(UTC))
    status_pages.create_page(act, "main", "Number 0.")
    for name in range(20):
        status_pages.create_component(act, "main", f"Component {name}")


def engine(which: int, seconds: float) -> dict[str, Any]:
    """Changes the page and publishes it, without pause; then once by the right time, as it does when nothing changes."""
    from quarterdeck.app.people import accounts
    from quarterdeck.app.status import status_pages
    from quarterdeck.engine import publish
    from quarterdeck.store import models

    dice, until, done, number = random.Random(which), time.monotonic() + seconds, 0, which
    while time.monotonic() < until:
        number += 2
        now = datetime.now(UTC)
        status_pages.update_page(accounts.operator(now), "main", title=f"Number {number}.")
        done += publish.publish_pages(now + dice.choice(JUMPS))
    time.sleep(2)
    publish._failed.clear()
    publish.publish_pages(datetime.now(UTC))
    alarms = models.Alarm.objects.filter(kind="status-page")
    return {"published": done, "alarms": [a.text for a in alarms]}


def title() -> str:
    from quarterdeck.store import models

    found: str = models.StatusPage.objects.get().title
    return found


def test_two_engines_at_the_same_page_never_show_half_of_it(tmp_path: Path) -> None:
    public = tmp_path / "public"
    installation = Installation(tmp_path, QUARTERDECK_STATUS_FOLDER=str(public))
    installation.ask("stories.test_status_two_engines:furnish")
    reader = Reader(public / "main")
    reader.start()
    ask = "stories.test_status_two_engines:engine"
    try:
        with ThreadPoolExecutor(2) as pool:
            both = [pool.submit(installation.ask, ask, which=n, seconds=SECONDS) for n in (0, 1)]
            told = [one.result() for one in both]
    finally:
        reader.stop.set()
        reader.join(10)
    assert reader.faults == []
    assert [one["alarms"] for one in told] == [[], []]
    assert min(one["published"] for one in told) >= 5
    assert len(set(reader.seen)) >= 5, "hardly anything was seen"
    assert {n % 2 for n in reader.seen} == {0, 1}, "both were seen"
    # What is shown in the end is what the page is, and nothing half made is left.
    shown = (public / "main" / "index.html").read_text()
    assert installation.ask("stories.test_status_two_engines:title") in shown
    assert not [p for p in (public / ".main").glob(".*/")]
    fresh = (public / "main" / "fresh.json").read_text()
    assert f"{datetime.now(UTC) + timedelta(days=2):%Y-%m-%d}" > fresh.split('"')[3][:10]
