"""Reading what another product's interface answered: nothing in it is trusted, and what cannot be read is said."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from quarterdeck.core.kernel.refused import Refused
from quarterdeck.core.kernel.text import clean, line
from quarterdeck.core.status.words import ComponentState, component_state

from .shapes import Cannot

Record = Mapping[str, Any]
T = TypeVar("T")
TITLE_LIMIT, BODY_LIMIT, NAME_LIMIT = 300, 20_000, 120
# Nothing of a status page is older than the first of them, or farther off than a plan reaches.
_EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)
_LATEST = datetime(2100, 1, 1, tzinfo=UTC)
# Neither goes on over another "<": many of them would be read again and again.
_TAG = re.compile(r"<[^<>]{0,500}>")
_BREAK = re.compile(r"<\s*(?:br|/p|/li|/div)\b[^<>]{0,100}>", re.I)


class Unreadable(Exception):
    """One record cannot be taken; the words say why."""


class Notes:
    """What could not be taken, gathered while the rest is read."""

    def __init__(self) -> None:
        self.cannot: list[Cannot] = []

    def each(self, kind: str, records: Any) -> Iterable[Record]:
        """The records of a list; anything else in its place is noted."""
        if records is None:
            return
        if not isinstance(records, list):
            self.add(kind, "", "The list is no list.")
            return
        for n, record in enumerate(records, 1):
            if isinstance(record, Mapping):
                yield record
            else:
                self.add(kind, f"number {n}", "It is no record.")

    def take(
        self, kind: str, records: Any, read: Callable[[int, Record], Iterable[T]], name: str = "name"
    ) -> list[T]:
        """What `read` makes of each record and its place; one that it cannot read is noted, by its `name`."""
        found: list[T] = []
        for n, record in enumerate(self.each(kind, records)):
            try:
                found += read(n, record)
            except Unreadable as e:
                self.add(kind, words(record.get(name), TITLE_LIMIT), str(e))
        return found

    def add(self, kind: str, what: str, why: str) -> None:
        self.cannot.append(Cannot(kind, line(what, NAME_LIMIT), why))


def words(value: Any, most: int = NAME_LIMIT) -> str:
    """One line of text; numbers as written, anything else is nothing."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return ""
    return line(str(value)[: most * 4], most)


def name_of(record: Record) -> str:
    found = words(record.get("name"))
    if not found:
        raise Unreadable("It has no name.")
    return found


def place_of(record: Record, key: str, otherwise: int) -> int:
    found = record.get(key)
    return found if isinstance(found, int) and 0 <= found <= 10_000 else otherwise


def prose(value: Any) -> str:
    """A text of several lines; marks of HTML are dropped, never shown."""
    if not isinstance(value, str):
        return ""
    plain = _TAG.sub("", _BREAK.sub("\n", value[: BODY_LIMIT * 4]))
    return clean(plain, BODY_LIMIT).strip()


def identity(record: Record, key: str = "id") -> str:
    found = words(record.get(key), 100)
    if not found:
        raise Unreadable("It has no id.")
    return found


def moment(value: Any, *, what: str) -> datetime:
    """An instant; without a zone it is UTC, as Cachet and Uptime Kuma write. Raises Unreadable."""
    found = maybe_moment(value)
    if found is None:
        raise Unreadable(f"Its {what} is missing or no time.")
    return found


def maybe_moment(value: Any) -> datetime | None:
    if not isinstance(value, str) or not value.strip():
        return None
    try:
        found = datetime.fromisoformat(value.strip()[:40])
    except ValueError:
        return None
    try:
        found = found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
    except OverflowError:  # the last hours of the year 9999, or the first of the year 1, in another zone
        return None
    return found if _EARLIEST <= found <= _LATEST else None


def minutes(value: Any) -> timedelta | None:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < 60 * 24 * 366:
        return None
    return timedelta(minutes=float(value))


def state(value: Any, aliases: Mapping[str, ComponentState]) -> ComponentState:
    """A component's state by the product's word or number. Raises Unreadable."""
    said = words(value, 60)
    if said in aliases:
        return aliases[said]
    try:
        return component_state(said)
    except Refused:
        raise Unreadable(f"Its state {said!r} is none we know.") from None
