"""An incident's own channel in a chat program, and the rules by which incidents get one."""

from __future__ import annotations

from typing import Annotated, Literal

from ninja import Query
from pydantic import Field

from quarterdeck.app.casebook import load
from quarterdeck.app.chat import channel_view, chat_rules, incident_chat, room_rights
from quarterdeck.store import models

from .doors import Request
from .fields import Asked, Id, IncidentId, Key, Line, Moment, Named, Number, Read, Write
from .operations import Noun

NOUN = Noun("Incidents", "/incidents/{incident}/channel")
RULES = Noun("Channels", "/chat-rules")
EVERY = "every"


class MissingThere(Read):
    """Holds a role and is not in the channel. `told` counts: twice themselves, then the commander."""

    person: Named
    since: Moment
    told: int
    why: str


class ThereWithoutRole(Read):
    """`person` null: somebody without an account here. `member` is their id in the chat program. An executive reads
    only.
    """

    person: Named | None
    name: str
    member: str
    executive: bool


class IncidentChannel(Read):
    """`state`: none, opening, open, archiving, archived, by_hand (archived or removed there), failed.

    `topic` is the contact card as the chat program has it. `error` is what it refused last. `rights`
    tells whether executives there are kept from writing ("set") or what they write is noted ("flagged").
    """

    state: str
    program: str
    name: str
    url: str
    private: bool
    topic: str
    error: str
    rights: Literal["", "set", "flagged"]
    members: int
    missing: list[MissingThere]
    without_role: list[ThereWithoutRole]
    looked_at: Moment | None
    archive_at: Moment | None


class RemovalAsked(Asked):
    reason: Line = ""


class ChatRule(Read):
    """`type` "every": of all types without their own rule. `minutes`: severity to how long somebody may be missing."""

    type: str
    program: str
    wanted: str
    restricted: str
    prefix: str
    minutes: dict[str, int]
    archive_days: int


class ChatRuleWrite(Write):
    """Replaces the rule. `restricted`: what incidents get that only their people may know of."""

    program: Literal["slack", "console"] = "slack"
    wanted: Literal["none", "public", "private"]
    restricted: Literal["none", "private"] = "none"
    prefix: Line = "inc"
    minutes: Annotated[
        dict[Literal["1", "2", "3", "4", "5"], Annotated[int, Number(1, 1440)]], Field(max_length=5)
    ] = Field(default_factory=dict)
    archive_days: Annotated[int, Number(0, 365)] = 7


@NOUN.get("", "incident.read", IncidentChannel)
def get_incident_channel(request: Request, incident: IncidentId) -> IncidentChannel:
    """Its state, who is missing, and who is there without a role."""
    return _shown(request, incident)


@NOUN.post("", "incident.act", IncidentChannel)
def open_incident_channel(request: Request, incident: IncidentId) -> IncidentChannel:
    """Where there is none, none any more, or it could not be opened. Takes a role in the incident."""
    incident_chat.open_again(request.act, incident)
    return _shown(request, incident)


@NOUN.delete("/members/{member}", "incident.act", IncidentChannel)
def remove_from_channel(
    request: Request, incident: IncidentId, member: Id, asked: Query[RemovalAsked]
) -> IncidentChannel:
    """Have somebody without a role leave: a person, or a member of the chat program. By the commander or a deputy."""
    room_rights.remove(request.act, incident, member, asked.reason)
    return _shown(request, incident)


def _shown(request: Request, incident: str) -> IncidentChannel:
    found = channel_view.channel_of(load(incident, request.act.who), request.act.at)
    names = request.names.load(p.person for p in (*found.missing, *found.without_role))
    return IncidentChannel(
        state=found.state, program=found.program, name=found.name, url=found.url, private=found.private,
        topic=found.topic, error=found.error, rights=found.rights, members=found.here, looked_at=found.looked_at,
        archive_at=found.archive_at,
        missing=[
            MissingThere(person=names.of(m.person), since=m.since, told=m.told, why=m.why) for m in found.missing
        ],
        without_role=[
            ThereWithoutRole(
                person=names.maybe(s.person), name=s.name, member=s.member, executive=s.executive
            )
            for s in found.without_role
        ],
    )  # fmt: skip


@RULES.get("", "settings.read", list[ChatRule])
def list_chat_rules(request: Request) -> list[ChatRule]:
    """Empty while incidents get no channels."""
    return [_rule(r) for r in chat_rules.rows()]


@RULES.put("/{kind}", "settings.edit", ChatRule)
def put_chat_rule(request: Request, kind: Key, body: ChatRuleWrite) -> ChatRule:
    """The rule of a type of incident, or of "every" type. Channels that stand stay as they are."""
    row = chat_rules.put(
        request.act, "" if kind == EVERY else kind, wanted=body.wanted, restricted=body.restricted,
        prefix=body.prefix, minutes={int(k): v for k, v in body.minutes.items()}, archive_days=body.archive_days,
        program=body.program,
    )  # fmt: skip
    return _rule(row)


@RULES.delete("/{kind}", "settings.edit")
def drop_chat_rule(request: Request, kind: Key) -> None:
    """The type follows the rule of all types again."""
    chat_rules.drop(request.act, "" if kind == EVERY else kind)


def _rule(row: models.ChatRule) -> ChatRule:
    return ChatRule(
        type=row.type or EVERY, program=row.program, wanted=row.wanted,
        restricted=row.restricted, prefix=row.prefix, minutes=row.minutes,
        archive_days=row.archive_days,
    )  # fmt: skip
