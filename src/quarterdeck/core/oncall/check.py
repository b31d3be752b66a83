"""What a schedule may be: refuses one that cannot mean anything, in words that say what to change."""

from __future__ import annotations

from datetime import timedelta
from itertools import accumulate

from quarterdeck.core.kernel.refused import bad

from .schedule import EVERY_DAY, Layer, Override, Schedule
from .wall import check_zone

MAX_LAYERS = 50
MAX_PEOPLE = 200
MAX_FIXED = 5_000
MAX_AT_ONCE = 50
LONGEST_TURN = timedelta(weeks=52)
LONGEST_MONTHS = 12


def check(schedule: Schedule) -> None:
    """Refuses a schedule that cannot mean anything: unknown zones, empty layers, turns of no length."""
    check_zone(schedule.zone)
    if len(schedule.layers) > MAX_LAYERS:
        raise bad("schedule.layers", f"A schedule has at most {MAX_LAYERS} layers. Make two schedules.")
    for layer in schedule.layers:
        _check_layer(layer)
    for override in schedule.overrides:
        check_override(override)
    for absence in schedule.absences:
        if absence.ends_at <= absence.starts_at:
            raise bad("absence.times", "This absence ends before it starts. Choose a later end.")


def check_override(override: Override) -> None:
    if override.ends_at <= override.starts_at:
        raise bad("override.times", "This override ends before it starts. Choose a later end.")
    if override.effect == "one" and not override.instead_of:
        raise bad("override.instead_of", "This override replaces nobody. Say whom it replaces.")
    if override.effect == "one" and override.instead_of == override.person:
        raise bad("override.same", "This override replaces somebody by the same person. Choose another.")


def _check_layer(layer: Layer) -> None:
    check_zone(layer.zone)
    name = f"The layer “{layer.name}”"
    if layer.ends_at is not None and layer.ends_at <= layer.starts_at:
        raise bad("layer.times", f"{name} ends before it starts. Choose a later end.")
    if layer.fixed:
        _check_fixed(layer, name)
    else:
        _check_people(layer, name)
        _check_turns(layer, name)


def _check_people(layer: Layer, name: str) -> None:
    if not layer.people:
        raise bad("layer.people", f"{name} has nobody in it. Add a person.")
    if len(layer.people) > MAX_PEOPLE:
        raise bad("layer.people", f"{name} has more than {MAX_PEOPLE} people. Use more layers.")
    several = len(set(layer.people))
    if not 1 <= layer.at_once <= several:
        raise bad(
            "layer.at_once",
            f"{name} has {layer.at_once} on call at once out of {several}. Choose 1 to {several}, or add people.",
        )


def _check_turns(layer: Layer, name: str) -> None:
    if layer.turn.unit == "months":
        if not 1 <= layer.turn.length <= LONGEST_MONTHS:
            raise bad("layer.turn", f"{name} needs turns between 1 and {LONGEST_MONTHS} months.")
    elif layer.turn.length < 1 or layer.turn.span > LONGEST_TURN:
        raise bad("layer.turn", f"{name} needs turns between 1 hour and 52 weeks.")
    if layer.handover_weekday is not None and layer.handover_weekday not in EVERY_DAY:
        raise bad(
            "layer.weekday", f"{name} hands over on a day that is none. Use 0 for Monday to 6 for Sunday."
        )
    if layer.handover_day is not None and not 1 <= layer.handover_day <= 31:
        raise bad("layer.day", f"{name} hands over on a day no month has. Use 1 to 31.")
    if any(day not in EVERY_DAY for r in layer.restrictions for day in r.weekdays):
        raise bad(
            "layer.weekday", f"{name} is limited to a day that is none. Use 0 for Monday to 6 for Sunday."
        )
    if any(r.holidays != "usual" for r in layer.restrictions) and not layer.region:
        raise bad("layer.region", f"{name} asks for holidays but not whose. Choose a country or region.")


def _check_fixed(layer: Layer, name: str) -> None:
    if layer.people or layer.restrictions:
        raise bad(
            "layer.kind",
            f"{name} has both fixed shifts and turns. Use one layer for each; the later one counts.",
        )
    if len(layer.fixed) > MAX_FIXED:
        raise bad("layer.fixed", f"{name} has more than {MAX_FIXED} shifts. Use more layers.")
    for shift in layer.fixed:
        if not shift.person:
            raise bad("layer.people", f"{name} has a shift of nobody. Name a person, or leave the shift out.")
        if shift.ends_at <= shift.starts_at:
            raise bad("layer.times", f"{name} has a shift that ends before it starts. Choose a later end.")
    if _most_at_once(layer) > MAX_AT_ONCE:
        raise bad("layer.at_once", f"{name} has more than {MAX_AT_ONCE} shifts at once. Use more layers.")


def _most_at_once(layer: Layer) -> int:
    edges = sorted(e for s in layer.fixed for e in ((s.ends_at, -1), (s.starts_at, 1)))
    return max(accumulate(change for _, change in edges))
