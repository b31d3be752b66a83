"""The rows of a business response: the scores of a technical incident, and what stands of a business one."""

from __future__ import annotations

from typing import Any

from .state import Incident

Rows = dict[str, dict[str, dict[str, Any]]]


def response_rows(incident: Incident) -> Rows:
    """Table -> row id -> column -> value."""
    key, now = incident.key, incident.response
    return {
        "severe_rating": {
            r.id: {
                "id": r.id,
                "incident_id": key,
                **{n: getattr(r, n) for n in ("visibility", "impact", "duration", "confidence", "score")},
                **{n: getattr(r, n) for n in ("threshold", "rated_by", "rated_at", "note")},
            }
            for r in now.ratings.values()
        },
        "business_response": {key: _standing(incident)} if now.parent else {},
        "briefing_answer": {
            f"{key}:{q}": {
                "id": f"{key}:{q}",
                "incident_id": key,
                "question": q,
                "text": a.text,
                "by": a.by,
                "at": a.at,
            }
            for q, a in now.answers.items()
        },
        "message_grid": {
            f"{key}:{n}": {
                "id": f"{key}:{n}",
                "incident_id": key,
                "phase": g.phase,
                "opened_at": g.opened_at,
            }
            for n, g in now.grid.items()
        },
    }


def _standing(incident: Incident) -> dict[str, Any]:
    now = incident.response
    names = ("parent", "began_at", "step", "step_since", "briefing_opened_at", "enough_by", "enough_at")
    told = ("preliminary", "preliminary_by", "preliminary_at")
    return {
        "id": incident.key,
        "incident_id": incident.key,
        **{n: getattr(now, n) for n in (*names, *told)},
        "parent_commander": now.parent_commander,
        "parent_phase": now.mirror.phase if now.mirror else "",
    }
