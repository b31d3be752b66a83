"""Declaring an incident: a title is enough, the page says beforehand whom it calls, an alert fills it in."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from support.browser import DESK, PHONE, ready, visit
from support.patience import follow

pytestmark = pytest.mark.slow


@pytest.mark.parametrize(("size", "scheme"), [(DESK, "light"), (PHONE, "dark")])
def test_a_title_alone_declares_an_incident_that_its_declarer_commands(enter, size, scheme):
    ben = visit(enter("ben", size, scheme), "/declare")
    ben.get_by_label("What is wrong?").fill("Tickets cannot be opened")
    ben.get_by_role("button", name="Declare as SEV2").click()
    ben.wait_for_url("**/incidents/INC-*")
    expect(ben.get_by_role("heading", level=1)).to_have_text("Tickets cannot be opened")
    expect(ben.locator("#command .lead__line")).to_contain_text("Ben Okafor")
    expect(ben.locator("#timeline")).to_contain_text("declared the incident")


def test_the_preview_names_who_will_be_called_before_anything_is_sent(company, enter):
    before = company.ask("ana", "GET", "/incidents")["items"]
    ana = visit(enter("ana"), "/declare")
    ana.get_by_label("What is wrong?").fill("The gateway answers nobody")
    ana.get_by_role("combobox", name="Type").select_option("availability")
    ana.get_by_role("group", name="Affected services").get_by_label("Checkout").check()
    ana.get_by_role("group", name="Impact").get_by_text("Critical").click()
    ana.get_by_role("group", name="Urgency").get_by_text("High").click()
    preview = ana.locator("#declare-preview")
    expect(preview).to_contain_text("Impact critical with urgency high")
    called = preview.locator(".people .row__title").all_inner_texts()
    assert "Cleo Marchand" in called
    assert {"Ben Okafor", "Fay Lindqvist", "Gus Berger"} & set(called)  # whoever of them has the week
    expect(preview.get_by_role("button")).to_have_text(f"Declare as SEV1 and call {len(called)} people")
    assert company.ask("ana", "GET", "/incidents")["items"] == before


def test_an_alert_fills_the_form_and_is_linked_to_what_it_becomes(company, enter):
    alert = company.made["alerts"][1]
    ana = visit(enter("ana", PHONE), f"/alerts/{alert}")
    follow(ana, ana.get_by_role("link", name="Declare incident").last)
    expect(ana.get_by_label("What is wrong?")).to_have_value("Search answers slower than 2 s for 5 min")
    expect(ana.get_by_role("group", name="Affected services").get_by_label("Checkout")).to_be_checked()
    expect(ana.get_by_text("From the alert")).to_be_visible()
    ana.get_by_role("button", name="Declare as").click()
    ana.wait_for_url("**/incidents/INC-*")
    ana.get_by_role("navigation", name="Incident").get_by_role("link", name="Alerts").click()
    expect(ana.get_by_role("main")).to_contain_text("Search answers slower than 2 s for 5 min")


def test_a_missing_title_is_named_beside_its_field_and_the_rest_stays(enter):
    enter.forgive("422")
    cleo = visit(enter("cleo", PHONE), "/declare")
    cleo.get_by_label("What do you see?").fill("Callers hear silence after they have chosen a language.")
    cleo.get_by_role("group", name="Impact").get_by_text("Medium").click()
    cleo.get_by_role("button", name="Declare as").click()
    expect(cleo.get_by_role("alert")).to_contain_text("nothing you typed is lost")
    expect(cleo.get_by_label("What is wrong?")).to_have_attribute("aria-invalid", "true")
    expect(cleo.get_by_label("What do you see?")).to_have_value(
        "Callers hear silence after they have chosen a language."
    )
    expect(cleo.get_by_role("group", name="Impact").get_by_label("Medium")).to_be_checked()
    cleo.get_by_label("What is wrong?").fill("The hotline is mute")
    cleo.get_by_role("button", name="Declare as").click()
    cleo.wait_for_url("**/incidents/INC-*")
    expect(cleo.locator("#timeline")).to_contain_text("Callers hear silence")


def test_what_was_typed_survives_a_reload_until_it_is_declared(enter):
    fay = visit(enter("fay"), "/declare")
    fay.get_by_label("What is wrong?").fill("Trains stand still")
    fay.get_by_label("What do you see?").fill("Nothing moves in the north.")
    expect(fay.locator("#declare-preview")).to_contain_text("Declare as SEV2")
    visit(fay, "/declare")
    expect(fay.get_by_label("What is wrong?")).to_have_value("Trains stand still")
    expect(fay.get_by_label("What do you see?")).to_have_value("Nothing moves in the north.")
    fay.get_by_role("button", name="Declare as").click()
    fay.wait_for_url("**/incidents/INC-*")
    ready(fay)
    visit(fay, "/declare")
    expect(fay.get_by_label("What is wrong?")).to_have_value("")
