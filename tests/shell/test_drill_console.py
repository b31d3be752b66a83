"""The facilitator's console and the results, in a browser: who gets in, what one tap does, what typed words survive."""

from __future__ import annotations

import pytest

from quarterdeck.app.drills import drill_course, drills
from quarterdeck.store import models
from support.attacks import org, signed_in
from support.rest import Organisation

__all__ = ["org"]
POSTS = ("clock", "injects", "ratings", "judgements")


def started(org: Organisation, scenario: str = "database_failover") -> models.Drill:
    """Ana facilitates; Ben and Cleo play; Oda watches; Root steers and does not play."""
    for handle in ("cleo", "oda"):
        org.person(handle)
    made = drills.create(
        org.act("ana"), scenario=scenario, kind="tabletop", participants=[org.id("ben"), org.id("cleo")],
        observers=[org.id("oda")],
    )  # fmt: skip
    return drill_course.start(org.act("ana"), made.id)


def test_only_who_steers_sees_the_console(org: Organisation) -> None:
    drill = started(org)
    at = f"/drills/{drill.id}/console"
    for handle in ("ben", "cleo", "oda", "ole"):
        client = signed_in(org, handle)
        assert client.get(at).status_code == 403, handle
        for path in POSTS:
            answer = client.post(f"{at}/{path}", {"role": "commander", "item": "delegation", "points": "1"})
            assert answer.status_code in (302, 403), (handle, path)
    assert not models.DrillRating.objects.exists()
    drill.refresh_from_db()
    assert drill.state == "running" and not drill.pauses
    assert signed_in(org, "eva").get(at).status_code == 403
    for handle in ("ana", "root"):
        assert signed_in(org, handle).get(at).status_code == 200, handle
    # Whoever steers finds the console in the bar above every page, whoever plays the incident.
    assert at in signed_in(org, "ana").get("/").content.decode()
    playing = signed_in(org, "ben").get("/").content.decode()
    assert at not in playing and f"/incidents/{drill.incident_id}" in playing


def test_a_restricted_drill_has_no_console_for_outsiders(org: Organisation) -> None:
    drill = started(org, "ransomware")
    assert drill.restricted
    assert signed_in(org, "ole").get(f"/drills/{drill.id}/console").status_code == 404
    assert signed_in(org, "ole").get(f"/drills/{drill.id}/results").status_code == 404
    assert signed_in(org, "ben").get(f"/drills/{drill.id}/console").status_code == 403


@pytest.mark.requirement("R-190")
def test_the_facilitator_runs_the_drill_from_the_console_and_its_gaps_become_work(org: Organisation) -> None:
    drill = started(org)
    ana, at = signed_in(org, "ana"), f"/drills/{drill.id}/console"
    first, second = models.DrillInject.objects.filter(drill=drill).order_by("at_minute", "id")[:2]
    page = ana.get(at).content.decode()
    assert first.title in page and "Fire now" in page and "Who holds what" in page
    assert ana.post(f"{at}/injects/{first.id}", {"act": "fire"}).status_code == 302
    assert ana.post(f"{at}/injects/{second.id}", {"act": "skip"}).status_code == 302
    kept = ana.post(
        f"{at}/injects", {"kind": "away", "title": "The bus is late", "role": "", "in_minutes": "0"}
    )
    assert kept.status_code == 422 and "The bus is late" in kept.content.decode()
    added = ana.post(
        f"{at}/injects", {"kind": "message", "title": "A surprise", "role": "", "in_minutes": "0"}
    )
    assert added.status_code == 302
    states = dict(models.DrillInject.objects.filter(drill=drill).values_list("title", "state"))
    assert (states[first.title], states[second.title], states["A surprise"]) == ("fired", "skipped", "fired")
    told = {"role": "commander", "item": "delegation", "points": "3", "note": "One person, one task"}
    assert ana.post(f"{at}/ratings", told).status_code == 302
    page = ana.get(at).content.decode()
    assert "One person, one task" in page and 'value="3"' in page and 'aria-pressed="true"' in page
    step = drill.script["steps"][0]["key"]
    assert ana.post(f"{at}/judgements", {"key": f"step:{step}", "verdict": "missed"}).status_code == 302
    assert models.DrillJudgement.objects.get().key == f"step:{step}"
    assert ana.post(f"{at}/clock", {"act": "pause"}).status_code == 302
    assert "Paused" in ana.get(at).content.decode()
    ana.post(f"{at}/clock", {"act": "resume"})
    assert signed_in(org, "ben").get(f"/drills/{drill.id}/results").status_code == 404
    over = ana.post(f"{at}/clock", {"act": "end"})
    assert over.headers["Location"] == f"/drills/{drill.id}/results"
    results = ana.get(f"/drills/{drill.id}/results").content.decode()
    assert drill.script["steps"][0]["title"] in results and "Make it an action item" in results
    gap = {
        "key": f"step:{step}",
        "act": "confirm",
        "title": "Say who commands",
        "owner": "",
        "due_on": "2030-05-01",
    }
    refused = ana.post(f"/drills/{drill.id}/results/gaps", gap)
    assert refused.status_code == 422 and "Say who commands" in refused.content.decode()
    assert ana.post(f"/drills/{drill.id}/results/gaps", gap | {"owner": org.id("cleo")}).status_code == 302
    item = models.ActionItemRow.objects.get()
    assert (item.incident_id, item.title, item.owner) == (
        drill.incident_id,
        "Say who commands",
        org.id("cleo"),
    )
    assert f"/drills/{drill.id}/results" in signed_in(org, "cleo").get("/").content.decode()
    assert ana.post(f"/drills/{drill.id}/results/items/{item.id}/done").status_code == 302
    item.refresh_from_db()
    assert item.done_at is not None
    score = models.DrillScore.objects.get(drill_id=drill.id)
    assert score.scenario == "database_failover" and f"step:{step}" in score.gaps


def test_a_player_finds_their_own_role_in_the_results_and_no_other(org: Organisation) -> None:
    drill = started(org)
    drill_course.end(org.act("ana"), drill.id)
    held = dict(
        models.RoleAssignmentRow.objects.filter(incident_id=drill.incident_id).values_list(
            "person_id", "role"
        )
    )
    mine, other = held[org.id("ben")], held[org.id("cleo")]
    page = signed_in(org, "ben").get(f"/drills/{drill.id}/results").content.decode()
    assert (
        f'id="role-{mine}"' in page
        and f'id="role-{other}"' not in page
        and "Make it an action item" not in page
    )
    everything = signed_in(org, "root").get(f"/drills/{drill.id}/results").content.decode()
    assert f'id="role-{mine}"' in everything and f'id="role-{other}"' in everything
