"""Long lists in pages: each names where the next one starts, so that nothing is shown twice or left out when rows
are added meanwhile.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable, Iterable, Sequence
from typing import Annotated, Any, Generic, TypeVar

from django.db.models import Model, Q, QuerySet
from pydantic import Field

from quarterdeck.core.kernel.refused import bad

from .fields import Asked, Read, Text

T = TypeVar("T")
M = TypeVar("M", bound=Model)
MOST = 200
_INT64 = 2**63


class Page(Read, Generic[T]):
    """`next` is the `cursor` of the next page, null on the last."""

    items: list[T]
    next: str | None


class PageAsked(Asked):
    """`limit` is how many at most; `cursor` is the `next` of the page before."""

    limit: Annotated[int, Field(ge=1, le=MOST)] = 50
    cursor: Annotated[str, Text(600)] = ""


def page(
    asked: PageAsked, rows: QuerySet[M], order: Sequence[str], shape: Callable[[list[M]], Iterable[T]]
) -> Page[T]:
    """One page of `rows`, ordered by columns that are unique together ("-" before a name: falling)."""
    if asked.cursor:
        rows = rows.filter(_behind(order, _read(asked.cursor, rows, order)))
    found = list(rows.order_by(*order)[: asked.limit + 1])
    shown = found[: asked.limit]
    more = len(found) > asked.limit
    return Page(items=list(shape(shown)), next=_cursor(shown[-1], order) if more else None)


def whole(items: Iterable[T]) -> Page[T]:
    """A list that is short by nature, in the same form."""
    return Page(items=list(items), next=None)


def _cursor(row: Model, order: Sequence[str]) -> str:
    values = [_column(row, name).get_prep_value(getattr(row, name.lstrip("-"))) for name in order]
    return base64.urlsafe_b64encode(json.dumps(values).encode()).decode().rstrip("=")


def _column(row: Model | type[Model], name: str) -> Any:
    return row._meta.get_field(name.lstrip("-"))


def _read(cursor: str, rows: QuerySet[M], order: Sequence[str]) -> list[str | int]:
    """The values a cursor stands for. Refuses what no page has given out."""
    unknown = bad("cursor.unknown", "This cursor is none of ours. Start again without it.", cursor="unknown")
    try:
        values = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (ValueError, binascii.Error, RecursionError):
        raise unknown from None
    if not isinstance(values, list) or len(values) != len(order):
        raise unknown
    for value, name in zip(values, order, strict=True):
        wants_number = "Integer" in _column(rows.model, name).get_internal_type()
        number = isinstance(value, int) and not isinstance(value, bool) and -_INT64 <= value < _INT64
        words = isinstance(value, str) and value.isprintable() and len(value) <= 400
        if not (number if wants_number else words):
            raise unknown
    return values


def _behind(order: Sequence[str], values: Sequence[str | int]) -> Q:
    """Rows after the one with these values: the first column further on, or equal and the next further on."""
    found, equal = Q(), Q()
    for name, value in zip(order, values, strict=True):
        column = name.lstrip("-")
        found |= equal & Q(**{f"{column}__{'lt' if name.startswith('-') else 'gt'}": value})
        equal &= Q(**{column: value})
    return found
