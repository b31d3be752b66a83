"""Components as templates show them: groups that fold, parts within parts, ninety days, what depends on what."""

from __future__ import annotations

from quarterdeck.core.status.bars import DAYS
from quarterdeck.core.status.shapes import ComponentView, GroupView, PageSnapshot

from . import looks
from .bars import bars, bars_label
from .filling import Fields
from .spoken import Tongue
from .words import Words

_OPEN_BESIDE_TROUBLE, _OPEN_WHEN_ALL_IS_WELL = 8, 30


class Parts:
    """The components of one snapshot in one language."""

    def __init__(self, page: PageSnapshot, words: Words, tongue: Tongue) -> None:
        self._words, self._tongue = words, tongue
        self._today = words.local_day(page.generated_at)
        self._groups = page.groups
        views = [view for group in page.groups for view in group.components]
        self._names = {v.component.id: tongue.name(v.component) for v in views}
        quiet = all(g.state == "operational" for g in page.groups)
        self._few = len(views) <= (_OPEN_WHEN_ALL_IS_WELL if quiet else _OPEN_BESIDE_TROUBLE)

    def groups(self) -> list[Fields]:
        return [self._group(group) for group in self._groups]

    def _group(self, group: GroupView) -> Fields:
        return {
            "name": group.name,
            "open": group.state != "operational" or self._few,
            "state": looks.state(group.state, self._words),
            "parts": [self._part(view) for view in group.components],
        }

    def _part(self, view: ComponentView) -> Fields:
        words, component = self._words, view.component
        needs = [self._names[one] for one in component.depends_on if one in self._names]
        parent = self._names.get(component.parent, "") if view.depth else ""
        name = self._names[component.id]
        return {
            "name": name,
            "description": component.description,
            "depth": min(view.depth, 3),
            "of": words.said("part_of", name=parent) if parent else "",
            "needs": words.said("depends", names=" · ".join(needs)) if needs else "",
            "state": looks.state(view.state, words),
            "bars": bars(view, words, self._today),
            "label": bars_label(view, name, words, self._today),
            "available": self._available(view),
        }

    def _available(self, view: ComponentView) -> str:
        """How much it was up, and of how many days that can be said."""
        words, percent = self._words, view.record.uptime_percent
        if percent is None:
            return words.t["not_measured"]
        available = words.said("available", percent=words.percent(percent))
        days = sum(day.worst is not None for day in view.record.days[-DAYS:])
        return available if days >= DAYS else f"{available} · {words.counted('recorded', days)}"
