"""Several people in one war room at once, and a whole incident by keyboard alone: nothing typed is lost, nothing is
taken twice, nobody needs a mouse.
"""

from __future__ import annotations

import re
from datetime import datetime

import pytest
from playwright.sync_api import Locator, Page, expect

from support.browser import DESK, PHONE, Company, Enter, faults, in_minutes, overhang, visit
from support.patience import answer, box_of, choose_by_keys, leaving, tab_to

pytestmark = pytest.mark.slow


def test_what_one_types_and_opened_stays_while_the_other_writes(company: Company, enter: Enter) -> None:
    key = company.declare("ana", "Two write at once")
    ben = visit(enter("ben", PHONE, "dark"), f"/incidents/{key}")
    ben.locator("#command .rolefold > summary").click()
    text = ben.get_by_role("textbox", name="Text")
    text.fill("I am still wri")
    company.ask("ana", "POST", f"/incidents/{key}/entries", {"kind": "note", "text": "Ana was faster"})
    expect(ben.locator("#timeline")).to_contain_text("Ana was faster")
    company.ask(
        "ana", "PUT", f"/incidents/{key}/roles/deputy/holder", {"person": company.people["fay"]["id"]}
    )
    expect(ben.locator("#command")).to_contain_text("deputy: Fay Lindqvist")
    expect(ben.locator("#command .rolefold")).to_have_attribute("open", "")
    expect(text).to_be_focused()
    expect(text).to_have_value("I am still wri")
    ben.keyboard.type("ting")
    ben.keyboard.press("Control+Enter")
    expect(ben.locator("#timeline")).to_contain_text("I am still writing")


def test_two_claim_one_role_and_the_later_one_is_told_who_has_it(company: Company, enter: Enter) -> None:
    key = company.declare("ana", "One scribe")
    ben, cleo = (visit(enter(h), f"/incidents/{key}") for h in ("ben", "cleo"))
    enter.hold(cleo, "**/parts/**")  # her page is old when she claims
    ben.get_by_role("button", name="Take Scribe").first.click()
    expect(ben.locator("#role-card")).to_contain_text("My role: Scribe")
    expect(ben.locator("#role-card .about")).to_contain_text("You report to Ana Ruiz")
    cleo.get_by_role("button", name="Take Scribe").first.click()
    expect(cleo.locator("#toasts")).to_contain_text("Ben Okafor")
    held = company.ask("ana", "GET", f"/incidents/{key}/command")["roles"]
    scribes = [h["person"]["name"] for r in held if r["role"] == "scribe" for h in r["holders"]]
    assert scribes == ["Ben Okafor"]


def test_a_press_and_the_next_words_outlast_what_comes_between(company: Company, enter: Enter) -> None:
    """A part that is brought anew while a button is held down swallows no press; an answer that comes late takes only
    away what was sent.
    """
    key = company.declare("ana", "Everything at once")
    ben = visit(enter("ben"), f"/incidents/{key}")
    at = box_of(ben.get_by_role("button", name="Take Scribe").first)
    ben.mouse.move(at["x"] + at["width"] / 2, at["y"] + at["height"] / 2)
    ben.mouse.down()
    with ben.expect_response("**/parts/command*"):
        company.ask(
            "ana", "PUT", f"/incidents/{key}/roles/deputy/holder", {"person": company.people["fay"]["id"]}
        )
    with leaving(ben):
        ben.mouse.up()
    expect(ben.locator("#role-card")).to_contain_text("My role: Scribe")
    expect(ben.locator("#command")).to_contain_text("deputy: Fay Lindqvist")

    late = enter.hold(ben, "**/entries")
    text = ben.get_by_role("textbox", name="Text")
    text.fill("The first words")
    ben.keyboard.press("Control+Enter")
    answer(lambda: ben.evaluate("1") and late)  # asking the page lets its requests come in
    text.fill("What comes next")
    late[0].continue_()
    expect(ben.locator("#timeline")).to_contain_text("The first words")
    ben.unroute("**/entries")
    expect(ben.locator(".composer[data-sent]")).to_have_count(
        0
    )  # it takes the next one when this is answered
    ben.keyboard.press("Control+Enter")
    expect(ben.locator("#timeline")).to_contain_text("What comes next")
    expect(text).to_have_value("")


def test_older_entries_join_the_timeline_and_a_new_one_takes_none_away(
    company: Company, enter: Enter
) -> None:
    key = company.declare("ana", "A long one")
    for n in range(70):
        company.ask("ana", "POST", f"/incidents/{key}/entries", {"kind": "note", "text": f"Entry no. {n}"})
    ana = visit(enter("ana"), f"/incidents/{key}")
    items = ana.locator(".tl__item")
    expect(items).to_have_count(60)
    ana.get_by_role("link", name="Older entries").click()
    expect(ana.get_by_role("link", name="Older entries")).to_have_count(0)
    expect(ana.locator(".tl").last).to_contain_text("Entry no. 0")
    before = entries(ana)
    company.ask("ben", "POST", f"/incidents/{key}/entries", {"kind": "note", "text": "The newest of all"})
    expect(items.first).to_contain_text("The newest of all")
    after = entries(ana)
    assert set(before) < set(after)
    assert len(after) == len(set(after))


def entries(page: Page) -> list[str]:
    """What the timeline shows at one moment."""
    return list(page.evaluate("[...document.querySelectorAll('.tl__item')].map((e) => e.id)"))


def tops(page: Page, parts: tuple[str, ...]) -> list[float]:
    """Where each part begins, all of them at one moment: a live refresh puts new ones in their places. Empty as long
    as one of them is not shown.
    """
    return list(
        page.evaluate(
            """parts => {
              const boxes = parts.map((part) => document.querySelector(part)?.getBoundingClientRect());
              return boxes.every((box) => box?.height) ? boxes.map((box) => box.y) : [];
            }""",
            list(parts),
        )
    )


def test_a_phone_shows_command_my_step_the_composer_and_the_timeline_in_this_order(
    company: Company, enter: Enter
) -> None:
    key = company.declare("ana", "On a small screen")
    ana = visit(enter("ana", PHONE), f"/incidents/{key}")
    parts = ("#command .lead", "#role-card", ".composer", "#timeline", "#facts", "#tasks")
    found = answer(lambda: tops(ana, parts))
    assert found == sorted(found)
    ana.evaluate("window.scrollTo(0, document.body.scrollHeight)")
    ana.get_by_role("link", name="Write").click()
    text = ana.get_by_role("textbox", name="Text")
    expect(text).to_be_focused()
    expect(text).to_be_in_viewport()
    assert not looked_at(ana)


@pytest.mark.parametrize("where", ["ics/sections", "end", "chart"])
def test_the_further_pages_of_an_ics_incident_fit_and_are_accessible(
    company: Company, enter: Enter, where: str
) -> None:
    key = company.declare("ana", "Flood at Northgate", template="ics", type="natural_hazard")
    for size, scheme in ((DESK, "light"), (PHONE, "dark")):
        page = visit(enter("ana", size, scheme), f"/incidents/{key}/{where}")
        assert not looked_at(page)


def test_a_guest_of_another_organisation_joins_by_link_and_finds_their_way(
    company: Company, enter: Enter
) -> None:
    key = company.declare("ana", "With the city")
    told = company.ask(
        "ana", "POST", f"/incidents/{key}/guests", {"name": "Gus Grid", "organisation": "City works"}
    )
    guest = enter("", PHONE, "dark")
    guest.goto(company.url + re.sub(r"^https?://[^/]+", "", told["link"]))
    assert not looked_at(guest)
    guest.get_by_label("I am here as").fill("grid")
    with leaving(guest):
        guest.get_by_role("button", name="I am here").click()
    guest.wait_for_url(f"**/incidents/{key}")
    assert not looked_at(guest)
    expect(guest.locator("#main")).to_contain_text("Gus Grid")


def looked_at(page: Page) -> list[str]:
    """What is wrong with the whole page; as high as it is, so that the bar at the foot of a phone covers nothing."""
    high = page.evaluate("document.documentElement.scrollHeight")
    page.set_viewport_size({"width": page.viewport_size["width"], "height": min(high, 6000)})  # type: ignore[index]
    return [*faults(page), *overhang(page)]


def type_moment(page: Page, field: Locator, moment: str) -> None:
    """Digits into a field of date and time, in whichever order this browser asks for its parts."""
    at = datetime.fromisoformat(moment)
    for day, clock in (("%m%d%Y", "%I%M%p"), ("%d%m%Y", "%H%M")):
        field.focus()
        page.keyboard.type(f"{at:{day}}")
        page.keyboard.press("ArrowRight")
        page.keyboard.type(f"{at:{clock}}")
        if field.input_value() == moment:
            return
    raise AssertionError(f"{moment} can not be typed: {field.input_value()!r}")


def write(page: Page, key: str, text: str) -> None:
    """An entry: its key, the words, Ctrl Enter; then out of the field again."""
    page.keyboard.press(key)
    page.keyboard.type(text)
    page.keyboard.press("Control+Enter")


def test_a_whole_incident_by_keyboard_alone(company: Company, enter: Enter) -> None:
    """Declared, commanded, worked on, told about, resolved and closed: no mouse, no touch."""
    dev = visit(enter("dev"), "/")
    with leaving(dev):
        dev.keyboard.press("c")
    dev.wait_for_url("**/declare")
    tab_to(dev, dev.get_by_label("What is wrong?"))
    dev.keyboard.type("Search is down")
    both = dev.get_by_label("take both", exact=False)  # asked where a test before left Dev in command
    if both.count() and both.first.is_visible():
        tab_to(dev, both.first)
        dev.keyboard.type("Only keys")
    tab_to(dev, dev.get_by_role("button", name=re.compile("^Declare as")))
    with leaving(dev):
        dev.keyboard.press("Enter")
    dev.wait_for_url("**/incidents/INC-*")
    incident = dev.url.rsplit("/", 1)[1]
    expect(dev.locator("#command")).to_contain_text("You command")

    write(dev, "t", "@dev 10 Restart the index")
    expect(dev.locator("#tasks")).to_contain_text("Restart the index")
    dev.keyboard.press("Escape")
    tab_to(dev, dev.get_by_role("checkbox", name="Restart the index"))
    dev.keyboard.press("Space")
    expect(dev.get_by_role("checkbox", name="Restart the index")).to_have_attribute("aria-checked", "true")
    dev.keyboard.press("v")
    severity = dev.get_by_role("dialog", name=re.compile("Severity"))
    tab_to(dev, severity.get_by_role("textbox", name="Reason"))
    dev.keyboard.type("As we thought")
    with leaving(dev):
        dev.keyboard.press("Enter")
    expect(dev.locator("#timeline")).to_contain_text("As we thought")
    dev.keyboard.press("y")
    kind = dev.get_by_role("dialog", name=re.compile("Type of"))
    choose_by_keys(dev, kind.get_by_label("Type", exact=True), "Availability")
    tab_to(dev, kind.get_by_role("button", name="Change type"))
    with leaving(dev):
        dev.keyboard.press("Enter")
    expect(dev.locator("#incident-header")).to_contain_text("Availability")
    for phase in ("Investigating", "Identified"):
        dev.keyboard.press("p")
        dialog = dev.get_by_role("dialog", name=re.compile("Next"))
        expect(dialog.get_by_label(phase)).to_be_checked()
        tab_to(dev, dialog.get_by_role("textbox", name="Reason"))
        dev.keyboard.type(f"On to {phase.lower()}")
        with leaving(dev):
            dev.keyboard.press("Enter")
        expect(dev.locator("#timeline")).to_contain_text(f"On to {phase.lower()}")

    with leaving(dev):
        write(dev, "u", "Search answers again for most people.")
    dev.wait_for_url("**/communication?*")
    tab_to(dev, dev.get_by_label("Headline"))
    dev.keyboard.press("Control+a")
    dev.keyboard.type("Search was down")
    tab_to(dev, dev.get_by_label("What they notice"))
    dev.keyboard.type("Search gave no results.")
    tab_to(dev, dev.get_by_label("What we are doing"))
    dev.keyboard.type("We watch it.")
    tab_to(dev, dev.get_by_label("Next update at"))
    tab_to(dev, dev.get_by_label("Further text"))  # the agreed wording with what is not known yet
    dev.keyboard.press("Control+a")
    dev.keyboard.type("Search answers again for most people.")
    type_moment(dev, dev.get_by_label("Next update at"), in_minutes(45))
    tab_to(dev, dev.get_by_role("button", name="Save the draft"))
    with leaving(dev):
        dev.keyboard.press("Enter")
    dev.wait_for_url("**/communication?message=*")
    release = dev.get_by_role("button", name="Release and send")
    tab_to(dev, release)
    with leaving(dev):
        dev.keyboard.press("Enter")
    expect(dev.locator("#toasts")).to_contain_text("Released")

    tab_to(dev, dev.get_by_role("navigation", name="Incident").get_by_role("link", name="Overview"))
    with leaving(dev):
        dev.keyboard.press("Enter")
    dev.wait_for_url(f"**/incidents/{incident}")
    with leaving(dev):
        dev.keyboard.press("r")
    dev.wait_for_url("**/resolve")
    tab_to(dev, dev.get_by_label("Resolution code"))
    dev.keyboard.press("ArrowDown")
    expect(dev.get_by_label("Resolution code")).not_to_have_value("")
    tab_to(dev, dev.get_by_label("What ended it"))
    dev.keyboard.type("The index was restarted")
    why = dev.get_by_label("Resolve all the same, because")
    if why.count():
        tab_to(dev, why)
        dev.keyboard.type("It is back")
    tab_to(dev, dev.get_by_role("button", name=f"Resolve {incident}"))
    with leaving(dev):
        dev.keyboard.press("Enter")
    expect(dev.locator("#toasts")).to_contain_text("Resolved")
    with leaving(dev):
        dev.keyboard.press("r")
    dev.wait_for_url("**/end")
    why = dev.get_by_label("Close all the same, because")
    if why.count():
        tab_to(dev, why)
        dev.keyboard.type("A test of the keyboard")
    tab_to(dev, dev.get_by_role("button", name=f"Close {incident}"))
    with leaving(dev):
        dev.keyboard.press("Enter")
    expect(dev.locator("#toasts")).to_contain_text("Closed")
    assert company.ask("dev", "GET", f"/incidents/{incident}")["phase"] == "closed"
