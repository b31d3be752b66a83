"""Agreed message texts and the glossary, edited where the structures are: linted, previewed, kept by what runs."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from io import BytesIO

import pytest

from quarterdeck.app import casebook
from quarterdeck.app.catalog import catalogue_files, glossary, structures
from quarterdeck.app.comms import drafting
from quarterdeck.catalog.folders import shipped
from quarterdeck.core.kernel.refused import Refused
from quarterdeck.store import models
from support.browsing import browser
from support.rest import Organisation

STAFF = "messages/software/staff.toml"
TRIAGE = "messages/software/staff.triage.toml"
GLOSSARY = "glossary.toml"
OURS = 'headline = "Ours: {{ title }}"\nbody = """\nWe look at {{ services }}.\n{{ plan }}\n"""\n\n[slots]\nplan = "What staff do now."\n'


@pytest.fixture
def org(db: None) -> Iterator[Organisation]:
    catalogue_files.forget()
    o = Organisation()
    o.call("root", "administrator")
    o.call("ana")
    yield o
    catalogue_files.forget()


def save(org: Organisation, path: str, text: str) -> None:
    org.now = datetime.now(UTC)
    structures.put_in_force(org.act("root"), {path: text}, "For a test")


def draft(org: Organisation, incident: str) -> str:
    return drafting.first_draft(casebook.load(incident), "staff", org.now).headline


def test_a_text_saved_here_is_used_by_what_is_declared_later_and_by_nothing_that_runs(
    org: Organisation,
) -> None:
    before = org.declare()
    save(org, STAFF, OURS)
    after = org.declare()
    assert draft(org, after).startswith("Ours: ")
    assert not draft(org, before).startswith("Ours: ")
    save(org, TRIAGE, OURS.replace("Ours", "Phase"))
    assert draft(org, after).startswith("Ours: ")
    assert draft(org, org.declare()).startswith("Phase: ")
    org.now = datetime.now(UTC)
    structures.withdraw(org.act("root"), TRIAGE, "Back")
    assert draft(org, org.declare()).startswith("Ours: ")


@pytest.mark.parametrize(
    ("path", "text", "says"),
    [
        (STAFF, OURS.replace("{{ services }}", "{{ person.name }}"), "line 3: '{{ person.name }}' is not a field"),
        (STAFF, OURS.replace("{{ title }}", "{{ titlex }}"), "line 1: the field 'titlex' is neither a slot nor"),
        (STAFF, OURS + 'spare = "x"\n', "line 9: the slot 'spare' is not used"),
        ("messages/software/nobody.toml", OURS, "has no audience 'nobody'"),
        ("messages/software/staff.lunch.toml", OURS, "has no phase 'lunch'"),
        (GLOSSARY, '[[term]]\ntitle = "Alert"\n', "'meaning' is missing"),
        (GLOSSARY, "a = 1\n", "'a'"),
    ],
)  # fmt: skip
def test_what_no_message_may_say_is_not_saved(org: Organisation, path: str, text: str, says: str) -> None:
    with pytest.raises(Refused, match=r"^catalogue\.faults") as refused:
        save(org, path, text)
    assert path in refused.value.fields["text"] and says in refused.value.fields["text"]
    assert not models.CatalogueFileRow.objects.exists()


def test_the_editor_shows_a_text_as_it_reads_and_keeps_its_history(org: Organisation) -> None:
    root = browser(org, "root")
    listed = root.get("/settings/structures/templates/software").content.decode()
    assert f"/settings/structures/edit?file={STAFF}" in listed
    opened = root.get(f"/settings/structures/edit?file={TRIAGE}").content.decode()
    base = root.get(f"/settings/structures/edit?file={STAFF}").content.decode()
    base = base.partition('name="base" value="')[2].partition('"')[0]
    assert "headline = " in opened and "{{ next_update_at }}" not in opened.partition("<textarea")[0]
    asked = {"path": STAFF, "text": OURS, "base": base, "note": "Our words", "act": "check"}
    shown = root.post("/settings/structures/edit", asked).content.decode()
    assert "How it reads" in shown and '<span class="agreed__fact">Card payments fail</span>' in shown
    assert '<span class="agreed__slot" title="What staff do now.">plan</span>' in shown
    assert "what is known, from the facts panel" in shown
    broken = OURS.replace("title", "titlex", 1)
    refused = root.post("/settings/structures/edit", asked | {"text": broken, "act": "save"})
    page = refused.content.decode()
    assert (
        refused.status_code == 422 and "Line 1:" in page and "titlex" in page and 'value="Our words"' in page
    )
    saved = root.post("/settings/structures/edit", asked | {"act": "save"})
    assert saved["Location"] == "/settings/structures/templates/software"
    assert "Our words" in root.get(f"/settings/structures/edit?file={STAFF}").content.decode()


def test_one_text_comes_back_under_the_name_it_was_downloaded_with(org: Organisation) -> None:
    root = browser(org, "root")
    got = root.get(f"/settings/structures/file?file={STAFF}")
    name = got["Content-Disposition"].partition('filename="')[2].rstrip('"')
    given = BytesIO(got.content.replace(b'headline = "', b'headline = "Ours: '))
    given.name = name
    shown = root.post("/settings/structures/import", {"file": given}).content.decode()
    assert f'name="path" value="{STAFF}"' in shown and "The check finds nothing wrong" in shown
    given.seek(0)
    given.name = "staff.toml"
    shown = root.post("/settings/structures/import", {"file": given, "template": "ics"}).content.decode()
    assert 'name="path" value="messages/ics/staff.toml"' in shown


def test_the_glossary_and_the_texts_are_read_and_saved_over_the_interface(org: Organisation) -> None:
    root, ana = org.call("root"), org.call("ana")
    paths = {f["path"] for f in ana.get("/structures").json["items"]}
    assert {GLOSSARY, STAFF} <= paths
    text = shipped().joinpath(GLOSSARY).read_text(encoding="utf-8")
    term = '\n[[term]]\ntitle = "Grounding"\nmeaning = "All deployments stop."\n\n[acronyms]'
    assert "\n[acronyms]" in text
    changed = text.replace("\n[acronyms]", term, 1)
    body = {"files": [{"path": GLOSSARY, "text": changed}], "note": "Our word"}
    assert ana.put("/structures/files", body).status == 403
    assert root.put("/structures/files", body).json == {"changed": [GLOSSARY], "notice": ""}
    assert [w.meaning for w in glossary.search("Grounding", 5)] == ["All deployments stop."]
    page = browser(org, "ana").get("/glossary").content.decode()
    assert "Grounding" in page and "file=glossary.toml" not in page
    assert "file=glossary.toml" in browser(org, "root").get("/glossary").content.decode()
    (version,) = ana.get(f"/structures/history?path={GLOSSARY}").json["items"]
    assert (version["version"], version["note"], version["text"]) == (1, "Our word", changed)
    assert "next_update_at" in {f["name"] for f in ana.get("/structures/fields").json["items"]}
