"""The quiz of the training for executive duty, for oneself: its questions, one's attempts, another attempt."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from quarterdeck.app.executives import executive_quiz as acts
from quarterdeck.store import models

from .doors import Request
from .fields import Moment, Read, Write
from .operations import Noun
from .pages import Page, whole

NOUN = Noun("Executives", "/me/executive-quiz")


class QuizQuestion(Read):
    key: str
    rule: str
    text: str
    answers: list[str]


class ExecutiveQuiz(Read):
    """`needed` right answers pass it; `passed_at` is when you passed this version."""

    version: int
    needed: int
    passed_at: Moment | None
    questions: list[QuizQuestion]


class QuizAttempt(Read):
    id: str
    version: int
    right: int
    asked: int
    passed: bool
    at: Moment


class QuizAttemptWrite(Write):
    """`answers`: the place of the chosen answer, from 1, by the question's key."""

    version: Annotated[int, Field(ge=1, le=100_000)]
    answers: Annotated[dict[str, Annotated[int, Field(ge=1, le=5)]], Field(max_length=40)]


@NOUN.get("", "brief.read", ExecutiveQuiz)
def show_executive_quiz(request: Request) -> ExecutiveQuiz:
    """The questions in force now, and whether you passed them."""
    found, mine = acts.quiz(), acts.passed([request.act.person], request.act.at)
    return ExecutiveQuiz(
        version=found.version, needed=found.needed, passed_at=mine.get(request.act.person),
        questions=[
            QuizQuestion(key=q.key, rule=q.rule, text=q.text, answers=list(q.answers)) for q in found.questions
        ],
    )  # fmt: skip


@NOUN.get("/attempts", "brief.read", Page[QuizAttempt])
def list_quiz_attempts(request: Request) -> Page[QuizAttempt]:
    """Your attempts, the newest first."""
    return whole(_attempt(row) for row in acts.attempts(request.act.person))


@NOUN.post("/attempts", "brief.read", QuizAttempt)
def take_executive_quiz(request: Request, body: QuizAttemptWrite) -> QuizAttempt:
    """Answer it. Refused where the quiz has another version by now."""
    return _attempt(acts.take(request.act, body.version, body.answers)[0])


def _attempt(row: models.QuizAttempt) -> QuizAttempt:
    return QuizAttempt(
        id=row.id, version=row.version, right=row.right, asked=row.asked, passed=row.passed, at=row.at
    )
