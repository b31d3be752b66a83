"""Apprise: what goes through the library to a real server, what it may not do, and how it fails."""

from __future__ import annotations

import json
import time
from dataclasses import replace

import pytest

from quarterdeck.channels import apprise, deliver
from quarterdeck.channels.outcome import GaveUp, Outgoing, Retry, Sent
from quarterdeck.channels.safe_http import SafeClient
from quarterdeck.core.kernel.refused import Refused
from support.http_sink import Answer, http_sink

PAGE = Outgoing(
    key="k",
    to="ops",
    subject="[Page] INC-1042 {{ app_id }} fails",
    text="<b>Six</b> in ten \\n fail.",
    facts=(("Service", "checkout"),),
    link="https://quarterdeck.example/c/1/abcdefghijklmnopqr/",
)


@pytest.fixture
def sink():
    with http_sink() as found:
        yield found


def sent(sink, outgoing=PAGE, url=""):
    settings = apprise.Settings(targets={"ops": url or f"json://user:hush@127.0.0.1:{sink.port}/x"})
    return deliver("apprise", outgoing, settings, SafeClient())


def test_a_page_goes_out_as_it_is_written(sink):
    assert isinstance(sent(sink), Sent)
    told = json.loads(sink.arrived[0].body)
    assert (told["title"], told["type"]) == (PAGE.subject, "failure")
    assert "<b>Six</b> in ten \\n fail." in told["message"]
    assert told["message"].endswith(PAGE.link)


@pytest.mark.parametrize("answer", [Answer(500), Answer(403), Answer(302, headers=(("location", "/y"),))])
def test_what_the_service_does_not_take_is_tried_again_and_elsewhere_at_once(sink, answer):
    sink.answer(answer)
    outcome = sent(sink)
    assert isinstance(outcome, Retry)
    assert outcome.elsewhere
    assert "hush" not in repr(outcome)
    assert {request.path for request in sink.arrived} == {"/x"}, "a redirect is not followed"


def test_a_service_that_hangs_does_not_hold_the_sender(sink):
    sink.answer(Answer(delay_seconds=8))
    began = time.monotonic()
    assert isinstance(sent(sink), Retry)
    assert time.monotonic() - began < 6


def test_an_address_nobody_knows_is_given_up(sink):
    assert isinstance(sent(sink, url="nosuchservice://x"), GaveUp)
    assert isinstance(sent(sink, replace(PAGE, to="elsewhere")), GaveUp)
    assert sink.arrived == []


def test_targets_are_named_by_the_settings_and_kept_secret():
    assert "hush" not in repr(apprise.Settings(targets={"ops": "json://hush@x.example"}))
    for wrong in ({"a b": "json://x"}, {"ops": "no address"}):
        with pytest.raises(Refused):
            apprise.Settings(targets=wrong)
    with pytest.raises(Refused):
        apprise.check_address("json://127.0.0.1")


def test_a_long_text_gives_way_to_the_link():
    made = apprise.render(replace(PAGE, text="ü" * 9000))
    assert len(made["body"]) <= 4000
    assert made["body"].endswith(PAGE.link)
