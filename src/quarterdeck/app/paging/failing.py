"""The alarm about providers that an engine leaves alone because they fail. Each machine speaks for its own engine."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from quarterdeck.store import models, tx

from ..health import alarms

KIND = "breaker"
# A machine that is gone for good clears nothing; one that is there says it again.
FORGOTTEN = timedelta(hours=24)


def say(machine: str, failing: Mapping[str, str], now: datetime) -> None:
    """These providers are left alone on this machine, and no others any more."""
    # By its end an alarm is known as this machine's, and by the end of its name a machine.
    tail = f" @ {machine[-55:]}"
    wanted = {name[: 100 - len(tail)] + tail: (name, why) for name, why in failing.items()}
    standing = models.Alarm.objects.filter(kind=KIND, cleared_at=None)
    over = [
        a.subject
        for a in standing
        if a.subject not in wanted and (a.subject.endswith(tail) or a.raised_at < now - FORGOTTEN)
    ]
    if not wanted and not over:
        return
    with tx.write("web"):
        for subject in over:
            alarms.clear_alarm(KIND, subject, now)
        for subject, (name, why) in wanted.items():
            text = (
                f"{name} does not take what is sent: {why} Pages go to people's next contact at once meanwhile; it is "
                "tried every ten seconds."
            )
            alarms.raise_alarm(KIND, subject, text, now)
