"""Training: seats, reminders, who was there, and what happens when it has to be learnt again."""

from __future__ import annotations

from datetime import timedelta

import icalendar
import pytest

from quarterdeck.app.people import competence, training
from quarterdeck.core.kernel.moments import text
from quarterdeck.store import models
from support.attacks import org, signed_in
from support.rest import Organisation

__all__ = ["org"]
DAY = timedelta(days=1)


def planned(org: Organisation, **said: object) -> dict:
    body = {"topic": "Taking command", "trainer": org.id("ana"), "held_at": text(org.now + 3 * DAY)} | said
    answer = org.call("root").post("/training-sessions", body)
    assert answer.status == 201, answer.json
    return answer.json


@pytest.mark.requirement("R-209", "R-245")
def test_whoever_let_their_training_expire_is_warned_of_as_not_eligible(org: Organisation) -> None:
    made = planned(
        org, held_at=text(org.now - 200 * DAY), role="commander", track="incident_management", valid_months=6,
        invited=[org.id("root")],
    )  # fmt: skip
    at = f"/training-sessions/{made['id']}/attendance"
    assert org.call("ben").put(at, {"people": [org.id("root")]}).status == 403
    attended = org.call("ana").put(at, {"people": [org.id("root")]})
    assert attended.status == 200, "its trainer says who was there"
    kept = models.Certification.objects.get(person=org.find("root"), ended_at=None)
    assert kept.role == "commander" and kept.expires_at < org.now
    competence.certify(org.act("root"), org.id("ole"), "commander")
    incident = org.declare("ana")
    said = signed_in(org, "root").post(
        f"/incidents/{incident}/roles/commander", {"take_over": "1", "reason": "Nobody answers"}, follow=True
    )
    page = said.content.decode()
    assert "Not certified for the role" in page and "not eligible until renewed" in page
    record = org.call("ole", "observer").get(f"/training-records?person={org.id('root')}").json[0]
    assert record["expires_at"] == text(kept.expires_at)
    assert "expired: learn it again" in signed_in(org, "root").get("/knowledge/training").content.decode()
    again = planned(org, held_at=text(org.now - DAY), role="commander", valid_months=6)
    org.call("ana").put(f"/training-sessions/{again['id']}/attendance", {"people": [org.id("root")]})
    assert competence.may_take(org.id("root"), ["cert:commander"], "Commander", org.now) == ""


def test_those_who_must_come_are_reminded_and_others_take_what_is_free(org: Organisation) -> None:
    made = planned(org, invited=[org.id("ben")], seats=2, place="Room 4", minutes=90)
    at = f"/training-sessions/{made['id']}/seat"
    assert org.call("ole", "observer").put(at).json["joined"][0]["id"] == org.id("ole")
    assert org.call("eva", "executive").put(at).status == 403
    assert org.call("root").put(at).code == "training.full"
    assert org.call("ben").delete(at).code == "training.must"
    assert org.call("ole").delete(at).json["joined"] == []
    signed_in(org, "ole").post(f"/knowledge/training/{made['id']}/seat")
    token = org.call("ole").post("/calendars", {"kind": "person"}).json["url"]
    feed = signed_in(org, "ole").get(token[token.index("/calendars/") :]).content
    (event,) = icalendar.Calendar.from_ical(feed).walk("VEVENT")
    assert event["SUMMARY"] == "Training: Taking command" and "Room 4" in event["DESCRIPTION"]
    month = f"{org.now + 3 * DAY:%Y-%m}"
    assert (
        "Taking command" in signed_in(org, "ole").get(f"/prevention/calendar?month={month}").content.decode()
    )
    org.settle()
    org.pass_time(days=4)
    said = models.Delivery.objects.filter(cls="message")
    soon = {d.person_id for d in said if d.body["subject"] == "Soon: Taking command"}
    assert soon == {org.id("ben"), org.id("ole"), org.id("ana")}
    asked = [d for d in said if d.body["subject"].startswith("Who was there")]
    assert [d.person_id for d in asked] == [org.id("ana")]


def test_a_session_that_is_called_off_reminds_nobody_and_takes_nobody(org: Organisation) -> None:
    made = planned(org, invited=[org.id("ben")])
    at = f"/training-sessions/{made['id']}"
    assert org.call("ben").delete(at).status == 403
    assert org.call("ana").delete(at).json["called_off_at"]
    assert org.call("ole", "observer").put(f"{at}/seat").code == "training.over"
    org.settle()
    org.pass_time(days=4)
    subjects = [d.body["subject"] for d in models.Delivery.objects.filter(person_id=org.id("ben"))]
    assert "Called off: Taking command" in subjects and not any(s.startswith("Soon") for s in subjects)
    form = {"topic": "x", "trainer": org.id("ana"), "held_at": "2027-01-01T09:00", "track": "magic"}
    signed_in(org, "root").post("/knowledge/training/new", form)
    assert models.TrainingSession.objects.count() == 1 and "magic" not in training.TRACKS
