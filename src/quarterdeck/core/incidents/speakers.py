"""Who a message may speak as: the organisation, an executive by name, or a leader by the role they hold (R-097, R-140).

Says whose name it would be at this moment; whether that person agreed is `consent`'s to say.
"""

from __future__ import annotations

from collections.abc import Collection

from quarterdeck.core.kernel.refused import bad

from .authority import must_be_inside
from .state import Incident
from .structure import Template

ORGANISATION, EXECUTIVE = "", "executive"
GRANT = "message.speak"


def roles(template: Template) -> tuple[str, ...]:
    """The roles whose holder may lend their name, in the structure's order."""
    return tuple(r.key for r in template.roles if GRANT in r.grants)


def chosen(
    incident: Incident, template: Template, audience: str, identity: str, person: str
) -> tuple[str, str]:
    """Identity and person as they are kept. Where the structure says in whose name an audience is spoken to, nobody
    else's will do, and it need not be said.
    """
    fixed = template.senders.get(audience, "")
    if fixed and identity in (ORGANISATION, fixed):
        return fixed, ""
    if fixed:
        why = f"Messages to this audience go in the name of the {title(template, fixed)}. Choose that one."
        raise bad("sender.fixed", why, sender_identity=why)
    if identity == ORGANISATION:
        return ORGANISATION, ""
    if identity == EXECUTIVE:
        if not person:
            raise bad("sender.person", "Name the executive who speaks.", sender_person="Name one person.")
        must_be_inside(incident, person, "sender_person")
        return EXECUTIVE, person
    known = roles(template)
    if identity not in known:
        why = f"Nobody speaks as {identity[:60]!r} here. Choose one of: {', '.join((EXECUTIVE, *known))}."
        raise bad("sender.unknown", why, sender_identity=why)
    return identity, ""


def speaker(incident: Incident, identity: str, person: str, executives: Collection[str]) -> str:
    """The person whose name it would be now; "" where nobody holds the role, or the executive is none any more."""
    if identity == EXECUTIVE:
        return person if person in executives else ""
    held = incident.holder(identity) if identity else None
    return held.person if held else ""


def title(template: Template, identity: str) -> str:
    found = template.role(identity)
    return found.title if found else "Executive" if identity == EXECUTIVE else identity.replace("_", " ")
