"""What is overdue, whoever owns it: action items, problems, risks, preventive work, process reviews, notices to read.

As a list for a page, and once a week as a message to each owner. Changes none of it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from quarterdeck.core.access import ENGINE, Who
from quarterdeck.core.kernel.text import counted, cut
from quarterdeck.core.oncall.wall import instant, zone
from quarterdeck.store import models, tx

from ..oncall import duty_notes
from ..visibility import unless_restricted, visible_incidents
from . import notices, prevention, problems, process, risks

MOST = 500
IN_A_MESSAGE = 40
# People written to in one turn.
AT_ONCE = 20
SENT_AT = time(8)
KINDS: Mapping[str, str] = {
    "item": "Action item", "problem": "Problem", "risk": "Risk", "task": "Preventive work", "process": "Process review",
    "notice": "Notice to read",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Late:
    """`since` is the day that was missed, ISO 8601; `open_title` what a message may say that outlives an incident."""

    kind: str
    id: str
    title: str
    owner: str
    since: str
    path: str
    open_title: str = ""


def found(who: Who, today: str) -> list[Late]:
    """Everything overdue that `who` may know of, what is late longest first."""
    late = [*_items(who, today), *_problems(who, today), *_risks(who, today), *_prevention(today)]
    late += [*_process(who, today)]
    return sorted(late, key=lambda one: (one.since, one.kind, one.id))[:MOST]


def of_person(who: Who, today: str, now: datetime) -> list[Late]:
    """What is overdue and theirs, with the notices that hold already and that they have not understood."""
    mine = [one for one in found(who, today) if one.owner == who.person]
    for row in notices.waiting_for(who.person):
        if row.effective_at <= now:
            day = row.effective_at.date().isoformat()
            mine.append(Late("notice", row.id, row.title, who.person, day, f"/notices/{row.id}"))
    return mine


def _items(who: Who, today: str) -> Iterator[Late]:
    rows = models.ActionItemRow.objects.filter(
        done_at=None, due_on__lt=today, incident_id__in=visible_incidents(who).values("id")
    )
    for i in rows.order_by("due_on", "id")[:MOST]:
        yield Late("item", i.id, i.title, i.owner, i.due_on, f"/reviews/{i.incident_id}#items", i.incident_id)


def _problems(who: Who, today: str) -> Iterator[Late]:
    rows = problems.problems(who).filter(state=problems.OPEN, fix_on__lt=today).order_by("fix_on", "id")
    for p in rows[:MOST]:
        yield Late("problem", p.id, p.title, p.owner, p.fix_on, f"/problems/{p.id}", p.incident_id)


def _risks(who: Who, today: str) -> Iterator[Late]:
    for r in risks.overdue(who, today):
        day = {"due": r.due_on, "review": r.review_on, "acceptance": r.accepted_until}[risks.late(r, today)]
        yield Late("risk", r.id, r.title, r.owner, day, f"/prevention/risks/{r.id}")


def _prevention(today: str) -> Iterator[Late]:
    rows = models.PreventiveTask.objects.filter(state=prevention.OPEN, due_on__lt=today).order_by(
        "due_on", "id"
    )
    for t in rows[:MOST]:
        yield Late("task", t.id, t.title, t.owner, t.due_on, f"/prevention/tasks/{t.id}")


def _process(who: Who, today: str) -> Iterator[Late]:
    rows = process.reviews(who).filter(state=process.OPEN, due_on__lt=today).order_by("due_on", "id")
    for r in rows[:MOST]:
        yield Late("process", r.id, process.title(r), r.owner, r.due_on, f"/prevention/process/{r.id}")


class Weekly:
    """The digest: each Monday, to everybody who has something overdue, in their morning. Once, however many engines;
    some people at a time, since the same engine pages.
    """

    def __init__(self) -> None:
        self._told: tuple[int, int] | None = None
        self._left: list[str] = []

    def __call__(self, now: datetime) -> int:
        """How many messages were made."""
        year, week, weekday = now.astimezone(UTC).isocalendar()
        if weekday != 1:
            return 0
        if self._told != (year, week):
            self._left, self._told = owners(now), (year, week)
        made = digest(self._left[:AT_ONCE], now)
        self._left = self._left[AT_ONCE:]
        return made


def owners(now: datetime) -> list[str]:
    """Everybody who may have something overdue."""
    waiting = models.NoticeReceipt.objects.filter(notice__withdrawn_at=None, understood_at=None)
    mine = {one.owner for one in found(ENGINE, now.date().isoformat())}
    return sorted(mine | set(waiting.values_list("person", flat=True)))


def digest(people: Sequence[str], now: datetime) -> int:
    """Write to each of them what of theirs is overdue; how many messages. Called again in the same week it tells nobody
    twice.
    """
    year, week, _ = now.astimezone(UTC).isocalendar()
    today = now.date()
    made = 0
    for person in models.Person.objects.filter(id__in=people, is_active=True) if people else ():
        who = Who(person.id, frozenset({person.role}))
        late = of_person(who, today.isoformat(), now)
        if late:
            made += _send(person, late, f"overdue/{year}-{week:02}", today, now)
    return made


def _send(person: models.Person, late: list[Late], key: str, today: date, now: datetime) -> int:
    morning = instant(
        datetime.combine(today - timedelta(days=today.weekday()), SENT_AT), zone(person.timezone)
    )
    lines = [f"- {KINDS[one.kind]}, since {one.since}: {_title(one)}" for one in late[:IN_A_MESSAGE]]
    if len(late) > IN_A_MESSAGE:
        lines.append(f"- and {len(late) - IN_A_MESSAGE} more")
    with tx.write("engine"):
        return duty_notes.tell(
            [person.id], f"Overdue: {counted(len(late), 'thing')} of yours", "\n".join(lines),
            "/prevention/overdue?mine=1", now, key=key, send_at=max(morning, now),
        )  # fmt: skip


def _title(one: Late) -> str:
    """Without the words of what is restricted: a message stays longer than that may."""
    if one.kind == "risk":
        row = models.Risk.objects.filter(id=one.id).first()
        return cut(risks.title_for_all(row) if row else one.title, 150)
    return cut(unless_restricted(one.title, one.open_title), 150) if one.open_title else cut(one.title, 150)
