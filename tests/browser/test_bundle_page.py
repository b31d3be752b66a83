"""One page for a storm of alerts: its link shows all of them, and one press answers them."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from support.browser import PHONE, RULES, faults, overhang
from support.patience import answer

pytestmark = pytest.mark.slow


def link_of_bundle(company, word: str) -> str:
    """The link of the page that stands for several alerts with this word, once the engine has sent it."""
    told = answer(
        lambda: [m for m in company.sent() if "This page stands for" in m["text"] and word in m["text"]],
        60,
    )
    return str(told[-1]["link"])


@pytest.mark.parametrize(("size", "theme"), [(PHONE, "dark")])
def test_the_link_of_a_storm_shows_every_alert_and_one_press_answers_them(company, enter, size, theme):
    for n in range(12):
        company.alert(
            f"storm-{theme}-{n}", f"Queue {n} of the {theme} storm does not drain", severity="critical"
        )
    page = enter("ana", size, theme)
    page.goto(link_of_bundle(company, f"{theme} storm"))
    many = page.get_by_role("button", name="Acknowledge all")
    expect(many).to_be_visible()
    expect(page.get_by_text("Only this one")).to_be_visible()
    expect(page.locator(".ack__list li").first).to_be_visible()
    assert not overhang(page)
    assert not faults(page, RULES)
    many.click()
    expect(page.get_by_text("It is yours. Nobody else is called.")).to_be_visible()
    expect(many).to_have_count(0)
