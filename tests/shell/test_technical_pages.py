"""The technical work of an incident in a browser without scripts: its page, its forms, what is offered."""

from __future__ import annotations

import html
import re
from urllib.parse import parse_qs, urlsplit

import pytest

from quarterdeck.app import casebook
from quarterdeck.app.incidents import command, crew, incidents, record, tasks
from quarterdeck.app.quick import quick
from quarterdeck.core.kernel.refused import Refused
from quarterdeck.store import models
from support.browsing import browser
from support.rest import Organisation


@pytest.fixture
def org(db: None) -> Organisation:
    o = Organisation()
    for handle in ("ana", "ben", "cleo", "dora"):
        o.person(handle)
    return o


@pytest.fixture
def incident(org: Organisation) -> str:
    key = org.declare("ana")
    for role, handle in (("technical_lead", "ben"), ("sme", "cleo"), ("scribe", "dora")):
        command.assign_role(org.act("ana"), key, role, org.id(handle))
    incidents.change_phase(org.act("ana"), key, "investigating", "", "")
    return key


def state(incident: str):
    return casebook.load(incident).incident


def page(org: Organisation, handle: str, address: str) -> str:
    got = browser(org, handle).get(address)
    assert got.status_code == 200
    return html.unescape(got.content.decode())


def post(org: Organisation, handle: str, address: str, **form: object) -> str:
    """What the page says that it leads to; a refusal goes back to where the form stood."""
    stood = "/".join(address.split("/")[:3]) + "/technical"
    client = browser(org, handle)
    got = client.post(address, form, follow=True, headers={"referer": f"http://127.0.0.1{stood}"})
    assert got.status_code == 200
    return html.unescape(got.content.decode())


@pytest.mark.requirement("R-016")
def test_causes_are_supposed_tested_refuted_and_confirmed_in_the_browser(
    org: Organisation, incident: str
) -> None:
    url = f"/incidents/{incident}"
    for text in ("The cache is cold", "The pool is too small"):
        post(org, "cleo", f"{url}/hypotheses", text=text, owner=org.id("cleo"))
    cold, small = state(incident).crew.hypotheses
    post(org, "cleo", f"{url}/hypotheses/{cold}/judge", state="refuted", evidence="Hit rate 98 %")
    assert "Open the link" not in page(org, "ana", f"{url}/technical")
    post(
        org, "ben", f"{url}/hypotheses/{small}/evidence", text="Waits of 4 s", url="https://graphs.example/1",
        speaks="for",
    )  # fmt: skip
    assert "Move to identified" not in page(org, "ana", url)
    post(org, "ben", f"{url}/hypotheses/{small}/judge", state="confirmed", evidence="Thread dump")
    shown = page(org, "ana", f"{url}/technical")
    assert shown.index("The pool is too small") < shown.index("The cache is cold")  # still there
    assert 'href="https://graphs.example/1"' in shown
    assert "Move to identified" in page(org, "ana", url)
    post(org, "ana", f"{url}/phase", phase="identified", reason="Confirmed")
    assert state(incident).phase == "identified"
    assert "Only the Technical Lead" in post(
        org, "dora", f"{url}/hypotheses/{cold}/judge", state="confirmed", evidence="I feel it"
    )


@pytest.mark.requirement("R-019", "R-155")
def test_setting_a_workaround_offers_a_message_draft_that_contains_it(
    org: Organisation, incident: str
) -> None:
    url = f"/incidents/{incident}"
    post(org, "ana", f"{url}/facts/save", workaround="Pay by invoice", fix="v41", verification="500 orders")
    now = state(incident)
    assert (now.workaround, now.fix, now.verification) == ("Pay by invoice", "v41", "500 orders")
    found = re.search(r'href="([^"]+draft=1[^"]+)"', page(org, "ana", url))
    assert found is not None
    asked = urlsplit(found[1])
    assert "Pay by invoice" in parse_qs(asked.query)["text"][0]
    board = page(org, "ana", f"{asked.path}?{asked.query}")
    assert re.search(r"<textarea[^>]*>[^<]*Pay by invoice", board)


@pytest.mark.requirement("R-062")
def test_a_repair_goes_from_proposal_to_result_in_the_browser(org: Organisation, incident: str) -> None:
    url = f"/incidents/{incident}"
    plan = {
        "title": "Roll back",
        "plan": "Deploy v41",
        "risk": "high",
        "assignee": org.id("cleo"),
        "minutes": 10,
    }
    assert "says the way back" in post(org, "cleo", f"{url}/repairs", **plan)
    post(org, "cleo", f"{url}/repairs", **plan, rollback="Deploy v42", kind="workaround")
    (repair,) = state(incident).technical.remediations.values()
    one = f"{url}/repairs/{repair.id}"
    shown = page(org, "ana", f"{url}/technical")
    assert f'<option value="{org.id("cleo")}" selected>Cleo</option>' in shown
    assert "waits for the commander's decision" in post(org, "cleo", f"{one}/start")
    assert "Carry it out" in page(org, "ana", f"{url}/technical")
    assert "Carry it out" not in page(org, "cleo", f"{url}/technical")
    post(org, "ana", f"{one}/approve")
    post(org, "cleo", f"{one}/start")
    assert state(incident).technical.remediations[repair.id].state == "running"
    post(org, "cleo", f"{one}/end", outcome="rolled_back", result="It made things worse")
    assert "It made things worse" in page(org, "ana", f"{url}/technical")


@pytest.mark.requirement("R-049")
def test_the_commander_chooses_an_option_and_gives_out_the_work_in_one_form(
    org: Organisation, incident: str
) -> None:
    url = f"/incidents/{incident}"
    options = {"option1": "Roll back", "risk1": "Old prices", "option2": "Wait", "effect2": "Nothing"}
    post(org, "ben", f"{url}/choices", question="How?", **options)
    (choice,) = state(incident).technical.choices
    work = {"task1": "Deploy v41", "assignee1": org.id("cleo"), "minutes1": 15, "task2": "", "minutes2": 15}
    assert "Only the" in post(org, "ben", f"{url}/choices/{choice}/choose", chosen="Roll back", **work)
    post(org, "ana", f"{url}/choices/{choice}/choose", chosen="Roll back", **work)
    (task,) = state(incident).tasks.values()
    assert (task.title, task.assignee, task.minutes) == ("Deploy v41", org.id("cleo"), 15)
    assert [d.chosen for d in state(incident).decisions.values()] == ["Roll back"]


def test_polls_and_standing_down_are_one_form_each(org: Organisation, incident: str) -> None:
    url = f"/incidents/{incident}"
    post(org, "ana", f"{url}/polls", proposal="Fail over", minutes=5)
    (poll,) = state(incident).technical.polls
    assert "Object" in page(org, "cleo", f"{url}/technical")
    post(org, "cleo", f"{url}/polls/{poll}/object", text="Porto is full")
    assert state(incident).technical.polls[poll].state == "stopped"
    assert "Only the commander" in post(org, "ben", f"{url}/standing/down", reason="Late")
    post(org, "ana", f"{url}/standing/down", reason="Nothing for 4 h")
    assert "The team stands down" in page(org, "ben", url)
    post(org, "ana", f"{url}/standing/to", reason="Errors again")
    assert state(incident).technical.stood_down_at is None


def test_a_task_takes_questions_and_a_stop_and_a_check_follows_a_service(
    org: Organisation, incident: str
) -> None:
    org.service("shop")
    url = f"/incidents/{incident}"
    tasks.give(org.act("ana"), incident, "Look at the pool", org.id("cleo"), 5)
    (task,) = state(incident).tasks
    post(org, "cleo", f"{url}/task-words/{task}", text="Which pool?", asks="1")
    assert "Which pool?" in page(org, "ana", f"{url}/tasks")
    post(org, "ana", f"{url}/safety-stops", what=f"task:{task}", reason="Water near power")
    assert "Stopped for safety" in page(org, "cleo", f"{url}/tasks")
    post(org, "ana", f"{url}/checks", subject="Lisbon", service="shop")
    (check,) = state(incident).checks.values()
    assert check.service == "shop"
    org.alert("disk", service=models.Service.objects.get(key="shop"))
    assert "1 alert fires" in page(org, "ana", f"{url}/tasks")
    assert "still fires" in post(org, "ana", f"{url}/checks/{check.id}/pass")
    post(org, "ana", f"{url}/checks/{check.id}/fail", note="Red")
    assert state(incident).checks[check.id].note == "Red"


def test_a_workstream_gets_another_leader_and_clock_in_the_browser(org: Organisation, incident: str) -> None:
    crew.open_workstream(org.act("ana"), incident, "Network", org.id("cleo"))
    (stream,) = state(incident).crew.workstreams
    url = f"/incidents/{incident}/workstreams/{stream}/change"
    post(org, "ana", url, title="Network and DNS", leader=org.id("ben"), every_minutes=20)
    changed = state(incident).crew.workstreams[stream]
    assert (changed.title, changed.leader, changed.every_minutes) == ("Network and DNS", org.id("ben"), 20)


def test_what_is_typed_does_the_same(org: Organisation, incident: str) -> None:
    say = lambda handle, text: quick.say(org.act(handle), incident, text)  # noqa: E731
    say("cleo", "/finding The pool waits | thread dump")
    say("cleo", "/hypothesis The pool is too small")
    say("cleo", "/hypothesis The pool is too small")
    say("ana", "/poll 5m Fail over")
    say("cleo", "/object Porto is full")
    say("cleo", "/step Slow orders | Restart one node | it hangs")
    say("ana", "/task @cleo in 10m Look")
    say("cleo", "/ask Where?")
    now = state(incident)
    (found,) = now.technical.findings.values()
    assert (found.fact, found.evidence) == ("The pool waits", "thread dump")
    assert len(now.crew.hypotheses) == 1
    assert [p.state for p in now.technical.polls.values()] == ["stopped"]
    assert [s.result for s in now.technical.steps.values()] == ["it hangs"]
    assert [w.text for w in now.technical.words.values()] == ["Where?"]
    for handle, text in (("ben", "/stand-down Late"), ("cleo", "/object Again"), ("ben", "/ask What?")):
        with pytest.raises(Refused):
            say(handle, text)
    say("ana", "/stand-down Nothing for 4 h")
    assert state(incident).technical.stood_down_at is not None


def test_a_marked_decision_is_among_the_follow_ups_of_the_record(org: Organisation, incident: str) -> None:
    record.decide(org.act("ana"), incident, "How?", "Roll back")
    (decision,) = state(incident).decisions
    post(org, "dora", f"/incidents/{incident}/entries/{decision}", act="flag")
    assert state(incident).entries[decision].followup
    assert "How?" in page(org, "ana", f"/incidents/{incident}/record")
