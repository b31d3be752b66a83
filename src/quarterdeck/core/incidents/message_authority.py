"""Who may draft a message and who may release it: the roles of its chain, and whoever has the grant."""

from __future__ import annotations

from quarterdeck.core.access import Who
from quarterdeck.core.kernel.refused import forbidden

from .authority import authorise, may, stands_for
from .state import Incident
from .structure import Template


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
