"""Alerts, silences and callouts over REST."""

from __future__ import annotations

from datetime import timedelta

import pytest

from quarterdeck.channels.outcome import GaveUp
from quarterdeck.core.kernel.moments import text
from quarterdeck.store import models
from support.rest import Organisation


@pytest.fixture
def org(db: None) -> Organisation:
    o = Organisation()
    o.call("ana")
    o.call("ben")
    return o


def test_alerts_are_found_by_key_summary_and_label(org: Organisation) -> None:
    org.alert("disk-1", summary="Disk is full", labels={"zone": "eu-west"})
    org.alert("cpu_100%", summary="Too hot", labels={"zone": "us-east"})
    ana = org.call("ana")
    for q, found in (
        ("DISK-", ["disk-1"]),
        ("hot", ["cpu_100%"]),
        ("eu-west", ["disk-1"]),
        ("_100%25", ["cpu_100%"]),
        ("%25", ["cpu_100%"]),
        ("k_1", []),
        ("gone", []),
    ):
        assert [a["dedup_key"] for a in ana.get(f"/alerts?q={q}").json["items"]] == found, q


def test_an_alert_says_what_is_known_of_it(org: Organisation) -> None:
    service = org.service("db")
    alert = org.alert("disk", service=service, count=3, labels={"a": "b"})
    (told,) = org.call("ana").get("/alerts?status=open&service=db").json["items"]
    assert told == {
        "id": alert.id,
        "dedup_key": "disk",
        "summary": "disk is full",
        "status": "open",
        "count": 3,
        "severity": "critical",
        "service": "db",
        "source": "db-1",
        "source_kind": "monitor",
        "labels": {"a": "b"},
        "first_seen_at": text(org.now),
        "last_seen_at": text(org.now),
        "acknowledged_at": None,
        "acknowledged_by": None,
        "resolved_at": None,
        "resolved_by": None,
        "incident": None,
        "reason": "First report.",
    }
    assert org.call("ana").get("/alerts?status=resolved").json["items"] == []
    assert org.call("ana").get("/alerts?service=web").json["items"] == []


def test_an_alert_is_acknowledged_once_and_resolved(org: Organisation) -> None:
    alert = org.alert("disk")
    where = f"/alerts/{alert.id}"
    taken = org.call("ana").put(f"{where}/acknowledgement")
    assert (taken.status, taken.json["status"], taken.json["acknowledged_by"]["name"]) == (
        200,
        "acknowledged",
        "Ana",
    )
    assert org.call("ben").put(f"{where}/acknowledgement").json["acknowledged_by"]["name"] == "Ana"
    done = org.call("ben").put(f"{where}/resolution", {"reason": "Cleaned up."})
    assert (done.json["status"], done.json["reason"]) == ("resolved", "Resolved by Ben. Cleaned up.")
    late = org.call("ana").put(f"{where}/acknowledgement")
    assert (late.status, late.code) == (409, "alert.resolved")
    assert [e["kind"] for e in org.call("ana").get(where).json["entries"]] == ["acknowledged", "resolved"]


def test_pages_of_alerts_show_each_once_while_more_come_in(org: Organisation) -> None:
    made = [org.alert(f"k{n}").id for n in range(7)]
    seen, cursor = [], ""
    while True:
        got = org.call("ana").get(f"/alerts?limit=3&cursor={cursor}").json
        seen += [a["id"] for a in got["items"]]
        org.alert(f"later{len(seen)}")
        cursor = got["next"]
        if cursor is None:
            break
    assert seen == sorted(made, reverse=True)


def test_a_silence_is_made_listed_and_ended(org: Organisation) -> None:
    ana = org.call("ana")
    said = {
        "matchers": [{"name": "service", "op": "=", "value": "db"}],
        "ends_at": text(org.now + timedelta(hours=2)),
        "comment": "Upgrade",
    }
    made = ana.post("/silences", said)
    assert (made.status, made.json["standing"], made.json["created_by"]["name"]) == (201, True, "Ana")
    assert [s["id"] for s in ana.get("/silences?standing=true").json["items"]] == [made.json["id"]]
    assert ana.delete(f"/silences/{made.json['id']}").status == 204
    assert ana.delete(f"/silences/{made.json['id']}").status == 204
    assert ana.get("/silences?standing=true").json["items"] == []
    assert ana.get(f"/silences/{made.json['id']}").json["standing"] is False
    for wrong in (
        {"ends_at": text(org.now + timedelta(hours=30))},
        {"matchers": []},
        {"comment": " "},
        {"matchers": [{"name": "x", "op": "glob", "value": "*"}]},
    ):
        assert ana.post("/silences", said | wrong).status == 422
    assert ana.post("/silences", said | {"created_by": "somebody"}).status == 400


def test_paging_people_schedules_and_teams_wakes_each_person_once(org: Organisation) -> None:
    org.schedule("primary", "ben")
    root = org.call("root", "administrator")
    assert root.post("/teams", {"key": "db", "name": "Databases"}).status == 201
    assert root.put(f"/teams/db/members/{org.id('ben')}", {"lead": True}).status == 204
    said = {
        "people": [org.id("ben")],
        "schedules": ["primary"],
        "teams": ["db"],
        "reason": "Please look at the disk",
    }
    made = org.call("ana").post("/callouts", said)
    assert [c["person"]["name"] for c in made.json["items"]] == ["Ben"]
    assert made.json["items"][0]["reason"] == "Ana paged you: Please look at the disk"
    org.settle()
    (mine,) = org.call("ben").get("/callouts?mine=true").json["items"]
    assert [(d["state"], [a["outcome"] for a in d["attempts"]]) for d in mine["deliveries"]] == [
        ("sent", ["", "accepted"])
    ]
    assert "address" not in mine["deliveries"][0]
    foreign = org.call("ana").put(f"/callouts/{mine['id']}/acknowledgement")
    assert (foreign.status, foreign.code) == (403, "callout.not_yours")
    answered = org.call("ben").put(f"/callouts/{mine['id']}/acknowledgement")
    assert (answered.json["state"], answered.json["acknowledged_via"]) == ("acknowledged", "api")


def test_a_page_without_reason_or_to_nobody_is_refused(org: Organisation) -> None:
    ana = org.call("ana")
    assert ana.post("/callouts", {"people": [org.id("ben")], "reason": " "}).code == "page.reason_missing"
    assert ana.post("/callouts", {"reason": "x"}).code == "page.target_missing"
    assert ana.post("/callouts", {"people": ["nobody"], "reason": "x"}).code == "person.unknown"
    assert ana.post("/callouts", {"schedules": ["none"], "reason": "x"}).code == "target.unknown"
    assert (
        ana.post("/callouts", {"people": [org.id("ben")], "reason": "x", "incident": "INC-9"}).status == 404
    )
    assert models.Callout.objects.count() == 0


@pytest.mark.requirement("R-286")
def test_paging_a_commander_pages_primary_and_backup_and_names_whom_to_ring_otherwise(
    org: Organisation,
) -> None:
    org.person("cleo", phone="+49 30 1234567")
    org.policy("commander", ("cleo", 5), ("ben", 5))
    made = org.call("exec", "executive").post("/commander-callouts", {"reason": "Nobody leads"})
    assert sorted(c["person"]["name"] for c in made.json["items"]) == ["Ben", "Cleo"]
    assert {"name": "Cleo", "title": "", "phone": "+49 30 1234567", "email": "cleo@example.com"} in made.json[
        "phone_list"
    ]


@pytest.mark.requirement("R-286")
def test_the_phone_list_is_there_when_nobody_can_be_paged(org: Organisation) -> None:
    org.person("root", "administrator", phone="+49 30 7654321")
    nobody = org.call("ana").post("/commander-callouts")
    assert (nobody.status, nobody.code) == (409, "commander.nobody")
    assert [p["phone"] for p in nobody.json["phone_list"]] == ["+49 30 7654321"]
    org.person("cleo", contacts=(), phone="+49 30 1234567")
    org.policy("commander", ("cleo", 5))
    unreachable = org.call("ana").post("/commander-callouts")
    assert (unreachable.status, unreachable.code) == (409, "commander.unreachable")
    assert [p["name"] for p in unreachable.json["phone_list"]] == ["Cleo", "Root"]


@pytest.mark.requirement("R-286")
def test_with_the_provider_down_the_callout_says_so_and_the_phone_list_stands(org: Organisation) -> None:
    org.person("cleo", phone="+49 30 1234567")
    org.policy("commander", ("cleo", 5))
    org.outbox.answer = lambda kind, outgoing: GaveUp("the mail server does not answer")
    made = org.call("ana").post("/commander-callouts").json
    org.settle()
    told = org.call("ana").get(f"/callouts/{made['items'][0]['id']}").json
    assert (told["state"], told["note"]) == ("unreachable", "the mail server does not answer")
    assert [p["phone"] for p in org.call("ana").get("/phone-list").json["items"]] == ["+49 30 1234567"]


def test_callouts_of_others_are_for_whoever_may_see_alerts(org: Organisation) -> None:
    made = org.call("ana").post("/callouts", {"people": [org.id("ben")], "reason": "x"}).json["items"][0]
    exec_ = org.call("exec", "executive")
    assert exec_.get("/callouts").code == "access.alert.read"
    assert exec_.get(f"/callouts/{made['id']}").code == "access.alert.read"
    assert exec_.get("/callouts?mine=true").json["items"] == []
