"""Domain events and templates as plain JSON data, and back. The types are the schema; unknown kinds are an error."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from quarterdeck.core.incidents.events import EVENTS, Event, Stamped
from quarterdeck.core.incidents.structure import Template
from quarterdeck.core.kernel.chain import Entry


def encode(event: Event) -> tuple[str, dict[str, Any]]:
    """(kind, data) as the log keeps it."""
    return type(event).__name__, msgspec.to_builtins(event)


def decode(entry: Entry) -> Stamped:
    """A stored event with its place. Raises KeyError for a kind this version does not know."""
    return Stamped(entry.seq, entry.at, entry.actor, _event(entry.kind, entry.data))


def _event(kind: str, data: Mapping[str, Any]) -> Event:
    return msgspec.convert(data, EVENTS[kind], strict=True)


def encode_template(template: Template) -> str:
    return msgspec.json.encode(template).decode()


def decode_template(text: str) -> Template:
    return msgspec.json.decode(text, type=Template)
