"""Teams and who is in them. Each change is one transaction with its audit event, before and after."""

from __future__ import annotations

from quarterdeck.core.kernel.refused import missing
from quarterdeck.core.kernel.text import line
from quarterdeck.store import log, models, tx
from quarterdeck.store.ids import new_id

from ..act import Act, need
from ..incidents.services import free_key, named
from ..upkeep import removals


def create(act: Act, key: str, name: str, description: str = "") -> models.Team:
    need(act, "person.edit")
    with tx.write("web"):
        free_key(models.Team, key, "team")
        row = models.Team.objects.create(
            id=new_id(), key=key, name=named(name, "team"), description=line(description, 500)
        )
        log.audit("TeamCreated", {"team": row.id, "key": key, "name": row.name}, at=act.at, actor=act.person)
    return row


def update(act: Act, key: str, *, name: str | None = None, description: str | None = None) -> models.Team:
    """Change name or description; None leaves one as it is."""
    need(act, "person.edit")
    with tx.write("web"):
        team = find(key, lock=True)
        before = {"name": team.name, "description": team.description}
        after = {
            "name": team.name if name is None else named(name, "team"),
            "description": team.description if description is None else line(description, 500),
        }
        if after != before:
            models.Team.objects.filter(id=team.id).update(**after)
            told = {"team": team.id, "before": before, "after": after}
            log.audit("TeamChanged", told, at=act.at, actor=act.person)
    return find(key)


def put_member(act: Act, key: str, person_id: str, *, lead: bool = False) -> None:
    """This person is in the team from now on, as its lead or not. Twice changes nothing."""
    need(act, "person.edit")
    with tx.write("web", "engine"):
        team = find(key, lock=True)
        person = models.Person.objects.filter(id=person_id, is_active=True).first()
        if person is None:
            raise missing("person.unknown", "There is no such active person. Choose one from the list.")
        row = models.Membership.objects.filter(team=team, person=person).first()
        if row is not None and row.lead == lead:
            return
        if row is None:
            models.Membership.objects.create(id=new_id(), team=team, person=person, lead=lead)
        else:
            models.Membership.objects.filter(id=row.id).update(lead=lead)
        told = {"team": team.id, "person": person.id, "lead": lead}
        log.audit("TeamMemberSet", told, at=act.at, actor=act.person)


def remove_member(act: Act, key: str, person_id: str) -> None:
    """The person leaves the team. Somebody who is not in it is no error."""
    need(act, "person.edit")
    with tx.write("web", "engine"):
        team = find(key, lock=True)
        row = (
            models.Membership.objects.select_related("person").filter(team=team, person_id=person_id).first()
        )
        if row is not None:
            name = f"{row.person.name} in {team.name}"
            removals.note(act, "member", row.id, name, removals.as_data(row), team.id)
            row.delete()
            told = {"team": team.id, "person": person_id}
            log.audit("TeamMemberRemoved", told, at=act.at, actor=act.person)


def find(key: str, *, lock: bool = False) -> models.Team:
    """A team by key or id."""
    rows = models.Team.objects.select_for_update() if lock else models.Team.objects
    found = rows.filter(key=key).first() or rows.filter(id=key).first()
    if found is None:
        raise missing("team.unknown", "There is no such team. Look it up in the list of teams.")
    return found
