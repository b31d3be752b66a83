"""Prometheus' own way of sending: arrays of alerts, identity by labels, life by endsAt."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quarterdeck.core.alerts.signal import Link
from quarterdeck.core.kernel.refused import Refused
from quarterdeck.intake import alertmanager, labelled
from quarterdeck.intake.alertmanager import accepted_body, check, parse, refusal_body

AT = datetime(2026, 5, 4, 4, 11, tzinfo=UTC)
RECORDED = (Path(__file__).parent / "intake_fixtures" / "prometheus.json").read_bytes()


def alert(**fields):
    return {"labels": {"alertname": "A", "instance": "web-1"}} | fields


def read(*alerts, at=AT):
    raw = json.dumps(list(alerts)).encode()
    check(raw)
    return parse(raw, None, at)


def refused(*alerts):
    with pytest.raises(Refused) as caught:
        check(json.dumps(list(alerts)).encode())
    return caught.value


def test_a_recorded_delivery_has_one_alert_that_fires_and_one_that_is_over():
    check(RECORDED)
    fires, over = parse(RECORDED, None, AT)
    assert (fires.action, fires.summary, fires.severity) == (
        "trigger",
        "boarding error ratio 0.5",
        "critical",
    )
    assert (fires.service, fires.source) == ("boarding", "gate-1:9100")
    assert fires.starts_at == datetime(2026, 5, 4, 4, 8, 23, 234_000, tzinfo=UTC)
    assert fires.expires_at == datetime(2026, 5, 4, 4, 12, 23, 234_000, tzinfo=UTC)
    assert fires.details == {"description": "Fähre – boarding of north pier above 10%"}
    assert fires.links[0] == Link("https://wiki.ferry.example/boarding", "Runbook")
    assert fires.links[1].text == "Source"
    assert (over.action, over.service, over.expires_at) == ("resolve", "printers", None)


def test_a_repeat_moves_the_expiry_and_keeps_the_key():
    (first,) = read(alert(endsAt="2026-05-04T04:12:00Z"))
    (again,) = read(alert(endsAt="2026-05-04T04:16:00Z"))
    assert first.key == again.key
    assert again.expires_at - first.expires_at == timedelta(minutes=4)


def test_an_end_in_the_past_or_now_resolves_and_one_ahead_expires():
    assert read(alert(endsAt="2026-05-04T04:10:59Z"))[0].action == "resolve"
    assert read(alert(endsAt="2026-05-04T04:11:00Z"))[0].action == "resolve"
    (later,) = read(alert(endsAt="2026-05-04T04:11:00.000001Z"))
    assert (later.action, later.expires_at) == ("trigger", AT + timedelta(microseconds=1))


@pytest.mark.parametrize(
    "end", ["0001-01-01T00:00:00Z", "0001-01-01T00:00:00.000Z", "9999-12-31T23:59:59Z", None]
)
def test_the_years_that_mean_none_neither_resolve_nor_expire(end):
    (signal,) = read(alert(startsAt=end, endsAt=end))
    assert (signal.action, signal.starts_at, signal.expires_at) == ("trigger", None, None)


@pytest.mark.parametrize("digits", ["1", "123", "123456", "123456789"])
def test_fractions_of_a_second_are_read(digits):
    (signal,) = read(alert(startsAt=f"2026-05-04T04:00:00.{digits}Z"))
    assert signal.starts_at == datetime(2026, 5, 4, 4, 0, 0, round(float("0." + digits) * 1e6), tzinfo=UTC)


def test_a_time_with_an_offset_becomes_utc():
    (signal,) = read(alert(startsAt="2026-05-04T06:00:00+02:00"))
    assert signal.starts_at == datetime(2026, 5, 4, 4, 0, tzinfo=UTC)
    assert signal.starts_at.tzinfo is UTC


@pytest.mark.parametrize(
    "bad", ["soon", "", "-001-01-01T00:00:00Z", "10000-01-01T00:00:00Z", "2026-13-01T00:00:00Z"]
)
def test_what_is_not_a_time_is_refused_by_its_field(bad):
    no = refused(alert(startsAt=bad))
    assert "alerts[0].startsAt is not a time" in no.message
    assert "alerts[0].startsAt" in no.fields


labels = st.dictionaries(
    st.text(min_size=1, max_size=8), st.text(min_size=1, max_size=8), min_size=1, max_size=6
)


@given(labels, st.randoms(use_true_random=False))
def test_the_key_depends_on_the_labels_alone(named, random):
    shuffled = list(named.items())
    random.shuffle(shuffled)
    (one,) = read({"labels": named, "annotations": {"summary": "1"}})
    (two,) = read(
        {"labels": dict(shuffled), "annotations": {"summary": "2"}, "endsAt": "2026-05-04T04:00:00Z"}
    )
    assert one.key == two.key


@given(labels, labels)
def test_other_labels_give_another_key(one, two):
    keys = {read({"labels": named})[0].key for named in (one, two)}
    assert len(keys) == (1 if one == two else 2)


def test_a_label_with_an_empty_value_is_as_good_as_absent():
    assert read({"labels": {"a": "b", "c": ""}})[0].key == read({"labels": {"a": "b"}})[0].key


@pytest.mark.parametrize("none", [{}, {"a": ""}])
def test_an_alert_without_labels_is_refused_in_alertmanagers_words(none):
    no = refused({"labels": none})
    assert refusal_body(no) == (400, b'"at least one label pair required"')


def test_other_faults_are_answered_in_alertmanagers_shape():
    status, body = refusal_body(refused(alert(startsAt=5)))
    assert status == 400
    words = "must be a time such as 2026-11-22T03:10:25Z, but a whole number was sent."
    assert json.loads(body) == {"code": 400, "message": f"alerts[0].startsAt {words}"}


def test_an_empty_array_and_a_stored_one_are_answered_as_alertmanager_does():
    check(b"[]")
    assert parse(b"[]", None, AT) == []
    assert accepted_body(RECORDED, "e") == (200, b"")


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({"alerts": []}, "alerts must be a list, but an object was sent"),
        ([5], r"alerts\[0\] must be an object, but a whole number was sent"),
        ([None], r"alerts\[0\] must be an object, but null was sent"),
        ([{}], r"alerts\[0\]\.labels is missing"),
        ([{"labels": None}], r"alerts\[0\]\.labels must be an object"),
        ([{"labels": ["a"]}], r"alerts\[0\]\.labels must be an object, but a list was sent"),
        ([{"labels": {"a": 1}}], r"alerts\[0\]\.labels must be a text, but a whole number was sent"),
        ([{"labels": {"a": "b"}}, {"labels": {"a": None}}], r"alerts\[1\]\.labels must be a text, but null"),
        ([{"labels": {"": "b"}}], "holds an empty name"),
        ([{"labels": {"n" * 201: "b"}}], "a name of more than 200 characters"),
        ([{"labels": {"a": "b"}, "annotations": {"a": {}}}], r"annotations must be a text, but an object"),
        ([{"labels": {"a": "b"}, "generatorURL": []}], r"generatorURL must be a text, but a list"),
        ([{"labels": {str(n): "x" for n in range(10_000)}}], "more than 64 names; 64 is the limit"),
        ([{"labels": {"a": "b"}, "annotations": {str(n): "x" for n in range(65)}}], "more than 64 names"),
        ([{"labels": {"a": "b"}}] * 1_001, "more than 1000 alerts"),
    ],
)
def test_a_wrong_field_is_named_with_what_was_expected(body, words):
    with pytest.raises(Refused, match=words):
        check(json.dumps(body).encode())


def test_sixty_four_labels_and_a_thousand_alerts_are_allowed():
    many = {str(n): "x" for n in range(64)}
    assert len(read({"labels": many, "annotations": many})[0].labels) == 64
    assert len(read(*([alert()] * 1_000))) == 1_000


def test_one_bad_alert_does_not_take_the_others_with_it():
    body = json.dumps([alert(), {"labels": {}}, alert(startsAt="nope"), alert(labels={"a": "c"})]).encode()
    with pytest.raises(Refused) as caught:
        check(body)
    assert caught.value.details["usable"] == "2"
    assert [s.summary for s in parse(body, None, AT)] == ["A on web-1", "a=c"]


@pytest.mark.parametrize(
    ("said", "ours"),
    [
        ("critical", "critical"),
        ("PAGE", "critical"),
        ("high", "error"),
        ("error", "error"),
        ("warning", "warning"),
        ("info", "info"),
        ("none", "info"),
        ("whatever", "error"),
        (None, "error"),
    ],
)
def test_the_label_severity_becomes_one_of_our_four(said, ours):
    named = {"alertname": "A"} | ({"severity": said} if said else {})
    assert read({"labels": named})[0].severity == ours


@pytest.mark.parametrize(
    ("named", "service"),
    [
        ({"service": "a", "svc": "b", "app": "c", "job": "d"}, "a"),
        ({"svc": "b", "app": "c", "job": "d"}, "b"),
        ({"app": "c", "job": "d"}, "c"),
        ({"job": "d"}, "d"),
        ({"team": "x"}, None),
    ],
)
def test_the_service_comes_from_the_first_label_that_names_one(named, service):
    assert read({"labels": named})[0].service == service


@pytest.mark.parametrize(
    ("named", "notes", "summary"),
    [
        ({"alertname": "A", "instance": "w"}, {"summary": "S", "title": "T"}, "S"),
        ({"alertname": "A", "instance": "w"}, {"title": "T"}, "T"),
        ({"alertname": "A", "instance": "w"}, {"description": "D"}, "A on w"),
        ({"alertname": "A"}, {}, "A"),
        ({"team": "x", "zone": "y"}, {}, "team=x, zone=y"),
    ],
)
def test_the_summary_comes_from_the_annotations_or_the_labels(named, notes, summary):
    assert read({"labels": named, "annotations": notes})[0].summary == summary


def test_links_that_could_run_code_are_left_out():
    script = "java" + "script:alert(1)"
    (signal,) = read(
        alert(generatorURL=script, annotations={"runbook_url": " \t" + script, "dashboard": "x"})
    )
    assert signal.links == ()


def test_values_are_cut_at_two_thousand_characters():
    (signal,) = read(alert(labels={"a": "x" * 3_000}, annotations={"description": "y\n" * 3_000}))
    assert len(signal.labels["a"]) == len(signal.details["description"]) == 2_000


@pytest.mark.parametrize(
    "text",
    [
        'a quote and a colon ":',
        'and "quoted": so',
        "white space : before",
        ":begins",
        "\\",
    ],
)
def test_texts_that_look_like_names_in_json_do_not_disturb_the_check(text):
    raw = json.dumps([alert(annotations={"summary": text, "b": "c"})]).encode()
    check(raw)
    with pytest.raises(Refused, match="'b' occurs twice"):
        check(raw.replace(b'"b": "c"', b'"b": "c", "b" : "d"'))


def test_what_is_long_is_not_remembered_so_that_nobody_can_fill_the_memory():
    before = alertmanager._told.cache_info().currsize, labelled._safe.cache_info().currsize
    long = "x" * 400_000
    for n in range(5):
        (signal,) = read(
            alert(annotations={"note": f"{n}{long}"}, generatorURL=f"https://x.example/{n}{long}")
        )
        assert (len(signal.details["note"]), signal.links) == (2_000, ())
        (again,) = read(alert(annotations={"note": f"{n}{long}"}))
        assert again.key == signal.key
    assert (alertmanager._told.cache_info().currsize, labelled._safe.cache_info().currsize) == before


def test_what_is_written_the_same_is_read_once():
    before = alertmanager._told.cache_info().hits
    assert read(alert(annotations={"note": "the same"})) == read(alert(annotations={"note": "the same"}))
    assert alertmanager._told.cache_info().hits > before
