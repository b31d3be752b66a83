"""JSON of any tool: by the default names, or by a declared mapping."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from quarterdeck.core.alerts.signal import Link
from quarterdeck.core.kernel.refused import Refused
from quarterdeck.intake.mapping import check_mapping
from quarterdeck.intake.webhook import accepted_body, check, parse, refusal_body

AT = datetime(2026, 5, 4, 4, 11, tzinfo=UTC)


def read_all(body, mapping=None):
    if mapping is not None:
        check_mapping(mapping)
    raw = json.dumps(body).encode()
    check(raw)
    return parse(raw, mapping, AT, "e-1")


def read(body, mapping=None):
    (signal,) = read_all(body, mapping)
    return signal


def test_without_a_mapping_the_usual_names_are_read():
    signal = read({"title": "T", "message": "M", "dedup_key": 7, "severity": "HIGH", "status": "firing"})
    assert (signal.key, signal.summary, signal.severity, signal.action) == ("7", "T", "error", "trigger")
    assert signal.details["message"] == "M"


@pytest.mark.parametrize("word", ["resolved", "OK", " closed ", "up", "success"])
def test_the_usual_words_for_being_over_resolve(word):
    assert read({"title": "T", "status": word}).action == "resolve"


def test_the_usual_words_for_being_looked_at_acknowledge():
    assert read({"title": "T", "status": "acknowledged"}).action == "acknowledge"


def test_without_a_key_title_service_and_source_stand_for_it():
    base = {"title": "T", "service": "s", "source": "h"}
    key = read(base).key
    assert key == read(base | {"message": "other", "severity": "info", "status": "resolved"}).key
    assert len({key, *(read(base | {name: "x"}).key for name in base)}) == 4


def test_a_message_without_a_title_still_pages_with_what_it_has():
    assert read({"message": "disk\nfull"}).summary == "disk full"
    signal = read({"foo": {"bar": 5}})
    assert (signal.summary, signal.details) == ("Webhook without a title", {"foo.bar": "5"})


def test_a_list_is_several_alerts():
    assert [s.summary for s in read_all([{"title": "a"}, {"title": "b"}])] == ["a", "b"]


MAPPING = {
    "items": "$.data.alarms",
    "key": ["$.id"],
    "title": "{{ host.name }}: {{ checks[0].text }}",
    "message": "checks[1].text",
    "severity": "$['how bad']",
    "severity_map": {"5": "critical", "Meh": "info"},
    "status": "state",
    "resolve_when": ["green"],
    "acknowledge_when": ["seen"],
    "service": ["host.role", "=checkout"],
    "source": "host.name",
    "starts_at": "since",
    "links": ["see", "host.page"],
    "labels": "host",
}
ALARM = {
    "id": 17,
    "host": {"name": "gate-1", "page": "https://hosts.example/gate-1"},
    "checks": [{"text": "slow"}, {"text": "very"}],
    "how bad": 5,
    "state": "red",
    "since": "2026-05-04T03:00:00Z",
    "see": [{"href": "https://a.example", "text": "A"}, {"url": "https://b.example"}, "https://c.example", 5],
}


def test_a_mapping_leads_to_every_field():
    signal = read({"data": {"alarms": [ALARM]}}, MAPPING)
    assert (signal.key, signal.summary, signal.severity) == ("17", "gate-1: slow", "critical")
    assert (signal.service, signal.source, signal.action) == ("checkout", "gate-1", "trigger")
    assert signal.starts_at == datetime(2026, 5, 4, 3, 0, tzinfo=UTC)
    assert signal.labels == {"name": "gate-1", "page": "https://hosts.example/gate-1"}
    assert signal.details["message"] == "very"
    assert signal.links == (
        Link("https://a.example", "A"),
        Link("https://b.example", "Link"),
        Link("https://c.example", "Link"),
    )


@pytest.mark.parametrize(
    ("changes", "field", "value"),
    [
        ({"state": "GREEN"}, "action", "resolve"),
        ({"state": "seen"}, "action", "acknowledge"),
        ({"how bad": "meh"}, "severity", "info"),
        ({"how bad": "p3"}, "severity", "warning"),
        ({"host": {"name": "g", "role": "gates"}}, "service", "gates"),
        ({"checks": []}, "summary", "gate-1:"),
    ],
)
def test_a_mapping_reads_the_words_of_the_tool(changes, field, value):
    assert getattr(read({"data": {"alarms": [ALARM | changes]}}, MAPPING), field) == value


def test_an_empty_list_of_items_is_no_alert_and_a_missing_one_is_the_body():
    assert read_all({"data": {"alarms": []}}, MAPPING) == []
    assert read({"title": "T", "state": "green"}, MAPPING | {"title": "title"}).action == "resolve"


def test_a_mapping_never_reaches_beyond_the_body():
    for path in ("__class__", "title.__class__", "title.upper", "items[99]", "a.b.c"):
        assert read({"title": "T", "a": {"b": 1}}, {"title": path}).summary == "Webhook without a title"


def test_text_of_the_sender_is_not_a_template():
    assert read({"title": "{{ secret }}", "secret": "s"}).summary == "{{ secret }}"
    assert (
        read({"title": "{{ secret }}", "secret": "s"}, {"title": "{{ title }}!"}).summary == "{{ secret }}!"
    )


def test_more_than_a_thousand_items_are_read_in_part_and_say_so():
    signals = read_all({"alarms": [{"title": "t"}] * 1_002}, {"items": "alarms"})
    assert len(signals) == 1_000
    assert signals[-1].details["left out"] == "2 more alerts of this body were not read"


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"{}", "nothing to report"),
        (b"[]", "nothing to report"),
        (b'[{"title":"a"},{}]', "nothing to report"),
        (b"[5]", "nothing to report"),
        (b"[" + b'{"a":1},' * 1_000 + b'{"a":1}]', "more than 1000 alerts"),
        (b'{"a":[' + b"1," * 10_000 + b"1]}", "more than 10000 values"),
    ],
)
def test_a_body_without_an_alert_is_refused(body, words):
    with pytest.raises(Refused, match=words) as caught:
        check(body)
    status, answer = refusal_body(caught.value)
    assert status == 400
    assert json.loads(answer)["message"] == caught.value.message


def test_an_accepted_delivery_is_answered_with_its_id():
    assert accepted_body(b"{}", "e-1") == (202, b'{"status":"accepted","id":"e-1"}')


@pytest.mark.parametrize(
    ("mapping", "field", "words"),
    [
        ({"heading": "a"}, "heading", "is not a field of a mapping. Use one of items, key, title"),
        ({"title": 5}, "title", "must be a path"),
        ({"title": []}, "title", "has 0 paths"),
        ({"title": ["a"] * 11}, "title", "has 11 paths"),
        ({"title": ["a", None]}, "title", "must be a path"),
        ({"title": ""}, "title", "is empty"),
        ({"title": "= "}, "title", "is an empty text"),
        ({"title": "a b"}, "title", "is not a path"),
        ({"title": "a..b"}, "title", "is not a path"),
        ({"title": "a[x]"}, "title", "is not a path"),
        ({"title": "$..a"}, "title", "is not a path"),
        ({"title": "{{ a"}, "title", "without its partner"),
        ({"title": "{{ a|upper }}"}, "title", "is not a path"),
        ({"title": "{{ a() }}"}, "title", "is not a path"),
        ({"title": "{{ 7*7 }} {{ }}"}, "title", "is not a path"),
        ({"title": "x" * 501}, "title", "longer than 500"),
        ({"items": "=a"}, "items", "is not a path"),
        ({"items": "{{ a }}"}, "items", "is not a path"),
        ({"severity_map": ["a"]}, "severity_map", "must be a table"),
        ({"severity_map": {"5": "bad"}}, "severity_map", "gives '5' no severity of ours"),
        ({"severity_map": {str(n): "info" for n in range(51)}}, "severity_map", "more than 50"),
        ({"resolve_when": {"a": 1}}, "resolve_when", "must be a list of words"),
        ({"resolve_when": [1]}, "resolve_when", "must be a list of words"),
        ({"acknowledge_when": ["a"] * 51}, "acknowledge_when", "more than 50"),
    ],
)
def test_a_mapping_that_cannot_be_used_is_refused_by_field(mapping, field, words):
    with pytest.raises(Refused) as caught:
        check_mapping(mapping | {"key": "id"})
    assert list(caught.value.fields) == [field]
    assert words in caught.value.fields[field]
    assert (caught.value.code, caught.value.kind) == ("intake.mapping", "bad")


@pytest.mark.parametrize(
    "path", ["a", "a.b", "$", "$.a", "$.a[0].b", "a[0][1]", "$['a b']", '$["a.b"].c', "[0].a", "ä-1", "@id"]
)
def test_paths_of_every_form_are_accepted(path):
    check_mapping({"title": path})


def test_an_unusable_field_of_a_stored_mapping_falls_back_to_its_default():
    raw = b'{"title":"T","sev":"info"}'
    (signal,) = parse(raw, {"title": "a b", "severity": "sev", "nonsense": 5}, AT)
    assert (signal.summary, signal.severity) == ("T", "info")


def test_names_and_texts_of_any_length_are_cut():
    long = "n" * 100_000
    signal = read({"title": long, "service": long, "source": long, "labels": {long: long}, long: long})
    assert (len(signal.summary), len(signal.service), len(signal.source)) == (300, 200, 200)
    assert [(len(name), len(value)) for name, value in signal.labels.items()] == [(200, 2_000)]
    assert max(map(len, signal.details)) == 200
