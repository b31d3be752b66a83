"""An ICS incident over two operational periods: objectives, safety, resources, and a plan that the commander approves."""

from __future__ import annotations

import io
from datetime import timedelta

import pytest
from pypdf import PdfReader

from quarterdeck.app import casebook
from quarterdeck.app.ics import forms, plan, resources, safety
from quarterdeck.app.incidents import tasks
from quarterdeck.core.incidents import rows
from quarterdeck.core.kernel.refused import Refused
from quarterdeck.store import models, project
from support import ics_flood
from support.ics_flood import state
from support.world import World


@pytest.fixture
def world(db: None) -> World:
    w = World()
    ics_flood.cast(w)
    return w


def refused(code: str):
    return pytest.raises(Refused, match=f"^{code}")


def text_of(pdf: bytes) -> list[str]:
    return [" ".join(page.extract_text().split()) for page in PdfReader(io.BytesIO(pdf)).pages]


def plan_pdf(incident: str, world: World, period: str) -> list[str]:
    from quarterdeck.app.reports.ics_paper import plan_pdf as draw

    found, stamp = forms.approved_plan(incident, world.act("ana").who, world.now, period)
    return text_of(draw(found, stamp))


@pytest.mark.requirement("R-163")
@pytest.mark.requirement("R-164")
def test_two_periods_end_in_an_approved_plan_that_nothing_changes_any_more(world: World) -> None:
    incident = ics_flood.flood(world)
    first = ics_flood.planned(world, incident)
    ics_flood.write_plan(world, incident, first)
    aims = state(incident).ics.of_period(first)
    plan.judge_objective(world.act("dag"), incident, aims[0].id, "met", "41 of 41 ticked")
    world.pass_time(hours=8)

    plan.prepare_period(world.act("dag"), incident)
    second = state(incident).ics.prepared
    assert second is not None and second.number == 2
    assert second.ends_at - second.starts_at == timedelta(hours=12)
    carried = state(incident).ics.of_period(second.id)
    assert [(o.text, o.state) for o in carried] == [("The transformer hall stays dry", "open")]
    with refused("plan.unapproved"):
        plan.start_period(world.act("dag"), incident, second.id)
    briefing = next(
        m for m in state(incident).ics.meetings.values()
        if m.period_id == second.id and m.kind == "operations_briefing"
    )  # fmt: skip
    with refused("plan.unapproved"):
        plan.hold_meeting(world.act("ana"), incident, briefing.id)
    with refused("position.commander"):
        forms.approve_plan(world.act("dag"), incident, second.id)

    forms.approve_plan(world.act("ana"), incident, second.id)
    plan.start_period(world.act("dag"), incident, second.id)
    plan.hold_meeting(world.act("ana"), incident, briefing.id, "All leaders present")
    assert [p.state for p in state(incident).ics.periods.values()] == ["ended", "running"]

    pages = plan_pdf(incident, world, second.id)
    assert "INCIDENT ACTION PLAN" in pages[0] and "Operational Period 2" in pages[0]
    for title in ("ICS 202", "ICS 203", "ICS 204", "ICS 205", "ICS 206", "ICS 208", "ICS 207"):
        assert any(f"({title})" in page for page in pages), title
    assert f"Page 1 of {len(pages)}" in pages[0]
    whole = " ".join(pages)
    assert "The transformer hall stays dry" in whole and "People first." in whole
    assert "Approved by Incident Commander: Name: Ana Ferreira" in whole
    assert "DRAFT" not in whole

    before = state(incident).ics.plan_of(second.id)
    plan.set_objective(world.act("dag"), incident, second.id, 2, "The south gate is open", "A lorry passes")
    assert plan_pdf(incident, world, second.id) == pages
    forms.approve_plan(world.act("ana"), incident, second.id)
    after = state(incident).ics.plan_of(second.id)
    assert (before.version, after.version) == (1, 2)
    assert before.content_hash != after.content_hash
    assert "The south gate is open" in " ".join(plan_pdf(incident, world, second.id))


def test_a_plan_with_an_empty_block_is_not_approved_and_says_which(world: World) -> None:
    incident = ics_flood.flood(world)
    period = ics_flood.planned(world, incident)
    with pytest.raises(Refused) as told:
        forms.approve_plan(world.act("ana"), incident, period)
    assert told.value.code == "plan.missing"
    assert "ICS 202 block 4 Operational Period Command Emphasis" in told.value.message


@pytest.mark.requirement("R-177")
def test_the_meetings_follow_from_the_start_of_the_period_and_a_missed_one_is_flagged(world: World) -> None:
    incident = ics_flood.flood(world)
    period = ics_flood.planned(world, incident)
    kinds = [m.kind for m in state(incident).ics.meetings.values() if m.period_id == period]
    assert kinds == [
        "incident_briefing",
        "objectives",
        "command_staff",
        "tactics",
        "planning",
        "plan_approval",
    ]
    briefing = next(iter(state(incident).ics.meetings.values()))
    assert briefing.starts_at == world.now and briefing.forms == ("201",)
    world.pass_time(minutes=50)
    assert state(incident).ics.meetings[briefing.id].state == "missed"
    assert models.TimelineRow.objects.filter(
        incident_id=incident, kind="meeting", title__contains="not held"
    ).exists()
    assert any("Missed: Incident Briefing" in p for p in world.pages("ana"))
    plan.hold_meeting(world.act("ana"), incident, briefing.id, "Held late")
    assert state(incident).ics.meetings[briefing.id].state == "held"


def test_extending_a_period_moves_the_one_that_is_prepared_after_it(world: World) -> None:
    incident = ics_flood.flood(world)
    period = ics_flood.planned(world, incident)
    plan.prepare_period(world.act("dag"), incident)
    end = state(incident).ics.periods[period].ends_at + timedelta(hours=2)
    plan.move_period(world.act("dag"), incident, period, end, "Relief comes later")
    following = state(incident).ics.prepared
    assert following.starts_at == end
    assert following.ends_at == end + timedelta(hours=12)


@pytest.mark.requirement("R-165")
def test_a_resource_goes_its_way_and_the_totals_match(world: World) -> None:
    incident = ics_flood.flood(world)
    period = ics_flood.planned(world, incident)
    crew = next(iter(state(incident).ics.resources.values()))
    assert crew.status == "assigned"
    with refused("resource.transition"):
        resources.move_resource(world.act("dag"), incident, crew.id, "en_route")
    with refused("reason.unknown"):
        resources.move_resource(world.act("dag"), incident, crew.id, "out_of_service")

    request = next(iter(state(incident).ics.requests.values()))
    with refused("request.state"):
        resources.order_request(world.act("eva"), incident, request.id, "L-1", "Pumps Ltd", cost=4000)
    resources.approve_request(world.act("ana"), incident, request.id)
    with refused("position.logistics_section_chief"):
        resources.order_request(world.act("dag"), incident, request.id, "L-1", "Pumps Ltd", cost=4000)
    resources.order_request(world.act("eva"), incident, request.id, "L-1", "Pumps Ltd", cost=4000)
    resources.fund_request(world.act("fay"), incident, request.id, "Cost code 77")
    who = world.act("ana").who
    worksheet = page(incident, who, world, "215", period)
    totals = {b["number"]: b["value"] for b in worksheet["blocks"] if b["number"] in ("11", "12", "13")}
    assert totals == {"11": "4 (Pump 4)", "12": "1 (Pump 1)", "13": "3 (Pump 3)"}
    arrivals = block(page(incident, who, world, "211"), "5")["rows"]
    assert [row[0] for row in arrivals] == ["Pump crew 7 (Pump 2)"]

    ordered = next(r for r in state(incident).ics.resources.values() if r.request_id == request.id)
    assert (ordered.status, ordered.order_number) == ("ordered", "L-1")
    resources.check_in(world.act("dag"), incident, ordered.id, "Gate 3")
    resources.deliver_request(world.act("eva"), incident, request.id)
    assert len(block(page(incident, who, world, "211"), "5")["rows"]) == 2
    paper = page(incident, who, world, "213RR", subject=request.id)
    assert block(paper, "9")["value"].startswith("Ana Ferreira")
    assert block(paper, "17")["value"] == "Cost code 77"


@pytest.mark.requirement("R-178")
def test_nobody_is_released_with_open_tasks_unless_a_reason_is_given(world: World) -> None:
    incident = ics_flood.flood(world)
    ics_flood.planned(world, incident)
    resources.set_resource(
        world.act("dag"), incident, "Fay Rossi", "Person", status="available", person=world.find("fay").id
    )
    fay = list(state(incident).ics.resources.values())[-1]
    with refused("resource.release"):
        resources.move_resource(world.act("dag"), incident, fay.id, "released")
    resources.plan_release(world.act("dag"), incident, fay.id, units=("tasks", "notes"))
    release = next(iter(state(incident).ics.releases.values()))
    with refused("release.open_tasks"):
        resources.sign_release(world.act("cho"), incident, release.id, "tasks")
    resources.sign_release(world.act("dag"), incident, release.id, "notes")
    assert state(incident).ics.resources[fay.id].status == "available"
    resources.sign_release(world.act("cho"), incident, release.id, "tasks", "Her relief has the task")
    assert state(incident).ics.resources[fay.id].status == "released"


def test_finishing_the_task_lets_the_unit_sign_without_a_reason(world: World) -> None:
    incident = ics_flood.flood(world)
    ics_flood.planned(world, incident)
    resources.set_resource(
        world.act("dag"), incident, "Fay Rossi", "Person", status="available", person=world.find("fay").id
    )
    fay = list(state(incident).ics.resources.values())[-1]
    tasks.finish(world.act("fay"), incident, next(iter(state(incident).tasks)), "41 of 41")
    resources.plan_release(world.act("dag"), incident, fay.id, units=("tasks",))
    resources.sign_release(world.act("cho"), incident, next(iter(state(incident).ics.releases)), "tasks")
    assert state(incident).ics.resources[fay.id].status == "released"


def test_a_hazard_needs_two_people_and_a_change_of_it_both_again(world: World) -> None:
    incident = ics_flood.flood(world)
    ics_flood.planned(world, incident)
    hazard = next(iter(state(incident).ics.hazards.values()))
    assert hazard.is_signed
    safety.set_hazard(
        world.act("ben"), incident, "Division North", hazard.hazard, "extreme", hazard.mitigation, "high",
        hazard_id=hazard.id,
    )  # fmt: skip
    assert not state(incident).ics.hazards[hazard.id].is_signed
    world.settle()
    assert any("Live cables in the water, risk high" in p for p in world.pages("ana"))
    with refused("position.safety_officer"):
        safety.sign_hazard(world.act("cho"), incident, hazard.id, "safety")


def test_one_person_who_stands_in_for_both_signs_a_hazard_once(world: World) -> None:
    from quarterdeck.app.incidents import incidents
    from quarterdeck.core.incidents.declare import Declaration

    said = Declaration(title="Gas leak", type="safety", severity=2, template="ics")
    incident = incidents.declare(world.act("ana"), said).incident.key
    safety.set_hazard(world.act("ana"), incident, "Hall 2", "Gas", "high", "Everybody is out.", "low")
    hazard = next(iter(state(incident).ics.hazards))
    safety.sign_hazard(world.act("ana"), incident, hazard, "safety")
    with refused("hazard.same_person"):
        safety.sign_hazard(world.act("ana"), incident, hazard, "operations")


def test_the_read_tables_are_the_same_when_they_are_written_again_from_the_log(world: World) -> None:
    incident = ics_flood.flood(world)
    period = ics_flood.planned(world, incident)
    ics_flood.write_plan(world, incident, period)
    forms.approve_plan(world.act("ana"), incident, period)
    forms.approve(world.act("ana"), incident, "201")

    def tables() -> dict[str, list[dict[str, object]]]:
        found = {n: m for n, m in project.TABLES.items() if n.startswith("ics_")}
        return {n: list(m.objects.order_by("pk").values()) for n, m in found.items()}

    before = tables()
    assert all(before[name] for name in ("ics_period", "ics_fill", "ics_approval", "ics_plan", "ics_checkin"))
    casebook.rebuild(incident, world.now)
    assert tables() == before
    told = rows(state(incident))["ics_plan"]
    assert next(iter(told.values()))["content_hash"] == before["ics_plan"][0]["content_hash"]


def page(incident: str, who: object, world: World, key: str, period: str = "", subject: str = "") -> dict:
    return forms.show(incident, who, world.now, key, period, subject).page


def block(found: dict, number: str) -> dict:
    return next(b for b in found["blocks"] if b["number"] == number)
