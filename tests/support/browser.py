"""People in front of browsers: one real Chromium and one running Quarterdeck for all tests that ask for them.

    def test_something(company, enter):
        ana = enter("ana", PHONE, "dark")        # a page of Ana's own browser, signed in
        ana.goto(f"/incidents/{company.open}")

Whatever a page complains about (console errors, faults of scripts, dialogs) fails the test when it ends, unless
`enter.forgive(text)` was said before.
"""

from __future__ import annotations

import contextlib
import json
import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx2
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Error,
    Page,
    Route,
    expect,
    sync_playwright,
)

from .patience import WAIT_MS, answer, ready, slowed
from .programs import need
from .server import Server
from .serving import Installation

DESK = {"width": 1440, "height": 900}
PHONE = {"width": 390, "height": 844}
NARROW = {"width": 320, "height": 640}
COOKIE = "quarterdeck"
# WCAG 2.2 AA and what axe advises beyond it; "experimental" rules are not counted.
RULES = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice")


class Company:
    """A running installation and what a company of the tests (`module:function`) put into it."""

    def __init__(self, folder: Path, furnish: str) -> None:
        self.installation = Installation(folder)
        # Browsers are pushed to as soon as its table is there.
        (self.installation.data / "quarterdeck.toml").write_text(
            '[channels.web_push]\ncontact = "mailto:ops@example.com"\n'
        )
        self.made: dict[str, Any] = self.installation.ask(f"support.{furnish}")
        self.server: Server = self.installation.serve()
        self.server.wait_until_ready()
        self.url = self.server.url
        self.open: str = self.made["open"]
        self.people: dict[str, dict[str, str]] = self.made["people"]
        self.password: str = self.made["password"]

    def ask(self, by: str, method: str, path: str, body: Any = None) -> Any:
        """One request to the REST interface with somebody's key; its answer."""
        headers = {"Authorization": f"Bearer {self.people[by]['key']}"}
        told = httpx2.request(
            method, f"{self.url}/api/v1{path}", json=body, headers=headers, timeout=30, trust_env=False
        )
        assert told.status_code < 300, f"{method} {path}: {told.status_code} {told.text}"
        return told.json() if told.content else None

    def declare(self, by: str, title: str, **said: Any) -> str:
        """A fresh incident of its own for one test; its key."""
        body = {"title": title, "severity": 2, "both_reason": "Every test has its own.", **said}
        return str(self.ask(by, "POST", "/incidents", body)["id"])

    def alert(self, key: str, summary: str, **payload: Any) -> None:
        """A monitor sends an alert."""
        body = {
            "event_action": "trigger", "dedup_key": key,
            "payload": {"summary": summary, "source": "gateway-7", "severity": "warning"} | payload,
        }  # fmt: skip
        path = f"/in/pagerduty/{self.made['integration_key']}/v2/enqueue"
        told = httpx2.post(self.url + path, json=body, timeout=30, trust_env=False)
        assert told.status_code < 300, told.text

    def callout_link(self, callout_id: str) -> str:
        """The link in the message of a callout, as soon as the console shows it."""
        found = answer(lambda: [m["link"] for m in self.sent() if f"/c/{callout_id}/" in m["link"]])
        return str(found[0])

    def sent(self) -> list[dict[str, Any]]:
        """The messages which the console has shown, as far as they are written to the end."""
        shown = self.installation.data / "console.json"
        whole = shown.read_text().rpartition("\n")[0] if shown.exists() else ""
        return [json.loads(line) for line in whole.splitlines()]

    def faults(self) -> str:
        """The last faults that the server wrote into its log."""
        told = [json.loads(line) for line in self.server.log.splitlines() if '"exception": "' in line]
        return "\n".join(f"{t.get('event')}\n{t['exception'][-3000:]}" for t in told[-3:])

    def stop(self) -> None:
        assert self.server.stop() == 0, self.server.log


class Enter:
    """Opens browsers for people and remembers what their pages complained about."""

    def __init__(self, browser: Browser, company: Company) -> None:
        self._browser, self._company = browser, company
        self._contexts: list[BrowserContext] = []
        self._held: list[Route] = []
        self._forgiven: list[str] = []
        self.complaints: list[str] = []

    def __call__(
        self,
        handle: str = "",
        size: dict[str, int] = DESK,
        scheme: str = "light",
        *,
        script: bool = True,
        touch: bool = False,
    ) -> Page:
        """A page in a browser of its own. Without a handle nobody is signed in."""
        context = self._browser.new_context(
            base_url=self._company.url, viewport=size, color_scheme=scheme, java_script_enabled=script,  # type: ignore[arg-type]
            reduced_motion="reduce", locale="en-GB", timezone_id="UTC", has_touch=touch,
        )  # fmt: skip
        context.set_default_timeout(WAIT_MS)
        self._contexts.append(context)
        if handle:
            value = self._company.people[handle]["session"]
            context.add_cookies([{"name": COOKIE, "value": value, "url": self._company.url}])
        page = slowed(context.new_page())
        page.on("console", lambda m: self._told(_where(m), page) if m.type == "error" else None)
        page.on("pageerror", lambda e: self._told(f"script fault: {e}", page))
        page.on("dialog", lambda d: (self._told(f"dialog: {d.message}", page), d.dismiss()))
        return page

    def _told(self, text: str, page: Page) -> None:
        self.complaints.append(f"{page.url}: {text}")

    def forgive(self, *texts: str) -> None:
        """Complaints with this in them are part of the story, such as "422" where a form is refused."""
        self._forgiven += texts

    def hold(self, page: Page, address: str) -> list[Route]:
        """Requests to such an address get no answer until somebody gives them one, or the test ends."""
        page.route(address, lambda route: self._held.append(route))
        return self._held

    def close(self) -> list[str]:
        """Ends all browsers; what they complained about and nobody forgave."""
        if self._held:
            self.forgive("net::ERR_FAILED", "htmx:sendError")
        for route in self._held:
            with contextlib.suppress(Error):  # it was answered, or its page has gone
                route.abort()
        for context in self._contexts:
            context.close()
        return [c for c in self.complaints if not any(text in c for text in self._forgiven)]


def _where(message: ConsoleMessage) -> str:
    return f"{message.text} ({message.location['url']})"


def launched(program: str) -> Iterator[Browser]:
    """A browser: `chromium`, or `browser` for the one that shows what is pushed."""
    expect.set_options(timeout=WAIT_MS)
    with sync_playwright() as playwright:
        made = playwright.chromium.launch(
            executable_path=need(program),
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
        )
        yield made
        made.close()


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """One browser for each file: while Playwright runs, nothing else in this process may start an event loop."""
    yield from launched("chromium")


@pytest.fixture(scope="session")
def company(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Company]:
    """The calm company. Tests leave its open incident as it is and declare their own where they change one."""
    need("chromium")
    made = Company(tmp_path_factory.mktemp("company"), "browser_company:furnish")
    yield made
    made.stop()


@pytest.fixture(scope="session")
def crowd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Company]:
    """The rough company: many people, long lists, hostile texts."""
    need("chromium")
    made = Company(tmp_path_factory.mktemp("crowd"), "rough_company:crowd")
    yield made
    made.stop()


def _entered(chromium: Browser, company: Company) -> Iterator[Enter]:
    door = Enter(chromium, company)
    yield door
    left = door.close()
    assert not left, "\n".join([*left, company.faults()])


@pytest.fixture
def enter(chromium: Browser, company: Company) -> Iterator[Enter]:
    yield from _entered(chromium, company)


@pytest.fixture
def enter_crowd(chromium: Browser, crowd: Company) -> Iterator[Enter]:
    yield from _entered(chromium, crowd)


def visit(page: Page, path: str) -> Page:
    """Open an address and wait until its scripts have taken hold."""
    answer = page.goto(path)
    assert answer is not None and answer.status < 500, f"{path}: {answer and answer.status}"
    ready(page)
    return page


def commander_line(page: Page) -> str:
    """Who leads, as the command panel of a war room says it, with blanks made even."""
    return re.sub(r"\s+", " ", page.locator("#command .lead__line").inner_text()).strip()


_AXE = Axe()


def faults(page: Page, rules: tuple[str, ...] = RULES, within: str | None = None) -> list[str]:
    """What axe finds on the page as it stands: rule, help and the elements. `rules` are tags, or names of rules;
    `within` is a selector.
    """
    only = {"type": "tag" if rules is RULES else "rule", "values": list(rules)}
    # Bars that stay in place cover whatever is scrolled under them just now: readers scroll, axe does not.
    page.evaluate(
        """() => document.querySelectorAll(".rail, .topbar").forEach(e => { e.style.position = "static"; })"""
    )
    found = _AXE.run(
        page, context=within, options={"runOnly": only, "resultTypes": ["violations"], "preload": False}
    )
    page.evaluate(
        """() => document.querySelectorAll(".rail, .topbar").forEach(e => { e.style.position = ""; })"""
    )
    return [
        f"{v['id']}: {v['help']}: "
        + "; ".join(f"{n['target']} {n['failureSummary']}" for n in v["nodes"][:4])
        for v in found.response["violations"]
    ]


def overhang(page: Page) -> list[str]:
    """The elements that make the page scroll sideways; none when it fits."""
    return page.evaluate(
        """() => {
          const wide = document.documentElement.clientWidth;
          if (document.documentElement.scrollWidth <= wide) return [];
          const clipped = (e) => e && (getComputedStyle(e).overflowX !== "visible" || clipped(e.parentElement));
          const far = (e) => e.getBoundingClientRect().right > wide + 1 && !clipped(e.parentElement);
          const out = [...document.querySelectorAll("main *, header *, nav *, dialog *")].filter(far);
          const named = (e) => `${e.tagName.toLowerCase()}.${e.className} "${e.textContent.trim().slice(0, 30)}"`;
          return [`${document.documentElement.scrollWidth} > ${wide}`, ...out.slice(0, 6).map(named)];
        }"""
    )


def monday_ahead(weeks: int) -> date:
    """The Monday so many weeks from this one."""
    today = datetime.now(UTC).date()
    return today + timedelta(days=7 * weeks - today.weekday())


def in_minutes(minutes: int) -> str:
    """A moment for a field that asks for date and time, in UTC."""
    return (datetime.now(UTC) + timedelta(minutes=minutes)).strftime("%Y-%m-%dT%H:%M")
