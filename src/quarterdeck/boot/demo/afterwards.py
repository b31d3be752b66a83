"""What comes after an incident: analysis, review, action items, closing; and what nobody has done yet."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta

from quarterdeck.app.incidents import incidents, regulatory
from quarterdeck.app.learning import causes, debriefs, reviews
from quarterdeck.app.technical import knowledge
from quarterdeck.core.kernel.refused import Refused
from quarterdeck.store import models

from . import desk, leadership, measures
from .telling import Telling

SECTIONS = {
    "what": "what_happened",
    "how": "how_we_responded",
    "improve": "improvements",
    "technical": "technical_analysis",
    "customers": "customer_impact",
    "factors": "contributing_factors",
    "helped": "what_helped",
    "hindered": "what_hindered",
    "recommend": "recommendations",
    "runbook": "runbook_change",
}
HOUR = 60.0
DAY = 24 * HOUR
# Minutes after the resolution; one that had a relapse was over two hours later.
DEBRIEF, DEBRIEF_LATE = 25.0, 180.0


class Afterwards:
    """Laid out in days from the resolution. What lies later than now is not played, and so is still open."""

    def __init__(self, telling: Telling, resolved: float) -> None:
        self.t, self.resolved = telling, resolved

    def tell(self) -> None:
        plot, t = self.t.plot, self.t
        first = self._workday(1)
        t.on(self.resolved + (DEBRIEF_LATE if plot.get("relapse") else DEBRIEF), self._debrief)
        if plot.get("type") == "security":
            t.on(self.resolved + 20 * HOUR, self._answer_for_deadlines)
        t.stage.at(first, self._analyse)
        sections = [(SECTIONS[k], words) for k, words in plot.get("review", {}).items() if k in SECTIONS]
        if "review_until" not in plot:
            sections.append(("root_cause", plot["cause"]))
        for number, (section, words) in enumerate(sections):
            t.stage.at(
                first + timedelta(minutes=20 + 9 * number), lambda s=section, w=words: self._write(s, w)
            )
        if "sorted" in plot:
            t.stage.at(
                first + timedelta(hours=4),
                lambda: causes.set_causes(t.act(t.commander), t.id, plot["sorted"]),
            )
        t.stage.at(first + timedelta(hours=5), lambda: measures.count_tickets(t.stage, t.corvane, t.id))
        t.stage.at(first + timedelta(hours=5), lambda: desk.hear(t.stage, t.corvane, t.id))
        if "strategic" in plot.get("review", {}) or "strategic" in plot:
            t.stage.at(first + timedelta(hours=3), self._strategic)
        for number, item in enumerate(plot.get("items", ())):
            t.stage.at(first + timedelta(minutes=150 + 4 * number), lambda i=item: self._promise(i))
        if "review_until" not in plot:
            published = max(self._workday(t.stage.chance.choice((2, 2, 3, 4))), first + timedelta(hours=22))
            t.stage.at(published - timedelta(hours=1), self._submit)
            t.stage.at(published, self._publish)
            if "article" in plot:
                t.stage.at(published + timedelta(minutes=10), self._make_article)
            t.stage.at(published + timedelta(minutes=20), self._close)

    def _workday(self, days: int) -> datetime:
        """Some hour of a working day, that many days after the incident or on the Monday behind them."""
        day = (self.t.start + timedelta(minutes=self.resolved, days=days)).date()
        day += timedelta(days=(7 - day.weekday()) % 7 if day.weekday() > 4 else 0)
        return datetime.combine(day, time(8), UTC) + self.t.stage.minutes(0, 280)

    @property
    def owner(self) -> str:
        return models.ReviewRow.objects.values_list("owner", flat=True).get(incident_id=self.t.id)

    def _debrief(self) -> None:
        """Right after it. Those whose review is not written yet owe it still."""
        told, t = self.t.plot.get("review", {}), self.t
        if "review_until" in self.t.plot:
            return
        lessons = [("change", told.get("recommend", "")), ("keep", told.get("helped", ""))]
        debriefs.hold(
            t.act(t.commander), t.id, went_well=told["how"], went_badly=told.get("hindered", ""), lessons=lessons,
            attendees=[p for p in dict.fromkeys((t.commander, t.holder("technical_lead"))) if p],
        )  # fmt: skip

    def _answer_for_deadlines(self) -> None:
        t = self.t
        for key in models.RegulatoryClockRow.objects.filter(incident_id=t.id).values_list("key", flat=True):
            regulatory.end(t.act(t.commander), t.id, key, "met", "Told in time; its number is with legal.")

    def _analyse(self) -> None:
        incidents.change_phase(self.t.act(self.t.commander), self.t.id, "analysis", "The review begins.")

    def _write(self, section: str, words: str) -> None:
        reviews.edit(self.t.act(self.owner), self.t.id, section, words)

    def _strategic(self) -> None:
        leadership.write(self.t)

    def _promise(self, item: list[object]) -> None:
        """An action item, and the day on which it is done, if it ever was."""
        title, kind, days, owner, done = item
        t = self.t
        # Of a restricted incident nobody outside may hear: whoever owns its review sees to the item.
        hidden = t.plot.get("type") == "security"
        person = self.owner if hidden else t.corvane.people[str(owner)]
        resolved_on = (t.start + timedelta(minutes=self.resolved)).date()
        due_on = resolved_on + timedelta(days=int(str(days)))
        case = reviews.add_action_item(
            t.act(self.owner), t.id, str(title), person, due_on.isoformat(), str(kind)
        )
        key = list(case.incident.action_items)[-1]
        if int(str(done)) >= 0:
            t.on(
                self.resolved + int(str(done)) * DAY + 5 * HOUR,
                lambda: reviews.finish_action_item(t.act(person), t.id, key),
            )

    def _submit(self) -> None:
        reviews.submit(self.t.act(self.owner), self.t.id)

    def _publish(self) -> None:
        reviews.publish(self.t.act(self.owner), self.t.id, "Everybody concerned read it together.")
        leadership.read(self.t)

    def _make_article(self) -> None:
        knowledge.from_review(self.t.act(self.owner), self.t.id, self.t.plot["article"])

    def _close(self) -> None:
        t = self.t
        act = t.act(t.commander)
        try:
            incidents.close(act, t.id, "Review published; follow-ups have owners and dates.")
        except Refused:
            incidents.close(act, t.id, "Review published.", "Two audiences were told in person.")
