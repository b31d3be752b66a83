"""What is shown of a message on its way to many: figures, the ledger, and what may be done about it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from quarterdeck.app.comms import ledger, mailings
from quarterdeck.channels import channels
from quarterdeck.core.kernel.text import counted
from quarterdeck.store import models

MOST = 50
_TONE = {
    "queued": ("", "clock"), "sending": ("amber", "ring"), "handed": ("green", "check"),
    "delivered": ("green", "checkc"), "bounced": ("red", "octagonx"), "complained": ("red", "triangle"),
    "suppressed": ("", "stop"), "failed": ("red", "octagonx"), "stopped": ("", "x"),
}  # fmt: skip
_MAILING = {
    "running": ("amber", "ring", "going out"), "paused": ("amber", "clock", "paused"),
    "stopped": ("red", "octagonx", "stopped"), "done": ("green", "checkc", "gone out"),
}  # fmt: skip


def _confirmed(message_id: str, delivered: int, now: datetime) -> str:
    silent = ledger.without_report(message_id, now)
    told = counted(delivered, "confirmed delivery", "confirmed deliveries")
    return f"{told}, {silent} without a report of the provider" if silent else told


def progress(mailing: models.Mailing) -> dict[str, Any]:
    """Figures of one message; they add up to everybody in its set."""
    now = datetime.now(UTC)
    n = mailings.counts(mailing.id)
    total = sum(n.values())
    over = total - n["queued"] - n["sending"]
    tone, icon, text = _MAILING[mailing.state]
    trouble = n["bounced"] + n["complained"] + n["failed"]
    return {
        "state": mailing.state, "tone": tone, "icon": icon, "text": text, "note": mailing.note, "total": total,
        "over": over, "running": mailing.state == "running", "open": mailing.state in ("running", "paused"),
        "reason": mailing.reason, "segment": mailing.segment, "frozen_at": mailing.frozen_at,
        "ended_at": mailing.ended_at,
        "figures": [
            {"label": "Recipients", "value": total, "note": mailing.segment and f"on the list {mailing.segment}"},
            {"label": "Handed over", "value": n["handed"] + n["delivered"],
             "note": _confirmed(mailing.id, n["delivered"], now)},
            {"label": "Waiting", "value": n["queued"] + n["sending"], "note": ""},
            {"label": "Held back", "value": n["suppressed"] + n["stopped"], "note": "said no, bounced before, stopped"},
            {"label": "Not reached", "value": trouble,
             "note": f"{n['bounced']} bounced, {n['complained']} complained, {n['failed']} failed"},
        ],
    }  # fmt: skip


def table(
    mailing: models.Mailing, show: str, asked: str, after: str, url: str, *, named: bool = True
) -> dict[str, Any]:
    """A page of the ledger, in the order of the set; `named`: with the addresses."""
    n = mailings.counts(mailing.id)
    rows = models.Recipient.objects.filter(message_id=mailing.id)
    if show in mailings.STATES:
        rows = rows.filter(state=show)
    if asked:
        rows = rows.filter(address__icontains=asked)
    if after.isascii() and after.isdigit() and len(after) < 19:
        rows = rows.filter(id__gt=int(after))
    found = list(rows.order_by("id")[: MOST + 1])
    views = [{"label": "All", "href": url, "current": show not in mailings.STATES, "count": sum(n.values())}]
    views += [
        {"label": text.capitalize(), "href": f"{url}?show={key}", "current": show == key, "count": n[key]}
        for key, text in mailings.STATES.items()
        if n[key] or show == key
    ]
    return {
        "views": views,
        "rows": [_row(r if named else mailings.hide(r)) for r in found[:MOST]],
        "next": found[MOST - 1].id if len(found) > MOST else None,
        "show": show,
        "asked": asked,
        "named": named,
    }


def _row(row: models.Recipient) -> dict[str, Any]:
    tone, icon = _TONE[row.state]
    silent = ledger.report_of(row, datetime.now(UTC)) == "none"
    title = channels()[row.channel].NAME if row.channel in channels() else row.channel
    return {
        "id": row.id, "address": row.address, "name": row.name if row.contact_id else "", "channel": title,
        "tone": "amber" if silent else tone, "icon": "clock" if silent else icon,
        "state": "no report" if silent else mailings.STATES[row.state], "attempts": row.attempts,
        "at": row.ended_at or row.handed_at, "detail": row.detail,
        "unclear": f"{row.unclear} of {ledger.MOST_UNCLEAR} ends unclear" if row.unclear else "",
    }  # fmt: skip
