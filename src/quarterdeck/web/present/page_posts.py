"""Posts of a status page as its manager sees them: what is told now, what was told, what still lacks its words."""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from datetime import datetime
from typing import Any

from quarterdeck.app.status import page_languages
from quarterdeck.app.status.publishing import page_snapshot
from quarterdeck.app.visibility import known_to
from quarterdeck.channels.status_site import markup
from quarterdeck.core.access import Who
from quarterdeck.core.status.words import OVER, label
from quarterdeck.store import models

from .status import STATES, mark

EARLIER = 40
# More than these are not offered in a form: what is affected comes first, the rest is for the API.
PARTS = 300
WORDS = {"update": "Update", "correction": "Correction", "summary": "Summary"}


def listing(row: models.StatusPage, who: Who, now: datetime) -> dict[str, Any]:
    """What is open on the page, whoever posted it; what is over and was posted here; words that are still missing."""
    shown = page_snapshot(row, now, history=False)
    spoken = page_languages.languages(row)
    own = set(models.PagePost.objects.filter(page=row).values_list("incident_ref", flat=True))
    found = (*shown.open_incidents, *shown.maintenance)
    known = known_to(who, (i.ref for i in found))
    return {
        "open": [
            {
                "title": i.title or i.ref,
                "word": label(i.status),
                "at": i.updated_at,
                "next": i.next_update_at,
                "late": i.next_update_at is not None and i.next_update_at < now,
                "url": _url(row, i.ref, own, known),
                "incident": i.ref if i.ref in known else "",
            }
            for i in found
        ],
        "earlier": _earlier(row),
        "pending": _pending(row, shown, spoken),
        "languages": [page_languages.names().get(code, code) for code in spoken],
    }


def _url(row: models.StatusPage, ref: str, own: set[str], known: frozenset[str]) -> str:
    if ref in own:
        return f"/status-pages/{row.key}/posts/{ref}"
    return f"/incidents/{ref}/communication" if ref in known else ""


def _earlier(row: models.StatusPage) -> list[dict[str, Any]]:
    """The newest word of each thing that is over, of the last posts."""
    threads: dict[str, list[models.PagePost]] = {}
    for post in models.PagePost.objects.filter(page=row).order_by("-at", "-id")[: EARLIER * 5]:
        threads.setdefault(post.incident_ref, []).append(post)
    over = [posts for posts in threads.values() if posts[0].status_word in OVER]
    return [
        {
            "title": next((p.title for p in posts if p.title), "") or markup.plain(posts[0].body, 80),
            "word": label(posts[0].status_word),
            "at": posts[0].at,
            "retroactive": any(p.retroactive for p in posts),
            "source": posts[0].source,
            "url": f"/status-pages/{row.key}/posts/{posts[0].incident_ref}",
        }
        for posts in over[:EARLIER]
    ]


def _pending(row: models.StatusPage, shown: Any, spoken: Sequence[str]) -> list[dict[str, Any]]:
    names = page_languages.names()
    return [
        {
            "title": p.title or p.ref,
            "language": names.get(p.language, p.language),
            "url": words_url(row, p.post_id, p.language),
        }
        for p in page_languages.pending(shown, spoken)
    ]


def words_url(row: models.StatusPage, post_id: str, language: str) -> str:
    return f"/status-pages/{row.key}/posts/{post_id}/words/{language}"


def thread(row: models.StatusPage, posts: Sequence[models.PagePost], name: Any) -> list[dict[str, Any]]:
    """Everything said about one thing, newest first, a correction with what it corrects."""
    names = dict(models.Component.objects.filter(page=row).values_list("id", "name"))
    first, *spoken = page_languages.languages(row)
    told: dict[str, set[str]] = {}
    for w in models.PostWords.objects.filter(post_id__in=[p.id for p in posts]):
        told.setdefault(w.post_id, set()).add(w.language)
    by_id = {p.id: p for p in posts}
    return [
        {
            "id": p.id,
            "kind": WORDS.get(p.kind, p.kind) if p.kind != "update" else "",
            "word": label(p.status_word),
            "title": p.title,
            "body": p.body,
            "at": p.at,
            "by": name(p.posted_by) if p.posted_by else "",
            "next": p.next_update_at,
            "corrects": markup.plain(by_id[p.corrects].body, 120) if p.corrects in by_id else "",
            "components": [(names[c], mark(s), label(s)) for c, s in p.components.items() if c in names],
            "languages": _languages(row, p.id, told.get(p.id, set()), p.language or first, spoken),
            "correct_url": f"/status-pages/{row.key}/posts/{p.incident_ref}?do=correction&corrects={p.id}#write",
        }
        for p in reversed(posts)
    ]


def _languages(
    row: models.StatusPage, post_id: str, told: set[str], written_in: str, spoken: Sequence[str]
) -> list[dict[str, Any]]:
    """Where a post is told in other languages, and where it could be."""
    others = [c for c in page_languages.names() if c != written_in]
    return [
        {
            "name": page_languages.names()[code],
            "told": code in told,
            "waits": code in spoken and code not in told,
            "url": words_url(row, post_id, code),
        }
        for code in others
    ]


def parts(row: models.StatusPage, chosen: Mapping[str, str], told: Container[str] = ()) -> dict[str, Any]:
    """The components of a page with the state each would be put in; those that are named or were told come first."""
    found = list(models.Component.objects.filter(page=row).order_by("position", "name"))
    found.sort(key=lambda c: (c.id not in chosen, c.id not in told, c.state == "operational"))
    return {
        "parts": [
            {"id": c.id, "name": c.name, "group": c.group, "mark": mark(c.state), "now": label(c.state),
             "chosen": chosen.get(c.id, "")}
            for c in found[:PARTS]
        ],
        "parts_left": max(0, len(found) - PARTS),
        "named": bool(chosen) or any(c.id in told and c.state != "operational" for c in found),
        "states": STATES,
    }  # fmt: skip
