"""Executives on duty: who is rostered without training or a drill is flagged wherever somebody would look."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client

from quarterdeck.app.executives import executive_quiz
from quarterdeck.app.oncall import coverage
from quarterdeck.core.kernel.moments import text
from quarterdeck.store import models
from support.rest import HOST, Organisation


@pytest.fixture
def org(db: None) -> Organisation:
    found = Organisation()
    found.call("ana")
    found.call("root", "administrator")
    for handle in ("eva", "eli"):
        found.call(handle, "executive")
    found.schedule("executive-duty", "eva", "eli", days=7)
    return found


def page(org: Organisation, handle: str, address: str) -> str:
    client = Client(headers={"host": HOST})
    client.force_login(org.find(handle))
    answer = client.get(address)
    assert answer.status_code == 200, answer.status_code
    return answer.content.decode()


def drilled(org: Organisation, handle: str, days_ago: int) -> None:
    at = org.now - timedelta(days=days_ago)
    row = models.Drill.objects.create(
        title="Region lost", kind="tabletop", state="ended", scenario="x", scheduled_at=at, started_at=at,
        ended_at=at, facilitator=org.id("ana"), created_by=org.id("ana"), created_at=at, changed_at=at,
    )  # fmt: skip
    models.DrillPerson.objects.create(drill=row, person_id=org.id(handle), role="elt_approver")


def passes(org: Organisation, handle: str) -> None:
    asked = executive_quiz.quiz()
    executive_quiz.take(org.act(handle), asked.version, {q.key: q.right for q in asked.questions})


@pytest.mark.requirement("X-20", "R-151")
def test_an_untrained_executive_is_flagged_on_the_roster_on_suggestions_and_on_their_page(
    org: Organisation,
) -> None:
    root = org.call("root")
    lesson = {"person": org.id("eva"), "track": "executive", "held_at": text(org.now - timedelta(days=30))}
    assert org.call("ana").post("/training-records", lesson).status == 403
    made = root.post("/training-records", lesson | {"valid_months": 12})
    assert made.json[0]["track"] == "executive" and made.json[0]["expires_at"]
    assert models.TrainingSession.objects.get().trainer == org.id("root")
    drilled(org, "eva", 100)
    drilled(org, "eli", 400)
    passes(org, "eva")
    told = {d["person"]["name"]: d for d in org.call("ana").get("/executive-duty").json["items"]}
    assert (told["Eva"]["lacks"], told["Eli"]["lacks"]) == ([], ["training", "quiz", "drill"])
    assert told["Eli"]["duties"] and told["Eva"]["drilled_at"]

    covered = page(org, "ana", "/on-call/coverage")
    assert "not trained" in covered and "no training of the track executive" in covered
    row = models.Schedule.objects.get(key="executive-duty")
    assert "Eli" in coverage.after_saving(row.id, org.now) and "Eva" not in coverage.after_saving(
        row.id, org.now
    )
    assert "no drill within a year" in page(org, "eli", "/")
    assert "no drill within a year" not in page(org, "eva", "/")

    key = org.declare("ana", severity=2)
    assert "no drill within a year" in page(org, "eli", f"/briefs/{key}")
    fill = page(org, "ana", f"/incidents/{key}/fill/elt_approver")
    assert "not trained as an executive" in fill
    assert fill.index("trained as an executive") < fill.index("not trained as an executive")
    # Trained and drilled, the flag is gone.
    root.post("/training-records", lesson | {"person": org.id("eli")})
    drilled(org, "eli", 3)
    told = org.call("ana").get("/executive-duty").json["items"]
    assert sorted(d["lacks"] for d in told) == [[], ["quiz"]]
    passes(org, "eli")
    assert org.call("ana").get("/executive-duty").json["items"][0]["lacks"] == []
    assert "not trained" not in page(org, "ana", f"/incidents/{key}/leadership")


def test_a_record_is_of_a_day_that_has_passed_and_of_a_track_that_exists(org: Organisation) -> None:
    root = org.call("root")
    lesson = {"person": org.id("eva"), "track": "executive", "held_at": text(org.now + timedelta(days=3))}
    assert root.post("/training-records", lesson).code == "training.when"
    assert root.post("/training-records", lesson | {"track": "golf"}).status == 422
    client = Client(headers={"host": HOST})
    client.force_login(org.find("root"))
    typed = {"person": org.id("eva"), "track": "executive", "held_on": "2026-10-01", "valid_months": "12"}
    assert client.post("/knowledge/training/record", typed).status_code == 302
    row = models.TrainingSession.objects.get()
    assert (row.attended, row.track, row.valid_months) == ([org.id("eva")], "executive", 12)
