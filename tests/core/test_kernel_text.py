"""Words for numbers."""

from __future__ import annotations

import pytest

from quarterdeck.core.kernel.text import counted


@pytest.mark.parametrize(
    ("number", "said"), [(0, "0 gaps"), (1, "1 gap"), (2, "2 gaps"), (1_000, "1000 gaps")]
)
def test_one_of_a_thing_takes_no_s(number, said):
    assert counted(number, "gap") == said


def test_other_words_are_told_both_ways():
    assert counted(1, "body was", "bodies were") == "1 body was"
    assert counted(3, "body was", "bodies were") == "3 bodies were"
