"""What a drill showed, through REST: the facilitator's sheet, a participant's own roles, gaps as action items, the
comparison; never a real incident, never a restricted drill for outsiders.
"""

from __future__ import annotations

from datetime import timedelta

import pytest

from quarterdeck.store import models
from support.attacks import org, signed_in
from support.practice import inject, over, running
from support.rest import Organisation

__all__ = ["org"]


def test_a_participant_never_sees_the_sheet_of_a_running_drill(org: Organisation) -> None:
    drill = running(org)
    for handle in ("ana", "ben", "ole"):
        refused = org.call(handle).get(f"/drills/{drill.id}/result")
        assert (refused.status, refused.code) == (403, "drill.facilitator"), handle
        said = {"role": "commander", "item": "delegation", "points": 3}
        assert org.call(handle).put(f"/drills/{drill.id}/ratings", said).status == 403
        assert (
            org.call(handle).put(f"/drills/{drill.id}/judgements", {"key": "x", "verdict": "met"}).status
            == 403
        )
    sheet = org.call("root").get(f"/drills/{drill.id}/result")
    assert sheet.status == 200 and sheet.json["running"] and sheet.json["all_roles"]


@pytest.mark.requirement("R-251")
def test_the_facilitator_rates_every_role_by_the_four_parts_until_the_drill_is_agreed(
    org: Organisation,
) -> None:
    drill = over(running(org))
    root, at = org.call("root"), f"/drills/{drill.id}"
    before = root.get(f"{at}/result").json
    roles = {r["role"]: r for r in before["roles"]}
    parts = ("plan_activation", "coordination", "delegation", "monitoring")
    assert (
        all(set(parts) <= {i["key"] for i in r["items"]} for r in roles.values())
        and "technical_lead" in roles
    )
    for part in parts:
        kept = root.put(
            f"{at}/ratings", {"role": "technical_lead", "item": part, "points": 4, "note": f"{part} seen"}
        )
        assert kept.status == 200, kept.json
    again = root.put(f"{at}/ratings", {"role": "technical_lead", "item": "delegation", "points": 0})
    assert again.status == 200
    after = {r["role"]: r for r in root.get(f"{at}/result").json["roles"]}
    assert [(r["item"], r["points"]) for r in after["technical_lead"]["ratings"]].count(
        ("delegation", 0)
    ) == 1
    assert after["technical_lead"]["score"] != roles["technical_lead"]["score"]
    wrong = root.put(f"{at}/ratings", {"role": "technical_lead", "item": "charm", "points": 1})
    assert (wrong.status, wrong.code) == (422, "rubric.unknown")
    assert (
        root.put(f"{at}/ratings", {"role": "nobody", "item": "delegation", "points": 1}).code
        == "role.unknown"
    )
    assert root.put(f"{at}/agreement").json["agreed_at"]
    late = root.put(f"{at}/ratings", {"role": "technical_lead", "item": "delegation", "points": 1})
    assert (late.status, late.code) == (409, "drill.agreed")


def test_a_person_sees_the_whole_and_the_scores_of_their_own_roles(org: Organisation) -> None:
    drill = over(running(org))
    mine = org.call("ana").get(f"/drills/{drill.id}/result").json
    assert {r["role"] for r in mine["roles"]} == {"technical_lead"} and not mine["all_roles"]
    others = org.call("ben").get(f"/drills/{drill.id}/result").json
    assert others["roles"] == [] and others["items"]
    everything = org.call("root").get(f"/drills/{drill.id}/result").json
    assert {"commander", "technical_lead"} <= {r["role"] for r in everything["roles"]}


@pytest.mark.requirement("R-190")
@pytest.mark.requirement("R-198")
@pytest.mark.requirement("R-251")
def test_a_confirmed_gap_is_an_action_item_with_an_owner_on_the_list_of_all(org: Organisation) -> None:
    drill = running(org)
    inject(drill)
    over(drill)
    root, at = org.call("root"), f"/drills/{drill.id}"
    gaps = {g["key"]: g for g in root.get(f"{at}/gaps").json["items"]}
    # A missed step, an unanswered inject, a role nobody held, a part of crisis ability that was not there.
    assert {"step:tell", "inject:press"} <= set(gaps) and {"role", "ability"} <= {
        g["kind"] for g in gaps.values()
    }
    refused = root.put(f"{at}/gaps", {"key": "step:tell", "state": "confirmed"})
    assert refused.status in (400, 422)
    told = {"key": "step:tell", "state": "confirmed", "owner": org.id("ben"), "due_on": "2030-05-01"}
    assert org.call("ana").put(f"{at}/gaps", told).status == 403
    made = root.put(f"{at}/gaps", told)
    assert made.status == 200 and made.json["state"] == "confirmed", made.json
    ability = next(k for k, g in gaps.items() if g["kind"] == "ability")
    assert root.put(f"{at}/gaps", told | {"key": ability}).json["item"]
    item = models.ActionItemRow.objects.get(id=made.json["item"])
    assert (item.incident_id, item.owner, item.due_on) == (drill.incident_id, org.id("ben"), "2030-05-01")
    listed = signed_in(org, "ole").get("/reviews").content.decode()
    assert item.title in listed and f"/drills/{drill.id}/results" in listed
    assert root.put(f"{at}/gaps", told).code == "gap.decided"
    dropped = root.put(
        f"{at}/gaps", {"key": "inject:press", "state": "dropped", "reason": "The line was dead"}
    )
    assert dropped.json["state"] == "dropped"
    ready = {r["team"]: r for r in root.get("/drill-readiness").json["items"]}
    assert ready[""]["open_gaps"] == 2 and ready[""]["last_drill"] == drill.id
    done = org.call("ben").put(f"/incidents/{drill.incident_id}/action-items/{item.id}/completion")
    assert done.status == 200
    assert {r["team"]: r for r in root.get("/drill-readiness").json["items"]}[""]["open_gaps"] == 1


@pytest.mark.requirement("R-198")
def test_a_gap_that_the_drill_before_showed_too_is_told_as_repeated(org: Organisation) -> None:
    first = over(running(org))
    models.DrillScore.objects.filter(drill_id=first.id).update(
        held_at=first.started_at - timedelta(days=7), gaps=["step:tell"]
    )
    second = over(running(org))
    gaps = {g["key"]: g["repeated"] for g in org.call("root").get(f"/drills/{second.id}/gaps").json["items"]}
    assert gaps["step:tell"] and list(gaps.values()).count(True) == 1


@pytest.mark.requirement("R-023", "R-189")
def test_the_comparison_shows_earlier_drills_and_never_a_real_incident(org: Organisation) -> None:
    drills = [over(running(org)) for _ in range(5)]
    org.declare("ana", title="A real one")
    for n, drill in enumerate(drills):
        models.DrillScore.objects.filter(drill_id=drill.id).update(
            held_at=drill.started_at - timedelta(days=7 * (9 - n)), command=600 - 100 * n, score=50 + 5 * n,
            scenario="ransomware" if n == 4 else "payment_provider",
        )  # fmt: skip
    found = org.call("ole").get("/drill-comparison").json
    assert [d["command"] for d in found["drills"]] == [600, 500, 400, 300, 200]
    trends = {t["key"]: t for t in found["trends"]}
    assert (trends["command"]["median"], trends["command"]["direction"]) == (400.0, "better")
    assert trends["restore"] == {
        "key": "restore",
        "title": "Time to restore",
        "n": 0,
        "median": None,
        "direction": "",
    }
    one = org.call("ole").get("/drill-comparison?scenario=ransomware").json["drills"]
    assert [d["drill"] for d in one] == [drills[4].id]
    page = signed_in(org, "ole").get("/insights/drills").content.decode()
    assert page.count("<svg") >= 5 and all(d.title in page for d in drills) and "A real one" not in page
    models.Drill.objects.filter(id=drills[0].id).update(title="=1+1|x")
    table = signed_in(org, "ole").get("/insights/drills.csv").content.decode()
    assert "'=1+1|x" in table and ",=1" not in table
    assert len(table.splitlines()) == 6


def test_a_restricted_drill_is_not_there_for_outsiders(org: Organisation) -> None:
    drill = running(org, restricted=True)
    models.Drill.objects.filter(id=drill.id).update(title="CANARY4711")
    drill.refresh_from_db()
    over(drill)
    for path in ("result", "gaps"):
        assert org.call("ole").get(f"/drills/{drill.id}/{path}").status == 404
    ole = signed_in(org, "ole")
    for page in (f"/drills/{drill.id}/results", f"/drills/{drill.id}/console"):
        assert ole.get(page).status_code == 404
    for page in ("/insights/drills", "/insights/drills.csv", "/on-call/coverage"):
        assert "CANARY4711" not in ole.get(page).content.decode(), page
    assert org.call("root").get("/drill-comparison").json["drills"][0]["drill"] == drill.id
    assert org.call("ole").get("/drill-comparison").json["drills"] == []
