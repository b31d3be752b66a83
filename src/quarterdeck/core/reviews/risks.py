"""What a risk is worth, what it may become, and what of it is overdue. Never knows who asks."""

from __future__ import annotations

from dataclasses import dataclass

from quarterdeck.core.kernel.refused import Refused, bad

OPEN, ACCEPTED, REDUCED, WITHDRAWN = "open", "accepted", "reduced", "withdrawn"
STATES = (OPEN, ACCEPTED, REDUCED, WITHDRAWN)
# Somebody still has to look at these.
LIVE = (OPEN, ACCEPTED)
SAFEGUARDS = ("none", "planned", "in_place", "failing")
SCALE = range(1, 6)
# The lowest product of likelihood and effect that counts as each level, the gravest first.
LEVELS = (("severe", 15), ("high", 10), ("moderate", 5), ("low", 1))


@dataclass(frozen=True, slots=True)
class Standing:
    """What of a risk tells whether it is late; days are ISO 8601, "" for none."""

    state: str
    due_on: str
    review_on: str = ""
    accepted_until: str = ""


def score(likelihood: int, effect: int) -> int:
    """1 to 25. Refuses what is not on the scale of 1 to 5."""
    for name, value in (("likelihood", likelihood), ("effect", effect)):
        if value not in SCALE:
            message = f"Give the {name} as a number from 1 (least) to 5."
            raise bad(f"risk.{name}", message, **{name: message})
    return likelihood * effect


def level(likelihood: int, effect: int) -> str:
    """severe, high, moderate or low."""
    found = score(likelihood, effect)
    return next(name for name, least in LEVELS if found >= least)


def overdue(standing: Standing, today: str) -> str:
    """Which day has passed: "due", "review" or "acceptance"; "" while nothing is late."""
    if standing.state == OPEN and standing.due_on < today:
        return "due"
    if standing.state == ACCEPTED and standing.accepted_until < today:
        return "acceptance"
    if standing.state in LIVE and standing.review_on and standing.review_on < today:
        return "review"
    return ""


def may_move(before: str, after: str, *, note: str, safeguard_state: str) -> None:
    """Refuses a way that leads nowhere. Accepting is an act of its own; a reduced risk has a safeguard that holds."""
    if after not in STATES or after == ACCEPTED:
        message = "Choose open, reduced or withdrawn. Accepting a risk asks until when."
        raise bad("state.unknown", message, state=message)
    if after == REDUCED and safeguard_state != "in_place":
        message = "A risk is reduced when its safeguard is in place. Say so first, or withdraw the risk."
        raise Refused("risk.safeguard", message)
    if after == WITHDRAWN and not note.strip():
        message = "Say why it is no risk; it is kept."
        raise bad("note.missing", message, note=message)


def may_accept(until: str, today: str, latest: str, note: str) -> None:
    """A risk is accepted for a while and with a reason: nobody accepts for ever."""
    if not today < until <= latest:
        message = "Give a day from tomorrow on, at most a year ahead. Then it is looked at again."
        raise bad("risk.until", message, accepted_until=message)
    if not note.strip():
        message = "Say why it can be borne."
        raise bad("note.missing", message, note=message)
