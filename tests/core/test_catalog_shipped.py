"""The catalogue as it is shipped: complete, without a fault, and as the structure tables say."""

from __future__ import annotations

from datetime import timedelta

import pytest

from quarterdeck import catalog
from quarterdeck.core.incidents import expressions, staffing
from quarterdeck.core.incidents.declare import suggest
from quarterdeck.core.incidents.response import PARENT_COMMANDER
from quarterdeck.core.incidents.state import Incident
from quarterdeck.core.incidents.structure import PHASES

SHIPPED = catalog.load()
SOFTWARE, GENERAL = SHIPPED.template("software"), SHIPPED.template("general")
CARDS = [(template, role) for template in SHIPPED.templates for role in template.roles]

# Steps per role and phase: triage, investigating, identified, monitoring, resolved, analysis.
STEPS = {
    "commander": (5, 7, 4, 3, 6, 4),
    "deputy": (2, 4, 5, 5, 1, 0),
    "scribe": (2, 2, 3, 1, 2, 2),
    "communications_lead": (2, 4, 2, 1, 1, 1),
    "status_page_manager": (1, 3, 1, 2, 1, 1),
    "customer_liaison": (3, 3, 1, 1, 2, 2),
    "executive_liaison": (2, 4, 1, 1, 1, 1),
    "internal_liaison": (2, 2, 2, 2, 1, 1),
    "technical_lead": (1, 3, 2, 2, 1, 2),
    "sme": (2, 3, 2, 1, 1, 2),
    "legal_officer": (1, 2, 2, 2, 1, 1),
}
# Minutes of silence at SEV1 and SEV2; None is once per phase or on demand.
CLOCKS = {
    "customers_all": (15, 30),
    "executives": (30, 60),
    "responders": (15, 15),
    "support": (15, 30),
    "staff": (60, None),
    "customers_strategic": (None, None),
    "partners_vendors": (None, None),
    "media": (None, None),
}
RANKS = {
    "low": (5, 5, 4),
    "medium": (4, 4, 3),
    "high": (3, 2, 2),
    "critical": (2, 1, 1),
}


def called(template, how, **facts):
    """The roles the template's rules bring in for these facts."""
    values = {
        **staffing.values(Incident(), template, None),
        **{k.replace("__", "."): v for k, v in facts.items()},
    }
    return {r.role for r in template.assembly if r.how == how and expressions.evaluate(r.when, values)}


def test_the_shipped_catalogue_has_no_finding():
    assert catalog.lint(SHIPPED) == []
    assert catalog.lint_messages(SHIPPED) == []


def test_the_shipped_types_cover_more_than_technology():
    templates = {kind.key: kind.template for kind in SHIPPED.types}
    assert templates == {
        "availability": "software",
        "security": "software",
        "safety": "general",
        "public_relations": "general",
        "business_response": "business",
        "third_party": "software",
        "natural_hazard": "general",
        "human_error": "software",
        "major_emergency": "ics",
    }
    assert all(kind.title and kind.description for kind in SHIPPED.types)


def test_only_security_incidents_are_restricted_from_the_start():
    assert [kind.key for kind in SHIPPED.types if kind.restricted] == ["security"]


@pytest.mark.parametrize("role", STEPS)
def test_a_role_of_the_software_template_has_the_steps_of_the_table(role):
    checklist = SOFTWARE.role(role).checklist
    assert tuple(len(checklist.get(phase, ())) for phase in PHASES[:6]) == STEPS[role]


@pytest.mark.parametrize(("template", "role"), CARDS, ids=lambda x: x.key)
def test_a_role_card_is_complete(template, role):
    assert role.title
    assert role.purpose.endswith(".")
    assert role.purpose.count(". ") == 0, "the purpose is one sentence"
    assert role.grants
    watching = role.key in ("observer", "shadow")
    if template.key == "ics" and not role.required_when and not watching:
        return  # a position that is filled when the work asks for it
    assert role.aliases
    assert bool(role.required_when) is bool(role.backup) is not watching
    assert bool(role.checklist) is not watching


@pytest.mark.parametrize(("template", "role"), CARDS, ids=lambda x: x.key)
def test_a_step_is_a_sentence_that_fits_a_line(template, role):
    for items in role.checklist.values():
        for item in items:
            assert item.text[0].isupper()
            assert item.text[-1] in ".?"
            assert len(item.text) <= 110


def test_the_first_message_is_due_within_five_minutes():
    first = SOFTWARE.role("communications_lead").checklist["triage"][0]
    assert first.due == timedelta(minutes=5)


def test_everybody_who_is_not_watching_reports_to_the_commander_in_the_end():
    for template, role in CARDS:
        top = role
        while top.reports_to and top.reports_to != PARENT_COMMANDER:
            top = template.role(top.reports_to)
        assert top.key == "commander" or role.key in ("observer", "shadow")


def test_nobody_approves_in_place_of_an_executive():
    for template in SHIPPED.templates:
        assert not template.role("elt_approver").rollup


@pytest.mark.parametrize("audience", CLOCKS)
def test_an_audience_has_the_clock_of_the_table(audience):
    clock = SOFTWARE.clocks.get(audience, {})
    every = [clock.get(rank) for rank in (1, 2)]
    assert [span and span // timedelta(minutes=1) for span in every] == list(CLOCKS[audience])
    assert SOFTWARE.audience(audience)
    assert not set(clock) - {1, 2}


def test_a_message_to_customers_is_released_by_the_commander_and_published_by_the_page_manager():
    steps = [(s.step, s.roles) for s in SOFTWARE.chains["customers_all"]]
    assert steps == [
        ("draft", ("communications_lead",)),
        ("release", ("commander",)),
        ("distribute", ("status_page_manager",)),
    ]


@pytest.mark.parametrize("audience", ["customers_strategic", "media"])
def test_sensitive_messages_take_the_approval_of_an_executive_before_release(audience):
    steps = [s.step for s in SOFTWARE.chains[audience]]
    assert steps.index("approve") < steps.index("release")


def test_a_data_incident_calls_legal_and_an_outage_does_not():
    assert "legal_officer" in called(SOFTWARE, "callout", type="security", severity=3)
    assert "legal_officer" not in called(SOFTWARE, "callout", type="availability", severity=1)
    assert "legal_officer" in called(
        SOFTWARE, "callout", type="availability", severity=3, impact__legal="high"
    )


def test_an_outage_gives_customer_success_a_heads_up_only():
    assert "customer_liaison" in called(SOFTWARE, "heads_up", type="availability", severity=2)
    assert "customer_liaison" not in called(SOFTWARE, "callout", type="availability", severity=1)


@pytest.mark.parametrize(
    ("rank", "roles"),
    [
        (1, {"technical_lead", "commander", "deputy", "scribe", "communications_lead", "executive_liaison"}),
        (2, {"technical_lead", "commander", "scribe", "communications_lead"}),
        (3, {"technical_lead", "commander"}),
        (4, {"technical_lead"}),
        (5, {"technical_lead"}),
    ],
)
def test_the_severity_decides_who_is_called(rank, roles):
    assert called(SOFTWARE, "callout", type="human_error", severity=rank) == roles


def test_a_safety_incident_calls_the_safety_officer():
    assert "safety_officer" in called(GENERAL, "callout", type="safety", severity=3)
    assert "safety_officer" not in called(GENERAL, "callout", type="public_relations", severity=1)


BUSY = {
    "phase": "investigating",
    "duration": timedelta(hours=2),
    "services.count": 2,
    "teams.count": 5,
    "audience.count": 1,
    "customers.affected": True,
    "page.affected": True,
}


@pytest.mark.parametrize(
    ("rank", "roles"),
    [
        (
            3,
            {
                "deputy",
                "communications_lead",
                "status_page_manager",
                "customer_liaison",
                "internal_liaison",
                "sme",
            },
        ),
        (4, set()),
        (5, set()),
    ],
)
def test_on_the_light_path_only_commander_and_technical_lead_are_required(rank, roles):
    facts = {**staffing.values(Incident(), SOFTWARE, None), **BUSY, "severity": rank}
    needed = {
        r.key for r in SOFTWARE.roles if r.required_when and expressions.evaluate(r.required_when, facts)
    }
    assert needed == {"commander", "technical_lead", *roles}


def test_a_quiet_severe_incident_needs_no_more_than_its_table_says():
    facts = {**staffing.values(Incident(), SOFTWARE, None), "phase": "triage", "severity": 1}
    needed = {
        r.key for r in SOFTWARE.roles if r.required_when and expressions.evaluate(r.required_when, facts)
    }
    assert needed == {"commander", "deputy", "scribe", "communications_lead", "executive_liaison"}


@pytest.mark.requirement("R-013")
@pytest.mark.requirement("R-181")
@pytest.mark.parametrize("impact", RANKS)
@pytest.mark.parametrize("urgency", ["low", "medium", "high"])
def test_impact_and_urgency_suggest_the_severity_of_the_matrix(impact, urgency):
    wanted = RANKS[impact][("low", "medium", "high").index(urgency)]
    assert suggest(SHIPPED, impact, urgency).rank == wanted


@pytest.mark.requirement("R-013")
@pytest.mark.parametrize(
    ("scope", "rank"), [("one_user", 5), ("team", 5), ("site", 4), ("widespread", 2), ("", 5)]
)
def test_a_wide_scope_raises_a_low_impact(scope, rank):
    assert suggest(SHIPPED, "low", "medium", scope).rank == rank


def test_a_narrow_scope_never_lowers_the_severity():
    assert suggest(SHIPPED, "critical", "high", "one_user").rank == 1


def test_what_nobody_knows_is_taken_as_high():
    assert SHIPPED.unknown == ("high", "high")
    assert SHIPPED.matrix[SHIPPED.unknown] == 2


def test_each_rank_has_its_label_criteria_and_behaviour():
    assert [s.rank for s in SHIPPED.severities] == [1, 2, 3, 4, 5]
    assert [s.label.split()[0] for s in SHIPPED.severities] == ["SEV1", "SEV2", "SEV3", "SEV4", "SEV5"]
    assert [s.review_required for s in SHIPPED.severities] == [True, True, False, False, False]
    assert [s.page_urgency for s in SHIPPED.severities] == ["high", "high", "high", "low", "low"]
    minutes = [s.triage_minutes for s in SHIPPED.severities]
    assert minutes == sorted(minutes)


def test_a_false_alarm_after_triage_has_its_resolution_code():
    assert "false_alarm" in {code.key for code in SHIPPED.resolution_codes}
