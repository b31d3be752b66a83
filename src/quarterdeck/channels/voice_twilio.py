"""Telephone calls through Twilio, or any provider that speaks its interface.

The call says what happened; 1 acknowledges, 2 passes it on to the next step at once. Set the account and a number of
yours as the sender, and the account's token: presses are believed only with its signature. The address is a number with
its country code. Busy, refused or unanswered goes to the person's next contact at once. What is said is sent with the
call, so that the telephone speaks even while this installation cannot be reached from outside.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from quarterdeck.core.kernel.refused import bad

from . import rendering, twilio
from .answering import Answerable, answerable
from .deadlines import MESSAGE_SECONDS, PAGE_SECONDS
from .graphemes import fit
from .guard import refuse_drill
from .outcome import Lacks, Outcome, Outgoing
from .phone_numbers import e164
from .safe_http import SafeClient
from .speech import spoken

KIND = "voice_twilio"
NAME = "Telephone call (Twilio)"
PAID = "call"
ACKNOWLEDGE, PASS_ON = "1", "2"
CHOICE = "Press 1 to acknowledge. Press 2 to pass it on to the next person."
# The interface takes 4,000 characters for all of it.
_MOST = 3_800
_SAID_ALOUD = ("Service", "Severity", "Symptom", "Impact", "Role")
_ROUNDS = 2
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True, slots=True)
class Settings(twilio.Account):
    """The account, the voice, and how long it rings."""

    language: str = field(default="en-GB", metadata={"label": "Language", "checks": True})
    voice: str = field(default="", metadata={"label": "Voice", "checks": True})
    ring_seconds: int = field(default=30, metadata={"label": "Rings for so many seconds"})

    def __post_init__(self) -> None:
        twilio.Account.__post_init__(self)
        if not 5 <= self.ring_seconds <= 120:
            raise bad("voice_twilio.ring_seconds", "A telephone rings for 5 to 120 seconds.")
        if self.sender:
            e164(self.sender)


def lacks(settings: Settings) -> Lacks:
    """What is still to be set, for `doctor`."""
    token = "" if settings.auth_token else "auth_token"
    return Lacks(
        settings.missing, token, "pressed keys do not count, and nobody learns that a call was not taken"
    )


def check_address(to: str) -> str:
    """The number in E.164. Raises Refused."""
    return e164(to)


def render(outgoing: Outgoing, language: str = "en-GB", voice: str = "") -> dict[str, Any]:
    """The form field that is the same for every account: what the call says and asks, as TwiML."""
    return {"Twiml": document(outgoing, language, voice)}


def document(outgoing: Outgoing, language: str, voice: str) -> str:
    """Says it twice, and after each waits for a key. Without a callout it only says it."""
    asked = answerable(outgoing)
    whole = sentences(outgoing)
    for letters in (1_200, 800, 500, 250, 100):
        # What must be escaped grows; a text of nothing else is cut until it fits.
        said = "Quarterdeck calling. " + fit(whole, letters, ellipsis=" and more.")
        once = (
            gather(f"{said} {CHOICE}", action(asked, outgoing.key), language, voice)
            if asked
            else say(said, language, voice) + "<Pause/>"
        )
        if len(once) * _ROUNDS < _MOST:
            break
    return f"<Response>{once * _ROUNDS}{say('Goodbye.', language, voice)}</Response>"


def action(asked: Answerable, key: str) -> str:
    """Where a pressed key is told."""
    return asked.callback("twilio/key", key)


def gather(text: str, url: str, language: str, voice: str) -> str:
    """TwiML that says a text and waits eight seconds for one key."""
    return (
        f'<Gather input="dtmf" numDigits="1" timeout="8" method="POST" action={quoteattr(url)}>'
        f"{say(text, language, voice)}</Gather>"
    )


def say(text: str, language: str, voice: str) -> str:
    """TwiML that says a text."""
    chosen = f" voice={quoteattr(voice)}" if voice else ""
    return f"<Say language={quoteattr(language)}{chosen}>{xml_text(text)}</Say>"


def xml_text(text: str) -> str:
    """Text for XML, without what no XML can hold."""
    return escape(_NOT_XML.sub("", text))


def send(outgoing: Outgoing, settings: Settings, http: SafeClient) -> Outcome:
    """One call. The provider cannot recognise repeats, so an unclear end may ring twice."""
    refusal = refuse_drill(outgoing)
    if refusal is not None:
        return refusal
    form = list(
        ({"To": check_address(outgoing.to), **settings.sending()} if not settings.missing else {}).items()
    )
    form += [
        *render(outgoing, settings.language, settings.voice).items(),
        ("Timeout", str(settings.ring_seconds)),
    ]
    asked = answerable(outgoing)
    if asked is not None and settings.auth_token:
        form += [
            ("StatusCallback", asked.callback("twilio/call", outgoing.key)),
            ("StatusCallbackMethod", "POST"),
            ("StatusCallbackEvent", "completed"),
        ]
    limit = PAGE_SECONDS if outgoing.kind == "page" else MESSAGE_SECONDS
    return twilio.post(http, settings, "Calls", form, limit, "The telephone provider")


def sentences(outgoing: Outgoing) -> str:
    """The subject, and of the facts those that help somebody half asleep."""
    known = {label: value for label, value in rendering.facts(outgoing)}
    parts = [rendering.title(outgoing)]
    parts += [
        f"{label}: {known[label]}"
        for label in _SAID_ALOUD
        if known.get(label, rendering.UNKNOWN) != rendering.UNKNOWN
    ]
    return " ".join(spoken(part).rstrip(".") + "." for part in parts)
