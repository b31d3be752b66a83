"""The response plan as it is configured, and what it lacks (R-187): roles and duties, channels, escalation procedure,
decision process. Reads a catalogue and what the installation set up; decides nothing by itself.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from quarterdeck.core.kernel.moments import spoken

from .functions import by_service
from .gates import what_it_asks
from .structure import Catalog, RoleDefinition, Template

COMMANDER_POLICY, DEFAULT_POLICY = "commander", "default"
_DECIDES, _COMMANDS = "decision.make", "commander"


@dataclass(frozen=True, slots=True)
class Setup:
    """What the installation set up besides its catalogue. `policies`: key -> (name, what its steps do, in order);
    `channels`: kind of contact -> how many people have one; `services` have no policy of their own; `unreachable` are
    the names of people without any contact.
    """

    policies: Mapping[str, tuple[str, tuple[str, ...]]]
    channels: Mapping[str, int]
    services: tuple[str, ...] = ()
    unreachable: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Lack:
    """`text` is what is missing, `next` what to do about it."""

    text: str
    next: str


@dataclass(frozen=True, slots=True)
class Chapter:
    """`lines` are (of what, what the plan says)."""

    key: str
    title: str
    lines: tuple[tuple[str, str], ...]
    lacks: tuple[Lack, ...]


def response_plan(catalog: Catalog, setup: Setup) -> tuple[Chapter, ...]:
    """The four chapters a plan has, always all of them."""
    chapters = (
        ("roles", "Roles and duties", _roles(catalog), _roles_lack(catalog)),
        ("channels", "Channels", _channels(catalog, setup), _channels_lack(catalog, setup)),
        ("escalation", "Escalation procedure", _escalation(setup), _escalation_lack(catalog, setup)),
        ("decisions", "Decision process", _decisions(catalog), _decisions_lack(catalog)),
    )
    return tuple(Chapter(key, title, tuple(lines), tuple(lacks)) for key, title, lines, lacks in chapters)


def _roles(catalog: Catalog) -> Iterator[tuple[str, str]]:
    for t in catalog.templates:
        for role in _required(t):
            duties = [i.text for items in role.checklist.values() for i in items]
            yield f"{t.title}: {role.title}", " ".join([role.purpose, *duties])


def _roles_lack(catalog: Catalog) -> Iterator[Lack]:
    if not catalog.templates:
        yield Lack("There is no structure: nobody has a role.", "Add a structure with its role cards.")
    for t in catalog.templates:
        for role in _required(t):
            if not any(role.checklist.values()):
                what = f"{t.title}: the duties of {role.title}"
                yield Lack(f"{what} are not written.", "Write a checklist in the role's card.")


def _required(template: Template) -> list[RoleDefinition]:
    return [r for r in template.roles if r.required_when and not r.retired]


def _channels(catalog: Catalog, setup: Setup) -> Iterator[tuple[str, str]]:
    for kind, people in setup.channels.items():
        yield kind, f"reaches {people} {'person' if people == 1 else 'people'}"
    for t in catalog.templates:
        for audience in t.audiences:
            every = [
                f"SEV{rank} every {spoken(e)}" for rank, e in sorted(t.clocks.get(audience.key, {}).items())
            ]
            yield f"{t.title}: {audience.title}", ", ".join(every) or "when there is something to say"


def _channels_lack(catalog: Catalog, setup: Setup) -> Iterator[Lack]:
    if not setup.channels:
        yield Lack("Nobody can be reached on any channel.", "Let people enter a contact in their profile.")
    elif setup.unreachable:
        names = _some(setup.unreachable)
        yield Lack(f"Not reached on any channel: {names}.", "Let them enter a contact in their profile.")
    for t in catalog.templates:
        if not t.audiences:
            yield Lack(f"{t.title}: nobody is told anything.", "Name its audiences in the structure.")


def _escalation(setup: Setup) -> Iterator[tuple[str, str]]:
    for name, steps in setup.policies.values():
        yield name, "; then ".join(steps) or "calls nobody"


def _escalation_lack(catalog: Catalog, setup: Setup) -> Iterator[Lack]:
    for name, steps in setup.policies.values():
        if not steps:
            yield Lack(f"The policy {name} calls nobody.", "Give it a step.")
    if DEFAULT_POLICY not in setup.policies and (setup.services or not setup.policies):
        whose = f" of {_some(setup.services)}" if setup.services else ""
        yield Lack(f"Alerts{whose} call nobody: there is no default policy.", "Make the default policy.")
    if not {COMMANDER_POLICY, DEFAULT_POLICY} & set(setup.policies):
        yield Lack("Nobody is called to command.", f"Make a policy with the key {COMMANDER_POLICY!r}.")
    called = {a.role: t for t in catalog.templates for a in t.assembly if a.how == "callout"}
    for role, t in called.items():
        if role != _COMMANDS and not by_service(t, role) and f"role-{role}" not in setup.policies:
            card = t.role(role)
            title = card.title if card else role
            yield Lack(
                f"Nobody is set to be called as {title}.", f"Make a policy with the key 'role-{role}'."
            )


def _decisions(catalog: Catalog) -> Iterator[tuple[str, str]]:
    cells = len(catalog.impacts) * len(catalog.urgencies)
    yield "Severity", f"from impact and urgency, {len(catalog.matrix)} of {cells} pairs decided beforehand"
    for t in catalog.templates:
        yield f"{t.title}: decides", ", ".join(r.title for r in _deciders(t)) or "nobody"
        for phase, keys in t.gates.items():
            yield f"{t.title}: before {phase}", " ".join(what_it_asks(t, key) for key in keys)
        for key, chain in t.chains.items():
            audience = t.audience(key)
            steps = (f"{s.step} by {' or '.join(_title(t, r) for r in s.roles)}" for s in chain)
            yield f"{t.title}: what {audience.title if audience else key} hears", ", ".join(steps)


def _decisions_lack(catalog: Catalog) -> Iterator[Lack]:
    pairs = [(i, u) for i in catalog.impacts for u in catalog.urgencies if (i, u) not in catalog.matrix]
    if pairs:
        named = _some([f"{i} impact and {u} urgency" for i, u in pairs])
        yield Lack(f"The matrix gives no severity for {named}.", "Fill in the matrix.")
    for t in catalog.templates:
        if not _deciders(t):
            yield Lack(f"{t.title}: nobody may decide.", f"Give {_DECIDES} to the role that leads.")
        if not any(t.gates.values()):
            yield Lack(f"{t.title}: nothing is asked before a phase begins.", "Add gates to the structure.")
        for audience in t.audiences:
            if audience.public and not t.chains.get(audience.key):
                what = f"{t.title}: nobody is named who releases what {audience.title} hears"
                yield Lack(f"{what}.", "Add a chain for it to the structure.")


def _deciders(template: Template) -> list[RoleDefinition]:
    return [r for r in template.roles if _DECIDES in r.grants and not r.retired]


def _title(template: Template, key: str) -> str:
    role = template.role(key)
    return role.title if role else key


def _some(names: Sequence[str], most: int = 5) -> str:
    rest = len(names) - most
    return ", ".join(names[:most]) + (f" and {rest} more" if rest > 0 else "")
