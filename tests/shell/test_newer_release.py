"""A node that was not upgraded yet meets entries of a newer release: it reads on, changes nothing, and says so."""

from __future__ import annotations

import pytest
from django.test import Client

from quarterdeck.app import casebook, timers
from quarterdeck.app.alerts import alert_links
from quarterdeck.app.automation import rules, running
from quarterdeck.app.due import Timer
from quarterdeck.app.incidents import incident_timers
from quarterdeck.app.incidents.replay import at as replayed_at
from quarterdeck.app.paging import role_calls
from quarterdeck.app.paging.directory import Directory
from quarterdeck.core.incidents.automation import read
from quarterdeck.core.kernel.refused import Refused
from quarterdeck.store import log, models, project, tx
from support.rest import Organisation


@pytest.fixture
def org(db: None) -> Organisation:
    o = Organisation()
    for handle in ("ana", "ben"):
        o.call(handle)
    return o


def newer(org: Organisation, incident: str) -> None:
    """As a newer node writes: an event of a kind, and one of a shape, that this release has never heard of."""
    entries = [("TideTurned", {"moon": "new"}), ("TitleSet", {"title": {"en": "Checkout"}})]
    with tx.write():
        log.append(incident, entries, at=org.now, actor=org.id("ana"))


def rule(org: Organisation) -> models.AutomationRule:
    org.call("root", "administrator")
    told = {
        "trigger": "incident.declared",
        "condition": "always",
        "grants": ["timeline.write"],
        "actions": [{"do": "note", "text": "Look at {{ link }}"}],
    }
    rules.create(org.act("root"), "watch", rules.Draft("Watch", read(told)))
    return rules.switch(org.act("root"), "watch", True)


def rows(incident: str) -> dict[str, object]:
    found = {}
    for name, model in project.TABLES.items():
        named = {"id" if model is models.IncidentRow else "incident_id": incident}
        found[name] = list(model._default_manager.filter(**named).order_by("pk").values())
    return found


def test_an_incident_with_an_unknown_entry_is_read_and_not_changed(org: Organisation) -> None:
    incident, other = org.declare("ana"), org.declare("ben", title="Another")
    newer(org, incident)
    before = rows(incident)
    for answer in (
        org.call("ana").post(f"/incidents/{incident}/entries", {"kind": "note", "text": "Hello"}),
        org.call("ben").put(f"/incidents/{other}/merge", {"into": incident, "reason": "Same"}),
        org.call("ana").put(f"/incidents/{incident}/severity", {"severity": 1, "reason": "Worse"}),
    ):
        assert (answer.status, answer.code) == (409, "incident.newer"), answer.json
    assert "TideTurned, TitleSet" in answer.json["error"]["message"]
    assert org.call("ana").get(f"/incidents/{incident}").status == 200
    web = Client(headers={"host": "127.0.0.1:8000", "accept": "text/html"})
    web.force_login(org.find("ana"), backend="allauth.account.auth_backends.AuthenticationBackend")
    page = web.get(f"/incidents/{incident}").content.decode()
    assert "Read only here" in page
    assert rows(incident) == before
    assert log.verify(incident) is None
    assert org.call("ben").post(f"/incidents/{other}/entries", {"kind": "note", "text": "Fine"}).status == 201
    alarm = models.Alarm.objects.get(kind="newer", cleared_at=None)
    assert "TideTurned" in alarm.text
    assert incident not in alarm.text
    with pytest.raises(Refused):
        casebook.rebuild(incident, org.now)
    assert rows(incident) == before
    assert replayed_at(incident, org.act("ana").who, org.now) is not None


def test_what_the_engine_owes_such_an_incident_is_left_to_newer_nodes_and_pages_go_on(
    org: Organisation,
) -> None:
    incident = org.declare("ana", severity=1)
    alert = org.alert("disk")
    assert org.call("ana").put(f"/incidents/{incident}/alerts/{alert.id}").status in (200, 201)
    newer(org, incident)
    now = Directory(org.now)
    with tx.write():
        models.Due.objects.filter(kind="incident", ref=incident).update(state="done")
        incident_timers.fire(incident, now)
        alert.refresh_from_db()
        alert_links.note_resolved([alert], org.now)
        role_calls._write(incident, org.now, lambda i, t: [])
    assert models.Due.objects.filter(kind="incident", ref=incident, state="waiting").count() == 1
    assert models.Alarm.objects.filter(kind="newer", cleared_at=None).count() == 1


def test_no_timer_and_no_rule_fails_where_only_a_newer_release_may_write(org: Organisation) -> None:
    incident = org.declare("ana", severity=1)
    newer(org, incident)
    models.Due.objects.filter(ref=incident).update(state="done")
    for kind in ("incident", "target", "channel"):
        with tx.write():
            timers.fire(Timer("t", kind, incident, 0), Directory(org.now))
        waiting = models.Due.objects.filter(kind=kind, ref=incident, state="waiting")
        assert [row.due_at > org.now for row in waiting] == [True], kind
    run = models.AutomationRun.objects.create(
        rule_id=rule(org).id, version=1, event="e", trigger="incident.declared", incident_id=incident,
        due_at=org.now, queued_at=org.now,
    )  # fmt: skip
    running.carry_out(run.id, org.now)
    run.refresh_from_db()
    assert (run.state, run.attempts, run.due_at > org.now) == ("queued", 0, True)
    assert models.Alarm.objects.filter(kind="newer", cleared_at=None).count() == 1
