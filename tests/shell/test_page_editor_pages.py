"""The editor of status pages in a browser without scripts: look, preview, order, history, removal."""

from __future__ import annotations

import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from tests.shell.test_page_editor import SVG, png

from quarterdeck.app.status import page_brand, status_pages
from quarterdeck.store import models
from quarterdeck.store.ids import new_id
from support.browsing import browser, company, queries, words

LOOK = "/status-pages/shop/look"


@pytest.fixture
def world(db):
    world = company()
    status_pages.create_page(world.act("ana"), "shop", "Shop")
    for name, group in (("Buying", "Selling"), ("Gifts", "Selling"), ("Help", "Around")):
        status_pages.create_component(world.act("ana"), "shop", name, group=group)
    return world


def row():
    return models.StatusPage.objects.get(key="shop")


def form(**more):
    return {
        "whole": "1", "title": "Shop", "timezone": "UTC", "accent": "#1a57a8", "accent_dark": "", "languages": ["en", "de"],
        "first_language": "de", "header_text": "Hello", "footer_text": "", "css": "", "home_url": "", "domain": "",
        "reason": "New brand", "base": str(models.PageVersion.objects.first().number),
    } | more  # fmt: skip


def names():
    return [(c.name, c.group) for c in row().components.order_by("position")]


@pytest.mark.requirement("R-043", "R-273")
def test_a_page_is_made_and_branded_by_forms_alone(world):
    client = browser(world, "ben")
    client.post("/status-pages/new", {"title": "Partners", "key": "partners", "timezone": "UTC"})
    client.post("/status-pages/partners/components/new", {"name": "Interface", "services": []})
    page = models.StatusPage.objects.get(key="partners")
    base = models.PageVersion.objects.filter(page=page).first().number
    sent = form(title="Partners", domain="status.shop.example", base=str(base))
    sent["logo"] = SimpleUploadedFile("logo.png", png())
    said = words(client.post("/status-pages/partners/look", sent, follow=True))
    assert "It is published within seconds." in said
    assert "CNAME status.shop.example." in said
    brand = page_brand.of(page)
    assert (brand.accent, brand.languages, page_brand.picture(page, brand.logo)) == (
        "#1a57a8",
        ["de", "en"],
        png(),
    )
    got = client.get("/status-pages/partners/pictures/logo")
    assert (got["Content-Type"], got.content) == ("image/png", png())
    made = words(client.get("/status-pages/partners/preview?pv_language=de"))
    assert "Partners" in made
    assert "Hello" in made
    client.post("/status-pages/partners/look", form(title="Partners", logo_gone="1", base=str(base + 1)))
    assert page_brand.of(page).logo == ""


def test_what_is_wrong_stands_beside_its_field_and_nothing_typed_is_lost(world):
    client = browser(world, "ben")
    sent = form(accent="#ffff00", footer_text="Typed text", domain="shop.example")
    answer = client.post(LOOK, sent | {"logo": SimpleUploadedFile("l.svg", SVG)})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "Typed text" in page
    assert re.search(r'id="id_accent_error">.*contrast', page)
    held = re.search(r'name="logo_held" value="([0-9a-f]{64})"', page)
    assert held
    assert page_brand.of(row()).logo == ""
    client.post(LOOK, form(logo_held=held[1]))
    kept = page_brand.picture(row(), page_brand.of(row()).logo)
    assert kept.endswith(b"</svg>")
    for field, value in (
        ("css", "a { background: url(x) }"),
        ("languages", ["xx"]),
        ("home_url", "javascript:alert(1)"),
    ):
        wrong = client.post(LOOK, form(**{field: value, "base": "99"}))
        assert (field, wrong.status_code) == (field, 422)
        assert f'id="id_{field}_error"' in wrong.content.decode()
    bad = client.post(LOOK, form(base="99") | {"logo": SimpleUploadedFile("l.png", b"<html>")})
    assert 'id="id_logo_error"' in bad.content.decode()


def test_what_another_changed_meanwhile_is_not_overwritten_unseen(world):
    client, sent = browser(world, "ben"), form()
    status_pages.update_page(world.act("ana"), "shop", description="Anas words")
    answer = client.post(LOOK, sent)
    assert "Somebody has changed this page" in words(answer)
    assert "Anas words" in words(answer)
    assert page_brand.of(row()).accent == "#0c766d"


@pytest.mark.requirement("R-043")
def test_the_preview_shows_the_form_and_publishes_nothing(world):
    client, before = browser(world, "ben"), row().revision
    answer = client.post(
        "/status-pages/shop/preview", form(title="Another name", pv_theme="dark", pv_language="de")
    )
    page = answer.content.decode()
    assert answer["Content-Security-Policy"].startswith("sandbox; default-src 'none'; style-src data:")
    assert "script" not in answer["Content-Security-Policy"]
    assert "Another name" in page
    assert 'lang="de"' in page
    assert "<script" not in page
    assert (row().revision, row().title) == (before, "Shop")
    wrong = client.post("/status-pages/shop/preview", form(accent="<b>x"))
    assert wrong.status_code == 422
    assert "&lt;b&gt;x" in wrong.content.decode()
    host = client.get(LOOK)["Content-Security-Policy"]
    assert "frame-src 'self'" in host
    assert "script-src 'self'" in host


def test_components_and_groups_are_moved_by_buttons_without_scripts(world):
    client, at = browser(world, "ben"), "/status-pages/shop/order"
    gifts = row().components.get(name="Gifts").id
    client.post(at, {"up": gifts})
    assert names() == [("Gifts", "Selling"), ("Buying", "Selling"), ("Help", "Around")]
    client.post(at, {"up": gifts})
    client.post(at, {"down": "group:Selling"})
    assert names() == [("Help", "Around"), ("Gifts", "Selling"), ("Buying", "Selling")]
    assert "not on the page any more" in words(client.post(at, {"up": "gone"}))


def test_the_order_that_scripts_made_is_saved_as_a_whole(world):
    client, at = browser(world, "ben"), "/status-pages/shop/order"
    ids = [row().components.get(name=n).id for n in ("Help", "Gifts", "Buying")]
    base = models.PageVersion.objects.first().number
    sent = {"order": ids, "in": ["Around", "Around", "Selling"], "reason": "Help first", "base": str(base)}
    assert "The order is saved" in words(client.post(at, sent, follow=True))
    assert names() == [("Help", "Around"), ("Gifts", "Around"), ("Buying", "Selling")]
    assert models.PageVersion.objects.first().reason == "Help first"
    stale = client.post(at, sent | {"order": ids[::-1]})
    assert (stale.status_code, names()[0][0]) == (409, "Help")


def test_the_history_compares_versions_and_brings_one_back(world):
    client = browser(world, "ben")
    first = models.PageVersion.objects.first().number
    client.post(LOOK, form())
    client.post(
        "/status-pages/components/" + row().components.get(name="Help").id + "/remove", {"reason": "Unused"}
    )
    said = words(client.get(f"/status-pages/shop/history?old={first}&new={first + 2}"))
    for text in (
        "Ben Okonkwo",
        "New brand",
        "“#0c766d” became “#1a57a8”",
        "Component Help removed.",
        "on its way",
    ):
        assert text in said
    sent = {"version": str(first), "base": str(first + 2), "reason": "It was better"}
    said = words(client.post("/status-pages/shop/rollback", sent, follow=True))
    assert f"as it was in version {first}" in said
    assert names() == [("Buying", "Selling"), ("Gifts", "Selling"), ("Help", "Around")]
    assert "Say in one line why" in words(
        client.post("/status-pages/shop/rollback", sent | {"reason": "", "base": "99"}, follow=True)
    )
    assert client.get("/status-pages/shop/history?old=0&new=x").status_code in (400, 422)


def test_an_observer_reads_the_history_and_changes_nothing(world):
    client = browser(world, "olga")
    assert client.get("/status-pages/shop/history").status_code == 200
    for path in ("look", "order", "preview", "rollback"):
        assert client.post(f"/status-pages/shop/{path}", {}).status_code == 403


def test_two_hundred_components_take_no_more_queries_than_three(world):
    client = browser(world, "ben")
    paths = [f"/status-pages/shop{path}" for path in ("", "/order", "/look", "/history", "/preview")]
    few = [queries(client, path) for path in paths]
    made = [
        models.Component(
            id=new_id(), page=row(), name=f"Part {n}", group=f"Group {n // 10}", position=n + 3, created_at=world.now,
            updated_at=world.now,
        )
        for n in range(200)
    ]  # fmt: skip
    models.Component.objects.bulk_create(made)
    assert [queries(client, path) for path in paths] == few
    moved = made[100].id
    with CaptureQueriesContext(connection) as seen:
        client.post("/status-pages/shop/order", {"down": moved})
    assert len(seen) < 40
    assert row().components.get(id=moved).position == 104
