"""Telephone calls through any provider, or an exchange of your own, that takes an HTTP request.

Declared as for text messages through a gateway; `{{ text }}` is what the voice reads, with numbers spelt where they are
names. Keys pressed in such a call do not reach us: it wakes, and a second contact carries the link.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from . import gateway, rendering, voice_twilio
from .deadlines import MESSAGE_SECONDS, PAGE_SECONDS
from .guard import refuse_drill
from .outcome import Lacks, Outcome, Outgoing
from .phone_numbers import e164
from .safe_http import SafeClient

KIND = "voice_gateway"
NAME = "Telephone call (gateway)"
PAID = "call"


@dataclass(frozen=True, slots=True)
class Settings(gateway.Request):
    """The declared request."""


def lacks(settings: Settings) -> Lacks:
    """What is still to be set, for `doctor`."""
    return Lacks("" if settings.url else "url")


def check_address(to: str) -> str:
    """The number in E.164. Raises Refused."""
    return e164(to)


def render(outgoing: Outgoing) -> dict[str, Any]:
    """What is read out."""
    return {"text": "Quarterdeck calling. " + voice_twilio.sentences(outgoing)}


def send(outgoing: Outgoing, settings: Settings, http: SafeClient) -> Outcome:
    """One request; `{{ key }}` lets a provider that can recognise repeats do so."""
    refusal = refuse_drill(outgoing)
    if refusal is not None:
        return refusal
    number = check_address(outgoing.to)
    values = render(outgoing) | {
        "to": number,
        "digits": number[1:],
        "subject": rendering.title(outgoing),
        "link": outgoing.link,
        "key": outgoing.key,
    }
    limit = PAGE_SECONDS if outgoing.kind == "page" else MESSAGE_SECONDS
    return gateway.post(http, settings, values, limit, "The gateway")
