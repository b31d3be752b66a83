"""The response plan made from what is configured now, with what it lacks. Reads only."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.models import Count

from quarterdeck.core.incidents.response_plan import Chapter, Setup, response_plan
from quarterdeck.core.kernel.moments import spoken
from quarterdeck.store import models

from ..act import Act, need
from ..catalog.catalogue import current
from ..paging.directory import policy_from


def plan(act: Act) -> tuple[Chapter, ...]:
    """The plan as it is this moment, for whoever may read people and schedules."""
    need(act, "person.read")
    need(act, "schedule.read")
    return response_plan(current(), _setup())


def _setup() -> Setup:
    rows = list(models.EscalationPolicy.objects.order_by("name"))
    names = _names()
    active = models.Person.objects.filter(is_active=True).exclude(role="guest")
    kinds = models.ContactMethod.objects.filter(disabled=False, person__in=active).order_by("kind")
    reached = models.ContactMethod.objects.filter(disabled=False).values("person_id")
    uncovered = models.Service.objects.filter(policy=None).order_by("name")
    return Setup(
        policies={p.key: (p.name, _steps(p.definition, names)) for p in rows},
        channels=dict(
            kinds.values("kind").annotate(n=Count("person", distinct=True)).values_list("kind", "n")
        ),
        services=tuple(uncovered.values_list("name", flat=True)),
        unreachable=tuple(active.exclude(id__in=reached).order_by("name").values_list("name", flat=True)),
    )


def _names() -> dict[tuple[str, str], str]:
    found: dict[tuple[str, str], str] = {}
    kinds: Sequence[tuple[str, Any]] = (
        ("person", models.Person), ("schedule", models.Schedule), ("team", models.Team),
    )  # fmt: skip
    for kind, model in kinds:
        found |= {(kind, row_id): name for row_id, name in model.objects.values_list("id", "name")}
    return found | {("role", r.key): r.title for t in current().templates for r in t.roles}


def _steps(definition: dict[str, Any], names: dict[tuple[str, str], str]) -> tuple[str, ...]:
    """Whom each step calls and for how long it waits; a target that is gone calls nobody."""
    steps = []
    for step in policy_from(definition).steps:
        called = [names[t.kind, t.ref] for t in step.targets if (t.kind, t.ref) in names]
        if called:
            steps.append(f"{', '.join(called)} for {spoken(step.wait)}")
    return tuple(steps)
