"""ntfy: what a phone gets, within the server's limits."""

from __future__ import annotations

from dataclasses import replace

import pytest

from quarterdeck.channels.ntfy import Settings, check_address, render, send
from quarterdeck.channels.outcome import GaveUp, Outgoing, Sent
from quarterdeck.channels.rendering import CALLOUT_FACTS
from quarterdeck.channels.safe_http import SafeClient
from quarterdeck.core.kernel.refused import Refused
from support.ntfy_fake import ntfy_fake

PAGE = Outgoing(
    key="k",
    to="ana-x7",
    subject="Card payments fail",
    text="Six in ten fail.",
    link="https://quarterdeck.example/ack/abc",
    facts=(("Service", "checkout"),),
)


def test_a_page_rings_and_opens_the_acknowledgement():
    with ntfy_fake() as ntfy:
        outcome = send(PAGE, Settings(server=ntfy.url), SafeClient(allow=[f"127.0.0.1:{ntfy.port}"]))
        (message,) = ntfy.messages
    assert isinstance(outcome, Sent)
    assert outcome.provider_id == message["id"]
    assert (message["topic"], message["title"], message["priority"]) == ("ana-x7", "Card payments fail", 5)
    assert message["click"] == PAGE.link
    assert message["actions"] == [{"action": "view", "label": "Acknowledge", "url": PAGE.link, "clear": True}]


def test_a_message_does_not_ring():
    payload = render(replace(PAGE, kind="message", link=""))
    assert payload["priority"] == 3
    assert "actions" not in payload
    assert payload["tags"] == []


def test_a_link_that_is_no_web_address_is_not_made_a_button():
    payload = render(replace(PAGE, link="javascript:alert(1)"))
    assert "click" not in payload
    assert "actions" not in payload


def test_a_protected_topic_needs_the_token():
    with ntfy_fake(token="tk_1") as ntfy:
        http = SafeClient(allow=[f"127.0.0.1:{ntfy.port}"])
        assert isinstance(send(PAGE, Settings(server=ntfy.url, token="tk_1"), http), Sent)
        refused = send(PAGE, Settings(server=ntfy.url, token="tk_2"), http)
    assert isinstance(refused, GaveUp)
    assert "401" in refused.why


def test_a_long_text_gives_way_to_the_facts():
    long = replace(PAGE, text="👩‍👩‍👧‍👦 " * 3000, subject="ü" * 900, facts=(("Impact", "é" * 5000),))
    payload = render(long)
    assert len(payload["message"].encode()) <= 4000
    assert len(payload["title"].encode()) <= 250
    assert all(label in payload["message"] for label in CALLOUT_FACTS)


@pytest.mark.parametrize("topic", ["", "a b", "a/b", "https://ntfy.sh/x", "x" * 65, "ü", "a\n"])
def test_a_topic_has_plain_letters_only(topic):
    if topic == "a\n":
        assert check_address(topic) == "a"
        return
    with pytest.raises(Refused):
        check_address(topic)
