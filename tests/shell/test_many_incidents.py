"""Many incidents at once: links, groups, people wanted by two of them, merging, the board."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from quarterdeck.app import casebook
from quarterdeck.app.exports import proof
from quarterdeck.app.exports.write import export
from quarterdeck.app.incidents import relations
from quarterdeck.app.people import teams
from quarterdeck.store import log, models
from support.attacks import signed_in
from support.browsing import browser
from support.rest import Answer, Organisation


@pytest.fixture
def org(db: None) -> Organisation:
    o = Organisation()
    for handle in ("ana", "ben", "cleo", "dora"):
        o.call(handle)
    return o


def take(org: Organisation, incident: str, role: str, handle: str, **said: object) -> Answer:
    got = org.call("ana").put(
        f"/incidents/{incident}/roles/{role}/holder", {"person": org.id(handle), **said}
    )
    assert got.status == 200, got.json
    return got


def told(org: Organisation, handle: str, incident: str) -> list[str]:
    rows = models.Callout.objects.filter(person_id=org.id(handle), incident_id=incident).order_by("id")
    return list(rows.values_list("subject", flat=True))


def test_a_link_is_said_by_both_incidents_and_each_child_has_one_parent(org: Organisation) -> None:
    one, two, three = (org.declare("ana") for _ in range(3))
    ana = org.call("ana")
    assert ana.put(f"/incidents/{one}/links/{two}", {"kind": "child"}).status == 204
    assert [(x["incident"], x["kind"]) for x in ana.get(f"/incidents/{two}/links").json["items"]] == [
        (one, "parent")
    ]
    assert ana.put(f"/incidents/{three}/links/{two}", {"kind": "child"}).code == "link.parent"
    assert ana.put(f"/incidents/{one}/links/{one}", {"kind": "related"}).code == "link.self"
    assert ana.delete(f"/incidents/{two}/links/{one}/parent").status == 204
    assert ana.get(f"/incidents/{one}/links").json["items"] == []


@pytest.mark.requirement("R-179")
def test_a_group_has_a_coordinator_and_who_is_wanted_by_two_incidents_is_listed(org: Organisation) -> None:
    one = org.declare("ana")
    two = org.declare("cleo")
    group = org.call("dora").post("/incident-groups", {"title": "Storm"}).json
    assert group["coordinator"]["name"] == "Dora"
    assert org.call("ana").put(f"/incidents/{one}/group/{group['id']}").status == 204
    assert org.call("cleo").put(f"/incidents/{two}/group/{group['id']}").status == 204
    assert org.call("ana").get("/incident-groups").json["items"][0]["incidents"] == [one, two]
    assert {c.commander_id for c in models.IncidentRow.objects.all()} == {org.id("ana"), org.id("cleo")}
    take(org, one, "technical_lead", "ben")
    assert org.call("ana").get("/person-conflicts").json["items"] == []
    org.call("cleo").put(f"/incidents/{two}/roles/technical_lead/holder", {"person": org.id("ben")})
    (found,) = org.call("ana").get("/person-conflicts").json["items"]
    assert (found["person"]["name"], found["exclusive"]) == ("Ben", False)
    assert {r["incident"] for r in found["roles"]} == {one, two}


def test_merging_loses_nothing_and_both_records_say_so(org: Organisation) -> None:
    one = org.declare("ana", title="Shop is slow")
    two = org.declare("cleo")
    ana = org.call("ana")
    alert = org.alert("disk")
    assert ana.put(f"/incidents/{one}/alerts/{alert.id}").status in (200, 204)
    take(org, one, "technical_lead", "ben")
    ana.post(f"/incidents/{one}/tasks", {"title": "Roll back", "assignee": org.id("ben"), "minutes": 10})
    assert org.call("dora").put(f"/incidents/{one}/merge", {"into": two, "reason": "same"}).status == 403
    assert ana.put(f"/incidents/{one}/merge", {"into": two, "reason": "Same disk"}).status == 204
    here, there = casebook.load(one).incident, casebook.load(two).incident
    assert (here.phase, here.is_open, here.open_assignments()) == ("merged", False, ())
    assert here.crew.links[f"merged_into/{two}"].note == "Same disk"
    assert there.crew.links[f"merged_from/{one}"].note == "Same disk"
    assert list(there.alerts) == [alert.id]
    assert models.Alert.objects.get(id=alert.id).incident_id == two
    assert [(t.title, t.assignee) for t in there.tasks.values()] == [("Roll back", org.id("ben"))]
    assert there.roles_of(org.id("ben")) == ("technical_lead",)
    assert [(a.person, a.domain) for a in there.holders("deputy")] == [(org.id("ana"), "Shop is slow")]
    assert there.commander.person == org.id("cleo")
    assert ana.put(f"/incidents/{one}/merge", {"into": two, "reason": "again"}).status == 204
    assert f"{one} was merged" in told(org, "ben", one)
    for incident in (one, two):
        rows = list(models.TimelineRow.objects.filter(incident_id=incident).order_by("seq").values())
        casebook.rebuild(incident, org.now)
        assert list(models.TimelineRow.objects.filter(incident_id=incident).order_by("seq").values()) == rows


def test_the_board_of_an_outsider_knows_nothing_of_a_restricted_incident(org: Organisation) -> None:
    hidden = org.declare("ana", restricted=True, title="Strange logins")
    open_ = org.declare("ben")
    org.call("ana").put(f"/incidents/{hidden}/links/{open_}", {"kind": "related"})
    outsider = browser(org, "dora")
    for path in ("/incidents/board", f"/incidents/{open_}/links"):
        text = outsider.get(path).content.decode()
        assert "Strange logins" not in text
        assert hidden not in text
    assert relations.conflicts(org.act("dora").who) == []


@pytest.mark.requirement("R-184")
def test_the_board_goes_by_severity_then_age_then_impact_and_names_who_is_wanted_twice(
    org: Organisation,
) -> None:
    now = org.now
    told = [  # severity, minutes ago, impact, title
        (2, 30, "high", "C older"),
        (2, 5, "low", "E younger, little harm"),
        (1, 1, "low", "A the most severe"),
        (2, 5, "critical", "D younger, much harm"),
        (1, 1, "", "A0 nobody knows the harm"),
        (4, 600, "critical", "F light"),
    ]
    for severity, ago, impact, title in told:
        key = org.declare(title=title, severity=severity)
        at = now.replace(second=0, microsecond=0) - timedelta(minutes=ago)
        models.IncidentRow.objects.filter(id=key).update(declared_at=at, impact=impact)
    page = browser(org, "ana").get("/incidents/board").content.decode()
    wanted = ["A0 nobody", "A the most", "C older", "D younger", "E younger", "F light"]
    places = [page.index(w) for w in wanted]
    assert places == sorted(places)
    assert "Wanted by several incidents" in page


def test_a_group_is_closed_by_its_coordinator_on_the_board_and_its_incidents_go_on(org: Organisation) -> None:
    one = org.declare("ana")
    group = org.call("dora").post("/incident-groups", {"title": "Storm"}).json["id"]
    org.call("ana").put(f"/incidents/{one}/group/{group}")
    refused = org.call("cleo").delete(f"/incident-groups/{group}")
    assert (refused.status, org.call("ana").get("/incident-groups").json["items"][0]["id"]) == (403, group)
    board = browser(org, "dora").get("/incidents/board").content.decode()
    assert f"/incidents/board/groups/{group}/close" in board
    assert "/close" not in browser(org, "cleo").get("/incidents/board").content.decode()
    assert browser(org, "dora").post(f"/incidents/board/groups/{group}/close").status_code == 302
    assert org.call("ana").get("/incident-groups").json["items"] == []
    assert org.call("dora").delete(f"/incident-groups/{group}").code == "group.ended"
    assert "Storm" not in browser(org, "ana").get("/incidents/board").content.decode()
    assert org.call("ana").get(f"/incidents/{one}").json["phase"] == "triage"


def test_a_team_becomes_a_reserve_on_its_page_and_is_offered_to_incidents(org: Organisation) -> None:
    org.call("root", "administrator")
    incident = org.declare("ana")
    teams.create(org.act("root"), "flood-crew", "Flood crew")
    root, ana = browser(org, "root"), browser(org, "ana")
    assert "Make it a reserve" in root.get("/catalog/teams/flood-crew").content.decode()
    assert ana.post("/catalog/teams/flood-crew/members", {"act": "reserve"}).status_code == 403
    assert "Flood crew" not in ana.get(f"/incidents/{incident}/crew").content.decode()
    root.post("/catalog/teams/flood-crew/members", {"act": "reserve"})
    assert "is a reserve" in ana.get("/catalog/teams/flood-crew").content.decode()
    assert "Flood crew" in ana.get(f"/incidents/{incident}/crew").content.decode()
    root.post("/catalog/teams/flood-crew/members", {"act": "no-reserve"})
    assert "Flood crew" not in ana.get(f"/incidents/{incident}/crew").content.decode()


def test_what_is_open_goes_over_and_the_merged_record_is_readable_and_proves(
    org: Organisation, tmp_path: Path
) -> None:
    one, two = org.declare("ana"), org.declare("ben", title="The same disk")
    ana = org.call("ana")
    assert ana.post(f"/incidents/{one}/hypotheses", {"text": "The controller"}).status == 201
    assert ana.post(f"/incidents/{one}/safety-stops", {"reason": "Sparks in the rack"}).status == 201
    assert ana.post(f"/incidents/{one}/agencies", {"name": "City works"}).status == 201
    assert ana.put(f"/incidents/{one}/merge", {"into": two, "reason": "Same disk"}).status == 204
    here, there = casebook.load(one).incident, casebook.load(two).incident
    assert here.crew.open_stops() == ()
    assert [s.reason for s in there.crew.open_stops()] == ["Sparks in the rack"]
    assert [h.text for h in there.crew.hypotheses.values()] == ["The controller"]
    assert [a["name"] for a in org.call("ben").get(f"/incidents/{two}/agencies").json["items"]] == [
        "City works"
    ]
    room = signed_in(org, "ana")
    for page in ("", "/technical", "/crew", "/business", "/agencies", "/record"):
        assert room.get(f"/incidents/{one}{page}").status_code == 200, page
    with (tmp_path / "record.zip").open("wb") as out:
        export(org.act("ana"), one, out)
    assert proof.verify(tmp_path / "record.zip").faults == []
    for incident in (one, two):
        assert log.verify(incident) is None
        before = list(models.HypothesisRow.objects.filter(incident_id=incident).order_by("pk").values())
        casebook.rebuild(incident, org.now)
        assert (
            list(models.HypothesisRow.objects.filter(incident_id=incident).order_by("pk").values()) == before
        )
