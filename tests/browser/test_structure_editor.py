"""The editor of structures in a browser: typing, the fault at its line, nothing lost, then saved and shown as it reads."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect
from tests.browser.test_accessibility import inspected

from support.patience import answer

pytestmark = pytest.mark.slow
STAFF = "/settings/structures/edit?file=messages/software/staff.toml"


def test_a_fault_leads_to_its_line_and_nothing_typed_is_lost(company, enter) -> None:
    enter.forgive("422")
    page = enter("ana")
    page.goto(STAFF)
    text = page.get_by_label("Text TOML")
    typed = text.input_value().replace("{{ summary }}", "{{ summaryx }}\nWe are sorry.", 1)
    text.fill(typed)
    page.get_by_label("Why").fill("Says sorry")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text("Nothing was saved")
    line = typed[: typed.index("summaryx")].count("\n") + 1
    link = page.get_by_role("link", name=f"Line {line}:")
    expect(text).to_have_value(typed)
    expect(page.get_by_label("Why")).to_have_value("Says sorry")
    link.click()
    chosen = "e => e.value.slice(e.selectionStart, e.selectionEnd)"
    answer(lambda: text.evaluate(chosen) == "{{ summaryx }}")
    assert not inspected(page, "editor with a fault")
    text.fill(typed.replace("summaryx", "summary"))
    page.get_by_role("button", name="Check and preview").click()
    expect(page.get_by_text("We are sorry.").last).to_be_visible()
    assert not inspected(page, "editor with a preview")
    page.get_by_role("button", name="Save", exact=True).click()
    page.wait_for_url("**/templates/software")
    page.goto(STAFF)
    expect(page.get_by_text("Says sorry")).to_be_visible()
