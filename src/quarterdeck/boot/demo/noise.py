"""Alerts that came and went: the ordinary load of being on call, with its nights and its repeats."""

from __future__ import annotations

from datetime import datetime, timedelta

from .company import Corvane
from .stage import Stage
from .tables import table
from .telling import Telling

ALERTS = 60
DAYS = 172


class Passing(Telling):
    """One alert without an incident: answered by whoever was paged, or over before anybody was."""

    def tell(self) -> None:
        chance = self.stage.chance
        over = chance.uniform(9, 95)
        self.on(0, lambda: self.fire(0))
        if chance.random() < 0.85:
            self.on(min(chance.uniform(1.4, 13), over - 1), self.acknowledge_alert)
        if chance.random() < 0.5:
            self.on(over * 0.7, lambda: self.fire(0, chance.randint(2, 30)))
        self.on(over, lambda: self.recover(0))


def passing(stage: Stage, corvane: Corvane, now: datetime) -> None:
    """Lay out the alerts of half a year, by chance."""
    templates = table("noise")["alerts"]
    for number in range(ALERTS):
        service, name, severity, words = stage.chance.choice(templates)
        start = now - timedelta(minutes=stage.chance.uniform(2 * 24 * 60, DAYS * 24 * 60))
        Passing(stage, corvane, plot_of(stage, f"passing {number}", service, name, severity, words), start).tell()


def plot_of(stage: Stage, title: str, service: str, name: str, severity: str, words: str) -> dict[str, object]:
    """A plot with one alert; {n}, {m} and {s} in its words become numbers."""
    said = words.format(n=stage.chance.randint(9, 48) * 100, m=stage.chance.randint(11, 48), s=stage.chance.randint(3, 9))
    return {"title": title, "services": [service], "alerts": [[name, severity, said]]}
