"""One typed line, carried out: the same verbs on the page, over the interface and on the command line."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from difflib import get_close_matches

from quarterdeck.core.escalation.policy import Target
from quarterdeck.core.incidents import typed
from quarterdeck.core.incidents.codename import outside
from quarterdeck.core.incidents.typed import ENTRY_KINDS, Typed
from quarterdeck.core.kernel import money as amounts
from quarterdeck.core.kernel.refused import bad
from quarterdeck.core.kernel.text import clean

from .. import casebook
from ..act import Act
from ..chat import room_rights
from ..incidents import incidents, money, record, tasks, vendors
from ..paging import paging
from ..response.business_rules import rules
from . import quick_desk, quick_emergency, quick_learn, quick_response, quick_technical, quick_telling
from .people_named import person_of, zone


@dataclass(frozen=True, slots=True)
class Done:
    """What came of it: the verb, a sentence, and for `/help` the lines. `shows` is the part of a page that changed."""

    verb: str
    text: str
    lines: tuple[str, ...] = ()
    shows: str = "timeline"


def say(act: Act, incident_id: str, text: str, *, entry_id: str = "") -> Done:
    """Carry out what was typed. Refuses as the act itself does; `entry_id` makes a retry of an entry safe."""
    asked = typed.read(clean(text, 12_000))
    casebook.load(incident_id, act.who)
    if asked.verb in ENTRY_KINDS:
        record.write(act, incident_id, ENTRY_KINDS[asked.verb], asked.text, entry_id=entry_id)
        return Done(asked.verb, "Written.")
    if asked.verb in quick_technical.ACTS:
        line = quick_technical.Line(act, incident_id, asked, entry_id)
        return Done(asked.verb, quick_technical.ACTS[asked.verb](line))
    if asked.verb in quick_response.ACTS:
        return Done(asked.verb, quick_response.ACTS[asked.verb](act, incident_id, asked.text))
    if asked.verb in quick_learn.ACTS:
        said, lines = quick_learn.ACTS[asked.verb](act, incident_id, asked, entry_id)
        return Done(asked.verb, said, lines, shows="header" if asked.verb == "structure" else "timeline")
    if asked.verb in quick_telling.ACTS:
        said, lines = quick_telling.ACTS[asked.verb](act, incident_id, asked, entry_id)
        return Done(asked.verb, said, lines)
    if asked.verb in quick_desk.ACTS:
        said, lines = quick_desk.ACTS[asked.verb](act, incident_id, asked, entry_id)
        return Done(asked.verb, said, lines)
    if asked.verb in quick_emergency.ACTS:
        return Done(asked.verb, quick_emergency.ACTS[asked.verb](act, incident_id, asked), shows="header")
    return _ACTS[asked.verb](act, incident_id, asked, entry_id)


def _help(act: Act, incident_id: str, asked: Typed, entry_id: str) -> Done:
    return Done("help", "What can be typed here:", tuple(typed.help_lines()))


def _at(act: Act, incident_id: str, asked: Typed, entry_id: str) -> Done:
    at = typed.moment(asked.clock or (0, 0), act.at.astimezone(zone(act)))
    record.write(
        act, incident_id, "note", asked.text, happened_at=at.astimezone(act.at.tzinfo), entry_id=entry_id
    )
    return Done("at", f"Written for {at:%H:%M}, marked with the time it was entered.")


def _decide(act: Act, incident_id: str, asked: Typed, entry_id: str) -> Done:
    question, _, chosen = asked.text.partition("\n")
    record.decide(act, incident_id, question, chosen.strip() or question)
    return Done("decide", "The decision is on record.")


def _can(act: Act, incident_id: str, asked: Typed, entry_id: str) -> Done:
    condition, actions, needs = [*re.split(r"\s*[|\n]\s*", asked.text, maxsplit=2), "", ""][:3]
    record.report_can(act, incident_id, condition, actions, needs)
    return Done("can", "The report is on record.")


def _task(act: Act, incident_id: str, asked: Typed, entry_id: str) -> Done:
    person = person_of(asked.who)
    tasks.give(act, incident_id, asked.text, person.id, asked.number)
    return Done("task", f"{person.name} has the task, {asked.number} min.", shows="tasks")


def _phase(act: Act, incident_id: str, asked: Typed, entry_id: str) -> Done:
    phases = casebook.load(incident_id, act.who).template.phases
    if asked.key not in phases:
        near = get_close_matches(asked.key, phases, n=1)
        hint = f" Did you mean {near[0]}?" if near else ""
        message = f"There is no phase “{asked.key[:30]}”.{hint} There are: {', '.join(phases)}."
        raise bad("phase.unknown", message, text=message)
    incidents.change_phase(act, incident_id, asked.key, asked.text)
    return Done("phase", f"The phase is {asked.key}.", shows="header")


def _severity(act: Act, incident_id: str, asked: Typed, entry_id: str) -> Done:
    incidents.set_severity(act, incident_id, asked.number, asked.text)
    return Done("sev", f"The severity is {asked.number}.", shows="header")


def _page(act: Act, incident_id: str, asked: Typed, entry_id: str) -> Done:
    person = person_of(asked.who)
    title = outside(casebook.load(incident_id, act.who).incident)
    paging.page(act, [Target("person", person.id)], title, asked.text, incident_id=incident_id)
    return Done("page", f"{person.name} is being paged.")


def _kick(act: Act, incident_id: str, asked: Typed, entry_id: str) -> Done:
    person = person_of(asked.who)
    room_rights.remove(act, incident_id, person.id, asked.text)
    return Done("kick", f"{person.name} is removed from the channel.")


def _cost(act: Act, incident_id: str, asked: Typed, entry_id: str) -> Done:
    currency = asked.key or rules().rates.currency
    minor = amounts.minor(asked.who, currency, "text")
    money.enter(act, incident_id, "cost", asked.text, minor, currency, entry_id=entry_id)
    return Done("cost", f"Entered: {amounts.text(minor, currency)}.")


def _vendor(act: Act, incident_id: str, asked: Typed, entry_id: str) -> Done:
    """The clock and the contact of the catalogue, where the services of the incident name this supplier."""
    services = casebook.load(incident_id, act.who).incident.services
    known = [v for v in vendors.of_services(services) if v.vendor.casefold() == asked.who.casefold()]
    vendors.open_case(act, incident_id, asked.who, asked.text, contact_id=known[0].id if known else "")
    return Done("vendor", f"Waiting for {asked.who}.")


def _fact(act: Act, incident_id: str, asked: Typed, entry_id: str) -> Done:
    if asked.key == "customers_affected":
        now = casebook.load(incident_id, act.who).incident
        incidents.set_impact(act, incident_id, dict(now.dimensions), asked.text, "")
    else:
        incidents.set_facts(act, incident_id, **{asked.key: asked.text})
    return Done("fact", "The facts say so now.", shows="facts")


def _update(act: Act, incident_id: str, asked: Typed, entry_id: str) -> Done:
    message = "Updates are written on the communication board: open it there, or draft a message over the interface."
    raise bad("command.board", message, text=message)


_ACTS: dict[str, Callable[[Act, str, Typed, str], Done]] = {
    "can": _can, "cost": _cost, "vendor": _vendor,
    "help": _help, "at": _at, "decide": _decide, "task": _task, "phase": _phase, "sev": _severity, "page": _page,
    "kick": _kick,
    "fact": _fact, "update": _update,
}  # fmt: skip
