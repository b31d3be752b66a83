"""What the executives of Corvane do after an incident: they write and comment the strategic part of its review, confirm
that they have read it, and learn for their duty.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial

from quarterdeck.app import casebook
from quarterdeck.app.executives import executive_quiz, executive_reading, executive_training
from quarterdeck.app.learning import reviews
from quarterdeck.core.incidents import executive_review
from quarterdeck.core.kernel.refused import Refused

from .company import Corvane
from .stage import Stage
from .tables import table
from .telling import Telling


def write(t: Telling) -> None:
    """The strategic part, by whoever has executive duty, as the plot has it."""
    words = t.plot.get("strategic") or t.plot["review"]["strategic"]
    executive = t.act(t.on_call("executive-duty"))
    reviews.edit(executive, t.id, "strategic", words)
    told = table("leadership").get(t.plot["title"], {})
    for section in executive_review.STRATEGIC[1:]:
        if section in told:
            reviews.edit(executive, t.id, section, told[section])
    for name, section, text in told.get("comments", ()):
        executive_reading.comment(t.act(t.corvane.people[name]), t.id, section, text)


def read(t: Telling) -> None:
    """Whoever was asked confirms in the days after, one later than the other; what lies ahead is open still."""
    asked = casebook.load(t.id, t.act(t.commander).who).incident.aftermath.readings
    for number, person in enumerate(asked, 1):
        t.stage.at(t.stage.now + timedelta(days=2 * number, hours=number), partial(_confirm, t, person))


def _confirm(t: Telling, person: str) -> None:
    try:
        executive_reading.confirm(t.act(person), t.id)
    except Refused:
        return  # restricted meanwhile, or no executive any more


def learned(stage: Stage, corvane: Corvane, now: datetime) -> None:
    """Two of the three were trained for their duty."""
    for row in table("leadership")["training"]:
        held = now - timedelta(days=row["days"])
        stage.at(held + timedelta(hours=2), partial(_record, stage, corvane, row, held))


def _record(stage: Stage, corvane: Corvane, row: dict[str, object], held: datetime) -> None:
    executive_training.record(
        corvane.act(corvane.first, stage.now), corvane.people[str(row["person"])], track="executive", held_at=held,
        topic=str(row["topic"]), valid_months=int(str(row["months"])),
    )  # fmt: skip
    asked = executive_quiz.quiz()
    answers = {q.key: q.right for q in asked.questions}
    executive_quiz.take(corvane.act(corvane.people[str(row["person"])], stage.now), asked.version, answers)
