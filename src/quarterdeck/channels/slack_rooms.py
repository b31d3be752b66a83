"""An incident's channel in Slack: opened, described, filled, looked at, archived. Each is a short step that may be
repeated: what was done already is found done.

The app needs `channels:manage`, `channels:read`, `channels:history` and `users:read` beside `chat:write`; for private
channels `groups:write`, `groups:read` and `groups:history`; `bookmarks:write` for the link on top. What is missing is
said by name.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlencode

from . import answers, chat, slack_room_rights
from .answers import unreached
from .deadlines import MESSAGE_SECONDS, Deadline, TooLate
from .outcome import GaveUp, Outcome, Outgoing, Retry, Sent
from .safe_http import SafeClient, Unreached

# Where the outgoing's data says which step it is.
STEP = "room"
MOST_PAGES, PER_PAGE = 20, 200
MOST_NAMES = 5
# A channel of that name which is older than this was not made for this incident.
EARLIER_SECONDS = 300
_PASSING = frozenset(
    {"ratelimited", "rate_limited", "internal_error", "fatal_error", "service_unavailable", "request_timeout",
     "team_added_to_org"}
)  # fmt: skip
# Of one person: the others are invited all the same.
_OF_ONE = {
    "user_not_found": "Slack does not know this member in this workspace.",
    "users_not_found": "Slack does not know this member in this workspace.",
    "no_user": "Slack does not know this member in this workspace.",
    "user_disabled": "The member is deactivated in Slack.",
    "user_is_restricted": "Slack does not let this guest in.",
    "user_is_ultra_restricted": "Slack does not let this guest in.",
    "cant_invite": "Slack does not let this member in.",
    "cant_invite_self": "This is the app itself.",
    "user_team_not_in_channel": "The member belongs to another workspace.",
    "org_user_not_in_team": "The member does not belong to this workspace.",
}
_FIXES = {
    "invalid_auth": "Set the app's bot token anew.",
    "not_authed": "Set the app's bot token.",
    "token_revoked": "Install the app again and set its new bot token.",
    "token_expired": "Set the app's new bot token.",
    "account_inactive": "Install the app again and set its new bot token.",
    "missing_scope": "Give the app the scope {needed} and install it again.",
    "is_archived": "The channel is archived.",
    "channel_not_found": "The channel is gone, or the app is not in it.",
    "not_in_channel": "The app is not in the channel. Invite it.",
    "restricted_action": "The workspace lets apps not do this. Ask its owner.",
    "name_taken": "Every name that was tried is taken. Choose another beginning of names.",
}
_CODE = re.compile(r"^[a-z_]{1,60}$")


class No(Exception):
    """Slack refused, for good: `code` is its word for why."""

    def __init__(self, code: str, needed: str = "") -> None:
        super().__init__(code)
        self.code, self.needed = code, needed


class Later(Exception):
    """Slack cannot now."""

    def __init__(self, why: str, after_seconds: float | None = None, *, own_fault: bool = False) -> None:
        super().__init__(why)
        self.why, self.after_seconds, self.own_fault = why, after_seconds, own_fault


class _Slack:
    """Calls of Slack's Web API, all of them within one time."""

    def __init__(self, server: str, token: str, http: SafeClient) -> None:
        self._server, self._token, self._http = server.rstrip("/"), token, http
        self._deadline = Deadline(MESSAGE_SECONDS)

    def call(self, method: str, **said: str) -> dict[str, Any]:
        """What Slack answered. Raises No, Later, Unreached."""
        headers = {
            "authorization": f"Bearer {self._token}",
            "content-type": "application/x-www-form-urlencoded; charset=utf-8",
        }
        reply = self._http.request(
            "POST", f"{self._server}/{method}", headers=headers, content=urlencode(said).encode(),
            deadline_seconds=self._deadline.left(), read_bytes=1 << 20,
        )  # fmt: skip
        if reply.status == 429:
            raise Later(f"Slack lets the app wait ({method})", reply.retry_after_seconds, own_fault=True)
        told = answers.told(reply.body)
        if not isinstance(told, dict) or reply.status >= 500:
            raise Later(f"Slack answered {reply.status} to {method}")
        if told.get("ok") is True:
            return told
        code = str(told.get("error", ""))
        code = code if _CODE.match(code) else "unknown"
        if code in _PASSING:
            raise Later(f"Slack answered {code}", reply.retry_after_seconds, own_fault="limited" in code)
        needed = str(told.get("needed", ""))
        raise No(code, needed if re.fullmatch(r"[a-z:_.,]{1,100}", needed) else "")

    def pages(self, method: str, field: str, **said: str) -> list[Any]:
        """All of a list, page after page. Later where it is longer than anybody's patience."""
        found: list[Any] = []
        cursor = ""
        for _ in range(MOST_PAGES):
            more = {"cursor": cursor} if cursor else {}
            told = self.call(method, limit=str(PER_PAGE), **said, **more)
            part = told.get(field)
            found += part if isinstance(part, list) else []
            after = told.get("response_metadata")
            cursor = str(after.get("next_cursor", "")) if isinstance(after, dict) else ""
            if not cursor:
                break
        return found


def act(outgoing: Outgoing, server: str, token: str, http: SafeClient) -> Outcome:
    """One step. What it found comes back in `Sent.told`."""
    asked = outgoing.data.get(STEP)
    if not isinstance(asked, Mapping) or asked.get("step") not in _STEPS:
        return GaveUp("This is no step for a channel.")
    if not token:
        return GaveUp("Slack answered not_authed. Set the app's bot token.")
    slack = _Slack(server, token, http)
    try:
        return Sent(told=_STEPS[str(asked["step"])](slack, asked))
    except No as no:
        fix = _FIXES.get(no.code, "Look it up in Slack’s list of errors.")
        return GaveUp(f"Slack answered {no.code}. {fix.format(needed=no.needed or 'that it names')}")
    except Later as later:
        # That this app asks too often says nothing about pages.
        return Retry(later.why, later.after_seconds, address_only=later.own_fault)
    except TooLate as late:
        return Retry(f"Slack: {late}")
    except Unreached as failed:
        return unreached(failed, "Slack")


def code_of(why: str) -> str:
    """Slack's word for why a step was given up; "" where it was not Slack who refused."""
    found = re.match(r"Slack answered ([a-z_]{1,60})\.", why)
    return found[1] if found else ""


def _open(slack: _Slack, asked: Mapping[str, Any]) -> dict[str, Any]:
    """A channel of this name, made now or found made: an answer that was lost must not make a second one."""
    me = slack.call("auth.test")
    name, private = str(asked["name"]), bool(asked.get("private"))
    try:
        made = slack.call("conversations.create", name=name, is_private=str(private).lower())["channel"]
    except No as no:
        if no.code != "name_taken":
            raise
        made = _ours(slack, name, private, str(me.get("user_id", "")), float(asked["since"]))
        if made is None:
            return {"taken": name}
    where = str(me.get("url", "")).rstrip("/")
    room = str(made["id"])
    return {
        "room": room,
        "name": str(made.get("name", name)),
        "own": str(me.get("user_id", "")),
        "url": f"{where}/archives/{room}" if where.startswith("https://") else "",
    }


def _ours(slack: _Slack, name: str, private: bool, own: str, since: float) -> dict[str, Any] | None:
    """The channel of this name, if it was made by this app since it was first asked for."""
    kind = "private_channel" if private else "public_channel"
    for found in slack.pages("conversations.list", "channels", types=kind, exclude_archived="true"):
        if isinstance(found, dict) and found.get("name") == name:
            by_us = found.get("creator") == own and own != ""
            return found if by_us and float(found.get("created", 0)) >= since - EARLIER_SECONDS else None
    return None


def _card(slack: _Slack, asked: Mapping[str, Any]) -> dict[str, Any]:
    """The topic; the first time the purpose and the link on top, too. These two may be missing: the topic may not."""
    room, lacks = str(asked["room"]), []
    slack.call("conversations.setTopic", channel=room, topic=chat.escape(str(asked["topic"]), "slack")[:250])
    if asked.get("purpose"):
        purpose = chat.escape(str(asked["purpose"]), "slack")[:250]
        for what in (
            lambda: slack.call("conversations.setPurpose", channel=room, purpose=purpose),
            lambda: _bookmark(slack, room, str(asked["link"])),
        ):
            if why := _lacking(what):
                lacks.append(why)
    return {"topic": asked["topic"], "lacks": lacks}


def _bookmark(slack: _Slack, room: str, link: str) -> None:
    known = slack.call("bookmarks.list", channel_id=room).get("bookmarks")
    if not any(isinstance(b, dict) and b.get("link") == link for b in (known or [])):
        slack.call("bookmarks.add", channel_id=room, title="War room", type="link", link=link)


def _lacking(do: Callable[[], object]) -> str:
    try:
        do()
    except No as no:
        if no.code in ("is_archived", "channel_not_found"):
            raise
        return no.needed or no.code
    return ""


def _invite(slack: _Slack, asked: Mapping[str, Any]) -> dict[str, Any]:
    """Each alone: Slack refuses all where one cannot be invited."""
    told = {}
    for member in asked["members"]:
        try:
            slack.call("conversations.invite", channel=str(asked["room"]), users=str(member))
            told[member] = ""
        except No as no:
            if no.code != "already_in_channel" and no.code not in _OF_ONE:
                raise
            told[member] = _OF_ONE.get(no.code, "")
    return {"invited": told}


def _look(slack: _Slack, asked: Mapping[str, Any]) -> dict[str, Any]:
    """Who is in the channel; of some who are not known here their names."""
    here = [str(m) for m in slack.pages("conversations.members", "members", channel=str(asked["room"]))]
    known = set(asked.get("known", ()))
    names: dict[str, str] = {}
    for member in [m for m in here if m not in known][:MOST_NAMES]:
        names[member] = name_of(slack, member)
    return {"members": here, "names": names}


def name_of(slack: _Slack, member: str) -> str:
    """How Slack calls somebody; "" where the app may not ask. A program's name ends in " (app)"."""
    try:
        user = slack.call("users.info", user=member).get("user")
    except No:
        return ""
    if not isinstance(user, dict):
        return ""
    name = str(user.get("real_name") or user.get("name") or "")
    return f"{name} (app)" if user.get("is_bot") else name


def _fetch(slack: _Slack, asked: Mapping[str, Any]) -> dict[str, Any]:
    """One message, by its time stamp, with the name of whoever wrote it."""
    room, stamp = str(asked["room"]), str(asked["stamp"])
    found = slack.call(
        "conversations.history", channel=room, latest=stamp, oldest=stamp, inclusive="true", limit="1"
    ).get("messages")
    messages = [m for m in (found or []) if isinstance(m, dict) and m.get("ts") == stamp]
    if not messages:
        thread = slack.call("conversations.replies", channel=room, ts=stamp, limit="1").get("messages")
        messages = [m for m in (thread or []) if isinstance(m, dict) and m.get("ts") == stamp]
    if not messages:
        return {"text": ""}
    author = str(messages[0].get("user", ""))
    name = name_of(slack, author) if author else str(messages[0].get("username", ""))
    return {"text": str(messages[0].get("text", "")), "user": author, "name": name}


def _archive(slack: _Slack, asked: Mapping[str, Any]) -> dict[str, Any]:
    try:
        slack.call("conversations.archive", channel=str(asked["room"]))
    except No as no:
        if no.code != "already_archived":
            raise
    return {"done": True}


_STEPS: Mapping[str, Callable[[_Slack, Mapping[str, Any]], dict[str, Any]]] = {
    "open": _open, "card": _card, "invite": _invite, "look": _look, "fetch": _fetch, "archive": _archive,
    **slack_room_rights.steps(No),
}  # fmt: skip
