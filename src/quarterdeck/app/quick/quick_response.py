"""Typed lines of a business response, carried out: the severe score, the escalation, a group of roles that is paged."""

from __future__ import annotations

from collections.abc import Callable

from quarterdeck.core.incidents.severe import INPUTS
from quarterdeck.core.kernel.refused import bad

from ..act import Act
from ..response import response, severe


def _severe(act: Act, incident_id: str, text: str) -> str:
    said = text.lower().split()
    if len(said) != len(INPUTS):
        message = f"Write it as: /severe public high open low ({', '.join(INPUTS)})"
        raise bad("command.form", message, text=message)
    visibility, impact, duration, confidence = said
    rated = severe.rate(act, incident_id, visibility, impact, duration, confidence).incident.response.rating
    if rated is None or not rated.crossed:
        return f"The severe score is {rated.score if rated else 0}, below the threshold."
    return f"The severe score is {rated.score}: call the business SME. The commander decides."


def _escalate(act: Act, incident_id: str, text: str) -> str:
    made = severe.escalate(act, incident_id, text)
    return f"{made.incident.key} is the business response. Its lead is being called."


def _group(act: Act, incident_id: str, text: str) -> str:
    found = response.page_group(act, incident_id, text.strip().lower().replace(" ", "_"))
    said = f"Called for {len(found.called)}, held {len(found.held)}."
    return f"{said} Nobody is set for {len(found.nobody)}; assign somebody." if found.nobody else said


ACTS: dict[str, Callable[[Act, str, str], str]] = {"severe": _severe, "escalate": _escalate, "group": _group}
