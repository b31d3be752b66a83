"""What stays inside the organisation, inside an incident, and inside the bounds of what a client may send."""

from __future__ import annotations

import io
import zipfile
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from quarterdeck.app.act import Act
from quarterdeck.app.incidents import guests, incident_reports, money, regulatory, relations
from quarterdeck.app.upkeep import keeping, purging
from quarterdeck.store import models
from quarterdeck.web import shared_parts
from support.attacks import BACKEND, CANARY, restricted, signed_in
from support.rest import HOST, Organisation


@pytest.fixture
def org(db: None) -> Organisation:
    made = Organisation()
    for handle, role in (("root", "administrator"), ("ana", "responder"), ("ben", "responder")):
        made.person(handle, role)
    shared_parts._written.clear()
    return made


def guest_of(org: Organisation, incident: str) -> Client:
    made = guests.invite(org.act("ana"), incident, "Gus Grid", "City works")
    client = Client(headers={"host": HOST})
    client.force_login(guests.enter(made.id, org.now), backend=BACKEND)
    return client


# -- guests


def test_a_guest_reads_nothing_of_money_authority_and_the_law(org: Organisation) -> None:
    incident = org.declare("ana")
    assert (
        org.call("ana").put(f"/incidents/{incident}/roles/scribe/holder", {"person": org.id("ben")}).status
        == 200
    )
    money.enter(org.act("ana"), incident, "cost", f"{CANARY} pumps", 7_654_321, "EUR")
    money.delegate(org.act("ana"), incident, org.id("ben"), ("spend",), limit_minor=8_765_432, currency="EUR")
    regulatory.start(org.act("ana"), incident, "gdpr_authority", None, f"{CANARY} why")
    told = incident_reports.report(
        org.act("ben"), f"{CANARY} is down", source_kind="customer", customer=CANARY
    )
    incident_reports.link(org.act("ana"), told.id, incident)
    gus, ana = guest_of(org, incident), signed_in(org, "ana")
    assert CANARY in ana.get(f"/incidents/{incident}").content.decode()
    pages = [
        "",
        "/parts/header",
        "/parts/timeline",
        "/parts/older",
        "/parts/command",
        "/parts/facts",
        "/parts/tasks",
    ]
    for page in (
        *pages,
        "/parts/offers",
        "/parts/business",
        "/parts/timeline?order=oldest",
        "/chart",
        "/crew",
    ):
        text = gus.get(f"/incidents/{incident}{page}").content.decode()
        for word in (CANARY, "76,543", "87,654", "legal deadline", "lets "):
            assert word not in text, (page, word)
    assert gus.get(f"/incidents/{incident}/parts/business").status_code == 404
    assert gus.get(f"/incidents/{incident}/parts/alerts").status_code == 404
    answer = gus.post(
        f"/incidents/{incident}/entries",
        {"kind": "note", "text": "Grid is up"},
        headers={"HX-Request": "true"},
    )
    assert CANARY not in answer.content.decode()


def test_what_is_drawn_for_a_guest_is_drawn_for_nobody_else(org: Organisation) -> None:
    incident = org.declare("ana")
    gus, ben = guest_of(org, incident), signed_in(org, "ben")
    tab = f'href="/incidents/{incident}/business"'
    for _ in range(2):
        assert tab not in gus.get(f"/incidents/{incident}/parts/header").content.decode()
        assert tab in ben.get(f"/incidents/{incident}/parts/header").content.decode()


# -- ids that clients choose


@pytest.mark.parametrize(
    ("noun", "body"),
    [
        ("channels", {"function": "Command", "name": "Net 1"}),
        ("divisions", {"kind": "division", "name": "A"}),
        (
            "hazards",
            {"area": "Dock", "hazard": "Gas", "mitigation": "Air", "risk": "high", "residual": "low"},
        ),
        ("resources", {"name": "Pump", "kind": "engine"}),
    ],
)
def test_an_id_that_another_incident_has_is_refused_in_words(
    org: Organisation, noun: str, body: dict[str, str]
) -> None:
    one, other, call = org.declare("ana"), org.declare("ana"), org.call("ana")
    made = call.post(f"/incidents/{one}/ics/{noun}", body)
    assert made.status == 201, made.json
    length = models.Event.objects.filter(stream=other).count()
    again = call.put(f"/incidents/{other}/ics/{noun}/{made.json['id']}", body)
    assert (again.status, again.code) == (409, "id.taken")
    assert models.Event.objects.filter(stream=other).count() == length


def test_a_cost_under_an_id_of_another_incident_is_refused_on_the_page_too(org: Organisation) -> None:
    one, other = org.declare("ana"), org.declare("ana")
    money.enter(org.act("ana"), one, "cost", "Pumps", 100, "EUR", entry_id="mine")
    said = {"kind": "note", "text": "/cost 5 EUR Taxi", "entry_id": "mine"}
    assert signed_in(org, "ana").post(f"/incidents/{other}/entries", said).status_code < 500
    assert models.CostEntryRow.objects.get(id="mine").incident_id == one


# -- files of the catalogue


def zipped(name: str, text: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as box:
        box.writestr(name, text)
    return out.getvalue()


def damaged() -> bytes:
    made = bytearray(zipped("templates/x.toml", b"a = 1\n" * 5_000))
    for n in range(60, 90):
        made[n] ^= 0xFF
    return bytes(made)


LONG = b"n = " + b"9" * 5_000


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("x.zip", damaged()),
        ("x.toml", b"key = 'x'\n" + LONG),
        ("x.zip", zipped("templates/x.toml", LONG)),
        ("types.toml", LONG),
        ("x.zip", zipped("templates/x.toml", b"a = " + b"[" * 50_000)),
        ("x.toml", b"a = " + b"{b=" * 3_000),
    ],
)
def test_a_damaged_or_monstrous_file_of_the_catalogue_is_refused_in_words(
    org: Organisation, name: str, content: bytes
) -> None:
    got = signed_in(org, "root").post(
        "/settings/structures/import", {"file": SimpleUploadedFile(name, content)}
    )
    assert got.status_code in (200, 422)
    files = [{"path": "templates/x.toml", "text": content.decode("latin-1")}]
    if not name.endswith("zip"):
        assert org.call("ben").post("/structures/check", {"files": files}).status in (201, 422)
        saved = org.call("root").put("/structures/files", {"files": files, "note": "Try"})
        assert saved.status in (400, 422)


# -- restricted, held, purged


def test_a_report_that_became_a_restricted_incident_leaves_the_queue_of_outsiders(org: Organisation) -> None:
    incident = restricted(org)
    told = incident_reports.report(org.act("ben"), f"{CANARY} is open")
    incident_reports.link(org.act("ana"), told.id, incident)
    assert CANARY in signed_in(org, "ana").get("/reports?state=linked").content.decode()
    assert CANARY not in signed_in(org, "root").get("/reports?state=linked").content.decode()
    assert org.call("root").get("/reports?state=linked").json["items"] == []


def test_a_hold_keeps_what_was_merged_into_the_incident_and_a_purge_takes_its_reports(
    org: Organisation,
) -> None:
    whole, part, last = org.declare("ana"), org.declare("ana"), org.declare("ana")
    told = incident_reports.report(org.act("ben"), "Nobody can print", contact="+49 30 1234567")
    incident_reports.link(org.act("ana"), told.id, last)
    for one, into in ((last, part), (part, whole)):
        relations.merge(org.act("ana"), one, into, "The same")
    keeping.place_hold(org.act("root"), whole, "A court asked for it")
    keeping.set_days(org.act("root"), 30)
    later = org.now + timedelta(days=60)
    assert purging.purge_one(later) == 0
    keeping.lift_hold(org.act("root"), whole, "Settled")
    assert [purging.purge_one(later) for _ in range(3)] == [1, 1, 0]
    assert not models.Report.objects.filter(id=told.id).exists()


@pytest.mark.parametrize("day", ["9999-12-31", "0001-01-01", "1000-01-01"])
def test_a_date_beyond_every_calendar_is_refused_and_breaks_nothing(org: Organisation, day: str) -> None:
    incident, call = org.declare("ana"), org.call("ana")
    said = {"owner": org.id("ana"), "due_on": day, "reason": "Rare"}
    assert 400 <= call.post(f"/incidents/{incident}/review", said).status < 500
    assert call.post(f"/incidents/{incident}/review", said | {"due_on": "2026-12-24"}).status == 201
    item = {"title": "Limit the retries", "owner": org.id("ben"), "due_on": day}
    assert 400 <= call.post(f"/incidents/{incident}/action-items", item).status < 500
    asked = {"person": org.id("ben"), "due_on": day}
    assert 400 <= call.post(f"/incidents/{incident}/review/contributions", asked).status < 500
    assert signed_in(org, "ana").get(f"/reviews/{incident}").status_code == 200
    for page in (
        "/on-call?month=9999-12",
        "/on-call?week=9999-W52",
        "/on-call?day=9999-12-31",
        f"/reviews?q={day}",
    ):
        assert signed_in(org, "ana").get(page).status_code < 500, page


@pytest.mark.parametrize("severity", ["", "12", "345", "x", "²"])
def test_a_structure_is_shown_whatever_severity_is_asked_for(org: Organisation, severity: str) -> None:
    page = signed_in(org, "ben").get("/settings/structures/templates/software", {"severity": severity})
    assert page.status_code == 200


def test_a_shorter_time_removes_nothing_for_a_week_and_can_be_taken_back(org: Organisation) -> None:
    one, other = org.declare("ana"), org.declare("ana")
    relations.merge(org.act("ana"), one, other, "The same")
    models.IncidentRow.objects.filter(id=one).update(phase_since=org.now - timedelta(days=400))
    later = org.now + timedelta(days=90)
    soon = Act(org.act("root").who, later)
    keeping.set_days(soon, 30)
    assert purging.purge_one(later + timedelta(days=6)) == 0
    assert "Nothing is removed before" in signed_in(org, "root").get("/settings/retention").content.decode()
    keeping.set_days(soon, 0)
    assert purging.purge_one(later + timedelta(days=60)) == 0
    keeping.set_days(soon, 30)
    keeping.set_days(soon, 31)
    assert purging.purge_one(later + timedelta(days=6)) == 0, "a longer time takes no grace away"
    assert purging.purge_one(later + timedelta(days=8)) == 1
