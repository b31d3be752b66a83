"""In whose name a message goes, as the composer and the opened message show it. Reads only."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from quarterdeck.app.casebook import Case
from quarterdeck.app.comms import consents, speaking
from quarterdeck.core.access import Who
from quarterdeck.core.incidents import Content, speakers
from quarterdeck.core.incidents.authority import may
from quarterdeck.core.incidents.message_authority import in_chain
from quarterdeck.core.incidents.parts import Message

_SAID = {
    "asked": "asked, no answer yet",
    "withdrawn": "took their name back",
    "given": "agreed to another text",
}
MOST = 200


def choices(case: Case, content: Content, now: datetime) -> dict[str, Any]:
    """What the composer offers; `fixed` where the structure says whose name it is."""
    fixed = case.template.senders.get(content.audience, "")
    if fixed:
        return {"voices": [], "voice": fixed, "voice_fixed": _leader(case, fixed, now)}
    rows = [{"key": "", "label": "The organisation"}]
    rows += [{"key": r, "label": _leader(case, r, now)} for r in speakers.roles(case.template)]
    rows += [
        {"key": f"{speakers.EXECUTIVE}:{p.id}", "label": f"{p.name}, {p.title or 'Executive'}"}
        for p in speaking.executives().order_by("name")[:MOST]
    ]
    return {"voices": rows, "voice": written(content), "voice_fixed": ""}


def written(content: Content | Message) -> str:
    """As one value of a form."""
    if content.sender_identity == speakers.EXECUTIVE:
        return f"{speakers.EXECUTIVE}:{content.sender_person}"
    return content.sender_identity


def read(value: str) -> dict[str, str]:
    """Back from a form: identity and person."""
    identity, _, person = value.partition(":")
    return {"sender_identity": identity[:60], "sender_person": person[:40]}


def beside(case: Case, message: Message, who: Who, now: datetime) -> dict[str, Any]:
    """Whose name stands under an opened message, how that stands, and what this person may do about it."""
    found = consents.standing(case, message.id)
    if found is None:
        return {"voice": None}
    name = case.directory(now).name(found.person) if found.person else "nobody holds this role"
    asked = found.consent if found.consent and found.consent.person == found.person else None
    unsent = message.state in ("draft", "in_review")
    writes = in_chain(case.incident, case.template, who, message.audience, "draft")
    writes = writes or may(case.incident, case.template, who, "message.draft", "message.release")
    return {
        "voice": {
            "name": name, "title": found.title, "counts": found.counts,
            "note": "agreed to this text" if found.counts else _SAID[asked.state] if asked else "not asked yet",
            "mine": bool(found.person) and who.person == found.person and (unsent or found.counts),
            "may_ask": unsent and writes and not found.counts and bool(found.person) and who.person != found.person,
        }
    }  # fmt: skip


def _leader(case: Case, role: str, now: datetime) -> str:
    held = case.incident.holder(role)
    name = case.directory(now).name(held.person) if held else "nobody yet"
    return f"{name}, {speakers.title(case.template, role)}"
