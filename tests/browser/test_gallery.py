"""The frame and its scripts in a real browser under the product's style policy, on pages that need no server."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, Route, expect, sync_playwright

from support import gallery
from support.programs import need

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
    with sync_playwright() as playwright:
        made = playwright.chromium.launch(
            executable_path=need("chromium"),
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
        )
        yield made
        made.close()


@pytest.fixture
def room(site: str, browser: Browser) -> Iterator[Page]:
    """The war room with its scripts started; a live stream that never says anything."""
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    page = context.new_page()
    faults: list[str] = []
    page.on("pageerror", lambda fault: faults.append(str(fault)))
    page.route("**/live?*", lambda route: route.fulfill(**STREAM | {"body": "retry: 60000\n\n"}))
    opened(page, f"{site}/war-room.html")
    yield page
    context.close()
    assert not faults


def opened(page: Page, address: str) -> None:
    page.goto(address)
    page.wait_for_selector("html[data-ready]", state="attached")


def is_open(page: Page, dialog: str) -> bool:
    return bool(page.evaluate(f"document.getElementById('{dialog}').open"))


@pytest.mark.parametrize(
    ("wide", "high", "theme"), [(1440, 900, "light"), (390, 844, "dark"), (320, 640, "light")]
)
def test_the_frame_has_no_axe_violation_and_never_scrolls_sideways(site, browser, wide, high, theme):
    view = {"width": wide, "height": high}
    context = browser.new_context(viewport=view, color_scheme=theme, reduced_motion="reduce")
    page = context.new_page()
    found: list[str] = []
    page.on("console", lambda told: found.append(told.text) if "Content Security" in told.text else None)
    for name in FRAME_PAGES:
        page.goto(f"{site}/{name}.html")
        over = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        found += [f"{name} is {over} px too wide"] if over > 0 else []
        found += [
            f"{name}: {v['id']} {v['nodes'][0]['html']}" for v in Axe().run(page).response["violations"]
        ]
    context.close()
    assert not found


def test_a_change_refreshes_the_parts_that_follow_it_and_marks_what_is_new(site, browser):
    page = browser.new_page()
    opened(page, f"{site}/war-room.html")
    whole = page.evaluate("document.getElementById('timeline').outerHTML")
    page.route("**/live?*", lambda route: route.fulfill(**STREAM))
    page.route("**/parts/**", lambda route: route.fulfill(status=204))
    fresh = whole.replace("Four of six cells", "Five of six cells")
    page.route("**/parts/timeline*", lambda route: route.fulfill(content_type="text/html", body=fresh))
    opened(page, f"{site}/war-room.html")
    page.wait_for_selector("#entry-64.is-fresh")
    assert "Five of six cells" in page.inner_text("#timeline")
    assert not page.query_selector("#entry-61.is-fresh")
    page.close()


def test_a_lost_connection_says_how_old_the_page_is(site, browser):
    page = browser.new_page()
    page.route("**/live?*", lambda route: route.abort())
    opened(page, f"{site}/now.html")
    page.wait_for_selector("#connection:not([hidden])", timeout=15_000)
    assert "old" in page.inner_text("#connection")
    page.close()


def test_the_palette_mixes_commands_with_what_the_server_finds(room):
    found = {"results": [{"label": "payout-ledger", "hint": "service", "icon": "server", "href": "/x"}]}
    room.route("**/search.json*", lambda route: route.fulfill(json=found))
    room.keyboard.press("Control+k")
    room.keyboard.type("pay")
    room.wait_for_selector("#palette [role=option]:has-text('payout-ledger')")
    assert room.locator("#palette [role=option]", has_text="Page Payments platform").count() == 1
    room.keyboard.press("Escape")
    assert not is_open(room, "palette")


def test_single_keys_work_outside_fields_and_never_inside_them(room):
    room.keyboard.press("?")
    assert is_open(room, "keys-help")
    room.keyboard.press("Escape")
    room.keyboard.press("d")
    assert room.evaluate("document.activeElement.id") == "entry-text"
    assert room.is_checked("input[name=kind][value=decision]")
    room.keyboard.type("c ? j gi")
    assert room.input_value("#entry-text") == "c ? j gi"
    assert "war-room" in room.url


def test_single_keys_can_be_switched_off(room):
    room.keyboard.press("?")
    room.uncheck("[data-keys-switch]")
    room.keyboard.press("Escape")
    room.keyboard.press("?")
    assert not is_open(room, "keys-help")


def test_what_was_typed_survives_a_reload_and_a_refusal(room):
    room.fill("#entry-text", "Cell 1c drains")
    room.reload()
    room.wait_for_selector(".kept")
    assert room.input_value("#entry-text") == "Cell 1c drains"
    refusal = '<p class="notice notice--red" role="alert"><span>Only responders post.</span></p>'
    room.route("**/entries", lambda r: r.fulfill(status=422, content_type="text/html", body=refusal))
    room.click(".composer button[type=submit]")
    room.wait_for_selector(".composer .notice")
    assert room.input_value("#entry-text") == "Cell 1c drains"


def test_a_lapsed_session_keeps_the_text_and_sends_it_after_signing_in(room):
    whole = room.evaluate("document.getElementById('timeline').outerHTML")
    room.fill("#entry-text", "Cell 1c drains")
    room.route("**/entries", lambda r: r.fulfill(status=401, body="", headers={"HX-Reswap": "none"}))
    room.click(".composer button[type=submit]")
    room.wait_for_selector("#signin[open]")
    assert room.input_value("#entry-text") == "Cell 1c drains"
    sent: list[str] = []

    def accept(route: Route) -> None:
        sent.append(route.request.post_data or "")
        route.fulfill(content_type="text/html", body=whole)

    room.unroute("**/entries")
    room.route("**/entries", accept)
    room.click("[data-signin-retry]")
    expect(room.locator("#entry-text")).to_have_value("")
    assert "Cell+1c+drains" in sent[0] or "Cell%201c%20drains" in sent[0]
    assert room.evaluate("Object.keys(localStorage).filter(k => k.startsWith('qd:draft')).length") == 0


def test_theme_and_rail_are_remembered_without_a_flash(room):
    room.click(".rail label:has(input[value=dark])")
    room.click("[data-rail-fold]")
    room.reload()
    kept = room.evaluate("JSON.stringify(document.documentElement.dataset)")
    assert json.loads(kept)["theme"] == "dark"
    assert json.loads(kept)["rail"] == "narrow"


def test_the_war_room_of_a_phone_shows_my_next_step_on_the_first_screen(site, browser):
    context = browser.new_context(viewport={"width": 390, "height": 844})
    page = context.new_page()
    page.goto(f"{site}/war-room.html")
    box = page.locator(".checks .is-next .btn").bounding_box()
    bar = page.locator(".rail").bounding_box()
    assert box
    assert bar
    assert box["y"] + box["height"] <= bar["y"]
    context.close()
