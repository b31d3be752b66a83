"""What experts do in the open incident: changes, supposed causes, findings, options, repairs, a poll."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from quarterdeck.app.alerts import changes
from quarterdeck.app.incidents import crew, decisions
from quarterdeck.app.technical import technical
from quarterdeck.core.incidents.choices import Option

from .tables import table

if TYPE_CHECKING:
    from .live import Router


class Technical:
    """Changes, supposed causes, findings, options, repairs and a poll, laid out in minutes before now."""

    def __init__(self, router: Router) -> None:
        self.t, self.told = router, table("work")

    def tell(self) -> None:
        t, told = self.t, self.told
        for row in told["change"]:
            t.ago(row["ago"], lambda r=row: self._changed(r))
        for row in told["refuted"]:
            t.ago(row["ago"], lambda r=row: self._refute(r))
        for row in told["step"]:
            t.ago(row["ago"], lambda r=row: self._step(r))
        findings = t.plot["findings"]
        t.ago(31.8, lambda: technical.set_channel(self._lead(), t.id, told["technical"]["channel"]))
        t.ago(30.2, lambda: self._find(findings[0], "Success by version and cell, last hour."))
        t.ago(22.6, lambda: self._suppose(t.plot["hypotheses"][0]))
        t.ago(20.6, lambda: self._suppose(t.plot["hypotheses"][1]))
        t.ago(18.8, self._ask_for_objections)
        t.ago(16.1, lambda: self._find(findings[1], "Pool dump of eu-west-1c.", caused_by=1))
        t.ago(14.4, lambda: self._judge(1, "confirmed", told["technical"]["confirmed"]))
        t.ago(15.8, self._restart)
        t.ago(13.4, lambda: self._lay_out(t.plot["question"], told["option"]))
        fallback = told["fallback"]
        t.ago(fallback["ago"], lambda: self._lay_out(fallback["question"], fallback["option"]))
        t.ago(2.6, self._propose)

    def decide(self) -> None:
        """The commander chooses among the options that lie open."""
        t, plot = self.t, self.t.plot
        choice = next(iter(t.incident.technical.choices))
        decisions.choose(
            t.act(t.me),
            t.id,
            choice,
            plot["options"][0],
            reason=plot["reason"],
            objections=plot["objections"],
        )

    def _lead(self) -> Any:
        return self.t.act(self.t.lead)

    def _changed(self, row: dict[str, Any]) -> None:
        told = changes.Told(
            row["source"], row["title"], row["kind"], row["service"], by=row["by"], external_id=row["title"]
        )
        changes.report(self.t.act(self.t.me), told)

    def _cause(self, number: int) -> str:
        return list(self.t.incident.crew.hypotheses)[number]

    def _suppose(self, words: str) -> None:
        crew.state_hypothesis(self._lead(), self.t.id, words, self.t.lead)

    def _judge(self, number: int, state: str, evidence: str = "") -> None:
        crew.judge_hypothesis(self._lead(), self.t.id, self._cause(number), state, evidence)

    def _refute(self, row: dict[str, Any]) -> None:
        self._suppose(row["text"])
        t = self.t
        later = t.stage.now + timedelta(minutes=2.1)
        t.stage.at(later, lambda: self._judge(0, "refuted", row["evidence"]))

    def _find(self, fact: str, shown: str, caused_by: int | None = None) -> None:
        cause = "" if caused_by is None else self._cause(caused_by)
        technical.report_finding(
            self._lead(), self.t.id, fact, confidence="high", evidence=shown, hypothesis=cause
        )

    def _step(self, row: dict[str, Any]) -> None:
        technical.record_step(
            self._lead(), self.t.id, row["runbook"], row["step"], outcome=row["outcome"], result=row["result"]
        )

    def _lay_out(self, question: str, rows: list[dict[str, str]]) -> None:
        options = [Option(r["text"], r["risk"], r["effect"]) for r in rows]
        decisions.open_choice(self._lead(), self.t.id, question, options)

    def _ask_for_objections(self) -> None:
        t, told = self.t, self.told["objected"]
        decisions.open_poll(t.act(t.me), t.id, told["proposal"], 5)

        def object_to_it() -> None:
            poll = list(t.incident.technical.polls)[-1]
            decisions.raise_objection(t.act("Ben Okonkwo"), t.id, poll, told["objection"])

        t.stage.at(t.stage.now + timedelta(minutes=1.3), object_to_it)

    def _restart(self) -> None:
        """A repair without risk: it needs nobody's word, and it worked."""
        t, told = self.t, self.told["repaired"]
        lead = t.lead
        technical.propose(
            self._lead(), t.id, told["title"], told["plan"], "low", lead, told["minutes"], kind="mitigation"
        )
        repair = list(t.incident.technical.remediations)[-1]
        t.stage.at(t.stage.now + timedelta(minutes=0.6), lambda: technical.start(t.act(lead), t.id, repair))
        t.stage.at(
            t.stage.now + timedelta(minutes=6.4),
            lambda: technical.end(t.act(lead), t.id, repair, "done", told["result"]),
        )

    def _propose(self) -> None:
        """One with a risk: it waits for the commander, who is you."""
        t, told = self.t, self.told["proposed"]
        technical.propose(
            self._lead(), t.id, told["title"], told["plan"], "medium", t.corvane.people["Dmytro Kovalenko"],
            told["minutes"], rollback=told["rollback"],
        )  # fmt: skip
