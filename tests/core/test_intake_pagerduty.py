"""PagerDuty's Events API v2: trigger, acknowledge, resolve, and the answers that clients wait for."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from quarterdeck.core.alerts.signal import Link
from quarterdeck.core.kernel.refused import Refused
from quarterdeck.intake.pagerduty import (
    accepted_body,
    accepted_change_body,
    check,
    check_change,
    parse,
    refusal_body,
    routing_key,
)

AT = datetime(2026, 5, 4, 4, 11, tzinfo=UTC)
RECORDED = Path(__file__).parent / "intake_fixtures"


def event(**fields):
    payload = {"summary": "Disk full", "source": "db-1", "severity": "critical"}
    body = {"event_action": "trigger", "dedup_key": "db-1/disk", "payload": payload} | fields
    return json.dumps({k: v for k, v in body.items() if v is not None}).encode()


def read(raw, event_id="e-1"):
    check(raw)
    (signal,) = parse(raw, None, AT, event_id)
    return signal


def errors(raw, of=check):
    with pytest.raises(Refused) as caught:
        of(raw)
    status, body = refusal_body(caught.value)
    answer = json.loads(body)
    assert (status, answer["status"], answer["message"]) == (400, "invalid event", "Event object is invalid")
    return answer["errors"]


def test_a_recorded_trigger_becomes_a_signal():
    signal = read((RECORDED / "pagerduty_trigger.json").read_bytes())
    assert (signal.key, signal.action, signal.severity) == ("gate-1/cpu", "trigger", "error")
    assert (signal.summary, signal.source, signal.service) == ("CPU high on gate-1", "gate-1", "boarding")
    assert signal.starts_at == datetime(2026, 5, 4, 3, 0, 0, 315_000, tzinfo=UTC)
    assert signal.details == {"cpu": "97", "cores": "[90,99]"}
    assert signal.links == (
        Link("https://graphs.ferry.example", "Graph"),
        Link("https://graphs.ferry.example/a.png", "CPU"),
    )


def test_a_resolve_with_a_full_payload_is_a_resolve():
    signal = read((RECORDED / "pagerduty_group_resolve.json").read_bytes())
    assert (signal.action, signal.service) == ("resolve", "printers")
    assert signal.details["num_resolved"] == "1"


@pytest.mark.parametrize("action", ["acknowledge", "resolve"])
def test_a_key_is_enough_to_acknowledge_or_resolve(action):
    signal = read(event(event_action=action, payload=None))
    assert (signal.action, signal.key, signal.summary) == (action, "db-1/disk", "")


def test_the_answer_repeats_the_key_of_the_sender_as_sent():
    status, body = accepted_body(event(dedup_key=" a\u0000b "), "e-1")
    assert status == 202
    assert json.loads(body) == {"status": "success", "message": "Event processed", "dedup_key": " a\u0000b "}


@pytest.mark.parametrize("none", [None, "", " ", "\u0000"])
def test_an_invented_key_is_answered_and_stored_alike(none):
    raw = event(dedup_key=none)
    answered = json.loads(accepted_body(raw, "e-1")[1])["dedup_key"]
    assert answered == read(raw, "e-1").key
    assert answered != read(raw, "e-2").key
    later = event(event_action="resolve", dedup_key=answered, payload=None)
    assert read(later, "e-3").key == answered


def test_without_an_id_other_bodies_get_other_keys():
    one, two = event(dedup_key=None), event(dedup_key=None, client="x")
    assert read(one, "").key == json.loads(accepted_body(one)[1])["dedup_key"]
    assert read(one, "").key != read(two, "").key


def test_everything_missing_is_listed_at_once():
    found = errors(b'{"event_action":"trigger"}')
    assert len(found) == 3
    assert all(f"'payload.{name}'" in " ".join(found) for name in ("summary", "source", "severity"))


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        (b"{}", "'event_action' must be"),
        (event(event_action="open"), "'event_action' must be"),
        (event(event_action="resolve", dedup_key=None), "'dedup_key' is missing or blank"),
        (event(event_action="acknowledge", dedup_key=" "), "'dedup_key' is missing or blank"),
        (event(dedup_key="k" * 256), "'dedup_key' is longer than 255"),
        (event(payload={"summary": " ", "source": "a", "severity": "info"}), "'payload.summary' is missing"),
        (event(payload={"summary": "a", "severity": "info"}), "'payload.source' is missing or blank"),
        (
            event(payload={"summary": "a", "source": "a", "severity": "fatal"}),
            "'payload.severity' is not known",
        ),
        (event(payload=[]), "payload must be an object, but a list was sent"),
        (event(payload={"summary": 5}), "payload.summary must be a text, but a whole number was sent"),
        (event(payload={"timestamp": 1.5}), "payload.timestamp must be a text, but a number was sent"),
        (event(dedup_key=5), "dedup_key must be a text"),
        (event(links={}), "links must be a list"),
        (event(links=[5]), "links[0] must be an object"),
    ],
)
def test_a_wrong_event_is_refused_in_pagerdutys_shape(raw, words):
    assert any(words in error for error in errors(raw))


def test_a_body_of_too_many_values_is_refused():
    assert "more than 10000 values" in errors(event(payload={"custom_details": list(range(10_001))}))[0]


@pytest.mark.parametrize("text", ["yesterday", "2026-05-04 03:00 UTC", "-0001-01-01T00:00:00Z"])
def test_a_timestamp_that_cannot_be_read_is_shown_and_loses_no_event(text):
    signal = read(event(payload={"summary": "a", "source": "b", "severity": "info", "timestamp": text}))
    assert signal.starts_at is None
    assert signal.details["timestamp"] == text


@pytest.mark.parametrize(
    ("custom", "details"),
    [
        ({"a": {"b": [1, {"c": None}]}, "g": None}, {"a.b": '[1,{"c":null}]'}),
        ({"d": True, "e": 0.5, "f": 3.0, "h": 1e30}, {"d": "true", "e": "0.5", "f": "3", "h": "1e+30"}),
        ("free text", {"value": "free text"}),
        (["a", "b"], {"value": '["a","b"]'}),
        (None, {}),
        ({"": "x"}, {"value": "x"}),
    ],
)
def test_custom_details_of_any_shape_become_named_texts(custom, details):
    raw = event(payload={"summary": "a", "source": "b", "severity": "info", "custom_details": custom})
    assert read(raw).details == details


def test_more_than_sixty_four_details_are_counted_instead_of_shown():
    raw = event(
        payload={
            "summary": "a",
            "source": "b",
            "severity": "info",
            "custom_details": {str(n): n for n in range(100)},
        }
    )
    details = read(raw).details
    assert len(details) == 64
    assert details["left out"] == "37 more values of this event"


def test_a_giant_name_over_many_values_costs_no_memory():
    custom = {"n" * 500_000: {str(n): {"x": n} for n in range(4_000)}}
    raw = event(payload={"summary": "a", "source": "b", "severity": "info", "custom_details": custom})
    assert all(len(name) <= 200 for name in read(raw).details)


@pytest.mark.parametrize(
    ("custom", "component", "service"),
    [({"service": "a"}, "c", "a"), ({"svc": "b"}, "c", "b"), ({}, "c", "c"), ({}, None, None)],
)
def test_the_service_is_named_by_the_details_or_the_component(custom, component, service):
    payload = {
        "summary": "a",
        "source": "b",
        "severity": "info",
        "component": component,
        "custom_details": custom,
    }
    assert read(event(payload=payload)).service == service


def test_a_long_summary_is_kept_whole_among_the_details():
    signal = read(event(payload={"summary": "s" * 500, "source": "b", "severity": "info"}))
    assert len(signal.summary) == 300
    assert signal.details["summary"] == "s" * 500


def test_the_routing_key_is_read_for_the_edge():
    assert routing_key(event(routing_key="abc")) == "abc"
    assert routing_key(event()) is None


def test_a_change_event_is_accepted_and_pages_nobody():
    raw = b'{"routing_key":"k","payload":{"summary":"Deployed v1.2","source":"ci"}}'
    check_change(raw)
    assert parse(raw, None, AT, "e-1") == []
    status, body = accepted_change_body()
    assert (status, json.loads(body)) == (202, {"status": "success", "message": "Change event processed"})


def test_a_change_event_needs_a_summary_and_has_no_action():
    assert errors(b'{"payload":{}}', check_change) == ["'payload.summary' is missing or blank"]
    assert "has no place in a change event" in errors(event(), check_change)[0]
