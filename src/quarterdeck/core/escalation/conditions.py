"""When a step of a policy applies, and why it does not: severities and times of day. Unknown means that it applies."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, time, tzinfo
from functools import lru_cache
from zlib import crc32
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from .policy import SEVERITIES, Policy, Step, Window

MIDNIGHT = time(0)
DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


@dataclass(frozen=True, slots=True)
class Cause:
    """What a run is about, as far as a policy asks. Without a severity every step applies that names some: nothing
    says that it is not severe. `turn` is the run's id, by which "one of" takes turns.
    """

    severity: str = ""
    turn: str = ""


@dataclass(frozen=True, slots=True)
class Needs:
    """What of its cause the course of a policy depends on: runs that agree in it go the same way."""

    severity: bool
    turn: bool
    roles: bool


@lru_cache(maxsize=1_000)
def needs(policy: Policy) -> Needs:
    steps = policy.steps
    targets = [*(t for s in steps for t in s.targets), *policy.catch_all]
    return Needs(
        any(s.severities for s in steps),
        any(s.mode == "one_of" for s in steps),
        any(t.kind == "role" for t in targets),
    )


def why_not(step: Step, cause: Cause, at: datetime) -> str:
    """Why a step does not apply, as a clause; "" when it does."""
    if step.severities and cause.severity in SEVERITIES and cause.severity not in step.severities:
        return f"It is for {listed(step.severities)} alerts, and this one is {cause.severity}"
    if step.windows and not any(is_open(w, at) for w in step.windows):
        local = at.astimezone(zone_of(step.windows[0].zone))
        when = "; ".join(told(w) for w in step.windows)
        return f"It applies {when}, and it is {DAYS[local.weekday()]} {local:%H:%M} there"
    return ""


def is_open(window: Window, at: datetime) -> bool:
    """Whether the clock on the wall of its zone stands in a window; a zone that this machine does not know is open."""
    known = _zone(window.zone)
    if known is None:
        return True
    local = at.astimezone(known)
    now, today = local.time(), local.weekday()
    days = window.weekdays or tuple(range(7))
    if window.start < window.end:
        return today in days and window.start <= now < window.end
    return (today in days and now >= window.start) or ((today - 1) % 7 in days and now < window.end)


def first(cause: Cause, cycle: int, people: int) -> int:
    """Which of so many people "one of" begins with: the same on every node and in every version."""
    return (crc32(cause.turn.encode()) + cycle) % people


def told(window: Window) -> str:
    """Mon–Fri 22:00–06:00 Europe/Berlin."""
    days = _days(window.weekdays)
    hours = "" if window.start == window.end else f"{window.start:%H:%M}–{window.end:%H:%M} "
    if not hours and window.start != MIDNIGHT:
        hours = f"from {window.start:%H:%M} for 24 h "
    return f"{days} {hours}{window.zone}".strip()


def listed(words: tuple[str, ...]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} or {words[-1]}"


def _days(weekdays: tuple[int, ...]) -> str:
    days = sorted({d % 7 for d in weekdays})
    if not days or len(days) == 7:
        return "every day"
    if len(days) > 2 and days == list(range(days[0], days[-1] + 1)):
        return f"{DAYS[days[0]]}–{DAYS[days[-1]]}"
    return ", ".join(DAYS[d] for d in days)


def zone_of(name: str) -> tzinfo:
    return _zone(name) or UTC


@lru_cache(maxsize=1_000)
def _zone(name: str) -> ZoneInfo | None:
    try:
        return ZoneInfo(name) if name in available_timezones() else None
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None


def is_zone(name: str) -> bool:
    """Whether this is the name of an IANA zone."""
    return _zone(name) is not None
