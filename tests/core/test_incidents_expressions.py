"""The little language of role cards: what it understands, and how it says what it does not."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quarterdeck.core.incidents.expressions import NAMES, evaluate, parse

VALUES = {
    "severity": 2,
    "type": "security",
    "phase": "identified",
    "impact.legal": "high",
    "audience.count": 3,
    "duration": timedelta(minutes=90),
    "drill": False,
    "customers.affected": True,
}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("always", True),
        ("never", False),
        ("severity <= 2", True),
        ("severity == 1 or duration > 1h", True),
        ("duration > 1h30m", False),
        ('duration >= "1h 30m"', True),
        ("impact.legal >= high", True),
        ("impact.legal < high", False),
        ("impact.brand >= low", False),
        ("impact.brand == none", True),
        ("phase != triage", True),
        ("phase >= investigating and phase < resolved", True),
        ("type in (safety, security)", True),
        ("type not in (safety, security)", False),
        ("type == 'security' and not drill", True),
        ("customers.affected", True),
        ("not (severity > 2 or drill) and audience.count > 0", True),
        ("severity in (1, 2)", True),
        ("drill == false", True),
        ("never or always and never", False),
    ],
)
def test_an_expression_says_whether_it_holds(text, expected):
    assert evaluate(text, VALUES) is expected


@pytest.mark.parametrize(
    ("text", "named", "meant"),
    [
        ("severty <= 2", "'severty'", "'severity'"),
        ("impact.legl >= high", "'impact.legl'", "'impact.legal'"),
        ("impact.legal >= hihg", "'hihg'", "'high'"),
        ("phase == triaging", "'triaging'", "'triage'"),
    ],
)
def test_an_unknown_word_is_named_with_the_nearest_known_one(text, named, meant):
    with pytest.raises(ValueError, match="Did you mean") as error:
        parse(text)
    assert named in str(error.value)
    assert meant in str(error.value)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "severity",
        "severity <=",
        "severity <= two",
        "type < security",
        "(always",
        "always always",
        "__import__('os')",
        "severity <= 2; always",
        "type in ()",
        "duration > 3",
        "duration > 99999999999d",
        "1 == 1",
    ],
)
def test_what_is_no_expression_is_refused(text):
    with pytest.raises(ValueError):
        parse(text)


@given(st.text(max_size=40))
def test_any_text_is_either_parsed_or_refused_with_a_value_error(text):
    try:
        tree = parse(text)
    except ValueError:
        return
    assert tree is not None


def test_a_name_without_a_value_is_an_error_and_an_impact_without_one_is_none():
    assert evaluate("impact.safety == none", {})
    with pytest.raises(ValueError, match="severity"):
        evaluate("severity == 1", {})


def test_every_name_is_a_word_of_the_language():
    assert {"severity", "type", "phase", "impact.legal", "audience.count", "duration"} <= set(NAMES)
