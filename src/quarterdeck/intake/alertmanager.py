"""Prometheus sends here as it would to an Alertmanager (API v2), and amtool can add alerts by hand.

In prometheus.yml:

    alerting:
      alertmanagers:
        - scheme: https
          path_prefix: /in/alertmanager/YOUR_KEY
          api_version: v2
          static_configs:
            - targets: ["quarterdeck.example"]

Reload Prometheus, then look at its page Status > Runtime: the address is listed there. By hand:

    amtool --alertmanager.url=https://quarterdeck.example/in/alertmanager/YOUR_KEY \\
        alert add alertname=Test severity=info

The label `service` (or svc, app, job) picks the service, `severity` how bad it is, the annotations `summary`
and `runbook_url` are shown first. An alert that Prometheus stops repeating expires after about four minutes.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from functools import lru_cache
from typing import Annotated

import msgspec

from quarterdeck.core.alerts.batch import fingerprint
from quarterdeck.core.alerts.signal import Action, Link, Signal
from quarterdeck.core.kernel.refused import Refused

from .answers import json_body, status_of
from .labelled import (
    LONGEST_REMEMBERED,
    REMEMBERED,
    Names,
    Told,
    key_of_labels,
    moment,
    no_labels,
    signal_of,
    signal_of_told,
    told_by,
)
from .limits import MAX_ALERTS
from .strict_json import check_encoding, check_shape, decode, is_plain

NAME = "Prometheus"
SITE = "https://prometheus.io"
DIALECT = "alertmanager"

_ROOT = "alerts"


class _Alert(msgspec.Struct, gc=False):
    labels: Names
    annotations: Names | None = None
    startsAt: datetime | None = None  # noqa: N815 (the wire's name)
    endsAt: datetime | None = None  # noqa: N815
    generatorURL: str | None = None  # noqa: N815


class _Written(msgspec.Struct, gc=False):
    """An alert whose names are not read yet."""

    labels: msgspec.Raw
    annotations: msgspec.Raw = msgspec.Raw(b"null")
    startsAt: datetime | None = None  # noqa: N815
    endsAt: datetime | None = None  # noqa: N815
    generatorURL: str | None = None  # noqa: N815


_WRITTEN = msgspec.json.Decoder(Annotated[list[_Written], msgspec.Meta(max_length=MAX_ALERTS)])
_NAMES = msgspec.json.Decoder(Names)
_NAMES_OR_NONE = msgspec.json.Decoder(Names | None)
_DECODER = msgspec.json.Decoder(Annotated[list[_Alert], msgspec.Meta(max_length=MAX_ALERTS)])
_ITEMS = msgspec.json.Decoder(list[msgspec.Raw])
_ITEM = msgspec.json.Decoder(_Alert)


def check(raw: bytes) -> int:
    """How many alerts there are. Refuses what cannot be read, in Alertmanager's shape and words.

    Where only some alerts are at fault, `details["usable"]` of the refusal counts the others. Alertmanager
    keeps those and still answers 400, and Prometheus never repeats a refused request: journal the body all
    the same.
    """
    check_encoding(raw)
    try:
        alerts = decode(_DECODER, raw, _ROOT)
        members = sum(map(_members, alerts))
    except Refused as refused:
        refused.details["usable"] = str(len(_salvaged(raw)))
        raise
    if not is_plain(raw, members):
        check_shape(raw)
    return len(alerts)


def parse(
    raw: bytes, mapping: Mapping[str, object] | None, received_at: datetime, event_id: str = ""
) -> list[Signal]:
    """One signal an alert. What ended by `received_at` is resolved; a later end is when it expires."""
    try:
        return _remembered(raw, received_at)
    except (Refused, msgspec.MsgspecError, UnicodeError):
        pass  # something in it is amiss, or written in an unusual way: read it with more care
    try:
        alerts = decode(_DECODER, raw, _ROOT)
    except Refused:
        alerts = _salvaged(raw)
    return [_signal(alert, received_at) for alert in alerts if any(alert.labels.values())]


def accepted_body(raw: bytes, event_id: str = "") -> tuple[int, bytes]:
    """Status and body for a stored delivery: as Alertmanager, 200 and nothing."""
    return 200, b""


def refusal_body(refused: Refused) -> tuple[int, bytes]:
    """Status and body: a JSON text where Alertmanager refuses an alert, else `{"code":400,"message":…}`."""
    status = status_of(refused)
    if refused.code == "intake.labels_missing":
        return status, json_body(refused.message)
    return status, json_body({"code": status, "message": refused.message})


def limited_body(message: str) -> tuple[int, bytes]:
    """Status and body: Prometheus repeats no request whatever the status, but sends what still fires a minute later."""
    return 429, json_body({"code": 429, "message": message})


def _members(alert: _Alert) -> int:
    """How many names this alert had in JSON, if it had no others; refuses one without labels."""
    if not any(alert.labels.values()):
        raise no_labels()
    count = 1 + len(alert.labels)
    if alert.annotations is not None:
        count += 1 + len(alert.annotations)
    # Written out: this runs for each alert before the sender has its answer.
    count += (alert.startsAt is not None) + (alert.endsAt is not None)
    return count + (alert.generatorURL is not None)


def _salvaged(raw: bytes) -> list[_Alert]:
    """The readable alerts of a body of which some are not."""
    found = []
    try:
        items = decode(_ITEMS, raw)
        if len(items) > MAX_ALERTS:
            return []
        check_shape(raw)
    except Refused:
        return []
    for item in items:
        try:
            alert = decode(_ITEM, bytes(item))
            _members(alert)
        except Refused:
            continue
        found.append(alert)
    return found


def _remembered(raw: bytes, received_at: datetime) -> list[Signal]:
    """As `parse`. Prometheus writes the labels of an alert in the same bytes every time: they are not read again."""
    found = []
    for alert in _WRITTEN.decode(raw):
        labels, annotations, url = bytes(alert.labels), bytes(alert.annotations), alert.generatorURL
        is_short = len(labels) + len(annotations) + len(url or "") <= LONGEST_REMEMBERED
        key, told = (_told if is_short else _told.__wrapped__)(labels, annotations, url)
        if told is not None:
            ends_at = moment(alert.endsAt)
            over = ends_at is not None and ends_at <= received_at
            action: Action = "resolve" if over else "trigger"
            starts_at, expires_at = moment(alert.startsAt), None if over else ends_at
            found.append(signal_of_told(told, key, action, starts_at, expires_at))
    return found


@lru_cache(maxsize=REMEMBERED)
def _told(labels: bytes, annotations: bytes, url: str | None) -> tuple[str, Told | None]:
    """Key and words of an alert written so; no words where it has no labels. Raises what msgspec raises."""
    names = _NAMES.decode(labels)
    notes = _NAMES_OR_NONE.decode(annotations)
    if not any(names.values()):
        return "", None
    named = names if all(names.values()) else {name: value for name, value in names.items() if value}
    return fingerprint(named), told_by(names, notes or {}, [(url, "Source")])


def _signal(alert: _Alert, received_at: datetime) -> Signal:
    ends_at = moment(alert.endsAt)
    over = ends_at is not None and ends_at <= received_at
    return signal_of(
        alert.labels,
        alert.annotations,
        key=key_of_labels(alert.labels),
        action="resolve" if over else "trigger",
        starts_at=moment(alert.startsAt),
        expires_at=None if over else ends_at,
        links=[(alert.generatorURL, "Source")],
    )


EXAMPLES: list[tuple[object, list[Signal]]] = [
    (
        [
            {
                "labels": {
                    "alertname": "CheckoutSlow",
                    "service": "checkout",
                    "severity": "critical",
                    "instance": "shop-1:9100",
                },
                "annotations": {
                    "summary": "Checkout answers in 4.2 s",
                    "description": "The 95th percentile is above 2 s for 5 minutes.",
                    "runbook_url": "https://wiki.shop.example/checkout-slow",
                },
                "startsAt": "2026-03-02T03:10:23.234Z",
                "endsAt": "0001-01-01T00:00:00Z",
                "generatorURL": "https://prometheus.shop.example/graph?g0.expr=latency+%3E+2&g0.tab=1",
            }
        ],
        [
            Signal(
                key="4b13f5d6b76b7791",
                action="trigger",
                summary="Checkout answers in 4.2 s",
                severity="critical",
                source="shop-1:9100",
                service="checkout",
                starts_at=datetime(2026, 3, 2, 3, 10, 23, 234000, tzinfo=UTC),
                labels={
                    "alertname": "CheckoutSlow",
                    "service": "checkout",
                    "severity": "critical",
                    "instance": "shop-1:9100",
                },
                details={"description": "The 95th percentile is above 2 s for 5 minutes."},
                links=(
                    Link("https://wiki.shop.example/checkout-slow", "Runbook"),
                    Link("https://prometheus.shop.example/graph?g0.expr=latency+%3E+2&g0.tab=1", "Source"),
                ),
            )
        ],
    ),
    (
        [
            {
                "labels": {
                    "alertname": "DiskFull",
                    "job": "db",
                    "severity": "warning",
                    "instance": "db-2:9100",
                },
                "annotations": {},
                "startsAt": "2026-03-02T03:00:00.000000001Z",
                "endsAt": "2026-03-02T03:12:00Z",
                "generatorURL": "",
            }
        ],
        [
            Signal(
                key="cbe1a43db6092cfd",
                action="resolve",
                summary="DiskFull on db-2:9100",
                severity="warning",
                source="db-2:9100",
                service="db",
                starts_at=datetime(2026, 3, 2, 3, 0, tzinfo=UTC),
                labels={"alertname": "DiskFull", "job": "db", "severity": "warning", "instance": "db-2:9100"},
            )
        ],
    ),
]
