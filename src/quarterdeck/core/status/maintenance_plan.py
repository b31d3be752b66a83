"""Whether a maintenance window makes sense as it is planned: its times, its leads, its words, who may approve it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from quarterdeck.core.kernel.moments import spoken
from quarterdeck.core.kernel.refused import Refused, bad, forbidden
from quarterdeck.core.oncall.wall import check_zone, instant, wall, zone

from .words import component_state

SHORTEST, LONGEST = timedelta(minutes=5), timedelta(days=30)
# So long somebody may make a maintenance that runs without asking who approves it.
LONGEST_ALONE = timedelta(hours=24)
FURTHEST = timedelta(days=366 * 2)
LONGEST_LEAD = timedelta(days=60)
MOST_REMINDERS, MOST_SERVICES, MOST_COMPONENTS, MOST_PEOPLE = 5, 200, 500, 50
TITLE_LIMIT, TEXT_LIMIT = 200, 4000
_MINUTE = timedelta(minutes=1)


def at_wall(shown: datetime, zone_name: str, field: str) -> datetime:
    """The instant of a time on the wall. Refuses one that a change of clocks leaves out; of one that comes twice the
    first is meant.
    """
    check_zone(zone_name)
    tz = zone(zone_name)
    found = instant(shown, tz)
    if wall(found, tz) != shown:
        message = (
            f"{shown:%H:%M} does not exist on {shown:%d %b %Y} in {zone_name}: clocks go forward then. "
            f"Choose {wall(found, tz):%H:%M} or later."
        )
        raise bad("maintenance.gap", message, **{field: message})
    return found


def check_times(starts_at: datetime, ends_at: datetime, now: datetime) -> None:
    """Refuses a window that lies behind, ends before it starts, or is too long or too far ahead."""
    if ends_at <= starts_at:
        message = "It ends before it starts. Choose a later end."
        raise bad("maintenance.times", message, ends_at=message)
    if starts_at < now:
        message = "Its start has passed. Choose a start that lies ahead."
        raise bad("maintenance.past", message, starts_at=message)
    if ends_at - starts_at < SHORTEST:
        message = f"A maintenance lasts at least {spoken(SHORTEST)}. Choose a later end."
        raise bad("maintenance.short", message, ends_at=message)
    if ends_at - starts_at > LONGEST:
        message = "A maintenance lasts at most 30 days. Plan several."
        raise bad("maintenance.long", message, ends_at=message)
    if starts_at - now > FURTHEST:
        message = "It starts more than two years from now. Choose an earlier start."
        raise bad("maintenance.far", message, starts_at=message)


def check_extension(ends_at: datetime, until: datetime, now: datetime, started_at: datetime) -> None:
    """Refuses a new end that is not later than the old one and than now, or makes it too long."""
    if until <= ends_at or until <= now:
        message = "The new end must be later than the one before, and lie ahead. To end it sooner, finish it."
        raise bad("maintenance.extension", message, ends_at=message)
    if until - started_at > LONGEST:
        message = "A maintenance lasts at most 30 days. Finish it, and plan another one."
        raise bad("maintenance.long", message, ends_at=message)


def leads(announce_minutes: int, reminder_minutes: Iterable[int]) -> tuple[int, ...]:
    """The reminders in minutes before the start, each once, the first first. Refuses leads that make no sense."""
    most = LONGEST_LEAD // _MINUTE
    if not 0 <= announce_minutes <= most:
        message = "Announce it between 0 minutes and 60 days ahead."
        raise bad("maintenance.lead", message, announce_minutes=message)
    found = tuple(sorted(set(reminder_minutes), reverse=True))
    if len(found) > MOST_REMINDERS:
        message = f"Send at most {MOST_REMINDERS} reminders."
        raise bad("maintenance.reminders", message, reminders=message)
    if any(not 1 <= r < announce_minutes for r in found):
        message = "A reminder comes after the announcement and before the start. Give shorter leads."
        raise bad("maintenance.reminders", message, reminders=message)
    return found


def component_states(states: Mapping[str, str]) -> dict[str, str]:
    """The state each component goes into, by its name in our list. Refuses "operational": that announces nothing."""
    if len(states) > MOST_COMPONENTS:
        message = f"A maintenance shows at most {MOST_COMPONENTS} components."
        raise bad("maintenance.components", message, components=message)
    found: dict[str, str] = {c: component_state(s or "under_maintenance") for c, s in states.items()}
    if "operational" in found.values():
        message = "A component under work is not operational. Choose under maintenance, or leave it out."
        raise bad("maintenance.components", message, components=message)
    return found


def may_approve(person: str, planners: Sequence[str], mode: str, others: int) -> str:
    """Why somebody who may approve in general may approve this one. Refuses with `maintenance.own`.

    `mode` is the setting: "another" wants another person than whoever planned it, "anyone" does not. `others` is how
    many people beside the planners may approve it: without any, the planner's own word has to do.
    """
    if person not in planners:
        return "Approved by another person."
    if mode == "another" and others:
        raise forbidden(
            "maintenance.own",
            "You planned this maintenance, so somebody else approves it: an administrator, or who leads the team of "
            "a covered service.",
        )
    if mode == "another":
        return "Approved by whoever planned it: nobody else here may."
    return "Approved by whoever planned it, as this installation allows."


def check_version(found: int, seen: int | None) -> None:
    """Refuses a change that was typed over an older state of the window."""
    if seen is not None and seen != found:
        raise Refused(
            "maintenance.changed",
            "This maintenance has changed since you opened it. Look at it as it is now, then decide again.",
        )


def span(starts_at: datetime, ends_at: datetime, zone_name: str) -> str:
    """From when to when, on the wall of a zone, for a text that anybody reads."""
    tz = zone(zone_name)
    first, last = wall(starts_at, tz), wall(ends_at, tz)
    until = f"{last:%H:%M}" if first.date() == last.date() else f"{last:%a %d %b %Y, %H:%M}"
    return f"{first:%a %d %b %Y, %H:%M} to {until} ({zone_name})"
