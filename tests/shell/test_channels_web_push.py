"""Web Push: a receiver of its own reads what is sent, and each answer of a push service leads where it should."""

from __future__ import annotations

import json
import time
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import given
from hypothesis import strategies as st

from quarterdeck.boot.vapid import with_key
from quarterdeck.channels import deliver, web_push, web_push_crypto
from quarterdeck.channels.outcome import GaveUp, Outgoing, Retry, Sent
from quarterdeck.channels.safe_http import SafeClient
from quarterdeck.core.kernel.refused import Refused
from support.http_sink import Answer, http_sink
from support.push_receiver import Receiver, proven, raw_of

KEY = web_push_crypto.derived_scalar("an engine's key of this installation")
OLD = web_push_crypto.derived_scalar("the one before")
PAGE = Outgoing(
    key="0192-a/0192-b",
    to="0192-d",
    subject="[Page] INC-1042 Card payments fail",
    text="Six in ten card payments fail.",
    facts=(
        ("Service", "checkout"),
        ("Severity", "SEV1"),
        ("Runbook", "https://wiki.example/pay"),
        ("Chat", "unknown"),
    ),
    link="https://quarterdeck.example/c/0192-a/aBcDeFgHiJkLmNoPqRsTuVwXyZ012345/",
    at=datetime(2026, 11, 22, tzinfo=UTC),
)


@pytest.fixture
def sink():
    with http_sink() as found:
        found.answer(Answer(201))
        yield found


@pytest.fixture
def device():
    return Receiver()


def public(key=KEY):
    return web_push_crypto.public_half(web_push_crypto.private_key(key))


def pushed(sink, device, outgoing=PAGE, believes=None, **settings):
    to = {
        "endpoint": f"http://127.0.0.1:{sink.port}/push/abc", "p256dh": device.p256dh, "auth": device.auth,
        "public_key": believes or public(),
    }  # fmt: skip
    made = web_push.Settings(**({"key": KEY, "contact": "mailto:ops@example.com"} | settings))
    http = SafeClient(allow=[f"127.0.0.1:{sink.port}"])
    return deliver("web_push", replace(outgoing, data={"subscription": to}), made, http)


def test_the_example_of_the_rfc_comes_out_byte_for_byte():
    """RFC 8291, appendix A."""
    body = web_push_crypto.encrypt(
        b"When I grow up, I want to be a watermelon",
        "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4",
        "BTBZMqHH6r4Tts7J_aSIgg",
        web_push_crypto.private_key("yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw"),
        raw_of("DGv6ra1nlYgDCS1FRnbzlw"),
    )
    assert body == raw_of(
        "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl"
        "7A_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN"
    )


def test_the_receiver_of_the_tests_reads_the_example_of_the_rfc():
    known = Receiver(raw_of("q1dXpw3UpT5VOmu_cf_v6ih07Aems3njxI-JWgLcM94"), raw_of("BTBZMqHH6r4Tts7J_aSIgg"))
    key = web_push_crypto.private_key("yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw")
    assert known.read(web_push_crypto.encrypt(b"melon", known.p256dh, known.auth, key)) == b"melon"


def test_only_the_device_it_is_for_can_read_a_push(sink, device):
    assert isinstance(pushed(sink, device), Sent)
    (arrived,) = sink.arrived
    told = json.loads(device.read(arrived.body))
    assert told["title"] == PAGE.subject
    assert told["body"].splitlines()[:3] == [
        "Six in ten card payments fail.",
        "Service: checkout",
        "Severity: SEV1",
    ]
    assert "Runbook: https://wiki.example/pay" in told["body"]
    assert (told["callout"], told["token"]) == ("0192-a", "aBcDeFgHiJkLmNoPqRsTuVwXyZ012345")
    assert told["label"] == "Acknowledge"
    with pytest.raises(InvalidTag):
        Receiver().read(arrived.body)


def test_what_goes_along_tells_the_push_service_how_to_treat_it(sink, device):
    pushed(sink, device)
    headers = sink.arrived[0].headers
    assert (headers["content-encoding"], headers["ttl"], headers["urgency"]) == ("aes128gcm", "3600", "high")
    key, claims = proven(headers["authorization"])
    assert key == public()
    assert claims["aud"] == f"http://127.0.0.1:{sink.port}"
    assert claims["sub"] == "mailto:ops@example.com"
    assert 3600 < claims["exp"] - time.time() <= 24 * 3600


def test_a_retry_replaces_what_still_waits_at_the_push_service(sink, device):
    sink.answer(Answer(503), Answer(201))
    assert isinstance(pushed(sink, device), Retry)
    pushed(sink, device)
    pushed(sink, device, replace(PAGE, key="another"))
    topics = [a.headers["topic"] for a in sink.arrived]
    assert topics[0] == topics[1] != topics[2]
    assert all(0 < len(t) <= 32 for t in topics)


@pytest.mark.parametrize(
    ("status", "kind", "gone"),
    [(201, Sent, None), (202, Sent, None), (404, GaveUp, True), (410, GaveUp, True), (403, GaveUp, False),
     (400, GaveUp, False), (429, Retry, None), (500, Retry, None), (413, GaveUp, False), (301, GaveUp, False)],
)  # fmt: skip
def test_each_status_leads_to_its_outcome(sink, device, status, kind, gone):
    sink.answer(Answer(status, b"do not show this", (("retry-after", "17"),)))
    outcome = pushed(sink, device)
    assert type(outcome) is kind
    assert "do not show" not in repr(outcome)
    assert getattr(outcome, "gone", None) is gone
    if status == 429:
        assert outcome.after_seconds == 17


def test_a_service_that_takes_less_gets_the_title_and_the_link_alone(sink, device):
    sink.answer(Answer(413), Answer(201))
    assert isinstance(pushed(sink, device), Sent)
    long, short = (json.loads(device.read(a.body)) for a in sink.arrived)
    assert long["body"]
    assert not short["body"]
    assert short["token"] == long["token"]


def test_while_the_key_changes_each_device_is_reached_by_the_one_it_believes(sink, device):
    assert isinstance(pushed(sink, device, believes=public(OLD), previous_key=OLD), Sent)
    assert proven(sink.arrived[0].headers["authorization"])[0] == public(OLD)
    outcome = pushed(sink, device, believes=public(OLD))
    assert isinstance(outcome, GaveUp)
    assert outcome.gone
    assert len(sink.arrived) == 1


def test_a_device_that_was_removed_gets_nothing(sink):
    outcome = deliver("web_push", PAGE, web_push.Settings(key=KEY), SafeClient())
    assert isinstance(outcome, GaveUp)
    assert not outcome.gone


@given(st.text(max_size=3000))
def test_whatever_the_text_one_push_holds_it(text):
    device = Receiver()
    long = replace(PAGE, subject=text, text=text, facts=(("Service", text), ("Impact", "😀" * 3000)))
    body = web_push_crypto.encrypt(web_push._told(long, web_push._TEXT_BYTES), device.p256dh, device.auth)
    told = json.loads(device.read(body))
    assert told["title"]
    assert told["token"]


def test_a_link_to_elsewhere_and_a_message_carry_nothing_to_answer_with():
    assert "token" not in web_push.render(replace(PAGE, link="https://quarterdeck.example/incidents/INC-1"))
    assert "token" not in web_push.render(replace(PAGE, kind="message"))
    assert "link" not in web_push.render(replace(PAGE, link="javascript:alert(1)"))


@pytest.mark.parametrize(
    ("endpoint", "p256dh", "auth"),
    [
        ("http://push.example/abc", None, None),
        ("https://169.254.169.254/abc", None, None),
        ("https://[::1]/abc", None, None),
        ("https://push.example:22/abc", None, None),
        ("https://push.example/" + "a" * 1500, None, None),
        (None, "", None),
        (None, "AAAA", None),
        (None, "B" + "A" * 86, None),
        (None, "ü" * 87, None),
        (None, None, "AAAA"),
        (None, None, "A" * 30),
    ],
)
def test_what_no_browser_gives_is_refused(device, endpoint, p256dh, auth):
    good = ("https://push.example/abc", device.p256dh, device.auth)
    web_push.check_subscription(*good, SafeClient())
    wrong = [
        given if given is not None else fine
        for given, fine in zip((endpoint, p256dh, auth), good, strict=True)
    ]
    with pytest.raises(Refused):
        web_push.check_subscription(*wrong, SafeClient())


def test_nobody_writes_a_device_down():
    with pytest.raises(Refused, match="A device adds itself"):
        web_push.check_address("0192-d")


def test_the_key_is_the_same_on_every_start_and_leads_back_to_nothing():
    first = with_key({}, "the engine's key", "https://ops.example")
    assert first == with_key({}, "the engine's key", "https://ops.example")
    assert first["contact"] == "https://ops.example"
    assert first["key"] != with_key({}, "another", "https://ops.example")["key"]
    assert "engine" not in first["key"]
    assert web_push.public_key(web_push.Settings(**first)) == public(first["key"])
    changed = with_key({}, "another", "https://ops.example", "the engine's key")
    assert changed["previous_key"] == first["key"]
    assert with_key({"key": KEY, "contact": ""}, "the engine's key", "http://localhost")["key"] == KEY
    assert isinstance(web_push_crypto.private_key(first["key"]), ec.EllipticCurvePrivateKey)


@pytest.mark.parametrize(
    "values", [{"key": "short"}, {"previous_key": "!"}, {"contact": "ops@example.com"}, {"key": "A" * 43}]
)
def test_a_setting_that_cannot_be_used_is_refused(values):
    with pytest.raises(Refused, match="web_push"):
        web_push.Settings(**values)
