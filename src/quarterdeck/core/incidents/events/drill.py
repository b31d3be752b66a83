"""What happens in a drill besides the ordinary: an inject."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class InjectFired:
    """`kind`: message, away, alert, fact, inquiry. `role` is whom it is for, "" everybody; `person` who is away.

    `about` is the fact that changes, or who asks.
    """

    inject_id: str
    kind: str
    title: str
    text: str = ""
    role: str = ""
    person: str = ""
    about: str = ""


DrillEvent = InjectFired
