"""Pushes to phones through Pushover.

Make an application at pushover.net and set its token; the address is the person's user key, or a group's. An urgent
page rings through "do not disturb" and again every `repeat_seconds` until it is acknowledged in the app, which
acknowledges it here: Pushover reports it at once where it can reach `public_url`, and is asked every minute besides.
What is answered here stops ringing there.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from quarterdeck.core.kernel.refused import bad

from . import answers, rendering
from .answering import answerable
from .answers import judge, unreached
from .deadlines import MESSAGE_SECONDS, PAGE_SECONDS
from .graphemes import fit
from .guard import refuse_drill
from .outcome import GaveUp, Lacks, Outcome, Outgoing, Retry, Sent
from .safe_http import Reply, SafeClient, Unreached

KIND = "pushover"
NAME = "Pushover"
_KEY = re.compile(r"^[A-Za-z0-9]{30}$")
_TITLE, _MESSAGE, _URL, _FACT = 250, 1024, 512, 200
_EMERGENCY, _HIGH, _NORMAL, _LOW = 2, 1, 0, -1


@dataclass(frozen=True, slots=True)
class Settings:
    """The application's token, and how an urgent page rings."""

    token: str = field(default="", repr=False, metadata={"label": "Application token", "secret": True})
    repeat_seconds: int = field(default=60, metadata={"label": "Rings again after so many seconds"})
    ring_minutes: int = field(default=30, metadata={"label": "Rings for so many minutes"})
    sound: str = field(default="", metadata={"label": "Sound"})
    server: str = field(default="https://api.pushover.net", metadata={"label": "Server"})

    def __post_init__(self) -> None:
        if self.token and not _KEY.match(self.token):
            raise bad("pushover.token", "An application's token is 30 letters and digits.")
        if not 30 <= self.repeat_seconds <= 10_800:
            raise bad("pushover.repeat_seconds", "Pushover rings again after 30 seconds at the soonest.")
        if not 1 <= self.ring_minutes <= 180:
            raise bad("pushover.ring_minutes", "Pushover rings for 1 to 180 minutes.")
        if not re.fullmatch(r"[\w-]{0,60}", self.sound, re.ASCII):
            raise bad("pushover.sound", "The name of a sound is letters, digits, - or _.")
        if not rendering.is_web_link(self.server):
            raise bad("pushover.server", "Write the whole address, such as https://api.pushover.net")


def lacks(settings: Settings) -> Lacks:
    """What is still to be set, for `doctor`."""
    return Lacks("" if settings.token else "token", "", "acknowledging in the app does not count")


def check_address(to: str) -> str:
    """The user's or group's key. Raises Refused."""
    found = to.strip()
    if not _KEY.match(found):
        raise bad(
            "pushover.user", "Enter the user key: 30 letters and digits, shown in the app and on the site."
        )
    return found


def render(outgoing: Outgoing, repeat_seconds: int = 60, ring_minutes: int = 30) -> dict[str, Any]:
    """The form fields that are the same for every application. A long text gives way to the facts."""
    lines = [f"{label}: {fit(value, _FACT)}" for label, value in rendering.facts(outgoing)]
    known = fit("\n".join(lines), _MESSAGE - 130)
    text = fit(outgoing.text.strip(), _MESSAGE - len(known) - 1)
    is_page = outgoing.kind == "page"
    made: dict[str, Any] = {
        "title": fit(rendering.title(outgoing), _TITLE),
        "message": "\n".join(p for p in (text, known) if p) or rendering.title(outgoing) or "Quarterdeck",
        "priority": _NORMAL,
    }
    asked = answerable(outgoing) if is_page else None
    if is_page:
        made["priority"] = {"high": _HIGH, "low": _LOW}.get(outgoing.urgency, _NORMAL)
    if asked is not None and outgoing.urgency == "high":
        made |= {"priority": _EMERGENCY, "retry": repeat_seconds, "expire": ring_minutes * 60}
        made["callback"] = f"{asked.base}/callbacks/pushover/{asked.callout_id}/{asked.token}"
    if rendering.is_web_link(outgoing.link) and len(outgoing.link) <= _URL:
        made |= {"url": outgoing.link, "url_title": fit(outgoing.link_label, 100)}
    return made


def send(outgoing: Outgoing, settings: Settings, http: SafeClient) -> Outcome:
    """One push. Pushover cannot recognise repeats, so an unclear end may ring twice."""
    refusal = refuse_drill(outgoing)
    if refusal is not None:
        return refusal
    if not settings.token:
        return GaveUp("Pushover is not set up: token is missing.")
    form = {"token": settings.token, "user": check_address(outgoing.to)}
    form |= render(outgoing, settings.repeat_seconds, settings.ring_minutes)
    if outgoing.kind == "page" and settings.sound:
        form["sound"] = settings.sound
    if outgoing.at is not None:
        form["timestamp"] = str(int(outgoing.at.timestamp()))
    limit = PAGE_SECONDS if outgoing.kind == "page" else MESSAGE_SECONDS
    headers = {"content-type": "application/x-www-form-urlencoded"}
    url = f"{settings.server.rstrip('/')}/1/messages.json"
    content = urlencode(form, errors="replace").encode()
    try:
        reply = http.request("POST", url, headers=headers, content=content, deadline_seconds=limit)
    except Unreached as failed:
        return unreached(failed, "Pushover")
    return _outcome(reply)


def _outcome(reply: Reply) -> Outcome:
    """`status` 1 counts, whatever the status of the answer; the texts of its errors are not quoted."""
    told = answers.told(reply.body)
    told = told if isinstance(told, dict) else {}
    if 200 <= reply.status < 300:
        if told.get("status") == 1:
            return Sent(str(told.get("receipt") or told.get("request") or "")[:100], reply.shown)
        return Retry("Pushover answered 200 and did not take it over", elsewhere=True)
    if reply.status == 429:
        return Retry("Pushover's limit for this month is used up", reply.retry_after_seconds, elsewhere=True)
    if 400 <= reply.status < 500:
        wrong = next((name for name in ("token", "user", "message") if told.get(name)), "")
        what = {"token": "Set the application's token anew.", "user": "Correct the contact's user key."}
        return GaveUp(
            f"Pushover answered {reply.status}. {what.get(wrong, 'Check the token and the contact.')}"
        )
    return judge(reply, "Pushover")


@dataclass(frozen=True, slots=True)
class Receipt:
    """What became of an urgent page in the app. `over`: it will not change any more."""

    acknowledged: bool = False
    expired: bool = False
    unknown: bool = False

    @property
    def over(self) -> bool:
        return self.acknowledged or self.expired or self.unknown


def is_receipt(provider_id: str) -> bool:
    """Whether what `send` noted can be asked about; only urgent pages have a receipt."""
    return bool(_KEY.match(provider_id))


def ask(receipt: str, settings: Settings, http: SafeClient) -> Receipt | None:
    """What became of a page; None while Pushover gives no usable answer. Raises Refused where it is off limits."""
    address = (
        f"{settings.server.rstrip('/')}/1/receipts/{receipt}.json?{urlencode({'token': settings.token})}"
    )
    try:
        reply = http.request("GET", address, deadline_seconds=PAGE_SECONDS)
    except Unreached:
        return None
    if reply.status in (400, 404):
        return Receipt(unknown=True)
    told = answers.told(reply.body)
    if not isinstance(told, dict) or told.get("status") != 1:
        return None
    acknowledged = told.get("acknowledged") == 1
    return Receipt(acknowledged, expired=told.get("expired") == 1 and not acknowledged)


def stop(receipt: str, settings: Settings, http: SafeClient) -> bool:
    """Ring no more: it was answered elsewhere. Whether Pushover took that. Raises Refused where it is off limits."""
    url = f"{settings.server.rstrip('/')}/1/receipts/{receipt}/cancel.json"
    headers = {"content-type": "application/x-www-form-urlencoded"}
    content = urlencode({"token": settings.token}).encode()
    try:
        reply = http.request("POST", url, headers=headers, content=content, deadline_seconds=PAGE_SECONDS)
    except Unreached:
        return False
    return reply.status < 500 and reply.status != 429
