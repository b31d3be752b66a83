"""What else may be done with the pages of an alert: snoozing it until a time, and passing it on to somebody else."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Literal

from quarterdeck.app.alerts import reassigning, snooze_rows
from quarterdeck.app.alerts import snoozes as acts
from quarterdeck.core.kernel.refused import bad, missing
from quarterdeck.store import models

from .alerts import Alert, shaped
from .doors import Request
from .fields import Id, Line, Moment, Named, Number, Read, When, Word, Write
from .operations import Noun

NOUN = Noun("Alerts", "/alerts/{alert}")


class Snooze(Read):
    """Until when nobody is called. `kind` answer: an acknowledgement that the policy lets run out."""

    alert: str
    kind: Literal["snooze", "answer"]
    until: Moment
    reason: str
    by: Named
    at: Moment


class SnoozeWrite(Write):
    """`until` or `minutes` from now, 24 hours at most."""

    reason: Line
    until: When | None = None
    minutes: Annotated[int, Number(1, 1_440)] | None = None


class AssignmentWrite(Write):
    """`person` (id) or `policy` (key), one of the two."""

    reason: Line
    person: Id | None = None
    policy: Word = ""


@NOUN.get("/snooze", "alert.read", Snooze)
def get_snooze(request: Request, alert: Id) -> Snooze:
    """Until when nobody is called for this alert."""
    row = snooze_rows.standing([alert]).get(alert)
    if row is None:
        raise missing("snooze.none", "This alert is not snoozed.")
    return _told(request, row)


@NOUN.put("/snooze", "alert.act", Snooze)
def snooze_alert(request: Request, alert: Id, body: SnoozeWrite) -> Snooze:
    """Let an alert sleep: nobody is called for it until then."""
    if (body.until is None) == (body.minutes is None):
        raise bad("snooze.until", "Give until or minutes, one of the two.", until="missing")
    until = body.until or timedelta(minutes=body.minutes or 0)
    return _told(request, acts.snooze(request.act, alert, until, body.reason))


@NOUN.delete("/snooze", "alert.act")
def end_snooze(request: Request, alert: Id) -> None:
    """End a snooze now: paging starts again."""
    acts.wake(request.act, alert)


@NOUN.put("/assignment", "alert.act", Alert)
def reassign_alert(request: Request, alert: Id, body: AssignmentWrite) -> Alert:
    """Pass an alert's page on to a person or a policy."""
    row = reassigning.reassign(
        request.act, alert, person=body.person or "", policy=body.policy, reason=body.reason
    )
    return shaped(request, [row])[0]


@NOUN.post("/escalation", "alert.act", Alert)
def escalate_alert(request: Request, alert: Id) -> Alert:
    """Call the next step of the policy now."""
    return shaped(request, [reassigning.escalate(request.act, alert)])[0]


def _told(request: Request, row: models.Snooze) -> Snooze:
    return Snooze(
        alert=row.alert_id,
        kind=row.kind,  # type: ignore[arg-type]
        until=row.until,
        reason=row.reason,
        by=request.names.of(row.person_id),
        at=row.created_at,
    )
