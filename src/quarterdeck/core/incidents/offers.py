"""What the state of an incident suggests to do next. Offers only: a person does it, or does not."""

from __future__ import annotations

from dataclasses import dataclass

from .state import Incident
from .structure import NEXT_PHASES, Template


@dataclass(frozen=True, slots=True)
class Offer:
    """`kind`: phase, reopen, message. `phase` is where to, `audience` and `text` are for a message."""

    kind: str
    title: str
    why: str
    phase: str = ""
    audience: str = ""
    text: str = ""


def offers(incident: Incident, template: Template) -> tuple[Offer, ...]:
    """The most urgent first."""
    if not incident.number or incident.has_ended:
        return ()
    return (*_relapsed(incident), *_confirmed(incident, template), *_workaround(incident, template))


def _relapsed(incident: Incident) -> list[Offer]:
    relapse = incident.technical.open_relapse()
    if relapse is None:
        return []
    if incident.phase == "resolved":
        return [Offer("reopen", "Reopen the incident", f"{relapse.summary} fires again.")]
    if "investigating" in NEXT_PHASES.get(incident.phase, ()):
        why = f"{relapse.summary} fires again."
        return [Offer("phase", "Return to investigating", why, phase="investigating")]
    return []


def _confirmed(incident: Incident, template: Template) -> list[Offer]:
    confirmed = [h for h in incident.crew.hypotheses.values() if h.state == "confirmed"]
    if not confirmed or incident.phase != "investigating" or "identified" not in template.phases:
        return []
    return [Offer("phase", "Move to identified", f"“{confirmed[-1].text}” is confirmed.", phase="identified")]


def _workaround(incident: Incident, template: Template) -> list[Offer]:
    """Whoever is affected is told of a workaround once: until a message with it is drafted (R-019)."""
    known = incident.workaround.strip()
    told = (m for m in incident.messages.values() if m.state != "superseded")
    if not known or any(known in f"{m.body}\n{m.action}" for m in told):
        return []
    public = [a.key for a in template.audiences if a.public]
    audience = next(iter([*public, *(a.key for a in template.audiences)]), "")
    if not audience:
        return []
    return [
        Offer(
            "message",
            "Tell customers the workaround",
            "A workaround is known, and no message contains it yet.",
            audience=audience,
            text=f"You can work around it: {known}",
        )
    ]
