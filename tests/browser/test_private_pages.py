"""A private status page from its door to its content, and the pages on which it is set up, as people meet them."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from support.browser import DESK, PHONE, RULES, faults, overhang, visit

pytestmark = pytest.mark.slow
SECRET = "correct horse battery"


@pytest.fixture(scope="module")
def guarded(company):
    """A private page with every way in, that says it is there; one component of the public page in its own words."""
    company.ask("ana", "POST", "/status-pages", {"key": "partners", "title": "Partners of Corvane"})
    ways = {
        "visibility": "private",
        "hidden": False,
        "password": SECRET,
        "domains": ["corp.example"],
        "members": True,
    }
    told = company.ask("ana", "PATCH", "/status-pages/partners/access", ways)
    found = company.ask("ana", "GET", "/components")["items"][0]
    shown = {"components": [{"component": found["id"], "name": "Your bookings", "group": "For partners"}]}
    company.ask("ana", "PUT", "/status-pages/partners/shown-components", shown)
    company.ask("ana", "PUT", "/status-pages/partners/access/feed-token")
    return told["door"]


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_reader_gets_in_by_the_password_and_nobody_else_does(enter, company, guarded, size, scheme):
    enter.forgive("401", "422")
    page = enter("", size, scheme)
    answer = page.goto("/status/partners/history/")
    assert answer.status == 401
    assert faults(page, RULES) == []
    assert overhang(page) == []
    page.get_by_label("Password of this page").fill("wrong")
    page.get_by_role("button", name="Open the page").click()
    page.get_by_text("This is not the password.").wait_for()
    assert faults(page, RULES) == []
    page.get_by_label("Password of this page").fill(SECRET)
    page.get_by_role("button", name="Open the page").click()
    page.wait_for_url("**/status/partners/history/")
    page.goto("/status/partners/")
    page.get_by_text("Your bookings").first.wait_for()
    ana = enter("ana", size, scheme)
    for path in ("access", "components/choose", "delete"):
        visit(ana, f"/status-pages/partners/{path}")
        ana.evaluate("scrollTo(0, document.body.scrollHeight)")  # nothing under the bar at the bottom
        assert faults(ana, RULES) == []
        assert overhang(ana) == []


@pytest.mark.parametrize(("size", "scheme"), [(DESK, "light"), (PHONE, "dark")])
def test_people_are_invited_to_it_and_withdrawn_on_the_page_of_its_subscribers(
    enter, company, guarded, size, scheme
):
    ana = visit(enter("ana", size, scheme), "/status-pages/partners/subscribers")
    ana.get_by_label("Mail addresses, each on a line of its own").fill(
        f"kim.{scheme}@corp.example\nsomebody.with.a.rather.long.name.{scheme}@subsidiary-of-a-partner.example"
    )
    ana.get_by_role("button", name="Invite").click()
    ana.get_by_text("2 invitations are on the way.").wait_for()
    assert faults(ana, RULES) == []
    assert overhang(ana) == []
    one = ana.locator("#invitations").get_by_role("listitem").filter(has_text=f"kim.{scheme}@")
    one.get_by_text("Withdraw").first.click()
    one.get_by_role("button", name="Withdraw the invitation").click()
    ana.get_by_text("is told nothing more.").wait_for()
    expect(one).to_have_count(0)
