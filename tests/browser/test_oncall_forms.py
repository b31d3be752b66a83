"""Forms of on-call that grow and shrink, and acts that are asked about first: with and without scripts, axe clean."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from support.browser import DESK, PHONE, faults, overhang

pytestmark = pytest.mark.slow


@pytest.mark.parametrize(("size", "script"), [(DESK, True), (PHONE, False)])
def test_steps_and_last_calls_of_a_policy_are_added_one_by_one_and_removed(enter, size, script):
    page: Page = enter("ana", size, script=script)
    page.goto("/on-call/policies/new")
    expect(page.locator(".steplist > li")).to_have_count(1)
    name = f"Grown {'with' if script else 'without'} scripts"
    page.get_by_label("Name").fill(name)
    page.locator("#id_target_0_0").select_option(label="Ben Okafor")
    for n, person in ((1, "Dev Patel"), (2, "Fay Lindqvist")):
        page.get_by_role("button", name="Add a step").click()
        expect(page.locator(".steplist > li")).to_have_count(n + 1)
        page.locator(f"#id_target_{n}_0").select_option(label=person)
    expect(page.get_by_label("Name")).to_have_value(name)
    page.locator("#id_last").select_option(label="Gus Berger")
    page.get_by_role("button", name="Add another").click()
    page.locator("#id_last_1").select_option(label="Cleo Marchand")
    page.get_by_role("button", name="Remove step 2").click()
    expect(page.locator(".steplist > li")).to_have_count(2)
    if script:
        assert faults(page) == []
    assert overhang(page) == []
    page.get_by_label("Name").press("Enter")
    expect(page.locator("body")).to_contain_text("The policy counts from the next alert on.")
    ladder = page.locator(".ladder")
    expect(ladder).to_contain_text("Fay Lindqvist")
    expect(ladder).not_to_contain_text("Dev Patel")
    expect(ladder).to_contain_text("Cleo Marchand")


def test_a_layer_asks_only_what_its_turns_have_and_is_ended_after_a_question(company, enter):
    schedule = "/on-call/schedules/platform-primary"
    page = enter("ana", PHONE, script=False)
    page.goto(f"{schedule}/layers/new")
    expect(page.get_by_label("Handover on", exact=False).first).to_be_visible()
    expect(page.locator("#id_month_day")).to_be_hidden()
    page.get_by_label("Unit").select_option("months")
    expect(page.locator("#id_month_day")).to_be_visible()
    expect(page.locator("#id_weekday")).to_be_hidden()
    page.get_by_label("Name").fill("To be ended")
    page.locator("#id_month_day").select_option("31")
    page.locator("#id_person_0").select_option(label="Gus Berger")
    with page.expect_navigation():
        page.get_by_role("button", name="Save").click()
    page.goto(f"{schedule}/edit")
    row = page.locator("li", has_text="To be ended")
    sure = row.get_by_role("button", name="End this layer")
    expect(sure).to_be_hidden()
    row.locator("summary").click()
    expect(row).to_contain_text("nobody is on call by this layer")
    sure.click()
    expect(page.locator("body")).to_contain_text("The layer has ended.")
    page.goto(f"{schedule}/history")
    expect(page.locator(".changes")).to_contain_text("Ended the layer “To be ended”")
    expect(page.locator(".changes")).to_contain_text("Turns: every month, handover day 31")


def test_the_fairness_of_a_schedule_stands_on_its_page(company, enter):
    page = enter("fay", DESK)
    page.goto("/on-call/schedules/platform-primary")
    panel = page.locator("section", has=page.get_by_role("heading", name="Fairness, last 13 weeks"))
    expect(panel).to_be_visible()
    assert faults(page) == []
    panel.get_by_role("link", name="Figures").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Fairness")
