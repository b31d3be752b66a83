"""Taking over another product's status page: by form, REST and its interface; planned first, once, and whole."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile

from quarterdeck.app.status import page_imports, publishing, status_pages
from quarterdeck.app.subscribers import subscribers
from quarterdeck.channels import page_sources
from quarterdeck.channels.page_sources import gather
from quarterdeck.channels.safe_http import SafeClient
from quarterdeck.core.kernel.refused import Refused
from quarterdeck.core.status.imports.reading import prose
from quarterdeck.store import models
from quarterdeck.store.ids import new_id
from support.browsing import browser, company, words
from support.http_sink import Answer, http_sink
from support.other_pages import DOCUMENTS, statuspage
from support.world import World


@pytest.fixture
def world(db: None) -> World:
    made = company()
    status_pages.create_page(made.act("ana"), "acme", "Acme")
    return made


def begin(world: World, document: object, product: str = "statuspage") -> models.PageImport:
    return page_imports.begin(world.act("ana"), "acme", product, "page.json", json.dumps(document).encode())


@pytest.mark.requirement("R-267")
@pytest.mark.parametrize("product", DOCUMENTS)
def test_a_page_comes_in_whole_and_a_second_time_changes_nothing(world: World, product: str) -> None:
    document = DOCUMENTS[product]()
    page_imports.take(world.act("ana"), begin(world, document, product).id)
    page = models.StatusPage.objects.get()
    assert page.components.exists()
    assert page.published < page.revision
    before = (page.components.count(), page.posts.count(), models.ComponentState.objects.count())
    assert before[1] > 0
    row = page_imports.take(world.act("ana"), begin(world, document, product).id)
    assert (page.components.count(), page.posts.count(), models.ComponentState.objects.count()) == before
    assert not [
        n for k, n in row.counts.items() if k.endswith((" ok", " change")) and not k.startswith("subscriber")
    ]


def test_history_stands_on_the_page_and_in_its_days(world: World) -> None:
    world.now = datetime(2026, 5, 20, tzinfo=UTC)
    page_imports.take(world.act("ana"), begin(world, statuspage()).id)
    shown = publishing.page_snapshot(models.StatusPage.objects.get(), world.now)
    by_name = {v.component.name: v for g in shown.groups for v in g.components}
    assert [g.name for g in shown.groups] == ["Shop", ""]
    assert by_name["Search"].state == "degraded_performance"
    over = [i for m in shown.history for d in m.days for i in d.incidents]
    assert [(i.ref, i.title, i.status, i.impact) for i in over] == [
        ("statuspage-i1", "Checkout is slow", "resolved", "major")
    ]
    states = models.ComponentState.objects.filter(component__name="Checkout").order_by("at")
    assert [(s.state, s.at.hour) for s in states] == [
        ("operational", 10),
        ("partial_outage", 10),
        ("operational", 11),
    ]
    assert {s.reason for s in states} == {"Imported from Atlassian Statuspage"}
    assert [m.title for m in shown.maintenance] == ["Larger database"]


def test_what_came_in_half_goes_on_where_it_stopped(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    document = statuspage()
    document["incidents"] = [document["incidents"][0] | {"id": f"i{n}"} for n in range(6)]
    row = begin(world, document)
    monkeypatch.setattr(page_imports, "PART", 5)
    taken = page_imports._posts
    calls = []

    def dies(*told: object) -> None:
        calls.append(told)
        if len(calls) == 2:
            raise KeyboardInterrupt
        taken(*told)

    with monkeypatch.context() as killed:
        killed.setattr(page_imports, "_posts", dies)
        with pytest.raises(KeyboardInterrupt):
            page_imports.take(world.act("ana"), row.id)
    assert models.PagePost.objects.count() == 5
    page_imports.take(world.act("ana"), row.id)
    assert models.PagePost.objects.count() == 12
    assert models.Component.objects.count() == 3
    assert models.ComponentState.objects.filter(component__name="Checkout").count() > 1


def test_subscribers_come_in_with_their_consent_and_who_said_no_stays_out(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings, "QUARTERDECK_CHANNELS", {"email": {}, "sms_twilio": {}})
    document = statuspage()
    document["subscribers"] += [
        {"mode": "email", "email": "gone@example.com", "components": []},
        {"mode": "sms", "phone_number": "+4915112345678", "components": ["c3"]},
        {"mode": "webhook", "endpoint": "ftp://nowhere"},
    ]
    subscribers.add(world.act("ana"), "acme", "email", "gone@example.com", "by hand")
    subscribers.end(world.act("ana"), "acme", models.Subscriber.objects.get().id)
    row = page_imports.take(world.act("ana"), begin(world, document).id)
    assert {k: n for k, n in row.counts.items() if k in ("subscriber mail", "subscriber other", "subscriber refused")} == {
        "subscriber mail": 2, "subscriber other": 1, "subscriber refused": 1,
    }  # fmt: skip
    world.pass_time(minutes=2)
    standing = {s.shown or s.address: s for s in models.Subscriber.objects.all()}
    assert {s.state for a, s in standing.items() if "gone@" in a} == {"ended"}
    one = next(s for a, s in standing.items() if a.startswith("a@"))
    assert (one.state, one.source) == ("active", "Confirmed at Atlassian Statuspage")
    assert one.components == [models.Component.objects.get(name="Checkout").id]
    page_imports.take(world.act("ana"), begin(world, document).id)
    world.pass_time(minutes=2)
    assert models.Subscriber.objects.count() == len(standing)


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (b"", "import.json"), (b"{", "import.json"), (b"\xff\xfe\x00", "import.json"), (b'{"components": NaN}', "import.json"),
        (b"[" * 100_000, "import.json"), (b"[]", "import.document"), (b'{"x": 1}', "import.document"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_refused_and_nothing_is_kept(world: World, raw: bytes, code: str) -> None:
    with pytest.raises(Refused, match=code):
        page_imports.begin(world.act("ana"), "acme", "statuspage", "x.json", raw)
    assert not models.PageImport.objects.exists()


def test_waiting_imports_and_their_records_are_bounded_over_all_pages(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    waiting = begin(world, statuspage())
    page = models.StatusPage.objects.create(id=new_id(), key="other", title="Other", created_at=world.now)
    for _ in range(page_imports.MOST_WAITING - 1):
        models.PageImport.objects.create(page=page, product="statuspage", name="x", created_at=world.now)
    with pytest.raises(Refused, match="import.many"):
        begin(world, statuspage())
    page_imports.drop(world.act("ana"), waiting.id)
    monkeypatch.setattr(page_imports, "MOST_RECORDS", 2)
    with pytest.raises(Refused, match="import.records"):
        begin(world, statuspage())


def test_the_plan_is_shown_before_anything_is_written(world: World) -> None:
    ana = browser(world, "ana")
    refused = ana.post("/status-pages/acme/import", {"product": "cachet"})
    assert refused.status_code == 422
    assert "Choose a JSON file." in words(refused)
    file = SimpleUploadedFile("acme.json", json.dumps(statuspage()).encode(), "application/json")
    answer = ana.post("/status-pages/acme/import", {"product": "statuspage", "file": file}, follow=True)
    assert "Its state 'on_fire' is none we know." in words(answer)
    assert "left out" in words(answer)
    assert not models.Component.objects.exists()
    row = models.PageImport.objects.get()
    ana.post(f"/status-pages/imports/{row.id}/start")
    assert models.Component.objects.count() == 3
    over = words(ana.get(f"/status-pages/imports/{row.id}"))
    assert "imported" in over
    assert row.name in words(ana.get("/status-pages/acme/import"))
    assert browser(world, "olga").get(f"/status-pages/imports/{row.id}").status_code == 403


def test_an_import_may_be_dropped_and_taken_no_more(world: World) -> None:
    row = begin(world, statuspage())
    page_imports.drop(world.act("ana"), row.id)
    with pytest.raises(Refused, match="import.over"):
        page_imports.take(world.act("ana"), row.id)
    row.refresh_from_db()
    assert (row.state, row.document) == ("dropped", "")
    with pytest.raises(Refused, match="import.unknown"):
        page_imports.find("x")


def test_no_text_of_a_document_is_more_than_text_on_the_page(world: World) -> None:
    document = statuspage()
    document["components"][1]["name"] = "<script>alert(1)</script>"
    document["incidents"][0]["name"] = "<img src=x onerror=alert(1)>"
    document["incidents"][0]["incident_updates"][0]["body"] = (
        "[a](javascript:alert(1)) <script>alert(1)</script>"
    )
    page_imports.take(world.act("ana"), begin(world, document).id)
    from quarterdeck.channels.status_site import render

    page = models.StatusPage.objects.get()
    files = render(publishing.page_snapshot(page, world.now), publishing.site_settings(page))
    for name, content in files.items():
        if name.endswith(".html"):
            assert b"<script>alert" not in content, name
            assert b"<img src=x" not in content, name
            assert b'href="javascript' not in content, name


def test_a_page_is_fetched_part_by_part_with_its_key(db: None) -> None:
    document = statuspage()
    with http_sink() as other:
        first = [{"id": f"x{n}", "name": f"C{n}", "status": "operational"} for n in range(100)]
        parts = [
            first,
            document["components"],
            document["component_groups"],
            document["incidents"],
            [],
            document["page"],
        ]
        other.answer(*(Answer(body=json.dumps(p).encode()) for p in parts))
        host = f"127.0.0.1:{other.port}"
        found = gather("statuspage", f"http://{host}/v1/pages/p1/", "k3y", SafeClient(allow=[host]))
    assert len(found["components"]) == 105
    assert found["page"]["name"] == "Acme Status"
    assert [a.path for a in other.arrived][:3] == [
        "/v1/pages/p1/components?page=1&limit=100", "/v1/pages/p1/components?page=2&limit=100",
        "/v1/pages/p1/component-groups?page=1&limit=100",
    ]  # fmt: skip
    assert {a.headers["authorization"] for a in other.arrived} == {"OAuth k3y"}


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (Answer(401), "refuses the key"),
        (Answer(200, b"<html>"), "JSON"),
        (Answer(200, b"{}"), "list"),
        (Answer(500), "answered 500"),
    ],
)
def test_an_interface_that_does_not_answer_as_it_should_is_said_in_words(answer: Answer, said: str) -> None:
    with http_sink() as other:
        other.answer(answer)
        host = f"127.0.0.1:{other.port}"
        with pytest.raises(Refused, match="import.source") as refused:
            gather("instatus", f"http://{host}/v1/p", "k", SafeClient(allow=[host]))
    assert said in refused.value.message


@pytest.mark.parametrize(
    "body", [b"[" * 200_000, b'{"meta": [1], "data": 5}', b'{"meta": {"pagination": []}, "data": {}}']
)
def test_what_an_interface_may_not_answer_is_said_in_words(body: bytes) -> None:
    with http_sink() as other:
        other.answer(Answer(body=body))
        host = f"127.0.0.1:{other.port}"
        with pytest.raises(Refused, match="import.source"):
            gather("cachet", f"http://{host}/v1", "k", SafeClient(allow=[host]))


def test_an_interface_that_never_stops_answering_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(page_sources, "MOST_BYTES", 50_000)
    whole = json.dumps([{"id": n, "name": "x" * 100} for n in range(100)]).encode()
    with http_sink() as other:
        other.answer(*[Answer(body=whole)] * 9)
        host = f"127.0.0.1:{other.port}"
        with pytest.raises(Refused, match="more than fits"):
            gather("instatus", f"http://{host}/v1", "k", SafeClient(allow=[host]))


@pytest.mark.parametrize("said", ["9999-12-31T23:59:59-23:59", "0001-01-01T00:00:00+23:59"])
def test_a_time_beyond_all_times_is_none(world: World, said: str) -> None:
    document = statuspage()
    for incident in document["incidents"]:
        incident["started_at"] = incident["scheduled_for"] = said
    row = page_imports.take(world.act("ana"), begin(world, document).id)
    assert row.state == "taken"
    assert not models.PagePost.objects.exclude(scheduled_for=None).filter(
        incident_ref__contains=document["incidents"][0]["id"]
    )


def test_texts_of_nothing_but_marks_are_read_as_fast_as_others() -> None:
    def took(text: str) -> float:
        began = time.process_time()
        prose(text)
        return time.process_time() - began

    usual, hostile = (min(took(one * 80_000) for _ in range(3)) for one in ("x", "<"))
    assert hostile < usual * 10 + 0.008


def test_a_page_that_not_everybody_may_read_takes_the_rest_and_refuses_subscribers(world: World) -> None:
    models.StatusPage.objects.update(public=False)
    row = page_imports.take(world.act("ana"), begin(world, statuspage()).id)
    assert row.state == "taken"
    assert row.counts["subscriber refused"] > 0
    assert "subscriber mail" not in row.counts
    assert models.PagePost.objects.filter(source="import").exists()


def test_a_plan_is_made_once_and_looked_at_as_often_as_wanted(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = begin(world, statuspage())
    monkeypatch.setattr(page_imports, "_planned", None)
    looked = browser(world, "ana")
    assert "Checkout" in words(looked.get(f"/status-pages/imports/{row.id}"))
    told = page_imports.plan(page_imports.find(row.id))
    assert told["total"] == len(told["lines"]) == sum(told["counts"].values())
    order = [("cannot", "change", "ok", "there").index(line["verdict"]) for line in told["lines"]]
    assert order == sorted(order)
    assert page_imports.find(row.id).plan == row.plan
