"""Declaring: the suggested severity and its reason, and what an incident has from its first second."""

from __future__ import annotations

from datetime import timedelta

import pytest

from quarterdeck.core.access import ENGINE
from quarterdeck.core.incidents import Declaration, declare, suggest
from quarterdeck.core.incidents.clocks import due_events, wake_at
from quarterdeck.core.incidents.declare import AlertRef
from quarterdeck.core.incidents.events import AlertLinked, ClockStarted, Declared, RoleTaken, TriageOverdue
from quarterdeck.core.kernel.refused import Refused
from support.incident_case import ANA, BEN, CATALOG, EVA, OLE, START, declared


@pytest.mark.parametrize(("cell", "rank"), CATALOG.matrix.items())
def test_every_cell_of_the_matrix_is_suggested_with_its_reason(cell, rank):
    found = suggest(CATALOG, *cell)
    assert found.rank == rank
    assert found.reason == f"Impact {cell[0]} with urgency {cell[1]} is SEV{rank} in the matrix."


def test_a_wide_scope_raises_the_impact_and_says_so():
    found = suggest(CATALOG, "low", "high", "widespread")
    assert found.rank == 2
    assert "counts as high, because the scope is widespread" in found.reason


def test_a_narrow_scope_lowers_nothing():
    assert suggest(CATALOG, "critical", "high", "one_user").rank == 1


def test_a_word_outside_the_matrix_is_refused_with_the_known_ones():
    with pytest.raises(Refused, match="low, medium, high, critical"):
        suggest(CATALOG, "huge", "high")


def test_the_declarer_commands_from_the_first_second():
    case = declared(ANA)
    assert [type(s.event) for s in case.log[:2]] == [Declared, RoleTaken]
    assert case.incident.commander.person == "ana"
    assert case.incident.commander.started_at == case.incident.declared_at == START
    assert case.incident.phase == "triage"


def test_one_declaration_brings_alerts_commander_and_clocks_at_once():
    said = Declaration(
        "Down", type="availability", severity=1, alerts=(AlertRef("al-1", "disk full", "db/disk"),)
    )
    events = declare(CATALOG, said, ANA, number=7, assignment_id="a", at=START)
    assert [type(e) for e in events] == [Declared, RoleTaken, AlertLinked, ClockStarted, ClockStarted]
    assert events[3] == ClockStarted(
        "customers_all", 900, START + timedelta(minutes=15), "communications_lead"
    )


def test_an_unknown_severity_is_treated_as_higher_and_the_commander_hears_when_triage_is_late():
    case = declared(severity=None, impact="medium", urgency="medium")
    assert case.incident.severity == 2
    assert case.incident.severity_unknown
    assert "one rank higher" in case.log[0].event.severity_reason

    assert due_events(case.incident, START + timedelta(minutes=9), triage_minutes=10) == []
    assert wake_at(case.incident, triage_minutes=10) == START + timedelta(minutes=10)
    assert due_events(case.incident, START + timedelta(minutes=10), triage_minutes=10) == [TriageOverdue(10)]


def test_an_unknown_severity_without_impact_takes_the_configured_default():
    assert declared(severity=None).incident.severity == 2


def test_a_restricted_type_makes_a_restricted_incident():
    assert declared(type="security").incident.restricted


@pytest.mark.parametrize("who", [EVA, OLE])
def test_who_may_not_respond_may_not_declare(who):
    with pytest.raises(Refused) as refused:
        declare(CATALOG, Declaration("Down"), who, number=1, assignment_id="a", at=START)
    assert refused.value.kind == "forbidden"


def test_the_product_declares_only_with_a_named_commander():
    with pytest.raises(Refused, match="Name a commander"):
        declare(CATALOG, Declaration("Down"), ENGINE, number=1, assignment_id="a", at=START)
    said = Declaration("Down", commander=BEN.person, source="alert")
    events = declare(CATALOG, said, ENGINE, number=1, assignment_id="a", at=START)
    assert events[1] == RoleTaken("a", "commander", "ben", assigned_by="engine", exclusive=True)


@pytest.mark.parametrize("title", ["", "   ", "two\nlines", "x" * 201])
def test_a_title_is_one_line_of_limited_length(title):
    with pytest.raises(Refused) as refused:
        declare(CATALOG, Declaration(title), ANA, number=1, assignment_id="a", at=START)
    assert "title" in refused.value.fields


def test_an_unknown_severity_rank_or_type_is_refused():
    for said in (Declaration("Down", severity=9), Declaration("Down", type="weather")):
        with pytest.raises(Refused):
            declare(CATALOG, said, ANA, number=1, assignment_id="a", at=START)
