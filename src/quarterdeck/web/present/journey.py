"""What became of each page, for its recipient: planned, sent, taken by the provider, arrived, seen, answered or over.

In words with times, one line for each thing that happened or is to happen. Addresses are not shown.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from quarterdeck.store import models

from .callouts import MOST_ATTEMPTS, channel_name, via
from .zoned import zoned

# Outcome of an attempt -> (icon, tone, words)
_ENDED = {
    "accepted": ("send", "", "taken by the provider"),
    "retry": ("clock", "amber", "not taken; tried again"),
    "ambiguous": ("clock", "amber", "unclear whether it arrived; tried again"),
    "dropped": ("clock", "amber", "not sent in time; tried again"),
    "gave_up": ("octagonx", "red", "refused"),
    "delivered": ("checkc", "green", "arrived"),
    "undelivered": ("octagonx", "red", "did not arrive"),
}


def attach(lines: Sequence[dict[str, Any]], callouts: Sequence[models.Callout]) -> list[dict[str, Any]]:
    """These rows, each with its `steps`. Two queries for any number."""
    deliveries = models.Delivery.objects.filter(callout_id__in=[c.id for c in callouts]).defer("body")
    of: dict[str, list[models.Delivery]] = {}
    for d in deliveries.order_by("next_at", "id"):
        of.setdefault(d.callout_id, []).append(d)
    ids = [d.id for found in of.values() for d in found]
    attempts: dict[str, list[models.Attempt]] = {}
    for a in models.Attempt.objects.filter(delivery_id__in=ids).order_by("id")[:MOST_ATTEMPTS]:
        attempts.setdefault(a.delivery_id, []).append(a)
    known = {c.id: c for c in callouts}
    return [
        line | {"steps": _steps(known[line["id"]], of.get(line["id"], []), attempts)}
        for line in lines
    ]  # fmt: skip


def _steps(
    c: models.Callout, deliveries: Sequence[models.Delivery], attempts: dict[str, list[models.Attempt]]
) -> list[dict[str, Any]]:
    found = [step for d in deliveries for step in _delivery(d, attempts.get(d.id, []))]
    if c.seen_at:
        found.append(_step(c.seen_at, "eye", "", "", "Seen by you"))
    if c.acknowledged_at:
        how = via(c.acknowledged_via)
        found.append(_step(c.acknowledged_at, "checkc", "green", "", f"Acknowledged {how}".strip()))
    ended = sorted(found, key=lambda s: (s["ahead"], s["at"], s["words"] != "planned"))
    if c.state in ("cancelled", "unreachable"):
        words = "Called off" if c.state == "cancelled" else "Nobody was reached by it"
        tone = "" if c.state == "cancelled" else "red"
        ended.append(
            _step(None, "minusc" if not tone else "octagonx", tone, "", words, zoned(c.note, c.created_at))
        )
    return ended


def _delivery(d: models.Delivery, attempts: Sequence[models.Attempt]) -> list[dict[str, Any]]:
    """Planned, then every try, then what came of it."""
    name = channel_name(d.channel)
    if d.state == "queued" and not attempts:
        return [_step(d.next_at, "clock", "", name, "planned", zoned(d.error, d.created_at), ahead=True)]
    found = [_step(d.created_at, "clock", "", name, "planned")]
    for a in attempts:
        if a.phase == "started":
            again = f", attempt {a.n}" if a.n > 1 else ""
            found.append(_step(a.at, "send", "", name, f"sent{again}"))
        else:
            icon, tone, words = _ENDED.get(a.outcome, ("dot", "", a.outcome))
            found.append(_step(a.at, icon, tone, name, words, a.detail))
    if d.state == "queued":
        found.append(_step(d.next_at, "clock", "", name, "to be tried again", d.error, ahead=True))
    elif d.state == "cancelled":
        found.append(_step(d.finished_at, "minusc", "", name, "not sent", d.error))
    elif d.state == "failed" and not any(a.outcome in ("gave_up", "undelivered") for a in attempts):
        found.append(_step(d.finished_at, "octagonx", "red", name, "failed", d.error))
    return found


def _step(
    at: datetime | None, icon: str, tone: str, channel: str, words: str, why: str = "", *, ahead: bool = False
) -> dict[str, Any]:
    return {
        "at": at,
        "icon": icon,
        "tone": tone,
        "channel": channel,
        "words": words,
        "why": why,
        "ahead": ahead,
    }
