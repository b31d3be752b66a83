"""The whole story in its order: the company, half a year, the last hour. One transaction: it is there or it is not."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from quarterdeck.app.oncall import schedules
from quarterdeck.app.upkeep import seeding
from quarterdeck.store import tx

from . import business, duties, leadership, live, maintenance, measures, noise, practice, prevention, rules
from .company import Corvane, found_keys, found_page, found_people, found_services
from .ordinary import Medium, Small
from .rotations import found_rotations, overrides
from .severe import Severe
from .stage import Stage
from .tables import incidents, started

HISTORY = timedelta(days=190)
# Longer than anything that is open has lasted.
RECENT = timedelta(hours=30)


def perform(
    now: datetime,
    password: str,
    seed: int,
    told: Callable[[float], None],
    *,
    history: bool = True,
    clock: Callable[[], datetime] | None = None,
) -> Corvane:
    """Tell it all, up to `now`; without `history` only what is open. Refuses a store in which there are people.

    `clock` is asked again when the past is told: what is open is then as fresh as if telling took no time.
    """
    corvane = Corvane()
    began = (now - HISTORY).replace(hour=8, minute=0, second=0, microsecond=0)
    with tx.write("engine", "web"):
        seeding.must_be_empty()
        found_people(corvane, began, password)
        admin = corvane.act(corvane.first, began)
        found_rotations(corvane, admin, now)
        found_services(corvane, admin)
        found_page(corvane, admin)
        seeding.watch_components(admin, "off")
        found_keys(corvane, admin, corvane.act(corvane.first, now))
        stage = Stage(began, seed, told)
        if history:
            measures.found(stage, corvane, now)
            _past(stage, corvane, now)
            stage.play(now - RECENT, 0.9)
        now = clock() if clock is not None else now
        _open(stage, corvane, now, history)
        stage.play(now, 1.0)
    return corvane


def _open(stage: Stage, corvane: Corvane, now: datetime, history: bool) -> None:
    """What is going on, and what went on today."""
    watching = now - timedelta(hours=8)
    stage.at(watching, lambda: seeding.watch_components(corvane.act(corvane.first, watching), "propose"))
    if history:
        noise.passing(stage, corvane, now, noise.TODAY)
    noise.standing(stage, corvane, now)
    duties.tell(stage, corvane, now)
    prevention.tell(stage, corvane, now)
    maintenance.tell(stage, corvane, now)
    rules.tell(stage, corvane, now)
    live.tell(stage, corvane, now)


def _past(stage: Stage, corvane: Corvane, now: datetime) -> None:
    kinds = ((Severe, ("past_severe", "past_severe_2")), (Medium, ("past_medium",)), (Small, ("past_small",)))
    for kind, files in kinds:
        for plot in incidents(*files):
            kind(stage, corvane, plot, started(plot, now)).tell()
    noise.passing(stage, corvane, now, noise.HALF_A_YEAR)
    duties.before(stage, corvane, now)
    business.learned(stage, corvane, now)
    leadership.learned(stage, corvane, now)
    practice.tell(stage, corvane, now)
    prevention.before(stage, corvane, now)
    for agreed, schedule, person, starts, ends, reason in overrides(corvane, now):
        act = (schedule, person, starts, ends, reason)
        stage.at(agreed, lambda a=act, at=agreed: schedules.add_override(corvane.act(corvane.first, at), *a))
