"""The file of the quiz for executives, and how answers are marked."""

from __future__ import annotations

import pytest

from quarterdeck.catalog import CatalogError
from quarterdeck.catalog.executive_quiz import FILE, load_executive_quiz
from quarterdeck.catalog.folders import shipped
from quarterdeck.core.incidents.executive_quiz import mark

TEXT = (shipped() / FILE).read_text()


def test_the_shipped_quiz_asks_about_the_rules_of_executives() -> None:
    quiz = load_executive_quiz()
    assert len(quiz.questions) == 8 and all(q.rule.startswith("X-") and q.why for q in quiz.questions)
    best = {q.key: q.right for q in quiz.questions}
    assert mark(quiz, 1, best).passed
    worse = best | {"repair": 1, "brief": 1}
    found = mark(quiz, 1, worse)
    assert (found.passed, found.right, found.wrong) == (False, 6, ("repair", "brief"))


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("version = 1", "version = 0", "version"),
        ("needed = 7", "needed = 9", "from 1 to 8"),
        ("right = 2", "right = 4", "from 1 to 3"),
        ('key = "brief"', 'key = "repair"', "two questions"),
        ('rule = "X-01"', 'rules = "X-01"', "rules"),
    ],
)
def test_what_cannot_be_asked_is_refused_with_its_line(old: str, new: str, told: str) -> None:
    with pytest.raises(CatalogError, match=told):
        load_executive_quiz(None, {FILE: TEXT.replace(old, new, 1)})
