"""Calls and chats that stand ready for a team or a response structure before anything happens."""

from __future__ import annotations

from typing import Literal

from quarterdeck.app.chat import standing_channels as acts
from quarterdeck.store import models

from .doors import Request
from .fields import Key, Moment, Read, Url, Write
from .operations import Noun

NOUN = Noun("Channels", "/standing-channels")
Scope = Literal["team", "template"]


class StandingChannel(Read):
    """`call_well` and `chat_well`: whether something answered at the address when it was last looked at, None until
    then. That the room behind it is open, it does not say.
    """

    scope: str
    key: str
    call_url: str
    chat_url: str
    call_well: bool | None
    chat_well: bool | None
    call_text: str
    chat_text: str
    checked_at: Moment | None


class StandingChannelWrite(Write):
    """Both as they are from now on; empty for none."""

    call_url: Url = ""
    chat_url: Url = ""


@NOUN.get("", "person.read", list[StandingChannel])
def list_standing_channels(request: Request) -> list[models.StandingChannel]:
    """What stands ready, and whether it answers."""
    return acts.rows()


@NOUN.put("/{scope}/{key}", "person.read", StandingChannel)
def put_standing_channel(
    request: Request, scope: Scope, key: Key, body: StandingChannelWrite
) -> models.StandingChannel | StandingChannel:
    """Those of a team by who may change teams, those of a structure by an administrator. They are looked at at once."""
    row = acts.put(request.act, scope, key, body.call_url, body.chat_url)
    return row or StandingChannel(
        scope=scope, key=key, call_url="", chat_url="", call_well=None, chat_well=None, call_text="", chat_text="",
        checked_at=None,
    )  # fmt: skip
