"""Whose a service is: the team that owns it with who leads it, and who is on call for it at an instant (R-199)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from quarterdeck.store import models

from ..oncall.roster import Duty, duties_in, schedules_in
from ..paging.directory import default_policy


@dataclass(frozen=True, slots=True)
class Owner:
    """`policy` is the service's own or the default one. `duties` are the schedules it calls, in its order; one that
    nobody holds now is among them: a gap is an answer too.
    """

    team: models.Team | None
    policy: models.EscalationPolicy | None
    duties: tuple[Duty, ...]

    @property
    def on_call(self) -> tuple[models.Person, ...]:
        """Everybody on call, each once, the first first."""
        return tuple({p.id: p for d in self.duties for p in d.people}.values())


def owners(services: Sequence[models.Service], now: datetime) -> dict[str, Owner]:
    """By the id of the service. `services` have their team and policy selected."""
    fallback = default_policy() if any(s.policy is None for s in services) else None
    policies = {s.id: s.policy or fallback for s in services}
    called = {key: schedules_in(policy) for key, policy in policies.items()}
    found = {d.schedule.id: d for d in duties_in(now, {i for ids in called.values() for i in ids})}
    return {
        s.id: Owner(
            s.team,
            policies[s.id],
            tuple(found[i] for i in dict.fromkeys(called[s.id]) if i in found),
        )
        for s in services
    }


def leads_of(team: models.Team) -> list[models.Person]:
    """Who leads a team, by name."""
    rows = models.Membership.objects.select_related("person").filter(team=team, lead=True)
    return [r.person for r in rows.filter(person__is_active=True).order_by("person__name")]


def owner_of(service: models.Service, now: datetime) -> Owner:
    return owners([service], now)[service.id]
