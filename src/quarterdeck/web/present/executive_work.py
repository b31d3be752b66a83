"""The executives' own workstreams and channel as their page shows them, and the lines that the war room shows."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from quarterdeck.app.casebook import Case
from quarterdeck.app.executives import exec_streams
from quarterdeck.core.access import Who
from quarterdeck.core.incidents.exec_questions import quiet_until
from quarterdeck.core.incidents.exec_streams import belongs

WORDS_SHOWN = 50


def page(case: Case, who: Who, at: datetime) -> dict[str, Any] | None:
    """None for whoever is neither an executive nor the liaison."""
    incident = case.incident
    if not belongs(incident, case.template, who):
        return None
    people = exec_streams.group(case)
    known = {p.id: p.name if p.role == "executive" else _("the executive liaison") for p in people}

    def names(person: str) -> str:
        """Of executives alone: whoever responds is named by nobody here (R-125)."""
        return known.get(person, _("somebody who stood in"))

    words = list(incident.asks.work.words.values())[-WORDS_SHOWN:]
    quiet = quiet_until(incident)
    return {
        "url": f"/briefs/{incident.key}/work",
        "open": not incident.has_ended,
        "streams": [
            {
                "key": s.key, "title": _(s.title), "line": s.line.text if s.line else "",
                "line_at": s.line.set_at if s.line else None,
                "tasks": [
                    {"id": t.id, "title": t.title, "owner": names(t.owner) if t.owner else "", "due": t.due_at,
                     "open": t.is_open, "state": t.state}
                    for t in s.tasks or ()
                ],
                "left": sum(t.is_open for t in s.tasks or ()),
            }
            for s in exec_streams.streams(case, who)
        ],
        "people": [{"id": p, "name": name} for p, name in known.items()],
        "words": [{"by": names(w.said_by), "mine": w.said_by == who.person, "text": w.text, "at": w.said_at}
                  for w in words],
        "quiet_until": quiet if quiet and quiet > at and "executive" in who.roles else None,
    }  # fmt: skip


def lines(case: Case, who: Who) -> list[dict[str, Any]]:
    """For the commander and the deputies: one line of each workstream that has one."""
    return [
        {"title": _(s.title), "text": s.line.text, "at": s.line.set_at}
        for s in exec_streams.streams(case, who)
        if s.line is not None
    ]
