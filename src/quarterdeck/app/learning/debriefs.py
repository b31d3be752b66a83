"""The debrief right after an incident, its lessons, and finding a lesson again. Restricted ones are found by their
people only.
"""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import Q, QuerySet

from quarterdeck.core.access import Who
from quarterdeck.core.incidents import debrief as core
from quarterdeck.core.kernel.text import clean
from quarterdeck.store import models
from quarterdeck.store.ids import new_id

from .. import casebook
from ..act import Act
from ..casebook import Case
from ..paging.directory import must_be_active
from ..search_words import contains, words
from ..visibility import hidden_incidents


def hold(
    act: Act,
    incident_id: str,
    *,
    went_well: str = "",
    went_badly: str = "",
    lessons: Sequence[tuple[str, str]] = (),
    attendees: Sequence[str] = (),
) -> Case:
    """`lessons` are (kind, text); empty texts are left out. Ends the task that resolving left."""
    for person in attendees:
        must_be_active(person, "attendees")
    said = [(new_id(), kind, clean(text, core.TEXT_LIMIT)) for kind, text in lessons if text.strip()]
    well, badly, key = clean(went_well, core.TEXT_LIMIT), clean(went_badly, core.TEXT_LIMIT), new_id()
    return casebook.change(
        act,
        incident_id,
        lambda i, t: core.hold_debrief(
            i, t, act.who, debrief_id=key, went_well=well, went_badly=badly, lessons=said, attendees=attendees
        ),
    )


def add_lesson(act: Act, incident_id: str, kind: str, text: str) -> Case:
    key, said = new_id(), clean(text, core.TEXT_LIMIT)
    return casebook.change(
        act, incident_id, lambda i, t: core.record_lesson(i, act.who, lesson_id=key, kind=kind, text=said)
    )


def lessons(who: Who, q: str = "") -> QuerySet[models.LessonRow]:
    """Lessons that contain every word of `q`, or that stand in an incident of that name. Unordered."""
    rows = models.LessonRow.objects.exclude(incident_id__in=hidden_incidents(who).values("id"))
    for word in words(q):
        rows = rows.filter(contains(f'"{word}"', "text") | Q(incident_id__iexact=word))
    return rows
