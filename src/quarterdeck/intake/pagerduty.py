"""Whatever can send to PagerDuty's Events API v2 and lets you set its address sends here unchanged.

Set the base address to https://quarterdeck.example/in/pagerduty/YOUR_KEY; the client appends /v2/enqueue
itself. In alertmanager.yml:

    receivers:
      - name: quarterdeck
        pagerduty_configs:
          - url: https://quarterdeck.example/in/pagerduty/YOUR_KEY/v2/enqueue
            routing_key: YOUR_KEY

With the Python client (it wants https):

    pagerduty.EventsApiV2Client("YOUR_KEY", base_url="https://quarterdeck.example/in/pagerduty/YOUR_KEY")

By hand:

    curl https://quarterdeck.example/in/pagerduty/YOUR_KEY/v2/enqueue -d '{
      "routing_key": "YOUR_KEY", "event_action": "trigger", "dedup_key": "test",
      "payload": {"summary": "Test", "source": "my laptop", "severity": "info"}}'

The same `dedup_key` with `"event_action": "resolve"` closes it again. `custom_details.service` (else
`component`) picks the service. Change events (/v2/change/enqueue) are accepted and page nobody.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import msgspec

from quarterdeck.core.alerts.signal import SEVERITIES, Action, Link, Signal
from quarterdeck.core.kernel import moments
from quarterdeck.core.kernel.refused import Refused

from .answers import json_body, status_of
from .details import flat, tamed, tamed_line
from .labelled import key_of, links_of, service_of, stand_in_key
from .limits import MAX_KEY, MAX_NAME, MAX_NODES, MAX_SUMMARY
from .strict_json import check_encoding, check_shape, decode

NAME = "PagerDuty Events v2"
SITE = "https://developer.pagerduty.com/docs/events-api-v2/overview/"
DIALECT = "pagerduty"

_ACTIONS: dict[str, Action] = {"trigger": "trigger", "acknowledge": "acknowledge", "resolve": "resolve"}


class _Payload(msgspec.Struct):
    summary: str | None = None
    source: str | None = None
    severity: str | None = None
    timestamp: str | None = None
    component: str | None = None
    group: str | None = None
    class_: str | None = msgspec.field(default=None, name="class")
    custom_details: Any = None


class _Anchor(msgspec.Struct):
    href: str | None = None
    text: str | None = None


class _Image(msgspec.Struct):
    src: str | None = None
    alt: str | None = None
    href: str | None = None


class _Event(msgspec.Struct):
    routing_key: str | None = None
    event_action: str | None = None
    dedup_key: str | None = None
    payload: _Payload | None = None
    links: list[_Anchor] | None = None
    images: list[_Image] | None = None
    client: str | None = None
    client_url: str | None = None


_NOTHING = _Payload()
_DECODER = msgspec.json.Decoder(_Event)


def check(raw: bytes) -> int:
    """One event. Refuses what PagerDuty refuses, with one entry a field in `fields`. A routing key is not asked for
    here: it may have come in the path; the edge reads it with `routing_key`."""
    event = _read(raw)
    faults = _faults(event)
    if event.event_action not in _ACTIONS:
        faults["event_action"] = "'event_action' must be 'trigger', 'acknowledge' or 'resolve'"
    elif event.event_action == "trigger":
        faults |= _payload_faults(event.payload or _NOTHING)
        if (severity := (event.payload or _NOTHING).severity) not in SEVERITIES:
            words = "is missing or blank" if not severity else "is not known"
            faults["payload.severity"] = f"'payload.severity' {words}: send critical, error, warning or info"
    elif not _sent_key(event):
        faults["dedup_key"] = (
            f"'dedup_key' is missing or blank: '{event.event_action}' needs that of its event"
        )
    _raise(faults)
    return 1


def check_change(raw: bytes) -> int:
    """As `check`, for a body sent to /v2/change/enqueue, which is no alert."""
    event = _read(raw)
    payload = event.payload or _NOTHING
    faults = _payload_faults(payload)
    faults.pop("payload.source", None)
    if event.event_action is not None:
        faults["event_action"] = "'event_action' has no place in a change event. Send it to /v2/enqueue"
    _raise(faults)
    return 0


def routing_key(raw: bytes) -> str | None:
    """The `routing_key` of a body that passed `check`; None when it has none."""
    return decode(_DECODER, raw).routing_key or None


def parse(
    raw: bytes, mapping: Mapping[str, object] | None, received_at: datetime, event_id: str = ""
) -> list[Signal]:
    """One signal; none for a change event. Without a `dedup_key` the key is made from `event_id`."""
    event = decode(_DECODER, raw)
    action = _ACTIONS.get(event.event_action or "")
    if action is None:
        return []
    payload = event.payload or _NOTHING
    summary = tamed(payload.summary or "")
    details = flat(payload.custom_details)
    service = service_of({**details, "component": payload.component or ""}, "component")
    starts_at, unread = _timestamp(payload.timestamp)
    if unread:
        details["timestamp"] = unread
    if len(summary) > MAX_SUMMARY:
        details["summary"] = summary
    if event.client:
        details["client"] = tamed(event.client, MAX_NAME)
    labels = {
        "source": payload.source,
        "component": payload.component,
        "group": payload.group,
        "class": payload.class_,
    }
    return [
        Signal(
            key=_key(raw, event, event_id),
            action=action,
            summary=tamed_line(summary, MAX_SUMMARY),
            severity=payload.severity if payload.severity in SEVERITIES else "error",
            source=tamed_line(payload.source or ""),
            service=service,
            starts_at=starts_at,
            labels={k: shown for k, v in labels.items() if (shown := tamed(v or ""))},
            details=details,
            links=_links(event),
        )
    ]


def accepted_body(raw: bytes, event_id: str = "") -> tuple[int, bytes]:
    """Status and body for a stored event. The key is always there: clients fail without it, and it must be
    the one `parse` makes of the same body and `event_id`, or a later resolve would find nothing."""
    event = decode(_DECODER, raw)
    key = (event.dedup_key or "") if _sent_key(event) else _key(raw, event, event_id)
    return 202, json_body({"status": "success", "message": "Event processed", "dedup_key": key})


def accepted_change_body() -> tuple[int, bytes]:
    """Status and body for a change event."""
    return 202, json_body({"status": "success", "message": "Change event processed"})


def refusal_body(refused: Refused) -> tuple[int, bytes]:
    """Status and body as PagerDuty's: one line a fault in `errors`."""
    errors = list(refused.fields.values()) or [refused.message]
    body = {"status": "invalid event", "message": "Event object is invalid", "errors": errors}
    return status_of(refused), json_body(body)


def limited_body(message: str) -> tuple[int, bytes]:
    """Status and body as PagerDuty's own: its clients try a 429 again."""
    return 429, json_body({"status": "throttle exceeded", "message": message})


def _read(raw: bytes) -> _Event:
    check_encoding(raw)
    event = decode(_DECODER, raw)
    check_shape(raw, MAX_NODES)
    return event


def _faults(event: _Event) -> dict[str, str]:
    if len(event.dedup_key or "") > MAX_KEY:
        return {"dedup_key": f"'dedup_key' is longer than {MAX_KEY} characters"}
    return {}


def _payload_faults(payload: _Payload) -> dict[str, str]:
    needed = {"summary": payload.summary, "source": payload.source}
    blank = [name for name, value in needed.items() if _is_blank(value)]
    return {f"payload.{name}": f"'payload.{name}' is missing or blank" for name in blank}


def _is_blank(text: str | None) -> bool:
    return not text or not tamed(text.strip())


def _raise(faults: Mapping[str, str]) -> None:
    if faults:
        raise Refused("intake.event", "; ".join(faults.values()), kind="bad", fields=faults)


def _sent_key(event: _Event) -> str:
    return key_of(event.dedup_key or "")


def _key(raw: bytes, event: _Event, event_id: str) -> str:
    # Without an id the body stands for itself: repeats of it then share a key, other events never do.
    return _sent_key(event) or stand_in_key("event", event_id or raw.decode())


def _timestamp(text: str | None) -> tuple[datetime | None, str]:
    """When it began, and the text of a time that cannot be read: no reason to lose the event."""
    try:
        return moments.parse(text or ""), ""
    except ValueError:
        return None, tamed(text or "", MAX_NAME)


def _links(event: _Event) -> tuple[Link, ...]:
    anchors = [(a.href, a.text or "Link") for a in event.links or []]
    images = [(i.href or i.src, i.alt or "Image") for i in event.images or []]
    return links_of([*anchors, (event.client_url, event.client or "Sent by"), *images])


EXAMPLES: list[tuple[object, list[Signal]]] = [
    (
        {
            "routing_key": "0f0e0d0c0b0a09080706050403020100",
            "event_action": "trigger",
            "dedup_key": "shop-1/cpu",
            "payload": {
                "summary": "CPU above 95 % on shop-1",
                "source": "shop-1",
                "severity": "error",
                "timestamp": "2026-03-02T03:00:00Z",
                "component": "checkout",
                "group": "production",
                "class": "cpu",
                "custom_details": {"cpu": 97, "load": {"1m": 8.5}},
            },
            "links": [{"href": "https://graphs.shop.example/cpu", "text": "Graph"}],
            "client": "Watchman",
            "client_url": "https://watchman.shop.example/shop-1",
        },
        [
            Signal(
                key="shop-1/cpu",
                action="trigger",
                summary="CPU above 95 % on shop-1",
                severity="error",
                source="shop-1",
                service="checkout",
                starts_at=datetime(2026, 3, 2, 3, 0, tzinfo=UTC),
                labels={"source": "shop-1", "component": "checkout", "group": "production", "class": "cpu"},
                details={"cpu": "97", "load.1m": "8.5", "client": "Watchman"},
                links=(
                    Link("https://graphs.shop.example/cpu", "Graph"),
                    Link("https://watchman.shop.example/shop-1", "Watchman"),
                ),
            )
        ],
    ),
    (
        {
            "routing_key": "0f0e0d0c0b0a09080706050403020100",
            "event_action": "resolve",
            "dedup_key": "shop-1/cpu",
        },
        [Signal(key="shop-1/cpu", action="resolve")],
    ),
]
