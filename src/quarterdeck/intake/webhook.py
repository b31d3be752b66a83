"""Any tool that can post JSON sends here. Without a mapping these names are read:

    curl https://quarterdeck.example/in/webhook/YOUR_KEY -d '{
      "title": "Checkout is slow", "message": "p95 is 4.2 s", "dedup_key": "checkout-slow",
      "severity": "critical", "status": "firing", "service": "checkout", "url": "https://wiki.shop.example/slow"}'

The same `dedup_key` with `"status": "resolved"` closes it again; without one, title, service and source stand
for it. `severity` is critical, error, warning or info; many words of other tools are understood.

If your tool names its fields otherwise, declare a mapping for this integration, such as:

    {"items": "alerts", "key": "$.id", "title": "{{ host.name }}: {{ check }}", "severity": "level",
     "severity_map": {"5": "critical"}, "status": "state", "resolve_when": ["ok"], "service": "=checkout"}
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from itertools import islice

import msgspec

from quarterdeck.core.alerts.signal import Action, Link, Signal
from quarterdeck.core.kernel import moments
from quarterdeck.core.kernel.refused import Refused
from quarterdeck.core.kernel.text import counted

from .answers import json_body, status_of
from .details import flat, tamed, tamed_line, text_of
from .labelled import key_of, links_of, names_of, stand_in_key
from .limits import MAX_ALERTS, MAX_LABELS, MAX_NAME, MAX_NODES, MAX_SUMMARY
from .mapping import Fields, check_mapping, fields_of
from .paths import first_text, first_value, steps_of, value_at
from .severity import severity_of
from .strict_json import check_encoding, check_shape, decode, refuse

__all__ = [
    "DIALECT",
    "EXAMPLES",
    "NAME",
    "SITE",
    "accepted_body",
    "check",
    "check_mapping",
    "limited_body",
    "parse",
    "refusal_body",
]

NAME = "Webhook"
SITE = ""
DIALECT = "webhook"

_DECODER = msgspec.json.Decoder()


def check(raw: bytes) -> int:
    """How many alerts there are. Refuses what is not JSON, too large, too deep, or holds nothing. The mapping is not
    asked: a field that is not where it should be is no reason to lose an alert."""
    check_encoding(raw)
    check_shape(raw, MAX_NODES)
    body = decode(_DECODER, raw)
    if not isinstance(body, dict | list):
        raise refuse("type", 'The body must be an object such as {"title": "Disk full"}, or a list of them.')
    if isinstance(body, list) and len(body) > MAX_ALERTS:
        raise refuse("too_many_alerts", f"The body holds more than {MAX_ALERTS} alerts. Send them in parts.")
    if not body or (isinstance(body, list) and not all(isinstance(item, dict) and item for item in body)):
        raise refuse("empty", 'The body holds nothing to report. Send at least {"title": "Disk full"}.')
    return len(body) if isinstance(body, list) else 1


def parse(
    raw: bytes, mapping: Mapping[str, object] | None, received_at: datetime, event_id: str = ""
) -> list[Signal]:
    """One signal an item. What is missing has a stand-in; what the mapping does not name is in the details."""
    fields = fields_of(mapping)
    items = _items(decode(_DECODER, raw), fields)
    signals = [_signal(item, fields) for item in items[:MAX_ALERTS]]
    if len(items) > MAX_ALERTS:
        note = counted(
            len(items) - MAX_ALERTS,
            "more alert of this body was not read",
            "more alerts of this body were not read",
        )
        signals[-1] = replace(signals[-1], details={**signals[-1].details, "left out": note})
    return signals


def accepted_body(raw: bytes, event_id: str = "") -> tuple[int, bytes]:
    """Status and body for a stored delivery."""
    return 202, json_body({"status": "accepted", "id": event_id})


def refusal_body(refused: Refused) -> tuple[int, bytes]:
    """Status and body: the code, the message, and the message of each field at fault."""
    body = {"code": refused.code, "message": refused.message, "fields": refused.fields}
    return status_of(refused), json_body(body)


def limited_body(message: str) -> tuple[int, bytes]:
    """Status and body: 429 is what senders that try again look for (RFC 6585)."""
    return 429, json_body({"code": "ingest.limited", "message": message, "fields": {}})


def _items(body: object, fields: Fields) -> list[object]:
    """The alerts of one body: the list that the mapping names, or the body itself. An empty list is no
    alert."""
    places = [value_at(body, steps) for path in fields.items if (steps := steps_of(path)) is not None]
    items = next((found for found in (*places, body) if isinstance(found, list)), [body])
    return [item for item in items if item not in (None, {}, [], "")]


def _signal(item: object, fields: Fields) -> Signal:
    message = tamed(first_text(item, fields.message))
    title = tamed_line(first_text(item, fields.title), MAX_SUMMARY) or tamed_line(message, MAX_SUMMARY)
    summary = title or "Webhook without a title"
    service = tamed_line(first_text(item, fields.service)) or None
    source = tamed_line(first_text(item, fields.source))
    details = flat(item)
    if message and message != summary:
        details["message"] = message
    return Signal(
        key=_key(item, fields, (summary, service or "", source)),
        action=_action(item, fields),
        summary=summary,
        severity=_severity(item, fields),
        source=source,
        service=service,
        starts_at=_starts_at(item, fields),
        labels=_labels(item, fields),
        details=details,
        links=links_of(_links(first_value(item, fields.links))),
    )


def _key(item: object, fields: Fields, stand_in: tuple[str, str, str]) -> str:
    return key_of(first_text(item, fields.key)) or stand_in_key(*stand_in)


def _action(item: object, fields: Fields) -> Action:
    word = first_text(item, fields.status).strip().lower()
    if word in fields.resolve_when:
        return "resolve"
    return "acknowledge" if word in fields.acknowledge_when else "trigger"


def _severity(item: object, fields: Fields) -> str:
    word = first_text(item, fields.severity)
    return fields.severity_map.get(word.strip().lower()) or severity_of(word)


def _starts_at(item: object, fields: Fields) -> datetime | None:
    try:
        return moments.parse(first_text(item, fields.starts_at)[:MAX_NAME])
    except ValueError:
        return None


def _labels(item: object, fields: Fields) -> dict[str, str]:
    found = first_value(item, fields.labels)
    first = islice(found.items(), MAX_LABELS) if isinstance(found, dict) else ()
    return names_of({name: text_of(value) for name, value in first})


def _links(found: object) -> Iterator[tuple[str | None, str]]:
    """Addresses out of a text, an object with href or url, or a list of these."""
    for one in found if isinstance(found, list) else [found]:
        if isinstance(one, str):
            yield one, "Link"
        elif isinstance(one, dict):
            words = text_of(one.get("text") or one.get("title") or one.get("name"))
            yield text_of(one.get("href") or one.get("url")), words or "Link"


EXAMPLES: list[tuple[object, list[Signal]]] = [
    (
        {
            "title": "Checkout is slow",
            "message": "p95 is 4.2 s",
            "dedup_key": "checkout-slow",
            "severity": "critical",
            "status": "firing",
            "service": "checkout",
            "timestamp": "2026-03-02T03:10:23Z",
            "url": "https://wiki.shop.example/slow",
        },
        [
            Signal(
                key="checkout-slow",
                action="trigger",
                summary="Checkout is slow",
                severity="critical",
                service="checkout",
                starts_at=datetime(2026, 3, 2, 3, 10, 23, tzinfo=UTC),
                details={
                    "title": "Checkout is slow",
                    "message": "p95 is 4.2 s",
                    "dedup_key": "checkout-slow",
                    "severity": "critical",
                    "status": "firing",
                    "service": "checkout",
                    "timestamp": "2026-03-02T03:10:23Z",
                    "url": "https://wiki.shop.example/slow",
                },
                links=(Link("https://wiki.shop.example/slow", "Link"),),
            )
        ],
    ),
    (
        {"title": "Checkout is slow", "dedup_key": "checkout-slow", "status": "resolved"},
        [
            Signal(
                key="checkout-slow",
                action="resolve",
                summary="Checkout is slow",
                details={"title": "Checkout is slow", "dedup_key": "checkout-slow", "status": "resolved"},
            )
        ],
    ),
]
