"""Lints the role cards of one template: who leads, who reports to whom, what a card asks for and may do."""

from __future__ import annotations

from collections.abc import Iterator

from quarterdeck.catalog.conditions import lint_condition
from quarterdeck.catalog.findings import Finding, fault
from quarterdeck.catalog.tables import did_you_mean
from quarterdeck.core.access import GRANTS
from quarterdeck.core.incidents.response import PARENT_COMMANDER
from quarterdeck.core.incidents.structure import Catalog, RoleDefinition, Template


def lint_roles(catalog: Catalog, template: Template) -> Iterator[Finding]:
    """Findings about the role cards of `template`."""
    yield from _lead(template)
    yield from _cycles(template)
    keys = [role.key for role in template.roles]
    for role in template.roles:
        where = f"roles/{template.key}/{role.key}.toml"
        yield from _references(where, role, keys)
        yield from _backup(where, role)
        yield from _words(where, role, template)
        yield from lint_condition(where, "required_when", role.required_when, catalog)


def _lead(template: Template) -> Iterator[Finding]:
    leads = [role.key for role in template.roles if role.exclusive]
    if len(leads) != 1:
        names = ", ".join(leads) or "none"
        text = f"there must be exactly one exclusive role, the lead; here: {names}"
        yield fault(f"templates/{template.key}.toml", text, "Set exclusive = true in one role card only.")
        return
    lead = template.role(leads[0])
    assert lead is not None
    if (lead.min, lead.max) != (1, 1) or lead.required_when != "always" or _below(lead):
        text = f"{lead.key!r} leads, so it must be held by exactly one person, always, and report to nobody"
        suggestion = (
            'Set cardinality = { min = 1, max = 1 } and required_when = "always", and leave reports_to out.'
        )
        yield fault(f"roles/{template.key}/{lead.key}.toml", text, suggestion)


def _below(lead: RoleDefinition) -> bool:
    """Whether the lead reports to a role of its own incident. A business lead reports to that of another one."""
    return bool(lead.reports_to) and lead.reports_to != PARENT_COMMANDER


def _cycles(template: Template) -> Iterator[Finding]:
    above = {role.key: role.reports_to for role in template.roles}
    told: set[str] = set()
    for start in above:
        path = [start]
        while (key := above.get(path[-1])) and key not in path:
            path.append(key)
        if not key or start in told or key != start:
            continue
        told.update(path)
        text = f"reports_to goes round in a circle: {' to '.join([*path, start])}"
        yield fault(f"roles/{template.key}/{start}.toml", text, "Let one of them report to the lead.")


def _references(where: str, role: RoleDefinition, keys: list[str]) -> Iterator[Finding]:
    if role.reports_to and role.reports_to not in (*keys, PARENT_COMMANDER):
        text = f"{role.key!r} reports to {role.reports_to!r}, a role this template does not have"
        yield fault(where, text, f"Name a role of the template.{did_you_mean(role.reports_to, keys)}")
    for other in role.excludes:
        if other not in keys:
            text = f"{role.key!r} excludes {other!r}, a role this template does not have"
            yield fault(where, text, f"Name a role of the template.{did_you_mean(other, keys)}")


def _backup(where: str, role: RoleDefinition) -> Iterator[Finding]:
    if role.required_when and not role.backup:
        text = f"{role.key!r} can be required and has no backup"
        yield fault(where, text, 'Add backup = "…": who comes when the first does not answer.')


def _words(where: str, role: RoleDefinition, template: Template) -> Iterator[Finding]:
    for grant in role.grants:
        if grant not in GRANTS:
            text = f"the grant {grant!r} is not known, so it grants nothing"
            yield fault(where, text, f"Use one of {', '.join(GRANTS)}.{did_you_mean(grant, list(GRANTS))}")
    for phase in role.checklist:
        if phase not in template.phases:
            yield fault(
                where, f"a checklist for the phase {phase!r}, which the template does not have", "Remove it."
            )
