"""Texts and calls through Twilio's interface: what is sent, and what an answer means; Twilio's own library is the judge."""

from __future__ import annotations

from dataclasses import replace
from xml.etree import ElementTree

import pytest
from django.test import override_settings
from django.utils.datastructures import MultiValueDict
from hypothesis import given
from hypothesis import strategies as st
from twilio.request_validator import RequestValidator

from quarterdeck.channels import deliver, sms_twilio, twilio, voice_twilio
from quarterdeck.channels.answering import short_code
from quarterdeck.channels.outcome import GaveUp, Outgoing, Retry, Sent
from quarterdeck.channels.safe_http import SafeClient
from quarterdeck.channels.segments import cost
from quarterdeck.engine.outlets import Outlets
from support.twilio_fake import ACCOUNT, TOKEN, twilio_fake

LINK = "https://quarterdeck.example/c/0192-a/aBcDeFgHiJkLmNoPqRsTuVwXyZ012345/"
PAGE = Outgoing(
    key="0192-a/0192-b",
    to="+49 171 1234567",
    subject="[Page] INC-1042 Card payments fail",
    text="Six in ten card payments fail – “since” 13:51.",
    facts=(("Service", "checkout"), ("Impact", "60 % of payments & more <now>")),
    link=LINK,
)
BEN, CLEO = "+491711234567", "+491719999999"
WHO = {"account_sid": ACCOUNT, "auth_token": TOKEN, "sender": "+15550000002"}


@pytest.fixture
def provider():
    with twilio_fake() as fake:
        yield fake


def sent(provider, outgoing=PAGE, kind="sms_twilio", **values):
    module = {"sms_twilio": sms_twilio, "voice_twilio": voice_twilio}[kind]
    settings = module.Settings(**{**WHO, "server": provider.url, **values})
    return deliver(kind, outgoing, settings, SafeClient(allow=[f"127.0.0.1:{provider.port}"]))


def test_a_text_goes_out_with_its_link_and_its_code(provider):
    outcome = sent(provider)
    (form,) = provider.made
    assert outcome == Sent(form["sid"][0], outcome.detail)
    assert (form["To"], form["From"]) == ([BEN], ["+15550000002"])
    body = form["Body"][0]
    assert body.startswith("[Page] INC-1042 Card payments fail")
    assert LINK in body
    assert short_code("aBcDeFgHiJkLmNoPqRsTuVwXyZ012345") in body
    assert (cost(body).alphabet, cost(body).segments <= 4) == ("GSM-7", True)
    (callback,) = form["StatusCallback"]
    assert callback == "https://quarterdeck.example/callbacks/twilio/message?key=0192-a%2F0192-b"


def test_a_long_text_gives_way_and_its_link_stays_whole(provider):
    assert isinstance(sent(provider, replace(PAGE, text="ж" * 2000), segments=3), Sent)
    body = provider.made[0]["Body"][0]
    assert cost(body).segments == 3
    assert LINK in body


def test_a_messaging_service_and_an_api_key_take_the_place_of_number_and_token(provider):
    outcome = sent(provider, sender="MG" + "0" * 32, api_key="SK1", api_secret="hush")
    assert isinstance(outcome, GaveUp)
    assert "20003" in outcome.why, "the key, not the token, signs in"
    assert isinstance(sent(provider, sender="MG" + "0" * 32), Sent)
    assert "MessagingServiceSid" in provider.made[0]


@pytest.mark.parametrize(
    ("status", "code", "kind", "said"),
    [
        (400, 21211, GaveUp, "Correct the contact"),
        (400, 21610, GaveUp, "START"),
        (400, 99999, GaveUp, "99999"),
        (429, 20429, Retry, "too much"),
        (503, 20503, Retry, "503"),
        (400, 21611, Retry, "21611"),
    ],
)
def test_an_error_is_given_up_or_tried_again_by_its_number(provider, status, code, kind, said):
    provider.errors.append((status, code))
    outcome = sent(provider)
    assert isinstance(outcome, kind)
    assert said in outcome.why
    assert "Told by the provider" not in outcome.why
    if status == 429:
        assert outcome.after_seconds == 7


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b'{"sid":"SM1","status":"failed","error_code":21610}', GaveUp),
        (b'{"code":21211,"message":"no","status":400}', GaveUp),
        (b'{"sid":"SM1","status":"queued","error_code":30001}', Retry),
        (b"<html>Sign in to the network</html>", Retry),
        (b"[]", Retry),
        (b'{"status":"queued"}', Retry),
    ],
)
def test_an_error_under_the_status_of_a_success_is_no_success(provider, body, kind):
    provider.answers.append((200, body))
    assert isinstance(sent(provider), kind)


def test_nothing_is_sent_before_it_is_set_up(provider):
    for name in ("account_sid", "auth_token", "sender"):
        outcome = sent(provider, **{name: ""})
        assert isinstance(outcome, GaveUp)
        assert name in outcome.why
    assert provider.made == []


def test_no_secret_shows_in_settings_or_outcomes(provider):
    settings = sms_twilio.Settings(**WHO, api_key="SK1", api_secret="hush-too")
    assert "hush" not in repr(settings)
    provider.errors.append((401, 20003))
    assert "hush" not in repr(sent(provider))


def test_a_call_says_it_twice_and_asks_for_a_key(provider):
    assert isinstance(sent(provider, kind="voice_twilio", language="de-DE", voice="Polly.Vicki"), Sent)
    (form,) = provider.made
    root = ElementTree.fromstring(form["Twiml"][0])
    gathers = root.findall("Gather")
    assert len(gathers) == 2
    assert gathers[0].get("action") == "https://quarterdeck.example/callbacks/twilio/key?key=0192-a%2F0192-b"
    said = gathers[0].find("Say")
    assert (said.get("language"), said.get("voice")) == ("de-DE", "Polly.Vicki")
    assert "INC 1 0 4 2 Card payments fail" in said.text
    assert "60 percent of payments & more now" in said.text
    assert said.text.endswith(voice_twilio.CHOICE)
    assert (form["Timeout"], form["StatusCallbackEvent"]) == (["30"], ["completed"])


@given(st.text(max_size=3000))
def test_whatever_is_said_is_well_formed_and_short_enough(text):
    made = voice_twilio.render(
        replace(PAGE, subject=text, facts=(("Impact", text), ("Symptom", "<&\x00" * 400)))
    )
    ElementTree.fromstring(made["Twiml"])
    assert len(made["Twiml"]) <= 4000


@given(
    st.dictionaries(
        st.text(min_size=1, max_size=8), st.lists(st.text(max_size=8), min_size=1, max_size=3), max_size=5
    ),
    st.sampled_from(["https://q.example/callbacks/x?key=a%2Fb", "https://q.example:8443/y"]),
)
def test_the_signature_is_what_the_provider_computes(form, url):
    ours = twilio.signature(TOKEN, url, form)
    theirs = RequestValidator(TOKEN).compute_signature(url, MultiValueDict(form))
    assert ours == theirs
    assert twilio.is_signed(TOKEN, url, form, theirs)
    assert not twilio.is_signed("", url, form, twilio.signature("", url, form))


def test_the_engine_sends_by_the_settings_it_was_given(db, provider):
    allowed = (f"127.0.0.1:{provider.port}",)
    values = {"sms_twilio": WHO | {"server": provider.url}}
    with override_settings(QUARTERDECK_CHANNELS=values, QUARTERDECK_ALLOW_TARGETS=allowed):
        assert isinstance(Outlets().send("sms_twilio", PAGE), Sent)
    assert len(provider.made) == 1
