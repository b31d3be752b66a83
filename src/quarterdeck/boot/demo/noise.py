"""Alerts without an incident: those of half a year that came and went, and those that still fire."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from quarterdeck.app.alerts import silences, snoozes
from quarterdeck.core.alerts.silence import Matcher
from quarterdeck.store import models

from .company import Corvane
from .stage import Stage
from .tables import table
from .telling import Telling

DAY_MINUTES = 24 * 60
# How many alerts, and between how many minutes ago.
HALF_A_YEAR = (45, 2 * DAY_MINUTES, 172 * DAY_MINUTES)
TODAY = (8, 100, DAY_MINUTES)


class Passing(Telling):
    """One alert that is over: answered by whoever was paged, or gone before anybody was."""

    def tell(self) -> None:
        chance = self.stage.chance
        over = chance.uniform(9, 95)
        self.on(0, lambda: self.fire(0))
        if chance.random() < 0.85:
            self.on(min(chance.uniform(1.4, 13), over - 1), self.acknowledge_alert)
        if chance.random() < 0.5:
            self.on(over * 0.7, lambda: self.fire(0, chance.randint(2, 30)))
        self.on(over, lambda: self.recover(0))


class Standing(Telling):
    """One alert that still fires; `row` is how it stands in the story."""

    def __init__(self, stage: Stage, corvane: Corvane, row: dict[str, Any], now: datetime) -> None:
        plot = _plot(row["words"], row["service"], row["name"], row["severity"], row["words"])
        super().__init__(stage, corvane, plot, now - timedelta(minutes=row["ago"]))
        self.row = row

    def tell(self) -> None:
        row = self.row
        self.on(0, lambda: self.fire(0))
        if "acknowledged" in row:
            self.on(row["acknowledged"], self.acknowledge_alert)
        if "snoozed" in row:
            self.on(row["snoozed"], self._snooze)
        if row["times"] > 1:
            self.on(row["ago"] * 0.9, lambda: self.fire(0, row["times"] - 1))

    def _snooze(self) -> None:
        """Whoever acknowledged it lets it sleep."""
        alert = models.Alert.objects.exclude(status="resolved").get(dedup_key=self.keys[0])
        until = self.stage.now + timedelta(hours=self.row["snooze_hours"])
        snoozes.snooze(self.act(alert.acknowledged_by), alert.id, until, self.row["snooze_reason"])


def passing(stage: Stage, corvane: Corvane, now: datetime, which: tuple[int, float, float]) -> None:
    """Lay out alerts that came and went, by chance."""
    count, low, high = which
    templates = table("noise")["alerts"]
    for number in range(count):
        start = now - timedelta(minutes=stage.chance.uniform(low, high))
        service, name, severity, words = stage.chance.choice(templates)
        said = words.format(
            n=stage.chance.randint(9, 48) * 100, m=stage.chance.randint(11, 48), s=stage.chance.randint(3, 9)
        )
        plot = _plot(f"passing {number} of {count}", service, name, severity, said)
        Passing(stage, corvane, plot, start).tell()


def standing(stage: Stage, corvane: Corvane, now: datetime) -> None:
    """Lay out the alerts that still fire, and the silences over some of them."""
    told = table("live")
    for row in told["wall"]:
        Standing(stage, corvane, row, now).tell()
    for row in told["silence"]:
        _silence(stage, corvane, row, now)


def _plot(title: str, service: str, name: str, severity: str, words: str) -> dict[str, Any]:
    return {"title": title, "services": [service], "alerts": [[name, severity, words]]}


def _silence(stage: Stage, corvane: Corvane, row: dict[str, Any], now: datetime) -> None:
    at = now - timedelta(minutes=row["ago"])
    matchers = [Matcher(name, op, value) for name, op, value in row["match"]]
    ends = at + timedelta(hours=row["hours"])
    stage.at(at, lambda: silences.add_silence(corvane.act(row["by"], at), matchers, ends, row["comment"]))
