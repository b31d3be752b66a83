"""Typed lines about those outside: the agreed first word, a mention by somebody else, the pulse, long-incident mode."""

from __future__ import annotations

import re
from collections.abc import Callable

from quarterdeck.core.incidents.typed import VERBS, Typed
from quarterdeck.core.kernel.refused import bad

from .. import casebook
from ..act import Act
from ..comms import acknowledging, messages, telling

Told = tuple[str, tuple[str, ...]]
_NUMBERS = re.compile(r"^([\d,]{1,15})\s*[/ ]\s*([\d,]{1,15})\s*(.*)$", re.DOTALL)


def _first_word(act: Act, incident_id: str, asked: Typed, entry_id: str) -> Told:
    acknowledging.acknowledge(act, incident_id, entry_id)
    return "The first word is on its way.", ()


def _mention(act: Act, incident_id: str, asked: Typed, entry_id: str) -> Told:
    parts = [p.strip() for p in asked.text.split("|", 2)]
    if len(parts) < 2:
        raise _form("mention")
    text = parts[2] if len(parts) > 2 else ""
    _, key = telling.record_mention(
        act, incident_id, source=parts[0], place=parts[1], text=text, mention_id=entry_id
    )
    ahead = casebook.load(incident_id, act.who).incident.telling.mentions[key].ahead
    return "On record: before our first public statement." if ahead else "It is on record.", ()


def _pulse(act: Act, incident_id: str, asked: Typed, entry_id: str) -> Told:
    found = _NUMBERS.match(asked.text)
    counts = [re.sub(r"\D", "", n) for n in found.groups()[:2]] if found else []
    if found is None or not all(counts):
        raise _form("pulse")
    telling.take_pulse(act, incident_id, int(counts[0]), int(counts[1]), found[3].strip(), pulse_id=entry_id)
    return "Counted.", ()


def _long(act: Act, incident_id: str, asked: Typed, entry_id: str) -> Told:
    audience, _, reason = asked.text.partition(" ")
    known = [a.key for a in casebook.load(incident_id, act.who).template.audiences]
    if audience not in known:
        message = f"There is no audience “{audience[:30]}”. There are: {', '.join(known)}."
        raise bad("audience.unknown", message, text=message)
    messages.pace(act, incident_id, audience, slow=True, reason=reason)
    return "Long-incident mode is on.", ()


def _form(verb: str) -> Exception:
    message = f"Write it like this: {VERBS[verb][0]}"
    return bad("command.form", message, text=message)


ACTS: dict[str, Callable[[Act, str, Typed, str], Told]] = {
    "first-word": _first_word, "mention": _mention, "pulse": _pulse, "long": _long,
}  # fmt: skip
