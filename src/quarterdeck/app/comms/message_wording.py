"""The agreed wording of an audience in a phase against a text: what stands locked, what is missing. Reads only."""

from __future__ import annotations

from quarterdeck.catalog import FACTS
from quarterdeck.core.comms import segments
from quarterdeck.core.comms.segments import Segment

from ..casebook import Case
from . import message_texts


def missing(case: Case, audience: str, phase: str, headline: str, body: str) -> dict[str, str]:
    """Field of the wording -> what belongs there, for each that says nothing yet (R-221)."""
    wording = message_texts.of_incident(case.incident.key, audience, phase, case.template.key)
    if wording is None:
        return {}
    slots = {s.name: s.hint for s in wording.slots}
    names = (*segments.empty(wording.headline, headline), *segments.empty(wording.body, body))
    return {n: slots.get(n) or f"Write {FACTS.get(n, n.replace('_', ' '))}." for n in names}


def stands(case: Case, audience: str, headline: str, body: str) -> bool:
    """Whether every locked word of the agreed wording is in the text, unchanged and in its place (R-222)."""
    incident = case.incident
    wording = message_texts.of_incident(incident.key, audience, incident.told_phase, case.template.key)
    if wording is None:
        return False
    return (
        segments.read(wording.headline, headline) is not None
        and segments.read(wording.body, body) is not None
    )


def pieces(case: Case, audience: str, phase: str) -> tuple[Segment, ...]:
    """The wording of the body piece by piece, for the side of the composer."""
    wording = message_texts.of_incident(case.incident.key, audience, phase, case.template.key)
    return segments.cut(wording.body, {s.name: s.hint for s in wording.slots}) if wording else ()
