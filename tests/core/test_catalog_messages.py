"""Message templates: agreed wording with slots, for an audience and a phase."""

from __future__ import annotations

import pytest

from quarterdeck import catalog
from quarterdeck.core.comms import substitute

SHIPPED = catalog.load()
PHASES_OF_CUSTOMERS = ("triage", "investigating", "identified", "monitoring", "resolved", "analysis")
CELLS = [
    (t.key, a.key, phase) for t in SHIPPED.templates for a in t.audiences for phase in PHASES_OF_CUSTOMERS
]
FACTS = dict.fromkeys(catalog.FACTS, "a fact")


@pytest.fixture
def message(tmp_path):
    """`message(text)` writes the text for staff of the software template and reads it."""

    def write(text, name="staff"):
        path = tmp_path / "messages" / "software" / f"{name}.toml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
        return catalog.message_template("staff", "identified", folder=tmp_path)

    return write


@pytest.mark.parametrize("phase", PHASES_OF_CUSTOMERS)
def test_customers_have_a_text_of_their_own_in_every_phase(phase):
    found = catalog.message_template("customers_all", phase)
    assert (found.audience, found.phase) == ("customers_all", phase)


@pytest.mark.parametrize(("template", "audience", "phase"), CELLS)
def test_every_audience_has_a_text_that_facts_and_slots_fill(template, audience, phase):
    found = catalog.message_template(audience, phase, template=template)
    values = {**FACTS, **{slot.name: slot.hint for slot in found.slots}}
    for text in (found.headline, found.body):
        assert substitute.unfilled(text, values) == ()
        assert "{{" not in substitute.fill(text, values)


@pytest.mark.parametrize("audience", ["customers_all", "support", "responders", "executives", "staff"])
def test_a_text_while_the_trouble_lasts_says_when_the_next_one_comes(audience):
    for phase in ("investigating", "identified", "monitoring"):
        assert "next_update_at" in substitute.fields(catalog.message_template(audience, phase).body)


def test_the_resolution_message_states_data_loss():
    assert "data_loss" in {slot.name for slot in catalog.message_template("customers_all", "resolved").slots}


def test_a_text_without_a_phase_serves_every_phase():
    assert catalog.message_template("staff", "triage") == catalog.message_template("staff", "resolved")


@pytest.mark.parametrize(
    ("audience", "phase"), [("nobody", "triage"), ("../staff", "triage"), ("staff", "../../x"), ("", "")]
)
def test_where_there_is_no_text_there_is_none(audience, phase):
    assert catalog.message_template(audience, phase) is None


def test_the_organisation_s_text_stands_for_the_shipped_one(message):
    assert message('headline = "Ours"\nbody = "{{ title }}"\n').headline == "Ours"


def test_a_text_for_the_phase_goes_before_the_text_for_any(message):
    message('headline = "any"\nbody = "x"\n')
    found = message('headline = "identified"\nbody = "x"\n', "staff.identified")
    assert (found.headline, found.phase) == ("identified", "identified")


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ("{{ tittle }}", "the field 'tittle' is neither a slot nor a fact. Did you mean 'title'?"),
        ("{{ person.name }}", "'{{ person.name }}' is not a field"),
        ("{{ run() }}", "is not a field"),
        ("{% for x in y %}", "is not a field"),
        ("{{ title", "is not a field"),
    ],
)
def test_a_text_that_asks_for_more_than_fields_is_refused(message, body, says):
    with pytest.raises(catalog.CatalogError) as caught:
        message(f'headline = "x"\nbody = "{body}"\n')
    assert says in caught.value.message
    assert caught.value.file == "messages/software/staff.toml"


def test_a_slot_that_the_text_does_not_use_is_refused_with_its_line(message):
    with pytest.raises(catalog.CatalogError) as caught:
        message('headline = "x"\nbody = "{{ effect }}"\n\n[slots]\neffect = "…"\nefect = "…"\n')
    assert caught.value.line == 6
    assert "the slot 'efect' is not used in the text. Did you mean 'effect'?" in caught.value.message


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("stuff", "has no audience 'stuff'"),
        ("staff.investigate", "has no phase 'investigate'"),
        ("staff", "'headline' is missing"),
    ],
)
def test_a_message_file_that_serves_nobody_is_reported(message, tmp_path, name, says):
    message('headline = "x"\nbody = "x"\n')
    headline = "" if name == "staff" else 'headline = "x"\n'
    path = tmp_path / "messages" / "software" / f"{name}.toml"
    path.write_text(f'{headline}body = "x"\n', "utf-8")
    (finding,) = catalog.lint_messages(SHIPPED, tmp_path)
    assert finding.where == f"messages/software/{name}.toml"
    assert says in finding.text
