"""What waits for one person, the most urgent first: pages, handovers, tasks, clocks they own, drafts to release."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from quarterdeck.app.comms import audiences
from quarterdeck.app.learning import notices, prevention, process
from quarterdeck.app.response import response
from quarterdeck.core.kernel.text import cut
from quarterdeck.store import models

from .reviews import drill_pages


def waiting_for(person: str, at: datetime) -> list[dict[str, Any]]:
    """The rows of now/due.html."""
    found = [
        *_pages(person),
        *_handovers(person),
        *_tasks(person, at),
        *_clocks(person, at),
        *_drafts(person),
        *_releases(person, at),
        *_items(person, at),
        *_notices(person),
        *_prevention(person, at),
    ]
    found.sort(key=lambda row: row["rank"])
    return found[:20]


def _row(
    rank: int, key: str, icon: str, title: str, notes: list[str], action: dict[str, Any], **more: Any
) -> dict[str, Any]:
    base = {
        "href": action.get("href", ""),
        "rank": rank,
        "id": key,
        "icon": icon,
        "title": title,
        "notes": notes,
        "action": action,
        "severity": None,
    }
    return base | {"when": None, "when_text": "", "tone": "", "primary": rank <= 1} | more


def _pages(person: str) -> list[dict[str, Any]]:
    rows = models.Callout.objects.filter(person_id=person, state="waiting").order_by("-created_at")[:100]
    # Somebody who was asked twice for one alert answers both at once.
    newest: dict[str, models.Callout] = {}
    for c in rows:
        newest.setdefault(c.alert_id or c.id, c)
    return [
        _row(
            0, f"callout-{c.id}", "phone", c.subject, [c.reason],
            {"label": "Acknowledge", "post": f"/callouts/{c.id}/acknowledgement", "fields": {}, "key": "a"}, tone="red",
            href=f"/alerts/{c.alert_id}" if c.alert_id else f"/callouts/{c.id}",
        )
        for c in newest.values()
    ][:10]  # fmt: skip


def _handovers(person: str) -> list[dict[str, Any]]:
    rows = models.HandoverRow.objects.filter(to_person=person, ended_at=None).order_by("offered_at")
    return [
        _row(
            1, f"handover-{h.id}", "swap", f"Handover of {h.role.replace('_', ' ')} in {h.incident_id}",
            [f"{h.state}, waiting for you"], {"label": "Open", "href": f"/incidents/{h.incident_id}"},
        )
        for h in rows
    ]  # fmt: skip


def _tasks(person: str, at: datetime) -> list[dict[str, Any]]:
    rows = models.TaskRow.objects.filter(assignee=person, state__in=("given", "acknowledged")).order_by(
        "due_at"
    )[:10]
    return [
        _row(
            2 if t.due_at < at else 3, f"task-{t.id}", "task", t.title,
            [t.incident_id, "not acknowledged" if t.state == "given" else "in progress"],
            {"label": "Open", "href": f"/incidents/{t.incident_id}/tasks"}, when=t.due_at,
            tone="red" if t.due_at < at else "",
        )
        for t in rows
    ]  # fmt: skip


def _clocks(person: str, at: datetime) -> list[dict[str, Any]]:
    """Clocks of a role I hold, and, as commander, those whose role nobody holds."""
    mine = models.RoleAssignmentRow.objects.filter(person_id=person, ended_at=None)
    held = {(r.incident_id, r.role) for r in mine}
    if not held:
        return []
    ids = {i for i, _ in held}
    filled = set(
        models.RoleAssignmentRow.objects.filter(incident_id__in=ids, ended_at=None).values_list(
            "incident_id", "role"
        )
    )
    clocks = models.UpdateClockRow.objects.filter(incident_id__in=ids, running=True).order_by("next_due")
    titles = audiences.audience_keys() if clocks else {}
    found = []
    for c in clocks:
        place = (c.incident_id, c.owner_role)
        if place in held or (place not in filled and (c.incident_id, "commander") in held):
            late = c.next_due < at
            found.append(_row(
                1 if late else 4, f"clock-{c.id}", "mega", f"Update to {titles.get(c.audience, c.audience)}",
                [c.incident_id],
                {"label": "Write", "href": f"/incidents/{c.incident_id}/communication?draft=1&audience={c.audience}"},
                when=c.next_due, tone="red" if late else "",
            ))  # fmt: skip
    return found[:8]


def _drafts(person: str) -> list[dict[str, Any]]:
    commanding = models.RoleAssignmentRow.objects.filter(person_id=person, role="commander", ended_at=None)
    ids = [r.incident_id for r in commanding]
    rows = models.MessageRow.objects.filter(incident_id__in=ids, state="draft").order_by("drafted_at")[:5]
    titles = audiences.audience_keys() if rows else {}
    return [
        _row(
            2, f"message-{m.id}", "send", f"Release: {m.headline}", [m.incident_id, titles.get(m.audience, m.audience)],
            {"label": "Review", "href": f"/incidents/{m.incident_id}/communication?message={m.id}#message"},
        )
        for m in rows
    ]  # fmt: skip


def _releases(person: str, at: datetime) -> list[dict[str, Any]]:
    """One card for everything that business responses want released by whoever commands the technical incident."""
    waiting = response.waiting_for_release(person, at)
    number = sum(n for _, n in waiting)
    if not number:
        return []
    text = f"{number} message{'s' if number > 1 else ''} of the business response to release"
    href = f"/incidents/{waiting[0][0]}/communication"
    where = [key for key, _ in waiting]
    return [_row(1, f"release-{where[0]}", "send", text, where, {"label": "Review", "href": href})]


def _day(iso: str) -> str:
    """A day as people write it, such as 17 Oct 2026."""
    return f"{date.fromisoformat(iso):%-d %b %Y}"


def _items(person: str, at: datetime) -> list[dict[str, Any]]:
    rows = list(models.ActionItemRow.objects.filter(owner=person, done_at=None).order_by("due_on")[:5])
    drills = drill_pages({i.incident_id for i in rows})
    today = f"{at:%Y-%m-%d}"
    return [
        _row(
            2 if i.due_on < today else 5, f"item-{i.id}", "review", i.title,
            [i.incident_id, f"{'overdue since' if i.due_on < today else 'due'} {_day(i.due_on)}"],
            {"label": "Open", "href": drills.get(i.incident_id) or f"/reviews/{i.incident_id}"},
            tone="red" if i.due_on < today else "",
            when_text="Overdue" if i.due_on < today else "",
        )
        for i in rows
    ]  # fmt: skip


def _notices(person: str) -> list[dict[str, Any]]:
    return [
        _row(
            3, f"notice-{n.id}", "mega", n.title, [cut(n.note, 80)], {"label": "Read", "href": f"/notices/{n.id}"},
        )
        for n in notices.waiting_for(person)[:5]
    ]  # fmt: skip


def _prevention(person: str, at: datetime) -> list[dict[str, Any]]:
    """Preventive tasks and process reviews; each from two weeks before its day on."""
    today, soon = f"{at:%Y-%m-%d}", f"{at + timedelta(days=14):%Y-%m-%d}"
    tasks = models.PreventiveTask.objects.filter(owner=person, state=prevention.OPEN, due_on__lte=soon)
    reviews = models.ProcessReview.objects.filter(owner=person, state=process.OPEN)
    found = [
        (t.id, "wrench", t.title, t.due_on, f"/prevention/tasks/{t.id}") for t in tasks.order_by("due_on")[:5]
    ]
    found += [
        (r.id, "review", process.title(r), r.due_on, f"/prevention/process/{r.id}")
        for r in reviews.order_by("due_on")[:5]
    ]
    return [
        _row(
            2 if day < today else 5, f"prevention-{key}", icon, title,
            [f"{'overdue since' if day < today else 'due'} {_day(day)}"], {"label": "Open", "href": href},
            tone="red" if day < today else "", when_text="Overdue" if day < today else "",
        )
        for key, icon, title, day, href in found
    ]  # fmt: skip
