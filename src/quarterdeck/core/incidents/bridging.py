"""Who bridges between executives and the response, and since when somebody must (X-04, R-148): under whatever name the
role goes in a structure, it is the one that answers executives.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from .state import COMMANDER, DEPUTY, Incident
from .structure import RoleDefinition, Template

# The grant by which a role bridges to executives.
BRIDGES = "exec.answer"
# Who answers executives while nobody holds such a role, the first that is filled.
STAND_INS = (DEPUTY, "internal_liaison")


@dataclass(frozen=True, slots=True)
class LiaisonGap:
    """Nobody bridges though somebody must. `warned` says that the gap was told, `passed_on` that the commander was
    asked after the deputy. `stand_ins` answer executives meanwhile.
    """

    role: RoleDefinition
    since: datetime
    warned: bool
    passed_on: bool
    stand_ins: tuple[str, ...]


def bridges(role: RoleDefinition) -> bool:
    return BRIDGES in role.grants and role.key != COMMANDER


def engaged_at(incident: Incident) -> datetime | None:
    """Since when the policy asks for somebody who bridges."""
    return min((e.at for e in incident.asks.engaged.values() if e.liaison), default=None)


def spoke_up_at(incident: Incident) -> datetime | None:
    """Since when executives need somebody to talk to: the policy asked for one, an executive offered something, or a
    question of theirs is open. None while none of that is so.
    """
    engaged = engaged_at(incident)
    moments = [engaged] if engaged else []
    moments += [o.offered_at for o in incident.asks.offers.values()]
    moments += [q.asked_at for q in incident.boundary.questions.values() if q.is_open]
    return min(moments, default=None)


def holders(incident: Incident, template: Template) -> tuple[str, ...]:
    """Who answers executives: whoever holds a role that does, else the deputy, else the internal liaison."""
    roles = [r.key for r in template.roles if bridges(r)]
    for wanted in (roles, *([role] for role in STAND_INS)):
        held = dict.fromkeys(a.person for a in incident.open_assignments() if a.role in wanted)
        if held:
            return tuple(held)
    return ()
