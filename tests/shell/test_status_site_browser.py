"""The published page in a real browser: nothing runs, nothing scrolls sideways, axe finds nothing."""

from __future__ import annotations

import functools
import threading
from collections.abc import Iterator
from dataclasses import replace
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, sync_playwright

from quarterdeck.channels.status_site import SiteSettings, render, write
from quarterdeck.core.status import Component, Post, StatusPage, snapshot
from support.programs import need
from support.status_sample import NOW, URL, at, busy_page, quiet_page

pytestmark = pytest.mark.slow
SITE = SiteSettings(URL, languages=("en", "de"), subscribe_url="https://desk.corvane.example/subscribe")
NASTY = '<img src=x onerror="document.title=1">\'"><svg onload="document.title=1"> [x](javascript:alert(1))'
VIEWS = [
    ("busy/", 1440, 900, "light"),
    ("busy/", 390, 844, "dark"),
    ("busy/index.de.html", 320, 640, "light"),
    ("busy/history/", 390, 844, "dark"),
    ("busy/incidents/INC-1042/", 320, 640, "light"),
    ("quiet/", 1440, 900, "dark"),
]


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        """Says nothing."""


@pytest.fixture(scope="module")
def pages(tmp_path_factory) -> Iterator[str]:
    """The address of a server with a busy, a quiet and a hostile page."""
    root = tmp_path_factory.mktemp("status")
    write(render(busy_page(), SITE), root / "busy")
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
    with sync_playwright() as playwright:
        made = playwright.chromium.launch(
            executable_path=need("chromium"),
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
        )
        yield made
        made.close()


def opened(
    browser: Browser, url: str, width: int, height: int, scheme: str, *, bypass: bool = False
) -> tuple[Page, list[str]]:
    """A page and what the browser complained about; `bypass` lets a test's own script in."""
    context = browser.new_context(
        viewport={"width": width, "height": height}, color_scheme=scheme, bypass_csp=bypass
    )
    page, told = context.new_page(), []
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
    assert page.locator("img, script, iframe").count() == 0
    page.context.close()


def test_groups_open_and_close_without_script(pages, browser):
    page, _ = opened(browser, f"{pages}/busy/", 390, 844, "light")
    group = page.locator("details", has_text="Back office")
    assert group.get_attribute("open") is None
    group.locator("summary").click()
    assert page.get_by_text("Operator console", exact=True).is_visible()
    page.context.close()


def test_the_keyboard_reaches_the_state_first(pages, browser):
    page, _ = opened(browser, f"{pages}/busy/", 1440, 900, "light")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to the current state"
    page.keyboard.press("Enter")
    assert page.url.endswith("#main")
    page.context.close()
