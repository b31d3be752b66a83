"""What a drill is played from: a scenario with its aims, the steps that good practice takes, and its injects."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from quarterdeck.core.incidents.drill import INJECTS, KINDS
from quarterdeck.core.incidents.structure import Catalog, IncidentType, Template

LONGEST_MINUTES = 480
# How the record of an incident shows that a step was taken; "" where only the facilitator can say.
SIGNS = (
    "command", "role", "severity", "type", "impact", "phase", "resolved", "draft", "internal_update", "public_update",
    "task", "task_done", "decision", "handover", "hypothesis", "finding", "note", "facts", "checklist", "remediation",
    "check", "roll_call",
)  # fmt: skip
# What a fact inject changes, and who asks in an inquiry.
FACTS = (
    "what_we_know", "customer_effect", "cause", "workaround", "next_step", "customers_affected", "severity",
)  # fmt: skip
SENDERS = ("customer", "media", "executive", "partner", "staff")


@dataclass(frozen=True, slots=True)
class Step:
    """What good looks like: who has done what by which minute of the drill. `role` "" is the whole team."""

    key: str
    role: str
    title: str
    by_minute: int
    sign: str = ""


@dataclass(frozen=True, slots=True)
class Inject:
    """A timed event. `role` is whom it is for, "" everybody; `about` is the fact that changes, or who asks.

    `surprise`: it belongs to no plan that a good team could have made. `page`: whoever it is for is paged as in
    earnest, where the kind of drill pages at all. An answer may take `within_minutes`.
    """

    key: str
    at_minute: int
    kind: str
    title: str
    text: str = ""
    role: str = ""
    about: str = ""
    surprise: bool = False
    page: bool = False
    within_minutes: int = 10


@dataclass(frozen=True, slots=True)
class Scenario:
    """`kinds` are the kinds of drill it suits, the best first; `headline` is the title of the drill's incident and
    `situation` what is known at its start. `roles` are filled from the participants.
    """

    key: str
    title: str
    kinds: tuple[str, ...]
    summary: str
    aims: tuple[str, ...]
    type: str
    severity: int
    minutes: int
    headline: str
    situation: str
    template: str = ""
    services: tuple[str, ...] = ()
    restricted: bool = False
    roles: tuple[str, ...] = ()
    steps: tuple[Step, ...] = ()
    injects: tuple[Inject, ...] = ()


@dataclass(frozen=True, slots=True)
class Wrong:
    """What is wrong with a scenario: the word it is about, the text, what to do."""

    word: str
    text: str
    advice: str


def wrong_with(scenario: Scenario, catalog: Catalog) -> list[Wrong]:
    """Everything in it that could not be played on this catalogue. [] is a scenario to work with."""
    found = _setting(scenario, catalog)
    kind = catalog.type(scenario.type)
    template = catalog.template(scenario.template or (kind.template if kind else ""))
    if template is not None:
        found += _roles(scenario, template)
    return [*found, *_times(scenario), *_words(scenario), *_doubles(scenario)]


def structure_of(scenario: Scenario, catalog: Catalog) -> Template | None:
    """The response structure it is played in."""
    kind: IncidentType | None = catalog.type(scenario.type)
    return catalog.template(scenario.template or (kind.template if kind else ""))


def _setting(scenario: Scenario, catalog: Catalog) -> list[Wrong]:
    found = []
    types = [t.key for t in catalog.types]
    if scenario.type not in types:
        text = f"there is no incident type {scenario.type!r}"
        found.append(Wrong(scenario.type, text, f"Name a type.{_near(scenario.type, types)}"))
    templates = [t.key for t in catalog.templates]
    if scenario.template and scenario.template not in templates:
        text = f"there is no template {scenario.template!r}"
        found.append(Wrong(scenario.template, text, f"Name one.{_near(scenario.template, templates)}"))
    for kind in scenario.kinds:
        if kind not in KINDS:
            text = f"{kind!r} is no kind of drill"
            found.append(Wrong(kind, text, f"Use {', '.join(KINDS)}.{_near(kind, KINDS)}"))
    if not scenario.kinds:
        found.append(Wrong("kinds", "it suits no kind of drill", f"List some of {', '.join(KINDS)}."))
    return found


def _roles(scenario: Scenario, template: Template) -> list[Wrong]:
    known = [r.key for r in template.roles]
    named = [
        *((r, "'roles'") for r in scenario.roles),
        *((s.role, f"the step {s.key!r}") for s in scenario.steps if s.role),
        *((i.role, f"the inject {i.key!r}") for i in scenario.injects if i.role),
    ]
    return [
        Wrong(role, f"{where} names the role {role!r}, which the template {template.key!r} does not have",
              f"Name one of its roles.{_near(role, known)}")
        for role, where in named
        if role not in known
    ]  # fmt: skip


def _times(scenario: Scenario) -> list[Wrong]:
    timed = [
        *((s.key, s.by_minute, "step") for s in scenario.steps),
        *((i.key, i.at_minute, "inject") for i in scenario.injects),
    ]
    found = []
    for key, minute, what in timed:
        if minute < 0:
            text = f"the {what} {key!r} comes {-minute} minutes before the start"
            found.append(Wrong(key, text, "Give a minute from 0."))
        elif minute > scenario.minutes:
            text = f"the {what} {key!r} comes at minute {minute}, after the end at minute {scenario.minutes}"
            found.append(Wrong(key, text, "Bring it forward, or make the drill longer ('minutes')."))
    return found


def _words(scenario: Scenario) -> list[Wrong]:
    found = []
    for step in scenario.steps:
        if step.sign and step.sign not in SIGNS:
            text = f"the step {step.key!r} has the sign {step.sign!r}, which no record shows"
            found.append(Wrong(step.sign, text, f"Use a known sign or none.{_near(step.sign, SIGNS)}"))
    for inject in scenario.injects:
        found += inject_faults(inject)
    return found


def inject_faults(inject: Inject) -> list[Wrong]:
    """What an inject says that no drill can do, wherever it comes from."""
    name = f"the inject {inject.key!r}"
    if inject.kind not in INJECTS:
        text = f"{name} is of the kind {inject.kind!r}, which there is not"
        return [Wrong(inject.kind, text, f"Use {', '.join(INJECTS)}.{_near(inject.kind, INJECTS)}")]
    if inject.kind == "away" and not inject.role:
        return [Wrong(inject.key, f"{name} sends nobody away", "Name the role whose holder is away.")]
    about = {"fact": FACTS, "inquiry": SENDERS}.get(inject.kind)
    if about is not None and inject.about not in about:
        text = f"{name} is about {inject.about!r}"
        return [
            Wrong(inject.key, text, f"Set 'about' to one of {', '.join(about)}.{_near(inject.about, about)}")
        ]
    if inject.kind == "fact" and inject.about == "severity" and inject.text not in ("1", "2", "3", "4", "5"):
        return [Wrong(inject.key, f"{name} sets no severity", "Set 'text' to a rank from 1 to 5, as text.")]
    if inject.kind == "fact" and not inject.text.strip():
        return [Wrong(inject.key, f"{name} says nothing", "Set 'text' to what is known now.")]
    return []


def _doubles(scenario: Scenario) -> list[Wrong]:
    found = []
    for what, keys in (
        ("role", list(scenario.roles)),
        ("step", [s.key for s in scenario.steps]),
        ("inject", [i.key for i in scenario.injects]),
    ):
        for key in dict.fromkeys(k for k in keys if keys.count(k) > 1):
            found.append(Wrong(key, f"there are two of the {what} {key!r}", "Give each its own key."))
    return found


def _near(word: str, known: Sequence[str]) -> str:
    near = get_close_matches(word, known, n=1, cutoff=0.6)
    return f" Did you mean {near[0]!r}?" if near else ""
