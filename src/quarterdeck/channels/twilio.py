"""Twilio's REST interface and those that speak it: one signed-in POST, and what its answer means. Never quotes a body.

The text of an error is the provider's; only its number is told.
"""

from __future__ import annotations

import base64
import hmac
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from quarterdeck.core.kernel.refused import bad

from . import answers, rendering
from .answers import judge, unreached
from .outcome import GaveUp, Outcome, Retry, Sent
from .phone_numbers import e164
from .safe_http import Reply, SafeClient, Unreached

_SID = re.compile(r"^[A-Za-z0-9_-]{1,64}$")
_SENDER = re.compile(r"^(?=.*[A-Za-z])[A-Za-z0-9 ]{1,11}$")
_SERVICE = re.compile(r"^MG[0-9a-fA-F]{32}$")
# Errors that another try, later, may not meet: queue full, too many requests, internal.
_PASSING = frozenset({14107, 20429, 20500, 20503, 21611, 30001, 30017, 30022})
# What an operator or the person can do about the commonest others.
_HINTS = {
    20003: "Check account_sid, auth_token and the API key.",
    21211: "The number is not one that can be reached. Correct the contact.",
    21214: "The number is not one that can be reached. Correct the contact.",
    21408: "The account may not send to that country. Allow it in the provider's settings.",
    21606: "The sender is not a number of this account. Correct `sender`.",
    21610: "The person has answered STOP. They must answer START before anything reaches them.",
    21612: "The sender cannot reach that number. Use another sender.",
    21614: "The number cannot take text messages. Use a mobile number, or a voice contact.",
    30007: "Carriers filtered it as unwanted.",
}
_LOST = frozenset({"failed", "undelivered", "canceled"})


@dataclass(frozen=True, slots=True)
class Account:
    """Whose account pays. With an API key nothing but signatures depends on `auth_token`."""

    account_sid: str = field(default="", metadata={"label": "Account SID"})
    auth_token: str = field(
        default="", repr=False, metadata={"label": "Auth token", "secret": True, "checks": True}
    )
    api_key: str = field(default="", metadata={"label": "API key SID"})
    api_secret: str = field(default="", repr=False, metadata={"label": "API key secret", "secret": True})
    sender: str = field(default="", metadata={"label": "Sender"})
    server: str = field(default="https://api.twilio.com", metadata={"label": "Server"})

    def __post_init__(self) -> None:
        for name, value in (("account_sid", self.account_sid), ("api_key", self.api_key)):
            if value and not _SID.match(value):
                raise bad(f"twilio.{name}", "Copy it from the provider's console: letters and digits only.")
        if bool(self.api_key) != bool(self.api_secret):
            raise bad("twilio.api_secret", "An API key needs its secret, and a secret its key.")
        if not rendering.is_web_link(self.server):
            raise bad("twilio.server", "Write the whole address, such as https://api.twilio.com")
        if self.sender and not (_SENDER.match(self.sender) or _SERVICE.match(self.sender)):
            e164(self.sender)

    @property
    def missing(self) -> str:
        """The name of a setting without which nothing can be sent; empty when all are there."""
        if not self.account_sid:
            return "account_sid"
        if not self.auth_token and not self.api_key:
            return "auth_token"
        return "" if self.sender else "sender"

    def sending(self) -> dict[str, str]:
        """The form field that names the sender."""
        if _SERVICE.match(self.sender):
            return {"MessagingServiceSid": self.sender}
        return {"From": self.sender if _SENDER.match(self.sender) else e164(self.sender)}


def post(
    http: SafeClient,
    account: Account,
    resource: str,
    form: Iterable[tuple[str, str]],
    limit_seconds: float,
    name: str,
) -> Outcome:
    """Creates a message ("Messages") or a call ("Calls"), and says what became of the request."""
    if account.missing:
        return GaveUp(f"{name} is not set up: {account.missing} is missing.")
    user, password = (
        (account.api_key, account.api_secret)
        if account.api_key
        else (account.account_sid, account.auth_token)
    )
    login = base64.b64encode(f"{user}:{password}".encode()).decode()
    url = f"{account.server.rstrip('/')}/2010-04-01/Accounts/{account.account_sid}/{resource}.json"
    headers = {
        "authorization": f"Basic {login}",
        "content-type": "application/x-www-form-urlencoded",
        "accept": "application/json",
    }
    try:
        reply = http.request(
            "POST",
            url,
            headers=headers,
            content=urlencode(list(form)).encode(),
            deadline_seconds=limit_seconds,
        )
    except Unreached as failed:
        return unreached(failed, name)
    return outcome_of(reply, name)


def outcome_of(reply: Reply, name: str) -> Outcome:
    """Sent with the provider's id only where it made one and did not refuse it in the same breath."""
    told = _told(reply.body)
    sid, code = str(told.get("sid") or ""), _number(told.get("error_code") or told.get("code"))
    if 200 <= reply.status < 300:
        if code or str(told.get("status", "")) in _LOST or told.get("error_message"):
            return refusal(name, code, reply.retry_after_seconds)
        if not _SID.match(sid):
            why = f"{name} answered {reply.status} without taking it over"
            return Retry(why, reply.retry_after_seconds, ambiguous=True, elsewhere=True)
        return Sent(sid, reply.shown)
    if code and reply.status < 500:
        return refusal(name, code, reply.retry_after_seconds, reply.status == 429)
    return judge(reply, name)


def refusal(name: str, code: int, after_seconds: float | None, too_much: bool = False) -> Outcome:
    """What an error number of the provider means."""
    if too_much or code in _PASSING:
        return Retry(f"{name} has too much to do (error {code})", after_seconds)
    number = f" with error {code}" if code else ""
    return GaveUp(f"{name} refused it{number}. {_HINTS.get(code, 'Look it up in the console there.')}")


def hint(code: int) -> str:
    """What a person can do about an error number; empty where nothing is known."""
    return _HINTS.get(code, "")


def signature(token: str, url: str, form: Mapping[str, Iterable[str]]) -> str:
    """What `X-Twilio-Signature` must be: base64 HMAC-SHA1 over the public address and the sorted form."""
    text = url + "".join(name + value for name in sorted(form) for value in sorted(set(form[name])))
    return base64.b64encode(hmac.digest(token.encode(), text.encode("utf-8", "replace"), "sha1")).decode()


def is_signed(token: str, url: str, form: Mapping[str, Iterable[str]], given: str) -> bool:
    """Whether the provider made this request, in constant time. Never without a token."""
    return bool(token) and hmac.compare_digest(
        signature(token, url, form).encode(), given.encode("utf-8", "replace")
    )


def _told(body: bytes) -> dict[str, Any]:
    told = answers.told(body)
    return told if isinstance(told, dict) else {}


def _number(value: object) -> int:
    text = str(value) if value is not None else ""
    return int(text) if text.isdigit() and text.isascii() and len(text) < 8 else 0
