"""Public holidays as given dates: put into the layers of a region, and what an hour on one counts.

Which days are holidays is looked up elsewhere; here they are only dates.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta

from quarterdeck.core.kernel.refused import bad

from .hours import Slice
from .schedule import Schedule


@dataclass(frozen=True, slots=True)
class Compensation:
    """What an hour of each kind counts, in percent. An hour of several kinds counts as the highest of them."""

    day_percent: int = 100
    night_percent: int = 100
    weekend_percent: int = 100
    holiday_percent: int = 200


def with_holidays(schedule: Schedule, days: Mapping[str, frozenset[date]]) -> Schedule:
    """The schedule with the days of each layer's region; a region without days has none."""
    layers = tuple(
        replace(layer, holidays=days.get(layer.region, frozenset())) if layer.region else layer
        for layer in schedule.layers
    )
    return replace(schedule, layers=layers)


def regions(schedule: Schedule) -> frozenset[str]:
    """Whose holidays the windows of this schedule ask for."""
    return frozenset(
        layer.region
        for layer in schedule.layers
        if layer.region and any(r.holidays != "usual" for r in layer.restrictions)
    )


def check_compensation(rule: Compensation) -> None:
    """Refuses shares below nothing or beyond ten times."""
    shares = (rule.day_percent, rule.night_percent, rule.weekend_percent, rule.holiday_percent)
    if any(not 0 <= share <= 1000 for share in shares):
        raise bad("compensation.percent", "An hour counts between 0 and 1000 percent. Choose such a number.")


def counted(part: Slice, rule: Compensation) -> timedelta:
    """How much of a stretch counts under a rule."""
    shares = [
        share
        for applies, share in (
            (part.holiday, rule.holiday_percent),
            (part.weekend, rule.weekend_percent),
            (part.night, rule.night_percent),
        )
        if applies
    ]
    return part.length * max(shares, default=rule.day_percent) / 100
