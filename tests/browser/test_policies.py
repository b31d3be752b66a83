"""A policy is given its conditions with the keyboard on a phone, and an alert is snoozed, woken and passed on."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from support.browser import DESK, PHONE, faults, overhang
from support.patience import answer

pytestmark = pytest.mark.slow


def test_conditions_are_set_with_the_keyboard_on_a_phone_and_the_ladder_shows_them(company, enter):
    people = company.ask("ana", "GET", "/people?active=true")["items"]
    step = {"targets": [{"kind": "person", "id": people[0]["id"]}]}
    company.ask("ana", "POST", "/escalation-policies", {"key": "keys", "name": "Keys", "steps": [step]})
    page = enter("ana", PHONE)
    enter.forgive("422")
    page.goto("/on-call/policies/keys")
    summary = page.get_by_text("When and how").first
    summary.focus()
    page.keyboard.press("Enter")
    box = page.get_by_label("Critical").first
    expect(box).to_be_visible()
    box.focus()
    page.keyboard.press("Space")
    page.locator("#id_from_0_0").fill("22:00")
    page.locator("#id_to_0_0").fill("06:00")
    page.locator("#id_zone_0_0").fill("Europe/Nowhere")
    page.locator("#id_zone_0_0").press("Enter")
    expect(page.locator("body")).to_contain_text("names the zone 'Europe/Nowhere', which is none")
    expect(page.locator("#id_from_0_0")).to_have_value("22:00")
    page.locator("#id_zone_0_0").fill("Europe/Paris")
    page.locator("#id_zone_0_0").press("Enter")
    expect(page.locator("body")).to_contain_text("Saved. It counts from the next alert on.")
    ladder = page.locator(".ladder")
    expect(ladder).to_contain_text("only critical")
    expect(ladder).to_contain_text("every day 22:00–06:00 Europe/Paris")
    expect(page.locator(".notice--amber")).to_contain_text("this policy reaches nobody at these times")
    assert overhang(page) == []
    page.set_viewport_size(DESK)  # where no bar lies over what is looked at
    assert faults(page) == []


def test_an_alert_is_snoozed_woken_and_passed_on_from_its_page(company, enter):
    company.alert("passing", "The queue is long", severity="critical")
    page = enter("ana", DESK)
    one = answer(lambda: company.ask("ana", "GET", "/alerts?q=passing")["items"])[0]["id"]
    page.goto(f"/alerts/{one}")
    page.get_by_label("Because").first.fill("The fix is rolling out")
    page.get_by_role("button", name="Snooze").click()
    expect(page.locator(".notice--blue")).to_contain_text("Snoozed until")
    assert faults(page) == []
    page.goto("/alerts?show=acknowledged")
    expect(page.locator(f'tr[data-row="{one}"]')).to_contain_text("Snoozed")
    page.goto(f"/alerts/{one}")
    page.get_by_role("button", name="Wake it now").click()
    expect(page.locator("body")).to_contain_text("The snooze is over: paging starts again.")
    page.get_by_label("Pass it on to").select_option(label="Dev Patel")
    page.get_by_label("Because").last.fill("His queue")
    page.get_by_role("button", name="Pass on").click()
    expect(page.locator("body")).to_contain_text("Ana Ruiz passed it to Dev Patel: His queue")
    page.get_by_role("button", name="Escalate").click()
    expect(page.locator("body")).to_contain_text("Ana Ruiz calls the next step now.")
