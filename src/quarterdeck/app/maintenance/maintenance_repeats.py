"""The times of a maintenance that is planned to come again, by a rule of RFC 5545 on the wall of its zone.

Every one of them becomes a window of its own. Pure but for the library that follows the rule.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import pairwise

from dateutil.rrule import rrulestr

from quarterdeck.core.kernel.refused import bad
from quarterdeck.core.kernel.text import line
from quarterdeck.core.oncall.wall import instant, wall, zone

MOST = 52
FURTHEST = timedelta(days=366)
EVERY = {"": "Once", "DAILY": "Every day", "WEEKLY": "Every week", "MONTHLY": "Every month"}
_PARTS = frozenset(
    {"FREQ", "INTERVAL", "COUNT", "UNTIL", "BYDAY", "BYMONTHDAY", "BYMONTH", "BYSETPOS", "WKST"}
)


def times(
    rule: str, starts_at: datetime, ends_at: datetime, zone_name: str
) -> list[tuple[datetime, datetime]]:
    """Start and end of each, the first being the one planned; at most 52, within a year. "" is that one alone.

    The clock on the wall counts: 02:00 stays 02:00 when clocks change; one that a change leaves out is at the change.
    """
    if not rule.strip():
        return [(starts_at, ends_at)]
    tz = zone(zone_name)
    first, lasts = wall(starts_at, tz), wall(ends_at, tz) - wall(starts_at, tz)
    found = []
    for at in _on_wall(check(rule), first):
        if at > first + FURTHEST:
            raise _refused("It repeats for more than a year. Let the rule end sooner, with COUNT or UNTIL.")
        if len(found) == MOST:
            raise _refused(
                f"It repeats more than {MOST} times. Let the rule end sooner, with COUNT or UNTIL."
            )
        found.append((instant(at, tz), instant(at + lasts, tz)))
    if not found or found[0][0] != starts_at:
        raise _refused("The rule does not hold for the first start. Choose a start that is one of its days.")
    if any(later[0] < before[1] for before, later in pairwise(found)):
        raise _refused("It comes again before it has ended. Choose a longer interval or an earlier end.")
    return found


def check(rule: str) -> str:
    """A rule as it is kept. Refuses what has no end of its own, comes more than daily, or is no rule."""
    text = line(rule, 300).strip().upper().removeprefix("RRULE:")
    parts = dict(p.partition("=")[::2] for p in text.split(";") if p)
    if parts.get("FREQ") not in ("DAILY", "WEEKLY", "MONTHLY", "YEARLY"):
        raise _refused(
            "A rule begins with FREQ=DAILY, WEEKLY, MONTHLY or YEARLY, such as FREQ=WEEKLY;COUNT=8."
        )
    strange = sorted(parts.keys() - _PARTS)
    if strange:
        raise _refused(f"{strange[0][:20]} cannot be used here. Use {', '.join(sorted(_PARTS))}.")
    if "COUNT" not in parts and "UNTIL" not in parts:
        raise _refused(f"The rule has no end. Add COUNT (at most {MOST}) or UNTIL.")
    return text


def _on_wall(rule: str, first: datetime) -> list[datetime]:
    """At most one more than are allowed, so that too many are seen."""
    # On the wall there is no zone: an end said in UTC ends that day there.
    plain = ";".join(p.removesuffix("Z") if p.startswith("UNTIL=") else p for p in rule.split(";"))
    try:
        found = rrulestr(plain, dtstart=first)
        horizon = first + FURTHEST + timedelta(days=1)
        made: list[datetime] = []
        for at in found:
            made.append(at)
            if len(made) > MOST or at > horizon:
                break
    except (ValueError, TypeError, OverflowError, AttributeError) as e:
        raise _refused(
            "This is not a rule that a calendar understands. Try FREQ=WEEKLY;BYDAY=SU;COUNT=8."
        ) from e
    return made


def _refused(message: str) -> Exception:
    return bad("maintenance.rule", message, rule=message)
