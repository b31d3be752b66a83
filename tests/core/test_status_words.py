"""The words of a status page."""

from __future__ import annotations

import pytest

from quarterdeck.core.incidents.structure import PHASES
from quarterdeck.core.kernel.refused import Refused
from quarterdeck.core.status.words import (
    COMPONENT_STATES,
    component_state,
    feed_word,
    impact_of,
    label,
    status_word,
    worst,
    worst_impact,
)


def test_states_are_read_by_their_names_labels_and_names_elsewhere():
    assert [component_state(s) for s in COMPONENT_STATES] == list(COMPONENT_STATES)
    assert [component_state(label(s)) for s in COMPONENT_STATES] == list(COMPONENT_STATES)
    assert component_state("full_outage") == "major_outage"


def test_an_unknown_state_is_refused_with_the_known_ones():
    with pytest.raises(Refused) as refusal:
        component_state("on fire")
    assert "major_outage" in refusal.value.message


def test_the_worst_state_counts():
    assert worst(["operational", "partial_outage", "under_maintenance"]) == "partial_outage"
    assert worst([]) == "operational"


def test_the_impact_follows_the_worst_component():
    assert impact_of(["degraded_performance", "operational"]) == "minor"
    assert impact_of(["partial_outage"]) == "major"
    assert impact_of(["major_outage", "degraded_performance"]) == "critical"
    assert impact_of([]) == "none"
    assert worst_impact(["maintenance", "minor", "none"]) == "minor"


def test_every_phase_has_a_public_word():
    words = [status_word(p) for p in PHASES]
    assert words[:5] == ["investigating", "investigating", "identified", "monitoring", "resolved"]
    assert words[5:] == ["postmortem pending", "postmortem"]
    assert status_word("dismissed") == ""


def test_programs_get_only_words_they_know():
    known = {"investigating", "identified", "monitoring", "resolved", "postmortem"}
    assert {feed_word(status_word(p)) for p in PHASES} == known
