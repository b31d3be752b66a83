"""In which order and when the contacts of a person are tried. It never drops the last way to reach them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

Urgency = Literal["high", "low", "any", "none"]
APART = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Rule:
    """One personal rule: try this contact `delay` after the page, at this urgency.

    Urgency "none" stands for a contact no rule mentions; it is used only when nothing else is left.
    """

    contact_id: str
    kind: str
    delay: timedelta = timedelta(0)
    urgency: Urgency = "any"
    verified: bool = True
    disabled: bool = False


@dataclass(frozen=True, slots=True)
class Planned:
    contact_id: str
    delay: timedelta


@dataclass(frozen=True, slots=True)
class Contacts:
    """What to try, earliest first. Empty means unreachable: raise the alarm with `reason`."""

    planned: tuple[Planned, ...]
    reason: str


def contacts(rules: Sequence[Rule], urgency: str) -> Contacts:
    """The contacts to try for a page of this urgency ("high" or "low").

    Without a usable rule for the urgency every enabled contact is tried in order, one minute apart.
    Unverified contacts come after all verified ones: a wrong number is worth trying last, not never.
    """
    enabled = [r for r in rules if not r.disabled]
    if not enabled:
        return Contacts((), _unreachable(rules))
    fitting = [r for r in enabled if r.urgency in (urgency, "any")]
    if fitting:
        ordered = [(r, r.delay) for r in sorted(fitting, key=lambda r: r.delay)]
        reason = f"Personal rules for {urgency} urgency"
    else:
        distinct = list({r.contact_id: r for r in enabled}.values())
        distinct.sort(key=lambda r: not r.verified)
        ordered = [(r, APART * n) for n, r in enumerate(distinct)]
        reason = f"No personal rule for {urgency} urgency: every contact, one minute apart"
    planned = _verified_first(ordered)
    if not any(r.verified for r, _ in ordered):
        reason += "; no contact is verified"
    return Contacts(planned, reason + ".")


def _verified_first(ordered: Sequence[tuple[Rule, timedelta]]) -> tuple[Planned, ...]:
    planned = [Planned(r.contact_id, max(delay, timedelta(0))) for r, delay in ordered if r.verified]
    earliest = planned[-1].delay + APART if planned else timedelta(0)
    for rule, delay in ordered:
        if not rule.verified:
            at = max(delay, earliest)
            planned.append(Planned(rule.contact_id, at))
            earliest = at + APART
    return tuple(dict.fromkeys(planned))


def _unreachable(rules: Sequence[Rule]) -> str:
    if rules:
        return "Every contact of this person is disabled. Enable one, or add another."
    return "This person has no contact. Add a phone number, an address or a device."
