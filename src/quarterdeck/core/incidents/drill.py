"""A drill inside an incident: what its kind lets the engine do, and what an inject changes.

It is practised on the real engine. This is the one place that says how the kinds differ.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from .command import releasing
from .events import AlertLinked, Event, FactsSet, ImpactSet, SeveritySet
from .events.drill import InjectFired
from .liaison import is_kept
from .response import LIAISON
from .state import COMMANDER, Incident

TABLETOP, FIRE_DRILL, SIMULATION = "tabletop", "fire_drill", "simulation"
KINDS = (TABLETOP, FIRE_DRILL, SIMULATION)
INJECTS = ("message", "away", "alert", "fact", "inquiry")
# An alert of an inject is one of its incident only: no source sent it, nobody is paged by it.
SIMULATED = "sim-"


@dataclass(frozen=True, slots=True)
class Mode:
    """`assigns`: the roles of the scenario are given out at the start. `calls`: the engine calls for what is missing.
    `pages`: what it would say to those in the drill reaches them on their own contacts, marked as a drill; with
    `strangers` it reaches whoever else is called, too. Everything else is only shown inside the product. `timed`:
    injects fire by themselves.
    """

    assigns: bool
    calls: bool
    pages: bool
    strangers: bool
    timed: bool


MODES: Mapping[str, Mode] = MappingProxyType(
    {
        # Around a table: everything is said aloud, nobody is called, nothing rings.
        TABLETOP: Mode(assigns=True, calls=False, pages=False, strangers=False, timed=True),
        # Are people reached, and how fast: the engine calls whoever is on call, as for a real incident.
        FIRE_DRILL: Mode(assigns=False, calls=True, pages=True, strangers=True, timed=False),
        # The whole response, with roles, pages and surprises.
        SIMULATION: Mode(assigns=True, calls=True, pages=True, strangers=False, timed=True),
        # Declared as a drill by hand, without the module around it: all of it runs, and stays on the console.
        "": Mode(assigns=False, calls=True, pages=False, strangers=False, timed=False),
    }
)


def mode(kind: str) -> Mode:
    return MODES.get(kind, MODES[""])


def inject(
    incident: Incident,
    *,
    inject_id: str,
    kind: str,
    title: str,
    text: str = "",
    role: str = "",
    about: str = "",
) -> list[Event]:
    """What an inject makes of the incident: always a line of its record, and what it changes besides. [] once the
    incident has ended.

    Somebody is away: their role falls vacant by release, as when anybody leaves. Command is never vacant, nor is the
    customer liaison of a business response: the holder is noted as away, and somebody else takes the role over.
    """
    if not incident.drill or incident.has_ended:
        return []
    held = incident.holder(role) if kind == "away" else None
    fired = InjectFired(inject_id, kind, title, text, role, held.person if held else "", about)
    if held is not None:
        stays = role == COMMANDER or (role == LIAISON and is_kept(incident))
        left = [] if stays else releasing(incident, held, "is away, says the drill")
        return [fired, *left]
    if kind == "alert":
        return [fired, AlertLinked(f"{SIMULATED}{inject_id}"[:40], f"Simulated: {title}"[:300])]
    return [fired, *_fact(incident, about, text)] if kind == "fact" else [fired]


def _fact(incident: Incident, about: str, text: str) -> list[Event]:
    if about == "severity" and text.isdigit():
        rank = int(text)
        if rank == incident.severity and not incident.severity_unknown:
            return []
        return [
            SeveritySet(incident.severity, rank, incident.impact, incident.urgency, incident.scope, "Inject")
        ]
    if about == "customers_affected":
        return [ImpactSet(dict(incident.dimensions), text[:200], "Inject")]
    known = {
        n: getattr(incident, n)
        for n in (
            "what_we_know",
            "workaround",
            "customer_effect",
            "cause",
            "next_step",
            "fix",
            "verification",
        )
    }
    if about not in known:
        return []
    return [FactsSet(**(known | {about: "\n".join(t for t in (known[about], text) if t)}))]
