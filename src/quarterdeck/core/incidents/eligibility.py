"""Whether a person may hold a role: what the account allows, what the role excludes, what else they hold."""

from __future__ import annotations

from dataclasses import replace

from quarterdeck.core.access import Who
from quarterdeck.core.kernel.refused import Refused, forbidden, missing

from .functions import FUNCTIONS, roles_for
from .parts import RoleAssignment
from .state import COMMAND_MEMBER, COMMANDER, DEPUTY, PASSIVE_ROLES, Incident
from .structure import LIGHT_PATH_RANK, RoleDefinition, Template

# Every structure has these, whether its file lists them or not.
_BUILT_IN = {
    "observer": RoleDefinition("observer", "Observer", "Follow the incident and stay silent.", max=None),
    COMMAND_MEMBER: RoleDefinition(
        COMMAND_MEMBER,
        "Member of the unified command",
        "Command together with the commander: agree to what is decided, for your own organisation.",
        max=None,
        reports_to=COMMANDER,
    ),
    "shadow": RoleDefinition("shadow", "Shadow", "Learn beside a role holder; act on nothing.", max=None),
}


# What somebody with the account of an executive may hold (executives.md, section 4): rights come with the role, not
# with the rank. Command comes by `exec_acts.take_command` only.
EXECUTIVE_ROLES = ("elt_approver", "technical_slt", "business_sme")


def definition(template: Template, role: str) -> RoleDefinition:
    """The role card. Refused `role.unknown` when the structure has none."""
    found = template.role(role) or _BUILT_IN.get(role)
    if found is not None and found is _BUILT_IN.get(COMMAND_MEMBER):
        # Who commands repairs nothing, whatever those who repair are called here.
        return replace(found, excludes=roles_for(template, *FUNCTIONS))
    if found is None:
        keys = ", ".join(r.key for r in template.roles)
        raise missing("role.unknown", f"This incident has no role {role!r}. Choose one of: {keys}.")
    return found


def _still_taken(template: Template, role: str) -> None:
    """Refuses a role of an earlier structure: whoever it went on with is named."""
    found = definition(template, role)
    if found.retired:
        on = template.role(found.reports_to or "")
        raise Refused(
            "role.retired",
            f"{found.title} is of an earlier structure of this incident. Its work goes on under "
            f"{on.title if on else 'the commander'}: take that role.",
        )


def must_be_fit(
    incident: Incident,
    template: Template,
    person: Who,
    role: str,
    *,
    replaces: RoleAssignment | None = None,
    elsewhere: str = "",
    reason: str = "",
) -> None:
    """Refuses a person who may not hold the role. `replaces` is the assignment that ends by the same act.

    From severity 4 on one person may command and repair (light path).
    """
    account_allows(person, role)
    _still_taken(template, role)
    must_not_clash(incident, template, person.person, role, replaces)
    if elsewhere and definition(template, role).exclusive and not reason.strip():
        raise Refused(
            "command.elsewhere",
            f"You hold a role in {elsewhere} that needs a whole person. "
            "Let somebody else take this one, or give a reason.",
            details={"incident": elsewhere},
        )


def must_not_clash(
    incident: Incident,
    template: Template,
    person: str,
    role: str,
    replaces: RoleAssignment | None = None,
) -> None:
    """Refuses when a role the person holds here and the wanted one exclude each other."""
    gone = replaces.id if replaces else ""
    mine = [a.role for a in incident.open_assignments() if a.person == person and a.id != gone]
    if role == DEPUTY and COMMANDER in mine:
        raise Refused(
            "role.excluded", "The commander cannot stand by for the commander. Choose somebody else."
        )
    if incident.severity >= LIGHT_PATH_RANK:
        return
    for other in mine:
        if role in _excluded(template, other) or other in _excluded(template, role):
            first, second = definition(template, role).title, definition(template, other).title
            raise Refused(
                "role.excluded",
                f"One person cannot be {first} and {second} at this severity. "
                f"Pass on {second} first, or choose somebody else.",
                details={"role": role, "holds": other},
            )


def _excluded(template: Template, role: str) -> tuple[str, ...]:
    found = template.role(role)
    return found.excludes if found else ()


def account_allows(person: Who, role: str) -> None:
    """Refuses what the organisation role of an account rules out."""
    if person.is_system:
        raise forbidden("role.machine", "Only a person can hold a role. Name one.")
    if person.roles & {"administrator", "responder"} or role == "observer":
        return
    if "executive" in person.roles:
        if role in EXECUTIVE_ROLES:
            return
        raise forbidden(
            "role.executive",
            "An executive approves messages or speaks for their field, and otherwise observes. To direct the "
            "incident, take command formally on the executive page.",
        )
    if role not in PASSIVE_ROLES:
        raise forbidden(
            "role.observer",
            "This account may observe or shadow, not act. An administrator can make it a responder.",
        )
