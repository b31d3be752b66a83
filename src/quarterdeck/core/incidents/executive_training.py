"""Who is trained for executive duty (X-20, R-151): the track "executive", its quiz, and one drill a year. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

TRACK = "executive"
DRILL_EVERY = timedelta(days=365)
# Roles of an incident that take the training, whoever holds them.
DUTIES = ("exec_duty", "elt_approver")
WORDS = {
    "training": "no training of the track executive that counts",
    "quiz": "the quiz is not passed",
    "drill": "no drill within a year",
}


@dataclass(frozen=True, slots=True)
class Standing:
    """The newest training that counts, until when it does (None: for ever), the newest drill, and when the quiz was
    passed as it is now; None for none.
    """

    trained_at: datetime | None = None
    expires_at: datetime | None = None
    drilled_at: datetime | None = None
    passed_at: datetime | None = None


def standing(
    trainings: Iterable[tuple[datetime, datetime | None]], drills: Iterable[datetime], at: datetime,
    passed: datetime | None = None,
) -> Standing:  # fmt: skip
    """`trainings` are (held, counts until), `drills` when each ended. What lies ahead counts for nothing yet."""
    held = [(h, e) for h, e in trainings if h <= at and (e is None or at < e)]
    latest = max(held, default=None, key=lambda one: (one[1] is None, one[1] or one[0], one[0]))
    took = max((d for d in drills if d <= at), default=None)
    return Standing(latest[0] if latest else None, latest[1] if latest else None, took, passed)


def lacking(found: Standing, at: datetime) -> tuple[str, ...]:
    """What is needed before they are rostered: keys of `WORDS`; () for whoever is ready."""
    stale = found.drilled_at is None or at - found.drilled_at >= DRILL_EVERY
    lacks = {"training": found.trained_at is None, "quiz": found.passed_at is None, "drill": stale}
    return tuple(key for key, lacked in lacks.items() if lacked)


def said(lacks: Iterable[str]) -> str:
    return ", ".join(WORDS[key] for key in lacks)
