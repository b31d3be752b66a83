"""Near to real bodies, any JSON, any bytes: what passes the check becomes tame signals, never a fault."""

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
from quarterdeck.intake import dialects
from quarterdeck.intake.limits import MAX_KEY, MAX_LABELS, MAX_SUMMARY, MAX_VALUE

AT = datetime(2026, 5, 4, 4, 10, 10, tzinfo=UTC)
each = pytest.mark.parametrize("dialect", sorted(dialects()))
ONE = {
    "alertmanager": b'[{"labels":{"alertname":"A"},"x":%s}]',
    "alertmanager-webhook": b'{"alerts":[{"labels":{"alertname":"A"},"x":%s}]}',
    "pagerduty": b'{"event_action":"resolve","dedup_key":"a","payload":{"custom_details":%s}}',
    "webhook": b'{"title":"a","x":%s}',
}

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
