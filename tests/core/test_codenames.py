"""Codenames of restricted incidents: made or chosen, never telling, never two open ones alike."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quarterdeck.core.incidents import Declaration, declare
from quarterdeck.core.incidents import events as ev
from quarterdeck.core.incidents.codename import chosen, generated, outside, rename, says_title
from quarterdeck.core.kernel.refused import Refused
from support.incident_case import ANA, BEN, CATALOG, START, TEMPLATE
from support.incident_case import declared as declared_case

NUMBERS = st.integers(1, 10**9)


def declared(title: str = "Payroll data leaked", **said: object) -> ev.Declared:
    events = declare(
        CATALOG, Declaration(title, restricted=True, severity=2, **said), ANA, number=7, assignment_id="a1", at=START
    )  # fmt: skip
    assert isinstance(events[0], ev.Declared)
    return events[0]


@given(NUMBERS)
def test_the_same_number_is_always_given_the_same_two_words(number: int) -> None:
    name = generated(number, ())
    assert name == generated(number, ()) and len(name.split()) == 2


@given(st.lists(NUMBERS, min_size=2, max_size=30, unique=True))
def test_open_incidents_share_no_word(numbers: list[int]) -> None:
    taken: list[str] = []
    for number in numbers:
        taken.append(generated(number, taken))
    said = [word for name in taken for word in name.split()]
    assert len(set(said)) == 2 * len(numbers)


def test_when_all_words_are_in_use_no_two_names_are_the_same() -> None:
    taken: list[str] = []
    for number in range(1, 120):
        taken.append(generated(number, taken))
    assert len(set(taken)) == len(taken)


def test_a_name_that_is_made_says_no_word_of_the_title() -> None:
    usual = generated(7, ())
    for word in usual.split():
        assert word not in generated(7, (), f"The {word.lower()} server was read by strangers").split()


def test_one_that_is_given_is_kept_and_one_that_tells_or_is_taken_is_refused() -> None:
    assert declared(codename="  Quiet Otter ").codename == "Quiet Otter"
    assert declared().codename == generated(7, (), "Payroll data leaked")
    with pytest.raises(Refused) as telling:
        declared(codename="Project PAYROLL")
    assert telling.value.code == "codename.telling" and "payroll" in telling.value.message
    with pytest.raises(Refused) as taken:
        chosen(8, "quiet  otter", ("Quiet Otter",), "Keys stolen")
    assert taken.value.code == "codename.taken" and taken.value.kind == "conflict"


def test_an_incident_that_is_not_restricted_has_none() -> None:
    said = Declaration("Checkout is down", severity=2, codename="Quiet Otter")
    first = declare(CATALOG, said, ANA, number=7, assignment_id="a1", at=START)[0]
    assert isinstance(first, ev.Declared) and first.codename == ""
    case = declared_case()
    assert outside(case.incident) == case.incident.title
    with pytest.raises(Refused) as refused:
        rename(case.incident, TEMPLATE, ANA, codename="Quiet Otter", taken=())
    assert refused.value.code == "codename.open"


def test_the_commander_calls_it_otherwise_and_the_title_never_comes_out() -> None:
    case = declared_case()
    secret = replace(case.incident, title="Payroll data leaked", restricted=True, codename="")
    # One that an older release declared has a name all the same.
    assert outside(secret) == generated(secret.number, ()) and "Payroll" not in outside(secret)
    (event,) = rename(secret, TEMPLATE, ANA, codename="Quiet Otter", taken=())
    assert event == ev.CodenameSet("Quiet Otter", "")
    named = replace(secret, codename="Quiet Otter")
    assert rename(named, TEMPLATE, ANA, codename="Quiet Otter", taken=()) == []
    (anew,) = rename(named, TEMPLATE, ANA, codename="", taken=())
    assert isinstance(anew, ev.CodenameSet) and anew.codename not in ("", "Quiet Otter")
    with pytest.raises(Refused):
        rename(named, TEMPLATE, BEN, codename="Other Words", taken=())


def test_a_text_that_bears_the_title_is_known_whatever_it_is_written_like_and_after_a_new_title() -> None:
    secret = replace(declared_case().incident, title="Payroll leak", restricted=True, codename="Quiet Otter")
    later = replace(secret, title="Payroll leak, second act", former_titles=("Payroll leak",))
    for one in (secret, later):
        assert says_title(one, "Update", "About the PAYROLL – leak: we look")
        assert not says_title(one, "Quiet Otter: we look into it", "payroll leakage")
    assert not says_title(replace(secret, restricted=False), "Payroll leak")
