"""Text messages through any provider, or a modem of your own, that takes an HTTP request.

Declare the request: its address, whether it is a form, JSON, XML or the address alone, and where the fields stand:
`{{ to }}` (the number), `{{ digits }}` (without its +), `{{ text }}`, `{{ subject }}`, `{{ link }}` and `{{ key }}`
(the same on every try). Where the provider answers "200" to what it refuses, say under `accepted` how to tell.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from quarterdeck.core.kernel.refused import bad

from . import gateway, rendering, sms_twilio
from .deadlines import MESSAGE_SECONDS, PAGE_SECONDS
from .guard import refuse_drill
from .outcome import Lacks, Outcome, Outgoing
from .phone_numbers import e164
from .safe_http import SafeClient

KIND = "sms_gateway"
NAME = "Text message (gateway)"
PAID = "text"


@dataclass(frozen=True, slots=True)
class Settings(gateway.Request):
    """The declared request, and how long a text may be."""

    segments: int = field(default=4, metadata={"label": "Most segments a text"})

    def __post_init__(self) -> None:
        gateway.Request.__post_init__(self)
        if not 1 <= self.segments <= sms_twilio.MOST_SEGMENTS:
            raise bad("sms_gateway.segments", f"A text has 1 to {sms_twilio.MOST_SEGMENTS} segments.")


def lacks(settings: Settings) -> Lacks:
    """What is still to be set, for `doctor`."""
    return Lacks("" if settings.url else "url")


def check_address(to: str) -> str:
    """The number in E.164. Raises Refused."""
    return e164(to)


def render(outgoing: Outgoing, segments: int = sms_twilio.MOST_SEGMENTS) -> dict[str, Any]:
    """The text. Answers by text do not reach us through a gateway, so it offers none."""
    return {"text": sms_twilio.words(outgoing, segments, replies=False)}


def send(outgoing: Outgoing, settings: Settings, http: SafeClient) -> Outcome:
    """One request; `{{ key }}` lets a provider that can recognise repeats do so."""
    refusal = refuse_drill(outgoing)
    if refusal is not None:
        return refusal
    number = check_address(outgoing.to)
    values = render(outgoing, settings.segments) | {
        "to": number,
        "digits": number[1:],
        "subject": rendering.title(outgoing),
        "link": outgoing.link,
        "key": outgoing.key,
    }
    limit = PAGE_SECONDS if outgoing.kind == "page" else MESSAGE_SECONDS
    return gateway.post(http, settings, values, limit, "The gateway")
