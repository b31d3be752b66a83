"""Rules through REST and the pages: the builder keeps what was typed, and outsiders learn nothing."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest

from quarterdeck.app.automation import files, rules, running
from quarterdeck.app.health import health_owners
from quarterdeck.core.incidents.automation import read
from quarterdeck.store import models
from support.attacks import CANARY, org, restricted, signed_in
from support.rest import Organisation

__all__ = ["org"]
NEW = {
    "key": "watch", "name": "Watch", "trigger": "incident.declared", "condition": "severity <= 2",
    "grants": ["timeline.write"], "actions": [{"do": "note", "values": {"text": "Look at {{ title }}"}}],
}  # fmt: skip
FORM = {
    "key": "watch", "name": "Watch", "trigger": "incident.declared", "condition": "severity <= 2", "per_hour": "60",
    "grants": ["timeline.write"], "a0_do": "note", "a0_text": "Look at {{ title }}", "position": "0",
}  # fmt: skip


def made(org: Organisation, **said: Any) -> None:
    answer = org.call("root", "administrator").post("/automation/rules", NEW | said)
    assert answer.status == 201, answer.json


def run_all(org: Organisation) -> None:
    org.settle()
    running.work(org.now + timedelta(minutes=1))


def test_the_address_of_a_webhook_is_read_whole_by_those_who_may_change_rules(org: Organisation) -> None:
    call = {"do": "webhook", "values": {"url": "https://hooks.example.com/T1/sEcReT", "text": "Look"}}
    made(org, grants=["webhook.send"], actions=[call])
    org.call("root").put(
        "/automation/rules/watch", {k: v for k, v in NEW.items() if k != "key"} | {"reason": "Less"}
    )
    incident = org.declare("ana")
    made(org, key="again", name="Again", grants=["webhook.send"], actions=[call])
    for handle, reads in (("ana", False), ("root", True)):
        caller, browser = org.call(handle), signed_in(org, handle)
        at = "/automation/rules"
        told = [
            *(caller.get(f"{at}{path}").json for path in (
                "", "/again", "/again/versions", "/watch/versions", "/file", f"/again/dry-run?about={incident}",
            )),
            *(browser.get(f"/settings/automation/{key}").content.decode() for key in ("watch", "again")),
        ]  # fmt: skip
        for text in map(str, told):
            assert ("sEcReT" in text) == reads and "hooks.example.com" in text, text


def test_what_goes_on_by_itself_without_whoever_made_it_is_named_until_somebody_takes_it_over(
    org: Organisation,
) -> None:
    other, root = org.call("rob", "administrator"), org.call("root", "administrator")
    assert other.post("/automation/rules", NEW).status == 201
    assert other.put("/automation/rules/watch/enabled", {"enabled": True}).status == 200
    report = {"pack": "on_call", "title": "For the board", "people": [org.id("rob")]}
    plan = other.post("/report-plans", report).json["id"]
    assert health_owners.look() == []
    models.Person.objects.filter(id=org.id("rob")).update(is_active=False)
    told = [f.text for f in health_owners.look()]
    assert len(told) == 3 and "Watch" in told[0] and all("For the board" in t for t in told[1:])
    put = {k: v for k, v in NEW.items() if k != "key"} | {"reason": "Mine now"}
    assert root.put("/automation/rules/watch", put).json["version"] == 2
    assert root.put("/automation/rules/watch", put).json["version"] == 2
    assert root.patch(f"/report-plans/{plan}", {"people": [org.id("ana")]}).status == 200
    assert health_owners.look() == []


@pytest.mark.requirement("R-195")
def test_a_rule_is_made_checked_tried_switched_on_and_its_runs_read_over_rest(org: Organisation) -> None:
    root, incident = org.call("root", "administrator"), org.declare("ana")
    wrong = root.post("/automation/rules", NEW | {"condition": "severty <= 2"})
    assert (wrong.status, wrong.code) == (422, "rule.unfit") and "'severity'" in str(wrong.json)
    found = root.put(
        "/automation/rules/check", {"trigger": "incident.declared", "condition": "severity <= 2 ann"}
    )
    assert ("condition", 14) in [(f["field"], f["at"]) for f in found.json["items"]]
    made(org)
    assert root.post("/automation/rules", NEW).code == "key.taken"
    tried = root.get(f"/automation/rules/watch/dry-run?about={incident}").json
    assert (tried["seen"], tried["held"]) == (1, 1)
    assert tried["actions"][0]["text"] == "Look at Checkout is down"
    assert not models.AutomationRun.objects.exists()
    assert root.put("/automation/rules/watch/enabled", {"enabled": True}).json["enabled"] is True
    second = org.declare("ana", title="Search is slow")
    run_all(org)
    (run,) = org.call("ana").get("/automation/runs?rule=watch").json["items"]
    assert (run["incident"], run["state"], run["version"], run["holds"]) == (second, "done", 1, True)
    assert run["actions"] == [{"do": "note", "state": "done", "text": "Wrote on the timeline"}]
    assert org.call("ana").get(f"/automation/runs/{run['id']}").json == run
    put = {k: v for k, v in NEW.items() if k != "key"} | {"condition": "severity == 1"}
    assert root.put("/automation/rules/watch", put).status == 422
    assert root.put("/automation/rules/watch", put | {"reason": "Too loud"}).json["version"] == 2
    versions = root.get("/automation/rules/watch/versions").json["items"]
    assert [(v["version"], v["reason"]) for v in versions] == [(2, "Too loud"), (1, "Made")]


def test_only_who_may_change_settings_changes_rules(org: Organisation) -> None:
    made(org)
    ana, put = org.call("ana"), {k: v for k, v in NEW.items() if k != "key"}
    for answer in (
        ana.post("/automation/rules", NEW | {"key": "other"}),
        ana.put("/automation/rules/watch", put | {"reason": "x"}),
        ana.put("/automation/rules/watch/enabled", {"enabled": True}),
        ana.put("/automation/rules/file", {"toml": "x"}),
        org.call("ole", "observer").get("/automation/rules"),
        org.call("eva", "executive").get("/automation/runs"),
    ):
        assert answer.status == 403, answer.json
    assert ana.get("/automation/rules/watch").json["enabled"] is False
    assert signed_in(org, "ana").get("/settings/automation/watch/edit").status_code == 403
    assert signed_in(org, "ole").get("/settings/automation").status_code == 403


def test_rules_travel_as_a_file_and_a_bad_one_changes_nothing(org: Organisation) -> None:
    made(org)
    root = org.call("root", "administrator")
    text = root.get("/automation/rules/file").json["toml"]
    assert root.put("/automation/rules/file", {"toml": text}).json["items"] == [
        {"key": "watch", "became": "same"}
    ]
    changed = text.replace("severity <= 2", "severity == 1") + text.replace("watch", "other").replace(
        "note", "run"
    )
    assert root.put("/automation/rules/file", {"toml": changed}).status == 422
    assert rules.said(rules.find("watch")).condition == "severity <= 2" and rules.rules().count() == 1
    assert root.put("/automation/rules/file", {"toml": "[[rule"}).code == "file.unread"


def test_the_builder_keeps_what_was_typed_names_the_place_and_saves_only_when_told(org: Organisation) -> None:
    root = signed_in(org, "root")
    for act in ("check", "dry", "add", "shape"):
        answer = root.post(
            "/settings/automation/new", FORM | {"act": act, "about": org.declare("ana", title=act)}
        )
        page = answer.content.decode()
        assert answer.status_code == 200 and "Look at {{ title }}" in page and not rules.rules().exists()
    wrong = root.post(
        "/settings/automation/new", FORM | {"act": "save", "condition": "severity <= 2 and typ == x"}
    )
    page = wrong.content.decode()
    assert (
        wrong.status_code == 422
        and "typ == x" in page
        and "At letter 19" in page
        and "&#x27;type&#x27;" in page
    )
    assert root.post("/settings/automation/new", FORM | {"act": "add"}).content.decode().count("a1_do") > 0
    assert (
        'name="a0_do"' not in root.post("/settings/automation/new", FORM | {"act": "drop:0"}).content.decode()
    )
    saved = root.post("/settings/automation/new", FORM | {"act": "save"})
    assert saved.status_code == 302 and rules.said(rules.find("watch")).actions[0].values == {
        "text": "Look at {{ title }}"
    }
    again = root.post("/settings/automation/watch/edit", FORM | {"act": "save", "condition": "severity == 1"})
    assert again.status_code == 422 and "Say why" in again.content.decode()
    changed = FORM | {"act": "save", "condition": "severity == 1", "reason": "Too loud"}
    assert root.post("/settings/automation/watch/edit", changed).status_code == 302
    page = root.get("/settings/automation/watch").content.decode()
    assert "Too loud" in page and "severity == 1" in page and "What changed" in page


def test_a_dry_run_in_the_builder_shows_values_and_texts(org: Organisation) -> None:
    incident = org.declare("ana")
    page = signed_in(org, "root").post("/settings/automation/new", FORM | {"act": "dry"}).content.decode()
    assert "set off 1 ×, would have run 1 ×" in page
    assert "Look at Checkout is down" in page and incident in page


@pytest.mark.requirement("R-195")
def test_the_list_and_a_run_are_read_on_pages_and_the_timeline_names_the_rule(org: Organisation) -> None:
    root = signed_in(org, "root")
    assert root.post("/settings/automation/examples", {"key": "sev1-liaison"}).status_code == 302
    made(org)
    assert root.post("/settings/automation/watch/switch", {"on": "1"}).status_code == 302
    incident = org.declare("ana")
    run_all(org)
    page = root.get("/settings/automation").content.decode()
    assert "Watch" in page and "SEV-1: page the executive liaison" in page and "Take over" in page
    run = models.AutomationRun.objects.get()
    assert f"/settings/automation/runs/{run.id}" in page
    assert "Watch" in root.get(f"/settings/automation/runs?incident={incident}").content.decode()
    told = root.get(f"/settings/automation/runs/{run.id}").content.decode()
    assert "Wrote on the timeline" in told and "severity &lt;= 2" in told
    room = signed_in(org, "ana").get(f"/incidents/{incident}").content.decode()
    assert "The rule “Watch” ran" in room and "Automation: Watch" in room


def test_a_proposal_stands_in_the_war_room_and_the_commander_decides(org: Organisation) -> None:
    made(
        org, grants=["proposal.make"],
        actions=[{"do": "propose_severity", "values": {"severity": "1", "text": "All shops"}}],
    )  # fmt: skip
    rules.switch(org.act("root"), "watch", True)
    incident = org.declare("ana")
    run_all(org)
    one = models.ProposalRow.objects.get()
    page = signed_in(org, "ana").get(f"/incidents/{incident}").content.decode()
    assert "All shops" in page and f"/proposals/{one.id}" in page
    assert f"/proposals/{one.id}" not in signed_in(org, "ole").get(f"/incidents/{incident}").content.decode()
    assert org.call("ana").get(f"/incidents/{incident}/proposals?open=true").json["items"][0]["value"] == "1"
    refused = org.call("ben").put(f"/incidents/{incident}/proposals/{one.id}", {"outcome": "accepted"})
    assert refused.status == 403
    signed_in(org, "ana").post(f"/incidents/{incident}/proposals/{one.id}", {"outcome": "accepted"})
    assert models.IncidentRow.objects.get().severity == 1
    assert org.call("ana").get(f"/incidents/{incident}/proposals?open=true").json["items"] == []
    assert f"/proposals/{one.id}" not in signed_in(org, "ana").get(f"/incidents/{incident}").content.decode()


def test_outsiders_learn_nothing_of_a_run_in_a_restricted_incident(org: Organisation) -> None:
    root = org.act("root")
    told = {
        "trigger": "incident.declared", "grants": ["timeline.write", "incident.restricted"],
        "actions": [{"do": "note", "text": "{{ title }}"}],
    }  # fmt: skip
    rules.create(root, "deep", rules.Draft("Deep", read(told)))
    rules.switch(root, "deep", True)
    incident = restricted(org)
    run_all(org)
    run = models.AutomationRun.objects.get()
    assert run.incident_id == incident
    ben = org.call("ben")
    assert ben.get("/automation/runs").json["items"] == []
    assert ben.get(f"/automation/runs/{run.id}").status == 404
    assert org.call("ana").get("/automation/runs").json["items"][0]["incident"] == incident
    for path in (
        "/settings/automation", "/settings/automation/deep", "/settings/automation/runs",
    ):  # fmt: skip
        page = signed_in(org, "ben").get(path).content.decode()
        assert incident not in page and CANARY not in page
    tried = ben.get("/automation/rules/deep/dry-run").json
    assert (tried["seen"], tried["matches"]) == (0, [])
    assert ben.get(f"/automation/rules/deep/dry-run?about={incident}").status == 404


def test_queries_of_the_list_do_not_grow_with_rules_and_runs(org: Organisation) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    def count() -> int:
        with CaptureQueriesContext(connection) as found:
            assert signed_in(org, "root").get("/settings/automation").status_code == 200
        return len(found)

    files.take_in(org.act("root"), files.examples()[:1], "Start")
    first = count()
    files.take_in(org.act("root"), files.examples(), "Start")
    for row in rules.rules():
        models.AutomationRun.objects.bulk_create(
            models.AutomationRun(
                id=f"{row.key}-{n}", rule_id=row.id, version=1, event=f"e{n}", trigger=row.trigger, state="done",
                due_at=org.now, queued_at=org.now + timedelta(seconds=n), ended_at=org.now,
            )
            for n in range(40)
        )  # fmt: skip
    assert count() <= first + 1
    page = signed_in(org, "root").get("/settings/automation").content.decode()
    assert len(re.findall(r"/settings/automation/runs/", page)) == 5
