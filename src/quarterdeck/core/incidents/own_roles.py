"""Roles that an incident has beside those of its structure: unforeseen functions, added by who assigns (R-117)."""

from __future__ import annotations

import re
from dataclasses import replace

from quarterdeck.core.access import Who
from quarterdeck.core.kernel.refused import Refused

from .authority import authorise
from .events import Event, RoleCreated
from .guards import filled, not_ended, one_line, unfit
from .state import COMMANDER, Incident
from .structure import RoleDefinition, Template

TITLE_LIMIT = 80
MOST = 40
_OTHER = re.compile(r"[^a-z0-9]+")


def effective(template: Template, incident: Incident) -> Template:
    """The structure with the roles this incident added. They grant nothing but acting: tasks, notes, findings."""
    known = {r.key for r in template.roles}
    own = [
        RoleDefinition(r.key, r.title, r.purpose, group="own", max=None, reports_to=r.reports_to or COMMANDER,
                       grants=("task.own", "finding.write", "timeline.write"))
        for r in incident.crew.own_roles.values() if r.key not in known
    ]  # fmt: skip
    return replace(template, roles=(*template.roles, *own)) if own else template


def create_role(
    incident: Incident, template: Template, by: Who, *, title: str, purpose: str, reports_to: str = ""
) -> list[Event]:
    """A new role of this incident only. Refused without a purpose, or when the structure has it already."""
    not_ended(incident)
    authorise(incident, template, by, "role.assign")
    title = one_line(filled(title, "title", "Name the role."), "title", TITLE_LIMIT)
    purpose = filled(purpose, "purpose", "Say what whoever holds it is to do.")
    key = role_key(title)
    if not key:
        raise unfit("title.letters", "title", "Name the role with letters or digits.")
    if template.role(key) is not None:
        raise Refused("role.exists", f"This incident has the role {title} already. Fill it instead.")
    if len(incident.crew.own_roles) >= MOST:
        raise Refused("role.many", f"This incident added {MOST} roles already. Use one of them.")
    above = reports_to or COMMANDER
    if template.role(above) is None:
        message = f"There is no role {above!r} to report to. Choose one of this incident."
        raise unfit("reports_to.unknown", "reports_to", message)
    return [RoleCreated(key, title, purpose, above)]


def role_key(title: str) -> str:
    """The key of a role made from its title: "Network lead" -> network_lead."""
    return _OTHER.sub("_", title.lower()).strip("_")[:60]
