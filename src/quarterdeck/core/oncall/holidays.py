"""Public holidays as given dates, put into the layers of a region.

Which days are holidays is looked up elsewhere; here they are only dates.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date

from .schedule import Schedule


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
