"""A schedule as people look at it: who holds it, what is coming, its gaps, and one person's shifts.

Times are those of the viewer's zone. Reads only; who is on call is the core's to say, here it is only put into words.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import get_language

from quarterdeck.app.paging.directory import schedule_from
from quarterdeck.core.kernel.moments import spoken
from quarterdeck.core.kernel.text import counted
from quarterdeck.core.oncall import Layer, Schedule, gaps, on_call, shifts
from quarterdeck.store import models

AHEAD = timedelta(days=14)
TAKE_HOURS = 8
MINE_AHEAD = timedelta(days=28)
_UNITS = {"hours": "h", "days": "days", "weeks": "weeks", "months": "months"}
_ONE = {"hours": "hour", "days": "day", "weeks": "week", "months": "month"}
SOURCES = {
    "override": "override",
    "swap": "swap",
    "cover": "instead of somebody absent",
    "fixed": "fixed shift",
}


class Names:
    """What people are called here, loaded once."""

    def __init__(self, viewer: str) -> None:
        self.viewer = viewer
        self._all = dict(models.Person.objects.values_list("id", "name"))

    def __call__(self, person: str | None) -> str:
        if person is None:
            return "Nobody"
        return "You" if person == self.viewer else self.full(person)

    def all(self, people: Sequence[str]) -> str:
        """Everybody on call; "Nobody" for a gap."""
        return ", ".join(self(p) for p in people) or "Nobody"

    def full(self, person: str) -> str:
        return self._all.get(person, "somebody who left")

    def someone(self, person: str) -> dict[str, Any]:
        return {"name": self.full(person), "me": person == self.viewer}


def wall(at: datetime) -> datetime:
    """What the viewer's clock shows, without its zone."""
    return timezone.localtime(at).replace(tzinfo=None)


def day_time(at: datetime) -> str:
    return _day_time(wall(at), get_language())


@lru_cache(maxsize=4_096)
def _day_time(shown: datetime, language: str) -> str:
    """A calendar says each of its moments four times and more; the words are those of the language."""
    return date_format(shown, "D j M, H:i")


def day_hour(at: datetime) -> str:
    return date_format(timezone.localtime(at), "D H:i")


def until(at: datetime, now: datetime) -> str:
    """15:00, Mon 09:00 or 30 Nov 09:00: the shortest that cannot be mistaken."""
    local, today = timezone.localtime(at), timezone.localtime(now)
    if local.date() == today.date():
        return f"{local:%H:%M}"
    return date_format(local, "D H:i" if timedelta(0) < at - now < timedelta(days=6) else "j M H:i")


def monday(day: str, now: datetime) -> datetime:
    """Midnight of the Monday of this week ("2026-11-18") in the viewer's zone; this week's when it is no day."""
    try:
        chosen = datetime.fromisoformat(day[:10]) if day else wall(now)
    except ValueError:
        chosen = wall(now)
    if not 2000 < chosen.year < 2200:
        chosen = wall(now)
    start = datetime(chosen.year, chosen.month, chosen.day) - timedelta(days=chosen.weekday())  # noqa: DTZ001
    return start.replace(tzinfo=timezone.get_current_timezone())


def turns(layer: Layer) -> str:
    """What a layer does, in the few words that fit under its name."""
    if layer.fixed:
        return counted(len(layer.fixed), "fixed shift")
    several = f", {layer.at_once} at once" if layer.at_once > 1 else ""
    if layer.restrictions:
        first = layer.restrictions[0]
        return (
            f"{first.start_time:%H:%M} to {first.end_time:%H:%M}"
            + (" and more" if len(layer.restrictions) > 1 else "")
            + several
        )
    length, unit = layer.turn.length, layer.turn.unit
    turn = _ONE[unit] if length == 1 else f"{length} {_UNITS[unit]}"
    return f"each {turn}, {layer.handover_time:%H:%M}{several}"


def holder_now(layer: Layer, now: datetime) -> str | None:
    """Whose turn runs in this layer, windows aside."""
    alone = Schedule("", "", "", layer.zone, (replace(layer, restrictions=()),))
    return on_call(alone, now).person


def summary(schedule: Schedule, names: Names, now: datetime) -> str:
    """Who holds it now, who follows, and whether somebody is missing soon."""
    held = on_call(schedule, now)
    said = f"{names.all(held.people)} now" if held.people else "Nobody is on call now"
    if held.until:
        then = on_call(schedule, held.until)
        said += (
            f", until {until(held.until, now)}. Then {names.all(then.people) if then.people else 'nobody'}."
        )
    else:
        said += "."
    holes = gaps(schedule, now, now + AHEAD)
    if holes:
        said += f" {counted(len(holes), 'gap')} in 14 days."
    return said


def gap(schedule: Schedule, now: datetime, may_take: bool) -> dict[str, Any] | None:
    """The next time nobody is on call within 14 days, with what filling it takes."""
    holes = gaps(schedule, now, now + AHEAD)
    if not holes:
        return None
    hole = holes[0]
    rest = f" {len(holes) - 1} more in 14 days." if len(holes) > 1 else ""
    begin = "Now" if hole.starts_at <= now else day_time(hole.starts_at)
    open_end = hole.ends_at >= now + AHEAD
    end = "no end in sight" if open_end else f"until {day_time(hole.ends_at)}"
    return {
        "title": "Gap" if open_end else f"Gap of {spoken(hole.ends_at - hole.starts_at)}",
        "text": f"{begin}, {end}. A page skips to the next step at once.{rest}",
        "take": {
            "start": f"{wall(hole.starts_at):%Y-%m-%dT%H:%M}",
            "end": f"{wall(hole.ends_at):%Y-%m-%dT%H:%M}",
        }
        if may_take
        else None,
    }


def take(schedule: Schedule, viewer: str, now: datetime) -> dict[str, str] | None:
    """Taking the shift that runs, in one press; None for somebody who is on call already."""
    held = on_call(schedule, now)
    if viewer in held.people:
        return None
    if held.until is None:
        return {"label": f"Take it for {TAKE_HOURS} h", "hours": str(TAKE_HOURS)}
    return {"label": "Take this shift now", "hours": ""}


def effects(schedule: Schedule, names: Names) -> list[tuple[str, str]]:
    """What an override can do: replace everybody, one of those who take turns here, add or take away."""
    known = dict.fromkeys(
        p for layer in schedule.layers for p in (*layer.people, *(s.person for s in layer.fixed))
    )
    several = any(layer.at_once > 1 or layer.fixed for layer in schedule.layers)
    one = [(f"one:{p}", f"{names.full(p)} alone") for p in known] if several else []
    return [
        ("all", "whoever is on call"),
        *one,
        ("add", "nobody: in addition"),
        ("remove", "nobody: this person is not on call"),
    ]


def overrides(row: models.Schedule, now: datetime, names: Names) -> list[dict[str, Any]]:
    """Those that run or are to come, the next first."""
    rows = [o for o in row.overrides.all() if o.removed_at is None and o.ends_at > now]
    return [
        {
            "id": o.id,
            "person": names.someone(o.person_id),
            "when": f"{day_time(o.starts_at)} to {day_time(o.ends_at)}",
            "runs": o.starts_at <= now,
            "effect": effect(o, names),
            "note": o.reason,
            "by": names.full(o.created_by),
        }
        for o in sorted(rows, key=lambda o: o.starts_at)[:50]
    ]


def effect(o: models.Override, names: Names) -> str:
    """What an override does besides putting its person in everybody's place; a swap says that it is one."""
    told = {
        "one": f"instead of {names.full(o.instead_of)}",
        "add": "in addition",
        "remove": "not on call",
    }.get(o.effect, "")
    return f"swap, {told}" if o.swap_id else told


def mine(rows: Sequence[models.Schedule], viewer: str, now: datetime) -> list[dict[str, Any]]:
    """The shifts of one person in the next four weeks over all schedules, the next first."""
    found = []
    for row in rows:
        core = schedule_from(row)
        for s in shifts(core, now, now + MINE_AHEAD):
            if viewer in s.people:
                found.append((s.starts_at, row.name, row.key, s, core))
    found.sort(key=lambda f: f[:2])
    lines = []
    for starts_at, name, key, s, core in found[:20]:
        runs = starts_at <= now
        # The last one is cut at the end of the four weeks: ask how long it really lasts.
        end = s.ends_at if s.ends_at < now + MINE_AHEAD else on_call(core, starts_at).until
        told = f"until {day_time(end)}" if end else "no end in sight"
        note = f"{'now' if runs else day_time(starts_at)}, {told}"
        lines.append(
            {
                "title": name,
                "href": f"/on-call/schedules/{key}",
                "note": note + (f", {SOURCES[s.source]}" if s.source in SOURCES else ""),
                "end": "now" if runs else f"in {spoken(starts_at - now)}",
            }
        )
    return lines
