"""Who is ready for executive duty: trained in the track "executive", and in a drill within a year."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from quarterdeck.core.incidents.executive_training import lacking, said, standing

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)


def ago(**span):
    return NOW - timedelta(**span)


@pytest.mark.requirement("X-20")
@pytest.mark.parametrize(
    ("trainings", "drills", "lacks"),
    [
        ([], [], ("training", "drill")),
        ([(ago(days=900), None)], [ago(days=10)], ()),
        ([(ago(days=400), ago(days=35))], [ago(days=10)], ("training",)),
        ([(ago(days=400), ago(days=35)), (ago(days=500), None)], [ago(days=10)], ()),
        ([(ago(days=1), None)], [ago(days=365)], ("drill",)),
        ([(ago(days=1), None)], [ago(days=364)], ()),
        ([(ago(days=-1), None)], [ago(days=-1)], ("training", "drill")),
    ],
)
def test_training_and_a_drill_a_year_are_needed(trainings, drills, lacks):
    found = standing(trainings, drills, NOW, ago(days=1))
    assert lacking(found, NOW) == lacks
    assert bool(said(lacks)) is bool(lacks)
