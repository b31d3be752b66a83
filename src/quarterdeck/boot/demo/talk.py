"""What is said about a severe incident, to whom and when: each message promises the next, the last says that it is."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from quarterdeck.app.comms import messages

from .telling import lower

if TYPE_CHECKING:
    from .severe import Severe

DAY = timedelta(hours=24)
LATE = -7  # minutes: a promise that will not be kept
SILENT = ("customers_all", "support", "executives", "responders")


class Talk:
    """The messages of one incident, laid out in its minutes."""

    def __init__(self, telling: Severe) -> None:
        self.t = telling

    def tell(self) -> None:
        t = self.t
        if not t.public:
            t.on(t.at_declared + 3.6, self._keep_silent)
            return
        for minute, promise in self._stops():
            t.on(minute, lambda p=promise: self.public(p))
        t.on(t.at_declared + 9.4, lambda: self.inside("responders", t.at_resolved))
        quiet = t.at_resolved + 6
        others = ("support", "executives") if t.software else ("staff", "executives")
        for number, audience in enumerate(others):
            t.on(t.at_declared + 12 + 2 * number, lambda a=audience: self.inside(a, quiet))
        if t.plot["severity"] == 1 and t.software:
            t.on(t.at_declared + 21, lambda: self.inside("staff", quiet))
        if not t.plot.get("relapse"):
            t.on(t.at_resolved + 3.2, self.finals)

    def _stops(self) -> list[tuple[float, float]]:
        """When customers hear from us, and how many minutes each message promises until the next."""
        t = self.t
        stops = [t.at_declared + 5.2 + t.stage.chance.uniform(0, 2.5)]
        while t.at_identified - stops[-1] > 36:
            stops.append(stops[-1] + 29)
        stops += [t.at_identified + 3.6, t.at_monitoring + 1.6]
        found = []
        for here, then in zip(stops, [*stops[1:], t.at_resolved + 4], strict=True):
            slack = LATE if t.stage.chance.random() < 0.1 else 2
            found.append((here, max(then - here + slack, 6.0)))
        return found

    def _keep_silent(self) -> None:
        """A restricted incident: no update goes out by the clock."""
        for audience in SILENT:
            messages.set_clock(self.t.act(self.t.commander), self.t.id, audience, DAY)

    def _components(self, phase: str) -> dict[str, str]:
        """States of the components in a phase: worst at first, better once it is mended, well in the end."""
        t, better = self.t, {"monitoring": "degraded_performance", "resolved": "operational"}.get(phase)
        states = t.plot.get("components", {})
        return {t.corvane.components[name]: better or state for name, state in states.items()}

    def public(self, promise: float) -> None:
        """To all customers and onto the page, in the words of the phase."""
        t, phase = self.t, self.t.phase
        said = t.plot["public"]
        headline, effect = said["headline"], t.plot["effect"]
        action = said["action"]
        if phase == "triage":
            action = "We are looking into it."
        elif phase == "investigating":
            action = "We are looking for the cause with everybody who knows the system."
        elif phase == "identified":
            action = f"{said['cause']} {said['action']}"
        elif phase == "monitoring":
            headline, effect = (
                f"Recovering: {lower(headline)}",
                "It is better for most; a few may still notice it.",
            )
            action = "What caused it is removed. We watch closely before we say that it is over."
        t.say(
            "customers_all", headline, promise=promise, customer_effect=effect, action=action,
            components=self._components(phase), pages=(t.corvane.page,),
        )  # fmt: skip

    def inside(self, audience: str, until: float) -> None:
        """To people of the house: what it is and whom it hits."""
        t = self.t
        promise = max(until - (t.stage.now - t.start).total_seconds() / 60 + 8, 12)
        t.say(
            audience, f"{t.id}: {t.plot['title']}", promise=promise,
            body=f"{t.plot['summary']} Affected: {t.plot['affected']}.",
        )  # fmt: skip

    def finals(self) -> None:
        """One closing message to every audience that has heard from us."""
        t = self.t
        said = t.plot["public"]
        t.say(
            "customers_all", said.get("final") or f"Resolved: {lower(said['headline'])}", promise=None,
            customer_effect=said.get("over", "Everything works as before."), action=t.plot["resolution"],
            components=self._components("resolved"), pages=(t.corvane.page,),
        )  # fmt: skip
        for number, audience in enumerate(sorted(set(t.heard()) - {"customers_all"}), 1):
            later = t.stage.now + timedelta(minutes=2.1 * number)
            t.stage.at(later, lambda a=audience: self._final(a))

    def _final(self, audience: str) -> None:
        self.t.say(audience, f"{self.t.id} is resolved", promise=None, body=self.t.plot["resolution"])
