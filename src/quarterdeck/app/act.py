"""Who acts, when, and through which door. Every function of `app` that changes something takes one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from quarterdeck.core import access
from quarterdeck.core.access import Who

# Whoever works on the server itself; no person's id.
OPERATOR = "operator"


@dataclass(frozen=True, slots=True)
class Act:
    """`at` is aware UTC; `via` is web, api, cli, link, chat, sms, phone, push or engine."""

    who: Who
    at: datetime
    via: str = "web"

    @property
    def person(self) -> str:
        return self.who.person


def act_of(person_id: str, role: str, at: datetime, via: str = "web") -> Act:
    """A person acting with their organisation role."""
    return Act(Who(person_id, frozenset({role})), at, via)


def engine_act(at: datetime) -> Act:
    """The engine acting by itself: timers, reactions, publishing."""
    return Act(access.ENGINE, at, "engine")


def need_own(act: Act, person_id: str) -> None:
    """What is one's own anybody changes; another person's only with the permission for it."""
    if act.person != person_id:
        need(act, "person.edit")


def need(act: Act, permission: str) -> None:
    """Refuse unless the actor's organisation role has the permission. Denies whatever is not named."""
    access.require(act.who, permission)
