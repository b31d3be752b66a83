"""Whether those outside may be told that all is well, and what became of telling them (L5). Sends nothing itself.

All is well only while the auditor looked, found every promise kept, and the synthetic page came back, both within two
minutes. Whoever stops hearing from us acts.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from quarterdeck.core.kernel.moments import spoken
from quarterdeck.store import models, tx

from ..paging import pause
from . import alarms, audit, nodes, synthetic

FRESH = timedelta(seconds=120)
PING, BUDDY = "outside", "buddy"
# One failure says little about us: the way there is not ours.
FAILURES_UNTIL_ALARM = 3


@dataclass(frozen=True, slots=True)
class Standing:
    """Whether all is well, why not, and how late the oldest thing is."""

    well: bool
    why: str
    late_seconds: float


def standing(now: datetime, fresh: timedelta = FRESH) -> Standing:
    """Reads only."""
    look, page = audit.newest(), synthetic.newest()
    late = nodes.lateness(now).worst_seconds
    why = "The engine is paused." if pause.standing() else ""
    why = why or _wrong_with_audit(look, now, fresh) or _wrong_with_page(page, now, fresh)
    return Standing(not why, why, late)


def _wrong_with_audit(look: models.AuditRun | None, now: datetime, fresh: timedelta) -> str:
    if look is None:
        return "The auditor has not looked yet."
    if now - look.ended_at > fresh:
        return f"The auditor last looked {spoken(now - look.ended_at)} ago."
    if look.broken:
        return f"The auditor found {look.broken} broken promises."
    return ""


def _wrong_with_page(page: models.ProbeRun | None, now: datetime, fresh: timedelta) -> str:
    if page is None or page.ended_at is None:
        return "No synthetic page has come back yet."
    if not page.well:
        return f"The synthetic page failed: {page.text}"
    if now - page.ended_at > fresh:
        return f"The last synthetic page came back {spoken(now - page.ended_at)} ago."
    return ""


def count(kind: str, subject: str, failures: int, why: str, now: datetime) -> None:
    """Raise or clear the alarm about a watcher that cannot be reached; `failures` are those in a row."""
    if failures == 0:
        if models.Alarm.objects.filter(kind=kind, subject=subject, cleared_at=None).exists():
            with tx.write("web"):
                alarms.clear_alarm(kind, subject, now)
    elif failures >= FAILURES_UNTIL_ALARM:
        with tx.write("web"):
            alarms.raise_alarm(kind, subject, why, now)
