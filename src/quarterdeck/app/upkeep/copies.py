"""Copies of incidents that are over, with logs, read tables, alerts and callouts: to fill a store by the thousand.

For measurements alone. Each copy has its own number, ids, times and hash chain, so that it verifies like any other.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any

from django.db.models import Max, Model, QuerySet

from quarterdeck.core.kernel.chain import GENESIS, canonical, link
from quarterdeck.core.kernel.moments import from_micros, micros, parse, text
from quarterdeck.store import bulk, models, tx
from quarterdeck.store.fields import JsonText, MomentField
from quarterdeck.store.project import TABLES

AT_ONCE = 50
ID_LENGTH = 36
_MICRO = timedelta(microseconds=1)
_EVENT = ("stream", "seq", "at", "actor", "kind", "data", "prev_hash", "hash")
_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})")
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
# As sentences of the timeline say it, those of the running year without the year.
_SPOKEN = re.compile(rf"\b(\d\d?) ({'|'.join(_MONTHS)})( \d{{4}})? (\d\d):(\d\d) UTC")
_CHILDREN: tuple[type[Model], ...] = (
    models.TimelineRow,
    models.TemplatePin,
    models.PastPin,
    models.Alert,
    models.Callout,
)


@dataclass(slots=True)
class Original:
    """Everything that belongs to one incident, read once, as the columns hold it. `own` are the ids that a copy must
    have anew; `events` are (seq, at in microseconds, actor, kind, data).
    """

    key: str
    events: list[tuple[int, int, str, str, str]]
    rows: list[tuple[type[Model], tuple[Any, ...]]]
    own: set[str] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class Copy:
    """What differs: the number of the incident and of the copy, and how much earlier everything was."""

    number: int
    round: int
    earlier: timedelta


@dataclass(frozen=True, slots=True)
class _Shape:
    """The attributes of a table, and where moments and JSON stand among them."""

    names: tuple[str, ...]
    moments: frozenset[int]
    json: frozenset[int]


@lru_cache(maxsize=100)
def _shape(model: type[Model]) -> _Shape:
    fields = model._meta.concrete_fields
    return _Shape(
        tuple(f.attname for f in fields),
        frozenset(n for n, f in enumerate(fields) if isinstance(f, MomentField)),
        frozenset(n for n, f in enumerate(fields) if isinstance(f, JsonText)),
    )


def _stored(rows: QuerySet[Any]) -> Iterator[tuple[Any, ...]]:
    """Rows as their columns hold them."""
    fields = rows.model._meta.concrete_fields
    for values in rows.values_list(*_shape(rows.model).names):
        yield tuple(f.get_prep_value(v) for f, v in zip(fields, values, strict=True))


def originals() -> list[Original]:
    """The incidents that are over and that everybody may see."""
    over = models.IncidentRow.objects.filter(phase__in=("closed", "dismissed"), restricted=False)
    people = set(models.Person.objects.values_list("id", flat=True))
    fixed = people | set(models.StatusPage.objects.values_list("id", flat=True))
    fixed |= set(models.Component.objects.values_list("id", flat=True))
    return [_read(key, fixed) for key in over.order_by("number").values_list("id", flat=True)]


def _read(key: str, fixed: set[str]) -> Original:
    """`fixed` are the ids that stay as they are in a copy."""
    events = models.Event.objects.filter(stream=key).order_by("seq")
    found = Original(key, [(e.seq, micros(e.at), e.actor, e.kind, e.data) for e in events], [])
    for model in (*TABLES.values(), *_CHILDREN):
        name = "id" if model is models.IncidentRow else "incident_id"
        names = _shape(model).names
        for values in _stored(model._default_manager.filter(**{name: key})):
            found.rows.append((model, values))
            if "id" in names and _ID.fullmatch(str(values[names.index("id")])):
                found.own.add(str(values[names.index("id")]))
    said = "".join(data for *_, data in found.events)
    found.own |= {m[0] for m in _ID.finditer(said)} - fixed
    return found


def last_number() -> int:
    return models.IncidentRow.objects.aggregate(last=Max("number"))["last"] or 0


def write(copied: list[tuple[Original, Copy]]) -> None:
    """These copies, in one transaction; a few dozen at a time keep it short."""
    events: list[tuple[Any, ...]] = []
    rows: dict[type[Model], list[list[Any]]] = {}
    for original, copy in copied:
        events.extend(_events(original, copy))
        for model, values in original.rows:
            rows.setdefault(model, []).append(_row(model, values, original, copy))
    with tx.write():
        bulk.insert(models.Event, _EVENT, events)
        for model, made in rows.items():
            bulk.insert(model, _shape(model).names, made)


def _events(original: Original, copy: Copy) -> Iterator[tuple[Any, ...]]:
    """The log told again: other ids, other times, and a chain of its own."""
    stream, prev, earlier = f"INC-{copy.number}", GENESIS, copy.earlier // _MICRO
    for seq, at, actor, kind, data in original.events:
        plain = json.loads(_retold(data, original, copy))
        if kind == "Declared":
            plain["number"] = copy.number
        digest = link(prev, stream, seq, from_micros(at - earlier), actor, kind, plain)
        yield stream, seq, at - earlier, actor, kind, canonical(plain), prev, digest
        prev = digest


def _row(model: type[Model], values: Sequence[Any], original: Original, copy: Copy) -> list[Any]:
    shape, earlier = _shape(model), copy.earlier // _MICRO
    made = list(values)
    for place, value in enumerate(values):
        if isinstance(value, str):
            made[place] = said = _retold(value, original, copy)
            if place in shape.json and said != value:
                made[place] = canonical(json.loads(said))
        elif place in shape.moments and value is not None:
            made[place] = value - earlier
    for name, change in _CHANGES.get(model, ()):
        place = shape.names.index(name)
        made[place] = change(made[place], copy)
    return made


_CHANGES: Mapping[type[Model], tuple[tuple[str, Callable[[Any, Copy], Any]], ...]] = {
    models.IncidentRow: (("number", lambda _, copy: copy.number),),
    models.Alert: (("dedup_key", lambda key, copy: f"{key}/{copy.round}"),),
    models.Callout: (("run_id", lambda *_: ""),),
}


def _retold(said: str, original: Original, copy: Copy) -> str:
    """A text with the ids, the number and the times of the copy."""
    if len(said) >= ID_LENGTH and "-" in said:
        own, head = original.own, f"{copy.round:08x}"
        said = _ID.sub(lambda m: head + m[1] if m[0] in own else m[0], said)
    if "INC-" in said:
        said = re.sub(rf"{original.key}\b", f"INC-{copy.number}", said)
    if "T" in said and "Z" in said:
        said = _MOMENT.sub(lambda m: _moved(m[0], copy.earlier), said)
    if " UTC" in said:
        year = from_micros(original.events[0][1]).year
        said = _SPOKEN.sub(lambda m: _told_again(m, year, copy.earlier), said)
    return said


@lru_cache(maxsize=65_536)
def _moved(moment: str, earlier: timedelta) -> str:
    found = parse(moment)
    return text(found - earlier) if found else moment


def _told_again(spoken: re.Match[str], year: int, earlier: timedelta) -> str:
    day, month, said_year, hour, minute = spoken.groups()
    at = datetime(
        int(said_year or year), _MONTHS.index(month) + 1, int(day), int(hour), int(minute), tzinfo=UTC
    )
    moved = at - earlier
    shown = f" {moved.year}" if said_year else ""
    return f"{moved.day} {_MONTHS[moved.month - 1]}{shown} {moved:%H:%M} UTC"


def more_alerts(count: int, first: int) -> None:
    """As many alerts again that are over, from those that have no incident; `first` tells the copies apart."""
    shape = _shape(models.Alert)
    key, dedup = shape.names.index("id"), shape.names.index("dedup_key")
    base = list(_stored(models.Alert.objects.filter(status="resolved", incident_id="").order_by("id")[:200]))
    made = []
    for n in range(first, first + count):
        values = list(base[n % len(base)])
        values[key] = f"{n:08x}" + str(values[key])[8:]
        values[dedup] = f"{values[dedup]}/{n}"
        earlier = timedelta(minutes=3 * n) // _MICRO
        for place in shape.moments:
            values[place] = values[place] and values[place] - earlier
        made.append(values)
    with tx.write():
        bulk.insert(models.Alert, shape.names, made)
