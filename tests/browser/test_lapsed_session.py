"""The session ends while somebody writes: the text stays where it is, and is sent after signing in again."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from support.browser import COOKIE, DESK, PHONE, Company, Enter, in_minutes, visit
from support.patience import leaving

pytestmark = pytest.mark.slow
NOTE = "\n\n".join(
    f"Look {n}: what I saw at the gateway, so that nobody has to look again." for n in range(40)
)


def sign_in(page: Page, company: Company) -> None:
    page.get_by_label("Email").fill(company.people["gus"]["email"])
    page.get_by_label("Password").first.fill(company.password)
    page.get_by_role("button", name="Sign in").first.click()


def signed_in(enter: Enter, company: Company, size: dict[str, int], then: str) -> Page:
    """Gus, signed in with his password, so that this session may end without ending those of other tests."""
    page = enter("", size)
    page.goto(f"/accounts/login/?next={then}")
    with leaving(page):
        sign_in(page, company)
    return page


def end_session(page: Page) -> None:
    """As if the row had been deleted: the browser's cookie opens nothing any more."""
    kept = [c for c in page.context.cookies() if c["name"] != COOKIE]
    page.context.clear_cookies()
    page.context.add_cookies(kept)  # type: ignore[arg-type]


@pytest.mark.parametrize("size", [DESK, PHONE])
def test_a_long_note_outlives_its_session_and_is_posted_after_signing_in(company, enter, size):
    enter.forgive("401")
    key = company.declare("gus", "The gateway drops calls")
    gus = signed_in(enter, company, size, f"/incidents/{key}")
    text = gus.get_by_role("textbox", name="Text")
    text.fill(NOTE)
    # A part that is brought anew would notice the end of the session before the note does.
    gus.route("**/parts/**", lambda route: route.fulfill(status=204))
    end_session(gus)
    gus.get_by_role("button", name="Post").click()
    dialog = gus.get_by_role("dialog", name="Sign in again")
    expect(dialog).to_be_visible()
    expect(text).to_have_value(NOTE)
    with gus.context.expect_page() as opened:
        dialog.get_by_role("link", name="Sign in").click()
    beside = opened.value
    with beside.expect_event("close"):
        sign_in(beside, company)
    dialog.get_by_role("button", name="I am back").click()
    expect(gus.locator("#timeline")).to_contain_text("Look 39: what I saw at the gateway")
    expect(text).to_have_value("")
    expect(gus.locator(".tl__item").filter(has_text="Look 39:")).to_have_count(1)


def test_a_session_ended_elsewhere_is_told_at_once_and_keeps_the_text(company, enter):
    enter.forgive("401")
    key = company.declare("gus", "The gateway drops more calls")
    gus = signed_in(enter, company, DESK, f"/incidents/{key}")
    gus.get_by_role("textbox", name="Text").fill(NOTE)
    other = signed_in(enter, company, DESK, "/accounts/sessions/")
    other.get_by_role("button", name="others").click()
    expect(gus.get_by_role("dialog", name="Sign in again")).to_be_visible()
    expect(gus.get_by_role("textbox", name="Text", include_hidden=True)).to_have_value(NOTE)


def test_a_form_sent_without_a_session_comes_back_filled_after_signing_in(company, enter):
    key = company.declare("gus", "Search is stale", type="availability")
    page = f"/incidents/{key}/communication?draft=1&audience=customers_all"
    gus = signed_in(enter, company, PHONE, f"/incidents/{key}")
    # What looks over the words while they are typed would notice the end of the session first.
    gus.route("**/parts-lint", lambda route: route.fulfill(status=204))
    visit(gus, page)
    gus.get_by_label("Headline").fill("Search shows yesterday")
    gus.get_by_label("What they notice").fill(NOTE)
    gus.get_by_label("Next update at").fill(in_minutes(30))
    end_session(gus)
    gus.get_by_role("button", name="Save the draft").click()
    gus.wait_for_url("**/accounts/login/**")
    with leaving(gus):
        sign_in(gus, company)
    gus.wait_for_url(f"**{page}")
    expect(gus.get_by_label("Headline")).to_have_value("Search shows yesterday")
    expect(gus.get_by_label("What they notice")).to_have_value(NOTE)
    gus.get_by_role("button", name="Save the draft").click()
    expect(gus.locator(".paper").first).to_contain_text("Search shows yesterday")
