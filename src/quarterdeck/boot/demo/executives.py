"""What executives ask, advise and overstep in the open incident, what is answered, and what they are asked for."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from quarterdeck.app.executives import asks, exec_streams
from quarterdeck.app.executives import executives as acts

from .tables import table
from .telling import whole

if TYPE_CHECKING:
    from quarterdeck.app.act import Act

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
        lambda: acts.off_channel(_liaison(t), t.id, crossed["what"], crossed["quote"]),
    )
    _wanted(t)


def _wanted(t: Router) -> None:
    """Help, a choice that is theirs, and when they are told the next time."""
    told = table("response")
    wanted, choice, meeting = told["help"], told["decision"], told["meeting"]
    options = [(o, c) for o, c in choice["options"]]
    t.ago(
        wanted["ago"],
        lambda: asks.ask_help(t.act(t.me), t.id, wanted["kind"], wanted["text"], wanted["minutes"]),
    )
    t.ago(
        choice["ago"],
        lambda: asks.ask_decision(
            t.act(t.me), t.id, choice["question"], options, recommendation=options[0][0], default=options[0][0],
            minutes=choice["minutes"],
        ),
    )  # fmt: skip
    t.ago(
        meeting["ago"],
        lambda: asks.plan_briefing(
            t.act(t.me), t.id, whole(t.stage.now + timedelta(minutes=meeting["in_minutes"])),
            people=[t.corvane.people["Ingrid Solheim"], t.corvane.people["Samira Haddad"]],
            link=meeting["link"], every_minutes=meeting["every"],
        ),
    )  # fmt: skip


def _liaison(t: Router) -> Act:
    """Who answers executives: the liaison, else the deputy."""
    return t.act(t.holder("executive_liaison") or t.holder("deputy"))


def _ask(t: Router, row: dict[str, Any]) -> None:
    why = row.get("critical", "")
    asked = acts.ask(t.act(row["who"]), t.id, row["text"], critical=bool(why), reason=why)
    if "answered" in row:
        key = asked.question.id
        t.ago(
            row["answered"],
            lambda: acts.answer(_liaison(t), t.id, key, row["state"], row["answer"]),
        )


def _work(t: Router, row: dict[str, Any]) -> None:
    exec_streams.set_line(t.act(row["who"]), t.id, row["stream"], row["line"])
    for title in row["tasks"]:
        exec_streams.set_task(t.act(row["who"]), t.id, row["stream"], title)


def _accept(t: Router, row: dict[str, Any]) -> None:
    found = next(g for g in t.incident.boundary.guidance.values() if g.text == row["text"])
    acts.answer_guidance(t.act(t.me), t.id, found.id, row["accepted"], row["reason"])
