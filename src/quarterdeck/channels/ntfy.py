"""Pushes to phones through ntfy: your own server, or ntfy.sh.

Install the ntfy app, subscribe to a topic nobody can guess (on a public server the topic is the password),
and enter the topic as the address. Set the server and, where the topic is protected, an access token. Pages
arrive with the highest priority, so that the app can be allowed to ring through "do not disturb"; a button
opens the acknowledgement page.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from quarterdeck.core.kernel.refused import bad

from . import answers, rendering
from .answers import judge, unreached
from .deadlines import MESSAGE_SECONDS, PAGE_SECONDS
from .graphemes import fit
from .guard import refuse_drill
from .outcome import Outcome, Outgoing
from .safe_http import SafeClient, Unreached

KIND = "ntfy"
NAME = "ntfy push"
_TOPIC = re.compile(r"^[-_A-Za-z0-9]{1,64}$")
_TITLE_BYTES = 250
# ntfy turns a message beyond 4096 bytes into an attachment, which a lock screen does not show.
_MESSAGE_BYTES = 4000
_FACT_BYTES = 400
_PRIORITY = {"high": 5, "normal": 3, "low": 2}


@dataclass(frozen=True, slots=True)
class Settings:
    """The server's root address and, for protected topics, an access token."""

    server: str = field(default="https://ntfy.sh", metadata={"label": "Server"})
    token: str = field(default="", repr=False, metadata={"label": "Access token", "secret": True})

    def __post_init__(self) -> None:
        if not rendering.is_web_link(self.server):
            raise bad(
                "ntfy.server", f"{self.server[:80]!r} is no address. Write it whole, such as https://ntfy.sh"
            )


def check_address(to: str) -> str:
    """The topic. Raises Refused."""
    topic = to.strip()
    if not _TOPIC.match(topic):
        raise bad(
            "ntfy.topic",
            "A topic has 1 to 64 letters, digits, - or _. Enter the topic alone, without the server.",
        )
    return topic


def render(outgoing: Outgoing) -> dict[str, Any]:
    """The JSON that ntfy's root address takes."""
    is_page = outgoing.kind == "page"
    payload: dict[str, Any] = {
        "topic": outgoing.to,
        "title": fit(rendering.title(outgoing), _TITLE_BYTES, in_bytes=True),
        "message": _message(outgoing),
        "priority": _PRIORITY.get(outgoing.urgency, 3) if is_page else 3,
        "tags": ["rotating_light"] if is_page else [],
    }
    if rendering.is_web_link(outgoing.link):
        payload["click"] = outgoing.link
        payload["actions"] = [
            {"action": "view", "label": outgoing.link_label, "url": outgoing.link, "clear": True},
        ]
    return payload


def send(outgoing: Outgoing, settings: Settings, http: SafeClient) -> Outcome:
    """One publish. ntfy cannot recognise repeats, so an unclear end may ring twice."""
    refusal = refuse_drill(outgoing)
    if refusal is not None:
        return refusal
    check_address(outgoing.to)
    headers = {"authorization": f"Bearer {settings.token}"} if settings.token else {}
    limit = PAGE_SECONDS if outgoing.kind == "page" else MESSAGE_SECONDS
    try:
        reply = http.post_json(settings.server, render(outgoing), headers=headers, deadline_seconds=limit)
    except Unreached as failed:
        return unreached(failed, "The ntfy server")
    return judge(reply, "The ntfy server", _id_in(reply.body))


def _message(outgoing: Outgoing) -> str:
    """The text and all facts; a long text gives way to the facts. The link is the button, not repeated."""
    lines = [
        f"{label}: {fit(value, _FACT_BYTES, in_bytes=True)}" for label, value in rendering.facts(outgoing)
    ]
    known = fit("\n".join(lines), _MESSAGE_BYTES - _FACT_BYTES, in_bytes=True)
    room = _MESSAGE_BYTES - len(known.encode("utf-8", "replace")) - 1
    return "\n".join(part for part in (fit(outgoing.text.strip(), room, in_bytes=True), known) if part)


def _id_in(body: bytes) -> str:
    answer = answers.told(body)
    found = answer.get("id") if isinstance(answer, dict) else None
    return found[:64] if isinstance(found, str) else ""
