"""A structure that changes under a running incident takes nothing away: nobody's role, no item, no tick, no clock."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quarterdeck import catalog
from quarterdeck.core.access import Who
from quarterdeck.core.incidents import (
    Event,
    Incident,
    Stamped,
    chart,
    contributions,
    evolve,
    findings,
    rows,
    take_role,
)
from quarterdeck.core.incidents import events as ev
from quarterdeck.core.incidents.declare import Declaration, declare, template_for
from quarterdeck.core.incidents.eligibility import definition
from quarterdeck.core.incidents.functions import by_service
from quarterdeck.core.incidents.parts import Review
from quarterdeck.core.incidents.restructure import plan, restructure
from quarterdeck.core.incidents.structure import RoleDefinition, RoleMapping, Template
from quarterdeck.core.incidents.structure_diff import difference
from quarterdeck.core.kernel.refused import Refused
from support.budgets import examples

CATALOG = catalog.load()
START = datetime(2026, 11, 22, 14, 2, tzinfo=UTC)
ANA, BEN = Who("ana", frozenset({"responder"})), Who("ben", frozenset({"responder"}))
SOFTWARE = template_for(CATALOG, Declaration(title="", template="software"))
HELD = [r.key for r in SOFTWARE.roles if r.key != "commander"]


class Case:
    def __init__(self, template: str = "software") -> None:
        said = Declaration(title="Down", template=template, severity=2)
        self.template = template_for(CATALOG, said)
        self.incident = Incident()
        self.record(*declare(CATALOG, said, ANA, number=7, assignment_id="a-0", at=START))

    def record(self, *events: Event) -> None:
        for event in events:
            at = START + timedelta(minutes=self.incident.seq)
            self.incident = evolve(self.incident, Stamped(self.incident.seq + 1, at, "ana", event))

    def hold(self, number: int, role: str, person: str) -> None:
        card = self.template.role(role)
        assert card is not None
        if card.max is not None and len(self.incident.holders(role)) >= card.max:
            return
        self.record(ev.RoleTaken(f"a-{number}", role, person, reports_to=card.reports_to or ""))

    def take(self, key: str, by: Who = ANA) -> list[ev.StructureChanged]:
        new = template_for(CATALOG, Declaration(title="", template=key))
        mapping = CATALOG.mapping(self.template.key, key)
        change, events = restructure(self.incident, self.template, new, mapping, by, reason="It grows")
        self.template = change.template
        self.record(*events)
        return events

    def roles(self) -> dict[str, str]:
        return {a.id: a.role for a in self.incident.open_assignments()}


def items(template: Template) -> set[tuple[str, str]]:
    return {(p, i.text) for r in template.roles for p, found in r.checklist.items() for i in found}


def ticked(case: Case) -> list[str]:
    found = []
    for key in case.incident.ticks:
        role, phase, index = key.split("/")
        card = case.template.role(role)
        assert card is not None
        found.append(card.checklist[phase][int(index)].text)
    return found


@settings(max_examples=examples(60))
@given(
    holders=st.lists(st.tuples(st.sampled_from(HELD), st.sampled_from("bcdefgh")), max_size=12),
    ticks=st.lists(st.tuples(st.sampled_from(HELD), st.integers(0, 2)), max_size=4),
    journey=st.lists(st.sampled_from(["ics", "general", "software"]), min_size=1, max_size=5),
)
def test_whatever_structures_an_incident_goes_through_nothing_is_lost(holders, ticks, journey) -> None:
    case = Case()
    for number, (role, person) in enumerate(dict.fromkeys(holders), 1):
        case.hold(number, role, person)
    for role, index in ticks:
        card = case.template.role(role)
        if card and index < len(card.checklist.get("investigating", ())):
            case.record(ev.ChecklistDone(role, "investigating", index, "ana"))
    people = {a.id: a.person for a in case.incident.open_assignments()}
    known, done, clocks = items(case.template), ticked(case), set(case.incident.clocks)
    for key in journey:
        case.take(key)
        assert {a.id: a.person for a in case.incident.open_assignments()} == people
        assert items(case.template) >= known
        assert ticked(case) == done
        assert set(case.incident.clocks) >= clocks
        assert [a.id for a in case.incident.holders("commander")] == ["a-0"]
        assert {p.assignment.person for p in chart(case.incident, case.template)} == set(people.values())
        for card in case.template.roles:
            above, steps = card.reports_to, 0
            while above and steps < 20:
                found = case.template.role(above)
                assert found is not None, f"{card.key} reports to {above}"
                above, steps = found.reports_to, steps + 1
            assert steps < 20, f"{card.key} reports round in a circle"
        assert all(not r.retired for r in case.template.roles if case.incident.holder(r.key))
        assert rows(case.incident)["incident"]["INC-7"]["template"] == case.template.key
        known = items(case.template)


@settings(max_examples=examples(40))
@given(st.lists(st.tuples(st.sampled_from(HELD), st.sampled_from("bcdefgh")), max_size=12))
def test_there_and_back_again_everybody_holds_what_they_held(holders) -> None:
    case = Case()
    for number, (role, person) in enumerate(dict.fromkeys(holders), 1):
        case.hold(number, role, person)
    before = case.roles()
    case.take("ics")
    assert "technical_lead" not in case.roles().values()
    case.take("software")
    assert case.roles() == before
    active = {r.key for r in case.template.roles if not r.retired}
    assert active == {r.key for r in SOFTWARE.roles}


@pytest.mark.requirement("R-170")
def test_who_speaks_to_the_public_does_so_in_either_structure() -> None:
    case = Case()
    case.hold(1, "communications_lead", "ben")
    case.take("ics")
    assert case.roles()["a-1"] == "public_information_officer"
    case.take("general")
    assert case.roles()["a-1"] == "communications_lead"


def test_work_of_a_role_that_went_on_shows_under_who_took_it_up() -> None:
    from quarterdeck.core.incidents import stands_for

    case = Case()
    case.hold(1, "technical_lead", "ben")
    case.take("ics")
    assert "technical_lead" in stands_for(case.incident, case.template, BEN)


def test_nobody_takes_a_role_of_an_earlier_structure() -> None:
    case = Case()
    case.take("ics")
    with pytest.raises(Refused, match=r"^role\.retired"):
        take_role(case.incident, case.template, BEN, role="technical_lead", assignment_id="a-9")


def test_only_the_commander_changes_the_structure_and_says_why() -> None:
    case = Case()
    case.hold(1, "technical_lead", "ben")
    with pytest.raises(Refused, match=r"^grant\.incident\.phase"):
        case.take("ics", by=BEN)
    ics = template_for(CATALOG, Declaration(title="", template="ics"))
    with pytest.raises(Refused, match="reason"):
        restructure(case.incident, case.template, ics, RoleMapping("software", "ics"), ANA, reason=" ")


def test_the_same_structure_again_changes_nothing() -> None:
    case = Case()
    assert case.take("software") == []
    case.take("ics")
    assert case.take("ics") == []


def test_a_role_for_one_takes_no_second_one_in() -> None:
    case = Case()
    case.hold(1, "technical_lead", "ben")
    case.hold(2, "customer_liaison", "cho")
    ics = template_for(CATALOG, Declaration(title="", template="ics"))
    crowded = RoleMapping(
        "software",
        "ics",
        {"technical_lead": "operations_section_chief", "customer_liaison": "operations_section_chief"},
    )
    found = plan(case.incident, case.template, ics, crowded)
    assert {m.person: m.to for m in found.moves if m.person != "ana"} in (
        {"ben": "operations_section_chief", "cho": "customer_liaison"},
        {"ben": "technical_lead", "cho": "operations_section_chief"},
    )


def test_a_difference_is_told_in_words() -> None:
    ics = template_for(CATALOG, Declaration(title="", template="ics"))
    told = {
        (d.kind, d.text)
        for d in difference(
            SOFTWARE, plan(Incident(), SOFTWARE, ics, CATALOG.mapping("software", "ics")).template
        )
    }
    assert ("added", "Safety Officer") in told
    assert ("removed", "Technical Lead: its work goes on under Operations Section Chief") in told


@pytest.mark.parametrize("there", ["business", "ics", "general"])
@given(data=st.data())
@settings(max_examples=examples(25), deadline=None)
def test_there_and_back_between_any_two_structures_nobody_loses_a_role_nor_a_step(there, data):
    """From the business's structure and to it as well; from and to the others that map to it."""
    here = "business" if there in ("ics", "business") else "software"
    way = ("software", "business") if there == "business" else (here, there)
    case = Case(way[0])
    for number, role in enumerate(
        data.draw(st.lists(st.sampled_from([r.key for r in case.template.roles]), max_size=12)), 1
    ):
        if role != "commander":
            case.hold(number, role, f"p{number}")
    people, steps = sorted(a.person for a in case.incident.open_assignments()), items(case.template)
    for key in (way[1], way[0]):
        case.take(key)
        assert sorted(a.person for a in case.incident.open_assignments()) == people
        assert steps <= items(case.template)
        assert len(case.incident.holders("commander")) == 1
        for a in case.incident.open_assignments():
            assert a.role == "commander" or a.reports_to or a.role in ("shadow", "observer")


@pytest.mark.parametrize("journey", [["ics"], ["general"], ["ics", "general", "software"]])
def test_whoever_leads_the_technical_work_is_asked_as_such_in_every_structure(journey) -> None:
    case = Case()
    case.hold(1, "technical_lead", "ben")
    case.hold(2, "sme", "cho")
    case.record(ev.EntryWritten("e-1", "finding", "The pool is full"))
    case.incident = replace(
        case.incident, entries={"e-1": replace(case.incident.entries["e-1"], author="cho")}
    )
    for key in journey:
        case.take(key)
    assert findings.technical_lead(case.incident, case.template) == "ben"
    review = Review("r-1", "ana", "2026-12-01", START)
    asked = contributions.asking(case.incident, case.template, review, START, prefix="r-1")
    assert [(a.person, a.section) for a in asked] == [
        ("ben", "technical_analysis"),
        ("cho", "contribution"),
    ]


def test_an_organisations_own_role_leads_the_technical_work_where_its_card_says_so() -> None:
    plant = RoleDefinition("plant_lead", "Plant Lead", "Run the plant.", functions=("technical_lead",))
    own = replace(SOFTWARE, roles=(*(r for r in SOFTWARE.roles if r.key != "technical_lead"), plant))
    case = Case()
    case.record(ev.RoleTaken("a-1", "plant_lead", "ben"))
    assert findings.technical_lead(case.incident, own) == "ben"
    assert by_service(own, "plant_lead")
    assert "plant_lead" in definition(own, "command_member").excludes
