"""Which sign and colour belong to each state: always sign, word and colour together."""

from __future__ import annotations

_LOOKS = {
    "operational": ("green", "check"),
    "under_maintenance": ("blue", "wrench"),
    "degraded_performance": ("yellow", "half"),
    "partial_outage": ("orange", "triangle"),
    "major_outage": ("red", "octagon"),
    "investigating": ("orange", "search"),
    "identified": ("amber", "diamond"),
    "monitoring": ("blue", "eye"),
    "resolved": ("green", "check"),
    "postmortem pending": ("green", "check"),
    "postmortem": ("grey", "book"),
    "scheduled": ("blue", "calendar"),
    "in_progress": ("blue", "wrench"),
    "verifying": ("blue", "eye"),
    "completed": ("green", "check"),
    "cancelled": ("grey", "ring"),
}
# The state whose look the whole page takes, by its indicator.
VERDICT = {
    "none": "operational",
    "maintenance": "under_maintenance",
    "minor": "degraded_performance",
    "major": "partial_outage",
    "critical": "major_outage",
}


def tone(status: str) -> str:
    """The colour's name; grey for a word this page does not know."""
    return _LOOKS.get(status, ("grey", "ring"))[0]


def icon(status: str) -> str:
    """The sign's name in the sprite."""
    return _LOOKS.get(status, ("grey", "ring"))[1]
