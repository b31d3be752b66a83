"""When the alarm of a page by hand that reached nobody ends, and what ends each of the others, in words.

Never ends an alarm about an alert or an incident that somebody still waits for.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from quarterdeck.store import models, tx

from . import alarms

# What happened once is shown for a day; a person who still cannot be reached is named by the Health page after that.
SHOWN = timedelta(hours=24)
SHOWN_SPOKEN = "24 hours"
BY_HAND = "unreachable"

NEXT = {
    "no_policy": (
        "Give the service a policy, or make one policy the default: then paging starts within seconds. This alarm "
        "ends then, or with its alert."
    ),
    "exhausted": "Acknowledge or end what it is about, or page somebody by hand: the alarm ends with the answer.",
    "unparsed": "Correct the sender or the mapping: the alarm ends with the next body that is understood.",
    "journal": f"Look whether alerts were lost. The alarm ends after {SHOWN_SPOKEN}.",
    "relapse": f"Look at the incident, and run quarterdeck verify. The alarm ends after {SHOWN_SPOKEN}.",
    "newer": f"Upgrade the nodes that are left behind. The alarm ends {SHOWN_SPOKEN} after it was raised.",
    "mirror": "Mend the channel or the room's address: the alarm ends with the next message that arrives there.",
    "limited": (
        "Raise its limit under Catalog, Integrations (or [limits] for all), or quieten it. The alarm ends when nothing "
        "was refused for five minutes."
    ),
    "coverage": "Fill the gap (On-call, Coverage names it): the alarm ends at the next look, within the hour.",
    "drill_plan": "Change, pause or end the plan under Drills: the alarm ends with that, or with the next drill of it.",
    "automation": "Look at the runs of the rule, mend it and switch it on again: the alarm ends with that.",
    "subscriber_codes": "Look who asks for codes, or guesses them, on the forms of status pages. It ends after a day.",
    "paid": "Find out what sends so much, or raise the limit (Settings, Texts and calls). It ends at midnight, UTC.",
    "keys": "The alarm ends within a minute of the old secrets.json being back, or of quarterdeck keys accept.",
    "maintenance": "Open the maintenance: start, finish, extend, move or cancel it, or resolve what holds it.",
    "status-page": "Mend the folder or the disk it is published to: it is tried again every 30 seconds.",
    "status-target": (
        "Mend the target under Status pages, Targets: it is tried again by itself. The alarm ends when the page is "
        "there."
    ),
    "clock": "Look at the time service. The alarm ends after 15 minutes without another jump.",
}
ANSWERED = (
    "Mend their contact or the channel. The alarm ends when somebody answers, or what it is about ends."
)
REACHED = (
    "Mend their contact or the channel and page them again: the alarm ends when a page reaches them, or after "
    f"{SHOWN_SPOKEN}."
)
MENDED = "Mend the cause: the alarm ends by itself at the next look."


def look(now: datetime) -> int:
    """End what is over; the number of alarms ended. Asked every few seconds: without an alarm it costs one look-up."""
    rows = models.Alarm.objects.filter(kind=BY_HAND, cleared_at=None)
    standing = list(rows.order_by("raised_at")[:200])
    if not standing:
        return 0
    called = _by_hand(standing)
    over = [a for a in standing if a.subject in called and _is_over(a, called[a.subject], now)]
    if over:
        with tx.write("web"):
            for alarm in over:
                alarms.clear_alarm(alarm.kind, alarm.subject, now)
    return len(over)


def next_step(alarm: models.Alarm) -> str:
    """What to do about an alarm, and what ends it."""
    if alarm.kind == BY_HAND:
        return REACHED if alarm.subject in _by_hand([alarm]) else ANSWERED
    return NEXT.get(alarm.kind, MENDED)


def _by_hand(standing: list[models.Alarm]) -> dict[str, str]:
    """Callout → person, of those alarms that stand for one callout and not for an escalation."""
    subjects = [a.subject for a in standing]
    return dict(models.Callout.objects.filter(id__in=subjects, run_id="").values_list("id", "person_id"))


def _is_over(alarm: models.Alarm, person: str, now: datetime) -> bool:
    return alarm.raised_at <= now - SHOWN or _reached(person, alarm.raised_at)


def _reached(person: str, since: datetime) -> bool:
    """Whether a later page got through to them."""
    sent = models.Delivery.objects.filter(person_id=person, cls="page", state="sent", drill=False)
    return sent.filter(finished_at__gt=since).exists()
