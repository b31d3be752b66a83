"""The technical work of an incident through the doors: repairs, polls, standing down, relapses, changes, questions."""

from __future__ import annotations

import dataclasses
import json
from datetime import UTC, datetime, timedelta

import pytest

from quarterdeck.app import casebook
from quarterdeck.app.incidents import command, incidents
from quarterdeck.core.kernel.moments import text
from quarterdeck.store import log, models, project, tx
from support.browsing import browser
from support.rest import Organisation
from support.technical_events import TECHNICAL_STORY


@pytest.fixture
def org(db: None) -> Organisation:
    o = Organisation()
    for handle in ("ana", "ben", "cleo", "dora"):
        o.call(handle)
    return o


@pytest.fixture
def incident(org: Organisation) -> str:
    """Ana commands, Ben leads the technical work, Cleo is an expert."""
    key = org.declare("ana")
    for role, handle in (("technical_lead", "ben"), ("sme", "cleo")):
        command.assign_role(org.act("ana"), key, role, org.id(handle))
    return key


def told(org: Organisation, handle: str, incident: str) -> list[str]:
    rows = models.Callout.objects.filter(person_id=org.id(handle), incident_id=incident).order_by("id")
    return list(rows.values_list("subject", flat=True))


def titles(org: Organisation, incident: str) -> list[str]:
    return [i["title"] for i in org.call("ana").get(f"/incidents/{incident}/timeline").json["items"]]


def monitoring(org: Organisation, incident: str) -> None:
    for phase in ("investigating", "monitoring"):
        incidents.change_phase(org.act("ana"), incident, phase, "", "It is quiet")


def fire(org: Organisation, key: str, service: str) -> None:
    """An alert that a tool sends, worked through by the engine."""
    payload = {"summary": f"{key} is full", "source": "db-1", "severity": "critical", "component": service}
    body = {"routing_key": "k", "event_action": "trigger", "dedup_key": key, "payload": payload}
    org.now = max(org.now, datetime.now(UTC))
    org.journal(
        "pagerduty", json.dumps(body).encode(), models.Integration.objects.first() or org.integration()
    )
    while org.expand():
        pass
    org.settle()


@pytest.mark.requirement("R-062")
def test_a_risky_repair_begins_only_after_the_commanders_decision_and_ends_with_a_result(
    org: Organisation, incident: str
) -> None:
    where = f"/incidents/{incident}/remediations"
    plan = {
        "title": "Roll back",
        "plan": "Deploy v41",
        "risk": "high",
        "assignee": org.id("cleo"),
        "minutes": 10,
    }
    ben, cleo = org.call("ben"), org.call("cleo")
    assert ben.post(where, plan).code == "rollback.missing"
    made = ben.post(where, plan | {"rollback": "Deploy v42"})
    assert (made.status, made.json["missing"]) == (
        201, ["the commander's decision", "the word of a second person"],
    )  # fmt: skip
    one = f"{where}/{made.json['id']}"
    blocked = cleo.put(f"{one}/start")
    assert (blocked.status, blocked.code) == (409, "remediation.blocked")
    assert "Decide: Roll back" in told(org, "ana", incident)
    assert cleo.put(f"{one}/approval").code == "remediation.own"
    approved = org.call("ana").put(f"{one}/approval", {"reason": "Fastest"}).json
    assert (approved["missing"], approved["approved_by"]["name"]) == ([], "Ana")
    decided = org.call("ana").get(f"/incidents/{incident}/decisions").json["items"]
    assert [(d["id"], d["kind"], d["reason"]) for d in decided] == [(approved["decision"], "act", "Fastest")]
    assert cleo.put(f"{one}/start").json["state"] == "running"
    (task,) = org.call("ana").get(f"/incidents/{incident}/tasks").json["items"]
    assert (task["kind"], task["minutes"], task["assignee"]["name"]) == ("remediation", 10, "Cleo")
    ended = cleo.put(f"{one}/outcome", {"outcome": "done", "result": "v41 runs"}).json
    assert (ended["state"], ended["result"]) == ("done", "v41 runs")
    assert any("carried out the repair" in t for t in titles(org, incident))


@pytest.mark.requirement("R-067")
def test_a_finding_is_in_the_technical_stream_and_the_timeline_and_its_lead_is_told(
    org: Organisation, incident: str
) -> None:
    said = {
        "fact": "The pool waits 4 s",
        "confidence": "high",
        "evidence": "Log",
        "url": "https://logs.example/1",
    }
    made = org.call("cleo").post(f"/incidents/{incident}/findings", said)
    assert (made.status, made.json["addressed_to"]["name"]) == (201, "Ben")
    assert told(org, "ben", incident)[-1] == "Finding: The pool waits 4 s"
    lines = org.call("ana").get(f"/incidents/{incident}/timeline").json["items"]
    (line,) = [x for x in lines if x["kind"] == "finding"]
    assert "high confidence" in line["title"]
    assert "https://logs.example/1" in line["text"]
    stream = org.call("ben").get(f"/incidents/{incident}/findings").json["items"]
    assert [f["fact"] for f in stream] == ["The pool waits 4 s"]
    page = browser(org, "ben").get(f"/incidents/{incident}/technical").content.decode()
    assert "The pool waits 4 s" in page
    assert (
        org.call("cleo").post(f"/incidents/{incident}/findings", said | {"url": "javascript:1"}).status == 422
    )


@pytest.mark.requirement("R-288")
def test_a_poll_without_objection_is_decided_by_the_engine_and_one_with_is_not(
    org: Organisation, incident: str
) -> None:
    ana, where = org.call("ana"), f"/incidents/{incident}/polls"
    assert org.call("cleo").post(where, {"proposal": "Fail over"}).code == "grant.decision.make"
    for proposal in ("Fail over", "Empty the cache"):
        assert ana.post(where, {"proposal": proposal, "minutes": 5}).status == 201
    assert "Strong objections? Fail over" in told(org, "cleo", incident)
    bad = next(p["id"] for p in ana.get(where).json["items"] if p["proposal"] == "Fail over")
    stopped = org.call("cleo").post(f"{where}/{bad}/objections", {"text": "Paris is at its limit"}).json
    assert (stopped["state"], stopped["objections"][0]["person"]["name"]) == ("stopped", "Cleo")
    assert "Objection: Fail over" in told(org, "ana", incident)
    org.pass_time(minutes=6)
    decided = ana.get(f"/incidents/{incident}/decisions").json["items"]
    assert [(d["question"], d["chosen"], d["decided_by"]["name"]) for d in decided] == [
        ("Empty the cache", "go ahead", "Ana")
    ]
    assert org.call("cleo").post(f"{where}/{bad}/objections", {"text": "Still"}).status == 200


@pytest.mark.requirement("R-025")
def test_after_the_commander_stood_the_team_down_nobody_is_called_and_no_clock_fires(
    org: Organisation, incident: str
) -> None:
    ana = org.call("ana")
    ana.post(f"/incidents/{incident}/tasks", {"title": "Look", "assignee": org.id("cleo"), "minutes": 5})
    assert ana.post(f"/incidents/{incident}/roll-calls").status == 201  # calls that wait for an answer
    assert models.Callout.objects.filter(incident_id=incident, state="waiting").exists()
    assert org.call("ben").put(f"/incidents/{incident}/stand-down", {"reason": "Late"}).code == (
        "standdown.commander"
    )
    assert models.UpdateClockRow.objects.filter(incident_id=incident, running=True).exists()
    assert ana.put(f"/incidents/{incident}/stand-down", {"reason": "Nothing for 4 h"}).status == 204
    assert not models.Callout.objects.filter(incident_id=incident, state="waiting").exists()
    assert f"{incident}: stand down" in told(org, "cleo", incident)
    org.settle()
    heard, lines = models.Callout.objects.count(), len(titles(org, incident))
    for _ in range(6):
        org.pass_time(hours=1)
    assert (models.Callout.objects.count(), len(titles(org, incident))) == (heard, lines)
    (decision,) = ana.get(f"/incidents/{incident}/decisions").json["items"]
    assert decision["kind"] == "stand_down"
    assert ana.put(f"/incidents/{incident}/stand-to", {"reason": "Errors again"}).status == 204
    assert models.UpdateClockRow.objects.filter(incident_id=incident, running=True).exists()


@pytest.mark.requirement("R-064")
def test_an_alert_that_fires_again_in_monitoring_flags_the_incident_and_tells_the_commander(
    org: Organisation,
) -> None:
    for key in ("shop", "search"):
        org.service(key)
    incident = org.declare("ana", services=["shop"])
    planned = {"subject": "Frankfurt", "service": "shop"}
    check = org.call("ana").post(f"/incidents/{incident}/checks", planned).json
    where = f"/incidents/{incident}/checks/{check['id']}/outcome"
    assert org.call("ana").put(where, {"passed": True}).json["state"] == "passed"
    monitoring(org, incident)
    fire(org, "index", "search")
    assert org.call("ana").get(f"/incidents/{incident}/relapses").json["items"] == []
    fire(org, "disk", "shop")
    (relapse,) = org.call("ana").get(f"/incidents/{incident}/relapses").json["items"]
    assert (relapse["service"], relapse["summary"], relapse["answered_at"]) == ("shop", "disk is full", None)
    assert "Relapse: disk is full" in told(org, "ana", incident)
    assert org.call("ana").put(where, {"passed": True}).code == "check.alert_firing"
    (offer,) = org.call("ana").get(f"/incidents/{incident}/offers").json["items"]
    assert offer["phase"] == "investigating"
    page = browser(org, "ana").get(f"/incidents/{incident}").content.decode()
    assert "Relapse" in page
    assert "Return to investigating" in page
    fire(org, "cpu", "shop")
    assert len(org.call("ana").get(f"/incidents/{incident}/relapses").json["items"]) == 1


def test_an_incident_whose_record_cannot_be_read_holds_up_no_page_of_an_alert(org: Organisation) -> None:
    org.service("shop")
    incident = org.declare("ana", services=["shop"])
    monitoring(org, incident)
    models.TemplatePin.objects.filter(incident_id=incident).update(template='{"key": 7}')
    fire(org, "disk", "shop")
    assert models.Alert.objects.get(dedup_key__contains="disk").status == "open"
    assert not models.Unparsed.objects.exists()
    (alarm,) = models.Alarm.objects.filter(kind="relapse")
    assert alarm.subject == incident


@pytest.mark.requirement("R-061")
def test_a_change_shortly_before_the_incident_is_highlighted_beside_its_timeline_and_its_link_opens(
    org: Organisation,
) -> None:
    org.service("shop")
    ana, now = org.call("ana"), datetime.now(UTC).replace(microsecond=0)
    deploy = {
        "source": "ci", "title": "shop v42", "service": "shop", "by": "Cleo", "id": "build-7",
        "link": "https://ci.example/7", "at": text(now - timedelta(minutes=20)),
    }  # fmt: skip
    made = ana.post("/changes", deploy)
    assert made.status == 201
    assert ana.post("/changes", deploy).json["id"] == made.json["id"]
    old = {"title": "shop v41", "id": "build-6", "at": text(now - timedelta(hours=5))}
    assert ana.post("/changes", deploy | old).status == 201
    other = {"title": "search v9", "service": "search", "id": "build-8"}
    assert ana.post("/changes", deploy | other).status == 201
    incident = org.declare("ana", services=["shop"])
    beside = ana.get(f"/incidents/{incident}/changes").json["items"]
    assert [(c["title"], c["suspect"]) for c in beside] == [("shop v42", True), ("shop v41", False)]
    page = browser(org, "ana").get(f"/incidents/{incident}").content.decode()
    assert 'href="https://ci.example/7"' in page
    assert page.index("shop v42") < page.index("shop v41")
    for wrong in (
        {"kind": "rain"},
        {"link": "javascript:1"},
        {"at": text(now + timedelta(hours=1))},
        {"title": ""},
    ):
        assert ana.post("/changes", deploy | wrong | {"id": "x"}).status == 422
    assert org.call("eva", "observer").post("/changes", deploy).status == 403


@pytest.mark.requirement("R-049")
def test_a_chosen_option_becomes_a_decision_with_tasks_over_the_interface(
    org: Organisation, incident: str
) -> None:
    options = [
        {"text": "Roll back", "risk": "Old prices", "effect": "Orders work"}, {"text": "Wait", "risk": "More lost"},
    ]  # fmt: skip
    asked = org.call("ben").post(f"/incidents/{incident}/choices", {"question": "How?", "options": options})
    assert asked.status == 201
    where = f"/incidents/{incident}/choices/{asked.json['id']}/decision"
    work = [{"title": "Deploy v41", "assignee": org.id("cleo"), "minutes": 15}]
    done = org.call("ana").put(where, {"chosen": "Roll back", "tasks": work})
    assert (done.status, done.json["state"]) == (200, "decided")
    (task,) = org.call("ana").get(f"/incidents/{incident}/tasks").json["items"]
    assert ([task["id"]], task["assignee"]["name"], task["minutes"]) == (done.json["tasks"], "Cleo", 15)
    flag = f"/incidents/{incident}/decisions/{done.json['decision']}/followup"
    assert org.call("ben").put(flag).status == 204
    (line,) = [
        x for x in org.call("ana").get(f"/incidents/{incident}/timeline").json["items"] if x["followup"]
    ]
    assert line["kind"] == "decision"


def test_a_question_on_a_task_reaches_who_gave_it_and_the_answer_who_asked(
    org: Organisation, incident: str
) -> None:
    task = org.call("ana").post(
        f"/incidents/{incident}/tasks", {"title": "Look", "assignee": org.id("cleo"), "minutes": 5}
    ).json["id"]  # fmt: skip
    where = f"/incidents/{incident}/tasks/{task}/words"
    assert org.call("cleo").post(where, {"text": "Which pool?", "asks": True}).status == 201
    assert told(org, "ana", incident)[-1] == "Question: Look"
    assert org.call("ben").post(where, {"text": "The one of the shop"}).status == 201
    assert told(org, "cleo", incident)[-1] == "Answer: Look"
    assert [w["asks"] for w in org.call("ana").get(where).json["items"]] == [True, False]


@pytest.mark.requirement("R-069")
def test_results_of_runbook_steps_are_in_the_timeline_of_an_experts_workstream(
    org: Organisation, incident: str
) -> None:
    opened = {"title": "Databases", "leader": org.id("cleo")}
    stream = org.call("ana").post(f"/incidents/{incident}/workstreams", opened).json["id"]
    step = {
        "runbook": "Pool",
        "step": "Restart it",
        "outcome": "failed",
        "result": "It hangs",
        "workstream": stream,
    }
    assert org.call("cleo").post(f"/incidents/{incident}/runbook-steps", step).status == 201
    lines = org.call("ana").get(f"/incidents/{incident}/timeline").json["items"]
    (line,) = [x for x in lines if x["kind"] == "runbook"]
    assert "in the workstream Databases" in line["title"]
    assert line["text"] == "It hangs"
    assert org.call("cleo").post(f"/incidents/{incident}/runbook-steps", step | {"result": ""}).status == 422


def test_the_technical_work_is_rebuilt_from_the_log_row_by_row(org: Organisation, incident: str) -> None:
    org.service("shop")
    people = {"ana": org.id("ana"), "ben": org.id("ben"), "cho": org.id("cleo")}
    for event in TECHNICAL_STORY:
        named = {
            f.name: people[getattr(event, f.name)]
            for f in dataclasses.fields(event)
            if isinstance(getattr(event, f.name), str) and getattr(event, f.name) in people
        }
        with tx.write():
            casebook.append(
                org.act("ana"), casebook.load(incident), incident, [dataclasses.replace(event, **named)]
            )
    tables = {**project.TABLES, "timeline": models.TimelineRow}

    def rows() -> dict[str, object]:
        named = {n: "id" if m is models.IncidentRow else "incident_id" for n, m in tables.items()}
        return {
            n: list(m._default_manager.filter(**{named[n]: incident}).order_by("pk").values())
            for n, m in tables.items()
        }

    before = rows()
    assert before["remediation"] and before["poll"] and before["relapse"]
    casebook.rebuild(incident, org.now)
    assert rows() == before
    assert log.verify(incident) is None
