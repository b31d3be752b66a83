"""What every dialect keeps to: examples, help, answers; and what passes the check never fails later."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from quarterdeck.core.kernel.refused import Refused
from quarterdeck.intake import dialects, setup_help
from quarterdeck.intake.limits import MAX_BODY, MAX_SUMMARY

AT = datetime(2026, 5, 4, 4, 10, 10, tzinfo=UTC)
ALL = sorted(dialects())
each = pytest.mark.parametrize("dialect", ALL)


def test_the_dialects_are_found_by_looking():
    assert ALL == ["alertmanager", "alertmanager-webhook", "pagerduty", "webhook"]


@each
def test_a_dialect_has_a_name_and_help_with_its_own_address(dialect):
    module = dialects()[dialect]
    assert module.NAME
    assert module.SITE.startswith("https://") or dialect == "webhook"
    text = setup_help(dialect, "http://10.1.2.3:8000/qd/", "k3y")
    assert f"10.1.2.3:8000/qd/in/{dialect}/k3y" in text or (
        f"path_prefix: /qd/in/{dialect}/k3y" in text
        and '"10.1.2.3:8000"' in text
        and "scheme: http\n" in text
    )
    assert "YOUR_KEY" not in text
    assert "quarterdeck.example" not in text


@each
def test_the_examples_pass_the_check_and_become_the_signals_beside_them(dialect):
    module = dialects()[dialect]
    actions = set()
    for payload, signals in module.EXAMPLES:
        raw = json.dumps(payload).encode()
        module.check(raw)
        assert module.parse(raw, None, AT, "e-1") == signals
        actions |= {s.action for s in signals}
    assert {"trigger", "resolve"} <= actions


@each
def test_an_accepted_delivery_is_answered_with_success(dialect):
    module = dialects()[dialect]
    status, body = module.accepted_body(json.dumps(module.EXAMPLES[0][0]).encode(), "e-1")
    assert status in (200, 202)
    assert not body or json.loads(body)


BAD_BODIES = {
    "nothing": (b"", "empty"),
    "white space": (b" \n\t", "empty"),
    "half an object": (b'{"a":', "not JSON|must be a list"),
    "a second value": (b"{} {}", "not JSON|must be a list|alerts is missing"),
    "a form": (b"type=PROBLEM&host=db-1", "not JSON"),
    "a byte order mark": (b"\xef\xbb\xbf{}", "byte order mark"),
    "UTF-16": ('[{"labels":{"a":"b"}}]'.encode("utf-16"), "UTF-16"),
    "UTF-16 without a mark": ('{"title":"a"}'.encode("utf-16-le"), "UTF-16"),
    "Latin-1": ('{"title":"F\xe4hre"}'.encode("latin-1"), "not UTF-8"),
    "surrogates in UTF-8": (b'{"title":"\xed\xa0\x80"}', "not UTF-8"),
    "NaN": (b'{"title":NaN}', "NaN is not a JSON number|must be a list"),
    "Infinity": (b'{"title":-Infinity}', "-Infinity is not a JSON number|must be a list"),
    "a raw NUL": (b'{"title":"\x00"}', "not JSON|must be a list"),
    "a raw line end": (b'{"title":"a\nb"}', "not JSON|must be a list"),
    "nothing but depth": (b"[" * 100_000, "nests deeper|must be an object"),
    "a text": (b'"hello"', "must be"),
    "a number": (b"5", "must be"),
    "null": (b"null", "must be"),
    "too much": (b'{"title":"' + b"x" * MAX_BODY + b'"}', "is the limit"),
}


@each
@pytest.mark.parametrize("name", BAD_BODIES)
def test_a_body_that_cannot_be_read_is_refused_in_words(dialect, name):
    module = dialects()[dialect]
    raw, words = BAD_BODIES[name]
    with pytest.raises(Refused, match=words) as caught:
        module.check(raw)
    status, body = module.refusal_body(caught.value)
    assert status == (413 if name == "too much" else 400)
    assert json.loads(body)
    assert caught.value.details.get("usable", "0") == "0"


ONE = {
    "alertmanager": b'[{"labels":{"alertname":"A"},"x":%s}]',
    "alertmanager-webhook": b'{"alerts":[{"labels":{"alertname":"A"},"x":%s}]}',
    "pagerduty": b'{"event_action":"resolve","dedup_key":"a","payload":{"custom_details":%s}}',
    "webhook": b'{"title":"a","x":%s}',
}


@each
def test_nesting_is_allowed_to_a_depth_of_sixty_four(dialect):
    module, frame = dialects()[dialect], ONE[dialect]
    around = frame.count(b"{") + frame.count(b"[")
    # The labels stand beside the value, not around it.
    around -= frame.count(b'"labels":{')
    for opening, closing in ((b"[", b"]"), (b'{"a":', b"}")):
        fits = frame % (opening * (64 - around) + b"1" + closing * (64 - around))
        deep = frame % (opening * (65 - around) + b"1" + closing * (65 - around))
        module.check(fits)
        assert module.parse(fits, None, AT, "e")
        with pytest.raises(Refused, match="nests deeper than 64"):
            module.check(deep)
    with pytest.raises(Refused, match="nests deeper"):
        module.check(frame % (b"[" * 990 + b"]" * 990))


@each
@pytest.mark.parametrize("spaced", [False, True])
def test_a_name_that_occurs_twice_is_refused(dialect, spaced):
    raw = ONE[dialect] % b'{"a":1,"b":2,"a":3}'
    with pytest.raises(Refused, match=r"'a' occurs twice"):
        dialects()[dialect].check(raw.replace(b":", b" : ") if spaced else raw)


@each
@pytest.mark.parametrize("number", [b"9" * 5_000, b"1e999", b"-1e999"])
def test_a_number_too_large_is_refused_where_it_would_be_read(dialect, number):
    module, raw = dialects()[dialect], ONE[dialect] % number
    if dialect in ("pagerduty", "webhook"):
        with pytest.raises(Refused, match="number that is too large"):
            module.check(raw)
    else:
        module.check(raw)
        assert len(module.parse(raw, None, AT, "e")) == 1


@each
def test_large_but_readable_numbers_are_kept_as_text(dialect):
    raw = ONE[dialect] % (b'{"n":' + b"9" * 400 + b',"l":[' + b"9" * 400 + b"]}")
    module = dialects()[dialect]
    module.check(raw)
    assert module.parse(raw, None, AT, "e")


TEXTS = {
    "alertmanager": b'[{"labels":{"alertname":"%s"}}]',
    "alertmanager-webhook": b'{"alerts":[{"labels":{"alertname":"%s"}}]}',
    "pagerduty": b'{"event_action":"trigger","payload":{"summary":"%s","source":"a","severity":"info"}}',
    "webhook": b'{"title":"%s"}',
}


@each
@pytest.mark.parametrize(
    ("sent", "shown"),
    [
        (rb"a\ud800b", "a\ufffdb"),
        (rb"a\uDC00", "a\ufffd"),
        (rb"\ud83d\ude00 \ude00", "\U0001f600 \ufffd"),
        (rb"a\\ud800b", r"a\ud800b"),
        (rb"a\u0000b", "ab"),
        (rb"gate\u202e1", "gate1"),
        (rb"a\nb", "a b"),
    ],
)
def test_characters_that_harm_are_tamed(dialect, sent, shown):
    module, raw = dialects()[dialect], TEXTS[dialect] % sent
    module.check(raw)
    assert module.parse(raw, None, AT, "e")[0].summary == shown


@each
def test_a_long_text_is_cut_with_a_mark(dialect):
    module, raw = dialects()[dialect], TEXTS[dialect] % (b"x" * 5_000)
    module.check(raw)
    summary = module.parse(raw, None, AT, "e")[0].summary
    assert len(summary) == MAX_SUMMARY
    assert summary.endswith("…")
