"""How long an incident is kept: retention, legal holds, files taken back, who reads and copies it."""

from __future__ import annotations

import io
import zipfile
from datetime import timedelta
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings
from django.db import DatabaseError, transaction
from tests.shell.test_inquiries import sent

from quarterdeck.app.drills import drills
from quarterdeck.app.exports import proof
from quarterdeck.app.exports.write import export
from quarterdeck.app.incidents import restructuring
from quarterdeck.app.upkeep import keeping, retention, verify
from quarterdeck.store import log, models
from quarterdeck.store.ids import new_id
from support.attacks import org, signed_in
from support.browsing import queries
from support.left_behind import PNG, attach, entry_of, over
from support.rest import Organisation

__all__ = ["org"]


@pytest.fixture
def folder(tmp_path: Path):
    before = settings.QUARTERDECK_ATTACHMENTS
    settings.QUARTERDECK_ATTACHMENTS = tmp_path / "attachments"
    yield tmp_path / "attachments"
    settings.QUARTERDECK_ATTACHMENTS = before


@pytest.mark.requirement("R-281")
def test_retention_takes_what_is_over_and_never_what_is_open_or_held(org: Organisation, folder: Path) -> None:
    root = org.call("root", "administrator")
    gone, held, still = (org.declare("ana", title=f"Incident {n}") for n in range(3))
    shas = [attach(org, i, PNG + bytes([n])) for n, i in enumerate((gone, held))]
    for one in (gone, held):
        over(org, one)
    assert root.post(f"/incidents/{held}/legal-hold", {"reason": "A claim of a customer"}).status == 201
    assert org.call("ben").post(f"/incidents/{gone}/legal-hold", {"reason": "Why not"}).status == 403
    assert root.put("/retention", {"days": 7}).status == 422
    assert root.put("/retention", {"days": 30}).json["days"] == 30
    events, head = log.head(gone)
    out = io.BytesIO()
    export(org.act("ana"), gone, out)
    retention.tidy(org.now)
    assert models.PurgedIncident.objects.count() == 0, "their time is not over"
    retention.tidy(org.now + timedelta(days=31))
    assert list(models.IncidentRow.objects.order_by("number").values_list("id", flat=True)) == [held, still]
    assert log.read(gone) == [] and log.read(held) and log.read(still)
    assert [(folder / s[:2] / s).exists() for s in shas] == [False, True]
    told = models.PurgedIncident.objects.get()
    assert (told.id, told.events, told.head) == (gone, events, head)
    assert all(wrong is None for _, _, wrong in verify.streams()) and verify.unexplained() == []
    assert models.Event.objects.filter(stream=log.INSTALLATION, kind="IncidentPurged").count() == 1
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        models.Event.objects.filter(stream=still).delete()
    assert org.declare("ana").endswith(str(4)), "numbers are never given twice"
    # The record that was exported before still proves, and says where its chain ended.
    path = folder / "record.zip"
    path.write_bytes(out.getvalue())
    proved = proof.verify(path)
    assert (proved.faults, proved.events) == ([], events)
    root.put(f"/incidents/{held}/legal-hold/end", {"reason": "Settled"})
    retention.tidy(org.now + timedelta(days=31))
    assert models.PurgedIncident.objects.count() == 2


def test_what_the_law_still_asks_for_and_what_was_merged_with_a_held_incident_is_kept(
    org: Organisation, folder: Path
) -> None:
    root, ana = org.call("root", "administrator"), org.call("ana")
    owed = org.declare("ana", type="security")
    over(org, owed)
    part, whole = org.declare("ana"), org.declare("ben")
    assert ana.put(f"/incidents/{part}/merge", {"into": whole, "reason": "Same"}).status == 204
    assert root.post(f"/incidents/{whole}/legal-hold", {"reason": "A claim"}).status == 201
    assert root.put("/retention", {"days": 30}).status == 200
    retention.tidy(org.now + timedelta(days=31))
    assert models.PurgedIncident.objects.count() == 0
    judged = {"state": "not_applicable", "note": "No data of people"}
    assert ana.put(f"/incidents/{owed}/legal-deadlines/gdpr_authority/end", judged).status == 200
    retention.tidy(org.now + timedelta(days=31))
    assert [p.id for p in models.PurgedIncident.objects.all()] == [owed]
    assert root.put(f"/incidents/{whole}/legal-hold/end", {"reason": "Settled"}).status in (200, 204)
    retention.tidy(org.now + timedelta(days=31))
    assert {p.id for p in models.PurgedIncident.objects.all()} == {owed, part}


def test_after_a_purge_no_table_has_a_word_of_the_incident(org: Organisation, folder: Path) -> None:
    org.call("root", "administrator")
    incident = org.declare("ana", title="Wisteria is down")
    reader = {"id": new_id(), "audience": "customers_all", "name": "Kim", "email": "kim@customer.example"}
    models.AudienceContact.objects.create(created_at=org.now, **reader)
    sent(org, incident, "Wisteria is down")
    assert models.Recipient.objects.filter(address="kim@customer.example").exists()
    restructuring.change(org.act("ana"), incident, "ics", "It grows")
    over(org, incident)
    keeping.set_days(org.act("root"), 30)
    retention.tidy(org.now + timedelta(days=31))
    assert [p.id for p in models.PurgedIncident.objects.all()] == [incident]
    assert not models.Recipient.objects.exists()
    numbers = (models.Callout, models.Run)  # that somebody was called stays, without why
    for model in apps.get_app_config("store").get_models():
        fields = {f.name for f in model._meta.concrete_fields}
        if "incident_id" in fields and model not in numbers:
            assert not model._default_manager.filter(incident_id=incident).exists(), model.__name__
    for model in numbers:
        assert not model._default_manager.filter(subject__icontains="wisteria").exists(), model.__name__


@pytest.mark.requirement("R-281")
def test_readers_from_outside_and_copies_are_written_down(org: Organisation) -> None:
    incident = org.declare("ana")
    ben = signed_in(org, "ben")
    for _ in range(2):
        ben.get(f"/incidents/{incident}")
    signed_in(org, "ana").get(f"/incidents/{incident}")
    export(org.act("ana"), incident, io.BytesIO())
    seen = {
        (r["person"]["id"], r["what"], r["times"])
        for r in org.call("ana").get(f"/incidents/{incident}/readings").json["items"]
    }
    assert seen == {(org.id("ben"), "page", 1), (org.id("ana"), "record", 1)}
    assert org.call("ben").get(f"/incidents/{incident}/readings").status == 403
    few = queries(ben, f"/incidents/{incident}")
    assert queries(ben, f"/incidents/{incident}") == few


def test_a_stream_that_vanished_without_a_word_is_found(org: Organisation) -> None:
    incident = org.declare("ana")
    org.declare("ana")
    models.PurgedIncident.objects.create(
        id=incident, number=1, events=1, head="0" * 64, ended_at=org.now, purged_at=org.now
    )
    models.Event.objects.filter(stream=incident).delete()
    assert verify.unexplained() == [f"{incident}: was removed, and the audit chain does not say so"]


def test_a_file_is_taken_back_and_the_record_still_proves(
    org: Organisation, folder: Path, tmp_path: Path
) -> None:
    incident, other = org.declare("ana"), org.declare("ana")
    sha = attach(org, incident, PNG)
    attach(org, other, PNG)
    file = models.AttachmentRow.objects.get(incident_id=incident)
    ana = signed_in(org, "ana")
    assert "Take it back" in ana.get(f"/incidents/{incident}/record").content.decode()
    gone = ana.post(f"/incidents/{incident}/files/{file.id}/take-back", {"reason": "It shows a password"})
    assert gone.status_code == 302
    assert (folder / sha[:2] / sha).exists(), "another incident has the same file"
    assert ana.get(f"/incidents/{incident}/files/{file.id}").status_code == 404
    twin = models.AttachmentRow.objects.get(incident_id=other)
    keeping.take_back(org.act("ana"), other, twin.id, "It shows a password")
    assert not (folder / sha[:2] / sha).exists()
    page = ana.get(f"/incidents/{incident}/record").content.decode()
    assert "It shows a password" in page and sha[:16] in page
    out = tmp_path / "record.zip"
    with out.open("wb") as f:
        export(org.act("ana"), incident, f)
    assert proof.verify(out).faults == []
    with zipfile.ZipFile(out) as packed:
        assert not any(name.startswith("attachments/") for name in packed.namelist())
        assert sha.encode() in packed.read("manifest.json")
    assert log.verify(incident) is None


def test_what_is_purged_of_a_restricted_incident_becomes_nobodys(org: Organisation, folder: Path) -> None:
    alert = org.alert("vault", summary="Key of the vault read by a stranger")
    incident = org.declare("ana", restricted=True, alerts=[alert.id])
    text = {"kind": "note", "text": "The vault was open"}
    assert org.call("ana").post(f"/incidents/{incident}/entries", text).status == 201
    path = f"/incidents/{incident}/entries/{entry_of(incident)}/article"
    assert org.call("ana").post(path, {"title": "Vaults"}).status == 201
    models.Drill.objects.create(
        title="The vault again", kind="tabletop", state="ended", scenario="vault", scheduled_at=org.now,
        facilitator=org.id("ana"), incident_id=incident, created_by=org.id("ana"), created_at=org.now,
        changed_at=org.now,
    )  # fmt: skip
    over(org, incident)
    keeping.set_days(org.act("root"), 30)
    retention.tidy(org.now + timedelta(days=31))
    assert [p.id for p in models.PurgedIncident.objects.all()] == [incident]
    assert not models.Alert.objects.filter(id=alert.id).exists()
    assert not models.KnowledgeArticle.objects.exists()
    assert not drills.drills(org.act("ben").who).exists() and drills.drills(org.act("ana").who).exists()
    assert not models.Callout.objects.filter(subject__icontains="vault").exists()
