"""The editor of status pages by API: brand, order, versions, preview, pictures; what cannot be used is refused."""

from __future__ import annotations

import base64
import re
import struct
import zlib
from datetime import UTC, datetime
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from quarterdeck.app.status import audience_pages, page_versions
from quarterdeck.app.status.audience_pages import Chosen
from quarterdeck.app.status.publishing import page_snapshot, site_settings
from quarterdeck.channels import status_site
from quarterdeck.store import models
from support.rest import Caller, Organisation

SVG = b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 10 10"><path d="M0 0h10v10z" fill="#0c766d"/></svg>'


def png(side: int = 2) -> bytes:
    """A real picture of one colour."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    rows = b"".join(b"\0" + b"\x0c\x76\x6d" * side for _ in range(side))
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", head)
        + chunk(b"IDAT", zlib.compress(rows))
        + chunk(b"IEND", b"")
    )


@pytest.fixture
def org(db: None) -> Organisation:
    o = Organisation()
    o.call("ana", "administrator")
    ana = o.call("ana")
    assert ana.post("/status-pages", {"key": "main", "title": "Corvane status"}).status == 201
    return o


def component(ana: Caller, name: str, group: str = "") -> str:
    return str(ana.post("/status-pages/main/components", {"name": name, "group": group}).json["id"])


def upload(caller: Caller, where: str, content: bytes, name: str = "logo.png") -> Any:
    return caller.client.post(
        f"/api/v1{where}", {"file": SimpleUploadedFile(name, content)}, headers=caller.headers
    )


def numbers(ana: Caller) -> list[int]:
    return [v["number"] for v in ana.get("/status-pages/main/versions").json["items"]]


@pytest.mark.requirement("R-043", "R-273")
def test_a_page_is_made_and_branded_by_the_interface_alone(org: Organisation) -> None:
    ana = org.call("ana")
    component(ana, "Checkout", "Shop")
    brand = {
        "accent": "#1a57a8", "header_text": "We tell you **first**.", "footer_text": "Corvane Ltd", "languages": ["de", "en"],
        "css": "h1 { letter-spacing: 1px }", "home_url": "https://corvane.example/", "domain": "Status.Corvane.Example.",
    }  # fmt: skip
    made = ana.patch("/status-pages/main/brand", brand)
    assert made.status == 200, made.json
    assert made.json["domain"] == "status.corvane.example"
    assert made.json["address"] == "https://status.corvane.example/"
    assert upload(ana, "/status-pages/main/pictures/logo", png()).status_code == 200
    assert upload(ana, "/status-pages/main/pictures/favicon", SVG, "x.png").status_code == 200
    got = ana.client.get("/api/v1/status-pages/main/pictures/favicon", headers=ana.headers)
    assert got["Content-Type"] == "image/svg+xml"
    how = site_settings(models.StatusPage.objects.get(key="main"))
    assert (how.accent, how.languages, how.url) == (
        "#1a57a8",
        ("de", "en"),
        "https://status.corvane.example/",
    )
    assert how.logo == png()
    html = ana.post("/status-pages/main/preview", {}).json["html"]
    assert 'lang="de"' in html
    assert "Checkout" in html
    assert ana.delete("/status-pages/main/pictures/logo").status == 204
    assert ana.get("/status-pages/main/brand").json["logo"] == ""


@pytest.mark.requirement("R-043", "R-273")
@pytest.mark.parametrize(
    "css",
    [
        "</style><script>alert(1)</script>", "a { background: url(https://evil.example/x) }", "@import 'x';",
        "a { background: url(javascript:alert(1)) }", "a { behavior: url(x.htc) }", "a { width: expression(alert(1)) }",
        "h1 { display: none }", "h1 { color: r\\65 d }",
        "a { color: " + "(" * 9_000 + "}", "a { color: " + "[" * 9_000 + "}", "@media " + "(" * 9_000 + "{}",
    ],
)  # fmt: skip
def test_a_style_sheet_that_could_run_or_fetch_is_refused_and_nothing_is_stored(
    org: Organisation, css: str
) -> None:
    ana = org.call("ana")
    said = ana.patch("/status-pages/main/brand", {"css": css, "accent": "#1a57a8"})
    assert (said.status, said.code) == (422, "css.unsafe")
    assert ana.get("/status-pages/main/brand").json["accent"] == "#0c766d"
    assert ana.post("/status-pages/main/preview", {"brand": {"css": css}}).status == 422


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"accent": "#ffff00"}, "accent"), ({"accent": "red"}, "accent"), ({"accent_dark": "#000000"}, "accent_dark"),
        ({"languages": ["xx"]}, "languages"), ({"languages": []}, "languages"), ({"domain": "https://a.example/x"}, "domain"),
        ({"domain": "10.0.0.1"}, "domain"), ({"domain": "localhost"}, "domain"), ({"domain": "-a.example"}, "domain"),
    ],
)  # fmt: skip
def test_what_cannot_be_used_is_refused_beside_its_field(
    org: Organisation, body: dict[str, Any], field: str
) -> None:
    said = org.call("ana").patch("/status-pages/main/brand", body)
    assert said.status == 422
    assert field in said.json["error"]["fields"]


def test_two_pages_do_not_share_a_domain(org: Organisation) -> None:
    ana = org.call("ana")
    ana.post("/status-pages", {"key": "other", "title": "Other"})
    assert ana.patch("/status-pages/other/brand", {"domain": "status.corvane.example"}).status == 200
    assert (
        ana.patch("/status-pages/main/brand", {"domain": "status.corvane.example"}).code
        == "page.domain_taken"
    )


@pytest.mark.parametrize(
    "content",
    [
        b"GIF89a not taken", b"<html><script>alert(1)</script></html>", b"", b"x" * 65_537,
        b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>',
        b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>',
        b'<svg xmlns="http://www.w3.org/2000/svg"><image href="https://evil.example/a.png"/></svg>',
        b'<svg xmlns="http://www.w3.org/2000/svg"><style>@import "https://evil.example/x";</style></svg>',
        b'<svg xmlns="http://www.w3.org/2000/svg"><use href="https://evil.example/a.svg#x"/></svg>',
        b'<svg xmlns="http://www.w3.org/2000/svg"><style><g/>@import url(https://evil.example/x);</style></svg>',
        b'<svg xmlns="http://www.w3.org/2000/svg"><g id="a"><use href="#a"/></g></svg>',
        b'<svg xmlns="http://www.w3.org/2000/svg" style="background:image-set(\'https://evil.example/x\' 1x)"/>',
        b'<svg xmlns="http://www.w3.org/2000/svg"><style>svg{background:-webkit-image-set("//e/x" 1x)}</style></svg>',
        b'<svg xmlns="http://www.w3.org/2000/svg"><g id="a">' + b"<path/>" * 200 + b"</g>"
        + b'<use href="#a"/>' * 200 + b"</svg>",
        b"<!---->" * 500 + b"x",
        b'<!DOCTYPE svg [<!ENTITY a "aaaa">]><svg xmlns="http://www.w3.org/2000/svg"><text>&a;</text></svg>',
        b'<svg xmlns="http://www.w3.org/2000/svg"><g>', b"<svg></svg>",
        b"\x89PNG\r\n\x1a\n" + struct.pack(">I4sII", 13, b"IHDR", 100_000, 1),
    ],
)  # fmt: skip
def test_a_picture_that_is_none_or_could_run_is_refused(org: Organisation, content: bytes) -> None:
    ana = org.call("ana")
    said = upload(ana, "/status-pages/main/pictures/logo", content)
    assert said.status_code in (413, 422), said.content
    assert ana.get("/status-pages/main/brand").json["logo"] == ""


def test_what_drawing_programs_leave_behind_is_taken_out_of_a_drawing(org: Organisation) -> None:
    left = SVG.replace(
        b"<path", b'<metadata xmlns:x="urn:x"><x:secret>path of a disk</x:secret></metadata><path data-x="1"'
    )
    assert upload(org.call("ana"), "/status-pages/main/pictures/logo", left).status_code == 200
    kept = bytes(models.PagePicture.objects.get().content)
    assert b"path of a disk" not in kept
    assert b"data-x" not in kept
    assert b'fill="#0c766d"' in kept


def test_components_are_put_in_order_as_a_whole(org: Organisation) -> None:
    ana = org.call("ana")
    a, b, c = component(ana, "A", "One"), component(ana, "B", "One"), component(ana, "C", "Two")
    order = [{"id": c, "group": "Two"}, {"id": b, "group": "One"}, {"id": a, "group": "Two"}]
    put = ana.put("/status-pages/main/order", {"components": order, "reason": "Most used first"})
    assert [i["id"] for i in put.json["items"]] == [c, b, a]
    assert models.Component.objects.get(id=a).group == "Two"
    before = numbers(ana)
    ana.put("/status-pages/main/order", {"components": order})
    assert numbers(ana) == before, "the same order is no new version"
    assert ana.put("/status-pages/main/order", {"components": order[:2]}).code == "order.components"
    assert ana.put("/status-pages/main/order", {"components": [*order, order[0]]}).code == "order.components"


@pytest.mark.requirement("R-043")
def test_every_change_is_a_version_and_a_rollback_makes_another(org: Organisation) -> None:
    ana = org.call("ana")
    a, b = component(ana, "Checkout"), component(ana, "Login")
    ana.put(f"/components/{a}/state", {"state": "partial_outage", "reason": "x"})
    before = numbers(ana)
    ana.patch("/status-pages/main/brand", {"accent": "#1a57a8", "reason": "New brand"})
    ana.put("/status-pages/main/order", {"components": [{"id": b}, {"id": a}]})
    ana.delete(f"/components/{a}")
    top = max(before)
    assert numbers(ana) == [top + 3, top + 2, top + 1, *before]
    told = ana.get(f"/status-pages/main/differences?old={top}&new={top + 2}").json["differences"]
    assert told == ["Colour: “#0c766d” became “#1a57a8”.", "Login moved: it stands at the top."]
    whole = ana.get(f"/status-pages/main/versions/{top + 1}").json
    assert (whole["reason"], whole["by"]["name"], whole["published"]) == ("New brand", "Ana", False)
    assert ana.get(f"/status-pages/main/versions/{top + 3}").json["differences"] == [
        "Component Checkout removed."
    ]
    back = ana.post(
        "/status-pages/main/rollbacks", {"version": top, "reason": "The old one read better", "base": top + 3}
    )
    assert (back.status, back.json["number"], back.json["rolled_back_to"]) == (201, top + 4, top)
    assert ana.get("/status-pages/main/brand").json["accent"] == "#0c766d"
    rows = models.Component.objects.filter(page__key="main").order_by("position")
    assert [(r.id, r.state) for r in rows] == [(a, "partial_outage"), (b, "operational")]
    assert [s.state for s in rows[0].states.order_by("at", "id")] == ["operational", "partial_outage"]
    assert ana.get(f"/status-pages/main/differences?old={top}&new={top + 4}").json["differences"] == []
    assert models.Event.objects.filter(kind="StatusPageRolledBack").count() == 1


@pytest.mark.requirement("R-043")
def test_figures_and_components_of_other_pages_are_in_the_history_and_rolled_back(org: Organisation) -> None:
    ana = org.call("ana")
    ana.post("/status-pages", {"key": "other", "title": "Other"})
    theirs = ana.post("/status-pages/other/components", {"name": "Warehouse"}).json["id"]
    page = models.StatusPage.objects.get(key="main")
    assert ana.post("/status-pages/main/metrics", {"key": "speed", "name": "Speed"}).status == 201
    audience_pages.choose(org.act("ana"), page, [Chosen(theirs, "Stock")])
    first = models.PageVersion.objects.filter(page=page).latest("number").number
    audience_pages.choose(org.act("ana"), page, [])
    assert ana.delete("/status-pages/main/metrics/speed").status in (200, 204)
    last = models.PageVersion.objects.filter(page=page).latest("number").number
    assert page_versions.compare(page, first, last) == [
        "Component of another page Stock removed.", "Metric Speed removed.",
    ]  # fmt: skip
    page_versions.roll_back(org.act("ana"), "main", first, "They want it back")
    assert [s.name for s in page.shown.all()] == ["Stock"]
    assert [m.key for m in page.metrics.all()] == ["speed"]


@pytest.mark.requirement("R-043")
def test_a_component_that_comes_back_is_shown_where_it_was_in_the_words_of_each_page(
    org: Organisation,
) -> None:
    ana, act = org.call("ana"), org.act("ana")
    mine = component(ana, "Checkout")
    top = numbers(ana)[0]
    pages = {}
    for key, words in (("partner", "Ordering"), ("press", "Shop")):
        ana.post("/status-pages", {"key": key, "title": key})
        pages[key] = models.StatusPage.objects.get(key=key)
        audience_pages.choose(act, pages[key], [Chosen(mine, words, "Sales", f"Seen by {key}")])
    kept = models.PageVersion.objects.filter(page=pages["partner"]).latest("number").config
    ana.delete(f"/components/{mine}")
    assert not pages["partner"].shown.exists()
    assert "was taken off" in models.PageVersion.objects.filter(page=pages["partner"])[0].reason
    pages["press"].delete()
    was = models.StatusPage.objects.get(key="partner").revision
    page_versions.roll_back(act, "main", top, "It is needed after all")
    shown = pages["partner"].shown.get()
    assert (shown.component_id, shown.name, shown.group) == (mine, "Ordering", "Sales")
    assert models.StatusPage.objects.get(key="partner").revision > was
    again = models.PageVersion.objects.filter(page=pages["partner"])[0]
    assert again.config == kept
    assert again.reason == "Ordering came back to its own page"
    page_versions.roll_back(act, "main", 1, "Away with it again")
    assert not pages["partner"].shown.exists()


def test_a_rollback_needs_a_reason_and_something_to_change(org: Organisation) -> None:
    ana = org.call("ana")
    ana.patch("/status-pages/main", {"title": "Corvane"})
    assert ana.post("/status-pages/main/rollbacks", {"version": 1, "reason": " "}).code == "version.reason"
    assert ana.post("/status-pages/main/rollbacks", {"version": 2, "reason": "x"}).code == "version.same"
    assert ana.post("/status-pages/main/rollbacks", {"version": 99, "reason": "x"}).status == 404
    assert ana.get("/status-pages/main/versions/99999999999999999999").status == 404
    assert (
        ana.post("/status-pages/main/rollbacks", {"version": 1, "reason": "x", "base": 1}).code
        == "page.changed"
    )


def test_two_editors_do_not_overwrite_each_other_unseen(org: Organisation) -> None:
    ana = org.call("ana")
    base = numbers(ana)[0]
    assert ana.patch("/status-pages/main/brand", {"footer_text": "One", "base": base}).status == 200
    said = ana.patch("/status-pages/main/brand", {"footer_text": "Two", "base": base})
    assert (said.status, said.code) == (409, "page.changed")
    assert "Text at the bottom: nothing became “One”." in said.json["error"]["message"]
    assert ana.get("/status-pages/main/brand").json["footer_text"] == "One"


@pytest.mark.requirement("R-043")
def test_a_preview_is_what_the_renderer_would_publish_and_changes_nothing(org: Organisation) -> None:
    ana = org.call("ana")
    component(ana, "Checkout")
    page = models.StatusPage.objects.get(key="main")
    before = (page.revision, models.PageVersion.objects.count())
    body = {"title": "New <b>name</b>", "brand": {"accent": "#1a57a8"}, "theme": "dark"}
    html = ana.post("/status-pages/main/preview", body).json["html"]
    assert "New &lt;b&gt;name&lt;/b&gt;" in html
    css = base64.b64decode(re.findall(r"data:text/css;base64,([^\"]+)", html)[0]).decode()
    assert "#1a57a8" in css
    assert "prefers-color-scheme" not in css
    assert "color-scheme:dark" in css
    assert not re.search(r'(?:href|src)="(?!#|data:)', html), "nothing in it leads anywhere"
    page.refresh_from_db()
    assert (page.revision, models.PageVersion.objects.count(), page.title) == (*before, "Corvane status")
    published = status_site.render(_shown(page), site_settings(page))["index.html"].decode()
    shape = re.compile(r"<(\w+)(?: class=\"([^\"]*)\")?")
    drawn = [m for m in shape.findall(html) if m[0] not in ("meta", "link", "script")]
    assert drawn == [m for m in shape.findall(published) if m[0] not in ("meta", "link", "script")]


def _shown(page: models.StatusPage) -> Any:
    return page_snapshot(page, datetime.now(UTC))


def test_who_only_reads_changes_nothing(org: Organisation) -> None:
    eva = org.call("eva", "executive")
    assert eva.get("/status-pages/main/brand").status == 200
    assert eva.get("/status-pages/main/versions").status == 200
    for refused in (
        eva.patch("/status-pages/main/brand", {"accent": "#1a57a8"}),
        eva.put("/status-pages/main/order", {"components": []}),
        eva.post("/status-pages/main/rollbacks", {"version": 1, "reason": "x"}),
        eva.post("/status-pages/main/preview", {}),
        eva.delete("/status-pages/main/pictures/logo"),
    ):
        assert refused.status == 403
