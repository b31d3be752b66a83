"""Drills as people meet them: planned, cast and run through the pages and through REST; what is kept from whom."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.db import connection
from django.test.utils import CaptureQueriesContext

from quarterdeck.app.catalog import catalogue_files
from quarterdeck.app.drills import drill_scenarios
from quarterdeck.core.kernel.moments import text
from quarterdeck.store import models
from support.attacks import org, signed_in
from support.rest import Organisation

__all__ = ["org"]
SCENARIO = "commander_falls_ill"
SECRET = "The commander collapses at the desk"


def later(hours: int = 48) -> str:
    return text(datetime.now(UTC) + timedelta(hours=hours))


def planned(org: Organisation, **said: object) -> dict:
    body = {
        "scenario": SCENARIO, "kind": "simulation", "participants": [org.id("ben"), org.id("root")],
        "scheduled_at": later(), "title": "Practice",
    } | said  # fmt: skip
    answer = org.call("ana").post("/drills", body)
    assert answer.status == 201, answer.json
    return answer.json


def test_a_drill_is_cast_started_steered_and_ended_through_rest(org: Organisation) -> None:
    made = planned(org)
    at = f"/drills/{made['id']}"
    ana, ben = org.call("ana"), org.call("ben")
    assert made["state"] == "planned" and [p["role"] for p in made["people"]] == ["commander", "deputy"]
    assert ben.get(at).json["scenario"] == "" and ben.get(at).json["injects"] == []
    cast = ana.patch(at, {"roles": {"commander": org.id("root"), "scribe": org.id("ben")}})
    assert {p["person"]["name"]: p["role"] for p in cast.json["people"]} == {
        "Root": "commander",
        "Ben": "scribe",
    }
    assert ana.patch(at, {"facilitator": org.id("ben")}).code == "drill.facilitator_plays"
    assert ben.patch(at, {"title": "Mine"}).code == "drill.facilitator"
    moved = ana.put(f"{at}/time", {"scheduled_at": later(72), "reason": "A release"})
    assert moved.json["reason"] == "A release"
    started = ana.put(f"{at}/state", {"state": "running"}).json
    incident = started["incident"]
    assert org.call("ole").get(f"/incidents/{incident}").json["drill"] is True
    first = started["injects"][0]
    assert first["state"] == "waiting" and first["happens_at"]
    assert ana.put(f"{at}/injects/{first['id']}/state", {"state": "fired"}).json["fired_at"]
    assert ana.put(f"{at}/state", {"state": "paused"}).json["paused"] is True
    assert ana.get(at).json["injects"][1]["happens_at"] is None
    assert ana.put(f"{at}/state", {"state": "running"}).json["paused"] is False
    added = ana.post(f"{at}/injects", {"kind": "inquiry", "about": "media", "title": "Is it true?"})
    assert added.status == 201 and added.json["state"] == "fired"
    assert ana.post(f"{at}/injects", {"kind": "inquiry", "title": "Is it true?"}).code == "inject.unfit"
    assert ana.post(f"{at}/injects", {"kind": "message", "title": "x", "role": "cook"}).code == "inject.role"
    record = org.call("ole").get(f"/incidents/{incident}/timeline").json["items"]
    assert any(e["title"] == "Inject: The media asks: Is it true?" for e in record), record
    ana.post(f"{at}/injects", {"kind": "alert", "title": "Disk of db-1 is full"})
    (alert,) = ben.get(f"/incidents/{incident}/alerts").json["items"]
    assert alert["summary"] == "Simulated: Disk of db-1 is full" and alert["href"] == ""
    tab = signed_in(org, "ben").get(f"/incidents/{incident}/alerts").content.decode()
    assert "Simulated: Disk of db-1 is full" in tab and "1 firing of 1" in tab
    assert not models.Alert.objects.exists()
    assert {i["key"] for i in ben.get(at).json["injects"]} == {first["key"], "added_4", "added_5"}
    assert ben.put(f"{at}/state", {"state": "ended"}).status == 403
    ended = ana.put(f"{at}/state", {"state": "ended", "reason": "Enough"}).json
    assert ended["state"] == "ended" and ben.get(at).json["scenario"] == SCENARIO
    assert ana.put(f"{at}/state", {"state": "running"}).code == "drill.state"
    assert [d["id"] for d in ana.get("/drills?state=ended").json["items"]] == [made["id"]]


def test_lists_come_in_pages_and_their_queries_do_not_grow(org: Organisation) -> None:
    for n in range(6):
        planned(org, scheduled_at=later(48 + n), kind="tabletop")
    first = org.call("ole").get("/drills?limit=4").json
    rest = org.call("ole").get(f"/drills?limit=4&cursor={first['next']}").json
    assert len({d["id"] for d in [*first["items"], *rest["items"]]}) == 6 and rest["next"] is None
    client = signed_in(org, "ole")
    client.get("/drills")
    counts = []
    for n in (0, 12):
        for m in range(n):
            planned(org, scheduled_at=later(100 + m), kind="tabletop")
        with CaptureQueriesContext(
            connection,
        ) as asked:
            assert client.get("/drills").status_code == 200
        counts.append(len(asked))
    assert counts[1] <= counts[0]


def test_a_plan_and_a_drill_are_made_by_forms_that_keep_what_was_typed(org: Organisation) -> None:
    ana = signed_in(org, "ana")
    said = {
        "title": "Weekly drill", "kind": "tabletop", "weekday": "1", "at": "25:99", "zone": "UTC", "every_weeks": "1",
        "facilitator": org.id("ana"), "participants": [org.id("ben")], "announced": "on",
    }  # fmt: skip
    refused = ana.post("/drill-plans/new", said)
    page = refused.content.decode()
    assert (
        refused.status_code == 422 and "Give a time such as 10:00" in page and 'value="Weekly drill"' in page
    )
    assert ana.post("/drill-plans/new", said | {"at": "10:00"}).status_code == 302
    row = models.DrillPlan.objects.get()
    assert "Weekly drill" in signed_in(org, "ben").get("/drills").content.decode()
    assert signed_in(org, "ben").get(f"/drill-plans/{row.id}").status_code == 403
    assert ana.post(f"/drill-plans/{row.id}", said | {"at": "11:30", "every_weeks": "2"}).status_code == 302
    assert org.call("ole").get(f"/drill-plans/{row.id}").json["at"] == "11:30"
    assert (
        ana.post(f"/drill-plans/{row.id}/state", {"state": "paused", "reason": "Summer"}).status_code == 302
    )
    assert "Summer" in ana.get("/drills").content.decode()
    drill = {
        "scenario": SCENARIO,
        "kind": "tabletop",
        "facilitator": org.id("ana"),
        "participants": [org.id("ana")],
    }
    again = ana.post("/drills/new", drill)
    assert again.status_code == 422 and "Whoever facilitates does not play" in again.content.decode()
    assert ana.post("/drills/new", drill | {"participants": [org.id("ben")]}).status_code == 302
    made = models.Drill.objects.get()
    cast = ana.post(f"/drills/{made.id}", {"role_commander": org.id("ben"), "role_scribe": org.id("ben")})
    assert cast.status_code == 422 and "Give each person one role" in cast.content.decode()
    same = {"role_commander": org.id("root"), "role_scribe": org.id("ben"), "participants": [org.id("ole")]}
    assert ana.post(f"/drills/{made.id}", same).status_code == 302
    people = dict(models.DrillPerson.objects.values_list("person_id", "role"))
    assert people == {org.id("root"): "commander", org.id("ben"): "scribe", org.id("ole"): ""}
    assert SECRET in ana.get(f"/drills/{made.id}").content.decode()
    ben = signed_in(org, "ben")
    assert SECRET not in ben.get(f"/drills/{made.id}").content.decode()
    assert SECRET not in ben.get("/drills/library").content.decode()
    assert not org.call("ben").get(f"/drill-scenarios/{SCENARIO}").json["script"]
    assert SECRET in str(org.call("ana").get(f"/drill-scenarios/{SCENARIO}").json["injects"])
    assert ana.post(f"/drills/{made.id}/state", {"to": "start"}).status_code == 302
    running = ana.get(f"/drills/{made.id}").content.decode()
    assert "End the drill" in running and "Drill:" in running
    assert ana.post(f"/drills/{made.id}/state", {"to": "end"}).status_code == 302


def test_a_company_writes_its_own_scenarios_and_the_one_of_a_drill_stays_as_it_was(
    org: Organisation,
) -> None:
    place = Path(settings.QUARTERDECK_DATA) / "catalog" / "scenarios" / "our_own.toml"
    place.parent.mkdir(parents=True)
    text_ = (
        'title = "Ours"\nkinds = ["tabletop"]\nsummary = "s"\naims = []\ntype = "availability"\nseverity = 3\n'
        'headline = "h"\nsituation = "s"\n[[inject]]\nkey = "x"\nat_minute = 3\nkind = "message"\ntitle = "First"\n'
    )
    place.write_text(text_)
    catalogue_files.forget()
    assert "our_own" in [s.key for s in drill_scenarios.library()]
    made = planned(org, scenario="our_own", kind="tabletop")
    place.write_text(text_.replace("First", "Second"))
    catalogue_files.forget()
    assert drill_scenarios.find("our_own").injects[0].title == "Second"
    assert [i["title"] for i in org.call("ana").get(f"/drills/{made['id']}").json["injects"]] == ["First"]
    place.unlink()
    catalogue_files.forget()
    root = signed_in(org, "root")
    assert "scenarios/ransomware.toml" in root.get("/settings/structures").content.decode()
    assert "scenarios/" not in signed_in(org, "ana").get("/settings/structures").content.decode()
