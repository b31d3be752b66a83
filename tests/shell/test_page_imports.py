"""A status page of another product is planned, taken, and taken again without a change; on the page it reads as it was."""

from __future__ import annotations

import http.server
import json
import threading
from datetime import UTC, datetime

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from quarterdeck.app import page_imports, publishing, status_pages
from quarterdeck.cli import page_imports as cli
from quarterdeck.core.kernel.refused import Refused
from quarterdeck.core.status.imports import read
from quarterdeck.store import models
from support.browsing import browser, company, words

PAGE = {
    "components": [
        {"id": "g1", "name": "API", "group": True},
        {"id": "c1", "name": "Gateway", "group_id": "g1", "status": "operational"},
        {"id": "c2", "name": "Mail", "status": "degraded_performance"},
    ],
    "incidents": [
        {
            "id": "i1", "name": "Cards <script>alert(1)</script> fail", "impact": "major",
            "incident_updates": [
                {"id": "u1", "status": "investigating", "body": "Seen", "created_at": "2026-01-02T10:00:00Z",
                 "affected_components": [{"code": "c1", "new_status": "major_outage"}]},
                {"id": "u2", "status": "resolved", "body": "Over", "created_at": "2026-01-02T12:00:00Z"},
            ],
        },
        {"id": "i2", "name": "Nothing said"},
    ],
}  # fmt: skip


@pytest.fixture
def world(db):
    world = company()
    status_pages.create_page(world.act("ana"), "shop", "Shop")
    return world


def uploaded(world, document=PAGE, key="shop"):
    content = json.dumps(document).encode()
    return page_imports.upload(
        world.act("ana"), status_pages.find_page(key), "statuspage", "page.json", content
    )


def test_the_plan_says_what_would_be_and_writes_nothing(world):
    plan = page_imports.plan(uploaded(world))
    assert plan.counts == {"component": {"ok": 2}, "incident": {"ok": 1, "cannot": 1}}
    assert plan.lines[0].verdict == "cannot"
    assert "no update" in plan.lines[0].why
    assert models.Component.objects.count() == models.PagePost.objects.count() == 0


def test_what_is_taken_reads_as_it_was_and_twice_is_once(world):
    before = status_pages.find_page("shop").revision
    row = page_imports.take(world.act("ana"), uploaded(world).id)
    assert row.taken == {"components": 2, "posts": 2}
    assert bytes(row.content) == b""
    assert status_pages.find_page("shop").revision == before + 1
    shown = publishing.page_snapshot(status_pages.find_page("shop"), world.now)
    assert [(g.name, [v.component.name for v in g.components]) for g in shown.groups] == [
        ("API", ["Gateway"]), ("", ["Mail"])
    ]  # fmt: skip
    (incident,) = [i for m in shown.history for d in m.days for i in d.incidents]
    assert (incident.impact, incident.status) == ("major", "resolved")
    assert incident.started_at == datetime(2026, 1, 2, 10, tzinfo=UTC)
    assert [p.body for p in incident.posts] == ["Over", "Seen"]
    assert incident.components == (models.Component.objects.get(name="Gateway").id,)
    again = uploaded(world)
    assert page_imports.plan(again).counts["incident"] == {"there": 1, "cannot": 1}
    assert page_imports.take(world.act("ana"), again.id).taken == {"components": 0, "posts": 0}
    status_pages.update_component(world.act("ana"), incident.components[0], name="Renamed")
    assert page_imports.take(world.act("ana"), uploaded(world).id).taken["components"] == 0
    assert models.PagePost.objects.count() == 2
    assert not models.Delivery.objects.exists()  # nobody is told of what happened long ago


def test_the_same_file_on_another_page_is_another_page(world):
    status_pages.create_page(world.act("ana"), "second", "Second")
    page_imports.take(world.act("ana"), uploaded(world).id)
    assert page_imports.take(world.act("ana"), uploaded(world, key="second").id).taken["components"] == 2


def test_subscribers_are_counted_and_not_taken(world):
    rows = b"email,phone_number\na@b.example,\n,\n"
    row = page_imports.upload(world.act("ana"), status_pages.find_page("shop"), "statuspage", "s.csv", rows)
    plan = page_imports.plan(row)
    assert plan.counts == {"subscriber": {"cannot": 2}}
    assert page_imports.take(world.act("ana"), row.id).taken == {"components": 0, "posts": 0}


def test_a_public_page_is_read_from_its_address_and_no_inside_one_unless_allowed(monkeypatch):
    class Public(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            part = self.path.removeprefix("/api/v2/").removesuffix(".json").replace("-", "_")
            body = json.dumps({"page": {}, part: PAGE.get(part, [])}).encode()
            self.send_response(200)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Public) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        url = f"http://127.0.0.1:{server.server_port}"
        with pytest.raises(SystemExit):
            cli._content("statuspage", url)
        monkeypatch.setenv("QUARTERDECK_ALLOW_TARGETS", url.removeprefix("http://"))
        _, content = cli._content("statuspage", f"{url}/")
        server.shutdown()
    found = read("statuspage", content)
    assert [c.name for c in found.components] == ["Gateway", "Mail"]
    assert len(found.incidents) == 1


def test_who_may_not_edit_takes_nothing_and_large_files_are_refused(world):
    row = uploaded(world)
    with pytest.raises(Refused):
        page_imports.take(world.act("olga"), row.id)
    page = status_pages.find_page("shop")
    with pytest.raises(Refused, match="MiB"):
        page_imports.upload(world.act("ana"), page, "statuspage", "x", b" " * (page_imports.LIMIT_BYTES + 1))


def test_a_page_is_taken_over_in_the_browser(world):
    client = browser(world, "ben")
    file = SimpleUploadedFile("page.json", json.dumps(PAGE).encode())
    said = words(
        client.post("/status-pages/shop/import", {"source": "statuspage", "file": file}, follow=True)
    )
    assert "Nothing is written yet." in said
    assert "It has no update with a time" in said
    row = models.PageImport.objects.get()
    said = words(client.post(f"/status-pages/shop/import/{row.id}/take", follow=True))
    assert "Taken: 2 components, 2 updates." in said
    assert "2 updates" in words(client.get("/status-pages/shop/import"))
    wrong = SimpleUploadedFile("x.json", b"{}")
    refused = client.post("/status-pages/shop/import", {"source": "kuma", "file": wrong})
    assert refused.status_code == 422
    assert "no page of Uptime Kuma" in words(refused)
    assert client.post("/status-pages/shop/import", {"source": "kuma"}).status_code == 422


def test_a_page_is_taken_over_by_rest(world):
    client = browser(world, "ana")
    form = client.get("/status-pages/shop/import").content.decode()
    headers = {"X-CSRFToken": form.partition('csrfmiddlewaretoken" value="')[2].partition('"')[0]}
    file = SimpleUploadedFile("page.json", json.dumps(PAGE).encode())
    sent = {"file": file, "page": "shop", "source": "statuspage"}
    told = client.post("/api/v1/status-page-imports", sent, headers=headers)
    assert told.status_code == 201, told.content
    path = f"/api/v1/status-page-imports/{told.json()['id']}"
    assert client.get(path).json()["counts"]["component"] == {"ok": 2}
    taken = client.put(f"{path}/taken", headers=headers)
    assert taken.json()["taken"] == {"components": 2, "posts": 2}
    wrong = sent | {"file": SimpleUploadedFile("x", b"["), "source": "nothing"}
    assert client.post("/api/v1/status-page-imports", wrong, headers=headers).status_code == 422
