"""The agreed texts of messages: which one an incident uses, which there are, and how one reads. Reads only.

A running incident keeps the texts that were in force when it took its structure, as it keeps the structure.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from quarterdeck import catalog as shipped
from quarterdeck.catalog import CatalogError, MessageTemplate
from quarterdeck.catalog.messages import read_message
from quarterdeck.core.incidents.structure import Template
from quarterdeck.store import models

from ..catalog import catalogue_files, saved_files

# For the first look at a text in the editor, and for nothing else.
EXAMPLES = {
    "action": "We move traffic to the second site.",
    "call": "https://meet.example.com/inc-1042",
    "cause": "A change of the database's settings.",
    "commander": "Ana Ferreira",
    "commander_title": "Incident Commander",
    "components": "Checkout, Invoices",
    "contact": "support@example.com",
    "customer_effect": "Payments by card fail.",
    "customers_affected": "1,200",
    "duration": "42 min",
    "incident": "INC-1042",
    "next_step": "We watch the error rate for 30 minutes.",
    "next_update_at": "15:10 UTC",
    "page_url": "https://status.example.com",
    "phase": "identified",
    "resolved_at": "15:24 UTC",
    "services": "checkout, billing",
    "severity": "SEV2",
    "started_at": "14:02 UTC",
    "summary": "card payments fail",
    "title": "Card payments fail",
    "what_we_know": "The database refuses new connections.",
    "workaround": "Pay by bank transfer.",
}
_START = """headline = "{{ title }}"
body = \"\"\"
{{ customer_effect }}
Next update by {{ next_update_at }}.
\"\"\"

[slots]
customer_effect = "What this audience notices, in its words."
"""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a text for one audience in one phase ("" for any) stands, and whether there is one."""

    audience: str
    phase: str
    path: str
    source: str


def of_incident(incident_id: str, audience: str, phase: str, template: str) -> MessageTemplate | None:
    """The text of this incident; where it cannot be read, the last that could, else the shipped one."""
    pinned = models.TemplatePin.objects.filter(incident_id=incident_id).values_list("pinned_at", flat=True)
    saved = _saved(audience, phase, template, pinned.first())
    tries = [(catalogue_files.files().folder, saved)] if saved else []
    for folder, texts in (*tries, *((f, {}) for f in catalogue_files.folders())):
        try:
            return shipped.message_template(audience, phase, template=template, folder=folder, texts=texts)
        except (CatalogError, OSError):
            continue
    return None


def _saved(audience: str, phase: str, template: str, at: datetime | None) -> dict[str, str]:
    paths = [_path(template, audience, p) for p in (phase, "")]
    return {path: text for path in paths if (text := saved_files.text(path, at)) is not None}


def places(template: Template) -> list[Place]:
    """Every text a template has or may have: each audience for any phase, then phase by phase."""
    folders = shipped.Folders(catalogue_files.files().folder, saved_files.texts())
    return [
        Place(a.key, phase, path, folders.source(path))
        for a in template.audiences
        for phase in ("", *template.phases)
        for path in [_path(template.key, a.key, phase)]
    ]


def start(path: str) -> str:
    """What the editor opens with where there is no text yet: the audience's text for any phase, else a short one."""
    general = path.rpartition("/")[0] + f"/{path.rpartition('/')[2].partition('.')[0]}.toml"
    folders = shipped.Folders(catalogue_files.files().folder, saved_files.texts())
    return folders.text(general) if folders.has(general) else _START


def read(path: str, text: str) -> MessageTemplate | None:
    """A text as its writer will meet it; None where it cannot be read."""
    template, _, name = path.removeprefix("messages/").removesuffix(".toml").partition("/")
    try:
        return read_message(shipped.Folders(None, {path: text}), template, name)
    except CatalogError:
        return None


def _path(template: str, audience: str, phase: str) -> str:
    return f"messages/{template}/{audience}{'.' if phase else ''}{phase}.toml"
