"""Waiting for what a browser shows: machines that run tests are slow, and live refreshes exchange parts of a page.

`QUARTERDECK_SLOW_BROWSER=6 pytest tests/browser/test_war_room.py` makes the browsers of the tests six times as slow
and takes them far from the server: what counts on a quick answer fails then, here and not on somebody else's machine.
"""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Callable, Iterator
from typing import Any

from playwright.sync_api import Locator, Page, expect

# How long a browser waits for what has no limit of its own.
WAIT_MS = 30_000
SECONDS = WAIT_MS / 1000
FAR_MS = 40  # each time as slow adds this to the way to the server


def slowed(page: Page) -> Page:
    """The page, as slow as somebody asked for."""
    rate = int(os.environ.get("QUARTERDECK_SLOW_BROWSER") or 1)
    if rate > 1:
        line = page.context.new_cdp_session(page)
        line.send("Emulation.setCPUThrottlingRate", {"rate": rate})
        line.send("Network.enable")
        distant = {"latency": FAR_MS * rate, "downloadThroughput": -1, "uploadThroughput": -1}
        line.send("Network.emulateNetworkConditions", {"offline": False} | distant)
    return page


def ready(page: Page) -> None:
    """Its scripts have taken hold."""
    expect(page.locator("html[data-ready]")).to_have_count(1)


@contextlib.contextmanager
def leaving(page: Page) -> Iterator[None]:
    """What is done here leads to another page, or to the same one anew: goes on when that stands there with its
    scripts. What is expected there may stand on the old page already, brought by a live refresh.
    """
    with page.expect_navigation():
        yield
    ready(page)


def follow(page: Page, what: Locator) -> None:
    """Press what leads to another page, and be there: a click itself does not wait until the old page has gone."""
    with leaving(page):
        what.click()


def until(fact: Callable[[], Any], seconds: float) -> float:
    """Ask until it holds; how long that took, in seconds. Fails when it takes longer."""
    began = time.monotonic()
    while not fact():
        assert time.monotonic() - began < seconds, f"not within {seconds} s"
        time.sleep(0.05)
    return time.monotonic() - began


def answer(question: Callable[[], Any], seconds: float = SECONDS) -> Any:
    """What is answered as soon as that is something: a part of a page may just be exchanged."""
    answers: list[Any] = []

    def given() -> bool:
        answers.append(question())
        return bool(answers[-1])

    until(given, seconds)
    return answers[-1]


def box_of(what: Locator) -> Any:
    """Where it stands and how large it is, as soon as it does stand there."""
    return answer(what.bounding_box)


def tab_to(page: Page, target: Locator) -> None:
    """Press Tab until the keyboard stands on it, as somebody without a mouse does: what is not reached so fails."""
    page.wait_for_load_state()  # an address with a # takes the focus away when all of the page is there
    expect(target).to_be_enabled()
    for _ in range(200):
        if target.evaluate("(e) => e === document.activeElement"):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"{target} is not reached by keyboard")


def type_in_turn(page: Page, letters: str) -> None:
    """Keys pressed a tenth of a second after each other, however long the page takes to hear of each."""
    line = page.context.new_cdp_session(page)
    began = time.time()
    for n, letter in enumerate(letters):
        press = {"key": letter, "timestamp": began + n / 10}
        line.send("Input.dispatchKeyEvent", {"type": "keyDown", "text": letter} | press)
        line.send("Input.dispatchKeyEvent", {"type": "keyUp"} | press)


def choose_by_keys(page: Page, field: Locator, words: str) -> None:
    """The first choice that begins so, with the arrow key: letters would have to follow each other within a second."""
    tab_to(page, field)
    page.keyboard.press("Home")
    for _ in range(field.locator("option").count()):
        if field.evaluate("(e) => e.selectedOptions[0].text.trim()").startswith(words):
            return
        page.keyboard.press("ArrowDown")
    raise AssertionError(f"{words!r} is not offered by {field}")
