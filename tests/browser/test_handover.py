"""Command changes hands in two browsers: at every step both show the same one commander."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from support.browser import DESK, PHONE, Company, commander_line, visit
from support.patience import answer, follow

pytestmark = pytest.mark.slow


def leads(company: Company, key: str, pages: list[Page], name: str, step: str) -> None:
    """Both browsers name this commander and nobody else, and know how far the handover is."""
    for page in pages:
        panel = page.locator("#command")
        expect(panel.locator(".lead__line")).to_have_count(1)
        expect(panel.locator(".lead__line b")).to_have_text(f"Incident Commander: {name}")
        if step:
            expect(panel.locator("details.handover .steps .is-now")).to_contain_text(step)
        else:
            expect(panel.locator("details.handover")).to_have_count(0)
    answer(lambda: commander_line(pages[0]) == commander_line(pages[1]))
    held = [
        r for r in company.ask("cleo", "GET", f"/incidents/{key}/roles")["items"] if r["role"] == "commander"
    ]
    assert [h["person"]["name"] for r in held for h in r["holders"]] == [name]


@pytest.mark.parametrize(("first", "second"), [((DESK, "light"), (PHONE, "dark"))])
def test_command_passes_in_four_steps_with_exactly_one_commander_at_each(company, enter, first, second):
    # Dev commands nothing in any of these tests: one person commands one incident.
    key = company.declare("ana", "Tickets are sold twice", type="availability")
    ana, dev = enter("ana", *first), enter("dev", *second)
    visit(ana, f"/incidents/{key}/handover")
    visit(dev, f"/incidents/{key}")
    ana.get_by_label("To", exact=True).select_option(company.people["dev"]["id"])
    ana.get_by_label("Why, and what to know first").fill("I go off duty at ten")
    follow(ana, ana.get_by_role("button", name="Offer the role"))
    leads(company, key, [ana, dev], "Ana Ruiz", "Accepted")

    follow(dev, dev.get_by_role("button", name="Accept"))
    leads(company, key, [ana, dev], "Ana Ruiz", "Briefed")

    ana.get_by_text("Briefing, written from the record").click()
    ana.get_by_label("What the successor was told").fill("Two cities are hurt, the cache is next")
    follow(ana, ana.get_by_role("button", name="Briefed"))
    leads(company, key, [ana, dev], "Ana Ruiz", "Effective")

    follow(dev, dev.get_by_role("button", name="Make it effective"))
    leads(company, key, [ana, dev], "Dev Patel", "")
    expect(ana.locator("#timeline")).to_contain_text("Two cities are hurt, the cache is next")


def test_an_offer_may_be_declined_and_command_stays(company, enter):
    key = company.declare("ana", "The queue grows", type="availability")
    ana, fay = enter("ana"), enter("fay", PHONE)
    visit(ana, f"/incidents/{key}/handover")
    visit(fay, f"/incidents/{key}")
    ana.get_by_label("To", exact=True).select_option(company.people["fay"]["id"])
    follow(ana, ana.get_by_role("button", name="Offer the role"))
    follow(fay, fay.get_by_role("button", name="Decline"))
    leads(company, key, [ana, fay], "Ana Ruiz", "")
