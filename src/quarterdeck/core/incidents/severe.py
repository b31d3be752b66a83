"""How severe an incident is for the business as a whole, and the commander's act that opens a business response.

The score never acts: it prompts the commander to call the business SME, who recommends; the commander alone decides
(R-118, R-119).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from quarterdeck.core.access import Who
from quarterdeck.core.kernel.refused import Refused, bad, forbidden

from .authority import authorise
from .events import Event, IncidentLinked, RoleReleased
from .events.response import EscalatedSevere, SevereRated, SevereRecommended
from .guards import filled, not_ended
from .response import BUSINESS, SME
from .state import Incident
from .structure import Template

INPUTS = ("visibility", "impact", "duration", "confidence")
PHASES = ("investigating", "identified")
WITH_REASON = "monitoring"
# Severe escalation is for the top severity alone.
TOP_RANK = 1


@dataclass(frozen=True, slots=True)
class SevereLevel:
    """One answer to an input; `counts` from 0 to 1."""

    key: str
    title: str
    counts: Decimal


@dataclass(frozen=True, slots=True)
class SevereRules:
    """`levels` maps each of `INPUTS` to its answers, the mildest first."""

    threshold: int
    levels: Mapping[str, tuple[SevereLevel, ...]]

    def level(self, given: str, key: str) -> SevereLevel:
        found = next((x for x in self.levels[given] if x.key == key), None)
        if found is None:
            known = ", ".join(x.key for x in self.levels[given])
            message = f"There is no {given} {key!r}. Choose one of: {known}."
            raise bad(f"{given}.unknown", message, **{given: message})
        return found


def score(rules: SevereRules, *, visibility: str, impact: str, duration: str, confidence: str) -> int:
    """100 × visibility × impact × duration × confidence, rounded half up: 0 to 100."""
    given = {"visibility": visibility, "impact": impact, "duration": duration, "confidence": confidence}
    product = Decimal(100)
    for name in INPUTS:
        product *= rules.level(name, given[name]).counts
    return int(product.quantize(Decimal(1), rounding=ROUND_HALF_UP))


def rate(
    incident: Incident,
    template: Template,
    rules: SevereRules,
    by: Who,
    *,
    rating_id: str,
    visibility: str,
    impact: str,
    duration: str,
    confidence: str,
    note: str = "",
) -> list[Event]:
    """Judge the harm. By who may set the severity, or the business SME. [] when the newest says the same."""
    _technical(incident)
    if SME not in incident.roles_of(by.person):
        authorise(incident, template, by, "severity.set", "impact.set")
    said = (visibility, impact, duration, confidence)
    points = score(rules, visibility=visibility, impact=impact, duration=duration, confidence=confidence)
    newest = incident.response.rating
    same = newest and (newest.visibility, newest.impact, newest.duration, newest.confidence) == said
    if newest and same and not note.strip() and newest.threshold == rules.threshold:
        return []
    return [SevereRated(rating_id, *said, points, rules.threshold, note.strip())]


def recommend(incident: Incident, by: Who, *, reason: str) -> list[Event]:
    """The business SME advises to escalate. Changes nothing but the record (R-096)."""
    _technical(incident)
    if SME not in incident.roles_of(by.person):
        raise forbidden("severe.sme", "Only the business SME recommends this. Ask them, or take that role.")
    why = filled(reason, "reason", "Say what speaks for it; the commander reads it.")
    known = incident.response
    if (known.recommended_by, known.recommendation) == (by.person, why):
        return []
    return [SevereRecommended(why)]


def must_be_allowed(incident: Incident, by: Who, reason: str = "") -> None:
    """Whether `by` may escalate now: the commander, in the phases for it, once, at the top severity."""
    _technical(incident)
    commander = incident.commander
    if by.is_machine or commander is None or commander.person != by.person:
        raise forbidden(
            "severe.commander", f"Only the commander of {incident.key} escalates it as severe. Talk to them."
        )
    if incident.response.child:
        return
    if incident.phase == WITH_REASON:
        filled(reason, "reason", "It is being watched already. Say why it needs a business response now.")
    elif incident.phase not in PHASES:
        raise Refused(
            "severe.phase",
            f"{incident.key} is in {incident.phase}. It is escalated while it is investigated or identified.",
        )
    if incident.severity > TOP_RANK or incident.severity_unknown:
        raise Refused(
            "severe.severity", f"Only SEV{TOP_RANK} is escalated as severe. Set the severity to it first."
        )


def escalate(incident: Incident, by: Who, *, child: str, reason: str = "") -> list[Event]:
    """The events of the technical incident; the business SME leaves it with them. [] when it was done before."""
    must_be_allowed(incident, by, reason)
    if incident.response.child:
        return []
    rating = incident.response.rating
    leaving = [
        RoleReleased(a.id, a.role, a.person, f"goes on as Technical SLT in {child}")
        for a in incident.holders(SME)
    ]
    return [
        EscalatedSevere(child, reason.strip(), rating.score if rating else -1),
        IncidentLinked(child, "business_response"),
        *leaving,
    ]


def _technical(incident: Incident) -> None:
    not_ended(incident)
    if not incident.is_open:
        raise Refused("severe.over", f"{incident.key} is {incident.phase}. Reopen it first.")
    if incident.response.parent or incident.template == BUSINESS:
        raise Refused(
            "severe.business", f"{incident.key} is a business incident itself. Escalate the technical one."
        )
