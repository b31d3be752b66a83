"""What a status page is folded from, in one piece that can be kept: from it the page is made without a store."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from .bars import DAYS, StateChange
from .metrics import MetricView
from .page import snapshot
from .shapes import Component, PageSnapshot, Post, StatusPage


@dataclass(frozen=True, slots=True)
class Material:
    """The page, its components, their changes of state, and its posts: all of it public already."""

    page: StatusPage
    components: tuple[Component, ...] = ()
    changes: tuple[StateChange, ...] = ()
    posts: tuple[Post, ...] = ()
    metrics: tuple[MetricView, ...] = ()

    def at(self, now: datetime) -> PageSnapshot:
        """The page as the public may see it at `now`."""
        return snapshot(self.page, self.components, self.changes, self.posts, now, metrics=self.metrics)

    def with_posts(self, posts: Iterable[Post]) -> Material:
        """With further posts, which put components into the states they announce; one that is in it counts once."""
        known = {p.id for p in self.posts}
        fresh = [p for p in posts if p.id not in known]
        states = [StateChange(c, state, p.at) for p in fresh for c, state in p.components.items()]
        return replace(self, changes=(*self.changes, *states), posts=(*self.posts, *fresh))

    def since(self, now: datetime, days: int = DAYS) -> Material:
        """Without the changes of state that no bar of these days shows: of older ones the last of each component."""
        start = now - timedelta(days=days + 2)
        before: dict[str, StateChange] = {}
        kept = []
        for change in sorted(self.changes, key=lambda c: c.at):
            if change.at < start:
                before[change.component] = change
            else:
                kept.append(change)
        return replace(self, changes=(*before.values(), *kept))
