"""Tasks, checks, the record, and messages of an incident over REST."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from quarterdeck.core.kernel.moments import text
from quarterdeck.store import models
from support.rest import Organisation


@pytest.fixture
def org(db: None) -> Organisation:
    o = Organisation()
    for handle in ("ana", "ben", "cleo"):
        o.call(handle)
    return o


@pytest.fixture
def where(org: Organisation) -> str:
    return f"/incidents/{org.declare('ana')}"


def soon(minutes: int = 30) -> str:
    return text(datetime.now(UTC).replace(microsecond=0) + timedelta(minutes=minutes))


# -- tasks


@pytest.mark.requirement("R-287")
def test_a_task_needs_one_person_and_minutes(org: Organisation, where: str) -> None:
    ana = org.call("ana")
    whole = {"title": "Roll back", "assignee": org.id("ben"), "minutes": 10}
    for lacking in ("title", "assignee", "minutes"):
        got = ana.post(f"{where}/tasks", {k: v for k, v in whole.items() if k != lacking})
        assert (got.status, got.json["error"]["fields"]) == (422, {lacking: "This is required."})
    for wrong in (
        {"assignee": ""},
        {"assignee": "nobody"},
        {"minutes": 0},
        {"minutes": 1441},
        {"minutes": 10**30},
    ):
        assert ana.post(f"{where}/tasks", whole | wrong).status == 422
    assert models.TaskRow.objects.count() == 0
    assert ana.post(f"{where}/tasks", whole).status == 201


@pytest.mark.requirement("R-287")
def test_an_unanswered_task_is_reminded_of_and_a_check_back_is_recorded(
    org: Organisation, where: str
) -> None:
    ana, ben = org.call("ana"), org.call("ben")
    task = ana.post(f"{where}/tasks", {"title": "Roll back", "assignee": org.id("ben"), "minutes": 10}).json
    org.pass_time(seconds=70)
    (told,) = ana.get(f"{where}/tasks?open=true").json["items"]
    assert (told["reminded"], told["state"]) == (True, "given")
    one = f"{where}/tasks/{task['id']}"
    assert org.call("cleo").put(f"{one}/acknowledgement").code == "task.not_yours"
    assert ben.put(f"{one}/acknowledgement").json["state"] == "acknowledged"
    assert ben.put(f"{one}/check-back", {"note": "Half done"}).json["note"] == "Half done"
    assert ben.put(f"{one}/check-back", {"note": " "}).status == 422
    titles = [line["title"] for line in ana.get(f"{where}/timeline").json["items"]]
    assert any("Roll back" in t and "acknowledge" in t.lower() for t in titles)


@pytest.mark.requirement("R-075")
def test_the_task_board_shows_what_is_late_at_the_end_of_the_time_box(org: Organisation, where: str) -> None:
    ana = org.call("ana")
    ana.post(f"{where}/tasks", {"title": "Roll back", "assignee": org.id("ben"), "minutes": 5})
    ana.post(f"{where}/tasks", {"title": "Write down", "assignee": org.id("cleo"), "minutes": 60})
    org.pass_time(minutes=6)
    board = {
        t["title"]: (t["late"], t["state"]) for t in org.call("cleo").get(f"{where}/tasks").json["items"]
    }
    assert board == {"Roll back": (True, "given"), "Write down": (False, "given")}
    assert models.TimelineRow.objects.filter(title__contains="Roll back").count() >= 2
    mine = ana.get(f"{where}/tasks?assignee={org.id('cleo')}").json["items"]
    assert [t["title"] for t in mine] == ["Write down"]


def test_a_task_is_passed_on_finished_or_cancelled(org: Organisation, where: str) -> None:
    ana = org.call("ana")
    first, second = (
        ana.post(f"{where}/tasks", {"title": t, "assignee": org.id("ben"), "minutes": 5}).json["id"]
        for t in ("a", "b")
    )
    passed = ana.put(f"{where}/tasks/{first}/assignee", {"assignee": org.id("cleo"), "minutes": 9}).json
    assert (passed["assignee"]["name"], passed["minutes"]) == ("Cleo", 9)
    assert org.call("cleo").put(f"{where}/tasks/{first}/result", {"result": "Done"}).json["state"] == "done"
    assert (
        ana.put(f"{where}/tasks/{second}/cancellation", {"reason": "Not needed"}).json["end_reason"]
        == "Not needed"
    )
    assert ana.put(f"{where}/tasks/{second}/acknowledgement").code == "task.ended"
    assert ana.put(f"{where}/tasks/none/acknowledgement").code == "task.unknown"
    assert ana.get(f"{where}/tasks?open=true").json["items"] == []


def test_validation_checks_are_planned_and_judged(org: Organisation, where: str) -> None:
    ana = org.call("ana")
    check = ana.post(f"{where}/checks", {"subject": "eu-west", "kind": "region"}).json
    assert check["state"] == "planned"
    assert ana.post(f"{where}/checks", {"subject": "EU-West"}).code == "check.twice"
    assert ana.put(f"{where}/checks/{check['id']}/outcome", {"passed": False}).status == 422
    assert (
        ana.put(f"{where}/checks/{check['id']}/outcome", {"passed": False, "note": "5xx"}).json["state"]
        == "failed"
    )
    done = ana.put(f"{where}/checks/{check['id']}/outcome", {"passed": True}).json
    assert (done["state"], done["checked_by"]["name"]) == ("passed", "Ana")
    assert [c["id"] for c in ana.get(f"{where}/checks").json["items"]] == [check["id"]]


# -- the record


def test_entries_are_written_back_dated_corrected_and_pinned(org: Organisation, where: str) -> None:
    ana = org.call("ana")
    earlier = text(datetime.now(UTC).replace(microsecond=0) - timedelta(minutes=20))
    note = ana.post(f"{where}/entries", {"text": "It began with the deploy", "happened_at": earlier}).json
    assert (note["backdated"], note["happened_at"], note["kind"]) == (True, earlier, "note")
    fixed = ana.post(
        f"{where}/entries/{note['entry']}/corrections", {"text": "It began before the deploy"}
    ).json
    lines = {x["entry"]: x for x in ana.get(f"{where}/timeline").json["items"] if x["entry"]}
    assert lines[note["entry"]]["superseded_by"] == fixed["entry"]
    assert lines[note["entry"]]["text"] == "It began with the deploy"
    assert ana.put(f"{where}/entries/{fixed['entry']}/pin").status == 204
    assert [x["entry"] for x in ana.get(f"{where}/timeline").json["items"] if x["pinned"] and x["text"]] == [
        fixed["entry"]
    ]
    assert ana.delete(f"{where}/entries/{fixed['entry']}/pin").status == 204
    assert ana.post(f"{where}/entries", {"text": "x", "happened_at": soon()}).status == 422
    assert ana.post(f"{where}/entries/none/corrections", {"text": "x"}).code == "entry.unknown"
    assert org.call("ole", "observer").post(f"{where}/entries", {"text": "x"}).status == 403


def test_the_timeline_comes_in_pages_in_either_order(org: Organisation, where: str) -> None:
    ana = org.call("ana")
    for n in range(5):
        ana.post(f"{where}/entries", {"text": f"note {n}"})
    for order in ("asc", "desc"):
        whole = [x["seq"] for x in ana.get(f"{where}/timeline?limit=200&order={order}").json["items"]]
        seen, cursor = [], ""
        while cursor is not None:
            got = ana.get(f"{where}/timeline?limit=3&order={order}&cursor={cursor}").json
            seen += [x["seq"] for x in got["items"]]
            cursor = got["next"]
        assert seen == whole
        assert len(set(seen)) == len(seen) >= 6
    key = ana.get(f"{where}/timeline?weight=key").json["items"]
    assert {x["weight"] for x in key} == {"key"}


def test_decisions_are_recorded_with_their_options(org: Organisation, where: str) -> None:
    ana = org.call("ana")
    said = {"question": "Which way?", "options": ["back", "forward"], "chosen": "back", "reason": "Safer"}
    assert ana.post(f"{where}/decisions", said).json["decided_by"]["name"] == "Ana"
    assert ana.post(f"{where}/decisions", said | {"chosen": "up"}).code == "chosen.unknown"
    assert org.call("ben").post(f"{where}/decisions", said).status == 403
    assert [d["chosen"] for d in ana.get(f"{where}/decisions").json["items"]] == ["back"]


# -- messages


@pytest.mark.requirement("R-044")
def test_an_update_without_its_next_time_is_refused_unless_it_is_the_last(
    org: Organisation, where: str
) -> None:
    ana = org.call("ana")
    said = {
        "audience": "customers_all",
        "headline": "Checkout fails",
        "customer_effect": "You cannot pay",
        "action": "We roll back",
    }
    refused = ana.post(f"{where}/messages", said)
    assert (refused.status, refused.json["error"]["fields"].keys()) == (422, {"next_update_at"})
    assert ana.post(f"{where}/messages", said | {"next_update_at": "2020-01-01T00:00:00Z"}).status == 422
    assert ana.post(f"{where}/messages", said | {"final": True}).status == 201
    made = ana.post(f"{where}/messages", said | {"next_update_at": soon()}).json
    assert (made["state"], made["phase"], made["next_update_at"] is not None) == ("draft", "triage", True)
    bare = ana.post(
        f"{where}/messages", {"audience": "customers_all", "headline": "x", "next_update_at": soon()}
    ).json
    assert bare["lacking"].keys() == {"customer_effect", "action"}
    lacking = ana.put(f"{where}/messages/{bare['id']}/release", {"content_hash": bare["content_hash"]})
    assert (lacking.code, lacking.json["error"]["fields"].keys()) == (
        "message.incomplete",
        {"customer_effect", "action"},
    )


@pytest.mark.requirement("R-044")
def test_updates_of_a_page_are_read_in_the_order_they_were_given(org: Organisation, where: str) -> None:
    ana = org.call("ana")
    page = ana.post("/status-pages", {"key": "main", "title": "Status"}).json
    for n in range(3):
        said = {
            "audience": "customers_all",
            "headline": f"Update {n}",
            "customer_effect": "You cannot pay",
            "action": "We roll back",
            "next_update_at": soon(),
            "pages": ["main"],
        }
        draft = ana.post(f"{where}/messages", said).json
        assert draft["pages"] == [page["id"]]
        sent = ana.put(f"{where}/messages/{draft['id']}/release", {"content_hash": draft["content_hash"]})
        assert (sent.status, sent.json["state"], sent.json["page_count"]) == (200, "sent", 1)
    told = ana.get(f"{where}/messages").json["items"]
    assert [m["headline"] for m in told] == ["Update 0", "Update 1", "Update 2"]
    assert all(m["phase"] and m["customer_effect"] and m["action"] and m["next_update_at"] for m in told)
    assert ana.get("/status-pages/main").json["revision"] > page["revision"]


def test_only_the_text_that_was_read_is_released_and_only_by_who_may(org: Organisation, where: str) -> None:
    ana = org.call("ana")
    said = {
        "audience": "customers_all",
        "headline": "Checkout fails",
        "customer_effect": "e",
        "action": "a",
        "next_update_at": soon(),
    }
    draft = ana.post(f"{where}/messages", said).json
    one = f"{where}/messages/{draft['id']}"
    changed = ana.put(one, said | {"headline": "Checkout fails for some"}).json
    stale = ana.put(f"{one}/release", {"content_hash": draft["content_hash"]})
    assert (stale.status, stale.code, stale.json["error"]["details"]) == (
        409,
        "message.changed",
        {"content_hash": changed["content_hash"]},
    )
    assert org.call("ben").put(f"{one}/release", {"content_hash": changed["content_hash"]}).status == 403
    assert (
        ana.put(f"{one}/release", {"content_hash": changed["content_hash"]}).json["released_by"]["name"]
        == "Ana"
    )
    assert ana.put(one, said).code == "message.not_draft"
    other = ana.post(f"{where}/messages", said).json["id"]
    assert ana.delete(f"{where}/messages/{other}?reason=Not+needed").status == 204
    assert ana.get(f"{where}/messages/{other}").json["state"] == "superseded"
    for wrong in (
        {"pages": ["none"]},
        {"components": {"none": "operational"}},
        {"audience": "martians"},
        {"headline": " "},
    ):
        assert ana.post(f"{where}/messages", said | wrong).status == 422


def test_the_clock_of_an_audience_is_set_and_follows_what_is_sent(org: Organisation, where: str) -> None:
    ana = org.call("ana")
    set_ = ana.put(f"{where}/clocks/customers_all", {"minutes": 20})
    assert (set_.json["minutes"], set_.json["running"]) == (20, True)
    assert ana.put(f"{where}/clocks/customers_all", {"minutes": 4}).status == 422
    assert ana.put(f"{where}/clocks/martians", {"minutes": 20}).code == "audience.unknown"
    promised = soon(4)
    said = {
        "audience": "customers_all",
        "headline": "h",
        "customer_effect": "e",
        "action": "a",
        "next_update_at": promised,
    }
    draft = ana.post(f"{where}/messages", said).json
    ana.put(f"{where}/messages/{draft['id']}/release", {"content_hash": draft["content_hash"]})
    ana.put(f"{where}/messages/{draft['id']}/after/distribute", {"proof": "Post 7"})
    clock = next(c for c in ana.get(f"{where}/clocks").json["items"] if c["audience"] == "customers_all")
    assert (clock["next_due"], clock["last_message"]) == (promised, draft["id"])
