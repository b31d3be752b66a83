"""The ICS tab in a real browser: from no period at all to an approved plan, by hand and by keyboard, large and small."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from support.browser import DESK, PHONE, Company, Enter, faults, overhang, visit
from support.patience import follow, leaving

# Where pictures go when somebody wants to look at them.
SHOTS = os.environ.get("QUARTERDECK_SHOTS", "")


def shot(page: Page, name: str) -> None:
    if SHOTS:
        page.screenshot(path=Path(SHOTS) / f"{name}.png", full_page=True)


@pytest.fixture(scope="module")
def flood(company: Company) -> str:
    """An ICS incident with its chiefs and some work; its key."""
    incident = company.declare("ana", "Flood at the Northgate plant", template="ics", type="natural_hazard")
    at = f"/incidents/{incident}"

    def ask(method: str, path: str, body: Any = None, by: str = "ana") -> Any:
        return company.ask(by, method, at + path, body)

    for role, handle in (
        ("safety_officer", "fay"),
        ("operations_section_chief", "ben"),
        ("planning_section_chief", "dev"),
        ("logistics_section_chief", "gus"),
    ):
        ask("PUT", f"/roles/{role}/holder", {"person": company.people[handle]["id"]})
    period = ask("POST", "/ics/periods", {})["id"]
    ask("PUT", f"/ics/periods/{period}/start", {})
    ask(
        "POST",
        "/ics/objectives",
        {"period": period, "text": "All staff are accounted for", "measure": "Every name is ticked"},
    )
    ask(
        "POST",
        "/ics/objectives",
        {
            "period": period,
            "priority": 2,
            "text": "The transformer hall stays dry",
            "measure": "Water below mark 2",
        },
    )
    division = ask(
        "POST",
        "/ics/divisions",
        {
            "kind": "division",
            "name": "Division North",
            "leader": company.people["ben"]["id"],
            "channel": "Tactical 1",
            "assignment": "Hold the dyke between gate 2 and gate 4.",
        },
    )["id"]
    ask(
        "POST",
        "/ics/hazards",
        {
            "area": "Division North",
            "hazard": "Live cables in the water",
            "risk": "extreme",
            "mitigation": "Power is cut; nobody enters before it is measured.",
            "residual": "medium",
        },
    )
    ask(
        "POST",
        "/ics/channels",
        {"name": "Command 1", "function": "Command", "assignment": "All supervisors", "receive": "156.800"},
    )
    for name, kind, status in (
        ("Pump crew 7", "Pump", "available"),
        ("Boat 2", "Boat", "en_route"),
        ("Ambulance 3", "Ambulance", "available"),
    ):
        made = ask(
            "POST",
            "/ics/resources",
            {"name": name, "kind": kind, "status": status, "people": 3, "home_unit": "City"},
        )
        if name == "Pump crew 7":
            ask("PUT", f"/ics/resources/{made['id']}/status", {"status": "assigned", "division": division})
    ask(
        "POST",
        "/ics/requests",
        {
            "quantity": 3,
            "kind": "Pump",
            "item": "Submersible pump, 2000 l/min",
            "priority": "urgent",
            "division": division,
        },
    )
    return incident


def test_the_plan_is_written_by_keyboard_and_approved(company: Company, enter: Enter, flood: str) -> None:
    page = visit(enter("ana"), f"/incidents/{flood}/ics")
    expect(page.get_by_role("heading", name="Objectives")).to_be_visible()
    shot(page, "ics-desk-light")
    page.get_by_role("link", name="ICS 202 Incident Objectives").focus()
    with leaving(page):
        page.keyboard.press("Enter")
    expect(page.get_by_text("Still missing:")).to_be_visible()
    shot(page, "form-202-desk")
    page.get_by_label("4. Operational Period Command Emphasis").focus()
    page.keyboard.type("People first.")
    page.get_by_role("button", name="Save what I wrote").focus()
    with leaving(page):
        page.keyboard.press("Enter")
    expect(page.get_by_text("Still missing:")).to_have_count(0)
    for key, label, text in (("206", "6. Special Medical Emergency Procedures", "Call Medical 1."),):
        visit(page, f"/incidents/{flood}/ics/forms/{key}")
        page.get_by_label(label).fill(text)
        follow(page, page.get_by_role("button", name="Save what I wrote"))
        expect(page.get_by_text("Still missing:")).to_have_count(0)
    visit(page, f"/incidents/{flood}/ics")
    follow(page, page.get_by_role("link", name="Action plan", exact=True))
    shot(page, "plan-desk")
    page.get_by_role("button", name="Approve the plan").click()
    expect(page.get_by_text("Approved by Ana Ruiz")).to_be_visible()
    with page.expect_download() as told:
        page.get_by_role("link", name="PDF").first.click()
    assert Path(told.value.path()).read_bytes().startswith(b"%PDF")


@pytest.mark.parametrize(
    ("size", "scheme"), [(DESK, "light"), (DESK, "dark"), (PHONE, "light"), (PHONE, "dark")]
)
def test_the_pages_are_accessible_and_fit(
    company: Company, enter: Enter, flood: str, size: dict[str, int], scheme: str
) -> None:
    page = enter("ana", size, scheme)
    rated = company.ask("ana", "GET", f"/incidents/{flood}/ics/ratings")["items"][0]["assignment"]
    name = f"{'desk' if size == DESK else 'phone'}-{scheme}"
    for path, what in (
        ("ics", "ics"),
        ("ics/forms/201", "201"),
        ("ics/forms/207", "207"),
        ("ics/plan", "plan"),
        ("ics/ratings", "ratings"),
        (f"ics/ratings/{rated}", "rating"),
    ):
        visit(page, f"/incidents/{flood}/{path}")
        shot(page, f"{what}-{name}")
        assert (faults(page), overhang(page)) == ([], []), path
