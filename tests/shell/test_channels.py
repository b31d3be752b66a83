"""What holds for every channel: its shape, the facts of a callout, and that drills stay inside."""

from __future__ import annotations

import json
from dataclasses import fields, is_dataclass, replace

import pytest

from quarterdeck.channels import channel, channels, deliver, read_settings
from quarterdeck.channels.apprise import Settings as Apprise
from quarterdeck.channels.chat import Settings as Chat
from quarterdeck.channels.console import entries
from quarterdeck.channels.email import Settings as Email
from quarterdeck.channels.ntfy import Settings as Ntfy
from quarterdeck.channels.outcome import GaveUp, Outgoing, Retry, Sent
from quarterdeck.channels.pushover import Settings as Pushover
from quarterdeck.channels.rendering import CALLOUT_FACTS
from quarterdeck.channels.safe_http import SafeClient, Unreached
from quarterdeck.channels.slack import Settings as Slack
from quarterdeck.channels.sms_gateway import Settings as TextGateway
from quarterdeck.channels.sms_twilio import Settings as Texts
from quarterdeck.channels.teams import Settings as Teams
from quarterdeck.channels.telegram import Settings as Telegram
from quarterdeck.channels.voice_gateway import Settings as CallGateway
from quarterdeck.channels.voice_twilio import Settings as Calls
from quarterdeck.channels.web_push import Settings as WebPush
from quarterdeck.channels.webhook import Settings as Webhook
from quarterdeck.core.kernel.refused import Refused
from support.http_sink import http_sink
from support.ntfy_fake import ntfy_fake
from support.smtp_sink import smtp_sink

PAGE = Outgoing(
    key="0192-step-1",
    to="ana@example.com",
    subject="Card payments fail",
    text="Six in ten card payments fail since 13:51.",
    facts=(
        ("Service", "checkout"),
        ("Severity", "SEV1"),
        ("Symptom", "HTTP 502 from the payment router"),
        ("Impact", "60 % of card payments"),
        ("Runbook", "https://runbooks.example/payments"),
        ("Graphs", "https://graphs.example/payments"),
        ("Chat", "https://chat.example/payments"),
        ("Call", "https://call.example/payments"),
        ("Also called", "Ben (deputy)"),
    ),
    link="https://quarterdeck.example/ack/abc",
    recipient_name="Ana",
)
OUTWARD = {
    "email": "ana@example.com",
    "webhook": "https://hooks.example/x",
    "ntfy": "topic-x",
    "chat": "alerts",
    "slack": "U012AB3CD",
    "teams": "alerts",
    "telegram": "123456789",
    "pushover": "u" * 30,
    "apprise": "alerts",
    "sms_twilio": "+491711234567",
    "voice_twilio": "+491711234567",
    "sms_gateway": "+491711234567",
    "voice_gateway": "+491711234567",
    "web_push": "0192-device",
}
PHONE = {"account_sid": "AC1", "auth_token": "hush", "sender": "+15550000002"}
# Read out to somebody who holds a telephone to their ear: what helps there, and no address.
ALOUD = {"voice_twilio", "voice_gateway"}
SHOWN = sorted(set(channels()) - ALOUD)


class NoWayOut(SafeClient):
    """Fails the test when a channel tries to reach anything."""

    def request(self, *args, **kwargs):
        raise AssertionError("something left the building")


def rendered(kind: str, outgoing: Outgoing) -> str:
    """What a channel would send, as readable text."""
    payload = channel(kind).render(outgoing)
    if isinstance(payload, bytes):
        from support.smtp_sink import Mail

        message = Mail("", (), payload, False, "").message
        return "\n".join(part.get_content() for part in message.walk() if not part.is_multipart())
    return json.dumps(payload, ensure_ascii=False)


def test_every_channel_has_the_same_shape():
    found = sorted(channels())
    assert found == sorted([*OUTWARD, "console"])
    for kind, module in channels().items():
        assert kind == module.KIND
        assert module.NAME
        assert module.__doc__
        assert is_dataclass(module.Settings)
        assert module.Settings() == module.Settings()
        assert all(f.metadata.get("label") for f in fields(module.Settings))
        assert all(callable(getattr(module, name)) for name in ("check_address", "render", "send"))


def test_secrets_do_not_show_when_settings_are_printed():
    signing = "whsec_aHVzaGh1c2hodXNoaHVzaGh1c2hodXNo"
    made = [Email(password="hush"), Webhook(secret=signing, previous_secret=signing), Ntfy(token="hush")]
    made.append(Chat(rooms={"alerts": "https://chat.example/hush"}))
    assert "hush" not in repr(made)
    assert "whsec_" not in repr(made)
    secret = {f.name for m in channels().values() for f in fields(m.Settings) if f.metadata.get("secret")}
    of_mail_and_chat = {
        "password",
        "secret",
        "previous_secret",
        "token",
        "rooms",
        "signing_secret",
        "webhook_secret",
    }
    assert secret == of_mail_and_chat | {
        "key",
        "previous_key",
        "signing_key",
        "previous_signing_key",
        "inbound_token",
        "auth_token",
        "api_secret",
        "url",
        "fields",
        "document",
        "headers",
        "targets",
    }
    hidden = {f.name for m in channels().values() for f in fields(m.Settings) if not f.repr}
    assert hidden == secret


@pytest.mark.parametrize("kind", SHOWN)
def test_a_callout_carries_all_its_facts_on_every_channel(kind):
    text = rendered(kind, PAGE)
    for label, value in PAGE.facts:
        assert label in text
        assert value in text
    assert PAGE.link in text


@pytest.mark.parametrize("kind", SHOWN)
def test_a_fact_that_nobody_knows_is_named_unknown(kind):
    text = rendered(kind, replace(PAGE, facts=(("Service", "checkout"), ("Impact", "  "))))
    for label in CALLOUT_FACTS:
        assert label in text
    assert "unknown" in text
    assert "Unknown" in text


@pytest.mark.parametrize("kind", sorted(ALOUD))
def test_a_call_says_what_is_known_of_the_facts_and_spells_no_address(kind):
    text = rendered(kind, PAGE)
    assert "Symptom: HTTP 5 0 2 from the payment router." in text
    assert "Impact: 60 percent of card payments." in text
    assert "runbooks.example" not in text


@pytest.mark.parametrize("kind", sorted(channels()))
def test_rendering_is_pure(kind):
    assert channel(kind).render(PAGE) == channel(kind).render(PAGE)


@pytest.mark.parametrize("kind", sorted(OUTWARD))
def test_no_channel_sends_a_drill_outside(kind):
    drill = replace(PAGE, drill=True, to=OUTWARD[kind])
    settings = {
        "email": Email(host="127.0.0.1", port=1, from_address="q@example.com"),
        "webhook": Webhook(secret="whsec_" + "A" * 40),
        "ntfy": Ntfy(server="https://ntfy.example"),
        "chat": Chat(rooms={"alerts": "https://chat.example/x"}),
        "slack": Slack(token="xoxb-1"),
        "teams": Teams(rooms={"alerts": "https://chat.example/x"}),
        "telegram": Telegram(token="1:" + "A" * 30),
        "pushover": Pushover(token="a" * 30),
        "apprise": Apprise(targets={"alerts": "json://chat.example"}),
        "sms_twilio": Texts(**PHONE),
        "voice_twilio": Calls(**PHONE),
        "sms_gateway": TextGateway(url="https://gateway.example/x"),
        "voice_gateway": CallGateway(url="https://gateway.example/x"),
        "web_push": WebPush(),
    }[kind]
    direct = channel(kind).send(drill, settings, NoWayOut())
    by_the_door = deliver(kind, drill, settings, NoWayOut())
    assert direct == by_the_door
    assert isinstance(direct, GaveUp)
    assert "never leaves the building" in direct.why


def test_a_drill_is_shown_on_the_console_with_its_mark(tmp_path):
    path = tmp_path / "console.jsonl"
    settings = read_settings("console", {"path": str(path)})
    assert isinstance(deliver("console", replace(PAGE, drill=True), settings, NoWayOut()), Sent)
    (entry,) = entries(path)
    assert entry["drill"] is True
    assert entry["subject"].startswith("DRILL: ")


def test_every_outward_channel_delivers_to_a_real_server():
    with smtp_sink() as mail, ntfy_fake() as push, http_sink() as hook:
        http = SafeClient(allow=[f"127.0.0.1:{push.port}", f"127.0.0.1:{hook.port}"])
        mail_settings = Email(host="127.0.0.1", port=mail.port, tls="none", from_address="q@example.com")
        hook_url = f"http://127.0.0.1:{hook.port}/x"
        outcomes = [
            deliver("email", PAGE, mail_settings, http),
            deliver("ntfy", replace(PAGE, to="topic-x"), Ntfy(server=push.url), http),
            deliver("webhook", replace(PAGE, to=hook_url), Webhook(secret="whsec_" + "A" * 40), http),
        ]
        assert all(isinstance(outcome, Sent) for outcome in outcomes), outcomes
        assert (len(mail.mails), len(push.messages), len(hook.arrived)) == (1, 1, 1)


def test_a_target_that_is_off_limits_is_given_up_with_the_reason():
    outgoing = replace(PAGE, to="https://169.254.169.254/latest/meta-data")
    outcome = deliver("webhook", outgoing, Webhook(secret="whsec_" + "A" * 40), SafeClient())
    assert isinstance(outcome, GaveUp)
    assert "link-local" in outcome.why


def test_an_unknown_channel_or_setting_is_refused_by_name():
    with pytest.raises(Refused, match="carrier-pigeon"):
        channel("carrier-pigeon")
    with pytest.raises(Refused, match="colour"):
        read_settings("ntfy", {"colour": "red"})
    assert isinstance(deliver("carrier-pigeon", PAGE, None, NoWayOut()), GaveUp)


def test_a_server_that_cannot_be_reached_is_tried_again():
    class Down(SafeClient):
        def request(self, *args, **kwargs):
            raise Unreached("no connection could be made", ambiguous=False)

    for kind, settings in (("ntfy", Ntfy()), ("webhook", Webhook(secret="whsec_" + "A" * 40))):
        outcome = deliver(kind, replace(PAGE, to=OUTWARD[kind]), settings, Down())
        assert isinstance(outcome, Retry)
        assert not outcome.ambiguous
