"""The structured cause of an incident, as its review states it: a category, factors, the kind of change (R-080)."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from quarterdeck.core.access import Who, require
from quarterdeck.core.kernel.refused import Refused, bad

from .authority import must_read
from .changes import KINDS as CHANGES
from .events import Event
from .events.learned import CausesSet
from .guards import known
from .review import may_write
from .state import Incident

MOST_FACTORS = 8


def may_sort(incident: Incident, by: Who) -> bool:
    """Whoever may write the root cause of the review (or writes with the right to edit reviews)."""
    return may_write(incident, by, "root_cause")


def set_causes(
    incident: Incident,
    by: Who,
    *,
    category: str,
    factors: Iterable[str] = (),
    change: str = "",
    categories: Collection[str],
    known_factors: Collection[str],
) -> list[Event]:
    """Sort what happened. Keys that the catalogue dropped later stay what they were, new ones must be in it."""
    must_read(incident, by)
    review = known(incident.review, "review.unknown", "review")
    if review.is_settled:
        state = review.state.replace("_", " ")
        raise Refused("review.settled", f"The review is {state}. What it found stays as it is.")
    if not may_sort(incident, by):
        require(by, "review.edit")
    chosen = tuple(dict.fromkeys(f for f in factors if f))
    if category and category != review.cause_category:
        _one_of("category", category, categories)
    for factor in chosen:
        if factor not in review.factors:
            _one_of("factors", factor, known_factors)
    if change:
        _one_of("change", change, CHANGES)
    if len(chosen) > MOST_FACTORS:
        message = f"Choose the {MOST_FACTORS} factors that mattered most."
        raise bad("factors.many", message, factors=message)
    if (category, chosen, change) == (review.cause_category, review.factors, review.change_kind):
        return []
    return [CausesSet(category, chosen, change)]


def _one_of(field: str, said: str, choices: Collection[str]) -> None:
    if said not in choices:
        message = f"There is no {said!r} here. Choose one of: {', '.join(choices)}."
        raise bad(f"{field}.unknown", message, **{field: message})
