"""Executives with duty as the coverage page, the war room and their own first page show them: trained, or what is
lacking. Plain data; never writes.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from quarterdeck.app.executives import executive_training
from quarterdeck.app.paging.directory import Directory
from quarterdeck.core.incidents.executive_training import said

from .oncall import Names


def rows(now: datetime, names: Names) -> list[dict[str, Any]]:
    """Everybody on the roster of executive duty, the untrained first."""
    found = executive_training.roster(now)
    return [
        names.someone(r.person) | {
            "href": f"/catalog/people/{r.person}", "duties": ", ".join(r.duties), "lacks": said(r.lacks),
            "untrained": "training" in r.lacks, "drilled_at": r.standing.drilled_at,
            "quiz_passed_at": r.standing.passed_at, "quiz_due": "quiz" in r.lacks,
        }
        for r in sorted(found, key=lambda r: (not r.lacks, names.full(r.person)))
    ]  # fmt: skip


def asked(people: Sequence[str], directory: Directory, now: datetime) -> list[dict[str, str]]:
    """Whom a commander is about to call, with what they lack."""
    short = executive_training.notes(people, now) if people else {}
    return [{"id": p, "name": directory.name(p), "lacks": short.get(p, "")} for p in people]


def mine(person: str, now: datetime) -> str:
    """What the reader lacks for the duty they have; "" for nothing, or no duty."""
    if not executive_training.notes([person], now):
        return ""
    return executive_training.untrained(now).get(person, "")
