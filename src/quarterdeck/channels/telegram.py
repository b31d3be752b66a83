"""Messages in Telegram from a bot of yours, with buttons that acknowledge and pass on.

Make a bot with @BotFather and set its token; the person writes to the bot once, and the address is the number of that
chat (a group's begins with -). For the buttons choose a secret of 16 characters or more, set it here, and tell Telegram
once with `setWebhook`: the address `https://…/callbacks/telegram`, and the secret as `secret_token`. Text is sent
without formatting, and a name such as @everyone that stands in an alert rings nobody.
"""

from __future__ import annotations

import hmac
import re
from dataclasses import dataclass, field
from typing import Any

from quarterdeck.core.kernel.refused import bad

from . import answers, rendering
from .answering import answerable, label_of
from .answers import judge, unreached
from .deadlines import MESSAGE_SECONDS, PAGE_SECONDS
from .graphemes import fit
from .guard import refuse_drill
from .outcome import GaveUp, Lacks, Outcome, Outgoing, Retry, Sent
from .safe_http import Reply, SafeClient, Unreached

KIND = "telegram"
NAME = "Telegram"
ACKNOWLEDGE, PASS_ON = "a", "p"
_CHAT = re.compile(r"^-?[1-9]\d{0,18}$")
_TOKEN = re.compile(r"^\d{1,20}:[\w-]{20,80}$", re.ASCII)
_SECRET = re.compile(r"^[\w-]{16,256}$", re.ASCII)
# The interface takes 4,096 characters, counted as UTF-16, in which some count twice, as does an @ that is parted.
_MOST = 1_600
_FACT = 300


@dataclass(frozen=True, slots=True)
class Settings:
    """The bot, and the secret that comes with what its buttons report."""

    token: str = field(default="", repr=False, metadata={"label": "Bot token", "secret": True})
    webhook_secret: str = field(
        default="", repr=False, metadata={"label": "Webhook secret", "secret": True, "checks": True}
    )
    server: str = field(default="https://api.telegram.org", metadata={"label": "Server"})

    def __post_init__(self) -> None:
        if self.token and not _TOKEN.match(self.token):
            raise bad(
                "telegram.token", "A bot's token is digits, a colon and letters, as @BotFather wrote it."
            )
        if self.webhook_secret and not _SECRET.match(self.webhook_secret):
            raise bad("telegram.webhook_secret", "Use 16 to 256 letters, digits, - or _.")
        if not rendering.is_web_link(self.server):
            raise bad("telegram.server", "Write the whole address, such as https://api.telegram.org")


def lacks(settings: Settings) -> Lacks:
    """What is still to be set, for `doctor`."""
    secret = "" if settings.webhook_secret else "webhook_secret"
    return Lacks("" if settings.token else "token", secret, "the buttons of messages do not count")


def check_address(to: str) -> str:
    """The number of a chat. Raises Refused."""
    chat = to.strip()
    if not _CHAT.match(chat):
        raise bad(
            "telegram.chat",
            "Enter the number of the chat, such as 123456789; a group's begins with -. Write to the bot first.",
        )
    return chat


def render(outgoing: Outgoing) -> dict[str, Any]:
    """The message as plain text with its buttons. The address is shown in full too: old programs have no buttons."""
    facts = "\n".join(f"{label}: {fit(value, _FACT)}" for label, value in rendering.facts(outgoing))
    title = fit(rendering.title(outgoing), 300)
    known = fit(facts, _MOST - 500)
    room = max(_MOST - len(known) - len(title), 100)
    # A character nobody sees parts each @ from what follows: plain text makes mentions too.
    parts = [part.replace("@", "@\u200b") for part in (title, fit(outgoing.text.strip(), room), known)]
    if rendering.is_web_link(outgoing.link):
        parts.append(f"{outgoing.link_label}: {outgoing.link}")
    made: dict[str, Any] = {
        "text": "\n\n".join(p for p in parts if p),
        "link_preview_options": {"is_disabled": True},
        "disable_notification": outgoing.kind == "page" and outgoing.urgency == "low",
    }
    asked = answerable(outgoing)
    if asked is not None and outgoing.kind == "page":
        made["reply_markup"] = {
            "inline_keyboard": [
                [
                    {"text": label_of(outgoing), "callback_data": f"{ACKNOWLEDGE}:{asked.callout_id}"},
                    {"text": "Pass on", "callback_data": f"{PASS_ON}:{asked.callout_id}"},
                ]
            ]
        }
    return made


def send(outgoing: Outgoing, settings: Settings, http: SafeClient) -> Outcome:
    """One message. Telegram cannot recognise repeats, so an unclear end may show it twice."""
    refusal = refuse_drill(outgoing)
    if refusal is not None:
        return refusal
    if not settings.token:
        return GaveUp("Telegram is not set up: token is missing.")
    content = {"chat_id": int(check_address(outgoing.to)), **render(outgoing)}
    limit = PAGE_SECONDS if outgoing.kind == "page" else MESSAGE_SECONDS
    url = f"{settings.server.rstrip('/')}/bot{settings.token}/sendMessage"
    try:
        return _outcome(http.post_json(url, content, deadline_seconds=limit))
    except Unreached as failed:
        return unreached(failed, "Telegram")


def is_known(secret: str, given: str) -> bool:
    """Whether a report carries the secret, in constant time. Never without one."""
    return bool(secret) and hmac.compare_digest(secret.encode(), given.encode("utf-8", "replace"))


def _outcome(reply: Reply) -> Outcome:
    """`ok` counts, whatever the status; too many requests say in the body how long to wait."""
    told = answers.told(reply.body)
    if not isinstance(told, dict) or "ok" not in told:
        if 200 <= reply.status < 300:
            return Retry("Telegram answered something that is not Telegram's", elsewhere=True)
        return judge(reply, "Telegram")
    result, code = told.get("result"), told.get("error_code")
    if told["ok"] is True and 200 <= reply.status < 300:
        id_ = result.get("message_id") if isinstance(result, dict) else None
        return Sent(str(id_) if isinstance(id_, int) else "", reply.shown)
    code = code if isinstance(code, int) else reply.status
    if code == 429 or code >= 500:
        more = told.get("parameters")
        after = more.get("retry_after") if isinstance(more, dict) else None
        return Retry(
            f"Telegram answered {code}", float(min(after, 86_400)) if isinstance(after, int) else None
        )
    return GaveUp(f"Telegram answered {code}. {_HINTS.get(code, 'Check the contact and the token.')}")


_HINTS = {
    400: "There is no such chat, or the person has not written to the bot.",
    401: "Check the bot's token.",
    403: "The person has blocked the bot, or it was taken out of the group.",
    404: "Check the bot's token.",
}
