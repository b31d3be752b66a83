"""Reads message templates: agreed wording with slots for the writer. Fills nothing and sends nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from quarterdeck.catalog.folders import Folders
from quarterdeck.catalog.tables import KEY, CatalogError, Table, did_you_mean
from quarterdeck.core.comms import substitute

# What an incident itself can put into a text. A slot of the same name starts with that value.
FACTS: Mapping[str, str] = {
    "action": "what we are doing now",
    "call": "where to join the call",
    "cause": "the cause, once recorded",
    "commander": "who commands",
    "commander_title": "what the organisation calls whoever commands",
    "components": "affected components, in customers' words",
    "contact": "whom to ask, for this audience",
    "customer_effect": "what customers notice",
    "customers_affected": "how many customers are affected",
    "duration": "how long it has lasted",
    "incident": "the incident's id, such as INC-1042",
    "next_step": "what we do next",
    "next_update_at": "when this audience hears from us again",
    "page_url": "the address of the status page",
    "phase": "the phase",
    "resolved_at": "when it was over",
    "services": "affected services",
    "severity": "the label of the severity",
    "started_at": "when it began",
    "summary": "what happened, in a few words",
    "title": "the title",
    "what_we_know": "what is known, from the facts panel",
    "workaround": "the workaround, from the facts panel",
}


@dataclass(frozen=True, slots=True)
class Slot:
    """A field the writer fills. `hint` tells what belongs there."""

    name: str
    hint: str


@dataclass(frozen=True, slots=True)
class MessageTemplate:
    """Text for one audience in one phase ("" for any). What is no slot is locked: agreed wording and facts.

    Headline and body hold `{{ field }}`, each field a slot or one of FACTS; `substitute` fills them.
    """

    audience: str
    phase: str
    headline: str
    body: str
    slots: tuple[Slot, ...]


def message_template(
    audience: str,
    phase: str,
    *,
    template: str = "software",
    folder: Path | None = None,
    texts: Mapping[str, str] | None = None,
) -> MessageTemplate | None:
    """The text for this audience in this phase, else the audience's text for any phase, else None.

    Raises CatalogError when the file cannot be used.
    """
    folders = Folders(folder, texts)
    for name, of_phase in ((f"{audience}.{phase}", phase), (audience, "")):
        file = f"messages/{template}/{name}.toml"
        if all(map(KEY.fullmatch, (audience, phase, template))) and folders.has(file):
            return _read(folders.table(file), audience, of_phase)
    return None


def message_files(folders: Folders, template: str) -> tuple[str, ...]:
    """The names of a template's message files without the ending: `audience` or `audience.phase`."""
    return folders.names(f"messages/{template}")


def read_message(folders: Folders, template: str, name: str) -> MessageTemplate:
    """One file by its name without the ending."""
    audience, _, phase = name.partition(".")
    return _read(folders.table(f"messages/{template}/{name}.toml"), audience, phase)


def _read(table: Table, audience: str, phase: str) -> MessageTemplate:
    slots = table.table("slots")
    message = MessageTemplate(
        audience,
        phase,
        table.text("headline", limit=200),
        table.text("body").strip(),
        tuple(Slot(name, slots.text(name, limit=200)) for name in slots.names()),
    )
    table.done()
    _refuse_faults(table.file, table, message)
    return message


def _refuse_faults(file: str, table: Table, message: MessageTemplate) -> None:
    text = f"{message.headline}\n{message.body}"
    for piece in substitute.stray(text):
        raise CatalogError(file, f"{piece!r} is not a field. Write {{{{ field }}}} with a-z, 0-9 and _ only.")
    used = substitute.fields(text)
    slots = [slot.name for slot in message.slots]
    for name in used:
        if name not in slots and name not in FACTS:
            near = did_you_mean(name, [*slots, *FACTS])
            raise CatalogError(file, f"the field {name!r} is neither a slot nor a fact.{near}")
    for name in slots:
        if name not in used:
            raise table.error(name, f"the slot {name!r} is not used in the text.{did_you_mean(name, used)}")
