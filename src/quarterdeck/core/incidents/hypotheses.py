"""Supposed causes: stated, tested by a named owner, judged by evidence (R-016)."""

from __future__ import annotations

from quarterdeck.core.access import Who
from quarterdeck.core.kernel.refused import bad

from .authority import act, authorise
from .events import Event, HypothesisJudged, HypothesisStated
from .guards import filled, known, not_ended
from .state import Incident
from .structure import Template

STATES = ("proposed", "testing", "confirmed", "refuted")
TEXT_LIMIT = 1000


def state_hypothesis(
    incident: Incident, by: Who, *, hypothesis_id: str, text: str, owner: str = ""
) -> list[Event]:
    """Anybody who acts supposes a cause; `owner` tests it."""
    not_ended(incident)
    act(incident, by)
    if hypothesis_id in incident.crew.hypotheses:
        return []
    said = filled(text, "text", "Say what you suppose.")
    if len(said) > TEXT_LIMIT:
        message = f"The text has {len(said)} characters; {TEXT_LIMIT} fit. Shorten it."
        raise bad("text.long", message, text=message)
    return [HypothesisStated(hypothesis_id, said, owner)]


def judge_hypothesis(
    incident: Incident, template: Template, by: Who, *, hypothesis_id: str, state: str, evidence: str = ""
) -> list[Event]:
    """Its owner or the technical lead says how it stands. Confirmed or refuted only with what shows it."""
    not_ended(incident)
    found = known(incident.crew.hypotheses.get(hypothesis_id), "hypothesis.unknown", "hypothesis")
    if by.person != found.owner:
        authorise(incident, template, by, "hypothesis.write")
    if state not in STATES:
        raise bad("hypothesis.state", f"Choose one of: {', '.join(STATES)}.")
    shown = evidence.strip()
    if state in ("confirmed", "refuted"):
        shown = filled(evidence, "evidence", "Say what shows it: a graph, a log, a test.")
    if (state, shown) == (found.state, found.evidence):
        return []
    return [HypothesisJudged(hypothesis_id, state, shown, found.text)]
