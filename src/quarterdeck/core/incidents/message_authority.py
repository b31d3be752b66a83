"""Who may draft a message and who may release it: the roles of its chain, and whoever has the grant."""

from __future__ import annotations

from dataclasses import replace

from quarterdeck.core.access import Who
from quarterdeck.core.kernel.refused import Refused, forbidden

from .authority import authorise, may, stands_for
from .response import PARENT_COMMANDER
from .state import Incident
from .structure import ChainStep, Template


def may_draft(incident: Incident, template: Template, by: Who, audience: str) -> None:
    if not in_chain(incident, template, by, audience, "draft"):
        authorise(incident, template, by, "message.draft", "message.release")


def may_release(incident: Incident, template: Template, by: Who, audience: str) -> None:
    if by.is_machine:
        raise forbidden("grant.message.release", "Only a person releases a message. Ask the commander.")
    if from_above(incident, template, audience):
        if by.person == incident.response.parent_commander:
            return
        raise forbidden(
            "grant.message.release",
            f"Only the commander of {incident.response.parent} lets this go, who knows whether it is still true. "
            "Ask them.",
        )
    if may(incident, template, by, "message.release"):
        return
    if not in_chain(incident, template, by, audience, "release"):
        authorise(incident, template, by, "message.release")


def from_above(incident: Incident, template: Template, audience: str) -> bool:
    """Whether the commander of the parent lets this audience's messages go, and nobody here."""
    return bool(incident.response.parent) and PARENT_COMMANDER in _named(template, audience, "release")


def releases(incident: Incident, template: Template, by: Who, audience: str) -> bool:
    """Whether `by` may let a message to this audience go, for whoever only wants to know."""
    try:
        may_release(incident, template, by, audience)
    except Refused:
        return False
    return True


def in_chain(incident: Incident, template: Template, by: Who, audience: str, step: str) -> bool:
    named = _named(template, audience, step)
    return not named.isdisjoint(stands_for(incident, template, by))


def without_agreed(step: ChainStep, agreed: bool) -> ChainStep:
    """A review without those who have agreed to the locked wording already; release is never left out (R-222)."""
    if not agreed or step.step != "review" or not step.agreed_skips:
        return step
    return replace(step, roles=tuple(r for r in step.roles if r not in step.agreed_skips))


def _named(template: Template, audience: str, step: str) -> set[str]:
    return {role for s in template.chains.get(audience, ()) if s.step == step for role in s.roles}
