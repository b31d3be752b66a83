"""What an incident suggests for components: severity by tier, from a file that an organisation may change."""

from __future__ import annotations

import pytest

from quarterdeck.catalog import CatalogError
from quarterdeck.catalog.folders import Folders
from quarterdeck.catalog.impact import FILE, load_impacts
from quarterdeck.core.status.impact import Touched, suggest
from quarterdeck.core.status.words import rank

SHIPPED = load_impacts()


def test_the_worst_that_its_services_mean_is_suggested_with_why():
    found = suggest(SHIPPED, 2, [Touched("Mail", 5), Touched("Checkout", 1)])
    assert (found.state, found.reason) == (
        "partial_outage",
        "SEV2 on Checkout (tier 1) suggests partial outage.",
    )
    assert suggest(SHIPPED, 1, []) is None


def test_a_more_severe_incident_and_a_more_important_service_never_mean_less():
    for severity in range(1, 6):
        for tier in range(1, 6):
            here = rank(SHIPPED[severity, tier])
            assert severity == 1 or rank(SHIPPED[severity - 1, tier]) >= here
            assert tier == 1 or rank(SHIPPED[severity, tier - 1]) >= here


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("rank = 2", "rank = 1", "twice"), ("rank = 2", "rank = 9", "rank"),
        ('"major_outage", "major_outage", "major_outage", "partial', '"partial', "5 states"),
        ('"major_outage", "partial', '"majr_outage", "partial', "no state"),
        ('"major_outage", "partial', '"under_maintenance", "partial', "no state"),
    ],
)  # fmt: skip
def test_a_file_that_cannot_be_meant_is_refused_by_name(old, new, said):
    text = Folders().text(FILE)
    assert old in text
    with pytest.raises(CatalogError) as refused:
        load_impacts(None, {FILE: text.replace(old, new, 1)})
    assert FILE in str(refused.value) and said in str(refused.value)
