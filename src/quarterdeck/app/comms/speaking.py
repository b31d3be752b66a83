"""In whose name a message goes: who may be named, how they sign, and the name a mail shows. The address stays ours."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from quarterdeck.core.incidents import Content, Incident, speakers
from quarterdeck.core.incidents.parts import Message
from quarterdeck.core.incidents.structure import Template
from quarterdeck.core.kernel.refused import bad
from quarterdeck.core.kernel.text import line
from quarterdeck.store import models

from ..paging.directory import Directory

NAME_LIMIT = 60


def executives_of(messages: Iterable[Message | Content]) -> frozenset[str]:
    """Those of the executives named in these messages who are executives still."""
    named = {m.sender_person for m in messages if m.sender_person}
    if not named:
        return frozenset()
    return frozenset(executives().filter(id__in=named).values_list("id", flat=True))


def executives() -> Any:
    """Everybody who may be named as an executive."""
    return models.Person.objects.filter(role="executive", is_active=True)


def must_be_executive(content: Content) -> None:
    """Refuses a name that is no executive's."""
    if content.sender_identity == speakers.EXECUTIVE and content.sender_person not in executives_of(
        [content]
    ):
        why = "This person is no executive here. Choose one from the list."
        raise bad("sender.person", why, sender_person=why)


def speaker(incident: Incident, message: Message | Content) -> str:
    """The person in whose name it went, or would go now; "" the organisation's, or nobody's."""
    if isinstance(message, Message) and message.spoken_by:
        return message.spoken_by
    if not message.sender_identity:
        return ""
    named = executives_of([message])
    return speakers.speaker(incident, message.sender_identity, message.sender_person, named)


def signature(
    incident: Incident, template: Template, message: Message | Content, directory: Directory
) -> str:
    """The line below the text: name and office; "" where the organisation speaks."""
    person = speaker(incident, message)
    return f"{line(directory.name(person), 120)}, {office(template, message, person)}" if person else ""


def office(template: Template, message: Message | Content, person: str) -> str:
    """What they are: an executive's own title, else the role's."""
    if message.sender_identity == speakers.EXECUTIVE:
        own = models.Person.objects.filter(id=person).values_list("title", flat=True).first()
        return line(own or "", 120) or speakers.title(template, speakers.EXECUTIVE)
    return speakers.title(template, message.sender_identity)


def from_name(incident: Incident, message: Message | Content, directory: Directory) -> str:
    """What stands in a mail before the sender's address; "" leaves the organisation's own."""
    person = speaker(incident, message)
    return line(directory.name(person), NAME_LIMIT) if person else ""
