"""The editor of status pages in a browser: what is typed shows at once, lines move by keys and by mouse, axe is quiet."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

import pytest
from playwright.sync_api import FrameLocator, Page, expect
from tests.browser.test_accessibility import inspected

from support.browser import DESK, PHONE, visit
from support.patience import SECONDS, until

pytestmark = pytest.mark.slow
SHOTS = os.environ.get("QUARTERDECK_SHOTS", "")
# The next one stands beside it, hidden, until it has come.
FRAME = "iframe[title='The page as it would be published']:not([hidden])"


def shot(page: Page, name: str) -> None:
    """A picture to look at, where somebody asked for pictures."""
    for size in (DESK, PHONE) if SHOTS else ():
        for scheme in ("light", "dark"):
            page.set_viewport_size(size)  # type: ignore[arg-type]
            page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
            page.wait_for_timeout(700)
            page.screenshot(path=Path(SHOTS) / f"{name}-{size['width']}-{scheme}.png", full_page=True)
    page.set_viewport_size(DESK)  # type: ignore[arg-type]
    page.emulate_media(color_scheme="light")


def made(company) -> list[str]:
    """A page of its own with five components; their ids."""
    company.ask(
        "ana",
        "POST",
        "/status-pages",
        {"key": "ferry", "title": "Ferry status", "description": "Tickets and gates."},
    )
    parts = [
        ("Tickets", "Selling"),
        ("Seats", "Selling"),
        ("Gates", "Boarding"),
        ("Passes", "Boarding"),
        ("Console", ""),
    ]
    found = [
        company.ask("ana", "POST", "/status-pages/ferry/components", {"name": n, "group": g})["id"]
        for n, g in parts
    ]
    company.ask(
        "ana", "PUT", f"/components/{found[2]}/state", {"state": "partial_outage", "reason": "Scanners"}
    )
    return [str(one) for one in found]


def outline(frame: FrameLocator) -> list[object]:
    """Where the main parts of the page stand, and in which colours and letters: a picture that can be compared."""
    expect(frame.get_by_text("We tell you")).to_be_visible()
    return frame.locator("header, .brand, main, h1, h2, li, footer").evaluate_all(
        """parts => parts.map(e => {
            const box = e.getBoundingClientRect(), style = getComputedStyle(e);
            return [e.tagName, ...[box.x, box.y, box.width, box.height].map(Math.round), style.color,
                    style.backgroundColor, style.fontSize, style.letterSpacing];
        })"""
    )


def order(company) -> list[str]:
    rows = company.ask("ana", "GET", "/components?page=ferry")["items"]
    return [c["name"] for c in sorted(rows, key=lambda c: c["position"])]


@pytest.mark.requirement("R-043", "R-273")
def test_a_page_is_branded_and_put_in_order_with_everything_seen_before_it_is_saved(company, enter) -> None:
    enter.forgive("422")
    wrong: list[str] = []
    made(company)
    page = enter("ana")
    visit(page, "/status-pages/ferry/look")
    frame = page.frame_locator(FRAME)
    expect(frame.get_by_role("heading", level=1)).to_be_visible()
    page.get_by_label("Title").fill("Corvane Ferries")
    page.get_by_label("Text at the top").fill("We tell you **first**.")
    page.get_by_label("Colour", exact=False).first.fill("#ffff00")
    said = page.locator("[data-preview-said]")
    expect(said).to_contain_text("contrast")
    page.get_by_label("Colour", exact=False).first.fill("#8a1c5c")
    page.get_by_label("Style sheet").fill(
        "h1 { letter-sp"
    )  # whoever stops in the middle of a word keeps the look
    expect(said).to_contain_text("Line 1 of the style sheet")
    expect(frame.get_by_role("heading", level=1)).not_to_have_text("There is no preview yet")
    page.get_by_label("Style sheet").fill("h1 { letter-spacing: 2px }")
    expect(said).to_be_hidden()
    expect(frame.locator(".brand")).to_contain_text("Corvane Ferries")
    expect(frame.get_by_text("first", exact=True)).to_be_visible()
    expect(frame.get_by_role("heading", level=1)).to_have_css("letter-spacing", "2px")
    light = frame.locator("body").evaluate("e => getComputedStyle(e).backgroundColor")
    assert (
        frame.locator("html").evaluate("e => getComputedStyle(e).getPropertyValue('--accent').trim()")
        == "#8a1c5c"
    )
    drafted = outline(frame)
    page.locator("[name=pv_theme][value=dark]").check(force=True)
    expect(frame.locator("body")).not_to_have_css("background-color", light)
    shot(page, "look")
    page.locator("[name=pv_width][value=phone]").check(force=True)
    expect(page.locator(FRAME)).to_have_css("width", "390px")
    shot(page, "look-phone")
    if SHOTS:
        page.set_viewport_size(PHONE)  # type: ignore[arg-type]
        page.locator(FRAME).scroll_into_view_if_needed()
        page.wait_for_timeout(700)
        page.screenshot(path=Path(SHOTS) / "look-phone-scrolled.png")
    page.evaluate("scrollTo(0, 0)")  # else the bar at the top covers the tabs
    wrong += inspected(page, "look of a page")
    page.set_viewport_size(DESK)
    page.get_by_role("button", name="Save and publish").click()
    expect(page.get_by_text("It is published within seconds.").first).to_be_visible()
    visit(page, "/status-pages/ferry/look")
    with contextlib.suppress(AssertionError):  # the frame takes its shape when its style sheet has come
        until(lambda: outline(frame) == drafted, SECONDS)
    assert outline(frame) == drafted, "what was saved looks as it was shown before"
    assert any("2px" in str(part) for part in drafted), "a picture without the edit compares nothing"
    reader = enter("")
    reader.goto("/subscribe/ferry")
    expect(reader.locator("button[type=submit]")).to_have_css("background-color", "rgb(138, 28, 92)")
    expect(reader.get_by_role("heading", level=1)).to_have_css("letter-spacing", "2px")
    expect(reader.get_by_text("first", exact=True)).to_be_visible()
    wrong += inspected(reader, "subscribing in the brand of the page")

    visit(page, "/status-pages/ferry/order")
    page.get_by_role("button", name="Move Tickets", exact=True).focus()
    page.keyboard.press("ArrowDown")
    expect(page.locator("#announce")).to_have_text("Tickets is now 2 of 2 in Selling.")
    page.keyboard.press("ArrowDown")
    expect(page.locator("#announce")).to_have_text("Tickets is now 1 of 3 in Boarding.")
    page.get_by_role("button", name="Move Passes", exact=True).hover()
    page.mouse.down()
    page.get_by_role("button", name="Move Seats", exact=True).hover(position={"x": 4, "y": 2})
    page.mouse.up()
    page.get_by_label("Why it changes").fill("Passes first")
    shot(page, "order")
    wrong += inspected(page, "order of a page")
    page.set_viewport_size(DESK)
    page.get_by_role("button", name="Save the order").last.click()
    expect(page.get_by_text("The order is saved.").first).to_be_visible()
    assert order(company) == ["Passes", "Seats", "Tickets", "Gates", "Console"]

    visit(page, "/status-pages/ferry/history?old=6&new=8")
    expect(page.get_by_text("“Ferry status” became “Corvane Ferries”").first).to_be_visible()
    shot(page, "history")
    wrong += inspected(page, "history of a page")
    visit(page, "/status-pages/ferry")
    expect(page.get_by_text("nothing open on the page says why").first).to_be_visible()
    shot(page, "overview")
    wrong += inspected(page, "status page with findings")
    assert not wrong, "\n".join(wrong)
