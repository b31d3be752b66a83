"""An update from the board to the public: the next time is mandatory, nothing typed is lost, it is out in seconds."""

from __future__ import annotations

import re
import time
from typing import Any

import httpx2
import pytest
from playwright.sync_api import expect

from support.browser import DESK, PHONE, faults, in_minutes, overhang, visit
from support.patience import answer, box_of, follow, leaving, until

pytestmark = pytest.mark.slow
PUBLIC_SECONDS = 20.0  # a second on a machine that does nothing else: `python -m bench status`
EFFECT = "Some tickets do not open after they were bought.\n\nBought tickets stay valid."


def summary_with(page: str, headline: str) -> Any:
    """What programs read, once it names the incident; empty before."""
    found = httpx2.get(f"{page}api/v2/summary.json", timeout=30, trust_env=False).json()
    return found if headline in [i["name"] for i in found["incidents"]] else {}


@pytest.mark.parametrize(("size", "scheme"), [(DESK, "dark"), (PHONE, "light")])
def test_an_update_needs_its_next_time_and_is_public_in_seconds(company, enter, size, scheme):
    headline = f"Tickets do not open ({scheme})"
    key = company.declare("ana", "Ticket store is down", type="availability", services=["tickets"])
    enter.forgive("422")
    ana = visit(enter("ana", size, scheme), f"/incidents/{key}/communication")
    phases = ana.locator("#board").get_by_role("navigation", name="Phase")
    expect(phases).to_be_visible(visible=size is PHONE)
    follow(ana, ana.locator("#board").get_by_role("link", name="All customers"))
    ana.get_by_label("Headline").fill(headline)
    ana.get_by_label("What they notice").fill(EFFECT)
    ana.get_by_label("What we are doing").fill("We restore the store.")
    ana.get_by_label("Further text").fill("")
    ana.get_by_label("Next update at").fill("")
    ana.get_by_label("Corvane status").check()
    ana.get_by_text("Component states").click()
    ana.get_by_label("Tickets in the app").select_option("major_outage")
    follow(ana, ana.get_by_role("button", name="Save the draft"))

    expect(ana.get_by_label("Next update at")).to_have_attribute("aria-invalid", "true")
    expect(ana.get_by_label("Headline")).to_have_value(headline)
    expect(ana.get_by_label("What they notice")).to_have_value(EFFECT)
    expect(ana.get_by_label("Corvane status")).to_be_checked()
    expect(ana.get_by_label("Tickets in the app")).to_have_value("major_outage")

    ana.get_by_label("Next update at").fill(in_minutes(30))
    follow(ana, ana.get_by_role("button", name="Save the draft"))
    expect(ana.locator(".paper").first).to_contain_text(headline)
    began = time.monotonic()
    ana.get_by_role("button", name="Release and send").click()
    expect(ana.locator("#toasts")).to_contain_text("Released")
    own = (
        time.monotonic() - began
    )  # what this machine takes to answer and to show it is no measure of publishing
    page = f"{company.url}/status/status/"
    until(lambda: headline in httpx2.get(page, timeout=30, trust_env=False).text, PUBLIC_SECONDS + own)
    summary = answer(lambda: summary_with(page, headline))
    assert "major_outage" in [c["status"] for c in summary["components"] if c["name"] == "Tickets in the app"]
    public = enter("", size, scheme)
    public.goto(page)
    expect(public.locator("body")).to_contain_text("Some tickets do not open after they were bought.")
    expect(public.locator("body")).not_to_contain_text("Ticket store is down")  # the internal title
    expect(ana.locator("#board")).to_contain_text("Sent")


def test_a_stored_draft_leaves_no_copy_in_the_browser(company, enter):
    """What the server has is not offered again as something unsaved, neither here nor in the next incident."""
    first, second = (company.declare("ana", f"Store {n} is down", type="availability") for n in (1, 2))
    ana = visit(enter("ana"), f"/incidents/{first}/communication?draft=1&audience=customers_all")
    ana.get_by_label("Headline").fill("For the first one only")
    visit(ana, f"/incidents/{first}/communication?draft=1&audience=customers_all")
    expect(ana.get_by_label("Headline")).to_have_value("For the first one only")  # kept over a reload
    visit(ana, f"/incidents/{second}/communication?draft=1&audience=customers_all")
    expect(ana.get_by_label("Headline")).not_to_have_value("For the first one only")
    visit(ana, f"/incidents/{first}/communication?draft=1&audience=customers_all")
    ana.get_by_label("Next update at").fill(in_minutes(30))
    follow(ana, ana.get_by_role("button", name="Save the draft"))  # its scripts forget the copy
    expect(ana.locator("#toasts")).to_contain_text("Draft saved")
    visit(ana, f"/incidents/{first}/communication?draft=1&audience=customers_all")
    expect(ana.get_by_label("Headline")).not_to_have_value("For the first one only")
    assert not ana.evaluate("Object.values(localStorage).filter((v) => v.includes('For the first'))")


def test_an_update_begun_in_the_war_room_takes_its_text_along(company, enter):
    key = company.declare("ana", "Mail is late")
    ana = visit(enter("ana", PHONE), f"/incidents/{key}")
    ana.locator(".composer").get_by_text("Update", exact=True).click()
    ana.get_by_role("textbox", name="Text").fill("Mail arrives an hour late")
    ana.get_by_role("button", name="Post").click()
    expect(ana.get_by_label("Further text")).to_have_value(re.compile("Mail arrives an hour late"))


def test_a_review_is_answered_on_a_phone_by_touch(company, enter):
    """From the open message to the answer with two taps; who got it fits the same phone."""
    key = company.declare("ana", "Papers ask about queues", severity=1)
    for role, handle in (("legal_officer", "ben"), ("elt_approver", "dev")):
        company.ask(
            "ana", "PUT", f"/incidents/{key}/roles/{role}/holder", {"person": company.people[handle]["id"]}
        )
    said = {
        "audience": "media", "headline": "Queues at the quay", "customer_effect": "Some passengers wait longer.",
        "action": "More people sell tickets at the quay.", "next_update_at": f"{in_minutes(45)}:00Z",
    }  # fmt: skip
    made = company.ask("ana", "POST", f"/incidents/{key}/messages", said)
    ana = visit(enter("ana", PHONE), f"/incidents/{key}/communication?message={made['id']}#message")
    follow(ana, ana.get_by_role("button", name="Hand in for review"))
    ben = visit(
        enter("ben", PHONE, touch=True), f"/incidents/{key}/communication?message={made['id']}#message"
    )
    assert not overhang(ben)
    expect(ben.get_by_role("heading", name="You answer as Legal Officer")).to_be_visible()
    ok = ben.get_by_role("button", name="Ok", exact=True)
    assert box_of(ok)["height"] >= 44
    with leaving(ben):
        ok.tap()
    expect(ben.locator(".chain")).to_contain_text("ok")
    dev = visit(
        enter("dev", PHONE, touch=True), f"/incidents/{key}/communication?message={made['id']}#message"
    )
    with leaving(dev):
        dev.get_by_role("button", name="Approve", exact=True).tap()
    expect(dev.locator("#message .state").first).to_contain_text("Approved")
    visit(ana, f"/incidents/{key}/communication?message={made['id']}")
    ana.get_by_role("button", name="Release and send").click()
    expect(ana.locator("#message .state").first).to_contain_text(re.compile("Released|Sent"))
    visit(ana, f"/incidents/{key}/messages/{made['id']}/delivery")
    assert not overhang(ana) and not faults(ana, ("color-contrast", "label", "heading-order"))
