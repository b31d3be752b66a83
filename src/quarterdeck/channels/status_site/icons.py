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
# Drawn on a 16 px grid, 1.5 px strokes; "half" is filled on one side.
SHAPES = {
    "check": '<circle cx="8" cy="8" r="6.2"/><path d="M5.3 8.2l1.9 1.9 3.6-3.9"/>',
    "half": '<circle cx="8" cy="8" r="6.2"/><path d="M8 1.8a6.2 6.2 0 0 1 0 12.4z" fill="currentColor"/>',
    "triangle": '<path d="M8 2.2l6.3 11.2H1.7zM8 6.5v3.1M8 11.4v.1"/>',
    "octagon": '<path d="M5.4 1.8h5.2l3.6 3.6v5.2l-3.6 3.6H5.4l-3.6-3.6V5.4zM6 6l4 4M10 6l-4 4"/>',
    "wrench": '<path d="M10.3 2.3a3.4 3.4 0 0 0-3.8 4.7l-4.3 4.3 2.5 2.5L9 9.5a3.4 3.4 0 0 0 4.7-3.8l-2 2-2.1-.5-.5-2.1z"/>',
    "ring": '<circle cx="8" cy="8" r="6.2"/>',
    "search": '<circle cx="7" cy="7" r="4.6"/><path d="M10.4 10.4L14 14"/>',
    "diamond": '<path d="M8 1.7L14.3 8 8 14.3 1.7 8zM8 5.1v3.4M8 10.7v.1"/>',
    "eye": '<path d="M1.5 8S4 3.6 8 3.6 14.5 8 14.5 8 12 12.4 8 12.4 1.5 8 1.5 8z"/><circle cx="8" cy="8" r="1.9"/>',
    "book": '<path d="M3 2.5h8.5a1.5 1.5 0 0 1 1.5 1.5v9.5H4.5A1.5 1.5 0 0 1 3 12zM3 12a1.5 1.5 0 0 1 1.5-1.5H13M6 5.5h4"/>',
    "calendar": '<path d="M2.5 3.5h11v10h-11zM2.5 6.8h11M5.3 2v3M10.7 2v3"/>',
    "mail": '<path d="M2 3.6h12v8.8H2zM2.2 4.2L8 8.8l5.8-4.6"/>',
    "rss": '<path d="M3 3a10 10 0 0 1 10 10M3 7.2A5.8 5.8 0 0 1 8.8 13"/><circle cx="3.9" cy="12.1" r=".9"/>',
    "code": '<path d="M5.5 4.5L2 8l3.5 3.5M10.5 4.5L14 8l-3.5 3.5"/>',
    "right": '<path d="M6 3.5L10.5 8 6 12.5"/>',
    "left": '<path d="M10 3.5L5.5 8l4.5 4.5"/>',
    "down": '<path d="M3.5 6L8 10.5 12.5 6"/>',
}
