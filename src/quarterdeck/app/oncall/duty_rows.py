"""Slots, swaps and covers between the store and the core, and who manages a schedule. Decides nothing else."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from quarterdeck.core.kernel.moments import parse, text
from quarterdeck.core.oncall import Schedule
from quarterdeck.core.oncall.cover import Cover
from quarterdeck.core.oncall.swaps import Slot, Swap
from quarterdeck.store import models

from ..act import Act
from ..paging.directory import absences_of, people_of, schedule_from
from .schedules import find


def locked(
    keys: Iterable[str], people: Iterable[str]
) -> tuple[dict[str, models.Schedule], dict[str, Schedule]]:
    """These schedules (ids or keys), locked in one order and by id; in the core ones the absences of everybody in
    them, and of `people`, stand.
    """
    rows = {row.id: row for row in (find(k) for k in keys)}
    held = {i: find(i, lock=True) for i in sorted(rows)}
    return held, {i: whole(row, people) for i, row in held.items()}


def whole(row: models.Schedule, people: Iterable[str] = ()) -> Schedule:
    core = schedule_from(row)
    return replace(core, absences=absences_of(people_of(core) | set(people)))


def manages(act: Act, rows: Iterable[models.Schedule]) -> bool:
    """Administrators, and whoever leads the team that owns each of the schedules."""
    if "administrator" in act.who.roles:
        return True
    led = set(
        models.Membership.objects.filter(person_id=act.person, lead=True).values_list("team_id", flat=True)
    )
    return all(row.team_id in led for row in rows)


def managers(row: models.Schedule) -> list[str]:
    """Who is told when something about a schedule needs somebody: its team's leads, else the administrators."""
    leads = models.Membership.objects.filter(team_id=row.team_id, lead=True, person__is_active=True)
    found = list(leads.values_list("person_id", flat=True)) if row.team_id else []
    return found or list(
        models.Person.objects.filter(role="administrator", is_active=True).values_list("id", flat=True)
    )


def slot_data(slot: Slot | None) -> dict[str, str]:
    if slot is None:
        return {}
    return {
        "schedule": slot.schedule,
        "person": slot.person,
        "starts_at": text(slot.starts_at),
        "ends_at": text(slot.ends_at),
    }


def slot_of(data: Mapping[str, Any]) -> Slot:
    starts, ends = parse(data["starts_at"]), parse(data["ends_at"])
    assert starts is not None
    assert ends is not None
    return Slot(data["schedule"], data["person"], starts, ends)


def swap_of(row: models.Swap) -> Swap:
    return Swap(
        id=row.id,
        give=slot_of(row.give),
        other=row.other_id,
        take=slot_of(row.take) if row.take else None,
        made_by=row.made_by,
        offered_at=row.offered_at,
        expires_at=row.expires_at,
        reason=row.reason,
        state=row.state,  # type: ignore[arg-type]
        ended_at=row.ended_at,
        ended_by=row.ended_by,
    )


def cover_of(row: models.Cover) -> Cover:
    return Cover(
        id=row.id,
        slot=slot_of(row.slot),
        candidates=tuple(row.candidates),
        wait_minutes=row.wait_minutes,
        made_by=row.made_by,
        reason=row.reason,
        state=row.state,  # type: ignore[arg-type]
        asked=tuple(row.asked),
        declined=tuple(row.declined),
        answer_by=row.answer_by,
        taken_by=row.taken_by,
    )
