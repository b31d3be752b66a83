"""Reviews of the process itself: after each major incident and each quarter, for whoever owns the process (R-203).

One that looks back on a restricted incident does not exist for outsiders. It never changes a document itself.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from django.db.models import QuerySet

from quarterdeck.core.access import Who, may, require
from quarterdeck.core.incidents import Incident
from quarterdeck.core.incidents.guards import calendar_day, filled, one_line
from quarterdeck.core.kernel.moments import text as moment_text
from quarterdeck.core.kernel.refused import Refused, missing
from quarterdeck.core.kernel.text import clean
from quarterdeck.core.reviews.cadence import quarter_after, quarter_before
from quarterdeck.store import log, models, tx
from quarterdeck.store.ids import new_id

from .. import due
from ..act import Act, need
from ..oncall import duty_notes
from ..paging.directory import Directory, must_be_active
from ..people.teams import find as find_team
from ..visibility import hidden_incidents, visible_incidents

KIND, QUARTER, NAME = "process_review", "quarter", "process"
# Of the severities only the gravest makes an incident a major one.
MAJOR = 1
DAYS = 14
TEXT_LIMIT, MOST = 4000, 100
TOLD_AT = time(7, 0, tzinfo=UTC)
OPEN, DONE = "open", "done"


def owners() -> dict[str, str]:
    """Team key -> who owns the process there; "" is the whole installation."""
    row = models.Preference.objects.filter(name=NAME).first()
    return dict(row.value.get("owners", {})) if row else {}


def set_owner(act: Act, person_id: str, team: str = "") -> None:
    """Who owns the process, of the installation or of one team; "" for nobody. From now on each quarter ends with a
    review.
    """
    need(act, "settings.edit")
    if person_id:
        must_be_active(person_id, "owner")
    key = find_team(team).key if team else ""
    with tx.write("engine", "web"):
        tx.lock(NAME)
        kept = {k: v for k, v in owners().items() if k != key} | ({key: person_id} if person_id else {})
        models.Preference.objects.update_or_create(name=NAME, defaults={"value": {"owners": kept}})
        log.audit("ProcessOwnerSet", {"team": key, "person": person_id}, at=act.at, actor=act.person)
        if not kept:
            due.disarm(KIND, [QUARTER], act.at)
        elif not models.Due.objects.filter(kind=KIND, ref=QUARTER, state="waiting").exists():
            _wait_for_quarter(act.at)


def reviews(who: Who) -> QuerySet[models.ProcessReview]:
    """Every one that `who` may know of. Unordered."""
    hidden = hidden_incidents(who).values("id")
    return models.ProcessReview.objects.exclude(trigger="incident", subject__in=hidden)


def find(review_id: str, who: Who) -> models.ProcessReview:
    found = reviews(who).filter(id=review_id).first()
    if found is None:
        raise missing("process.unknown", "There is no such process review. Look it up in the list.")
    return found


def is_late(row: models.ProcessReview, today: str) -> bool:
    return row.state == OPEN and row.due_on < today


def may_write(row: models.ProcessReview, who: Who) -> bool:
    return row.state == OPEN and (row.owner == who.person or may(who, "review.edit"))


def start(act: Act, subject: str, owner: str, due_on: str, team: str = "") -> models.ProcessReview:
    """One for another reason."""
    need(act, "review.edit")
    subject = one_line(filled(subject, "subject", "Say what it looks at."), "subject", 60)
    must_be_active(owner, "owner")
    key, day = find_team(team).key if team else "", calendar_day(due_on)
    with tx.write("engine", "web"):
        if models.ProcessReview.objects.filter(trigger="hand", subject=subject, team=key).exists():
            raise Refused("process.there", "There is one of this name already. Write into that.")
        return _make("hand", subject, key, owner, day, act.at, by=act.person)


def after_incident(incident: Incident, directory: Directory) -> None:
    """A major incident is resolved: whoever owns the process, of the whole, looks at what it says about it."""
    owner = owners().get("", "")
    if incident.severity > MAJOR or incident.drill or not owner:
        return
    person = directory.person(owner)
    if person is None or not person.is_active:
        return
    who = Who(person.id, frozenset({person.role}))
    if not visible_incidents(who).filter(id=incident.key).exists():
        return
    day = (directory.now.date() + timedelta(days=DAYS)).isoformat()
    if not models.ProcessReview.objects.filter(trigger="incident", subject=incident.key, team="").exists():
        _make("incident", incident.key, "", owner, day, directory.now)


def fire(ref: str, directory: Directory) -> None:
    """Its timers: a quarter is over, or the day of a review is."""
    if ref == QUARTER:
        name = quarter_before(directory.now.date())
        day = (directory.now.date() + timedelta(days=DAYS)).isoformat()
        for team, owner in owners().items():
            known = models.ProcessReview.objects.filter(trigger=QUARTER, subject=name, team=team)
            person = directory.person(owner)
            if person is not None and person.is_active and not known.exists():
                _make(QUARTER, name, team, owner, day, directory.now)
        _wait_for_quarter(directory.now)
        return
    row = models.ProcessReview.objects.filter(id=ref).first()
    if row is None or row.told_late == row.due_on or not is_late(row, directory.now.date().isoformat()):
        return
    models.ProcessReview.objects.filter(id=row.id).update(told_late=row.due_on)
    _tell(row, f"Overdue: {said(row)}", directory.now)


def add_finding(act: Act, review_id: str, text: str) -> models.ProcessReview:
    """What the look found. Anybody who may write reviews adds one."""
    with tx.write("web"):
        row = _mine(act, review_id)
        _find(row, filled(clean(text, TEXT_LIMIT), "text", "Write what you found."), act.person, act.at)
    return row


def link_change(
    act: Act, review_id: str, template: str, version: int, note: str = ""
) -> models.ProcessReview:
    """A version of a response structure that was made because of it."""
    with tx.write("web"):
        row = _mine(act, review_id)
        if not models.TemplateVersionRow.objects.filter(template=template, version=version).exists():
            raise missing("version.unknown", "This structure has no such version. Choose one from the list.")
        said_ = {"what": template, "version": version, "note": clean(note, 300), "at": moment_text(act.at)}
        if not any(c["what"] == template and c["version"] == version for c in row.changes):
            row.changes = [*row.changes, said_][:MOST]
            row.save(update_fields=["changes"])
            told = {"review": row.id, "template": template, "version": version}
            log.audit("ProcessReviewChanged", told, at=act.at, actor=act.person)
    return row


def hand_on(act: Act, review_id: str, owner: str, due_on: str) -> models.ProcessReview:
    """To another owner, or to another day."""
    must_be_active(owner, "owner")
    with tx.write("engine", "web"):
        row = _mine(act, review_id)
        before, row.owner, row.due_on = row.owner, owner, calendar_day(due_on)
        row.save(update_fields=["owner", "due_on"])
        due.rearm(KIND, row.id, _morning_after(row.due_on), act.at)
        told = {"review": row.id, "owner": owner, "due_on": row.due_on}
        log.audit("ProcessReviewHandedOn", told, at=act.at, actor=act.person)
        if owner not in (before, act.person):
            _tell(row, f"You own a process review: {said(row)}", act.at)
    return row


def close(act: Act, review_id: str, summary: str) -> models.ProcessReview:
    """Done, with what comes of it."""
    text = filled(clean(summary, TEXT_LIMIT), "summary", "Say in a few lines what comes of it.")
    with tx.write("engine", "web"):
        row = _mine(act, review_id)
        row.state, row.summary, row.done_by, row.done_at = DONE, text, act.person, act.at
        row.save(update_fields=["state", "summary", "done_by", "done_at"])
        due.disarm(KIND, [row.id], act.at)
        log.audit("ProcessReviewDone", {"review": row.id}, at=act.at, actor=act.person)
    return row


def said(row: models.ProcessReview) -> str:
    """What it is about, in words."""
    team = f", {row.team}" if row.team else ""
    about = {"incident": f"after {row.subject}", QUARTER: f"of {row.subject}"}.get(row.trigger, row.subject)
    return f"process review {about}{team}"


def title(row: models.ProcessReview) -> str:
    text = said(row)
    return text[:1].upper() + text[1:]


def take_in(row: models.Feedback, now: datetime) -> None:
    """Feedback that was put forward becomes a finding of the review that is open, else of the next one. Inside the
    caller's transaction.
    """
    review = models.ProcessReview.objects.filter(state=OPEN, team="").order_by("due_on", "id").first()
    if review is not None and not row.review:
        _find(
            review, f"{row.kind.capitalize()} {row.subject}: {row.text}".strip(), row.by, now, feedback=row.id
        )
        models.Feedback.objects.filter(id=row.id).update(review=review.id)


def _find(row: models.ProcessReview, text: str, by: str, at: datetime, **more: Any) -> None:
    if len(row.findings) >= MOST:
        raise Refused("process.many", f"It has {MOST} findings. Close it and go on in the next one.")
    row.findings = [*row.findings, {"text": text, "by": by, "at": moment_text(at), **more}]
    row.save(update_fields=["findings"])
    log.audit("ProcessFinding", {"review": row.id}, at=at, actor=by)


def _make(
    trigger: str, subject: str, team: str, owner: str, day: str, now: datetime, by: str = ""
) -> models.ProcessReview:
    row = models.ProcessReview.objects.create(
        id=new_id(), trigger=trigger, subject=subject, team=team, owner=owner, due_on=day, created_at=now
    )
    due.rearm(KIND, row.id, _morning_after(day), now)
    told = {"review": row.id, "trigger": trigger, "owner": owner, "due_on": day}
    log.audit("ProcessReviewOpened", told, at=now, actor=by or "engine")
    for waiting in models.Feedback.objects.exclude(wanted_by="").filter(review="") if not team else ():
        take_in(waiting, now)
    row.refresh_from_db()
    if owner != by:
        _tell(row, f"You own a process review: {said(row)}", now)
    return row


def _mine(act: Act, review_id: str) -> models.ProcessReview:
    row = models.ProcessReview.objects.select_for_update().get(id=find(review_id, act.who).id)
    if row.state != OPEN:
        raise Refused("process.done", "This process review is done. Start another one.")
    if row.owner != act.person:
        require(act.who, "review.edit")
    return row


def _tell(row: models.ProcessReview, subject: str, now: datetime) -> None:
    text = f"It is due on {row.due_on}: what works, what does not, and what of the documents changes."
    duty_notes.tell([row.owner], subject, text, f"/prevention/process/{row.id}", now)


def _wait_for_quarter(now: datetime) -> None:
    due.rearm(KIND, QUARTER, datetime.combine(quarter_after(now.date()), TOLD_AT), now)


def _morning_after(day: str) -> datetime:
    return datetime.combine(date.fromisoformat(day) + timedelta(days=1), TOLD_AT)
