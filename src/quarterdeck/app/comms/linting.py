"""Reads a message against what this organisation knows: its people, machines and words, and what others are told."""

from __future__ import annotations

from datetime import datetime

from quarterdeck.core.comms.finding import ERROR, FIELDS, WARNING, Finding, Known, Reader, Text
from quarterdeck.core.comms.lint import lint
from quarterdeck.core.incidents import STATUS_WORDS, Content, codename
from quarterdeck.core.incidents.contact import contact_of
from quarterdeck.core.incidents.parts import Message
from quarterdeck.core.incidents.state import OPEN_PHASES
from quarterdeck.core.incidents.structure import Template
from quarterdeck.store import models

from ..casebook import Case
from ..catalog import glossary
from . import message_wording

TECHNICAL = "responders"
MOST_PEOPLE, MOST_HOSTS = 5000, 200
GRADE_OUTSIDE = 12.0


def findings(case: Case, content: Content | Message, now: datetime) -> tuple[Finding, ...]:
    """Everything found in a text, errors first; fields of the agreed wording that are empty among them."""
    text = _text(case, content)
    reader = reader_of(case.template, content.audience)
    phase = content.phase if isinstance(content, Message) else case.incident.told_phase
    gaps = message_wording.missing(case, content.audience, phase, content.headline, content.body)
    open_ = tuple(
        Finding("field.missing", WARNING, "body", 0, 0, f"Missing: {name}.", hint)
        for name, hint in gaps.items()
    )
    return (*_titles(case, text), *lint(text, reader, _known(case, content, reader, now)), *open_)


def faults(case: Case, message: Message, now: datetime) -> tuple[str, ...]:
    """What keeps a message from readers outside until it is mended or somebody says why it may go (R-211). The title
    of a restricted incident keeps it from all readers: not all of them are in it.
    """
    if not reader_of(case.template, message.audience).outside:
        return tuple(f.text for f in _titles(case, _text(case, message)))
    return tuple(dict.fromkeys(f.text for f in findings(case, message, now) if f.level == ERROR))


def _titles(case: Case, text: Text) -> tuple[Finding, ...]:
    """The fields that say the title of a restricted incident, or one that it had before (R-293)."""
    called = codename.outside(case.incident)
    message = "It says the title of a restricted incident, which only its members may read."
    return tuple(
        Finding("title.restricted", ERROR, field, 0, 0, message, f"Call it {called}, or say less.")
        for field in FIELDS
        if codename.says_title(case.incident, getattr(text, field))
    )


def reader_of(template: Template, audience: str) -> Reader:
    found = template.audience(audience)
    if found is None:
        return Reader(audience, audience, outside=True)
    channels = ("email", "status_page", "sms") if found.public else ("email",)
    technical = audience == TECHNICAL
    grade = GRADE_OUTSIDE if found.public else 16.0
    return Reader(audience, found.title, found.public, technical, grade, found.headline_limit, channels)


def _known(case: Case, content: Content | Message, reader: Reader, now: datetime) -> Known:
    incident, words = case.incident, glossary.glossary()
    people: tuple[str, ...] = ()
    if reader.outside:
        people = tuple(models.Person.objects.values_list("name", flat=True)[:MOST_PEOPLE])
    contact = contact_of(incident)
    named = (
        (case.directory(now).name(contact.person),) if contact and content.audience != "customers_all" else ()
    )
    hosts: tuple[str, ...] = ()
    if incident.alerts:
        sources = models.Alert.objects.filter(id__in=list(incident.alerts)[:MOST_HOSTS])
        hosts = tuple(h for h in set(sources.values_list("source", flat=True)) if _is_name(h))
    own = content.id if isinstance(content, Message) else ""
    newest = {
        m.audience: m for m in incident.messages.values()
        if m.phase == incident.told_phase and m.state != "superseded" and m.audience != content.audience and m.id != own
    }  # fmt: skip
    return Known(
        people, named, hosts, words.acronyms, words.plain, incident.customers_affected, incident.declared_at,
        incident.told_phase not in OPEN_PHASES, tuple(_text(case, m) for m in newest.values()),
    )  # fmt: skip


def _is_name(host: str) -> bool:
    """A word like no other: a machine, not “checkout” or “Prometheus”."""
    return 3 <= len(host) <= 80 and " " not in host and any(c in "-._0123456789" for c in host)


def _text(case: Case, c: Content | Message) -> Text:
    phase = c.phase if isinstance(c, Message) else case.incident.told_phase
    word = c.status_word or STATUS_WORDS.get(phase, "")
    return Text(c.audience, c.headline, c.customer_effect, c.action, c.body, c.next_update_at, c.final, word)
