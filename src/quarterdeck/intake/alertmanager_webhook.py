"""For Alertmanager (webhook receiver, payload version 4) and Grafana Alerting (contact point "Webhook").

In alertmanager.yml:

    receivers:
      - name: quarterdeck
        webhook_configs:
          - url: https://quarterdeck.example/in/alertmanager-webhook/YOUR_KEY
            send_resolved: true
            max_alerts: 0
    route:
      receiver: quarterdeck

In Grafana: Alerting > Contact points > Add, integration "Webhook", URL
https://quarterdeck.example/in/alertmanager-webhook/YOUR_KEY, method POST. "Test" there shows an alert here.

Each alert of a group is taken by itself, with its own state. The label `service` (or svc, app, job) picks the
service, `severity` how bad it is, the annotations `summary` and `runbook_url` are shown first.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated

import msgspec

from quarterdeck.core.alerts.signal import Action, Link, Signal
from quarterdeck.core.kernel.refused import Refused
from quarterdeck.core.kernel.text import counted

from .answers import json_body, status_of
from .details import tamed
from .labelled import Names, key_of, key_of_labels, moment, no_labels, signal_of
from .limits import MAX_ALERTS
from .strict_json import check_encoding, check_shape, decode, is_plain

NAME = "Alertmanager and Grafana"
SITE = "https://prometheus.io/docs/alerting/latest/configuration/#webhook_config"
DIALECT = "alertmanager-webhook"

# Alertmanager says "resolved"; Grafana's older states say "ok" and "normal".
_OVER = frozenset({"resolved", "ok", "normal"})


class _Alert(msgspec.Struct, gc=False):
    labels: Names | None = None
    annotations: Names | None = None
    status: str | None = None
    startsAt: datetime | None = None  # noqa: N815 (the wire's name)
    endsAt: datetime | None = None  # noqa: N815
    generatorURL: str | None = None  # noqa: N815
    fingerprint: str | None = None
    silenceURL: str | None = None  # noqa: N815 (from here on: Grafana)
    dashboardURL: str | None = None  # noqa: N815
    panelURL: str | None = None  # noqa: N815
    imageURL: str | None = None  # noqa: N815
    valueString: str | None = None  # noqa: N815
    values: msgspec.Raw = msgspec.Raw()


class _Group(msgspec.Struct):
    alerts: Annotated[list[_Alert], msgspec.Meta(max_length=MAX_ALERTS)]
    status: str | None = None
    receiver: str | None = None
    groupLabels: dict[str, str] | None = None  # noqa: N815
    commonLabels: dict[str, str] | None = None  # noqa: N815
    commonAnnotations: dict[str, str] | None = None  # noqa: N815
    externalURL: str | None = None  # noqa: N815
    version: str | None = None
    groupKey: str | None = None  # noqa: N815
    truncatedAlerts: int | None = None  # noqa: N815


class _Parts(msgspec.Struct):
    """The same body with its alerts unread, for when one of them cannot be."""

    alerts: list[msgspec.Raw]
    status: str | None = None
    receiver: str | None = None
    externalURL: str | None = None  # noqa: N815
    truncatedAlerts: int | None = None  # noqa: N815


_DECODER = msgspec.json.Decoder(_Group)
_PARTS = msgspec.json.Decoder(_Parts)
_ITEM = msgspec.json.Decoder(_Alert)


def check(raw: bytes) -> int:
    """How many alerts there are. Refuses what cannot be read, naming the field.

    Where only some alerts are at fault, `details["usable"]` of the refusal counts the others. Alertmanager
    drops a whole group on 4xx: journal the body all the same.
    """
    check_encoding(raw)
    try:
        group = decode(_DECODER, raw)
        members = _group_members(group) + sum(map(_members, group.alerts))
    except Refused as refused:
        refused.details["usable"] = str(len(_salvaged(raw).alerts))
        raise
    if not is_plain(raw, members):
        check_shape(raw)
    return len(group.alerts)


def parse(
    raw: bytes, mapping: Mapping[str, object] | None, received_at: datetime, event_id: str = ""
) -> list[Signal]:
    """One signal an alert, by the alert's own status; the group's status counts only where it has none."""
    try:
        group = decode(_DECODER, raw)
    except Refused:
        group = _salvaged(raw)
    return [_signal(alert, group, received_at) for alert in group.alerts if _is_named(alert)]


def accepted_body(raw: bytes, event_id: str = "") -> tuple[int, bytes]:
    """Status and body for a stored delivery. Both senders look at the status alone."""
    return 200, json_body({"status": "accepted"})


def refusal_body(refused: Refused) -> tuple[int, bytes]:
    """Status and body: 4xx is final for Alertmanager, and its log shows the message."""
    status = status_of(refused)
    return status, json_body({"code": status, "message": refused.message})


def limited_body(message: str) -> tuple[int, bytes]:
    """Status and body: Alertmanager tries a 5xx again and drops the whole group on any 4xx, 429 too."""
    return 503, json_body({"code": 503, "message": message})


def _is_named(alert: _Alert) -> bool:
    return (alert.labels is not None and any(alert.labels.values())) or bool(key_of(alert.fingerprint or ""))


def _group_members(group: _Group) -> int:
    tables = (group.groupLabels, group.commonLabels, group.commonAnnotations)
    single = (
        group.status,
        group.receiver,
        group.externalURL,
        group.version,
        group.groupKey,
        group.truncatedAlerts,
    )
    return 1 + sum(1 + len(t) for t in tables if t is not None) + sum(v is not None for v in single)


def _members(alert: _Alert) -> int:
    """How many names this alert had in JSON, if it had no others; refuses one that nothing identifies.

    Grafana's fields are not counted: its bodies take the slower check.
    """
    if not _is_named(alert):
        raise no_labels()
    # Written out: this runs for each alert before the sender has its answer.
    count = 0 if alert.labels is None else 1 + len(alert.labels)
    count += 0 if alert.annotations is None else 1 + len(alert.annotations)
    count += (alert.startsAt is not None) + (alert.endsAt is not None) + (alert.status is not None)
    return count + (alert.generatorURL is not None) + (alert.fingerprint is not None)


def _salvaged(raw: bytes) -> _Group:
    """The group with the alerts that can be read, of a body where not all can."""
    group = _Group(alerts=[])
    try:
        parts = decode(_PARTS, raw)
        if len(parts.alerts) > MAX_ALERTS:
            return group
        check_shape(raw)
    except Refused:
        return group
    group.status, group.receiver = parts.status, parts.receiver
    group.externalURL, group.truncatedAlerts = parts.externalURL, parts.truncatedAlerts
    for item in parts.alerts:
        try:
            alert = decode(_ITEM, bytes(item))
            _members(alert)
        except Refused:
            continue
        group.alerts.append(alert)
    return group


def _key(alert: _Alert) -> str:
    return key_of(alert.fingerprint or "") or key_of_labels(alert.labels or {})


def _action(alert: _Alert, group: _Group, received_at: datetime) -> Action:
    status = alert.status or group.status
    if status:
        return "resolve" if status.strip().lower() in _OVER else "trigger"
    ends_at = moment(alert.endsAt)
    return "resolve" if ends_at is not None and ends_at <= received_at else "trigger"


def _signal(alert: _Alert, group: _Group, received_at: datetime) -> Signal:
    details = {"receiver": tamed(group.receiver or "")}
    values = bytes(alert.values)
    if values not in (b"", b"null"):
        details["values"] = tamed(values.decode())
    elif alert.valueString:
        details["values"] = tamed(alert.valueString)
    if (left_out := group.truncatedAlerts or 0) > 0:
        details["left out"] = counted(
            left_out, "more alert of this group was not sent", "more alerts of this group were not sent"
        )
    return signal_of(
        alert.labels or {},
        alert.annotations,
        key=_key(alert),
        action=_action(alert, group, received_at),
        starts_at=moment(alert.startsAt),
        # No expiry: the sender says when it is over, and repeats an open alert only every few hours.
        links=[
            (alert.dashboardURL, "Dashboard"),
            (alert.panelURL, "Panel"),
            (alert.imageURL, "Image"),
            (alert.generatorURL, "Source"),
            (alert.silenceURL, "Silence at the source"),
            (group.externalURL, "Sent by"),
        ],
        details={k: v for k, v in details.items() if v},
    )


EXAMPLES: list[tuple[object, list[Signal]]] = [
    (
        {
            "receiver": "quarterdeck",
            "status": "firing",
            "alerts": [
                {
                    "status": "firing",
                    "labels": {"alertname": "CheckoutSlow", "service": "checkout", "severity": "page"},
                    "annotations": {"summary": "Checkout answers in 4.2 s"},
                    "startsAt": "2026-03-02T03:10:23.234Z",
                    "endsAt": "0001-01-01T00:00:00Z",
                    "generatorURL": "https://prometheus.shop.example/graph?g0.expr=latency",
                    "fingerprint": "5d0c7e1fa2b34896",
                },
                {
                    "status": "resolved",
                    "labels": {"alertname": "CheckoutSlow", "service": "search", "severity": "page"},
                    "annotations": {"summary": "Search answers in 2.1 s"},
                    "startsAt": "2026-03-02T03:05:23.234Z",
                    "endsAt": "2026-03-02T03:11:23.234Z",
                    "generatorURL": "",
                    "fingerprint": "0b6f2c9d81e47a35",
                },
            ],
            "groupLabels": {"alertname": "CheckoutSlow"},
            "commonLabels": {"alertname": "CheckoutSlow", "severity": "page"},
            "commonAnnotations": {},
            "externalURL": "https://alertmanager.shop.example",
            "version": "4",
            "groupKey": '{}:{alertname="CheckoutSlow"}',
            "truncatedAlerts": 0,
        },
        [
            Signal(
                key="5d0c7e1fa2b34896",
                action="trigger",
                summary="Checkout answers in 4.2 s",
                severity="critical",
                service="checkout",
                starts_at=datetime(2026, 3, 2, 3, 10, 23, 234000, tzinfo=UTC),
                labels={"alertname": "CheckoutSlow", "service": "checkout", "severity": "page"},
                details={"receiver": "quarterdeck"},
                links=(
                    Link("https://prometheus.shop.example/graph?g0.expr=latency", "Source"),
                    Link("https://alertmanager.shop.example", "Sent by"),
                ),
            ),
            Signal(
                key="0b6f2c9d81e47a35",
                action="resolve",
                summary="Search answers in 2.1 s",
                severity="critical",
                service="search",
                starts_at=datetime(2026, 3, 2, 3, 5, 23, 234000, tzinfo=UTC),
                labels={"alertname": "CheckoutSlow", "service": "search", "severity": "page"},
                details={"receiver": "quarterdeck"},
                links=(Link("https://alertmanager.shop.example", "Sent by"),),
            ),
        ],
    ),
]
