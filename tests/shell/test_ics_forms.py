"""ICS forms: they say what the incident says, approving freezes them, what is missing is named, nothing leaks outside."""

from __future__ import annotations

import io
from typing import Any

import pytest
from pypdf import PdfReader

from quarterdeck.app import casebook
from quarterdeck.app.ics import forms, plan, resources
from quarterdeck.app.incidents import command, incidents
from quarterdeck.core.incidents.declare import Declaration
from quarterdeck.core.incidents.ics.fills import page_hash
from quarterdeck.core.incidents.ics.forms.registry import FORMS, offered
from quarterdeck.core.kernel.refused import Refused
from support import ics_flood
from support.ics_flood import state
from support.world import World


@pytest.fixture
def world(db: None) -> World:
    w = World()
    ics_flood.cast(w)
    return w


@pytest.fixture
def incident(world: World) -> str:
    return ics_flood.flood(world)


@pytest.fixture
def period(world: World, incident: str) -> str:
    return ics_flood.planned(world, incident)


def shown(world: World, incident: str, key: str, period: str = "", subject: str = "") -> forms.Shown:
    return forms.show(incident, world.act("ana").who, world.now, key, period, subject)


def block(page: dict[str, Any], number: str) -> Any:
    found = next(b for b in page["blocks"] if b["number"] == number)
    return found.get("value", found.get("rows", found.get("chart")))


def everything(world: World, incident: str, period: str) -> list[forms.Shown]:
    case = casebook.load(incident)
    return forms.show_all(case, world.act("ana").who, world.now, case.incident.ics.periods[period])


def text(pdf: bytes) -> str:
    return " ".join(" ".join(p.extract_text().split()) for p in PdfReader(io.BytesIO(pdf)).pages)


def test_the_fields_that_fill_themselves_equal_the_data(world: World, incident: str, period: str) -> None:
    i = state(incident)
    ics = i.ics
    objectives = block(shown(world, incident, "202", period).page, "3").split("\n")
    assert [o.partition(" – ")[0][3:] for o in objectives] == [o.text for o in ics.of_period(period)]
    command_staff = dict(block(shown(world, incident, "203", period).page, "3"))
    assert command_staff["Incident Commander"] == "Ana Ferreira"
    assert command_staff["Public Information Officer"] == "vacant"
    stream = next(iter(ics.divisions.values()))
    sheet = shown(world, incident, "204", period, stream.id).page
    assert [row[0] for row in block(sheet, "5")] == ["Pump crew 7", "Fay Rossi"]
    assert stream.assignment in block(sheet, "6")
    chart = block(shown(world, incident, "207", period).page, "3")
    assert [s["name"] for s in chart["sections"]] == ["Cho Min-ji", "Dag Nilsen", "Eva Duarte", "Fay Rossi"]
    assert {s["title"]: s["name"] for s in chart["staff"]}["Public Information Officer"] == ""
    hazard = next(iter(ics.hazards.values()))
    assert hazard.hazard in block(shown(world, incident, "208", period).page, "3")
    analysis = block(shown(world, incident, "215A", period).page, "5")
    assert [tuple(row[3:]) for row in analysis] == [("Ben Okonkwo", "Cho Min-ji")]
    summary = shown(world, incident, "209", period).page
    assert block(summary, "52") == str(sum(r.status == "assigned" for r in ics.resources.values()))
    assert block(summary, "39") == [["12 hours", "3 × Pump (urgent)"]]
    meetings = block(shown(world, incident, "230", period).page, "3")
    assert [row[1] for row in meetings] == [m.title for m in ics.meetings.values()]
    actions = block(shown(world, incident, "233").page, "2")
    assert [row[1] for row in actions] == [t.title for t in i.tasks.values()]
    log = block(shown(world, incident, "214", period, i.commander.id).page, "7")
    assert any("declared the incident" in row[1] for row in log)


@pytest.mark.requirement("R-166")
def test_the_work_analysis_leads_from_objectives_to_who_does_what_where_and_when(
    world: World, incident: str, period: str
) -> None:
    rows = block(shown(world, incident, "234", period).page, "3")
    assert [r[0].split(".")[1].strip() for r in rows[:2]] == [
        "All staff are accounted for",
        "The transformer hall stays dry",
    ]
    assert rows[2][2].startswith("Who: Cho Min-ji, Fay Rossi, Pump crew 7 (4)\nWhat: Hold the dyke")
    assert "Where: Gate 3" in rows[2][2]
    written = "Dry hall | Pump from outside | Pumps at gate 3 by noon"
    forms.fill(world.act("cho"), incident, "234", "3", written, period_id=period)
    assert list(block(shown(world, incident, "234", period).page, "3")[-1]) == written.split(" | ")


def test_the_communications_lists_equal_live_data(world: World, incident: str, period: str) -> None:
    channels = block(shown(world, incident, "205", period).page, "4")
    assert [(row[3], row[4]) for row in channels] == [
        ("Tactical 1", "Division North"),
        ("Command 1", "All supervisors"),
    ]
    people = block(shown(world, incident, "205A", period).page, "3")
    held = {a.person for a in state(incident).open_assignments()}
    assert len(people) == len(held) == 6
    assert ["Safety Officer", "Ben Okonkwo", "mail ben@example.com"] in people
    plan.set_channel(world.act("dag"), incident, function="Medical", name="Medical 1")
    safety = next(a for a in state(incident).open_assignments() if a.role == "safety_officer")
    command.release_role(world.act("ana"), incident, safety.id, "Rest")
    assert "Medical 1" in [row[3] for row in block(shown(world, incident, "205", period).page, "4")]
    assert "Ben Okonkwo" not in str(block(shown(world, incident, "205A", period).page, "3"))


def test_approving_freezes_and_later_data_does_not_alter_the_snapshot(
    world: World, incident: str, period: str
) -> None:
    seen = shown(world, incident, "201")
    forms.approve(world.act("ana"), incident, "201", seen=seen.content_hash)
    approval = next(iter(state(incident).ics.approvals.values()))
    frozen, stamp = forms.frozen(incident, world.act("ana").who, world.now, approval.id)
    assert (stamp["version"], stamp["name"], stamp["hash"]) == (1, "Ana Ferreira", seen.content_hash)
    assert shown(world, incident, "201").state == "approved"

    resources.set_resource(world.act("dag"), incident, "Boat 2", "Boat", status="available")
    later = shown(world, incident, "201")
    assert later.state == "changed" and "Boat 2" in str(later.page) and "Boat 2" not in str(frozen)
    again, _ = forms.frozen(incident, world.act("ana").who, world.now, approval.id)
    assert again == frozen and page_hash(again) == approval.content_hash
    with pytest.raises(Refused, match=r"^form\.changed"):
        forms.approve(world.act("ana"), incident, "201", seen=seen.content_hash)
    forms.approve(world.act("ana"), incident, "201")
    assert [a.version for a in state(incident).ics.approvals.values()] == [1, 2]


def test_a_missing_required_block_is_listed_and_stops_the_approval(
    world: World, incident: str, period: str
) -> None:
    found = shown(world, incident, "202", period)
    assert found.state == "missing"
    assert found.page["missing"] == [{"number": "4", "label": "Operational Period Command Emphasis"}]
    with pytest.raises(Refused) as told:
        forms.approve(world.act("ana"), incident, "202", period_id=period)
    assert told.value.code == "form.missing"
    assert "4. Operational Period Command Emphasis" in told.value.message
    forms.fill(world.act("dag"), incident, "202", "4", "People first.", period_id=period)
    assert shown(world, incident, "202", period).page["missing"] == []


def test_pdf_and_print_carry_every_field_label(world: World, incident: str, period: str) -> None:
    from quarterdeck.app.reports.ics_paper import form_pdf

    crew = next(iter(state(incident).ics.resources))
    resources.plan_release(world.act("dag"), incident, crew)
    found = everything(world, incident, period)
    assert {s.form.key for s in found} == set(FORMS) - {"213"}
    for s in found:
        drawn = text(form_pdf(s.page)).replace(" ", "")
        wanted = [f"{b['number']}. {b['label']}:" for b in s.page["blocks"]]
        wanted += [c["label"] for b in s.page["blocks"] for c in b.get("columns", ())]
        wanted += [o["label"] for b in s.page["blocks"] for o in b.get("options", ())]
        wanted += [f"{s.page['name'].upper()} ({s.page['title']})", "Page1of"]
        lost = [w for w in wanted if w.replace(" ", "") not in drawn]
        assert not lost, (s.page["title"], lost)


def test_a_public_copy_holds_no_contact_data_and_no_names(world: World, incident: str, period: str) -> None:
    from quarterdeck.app.reports.ics_paper import plan_pdf
    from quarterdeck.core.incidents.ics.forms.page import public

    ics_flood.write_plan(world, incident, period)
    forms.approve_plan(world.act("ana"), incident, period)
    approved, stamp = forms.approved_plan(incident, world.act("ana").who, world.now, period)
    inside, outside = text(plan_pdf(approved, stamp)), text(plan_pdf(forms.public_plan(approved), stamp))
    private = ("@example.com", "555 0100", "Ana Ferreira", "Cho Min-ji", "channel Tactical 1")
    assert all(word in inside for word in private)
    assert [word for word in private if word in outside] == []
    assert "The transformer hall stays dry" in outside
    for s in everything(world, incident, period):
        page = public(s.page)
        assert page is not None or s.form.key == "205A"
        assert "@example.com" not in str(page)


def test_a_software_incident_offers_the_briefing_the_chart_logs_and_actions_only(world: World) -> None:
    said = Declaration(title="Checkout is down", type="availability", severity=2)
    incident = incidents.declare(world.act("ana"), said).incident.key
    assert offered("software") == ("201", "207", "214", "233")
    found = forms.show_all(casebook.load(incident), world.act("ana").who, world.now, None)
    assert [s.form.key for s in found][:2] == ["201", "207"]
    with pytest.raises(Refused, match=r"^form\.unknown"):
        shown(world, incident, "202")
    with pytest.raises(Refused, match=r"^form\.not_produced"):
        shown(world, incident, "218")
    forms.approve(world.act("ana"), incident, "207")


def test_two_people_never_overwrite_a_block_silently(world: World, incident: str, period: str) -> None:
    forms.fill(world.act("dag"), incident, "202", "4", "Dag's words", period_id=period, version=0)
    with pytest.raises(Refused) as told:
        forms.fill(world.act("cho"), incident, "202", "4", "Cho's words", period_id=period, version=0)
    assert (told.value.code, told.value.details["text"]) == ("form.version", "Dag's words")
    forms.fill(world.act("cho"), incident, "202", "4", "Both", period_id=period, version=1)
    assert "Both" in block(shown(world, incident, "202", period).page, "4")


def test_hostile_words_are_drawn_as_the_text_they_are(world: World, incident: str, period: str) -> None:
    from quarterdeck.app.reports.ics_paper import form_pdf

    odd = '<font size="99">x</font> & <b>\u202e |' + "W" * 3000 + "\n🔥 | a | b | c"
    for key, number in (("202", "4"), ("208", "3"), ("206", "3"), ("206", "6")):
        forms.fill(world.act("dag"), incident, key, number, odd, period_id=period)
        drawn = text(form_pdf(shown(world, incident, key, period).page))
        assert '<font size="99">x</font>' in drawn


def test_a_transfer_of_command_freezes_the_briefing_as_it_was_handed_over(
    world: World, incident: str
) -> None:
    world.person("gil", name="Gil Baker")
    ana = state(incident).commander
    command.offer_handover(world.act("ana"), incident, ana.id, world.find("gil").id)
    handover = next(iter(state(incident).handovers))
    command.accept_handover(world.act("gil"), incident, handover)
    command.brief_handover(
        world.act("ana"), incident, handover, "Situation, objectives, organisation, resources"
    )
    assert not state(incident).ics.approvals
    command.make_effective(world.act("gil"), incident, handover)
    approval = next(iter(state(incident).ics.approvals.values()))
    page, stamp = forms.frozen(incident, world.act("gil").who, world.now, approval.id)
    assert (approval.form, stamp["version"]) == ("201", 1)
    assert block(page, "9")["top"]["name"] == "Gil Baker"
