"""With JavaScript switched off the essential acts still work: declare, write, tick, acknowledge."""

from __future__ import annotations

import httpx2
import pytest
from playwright.sync_api import expect

from support.browser import DESK, PHONE
from support.patience import box_of

pytestmark = pytest.mark.slow


@pytest.mark.parametrize(("size", "scheme"), [(DESK, "dark"), (PHONE, "light")])
def test_declaring_and_writing_need_no_script(enter, size, scheme):
    ben = enter("ben", size, scheme, script=False)
    ben.goto("/declare")
    ben.get_by_label("What is wrong?").fill("Declared without scripts")
    ben.get_by_role("group", name="Impact").get_by_text("High").click()
    ben.get_by_role("button", name="Declare as").click()
    ben.wait_for_url("**/incidents/INC-*")
    ben.locator(".composer").get_by_text("Finding", exact=True).click()
    ben.get_by_role("textbox", name="Text").fill("Written without scripts")
    ben.get_by_role("button", name="Post").click()
    expect(ben.locator("#timeline")).to_contain_text("Written without scripts")
    expect(ben.locator("#timeline")).to_contain_text("reported a finding")
    ben.locator("#role-card .tick:visible").first.click()
    expect(ben.locator("#role-card")).to_contain_text("1 of")
    ben.get_by_role("navigation", name="Incident").get_by_role("link", name="Tasks").click()
    ben.get_by_label("What is to be done").fill("Look again")
    ben.get_by_label("By whom").select_option(index=1)
    ben.get_by_role("button", name="Give the task").click()
    expect(ben.locator("#main")).to_contain_text("Look again")


def test_a_page_is_acknowledged_by_its_link_alone(company, enter):
    """Nobody is signed in and no script runs: looking acknowledges nothing, the button does."""
    made = company.ask(
        "ben", "POST", "/callouts",
        {"people": [company.people["dev"]["id"]], "subject": "Store", "reason": "It is full."},
    )  # fmt: skip
    callout = made["items"][0]["id"]
    link = company.callout_link(callout)
    phone = enter("", PHONE, "dark", script=False)
    phone.goto(link)
    expect(phone.get_by_role("main")).to_contain_text("It is full.")
    assert company.ask("ben", "GET", f"/callouts/{callout}")["state"] == "waiting"
    button = phone.get_by_role("button", name="Acknowledge")
    box = box_of(button)
    assert box["width"] > 300 and box["height"] >= 48
    button.click()
    expect(phone.get_by_role("main")).to_contain_text("cknowledged")
    assert company.ask("ben", "GET", f"/callouts/{callout}")["state"] == "acknowledged"


def test_the_public_page_loads_under_sixty_kilobytes(company):
    page = f"{company.url}/status/{company.made['page']}/"
    sizes = [
        len(
            httpx2.get(
                page + name, timeout=30, trust_env=False, headers={"Accept-Encoding": "identity"}
            ).content
        )
        for name in ("", "status.css")
    ]
    assert sum(sizes) < 60_000
