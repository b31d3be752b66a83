"""Training: who taught what to whom, with an article if there is one. Attending counts as certification for the role
the session is for.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from quarterdeck.core.incidents.guards import filled, one_line
from quarterdeck.core.kernel.refused import bad, missing
from quarterdeck.core.kernel.text import line
from quarterdeck.store import log, models, tx
from quarterdeck.store.ids import new_id

from . import competence, knowledge
from .act import Act, need
from .directory import must_be_active

MOST = 200
AHEAD, BACK = timedelta(days=400), timedelta(days=400)


def plan(
    act: Act, *, topic: str, trainer: str, held_at: datetime, role: str = "", article: str = "",
    invited: Sequence[str] = (),
) -> models.TrainingSession:  # fmt: skip
    """A session, past or to come."""
    need(act, "person.edit")
    topic = one_line(filled(line(topic, 1000), "topic", "Say what is taught."), "topic", 200)
    must_be_active(trainer, "trainer")
    _people(invited, "invited")
    if role and role not in competence.titles():
        raise bad(
            "training.role", "There is no such role in the catalogue. Choose one of it.", role="unknown"
        )
    if not act.at - BACK < held_at < act.at + AHEAD:
        raise bad("training.when", "Give a time within about a year.", held_at="out of range")
    if article:
        knowledge.find(article, act.who)
    with tx.write("web"):
        made = models.TrainingSession.objects.create(
            id=new_id(), topic=topic, trainer=trainer, held_at=held_at, role=role, article=article,
            invited=list(dict.fromkeys(invited)), attended=[], created_by=act.person, created_at=act.at,
        )  # fmt: skip
        log.audit("TrainingPlanned", {"session": made.id, "trainer": trainer}, at=act.at, actor=act.person)
    return made


def attend(act: Act, session_id: str, people: Sequence[str]) -> models.TrainingSession:
    """Who was there. Where the session is for a role, each of them is certified for it since then (R-071)."""
    need(act, "person.edit")
    _people(people, "people")
    with tx.write("web"):
        row = models.TrainingSession.objects.select_for_update().filter(id=session_id).first()
        if row is None:
            raise missing("training.unknown", "There is no such session. Reload the page.")
        if row.held_at > act.at:
            raise bad("training.early", "It has not been held yet. Say who was there afterwards.")
        new = [p for p in dict.fromkeys(people) if p not in row.attended]
        if not new:
            return row
        row.attended = [*row.attended, *new]
        models.TrainingSession.objects.filter(id=row.id).update(attended=row.attended)
        log.audit("TrainingAttended", {"session": row.id, "people": new}, at=act.at, actor=act.person)
        for person in new if row.role else ():
            note = line(f"Training: {row.topic}", 300)
            competence.certify(act, person, row.role, certified_at=row.held_at, note=note)
    return row


def sessions() -> list[models.TrainingSession]:
    """The newest first."""
    return list(models.TrainingSession.objects.order_by("-held_at", "id")[:MOST])


def _people(people: Sequence[str], field: str) -> None:
    if len(people) > MOST:
        raise bad("training.many", f"A session has at most {MOST} people. Make two of it.")
    for person in people:
        must_be_active(person, field)
