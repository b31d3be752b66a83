"""Reserve teams: a pool across teams that is called when the work outgrows those who are there (R-208)."""

from __future__ import annotations

from quarterdeck.core.incidents import authority
from quarterdeck.core.incidents import events as ev
from quarterdeck.core.incidents.guards import not_ended
from quarterdeck.core.kernel.refused import Refused, bad
from quarterdeck.core.kernel.text import line
from quarterdeck.store import log, models, tx

from .. import casebook
from ..act import Act, need
from ..casebook import Case
from ..paging.callouts import Request, call, default_expiry
from ..paging.directory import Directory
from ..people.teams import find
from . import picker

MOST = 20


def mark(act: Act, team_key: str, reserve: bool = True) -> models.Team:
    """This team is a reserve from now on, or is none any more."""
    need(act, "person.edit")
    with tx.write("web"):
        team = find(team_key, lock=True)
        if team.reserve != reserve:
            models.Team.objects.filter(id=team.id).update(reserve=reserve)
            log.audit("TeamReserve", {"team": team.id, "reserve": reserve}, at=act.at, actor=act.person)
    return find(team_key)


def activate(
    act: Act, incident_id: str, team_key: str, count: int, skill: str = "", reason: str = ""
) -> tuple[Case, list[str]]:
    """Call `count` people of a reserve team to the incident, the fittest for `skill` first. Returns who was called.

    Refused for a team that is no reserve, and when nobody of it is left who is not here already.
    """
    team, skill, reason = find(team_key), line(skill, 60), line(reason, 300)
    if not team.reserve:
        raise Refused("reserve.not", f"{team.name} is no reserve team. Page it by hand, or choose another.")
    if not 0 < count <= MOST:
        raise bad("count.number", f"Call 1 to {MOST} people.", count=f"1 to {MOST}")
    if not reason:
        raise bad(
            "reason.missing", "Say what they are needed for: those you wake will read it.", reason="missing"
        )
    with tx.write("engine", "web"):
        log.lock_incident(incident_id)
        case = casebook.load(incident_id, act.who)
        not_ended(case.incident)
        authority.authorise(case.incident, case.template, act.who, "callout.send", "role.assign")
        here = {a.person for a in case.incident.open_assignments()}
        members = set(models.Membership.objects.filter(team=team).values_list("person_id", flat=True))
        found = picker.candidates(act.at, (skill,) if skill else (), who=act.who)
        chosen = [c.person.id for c in found if c.person.id in members - here][:count]
        if not chosen:
            raise Refused(
                "reserve.empty", f"Nobody of {team.name} is free who is not here. Call another team."
            )
        directory = Directory(act.at)
        for person in chosen:
            call(_request(act, case, team.name, person, reason, directory), directory)
        said = ev.ReserveActivated(team.name, tuple(chosen), skill, reason)
        return casebook.append(act, case, incident_id, [said]), chosen


def _request(act: Act, case: Case, team: str, person: str, reason: str, directory: Directory) -> Request:
    return Request(
        person=person, subject=f"{case.incident.key} needs you: {reason}"[:300],
        reason=f"{directory.name(act.person)} called the reserve {team}.", incident_id=case.incident.key,
        role="reserve", expires_at=default_expiry(act.at), created_by=act.person, drill=case.incident.drill,
    )  # fmt: skip
