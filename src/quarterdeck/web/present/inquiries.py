"""Inquiries on pages: the list of the desk, one of them with its acts, and customers reporting. Decides nothing."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from quarterdeck.app.act import Act
from quarterdeck.app.comms import customer_reports as reports
from quarterdeck.app.desk import customer_escalations as issues
from quarterdeck.app.desk import inquiries, inquiry_answers, inquiry_follow_ups
from quarterdeck.app.paging.directory import Directory
from quarterdeck.app.visibility import visible_incidents
from quarterdeck.core.access import Who, may
from quarterdeck.core.incidents import inquiries as core
from quarterdeck.store import models

from .problems import people

MOST = 200
STATES = {
    "new": ("warning", "New"), "assigned": ("waiting", "Assigned"), "escalated": ("fault", "Escalated"),
    "answered": ("ok", "Answered"), "closed": ("done", "Closed"),
}  # fmt: skip
VIEWS = {"open": "Open", "mine": "Mine", "nobody": "Nobody's", "follow": "To follow up", "over": "Answered"}
WORDS = {
    "asked": "Asked", "repeat": "Asked again", "assigned": "Assigned", "answered": "Answered", "closed": "Closed",
    "reopened": "Opened again", "escalated": "Escalated", "returned": "Came back", "late": "Late",
    "linked": "Linked", "follow_up": "Follow-up",
}  # fmt: skip


def desk(asked: Mapping[str, str], who: Who, now: datetime) -> dict[str, Any]:
    """The list as the address asks for it."""
    rows = inquiries.inquiries(who)
    show = asked.get("show", "open") if asked.get("show") in VIEWS else "open"
    kind = asked.get("kind", "") if asked.get("kind") in core.KINDS else ""
    incident = asked.get("incident", "")[:20]
    found = rows.filter(**({"kind": kind} if kind else {}), **({"incident_id": incident} if incident else {}))
    match show:
        case "mine":
            found = found.filter(owner=who.person, state__in=core.OPEN_STATES)
        case "nobody":
            found = found.filter(owner="", state__in=core.OPEN_STATES)
        case "follow":
            found = found.exclude(state="closed", answer="").exclude(follow_up__in=("told", "not_needed"))
            found = found.exclude(incident_id="")
        case "over":
            found = found.exclude(state__in=core.OPEN_STATES)
        case _:
            found = found.filter(state__in=core.OPEN_STATES)
    order = ("-changed_at", "-id") if show == "over" else ("asked_at", "id")
    shown = list(found.order_by(*order)[:MOST])
    counts = inquiries.counts(who)
    kept = f"&incident={incident}" if incident else ""
    return {
        "views": [
            {"label": label, "href": f"/inquiries?show={key}{kept}", "current": key == show,
             "count": {"open": counts["open"], "nobody": counts["unowned"]}.get(key)}
            for key, label in VIEWS.items()
        ],
        "show": show, "kind": kind, "incident_asked": incident,
        "kinds": [(k, label, counts[k]) for k, label in core.KINDS.items()],
        "inquiries": rows_of(shown, now), "may_work": may(who, inquiries.WORK), "people": people(),
        "incidents": incidents(who), "follow_ups": list(core.FOLLOW_UPS.items())[1:],
        "filtered": bool(kind or incident),
    }  # fmt: skip


def incidents(who: Who) -> list[dict[str, str]]:
    rows = visible_incidents(who).filter(is_open=True).order_by("severity", "-number")
    return [{"id": i, "title": t} for i, t in rows.values_list("id", "title")[:50]]


def rows_of(rows: list[models.Inquiry], now: datetime) -> list[dict[str, Any]]:
    directory = Directory(now)
    directory.load_people({r.owner for r in rows} - {""})
    return [
        {
            "id": r.id, "url": f"/inquiries/{r.id}", "question": r.question, "kind": core.KINDS.get(r.kind, r.kind),
            "channel": core.CHANNELS.get(r.channel, r.channel), "tier": r.tier,
            "who": r.outlet or r.customer or r.contact or "Somebody", "incident": r.incident_id,
            "state": STATES[r.state][0], "state_text": STATES[r.state][1], "repeats": r.repeats,
            "sentiment": core.SENTIMENTS.get(r.sentiment, "") if r.sentiment else "",
            "angry": r.sentiment == "angry",
            "owner": directory.name(r.owner) if r.owner else "", "asked_at": r.asked_at,
            "deadline": r.deadline if r.state in core.OPEN_STATES else None,
            "follow_up": core.FOLLOW_UPS.get(r.follow_up, "") if r.follow_up else "",
        }
        for r in rows
    ]  # fmt: skip


def detail(row: models.Inquiry, act: Act) -> dict[str, Any]:
    directory = Directory(act.at)
    log = inquiries.history(row)
    made = list(issues.escalations(act.who).filter(inquiry_id=row.id).order_by("-raised_at", "-id"))
    directory.load_people({e.by for e in log} | {p for i in made for p in (i.person, i.raised_by)} - {""})
    works = may(act.who, inquiries.WORK)
    return {
        "inquiry": rows_of([row], act.at)[0], "row": row,
        "history": [
            {"what": WORDS.get(e.kind, e.kind), "text": e.text, "at": e.at,
             "by": directory.name(e.by) if e.by else "Quarterdeck"}
            for e in log
        ],
        "texts": [
            {"id": m.id, "audience": m.audience.replace("_", " "), "text": t, "stale": s, "sent_at": m.sent_at}
            for m, t, s in inquiry_answers.texts(act, row)[:10]
        ] if works and row.state != "escalated" else [],
        "own_words": row.kind in core.OWN_WORDS, "needs_link": row.kind == "social",
        "issues": [
            {"id": i.id, "target": issues.TITLES.get(i.target, i.target), "priority": i.priority, "reason": i.reason,
             "person": directory.name(i.person), "by": directory.name(i.raised_by), "at": i.raised_at,
             "due_at": i.due_at, "outcome": i.outcome, "closed_at": i.closed_at}
            for i in made
        ],
        "may_work": works, "is_open": row.state in core.OPEN_STATES, "people": people() if works else [],
        "incidents": incidents(act.who), "targets": list(issues.TITLES.items()),
        "priorities": [("urgent", "Urgent: 15 minutes"), ("high", "High: 30 minutes"), ("normal", "Normal: 2 hours")],
        "sentiments": list(core.SENTIMENTS.items()), "tiers": list(core.TIERS.items()),
        "follow_ups": list(core.FOLLOW_UPS.items()),
    }  # fmt: skip


def reporting(incident_id: str, who: Who, now: datetime) -> dict[str, Any] | None:
    """The counter of the command panel: how many customers report, their course, and what waits on the desk."""
    customers = reports.total(incident_id)
    counts = inquiries.counts(who, incident_id)
    late = issues.escalations(who).filter(incident_id=incident_id, closed_at=None)
    opened = list(late.order_by("due_at").values("inquiry_id", "priority", "reason", "due_at")[:5])
    if not customers and not counts["open"] and not opened:
        return None
    reached = reports.prompt(incident_id)
    kinds = [f"{counts[k]} {label.lower()}" for k, label in core.KINDS.items() if counts[k]]
    return {
        "customers": customers, "open": counts["open"], "unowned": counts["unowned"], "kinds": ", ".join(kinds),
        "href": f"/inquiries?incident={incident_id}",
        "course": [{"name": "", "parts": [("s2", n)]} for n in reports.course(incident_id, who, now)],
        "threshold": reached.threshold if reached else None, "threshold_at": reached.at if reached else None,
        "issues": [i | {"url": f"/inquiries/{i['inquiry_id']}"} for i in opened],
        "follow_up": inquiry_follow_ups.waiting(incident_id).count(),
    }  # fmt: skip
