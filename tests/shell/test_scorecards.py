"""One's own record and who may see it, what helps, and the rules that keep figures away from persons."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from quarterdeck.app.figures import insight_rules
from quarterdeck.store import models
from quarterdeck.store.ids import new_id
from support.attacks import org, signed_in
from support.rest import Organisation

__all__ = ["org"]
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)


def called(org: Organisation, handle: str, minutes: int | None, **said: object) -> None:
    at = datetime.now(UTC) - 3 * DAY
    done = None if minutes is None else at + minutes * MINUTE
    values: dict[str, object] = {
        "kind": "callout",
        "subject": "s",
        "reason": "r",
        "created_at": at,
        "expires_at": at,
    }
    models.Callout.objects.create(
        id=new_id(), person_id=org.id(handle), acknowledged_at=done,
        state="acknowledged" if done else "waiting", **(values | said),
    )  # fmt: skip


def past(number: int, ago: timedelta, minutes: int, **fields: object) -> str:
    at = datetime.now(UTC) - ago
    values: dict[str, object] = {
        "id": f"INC-{number}", "number": number, "title": "x", "type": "availability", "severity": 2, "phase": "closed",
        "phase_since": at, "template": "software", "declared_at": at, "declared_by": "x", "is_open": False,
        "resolved_at": at + minutes * MINUTE, "services": ["checkout"], "seq": 9,
    }  # fmt: skip
    models.IncidentRow.objects.create(**(values | fields))
    return f"INC-{number}"


@pytest.mark.requirement("R-235")
def test_a_record_is_for_the_person_and_the_program_lead_alone(org: Organisation) -> None:
    for minutes in (1, 5, 6, None):
        called(org, "ana", minutes)
    called(org, "ana", None, drill=True)
    called(org, "ben", 1)
    ana = org.id("ana")
    mine = org.call("ana").get(f"/people/{ana}/scorecard").json
    assert [(x["key"], x["met"], x["of"]) for x in mine["lines"]] == [("acknowledgements", 2, 4)]
    assert "2 of 4" in signed_in(org, "ana").get("/insights/mine").content.decode()
    for handle, role in (
        ("ben", "responder"),
        ("root", "administrator"),
        ("eva", "executive"),
        ("ole", "observer"),
    ):
        assert org.call(handle, role).get(f"/people/{ana}/scorecard").status == 403, handle
        assert signed_in(org, handle).get(f"/insights/people/{ana}").status_code == 403, handle
    lead = {"program_lead": org.id("ole")}
    assert org.call("ben").put("/figures/rules", lead).status == 403
    assert org.call("root").put("/figures/rules", lead).json["program_lead"]["id"] == org.id("ole")
    assert org.call("ole").get(f"/people/{ana}/scorecard").json["lines"] == mine["lines"]
    assert "2 of 4" in signed_in(org, "ole").get(f"/insights/people/{ana}").content.decode()
    assert org.call("root").get(f"/people/{ana}/scorecard").status == 403
    assert org.call("ole").get("/people/nobody-there/scorecard").status == 404


def test_updates_reviews_and_promises_are_in_time_or_not(org: Organisation) -> None:
    key, at, ana = past(1, 5 * DAY, 60), datetime.now(UTC) - 5 * DAY, org.id("ana")
    for sent, following, by in ((0, 30, "ben"), (29, 60, "ana"), (61, None, "ana")):
        models.MessageRow.objects.create(
            id=new_id(), incident_id=key, audience="staff", phase="x", headline="h", state="sent", drafted_by=ana,
            drafted_at=at, released_by=org.id(by), sent_at=at + sent * MINUTE,
            next_update_at=None if following is None else at + following * MINUTE,
        )  # fmt: skip
    due = (at + DAY).date().isoformat()
    for number, done in enumerate((at, at + 3 * DAY)):
        models.ReviewRow.objects.create(
            id=f"r{number}",
            incident_id=key,
            owner=ana,
            due_on=due,
            opened_at=at,
            state="closed",
            published_at=done,
        )
    models.ActionItemRow.objects.create(
        id="i1", incident_id=key, title="t", owner=ana, due_on=due, kind="prevent", added_by=ana, added_at=at
    )
    lines = {
        x["key"]: (x["met"], x["of"]) for x in org.call("ana").get(f"/people/{ana}/scorecard").json["lines"]
    }
    assert lines == {"updates": (1, 2), "reviews": (1, 2), "action_items": (0, 1)}
    models.IncidentRow.objects.update(drill=True)
    assert org.call("ana").get(f"/people/{ana}/scorecard").json["lines"] == []


@pytest.mark.requirement("R-242")
def test_figures_stop_at_the_team_by_default_and_warn(org: Organisation) -> None:
    assert insight_rules.rules().level == "team" and "organisation" in insight_rules.LEVELS
    root = org.call("root", "administrator")
    assert root.put("/figures/rules", {"level": "person"}).status == 422
    page = signed_in(org, "ole").get("/insights/response").content.decode()
    assert "few incidents only means that few are reported" in page
    past(1, 5 * DAY, 30)
    world_team = models.Team.objects.create(key="shop", name="Shop")
    models.Service.objects.create(id=new_id(), key="checkout", name="Checkout", team=world_team)
    times = "/figures/times?team=other"
    assert root.get(times).json["incidents"] == 0
    assert 'value="shop"' in signed_in(org, "ole").get("/insights").content.decode()
    assert root.put("/figures/rules", {"level": "organisation"}).status == 200
    assert root.get(times).json["incidents"] == 1, "nobody is told apart by team any more"
    assert 'value="shop"' not in signed_in(org, "ole").get("/insights").content.decode()


@pytest.mark.requirement("R-236", "R-237")
def test_repeats_early_command_and_tickets_have_exact_figures(org: Organisation) -> None:
    for number, ago, minutes, accepted in (
        (1, 100, 10, 3),
        (2, 20, 60, 5),
        (3, 10, 90, 40),
        (4, 9, 30, None),
    ):
        key = past(number, ago * DAY, minutes, tickets=None if number == 4 else number * 10)
        at = models.IncidentRow.objects.get(id=key).declared_at
        models.ReviewRow.objects.create(
            id=f"r{number}", incident_id=key, owner="o", due_on="2030-01-01", opened_at=at, state="closed",
            cause_category="capacity" if number < 4 else "",
        )  # fmt: skip
        if accepted is not None:
            models.RoleAssignmentRow.objects.create(
                id=f"a{number}",
                incident_id=key,
                role="commander",
                person_id="p",
                started_at=at + accepted * MINUTE,
            )
    past(5, 8 * DAY, 500, drill=True, tickets=900)
    found = org.call("ole", "observer").get("/figures/response").json
    assert found["repeats"] == {"incidents": 3, "known": 2, "repeats": ["INC-2", "INC-3"]}
    command = found["command"]
    assert (command["early"]["n"], command["early"]["median"]) == (1, 3600.0)
    assert (command["late"]["n"], command["late"]["median"], command["few"]) == (2, 3600.0, True)
    assert (found["tickets"]["total"], found["tickets"]["counted"], found["tickets"]["incidents"]) == (
        50,
        2,
        3,
    )
    assert sum(found["tickets"]["weeks"].values()) == 50
    page = signed_in(org, "ole").get("/insights/response").content.decode()
    assert "67 %" in page and "50, counted for 2 of 3 incidents" in page and "this may be chance" in page
