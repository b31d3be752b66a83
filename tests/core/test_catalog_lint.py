"""The linter finds what files say wrongly about each other, and names the file and the way out."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from quarterdeck import catalog
from quarterdeck.core.incidents.structure import Assembly, ChainStep, IncidentType, ResolutionCode

SHIPPED = catalog.load()
SOFTWARE = SHIPPED.template("software")


def with_template(**changes):
    """The shipped catalogue with a changed software template."""
    changed = replace(SOFTWARE, **changes)
    return replace(SHIPPED, templates=tuple(changed if t is SOFTWARE else t for t in SHIPPED.templates))


def with_role(key, **changes):
    return with_template(roles=tuple(replace(r, **changes) if r.key == key else r for r in SOFTWARE.roles))


def with_chain(audience, *steps):
    return with_template(chains={**SOFTWARE.chains, audience: steps})


def with_rule(role="scribe", how="callout", when="always"):
    return with_template(assembly=(*SOFTWARE.assembly, Assembly(role, how, when)))


def only_finding(faulty):
    findings = catalog.lint(faulty)
    assert len(findings) == 1, findings
    return findings[0]


ROLE_FAULTS = {
    "reports to nobody known": (
        "scribe",
        {"reports_to": "comander"},
        "reports to 'comander'",
        "Did you mean 'commander'?",
    ),
    "excludes nobody known": (
        "scribe",
        {"excludes": ("tech_lead",)},
        "excludes 'tech_lead'",
        "Did you mean 'technical_lead'?",
    ),
    "has no backup": ("scribe", {"backup": ""}, "has no backup", "who comes when the first does not answer"),
    "grants an unknown word": (
        "scribe",
        {"grants": ("timeline.wirte",)},
        "'timeline.wirte' is not known",
        "Did you mean 'timeline.write'?",
    ),
    "uses an unknown word in its condition": (
        "scribe",
        {"required_when": "severty <= 2"},
        "'severty' is not a known word",
        "severity <= 2",
    ),
    "leads without being held by one": (
        "commander",
        {"max": 2},
        "held by exactly one person, always",
        "cardinality = { min = 1, max = 1 }",
    ),
}


@pytest.mark.parametrize("fault", ROLE_FAULTS)
def test_a_role_card_that_is_wrong_is_reported_with_its_file(fault):
    key, change, says, suggests = ROLE_FAULTS[fault]
    finding = only_finding(with_role(key, **change))
    assert (finding.severity, finding.where) == ("fault", f"roles/software/{key}.toml")
    assert says in finding.text
    assert suggests in finding.suggestion


@pytest.mark.parametrize(
    ("condition", "says", "suggests"),
    [
        ("not (drill or type == secrity)", "there is no type 'secrity'", "Did you mean 'security'?"),
        ("severity == 1 and scope in (site, globe)", "there is no scope 'globe'", "Name a scope"),
    ],
)
def test_a_condition_that_can_never_hold_is_a_warning(condition, says, suggests):
    for faulty in (with_role("scribe", required_when=condition), with_rule(when=condition)):
        finding = only_finding(faulty)
        assert finding.severity == "warning"
        assert says in finding.text
        assert suggests in finding.suggestion


def test_reporting_in_a_circle_is_reported_once():
    roles = {"deputy": "scribe", "scribe": "internal_liaison", "internal_liaison": "deputy"}
    changed = tuple(replace(r, reports_to=roles.get(r.key, r.reports_to)) for r in SOFTWARE.roles)
    finding = only_finding(with_template(roles=changed))
    assert "deputy to scribe to internal_liaison to deputy" in finding.text


def test_reporting_to_oneself_is_a_circle():
    assert "scribe to scribe" in only_finding(with_role("scribe", reports_to="scribe")).text


def test_a_role_above_a_circle_is_not_blamed_for_it():
    roles = {"deputy": "scribe", "scribe": "deputy", "sme": "deputy"}
    changed = tuple(replace(r, reports_to=roles.get(r.key, r.reports_to)) for r in SOFTWARE.roles)
    assert only_finding(with_template(roles=changed)).where == "roles/software/deputy.toml"


@pytest.mark.parametrize(
    ("key", "exclusive", "names"), [("commander", False, "none"), ("scribe", True, "commander, scribe")]
)
def test_there_is_exactly_one_exclusive_lead(key, exclusive, names):
    finding = only_finding(with_role(key, exclusive=exclusive))
    assert finding.where == "templates/software.toml"
    assert finding.text.endswith(f"here: {names}")


HALF_AN_HOUR = {1: timedelta(minutes=30)}
DRAFT, RELEASE = ChainStep("draft", ("scribe",)), ChainStep("release", ("commander",))
TEMPLATE_FAULTS = {
    "chain names no role of the template": (
        with_chain("staff", ChainStep("draft", ("elt",)), RELEASE),
        "names 'elt'",
        "Name a role",
    ),
    "chain has no release": (
        with_chain("staff", DRAFT),
        "exactly one step release",
        "no message goes out without",
    ),
    "chain releases before it drafts": (
        with_chain("staff", RELEASE, DRAFT),
        "out of order",
        "draft, review, approve",
    ),
    "chain has an unknown step": (
        with_chain("staff", DRAFT, ChainStep("aprove", ("scribe",)), RELEASE),
        "a step 'aprove'",
        "Did you mean 'approve'?",
    ),
    "step names nobody": (
        with_chain("staff", ChainStep("draft", ()), RELEASE),
        "names no role",
        "who does it",
    ),
    "chain for nobody": (
        with_chain("stuff", DRAFT, RELEASE),
        "approval chain for 'stuff'",
        "Did you mean 'staff'?",
    ),
    "audience without a chain": (
        with_template(chains={k: v for k, v in SOFTWARE.chains.items() if k != "media"}),
        "'media' has no approval chain",
        "Add media",
    ),
    "brings in nobody known": (with_rule(role="scrbe"), "brings in 'scrbe'", "Did you mean 'scribe'?"),
    "brings in by an unknown way": (with_rule(how="call_out"), "by 'call_out'", "Did you mean 'callout'?"),
    "brings in on an unknown condition": (
        with_rule(when="sevrity == 1"),
        "'sevrity' is not a known word",
        "severity <= 2",
    ),
    "clock for nobody": (
        with_template(clocks={**SOFTWARE.clocks, "exec": HALF_AN_HOUR}),
        "a clock for 'exec'",
        "Rename the clock",
    ),
    "executives too often": (
        with_template(clocks={**SOFTWARE.clocks, "executives": {1: timedelta(minutes=14)}}),
        "every 15 minutes",
        "15m or more",
    ),
    "clock without an owner": (
        with_template(
            audiences=(replace(SOFTWARE.audiences[0], clock_owner="coms_lead"), *SOFTWARE.audiences[1:])
        ),
        "belongs to 'coms_lead'",
        "Did you mean 'communications_lead'?",
    ),
    "gate nothing can meet": (
        with_template(gates={"resolved": ("resolution_code",)}),
        "asks for 'resolution_code'",
        "Did you mean 'resolution_code_set'?",
    ),
    "gate asks for a role nobody can hold": (
        with_template(gates={"resolved": ("tech_lead_present",)}),
        "asks for 'tech_lead_present'",
        "Did you mean 'technical_lead_present'?",
    ),
    "gate of no phase": (
        with_template(gates={"resolvd": ()}),
        "'resolvd', which is not a phase",
        "Did you mean 'resolved'?",
    ),
    "phases of its own": (
        with_template(phases=(*SOFTWARE.phases[:-1], "closed", "archived")),
        "the phases are not",
        "triage, investigating",
    ),
}


@pytest.mark.parametrize("fault", TEMPLATE_FAULTS)
def test_a_template_that_is_wrong_is_reported_with_its_file(fault):
    faulty, says, suggests = TEMPLATE_FAULTS[fault]
    finding = only_finding(faulty)
    assert (finding.severity, finding.where) == ("fault", "templates/software.toml")
    assert says in finding.text
    assert suggests in finding.suggestion


def without_steps(phase, *, keep=()):
    """The software template where only the roles of `keep` have steps in this phase."""
    roles = []
    for role in SOFTWARE.roles:
        kept = {p: items for p, items in role.checklist.items() if p != phase or role.key in keep}
        roles.append(replace(role, checklist=kept))
    return with_template(roles=tuple(roles))


def ungranted(grant):
    roles = (replace(r, grants=tuple(g for g in r.grants if g != grant)) for r in SOFTWARE.roles)
    return with_template(roles=tuple(roles))


NO_CALLOUT = with_template(assembly=tuple(replace(rule, how="heads_up") for rule in SOFTWARE.assembly))


@pytest.mark.requirement("R-024")
@pytest.mark.parametrize(
    ("faulty", "missing"),
    [
        (NO_CALLOUT, {"alert stakeholders", "mitigate"}),
        (ungranted("severity.set"), {"assess impact"}),
        (without_steps("triage", keep=("communications_lead",)), {"assess impact"}),
        (without_steps("identified", keep=("communications_lead", "commander")), set()),
        (without_steps("identified", keep=("executive_liaison", "status_page_manager")), set()),
        (without_steps("identified", keep=("internal_liaison", "commander")), {"mitigate"}),
        (without_steps("monitoring", keep=("commander", "sme")), {"communicate until resolved"}),
        (with_template(clocks={}), {"communicate until resolved"}),
        (with_template(clocks={"customers_all": HALF_AN_HOUR}), {"communicate until resolved"}),
    ],
)
def test_a_template_that_misses_a_duty_is_told_which(faulty, missing):
    found = [f for f in catalog.lint(faulty) if f.text.startswith("duty missing: ")]
    assert {f.text.removeprefix("duty missing: ").partition(".")[0] for f in found} == missing
    assert all(f.severity == "fault" and f.where == "templates/software.toml" and f.suggestion for f in found)


def test_a_type_that_names_an_unknown_template_or_role_is_reported():
    kinds = (
        IncidentType("flood", "Flood", "generl"),
        IncidentType("fire", "Fire", "general", roles=("scrib",)),
        IncidentType("quake", "Quake", "general", default_severity=6),
    )
    found = [f for f in catalog.lint(replace(SHIPPED, types=kinds)) if f.severity == "fault"]
    assert {f.where for f in found} == {"types.toml"}
    assert [f.text.split(":")[0] for f in found] == ["flood", "fire", "quake"]
    assert "Did you mean 'general'?" in found[0].text
    assert "Did you mean 'scribe'?" in found[1].text


def test_a_matrix_with_a_hole_is_a_fault_and_one_that_sinks_is_a_warning():
    hole = {pair: rank for pair, rank in SHIPPED.matrix.items() if pair != ("low", "high")}
    assert only_finding(replace(SHIPPED, matrix=hole)).text == "no rank for impact low and urgency high"
    sunk = {**SHIPPED.matrix, ("critical", "high"): 4}
    found = catalog.lint(replace(SHIPPED, matrix=sunk))
    assert {(f.severity, f.where) for f in found} == {("warning", "matrix.toml")}
    assert "impact critical gives a lower severity than impact high" in found[0].text


def test_severities_that_share_a_label_or_need_no_review_are_reported():
    one, two, *rest = SHIPPED.severities
    doubled = (one, replace(two, label="sev1 critical", review_required=False), *rest)
    found = catalog.lint(replace(SHIPPED, severities=doubled))
    assert [f.severity for f in found] == ["fault", "warning"]
    assert [f.where for f in found] == ["severities.toml"] * 2


def test_resolution_codes_are_there_and_different():
    assert "nothing can be resolved" in only_finding(replace(SHIPPED, resolution_codes=())).text
    twice = (ResolutionCode("fixed", "Fixed"), ResolutionCode("fixed", "Repaired"))
    assert "'fixed'" in only_finding(replace(SHIPPED, resolution_codes=twice)).text


def test_a_finding_reads_as_one_line():
    line = str(only_finding(with_role("scribe", backup="")))
    assert line.startswith(
        "roles/software/scribe.toml: 'scribe' can be required and has no backup. Add backup"
    )
