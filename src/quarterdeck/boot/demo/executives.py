"""What executives ask, advise and overstep in the open incident, and what the deputy answers in the liaison's place."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from quarterdeck.app import executives as acts

from .tables import table

if TYPE_CHECKING:
    from .live import Router


def executives(t: Router) -> None:
    told = table("executives")
    for row in told["question"]:
        t.ago(row["ago"], lambda r=row: _ask(t, r))
    for row in told["guidance"]:
        t.ago(row["ago"], lambda r=row: acts.guide(t.act(r["who"]), t.id, r["kind"], r["text"]))
        if "answered" in row:
            t.ago(row["answered"], lambda r=row: _accept(t, r))
    crossed = told["crossed"]
    t.ago(
        crossed["ago"],
        lambda: acts.off_channel(t.act(t.holder("deputy")), t.id, crossed["what"], crossed["quote"]),
    )


def _ask(t: Router, row: dict[str, Any]) -> None:
    why = row.get("critical", "")
    asked = acts.ask(t.act(row["who"]), t.id, row["text"], critical=bool(why), reason=why)
    if "answered" in row:
        key = asked.question.id
        t.ago(
            row["answered"],
            lambda: acts.answer(t.act(t.holder("deputy")), t.id, key, row["state"], row["answer"]),
        )


def _accept(t: Router, row: dict[str, Any]) -> None:
    found = next(g for g in t.incident.boundary.guidance.values() if g.text == row["text"])
    acts.answer_guidance(t.act(t.me), t.id, found.id, row["accepted"], row["reason"])
