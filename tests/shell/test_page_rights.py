"""Who may change a status page while an incident is told there, and what its manager has to look at."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest
from tests.shell.test_message_steps import Desk

from quarterdeck.app.maintenance import maintenance, maintenance_clock
from quarterdeck.app.maintenance.maintenance_drafts import Draft
from quarterdeck.app.paging.directory import Directory
from quarterdeck.app.status import component_rules, page_health, page_imports
from quarterdeck.core.access import SYSTEM
from quarterdeck.core.kernel.refused import Refused
from quarterdeck.store import models, tx
from support.rest import Organisation


@pytest.fixture
def desk(db: None) -> Desk:
    org = Organisation()
    org.call("root", "administrator")
    desk = Desk(org)
    made = [org.call("root").post("/status-pages/public/components", {"name": n}) for n in ("Cards", "Login")]
    desk.cards, desk.login = (m.json["id"] for m in made)  # type: ignore[attr-defined]
    return desk


def told(desk: Desk) -> str:
    """The incident has been told on the page; the message."""
    message = desk.draft(pages=[desk.page.id], components={desk.cards: "partial_outage"})  # type: ignore[attr-defined]
    assert desk.release(message).status == 200
    return message


def state(desk: Desk, handle: str, component: str, state: str, **more: str):
    return desk.org.call(handle).put(f"/components/{component}/state", {"state": state, "reason": "x"} | more)


@pytest.mark.requirement("R-042")
def test_during_an_incident_only_its_status_page_manager_and_commander_publish_on_the_page(
    desk: Desk,
) -> None:
    assert state(desk, "gus", desk.login, "degraded_performance").status == 200, "nothing is told there yet"
    message = desk.draft(pages=[desk.page.id], components={desk.cards: "partial_outage"})
    desk.people["root"] = desk.org.call("root")
    for handle in ("gus", "ben", "root"):
        assert desk.release(message, handle).status == 403
        assert state(desk, handle, desk.login, "operational").code == "grant.page.publish"
    assert models.Component.objects.get(id=desk.login).state == "degraded_performance"
    assert desk.release(message, "ana").status == 200
    assert state(desk, "gus", desk.cards, "operational").code == "grant.page.publish"
    assert state(desk, "sam", desk.cards, "major_outage").status == 200
    assert state(desk, "ana", desk.login, "operational").status == 200
    assert models.ComponentState.objects.filter(component_id=desk.cards).latest("id").reason == "x"


@pytest.mark.requirement("R-042")
def test_others_break_the_glass_with_a_reason_that_is_kept(desk: Desk) -> None:
    told(desk)
    done = state(desk, "gus", desk.cards, "operational", break_glass="Sam and Ana are not reached")
    assert (done.status, done.json["state"]) == (200, "operational")
    kept = f"Broke the glass beside {desk.incident}: Sam and Ana are not reached"
    assert kept in models.ComponentState.objects.filter(component_id=desk.cards).latest("id").reason
    assert kept in str(models.Event.objects.filter(kind="ComponentStateSet").latest("seq").data)


@pytest.mark.requirement("R-042")
def test_maintenance_changes_the_page_by_the_same_people_and_its_timer_asks_nobody(desk: Desk) -> None:
    told(desk)
    starts = datetime.now(UTC) + timedelta(hours=48)
    draft = Draft(
        title="Upgrade", starts_at=starts, ends_at=starts + timedelta(hours=1), pages=["public"],
        components={desk.login: "under_maintenance"},
    )  # fmt: skip
    row = maintenance.plan(desk.org.act("gus"), draft)[0]
    maintenance.propose(desk.org.act("gus"), row.id)
    maintenance.approve(desk.org.act("root"), row.id)
    gus, where = desk.org.call("gus"), f"/maintenance/{row.id}"
    for what, body in (("announcement", {}), ("start", {"text": "We begin."})):
        assert gus.put(f"{where}/{what}", body).code == "grant.page.publish"
    assert models.Component.objects.get(id=desk.login).state == "operational"
    assert gus.put(f"{where}/start", {"break_glass": "Nobody is reached"}).status == 200
    assert gus.put(f"{where}/cancellation", {"reason": "x"}).code == "grant.page.publish"
    kept = models.MaintenanceEntry.objects.get(window=row, kind="glass").text
    assert kept == f"Broke the glass beside {desk.incident}: Nobody is reached"
    with tx.write():
        maintenance_clock.fire(row.id, Directory(starts + timedelta(hours=1)))
    row.refresh_from_db()
    assert row.state == "completed"


def test_another_page_and_a_drill_are_nobodys_alone(desk: Desk) -> None:
    told(desk)
    root = desk.org.call("root")
    root.post("/status-pages", {"key": "other", "title": "Other"})
    other = root.post("/status-pages/other/components", {"name": "X"}).json["id"]
    assert state(desk, "gus", other, "major_outage").status == 200
    models.IncidentRow.objects.filter(id=desk.incident).update(drill=True)
    assert state(desk, "gus", desk.login, "degraded_performance").status == 200


def test_what_alerts_propose_is_published_by_the_same_people(desk: Desk) -> None:
    told(desk)
    models.Component.objects.filter(id=desk.login).update(
        proposed="major_outage", proposed_reason="Alert", proposed_at=desk.org.now
    )
    with pytest.raises(Refused) as refused:
        component_rules.accept(desk.org.act("gus"), desk.login)
    assert refused.value.code == "grant.page.publish"
    assert component_rules.accept(desk.org.act("sam"), desk.login).name == "Login"


def kinds(desk: Desk, handle: str = "gus") -> list[tuple[str, str]]:
    found = desk.org.call(handle).get("/status-pages/public/health").json["items"]
    return sorted((f["kind"], f["level"]) for f in found)


@pytest.mark.requirement("R-042")
def test_the_page_says_what_its_manager_has_to_look_at(desk: Desk) -> None:
    assert kinds(desk) == []
    message = desk.draft(pages=[desk.page.id], components={desk.cards: "partial_outage"})
    assert kinds(desk) == [("draft", "warning")]
    assert desk.release(message).status == 200
    assert kinds(desk) == [], "it is on the page, and the page says what the incident says"
    state(desk, "sam", desk.cards, "operational")
    assert kinds(desk) == [("contradiction", "fault")]
    state(desk, "sam", desk.cards, "partial_outage")
    state(desk, "sam", desk.login, "major_outage")
    assert kinds(desk) == [("unexplained", "warning")]
    later = datetime.now(UTC) + timedelta(hours=6)
    found = page_health.look(desk.page, desk.org.act("gus").who, later)
    assert found[0].kind == "overdue"
    assert "Payments fail" in found[0].text
    assert found[0].incident == desk.incident


def test_a_restricted_incident_is_no_finding_for_outsiders_and_doctor_names_none(desk: Desk) -> None:
    desk.draft(pages=[desk.page.id])
    models.IncidentRow.objects.filter(id=desk.incident).update(restricted=True)
    assert kinds(desk, "ana") == [("draft", "warning")]
    assert kinds(desk) == []
    assert state(desk, "gus", desk.login, "degraded_performance").status == 200, "nothing gives it away"
    (line,) = page_health.doctor(datetime.now(UTC))
    assert desk.incident not in line.text
    assert "Payments" not in line.text
    assert line.text.startswith("Status: 1 to be published")
    assert [f.kind for f in page_health.look(desk.page, SYSTEM, datetime.now(UTC))] == [
        "draft",
        "unexplained",
    ]


@pytest.mark.requirement("R-042")
def test_beside_an_incident_others_hide_no_disturbance_by_taking_its_component_away(desk: Desk) -> None:
    gus, top = (
        desk.org.call("gus"),
        models.PageVersion.objects.filter(page__key="public").latest("number").number,
    )
    told(desk)
    back = {"version": 1, "reason": "As it was"}
    assert models.PageVersion.objects.get(page__key="public", number=1).config["components"] == []
    assert gus.delete(f"/components/{desk.cards}").code == "grant.page.publish"
    assert gus.post("/status-pages/public/rollbacks", back).code == "grant.page.publish"
    assert models.Component.objects.get(id=desk.cards).state == "partial_outage"
    assert gus.delete(f"/components/{desk.login}").status in (200, 204), "of what is well nothing is told"
    assert gus.delete(f"/components/{desk.cards}?break_glass=Wrong%20page").status in (200, 204)
    assert "Wrong page" in str(models.Event.objects.filter(kind="ComponentRemoved").latest("seq").data)
    again = {"version": top, "reason": "It is there after all"}
    assert gus.post("/status-pages/public/rollbacks", again).code == "grant.page.publish"
    assert desk.org.call("sam").post("/status-pages/public/rollbacks", again).status == 201
    assert models.Component.objects.get(id=desk.cards).state == "partial_outage"


@pytest.mark.requirement("R-042")
def test_what_is_told_on_the_page_of_one_audience_is_not_changed_from_the_page_it_comes_from(
    desk: Desk,
) -> None:
    root = desk.org.call("root")
    root.post("/status-pages", {"key": "home", "title": "Home"})
    lent = root.post("/status-pages/home/components", {"name": "Ledger"}).json["id"]
    chosen = {"components": [{"component": lent, "name": "Bookings"}]}
    assert root.put("/status-pages/public/shown-components", chosen).status == 200
    message = desk.draft(pages=[desk.page.id], components={lent: "major_outage"})  # type: ignore[attr-defined]
    assert desk.release(message).status == 200
    assert state(desk, "gus", lent, "operational").code == "grant.page.publish"
    assert desk.org.call("gus").delete(f"/components/{lent}").code == "grant.page.publish"
    assert models.Component.objects.get(id=lent).state == "major_outage"
    assert state(desk, "sam", lent, "partial_outage").status == 200
    assert state(desk, "gus", lent, "operational", break_glass="Sam is not reached").status == 200


@pytest.mark.requirement("R-042")
def test_beside_an_incident_nobody_else_puts_posts_on_the_page_by_taking_over_another(desk: Desk) -> None:
    update = {"id": "u1", "status": "resolved", "body": "All is well.", "created_at": "2026-11-01T10:00:00Z"}
    document = {"incidents": [{"id": "i1", "name": "All is well", "incident_updates": [update]}]}
    act, gus = desk.org.act("gus"), desk.org.call("gus")
    row = page_imports.begin(act, "public", "statuspage", "x.json", json.dumps(document).encode())
    told(desk)
    assert gus.put(f"/page-imports/{row.id}/start").code == "grant.page.publish"
    assert not models.PagePost.objects.exists()
    assert desk.org.call("sam").put(f"/page-imports/{row.id}/start").status == 200
    assert models.PagePost.objects.count() == 1
