"""Whether the people who should be paged can be: logins, contacts, schedules without gaps. Reads only."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from quarterdeck.core.kernel.text import counted
from quarterdeck.core.oncall import gaps
from quarterdeck.store import models

from ..paging.directory import schedule_from
from ..people import accounts
from .health_finding import Finding, fault, ok, some, warning

AHEAD = timedelta(days=14)


def look(now: datetime) -> list[Finding]:
    """The checks, in the order to read them."""
    return [*_logins(), *_contacts(), *_schedules(now), *_services()]


def _logins() -> Iterator[Finding]:
    if not accounts.somebody_can_sign_in():
        yield fault("sign-in", "Nobody can sign in.", "Run: quarterdeck user create you@example.com --admin")
        return
    administrators = models.Person.objects.filter(role="administrator", is_active=True).count()
    if administrators == 1:
        yield warning(
            "sign-in",
            "There is one administrator: nobody else can help when they are away.",
            "Make a second one.",
        )
    else:
        yield ok("sign-in", f"{counted(administrators, 'administrator')} can sign in.")


def _contacts() -> Iterator[Finding]:
    on_duty = {p for layer in models.Layer.objects.all() for p in _named(layer.definition)}
    reachable = set(models.ContactMethod.objects.filter(disabled=False).values_list("person_id", flat=True))
    lost = models.Person.objects.filter(is_active=True).exclude(role="guest").exclude(id__in=reachable)
    paged = [p.name for p in lost if p.id in on_duty]
    others = [p.name for p in lost if p.id not in on_duty]
    if paged:
        text = f"On a schedule and without any contact: {some(paged)}. A page to them reaches nobody."
        yield fault("contacts", text, "Let them enter a contact in their profile.")
    if others:
        yield warning(
            "contacts", f"Without any contact: {some(others)}.", "Let them enter one in their profile."
        )
    if not paged and not others:
        yield ok("contacts", "Everybody can be reached by at least one channel.")


def _named(layer: dict[str, Any]) -> list[str]:
    return [*layer.get("people", []), *(shift["person"] for shift in layer.get("fixed", []))]


def _schedules(now: datetime) -> Iterator[Finding]:
    rows = models.Schedule.objects.prefetch_related("layers", "overrides")
    if not rows:
        yield warning("schedules", "There is no on-call schedule.", "Make one under On-call.")
        return
    whole = True
    for row in rows:
        holes = gaps(schedule_from(row), now, now + AHEAD)
        if holes:
            whole = False
            first = holes[0]
            since = f"{first.starts_at:%a %d %b %H:%M} UTC"
            which = f"from {since}" if len(holes) == 1 else f"the first from {since}"
            text = f"{row.name} has {counted(len(holes), 'gap')} in 14 days, {which}."
            yield warning("schedules", text, "Add a layer or an override under On-call.")
    if whole:
        have = counted(len(rows), "schedule has", "schedules have")
        yield ok("schedules", f"{have} nobody missing in the next 14 days.")


def _services() -> Iterator[Finding]:
    if models.EscalationPolicy.objects.filter(key="default").exists():
        return
    bare = list(models.Service.objects.filter(policy=None).values_list("name", flat=True))
    if bare:
        text = f"No escalation policy, and no default one: {some(bare)}. Their alerts page nobody."
        yield fault(
            "services",
            text,
            "Give each a policy, or make one for everything without its own (On-call, Policies).",
        )
