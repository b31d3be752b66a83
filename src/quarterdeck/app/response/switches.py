"""Outward activity of an incident halted and resumed, how its areas do, how people speak of it, and talks offered."""

from __future__ import annotations

from datetime import datetime

from quarterdeck.core.incidents import areas, sentiment, switches, talks
from quarterdeck.core.kernel.text import clean, line
from quarterdeck.store.ids import new_id

from .. import casebook
from ..act import Act
from ..casebook import Case


def halt(act: Act, incident_id: str, key: str, eta_at: datetime) -> Case:
    """Have it stand still by a time."""
    return casebook.change(
        act,
        incident_id,
        lambda i, t: switches.request_halt(i, t, act.who, key=key, eta_at=eta_at, now=act.at),
    )


def halted(act: Act, incident_id: str, key: str, evidence: str) -> Case:
    """Confirm that it stands still, with proof."""
    said = clean(evidence, switches.PROOF_LIMIT + 1)
    return casebook.change(
        act, incident_id, lambda i, t: switches.confirm_halt(i, t, act.who, key=key, evidence=said)
    )


def resume(act: Act, incident_id: str, key: str) -> Case:
    """Have it run again."""
    return casebook.change(act, incident_id, lambda i, t: switches.request_resume(i, t, act.who, key=key))


def resumed(act: Act, incident_id: str, key: str, evidence: str = "") -> Case:
    """Confirm that it runs again."""
    said = clean(evidence, switches.PROOF_LIMIT + 1)
    return casebook.change(
        act, incident_id, lambda i, t: switches.confirm_resume(i, t, act.who, key=key, evidence=said)
    )


def excuse(act: Act, incident_id: str, key: str, reason: str) -> Case:
    """It does not apply here."""
    said = clean(reason, switches.PROOF_LIMIT + 1)
    return casebook.change(
        act, incident_id, lambda i, t: switches.excuse(i, t, act.who, key=key, reason=said)
    )


def ask_areas(act: Act, incident_id: str, departments: tuple[str, ...] = ()) -> Case:
    """One round: every role is asked how its area does; with `departments` only these."""
    return casebook.change(
        act,
        incident_id,
        lambda i, t: areas.start_round(i, t, act.who, departments=departments, now=act.at),
    )


def report_area(act: Act, incident_id: str, role: str, state: str, text: str) -> Case:
    said = clean(text, areas.TEXT_LIMIT + 1)
    return casebook.change(
        act, incident_id, lambda i, t: areas.report(i, t, act.who, role=role, state=state, text=said)
    )


def report_sentiment(
    act: Act,
    incident_id: str,
    channel: str,
    level: int,
    volume: int,
    *,
    posts: str = "",
    next_minutes: int = 0,
    report_id: str = "",
) -> Case:
    """`report_id` makes a retry safe."""
    made, said = report_id or new_id(), clean(posts, sentiment.POSTS_LIMIT + 1)
    return casebook.change(
        act,
        incident_id,
        lambda i, t: sentiment.report(
            i, act.who, report_id=made, channel=line(channel, 81), level=level, volume=volume, posts=said,
            next_minutes=next_minutes, now=act.at,
        ),
    )  # fmt: skip


def set_capacity(act: Act, incident_id: str, weekly: int) -> Case:
    return casebook.change(act, incident_id, lambda i, t: talks.set_capacity(i, t, act.who, weekly=weekly))


def offer(act: Act, incident_id: str, customer: str, note: str = "", offer_id: str = "") -> Case:
    made = offer_id or new_id()
    return casebook.change(
        act,
        incident_id,
        lambda i, t: talks.offer(
            i, act.who, offer_id=made, customer=line(customer, 201), note=line(note, 301)
        ),
    )


def end_offer(act: Act, incident_id: str, offer_id: str, state: str) -> Case:
    return casebook.change(
        act, incident_id, lambda i, t: talks.end(i, act.who, offer_id=offer_id, state=state)
    )
