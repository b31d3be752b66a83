"""Groups of alerts from Alertmanager and from Grafana: each alert counts by itself."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from quarterdeck.core.kernel.refused import Refused
from quarterdeck.intake.alertmanager_webhook import check, parse, refusal_body

AT = datetime(2026, 5, 4, 4, 11, tzinfo=UTC)
RECORDED = Path(__file__).parent / "intake_fixtures"


def read(body):
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    check(raw)
    return parse(raw, None, AT)


def group(*alerts, **fields):
    return {"version": "4", "status": "firing", "alerts": list(alerts)} | fields


def alert(**fields):
    return {"status": "firing", "labels": {"alertname": "A"}, "fingerprint": "00ff"} | fields


def test_a_group_that_fires_may_hold_an_alert_that_is_over():
    fires, over = read((RECORDED / "alertmanager_webhook.json").read_bytes())
    assert (fires.key, fires.action, fires.service) == ("ab973ff9e120f00f", "trigger", "boarding")
    assert (over.key, over.action) == ("bce24aa3e4000378", "resolve")
    assert fires.starts_at == datetime(2026, 5, 4, 3, 13, 45, 230_662, tzinfo=UTC)
    assert fires.details["left out"] == "3 more alerts of this group were not sent"
    assert [link.text for link in fires.links] == ["Runbook", "Source", "Sent by"]


def test_a_delivery_of_grafana_is_read_by_the_same_parser():
    (signal,) = read((RECORDED / "grafana_webhook.json").read_bytes())
    assert (signal.key, signal.action, signal.service) == ("c6eadffa33fcdf37", "trigger", "boarding")
    assert signal.starts_at == datetime(2026, 5, 4, 3, 12, tzinfo=UTC)
    assert signal.details["values"] == '{"B":120.5,"C":1}'
    assert [link.text for link in signal.links] == [
        "Dashboard",
        "Panel",
        "Source",
        "Silence at the source",
        "Sent by",
    ]


def test_an_open_alert_never_expires_by_itself():
    (signal,) = read(group(alert(endsAt="2026-05-04T04:12:00Z")))
    assert signal.expires_at is None


@pytest.mark.parametrize(
    ("own", "of_the_group", "action"),
    [
        ("firing", "resolved", "trigger"),
        ("resolved", "firing", "resolve"),
        (None, "resolved", "resolve"),
        ("", "firing", "trigger"),
        ("Resolved", None, "resolve"),
        ("ok", None, "resolve"),
        ("alerting", None, "trigger"),
    ],
)
def test_the_status_of_the_alert_goes_before_that_of_the_group(own, of_the_group, action):
    assert read(group(alert(status=own), status=of_the_group))[0].action == action


@pytest.mark.parametrize(
    ("end", "action"), [("2026-05-04T04:00:00Z", "resolve"), ("2026-05-04T05:00:00Z", "trigger")]
)
def test_without_any_status_the_end_decides(end, action):
    assert read({"alerts": [{"labels": {"a": "b"}, "endsAt": end}]})[0].action == action


def test_without_a_fingerprint_the_labels_are_the_key():
    with_empty = read(group(alert(fingerprint="", labels={"a": "b", "c": ""})))[0].key
    assert with_empty == read(group(alert(fingerprint=None, labels={"a": "b"})))[0].key
    assert read(group(alert(fingerprint="0f", labels=None)))[0].key == "0f"


def test_a_long_fingerprint_is_hashed_so_that_two_stay_two():
    one, two = read(group(alert(fingerprint="f" * 300 + "1"), alert(fingerprint="f" * 300 + "2")))
    assert one.key != two.key


def test_an_alert_that_nothing_identifies_is_refused():
    with pytest.raises(Refused, match="at least one label pair required") as caught:
        read(group(alert(fingerprint=" ", labels={})))
    status, body = refusal_body(caught.value)
    assert (status, json.loads(body)["message"]) == (400, "at least one label pair required")


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({}, "alerts is missing"),
        ([], "the body must be an object, but a list was sent"),
        ({"alerts": None}, "alerts must be a list, but null was sent"),
        ({"alerts": {"a": 1}}, "alerts must be a list, but an object was sent"),
        ({"alerts": [{"labels": "x"}]}, r"alerts\[0\]\.labels must be an object, but a text was sent"),
        ({"alerts": [{"labels": {"a": "b"}, "status": 1}]}, r"alerts\[0\]\.status must be a text"),
        ({"alerts": [{"labels": {"a": "b"}, "startsAt": "x"}]}, r"alerts\[0\]\.startsAt is not a time"),
        ({"alerts": [], "truncatedAlerts": "many"}, "truncatedAlerts must be a whole number, but a text"),
        ({"alerts": [], "groupLabels": {"a": 5}}, "groupLabels must be a text, but a whole number"),
        ({"alerts": [{"labels": {"a": "b"}}] * 1_001}, "alerts holds more than 1000 alerts"),
        (
            {"alerts": [{"labels": {str(n): "x" for n in range(65)}}]},
            r"alerts\[0\]\.labels holds more than 64",
        ),
    ],
)
def test_a_wrong_field_is_named_with_what_was_expected(body, words):
    with pytest.raises(Refused, match=words):
        read(body)


def test_one_bad_alert_does_not_take_the_others_with_it():
    body = json.dumps(group(alert(), alert(labels={"": "x"}), alert(fingerprint="01"), receiver="r")).encode()
    with pytest.raises(Refused) as caught:
        check(body)
    assert caught.value.details["usable"] == "2"
    kept = parse(body, None, AT)
    assert [s.key for s in kept] == ["00ff", "01"]
    assert kept[0].details["receiver"] == "r"


def test_an_empty_group_is_no_alert():
    assert read(group()) == []
