"""Problem management: causes still to be removed, handed over by incidents, each with an owner and a date (R-194).

A problem found in a restricted incident does not exist for outsiders.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

from django.db.models import QuerySet

from quarterdeck.core.access import Who, may, require
from quarterdeck.core.incidents import problem as core
from quarterdeck.core.incidents.guards import filled, one_line
from quarterdeck.core.kernel.refused import Refused, bad, missing
from quarterdeck.core.kernel.text import clean
from quarterdeck.store import log, models, tx
from quarterdeck.store.ids import new_id

from .. import casebook, due
from ..act import Act
from ..casebook import Case
from ..comms.links import problem_url
from ..incidents.command import who as who_is
from ..paging.callouts import Request, call, default_expiry
from ..paging.directory import Directory, must_be_active
from ..technical.technical import link
from ..visibility import hidden_incidents, known_to, unless_restricted, visible_incidents

KIND = "problem"
TITLE_LIMIT, NOTE_LIMIT, CAUSE_LIMIT = 200, 4000, 4000
OPEN = "open"
# Ways out of being open; back to open leads from each.
ENDS = ("fixed", "closed", "withdrawn")
STATES = (OPEN, *ENDS)
# A day that is over is told in the morning after it.
TOLD_AT = time(7, 0, tzinfo=UTC)


def problems(who: Who) -> QuerySet[models.Problem]:
    """Every problem `who` may know of. Unordered."""
    return models.Problem.objects.exclude(incident_id__in=hidden_incidents(who).values("id"))


def find(problem_id: str, who: Who) -> models.Problem:
    found = problems(who).filter(id=problem_id).first()
    if found is None:
        raise missing("problem.unknown", "There is no such problem. Look it up in the list of problems.")
    return found


def incidents_of(problem: models.Problem, who: Who) -> list[str]:
    """The incidents it explains that `who` may know of, in the order they were linked."""
    links = models.ProblemLinkRow.objects.filter(problem_id=problem.id).order_by("linked_at", "id")
    ids = list(links.values_list("incident_id", flat=True))
    known = known_to(who, ids)
    return [i for i in ids if i in known]


def of_incident(incident_id: str, who: Who) -> list[models.Problem]:
    links = models.ProblemLinkRow.objects.filter(incident_id=incident_id)
    return list(problems(who).filter(id__in=links.values("problem_id")).order_by("created_at", "id"))


def is_late(problem: models.Problem, today: date) -> bool:
    return problem.state == OPEN and problem.fix_on < today.isoformat()


def hand_over(
    act: Act, incident_id: str, *, title: str = "", owner: str = "", fix_on: str = "", tracker_url: str = "",
    problem_id: str = "",
) -> models.Problem:  # fmt: skip
    """A new problem out of this incident, or one that is known already (`problem_id`). What is left out comes from the
    scheduled fix. Refused, naming what is missing, until every criterion is met.
    """
    with tx.write("engine", "web"):
        log.lock_incident(incident_id)
        case = casebook.load(incident_id, act.who)
        row = _known(act, case, problem_id) if problem_id else None
        if row is None and (there := _made_here(case)):
            told = f"{case.incident.key} is with problem management already: {there.title}. Change it there."
            raise Refused("problem.there", told)
        fix = core.fix(case.incident)
        if row is None:
            row = models.Problem(
                id=new_id(), incident_id=incident_id, title=_title(title or case.incident.title),
                root_cause=clean(core.root_cause(case.incident), CAUSE_LIMIT),
                owner=owner or (fix.owner if fix else ""),
                fix_on=_date(fix_on) if fix_on else (fix.due_on if fix else ""),
                tracker_url=link(tracker_url), created_by=act.person, created_at=act.at, changed_at=act.at,
            )  # fmt: skip
        handed: models.Problem = row
        casebook.change_within(
            act,
            incident_id,
            lambda i, t: core.hand_over(
                i, t, act.who, problem_id=handed.id, title=handed.title, owner=handed.owner, fix_on=handed.fix_on
            ),
        )  # fmt: skip
        if not problem_id:
            _owned(row.owner, incident_id)
            row.save(force_insert=True)
            due.rearm(KIND, row.id, _morning_after(row.fix_on), act.at)
            _audit(act, "ProblemOpened", row, {"owner": row.owner, "fix_on": row.fix_on})
            if row.owner != act.person:
                _tell(
                    row,
                    f"You own a problem: {row.title}",
                    f"Its fix is due on {row.fix_on}.",
                    Directory(act.at),
                )
    return row


def change(
    act: Act, problem_id: str, *, title: str | None = None, owner: str | None = None, fix_on: str | None = None,
    tracker_url: str | None = None, note: str | None = None,
) -> models.Problem:  # fmt: skip
    """None leaves a value as it is. By its owner, or with the right to edit reviews."""
    with tx.write("engine", "web"):
        row = _mine(act, problem_id)
        before = row.owner
        said = {
            "title": None if title is None else _title(title),
            "owner": owner,
            "fix_on": None if fix_on is None else _date(fix_on),
            "tracker_url": None if tracker_url is None else link(tracker_url),
            "note": None if note is None else clean(note, NOTE_LIMIT),
        }
        changed = {k: v for k, v in said.items() if v is not None and v != getattr(row, k)}
        if not changed:
            return row
        if "owner" in changed:
            _owned(changed["owner"], row.incident_id)
        _keep(act, row, changed, "ProblemChanged")
        if "fix_on" in changed and row.state == OPEN:
            due.rearm(KIND, row.id, _morning_after(row.fix_on), act.at)
        if row.owner not in (before, act.person):
            _tell(
                row, f"You own a problem: {row.title}", f"Its fix is due on {row.fix_on}.", Directory(act.at)
            )
    return row


def move(act: Act, problem_id: str, state: str, note: str = "") -> models.Problem:
    """`fixed`: the cause is removed. `closed`: nothing more comes of it. `withdrawn`: it was none. `open`: again."""
    if state not in STATES:
        message = f"Choose one of: {', '.join(STATES)}."
        raise bad("state.unknown", message, state=message)
    with tx.write("engine", "web"):
        row = _mine(act, problem_id)
        if row.state == state:
            return row
        said = clean(note, NOTE_LIMIT)
        if state == "withdrawn" and not said:
            message = "Say why it is no problem; it is kept."
            raise bad("note.missing", message, note=message)
        _keep(act, row, {"state": state} | ({"note": said} if said else {}), "ProblemMoved")
        if state == OPEN:
            due.rearm(KIND, row.id, _morning_after(row.fix_on), act.at)
        else:
            due.disarm(KIND, [row.id], act.at)
    return row


def fire(problem_id: str, directory: Directory) -> None:
    """Its timer: the day of the fix is over. The owner hears of each missed date once."""
    row = models.Problem.objects.filter(id=problem_id).first()
    if row is None or row.told_late == row.fix_on or not is_late(row, directory.now.date()):
        return
    models.Problem.objects.filter(id=row.id).update(told_late=row.fix_on)
    why = f"It was due on {row.fix_on}. Say that it is fixed, or give another date."
    _tell(row, f"Overdue: the fix of {row.title}", why, directory)


def _tell(row: models.Problem, subject: str, why: str, directory: Directory) -> None:
    if not models.Person.objects.filter(id=row.owner, is_active=True).exists():
        return
    request = Request(
        person=row.owner, subject=subject, reason=why, expires_at=default_expiry(directory.now), urgency="low",
        kind="heads_up", incident_id=row.incident_id, link=problem_url(row.id),
    )  # fmt: skip
    call(request, directory)


def _known(act: Act, case: Case, problem_id: str) -> models.Problem:
    row = find(problem_id, act.who)
    if row.state != OPEN:
        raise Refused("problem.over", f"This problem is {row.state}. Open it again, or make another.")
    origin = models.IncidentRow.objects.filter(id=row.incident_id).first()
    if origin is not None and origin.restricted and origin.id != case.incident.key:
        message = "A problem of a restricted incident stays with it. Make one of this incident's own."
        raise Refused("problem.restricted", message)
    return row


def _made_here(case: Case) -> models.Problem | None:
    rows = models.Problem.objects.filter(
        incident_id=case.incident.key, id__in=case.incident.aftermath.problems
    )
    return rows.exclude(state="withdrawn").first()


def _mine(act: Act, problem_id: str) -> models.Problem:
    row = find(problem_id, act.who)
    row = models.Problem.objects.select_for_update().get(id=row.id)
    if row.owner != act.person and not may(act.who, "review.edit"):
        require(act.who, "review.edit")
    return row


def _keep(act: Act, row: models.Problem, changed: dict[str, str], event: str) -> None:
    for name, value in changed.items():
        setattr(row, name, value)
    row.changed_at = act.at
    row.save(update_fields=[*changed, "changed_at"])
    _audit(act, event, row, {k: v for k, v in changed.items() if k in ("owner", "fix_on", "state")})


def _audit(act: Act, event: str, row: models.Problem, told: dict[str, str]) -> None:
    title = unless_restricted(row.title, row.incident_id)
    log.audit(event, {"problem": row.id, "title": title} | told, at=act.at, actor=act.person)


def _owned(owner: str, incident_id: str) -> None:
    """The owner is somebody who may know of it."""
    must_be_active(owner, "owner")
    if not visible_incidents(who_is(owner)).filter(id=incident_id).exists():
        message = "The incident is restricted, and they are not in it. Name one of its people."
        raise bad("owner.outside", message, owner=message)


def _title(text: str) -> str:
    return one_line(filled(text, "title", "Say what the problem is."), "title", TITLE_LIMIT)


def _date(text: str) -> str:
    message = "Give a date such as 2026-12-01."
    try:
        return date.fromisoformat(text.strip()).isoformat()
    except ValueError as e:
        raise bad("fix_on.unknown", message, fix_on=message) from e


def _morning_after(day: str) -> datetime:
    found = date.fromisoformat(day)
    after = found + timedelta(days=1) if found < date.max else found
    return datetime.combine(after, TOLD_AT)
