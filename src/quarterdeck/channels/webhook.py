"""Sends JSON to your own HTTPS address, signed as Standard Webhooks describes.

Set the address and a signing secret (whsec_ and at least 24 bytes in base64). Each request carries
`webhook-id` (the same on every retry: use it to ignore repeats), `webhook-timestamp` and `webhook-signature`.
Each address has a secret of its own, made from this one: `quarterdeck webhook-keys --for ADDRESS` shows it.
Check the signature with any Standard Webhooks library. Answer 2xx to accept, 410 to stop for good; 429 and
5xx are tried again. While you change the secret, put the old one under "Previous secret": both sign.

Receivers that should not hold what signs check an ed25519 signature (`v1a,`) by the public key (whpk_) instead: set a
signing key, made together with its public key by `quarterdeck webhook-keys`. Secret and signing key may stand side by
side; then each request carries both signatures.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
import os
import re
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from quarterdeck.core.kernel.moments import text
from quarterdeck.core.kernel.refused import bad

from . import answers, rendering
from .answers import judge, unreached
from .deadlines import MESSAGE_SECONDS, PAGE_SECONDS
from .guard import refuse_drill
from .outcome import GaveUp, Lacks, Outcome, Outgoing, Sent
from .safe_http import Reply, SafeClient, Unreached, parse_target

KIND = "webhook"
NAME = "Webhook"
SECRET_PREFIX = "whsec_"  # noqa: S105
MIN_SECRET_BYTES = 24
CHALLENGE = "challenge"
KEY_PREFIX, PUBLIC_PREFIX = "whsk_", "whpk_"
SEED_BYTES = 32
_UNUSABLE = (
    f"The signing secret cannot be used. It starts with {SECRET_PREFIX} "
    f"and holds at least {MIN_SECRET_BYTES} bytes in base64."
)
_NO_KEY = (
    f"The signing key cannot be used. It starts with {KEY_PREFIX}: make one with quarterdeck webhook-keys."
)
_PLAIN_KEY = re.compile(r"^[A-Za-z0-9_:/-]{1,200}$")  # no dot: it parts the fields of what is signed


@dataclass(frozen=True, slots=True)
class Settings:
    """The receivers' secrets and signing keys. What is called previous signs too while receivers change over."""

    secret: str = field(default="", repr=False, metadata={"label": "Signing secret", "secret": True})
    previous_secret: str = field(
        default="", repr=False, metadata={"label": "Previous secret", "secret": True}
    )
    signing_key: str = field(
        default="", repr=False, metadata={"label": "Signing key (ed25519)", "secret": True}
    )
    previous_signing_key: str = field(
        default="", repr=False, metadata={"label": "Previous signing key", "secret": True}
    )

    def __post_init__(self) -> None:
        for name in ("signing_key", "previous_signing_key"):
            if getattr(self, name) and not _seed_of(getattr(self, name)):
                raise bad(f"webhook.{name}", _NO_KEY)
        for name, secret in (("secret", self.secret), ("previous_secret", self.previous_secret)):
            if secret and not _bytes_of(secret):
                raise bad(f"webhook.{name}", _UNUSABLE)


def check_address(to: str) -> str:
    """The URL, normalised. Raises Refused. `SafeClient.check` says whether it may be reached."""
    return str(parse_target(to.strip()).url)


def render(outgoing: Outgoing) -> dict[str, Any]:
    """The body: type, timestamp (when it was decided) and data. The same on every retry."""
    payload: dict[str, Any] = {"type": f"quarterdeck.{outgoing.kind}"}
    if outgoing.at is not None:
        payload["timestamp"] = text(outgoing.at)
    payload["data"] = {
        "key": outgoing.key,
        "subject": rendering.title(outgoing),
        "text": outgoing.text,
        "urgency": outgoing.urgency,
        "thread": outgoing.thread,
        "link": outgoing.link,
        "facts": [{"label": label, "value": value} for label, value in rendering.facts(outgoing)],
        "drill": outgoing.drill,
        "details": dict(outgoing.data),
    }
    return payload


def send(outgoing: Outgoing, settings: Settings, http: SafeClient) -> Outcome:
    """One signed POST."""
    refusal = refuse_drill(outgoing, room=True)
    if refusal is not None:
        return refusal
    if not settings.secret and not settings.signing_key:
        return GaveUp("This webhook has no signing secret. Make one and give it to the receiver.")
    now = int(time.time())
    payload = _challenge(outgoing, settings) if CHALLENGE in outgoing.data else render(outgoing)
    payload.setdefault("timestamp", time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(now)))
    body = json.dumps(payload, ensure_ascii=False, separators=(",", ":"), default=str).encode(
        "utf-8", "replace"
    )
    key = message_id(outgoing.key)
    headers = {
        "content-type": "application/json",
        "webhook-id": key,
        "webhook-timestamp": str(now),
        "webhook-signature": " ".join(signatures(settings, outgoing.to, key, now, body)),
    }
    limit = PAGE_SECONDS if outgoing.kind == "page" else MESSAGE_SECONDS
    try:
        reply = http.request("POST", outgoing.to, headers=headers, content=body, deadline_seconds=limit)
    except Unreached as failed:
        return unreached(failed, "The receiver")
    if CHALLENGE in outgoing.data:
        return _echoed(reply, str(outgoing.data[CHALLENGE]), key)
    return judge(reply, "The receiver", key)


def _challenge(outgoing: Outgoing, settings: Settings) -> dict[str, Any]:
    """Asks whoever has this address whether they want what is to come; it gets what it is to check signatures with."""
    told: dict[str, Any] = {"challenge": outgoing.data[CHALLENGE], "subject": rendering.title(outgoing)}
    told |= {
        "text": outgoing.text,
        "secret": secret_for(settings.secret, outgoing.to) if settings.secret else "",
    }
    if settings.signing_key:
        told["public_key"] = public_key(key_for(settings.signing_key, outgoing.to))
    found = {"type": "quarterdeck.challenge", "data": told}
    return found | ({"timestamp": text(outgoing.at)} if outgoing.at is not None else {})


def _echoed(reply: Reply, challenge: str, key: str) -> Outcome:
    """Only the very words back confirm: as the body, or as `challenge` in a JSON object."""
    outcome = judge(reply, "The receiver", key)
    if not isinstance(outcome, Sent):
        return outcome
    said = answers.told(reply.body)
    echoed = (
        str(said.get("challenge", "")) if isinstance(said, dict) else reply.body.decode("utf-8", "replace")
    )
    if not hmac.compare_digest(echoed.strip(' "\n\r').encode("utf-8", "replace"), challenge.encode()):
        return GaveUp("The receiver did not answer with the challenge, so it was not confirmed.")
    return Sent(key, reply.shown, {CHALLENGE: challenge})


def lacks(settings: Settings) -> Lacks:
    """What is still to be set, for `doctor`."""
    return Lacks("" if settings.secret or settings.signing_key else "secret or signing_key")


def signatures(settings: Settings, address: str, key: str, timestamp: int, body: bytes) -> Iterator[str]:
    """One for each secret and each signing key, the present ones first, made for this address alone."""
    for secret in filter(None, (settings.secret, settings.previous_secret)):
        yield sign(secret_for(secret, address), key, timestamp, body)
    for private in filter(None, (settings.signing_key, settings.previous_signing_key)):
        yield sign_openly(key_for(private, address), key, timestamp, body)


def secret_for(secret: str, address: str) -> str:
    """What this receiver checks with. Each address has its own, so that nobody can have a message signed for theirs and
    hand it on to another.
    """
    return SECRET_PREFIX + base64.b64encode(_made_for(_secret_bytes(secret), address)).decode()


def key_for(private: str, address: str) -> str:
    """As `secret_for`, of a signing key; its receiver gets the `public_key` of it."""
    seed = _seed_of(private)
    if not seed:
        raise bad("webhook.signing_key", _NO_KEY)
    return KEY_PREFIX + base64.b64encode(_made_for(seed, address)).decode()


def _made_for(key: bytes, address: str) -> bytes:
    return hmac.digest(key, f"webhook\n{parse_target(address).url}".encode(), "sha256")


def sign_openly(private: str, key: str, timestamp: int, body: bytes) -> str:
    """`v1a,` and the base64 ed25519 signature of `id.timestamp.body`. Raises Refused for an unusable key."""
    signed = b".".join((key.encode(), str(timestamp).encode(), body))
    return "v1a," + base64.b64encode(_private(private).sign(signed)).decode()


def new_keys() -> tuple[str, str, str]:
    """A fresh secret, a fresh signing key and the public key that belongs to it."""
    secret = SECRET_PREFIX + base64.b64encode(os.urandom(32)).decode()
    private = KEY_PREFIX + base64.b64encode(os.urandom(SEED_BYTES)).decode()
    return secret, private, public_key(private)


def public_key(private: str) -> str:
    """What receivers are given for a signing key. Raises Refused for an unusable one."""
    raw = _private(private).public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    return PUBLIC_PREFIX + base64.b64encode(raw).decode()


def _private(key: str) -> Ed25519PrivateKey:
    seed = _seed_of(key)
    if not seed:
        raise bad("webhook.signing_key", _NO_KEY)
    return Ed25519PrivateKey.from_private_bytes(seed)


def _seed_of(key: str) -> bytes:
    """The seed of a signing key: 32 bytes, or 64 with the public key behind them. Nothing where it cannot be used."""
    try:
        raw = base64.b64decode(key.removeprefix(KEY_PREFIX) + "==", validate=False)
    except (binascii.Error, ValueError):
        return b""
    return (
        raw[:SEED_BYTES] if key.startswith(KEY_PREFIX) and len(raw) in (SEED_BYTES, 2 * SEED_BYTES) else b""
    )


def sign(secret: str, key: str, timestamp: int, body: bytes) -> str:
    """`v1,` and the base64 HMAC-SHA256 of `id.timestamp.body`. Raises Refused for an unusable secret."""
    signed = b".".join((key.encode(), str(timestamp).encode(), body))
    return "v1," + base64.b64encode(hmac.digest(_secret_bytes(secret), signed, "sha256")).decode()


def message_id(key: str) -> str:
    """The webhook-id for a delivery key: the key where header and signature can carry it, else its hash."""
    if _PLAIN_KEY.match(key):
        return key
    return "msg_" + hashlib.sha256(key.encode("utf-8", "replace")).hexdigest()[:40]


def _secret_bytes(secret: str) -> bytes:
    raw = _bytes_of(secret)
    if not raw:
        raise bad("webhook.secret", _UNUSABLE)
    return raw


def _bytes_of(secret: str) -> bytes:
    """What the secret stands for; nothing where it cannot be used."""
    try:
        raw = base64.b64decode(secret.removeprefix(SECRET_PREFIX) + "==", validate=False)
    except (binascii.Error, ValueError):
        return b""
    return raw if secret.startswith(SECRET_PREFIX) and len(raw) >= MIN_SECRET_BYTES else b""
