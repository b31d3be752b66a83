"""Shows pages as notifications of the browser, on telephones and computers, without any app or account elsewhere.

Each person switches it on under "How I am reached", on the device that is to show pages; an iPhone or iPad must have
Quarterdeck on its home screen first. A page can be acknowledged in the notification, and an acknowledgement made
without a connection is sent as soon as there is one. The browser's maker carries the message and cannot read it.
"""

from __future__ import annotations

import hashlib
import json
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from quarterdeck.core.kernel.refused import bad

from . import rendering
from .answering import answerable, label_of
from .answers import judge, unreached
from .deadlines import MESSAGE_SECONDS, PAGE_SECONDS
from .graphemes import fit
from .guard import refuse_drill
from .outcome import GaveUp, Lacks, Outcome, Outgoing, Retry
from .safe_http import Reply, SafeClient, Unreached, parse_target
from .web_push_crypto import (
    AUTH_BYTES,
    MOST_BYTES,
    b64,
    check_point,
    encrypt,
    private_key,
    public_half,
    unb64,
    vapid,
)

KIND = "web_push"
NAME = "Browser push"
# Its contacts are made by the browser itself: nobody can write one down, and no test contact stands for them.
BY_DEVICE = True
MOST_ENDPOINT = 1500
_TITLE_BYTES, _TEXT_BYTES, _FACT_BYTES = 240, 2400, 250
# How long a push service keeps what a device that is off has not fetched. A page is of no use an hour later.
_TTL_SECONDS = {"page": 3600, "test": 300}
_MESSAGE_TTL_SECONDS = 86_400
_PROOF_SECONDS = 12 * 3600  # RFC 8292 allows 24 hours


@dataclass(frozen=True, slots=True)
class Settings:
    """The keys that sign pushes. They are made from the installation's own where none is given."""

    contact: str = field(default="", metadata={"label": "Where push services may write to"})
    key: str = field(default="", repr=False, metadata={"label": "Private key (VAPID)", "secret": True})
    previous_key: str = field(default="", repr=False, metadata={"label": "Previous key", "secret": True})

    def __post_init__(self) -> None:
        if self.contact and not re.fullmatch(r"(?:mailto:[^@\s]+@|https://)[^\s<>\"']{1,200}", self.contact):
            raise bad("web_push.contact", "Write mailto: and an address, or an https address.")
        for name in ("key", "previous_key"):
            try:
                _ = private_key(getattr(self, name)) if getattr(self, name) else None
            except ValueError:
                raise bad(f"web_push.{name}", "A private key is 32 bytes in base64url.") from None


def lacks(settings: Settings) -> Lacks:
    """What is still to be set, for `doctor`."""
    return Lacks("" if settings.key else "key")


def public_key(settings: Settings) -> str:
    """What browsers are told to believe; empty where there is no key."""
    return public_half(private_key(settings.key)) if settings.key else ""


def check_address(to: str) -> str:
    """Always refuses: a device adds itself."""
    raise bad(
        "web_push.device",
        'A device adds itself: sign in on it, and press "Get pages on this device" under "How I am reached".',
    )


def check_subscription(endpoint: str, p256dh: str, auth: str, http: SafeClient) -> None:
    """Whether this is what a browser gives for pushing to it, at an address we may send to. Raises Refused."""
    if len(endpoint) > MOST_ENDPOINT:
        raise bad(
            "web_push.endpoint", "The browser's push address is longer than any we know. Use another browser."
        )
    http.check(endpoint)
    try:
        check_point(p256dh)
        if len(unb64(auth)) != AUTH_BYTES:
            raise ValueError("not 16 bytes")
    except ValueError:
        raise bad(
            "web_push.keys",
            "The keys of this browser cannot be used. Reload the page and switch it on again.",
        ) from None


def render(outgoing: Outgoing, text_bytes: int = _TEXT_BYTES) -> dict[str, Any]:
    """What the device is told: text and facts as on every channel, and what answers. Nothing else leaves."""
    lines = [
        f"{label}: {fit(value, _FACT_BYTES, in_bytes=True)}" for label, value in rendering.facts(outgoing)
    ]
    known = fit("\n".join(lines), text_bytes, in_bytes=True)
    text = outgoing.text.strip()
    text = "" if text in outgoing.subject else text
    # A long text gives way to the facts.
    text = fit(text, max(text_bytes - len(known.encode("utf-8", "replace")) - 1, 0), in_bytes=True)
    made: dict[str, Any] = {
        "v": 1,
        "id": short_key(outgoing.key),
        "kind": outgoing.kind,
        "urgency": outgoing.urgency,
        "title": fit(rendering.title(outgoing), _TITLE_BYTES, in_bytes=True) or "Quarterdeck",
        "body": "\n".join(part for part in (text, known) if part),
    }
    if outgoing.at is not None:
        made["at"] = int(outgoing.at.timestamp() * 1000)
    asked = answerable(outgoing) if outgoing.kind == "page" else None
    if asked is not None:
        made |= {"callout": asked.callout_id, "token": asked.token, "label": label_of(outgoing)}
    if rendering.is_web_link(outgoing.link) and len(outgoing.link) <= 500:
        # Its own origin is the device's: an address of somewhere else is never opened from a notification.
        made["link"] = outgoing.link
    proof = outgoing.data.get("proof")
    if isinstance(proof, Mapping):
        made["proof"] = dict(proof)  # what it posts back, so that it counts
    return made


def send(outgoing: Outgoing, settings: Settings, http: SafeClient) -> Outcome:
    """One push. A repeat replaces the one that still waits at the push service, and the one that is shown."""
    refusal = refuse_drill(outgoing)
    if refusal is not None:
        return refusal
    to = outgoing.data.get("subscription")
    if not isinstance(to, Mapping):
        return GaveUp("This device was removed. Switch pages on there again.")
    key = _key_for(settings, str(to.get("public_key", "")))
    if not key:
        return GaveUp(
            "The key that signs pushes has changed since this device was added. Switch pages on there again.",
            gone=bool(settings.key),
        )
    limit = PAGE_SECONDS if outgoing.kind == "page" else MESSAGE_SECONDS
    try:
        outcome = _pushed(outgoing, to, _Sender(key, settings.contact), http, limit)
    except Unreached as failed:
        return unreached(failed, "The push service")
    except ValueError:
        return GaveUp("The keys of this device cannot be used. Switch pages on there again.", gone=True)
    return outcome


@dataclass(frozen=True, slots=True)
class _Sender:
    key: str
    contact: str


def _pushed(
    outgoing: Outgoing, to: Mapping[str, object], sender: _Sender, http: SafeClient, limit: float
) -> Outcome:
    endpoint = str(to["endpoint"])
    target = parse_target(endpoint)
    headers = {
        "content-encoding": "aes128gcm",
        "content-type": "application/octet-stream",
        "ttl": str(_TTL_SECONDS.get(outgoing.kind, _MESSAGE_TTL_SECONDS)),
        "urgency": "high" if outgoing.kind != "message" and outgoing.urgency == "high" else "normal",
        "topic": short_key(outgoing.key),
        "authorization": vapid(
            private_key(sender.key),
            f"{target.scheme}://{urlsplit(str(target.url)).netloc}",
            sender.contact or "mailto:quarterdeck@localhost",
            int(time.time()) + _PROOF_SECONDS,
        ),
    }
    started = time.monotonic()
    reply = Reply(413, 0)
    # Some push services take less than they must: then the title and the link alone.
    for most in (_TEXT_BYTES, 0):
        body = encrypt(_told(outgoing, most), str(to["p256dh"]), str(to["auth"]))
        left = limit - (time.monotonic() - started)
        if left <= 0:
            return Retry("The push service was too slow", ambiguous=True)
        reply = http.request("POST", endpoint, headers=headers, content=body, deadline_seconds=left)
        if reply.status != 413:
            break
    return _outcome(reply)


def _told(outgoing: Outgoing, most: int) -> bytes:
    """The message as JSON. Its text gives way where escaping makes it longer than a push may be."""
    while True:
        made = render(outgoing, most)
        told = json.dumps(made, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")
        if len(told) <= MOST_BYTES or not most:
            return told
        most //= 2


def _outcome(reply: Reply) -> Outcome:
    if reply.status in (404, 410):
        return GaveUp(
            f"The push service answered {reply.status}: this browser takes pages no more. Switch them on there again.",
            gone=True,
        )
    if reply.status in (400, 401, 403):
        return GaveUp(
            f"The push service answered {reply.status}: it does not take our key for this device. "
            "Check contact under [channels.web_push] and this machine's clock, or switch pages on there again."
        )
    if reply.status == 413:
        return GaveUp("The push service answered 413: it takes not even a short message.")
    return judge(reply, "The push service")


def _key_for(settings: Settings, public: str) -> str:
    """The private key whose public half this device believes; empty where it is none of ours."""
    keys = [k for k in (settings.key, settings.previous_key) if k]
    return next((k for k in keys if public_half(private_key(k)) == public), "")


def short_key(key: str) -> str:
    """A delivery's key as a topic: at most 32 letters of base64url (RFC 8030, 5.4)."""
    return b64(hashlib.sha256(key.encode("utf-8", "replace")).digest()[:24])
