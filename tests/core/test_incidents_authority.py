"""Spending authority bounds what is spent in all, however it is split, and passes on with command."""

from __future__ import annotations

from datetime import timedelta
from itertools import count

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quarterdeck.core.incidents import delegations, office, spending
from quarterdeck.core.incidents.events import RoleReleased, RoleTaken
from quarterdeck.core.incidents.events.ics_resources import RequestApproved, ResourceRequested
from quarterdeck.core.incidents.ics import requests
from quarterdeck.core.kernel.refused import Refused
from support.incident_case import ADAM, ANA, BEN, CHO, TEMPLATE, Case, Who, declared


def lent(case: Case, by: Who, to: str, limit: int, *acts: str, **said: object) -> str:
    made = delegations.delegate(
        case.incident, TEMPLATE, by, delegation_id=case.id(), to=to, acts=acts or ("spend",), limit_minor=limit,
        currency="EUR", now=case.now, **said,
    )  # fmt: skip
    return case.record(by, made)[0].delegation_id


def spend(case: Case, by: Who, minor: int, currency: str = "EUR") -> bool:
    try:
        made = spending.enter_money(
            case.incident, TEMPLATE, by, entry_id=case.id(), kind="cost", what="Fuel", minor=minor, currency=currency,
            now=case.now,
        )  # fmt: skip
    except Refused as refused:
        return refused.code != "delegation.above"
    case.record(by, made)
    return True


def approve(case: Case, by: Who, minor: int) -> bool:
    """Somebody else asks, `by` approves: True where it was theirs to approve."""
    asked = ResourceRequested(case.id(), requests.next_number(case.incident.ics), 1, "Pump", "A pump",
                              cost_minor=minor, currency="EUR")  # fmt: skip
    case.record(CHO, requests.request_resource(case.incident, TEMPLATE, CHO, request=asked))
    made = requests.approve_request(case.incident, TEMPLATE, by, request_id=asked.request_id, now=case.now)
    case.record(by, made)
    return isinstance(made[0], RequestApproved)


def command_passes(case: Case, leaver: Who, successor: Who) -> None:
    here = case.incident.commander
    ids = count(1)
    case.record(
        leaver,
        [
            RoleReleased(here.id, "commander", leaver.person),
            RoleTaken(case.id(), "commander", successor.person),
        ],
    )
    case.record(
        "engine",
        office.passed_on(
            case.incident,
            leaver.person,
            successor.person,
            case.now,
            lambda: f"d-{case.incident.seq}-{next(ids)}",
        ),
    )


def scene() -> Case:
    case = declared(ANA)
    case.give_role("technical_lead", BEN)
    case.give_role("scribe", CHO)
    return case


@given(st.lists(st.tuples(st.booleans(), st.integers(1, 60_000)), max_size=12))
def test_however_it_is_split_no_more_is_spent_than_was_lent(acts):
    case = scene()
    key = lent(case, ANA, "ben", 100_000)
    total = 0
    for by_request, minor in acts:
        case.pass_time(minutes=1)
        if (approve if by_request else spend)(case, BEN, minor):
            total += minor
    assert total <= 100_000
    assert (
        delegations.used(case.incident, case.incident.business.delegations[key], "spend", case.now) == total
    )


def test_within_a_window_the_limit_comes_back():
    case = scene()
    lent(case, ANA, "ben", 100_000, window_hours=4)
    assert spend(case, BEN, 80_000)
    case.pass_time(hours=3)
    assert not spend(case, BEN, 30_000)
    case.pass_time(hours=1, minutes=1)
    assert spend(case, BEN, 90_000)


def test_what_was_struck_counts_no_more_and_another_currency_needs_its_own():
    case = scene()
    lent(case, ANA, "ben", 100_000)
    assert spend(case, BEN, 100_000)
    entry = next(reversed(case.incident.business.costs))
    case.record(
        BEN, spending.strike_money(case.incident, TEMPLATE, BEN, entry_id=entry, reason="Twice", now=case.now)
    )
    assert spend(case, BEN, 100_000)
    assert not spend(case, BEN, 1, "USD")


def test_the_limit_of_the_office_passes_on_with_command_and_with_what_was_used():
    case = scene()
    lent(case, ADAM, "ana", 100_000, "spend", "budget")
    assert spend(case, ANA, 70_000)
    case.pass_time(minutes=5)
    command_passes(case, ANA, BEN)
    (now,) = delegations.standing(case.incident, case.now)
    assert (now.to_person, now.from_person, now.limit_minor) == ("ben", "adm", 100_000)
    case.pass_time(minutes=5)
    assert not spend(case, BEN, 40_000)
    assert spend(case, BEN, 30_000)
    command_passes(case, BEN, ANA)
    assert not spend(case, ANA, 1), "passing it back and forth makes no money"


def test_what_a_commander_lent_on_counts_against_their_own_limit():
    case = scene()
    lent(case, ADAM, "ana", 100_000)
    lent(case, ANA, "cho", 60_000)
    assert spend(case, CHO, 60_000)
    assert not spend(case, ANA, 50_000)
    assert spend(case, ANA, 40_000)


def test_what_the_leaver_lent_lapses_until_the_successor_confirms_it():
    case = scene()
    key = lent(case, ANA, "cho", 50_000)
    assert spend(case, CHO, 20_000)
    case.pass_time(minutes=5)
    command_passes(case, ANA, BEN)
    assert delegations.standing(case.incident, case.now) == ()
    assert case.incident.business.delegations[key].lapsed

    def confirm(by: Who):
        return office.confirm(case.incident, TEMPLATE, by, delegation_id=key, new_id="d-new", now=case.now)

    with pytest.raises(Refused, match=r"^grant\.decision"):
        confirm(CHO)
    case.record(BEN, confirm(BEN))
    (again,) = delegations.standing(case.incident, case.now + timedelta(seconds=1))
    assert (again.from_person, again.to_person, again.spent_minor) == ("ben", "cho", 20_000)
    case.pass_time(minutes=1)
    assert not spend(case, CHO, 40_000)
    assert spend(case, CHO, 30_000)
    with pytest.raises(Refused, match=r"^delegation\.not_lapsed"):
        confirm(BEN)
