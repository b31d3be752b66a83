"""Nothing of a drill leaves the building: whatever a team sends in it stays on the console, its own people are reached
with the mark, and every screen shows it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from quarterdeck.app.comms import messages
from quarterdeck.app.drills import drill_course, drill_injects, drills
from quarterdeck.app.status import status_pages
from quarterdeck.channels import channels, deliver
from quarterdeck.channels.guard import DRILL_STAYS
from quarterdeck.channels.outcome import GaveUp, Outgoing, Sent
from quarterdeck.core.incidents import Content, content_hash
from quarterdeck.engine.outlets import Outlets
from quarterdeck.store import models
from quarterdeck.web.routes import pages
from support.attacks import org, page_of, signed_in
from support.rest import Organisation
from support.world import World

__all__ = ["org"]
OUTWARD = sorted(k for k, m in channels().items() if not getattr(m, "STAYS_INSIDE", False))
# What others read along, or a program acts on, and never one person alone.
SHARED = {"apprise", "chat", "teams", "webhook"}
PAGES_OF_ONE = sorted(set(OUTWARD) - SHARED)


@pytest.fixture
def world(db: None, tmp_path: Path) -> Iterator[World]:
    before = settings.QUARTERDECK_CHANNELS["console"].get("path", "")
    settings.QUARTERDECK_CHANNELS["console"]["path"] = str(tmp_path / "console.json")
    w = World()
    for handle in ("fay", "ana", "ben", "cleo"):
        w.person(handle)
    yield w
    settings.QUARTERDECK_CHANNELS["console"]["path"] = before


def left(world: World) -> list[tuple[str, Outgoing]]:
    """What passes the product's own way out from now on; each channel says that it took it."""
    passed: list[tuple[str, Outgoing]] = []
    outlets = Outlets()

    def answer(kind: str, outgoing: Outgoing) -> Any:
        outcome = None if outgoing.practice else outlets.send(kind, outgoing)
        if not (isinstance(outcome, Sent) and outcome.detail == DRILL_STAYS):
            passed.append((kind, outgoing))
        return Sent("x")

    world.outbox.answer = answer
    return passed


def shown(tmp_path: Path) -> list[dict[str, Any]]:
    path = tmp_path / "console.json"
    return [json.loads(x) for x in path.read_text().splitlines()] if path.exists() else []


@pytest.mark.requirement("R-190")
def test_messages_to_customers_a_status_page_and_every_page_to_others_stay_inside(
    world: World, tmp_path: Path
) -> None:
    for audience in ("customers_all", "media", "staff"):
        models.AudienceContact.objects.create(
            audience=audience, email=f"{audience}@outside.example", created_at=world.now
        )
    world.person("root", "administrator")
    world.service("orders")
    page = status_pages.create_page(world.act("root"), "public", "Public")
    component = status_pages.create_component(world.act("root"), page.key, "Orders", services=["orders"])
    passed = left(world)
    people = [world.find(h).id for h in ("ana", "ben", "cleo")]
    row = drills.create(
        world.act("fay"),
        scenario="database_failover",
        kind="simulation",
        participants=people,
        announced=False,
    )
    row = drill_course.start(world.act("fay"), row.id)
    lead = models.Person.objects.get(id=models.IncidentRow.objects.get(id=row.incident_id).commander_id)
    act = world.act(lead.handle)
    for audience in ("customers_all", "media", "staff"):
        content = Content(
            audience=audience, headline="Orders are lost", customer_effect="Orders are missing", action="We restore",
            final=True, pages=(page.key,) if audience == "customers_all" else (),
            components={component.id: "major_outage"} if audience == "customers_all" else {},
        )  # fmt: skip
        case, message = messages.draft(act, row.incident_id, content)
        text = content_hash(case.incident.messages[message])
        messages.release(act, row.incident_id, message, text, break_glass="Nobody reviews in this drill.")
    drill_injects.add(world.act("fay"), row.id, kind="message", title="Look up", page=True)
    world.pass_time(minutes=55)
    assert passed and all(o.drill and o.practice and o.kind == "page" for _, o in passed)
    assert {o.to for _, o in passed} <= {f"{h}@example.com" for h in ("fay", "ana", "ben", "cleo")}
    assert any(o.subject.endswith("Look up") for _, o in passed)
    told = {e["to"] for e in shown(tmp_path)}
    assert {f"{a}@outside.example" for a in ("customers_all", "media", "staff")} <= told
    assert all(e["drill"] and e["subject"].startswith("DRILL: ") for e in shown(tmp_path))
    component.refresh_from_db()
    assert component.state == "operational"
    assert not models.PageUpdateRow.objects.exists()
    assert not models.ComponentState.objects.exclude(state="operational").exists()


@pytest.mark.parametrize("kind", OUTWARD)
def test_every_way_out_refuses_a_drill_and_a_shared_one_refuses_its_pages_too(kind: str) -> None:
    module = channels()[kind]
    mail = Outgoing("k", "x", "Orders are lost", "Lost", kind="message", drill=True)
    claimed = Outgoing("k", "x", "Orders are lost", "Lost", kind="message", drill=True, practice=True)
    for outgoing in (mail, claimed, *([_page()] if kind in SHARED else [])):
        assert module.send(outgoing, module.Settings(), None) == GaveUp(DRILL_STAYS)
        assert deliver(kind, outgoing, module.Settings(), None) == GaveUp(DRILL_STAYS)  # type: ignore[arg-type]


def _page(to: str = "x") -> Outgoing:
    return Outgoing(
        "k", to, "INC-1 You command", "Come", link="https://qd.example/c/1", drill=True, practice=True
    )


@pytest.mark.parametrize("kind", PAGES_OF_ONE)
def test_a_page_that_practises_bears_the_mark_on_every_channel(kind: str) -> None:
    module = channels()[kind]
    rendered = module.render(_page("ana@example.com"))
    assert "DRILL" in (rendered.as_string() if hasattr(rendered, "as_string") else str(rendered)).upper()


def test_every_screen_of_a_drill_says_that_it_is_one_while_it_runs_and_after(org: Organisation) -> None:
    made = (
        org.call("ana")
        .post(
            "/drills",
            {"scenario": "river_flood", "kind": "tabletop", "participants": [org.id("ben"), org.id("root")]},
        )
        .json
    )
    assert org.call("ana").put(f"/drills/{made['id']}/state", {"state": "running"}).status == 200
    key = models.Drill.objects.get().incident_id
    ben = signed_in(org, "ben")
    for over in (False, True):
        if over:
            assert (
                org.call("ana").put(f"/drills/{made['id']}/state", {"state": "ended"}).json["state"]
                == "ended"
            )
        unmarked, looked_at = [], 0
        for page in pages():
            path = page_of(page.pattern, key) if "incident_id" in page.pattern else None
            answer = ben.get(path) if path else None
            if answer is None or answer.status_code != 200 or "text/html" not in answer["Content-Type"]:
                continue
            text = answer.content.decode()
            looked_at += "<html" in text
            if "<html" in text and "drillmark" not in text and "Drill:" not in text and "DRILL" not in text:
                unmarked.append(path)
        assert unmarked == [] and looked_at > 12
