"""Response structures in the browser and over REST: edited, imported, exported, and taken by running incidents."""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO

import pytest
from tests.shell.test_structures import COMMANDER, CRISIS, SOFTWARE, text

from quarterdeck.app import casebook
from quarterdeck.app.catalog import catalogue_files, glossary
from quarterdeck.store import models
from support.browsing import browser
from support.rest import Organisation


@pytest.fixture
def org(db: None) -> Iterator[Organisation]:
    catalogue_files.forget()
    o = Organisation()
    o.call("root", "administrator")
    o.call("ana")
    o.call("ben")
    yield o
    catalogue_files.forget()


def test_the_editor_keeps_what_was_typed_and_shows_the_fault_at_its_line(org: Organisation) -> None:
    root = browser(org, "root")
    page = root.get(f"/settings/structures/edit?file={SOFTWARE}").content.decode()
    base = page.partition('name="base" value="')[2].partition('"')[0]
    broken = text(SOFTWARE, ('role = "deputy"', 'role = "deputi"'))
    said = {"path": SOFTWARE, "text": broken, "base": base, "note": "Why not", "act": "save"}
    refused = root.post("/settings/structures/edit", said)
    shown = refused.content.decode()
    assert refused.status_code == 422
    assert "Line 104:" in shown and "Did you mean" in shown
    assert "role = &quot;deputi&quot;" in shown and 'value="Why not"' in shown
    good = text(SOFTWARE, ('title = "Software incident"', 'title = "Service incident"'))
    looked = root.post("/settings/structures/edit", said | {"text": good, "act": "check"}).content.decode()
    assert "The check finds nothing wrong" in looked
    assert '<span class="add">title = &quot;Service incident&quot;</span>' in looked
    assert "as version 2 would be" in looked
    assert not models.CatalogueFileRow.objects.exists()
    assert root.post("/settings/structures/edit", said | {"text": good}).status_code == 302
    listed = root.get("/settings/structures").content.decode()
    assert "Service incident" in listed and "version 2" in listed
    stale = root.post("/settings/structures/edit", said | {"text": good.replace("Service", "Site")})
    assert stale.status_code == 409
    assert "Somebody saved" in stale.content.decode() and "Site incident" in stale.content.decode()


def test_what_is_exported_is_imported_and_a_responder_only_looks(org: Organisation) -> None:
    root, ana = browser(org, "root"), browser(org, "ana")
    box = root.get("/settings/structures/templates/software/download")
    assert box["Content-Type"] == "application/zip"
    given = BytesIO(box.content)
    given.name = "software-structure.zip"
    shown = root.post("/settings/structures/import", {"file": given}).content.decode()
    assert "The check finds nothing wrong" in shown
    assert shown.count("Nothing differs from the text in force.") == shown.count('name="path"') > 10
    one = root.get(f"/settings/structures/file?file={COMMANDER}")
    card = BytesIO(one.content.replace(b"Incident Commander", b"Crisis Manager"))
    card.name = "commander.toml"
    asked = root.post("/settings/structures/import", {"file": card})
    assert asked.status_code == 422 and "Where commander.toml belongs" in asked.content.decode()
    card.seek(0)
    shown = root.post("/settings/structures/import", {"file": card, "template": "software"}).content.decode()
    assert '<span class="add">title = &quot;Crisis Manager&quot;</span>' in shown
    for name, content in (
        ("a.zip", b"PK\x03\x04 nonsense"),
        ("b.toml", b"\xff\xfe"),
        ("c.toml", b"[" * 9_000),
    ):
        bad = BytesIO(content)
        bad.name = name
        assert root.post("/settings/structures/import", {"file": bad}).status_code == 422
    for path in ("", "/templates/software", f"/edit?file={COMMANDER}"):
        assert ana.get(f"/settings/structures{path}").status_code == 200
    assert ana.post("/settings/structures/import").status_code == 403
    sent = {"path": COMMANDER, "text": CRISIS, "base": "", "note": "x", "act": "save"}
    assert ana.post("/settings/structures/edit", sent).status_code == 403
    assert root.get("/settings/structures/edit?file=../../etc/passwd").status_code == 404
    assert not models.CatalogueFileRow.objects.exists()


def test_the_war_room_shows_who_goes_on_as_what_before_it_happens(org: Organisation) -> None:
    incident = org.declare()
    ana = org.call("ana")
    ana.put(f"/incidents/{incident}/roles/technical_lead/holder", {"person": org.id("ben")})
    page = browser(org, "ana")
    shown = page.get(f"/incidents/{incident}/structure?to=ics").content.decode()
    assert "Technical Lead goes on as <b>Operations Section Chief</b>" in shown
    asked = ana.get(f"/incidents/{incident}/structure?to=ics").json
    assert [(m["role"], m["to"]) for m in asked["moves"] if m["role"] != m["to"]] == [
        ("technical_lead", "operations_section_chief")
    ]
    empty = page.post(f"/incidents/{incident}/structure", {"to": "ics", "reason": " ", "act": "structure"})
    assert empty.status_code == 422
    assert "goes on as" in empty.content.decode()
    said = {"to": "ics", "reason": "Two agencies join", "act": "structure"}
    assert browser(org, "ben").post(f"/incidents/{incident}/structure", said).status_code == 403
    assert page.post(f"/incidents/{incident}/structure", said).status_code == 302
    assert casebook.load(incident).incident.template == "ics"
    back = ana.put(f"/incidents/{incident}/structure", {"to": "software", "reason": "They left"})
    assert (back.status, back.json["template"]) == (200, "software")
    assert [a.role for a in casebook.load(incident).incident.open_assignments()] == [
        "commander",
        "technical_lead",
    ]
    assert ana.put(f"/incidents/{incident}/structure", {"to": "none", "reason": "x"}).status == 422


def test_a_type_of_another_structure_offers_it_and_changes_nothing_by_itself(org: Organisation) -> None:
    incident = org.declare()
    page = browser(org, "ana")
    said = {"type": "major_emergency", "reason": "The river rises", "act": "type"}
    went = page.post(f"/incidents/{incident}/structure", said)
    assert went["Location"] == f"/incidents/{incident}/structure?to=ics"
    after = casebook.load(incident).incident
    assert (after.type, after.template) == ("major_emergency", "software")


def test_files_are_read_checked_and_saved_over_the_interface(org: Organisation) -> None:
    root, ana = org.call("root"), org.call("ana")
    paths = {f["path"]: f["source"] for f in ana.get("/structures").json["items"]}
    assert paths[SOFTWARE] == "shipped" and "types.toml" in paths
    card = ana.get(f"/structures/file?path={COMMANDER}").json
    broken = [{"path": SOFTWARE, "text": text(SOFTWARE, ('role = "deputy"', 'role = "deputi"'))}]
    told = ana.post("/structures/check", {"files": broken}).json["items"]
    assert [(f["where"], f["line"], f["blocks"]) for f in told] == [(SOFTWARE, 104, True)]
    saved = {"files": [{"path": COMMANDER, "text": CRISIS, "base": card["base"]}], "note": "Our word"}
    assert ana.put("/structures/files", saved).status == 403
    assert root.put("/structures/files", saved).json == {"changed": [COMMANDER], "notice": ""}
    assert root.put("/structures/files", saved).json == {"changed": [], "notice": ""}
    assert root.put("/structures/files", {"files": broken, "note": "x"}).code == "catalogue.faults"


@pytest.mark.requirement("R-032")
def test_the_chart_of_the_ics_shows_the_commander_above_the_sections(org: Organisation) -> None:
    incident = org.declare(type="major_emergency")
    page = browser(org, "ana").get(f"/incidents/{incident}/ics/forms/207").content.decode()
    drawn = page[page.index('class="icschart"') :]
    top = drawn.index("Incident Commander")
    chiefs = [f"{name} Section Chief" for name in ("Operations", "Planning", "Logistics")]
    assert all(top < drawn.index(chief) for chief in chiefs)
    ics = casebook.load(incident).template
    lead = ics.role("commander")
    assert lead is not None and lead.reports_to is None and "Crisis Manager" in lead.aliases
    sections = [r for r in ics.roles if r.key.endswith("_section_chief")]
    assert len(sections) == 4 and {r.reports_to for r in sections} == {"commander"}
    assert lead.group not in {r.group for r in sections}  # never of the general staff
    assert "commander" in [w.code for w in glossary.search("Crisis Manager", 5)]
