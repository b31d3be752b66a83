"""Reads the quiz of the training for executive duty. Refuses what it cannot read, with file and line."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from quarterdeck.catalog.folders import Folders
from quarterdeck.catalog.tables import KEY, Table
from quarterdeck.core.incidents.executive_quiz import Question, Quiz

FILE = "executive_quiz.toml"
MOST_QUESTIONS, FEWEST_ANSWERS, MOST_ANSWERS = 40, 2, 5


def load_executive_quiz(folder: Path | None = None, texts: Mapping[str, str] | None = None) -> Quiz:
    """The quiz. Raises CatalogError naming file and line."""
    return read_executive_quiz(Folders(folder, texts))


def read_executive_quiz(folders: Folders) -> Quiz:
    table = folders.table(FILE)
    version = table.number("version", low=1)
    found: list[Question] = []
    for row in table.rows("question"):
        one = _question(row)
        if any(q.key == one.key for q in found):
            raise row.error("key", f"there are two questions {one.key!r}. Give each its own key.")
        found.append(one)
    if not 1 <= len(found) <= MOST_QUESTIONS:
        raise table.error("question", f"a quiz has 1 to {MOST_QUESTIONS} questions.")
    needed = table.number("needed", low=1, high=len(found))
    table.done()
    return Quiz(version, needed, tuple(found))


def _question(row: Table) -> Question:
    key = row.text("key", limit=64)
    if not KEY.fullmatch(key):
        raise row.error("key", f"{key!r} is no key: lower-case letters, digits and _, such as severity.")
    answers = row.words("answers")
    if not FEWEST_ANSWERS <= len(answers) <= MOST_ANSWERS or not all(a.strip() for a in answers):
        raise row.error(
            "answers", f"a question has {FEWEST_ANSWERS} to {MOST_ANSWERS} answers, none of them blank."
        )
    made = Question(
        key, row.text("text", limit=400), answers, row.number("right", low=1, high=len(answers)),
        row.text("why", "", limit=400), row.text("rule", "", limit=10),
    )  # fmt: skip
    row.done()
    return made
