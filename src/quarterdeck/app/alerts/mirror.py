"""The alert inbox mirrored into one room: what opened and what ended, each told once. Never pages anybody.

What happens within seconds is told together, so that a storm does not drown the room; it lists what fits and counts the
rest. An alert that is silenced is not told, and a repeat never is.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Literal, NamedTuple

from django.conf import settings

from quarterdeck.core.kernel.text import line
from quarterdeck.store import models
from quarterdeck.store.ids import new_id

from ..comms.links import alert_url
from ..health import alarms

KIND = "mirror"
# One message in this time: incoming webhooks of chat programs take about one a second, people fewer.
EVERY = timedelta(seconds=10)
KEEP_TRYING = timedelta(hours=1)
LINES = 15
_FIRST, _LAST = "mirror/", "mirror0"

Word = Literal["opened", "acknowledged", "resolved"]


class News(NamedTuple):
    """What happened to one alert."""

    word: Word
    alert_id: str
    summary: str
    severity: str
    by: str = ""


def is_on() -> bool:
    return bool(settings.QUARTERDECK.mirror.channel)


def tell(news: Iterable[News], now: datetime) -> None:
    """Add this to what waits to be sent, or make a new message (T0: inside the caller's transaction)."""
    found = list(news)
    if not found or not is_on():
        return
    waiting = _rows().select_for_update().filter(state="queued", attempts=0, next_at__gt=now).first()
    if waiting is not None:
        told = waiting.body["data"]
        waiting.body = _body(_more(told["lines"], found), _counted(told["counts"], found), told["first"])
        waiting.save(update_fields=["body"])
        return
    mirror = settings.QUARTERDECK.mirror
    last = _rows().values_list("next_at", flat=True).first()
    due_at = max(now, last + EVERY) if last else now
    key = new_id()
    models.Delivery.objects.create(
        id=key, key=f"{_FIRST}{key}", cls="message", channel=mirror.channel, address=mirror.address,
        body=_body(_more([], found), _counted({}, found), found[0].alert_id),
        next_at=due_at, not_after=due_at + KEEP_TRYING, created_at=now,
    )  # fmt: skip


def failed(row: models.Delivery, why: str, now: datetime) -> None:
    """A message to the room is given up: somebody who looks there would miss it."""
    if row.key.startswith(_FIRST):
        # An address on the web may be as good as a password, and everybody reads this.
        where = row.channel if "://" in row.address else row.address or row.channel
        text = f"The mirror of the alerts in {where} misses a message: {why}"
        alarms.raise_alarm(KIND, row.channel, line(text, 600), now)


def sent(row: models.Delivery, now: datetime) -> None:
    if row.key.startswith(_FIRST):
        alarms.clear_alarm(KIND, row.channel, now)


def _rows() -> models.models.QuerySet[models.Delivery]:
    """Messages of the mirror, the newest first; keys are in the order of time."""
    return models.Delivery.objects.filter(key__gte=_FIRST, key__lt=_LAST).order_by("-key")


def _more(lines: list[str], news: list[News]) -> list[str]:
    room = max(LINES - len(lines), 0)
    return [*lines, *(_line(n) for n in news[:room])]


def _line(news: News) -> str:
    by = f" by {news.by}" if news.by else ""
    severity = f" ({news.severity})" if news.word == "opened" and news.severity else ""
    return f"{news.word}{by}{severity}: {line(news.summary, 100)}"


def _counted(counts: dict[str, int], news: list[News]) -> dict[str, int]:
    found = dict(counts)
    for n in news:
        found[n.word] = found.get(n.word, 0) + 1
    return found


def _body(lines: list[str], counts: dict[str, int], first: str) -> dict[str, object]:
    total = sum(counts.values())
    left = total - len(lines)
    more = [f"and {left} more"] if left else []
    alone = total == 1
    subject = f"Alert {lines[0]}" if alone else "Alerts: " + ", ".join(f"{n} {w}" for w, n in counts.items())
    return {
        "subject": subject,
        "text": "" if alone else "\n".join([*lines, *more]),
        "link": alert_url(first) if alone else f"{settings.QUARTERDECK_PUBLIC_URL}/alerts",
        "link_label": "Open",
        "kind": "message",
        "urgency": "low",
        "thread": "alerts",
        "data": {"lines": lines, "counts": counts, "first": first},
    }
