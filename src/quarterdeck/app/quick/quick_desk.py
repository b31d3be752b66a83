"""Typed lines about those who ask, and about one's own name: the inquiry desk, and consent to a message.

An inquiry is named by the end of its id. Consent is named by the beginning of the text's hash, so that what was read is
what is agreed to: after an edit the name fits nothing any more.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from quarterdeck.core.incidents import inquiries as core
from quarterdeck.core.incidents.state import COMMANDER
from quarterdeck.core.incidents.typed import VERBS, Typed
from quarterdeck.core.kernel.refused import Refused, bad, missing
from quarterdeck.core.kernel.text import cut
from quarterdeck.store import models

from ..act import Act, need
from ..comms import consents
from ..desk import customer_escalations, inquiries, inquiry_answers
from ..paging.directory import Directory

Told = tuple[str, tuple[str, ...]]
# What may be typed by somebody who only has a name to lend.
OF_ANYBODY = frozenset({"consents", "consent"})
LISTED, REF = 20, 6
_ESCALATE = re.compile(r"^(lead|commander)\s+(\S+)\s+(\S.*)$", re.DOTALL | re.IGNORECASE)
_TARGETS = {"lead": "technical_lead", "commander": COMMANDER}


def inquiry_ref(inquiry_id: str) -> str:
    return inquiry_id[-REF:]


def _list(act: Act, incident_id: str, asked: Typed, entry_id: str) -> Told:
    need(act, "incident.read")
    rows = inquiries.inquiries(act.who).filter(incident_id=incident_id, state__in=core.OPEN_STATES)
    found, names = list(rows.order_by("-asked_at", "-id")[:LISTED]), Directory(act.at)
    lines = [
        f"{inquiry_ref(r.id)}  {core.KINDS[r.kind]}, {names.name(r.owner) if r.owner else 'nobody has it'}: "
        f"{cut(' '.join(r.question.split()), 120)}"
        for r in found
    ]
    return ("Open inquiries, the latest first:" if found else "No inquiry is open."), tuple(lines)


def _inquiry(act: Act, incident_id: str, asked: Typed, entry_id: str) -> Told:
    parts = asked.text.split(None, 2)
    if len(parts) < 2 or parts[0].lower() not in _DESK:
        raise _form("inquiry")
    return _DESK[parts[0].lower()](act, _row(act, incident_id, parts[1]), parts[2] if len(parts) > 2 else "")


def _row(act: Act, incident_id: str, ref: str) -> models.Inquiry:
    rows = inquiries.inquiries(act.who).filter(incident_id=incident_id, id__endswith=ref.lower())[:2]
    if len(ref) < REF or len(rows) != 1:
        raise missing("inquiry.unknown", "No inquiry of this incident ends so. /inquiries lists them.")
    return rows[0]


def _take(act: Act, row: models.Inquiry, rest: str) -> Told:
    inquiries.assign(act, [row.id], act.person)
    return "It is yours.", ()


def _answer(act: Act, row: models.Inquiry, rest: str) -> Told:
    """From the newest text that was sent and still holds; "anyway" takes one that may not."""
    words = rest.split()
    link = next((w for w in words if w.startswith(("https://", "http://"))), "")
    anyway = "anyway" in (w.lower() for w in words)
    texts = inquiry_answers.texts(act, row)
    if not texts:
        raise Refused("answer.none", "Nothing was sent yet that this can be answered from.")
    message, text, stale = next((t for t in texts if not t[2]), texts[0])
    if stale and not anyway:
        why = " ".join(stale)
        raise Refused("answer.stale", f"{why} To answer from it all the same, end the line with: anyway")
    inquiry_answers.answer(act, row.id, message_id=message.id, link=link, anyway=anyway)
    return f"Answered from “{message.headline}”:", tuple(text.splitlines())


def _escalate(act: Act, row: models.Inquiry, rest: str) -> Told:
    found = _ESCALATE.match(rest)
    if found is None:
        raise _form("inquiry")
    target, priority = _TARGETS[found[1].lower()], found[2].lower()
    made = customer_escalations.raise_issue(act, row.id, target=target, priority=priority, reason=found[3])
    who = Directory(act.at).name(made.person)
    return f"{who} is being paged; it is to be dealt with by {made.due_at:%H:%M} UTC.", ()


_DESK: dict[str, Callable[[Act, models.Inquiry, str], Told]] = {
    "take": _take, "answer": _answer, "escalate": _escalate,
}  # fmt: skip


def _consents(act: Act, incident_id: str, asked: Typed, entry_id: str) -> Told:
    need(act, "brief.read")
    found = [w for w in consents.waiting(act.who) if w.incident_id == incident_id]
    lines: list[str] = []
    for w in found:
        said = w.standing
        lines += [
            f"{said.content_hash[:8]}  {said.message.headline}, signed as {said.title}",
            *w.text.splitlines(),
        ]
    return ("Your name is asked for:" if found else "Your name is asked for nothing here."), tuple(lines)


def _consent(act: Act, incident_id: str, asked: Typed, entry_id: str) -> Told:
    need(act, "brief.read")
    parts = asked.text.split(None, 2)
    if len(parts) < 2 or parts[0].lower() not in ("yes", "no"):
        raise _form("consent")
    said, ref = parts[0].lower(), parts[1].lower()
    among = consents.mine(act.who, incident_id)
    found = [w for w in among if len(ref) >= 8 and w.standing.content_hash.startswith(ref)]
    if len(found) != 1:
        raise missing(
            "consent.unknown",
            "No text that asks for your name begins so: it may have been changed. /consents lists them.",
        )
    message = found[0].standing.message
    if said == "yes":
        consents.give(act, incident_id, message.id, found[0].standing.content_hash)
        return f"In your name: “{message.headline}”. Any change of it ends this.", ()
    consents.withdraw(act, incident_id, message.id, parts[2] if len(parts) > 2 else "")
    return f"Not in your name: “{message.headline}”.", ()


def _form(verb: str) -> Exception:
    form, more = VERBS[verb]
    message = f"Write it like this: {form} ({more})"
    return bad("command.form", message, text=message)


ACTS: dict[str, Callable[[Act, str, Typed, str], Told]] = {
    "inquiries": _list, "inquiry": _inquiry, "consents": _consents, "consent": _consent,
}  # fmt: skip
