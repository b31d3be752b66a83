"""Two browsers swap and override a shift, with the mouse, the keys alone or a finger; a drag over the calendar overrides."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from support.browser import DESK, PHONE, monday_ahead
from support.patience import box_of, choose_by_keys, tab_to

pytestmark = pytest.mark.slow


def offer(page: Page, other: str) -> None:
    """The last shift of whoever looks, offered for nothing."""
    page.goto("/on-call/mine")
    page.locator('a[href^="/on-call/swaps/new"]').last.click()
    page.get_by_label("Who gets it").select_option(label=f"{other}, nothing in return")
    page.get_by_label("Reason").fill("Concert")
    page.get_by_role("button", name="Offer").click()
    expect(page.locator("#asked")).to_contain_text("waits for an answer")


class Hands:
    """How somebody works their browser: with the mouse, with the keys alone, or with a finger on a phone."""

    def __init__(self, page: Page, way: str) -> None:
        self.page, self.way = page, way

    def press(self, what: Locator) -> None:
        if self.way == "mouse":
            what.click()
        elif self.way == "finger":
            assert box_of(what)["height"] >= 24
            what.tap()
        else:
            tab_to(self.page, what)
            self.page.keyboard.press("Enter")

    def choose(self, field: Locator, label: str) -> None:
        """The first choice that begins so."""
        if self.way == "keys":
            choose_by_keys(self.page, field, label)
        else:
            option = field.locator("option", has_text=label).first
            field.select_option(value=option.get_attribute("value"))

    def write(self, field: Locator, text: str) -> None:
        if self.way == "keys":
            tab_to(self.page, field)
            self.page.keyboard.type(text)
        else:
            field.fill(text)


@pytest.mark.parametrize("way", ["mouse", "keys", "finger"])
def test_two_people_swap_a_shift_and_override_it_again_with_the_mouse_the_keys_alone_or_a_finger(enter, way):
    size, touch = (PHONE, True) if way == "finger" else (DESK, False)
    fay, dev = enter("fay", size, touch=touch), enter("dev", size, touch=touch)
    hers, his = Hands(fay, way), Hands(dev, way)

    fay.goto("/on-call/mine")
    hers.press(fay.locator('a[href^="/on-call/swaps/new"]').last)
    hers.choose(fay.get_by_label("Who gets it"), "Dev Patel, nothing")
    hers.write(fay.get_by_label("Reason"), f"Concert, {way}")
    hers.press(fay.get_by_role("button", name="Offer"))
    expect(fay.locator("#asked")).to_contain_text("waits for an answer")

    dev.goto("/on-call/mine")
    waiting = dev.locator("section", has=dev.get_by_role("heading", name="Waits for your answer"))
    expect(waiting).to_contain_text("Fay Lindqvist asks you to take a shift")
    expect(waiting).to_contain_text(f"Concert, {way}")
    his.press(waiting.get_by_role("button", name="Take it"))
    expect(dev.locator("body")).to_contain_text("Swapped. It is in the calendar.")

    fay.reload()
    expect(fay.locator("#asked")).to_contain_text("accepted")
    fay.goto("/on-call/schedules/platform-primary")
    overrides = fay.locator("section", has=fay.get_by_role("heading", name="Overrides"))
    expect(overrides).to_contain_text("Dev Patel")
    # A shift of the calendar is overridden; then both replacements are taken back.
    shift = fay.locator(".agenda a" if way == "finger" else ".week tr.is-final a").last
    hers.press(shift)
    dialog = fay.locator("#override")
    expect(
        fay.locator("#override:modal")
    ).to_be_visible()  # before its script it is no more than a part of the page
    hers.choose(dialog.get_by_label("Who takes it"), "Gus Berger")
    hers.write(dialog.get_by_label("Reason"), f"Plans changed, {way}")
    hers.press(dialog.get_by_role("button", name="Override", exact=True))
    expect(overrides).to_contain_text(f"Plans changed, {way}")
    for whose in (f"Plans changed, {way}", "Dev Patel"):
        hers.press(overrides.locator("li", has_text=whose).last.get_by_role("button"))
        expect(fay.locator("body")).to_contain_text("Taken back.")
        fay.goto("/on-call/schedules/platform-primary")
    expect(overrides).not_to_contain_text(way)


def test_an_offer_is_declined(company, enter):
    fay, ben = enter("fay"), enter("ben")
    offer(fay, "Ben Okafor")
    ben.goto("/on-call/mine")
    ben.get_by_role("button", name="Decline").first.click()
    expect(ben.locator("body")).to_contain_text("Declined. Who asked has been told.")


def test_a_drag_over_the_last_row_of_the_week_makes_an_override_that_can_be_taken_back(company, enter):
    page = enter("fay")
    page.set_viewport_size(DESK)
    page.goto(f"/on-call/schedules/platform-primary?week={monday_ahead(14)}")
    row = page.locator("[data-week-start] tr.is-final")
    box = box_of(row)
    middle = box["y"] + box["height"] / 2
    page.mouse.move(box["x"] + box["width"] * 0.4, middle)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.6, middle, steps=4)
    page.mouse.up()
    dialog = page.locator("#override")
    expect(page.locator("#override:modal")).to_be_visible()
    dialog.get_by_label("Who takes it").select_option(label="Dev Patel")
    dialog.get_by_label("Instead of").select_option(value="add")
    dialog.get_by_role("button", name="Override", exact=True).click()
    overrides = page.locator("section", has=page.get_by_role("heading", name="Overrides"))
    expect(overrides).to_contain_text("Dev Patel")
    expect(overrides).to_contain_text("in addition")
    tab_to(page, overrides.get_by_role("button", name="Dev Patel").last)
    page.keyboard.press("Enter")
    expect(page.locator("body")).to_contain_text("Taken back.")


def test_four_weeks_are_chosen_with_the_keyboard(company, enter):
    page = enter("ole")
    page.set_viewport_size(DESK)
    page.goto("/on-call/schedules/platform-primary")
    page.get_by_role("link", name="4 weeks").focus()
    page.keyboard.press("Enter")
    expect(page.locator(".week thead th")).to_have_count(28)


def test_a_shift_of_the_month_is_opened_with_the_keyboard_to_override_or_swap_it(company, enter):
    page = enter("fay")
    page.set_viewport_size(DESK)
    month = monday_ahead(14)
    heading = page.get_by_role("heading", name=f"{month:%B %Y}")
    page.goto(f"/on-call/schedules/platform-primary?span=month&month={month:%Y-%m}")
    expect(heading).to_be_visible()
    page.locator("table.month tbody tr").nth(2).locator("a.shift").first.focus()
    page.keyboard.press("Enter")
    dialog = page.locator("#override")
    # Before its script it is no more than a part of the page.
    expect(page.locator("#override:modal")).to_be_visible()
    expect(dialog.locator("[name=start]")).to_have_value(re.compile(f"^{month:%Y-%m}"))
    page.keyboard.press("Escape")
    expect(dialog).not_to_be_visible()
    expect(heading).to_be_visible()


def test_a_calendar_address_is_made_shown_once_and_revoked(company, enter):
    page = enter("fay")
    page.goto("/on-call/mine")
    page.get_by_role("link", name="Subscribe").click()
    page.get_by_role("button", name="Make the address").click()
    address = page.locator("#cal-https").inner_text()
    assert page.request.get(address).status == 200
    page.reload()
    expect(page.locator("#cal-https")).to_have_count(0)
    page.get_by_role("button", name="Revoke").last.click()
    expect(page.locator("body")).to_contain_text("Revoked.")
    assert page.request.get(address).status == 404
