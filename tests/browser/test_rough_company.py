"""A company of forty people with hostile names and endless texts: nothing runs, nothing breaks out, nothing hangs over."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from support.browser import DESK, NARROW, PHONE, in_minutes, overhang, visit
from support.hostile import HOSTILE
from support.patience import box_of, follow

pytestmark = pytest.mark.slow
PAGES = (
    "/",
    "/incidents",
    "/incidents?show=all",
    "/incidents/{open}",
    "/incidents/{open}/communication",
    "/incidents/{open}/tasks",
    "/incidents/{open}/alerts",
    "/incidents/{open}/facts",
    "/incidents/{open}/chart",
    "/incidents/{open}/handover",
    "/incidents/{open}/fill/scribe",
    "/incidents/{long}",
    "/declare?alert={alert}",
    "/alerts",
    "/alerts?show=all",
    "/alerts/{alert}",
    "/alerts/{last}",
    "/on-call",
    "/on-call/mine",
    "/on-call/who",
    "/on-call/policies",
    "/on-call/coverage",
    "/on-call/fairness",
    "/on-call/competence",
    "/on-call/calendars",
    "/settings/me",
    "/page",
    "/notifications",
    "/callouts/{callout}",
    "/reviews",
    "/insights",
    "/catalog/services",
    "/catalog/services/hostile-0",
    "/catalog/people",
    "/catalog/people/{person}",
    "/catalog/teams/platform",
    "/catalog/integrations",
    "/status-pages",
    "/settings/health",
    "/settings/audit",
    "/search?q=script",
)
PUBLIC = ("/status/{page}/", "/status/{page}/history/", "/status/{page}/incidents/{open}/")


def at(crowd, path: str) -> str:
    made = crowd.made
    return path.format(
        open=made["open"], long=made["long"], alert=made["alerts"][1], last=made["alerts"][-1],
        callout=made["callout"], person=made["hostile_person"], page=made["page"],
    )  # fmt: skip


def inert(page: Page, where: str) -> None:
    """No script of theirs has run, and none of their markup became an element."""
    assert page.title() != "pwned", where
    intruders = (
        "iframe, object, embed, img[onerror], svg[onload], [onmouseover], a[href^='javascript:' i], [srcdoc]"
    )
    found = page.locator(intruders).evaluate_all("all => all.map((e) => e.outerHTML.slice(0, 200))")
    assert not found, where
    own = page.locator("script:not([src])").evaluate_all("all => all.map((e) => e.type)")
    assert set(own) <= {"application/json"}, where


@pytest.mark.parametrize(("size", "scheme"), [(DESK, "light"), (PHONE, "dark")])
def test_hostile_and_endless_texts_neither_run_nor_break_a_page(crowd, enter_crowd, size, scheme):
    """Every page once: no script, no dialog, no fault in the console, no sideways scrolling, at 320 px neither."""
    ana = enter_crowd("ana", size, scheme)
    wrong = []
    for path in (at(crowd, p) for p in PAGES):
        visit(ana, path)
        inert(ana, path)
        wrong += [f"{path}: {text}" for text in overhang(ana)]
        if size is PHONE:
            ana.set_viewport_size(NARROW)  # type: ignore[arg-type]
            wrong += [f"{path} 320: {text}" for text in overhang(ana)]
            ana.set_viewport_size(PHONE)  # type: ignore[arg-type]
    assert not wrong


@pytest.mark.parametrize("size", [DESK, NARROW])
def test_the_public_page_shows_hostile_texts_as_text(crowd, enter_crowd, size):
    page = enter_crowd("", size)
    for path in (at(crowd, p) for p in PUBLIC):
        answer = page.goto(path)
        assert answer is not None and answer.status == 200, path
        inert(page, path)
        assert not overhang(page), path
    expect(page.locator("body")).to_contain_text(HOSTILE[1])


def test_the_page_behind_a_link_shows_hostile_texts_as_text(crowd, enter_crowd):
    page = enter_crowd("", NARROW)
    page.goto(crowd.callout_link(crowd.made["callout"]))
    inert(page, "link")
    expect(page.locator("body")).to_contain_text(HOSTILE[1])
    assert not overhang(page)


def test_hostile_texts_are_shown_as_they_were_written(crowd, enter_crowd):
    """Inert is not enough: whoever reads must see what the attacker wrote."""
    ana = visit(enter_crowd("ana"), at(crowd, "/incidents/{open}"))
    expect(ana.get_by_role("heading", level=1)).to_have_text(f"{HOSTILE[0]} title")
    timeline = ana.locator("#timeline")
    for text in (HOSTILE[0], HOSTILE[1], HOSTILE[4], HOSTILE[6]):
        expect(timeline).to_contain_text(text)
    expect(ana.locator("#command .lead__line b")).to_contain_text(HOSTILE[1])
    visit(ana, at(crowd, "/alerts/{alert}"))
    expect(ana.locator("#main")).to_contain_text(HOSTILE[0])


def test_text_that_turns_the_writing_direction_cannot_disguise_what_follows(crowd, enter_crowd):
    ana = visit(enter_crowd("ana"), at(crowd, "/incidents/{open}"))
    shown = ana.locator("body").inner_text()
    assert "safetxt.exe" in shown
    assert not re.search("[\u202a-\u202e\u2066-\u2069]", shown)


def test_live_updates_bring_hostile_texts_inert(crowd, enter_crowd):
    """What comes by a live refresh and by the palette is treated as what came with the page."""
    key = crowd.declare("ana", "Calm until now", type="availability")
    ana = visit(enter_crowd("ana", PHONE), f"/incidents/{key}")
    for text in HOSTILE:
        crowd.ask("ana", "POST", f"/incidents/{key}/entries", {"kind": "note", "text": f"{text} live"})
    crowd.ask("ana", "PUT", f"/incidents/{key}/title", {"title": HOSTILE[1]})
    expect(ana.get_by_role("heading", level=1)).to_have_text(HOSTILE[1])
    expect(ana.locator("#timeline")).to_contain_text(f"{HOSTILE[6]} live")
    inert(ana, "live")
    ana.keyboard.press("Control+k")
    expect(ana.get_by_role("combobox", name="Search")).to_be_focused()
    ana.keyboard.type("onerror")
    expect(ana.get_by_role("option").filter(has_text=key)).to_have_count(1)
    inert(ana, "palette")


def test_a_title_that_is_too_long_is_refused_and_kept(crowd, enter_crowd):
    enter_crowd.forgive("422")
    ana = visit(enter_crowd("ana"), "/declare")
    title = ana.get_by_label("What is wrong?")
    title.evaluate("(field) => field.removeAttribute('maxlength')")
    title.fill("x" * 255)
    ana.get_by_role("button", name="Declare as").click()
    expect(ana.get_by_role("alert")).to_contain_text("200")
    expect(title).to_have_value("x" * 255)


def test_a_long_list_of_services_is_narrowed_by_typing_and_keeps_what_is_chosen(crowd, enter_crowd):
    ana = visit(enter_crowd("ana", PHONE), "/declare")
    group = ana.get_by_role("group", name="Affected services")
    group.get_by_label("Checkout").check()
    group.get_by_role("searchbox").fill("search")
    expect(group.get_by_label("Search", exact=True)).to_be_visible()
    expect(group.get_by_label("Checkout")).to_be_visible()
    expect(group.get_by_label("Accounts")).not_to_be_visible()
    ana.keyboard.press("Enter")
    assert ana.url.endswith("/declare")


def test_two_hundred_rows_are_paged_and_walked_to_the_end(crowd, enter_crowd):
    ana = visit(enter_crowd("ana"), "/incidents")
    seen: set[str] = set()
    for _ in range(10):
        rows = ana.locator("[data-list] [data-row]").evaluate_all("all => all.map((e) => e.dataset.row)")
        assert 0 < len(rows) <= 50
        assert not seen & set(rows)
        seen |= set(rows)
        older = ana.locator("a[rel=next]")
        if older.count() == 0:
            break
        follow(ana, older.first)
    assert len(seen) >= 200


def test_endless_names_on_a_status_page_widen_nothing(crowd, enter_crowd):
    """One word of 120 letters as page, group, component, post and maintenance: a phone does not scroll sideways, and at
    a desk the list of maintenance keeps its titles readable.
    """
    endless = "Donaudampfschifffahrt" * 6
    crowd.ask("ana", "POST", "/status-pages", {"key": "endless", "title": endless[:120]})
    part = {"name": endless[:120], "group": endless[:120]}
    crowd.ask("ana", "POST", "/status-pages/endless/components", part)
    said = {
        "title": endless[:120],
        "body": endless,
        "reason": "a test",
        "next_update_at": f"{in_minutes(60)}:00Z",
    }
    ref = crowd.ask("ana", "POST", "/status-pages/endless/posts", said | {"status": "investigating"})["ref"]
    work = {
        "title": "New disks",
        "starts_at": f"{in_minutes(9000)}:00Z",
        "ends_at": f"{in_minutes(9100)}:00Z",
    }
    crowd.ask("ana", "POST", "/maintenance", work | {"pages": ["endless"]})
    ana = enter_crowd("ana", PHONE)
    for path in ("", "/order", "/components/choose", f"/posts/{ref}"):
        visit(ana, f"/status-pages/endless{path}")
        assert not overhang(ana), path
    visit(ana, "/maintenance/new?page=endless")
    assert not overhang(ana)
    ana.set_viewport_size(DESK)
    visit(ana, "/maintenance")
    assert not overhang(ana)
    assert box_of(ana.get_by_role("link", name="New disks"))["height"] < 30
