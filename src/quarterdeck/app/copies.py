"""Copies of incidents that are over, with logs, read tables, alerts and callouts: to fill a store by the thousand.

For measurements alone. Each copy has its own number, ids, times and hash chain, so that it verifies like any other.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

from django.db.models import Max, Model

from quarterdeck.core.kernel.chain import GENESIS, canonical, link
from quarterdeck.core.kernel.moments import parse, text
from quarterdeck.store import models, tx
from quarterdeck.store.fields import MomentField
from quarterdeck.store.project import TABLES

AT_ONCE = 50
_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})")
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z")
_CHILDREN: tuple[type[Model], ...] = (models.TimelineRow, models.TemplatePin, models.Alert, models.Callout)


@dataclass(slots=True)
class Original:
    """Everything that belongs to one incident, read once. `own` are the ids that a copy must have anew."""

    key: str
    events: list[models.Event]
    rows: list[tuple[type[Model], dict[str, Any]]]
    own: set[str] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class Copy:
    """What differs: the number of the incident and of the copy, and how much earlier everything was."""

    number: int
    round: int
    earlier: timedelta


def originals() -> list[Original]:
    """The incidents that are over and that everybody may see."""
    over = models.IncidentRow.objects.filter(phase__in=("closed", "dismissed"), restricted=False)
    return [_read(key) for key in over.order_by("number").values_list("id", flat=True)]


def _read(key: str) -> Original:
    found = Original(key, list(models.Event.objects.filter(stream=key).order_by("seq")), [])
    for model in (*TABLES.values(), *_CHILDREN):
        name = "id" if model is models.IncidentRow else "incident_id"
        for values in model._default_manager.filter(**{name: key}).values():
            found.rows.append((model, values))
            if _ID.fullmatch(str(values.get("id", ""))):
                found.own.add(str(values["id"]))
    said = "".join(e.data for e in found.events)
    people = set(models.Person.objects.values_list("id", flat=True))
    fixed = people | set(models.StatusPage.objects.values_list("id", flat=True))
    fixed |= set(models.Component.objects.values_list("id", flat=True))
    found.own |= {m[0] for m in _ID.finditer(said)} - fixed
    return found


def last_number() -> int:
    return models.IncidentRow.objects.aggregate(last=Max("number"))["last"] or 0


def write(copied: list[tuple[Original, Copy]]) -> None:
    """These copies, in one transaction; a few dozen at a time keep it short."""
    events: list[models.Event] = []
    rows: dict[type[Model], list[Model]] = {}
    for original, copy in copied:
        events.extend(_events(original, copy))
        for model, values in original.rows:
            rows.setdefault(model, []).append(model(**_row(model, values, original, copy)))
    with tx.write():
        models.Event.objects.bulk_create(events, batch_size=400)
        for model, made in rows.items():
            model._default_manager.bulk_create(made, batch_size=400)


def _events(original: Original, copy: Copy) -> Iterator[models.Event]:
    """The log told again: other ids, other times, and a chain of its own."""
    stream, prev = f"INC-{copy.number}", GENESIS
    for old in original.events:
        plain = json.loads(_retold(old.data, original, copy))
        if old.kind == "Declared":
            plain["number"] = copy.number
        at = old.at - copy.earlier
        digest = link(prev, stream, old.seq, at, old.actor, old.kind, plain)
        yield models.Event(
            stream=stream, seq=old.seq, at=at, actor=old.actor, kind=old.kind, data=canonical(plain),
            prev_hash=prev, hash=digest,
        )  # fmt: skip
        prev = digest


def _row(model: type[Model], values: Mapping[str, Any], original: Original, copy: Copy) -> dict[str, Any]:
    made = {name: _value(value, original, copy) for name, value in values.items()}
    if model is models.IncidentRow:
        made["number"] = copy.number
    elif model is models.Alert:
        made["dedup_key"] = f"{made['dedup_key']}/{copy.round}"
    elif model is models.Callout:
        made["run_id"] = ""
    return made


def _value(value: Any, original: Original, copy: Copy) -> Any:
    if isinstance(value, datetime):
        return value - copy.earlier
    if isinstance(value, str):
        return _retold(value, original, copy)
    if isinstance(value, list | dict) and value:
        return json.loads(_retold(canonical(value), original, copy))
    return value


def _retold(said: str, original: Original, copy: Copy) -> str:
    """A text with the ids, the number and the times of the copy."""
    if not said:
        return said
    own, head = original.own, f"{copy.round:08x}"
    said = _ID.sub(lambda m: head + m[1] if m[0] in own else m[0], said)
    if "INC-" in said:
        said = re.sub(rf"{original.key}\b", f"INC-{copy.number}", said)
    return _MOMENT.sub(lambda m: _moved(m[0], copy.earlier), said) if "T" in said else said


@lru_cache(maxsize=65_536)
def _moved(moment: str, earlier: timedelta) -> str:
    found = parse(moment)
    return text(found - earlier) if found else moment


def more_alerts(count: int, first: int) -> None:
    """As many alerts again that are over, from those that have no incident; `first` tells the copies apart."""
    names = [f.attname for f in models.Alert._meta.concrete_fields]
    moments = [f.attname for f in models.Alert._meta.concrete_fields if isinstance(f, MomentField)]
    base = list(models.Alert.objects.filter(status="resolved", incident_id="").values(*names)[:200])
    made = []
    for n in range(first, first + count):
        values = dict(base[n % len(base)])
        values["id"] = f"{n:08x}" + str(values["id"])[8:]
        values["dedup_key"] = f"{values['dedup_key']}/{n}"
        earlier = timedelta(minutes=3 * n)
        for name in moments:
            values[name] = values[name] - earlier if values[name] else None
        made.append(models.Alert(**values))
    with tx.write():
        models.Alert.objects.bulk_create(made, batch_size=400)
