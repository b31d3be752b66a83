"""Who may let a message go, onto a status page too; and what it may not go with unless somebody says why."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from quarterdeck.core.access import Who
from quarterdeck.core.kernel.refused import Refused, forbidden

from . import chain
from .authority import may
from .message_authority import from_above, in_chain, may_release
from .parts import Message
from .stale import changes
from .state import Incident
from .structure import Template


def may_let_go(incident: Incident, template: Template, by: Who, message: Message, at: datetime) -> None:
    """As `may_release`; onto a status page only by who may publish there: its manager or the commander (R-056).

    The manager publishes by themselves what nobody is asked to approve. What the parent's commander lets go, nobody
    else does, wherever it goes.
    """
    if from_above(incident, template, message.audience):
        may_release(incident, template, by, message.audience)
        return
    publishes = may_publish(incident, template, by)
    if message.pages and not publishes:
        raise forbidden(
            "grant.page.publish",
            f"Only the {publishers(template)} publishes on a status page. "
            "Ask them, or take the page out of the message.",
        )
    owner = publishes and in_chain(incident, template, by, message.audience, "distribute")
    if message.pages and owner and not chain.asking(incident, template, message, at):
        return
    may_release(incident, template, by, message.audience)


def may_publish(incident: Incident, template: Template, by: Who) -> bool:
    """Whether they may publish on a status page for this incident: its manager or the commander (R-042)."""
    return not by.is_machine and may(incident, template, by, "page.publish")


def publishers(template: Template) -> str:
    """The titles of those who may."""
    titles = [role.title for role in template.roles if "page.publish" in role.grants]
    return " or the ".join(titles) or "nobody in this structure"


def passed_over(
    incident: Incident, message: Message, faults: Sequence[str], override: str
) -> tuple[str, tuple[str, ...]]:
    """The reason and what it passes over; refused without one."""
    moved = tuple(str(c) for c in changes(incident, message))
    why = override.strip()
    if not faults and not moved:
        return "", ()
    if why:
        return why, (*faults, *moved)
    todo = "Mend the text, or let it go with a reason."
    code = "message.lint" if faults else "message.stale"
    said = " ".join([*faults[:3], *moved[:3]])
    details = {str(n): t for n, t in enumerate((*faults, *moved), 1)}
    raise Refused(code, f"{said} {todo}", details=details)
