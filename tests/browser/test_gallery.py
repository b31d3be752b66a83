"""The frame and its scripts in a real browser under the product's style policy, on pages that need no server."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, Route, expect

from support import gallery
from support.browser import launched
from support.patience import WAIT_MS, answer, box_of, ready, slowed

pytestmark = pytest.mark.slow
LIVE = 'event: change\ndata: {"topic": "incident:INC-1042", "kinds": ["note"], "seq": 5}\n\nid: 1-2\n\n'
STREAM = {"status": 200, "headers": {"content-type": "text/event-stream"}, "body": f"retry: 60000\n\n{LIVE}"}
FRAME_PAGES = ("now-bars", "war-room", "war-room-quiet", "account-login-demo", "fault-409", "alerts")


@pytest.fixture(scope="module")
def site(tmp_path_factory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("gallery")
    gallery.built_apart(folder)
    with gallery.served(folder) as address:
        yield address


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    yield from launched("chromium")


@pytest.fixture
def room(site: str, browser: Browser) -> Iterator[Page]:
    """The war room with its scripts started; a live stream that never says anything."""
    page = fresh_page(browser, viewport={"width": 1440, "height": 900})
    faults: list[str] = []
    page.on("pageerror", lambda fault: faults.append(str(fault)))
    page.route("**/live?*", lambda route: route.fulfill(**STREAM | {"body": "retry: 60000\n\n"}))
    opened(page, f"{site}/war-room.html")
    yield page
    page.context.close()
    assert not faults


def fresh_page(browser: Browser, **looks: Any) -> Page:
    """A page of a browser that knows nothing yet."""
    context = browser.new_context(**looks)
    context.set_default_timeout(WAIT_MS)
    return slowed(context.new_page())


def opened(page: Page, address: str) -> None:
    page.goto(address)
    ready(page)


@pytest.mark.parametrize(
    ("wide", "high", "theme"), [(1440, 900, "light"), (390, 844, "dark"), (320, 640, "light")]
)
def test_the_frame_has_no_axe_violation_and_never_scrolls_sideways(site, browser, wide, high, theme):
    view = {"width": wide, "height": high}
    page = fresh_page(browser, viewport=view, color_scheme=theme, reduced_motion="reduce")
    found: list[str] = []
    page.on("console", lambda told: found.append(told.text) if "Content Security" in told.text else None)
    for name in FRAME_PAGES:
        opened(page, f"{site}/{name}.html")
        over = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        found += [f"{name} is {over} px too wide"] if over > 0 else []
        found += [
            f"{name}: {v['id']} {v['nodes'][0]['html']}" for v in Axe().run(page).response["violations"]
        ]
    page.context.close()
    assert not found


def test_a_change_refreshes_the_parts_that_follow_it_and_marks_what_is_new(site, browser):
    page = fresh_page(browser)
    opened(page, f"{site}/war-room.html")
    whole = page.evaluate("document.getElementById('timeline').outerHTML")
    page.route("**/live?*", lambda route: route.fulfill(**STREAM))
    page.route("**/parts/**", lambda route: route.fulfill(status=204))
    fresh = whole.replace("Four of six cells", "Five of six cells")
    page.route("**/parts/timeline*", lambda route: route.fulfill(content_type="text/html", body=fresh))
    opened(page, f"{site}/war-room.html")
    page.wait_for_selector("#entry-64.is-fresh")
    expect(page.locator("#timeline")).to_contain_text("Five of six cells")
    expect(page.locator("#entry-61")).not_to_have_class(re.compile("is-fresh"))
    page.context.close()


def test_a_lost_connection_says_how_old_the_page_is(site, browser):
    page = fresh_page(browser)
    page.route("**/live?*", lambda route: route.abort())
    opened(page, f"{site}/now.html")
    expect(page.locator("#connection")).to_be_visible()
    expect(page.locator("#connection")).to_contain_text("old")
    page.context.close()


def test_the_palette_mixes_commands_with_what_the_server_finds(room):
    found = {"results": [{"label": "payout-ledger", "hint": "service", "icon": "server", "href": "/x"}]}
    room.route("**/search.json*", lambda route: route.fulfill(json=found))
    room.keyboard.press("Control+k")
    expect(room.locator("#palette input")).to_be_focused()
    room.keyboard.type("pay")
    room.wait_for_selector("#palette [role=option]:has-text('payout-ledger')")
    expect(room.locator("#palette [role=option]", has_text="Page Payments platform")).to_have_count(1)
    room.keyboard.press("Escape")
    expect(room.locator("#palette")).not_to_be_visible()


def test_single_keys_work_outside_fields_and_never_inside_them(room):
    room.keyboard.press("?")
    expect(room.locator("#keys-help")).to_be_visible()
    room.keyboard.press("Escape")
    expect(room.locator("#keys-help")).not_to_be_visible()
    room.keyboard.press("d")
    expect(room.locator("#entry-text")).to_be_focused()
    expect(room.locator("input[name=kind][value=decision]")).to_be_checked()
    room.keyboard.type("c ? j gi")
    expect(room.locator("#entry-text")).to_have_value("c ? j gi")
    assert "war-room" in room.url


def test_single_keys_can_be_switched_off(room):
    room.keyboard.press("?")
    room.uncheck("[data-keys-switch]")
    room.keyboard.press("Escape")
    expect(room.locator("#keys-help")).not_to_be_visible()
    room.keyboard.press("?")
    room.keyboard.press("Control+k")  # handled after it, and not switched off
    expect(room.locator("#palette")).to_be_visible()
    expect(room.locator("#keys-help")).not_to_be_visible()


def test_what_was_typed_survives_a_reload_and_a_refusal(room):
    room.fill("#entry-text", "Cell 1c drains")
    room.reload()
    ready(room)
    room.wait_for_selector(".kept")
    expect(room.locator("#entry-text")).to_have_value("Cell 1c drains")
    refusal = '<p class="notice notice--red" role="alert"><span>Only responders post.</span></p>'
    room.route("**/entries", lambda r: r.fulfill(status=422, content_type="text/html", body=refusal))
    room.click(".composer button[type=submit]")
    room.wait_for_selector(".composer .notice")
    expect(room.locator("#entry-text")).to_have_value("Cell 1c drains")


def test_a_lapsed_session_keeps_the_text_and_sends_it_after_signing_in(room):
    whole = room.evaluate("document.getElementById('timeline').outerHTML")
    room.fill("#entry-text", "Cell 1c drains")
    room.route("**/entries", lambda r: r.fulfill(status=401, body="", headers={"HX-Reswap": "none"}))
    room.click(".composer button[type=submit]")
    room.wait_for_selector("#signin[open]")
    expect(room.locator("#entry-text")).to_have_value("Cell 1c drains")
    sent: list[str] = []

    def accept(route: Route) -> None:
        sent.append(route.request.post_data or "")
        route.fulfill(content_type="text/html", body=whole)

    room.unroute("**/entries")
    room.route("**/entries", accept)
    room.click("[data-signin-retry]")
    expect(room.locator("#entry-text")).to_have_value("")
    assert "Cell+1c+drains" in sent[0] or "Cell%201c%20drains" in sent[0]
    answer(
        lambda: room.evaluate("Object.keys(localStorage).filter(k => k.startsWith('qd:draft')).length") == 0
    )


def test_theme_and_rail_are_remembered_without_a_flash(room):
    room.click(".rail label:has(input[value=dark])")
    room.click("[data-rail-fold]")
    expect(room.locator("html[data-theme=dark][data-rail=narrow]")).to_have_count(1)
    room.reload()
    kept = room.evaluate("JSON.stringify(document.documentElement.dataset)")
    assert json.loads(kept)["theme"] == "dark"
    assert json.loads(kept)["rail"] == "narrow"


def test_the_war_room_of_a_phone_shows_my_next_step_on_the_first_screen(site, browser):
    page = fresh_page(browser, viewport={"width": 390, "height": 844})
    opened(page, f"{site}/war-room.html")
    box, bar = box_of(page.locator(".checks .is-next .btn")), box_of(page.locator(".rail"))
    assert box["y"] + box["height"] <= bar["y"]
    page.context.close()
