"""Everybody sees the same picture: who leads, who does what now, what was decided, what each audience heard."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.test import Client

from quarterdeck.app import casebook, reports
from quarterdeck.app.act import act_of
from quarterdeck.app.comms import messages
from quarterdeck.app.incidents import briefing, command, incidents, record, tasks
from quarterdeck.app.learning import reviews
from quarterdeck.core.incidents import Content, Declaration, content_hash
from quarterdeck.store import models
from quarterdeck.web.present import board
from support.rest import Caller
from support.world import World


@pytest.fixture
def world(db: None) -> World:
    w = World()
    w.now = datetime.now(UTC)
    for handle, name in (("ana", "Ana Ferreira"), ("ben", "Ben Okonkwo"), ("cleo", "Cleo Nandi")):
        w.person(handle, name=name)
    return w


def declared(world: World) -> str:
    act = world.act("ana")
    said = Declaration(title="Checkout fails", type="availability", severity=2)
    incident = incidents.declare(act, said).incident.key
    command.assign_role(act, incident, "deputy", world.find("ben").id)
    command.assign_role(act, incident, "scribe", world.find("cleo").id)
    tasks.give(act, incident, "Check the pool", world.find("ben").id, 20)
    return incident


def page(world: World, path: str) -> str:
    client = Client(headers={"host": "127.0.0.1:8000"})
    client.force_login(world.find("ana"))
    answer = client.get(path)
    assert answer.status_code == 200
    return answer.content.decode()


@pytest.mark.requirement("R-007", "R-038")
def test_the_command_panel_says_the_same_on_the_page_in_the_interface_and_as_lines_for_a_terminal(
    world: World,
) -> None:
    incident = declared(world)
    case = casebook.load(incident)
    brief = briefing.command(case, datetime.now(UTC))
    told = Caller(world.find("ben")).get(f"/incidents/{incident}/command").json
    assert told["line"] == brief.line
    assert told["text"] == list(brief.text(briefing.utc_clock))
    assert told["text"][0].startswith("Incident Commander: Ana Ferreira since")
    assert told["text"][0].endswith("deputy: Ben Okonkwo")
    html = page(world, f"/incidents/{incident}")
    for role in told["roles"]:
        assert role["title"] in html
        assert all(h["person"]["name"] in html for h in role["holders"])
    assert all(t["title"] in html and t["assignee"]["name"] in html for t in told["tasks_now"])


@pytest.mark.requirement("R-033")
def test_a_decision_stands_in_the_timeline_the_review_and_the_export(world: World) -> None:
    incident = declared(world)
    act = world.act("ana")
    record.decide(
        act, incident, "How do we stop it?", "Roll back",
        options=("Roll back", "Raise the limit"), reason="It hides the leak", objections="Ben: cache is cold",
    )  # fmt: skip
    assert "Roll back" in page(world, f"/incidents/{incident}")
    reviews.open_review(act, incident, world.find("ana").id, "2030-01-10")
    assert "Roll back" in page(world, f"/reviews/{incident}")
    who = act_of(world.find("ana").id, "responder", datetime.now(UTC)).who
    text = reports.markdown(reports.build(incident, who, datetime.now(UTC)))
    for said in ("How do we stop it?", "Roll back", "Raise the limit", "It hides the leak", "cache is cold"):
        assert said in text


@pytest.mark.requirement("R-054")
@pytest.mark.requirement("R-202")
def test_the_cells_of_the_message_grid_match_the_states_of_the_messages(world: World) -> None:
    incident = declared(world)
    act = world.act("ana")
    next_at = datetime(2100, 1, 1, tzinfo=UTC)
    for audience in ("staff", "support", "executives"):
        messages.draft(
            act, incident, Content(audience, f"News for {audience}", next_update_at=next_at), f"m-{audience}"
        )
    drafts = casebook.load(incident).incident.messages
    messages.release(act, incident, "m-staff", content_hash(drafts["m-staff"]))
    messages.drop(act, incident, "m-support", "not needed")
    case = casebook.load(incident)
    grid = board.board(case, datetime.now(UTC), "")
    shown = {
        row["key"]: cell["state"]
        for row in grid["rows"]
        for cell in row["cells"]
        if cell["state"] is not None
    }
    assert shown == {m.audience: m.state for m in case.incident.messages.values()}
    assert shown == {"staff": "sent", "support": "superseded", "executives": "draft"}
    assert models.UpdateClockRow.objects.filter(incident_id=incident, running=True).exists()
    clocks = {row["key"]: row["clock"]["due_at"] for row in grid["rows"] if row["clock"]["due_at"]}
    assert clocks == {c.audience: c.next_due for c in case.incident.running_clocks()}
