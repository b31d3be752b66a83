"""Where an incident went another way than its structure asks, for whoever may read the incident. Reads only."""

from __future__ import annotations

from quarterdeck.core.incidents.deviations import Deviation, deviations
from quarterdeck.store import codec, log

from .. import casebook
from ..act import Act


def listed(act: Act, incident_id: str) -> tuple[Deviation, ...]:
    """In the order of the log. `by` is a person's id; a restricted incident does not exist for outsiders."""
    case = casebook.load(incident_id, act.who)
    return deviations(case.template, [codec.decode(entry) for entry in log.read(incident_id)])
