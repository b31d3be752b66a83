"""What a restricted incident is called where its members are not alone: two words that say nothing of it (R-293).

Decides names only. The title of a restricted incident must never come out of here.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from typing import Protocol

from quarterdeck.core.access import Who
from quarterdeck.core.kernel.refused import Refused, bad

from .authority import authorise
from .events import CodenameSet, Event
from .guards import not_ended, one_line
from .state import Incident
from .structure import Template

LIMIT = 40
# Plain words of nature and materials: none hints at harm, a person, a place or a kind of incident.
FIRST = (
    "Amber", "Arctic", "Ashen", "Autumn", "Birch", "Bronze", "Cedar", "Cobalt", "Copper", "Coral", "Cotton", "Crystal",
    "Dusty", "Eastern", "Ebony", "Fern", "Flint", "Frosty", "Garnet", "Granite", "Hazel", "Indigo", "Ivory", "Jade",
    "Juniper", "Lilac", "Linen", "Lunar", "Maple", "Marble", "Mellow", "Misty", "Mossy", "Northern", "Ochre", "Olive",
    "Opal", "Pearl", "Pewter", "Quartz", "Rustic", "Saffron", "Sandy", "Sienna", "Silver", "Slate", "Velvet", "Violet",
)  # fmt: skip
SECOND = (
    "Acorn", "Anchor", "Arbor", "Badger", "Basin", "Bluff", "Beacon", "Bison", "Brook", "Canyon", "Clover", "Comet",
    "Condor", "Creek", "Crest", "Dune", "Falcon", "Finch", "Fjord", "Garden", "Glacier", "Grove", "Harbour", "Heron",
    "Island", "Kestrel", "Lagoon", "Lantern", "Lark", "Ledge", "Marten", "Meadow", "Mesa", "Orchard", "Osprey", "Otter",
    "Pebble", "Plover", "Prairie", "Reef", "Ridge", "Robin", "Sparrow", "Stream", "Summit", "Thistle", "Valley",
    "Willow",
)  # fmt: skip
# Short words are in every title: only longer ones give it away.
_TELLING = 4


class Named(Protocol):
    """An incident or a row of one."""

    @property
    def number(self) -> int: ...
    @property
    def title(self) -> str: ...
    @property
    def restricted(self) -> bool: ...
    @property
    def codename(self) -> str: ...


def outside(incident: Named) -> str:
    """What a place that others may see calls it: its title, or the codename of a restricted one."""
    if not incident.restricted:
        return incident.title
    # One that an older release declared has none yet: its number gives one, the same everywhere.
    return incident.codename or generated(incident.number, ())


def generated(number: int, taken: Collection[str], title: str = "") -> str:
    """The codename of the incident of this number: the same words for the same number, unless they are taken.

    Shares no word with the names `taken` nor with the title while there are words left; afterwards it is at least not
    the same as another.
    """
    used, full = _words(*taken, title), {_folded(t) for t in taken}
    plain = ""
    for first, second in _pairs(number):
        name = f"{first} {second}"
        if _folded(name) in full:
            continue
        plain = plain or name
        if not used & _words(name):
            return name
    return plain or f"{FIRST[number % len(FIRST)]} {SECOND[number % len(SECOND)]}"


def chosen(number: int, said: str, taken: Collection[str], title: str) -> str:
    """The codename that somebody gives, or one made for it where they give none.

    Refused: one that another open incident bears, and one that says a word of the title.
    """
    name = one_line(said.strip(), "codename", LIMIT)
    if not name:
        return generated(number, taken, title)
    if _folded(name) in {_folded(t) for t in taken}:
        message = f"Another open incident is called {name}. Choose another name, or leave it empty."
        raise Refused("codename.taken", message, kind="conflict", fields={"codename": message})
    told = sorted(_words(name) & _words(title))
    if told:
        message = f"The codename says “{told[0]}”, as the title does. Choose a word that says nothing of it."
        raise bad("codename.telling", message, codename=message)
    return name


def rename(
    incident: Incident, template: Template, by: Who, *, codename: str, taken: Collection[str]
) -> list[Event]:
    """Another codename; empty: one is made. `taken` are those of the other open incidents."""
    not_ended(incident)
    authorise(incident, template, by, "incident.phase")
    if not incident.restricted:
        message = f"{incident.key} is not restricted: everybody inside sees its title."
        raise bad("codename.open", message, codename=message)
    if not codename.strip():
        # Made anew: not the one it has.
        codename = generated(incident.number, (*taken, outside(incident)), incident.title)
    name = chosen(incident.number, codename, taken, incident.title)
    return [] if name == incident.codename else [CodenameSet(name, incident.codename)]


def says_title(incident: Incident, *texts: str) -> bool:
    """Whether a text bears the title of a restricted incident, or one that it had before."""
    if not incident.restricted:
        return False
    said = [f" {_plain(t)} " for t in texts]
    titles = {_plain(t) for t in (incident.title, *incident.former_titles)} - {"", _plain(incident.codename)}
    return any(f" {title} " in text for title in titles for text in said)


def _pairs(number: int) -> Iterator[tuple[str, str]]:
    """Every pair once, beginning somewhere else for each number; neighbours share no word."""
    start, total = number * 1009, len(FIRST) * len(SECOND)
    for step in range(total):
        at = start + step
        row = at // len(FIRST) % len(SECOND)
        yield FIRST[at % len(FIRST)], SECOND[(at * 7 + row) % len(SECOND)]


def _words(*names: str) -> frozenset[str]:
    return frozenset(w for n in names for w in _plain(n).split() if len(w) >= _TELLING)


def _plain(text: str) -> str:
    return " ".join(re.findall(r"\w+", text.casefold()))


def _folded(name: str) -> str:
    return " ".join(name.casefold().split())
