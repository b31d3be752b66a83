"""What people are told about drills that are planned: messages of low urgency, never pages. Nothing of what comes."""

from __future__ import annotations

from collections.abc import Iterable

from quarterdeck.core.incidents.describe import words
from quarterdeck.store import models

from ..act import Act
from ..oncall.duty_notes import said, tell
from ..paging.directory import Directory


def path(row: models.Drill) -> str:
    return f"/drills/{row.id}"


def planned(row: models.Drill, act: Act) -> None:
    """The facilitator hears of every drill of theirs, the others of one that is announced."""
    when = said(row.scheduled_at)
    if row.facilitator != act.person:
        late = " Its time is over already: start it, or postpone it." if row.scheduled_at < act.at else ""
        text = f"You facilitate it: {row.title}, {words(row.kind)}, {when}.{late} Brief and script are on its page."
        _tell([row.facilitator], row, f"Drill to facilitate: {row.title}", text, act)
    if row.announced:
        _invite(row, _people(row), act)


def changed(row: models.Drill, known: set[str], act: Act) -> None:
    """Whoever has joined hears of it."""
    if row.announced:
        _invite(row, _people(row) - known, act)


def postponed(row: models.Drill, act: Act) -> None:
    text = f"It takes place on {said(row.scheduled_at)} instead. Reason: {row.reason}"
    _tell(_heard(row) - {act.person}, row, f"Drill postponed: {row.title}", text, act)


def cancelled(row: models.Drill, act: Act) -> None:
    text = f"It does not take place. Reason: {row.reason}"
    _tell(_heard(row) - {act.person}, row, f"Drill cancelled: {row.title}", text, act)


def due_now(row: models.Drill, directory: Directory, text: str) -> None:
    tell([row.facilitator], f"Drill: {row.title}", text, path(row), directory.now)


def _invite(row: models.Drill, people: Iterable[str], act: Act) -> None:
    who = Directory(act.at).name(row.facilitator)
    text = (
        f"A {words(row.kind)} on {said(row.scheduled_at)}, facilitated by {who}. It is practice: nothing leaves the "
        "building, and everything in it is marked as a drill."
    )
    _tell(people, row, f"Drill: {row.title}", text, act)


def _heard(row: models.Drill) -> set[str]:
    return {row.facilitator} | (_people(row) if row.announced else set())


def _people(row: models.Drill) -> set[str]:
    return set(models.DrillPerson.objects.filter(drill=row).values_list("person_id", flat=True))


def _tell(people: Iterable[str], row: models.Drill, subject: str, text: str, act: Act) -> None:
    tell(people, subject, text, path(row), act.at)
