"""ICS 225: who rates whom, who reads it, and what a signature stands under."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from quarterdeck.core.incidents.ics import ratings
from quarterdeck.core.incidents.parts import RoleAssignment
from quarterdeck.core.incidents.state import Incident
from quarterdeck.core.incidents.structure import RoleDefinition
from quarterdeck.core.kernel.refused import Refused
from support.incident_case import START, TEMPLATE

HOUR = timedelta(hours=1)
ICS = replace(
    TEMPLATE,
    roles=(
        RoleDefinition("commander", "Incident Commander", "Does it."),
        RoleDefinition("planning_section_chief", "Planning", "Does it.", reports_to="commander"),
        RoleDefinition("operations_section_chief", "Operations", "Does it.", reports_to="commander"),
        RoleDefinition("branch_director", "Branch", "Does it.", reports_to="operations_section_chief"),
    ),
)
FULL = {number: 3 for number, _, _ in ratings.FACTORS}


def held(role: str, person: str, since: float = 0, until: float | None = None) -> RoleAssignment:
    ended = START + until * HOUR if until is not None else None
    return RoleAssignment(f"{role}-{person}", role, person, START + since * HOUR, ended_at=ended)


def incident(*parts: RoleAssignment, **said: object) -> Incident:
    return replace(Incident(number=7, phase="investigating", assignments={p.id: p for p in parts}), **said)  # type: ignore[arg-type]


def rating(**said: object) -> ratings.Rating:
    return replace(ratings.Rating("branch_director-dag", "dag", "cho", complexity=3, scores=FULL), **said)  # type: ignore[arg-type]


def test_whoever_the_position_reported_to_at_that_time_rates_it() -> None:
    branch = held("branch_director", "dag", 2, 4)
    i = incident(
        held("commander", "ana"), held("operations_section_chief", "ben", 0, 2),
        held("operations_section_chief", "cho", 2), branch,
    )  # fmt: skip
    assert ratings.raters(i, ICS, branch) == ("cho",)
    assert ratings.raters(i, ICS, i.assignments["operations_section_chief-ben"]) == ("ana",)
    assert ratings.raters(i, ICS, i.assignments["commander-ana"]) == ()
    # Nobody was in between, or they were it themselves: the next one up.
    assert ratings.raters(incident(held("commander", "ana"), branch), ICS, branch) == ("ana",)
    both = incident(held("commander", "ana"), held("operations_section_chief", "dag"), branch)
    assert ratings.raters(both, ICS, branch) == ("ana",)
    assert ratings.must_rate(i, ICS, branch.id, "cho") == branch
    for person in ("dag", "ana", "ben"):
        with pytest.raises(Refused):
            ratings.must_rate(i, ICS, branch.id, person)


def test_a_draft_is_its_raters_and_what_is_signed_is_read_by_four() -> None:
    i = incident(
        held("commander", "ana"),
        held("planning_section_chief", "eva"),
        held("operations_section_chief", "cho"),
    )
    signed = rating(signed_at=START)
    people = ("ana", "ben", "cho", "dag", "eva")
    assert [p for p in people if ratings.may_read(i, rating(), p)] == ["cho"]
    assert [p for p in people if ratings.may_read(i, signed, p)] == ["ana", "cho", "dag", "eva"]
    end = START + 5 * HOUR
    over = incident(
        held("commander", "ben", 0, 2), held("commander", "ana", 2, 5), phase="closed", closed_at=end
    )
    assert [p for p in people if ratings.may_read(over, signed, p)] == ["ana", "cho", "dag"]


def test_a_signature_stands_under_a_whole_rating_of_ones_own_and_once() -> None:
    assert ratings.missing(rating()) == {}
    assert set(ratings.missing(rating(scores={**FULL, "17": 1}))) == {"remarks"}
    assert ratings.missing(rating(scores={**FULL, "17": 1}, remarks="Left the team alone.")) == {}
    left = {n: s for n, s in FULL.items() if n != "23"}
    with pytest.raises(Refused) as lacking:
        ratings.must_sign(rating(scores=left, complexity=0), "cho")
    assert set(lacking.value.fields) == {"score.23", "complexity"}
    for wrong, by, code in (
        (rating(), "ana", "rating.taken"),
        (rating(signed_at=START), "cho", "rating.signed"),
        (rating(scores={**FULL, "11": 6}), "cho", "rating.score"),
        (rating(scores={"99": 3}), "cho", "rating.score"),
        (rating(complexity=9), "cho", "rating.complexity"),
        (rating(remarks="x" * 5001), "cho", "remarks.long"),
    ):
        with pytest.raises(Refused) as refused:
            ratings.checked(wrong, by)
        assert refused.value.code == code
    with pytest.raises(Refused):
        ratings.must_discuss(rating(), "dag")
    with pytest.raises(Refused):
        ratings.must_discuss(rating(signed_at=START), "cho")
