"""One's own contacts, quiet hours and notes, certifications: done in a browser, complete at both sizes and in both themes."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from support.browser import DESK, PHONE, faults, overhang, visit
from support.patience import leaving

pytestmark = pytest.mark.slow
PAGES = ("/settings/me", "/on-call/competence", "/on-call/coverage", "/notifications", "/on-call/mine",
         "/on-call/handoff/platform-primary")  # fmt: skip


@pytest.fixture(scope="module")
def used(company):
    """Ana certifies and plans; Dev confirms nothing yet, has quiet hours and leaves nothing behind."""
    people = {p["name"]: p["id"] for p in company.ask("ana", "GET", "/people?limit=100")["items"]}
    ids = list(people.values())
    for person in ids[:2]:
        company.ask("ana", "POST", "/competence/certifications", {"person": person, "role": "commander"})
    company.ask(
        "ana", "POST", "/competence/certifications",
        {"person": ids[2], "role": "communications_lead", "planned_for": "2031-01-15T00:00:00Z", "note": "Shadows Ana"},
    )  # fmt: skip
    company.ask("ana", "PUT", "/rehearsals", {"on": True})
    return company


def kept(page: Page, name: str) -> None:
    folder = os.environ.get("QUARTERDECK_PICTURES", "")
    if folder:
        page.screenshot(path=str(Path(folder) / f"{name}.png"), full_page=True)


def test_a_code_is_asked_for_and_quiet_hours_are_switched_on_with_the_keyboard_on_a_phone(used, enter):
    ana = enter("ana", PHONE)
    visit(ana, "/settings/me")
    expect(ana.locator("#contacts")).to_contain_text("not confirmed")
    ana.get_by_role("button", name="Send a code").focus()
    with leaving(ana):
        ana.keyboard.press("Enter")
    expect(ana.get_by_label("Code, good until")).to_be_visible()
    ana.get_by_label("Code, good until").fill("12")
    with leaving(ana):
        ana.keyboard.press("Enter")
    expect(ana.locator("body")).to_contain_text("This code does not count")
    ana.get_by_label("From", exact=True).fill("21:00")
    ana.get_by_role("region", name="Quiet hours").get_by_role("button", name="Switch on").focus()
    ana.keyboard.press("Enter")
    expect(ana.locator("body")).to_contain_text("Quiet pages wait from 21:00 to 07:00.")
    assert overhang(ana) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_every_page_of_ones_own_is_complete_at_this_size_and_theme(used, enter, size, scheme):
    page = enter("ana", size, scheme)
    wrong = []
    for path in PAGES:
        visit(page, path)
        for fold in page.locator("main details.fold > summary").all()[:2]:
            fold.click()
        kept(page, f"{path.strip('/').replace('/', '-')}-{size['width']}-{scheme}")
        wrong += [f"{path}: {x}" for x in (*overhang(page), *(faults(page) if size is DESK else ()))]
    assert not wrong, "\n".join(wrong)
