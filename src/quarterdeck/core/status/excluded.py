"""The time that counts for no uptime: while planned maintenance of a component was really under way."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from .bars import Window
from .shapes import IncidentView
from .words import MAINTENANCE_WORDS

_RUNNING = ("in_progress", "verifying")


def windows(incidents: Iterable[IncidentView], now: datetime) -> dict[str, list[Window]]:
    """By component, in order and without overlap. It counts when it was done, not for when it was announced."""
    found: dict[str, list[Window]] = {}
    for incident in incidents:
        if incident.status not in MAINTENANCE_WORDS:
            continue
        own = _worked(incident, now)
        for component in incident.components if own else ():
            found.setdefault(component, []).extend(own)
    return {component: _joined(own) for component, own in found.items()}


def _worked(incident: IncidentView, now: datetime) -> list[Window]:
    found: list[Window] = []
    began: datetime | None = None
    for post in reversed(incident.posts):
        if post.status in _RUNNING:
            began = began or post.at
        elif began is not None:
            found.append((began, post.at))
            began = None
    return found if began is None else [*found, (began, now)]


def _joined(own: list[Window]) -> list[Window]:
    made: list[Window] = []
    for begins, ends in sorted(own):
        if made and begins <= made[-1][1]:
            made[-1] = (made[-1][0], max(made[-1][1], ends))
        else:
            made.append((begins, ends))
    return made
