"""Webhooks: a Standard Webhooks receiver accepts them, and each status leads where it should."""

from __future__ import annotations

import base64
import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from click.testing import CliRunner
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from standardwebhooks import Webhook, WebhookVerificationError

from quarterdeck.channels.outcome import GaveUp, Outgoing, Retry, Sent
from quarterdeck.channels.safe_http import SafeClient
from quarterdeck.channels.webhook import (
    Settings,
    check_address,
    key_for,
    message_id,
    new_keys,
    public_key,
    secret_for,
    send,
    sign,
)
from quarterdeck.cli.webhook_keys import webhook_keys
from quarterdeck.core.kernel.refused import Refused
from support.http_sink import Answer, http_sink

SECRET = "whsec_" + base64.b64encode(bytes(range(24))).decode()
OLD = "whsec_" + base64.b64encode(bytes(range(100, 132))).decode()
MESSAGE = Outgoing(
    key="delivery/0192",
    to="",
    subject="Card payments fail",
    text="Ünïcode, “quotes” and <tags>.",
    kind="message",
    at=datetime(2026, 11, 18, 14, 27, 3, tzinfo=UTC),
    data={"incident": "INC-1042", "severity": 1},
)


@pytest.fixture
def sink():
    with http_sink() as running:
        yield running


def hook(sink):
    return f"http://127.0.0.1:{sink.port}/hook"


def deliver_to(sink, outgoing=MESSAGE, **settings):
    http = SafeClient(allow=[f"127.0.0.1:{sink.port}"])
    at = replace(outgoing, to=hook(sink))
    return send(at, Settings(**({"secret": SECRET} | settings)), http)


def test_a_receiver_with_the_official_library_accepts_it(sink):
    assert isinstance(deliver_to(sink), Sent)
    (arrived,) = sink.arrived
    body = Webhook(secret_for(SECRET, hook(sink))).verify(arrived.body, arrived.headers)
    assert body["type"] == "quarterdeck.message"
    assert body["timestamp"] == "2026-11-18T14:27:03Z"
    assert body["data"]["text"] == MESSAGE.text
    assert body["data"]["details"] == {"incident": "INC-1042", "severity": 1}
    with pytest.raises(WebhookVerificationError):
        Webhook(secret_for(OLD, hook(sink))).verify(arrived.body, arrived.headers)


def test_while_a_secret_changes_both_receivers_accept_it(sink):
    deliver_to(sink, previous_secret=OLD)
    (arrived,) = sink.arrived
    assert Webhook(secret_for(SECRET, hook(sink))).verify(arrived.body, arrived.headers)
    assert Webhook(secret_for(OLD, hook(sink))).verify(arrived.body, arrived.headers)


def test_our_signature_is_the_published_example():
    secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    signature = sign(secret, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, b'{"test": 2432232314}')
    assert signature == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_a_retry_carries_the_same_id_and_body(sink):
    sink.answer(Answer(503), Answer(200))
    assert isinstance(deliver_to(sink), Retry)
    assert isinstance(deliver_to(sink), Sent)
    first, again = sink.arrived
    assert first.headers["webhook-id"] == again.headers["webhook-id"] == MESSAGE.key
    assert first.body == again.body


@pytest.mark.parametrize("key", ["a.b", "ü", "a\r\nx-evil: 1", "", "x" * 300])
def test_a_key_that_no_header_can_carry_is_hashed(key):
    made = message_id(key)
    assert made == message_id(key)
    assert made.startswith("msg_")
    assert made.isascii()
    assert "." not in made


@pytest.mark.parametrize(
    ("status", "kind"),
    [(200, Sent), (202, Sent), (204, Sent), (410, GaveUp), (400, GaveUp), (401, GaveUp), (404, GaveUp),
     (301, GaveUp), (308, GaveUp), (408, Retry), (425, Retry), (429, Retry), (500, Retry), (503, Retry)],
)  # fmt: skip
def test_each_status_leads_to_its_outcome(sink, status, kind):
    sink.answer(Answer(status, body=b"" if status == 204 else b"do not show this"))
    outcome = deliver_to(sink)
    assert type(outcome) is kind
    assert "do not show" not in repr(outcome)


def test_the_receiver_says_when_to_come_back(sink):
    sink.answer(Answer(429, headers=(("retry-after", "37"),)))
    assert deliver_to(sink) == Retry("The receiver answered 429", 37.0)


def test_a_receiver_that_hangs_up_may_have_it_all_the_same(sink):
    sink.answer(Answer(hang_up=True))
    outcome = deliver_to(sink)
    assert isinstance(outcome, Retry)
    assert outcome.ambiguous


@pytest.mark.parametrize(
    "secret", ["whsec_", "whsec_AAAA", "secret", "whsec_!!!!", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"]
)
def test_a_weak_or_misspelt_secret_is_refused(sink, secret):
    with pytest.raises(Refused, match=r"webhook\.secret"):
        deliver_to(sink, secret=secret)
    assert not sink.arrived


def test_without_a_secret_nothing_is_sent(sink):
    assert isinstance(deliver_to(sink, secret=""), GaveUp)
    assert not sink.arrived


def test_an_address_is_brought_into_one_form():
    assert check_address(" https://Hooks.Example./x ") == "https://hooks.example/x"
    for address in ("hooks.example", "ftp://hooks.example/", "https://a:b@hooks.example/"):
        with pytest.raises(Refused):
            check_address(address)


def test_what_cannot_be_json_is_sent_as_its_text(sink):
    deliver_to(sink, replace(MESSAGE, data={"at": datetime(2026, 1, 1, tzinfo=UTC)}))
    assert json.loads(sink.arrived[0].body)["data"]["details"] == {"at": "2026-01-01 00:00:00+00:00"}


def open_signatures(arrived):
    return [x[4:] for x in arrived.headers["webhook-signature"].split(" ") if x.startswith("v1a,")]


def checked_by(public, arrived, signature):
    """As a receiver does it that holds the public key alone."""
    key = Ed25519PublicKey.from_public_bytes(base64.b64decode(public.removeprefix("whpk_")))
    signed = (
        f"{arrived.headers['webhook-id']}.{arrived.headers['webhook-timestamp']}.".encode() + arrived.body
    )
    key.verify(base64.b64decode(signature), signed)


def test_a_receiver_with_the_public_key_alone_can_check_it(sink):
    _, private, _ = new_keys()
    public, other = (public_key(key_for(private, to)) for to in (hook(sink), "https://hooks.example/other"))
    assert isinstance(deliver_to(sink, secret="", signing_key=private), Sent)
    (arrived,) = sink.arrived
    (signature,) = open_signatures(arrived)
    checked_by(public, arrived, signature)
    with pytest.raises(InvalidSignature):
        checked_by(other, arrived, signature)


def test_secret_and_signing_key_stand_side_by_side_while_either_changes(sink):
    (_, now, _), (_, before, _) = new_keys(), new_keys()
    deliver_to(sink, previous_secret=OLD, signing_key=now, previous_signing_key=before)
    (arrived,) = sink.arrived
    assert Webhook(secret_for(SECRET, hook(sink))).verify(arrived.body, arrived.headers)
    assert Webhook(secret_for(OLD, hook(sink))).verify(arrived.body, arrived.headers)
    first, second = open_signatures(arrived)
    checked_by(public_key(key_for(now, hook(sink))), arrived, first)
    checked_by(public_key(key_for(before, hook(sink))), arrived, second)


def test_a_signing_key_with_its_public_half_behind_it_is_the_same_key():
    _, private, public = new_keys()
    seed = base64.b64decode(private.removeprefix("whsk_"))
    both = "whsk_" + base64.b64encode(seed + base64.b64decode(public.removeprefix("whpk_"))).decode()
    assert public_key(both) == public


@pytest.mark.parametrize("key", ["whsk_", "whsk_AAAA", "whpk_" + "A" * 43, "A" * 43, "whsk_!"])
def test_a_misspelt_signing_key_is_refused(key):
    with pytest.raises(Refused, match=r"webhook\.signing_key"):
        Settings(signing_key=key)


def test_the_command_makes_what_the_channel_takes_and_shows_what_a_receiver_checks_with(tmp_path):
    data = ["--data", str(tmp_path)]
    told = CliRunner().invoke(webhook_keys, data).output
    (tmp_path / "quarterdeck.toml").write_text(f"[channels.webhook]\n{told}")
    values = dict(line.split(" = ") for line in told.splitlines() if " = " in line)
    made = Settings(**{name: value.strip('"') for name, value in values.items()})
    address = "https://hooks.example/pages"
    shown = CliRunner().invoke(webhook_keys, [*data, "--for", address]).output
    assert secret_for(made.secret, address) in shown
    assert public_key(key_for(made.signing_key, address)) in shown
    assert made.secret not in shown and made.signing_key not in shown
    assert CliRunner().invoke(webhook_keys, [*data, "--for", "ftp://x"]).exit_code == 2
