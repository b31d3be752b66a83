"""Lints one template: phases, gates, clocks, chains, callouts, and the four duties of every response."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from quarterdeck.catalog.conditions import lint_condition
from quarterdeck.catalog.findings import Finding, fault, warning
from quarterdeck.catalog.lint_switches import lint_switches
from quarterdeck.catalog.tables import did_you_mean
from quarterdeck.catalog.words import GATE_VERBS, HOWS, STEPS
from quarterdeck.core.incidents import speakers
from quarterdeck.core.incidents.gates import CONDITIONS
from quarterdeck.core.incidents.response import PARENT_COMMANDER
from quarterdeck.core.incidents.structure import PHASES, Catalog, ChainStep, RoleDefinition, Template

# Shorter briefs cost fixing time.
SHORTEST_EXECUTIVE_CLOCK = timedelta(minutes=15)
# Several may command together in the Incident Command System only; elsewhere authority is one person's.
UNIFIED = ("ics",)
_UNTIL_RESOLVED = ("triage", "investigating", "identified", "monitoring", "resolved")


def lint_template(catalog: Catalog, template: Template) -> Iterator[Finding]:
    """Findings about the template's own file and the duties it must cover (R-024)."""
    where = f"templates/{template.key}.toml"
    yield from _phases(where, template)
    yield from _unified(where, template)
    yield from _gates(where, template)
    yield from _clocks(where, template)
    yield from _chains(where, catalog, template)
    yield from _assembly(where, catalog, template)
    yield from lint_switches(where, template)
    yield from _duties(where, template)


def _phases(where: str, template: Template) -> Iterator[Finding]:
    if template.phases != PHASES:
        text = "the phases are not the lifecycle every incident has"
        yield fault(where, text, f"Set phases to {', '.join(PHASES)}, in this order.")


def _unified(where: str, template: Template) -> Iterator[Finding]:
    if template.unified_command and template.key not in UNIFIED:
        text = "'unified_command' is only for the Incident Command System: elsewhere one person commands"
        yield fault(where, text, "Take unified_command out, and appoint deputies with a domain.")


def _gates(where: str, template: Template) -> Iterator[Finding]:
    phases = (*template.phases, *GATE_VERBS)
    known = [*CONDITIONS, *(f"{role.key}_present" for role in template.roles)]
    for phase, conditions in template.gates.items():
        if phase not in phases:
            text = f"a gate for {phase!r}, which is not a phase"
            yield fault(where, text, f"Name a phase.{did_you_mean(phase, phases)}")
        for word in conditions:
            if word not in known:
                text = f"the gate of {phase!r} asks for {word!r}, which nothing can meet"
                yield fault(where, text, f"Use a known condition.{did_you_mean(word, known)}")


def _clocks(where: str, template: Template) -> Iterator[Finding]:
    keys = [a.key for a in template.audiences]
    roles = [r.key for r in template.roles]
    for audience, intervals in template.clocks.items():
        if audience not in keys:
            text = f"a clock for {audience!r}, which is not an audience of this template"
            yield fault(where, text, f"Rename the clock or add the audience.{did_you_mean(audience, keys)}")
        if audience == "executives" and intervals and min(intervals.values()) < SHORTEST_EXECUTIVE_CLOCK:
            text = "briefs for executives more often than every 15 minutes take people from the repair"
            yield fault(where, text, "Set the clock of executives to 15m or more.")
    yield from _cadences(where, template)
    yield from _senders(where, template)
    for profile in template.audiences:
        if profile.clock_owner not in roles:
            text = f"the clock of {profile.key!r} belongs to {profile.clock_owner!r}, which is no role here"
            near = did_you_mean(profile.clock_owner, roles)
            yield fault(where, text, f"Name another role below [clock_owners].{near}")


def _senders(where: str, template: Template) -> Iterator[Finding]:
    audiences = [a.key for a in template.audiences]
    speak = speakers.roles(template)
    for audience, role in template.senders.items():
        if audience not in audiences:
            text = f"a sender for {audience!r}, which is not an audience of this template"
            yield fault(where, text, f"Rename it or take it out.{did_you_mean(audience, audiences)}")
        if role not in speak:
            text = f"messages to {audience!r} go in the name of {role!r}, which is no role that may lend its name"
            yield fault(
                where, text, f"Name a role that grants message.speak.{did_you_mean(role, list(speak))}"
            )


def _cadences(where: str, template: Template) -> Iterator[Finding]:
    for audience, ranks in template.cadences.items():
        clock = template.clocks.get(audience)
        if clock is None:
            text = f"a cadence of {audience!r}, which has no clock"
            near = did_you_mean(audience, list(template.clocks))
            yield warning(where, text, f"Give it an interval below [clocks], or take it out.{near}")
            continue
        for rank, cadence in ranks.items():
            if cadence.long is not None and rank in clock and cadence.long <= clock[rank]:
                text = f"the long mode of {audience!r} at sev{rank} is no slower than its clock"
                yield fault(where, text, "Set `long` to more than the interval below [clocks].")


def _chains(where: str, catalog: Catalog, template: Template) -> Iterator[Finding]:
    keys = [a.key for a in template.audiences]
    for audience, steps in template.chains.items():
        if audience not in keys:
            text = f"an approval chain for {audience!r}, which is not an audience of this template"
            yield fault(where, text, f"Rename the chain or add the audience.{did_you_mean(audience, keys)}")
        yield from _chain(where, template, audience, steps)
        for step in steps:
            yield from lint_condition(where, f"step {step.step!r} of {audience!r}", step.when, catalog)
    for key in keys:
        if key not in template.chains:
            text = f"the audience {key!r} has no approval chain, so nobody may release a message to it"
            yield fault(where, text, f"Add {key} below [approval_chains].")


def _chain(where: str, template: Template, audience: str, steps: tuple[ChainStep, ...]) -> Iterator[Finding]:
    roles = [r.key for r in template.roles]
    for step in steps:
        if step.step not in STEPS:
            text = f"the chain of {audience!r} has a step {step.step!r}"
            yield fault(where, text, f"Use {', '.join(STEPS)}.{did_you_mean(step.step, STEPS)}")
        if not step.roles:
            yield fault(where, f"the step {step.step!r} of {audience!r} names no role", "Name who does it.")
        for role in (*step.roles, *step.backup):
            if role not in roles and (step.step, role) != ("release", PARENT_COMMANDER):
                text = f"the chain of {audience!r} names {role!r}, a role this template does not have"
                yield fault(where, text, f"Name a role of the template.{did_you_mean(role, roles)}")
    names = [s.step for s in steps]
    if names.count("release") != 1:
        yield fault(
            where,
            f"the chain of {audience!r} must have exactly one step release",
            "Add it: no message goes out without it.",
        )
    places = [STEPS.index(n) for n in names if n in STEPS]
    if places != sorted(places):
        text = f"the steps of the chain of {audience!r} are out of order"
        yield fault(where, text, f"The order is {', '.join(STEPS)}.")


def _assembly(where: str, catalog: Catalog, template: Template) -> Iterator[Finding]:
    roles = [r.key for r in template.roles]
    for rule in template.assembly:
        if rule.role not in roles:
            text = f"brings in {rule.role!r}, a role this template does not have"
            yield fault(where, text, f"Name a role of the template.{did_you_mean(rule.role, roles)}")
        if rule.how not in HOWS:
            text = f"brings in {rule.role!r} by {rule.how!r}"
            yield fault(where, text, f"Use callout or heads_up.{did_you_mean(rule.how, HOWS)}")
        yield from lint_condition(where, f"assembly of {rule.role!r}", rule.when, catalog)
        if not rule.when:
            text = f"assembly of {rule.role!r} has no condition, so nobody is ever brought in by it"
            yield warning(where, text, 'Write when = "always", or leave the key out.')


def _duties(where: str, template: Template) -> Iterator[Finding]:
    """The four duties of a response (R-024): alert, assess, mitigate, communicate until resolved."""
    called = [rule.role for rule in template.assembly if rule.how == "callout"]
    assessors = _granted(template, "severity.set")
    drafters = _granted(template, "message.draft")
    if not called:
        text = "duty missing: alert stakeholders. Nobody is called when an incident is declared"
        yield fault(where, text, 'Add an [[assembly]] rule with how = "callout".')
    if not any(role.checklist.get("triage") for role in assessors):
        text = "duty missing: assess impact. No role that may set the severity has a checklist for triage"
        yield fault(where, text, 'Grant "severity.set" to a role and give it [checklist] triage.')
    if not any(r.key in called and r.checklist.get("identified") for r in template.roles if not r.exclusive):
        text = "duty missing: mitigate. Nobody who is called has a checklist for the phase identified"
        yield fault(where, text, "Give a called role, such as the technical lead, [checklist] identified.")
    clocked = [ranks for ranks in template.clocks.values() if {1, 2} <= set(ranks)]
    if not clocked:
        text = (
            "duty missing: communicate until resolved. No audience has an update clock for both SEV1 and SEV2"
        )
        yield fault(
            where, text, 'Add one below [clocks], such as customers_all = { sev1 = "15m", sev2 = "30m" }.'
        )
    for phase in _UNTIL_RESOLVED:
        if not any(role.checklist.get(phase) for role in drafters):
            text = (
                f"duty missing: communicate until resolved. No role that drafts has a checklist for {phase}"
            )
            yield fault(where, text, f'Grant "message.draft" to a role and give it [checklist] {phase}.')


def _granted(template: Template, grant: str) -> list[RoleDefinition]:
    return [role for role in template.roles if grant in role.grants]
