"""Loading: an organisation's folder over the shipped data, and files that cannot be used."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from importlib import resources

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quarterdeck import catalog
from quarterdeck.core.access import Who
from quarterdeck.core.incidents.declare import Declaration, declare, suggest, template_for
from quarterdeck.core.incidents.expressions import evaluate
from quarterdeck.core.incidents.structure import IncidentType
from quarterdeck.core.kernel import moments
from quarterdeck.core.kernel.refused import Refused
from quarterdeck.core.kernel.text import clean

DATA = resources.files("quarterdeck.catalog") / "data"
SHIPPED = catalog.load()
POWER_CUT = IncidentType(
    "power_cut", "Power cut", "general", "The mains are gone.", 2, False, ("safety_officer",)
)

words = st.text(max_size=60).map(lambda text: clean(text, 60).strip())


@pytest.fixture
def site(tmp_path):
    """An organisation's folder: `site(name, old, new)` copies a shipped file and changes it."""

    def change(name, *pairs, text=None):
        text = (DATA / name).read_text("utf-8") if text is None else text
        for old, new in pairs:
            assert old in text
            text = text.replace(old, new, 1)
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
        return tmp_path

    return change


def refused(folder):
    with pytest.raises(catalog.CatalogError) as caught:
        catalog.load(folder)
    return caught.value


@pytest.mark.requirement("R-182")
def test_labels_change_and_behaviour_stays_bound_to_the_rank(site):
    folder = site(
        "severities.toml", ('label = "SEV1 Critical"', 'label = "Kritisch"'), ('"SEV4 Low"', '"Gering"')
    )
    ours = catalog.load(folder)
    assert [s.label for s in ours.severities] == [
        "Kritisch",
        "SEV2 High",
        "SEV3 Medium",
        "Gering",
        "SEV5 Minor",
    ]
    assert [replace(s, label="") for s in ours.severities] == [
        replace(s, label="") for s in SHIPPED.severities
    ]
    assert suggest(ours, "critical", "high").rank == suggest(SHIPPED, "critical", "high").rank == 1
    assert ours.templates == SHIPPED.templates


@pytest.mark.requirement("R-031")
def test_the_same_type_uses_different_templates_in_two_organisations(site):
    folder = site("types.toml", ('template = "software"', 'template = "general"'))
    said = Declaration("The lift is stuck", type="availability")
    assert template_for(SHIPPED, said).key == "software"
    assert template_for(catalog.load(folder), said).key == "general"


@pytest.mark.requirement("R-001")
def test_an_incident_of_a_type_made_at_run_time_gets_the_roles_and_steps_of_its_template(now):
    ours = catalog.with_type(SHIPPED, POWER_CUT)
    said = Declaration("No power in hall 3", type="power_cut", severity=2)
    declared = declare(ours, said, Who("ana", frozenset({"responder"})), number=1, assignment_id="a", at=now)[
        0
    ]
    template = ours.template(declared.template)
    assert (declared.type, template.key) == ("power_cut", "general")
    assert template.role("safety_officer").checklist["triage"]
    assert SHIPPED.type("power_cut") is None


@pytest.mark.requirement("R-001")
def test_a_type_requires_its_default_roles_beside_those_of_the_structure(now):
    ours = catalog.with_type(SHIPPED, replace(POWER_CUT, roles=("scribe", "commander")))
    template = template_for(ours, Declaration("No power in hall 3", type="power_cut"))
    before = SHIPPED.template("general")
    for kind, needed in (("power_cut", True), ("natural_hazard", False)):
        facts = {"type": kind, "severity": 4, "phase": "triage", "audience.count": 0, "teams.count": 0}
        facts |= {"responders.count": 1, "duration": timedelta()}
        assert evaluate(template.role("scribe").required_when, facts) is needed, "also after a change of type"
    assert template.role("commander") == before.role("commander"), "always stays always"
    assert template.role("deputy") == before.role("deputy")
    assert before.role("scribe").required_when in template.role("scribe").required_when


@pytest.fixture
def now():
    return moments.parse("2026-11-22T03:10:00Z")


def test_a_type_replaces_the_type_with_its_key():
    ours = catalog.with_type(SHIPPED, replace(SHIPPED.type("availability"), title="Outage"))
    assert len(ours.types) == len(SHIPPED.types)
    assert ours.type("availability").title == "Outage"


@pytest.mark.parametrize(
    ("change", "code", "says"),
    [
        ({"template": "genral"}, "type.template", "Did you mean 'general'?"),
        ({"roles": ("safty_officer",)}, "type.roles", "Did you mean 'safety_officer'?"),
        ({"default_severity": 9}, "type.default_severity", "1 to 5"),
        ({"key": "Power cut"}, "type.key", "a-z, 0-9"),
        ({"title": "  "}, "type.title", "needs a title"),
    ],
)
def test_a_type_that_names_what_is_not_there_is_refused(change, code, says):
    with pytest.raises(Refused) as caught:
        catalog.with_type(SHIPPED, replace(POWER_CUT, **change))
    assert caught.value.code == code
    assert says in caught.value.message


@given(
    title=words.filter(bool), description=words, restricted=st.booleans(), rank=st.none() | st.integers(1, 5)
)
def test_a_type_written_as_toml_reads_back_the_same(tmp_path_factory, title, description, restricted, rank):
    kind = replace(
        POWER_CUT, title=title, description=description, restricted=restricted, default_severity=rank
    )
    folder = tmp_path_factory.mktemp("site")
    (folder / "types").mkdir()
    (folder / "types" / "power_cut.toml").write_text(catalog.dump_type(kind), "utf-8", newline="\n")
    assert catalog.load(folder).type("power_cut") == kind


def test_a_file_of_the_organisation_stands_for_the_shipped_file_and_no_other(site):
    ours = catalog.load(site("roles/software/scribe.toml", ('title = "Scribe"', 'title = "Chronist"')))
    assert ours.template("software").role("scribe").title == "Chronist"
    assert ours.template("general") == SHIPPED.template("general")
    assert ours.types == SHIPPED.types


def test_one_new_file_adds_a_role(site):
    card = 'key = "pilot"\ntitle = "Pilot"\npurpose = "Know the harbour."\nreports_to = "technical_lead"\n'
    ours = catalog.load(site("roles/software/pilot.toml", text=card))
    assert [r.key for r in ours.template("software").roles][-1] == "pilot"
    assert catalog.lint(ours) == []


def test_a_role_left_out_of_the_template_is_gone(site):
    folder = site("templates/software.toml", ('"elt_approver", "shadow"', '"elt_approver"'))
    assert catalog.load(folder).template("software").role("shadow") is None


def test_a_new_template_comes_with_its_own_roles(site):
    site("roles/flood/commander.toml", text=(DATA / "roles/general/commander.toml").read_text("utf-8"))
    text = 'key = "flood"\nversion = 1\ntitle = "Flood"\nroles = ["commander"]\naudiences = ["staff"]\n'
    ours = catalog.load(site("templates/flood.toml", text=text))
    assert [t.key for t in ours.templates] == ["business", "flood", "general", "ics", "software"]
    assert ours.template("flood").role("commander").exclusive


def test_an_unknown_key_is_refused_with_file_line_and_suggestion(site):
    error = refused(site("roles/software/scribe.toml", ("[checklist]", "[chekclist]")))
    assert error.message.startswith("roles/software/scribe.toml line ")
    assert "unknown key 'chekclist'. Did you mean 'checklist'?" in error.message
    assert (error.file, error.kind) == ("roles/software/scribe.toml", "bad")
    source = (DATA / "roles/software/scribe.toml").read_text("utf-8").splitlines()
    assert source[error.line - 1] == "[checklist]"


@pytest.mark.parametrize(
    ("name", "old", "new", "says"),
    [
        ("roles/software/sme.toml", 'title = "', 'titel = "', "'title' is missing"),
        (
            "roles/software/sme.toml",
            "{ min = 0 }",
            "{ mni = 0 }",
            "unknown key 'mni' in cardinality. Did you mean 'min'?",
        ),
        ("roles/software/sme.toml", "{ min = 0 }", "{ min = 2, max = 1 }", "Make max the larger"),
        (
            "roles/software/sme.toml",
            "triage = [",
            "triaje = [",
            "unknown key 'triaje' in checklist. Did you mean 'triage'?",
        ),
        ("roles/software/sme.toml", 'key = "sme"', 'key = "smee"', "'key' must be 'sme'"),
        (
            "roles/software/sme.toml",
            'text = "Check in."',
            'text = "Check in.", due = "soon"',
            "not a duration such as 5m",
        ),
        ("roles/software/sme.toml", 'text = "Check in."', "text = 5", "'text' takes a text in quotes"),
        ("roles/software/sme.toml", 'title = "Subject Matter Expert"', 'title = " "', "'title' is blank"),
        ("roles/software/sme.toml", 'purpose = "Know', 'purpose = ""\nx = "Know', "'purpose' is blank"),
        (
            "roles/software/commander.toml",
            "exclusive = true",
            'exclusive = "yes"',
            "'exclusive' takes true or false",
        ),
        (
            "templates/software.toml",
            '"commander", "deputy"',
            '"comander", "deputy"',
            "Did you mean 'commander'?",
        ),
        ("templates/software.toml", '"commander", "deputy"', '"../../x", "deputy"', "is not a role key"),
        (
            "templates/software.toml",
            '"customers_all", "support"',
            '"customer_all", "support"',
            "Did you mean 'customers_all'?",
        ),
        ("templates/software.toml", "sev2 =", "sev7 =", "Write sev1, sev2"),
        ("templates/software.toml", "version = 1", "version = true", "'version' takes a whole number"),
        ("templates/software.toml", "how =", "hwo =", "'how' is missing"),
        ("matrix.toml", "medium = 1", "medium = 0", "from 1 to 5"),
        ("matrix.toml", 'least_impact = "high"', 'least_impact = "hihg"', "Did you mean 'high'?"),
        ("matrix.toml", "critical = {", "kritical = {", "the impact 'critical' has no row"),
        ("severities.toml", "rank = 2", "rank = 1", "one [[severity]] for each rank"),
        ("severities.toml", 'page_urgency = "low"', 'page_urgency = "lo"', "Did you mean 'low'?"),
        ("types.toml", "[third_party]", '["third party"]', "is not a key of a type"),
        ("types.toml", "restricted = true", "restrictd = true", "Did you mean 'restricted'?"),
        ("audiences.toml", "public = true", "publik = true", "Did you mean 'public'?"),
        ("resolution_codes.toml", "[[code]]", "[[kode]]", "unknown key 'kode'. Did you mean 'code'?"),
    ],
)
def test_a_slip_in_a_file_is_refused_in_words_that_help(site, name, old, new, says):
    error = refused(site(name, (old, new)))
    assert error.file == name
    assert error.message.startswith(name)
    assert says in error.message


def test_broken_toml_is_refused_with_its_line(site):
    error = refused(site("types.toml", text='[power_cut]\ntitle = "Power cut\n'))
    assert (error.file, error.line) == ("types.toml", 2)
    assert "types.toml line 2: this is not TOML" in error.message


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("severites.toml", "Did you mean 'severities.toml'?"),
        ("role/software/scribe.toml", "Did you mean 'roles'?"),
        ("roles/sofware/scribe.toml", "Did you mean 'roles/software/'?"),
        ("messages/sofware/staff.toml", "Did you mean 'messages/software/'?"),
    ],
)
def test_a_file_that_nothing_reads_is_refused(site, name, says):
    error = refused(site(name, text=""))
    assert "nothing reads this" in error.message
    assert says in error.message


def test_notes_and_hidden_folders_beside_the_files_are_left_alone(site):
    site("README.md", text="Ours.")
    assert catalog.load(site(".git/config.toml", text="x = ")) == SHIPPED


def test_a_file_that_is_not_text_or_too_large_is_refused(tmp_path):
    (tmp_path / "types.toml").write_bytes(b"title = '\xff'")
    assert "is not UTF-8" in refused(tmp_path).message
    (tmp_path / "types.toml").write_bytes(b"#" * 300_000)
    assert "Keep it under" in refused(tmp_path).message


def test_a_folder_that_is_not_there_is_refused(tmp_path):
    assert "there is no such folder" in refused(tmp_path / "nowhere").message
