"""What waits for one person, for their digest: each thing with the signed link by which they answer it.

Of a restricted incident there is its codename and the way to the sign-in, nothing else.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings

from quarterdeck.core.access import Who, may
from quarterdeck.core.incidents import chain, content_hash, exec_questions
from quarterdeck.core.incidents.codename import outside
from quarterdeck.core.kernel.text import line
from quarterdeck.store import models

from .. import casebook
from ..paging import answer_links
from ..visibility import visible_incidents
from . import consent_notices, consents
from .approval_notices import people_for

MOST = 40
# An executive reads the newest brief of an incident, unless it is older than this.
FRESH = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Item:
    """`until` None: no time is set. `url` acts, or leads to the sign-in."""

    word: str
    title: str
    incident: str
    until: datetime | None
    url: str


@dataclass(frozen=True, slots=True)
class Waiting:
    """`concerned` are the open incidents this person is part of, by the names that may stand in a mail."""

    items: tuple[Item, ...]
    concerned: tuple[str, ...]


def waiting(who: Who, now: datetime) -> Waiting:
    """Everything, the most urgent first. Inside the caller's transaction: links are made."""
    rows = {i.id: i for i in visible_incidents(who).filter(is_open=True, drill=False)}
    found = [item for part in _PARTS for item in part(who, rows, now)]
    guarded = {i.incident for i in found if rows[i.incident].restricted}
    plain = [i for i in found if i.incident not in guarded]
    plain.sort(key=lambda i: (i.until is None, i.until or now))
    kept = [_codename(rows[key]) for key in sorted(guarded)] + plain[:MOST]
    held = models.RoleAssignmentRow.objects.filter(person_id=who.person, ended_at=None, incident_id__in=rows)
    part_of = {*held.values_list("incident_id", flat=True), *(i.incident for i in found)}
    return Waiting(tuple(kept), tuple(_called(rows[key]) for key in sorted(part_of)))


def _called(row: models.IncidentRow) -> str:
    return outside(row) if row.restricted else f"{row.id} {row.title} ({row.phase})"


def _codename(row: models.IncidentRow) -> Item:
    return Item("Log in", outside(row), row.id, None, f"{settings.QUARTERDECK_PUBLIC_URL}/")


_Rows = dict[str, models.IncidentRow]


def _link(kind: str, who: Who, incident: str, about: str, now: datetime, **place: str) -> str:
    return answer_links.url(answer_links.standing(kind, who.person, incident, about, now, **place))


def _approvals(who: Who, rows: _Rows, now: datetime) -> Iterator[Item]:
    asked = models.MessageRow.objects.filter(incident_id__in=rows, state="in_review")
    for key in asked.order_by("incident_id").values_list("incident_id", flat=True).distinct()[:MOST]:
        case = casebook.load(key, who)
        for message in case.incident.messages.values():
            if message.state != "in_review":
                continue
            for place in chain.way(case.incident, case.template, message, now):
                if place.open and who.person in people_for(case.incident, case.template, message, place):
                    url = _link(
                        "approval", who, key, message.id, now, step=place.step.step, role=place.role,
                        content_hash=content_hash(message),
                    )  # fmt: skip
                    word = "Approve" if place.step.step == chain.APPROVE else "Review"
                    yield Item(word, message.headline, key, place.due, url)


def _consents(who: Who, rows: _Rows, now: datetime) -> Iterator[Item]:
    for w in consents.waiting(who):
        if w.incident_id in rows:
            said = w.standing
            url = consent_notices.url(w.incident_id, said.message.id, who.person, said.content_hash)
            yield Item("Your name under", said.message.headline, w.incident_id, None, url)


def _decisions(who: Who, rows: _Rows, now: datetime) -> Iterator[Item]:
    for d in models.DecisionRequestRow.objects.filter(incident_id__in=rows, decided_at=None)[:200]:
        if who.person in d.chain and d.asked_by != who.person:
            url = _link("decision", who, d.incident_id, d.id, now)
            yield Item("Decide", d.question, d.incident_id, d.deadline, url)


def _help(who: Who, rows: _Rows, now: datetime) -> Iterator[Item]:
    asked = models.HelpRequestRow.objects.filter(incident_id__in=rows, state="open", person=who.person)
    for h in asked[:MOST]:
        yield Item("Help", h.text, h.incident_id, h.need_by, _link("help", who, h.incident_id, h.id, now))


def _questions(who: Who, rows: _Rows, now: datetime) -> Iterator[Item]:
    mine = models.RoleAssignmentRow.objects.filter(person_id=who.person, ended_at=None).values("incident_id")
    asked = models.ExecQuestionRow.objects.filter(
        incident_id__in=rows, state="asked", kind="question"
    ).filter(incident_id__in=mine)
    for key in asked.order_by("incident_id").values_list("incident_id", flat=True).distinct()[:MOST]:
        case = casebook.load(key, who)
        if who.person in exec_questions.answerers(case.incident, case.template):
            for q in asked.filter(incident_id=key).order_by("asked_at")[:MOST]:
                yield Item("Answer", q.text, key, None, _link("question", who, key, q.id, now))


def _tasks(who: Who, rows: _Rows, now: datetime) -> Iterator[Item]:
    given = models.TaskRow.objects.filter(
        assignee=who.person, incident_id__in=rows, state__in=("given", "acknowledged")
    )
    for t in given.order_by("due_at")[:MOST]:
        yield Item("Task", t.title, t.incident_id, t.due_at, _link("task", who, t.incident_id, t.id, now))


def _briefs(who: Who, rows: _Rows, now: datetime) -> Iterator[Item]:
    if not may(who, "brief.read"):
        return
    newest: dict[str, models.ExecBriefRow] = {}
    sent = models.ExecBriefRow.objects.filter(incident_id__in=rows, sent_at__gt=now - FRESH)
    for b in sent.order_by("sent_at"):
        newest[b.incident_id] = b
    read = set(
        models.AnswerLink.objects.filter(kind="brief", person=who.person)
        .exclude(used_at=None)
        .values_list("about", flat=True)
    )
    for b in newest.values():
        if b.id not in read:
            yield Item("Brief", b.what, b.incident_id, None, _link("brief", who, b.incident_id, b.id, now))


_PARTS = (_approvals, _consents, _decisions, _help, _questions, _tasks, _briefs)


def as_text(found: Sequence[Item]) -> str:
    """One paragraph each: what, until when, and the address to open."""
    parts = []
    for i in found:
        until = f", until {i.until:%a %d %b %H:%M} UTC" if i.until else ""
        parts.append(f"{i.word}: {line(i.title, 160)}{until}\n{i.url}")
    return "\n\n".join(parts)
