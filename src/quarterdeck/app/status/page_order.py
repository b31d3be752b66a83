"""The order of components and groups on a status page: put as a whole, or one of them moved by a step."""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import Max

from quarterdeck.core.kernel.refused import Refused, bad
from quarterdeck.core.kernel.text import line
from quarterdeck.core.status import Component
from quarterdeck.core.status.tree import in_order
from quarterdeck.store import log, models, tx

from ..act import Act, need
from ..subscribers import subscriber_groups
from . import page_versions
from .publishing import touch

WAYS = {"up": -1, "down": 1}
_MOST = 10_000


def end(page: models.StatusPage) -> int:
    """The place behind the last component."""
    last = page.components.aggregate(last=Max("position"))["last"]
    return 0 if last is None else min(last + 1, _MOST)


def groups(rows: Sequence[models.Component]) -> dict[str, list[tuple[models.Component, int]]]:
    """Components as the page shows them, each with its depth: groups by their first component, parts below the
    component they are a part of, in its group.
    """
    by_id = {c.id: c for c in rows}
    found: dict[str, list[tuple[models.Component, int]]] = {}
    group = ""
    shaped = [Component(c.id, c.group, c.name, "", c.position, c.parent_id or "") for c in rows]
    for one, depth in in_order(shaped):
        group = one.group if depth == 0 else group
        found.setdefault(group, []).append((by_id[one.id], depth))
    return found


def put(
    act: Act, page_key: str, order: Sequence[tuple[str, str]], reason: str = "", base: int | None = None
) -> None:
    """The whole order of a page: each component's id with the group it stands in. Refused unless every component is
    named exactly once. `base` as in `page_versions.roll_back`.
    """
    need(act, "status.edit")
    with tx.write("web", "engine"):
        page = page_versions.locked(page_key)
        page_versions.begin(page, act)
        page_versions.must_be_newest(page, base)
        _put(act, page, order, reason)


def move(act: Act, page_key: str, what: str, way: str) -> None:
    """One component (by id) a step up or down in its group, or a whole group ("group:" and its name) past the next."""
    need(act, "status.edit")
    if way not in WAYS:
        raise bad("order.way", "It moves up or down. Choose one.", way="unknown")
    with tx.write("web", "engine"):
        page = page_versions.locked(page_key)
        page_versions.begin(page, act)
        shown = groups(list(page.components.all()))
        names = list(shown)
        if what.startswith("group:"):
            names = _stepped(names, what.removeprefix("group:"), WAYS[way])
        else:
            _move_within(shown, what, WAYS[way])
        _put(act, page, [(row.id, name) for name in names for row, _ in shown[name]], "")


def _move_within(shown: dict[str, list[tuple[models.Component, int]]], what: str, step: int) -> None:
    """Past the next that is a part of the same; the parts of both come along when the page is put together."""
    home = next((g for g, rows in shown.items() if any(r.id == what for r, _ in rows)), None)
    if home is None:
        raise bad("component.unknown", "This component is not on the page any more. Reload the page.")
    rows = {r.id: (r, depth) for r, depth in shown[home]}
    beside = [r.id for r, _ in rows.values() if r.parent_id == rows[what][0].parent_id]
    at = beside.index(what)
    other = beside[min(max(at + step, 0), len(beside) - 1)]
    ids = list(rows)
    here, there = ids.index(what), ids.index(other)
    ids[here], ids[there] = ids[there], ids[here]
    shown[home] = [rows[i] for i in ids]


def _stepped(names: list[str], name: str, step: int) -> list[str]:
    if name not in names:
        raise bad("order.unknown", "This is not on the page any more. Reload the page.")
    at = names.index(name)
    to = min(max(at + step, 0), len(names) - 1)
    names[at], names[to] = names[to], names[at]
    return names


def _put(act: Act, page: models.StatusPage, order: Sequence[tuple[str, str]], reason: str) -> None:
    there = {c.id: c for c in page.components.all()}
    ids = [id for id, _ in order]
    if len(set(ids)) != len(ids) or set(ids) != set(there):
        raise Refused(
            "order.components",
            "The page has other components than this order names. Reload it, then move them again.",
        )
    changed, moves = [], []
    for place, (id, group) in enumerate(order):
        row, name = there[id], line(group, 120)
        moves.append((row.id, row.group, name))
        if (row.position, row.group) != (place, name):
            row.position, row.group, row.updated_at = place, name, act.at
            changed.append(row)
    if not changed:
        return
    models.Component.objects.bulk_update(changed, ["position", "group", "updated_at"], batch_size=200)
    subscriber_groups.moved(page, moves)
    touch([page.id])
    told = {"page": page.id, "order": ids[:500], "moved": len(changed)}
    log.audit("ComponentsOrdered", told, at=act.at, actor=act.person)
    page_versions.keep(page.id, act, reason)
