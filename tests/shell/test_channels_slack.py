"""Slack: what a message looks like, what its errors mean, and whose press of a button counts for whom."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from django.test import override_settings
from hypothesis import given
from hypothesis import strategies as st
from slack_sdk.signature import SignatureVerifier

from quarterdeck.channels import deliver, slack
from quarterdeck.channels.outcome import GaveUp, Outgoing, Retry, Sent
from quarterdeck.channels.safe_http import SafeClient
from quarterdeck.core.kernel.refused import Refused
from quarterdeck.store import models
from support.browsing import alert, browser, company
from support.http_sink import Answer, http_sink
from support.slack_fake import SECRET, TOKEN, pressed, refused, taken, valid

PAGE = Outgoing(
    key="k",
    to="U012AB3CD",
    subject="[Page] INC-1042 <!channel> @here fails",
    text="*Six* in <https://evil.example|ten>",
    facts=(("Service", "checkout"), ("Impact", "x" * 5000)),
    link="https://quarterdeck.example/c/0192-a/aBcDeFgHiJkLmNoPqRsTuVwXyZ012345/",
)


@pytest.fixture
def sink():
    with http_sink() as found:
        found.answer(taken())
        yield found


def sent(sink, outgoing=PAGE, token=TOKEN):
    settings = slack.Settings(token=token, signing_secret=SECRET, server=f"http://127.0.0.1:{sink.port}/api")
    return deliver("slack", outgoing, settings, SafeClient(allow=[f"127.0.0.1:{sink.port}"]))


def test_a_page_is_a_message_with_buttons_that_slack_accepts(sink):
    outcome = sent(sink)
    assert isinstance(outcome, Sent)
    assert outcome.provider_id == "D024BE91L/1700000000.000100"
    (request,) = sink.arrived
    assert (request.path, request.headers["authorization"]) == ("/api/chat.postMessage", f"Bearer {TOKEN}")
    message = json.loads(request.body)
    assert message["channel"] == "U012AB3CD"
    *_, actions = valid(message)
    made = [(b.action_id, b.value, getattr(b, "url", None)) for b in actions.elements]
    assert made == [("acknowledge", "0192-a", None), ("pass_on", "0192-a", None), ("open", None, PAGE.link)]


def test_nothing_from_outside_becomes_a_mention_a_link_or_formatting():
    message = slack.render(PAGE)
    assert {b["text"]["type"] for b in message["blocks"] if "text" in b} == {"plain_text"}
    assert "<" not in message["text"]
    assert "@here" not in message["text"]


@given(st.text(max_size=4000), st.text(max_size=300))
def test_any_text_makes_blocks_that_slack_accepts(text, subject):
    valid(slack.render(replace(PAGE, text=text, subject=subject, facts=(("Impact", text),))))


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (refused("channel_not_found"), GaveUp),
        (refused("invalid_auth"), GaveUp),
        (refused("some_new_error"), GaveUp),
        (refused("Shout\n<b>"), GaveUp),
        (refused("ratelimited"), Retry),
        (refused("fatal_error"), Retry),
        (Answer(429, b"", (("retry-after", "30"),)), Retry),
        (Answer(503), Retry),
        (Answer(200, b"<html>Sign in</html>"), Retry),
        (Answer(200, b"[]"), Retry),
        (Answer(404), GaveUp),
    ],
)
def test_an_answer_is_judged_by_what_it_says_not_by_its_status(sink, answer, kind):
    sink.answer(answer)
    outcome = sent(sink)
    assert isinstance(outcome, kind)
    assert "<b>" not in outcome.why
    assert "hush" not in repr(outcome)
    if answer.status == 429:
        assert outcome.after_seconds == 30


@pytest.mark.parametrize("address", ["", "@ben", "#alerts", "u012ab3cd", "https://x.example/", "U1\n2345678"])
def test_an_address_is_the_id_of_a_member_or_channel(address):
    with pytest.raises(Refused, match="member"):
        slack.check_address(address)


def test_without_a_token_nothing_is_sent_and_none_is_shown(sink):
    assert isinstance(sent(sink, token=""), GaveUp)
    assert "hush" not in repr(slack.Settings(token=TOKEN, signing_secret=SECRET))
    assert sink.arrived == []


@given(st.text(max_size=100).map(str.encode), st.integers(-600, 600))
def test_a_signature_counts_exactly_when_slack_s_own_library_says_so(body, age):
    now = 1_700_000_000
    timestamp = str(now - age)
    theirs = SignatureVerifier(SECRET)
    signature = theirs.generate_signature(timestamp=timestamp, body=body) or ""
    assert slack.is_signed(SECRET, timestamp, body, signature, now) == (abs(age) <= 300)
    assert not slack.is_signed(SECRET, timestamp, body + b"x", signature, now)
    assert not slack.is_signed("", timestamp, body, signature, now)


def test_the_vector_of_slack_s_documentation_holds():
    body = (
        b"token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V&"
        b"channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text=&response_url="
        b"https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN&"
        b"trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c"
    )
    given_ = "v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503"
    assert slack.is_signed("8f742231b10e8888abcd99yyyzzz85a5", "1531420618", body, given_, 1531420620)


@pytest.fixture
def world(db):
    """Ben and Cleo have Slack ids; Olga, who only looks on, has one too."""
    world = company()
    for handle, address in (("ben", "U000BEN"), ("cleo", "U00CLEO"), ("olga", "U00OLGA")):
        models.ContactMethod.objects.create(
            person=world.find(handle), kind="slack", address=address, position=5, verified_at=world.now
        )
    with override_settings(QUARTERDECK_CALLBACKS={"slack": {"signing_secret": SECRET}}):
        alert(world)
        yield world


def callout(world):
    return models.Callout.objects.get(person=world.find("ben"))


def answers(world):
    """What was said after a press, to whom."""
    world.pass_time(seconds=5)
    return [(o.text, o.data["answer_to"], o.to) for kind, o in world.outbox.sent if kind == "slack"]


HOOK = "https://hooks.slack.com/actions/T1/2/abc"


def test_the_recipient_s_press_acknowledges_and_everybody_is_told(world):
    assert (
        pressed(browser(world, None), "acknowledge", callout(world).id, "U000BEN", url=HOOK).status_code
        == 200
    )
    assert (callout(world).state, callout(world).acknowledged_via) == ("acknowledged", "chat")
    assert answers(world) == [("Ben Okonkwo has it.", "all", HOOK)]


def test_somebody_else_s_press_takes_the_alert_in_their_own_name(world):
    pressed(browser(world, None), "acknowledge", callout(world).id, "U00CLEO", url=HOOK)
    assert models.Alert.objects.get().acknowledged_by == world.find("cleo").id
    assert answers(world)[0][0] == "Cleo Marsh has it."


@pytest.mark.parametrize("user", ["U0STRANGE", "U00OLGA"])
def test_whoever_may_not_or_is_not_known_changes_nothing_and_is_told_alone(world, user):
    pressed(browser(world, None), "acknowledge", callout(world).id, user, url=HOOK)
    assert callout(world).state == "waiting"
    assert [to for _, to, _ in answers(world)] == ["one"]


def test_the_recipient_passes_on_and_nobody_else_does(world):
    pressed(browser(world, None), "pass_on", callout(world).id, "U00CLEO", url=HOOK)
    world.pass_time(seconds=5)
    assert world.pages("cleo") == []
    pressed(browser(world, None), "pass_on", callout(world).id, "U000BEN", url=HOOK)
    world.pass_time(seconds=5)
    assert world.pages("cleo") != []


def test_a_press_that_is_not_signed_now_and_by_slack_is_refused(world):
    client, id_ = browser(world, None), callout(world).id
    assert pressed(client, "acknowledge", id_, "U000BEN", secret="another").status_code == 403
    assert pressed(client, "acknowledge", id_, "U000BEN", age_seconds=301).status_code == 403
    with override_settings(QUARTERDECK_CALLBACKS={}):
        assert pressed(client, "acknowledge", id_, "U000BEN").status_code == 403
    assert client.post("/callbacks/slack/interactivity", {"payload": "{}"}).status_code == 403
    assert callout(world).state == "waiting"


def test_a_link_that_was_opened_and_a_press_of_nothing_known_change_nothing(world):
    client = browser(world, None)
    assert pressed(client, "open", "", "U000BEN").status_code == 200
    assert pressed(client, "acknowledge", "no-such-callout", "U000BEN", url=HOOK).status_code == 200
    assert callout(world).state == "waiting"
    assert answers(world)[0][1] == "one"


def test_what_is_said_after_a_press_goes_to_the_address_that_came_with_it(sink):
    sink.answer(Answer(200, b"ok"))
    told = Outgoing(
        key="k", to=f"http://127.0.0.1:{sink.port}/actions/x", subject="s", text="Ben <has> it.", kind="message",
        data={"answer_to": "one"},
    )  # fmt: skip
    assert isinstance(sent(sink, told), Sent)
    said = json.loads(sink.arrived[0].body)
    assert said == {"response_type": "ephemeral", "replace_original": False, "text": "Ben &lt;has&gt; it."}
    assert "authorization" not in sink.arrived[0].headers
