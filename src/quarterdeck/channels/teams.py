"""Cards in a channel or chat of Microsoft Teams, through a workflow that posts what a webhook receives.

In Teams add the workflow "Post to a channel when a webhook request is received" and put the address it shows under a
name of yours in `rooms`; that name is the address here. Anybody who knows it may post, so it is kept like a password. A
button opens the page that acknowledges. Text from outside is shown as it is: it makes no link and no formatting.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from quarterdeck.core.kernel.refused import bad

from . import hooks, rendering
from .answers import judge, unreached
from .deadlines import MESSAGE_SECONDS, PAGE_SECONDS
from .graphemes import fit
from .guard import refuse_drill
from .outcome import GaveUp, Lacks, Outcome, Outgoing, Retry
from .safe_http import Reply, SafeClient, Unreached

KIND = "teams"
NAME = "Microsoft Teams"
_ROOM = re.compile(r"^[\w.#-]{1,80}$")
# Teams takes 28 KB for a card.
TEXT = 3_000
_FACT = 400
_FAILED = re.compile(rb"(?i)\b(?:webhook message delivery failed|http error (\d{3}))")


@dataclass(frozen=True, slots=True)
class Settings:
    """Room names and the addresses of their workflows."""

    rooms: dict[str, str] = field(
        default_factory=dict, repr=False, metadata={"label": "Rooms", "secret": True}
    )
    hook_hosts: str = field(
        default=".webhook.office.com, .logic.azure.com, .api.powerplatform.com",
        metadata={"label": "Hosts of subscribers' workflows"},
    )

    def __post_init__(self) -> None:
        for name, url in self.rooms.items():
            if not _ROOM.match(name):
                raise bad("teams.rooms", "A room's name has letters, digits, '.', '#', '-' or '_' only.")
            if not rendering.is_web_link(url):
                raise bad("teams.rooms", f"The room {name} needs the whole address of its workflow.")


def lacks(settings: Settings) -> Lacks:
    """What is still to be set, for `doctor`."""
    return Lacks("" if settings.rooms else "rooms")


def check_address(to: str) -> str:
    """The name of a room. Raises Refused."""
    room = to.strip()
    if not _ROOM.match(room):
        raise bad("teams.room", "A room's name has letters, digits, '.', '#', '-' or '_' only.")
    return room


def check_hook(url: str, settings: Settings) -> None:
    """Whether this is the workflow of a team that subscribes to a status page. Raises Refused."""
    hooks.check(url, settings.hook_hosts, "https://….webhook.office.com/…")


def render(outgoing: Outgoing) -> dict[str, Any]:
    """The message with one Adaptive Card. Only runs of text take a text as it is; every other element reads marks."""
    title = rendering.title(outgoing)
    body = [_run(fit(title, 300), size="large", weight="bolder")]
    if outgoing.text.strip():
        body.append(_run(fit(outgoing.text.strip(), TEXT)))
    body += [
        _rich([{"type": "TextRun", "text": f"{label}: ", "weight": "bolder"}, _text(fit(value, _FACT))])
        for label, value in rendering.facts(outgoing)
    ]
    card: dict[str, Any] = {
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.4",
        "fallbackText": fit(title, 300),
        "msteams": {"width": "Full"},
        "body": body,
    }
    if rendering.is_web_link(outgoing.link):
        card["actions"] = [
            {"type": "Action.OpenUrl", "title": fit(outgoing.link_label, 60), "url": outgoing.link}
        ]
    attachment = {
        "contentType": "application/vnd.microsoft.card.adaptive",
        "contentUrl": None,
        "content": card,
    }
    return {"type": "message", "attachments": [attachment]}


def send(outgoing: Outgoing, settings: Settings, http: SafeClient) -> Outcome:
    """One card. A workflow cannot recognise repeats, so an unclear end may show it twice."""
    refusal = refuse_drill(outgoing, room=True)
    if refusal is not None:
        return refusal
    hook = bool(outgoing.data.get("hook"))
    if hook:
        check_hook(outgoing.to, settings)
    url = outgoing.to if hook else settings.rooms.get(check_address(outgoing.to))
    if url is None:
        return GaveUp(f"There is no room {outgoing.to} in the settings. Add it under [channels.teams.rooms].")
    limit = PAGE_SECONDS if outgoing.kind == "page" else MESSAGE_SECONDS
    try:
        reply = http.post_json(url, render(outgoing), deadline_seconds=limit)
        return (hooks.judge(reply, "Teams") if hook else None) or _outcome(reply)
    except Unreached as failed:
        return unreached(failed, "Teams")


def _outcome(reply: Reply) -> Outcome:
    """A success may carry an error in its text: connectors answer 200 to what Teams refused."""
    failed = _FAILED.search(reply.body) if 200 <= reply.status < 300 else None
    if failed is not None:
        inner = (failed[1] or b"").decode()
        return Retry(
            f"Teams answered {reply.status}, and {inner or 'an error'} in it",
            reply.retry_after_seconds,
            elsewhere=True,
        )
    return judge(reply, "Teams")


def _run(text: str, **style: str) -> dict[str, Any]:
    return _rich([_text(text) | style])


def _text(text: str) -> dict[str, Any]:
    return {"type": "TextRun", "text": text}


def _rich(inlines: list[dict[str, Any]]) -> dict[str, Any]:
    return {"type": "RichTextBlock", "inlines": inlines}
