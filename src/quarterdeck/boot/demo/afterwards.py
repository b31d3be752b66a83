"""What comes after an incident: analysis, review, action items, closing; and what nobody has done yet."""

from __future__ import annotations

from datetime import timedelta

from quarterdeck.app import incidents, reviews
from quarterdeck.core.kernel.refused import Refused
from quarterdeck.store import models

from .telling import Telling

SECTIONS = {
    "what": "what_happened",
    "how": "how_we_responded",
    "improve": "improvements",
    "technical": "technical_analysis",
    "customers": "customer_impact",
}
HOUR = 60.0
DAY = 24 * HOUR


class Afterwards:
    """Laid out in days from the resolution. What lies later than now is not played, and so is still open."""

    def __init__(self, telling: Telling, resolved: float) -> None:
        self.t, self.resolved = telling, resolved

    def tell(self) -> None:
        plot, t = self.t.plot, self.t
        tomorrow = self.resolved + DAY - (self.resolved % HOUR) + t.stage.chance.uniform(0, 4 * HOUR)
        t.on(tomorrow, self._analyse)
        sections = [(SECTIONS[k], words) for k, words in plot.get("review", {}).items() if k in SECTIONS]
        for number, (section, words) in enumerate(sections):
            t.on(tomorrow + 40 + 18 * number, lambda s=section, w=words: self._write(s, w))
        if "strategic" in plot.get("review", {}) or "strategic" in plot:
            t.on(tomorrow + DAY, self._strategic)
        for number, item in enumerate(plot.get("items", ())):
            t.on(tomorrow + 150 + 4 * number, lambda i=item: self._promise(i))
        if "review_until" not in plot:
            published = tomorrow + t.stage.chance.uniform(1.0, 2.6) * DAY
            t.on(published, self._publish)
            t.on(published + 20, self._close)

    @property
    def owner(self) -> str:
        return models.ReviewRow.objects.values_list("owner", flat=True).get(incident_id=self.t.id)

    def _analyse(self) -> None:
        incidents.change_phase(self.t.act(self.t.commander), self.t.id, "analysis", "The review begins.")

    def _write(self, section: str, words: str) -> None:
        reviews.edit(self.t.act(self.owner), self.t.id, section, words)

    def _strategic(self) -> None:
        words = self.t.plot.get("strategic") or self.t.plot["review"]["strategic"]
        executive = self.t.on_call("executive-duty")
        reviews.edit(self.t.act(executive), self.t.id, "strategic", words)

    def _promise(self, item: list[object]) -> None:
        """An action item, and the day on which it is done, if it ever was."""
        title, kind, days, owner, done = item
        t = self.t
        person = t.corvane.people[str(owner)]
        resolved_on = (t.start + timedelta(minutes=self.resolved)).date()
        due_on = resolved_on + timedelta(days=int(str(days)))
        case = reviews.add_action_item(t.act(self.owner), t.id, str(title), person, due_on.isoformat(), str(kind))
        key = list(case.incident.action_items)[-1]
        if int(str(done)) >= 0:
            t.on(
                self.resolved + int(str(done)) * DAY + 5 * HOUR,
                lambda: reviews.finish_action_item(t.act(self.owner), t.id, key),
            )

    def _publish(self) -> None:
        reviews.publish(self.t.act(self.owner), self.t.id)

    def _close(self) -> None:
        t = self.t
        act = t.act(t.commander)
        try:
            incidents.close(act, t.id, "Review published; follow-ups have owners and dates.")
        except Refused:
            incidents.close(act, t.id, "Review published.", "Two audiences were told in person.")
