"""Following the sun: sites that are on call by their own day, as layers, and where together they leave a hole."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from quarterdeck.core.kernel.refused import bad

from .schedule import Layer, Restriction, Schedule, Shift, Turn
from .shifts import gaps

# Clocks change at different times of the year in different places: only a whole year shows every hole.
YEAR = timedelta(days=366)
_WEEKLY = Turn("weeks")


@dataclass(frozen=True, slots=True)
class Site:
    """A place whose people are on call from `opens` to `closes` on their own clocks, on these weekdays or every day."""

    name: str
    zone: str
    people: tuple[str, ...]
    opens: time
    closes: time
    weekdays: tuple[int, ...] = ()


def follow_the_sun(
    sites: Sequence[Site], ids: Sequence[str], starts_at: datetime, turn: Turn = _WEEKLY
) -> tuple[Layer, ...]:
    """A layer for each site, with the ids in order. People change at the opening of their site, weeks on Monday.

    A site that opens while another is still open takes over. Refuses fewer than two sites.
    """
    if len(sites) < 2:
        raise bad(
            "sun.sites", "Following the sun needs at least two sites. Add one, or use an ordinary layer."
        )
    if len(ids) != len(sites):
        raise ValueError("each site needs an id for its layer")
    weekday = 0 if turn.unit == "weeks" else None
    return tuple(
        Layer(
            id=layer_id,
            name=site.name,
            people=site.people,
            turn=turn,
            handover_time=site.opens,
            handover_weekday=weekday,
            starts_at=starts_at,
            ends_at=None,
            zone=site.zone,
            restrictions=(Restriction(site.opens, site.closes, site.weekdays),),
            gaps_allowed=False,
        )
        for layer_id, site in zip(ids, sites, strict=True)
    )


def uncovered(layers: Sequence[Layer], start: datetime, end: datetime | None = None) -> list[Shift]:
    """The holes these layers leave together, in a year from `start` unless an end is given."""
    alone = Schedule("", "", "", "UTC", tuple(layers))
    return gaps(alone, start, start + YEAR if end is None else end)
