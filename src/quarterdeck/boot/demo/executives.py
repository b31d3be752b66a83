"""What executives ask, advise and overstep in the open incident, and what the deputy answers in the liaison's place."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from quarterdeck.app import exec_streams
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
    for row in told["work"]:
        t.ago(row["ago"], lambda r=row: _work(t, r))
    for row in told["word"]:
        t.ago(row["ago"], lambda r=row: exec_streams.say(t.act(r["who"]), t.id, r["text"]))
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


def _work(t: Router, row: dict[str, Any]) -> None:
    exec_streams.set_line(t.act(row["who"]), t.id, row["stream"], row["line"])
    for title in row["tasks"]:
        exec_streams.set_task(t.act(row["who"]), t.id, row["stream"], title)


def _accept(t: Router, row: dict[str, Any]) -> None:
    found = next(g for g in t.incident.boundary.guidance.values() if g.text == row["text"])
    acts.answer_guidance(t.act(t.me), t.id, found.id, row["accepted"], row["reason"])
