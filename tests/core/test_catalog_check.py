"""The check of a whole catalogue: unreachable rules, mappings, unified command, each with its file and line."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from quarterdeck import catalog
from quarterdeck.catalog.folders import shipped
from quarterdeck.core.incidents.expressions import MOST_DEPTH, parse

SOFTWARE, ICS = "templates/software.toml", "templates/ics.toml"
MAPPING = "mappings/software-ics.toml"


def text(path: str, *changes: tuple[str, str]) -> str:
    found = shipped().joinpath(*path.split("/")).read_text(encoding="utf-8")
    for old, new in changes:
        assert old in found
        found = found.replace(old, new, 1)
    return found


def found(path: str, *changes: tuple[str, str]) -> list[tuple[str, int, str]]:
    changed = text(path, *changes)
    told = catalog.check(None, {path: changed})
    lines = changed.splitlines()
    return [(f.severity, f.line, f"{f} @ {lines[f.line - 1].strip()}") for f in told]


def test_the_shipped_catalogue_is_without_findings() -> None:
    assert catalog.check() == []


FINDINGS = {
    "a duty that is missing": (
        SOFTWARE,
        [("customers_all = { sev1 =", "customers_all = { sev3 ="), ("executives    = { sev1 =", "executives    = { sev3 ="),
         ("responders    = { sev1 =", "responders    = { sev3 ="), ("support       = { sev1 =", "support       = { sev3 =")],
        "fault", "duty missing: communicate until resolved", 0,
    ),
    "a reporting circle": (
        "roles/software/sme.toml", [('reports_to = "technical_lead"', 'reports_to = "sme"')],
        "fault", "reports_to goes round in a circle: sme to sme", 0,
    ),
    "two exclusive leads": (
        "roles/software/deputy.toml", [('group = "command"', 'group = "command"\nexclusive = true')],
        "fault", "exactly one exclusive role", 0,
    ),
    "a role without backup": (
        "roles/software/scribe.toml", [("backup = ", 'purpose_of_backup = "" #')],
        "fault", "unknown key 'purpose_of_backup'", "purpose_of_backup",
    ),
    "an unknown word": (
        "roles/software/scribe.toml", [('required_when = "severity <= 2"', 'required_when = "severty <= 2"')],
        "fault", "Did you mean 'severity'?", "severty",
    ),
    "a condition that never holds": (
        SOFTWARE, [('when = "severity <= 3"', 'when = "severity < 1 and type == security"')],
        "warning", "never holds", "severity < 1",
    ),
    "a gate nothing can meet": (
        SOFTWARE, [("technical_lead_present", "tech_lead_present")],
        "fault", "Did you mean 'technical_lead_present'?", "tech_lead_present",
    ),
    "a gate nobody passes": (
        SOFTWARE, [("[gates]", '[gates]\ntriage = ["type_set"]')], "warning", "is never asked", "",
    ),
    "a clock that never runs": (
        SOFTWARE, [('staff         = { sev1 = "60m" }', "staff         = {}")], "warning", "never runs", "",
    ),
    "a mapping of no role": (
        MAPPING, [("= \"operations_section_chief\"", "= \"operation_section_chief\"")],
        "fault", "Did you mean 'operations_section_chief'?", "operation_section_chief",
    ),
    "unified command outside the ICS": (
        SOFTWARE, [("version = 1", "version = 1\nunified_command = true")],
        "fault", "only for the Incident Command System", "unified_command",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", FINDINGS)
def test_what_is_wrong_is_named_with_the_way_out(name: str) -> None:
    path, changes, severity, says, line = FINDINGS[name]
    told = [t for t in found(path, *changes) if says in t[2]]
    assert told, found(path, *changes)
    assert told[0][0] == severity
    if line:
        assert told[0][1] > 0 and str(line) in told[0][2].partition(" @ ")[2]


@pytest.mark.requirement("R-024")
def test_a_template_that_does_not_communicate_until_resolved_is_refused() -> None:
    path, changes, *_ = FINDINGS["a duty that is missing"]
    assert catalog.check(None, {path: text(path)}) == []
    faults = [f.text for f in catalog.check(None, {path: text(path, *changes)}) if f.severity == "fault"]
    assert len(faults) == 1 and "communicate until resolved" in faults[0]


def test_unified_command_is_read_where_the_ics_allows_it() -> None:
    allowed = {ICS: text(ICS, ("version = 1", "version = 2\nunified_command = true"))}
    assert catalog.check(None, allowed) == []
    template = catalog.load(None, allowed).template("ics")
    assert template is not None and template.unified_command
    assert not any(t.unified_command for t in catalog.load().templates)


@pytest.mark.parametrize(
    "bomb",
    ["(" * 5_000 + "always" + ")" * 5_000, "not " * 500 + "always", " and ".join(["always"] * 5_000)],
    ids=["brackets", "nots", "tests"],
)
def test_expression_bombs_are_refused_at_once(bomb: str) -> None:
    with pytest.raises(ValueError, match="is the most|are the most"):
        parse(bomb)
    parse("(" * (MOST_DEPTH - 1) + "always" + ")" * (MOST_DEPTH - 1))


def test_the_name_of_a_file_says_where_it_belongs(tmp_path: Path) -> None:
    assert catalog.place_of(tmp_path / "roles" / "flood" / "scribe.toml") == "roles/flood/scribe.toml"
    assert catalog.place_of(tmp_path / "types.toml") == "types.toml"
    assert catalog.place_of(tmp_path / "notes.toml") == ""


def test_a_template_with_thousands_of_conditions_that_never_hold_is_checked_within_seconds():
    rule = """
[[assembly]]
role = "scribe"
how = "callout"
when = "severity > 5 and type == zz and phase == closed"
"""
    written = text(SOFTWARE) + rule * 1_500
    began = time.process_time()
    findings = catalog.check(None, {SOFTWARE: written})
    assert len(findings) == 3_000
    assert time.process_time() - began < 20
