"""The quiz of the training for executive duty: taken by anybody for themselves, as often as they like until it is
passed; who passed the version that is in force now, and when.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta

from quarterdeck.catalog.executive_quiz import FILE, load_executive_quiz
from quarterdeck.core.incidents.executive_quiz import Marked, Quiz, mark
from quarterdeck.core.kernel.refused import Refused
from quarterdeck.store import log, models, tx
from quarterdeck.store.ids import new_id

from ..act import Act, need
from ..catalog.kept_rules import Kept

MOST_A_DAY = 20
_kept: Kept[Quiz] = Kept(FILE, load_executive_quiz)


def quiz() -> Quiz:
    """The one in force now."""
    return _kept.now()


def take(act: Act, version: int, answers: Mapping[str, int]) -> tuple[models.QuizAttempt, Marked]:
    """Answer it, for oneself. Kept whether it is passed or not."""
    need(act, "brief.read")
    asked = quiz()
    marked = mark(asked, version, answers)
    with tx.write("web"):
        tx.lock(f"quiz of {act.person}")
        lately = models.QuizAttempt.objects.filter(person=act.person, at__gt=act.at - timedelta(days=1))
        if lately.count() >= MOST_A_DAY:
            text = f"You have answered it {MOST_A_DAY} times today. Read the rules, then try again tomorrow."
            raise Refused("quiz.limit", text, kind="limited")
        row = models.QuizAttempt.objects.create(
            id=new_id(), person=act.person, version=version, answers=dict(answers), right=marked.right,
            asked=len(asked.questions), passed=marked.passed, at=act.at,
        )  # fmt: skip
        told = {"person": act.person, "version": version, "right": marked.right, "passed": marked.passed}
        log.audit("ExecutiveQuizTaken", told, at=act.at, actor=act.person)
    return row, marked


def attempts(person: str) -> list[models.QuizAttempt]:
    """One's own, the newest first."""
    return list(models.QuizAttempt.objects.filter(person=person).order_by("-at", "-id")[:50])


def passed(people: Collection[str], now: datetime) -> dict[str, datetime]:
    """Who of these has passed the version in force, and when first."""
    rows = models.QuizAttempt.objects.filter(person__in=list(people), version=quiz().version, passed=True)
    return dict(rows.filter(at__lte=now).order_by("-at").values_list("person", "at"))
