"""The crew of an incident through the doors: transfer of command, roll call, release, sub-teams, reserve, its page."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from quarterdeck.app import casebook
from quarterdeck.app.incidents import command, crew, picker
from quarterdeck.app.people import teams
from quarterdeck.store import models, tx
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


def handed_over(org: Organisation, incident: str) -> str:
    """Ana offers command to Ben, who accepts; the path of the handover."""
    ana, ben = org.call("ana"), org.call("ben")
    held = ana.get(f"/incidents/{incident}/command").json["commander"]["assignment"]
    where = f"/incidents/{incident}/handovers"
    one = f"{where}/{ana.post(where, {'assignment': held, 'to': org.id('ben')}).json['id']}"
    assert ben.put(f"{one}/acceptance").status == 200
    return one


@pytest.mark.requirement("R-040", "R-176")
def test_a_transfer_of_command_keeps_a_201_snapshot_and_is_announced_to_all_with_its_time(
    org: Organisation,
) -> None:
    incident = org.declare("ana")
    take(org, incident, "technical_lead", "cleo")
    prefilled = org.call("ana").get(f"/incidents/{incident}/transfer").json
    assert set(prefilled["headings"]) >= {"situation", "objectives", "organisation", "resources", "decisions"}
    one = handed_over(org, incident)
    briefed = org.call("ana").put(f"{one}/briefing", {"briefing": prefilled["texts"]["situation"]}).json
    assert "Checkout is down" in briefed["snapshot"]["situation"]
    assert "Technical Lead: Cleo" in briefed["snapshot"]["organisation"]
    org.call("root", "administrator").get(f"/incidents/{incident}")  # somebody senior looks in
    assert org.call("ana").get(f"/incidents/{incident}/command").json["commander"]["person"]["name"] == "Ana"
    assert org.call("ben").put(f"{one}/effect").status == 200
    case = casebook.load(incident).incident
    said = f"Ben commands {incident} since {case.commander.started_at:%H:%M} UTC"
    assert said in told(org, "cleo", incident)
    assert models.HandoverRow.objects.get(incident_id=incident).snapshot["situation"]


class Dies:
    """A process that dies at one of its commits."""

    def __init__(self) -> None:
        self.at_commit = False

    def beginning(self) -> None: ...

    def committing(self) -> None:
        if self.at_commit:
            raise KeyboardInterrupt

    def committed(self) -> None: ...


@pytest.mark.requirement("R-039")
def test_a_process_that_dies_at_any_step_of_a_handover_leaves_exactly_one_holder(
    org: Organisation, monkeypatch: pytest.MonkeyPatch
) -> None:
    incident = org.declare("ana")
    dies = Dies()
    monkeypatch.setattr(tx, "faults", dies)
    ana, ben = org.act("ana"), org.act("ben")
    held = casebook.load(incident).incident.commander.id
    found = lambda: next(iter(casebook.load(incident).incident.handovers))  # noqa: E731
    steps = [
        lambda: command.offer_handover(ana, incident, held, org.id("ben")),
        lambda: command.accept_handover(ben, incident, found()),
        lambda: command.brief_handover(ana, incident, found(), "All is told"),
        lambda: command.make_effective(ben, incident, found()),
    ]
    for n, step in enumerate(steps):
        for dying in (True, False):
            dies.at_commit = dying
            if dying:
                with pytest.raises(KeyboardInterrupt):
                    step()
            else:
                step()
            open_ = models.RoleAssignmentRow.objects.filter(
                incident_id=incident, role="commander", ended_at=None
            )
            assert [a.person_id for a in open_] == [org.id("ben" if n == 3 and not dying else "ana")]
    kinds = models.Event.objects.filter(stream=incident, kind__startswith="Handover").values_list(
        "kind", flat=True
    )
    assert [*kinds.order_by("seq")] == [
        "HandoverOffered", "HandoverAccepted", "HandoverBriefed", "HandoverEffective",
    ]  # fmt: skip


def test_a_roll_call_is_answered_by_one_tap_on_the_message(org: Organisation) -> None:
    incident = org.declare("ana")
    take(org, incident, "technical_lead", "ben")
    take(org, incident, "scribe", "cleo")
    roll = org.call("ana").post(f"/incidents/{incident}/roll-calls").json
    assert {p["name"] for p in roll["silent"]} == {"Ben", "Cleo"}
    asked = models.Callout.objects.get(person_id=org.id("ben"), role="roll_call")
    assert org.call("ben").put(f"/callouts/{asked.id}/acknowledgement").status == 200
    assert [p["name"] for p in _rolls(org, incident)["silent"]] == ["Cleo"]
    ended = org.call("ana").put(f"/incidents/{incident}/roll-calls/{roll['id']}/end").json
    assert (ended["here"][0]["name"], ended["silent"][0]["name"]) == ("Ben", "Cleo")
    assert ended["ended_at"]
    assert models.RollCallRow.objects.get().answers == {org.id("ben"): "here"}


def _rolls(org: Organisation, incident: str) -> dict:
    return org.call("ana").get(f"/incidents/{incident}/roll-calls").json["items"][-1]


@pytest.mark.requirement("R-290")
def test_a_released_person_gets_no_further_nudges_until_called_back(org: Organisation) -> None:
    incident = org.declare("ana")
    take(org, incident, "sme", "ben")
    take(org, incident, "sme", "cleo")
    ana = org.call("ana")
    task = {"title": "Look at the pool", "assignee": org.id("ben"), "minutes": 10}
    ana.post(f"/incidents/{incident}/tasks", task)
    released = f"/incidents/{incident}/crew/{org.id('ben')}"
    assert ana.put(f"{released}/release").code == "release.needed"
    assert ana.put(f"{released}/release", {"override_reason": "He is ill"}).status == 204
    before = told(org, "ben", incident)
    org.now = datetime.now(UTC) + timedelta(minutes=12)
    org.settle()
    ana.post(f"/incidents/{incident}/entries", {"kind": "broadcast", "text": "Bridge in five"})
    assert told(org, "ben", incident) == before
    assert "Bridge in five" in told(org, "cleo", incident)
    assert not models.Callout.objects.filter(person_id=org.id("ben"), incident_id=incident, state="waiting")
    assert models.RoleAssignmentRow.objects.get(person_id=org.id("ben"), role="sme").ended_at
    assert ana.put(f"{released}/recall", {"reason": "The pool again"}).status == 204
    assert told(org, "ben", incident)[-1] == "Ana calls you back"


@pytest.mark.requirement("R-289")
def test_starting_a_workstream_assigns_a_room_and_a_clock_and_a_late_report_is_told(
    org: Organisation,
) -> None:
    incident = org.declare("ana")
    take(org, incident, "sme", "ben")
    take(org, incident, "sme", "cleo")
    where = f"/incidents/{incident}/workstreams"
    said = {
        "title": "Network",
        "leader": org.id("ben"),
        "room": "https://call.example/n",
        "every_minutes": 15,
    }
    made = org.call("ana").post(where, said)
    assert (made.status, made.json["room"], made.json["late"]) == (201, said["room"], False)
    assert made.json["next_report_at"]
    one = f"{where}/{made.json['id']}"
    assert org.call("cleo").post(f"{one}/members", {"person": org.id("cleo")}).status == 200
    assert org.call("cleo").post(f"{one}/reports", {"text": "x"}).code == "workstream.not_leader"
    assert org.call("ana").post(where, said).code == "workstream.exists"
    org.now = datetime.now(UTC) + timedelta(minutes=16)
    org.settle()
    assert "No report from Network" in told(org, "ben", incident)
    assert models.WorkstreamRow.objects.get().late
    assert org.call("ben").post(f"{one}/reports", {"text": "Two links are back"}).json["late"] is False
    assert org.call("ben").put(f"{one}/result", {"result": "Done"}).json["ended_at"]


@pytest.mark.requirement("R-175")
def test_a_vacated_roles_open_items_show_under_its_supervisor_who_is_told_once(org: Organisation) -> None:
    incident = org.declare("ana", severity=1)
    given = take(org, incident, "deputy", "ben").json["holders"][0]["assignment"]
    page = lambda: browser(org, "ana").get(f"/incidents/{incident}").content.decode()  # noqa: E731
    assert "Start the timers." not in page()
    left = f"/incidents/{incident}/assignments/{given}?reason=ill"
    assert org.call("ben").delete(left).status == 204
    assert "Start the timers." in page()
    assert "for the vacant Deputy" in page()
    org.now = datetime.now(UTC) + timedelta(minutes=4)
    org.settle()
    org.now += timedelta(minutes=10)
    org.settle()
    found = [s for s in told(org, "ana", incident) if s.startswith("Still vacant")]
    assert len(found) == 1
    assert "Deputy" in found[0]


@pytest.mark.requirement("R-167")
def test_a_safety_stop_tells_everybody_at_once_and_holds_the_task(org: Organisation) -> None:
    incident = org.declare("ana")
    take(org, incident, "sme", "ben")
    task = {"title": "Cut the power", "assignee": org.id("ben"), "minutes": 10}
    task_id = org.call("ana").post(f"/incidents/{incident}/tasks", task).json["id"]
    stops = f"/incidents/{incident}/safety-stops"
    stop = (
        org.call("ben").post(stops, {"reason": "Water near power", "what": "task", "subject": task_id}).json
    )
    assert "STOP for safety: Cut the power" in told(org, "ana", incident)
    held = org.call("ben").put(f"/incidents/{incident}/tasks/{task_id}/acknowledgement")
    assert (held.status, held.code) == (409, "safety.stopped")
    assert org.call("ana").put(f"{stops}/{stop['id']}/clearance", {"clearance": "It is dry"}).status == 200
    assert org.call("ben").put(f"/incidents/{incident}/tasks/{task_id}/acknowledgement").status == 200


@pytest.mark.requirement("R-208")
def test_activating_the_reserve_calls_so_many_people_by_skill_and_is_recorded(org: Organisation) -> None:
    root = org.call("root", "administrator")
    models.Person.objects.filter(handle__in=("ben", "cleo")).update(skills=["postgres"])
    teams.create(org.act("root"), "reserve", "Reserve")
    for handle in ("ben", "cleo", "dora"):
        teams.put_member(org.act("root"), "reserve", org.id(handle))
    incident = org.declare("ana")
    where = f"/incidents/{incident}/reserves"
    said = {"team": "reserve", "count": 2, "skill": "postgres", "reason": "The replicas are broken"}
    assert org.call("ana").post(where, said).code == "reserve.not"
    assert root.put("/teams/reserve/reserve", {"reserve": True}).status == 204
    assert org.call("dora").post(where, said).status == 403
    called = org.call("ana").post(where, said).json["items"]
    assert {p["name"] for p in called} == {"Ben", "Cleo"}
    assert told(org, "ben", incident) == [f"{incident} needs you: The replicas are broken"]
    line = models.TimelineRow.objects.filter(incident_id=incident, kind="people").get()
    assert "from Reserve for postgres" in line.title


@pytest.mark.requirement("R-066")
def test_asking_for_a_skill_answers_with_people_ranked_by_who_is_on_call(org: Organisation) -> None:
    org.schedule("db-primary", "cleo")
    org.service("db", org.policy("db", ("db-primary", 5)))
    models.Person.objects.filter(handle__in=("ben", "cleo")).update(skills=["postgres"])
    found = org.call("ana").get("/experts?skill=postgres&service=db").json["items"]
    assert [(e["person"]["name"], e["on_call"]) for e in found] == [("Cleo", ["Db Primary"]), ("Ben", [])]


@pytest.mark.requirement("R-172")
def test_a_deputy_without_the_commanders_certificate_is_flagged_and_comes_later(org: Organisation) -> None:
    models.Person.objects.filter(handle="dora").update(skills=["cert:commander"])
    found = picker.candidates(org.now, (), (), ("cert:commander",))
    assert found[0].person.handle == "dora"
    assert found[0].lacks == ()
    assert all("not certified: cert:commander" in c.note for c in found[1:])


def test_whoever_worked_nine_hours_and_was_paged_at_night_is_called_exhausted(org: Organisation) -> None:
    incident = org.declare("ana")
    take(org, incident, "sme", "ben")
    org.now = datetime.now(UTC)
    models.RoleAssignmentRow.objects.filter(role="sme").update(started_at=org.now - timedelta(hours=9))
    models.Callout.objects.create(
        person_id=org.id("ben"), subject="x", kind="callout", expires_at=org.now,
        created_at=org.now.replace(hour=3) - timedelta(days=0 if org.now.hour >= 3 else 1),
    )  # fmt: skip
    ben = next(c for c in picker.candidates(org.now) if c.person.handle == "ben")
    assert (ben.strain.level, ben.strain.hours, ben.strain.night_pages) == ("exhausted", 9.0, 1)
    assert "9 h on duty in a day, paged once last night" in ben.note
    assert picker.candidates(org.now)[-1].person.handle == "ben"


def test_the_crews_tables_rebuilt_from_the_log_are_the_same(org: Organisation) -> None:
    incident = org.declare("ana")
    for handle in ("ben", "cleo"):
        take(org, incident, "sme", handle)
    act = org.act("ana")
    made = crew.open_workstream(act, incident, "Network", org.id("ben"), "", 10)
    stream = next(iter(made.incident.crew.workstreams))
    crew.join_workstream(act, incident, stream, org.id("cleo"))
    crew.start_roll_call(act, incident)
    crew.check_in(org.act("ben"), incident, "network")
    crew.stop(act, incident, "Smoke")
    crew.state_hypothesis(act, incident, "Cold cache", org.id("ben"))
    crew.plan_relief(act, incident, "commander", org.id("dora"), org.now + timedelta(hours=3))
    crew.release(act, incident, org.id("cleo"), "Done")
    tables = (
        models.WorkstreamRow, models.RollCallRow, models.PresenceRow, models.ReliefRow, models.SafetyStopRow,
        models.HypothesisRow, models.RoleAssignmentRow, models.TimelineRow,
    )  # fmt: skip
    before = [list(t.objects.order_by("pk").values()) for t in tables]
    assert all(before)
    casebook.rebuild(incident, org.now)
    assert [list(t.objects.order_by("pk").values()) for t in tables] == before


def test_the_page_of_the_people_shows_them_and_its_forms_do_what_they_say(org: Organisation) -> None:
    incident = org.declare("ana")
    take(org, incident, "sme", "ben")
    take(org, incident, "deputy", "cleo", domain="the databases")
    ana, ben = browser(org, "ana"), browser(org, "ben")
    at = f"/incidents/{incident}"
    assert ana.post(f"{at}/workstreams", {"title": "Network", "leader": org.id("ben")}).status_code == 302
    assert ana.post(f"{at}/roll-calls").status_code == 302
    assert "Say your name" in ben.get(f"{at}/check-in").content.decode()
    assert ben.post(f"{at}/check-in", {"doing": "switches"}).status_code == 302
    assert ana.post(f"{at}/guests", {"name": "Gus", "organisation": "City"}).status_code == 302
    page = ana.get(f"{at}/crew?skill=postgres").content.decode()
    for text in ("switches", "Network", "Deputy for the databases", "No answer from", "/join/"):
        assert text in page, text
    assert "/join/" not in ana.get(f"{at}/crew").content.decode()
    assert (
        ana.post(f"{at}/own-roles", {"title": "Grid lead", "purpose": "Talk to the grid"}).status_code == 302
    )
    assert "Grid lead" in ana.get(f"{at}/chart").content.decode()
    assert "the databases" in ana.get(at).content.decode()
    assert "Nothing else is open" not in ana.get("/incidents/board").content.decode()
    assert ana.get(f"{at}/links").status_code == 200
    assert ana.post("/incidents/board/groups", {"title": "Storm"}).status_code == 302
    group = models.IncidentGroup.objects.get()
    assert ana.post(f"{at}/links/tie", {"act": "group", "group": group.id}).status_code == 302
    assert "Storm" in ana.get("/incidents/board").content.decode()
