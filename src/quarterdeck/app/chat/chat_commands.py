"""A line typed after `/qd` in a chat program, carried out as in the war room, as the person who typed it."""

from __future__ import annotations

import re
from datetime import datetime
from uuid import NAMESPACE_URL, uuid5

from quarterdeck.core.incidents import typed
from quarterdeck.core.kernel.refused import Refused
from quarterdeck.core.kernel.text import clean
from quarterdeck.store import tx

from ..act import act_of, need
from ..executives import executives
from ..paging import remote_answers
from ..quick import quick, quick_desk
from ..visibility import must_see
from . import chat_inbound

_NAMED = re.compile(r"^(INC-[1-9]\d{0,8})\b[:,]?\s*(.*)$", re.IGNORECASE | re.DOTALL)
UNKNOWN = (
    "No account here has confirmed your Slack id as its contact. Add and confirm it under Settings: {id}"
)
WHICH = "Type it in an incident's channel, or name the incident first: /qd INC-1042 note the pool is full"


def carry_out(member: str, room: str, text: str, request_id: str, now: datetime) -> str:
    """What is said back, to whoever typed it alone. The same request is carried out once."""
    said = clean(text, 12_000).strip()
    if said.lower() in ("", "help", "/help", "?"):
        return "\n".join([*typed.help_lines(), "", WHICH])
    person = remote_answers.person_of("slack", member, "")
    if person is None:
        return UNKNOWN.format(id=member[:30])
    incident_id, line = _which(room, said)
    if not incident_id:
        return WHICH
    act = act_of(person.id, person.role, now, "chat")
    try:
        if (question := executives.typed_question(act.who, incident_id, line)) is not None:
            return f"{incident_id}: {executives.by_chat(act, incident_id, question)}"
        word = line.split(None, 1)[0].lstrip("/").lower() if line.split() else ""
        need(act, "brief.read" if word in quick_desk.OF_ANYBODY else "incident.act")
        if must_see(act.who, incident_id).restricted:
            return f"{incident_id} is restricted, so nothing is done in it from here. Open it in the browser."
        with tx.write():
            if not chat_inbound.once(f"command:{request_id}", now):
                return "This was carried out already."
        done = quick.say(act, incident_id, _line(line), entry_id=str(uuid5(NAMESPACE_URL, request_id)))
    except Refused as refused:
        return refused.message
    return "\n".join([f"{incident_id}: {done.text}", *done.lines])


def _which(room: str, text: str) -> tuple[str, str]:
    found = _NAMED.match(text)
    if found is not None:
        return found[1].upper(), found[2]
    return chat_inbound.incident_of_room(room), text


def _line(text: str) -> str:
    """A line as the war room reads it: its first word is a command also without a slash."""
    word = text.split(None, 1)[0].lower() if text.split() else ""
    return f"/{text}" if typed.is_verb(word) else text
