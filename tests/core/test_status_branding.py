"""Colours of a brand: what cannot be read is refused with its contrast and with a colour that can be."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quarterdeck.core.kernel.refused import Refused
from quarterdeck.core.status.branding import DARK, LIGHT, check_colours, colours, contrast, nearest


def test_a_colour_that_cannot_be_read_is_refused_with_its_ratio_and_one_near_it():
    with pytest.raises(Refused, match=r"1\.25:1 on white; links and buttons need 4\.5:1") as refused:
        check_colours("#ffdd00")
    assert refused.value.fields.keys() == {"accent"}
    offered = re.findall(r"#[0-9a-f]{6}", refused.value.message)[-1]
    assert check_colours(offered).accent == offered


def test_the_dark_colour_is_made_when_none_is_given_and_checked_when_one_is():
    made = check_colours("#0C766D")
    assert made.accent == "#0c766d"
    assert contrast(made.accent_dark, DARK) >= 4.5
    with pytest.raises(Refused, match="the dark page"):
        check_colours("#0c766d", "#0c3330")
    assert check_colours("#0c766d", "#5fdccd").accent_dark == "#5fdccd"


@pytest.mark.parametrize("wrong", ["red", "#12345", "#1234567", "#gggggg", "#123456\n", ""])
def test_what_is_no_colour_is_refused(wrong):
    with pytest.raises(Refused, match="colour"):
        check_colours(wrong)


def test_the_contrast_is_that_of_the_standard():
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


@given(st.integers(0, 0xFFFFFF))
def test_any_colour_becomes_one_that_can_be_read(number):
    used = colours(f"#{number:06x}")
    assert contrast(used.accent, LIGHT) >= 4.5
    assert contrast(used.accent_dark, DARK) >= 4.5
    assert contrast(used.accent, {"#fff": "#ffffff", "#000": "#000000"}[used.ink]) >= 4.5
    assert nearest(used.accent, LIGHT) == used.accent
