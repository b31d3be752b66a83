"""The way of a message to the press over REST and on the board: who is asked, who is called when they are silent."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from quarterdeck.app import casebook
from quarterdeck.core.kernel.moments import text
from quarterdeck.store import models
from quarterdeck.store.ids import new_id
from support.browsing import browser
from support.rest import Organisation


@pytest.fixture
def org(db: None) -> Organisation:
    return Organisation()


class Press:
    """A SEV-1 with its lawyer, its approver and somebody who writes; and one message to the press."""

    def __init__(self, org: Organisation) -> None:
        self.org = org
        self.people = {h: org.call(h) for h in ("ana", "ben", "leo", "eva", "gus")}
        self.incident = org.declare("ana", severity=1)
        self.where = f"/incidents/{self.incident}"
        for handle, role in (
            ("ben", "communications_lead"),
            ("leo", "legal_officer"),
            ("eva", "elt_approver"),
        ):
            self.fill(role, handle)
        reporter = {"id": new_id(), "audience": "media", "name": "The Paper", "email": "news@paper.example"}
        models.AudienceContact.objects.create(created_at=org.now, **reporter)
        self.body = {
            "audience": "media", "headline": "Bookings are slow", "customer_effect": "Bookings take minutes",
            "action": "We add capacity", "next_update_at": text(datetime.now(UTC) + timedelta(hours=5)),
        }  # fmt: skip
        answer = self.people["ben"].post(f"{self.where}/messages", self.body)
        assert answer.status == 201, answer.json
        self.id = answer.json["id"]

    def fill(self, role: str, handle: str) -> None:
        answer = self.people["ana"].put(f"{self.where}/roles/{role}/holder", {"person": self.org.id(handle)})
        assert answer.status == 200, answer.json

    @property
    def url(self) -> str:
        return f"{self.where}/messages/{self.id}"

    def message(self) -> dict:
        return self.people["gus"].get(self.url).json

    def hand_in(self):
        return self.people["ben"].put(
            f"{self.url}/submission", {"content_hash": self.message()["content_hash"]}
        )

    def say(self, handle: str, step: str, role: str, verdict: str = "ok", **more):
        body = {
            "step": step,
            "role": role,
            "verdict": verdict,
            "content_hash": self.message()["content_hash"],
        }
        return self.people[handle].post(f"{self.url}/verdicts", body | more)

    def release(self, handle: str = "ana", **more):
        body = {"content_hash": self.message()["content_hash"]} | more
        return self.people[handle].put(f"{self.url}/release", body)


@pytest.fixture
def press(org: Organisation) -> Press:
    return Press(org)


def asked(org: Organisation, handle: str, word: str) -> int:
    return models.Callout.objects.filter(person_id=org.id(handle), subject__startswith=word).count()


def test_each_is_asked_in_turn_and_nothing_goes_out_before_the_last_yes(
    org: Organisation, press: Press
) -> None:
    assert press.release().code == "message.unapproved"
    assert press.hand_in().status == 200
    assert (asked(org, "leo", "Review"), asked(org, "eva", "Approve")) == (1, 0)
    assert press.say("eva", "approve", "elt_approver").code == "step.early"
    assert press.say("gus", "review", "legal_officer").status == 403
    objection = press.say("leo", "review", "legal_officer", "objection")
    assert (objection.status, objection.code) == (422, "text.missing")
    assert press.say("leo", "review", "legal_officer", "objection", text="No cause yet.").status == 201
    assert asked(org, "ben", "Strong objection") == 1
    assert press.message()["missing"] == [
        "The Legal Officer objects: No cause yet.",
        "The Executive Approver has not approved this text.",
    ]
    assert press.people["ben"].put(press.url, press.body | {"action": "We work on it"}).status == 200
    assert press.message()["state"] == "draft"
    assert press.hand_in().status == 200
    assert press.say("leo", "review", "legal_officer", "suggestion", text="Shorter.").status == 201
    assert asked(org, "eva", "Approve") == 1
    assert press.say("eva", "approve", "elt_approver").status == 201
    assert asked(org, "ana", "Release") == 1
    assert not models.Delivery.objects.filter(message_id=press.id).exists()
    assert press.release("ben").status == 403
    assert press.release().json["state"] == "sent"
    stages = press.people["gus"].get(f"{press.url}/stages").json["items"]
    assert [(s["role"], s["verdict"], s["by"]["id"]) for s in stages] == [
        ("legal_officer", "suggestion", org.id("leo")), ("elt_approver", "ok", org.id("eva")),
    ]  # fmt: skip


@pytest.mark.requirement("R-114")
def test_an_approver_who_is_silent_is_reminded_then_the_backup_is_called_and_may_approve(
    org: Organisation, press: Press
) -> None:
    """The backup of an approver is whoever is executive liaison, then whom the role's policy calls."""
    press.fill("executive_liaison", "gus")
    press.hand_in()
    press.say("leo", "review", "legal_officer")
    assert press.say("gus", "approve", "elt_approver").status == 403
    org.pass_time(minutes=11)
    assert asked(org, "eva", "Approve") == 2
    assert asked(org, "gus", "Approve") == 0
    org.pass_time(minutes=5)
    assert asked(org, "gus", "Approve") == 1
    assert press.say("gus", "approve", "elt_approver").status == 201
    assert press.release().json["state"] == "sent"


def test_in_an_emergency_it_goes_out_with_a_reason_and_somebody_else_signs(
    org: Organisation, press: Press
) -> None:
    press.hand_in()
    done = press.release(break_glass="The press reports a wrong cause.")
    assert done.json["broke_glass"] == "The press reports a wrong cause."
    assert asked(org, "leo", "Countersign") == 1
    assert press.people["ana"].put(f"{press.url}/countersignature", {"verdict": "ok"}).status == 403
    assert press.people["ben"].put(f"{press.url}/countersignature", {"verdict": "ok"}).code == "step.author"
    assert asked(org, "ben", "Countersign") == 0
    org.pass_time(minutes=61)
    assert asked(org, "ana", "Not countersigned") == 1
    assert press.people["leo"].put(f"{press.url}/countersignature", {"verdict": "ok"}).status == 200
    assert press.message()["countersigned_by"]["id"] == org.id("leo")


def test_the_read_tables_of_approvals_are_rebuilt_row_by_row(org: Organisation, press: Press) -> None:
    press.hand_in()
    press.say("leo", "review", "legal_officer", "suggestion", text="Shorter.")
    org.pass_time(minutes=22)
    kept = [list(m.objects.order_by("id").values()) for m in (models.MessageRow, models.MessageVerdictRow)]
    casebook.rebuild(press.incident, org.now)
    assert kept == [
        list(m.objects.order_by("id").values()) for m in (models.MessageRow, models.MessageVerdictRow)
    ]
    assert kept[1]


def test_the_board_offers_each_what_they_may_do_and_takes_it(org: Organisation, press: Press) -> None:
    pages = {h: browser(org, h) for h in ("ana", "ben", "leo", "eva", "gus")}
    board = f"/incidents/{press.incident}/communication?message={press.id}"
    url = f"/incidents/{press.incident}/messages/{press.id}"

    def offers(handle: str, words: str) -> bool:
        answer = pages[handle].get(board)
        assert answer.status_code == 200
        return words in answer.content.decode()

    def sends(handle: str, act: str, **fields: object) -> None:
        said = {"hash": press.message()["content_hash"]} | fields
        assert pages[handle].post(f"{url}/{act}", said, follow=True).status_code == 200

    assert [h for h in pages if offers(h, "Hand in for review")] == ["ana", "ben"]
    sends("ben", "submit")
    assert [h for h in pages if offers(h, "You answer as Legal Officer")] == ["leo"]
    sends("leo", "judge", step="review", role="legal_officer", verdict="suggestion", text="Shorter.")
    assert [h for h in pages if offers(h, "You answer as Executive Approver")] == ["eva"]
    sends("eva", "pass", step="approve", role="elt_approver", person=org.id("gus"), reason="On a plane.")
    assert [h for h in pages if offers(h, "You answer as Executive Approver")] == ["eva", "gus"]
    assert [h for h in pages if offers(h, "Send it past its reviews")] == ["ana"]
    sends("gus", "judge", step="approve", role="elt_approver", verdict="ok")
    assert [h for h in pages if offers(h, "Release and send")] == ["ana"]
    sends("ana", "release")
    assert press.message()["state"] == "sent"


def test_nobody_outside_a_restricted_incident_is_handed_a_step_or_hears_of_it(
    org: Organisation, monkeypatch: pytest.MonkeyPatch
) -> None:
    declare = org.declare
    monkeypatch.setattr(org, "declare", lambda handle, **said: declare(handle, restricted=True, **said))
    press = Press(org)
    monkeypatch.setattr(press, "message", lambda: press.people["ana"].get(press.url).json)
    assert press.hand_in().status == 200
    said = {"step": "review", "role": "legal_officer", "person": org.id("gus")}
    refused = press.people["leo"].put(f"{press.url}/stand-in", said)
    assert (refused.status, refused.code) == (422, "person.outside")
    org.settle()
    assert not models.Callout.objects.filter(person_id=org.id("gus")).exists()
    assert press.people["leo"].put(f"{press.url}/stand-in", said | {"person": org.id("eva")}).status == 200
