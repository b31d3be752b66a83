"""Process reviews, notices and feedback as pages show them. Decides nothing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from quarterdeck.app.catalog import catalogue
from quarterdeck.app.learning import feedback, notices, process
from quarterdeck.app.paging.directory import Directory
from quarterdeck.app.people import competence
from quarterdeck.app.visibility import known_to
from quarterdeck.core.access import Who, may
from quarterdeck.core.kernel.moments import parse
from quarterdeck.store import models

from .paging import part
from .problems import people
from .reviews import end_of

SIZE, MOST, VERSIONS = 50, 1000, 60
KINDS = {
    "template": "Response structure", "policy": "Escalation policy", "article": "Article", "runbook": "Runbook",
    "document": "Document",
}  # fmt: skip


def reviews(who: Who, asked: Mapping[str, str], now: datetime) -> dict[str, Any]:
    found = process.reviews(who)
    show = "over" if asked.get("show") == "over" else "open"
    live = found.filter(state=process.OPEN)
    rows = (
        found.exclude(state=process.OPEN).order_by("-done_at")
        if show == "over"
        else live.order_by("due_on", "id")
    )
    page, parts = part(list(rows[:MOST]), asked.get("part", ""), SIZE)
    owners, names = process.owners(), Directory(now)
    names.load_people({r.owner for r in page} | set(owners.values()))
    teams = list(models.Team.objects.order_by("name").values_list("key", "name")[:500])
    sets = may(who, "settings.edit")
    return {
        "tab": "process", "show": show, "part": parts,
        "reviews": [_review(r, names, now) for r in page],
        "views": [
            {"label": _("Open"), "href": "/prevention/process", "current": show == "open", "count": live.count()},
            {"label": _("Done"), "href": "/prevention/process?show=over", "current": show == "over"},
        ],
        "owners": [
            {"team": dict(teams).get(t, _("The whole installation")), "name": names.name(p)}
            for t, p in sorted(owners.items())
        ],
        "installation_owner": owners.get("", ""),
        "may_set": sets,
        "may_edit": may(who, "review.edit"),
        "teams": teams,
        "people": people() if sets or may(who, "review.edit") else [],
        "day": (timezone.localdate(now) + timedelta(days=process.DAYS)).isoformat(),
    }  # fmt: skip


def _review(r: models.ProcessReview, names: Directory, now: datetime) -> dict[str, Any]:
    late = process.is_late(r, timezone.localdate(now).isoformat())
    done = "done" if r.state == process.DONE else "open"
    return {
        "id": r.id, "title": process.title(r), "url": f"/prevention/process/{r.id}",
        "owner": names.name(r.owner), "owner_id": r.owner, "due_at": end_of(r.due_on), "due_on": r.due_on,
        "is_open": r.state == process.OPEN, "state": "late" if late else done,
        "findings": len(r.findings), "changes": len(r.changes), "done_at": r.done_at, "summary": r.summary,
    }  # fmt: skip


def review(r: models.ProcessReview, who: Who, now: datetime) -> dict[str, Any]:
    names = Directory(now)
    names.load_people({r.owner, r.done_by, *(f["by"] for f in r.findings)} - {""})
    titles = {t.key: t.title for t in catalogue.current().templates}
    writes = process.may_write(r, who)
    versions = (
        models.TemplateVersionRow.objects.exclude(saved_by="").order_by("-saved_at")[:VERSIONS]
        if writes
        else ()
    )
    incident = r.subject if r.trigger == "incident" and known_to(who, [r.subject]) else ""
    return {
        "tab": "process",
        "review": _review(r, names, now) | {"done_by": names.name(r.done_by) if r.done_by else ""},
        "incident": incident,
        "findings": [
            {"text": f["text"], "by": names.name(f["by"]), "at": parse(f["at"]), "feedback": f.get("feedback", "")}
            for f in r.findings
        ],
        "changes": [
            {"title": titles.get(c["what"], c["what"]), "version": c["version"], "note": c["note"],
             "href": f"/settings/structures/templates/{c['what']}"}
            for c in r.changes
        ],
        "versions": [
            (f"{v.template} {v.version}", f"{titles.get(v.template, v.template)}, {v.version}") for v in versions
        ],
        "may_edit": writes,
        "people": people() if writes else [],
    }  # fmt: skip


def box(kind: str, subject: str, who: Who, now: datetime) -> dict[str, Any]:
    """The feedback box of a document's page."""
    if not may(who, "report.write"):
        return {"feedback": None}
    found = list(feedback.about(kind, subject, who).order_by("-at", "-id")[: feedback.MOST_SHOWN])
    names = Directory(now)
    names.load_people({p for f in found for p in (f.by, f.answered_by) if p})
    return {
        "feedback": {
            "kind": kind, "subject": subject, "may_answer": feedback.may_answer(kind, subject, who),
            "words": [
                {"id": f.id, "text": f.text, "by": names.name(f.by), "at": f.at, "answer": f.answer,
                 "answered_by": names.name(f.answered_by) if f.answered_by else "", "answered_at": f.answered_at,
                 "wanted": bool(f.wanted_by), "review": f"/prevention/process/{f.review}" if f.review else ""}
                for f in found
            ],
        }
    }  # fmt: skip


def listing(who: Who, asked: Mapping[str, str], now: datetime) -> dict[str, Any]:
    mine = {n.id for n in notices.waiting_for(who.person)}
    show = asked.get("show", "mine" if mine else "all")
    rows = notices.notices().order_by("-published_at", "-id")
    rows = rows.filter(id__in=mine) if show == "mine" else rows
    page, parts = part(list(rows[:MOST]), asked.get("part", ""), SIZE)
    return {
        "tab": "notices", "show": show, "part": parts, "notices": _told(page, mine, now),
        "views": [
            {"label": _("To read"), "href": "/notices?show=mine", "current": show == "mine", "count": len(mine)},
            {"label": _("All"), "href": "/notices?show=all", "current": show != "mine"},
        ],
        "may_announce": may(who, "settings.edit"),
    }  # fmt: skip


def _told(found: Sequence[models.Notice], mine: Iterable[str], now: datetime) -> list[dict[str, Any]]:
    names = Directory(now)
    names.load_people({n.published_by for n in found})
    rows = (
        models.NoticeReceipt.objects.filter(notice__in=[n.id for n in found])
        .order_by()
        .values_list("notice_id")
    )
    counts = {
        i: (n, ok) for i, n, ok in rows.annotate(n=Count("id"), ok=Count("id", filter=~Q(understood_at=None)))
    }
    return [
        {
            "id": n.id, "title": n.title, "url": f"/notices/{n.id}", "kind": _(KINDS.get(n.kind, n.kind)),
            "by": names.name(n.published_by), "at": n.published_at, "effective_at": n.effective_at, "note": n.note,
            "ahead": n.effective_at > now, "people": counts.get(n.id, (0, 0))[0],
            "understood": counts.get(n.id, (0, 0))[1],
            "mine": n.id in mine, "path": n.path, "planned": bool(n.files), "applied_at": n.applied_at,
            "failure": n.failure, "withdrawn_at": n.withdrawn_at,
        }
        for n in found
    ]  # fmt: skip


def notice(row: models.Notice, who: Who, now: datetime) -> dict[str, Any]:
    mine = {n.id for n in notices.waiting_for(who.person)}
    receipts = list(row.receipts.order_by("person")[: notices.MOST_PEOPLE]) if may(who, "person.read") else []
    names = Directory(now)
    names.load_people({r.person for r in receipts})
    readers = sorted(
        ({"name": names.name(r.person), "at": r.understood_at} for r in receipts),
        key=lambda one: str(one["name"]),
    )
    done = row.receipts.filter(person=who.person).exclude(understood_at=None).first()
    return {
        "tab": "notices",
        "notice": _told([row], mine, now)[0],
        "understood_at": done.understood_at if done else None,
        "left": [r for r in readers if r["at"] is None],
        "done": [r for r in readers if r["at"] is not None],
        "may_withdraw": row.withdrawn_at is None and (row.published_by == who.person or may(who, "settings.edit")),
    }  # fmt: skip


def choices() -> dict[str, Any]:
    """Whom a notice may be for."""
    return {
        "tab": "notices",
        "teams": list(models.Team.objects.order_by("name").values_list("key", "name")[:500]),
        "roles": sorted(competence.titles().items(), key=lambda pair: pair[1]),
    }
