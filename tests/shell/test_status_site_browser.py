"""The published page in a real browser: nothing runs, nothing scrolls sideways, axe finds nothing."""

from __future__ import annotations

import functools
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from quarterdeck.channels.status_site import SiteSettings, render, write
from quarterdeck.core.status import Component, PageSnapshot, Post, StatusPage, snapshot
from quarterdeck.core.status.metrics import Metric, fold, single
from support.browser import launched
from support.patience import WAIT_MS, box_of, slowed
from support.status_sample import COMPONENTS, NOW, PAGE, URL, at, changes, posts, quiet_page

pytestmark = pytest.mark.slow
SITE = SiteSettings(URL, languages=("en", "de", "ar"), subscribe_url="https://desk.corvane.example/subscribe")
NASTY = '<img src=x onerror="document.title=1">\'"><svg onload="document.title=1"> [x](javascript:alert(1))'
VIEWS = [
    ("busy/", 1440, 900, "light"),
    ("busy/", 390, 844, "dark"),
    ("busy/index.de.html", 320, 640, "light"),
    ("busy/index.ar.html", 390, 844, "light"),
    ("busy/index.ar.html", 1440, 900, "dark"),
    ("busy/embed.html", 320, 240, "dark"),
    ("busy/history/", 390, 844, "dark"),
    ("busy/incidents/INC-1042/", 320, 640, "light"),
    ("quiet/", 1440, 900, "dark"),
]


def full_page() -> PageSnapshot:
    """The busy page, with parts, needs, a correction, what was called off, and figures."""
    parts = [replace(c, parent="cards") if c.id == "wallets" else c for c in COMPONENTS]
    parts = [replace(c, depends_on=("cards", "search")) if c.id == "seats" else c for c in parts]
    work = {"impact": "maintenance", "scheduled_for": at("01:00", -5), "scheduled_until": at("03:00", -5)}
    more = [
        Post("fix", "INC-1042", "", "identified", "It was *46* minutes past.", at("14:20"), kind="correction", corrects="pay-3"),
        Post("m1", "MNT-18", "New disks", "scheduled", "Short.", at("09:00"), **work),
        Post("m2", "MNT-18", "", "cancelled", "Not needed.", at("09:30"), **work),
    ]  # fmt: skip
    points = [single(NOW - timedelta(hours=h), 40 + h % 7 * 3) for h in range(700) if h % 31]
    metric = fold(Metric("m", "Response time", "ms"), points, NOW)
    return snapshot(PAGE, parts, changes(), [*posts(), *more], NOW, metrics=[metric])


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        """Says nothing."""


@pytest.fixture(scope="module")
def pages(tmp_path_factory) -> Iterator[str]:
    """The address of a server with a busy, a quiet and a hostile page."""
    root = tmp_path_factory.mktemp("status")
    write(render(full_page(), SITE), root / "busy")
    write(render(quiet_page(), replace(SITE, subscribe_url="", accent="#ffcc00")), root / "quiet")
    post = Post("p", "INC-1", NASTY, "investigating", NASTY, at("10:00"), components={"c": "major_outage"})
    hostile = snapshot(StatusPage("p", NASTY), [Component("c", NASTY, NASTY, NASTY)], [], [post], NOW)
    write(render(hostile, SITE), root / "hostile")
    server = ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(_Quiet, directory=str(root)))
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    yield from launched("chromium")


def opened(
    browser: Browser,
    url: str,
    width: int,
    height: int,
    scheme: str,
    *,
    bypass: bool = False,
    at: datetime = NOW,
) -> tuple[Page, list[str]]:
    """A page and what the browser complained about; `bypass` lets a test's own script in, `at` is its clock."""
    context = browser.new_context(
        viewport={"width": width, "height": height}, color_scheme=scheme, bypass_csp=bypass
    )
    context.set_default_timeout(WAIT_MS)
    page, told = slowed(context.new_page()), []
    page.clock.set_fixed_time(at)
    page.on("console", lambda message: told.append(message.text))
    page.on("pageerror", lambda error: told.append(str(error)))
    page.on("dialog", lambda dialog: told.append(f"dialog: {dialog.message}"))
    page.goto(url)
    return page, told


@pytest.mark.parametrize(("path", "width", "height", "scheme"), VIEWS)
def test_a_page_meets_wcag_and_fits_the_screen(pages, browser, path, width, height, scheme):
    page, told = opened(browser, f"{pages}/{path}", width, height, scheme)
    assert not told
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.context.close()
    page, _ = opened(browser, f"{pages}/{path}", width, height, scheme, bypass=True)
    found = Axe().run(page)
    assert not found.violations_count, found.generate_report()
    page.context.close()


@pytest.mark.parametrize("path", ["hostile/", "hostile/incidents/INC-1/", "hostile/badge.svg"])
def test_hostile_texts_run_nothing_in_a_browser(pages, browser, path):
    page, told = opened(browser, f"{pages}/{path}", 800, 600, "light")
    assert not told
    assert page.title() != "1"
    assert page.locator("img, script:not([src^='age.js?v=']), iframe").count() == 0
    page.context.close()


def test_groups_open_and_close_without_script(pages, browser):
    page, _ = opened(browser, f"{pages}/busy/", 390, 844, "light")
    group = page.locator("details", has_text="Back office")
    expect(page.get_by_text("Operator console", exact=True)).not_to_be_visible()
    group.locator("summary").click()
    expect(page.get_by_text("Operator console", exact=True)).to_be_visible()
    page.context.close()


def test_the_keyboard_reaches_the_state_first(pages, browser):
    page, _ = opened(browser, f"{pages}/busy/", 1440, 900, "light")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the current state")).to_be_focused()
    page.keyboard.press("Enter")
    page.wait_for_url("**/busy/#main")
    page.context.close()


def test_the_page_says_its_age_and_warns_when_it_was_not_renewed(pages, browser):
    page, told = opened(browser, f"{pages}/busy/", 390, 844, "light", at=NOW + timedelta(minutes=10))
    expect(page.locator("#age")).to_have_text("(10 minutes ago)")
    expect(page.locator("#stale")).not_to_be_visible()
    page.context.close()
    page, more = opened(
        browser, f"{pages}/busy/index.de.html", 390, 844, "light", at=NOW + timedelta(hours=3)
    )
    expect(page.locator("#stale")).to_contain_text("Diese Seite wurde vor 3 Stunden geschrieben")
    expect(page.locator("#stale")).to_be_visible()
    assert not told + more
    page.context.close()


def test_without_script_all_is_there_and_the_time_is_told(pages, browser):
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{pages}/busy/")
    expect(page.get_by_text("As of 18 Nov 2026, 15:28 CET")).to_be_visible()
    expect(page.locator("#stale")).not_to_be_visible()
    context.close()


def test_from_right_to_left_the_page_starts_on_the_right(pages, browser):
    page, _ = opened(browser, f"{pages}/busy/index.ar.html", 1440, 900, "light")
    brand, button = box_of(page.locator(".brand")), box_of(page.locator(".top .btn"))
    assert brand["x"] > button["x"]
    page.context.close()
