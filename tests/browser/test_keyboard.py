"""Everything by keyboard: the palette, the help, single keys, rows of lists; and none of it while somebody types."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from support.browser import PHONE, visit
from support.patience import answer, leaving, type_in_turn

pytestmark = pytest.mark.slow


def test_the_palette_opens_filters_and_goes(enter):
    ana = visit(enter("ana"), "/incidents")
    ana.keyboard.press("Control+k")
    palette = ana.get_by_role("dialog", name="Search and commands")
    expect(palette).to_be_visible()
    expect(palette.get_by_role("combobox")).to_be_focused()
    ana.keyboard.type("go to on")
    expect(palette.get_by_role("option").first).to_contain_text("On-call")
    expect(palette.get_by_role("option", selected=True)).to_have_count(1)
    ana.keyboard.press("Enter")
    ana.wait_for_url("**/on-call")


def test_the_palette_finds_what_the_server_knows_and_closes_with_escape(company, enter):
    ana = visit(enter("ana", PHONE, "dark"), "/alerts")
    ana.get_by_role("link", name="Search or run a command").click()
    palette = ana.get_by_role("dialog", name="Search and commands")
    expect(palette.get_by_role("combobox")).to_be_focused()
    ana.keyboard.type("Payments fail at checkout")
    found = palette.get_by_role("option").filter(has_text=company.open)
    expect(found.first).to_be_visible()
    ana.keyboard.press("Escape")
    expect(palette).not_to_be_visible()
    ana.keyboard.press("Control+k")
    expect(palette.get_by_role("combobox")).to_be_focused()
    with ana.expect_response(re.compile("search.json.*checkout$")):  # it draws the list anew
        ana.keyboard.type("Payments fail at checkout")
    found.first.click()
    ana.wait_for_url(f"**/incidents/{company.open}*")


def test_single_keys_declare_go_and_open_the_help(enter):
    ana = visit(enter("ana"), "/")
    ana.keyboard.press("?")
    help_ = ana.get_by_role("dialog", name="Keyboard shortcuts")
    expect(help_).to_contain_text("Declare incident")
    expect(help_).to_contain_text("Next and previous row")
    ana.keyboard.press("Escape")
    expect(help_).not_to_be_visible()
    with leaving(ana):
        type_in_turn(ana, "ga")
    ana.wait_for_url("**/alerts")
    ana.keyboard.press("c")
    ana.wait_for_url("**/declare")


def test_rows_are_walked_with_j_and_k_and_opened_with_enter(company, enter):
    for n in range(2):
        company.declare("ana", f"Row {n} to walk over")
    ana = visit(enter("ana"), "/incidents")
    selected = ana.locator("[data-list] [data-row].is-selected")
    rows = "[...document.querySelectorAll('[data-list] [data-row]')]"
    chosen = f"{rows}.map((row, at) => row.matches('.is-selected') ? at : -1).filter((at) => at >= 0)"
    ana.keyboard.press("j")
    ana.keyboard.press("j")
    answer(lambda: ana.evaluate(chosen) == [1])  # at one moment: the list is live
    ana.keyboard.press("k")
    answer(lambda: ana.evaluate(chosen) == [0])
    first = selected.get_attribute("data-row")
    ana.keyboard.press("Enter")
    ana.wait_for_url(f"**/incidents/{first}")


def test_the_war_room_is_worked_by_keyboard(company, enter):
    key = company.declare("ana", "Worked by keys alone")
    ana = visit(enter("ana"), f"/incidents/{key}")
    ana.keyboard.press("d")
    expect(ana.get_by_role("textbox", name="Text")).to_be_focused()
    expect(ana.locator(".composer").get_by_role("radio", name="Decision")).to_be_checked()
    ana.keyboard.type("Wait ten minutes")
    ana.keyboard.press("Control+Enter")
    expect(ana.locator("#timeline")).to_contain_text("Wait ten minutes")
    expect(ana.get_by_role("textbox", name="Text")).to_have_value("")  # one post at a time
    expect(ana.locator(".composer[data-sent]")).to_have_count(0)
    ana.keyboard.press("Escape")
    ana.keyboard.press("n")
    ana.keyboard.type("/fin")
    expect(ana.locator(".slash__item:visible")).to_have_count(1)
    ana.keyboard.press("Tab")
    ana.keyboard.type("the disk is full")
    ana.keyboard.press("Control+Enter")
    expect(ana.locator("#timeline")).to_contain_text("reported a finding")
    ana.keyboard.press("Escape")
    ana.keyboard.press("h")
    ana.wait_for_url(f"**/incidents/{key}/handover")


def test_no_shortcut_fires_inside_a_field_or_behind_a_dialog(company, enter):
    key = company.declare("ana", "Typing is typing")
    ana = visit(enter("ana"), f"/incidents/{key}")
    text = ana.get_by_role("textbox", name="Text")
    text.click()
    ana.keyboard.type("c?jkghd/nte")
    expect(text).to_have_value("c?jkghd/nte")
    assert ana.url.endswith(key)
    expect(ana.get_by_role("dialog")).to_have_count(0)
    ana.keyboard.press("Escape")
    ana.get_by_role("button", name="Catch me up").click()
    expect(ana.get_by_role("dialog", name=re.compile("lines"))).to_be_visible()
    ana.keyboard.press("c")
    expect(ana.get_by_role("dialog", name=re.compile("lines"))).to_be_visible()
    assert ana.url.endswith(key)


def test_the_first_tab_skips_to_the_content(enter):
    ana = visit(enter("ana"), "/")
    ana.keyboard.press("Tab")
    skip = ana.get_by_role("link", name="Skip to what needs you")
    expect(skip).to_be_focused()
    expect(skip).to_be_in_viewport()
    ana.keyboard.press("Enter")
    expect(ana.locator("#main")).to_be_focused()
