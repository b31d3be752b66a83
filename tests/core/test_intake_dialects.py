"""What every dialect keeps to: examples, help, answers; and what passes the check never fails later."""

from __future__ import annotations

import copy
import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quarterdeck.core.alerts.signal import SEVERITIES
from quarterdeck.core.kernel.chain import canonical
from quarterdeck.core.kernel.links import safe_url
from quarterdeck.core.kernel.refused import Refused
from quarterdeck.intake import dialects, setup_help
from quarterdeck.intake.limits import MAX_BODY, MAX_KEY, MAX_LABELS, MAX_SUMMARY, MAX_VALUE

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


# Fuzzing: bodies near to real ones reach deeper than random bytes do.

scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(max_size=12),
    st.sampled_from(
        ["", "2026-05-04T03:00:00Z", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59.999999999-23:59"]
    ),
    st.sampled_from(
        ["trigger", "resolve", "critical", "resolved", "=a", "{{ title }}", "https://a.example/x"]
    ),
)
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
)


def _places(value, path=()):
    """The path of every value inside."""
    yield path
    children = (
        value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    )
    for name, inner in children:
        yield from _places(inner, (*path, name))


@st.composite
def bodies(draw, dialect):
    """An example of the dialect in which some values are replaced, added or taken away."""
    body = copy.deepcopy(draw(st.sampled_from([payload for payload, _ in dialects()[dialect].EXAMPLES])))
    for _ in range(draw(st.integers(0, 3))):
        path = draw(st.sampled_from(list(_places(body))))
        if not path:
            continue
        at = body
        for step in path[:-1]:
            at = at[step]
        if draw(st.booleans()):
            at[path[-1]] = draw(values)
        elif isinstance(at, dict):
            del at[path[-1]]
    return json.dumps(body, ensure_ascii=draw(st.booleans())).encode(errors="replace")


mappings = st.none() | st.dictionaries(
    st.sampled_from(
        ["items", "key", "title", "severity", "status", "links", "severity_map", "resolve_when", "x"]
    ),
    st.lists(
        st.sampled_from(["title", "$", "$.alerts", "a[0].b", "=x", "{{ title }}", "{{", "url", ""]),
        max_size=3,
    )
    | values,
    max_size=5,
)


def _refusal(module, raw):
    try:
        module.check(raw)
    except Refused as refused:
        return refused
    return None


def _holds(dialect, raw, mapping):
    module = dialects()[dialect]
    no = _refusal(module, raw)
    if no is not None:
        assert (no.kind, bool(no.message)) == ("bad", True)
        status, body = module.refusal_body(no)
        assert status in (400, 413)
        assert json.loads(body)
        usable = int(no.details.get("usable", "0"))
        assert not usable or len(module.parse(raw, mapping, AT, "e-1")) == usable
        return
    signals = module.parse(raw, mapping, AT, "e-1")
    assert module.accepted_body(raw, "e-1")[0] < 300
    for s in signals:
        _is_tame(s)
    assert signals == module.parse(raw, mapping, AT, "e-1")


def _is_tame(s):
    assert 0 < len(s.key) <= MAX_KEY
    assert len(s.summary) <= MAX_SUMMARY
    assert "\n" not in s.summary
    assert s.severity in SEVERITIES
    assert s.action in ("trigger", "acknowledge", "resolve")
    assert len(s.labels) <= MAX_LABELS
    assert all(0 < len(v) <= MAX_VALUE for v in (*s.labels.values(), *s.details.values()))
    assert all(safe_url(link.href) == link.href for link in s.links)
    assert all(
        at is None or (at.tzinfo is UTC and 1970 <= at.year <= 2200) for at in (s.starts_at, s.expires_at)
    )
    # Can be stored and chained: no half surrogate, no NUL.
    texts = [s.key, s.summary, s.source, s.service or "", *s.labels, *s.labels.values(), *s.details]
    assert canonical([*texts, *s.details.values()]).encode()
    assert not any("\x00" in text for text in (*texts, *s.details.values()))


@each
@given(st.data())
def test_what_passes_the_check_becomes_tame_signals(dialect, data):
    _holds(dialect, data.draw(bodies(dialect)), data.draw(mappings))


@each
@given(values)
def test_any_json_is_read_or_refused(dialect, value):
    _holds(dialect, json.dumps(value).encode(), None)


@each
@given(
    st.binary(max_size=60) | st.text(st.sampled_from('[]{}":,\\u0dD8a1e-.n \n'), max_size=60).map(str.encode)
)
def test_any_bytes_are_read_or_refused(dialect, raw):
    _holds(dialect, raw, None)
    _holds(dialect, ONE[dialect] % raw, None)
