"""Structures edited while incidents run: checked on saving, numbered, pinned, taken only when a commander says so."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from quarterdeck.app import casebook, reports
from quarterdeck.app.catalog import catalogue, catalogue_files, saved_files, structures
from quarterdeck.app.comms import drafting
from quarterdeck.app.incidents import restructuring
from quarterdeck.catalog.folders import shipped
from quarterdeck.core.kernel.refused import Refused
from quarterdeck.store import models
from support.browsing import browser
from support.rest import Organisation

SOFTWARE = "templates/software.toml"
COMMANDER = "roles/software/commander.toml"


def text(path: str, *changes: tuple[str, str]) -> str:
    found = shipped().joinpath(*path.split("/")).read_text(encoding="utf-8")
    for old, new in changes:
        assert old in found
        found = found.replace(old, new, 1)
    return found


CRISIS = text(COMMANDER, ('title = "Incident Commander"', 'title = "Crisis Manager"'))


@pytest.fixture
def org(db: None) -> Iterator[Organisation]:
    catalogue_files.forget()
    o = Organisation()
    o.call("root", "administrator")
    o.call("ana")
    o.call("ben")
    yield o
    catalogue_files.forget()


def save(org: Organisation, path: str, changed: str, who: str = "root", **more: str) -> None:
    structures.put_in_force(org.act(who), {path: changed}, "For a test", more or None)


def version(key: str = "software") -> int:
    found = catalogue.current().template(key)
    assert found is not None
    return found.version


def audited() -> list[tuple[str, dict[str, object]]]:
    rows = models.Event.objects.filter(stream="installation", kind__startswith="Catalogue").order_by("seq")
    return [(r.kind, json.loads(r.data)) for r in rows]


@pytest.mark.requirement("R-029")
def test_a_title_of_the_organisation_is_used_everywhere_and_the_key_stays(org: Organisation) -> None:

    save(org, COMMANDER, CRISIS)
    incident = org.declare()
    panel = org.call("ana").get(f"/incidents/{incident}/command").json
    assert panel["line"].startswith("Crisis Manager: Ana since"), panel["line"]
    assert [r["role"] for r in panel["roles"] if r["holders"]] == ["commander"]
    draft = drafting.first_draft(casebook.load(incident), "responders", org.now)
    assert "Crisis Manager: Ana" in draft.body
    page = browser(org, "ana").get(f"/incidents/{incident}").content.decode()
    assert "Crisis Manager" in page
    assert "Incident Commander" not in page
    report = reports.markdown(reports.build(incident, org.act("ana").who, org.now))
    assert "Crisis Manager" in report
    assert "Incident Commander" not in report


def test_a_saved_file_is_in_force_at_once_and_running_incidents_keep_theirs(org: Organisation) -> None:
    before = org.declare()
    save(org, COMMANDER, CRISIS)
    assert version() == 2
    after = org.declare()
    kept, fresh = (casebook.load(i).template.role("commander") for i in (before, after))
    assert kept and fresh and (kept.title, fresh.title) == ("Incident Commander", "Crisis Manager")
    assert [casebook.load(i).incident.template_version for i in (before, after)] == [1, 2]
    assert audited() == [
        (
            "CatalogueSaved",
            {"files": [COMMANDER], "reason": "For a test", "versions": {"software": 2}},
        )
    ]
    assert [(v.version, v.note) for v in saved_files.versions("software")] == [
        (2, "For a test"),
        (1, "As it was before it was first edited here"),
    ]


def test_the_commander_takes_the_new_version_after_seeing_what_differs(org: Organisation) -> None:
    incident = org.declare()
    save(org, COMMANDER, CRISIS)
    case = casebook.load(incident)
    assert restructuring.newer(case)
    shown = restructuring.preview(case, "software")
    assert shown.later
    assert [d.text for d in shown.differences] == [
        "Crisis Manager: title Incident Commander → Crisis Manager"
    ]
    with pytest.raises(Refused, match=r"^grant\.incident\.phase"):
        restructuring.change(org.act("ben"), incident, "software", "New card")
    taken = restructuring.change(org.act("ana"), incident, "software", "New card")
    role = taken.template.role("commander")
    assert role and role.title == "Crisis Manager"
    assert taken.incident.template_version == 2
    assert not restructuring.newer(casebook.load(incident))
    line = models.TimelineRow.objects.get(incident_id=incident, kind="structure")
    assert line.title == "Ana took version 2 of the structure Software incident"
    assert [p.until_seq for p in models.PastPin.objects.filter(incident_id=incident)] == [line.seq]


def test_what_brings_a_fault_in_is_not_saved_and_says_where(org: Organisation) -> None:
    broken = text(SOFTWARE, ('role = "deputy"', 'role = "deputi"'))
    with pytest.raises(Refused, match=r"^catalogue\.faults") as refused:
        save(org, SOFTWARE, broken)
    assert "templates/software.toml line 104: brings in 'deputi'" in refused.value.fields["text"]
    assert "Did you mean 'deputy'?" in refused.value.fields["text"]
    for bad in ("nonsense = [", "[" * 20_000, "a" * 300_000, ""):
        with pytest.raises(Refused):
            save(org, SOFTWARE, bad)
    assert not models.CatalogueFileRow.objects.exists()
    assert version() == 1


@pytest.mark.parametrize(
    "condition",
    [
        "(" * 3_000 + "always" + ")" * 3_000,
        "not " * 1_900 + "always",
        " or ".join(["severity <= 2"] * 250),
    ],
    ids=["brackets", "nots", "tests"],
)
def test_a_condition_made_to_hold_the_reader_up_is_refused(org: Organisation, condition: str) -> None:
    with pytest.raises(Refused, match=r"^catalogue\.faults"):
        save(org, COMMANDER, text(COMMANDER, ('required_when = "always"', f'required_when = "{condition}"')))


def test_two_who_edit_the_same_text_are_told_of_each_other(org: Organisation) -> None:
    base = structures.file(org.act("root"), COMMANDER).base
    save(org, COMMANDER, CRISIS, **{COMMANDER: base})
    with pytest.raises(Refused, match=r"^catalogue\.changed"):
        save(org, COMMANDER, CRISIS.replace("Crisis Manager", "Head"), **{COMMANDER: base})


def test_only_who_administers_the_catalogue_saves(org: Organisation) -> None:
    with pytest.raises(Refused, match=r"^access\.settings\.edit"):
        save(org, COMMANDER, CRISIS, who="ana")
    for path in ("messages/staff.toml", "../secrets.toml", "roles/../types.toml", "x.toml"):
        with pytest.raises(Refused, match=r"^file\.unknown"):
            save(org, path, "a = 1")


def test_the_address_a_switch_calls_is_read_whole_by_those_who_may_save(org: Organisation) -> None:
    path = "templates/business.toml"
    hook = 'owner = "marketing_officer"\nwebhook = "https://ads.example.com/T1/sEcReT"'
    saved = text(path, ('owner = "marketing_officer"', hook))
    files = {"files": [{"path": path, "text": saved}], "note": "Calls the tool"}
    assert org.call("root").put("/structures/files", files).status == 200
    for handle, reads in (("ana", False), ("root", True)):
        caller, page = org.call(handle), browser(org, handle)
        told = [
            str(caller.get(f"/structures/file?path={path}").json),
            str(caller.get(f"/structures/history?path={path}").json),
        ]
        told += [
            page.get(f"/settings/structures/{at}?file={path}").content.decode() for at in ("file", "edit")
        ]
        for said in told:
            assert ("sEcReT" in said) == reads
        assert "ads.example.com" in told[0]


def test_a_withdrawn_file_gives_way_to_the_one_on_the_disk(org: Organisation) -> None:
    save(org, COMMANDER, CRISIS)
    structures.withdraw(org.act("root"), COMMANDER, "Back")
    found = catalogue.current().template("software")
    assert found and found.role("commander").title == "Incident Commander"
    assert found.version == 3
    assert [(r.version, r.withdrawn) for r in structures.history(COMMANDER)] == [(2, True), (1, False)]


def test_an_own_template_is_saved_with_its_cards_in_one_go(org: Organisation) -> None:
    names = [p.name for p in shipped().joinpath("roles", "general").iterdir()]
    mine = {f"roles/plant/{n}": text(f"roles/general/{n}") for n in names}
    mine["templates/plant.toml"] = text("templates/general.toml", ('key = "general"', 'key = "plant"'))
    assert structures.check(dict(list(mine.items())[:3])).blocking == ()
    structures.put_in_force(org.act("root"), mine, "The plant's own")
    incident = org.declare(template="plant", type="")
    assert casebook.load(incident).template.key == "plant"


def test_files_on_the_disk_that_change_get_a_number_of_their_own(org: Organisation) -> None:
    save(org, COMMANDER, CRISIS)
    folder = catalogue_files.own()
    (folder / "roles" / "software").mkdir(parents=True)
    (folder / "roles" / "software" / "scribe.toml").write_text(
        text("roles/software/scribe.toml", ('title = "', 'title = "Chief '))
    )
    catalogue_files.forget()
    assert version() == 3
    catalogue.watch(org.now, "here")
    assert saved_files.versions("software")[0].note == "Files on the disk"
    assert version() == 3


def test_what_no_longer_goes_with_the_disk_is_left_out_and_said(org: Organisation) -> None:
    save(org, COMMANDER, CRISIS)
    folder = catalogue_files.own()
    folder.mkdir(parents=True)
    (folder / "nonsense.toml").write_text("a = 1")
    catalogue_files.forget()
    assert version() >= 1
    (folder / "nonsense.toml").unlink()
    row = models.CatalogueFileRow.objects.get()
    models.CatalogueFileRow.objects.filter(pk=row.pk).update(text="key = [", sha256="0" * 64)
    assert catalogue.current().template("software").role("commander").title == "Incident Commander"
    assert "does not go with the files on the disk" in saved_files.problem()


def run(*args: str) -> tuple[int, str]:
    from quarterdeck.cli.catalog import catalog

    done = CliRunner().invoke(catalog, ["check", *args])
    return done.exit_code, done.output


def test_the_command_names_file_line_and_the_way_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QUARTERDECK_DATA", str(tmp_path / "none"))
    (tmp_path / "roles" / "software").mkdir(parents=True)
    card = tmp_path / "roles" / "software" / "scribe.toml"
    card.write_text(
        text("roles/software/scribe.toml", ('reports_to = "commander"', 'reports_to = "komander"'))
    )
    code, said = run(str(card))
    assert code == 2
    line = card.read_text().splitlines().index('reports_to = "komander"') + 1
    assert f"roles/software/scribe.toml line {line}: " in said
    assert "Did you mean 'commander'?" in said
    card.write_text(text("roles/software/scribe.toml"))
    assert run(str(card)) == (0, "ok       roles/software/scribe.toml: nothing is wrong.\n")
    assert run()[0] == 0
    stray = tmp_path / "stray.toml"
    stray.write_text("a = 1")
    assert run(str(stray))[0] == 2
