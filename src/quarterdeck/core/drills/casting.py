"""Who plays what: the roles of a scenario over the participants, so that over the weeks everybody has each. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence


def cast(
    roles: Sequence[str], people: Sequence[str], played: Mapping[tuple[str, str], int]
) -> dict[str, str]:
    """Role -> person: each role, the first being the most important, goes to whoever of those still free has played it
    least, in the order given. Where there are more roles than people, the last roles stay free.

    `played` counts (person, role) of earlier drills.
    """
    free = list(dict.fromkeys(people))
    found: dict[str, str] = {}
    for role in roles:
        if not free:
            break
        person = min(free, key=lambda p: (played.get((p, role), 0), free.index(p)))
        found[role] = person
        free.remove(person)
    return found
