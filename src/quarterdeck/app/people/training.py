"""Training: who teaches what to whom and when, who came, how long it counts. Attending a session for a role certifies
for it, until it has to be learnt again (R-209, R-245).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import QuerySet

from quarterdeck.core.incidents.guards import filled, one_line
from quarterdeck.core.kernel.refused import Refused, bad, forbidden, missing
from quarterdeck.core.kernel.text import line
from quarterdeck.core.reviews.cadence import months_after
from quarterdeck.store import log, models, tx
from quarterdeck.store.ids import new_id

from .. import due
from ..act import Act, need
from ..oncall import duty_notes
from ..paging.directory import Directory, must_be_active
from ..technical import knowledge
from . import competence

KIND = "training"
MOST = 200
AHEAD, BACK = timedelta(days=400), timedelta(days=400)
REMINDED = timedelta(hours=24)
LONGEST_MINUTES, MOST_MONTHS = 60 * 24 * 5, 120
# Core competencies first, then what is special.
TRACKS = {
    "incident_management": "Incident management",
    "emergency_response": "Emergency response",
    "decision_making": "Decision-making",
    "communication": "Communication",
    "technical": "Technical",
    "cyber": "Cyber security",
    "executive": "Executive",
    "other": "Other",
}


@dataclass(frozen=True, slots=True)
class Details:
    """What a session has beside its topic. `minutes` long, `seats` 0 for any number, `valid_months` 0 for ever."""

    track: str = ""
    place: str = ""
    minutes: int = 60
    seats: int = 0
    valid_months: int = 0


@dataclass(frozen=True, slots=True)
class Record:
    """What somebody has learnt. `expires_at` None: it counts for ever."""

    person: str
    topic: str
    track: str
    role: str
    held_at: datetime
    expires_at: datetime | None


def plan(
    act: Act, *, topic: str, trainer: str, held_at: datetime, role: str = "", article: str = "",
    invited: Sequence[str] = (), details: Details | None = None,
) -> models.TrainingSession:  # fmt: skip
    """A session, past or to come. `invited` are those who must come: they are told, and told again the day before."""
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
    more = checked(details or Details(), len(set(invited)))
    with tx.write("engine", "web"):
        made = models.TrainingSession.objects.create(
            id=new_id(), topic=topic, trainer=trainer, held_at=held_at, role=role, article=article,
            invited=list(dict.fromkeys(invited)), attended=[], created_by=act.person, created_at=act.at,
            track=more.track, place=more.place, minutes=more.minutes, seats=more.seats,
            valid_months=more.valid_months,
        )  # fmt: skip
        log.audit("TrainingPlanned", {"session": made.id, "trainer": trainer}, at=act.at, actor=act.person)
        if held_at > act.at:
            due.rearm(KIND, made.id, max(held_at - REMINDED, act.at), act.at)
            others = [p for p in (*made.invited, trainer) if p != act.person]
            duty_notes.tell(others, f"Training: {topic}", _said(made), _path(made), act.at)
    return made


def attend(act: Act, session_id: str, people: Sequence[str]) -> models.TrainingSession:
    """Who was there. Where the session is for a role, each of them is certified for it since then (R-071), for as long
    as the session counts.
    """
    _people(people, "people")
    with tx.write("web"):
        row = _find(session_id, lock=True)
        if row.trainer != act.person:
            need(act, "person.edit")
        if row.called_off_at is not None:
            raise Refused("training.off", "It was called off. Add a session of another day.")
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
            competence.learnt(
                act, person, row.role, certified_at=row.held_at, expires_at=expires(row), note=note
            )
    return row


def join(act: Act, session_id: str, *, leave: bool = False) -> models.TrainingSession:
    """Come of one's own accord, or not after all. Refused when it is full or over; whoever must come stays in."""
    need(act, "person.read")
    with tx.write("web"):
        row = _find(session_id, lock=True)
        if row.called_off_at is not None or row.held_at <= act.at:
            raise Refused("training.over", "It is over or was called off. Look for the next one.")
        if act.person in row.invited and leave:
            raise forbidden("training.must", "You are asked to come. Tell the trainer if you cannot.")
        here = [p for p in row.joined if p != act.person]
        if not leave and act.person not in row.invited:
            if row.seats and len(row.invited) + len(here) >= row.seats:
                raise Refused(
                    "training.full", f"All {row.seats} seats are taken. Ask the trainer for another day."
                )
            here.append(act.person)
        if here != row.joined:
            models.TrainingSession.objects.filter(id=row.id).update(joined=here)
            row.joined = here
            kind = "TrainingLeft" if leave else "TrainingJoined"
            log.audit(kind, {"session": row.id, "person": act.person}, at=act.at, actor=act.person)
    return row


def call_off(act: Act, session_id: str) -> models.TrainingSession:
    """It is not held; whoever would have come is told. Twice changes nothing."""
    with tx.write("engine", "web"):
        row = _find(session_id, lock=True)
        if row.trainer != act.person:
            need(act, "person.edit")
        if row.attended or row.held_at <= act.at:
            raise Refused("training.held", "It has been held. What was, cannot be called off.")
        if row.called_off_at is None:
            row.called_off_at = act.at
            models.TrainingSession.objects.filter(id=row.id).update(called_off_at=act.at)
            due.disarm(KIND, [row.id], act.at)
            log.audit("TrainingCalledOff", {"session": row.id}, at=act.at, actor=act.person)
            others = [p for p in (*row.invited, *row.joined, row.trainer) if p != act.person]
            duty_notes.tell(others, f"Called off: {row.topic}", _said(row), _path(row), act.at)
    return row


def fire(session_id: str, directory: Directory) -> None:
    """Its timer: the day before, everybody who comes is reminded; once it is over, the trainer says who was there."""
    row = models.TrainingSession.objects.filter(id=session_id, called_off_at=None).first()
    if row is None:
        return
    over = row.held_at + timedelta(minutes=row.minutes)
    if directory.now < row.held_at:
        people = (*row.invited, *row.joined, row.trainer)
        duty_notes.tell(people, f"Soon: {row.topic}", _said(row), _path(row), directory.now)
        due.rearm(KIND, row.id, over, directory.now)
    elif directory.now < over:
        due.rearm(KIND, row.id, over, directory.now)
    elif not row.attended:
        duty_notes.tell(
            [row.trainer],
            f"Who was there? {row.topic}",
            "Say who came: it counts for them.",
            _path(row),
            directory.now,
        )


def sessions() -> list[models.TrainingSession]:
    """The newest first."""
    return list(models.TrainingSession.objects.order_by("-held_at", "id")[:MOST])


def between(low: datetime, high: datetime) -> QuerySet[models.TrainingSession]:
    """Those that were not called off, the first first."""
    rows = models.TrainingSession.objects.filter(held_at__gte=low, held_at__lt=high, called_off_at=None)
    return rows.order_by("held_at", "id")


def comes(row: models.TrainingSession, person: str) -> bool:
    return person in (row.trainer, *row.invited, *row.joined)


def records(people: Sequence[str] = ()) -> list[Record]:
    """What people have learnt, of these or of all, the newest first."""
    rows = models.TrainingSession.objects.order_by("-held_at", "id")
    wanted = set(people)
    return [
        Record(p, r.topic, r.track, r.role, r.held_at, expires(r))
        for r in rows[:MOST]
        for p in r.attended
        if not wanted or p in wanted
    ]


def expires(row: models.TrainingSession) -> datetime | None:
    """Until when what it taught counts; None for ever."""
    return months_after(row.held_at, row.valid_months) if row.valid_months else None


def _find(session_id: str, *, lock: bool = False) -> models.TrainingSession:
    rows = models.TrainingSession.objects.select_for_update() if lock else models.TrainingSession.objects
    row = rows.filter(id=session_id).first()
    if row is None:
        raise missing("training.unknown", "There is no such session. Reload the page.")
    return row


def checked(said: Details, invited: int = 0) -> Details:
    """What was given for a session, or a refusal that names the field."""
    if said.track and said.track not in TRACKS:
        message = f"Choose one of: {', '.join(TRACKS)}."
        raise bad("training.track", message, track=message)
    if not 5 <= said.minutes <= LONGEST_MINUTES:
        message = "A session takes 5 minutes to 5 days."
        raise bad("training.minutes", message, minutes=message)
    if said.seats and not invited <= said.seats <= MOST:
        message = f"Give at least as many seats as are asked to come, at most {MOST}."
        raise bad("training.seats", message, seats=message)
    if not 0 <= said.valid_months <= MOST_MONTHS:
        message = "It counts for at most ten years; 0 is for ever."
        raise bad("training.valid", message, valid_months=message)
    return Details(said.track, line(said.place, 300), said.minutes, said.seats, said.valid_months)


def _said(row: models.TrainingSession) -> str:
    where = f", {row.place}" if row.place else ""
    return f"{row.topic}: {duty_notes.said(row.held_at)}, {row.minutes} minutes{where}."


def _path(row: models.TrainingSession) -> str:
    return f"/knowledge/training#session-{row.id}"


def _people(people: Sequence[str], field: str) -> None:
    if len(people) > MOST:
        raise bad("training.many", f"A session has at most {MOST} people. Make two of it.")
    for person in people:
        must_be_active(person, field)
