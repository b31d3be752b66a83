"""Corvane's rotations, overrides and escalation policies, laid so that the first of each layer is on call now."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any

from quarterdeck.app.act import Act
from quarterdeck.app.oncall import rotations
from quarterdeck.app.upkeep import seeding
from quarterdeck.core.escalation.policy import Policy, Step, Target, Window
from quarterdeck.core.oncall import Layer, Restriction, Turn
from quarterdeck.core.oncall.wall import instant, wall, zone
from quarterdeck.store import models

from .company import Corvane
from .tables import table

DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
WEEK = timedelta(days=7)
HISTORY_WEEKS = 32


def found_rotations(corvane: Corvane, admin: Act, now: datetime) -> None:
    """Schedules and policies, as they have been for half a year."""
    told = table("rotations")
    for row in told["schedule"]:
        team = models.Team.objects.filter(key=row.get("team", "")).first()
        corvane.schedules[row["key"]] = rotations.create(admin, row["key"], row["name"], row["zone"], team).id
        for layer in row["layer"]:
            rotations.put_layer(admin, row["key"], _layer(corvane, row, layer, now))
    for row in told["policy"]:
        steps = tuple(_step(corvane, step) for step in row["steps"])
        catch_all = tuple(_target(corvane, t) for t in row.get("catch_all", ()))
        policy = Policy(row["key"], row["name"], steps, row.get("repeats", 0), catch_all)
        seeding.add_policy(admin, policy, row.get("team", ""))


def _layer(corvane: Corvane, schedule: dict[str, Any], row: dict[str, Any], now: datetime) -> Layer:
    tz = schedule["zone"]
    weekday = row.get("weekday", 0)
    handover = time.fromisoformat(row.get("at") or row.get("from") or "09:00")
    people = tuple(corvane.people[name] for name in row["people"])
    # Whole rounds back from the handover that was last, so that the first of the list has the turn now.
    rounds = -(-HISTORY_WEEKS // len(people))
    starts = _last(now, tz, weekday, handover) - rounds * len(people) * WEEK
    windows = ()
    if "from" in row:
        windows = (Restriction(time.fromisoformat(row["from"]), time.fromisoformat(row["until"])),)
    begins = _on(row["starts"], now, tz) if "starts" in row else instant(starts, zone(tz))
    return Layer(
        id="", name=row["name"], people=people, turn=Turn("weeks", 1), handover_time=handover,
        handover_weekday=weekday, starts_at=begins, ends_at=_on(row["ends"], now, tz) if "ends" in row else None,
        zone=tz, restrictions=windows,
    )  # fmt: skip


def _last(now: datetime, tz: str, weekday: int, handover: time) -> datetime:
    """The latest such weekday and time that has passed, on the wall."""
    here = wall(now, zone(tz))
    found = datetime.combine(here.date() - timedelta(days=(here.weekday() - weekday) % 7), handover)
    return found if found <= here else found - WEEK


def _on(text: str, now: datetime, tz: str) -> datetime:
    """Such as "saturday 03:00": on the next Saturday after today."""
    day, clock = text.split()
    return instant(datetime.combine(_next(day, now, tz), time.fromisoformat(clock)), zone(tz))


def _next(day: str, now: datetime, tz: str) -> date:
    tomorrow = wall(now, zone(tz)).date() + timedelta(days=1)
    return tomorrow + timedelta(days=(DAYS.index(day) - tomorrow.weekday()) % 7)


def _step(corvane: Corvane, row: dict[str, Any]) -> Step:
    """Whom it calls and how long it waits; `severities`, `windows` and `one_of` where it is not always or not all."""
    windows = tuple(
        Window(
            time.fromisoformat(w["from"]), time.fromisoformat(w["until"]), tuple(w.get("days", ())), w["zone"]
        )
        for w in row.get("windows", ())
    )
    return Step(
        tuple(_target(corvane, t) for t in row["to"]), timedelta(minutes=row["minutes"]),
        tuple(row.get("severities", ())), windows, "one_of" if row.get("one_of") else "all",
    )  # fmt: skip


def _target(corvane: Corvane, text: str) -> Target:
    """Such as "schedule payments-primary", "team gates" or "person Ana Ferreira"."""
    kind, _, name = text.partition(" ")
    if kind == "schedule":
        return Target("schedule", corvane.schedules[name])
    if kind == "team":
        return Target("team", models.Team.objects.get(key=name).id)
    return Target("person", corvane.people[name])


def overrides(corvane: Corvane, now: datetime) -> list[tuple[datetime, str, str, datetime, datetime, str]]:
    """(when it was agreed, schedule, person, start, end, reason) of each override, past ones and coming ones."""
    zones = {row["key"]: row["zone"] for row in table("rotations")["schedule"]}
    found = []
    for row in table("rotations")["override"]:
        tz = zones[row["schedule"]]
        day = (
            wall(now, zone(tz)).date() - timedelta(days=row["ago"])
            if "ago" in row
            else _next(row["day"], now, tz)
        )
        starts = instant(datetime.combine(day, time.fromisoformat(row["from"])), zone(tz))
        agreed = min(now, starts) - timedelta(days=2, hours=3)
        ends = starts + timedelta(hours=row["hours"])
        found.append((agreed, row["schedule"], corvane.people[row["person"]], starts, ends, row["reason"]))
    return found
