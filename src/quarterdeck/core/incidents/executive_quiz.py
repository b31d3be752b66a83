"""The quiz of the training for executive duty (R-151): what is asked, and whether the answers pass. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from quarterdeck.core.kernel.refused import Refused, bad


@dataclass(frozen=True, slots=True)
class Question:
    """`right` is the place of the right one of `answers`, from 1; `rule` is what it is about."""

    key: str
    text: str
    answers: tuple[str, ...]
    right: int
    why: str = ""
    rule: str = ""


@dataclass(frozen=True, slots=True)
class Quiz:
    """Whoever passed another version takes it again."""

    version: int
    needed: int
    questions: tuple[Question, ...]


@dataclass(frozen=True, slots=True)
class Marked:
    """How many were right, whether that passes, and the questions whose answer was wrong."""

    right: int
    passed: bool
    wrong: tuple[str, ...]


def mark(quiz: Quiz, version: int, answers: Mapping[str, int]) -> Marked:
    """Raises Refused where the quiz changed meanwhile, or a question has no answer it could have."""
    if version != quiz.version:
        raise Refused(
            "quiz.changed", "The quiz has changed since you opened it. Reload it, then answer again."
        )
    strange = sorted(answers.keys() - {q.key for q in quiz.questions})
    if strange:
        raise bad("quiz.question", f"There is no question {strange[0][:64]!r}.", answers="unknown question")
    for q in quiz.questions:
        if not 1 <= answers.get(q.key, 0) <= len(q.answers):
            raise bad("quiz.answer", "Choose one answer to each question.", **{q.key: "Choose one answer."})
    wrong = tuple(q.key for q in quiz.questions if answers[q.key] != q.right)
    right = len(quiz.questions) - len(wrong)
    return Marked(right, right >= quiz.needed, wrong)
