"""Answers that last for a time only, checked: who sleeps has one timer, nobody wakes too early, and what was passed on
goes to whom it was passed.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from quarterdeck.core.kernel.moments import from_micros

from .actors import Actor
from .company import QUIET, Ladder
from .passing import Deed

if TYPE_CHECKING:
    from .ledger import Ledger

# Until when an alert sleeps is a whole second.
WHOLE = timedelta(seconds=1)
LOUD = ("critical", "error")
_SLEEPS = """SELECT s.id, s.alert_id, s.kind, s.created_at,
 (SELECT count(*) FROM due d WHERE d.kind = 'snooze' AND d.ref = s.id AND d.state = 'waiting')
 FROM snooze s WHERE s.ended_at IS NULL ORDER BY s.id"""
_RUNS = "SELECT rowid, id, alert_id FROM run WHERE rowid > ? AND alert_id <> '' ORDER BY rowid"
_URGENT = """SELECT c.rowid, c.id, c.urgency, a.severity FROM callout c JOIN alert a ON a.id = c.alert_id
 WHERE c.rowid > ? ORDER BY c.rowid"""
_PAGES = """SELECT d.rowid, d.id, d.person_id, d.next_at, a.severity FROM delivery d
 JOIN callout c ON c.id = d.callout_id JOIN alert a ON a.id = d.alert_id
 WHERE d.rowid > ? AND c.urgency = 'low' ORDER BY d.rowid"""


@dataclass(slots=True)
class Standing:
    """An answer that lasts for a time. `since` is the least that anybody's clock can have counted it from: that of who
    gave it, or of an engine that worked since then and may have brought back what was dated by a clock further ahead.
    """

    row: str
    since: datetime
    lasts: timedelta


class Sleep:
    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._run = self._page = self._callout = 0
        self._newest: dict[str, str] = {}  # alert → its newest run
        self._statuses: dict[str, str] = {}
        self._standing: dict[str, Standing] = {}  # alert → what its answer lasts by
        self._asked: dict[str, float] = {}  # alert → seconds somebody let it sleep

    def committed(self, statuses: dict[str, str], actor: Actor, deed: Deed | None, now: float) -> None:
        clock, engine = actor.now(), actor.name.startswith("engine")
        self._done(statuses, deed, now)
        for alert, status in statuses.items():
            again = status == "open" and self._statuses.get(alert) == "acknowledged"
            if again and (deed is None or deed.alert != alert) and engine:
                self._woken(alert, clock, now)
        self._begun(deed, now)
        self._sleepers(statuses, now)
        if engine:
            for stood in self._standing.values():
                stood.since = min(stood.since, clock)
        self._urgent(now)
        self._quiet(now)
        self._statuses = statuses

    def _done(self, statuses: dict[str, str], deed: Deed | None, now: float) -> None:
        """What somebody did stands: a refusal commits nothing."""
        if deed is None:
            return
        ledger, status = self._ledger, statuses[deed.alert]
        place = ledger.places[deed.alert]
        if deed.kind == "snooze":
            self._asked[deed.alert] = deed.seconds
            ledger.acknowledged.setdefault(deed.alert, now)
            ledger.reference.acknowledge(place)
        elif deed.kind != "wake" or (status == "open" and self._statuses.get(deed.alert) == "acknowledged"):
            ledger.open_again(deed.alert)
        if deed.kind == "escalate" and deed.alert in self._newest:
            ledger.pulled(self._newest[deed.alert])

    def _woken(self, alert: str, clock: datetime, now: float) -> None:
        """The engine pages again: never while an answer lasts, and never where it lasts for ever (I6)."""
        stood = self._standing.get(alert)
        if stood is None:
            return  # the comparison finds it
        early = (stood.since + stood.lasts - clock).total_seconds()
        if early > 0:
            self._ledger.broken("I6", f"{alert} early", f"an answer was undone {early:.0f} s early", now)
        self._ledger.open_again(alert)

    def _begun(self, deed: Deed | None, now: float) -> None:
        for row, run, alert in self._ledger.memory.read(_RUNS, self._run):
            self._run = row
            self._ledger.began(run, alert, self._ladder(alert, deed), now)
            self._newest[alert] = run

    def _ladder(self, alert: str, deed: Deed | None) -> Ladder | None:
        if deed is None or deed.alert != alert:
            return None
        before = self._newest.get(alert)
        if deed.kind == "escalate" and before is not None:
            ladder = self._ledger.ladder_of(before)
            return replace(ladder, first=ladder.first + len(self._ledger.steps_of(before)))
        return deed.ladder

    def _sleepers(self, statuses: dict[str, str], now: float) -> None:
        """I9: who sleeps is acknowledged and has one timer; an acknowledgement with a limit is such a sleep."""
        ledger, standing = self._ledger, set()
        for row, alert, kind, made, timers in ledger.memory.read(_SLEEPS):
            standing.add(alert)
            if statuses.get(alert) != "acknowledged" or timers != 1:
                text = f"an alert that is {statuses.get(alert)} sleeps with {timers} timers"
                ledger.broken("I9", f"{alert} sleep", text, now)
            if alert not in self._standing or self._standing[alert].row != row:
                self._standing[alert] = Standing(row, from_micros(made), self._lasts(alert, kind))
        for alert in self._standing.keys() - standing:
            del self._standing[alert]
        for alert, status in statuses.items():
            if status == "acknowledged" and alert not in standing and self._newest_ladder(alert).lasts:
                ledger.broken("I9", f"{alert} awake", "an answer that must run out has no end", now)

    def _lasts(self, alert: str, kind: str) -> timedelta:
        if kind == "snooze":
            return timedelta(seconds=self._asked.get(alert, 0.0)) - WHOLE
        return timedelta(seconds=self._newest_ladder(alert).lasts)

    def _newest_ladder(self, alert: str) -> Ladder:
        """By which it was called for last, or would be: a source may take back what it has just reported."""
        ledger = self._ledger
        if alert in self._newest:
            return ledger.ladder_of(self._newest[alert])
        return ledger.company.ladders[ledger.places[alert][0]]

    def _urgent(self, now: float) -> None:
        """Whoever is called for an alert that is severe by now is called with high urgency."""
        for row, callout, urgency, severity in self._ledger.memory.read(_URGENT, self._callout):
            self._callout = row
            if urgency != "high" and severity in LOUD:
                self._ledger.broken(
                    "I2", f"{callout} low", f"a page about what is {severity} is of low urgency", now
                )

    def _quiet(self, now: float) -> None:
        """A page of low urgency is not meant to ring in the quiet hours of whom it is for."""
        for row, page, person, at, severity in self._ledger.memory.read(_PAGES, self._page):
            self._page = row
            rings = from_micros(at).time()
            quiet = person in self._ledger.company.quiet and severity not in LOUD
            if quiet and QUIET[0] <= rings < QUIET[1]:
                self._ledger.broken("I2", f"{page} quiet", f"a page rings at {rings} in quiet hours", now)
