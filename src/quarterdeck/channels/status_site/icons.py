"""Which sign and colour belong to each state: always sign, word and colour together."""

from __future__ import annotations

TONE = {
    "operational": "green",
    "under_maintenance": "blue",
    "degraded_performance": "yellow",
    "partial_outage": "orange",
    "major_outage": "red",
    "no_data": "grey",
    "investigating": "orange",
    "identified": "amber",
    "monitoring": "blue",
    "resolved": "green",
    "postmortem": "grey",
    "scheduled": "blue",
    "in_progress": "blue",
    "verifying": "blue",
    "completed": "green",
}
ICON = {
    "operational": "check",
    "under_maintenance": "wrench",
    "degraded_performance": "half",
    "partial_outage": "triangle",
    "major_outage": "octagon",
    "no_data": "ring",
    "investigating": "search",
    "identified": "diamond",
    "monitoring": "eye",
    "resolved": "check",
    "postmortem": "book",
    "scheduled": "calendar",
    "in_progress": "wrench",
    "verifying": "eye",
    "completed": "check",
}
VERDICT = {
    "none": "operational",
    "maintenance": "under_maintenance",
    "minor": "degraded_performance",
    "major": "partial_outage",
    "critical": "major_outage",
}
