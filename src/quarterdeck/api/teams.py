"""Teams and who is in them."""

from __future__ import annotations

from typing import Annotated

from ninja import Query

from quarterdeck.app.incidents import reserve
from quarterdeck.app.people import teams as acts
from quarterdeck.store import models

from .doors import Request
from .fields import Id, Key, LongLine, Named, NewKey, Read, Text, Write, Yes
from .operations import Noun
from .pages import Page, PageAsked, page

NOUN = Noun("Teams", "/teams")


class Member(Read):
    person: Named
    lead: bool


class Team(Read):
    """`reserve`: a pool that incidents may call when the work outgrows them."""

    id: str
    key: str
    name: str
    description: str
    reserve: bool
    members: list[Member]


class TeamWrite(Write):
    key: NewKey
    name: Annotated[str, Text(120, least=1)]
    description: LongLine = ""


class TeamPatch(Write):
    """Only what is named changes."""

    name: Annotated[str, Text(120, least=1)] | None = None
    description: LongLine | None = None


class TeamReserveWrite(Write):
    reserve: Yes


class MemberWrite(Write):
    lead: Yes = False


@NOUN.get("", "person.read", Page[Team])
def list_teams(request: Request, asked: Query[PageAsked]) -> Page[Team]:
    """Teams by key, with their members."""
    return page(asked, models.Team.objects.all(), ("key",), _told)


@NOUN.post("", "person.edit", Team)
def create_team(request: Request, body: TeamWrite) -> Team:
    return _told([acts.create(request.act, body.key, body.name, body.description)])[0]


@NOUN.get("/{team}", "person.read", Team)
def get_team(request: Request, team: Key) -> Team:
    return _told([acts.find(team)])[0]


@NOUN.patch("/{team}", "person.edit", Team)
def change_team(request: Request, team: Key, body: TeamPatch) -> Team:
    return _told([acts.update(request.act, team, name=body.name, description=body.description)])[0]


@NOUN.put("/{team}/members/{person}", "person.edit")
def put_member(request: Request, team: Key, person: Id, body: MemberWrite | None = None) -> None:
    """This person is in the team, as its lead or not."""
    acts.put_member(request.act, team, person, lead=body.lead if body else False)


@NOUN.put("/{team}/reserve", "person.edit")
def mark_reserve(request: Request, team: Key, body: TeamReserveWrite) -> None:
    """The team is a reserve for incidents, or is none any more."""
    reserve.mark(request.act, team, body.reserve)


@NOUN.delete("/{team}/members/{person}", "person.edit")
def remove_member(request: Request, team: Key, person: Id) -> None:
    acts.remove_member(request.act, team, person)


def _told(rows: list[models.Team]) -> list[Team]:
    members: dict[str, list[Member]] = {}
    found = models.Membership.objects.filter(team__in=[r.id for r in rows]).select_related("person")
    for m in found.order_by("-lead", "person__name"):
        one = Member(person=Named(id=m.person_id, name=m.person.name), lead=m.lead)
        members.setdefault(m.team_id, []).append(one)
    return [
        Team(
            id=r.id,
            key=r.key,
            name=r.name,
            description=r.description,
            reserve=r.reserve,
            members=members.get(r.id, []),
        )
        for r in rows
    ]
