"""Who may draft a message and who may release it: the roles of its chain, and whoever has the grant."""

from __future__ import annotations

from dataclasses import replace

from quarterdeck.core.access import Who
from quarterdeck.core.kernel.refused import forbidden

from .authority import authorise, may, stands_for
from .state import Incident
from .structure import ChainStep, Template


def may_draft(incident: Incident, template: Template, by: Who, audience: str) -> None:
    if not in_chain(incident, template, by, audience, "draft"):
        authorise(incident, template, by, "message.draft", "message.release")


def may_release(incident: Incident, template: Template, by: Who, audience: str) -> None:
    if by.is_system:
        raise forbidden("grant.message.release", "Only a person releases a message. Ask the commander.")
    if may(incident, template, by, "message.release"):
        return
    if not in_chain(incident, template, by, audience, "release"):
        authorise(incident, template, by, "message.release")


def in_chain(incident: Incident, template: Template, by: Who, audience: str, step: str) -> bool:
    named = {role for s in template.chains.get(audience, ()) if s.step == step for role in s.roles}
    return not named.isdisjoint(stands_for(incident, template, by))


def without_agreed(step: ChainStep, agreed: bool) -> ChainStep:
    """A review without those who have agreed to the locked wording already; release is never left out (R-222)."""
    if not agreed or step.step != "review" or not step.agreed_skips:
        return step
    return replace(step, roles=tuple(r for r in step.roles if r not in step.agreed_skips))
