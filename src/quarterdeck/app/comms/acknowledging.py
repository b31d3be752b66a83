"""The agreed first word to customers: which one an incident would send, how it reads, and sending it in one act."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from quarterdeck import catalog as shipped
from quarterdeck.catalog import CatalogError
from quarterdeck.core.comms import substitute
from quarterdeck.core.incidents import Content, Event, Incident, Template
from quarterdeck.core.incidents import acknowledgement as core
from quarterdeck.core.incidents.acknowledgement import Wording
from quarterdeck.core.incidents.content import content_hash
from quarterdeck.core.kernel.refused import Refused, missing
from quarterdeck.store import models
from quarterdeck.store.ids import new_id

from .. import casebook
from ..act import Act
from ..casebook import Case
from ..catalog import catalogue_files
from . import drafting

_known: dict[Path | None, tuple[object, tuple[Wording, ...]]] = {}
NOBODY_NAMED = "our services"


@dataclass(frozen=True, slots=True)
class FirstWord:
    """The wording that fits, filled; `due_at` is until when the structure wants it sent, None where it says nothing."""

    wording: Wording
    content: Content
    due_at: datetime | None
    hash: str


def wordings() -> Sequence[Wording]:
    """The file in force; read once for each reading of the catalogue. Never an error."""
    found = catalogue_files.files()
    kept = _known.get(found.folder)
    if kept is not None and kept[0] is found:
        return kept[1]
    read = None
    with suppress(CatalogError, OSError):
        read = shipped.acknowledgements(found.folder)
    said = read if read is not None else (kept[1] if kept else shipped.acknowledgements(None))
    _known[found.folder] = (found, said)
    return said


def first_word(case: Case, now: datetime) -> FirstWord | None:
    """What one act would send now; None once a word was sent, after the end, or where nothing fits."""
    incident = case.incident
    wording = core.chosen(incident, wordings())
    if wording is None or not incident.is_open or core.first_word_sent(incident, wording.audience):
        return None
    if case.template.audience(wording.audience) is None:
        return None
    content = _content(case, wording, now)
    clock, cadence = (
        incident.clocks.get(wording.audience),
        case.template.cadence(wording.audience, incident.severity),
    )
    first = clock.next_due if clock and clock.running and cadence and cadence.first else None
    return FirstWord(wording, content, first, content_hash(content))


def acknowledge(act: Act, incident_id: str, message_id: str = "") -> tuple[Case, str]:
    """Send it; returns the message's id as well. `message_id` makes a retry safe."""
    key = message_id or new_id()

    def decide(i: Incident, t: Template) -> list[Event]:
        wording = core.chosen(i, wordings())
        if wording is None:
            raise missing(
                "acknowledgement.none", "No agreed acknowledgement fits. Write the message on the board."
            )
        if models.MessageRow.objects.filter(id=key).exclude(incident_id=incident_id).exists():
            raise Refused("message.id_taken", "Another message has this id. Send it again with a fresh one.")
        content = _content(Case(i, t), wording, act.at)
        return core.acknowledge(i, t, act.who, message_id=key, content=content, wording=wording, at=act.at)

    return casebook.change(act, incident_id, decide), key


def _content(case: Case, wording: Wording, now: datetime) -> Content:
    """Only what is known in the first minute is filled in; the promised time is a whole minute."""
    incident = case.incident
    at = core.next_word_at(incident, case.template, wording.audience, now)
    promised = (at + timedelta(seconds=59)).replace(second=0, microsecond=0)
    known = drafting.facts(case, wording.audience, promised, now)
    profile = case.template.audience(wording.audience)
    public = bool(profile and profile.public)
    # Services that customers know by other names, or not at all, are not named by ours.
    names = known.get("components") or (
        "" if public and drafting.has_components(case) else known.get("services")
    )
    names = names or NOBODY_NAMED
    facts = known | {"components": names, "services": known.get("services") or names}
    components, pages = drafting.on_pages(case, wording.audience, public=public)
    limit = profile.headline_limit if profile else 120
    headline = substitute.fill(wording.headline, facts)
    if len(headline) > limit:
        headline = substitute.fill(
            wording.headline, facts | {"components": NOBODY_NAMED, "services": NOBODY_NAMED}
        )
    return Content(
        audience=wording.audience, headline=headline, customer_effect=substitute.fill(wording.customer_effect, facts),
        action=substitute.fill(wording.action, facts), next_update_at=promised, components=components, pages=pages,
    )  # fmt: skip
