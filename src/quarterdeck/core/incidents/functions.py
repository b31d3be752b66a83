"""What a role is for, whatever a structure calls it: who leads the technical work, who brings special knowledge.

What the product asks of such a role goes to the structure's own one; a role of another key says its function on its
card. Never grants anything.
"""

from __future__ import annotations

from collections.abc import Mapping

from .structure import RoleDefinition, Template

LEADS_WORK, EXPERT = "technical_lead", "expert"
FUNCTIONS = (LEADS_WORK, EXPERT)
# Cards that were pinned before a card could say it.
_BY_KEY: Mapping[str, tuple[str, ...]] = {
    "technical_lead": (LEADS_WORK,),
    "operations_lead": (LEADS_WORK,),
    "operations_section_chief": (LEADS_WORK,),
    "sme": (EXPERT,),
    "technical_specialist": (EXPERT,),
}


def functions_of(role: RoleDefinition) -> tuple[str, ...]:
    return role.functions or _BY_KEY.get(role.key, ())


def roles_for(template: Template, *functions: str) -> tuple[str, ...]:
    """The keys of the roles that have one of these functions, as the structure lists them. Roles of an earlier
    structure of a running incident are among them, after those of today.
    """
    found = [r for r in template.roles if any(f in functions_of(r) for f in functions)]
    return tuple(r.key for r in sorted(found, key=lambda r: r.retired))


def by_service(template: Template, role: str) -> bool:
    """Whether a role without a policy of its own is called by the policies of the services that are hit."""
    return role in roles_for(template, *FUNCTIONS)
