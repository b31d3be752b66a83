"""Posting on a status page in a browser: the forms and what they show, at a desk and on a phone, light and dark."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from support.browser import DESK, PHONE, Company, Enter, faults, in_minutes, overhang, visit

pytestmark = pytest.mark.slow
LONG = "Payments by card, by invoice and by vouchers of our partners in Spain and Portugal are declined for some customers"
PAGE = "cards"


def posted(company: Company) -> tuple[str, str]:
    """A page of its own: a notice with a correction and words in German, one without, what is over; the first's ref, id.

    On a page that an incident of another test is told on, ana would have to break the glass.
    """
    post = f"/status-pages/{PAGE}/posts"
    company.ask("ana", "POST", "/status-pages", {"key": PAGE, "title": "Corvane payments"})
    part = company.ask(
        "ana", "POST", f"/status-pages/{PAGE}/components", {"name": "Cards", "group": "Payments"}
    )["id"]
    soon = in_minutes(60) + ":00Z"
    first = company.ask("ana", "POST", post, {
        "title": LONG, "body": "Some cards are **declined**.\n\n- Visa\n- others", "reason": "A partner's trouble.",
        "next_update_at": soon, "components": {part: "partial_outage"},
    })  # fmt: skip
    company.ask(
        "ana",
        "POST",
        post,
        {"ref": first["ref"], "body": "Only Visa.", "kind": "correction", "corrects": first["id"]},
    )
    company.ask(
        "ana", "PUT", f"{post}/{first['id']}/words/de", {"title": "Karten", "body": "Karten gehen nicht."}
    )
    company.ask(
        "ana",
        "POST",
        post,
        {"title": "Mail is late", "body": "It is.", "reason": "Small.", "next_update_at": soon},
    )
    over = {"title": "Search was slow", "body": "It was.", "reason": "Nobody saw it.", "tell": False,
            "started_at": in_minutes(-600) + ":00Z", "ended_at": in_minutes(-540) + ":00Z"}  # fmt: skip
    company.ask("ana", "POST", post, over)
    company.ask(
        "ana",
        "POST",
        "/post-templates",
        {"name": "Partner", "title": "{{ components }}", "body": "Since {{ time }}."},
    )
    return first["ref"], first["id"]


def test_the_pages_of_posts_are_finished_in_every_look(company: Company, enter: Enter) -> None:
    ref, one = posted(company)
    pages = {
        "posts": f"/status-pages/{PAGE}/posts", "new": f"/status-pages/{PAGE}/posts/new",
        "past": f"/status-pages/{PAGE}/posts/past", "thread": f"/status-pages/{PAGE}/posts/{ref}",
        "correct": f"/status-pages/{PAGE}/posts/{ref}?do=correction&corrects={one}",
        "words": f"/status-pages/{PAGE}/posts/{one}/words/de", "templates": "/post-templates",
        "template": "/post-templates/new",
    }  # fmt: skip
    found: list[str] = []
    for size, scheme in ((DESK, "light"), (PHONE, "dark")):
        page = enter("ana", size, scheme)
        for name, path in pages.items():
            page.set_viewport_size(size)
            visit(page, path)
            _kept(page, f"{name}-{size['width']}-{scheme}")
            page.set_viewport_size(size | {"height": 2400})  # the bar of a phone covers nothing
            found += [f"{name} {scheme}: {text}" for text in (*overhang(page), *faults(page))]
    assert not found, "\n".join(found)


def test_what_is_refused_keeps_what_was_typed_without_scripts(company: Company, enter: Enter) -> None:
    enter.forgive("422")
    page = enter("ana", script=False)
    page.goto("/status-pages/status/posts/new")
    page.get_by_label("Headline").fill("Vouchers fail")
    page.get_by_label("What customers notice").fill("Vouchers are refused.")
    page.get_by_label("Next update at").fill("")
    page.get_by_role("button", name="Post", exact=True).click()
    expect(page.locator("body")).to_contain_text("Say why no incident is declared")
    expect(page.get_by_label("Headline")).to_have_value("Vouchers fail")
    _kept(page, "refused")


def _kept(page: Page, name: str) -> None:
    """A picture for whoever looks at them."""
    folder = os.environ.get("QUARTERDECK_PICTURES")
    if folder:
        page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)
