"""Long lists in pages, found by the id of their last row, so that nothing slows down or is shown twice as they grow."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from django.db.models import Q, QuerySet

PAGE = 50


def _newest(rows: QuerySet[Any], most: int) -> list[Any]:
    return list(rows.order_by("-id")[:most])


def newest_first(
    rows: QuerySet[Any],
    after: str,
    size: int = PAGE,
    find: Callable[[QuerySet[Any], int], list[Any]] = _newest,
) -> tuple[list[Any], dict[str, Any]]:
    """Rows behind the id `after`, and what the pager shows. An id that is none of ours starts at the top.

    `find` takes the newest of some rows, where there is a quicker way to them.
    """
    if after and len(after) <= 40 and after.isprintable():
        rows = rows.filter(id__lt=int(after) if after.isdecimal() else after)
    found = find(rows, size + 1)
    shown = found[:size]
    older = str(shown[-1].id) if len(found) > size else ""
    return shown, {"newer": "", "older": older, "shown": len(shown)}


def part(rows: Sequence[Any], asked: str, size: int) -> tuple[list[Any], dict[str, Any]]:
    """The part of a list that is whole in memory, by its number from 1 (anything else is the first), and what
    partials/parts.html shows: {first, last, total, before, after}; `before` and `after` are numbers of parts or "".
    """
    parts = max(1, -(-len(rows) // size))
    number = min(int(asked), parts) if asked.isascii() and asked.isdecimal() and len(asked) < 6 else 1
    number = max(number, 1)
    start = (number - 1) * size
    shown = list(rows[start : start + size])
    return shown, {
        "first": start + 1,
        "last": start + len(shown),
        "total": len(rows),
        "before": str(number - 1) if number > 1 else "",
        "after": str(number + 1) if number < parts else "",
    }


def href(path: str, values: Mapping[str, str], **changes: str) -> str:
    """`path` with those values that are set, some of them replaced."""
    kept = {k: v for k, v in (dict(values) | changes).items() if v}
    return f"{path}?{urlencode(kept)}" if kept else path


def by_name(rows: QuerySet[Any], after: str, size: int = PAGE) -> tuple[list[Any], dict[str, Any]]:
    """Rows in the order of their names behind the row with the id `after`. Equal names stay apart by their id."""
    rows = rows.order_by("name", "id")
    if after and len(after) <= 40:
        last = rows.model._default_manager.filter(id=after).values_list("name", flat=True).first()
        if last is not None:
            rows = rows.filter(Q(name__gt=last) | Q(name=last, id__gt=after))
    found = list(rows[: size + 1])
    older = str(found[size - 1].id) if len(found) > size else ""
    return found[:size], {"newer": "", "older": older, "shown": min(len(found), size)}
