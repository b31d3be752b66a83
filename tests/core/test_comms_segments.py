"""Locked wording and slots: filled text keeps it, edited locked words are noticed, empty slots are listed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quarterdeck.core.comms import substitute
from quarterdeck.core.comms.segments import cut, empty, read

WORDING = """Since {{ started_at }}, {{ components }} do not work.
{{ customer_effect }}
{{ action }}
Next update by {{ next_update_at }}, sooner if something changes.
"""
FACTS = {
    "started_at": "14:02 UTC", "components": "Checkout, Invoices", "customer_effect": "Payments fail.",
    "action": "We add capacity.", "next_update_at": "15:10 UTC",
}  # fmt: skip
FULL = substitute.fill(WORDING, FACTS)


def test_a_filled_text_gives_its_fields_back():
    assert read(WORDING, FULL) == FACTS
    assert read(WORDING, FULL.replace("\n", "\r\n")) == FACTS
    assert empty(WORDING, FULL) == ()


@pytest.mark.parametrize(
    ("was", "now"), [("do not work", "work badly"), ("Since", "After"), ("sooner", "later"), ("changes.", "changes. Bye.")]
)  # fmt: skip
def test_edited_locked_words_are_noticed(was, now):
    assert read(WORDING, FULL.replace(was, now)) is None


@pytest.mark.parametrize("gap", ["action", "components", "next_update_at"])
def test_an_empty_field_is_listed_by_its_name(gap):
    assert empty(WORDING, substitute.fill(WORDING, FACTS | {gap: ""})) == (gap,)
    assert gap in empty(WORDING.replace("work", "run"), substitute.fill(WORDING, FACTS | {gap: ""}))


def test_a_wording_is_cut_into_locked_words_slots_and_facts():
    kinds = [s.kind for s in cut("Since {{ started_at }}: {{ action }}.", {"action": "what we do"})]
    assert kinds == ["locked", "fact", "locked", "slot", "locked"]


@given(
    st.dictionaries(
        st.sampled_from(list(FACTS)), st.text("abc .,é", min_size=1, max_size=20).filter(str.strip)
    )
)
def test_whatever_the_slots_say_the_locked_words_stand(values):
    assert read(WORDING, substitute.fill(WORDING, FACTS | values)) is not None
