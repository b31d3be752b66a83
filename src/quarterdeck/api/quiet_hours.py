"""Quiet hours of a person: when pages of low urgency wait."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from quarterdeck.app.act import need_own
from quarterdeck.app.paging import quiet_hours
from quarterdeck.app.people import people
from quarterdeck.core.escalation.quiet import SEVERITIES
from quarterdeck.core.kernel.refused import missing
from quarterdeck.store import models

from .doors import LOGIN, Request
from .fields import Id, Number, Read, Text, Word, Write
from .operations import Noun

NOUN = Noun("People", "/people/{person}/quiet-hours")
Clock = Annotated[str, Text(5, pattern=r"^[0-2][0-9]:[0-5][0-9]$")]
Severity = Literal[SEVERITIES]  # type: ignore[valid-type]


class QuietHours(Read):
    """`days` are those on which the hours begin, 0 is Monday; `zone` "" is the person's own."""

    starts: str
    ends: str
    days: list[int]
    zone: str
    through: list[str]


class QuietHoursWrite(Write):
    """An end that is not after the start is on the next day. Urgent pages ring whatever `through` says."""

    starts: Clock
    ends: Clock
    days: Annotated[list[Annotated[int, Number(0, 6)]], Field(max_length=7)] = Field(
        default_factory=lambda: list(range(7))
    )
    zone: Word = ""
    through: Annotated[list[Severity], Field(max_length=4)] = Field(
        default_factory=lambda: ["critical", "error"]
    )


@NOUN.get("", LOGIN, QuietHours)
def get_quiet_hours(request: Request, person: Id) -> QuietHours:
    """One's own, or with the permission person.edit; 404 where there are none."""
    need_own(request.act, person)
    return _found(people.find(person).id)


@NOUN.put("", LOGIN, QuietHours)
def set_quiet_hours(request: Request, person: Id, body: QuietHoursWrite) -> QuietHours:
    """Pages of low urgency wait in these hours from now on."""
    quiet_hours.put(
        request.act, person, body.starts, body.ends, body.days, zone=body.zone, through=body.through
    )
    return _found(person)


@NOUN.delete("", LOGIN)
def clear_quiet_hours(request: Request, person: Id) -> None:
    """Every page rings at once."""
    quiet_hours.clear(request.act, person)


def _found(person: str) -> QuietHours:
    row = models.QuietHours.objects.filter(person_id=person).first()
    if row is None:
        raise missing("quiet.none", "This person has no quiet hours: every page rings at once.")
    return QuietHours.model_validate(row)
