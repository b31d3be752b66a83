"""Messages in Slack from your own app, to a person or into a channel, with buttons that acknowledge and pass on.

Make an app with the scopes `chat:write` and `im:write`, install it, and set its bot token. For the buttons switch
Interactivity on with the address `https://…/callbacks/slack/interactivity` and set the signing secret. The address is a
member's id (U…) or a channel's (C…; the app must be in it). A button counts for whoever has the id of that member as a
contact here. Text from outside is shown as it is: it makes no link, no mention and no formatting. Channels of incidents
need further scopes (docs, Integrations).
"""

from __future__ import annotations

import hashlib
import hmac
import re
from dataclasses import dataclass, field
from typing import Any

from quarterdeck.core.kernel.refused import bad

from . import answers, chat, hooks, rendering, slack_rooms
from .answering import answerable, label_of
from .answers import judge, unreached
from .deadlines import MESSAGE_SECONDS, PAGE_SECONDS
from .graphemes import fit
from .guard import refuse_drill
from .outcome import GaveUp, Lacks, Outcome, Outgoing, Retry, Sent
from .safe_http import Reply, SafeClient, Unreached

KIND = "slack"
NAME = "Slack"
WINDOW_SECONDS = 300
ACKNOWLEDGE, PASS_ON, OPEN = "acknowledge", "pass_on", "open"
_ADDRESS = re.compile(r"^[UWCGD][A-Z0-9]{5,20}$")
_MEMBER = re.compile(r"^[UW][A-Z0-9]{5,20}$")
SECTION = 2_900
_TITLE, _FACT = 150, 400
_PASSING = frozenset(
    {"ratelimited", "rate_limited", "internal_error", "fatal_error", "service_unavailable", "request_timeout",
     "message_limit_exceeded", "team_added_to_org"}
)  # fmt: skip
_HINTS = {
    "invalid_auth": "Set the app's bot token anew.",
    "not_authed": "Set the app's bot token.",
    "token_revoked": "Install the app again and set its new bot token.",
    "token_expired": "Set the app's new bot token.",
    "account_inactive": "Install the app again and set its new bot token.",
    "missing_scope": "Give the app the scopes chat:write and im:write, and install it again.",
    "channel_not_found": "Check the id; a private channel must invite the app first.",
    "not_in_channel": "Invite the app into the channel.",
    "is_archived": "The channel is archived. Use another.",
    "user_not_found": "Check the member's id.",
    "user_disabled": "The member is deactivated. Remove the contact.",
}


@dataclass(frozen=True, slots=True)
class Settings:
    """The app's bot token, and the secret with which its buttons are signed."""

    token: str = field(default="", repr=False, metadata={"label": "Bot token", "secret": True})
    signing_secret: str = field(
        default="", repr=False, metadata={"label": "Signing secret", "secret": True, "checks": True}
    )
    server: str = field(default="https://slack.com/api", metadata={"label": "Server"})
    hook_hosts: str = field(
        default="hooks.slack.com", metadata={"label": "Hosts of subscribers' incoming webhooks"}
    )

    def __post_init__(self) -> None:
        if not rendering.is_web_link(self.server):
            raise bad("slack.server", "Write the whole address, such as https://slack.com/api")
        if self.token and not (self.token.isascii() and self.token.isprintable() and " " not in self.token):
            raise bad("slack.token", "A bot token begins with xoxb- and has no blanks.")


def lacks(settings: Settings) -> Lacks:
    """What is still to be set, for `doctor`."""
    secret = "" if settings.signing_secret else "signing_secret"
    return Lacks("" if settings.token else "token", secret, "the buttons of messages do not count")


def check_address(to: str) -> str:
    """The id of a member or a channel. Raises Refused."""
    found = to.strip()
    if not _ADDRESS.match(found):
        raise bad(
            "slack.address",
            "Enter the id of a member, such as U012AB3CD, or of a channel, such as C012AB3CD. "
            "Slack shows a member's under Profile, More, Copy member ID.",
        )
    return found


def check_hook(url: str, settings: Settings) -> None:
    """Whether this is the incoming webhook of a workspace that subscribes to a status page. Raises Refused."""
    hooks.check(url, settings.hook_hosts, "https://hooks.slack.com/services/…")


def is_member(address: str) -> bool:
    """Whether an address is a person's, who can press a button as themselves."""
    return bool(_MEMBER.match(address))


def render(outgoing: Outgoing) -> dict[str, Any]:
    """The message as blocks, and as one text for notifications and programs without blocks."""
    title = rendering.title(outgoing)
    lines = [f"{label}: {fit(value, _FACT)}" for label, value in rendering.facts(outgoing)]
    blocks = [{"type": "header", "text": _plain(fit(title, _TITLE))}]
    for part in (fit(outgoing.text.strip(), SECTION), fit("\n".join(lines), SECTION)):
        if part:
            blocks.append({"type": "section", "text": _plain(part)})
    buttons = _buttons(outgoing)
    if buttons:
        blocks.append({"type": "actions", "elements": buttons})  # type: ignore[dict-item]
    return {"text": chat.escape(fit(title, SECTION), "slack"), "blocks": blocks, "unfurl_links": False}


def send(outgoing: Outgoing, settings: Settings, http: SafeClient) -> Outcome:
    """One message. Slack cannot recognise repeats, so an unclear end may show it twice."""
    refusal = refuse_drill(outgoing, room=not is_member(outgoing.to))
    if refusal is not None:
        return refusal
    limit = PAGE_SECONDS if outgoing.kind == "page" else MESSAGE_SECONDS
    if slack_rooms.STEP in outgoing.data:
        return slack_rooms.act(outgoing, settings.server, settings.token, http)
    answer_to = outgoing.data.get("answer_to")
    try:
        if outgoing.data.get("hook"):
            check_hook(outgoing.to, settings)
            reply = http.post_json(outgoing.to, render(outgoing), deadline_seconds=limit)
            return hooks.judge(reply, "Slack") or _outcome(reply)
        if answer_to is not None:
            return _outcome(http.post_json(outgoing.to, _answer(outgoing), deadline_seconds=limit))
        if not settings.token:
            return GaveUp("Slack is not set up: token is missing.")
        content = {"channel": check_address(outgoing.to), **render(outgoing)}
        headers = {
            "authorization": f"Bearer {settings.token}",
            "content-type": "application/json; charset=utf-8",
        }
        url = f"{settings.server.rstrip('/')}/chat.postMessage"
        return _outcome(http.post_json(url, content, headers=headers, deadline_seconds=limit))
    except Unreached as failed:
        return unreached(failed, "Slack")


def is_signed(secret: str, timestamp: str, body: bytes, given: str, now_seconds: float) -> bool:
    """Whether Slack made this request within five minutes of now, in constant time. Never without a secret."""
    if not secret or not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) < 12):
        return False
    if abs(now_seconds - int(timestamp)) > WINDOW_SECONDS:
        return False
    signed = b"v0:" + timestamp.encode() + b":" + body
    wanted = "v0=" + hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()
    return hmac.compare_digest(wanted.encode(), given.encode("utf-8", "replace"))


def _buttons(outgoing: Outgoing) -> list[dict[str, Any]]:
    asked = answerable(outgoing)
    found = []
    if asked is not None and outgoing.kind == "page":
        for action, label, style in (
            (ACKNOWLEDGE, label_of(outgoing), {"style": "primary"}), (PASS_ON, "Pass on", {}),
        ):  # fmt: skip
            found.append(
                {"type": "button", "action_id": action, "value": asked.callout_id,
                 "text": _plain(fit(label, 75)), **style}
            )  # fmt: skip
    if rendering.is_web_link(outgoing.link):
        label = "Open" if found else outgoing.link_label
        found.append(
            {"type": "button", "action_id": OPEN, "url": outgoing.link, "text": _plain(fit(label, 75))}
        )
    return found


def _answer(outgoing: Outgoing) -> dict[str, Any]:
    """What is said after a button was pressed: to all who see the message, or to whoever pressed it."""
    alone = outgoing.data.get("answer_to") == "one"
    return {
        "response_type": "ephemeral" if alone else "in_channel",
        "replace_original": False,
        "text": chat.escape(fit(outgoing.text or outgoing.subject, SECTION), "slack"),
    }


def _outcome(reply: Reply) -> Outcome:
    """Slack says "200" to nearly everything: only `ok` counts."""
    if not 200 <= reply.status < 300:
        return judge(reply, "Slack")
    told = {"ok": True} if reply.body.strip() in (b"ok", b"") else answers.told(reply.body)
    if not isinstance(told, dict):
        return Retry(
            "Slack answered something that is not Slack's", reply.retry_after_seconds, elsewhere=True
        )
    if told.get("ok") is True:
        return Sent(f"{told.get('channel', '')}/{told.get('ts', '')}"[:100].strip("/"), reply.shown)
    error = str(told.get("error", ""))
    error = error if re.fullmatch(r"[a-z_]{1,60}", error) else "unknown"
    if error in _PASSING:
        return Retry(f"Slack answered {error}", reply.retry_after_seconds)
    return GaveUp(f"Slack answered {error}. {_HINTS.get(error, 'Look it up in Slack’s list of errors.')}")


def _plain(text: str) -> dict[str, Any]:
    return {"type": "plain_text", "text": text or " ", "emoji": False}
