"""How satisfied those were who answered: average and share of the satisfied, over a period and week by week (R-233)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

RATINGS = range(1, 6)
# Whoever gives one of these is satisfied, as customer satisfaction is usually counted.
SATISFIED = (4, 5)
DEFINITION = (
    "Of the answers given in the period, by customers and other readers of messages, to the question how an "
    "incident was handled: the share of those who gave 4 or 5 of 5, and the average. One answer counts once a "
    "token, in the week it was given. Drills never count. Few answers say little: their number stands beside "
    "every figure."
)


@dataclass(frozen=True, slots=True)
class Satisfaction:
    """`by_rating` has every rating from 1 to 5."""

    by_rating: Mapping[int, int]

    @property
    def answers(self) -> int:
        return sum(self.by_rating.values())

    @property
    def average(self) -> float | None:
        """From 1 to 5, to two decimals; None without any answer."""
        n = self.answers
        return round(sum(r * count for r, count in self.by_rating.items()) / n, 2) if n else None

    @property
    def percent(self) -> int | None:
        """The share of the satisfied, in whole per cent."""
        n = self.answers
        return round(100 * sum(self.by_rating[r] for r in SATISFIED) / n) if n else None


def satisfaction(counts: Mapping[int, int]) -> Satisfaction:
    """From how often each rating was given; what is no rating is left out."""
    return Satisfaction({r: counts.get(r, 0) for r in RATINGS})


def meets(found: Satisfaction, at_least_percent: int) -> bool | None:
    """Whether a goal is met; None where nobody has answered."""
    return None if found.percent is None else found.percent >= at_least_percent
