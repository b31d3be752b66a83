"""The quiz of the training for executive duty: asked, answered, kept with its day, and taken again when it changes."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client

from quarterdeck.app.catalog import structures
from quarterdeck.app.executives import executive_quiz, executive_training
from quarterdeck.catalog.executive_quiz import FILE
from quarterdeck.catalog.folders import shipped
from quarterdeck.store import models
from support.rest import HOST, Organisation


@pytest.fixture
def org(db: None) -> Organisation:
    found = Organisation()
    found.call("root", "administrator")
    found.call("eva", "executive")
    found.schedule("executive-duty", "eva", days=7)
    return found


def answers(wrong: int = 0) -> dict[str, int]:
    """All right, but for so many of the first."""
    asked = executive_quiz.quiz().questions
    return {q.key: q.right % len(q.answers) + 1 if n < wrong else q.right for n, q in enumerate(asked)}


def lacks(org: Organisation) -> tuple[str, ...]:
    return executive_training.roster(org.now)[0].lacks


@pytest.mark.requirement("R-151")
def test_an_executive_answers_until_it_is_passed_and_again_when_it_changes(org: Organisation) -> None:
    eva = org.call("eva")
    shown = eva.get("/me/executive-quiz").json
    assert (len(shown["questions"]), shown["passed_at"]) == (8, None) and "right" not in shown["questions"][0]
    assert "quiz" in lacks(org)
    said = {"version": shown["version"], "answers": answers(wrong=2)}
    assert eva.post("/me/executive-quiz/attempts", said).json["passed"] is False
    assert (
        "quiz" in lacks(org)
        and "the quiz is not passed" in executive_training.untrained(org.now)[org.id("eva")]
    )
    passed = eva.post("/me/executive-quiz/attempts", said | {"answers": answers(wrong=1)}).json
    assert (passed["passed"], passed["right"], passed["asked"]) == (True, 7, 8)
    org.now += timedelta(minutes=1)
    assert "quiz" not in lacks(org)
    assert eva.get("/executive-duty").json["items"][0]["quiz_passed_at"] == passed["at"]
    # Another version in the catalogue: what was passed before counts no more, and its answers are not taken.
    text = (shipped() / FILE).read_text().replace("version = 1", "version = 2")
    structures.put_in_force(org.act("root"), {FILE: text}, "A question means something else now")
    assert "quiz" in lacks(org)
    assert eva.post("/me/executive-quiz/attempts", said).code == "quiz.changed"
    assert eva.post("/me/executive-quiz/attempts", said | {"version": 2, "answers": answers()}).json["passed"]
    assert "quiz" not in lacks(org)
    kept = eva.get("/me/executive-quiz/attempts").json["items"]
    assert [(a["version"], a["passed"]) for a in kept] == [(2, True), (1, True), (1, False)]


@pytest.mark.requirement("R-151")
def test_the_page_keeps_what_was_chosen_and_says_what_was_wrong_and_why(org: Organisation) -> None:
    client = Client(headers={"host": HOST})
    client.force_login(org.find("eva"))
    assert client.get("/executive-quiz").content.count(b"<legend>") == 8
    form = {f"q-{k}": str(n) for k, n in answers(wrong=3).items()} | {"version": "1"}
    told = client.post("/executive-quiz", form)
    page = told.content.decode()
    assert (
        told.status_code == 200 and page.count("Not this one.") == 3 and page.count("required checked") == 8
    )
    assert "5 of 8 were right" in page and executive_quiz.quiz().questions[0].why in page
    for broken in (
        {"q-brief": ""},
        {"q-brief": "9"},
        {"q-brief": "²"},
        {"q-else": "1"},
        {"version": "x" * 99},
    ):
        assert client.post("/executive-quiz", form | broken).status_code in (409, 422), broken
    assert models.QuizAttempt.objects.count() == 1
    right = {f"q-{k}": str(n) for k, n in answers().items()} | {"version": "1"}
    assert client.post("/executive-quiz", right).status_code == 302
    assert "You passed this version on" in client.get("/executive-quiz").content.decode()
    for _ in range(18):
        client.post("/executive-quiz", form)
    assert client.post("/executive-quiz", form).status_code == 409
    assert models.QuizAttempt.objects.count() == executive_quiz.MOST_A_DAY
