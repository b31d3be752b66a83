"""Whoever follows a whole group follows it under its new name, too: nobody falls silent because a group was renamed."""

from __future__ import annotations

from collections.abc import Iterable

from quarterdeck.store import models

from ..status import audience_pages


def moved(page: models.StatusPage, moves: Iterable[tuple[str, str, str]]) -> int:
    """Components (id, group before, group now) stand elsewhere on a page, inside the caller's transaction; how many
    subscribers changed. A group that nothing is left in has the name that its last component went to; where that has
    no group, the component itself is followed.
    """
    left = {c.group for c in audience_pages.components(page)}
    gone = [(ident, old, new) for ident, old, new in moves if old and old != new and old not in left]
    if not gone:
        return 0
    names = {old: new for _, old, new in gone if new}
    alone: dict[str, list[str]] = {}
    for ident, old, new in gone:
        if not new and old not in names:
            alone.setdefault(old, []).append(ident)
    changed = []
    rows = models.Subscriber.objects.filter(page=page).exclude(groups=[]).exclude(state="ended")
    for row in rows.only("id", "groups", "components").iterator(2000):
        if names.keys() & row.groups or alone.keys() & row.groups:
            more = [ident for g in row.groups for ident in alone.get(g, ())]
            row.components = list(dict.fromkeys([*row.components, *more]))
            row.groups = list(dict.fromkeys(names.get(g, g) for g in row.groups if g not in alone))
            changed.append(row)
    models.Subscriber.objects.bulk_update(changed, ["groups", "components"], batch_size=200)
    return len(changed)
