"""Texts and calls through a request an operator declares: every value escaped for its place, nothing taken for granted."""

from __future__ import annotations

import json
from dataclasses import replace
from urllib.parse import parse_qs, urlsplit
from xml.etree import ElementTree

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from quarterdeck.channels import deliver, gateway, sms_gateway, voice_gateway
from quarterdeck.channels.outcome import GaveUp, Outgoing, Retry, Sent
from quarterdeck.channels.safe_http import SafeClient
from quarterdeck.core.kernel.refused import Refused
from support.http_sink import Answer, http_sink

PAGE = Outgoing(
    key="k/1",
    to="+49 171 1234567",
    subject='Disk "full" & <b>{{ to }}</b>\r\nX-Bad: 1',
    text="INC-1042",
    link="https://quarterdeck.example/c/1/abcdefghijklmnopqr/",
)


@pytest.fixture
def sink():
    with http_sink() as found:
        yield found


def sent(sink, path="/send", kind="sms_gateway", **values):
    module = {"sms_gateway": sms_gateway, "voice_gateway": voice_gateway}[kind]
    settings = module.Settings(url=f"http://127.0.0.1:{sink.port}{path}", **values)
    return deliver(kind, PAGE, settings, SafeClient(allow=[f"127.0.0.1:{sink.port}"]))


def test_a_form_carries_the_number_and_the_text(sink):
    outcome = sent(sink, fields={"to": "{{ digits }}", "msg": "{{text}}", "from": "Ops", "ref": "{{ key }}"})
    assert isinstance(outcome, Sent)
    form = parse_qs(sink.arrived[0].body.decode(), strict_parsing=True)
    assert (form["to"], form["from"], form["ref"]) == (["491711234567"], ["Ops"], ["k/1"])
    assert PAGE.link in form["msg"][0]
    assert "{{ to }}" in form["msg"][0], "a field in a value stays as it is"


def test_json_keeps_its_shape_whatever_the_text_holds(sink):
    fields = {"messages": [{"to": "{{ to }}", "content": {"text": "{{ subject }}"}, "urgent": True}]}
    assert isinstance(sent(sink, format="json", fields=fields, headers={"Authorization": "Key hush"}), Sent)
    (message,) = json.loads(sink.arrived[0].body)["messages"]
    assert message == {
        "to": "+491711234567",
        "content": {"text": " ".join(PAGE.subject.split())},
        "urgent": True,
    }
    assert sink.arrived[0].headers["authorization"] == "Key hush"


def test_an_address_alone_is_asked_with_everything_escaped(sink):
    assert isinstance(sent(sink, "/s?to={{ digits }}&t={{ subject }}", method="GET", format="query"), Sent)
    query = parse_qs(urlsplit(sink.arrived[0].path).query, strict_parsing=True)
    assert query == {"to": ["491711234567"], "t": [" ".join(PAGE.subject.split())]}


@given(st.text(max_size=60))
def test_any_text_leaves_xml_whole(text):
    request = gateway.Request(
        format="xml", document='<sms to="{{ to }}"><t a="{{ text }}">{{ text }}</t></sms>'
    )
    root = ElementTree.fromstring(gateway.body(request, {"to": "+49", "text": text}))
    assert [e.tag for e in root.iter()] == ["sms", "t"]


def test_a_call_is_read_out(sink):
    assert isinstance(sent(sink, kind="voice_gateway", fields={"say": "{{ text }}", "to": "{{ to }}"}), Sent)
    assert "Quarterdeck calling." in parse_qs(sink.arrived[0].body.decode())["say"][0]


@pytest.mark.parametrize(
    ("body", "accepted", "kind"),
    [
        (b'{"messages":[{"status":"0","id":"m1"}]}', "messages.0.status = 0", Sent),
        (b'{"messages":[{"status":"4","id":"m1"}]}', "messages.0.status = 0", Retry),
        (b'{"messages":[]}', "messages.0.status=0|1", Retry),
        (b"<html>", "ok=true", Retry),
        (b'{"ok":true}', "ok=true", Sent),
        (b'{"ok":false}', "", Retry),
        (b'{"error":{"code":1}}', "", Retry),
        (b'{"success":false}', "", Retry),
        (b"OK 12", "", Sent),
        (b"[" * 5000, "", Sent),
    ],
)
def test_a_success_that_is_none_is_tried_again_and_elsewhere_at_once(sink, body, accepted, kind):
    sink.answer(Answer(200, body))
    outcome = sent(sink, accepted=accepted, id="messages.0.id", fields={"t": "{{ text }}"})
    assert isinstance(outcome, kind)
    if isinstance(outcome, Retry):
        assert outcome.elsewhere
    if isinstance(outcome, Sent) and b"m1" in body:
        assert outcome.provider_id == "m1"


def test_too_much_waits_as_long_as_the_provider_says(sink):
    sink.answer(Answer(429, b"", (("retry-after", "9"),)))
    outcome = sent(sink, fields={"t": "{{ text }}"})
    assert isinstance(outcome, Retry)
    assert outcome.after_seconds == 9


@pytest.mark.parametrize(
    "values",
    [
        {"url": "https://{{ to }}.example/"},
        {"url": "ftp://x.example/"},
        {"url": "https://x.example/{{ user.password }}"},
        {"url": "https://x.example/", "fields": {"a": {"b": ["{{ nope }}"]}}},
        {"url": "https://x.example/", "document": "{% if x %}{{ text | upper }}"},
        {"url": "https://x.example/", "headers": {"X": "{{ text }}"}},
        {"url": "https://x.example/", "headers": {"X": "a\r\nb"}},
        {"url": "https://x.example/", "accepted": "status"},
        {"url": "https://x.example/", "id": "a..b"},
    ],
)
def test_a_request_that_cannot_be_meant_is_refused_when_it_is_read(values):
    with pytest.raises(Refused):
        sms_gateway.Settings(**values)


def test_settings_show_no_secret_and_come_from_the_file_as_they_are():
    values = {
        "url": "https://x.example/?key=hush",
        "fields": {"pw": "hush"},
        "headers": {"A": "hush"},
        "document": "hush",
    }
    settings = msgspec.convert(values, sms_gateway.Settings)
    assert "hush" not in repr(settings)
    assert "hush" not in repr(voice_gateway.Settings(**values))


def test_without_an_address_nothing_is_sent():
    outcome = deliver("sms_gateway", PAGE, sms_gateway.Settings(), SafeClient())
    assert isinstance(outcome, GaveUp)
    assert "url" in outcome.why
    drill = deliver("voice_gateway", replace(PAGE, drill=True), voice_gateway.Settings(), SafeClient())
    assert isinstance(drill, GaveUp)
