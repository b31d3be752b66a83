"""Typed lines about what is known and who leads: lessons, knowledge, changes, a transfer of command, the structure."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from django.conf import settings

from quarterdeck.core.incidents.state import COMMANDER
from quarterdeck.core.incidents.typed import Typed
from quarterdeck.core.kernel.refused import bad
from quarterdeck.core.kernel.text import line
from quarterdeck.store import models

from .. import casebook
from ..act import Act
from ..alerts import changes
from ..incidents import command, record, restructuring
from ..learning import debriefs
from ..technical import knowledge
from . import people_named

MOST = 8
Told = tuple[str, tuple[str, ...]]


def _lesson(act: Act, incident_id: str, asked: Typed, entry_id: str) -> Told:
    debriefs.add_lesson(act, incident_id, asked.key, asked.text)
    return "The lesson is on record.", ()


def _lessons(act: Act, incident_id: str, asked: Typed, entry_id: str) -> Told:
    rows = debriefs.lessons(act.who, asked.text).order_by("-recorded_at")[:MOST]
    found = tuple(f"{r.incident_id} ({r.kind}): {line(r.text, 200)}" for r in rows)
    return (f"Lessons about “{asked.text}”:" if found else f"No lesson is about “{asked.text}”."), found


def _knowledge(act: Act, incident_id: str, asked: Typed, entry_id: str) -> Told:
    rows = knowledge.articles(act.who, asked.text).order_by("title")[:MOST]
    found = tuple(f"{r.title}: {_article_url(r)}" for r in rows)
    return (f"Articles about “{asked.text}”:" if found else f"No article is about “{asked.text}”."), found


def _attach(act: Act, incident_id: str, asked: Typed, entry_id: str) -> Told:
    """The one article that these words mean, as an entry that links to it."""
    rows = list(knowledge.articles(act.who, asked.text).order_by("title")[: MOST + 1])
    same = [r for r in rows if r.title.casefold() == asked.text.casefold()]
    rows = same or rows
    if len(rows) != 1:
        named = "; ".join(r.title for r in rows[:MOST])
        message = (
            f"Several articles are about that: {named}." if rows else f"No article is about “{asked.text}”."
        )
        raise bad("article.which", message, text=message)
    text = f"{rows[0].title}\n{_article_url(rows[0])}"
    record.write(act, incident_id, "note", text, entry_id=entry_id)
    return f"Attached: {rows[0].title}.", ()


def _changes(act: Act, incident_id: str, asked: Typed, entry_id: str) -> Told:
    shown = changes.beside(casebook.load(incident_id, act.who), act.at)[:MOST]
    zone = people_named.zone(act)
    found = tuple(
        f"{s.row.changed_at.astimezone(zone):%d %b %H:%M} {s.row.service or 'all'}: {line(s.row.title, 150)}"
        f"{' (shortly before it began)' if s.suspect else ''}"
        for s in shown
    )
    return ("What was changed around it:" if found else "No change was reported around it."), found


def _handover(act: Act, incident_id: str, asked: Typed, entry_id: str) -> Told:
    """Command, where one holds it, else one's first role."""
    held = [
        a for a in casebook.load(incident_id, act.who).incident.open_assignments() if a.person == act.person
    ]
    held.sort(key=lambda a: a.role != COMMANDER)
    if not held:
        message = "You hold no role here that you could hand over."
        raise bad("role.none", message, text=message)
    person = people_named.person_of(asked.who)
    command.offer_handover(act, incident_id, held[0].id, person.id, asked.text)
    return (
        f"Offered to {person.name}. It stays with you until they have accepted and you have briefed them.",
        (),
    )


def _transfer(act: Act, incident_id: str, asked: Typed, entry_id: str) -> Told:
    """The time of the one open handover one is part of."""
    handovers = casebook.load(incident_id, act.who).incident.handovers.values()
    mine = [h for h in handovers if h.is_open and act.person in (h.from_person, h.to_person)]
    if len(mine) != 1:
        message = (
            "You are part of no open handover here."
            if not mine
            else "Several handovers are open. Use the page."
        )
        raise bad("handover.which", message, text=message)
    now = act.at.astimezone(people_named.zone(act))
    hour, minute = asked.clock or (0, 0)
    at = now.replace(hour=hour, minute=minute, second=0, microsecond=0)
    at += timedelta(days=at <= now)
    command.time_handover(act, incident_id, mine[0].id, at.astimezone(act.at.tzinfo))
    return f"It passes at {at:%H:%M}, once the briefing is given.", ()


def _structure(act: Act, incident_id: str, asked: Typed, entry_id: str) -> Told:
    case = casebook.load(incident_id, act.who)
    known = dict(restructuring.choices(case))
    if asked.key not in known:
        message = f"There is no structure “{asked.key[:40]}”. There are: {', '.join(known)}."
        raise bad("structure.unknown", message, text=message)
    restructuring.change(act, incident_id, asked.key, asked.text)
    return f"The structure is {known[asked.key]}. Everybody keeps what they hold.", ()


def _article_url(row: models.KnowledgeArticle) -> str:
    return f"{settings.QUARTERDECK_PUBLIC_URL}/knowledge/{row.id}"


ACTS: dict[str, Callable[[Act, str, Typed, str], Told]] = {
    "lesson": _lesson, "lessons": _lessons, "knowledge": _knowledge, "attach": _attach, "changes": _changes,
    "handover": _handover, "transfer": _transfer, "structure": _structure,
}  # fmt: skip
