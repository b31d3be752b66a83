"""A message to customers over REST and on the board: what the linter blocks, facts that move, who carries it out."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from quarterdeck.app import casebook
from quarterdeck.app.comms import drafting
from quarterdeck.core.kernel.moments import text
from quarterdeck.store import models
from quarterdeck.store.ids import new_id
from support.browsing import browser
from support.rest import Organisation


@pytest.fixture
def org(db: None) -> Organisation:
    return Organisation()


class Desk:
    """Ana commands, Ben leads communications, Sam manages the status page, Gus holds nothing."""

    def __init__(self, org: Organisation, audience: str = "customers_all", **said: object) -> None:
        self.org, self.audience = org, audience
        self.people = {h: org.call(h) for h in ("ana", "ben", "sam", "gus")}
        self.incident = org.declare("ana", **said)
        self.where = f"/incidents/{self.incident}"
        for handle, role in (("ben", "communications_lead"), ("sam", "status_page_manager")):
            made = self.people["ana"].put(f"{self.where}/roles/{role}/holder", {"person": org.id(handle)})
            assert made.status == 200, made.json
        self.page = models.StatusPage.objects.create(key="public", title="Status", created_at=org.now)

    def body(self, **more: object) -> dict:
        return {
            "audience": self.audience, "headline": "Payments fail", "customer_effect": "Payments by card fail.",
            "action": "We are adding capacity.", "next_update_at": text(datetime.now(UTC) + timedelta(hours=5)),
        } | more  # fmt: skip

    def draft(self, **more: object) -> str:
        made = self.people["ben"].post(f"{self.where}/messages", self.body(**more))
        assert made.status == 201, made.json
        return made.json["id"]

    def get(self, message: str, part: str = "") -> dict:
        return self.people["gus"].get(f"{self.where}/messages/{message}{part}").json

    def release(self, message: str, handle: str = "ana", **more: object):
        said = {"content_hash": self.get(message)["content_hash"]} | more
        return self.people[handle].put(f"{self.where}/messages/{message}/release", said)

    def carry(self, message: str, handle: str, step: str = "distribute", proof: str = "Post 7 on the page"):
        return self.people[handle].put(f"{self.where}/messages/{message}/after/{step}", {"proof": proof})


@pytest.mark.requirement("R-211")
@pytest.mark.requirement("R-225")
def test_a_host_name_keeps_a_message_from_customers_until_somebody_says_why_it_may_go(
    org: Organisation,
) -> None:
    desk = Desk(org)
    message = desk.draft(action="We restart db-prod-03 now.")
    check = desk.get(message, "/check")
    host = next(f for f in check["findings"] if f["code"] == "host")
    assert check["blocks"] and host["level"] == "error"
    assert "We restart db-prod-03 now."[host["start"] : host["end"]] == "db-prod-03"
    assert desk.release(message).code == "message.lint"
    done = desk.release(message, override="The name is public already.")
    assert (done.status, done.json["override"]) == (200, "The name is public already.")
    assert "db-prod-03" in done.json["overridden"][0]
    clean = desk.draft()
    assert desk.release(clean).status == 200


@pytest.mark.requirement("R-057")
@pytest.mark.requirement("R-217")
def test_a_fact_that_changes_marks_what_was_not_sent(org: Organisation) -> None:
    desk = Desk(org)
    public, staff = desk.draft(), desk.draft(audience="staff")
    assert desk.get(public)["stale"] == []
    assert desk.people["ana"].put(f"{desk.where}/facts", {"workaround": "Pay by transfer."}).status == 200
    assert "Pay by transfer." in desk.get(public)["stale"][0]
    assert desk.get(staff)["stale"]
    assert desk.release(public).code == "message.stale"
    looked = desk.people["ben"].put(
        f"{desk.where}/messages/{public}/still-right", {"reason": "It says nothing of it."}
    )
    assert looked.status == 200 and desk.get(public)["stale"] == []
    assert desk.release(public).status == 200
    edited = desk.people["ben"].put(
        f"{desk.where}/messages/{staff}", desk.body(audience="staff", body="Pay by transfer.")
    )
    assert edited.json["stale"] == []


@pytest.mark.requirement("R-120")
def test_when_the_phase_moves_on_old_drafts_end_and_the_next_stand_ready(org: Organisation) -> None:
    desk = Desk(org)
    old = desk.draft()
    moved = desk.people["ana"].put(f"{desk.where}/phase", {"phase": "investigating"})
    assert moved.status == 200, moved.json
    assert desk.get(old)["state"] == "superseded"
    listed = desk.people["gus"].get(f"{desk.where}/messages").json["items"]
    fresh = [m for m in listed if m["state"] == "draft"]
    assert "customers_all" in {m["audience"] for m in fresh}
    assert {m["phase"] for m in fresh} == {"investigating"}
    assert len({m["audience"] for m in fresh}) == len(fresh)


@pytest.mark.requirement("R-105")
def test_a_message_counts_as_sent_by_delivery_records_or_a_proof(org: Organisation) -> None:
    desk = Desk(org)
    message = desk.draft()
    assert desk.carry(message, "sam").code == "message.not_released"
    assert desk.release(message).json["state"] == "released"
    assert desk.carry(message, "gus").status == 403
    assert desk.carry(message, "sam", proof=" ").status == 422
    assert desk.carry(message, "sam").status == 200
    assert desk.get(message)["state"] == "sent"
    (step,) = desk.get(message, "/after")["items"]
    assert (step["done"], step["proof"], step["by"]["id"]) == (True, "Post 7 on the page", org.id("sam"))
    contact = {"id": new_id(), "audience": "customers_all", "name": "Kim", "email": "kim@customer.example"}
    models.AudienceContact.objects.create(created_at=org.now, **contact)
    other = desk.draft(headline="Payments are slow")
    assert desk.release(other).json["state"] == "sent"
    assert desk.get(other, "/after")["items"][0]["records"]
    kept = (
        list(models.MessageStepRow.objects.values()),
        list(models.MessageRow.objects.order_by("id").values()),
    )
    casebook.rebuild(desk.incident, org.now)
    assert kept == (
        list(models.MessageStepRow.objects.values()),
        list(models.MessageRow.objects.order_by("id").values()),
    )


def test_whoever_carries_it_out_is_told_then_reminded_then_the_commander_hears(org: Organisation) -> None:
    desk = Desk(org)
    message = desk.draft()
    desk.release(message)

    def asked(handle: str) -> int:
        rows = models.Callout.objects.filter(person_id=org.id(handle), subject__startswith="Carry out")
        return rows.count()

    assert (asked("sam"), asked("ana")) == (1, 0)
    org.pass_time(minutes=16)
    assert asked("sam") == 2
    org.pass_time(minutes=10)
    assert asked("ana") >= 1


@pytest.mark.requirement("R-056")
def test_onto_a_status_page_only_its_manager_or_the_commander_publishes(org: Organisation) -> None:
    desk = Desk(org)
    message = desk.draft(pages=["public"])
    assert desk.people["sam"].get(f"{desk.where}/messages/{message}").json["headline"] == "Payments fail"
    assert desk.release(message, "ben").status == 403
    assert desk.release(message, "gus").status == 403
    assert desk.release(message, "sam").json["state"] == "sent"
    support = desk.draft(audience="support", pages=["public"])
    assert desk.release(support, "ben").code == "grant.page.publish"
    assert desk.release(support, "ana").status == 200
    told = models.TimelineRow.objects.filter(
        incident_id=desk.incident, title__contains="message to All customers"
    )
    actors = dict(told.values_list("title", "actor"))
    assert org.id("ben") in actors.values() and org.id("sam") in actors.values()


@pytest.mark.requirement("R-098")
def test_two_who_write_lose_nothing_and_every_version_is_kept(org: Organisation) -> None:
    desk = Desk(org)
    message = desk.draft()
    read = desk.get(message)["content_hash"]
    url = f"{desk.where}/messages/{message}"
    first = desk.people["ben"].put(url, desk.body(action="We move traffic.") | {"read_hash": read})
    assert first.status == 200
    second = desk.people["ana"].put(url, desk.body(action="We wait.") | {"read_hash": read})
    assert (second.status, second.code) == (409, "message.changed")
    assert desk.get(message)["action"] == "We move traffic."
    versions = desk.get(message, "/versions")["items"]
    assert [(v["number"], v["action"]) for v in versions] == [
        (1, "We are adding capacity."),
        (2, "We move traffic."),
    ]
    page = browser(org, "ana")
    form = desk.body(action="We wait.", next_update="2030-01-01T10:00") | {"read_hash": read}
    answer = page.post(f"/incidents/{desk.incident}/messages/{message}", form)
    shown = answer.content.decode()
    assert answer.status_code == 422 and "We wait." in shown and "We move traffic." in shown


@pytest.mark.requirement("R-296")
def test_the_questions_are_stored_with_the_draft(org: Organisation) -> None:
    desk = Desk(org)
    message = desk.draft(prompts=["recipients"])
    assert desk.get(message)["prompts"] == ["recipients"]
    desk.people["ben"].put(f"{desk.where}/messages/{message}", desk.body(prompts=["details", "expectations"]))
    assert desk.get(message)["prompts"] == ["expectations", "details"]
    board = (
        browser(org, "ben")
        .get(f"/incidents/{desk.incident}/communication?message={message}")
        .content.decode()
    )
    for question in ("What sets expectations?", "What gives perspective?", "Who receives it?"):
        assert question in board


@pytest.mark.requirement("R-221")
def test_a_field_of_the_wording_that_says_nothing_is_listed_and_edited_wording_is_noticed(
    org: Organisation,
) -> None:
    desk = Desk(org)
    case = casebook.load(desk.incident)
    first = drafting.first_draft(case, "customers_all", org.now)
    typed = {"headline": first.headline, "body": first.body}
    message = desk.draft(**typed)
    assert desk.get(message)["agreed"] is True
    missing = {f["text"] for f in desk.get(message, "/check")["findings"] if f["code"] == "field.missing"}
    assert "Missing: customer_effect." in missing and "Missing: started_at." not in missing
    url = f"{desk.where}/messages/{message}"
    filled = typed["body"].replace("[customer_effect?]", "Payments fail.")
    assert desk.people["ben"].put(url, desk.body(**typed | {"body": filled})).json["agreed"] is True
    assert (
        desk.people["ben"].put(url, desk.body(**typed | {"body": f"{filled} Sorry!"})).json["agreed"] is False
    )


def test_a_correction_names_what_it_corrects_and_only_what_was_told(org: Organisation) -> None:
    desk = Desk(org)
    message = desk.draft()
    refused = desk.people["ben"].post(f"{desk.where}/messages", desk.body(corrects=message))
    assert (refused.status, refused.code) == (422, "message.corrects")
    desk.release(message)
    again = desk.draft(corrects=message, headline="Correction: payments were slow")
    assert desk.get(again)["corrects"] == message
    board = (
        browser(org, "ana")
        .get(f"/incidents/{desk.incident}/communication?message={message}")
        .content.decode()
    )
    assert "Corrected by" in board


def test_the_composer_reads_what_is_typed_and_saves_nothing(org: Organisation) -> None:
    desk = Desk(org)
    typed = {
        "audience": "customers_all",
        "headline": "Down",
        "customer_effect": "Payments <b>fail</b> on web-03.",
        "next_update": "2030",
    }
    answer = browser(org, "ben").post(f"/incidents/{desk.incident}/parts-lint", typed)
    shown = answer.content.decode()
    assert answer.status_code == 200
    assert '<mark class="is-red">web-03</mark>' in shown and "&lt;b&gt;" in shown
    assert "Text message" in shown and "parts (GSM" in shown
    assert not models.MessageRow.objects.filter(incident_id=desk.incident).exists()


@pytest.mark.requirement("R-042")
def test_a_first_text_goes_to_the_pages_that_show_what_is_affected_or_spoke_of_it_before(
    org: Organisation,
) -> None:
    def page(key: str, **more: object) -> models.StatusPage:
        return models.StatusPage.objects.create(key=key, title=key.title(), created_at=org.now, **more)

    def first() -> set[str]:
        told = drafting.first_draft(casebook.load(desk.incident), "customers_all", org.now)
        return set(models.StatusPage.objects.filter(id__in=told.pages).values_list("key", flat=True))

    cards = org.service("cards")
    desk = Desk(org, services=["cards"])
    tickets, partners = page("tickets"), page("partners")
    page("closed", public=False)
    assert first() == {"public", "tickets", "partners"}, "nobody has said what shows it"
    part = models.Component.objects.create(
        page=partners, name="Cards", created_at=org.now, updated_at=org.now
    )
    part.services.add(cards)
    assert first() == {"partners"}
    models.ShownComponent.objects.create(page=desk.page, component=part, name="Paying", created_at=org.now)
    assert first() == {"partners", "public"}
    assert desk.release(desk.draft(pages=[tickets.id])).status == 200
    assert first() == {"partners", "public", "tickets"}
