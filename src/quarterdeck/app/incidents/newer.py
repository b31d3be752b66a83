"""What a newer release wrote into an incident, met by this one: nothing is changed there, and somebody is told.

While nodes are upgraded one by one, the older ones read entries they do not know. Deciding on half of what happened
would be a guess, and a table written from it stale: this node leaves such an incident to the newer ones.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from quarterdeck import __version__
from quarterdeck.core.incidents import Incident
from quarterdeck.core.kernel.refused import Refused

from ..health import alarms

ALARM, SUBJECT = "newer", "entries"
CODE = "incident.newer"
# A timer that this node cannot fire is due again so soon: any newer node takes it then.
LEFT = timedelta(seconds=5)


class Newer(Refused):
    """An incident that this release must not change."""

    def __init__(self, incident: Incident) -> None:
        kinds = ", ".join(sorted(set(incident.unknown)))
        super().__init__(
            CODE,
            f"{incident.key} has entries of a newer release ({kinds}) that this node ({__version__}) cannot read: "
            "it can be read here, not changed. Try again in a minute, when another node answers, or upgrade this node.",
        )
        self.kinds = kinds


def must_be_known(incident: Incident) -> None:
    """Refuses where one entry is of a newer release."""
    if incident.unknown:
        raise Newer(incident)


def tell(newer: Newer, now: datetime) -> None:
    """The alarm, inside the caller's transaction. It names no incident: everybody reads alarms."""
    text = (
        f"A node of this installation runs {__version__} and meets incidents with entries of a newer release "
        f"({newer.kinds}). It changes nothing in them. Finish the upgrade: newer nodes do their work meanwhile."
    )
    alarms.raise_alarm(ALARM, SUBJECT, text, now)
