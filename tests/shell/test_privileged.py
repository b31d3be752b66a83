"""What the legal group writes for itself is nowhere else; harm to the brand or the law calls a lawyer; roles of one's own."""

from __future__ import annotations

import io
import json
import zipfile

import pytest

from quarterdeck.app.exports.write import export
from quarterdeck.store import feed, models
from quarterdeck.web.routes import pages
from support.attacks import CANARY, page_of, signed_in
from support.rest import Organisation

FIELDS = ("customers", "revenue", "legal", "brand", "operations", "supply_chain", "safety")


@pytest.fixture
def org(db: None) -> Organisation:
    o = Organisation()
    for handle in ("ana", "ben", "lea"):
        o.call(handle)
    o.call("root", "administrator")
    return o


def take(org: Organisation, incident: str, role: str, handle: str) -> None:
    got = org.call("ana").put(f"/incidents/{incident}/roles/{role}/holder", {"person": org.id(handle)})
    assert got.status == 200, got.json


@pytest.mark.requirement("R-111")
@pytest.mark.parametrize("dimension", ["legal", "brand"])
def test_a_lawyer_is_called_when_the_law_or_the_brand_is_harmed(org: Organisation, dimension: str) -> None:
    org.policy("role-legal_officer", ("lea", 5))
    incident = org.declare("ana", severity=3)
    rows = models.Callout.objects.filter(incident_id=incident, person_id=org.id("lea"))
    assert not rows.exists()
    for level, called in (("medium", False), ("high", True)):
        done = org.call("ana").put(f"/incidents/{incident}/impact", {"dimensions": {dimension: level}})
        assert done.status == 200, done.json
        org.settle()
        assert rows.exists() is called


@pytest.mark.requirement("R-111")
def test_privileged_notes_are_for_the_legal_group_and_nowhere_else(org: Organisation) -> None:
    incident = org.declare("ana")
    take(org, incident, "legal_officer", "lea")
    at = f"/incidents/{incident}/privileged-notes"
    lea = org.call("lea")
    feed_before = feed.now()
    assert lea.post(at, {"text": f"{CANARY} is what we must not say"}).status == 201
    assert CANARY in lea.get(at).json["items"][0]["text"]
    assert CANARY in signed_in(org, "lea").get(f"/incidents/{incident}/business").content.decode()
    for handle in ("ana", "ben", "root"):  # the commander, somebody, an administrator
        assert org.call(handle).get(at).code == org.call(handle).post(at, {"text": "x"}).code == "legal.notes"
        client = signed_in(org, handle)
        for page in sorted({page_of(str(p.pattern), incident) for p in pages()} - {None}):
            if "search" in page or incident in page or page.startswith("/settings/audit"):
                query = f"?q={CANARY}" if "search" in page else ""
                said = client.get(page + query).content.decode(errors="replace")
                assert f"{CANARY} is what" not in said, page
        for path in ("timeline", "record", "legal-deadlines", "tasks", ""):
            assert CANARY not in json.dumps(
                org.call(handle).get(f"/incidents/{incident}/{path}".rstrip("/")).json
            )
    assert not any(CANARY in str(e.data) for e in models.Event.objects.all())
    assert not models.TimelineRow.objects.filter(text__contains=CANARY).exists()
    assert CANARY not in str(feed.changes_since(feed_before))
    for handle in ("root", "lea"):
        out = io.BytesIO()
        export(org.act(handle), incident, out, named=handle == "root")
        with zipfile.ZipFile(out) as found:
            assert not any(CANARY.encode() in found.read(n) for n in found.namelist())
    row = models.PrivilegedNote.objects.get()
    trail = str(models.Event.objects.get(kind="PrivilegedNoteWritten").data)
    assert row.seal in trail and incident not in trail


@pytest.mark.requirement("R-111")
def test_standing_in_for_a_vacant_lawyer_opens_nothing_nor_does_taking_the_role_from_outside(
    org: Organisation,
) -> None:
    incident = org.declare("ana")
    at = f"/incidents/{incident}/privileged-notes"
    assert org.call("ana").get(at).code == "legal.notes"
    models.Team.objects.create(key="legal", name="Legal").members.add(org.find("lea"))
    take(org, incident, "legal_officer", "ben")
    assert org.call("ben").get(at).code == "legal.notes"
    held = models.RoleAssignmentRow.objects.get(incident_id=incident, role="legal_officer", ended_at=None)
    assert org.call("ana").delete(f"/incidents/{incident}/assignments/{held.id}").status in (200, 204)
    take(org, incident, "legal_officer", "lea")
    assert org.call("lea").get(at).status == 200
