"""Domain events and templates as plain JSON data, and back. The types are the schema; what does not fit them
was written by a newer release and is kept as `Unknown`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from quarterdeck.core.incidents.events import EVENTS, Event, Stamped, Unknown
from quarterdeck.core.incidents.structure import Template
from quarterdeck.core.kernel.chain import Entry


def encode(event: Event) -> tuple[str, dict[str, Any]]:
    """(kind, data) as the log keeps it."""
    return type(event).__name__, msgspec.to_builtins(event)


def decode(entry: Entry) -> Stamped:
    """A stored event with its place. A kind or shape that this release does not know is `Unknown`: nothing may be
    decided on it.
    """
    return Stamped(entry.seq, entry.at, entry.actor, _event(entry.kind, entry.data))


def _event(kind: str, data: Mapping[str, Any]) -> Event:
    known = EVENTS.get(kind)
    if known is None:
        return Unknown(kind)
    try:
        return msgspec.convert(data, known, strict=True)
    except msgspec.ValidationError:
        return Unknown(kind)


def encode_template(template: Template) -> str:
    return msgspec.json.encode(template).decode()


def decode_template(text: str) -> Template:
    return msgspec.json.decode(text, type=Template)
