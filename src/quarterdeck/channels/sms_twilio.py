"""Text messages through Twilio, or any provider that speaks its interface.

Set the account, a sender (a number of yours, a name of up to 11 letters, or a messaging service) and, better than the
account's own token, an API key. The address is a number with its country code. A text says what it costs to say: what
fits into `segments`; the rest is behind the link. Whether it arrived is reported back; a text that does not arrive goes
to the person's next contact at once. Answering with the code acknowledges.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from quarterdeck.core.kernel.refused import bad

from . import rendering, twilio
from .answering import answerable, callback, short_code
from .deadlines import MESSAGE_SECONDS, PAGE_SECONDS
from .guard import refuse_drill
from .outcome import Lacks, Outcome, Outgoing
from .phone_numbers import e164
from .safe_http import SafeClient
from .segments import shortened

KIND = "sms_twilio"
NAME = "Text message (Twilio)"
PAID = "text"
MOST_SEGMENTS = 10
# In the data of a message that has no such link: where this installation is reached from outside.
REPORTS_TO = "reports_to"


@dataclass(frozen=True, slots=True)
class Settings(twilio.Account):
    """The account, and how long a text may be."""

    segments: int = field(default=4, metadata={"label": "Most segments a text"})
    replies: bool = field(default=True, metadata={"label": "Answers by text", "checks": True})

    def __post_init__(self) -> None:
        twilio.Account.__post_init__(self)
        if not 1 <= self.segments <= MOST_SEGMENTS:
            raise bad("sms_twilio.segments", f"A text has 1 to {MOST_SEGMENTS} segments.")


def lacks(settings: Settings) -> Lacks:
    """What is still to be set, for `doctor`."""
    token = "" if settings.auth_token else "auth_token"
    lost = "nobody learns that a text did not arrive, and answers by text do not count"
    return Lacks(settings.missing, token, lost)


def check_address(to: str) -> str:
    """The number in E.164. Raises Refused."""
    return e164(to)


def render(outgoing: Outgoing, segments: int = MOST_SEGMENTS, replies: bool = True) -> dict[str, Any]:
    """The form fields that are the same for every account."""
    return {"Body": words(outgoing, segments, replies)}


def words(outgoing: Outgoing, segments: int, replies: bool) -> str:
    """The text: what it is about, the facts that fit, and always whole the link and how to answer."""
    asked = answerable(outgoing)
    end = f"\n{outgoing.link_label}: {outgoing.link}" if rendering.is_web_link(outgoing.link) else ""
    if asked is not None and replies and outgoing.kind == "page":
        end += f"\nOr answer: ACK {short_code(asked.token)}"
    title = rendering.title(outgoing)
    text = outgoing.text.strip()
    facts = [f"{label}: {value}" for label, value in rendering.facts(outgoing)]
    lines = [title, *([text] if text and text not in title else []), *facts]
    return shortened("\n".join(lines), segments, end)


def send(outgoing: Outgoing, settings: Settings, http: SafeClient) -> Outcome:
    """One text. The provider cannot recognise repeats, so an unclear end may send it twice."""
    refusal = refuse_drill(outgoing)
    if refusal is not None:
        return refusal
    form = {"To": check_address(outgoing.to), **settings.sending()} if not settings.missing else {}
    form |= render(outgoing, settings.segments, settings.replies)
    if settings.auth_token and (base := _reports_to(outgoing)):
        form["StatusCallback"] = callback(base, "twilio/message", outgoing.key)
    limit = PAGE_SECONDS if outgoing.kind == "page" else MESSAGE_SECONDS
    return twilio.post(http, settings, "Messages", form.items(), limit, "The text message provider")


def _reports_to(outgoing: Outgoing) -> str:
    """Our own address for the provider's report: that of the link by which a page is answered, else as it was given."""
    asked = answerable(outgoing)
    given = str(outgoing.data.get(REPORTS_TO, ""))
    return asked.base if asked is not None else given if rendering.is_web_link(given) else ""
