"""What `doctor` says of a channel that is set up by halves, and what the web process knows of channels."""

from __future__ import annotations

import pytest
from tests.shell.test_serve_config import settings_of

from quarterdeck.app.health import health_channels
from quarterdeck.boot import channel_config

PUBLIC = "https://quarterdeck.example"
TWILIO = {"account_sid": "AC1", "auth_token": "hush", "sender": "+15550000002"}


def said(ways, url=PUBLIC):
    return [(f.level, f.text, f.next) for f in health_channels.look(ways, url)]


@pytest.mark.parametrize(
    ("kind", "values", "level", "word"),
    [
        ("sms_twilio", TWILIO | {"sender": ""}, "fault", "sender"),
        (
            "sms_twilio",
            TWILIO | {"auth_token": "", "api_key": "SK1", "api_secret": "hush"},
            "warning",
            "auth_token",
        ),
        ("voice_twilio", {"account_sid": "AC1"}, "fault", "auth_token"),
        ("slack", {}, "fault", "token"),
        ("slack", {"token": "xoxb-hush"}, "warning", "signing_secret"),
        ("telegram", {"token": "1:" + "A" * 30}, "warning", "webhook_secret"),
        ("pushover", {}, "fault", "token"),
        ("teams", {}, "fault", "rooms"),
        ("sms_gateway", {}, "fault", "url"),
        ("pushover", {"repeat_seconds": 1}, "fault", "30 seconds"),
    ],
)
def test_what_is_missing_is_named_with_what_does_not_work_without_it(kind, values, level, word):
    ((found, text, next_),) = said({kind: values})
    assert found == level
    assert word in text
    assert next_
    assert "hush" not in text


def test_an_address_no_provider_can_reach_is_said_where_it_matters():
    assert said({"sms_twilio": TWILIO}) == []
    ((level, text, _),) = said({"sms_twilio": TWILIO}, "http://127.0.0.1:8080")
    assert (level, "did not arrive" in text) == ("warning", True)
    assert said({"teams": {"rooms": {"ops": "https://x.example/"}}}, "http://127.0.0.1:8080") == []


def test_channels_that_are_not_set_up_are_not_spoken_of():
    assert said({}) == []
    assert said({"email": {}, "console": {}}) == []


def test_of_a_channel_s_secrets_the_web_process_holds_those_that_check_and_no_more():
    tables = {
        "sms_twilio": TWILIO | {"api_key": "SK1", "api_secret": "hush", "replies": False},
        "slack": {"token": "xoxb-hush", "signing_secret": "checks"},
        "telegram": {"token": "1:" + "A" * 30, "webhook_secret": "checks"},
        "pushover": {"token": "a" * 30},
        "email": {"password": "hush", "inbound_token": "checks"},
    }
    assert channel_config.checking(tables) == {
        "sms_twilio": {"auth_token": "hush", "replies": False},
        "slack": {"signing_secret": "checks"},
        "telegram": {"webhook_secret": "checks"},
        "email": {"inbound_token": "checks"},
    }


def test_each_process_is_given_its_part_of_a_channel_s_secrets(tmp_path):
    told = '[channels.slack]\ntoken = "xoxb-hush"\nsigning_secret = "checks"'
    (tmp_path / "quarterdeck.toml").write_text(told)
    names = "QUARTERDECK_CHANNELS QUARTERDECK_CALLBACKS"
    held = {
        process: [part.get("slack") for part in settings_of(tmp_path, names, QUARTERDECK_PROCESS=process)]
        for process in ("web", "engine", "auditor")
    }
    sends = {"token": "xoxb-hush", "signing_secret": "checks"}
    assert held == {"web": [{}, {"signing_secret": "checks"}], "engine": [sends, None], "auditor": [{}, None]}
