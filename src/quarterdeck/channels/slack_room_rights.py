"""Who may write in an incident's channel in Slack, who has to leave it, and bringing an archived one back. Each is a
short step that may be repeated.

Only workspaces of an Enterprise plan let an app keep somebody from writing (`admin.conversations:write`); everywhere
else this says why not, and the product notes what executives write there. Leaving needs `channels:manage`, in private
channels `groups:write`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Protocol

# Slack takes no more names than these.
MOST_POSTERS = 100
EVERYBODY = "type:admin,type:user"
# They are not there, which is what was wanted.
_AWAY = frozenset({"not_in_channel", "user_not_found"})


class Caller(Protocol):
    """Calls of Slack's Web API."""

    def call(self, method: str, **said: str) -> dict[str, Any]: ...


def steps(refused: type[Exception]) -> Mapping[str, Callable[[Any, Mapping[str, Any]], dict[str, Any]]]:
    """The steps by name. `refused` is what a caller raises when Slack refuses for good, with its `code`."""

    def readers(slack: Caller, asked: Mapping[str, Any]) -> dict[str, Any]:
        """Only `posters` may write, everybody where none are named. What Slack does not allow is told, not raised."""
        posters = [str(m) for m in asked["posters"]]
        if len(posters) > MOST_POSTERS:
            return {"set": False, "why": "too_many"}
        who = ",".join(["type:admin", *(f"user:{m}" for m in posters)]) if posters else EVERYBODY
        try:
            prefs = f"{{'who_can_post':'{who}','can_thread':'{who}'}}"
            slack.call("admin.conversations.setConversationPrefs", channel_id=str(asked["room"]), prefs=prefs)
        except refused as no:
            return {"set": False, "why": getattr(no, "needed", "") or getattr(no, "code", "")}
        return {"set": bool(posters), "why": ""}

    def kick(slack: Caller, asked: Mapping[str, Any]) -> dict[str, Any]:
        try:
            slack.call("conversations.kick", channel=str(asked["room"]), user=str(asked["member"]))
        except refused as no:
            if getattr(no, "code", "") not in _AWAY:
                raise
        return {"gone": asked["member"]}

    def unarchive(slack: Caller, asked: Mapping[str, Any]) -> dict[str, Any]:
        try:
            slack.call("conversations.unarchive", channel=str(asked["room"]))
        except refused as no:
            if getattr(no, "code", "") != "not_archived":
                return {"back": False}  # Slack lets most apps not do it: another channel takes its place
        return {"back": True}

    return {"readers": readers, "kick": kick, "unarchive": unarchive}
