"""The war room under bad input and in wrong hands: 4xx with who and what, and the record as it was."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from django.test import Client

from quarterdeck.app import casebook
from quarterdeck.app.incidents import command, guests
from quarterdeck.core.access import allowed
from quarterdeck.core.incidents import chart
from quarterdeck.store import models
from quarterdeck.web.routes import pages
from support.attacks import BACKEND, signed_in
from support.rest import HOST, Organisation


@pytest.fixture
def org(db: None) -> Organisation:
    made = Organisation()
    for handle, role in (
        ("root", "administrator"), ("ana", "responder"), ("ben", "responder"), ("cleo", "responder"),
        ("ole", "observer"), ("eva", "executive"),
    ):  # fmt: skip
        made.person(handle, role)
    return made


def log_length(incident: str) -> int:
    """How much happened; that an executive was turned away is written down as well, and changes nothing."""
    return models.Event.objects.filter(stream=incident).exclude(kind="BoundaryCrossed").count()


def offered(org: Organisation, incident: str, role: str = "scribe") -> str:
    """Ben holds a role and offers it to Cleo; the handover's path."""
    took = org.call("ben").put(f"/incidents/{incident}/roles/{role}/holder", {"person": org.id("ben")})
    assignment = took.json["holders"][0]["assignment"]
    where = f"/incidents/{incident}/handovers"
    return (
        f"{where}/{org.call('ben').post(where, {'assignment': assignment, 'to': org.id('cleo')}).json['id']}"
    )


def test_a_handover_accepted_twice_is_accepted_once_and_another_cannot_accept_it(org: Organisation) -> None:
    incident = org.declare("ana")
    one = offered(org, incident)
    stranger = org.call("ana").put(f"{one}/acceptance")
    assert (stranger.status, stranger.code) == (403, "handover.not_yours")
    assert org.call("cleo").put(f"{one}/acceptance").status == 200
    length = log_length(incident)
    assert org.call("cleo").put(f"{one}/acceptance").status == 200
    assert log_length(incident) == length


def test_a_handover_whose_offerer_has_left_is_over_and_says_so(org: Organisation) -> None:
    incident = org.declare("ana")
    one = offered(org, incident)
    held = casebook.load(incident).incident.holder("scribe")
    assert held
    assert org.call("ben").delete(f"/incidents/{incident}/assignments/{held.id}?reason=ill").status == 204
    length = log_length(incident)
    late = org.call("cleo").put(f"{one}/acceptance")
    assert (late.status, late.code) == (409, "handover.ended")
    assert "Offer the role again" in late.json["error"]["message"]
    assert log_length(incident) == length
    assert casebook.load(incident).incident.holder("scribe") is None


def test_reporting_lines_that_would_form_a_ring_leave_one_tree_under_the_commander(
    org: Organisation,
) -> None:
    incident = org.declare("ana")
    for role, handle in (("scribe", "ben"), ("technical_lead", "cleo")):
        command.assign_role(org.act("ana"), incident, role, org.id(handle))
    streams = f"/incidents/{incident}/workstreams"
    for leader, member in (("ben", "cleo"), ("cleo", "ben")):
        said = {"title": f"Led by {leader}", "leader": org.id(leader), "members": [org.id(member)]}
        assert org.call("ana").post(streams, said).status < 500
    case = casebook.load(incident)
    places = chart(case.incident, case.template)
    assert sorted(p.assignment.person for p in places) == sorted(org.id(h) for h in ("ana", "ben", "cleo"))
    assert [p.assignment.person for p in places if p.above is None] == [org.id("ana")]


def test_an_entry_of_a_million_characters_is_refused_and_one_that_turns_its_text_around_is_tamed(
    org: Organisation,
) -> None:
    incident = org.declare("ana")
    length = log_length(incident)
    told = org.call("ana").post(f"/incidents/{incident}/entries", {"kind": "note", "text": "x" * 1_000_000})
    assert 400 <= told.status < 500
    page = signed_in(org, "ana").post(
        f"/incidents/{incident}/entries", {"kind": "note", "text": "x" * 1_000_000}
    )
    assert page.status_code < 500
    written = [r.text for r in models.TimelineRow.objects.filter(incident_id=incident, kind="note")]
    assert all(len(text) <= 10_000 for text in written)
    assert log_length(incident) <= length + 1
    org.call("ana").post(
        f"/incidents/{incident}/entries", {"kind": "note", "text": "run \u202egnp.exe\u202c \u0000 now"}
    )
    newest = models.TimelineRow.objects.filter(incident_id=incident, kind="note").order_by("-seq")[0]
    assert newest.text == "run gnp.exe  now"


def forms() -> Iterator[tuple[str, str, str]]:
    """Every page of an incident: its address with names that nothing has, its route's name and its permission."""
    for page in pages():
        if page.pattern.startswith("incidents/<str:incident_id>"):
            yield page.pattern, page.name, page.permission or ""


def address(pattern: str, incident: str) -> str:
    named = pattern.replace("<str:incident_id>", incident)
    return "/" + re.sub(r"<(?:\w+:)?\w+>", "nothing", named)


@pytest.mark.parametrize("handle", ["ole", "eva", "gus", "nobody"])
def test_no_form_of_a_war_room_does_anything_for_somebody_without_a_part_in_it(
    org: Organisation, handle: str
) -> None:
    incident = org.declare("ana")
    client = Client(headers={"host": HOST})
    role = {"ole": "observer", "eva": "executive", "gus": "guest"}.get(handle, "")
    if handle == "gus":
        made = guests.invite(org.act("ana"), incident, "Gus Grid", "City works")
        person = guests.enter(made.id, org.now)
        client.force_login(person, backend=BACKEND)
    elif role:
        client.force_login(org.find(handle), backend=BACKEND)
    length = log_length(incident)
    for pattern, name, permission in forms():
        if handle == "gus" and name in ("incident-check-in", "incident-entries"):
            continue  # their own word is theirs
        got = client.post(address(pattern, incident), {"reason": "mine", "text": "mine", "person": "me"})
        told = f"{name} for {handle}: {got.status_code}"
        assert got.status_code < 500, told
        if role and not allowed(role, permission) and role != "guest":
            assert got.status_code == 403, told
        assert log_length(incident) == length, told
    held = casebook.load(incident).incident.open_assignments()
    assert {a.person for a in held} >= {org.id("ana")}


def test_every_form_of_a_war_room_answers_nonsense_of_its_own_commander_without_a_fault(
    org: Organisation,
) -> None:
    incident = org.declare("ana")
    ana = signed_in(org, "ana")
    nonsense = {
        "reason": "\u202e" * 50, "text": "", "person": "nobody", "version": "9" * 30, "severity": "x", "phase": "nowhere",
        "minutes": "-1", "at": "yesterday", "effective_at": "yesterday", "form": "x", "hash": "x", "block": "x",
        "starts_at": "never", "ends_at": "never", "hours": "x", "quantity": "x", "cost": "x", "count": "x",
    }  # fmt: skip
    for pattern, name, _ in forms():
        if name in ("incident-resolution", "incident-ending"):
            continue
        for method in ("get", "post"):
            got = getattr(ana, method)(address(pattern, incident), nonsense)
            assert got.status_code < 500, f"{method} {name}: {got.status_code}"
    assert casebook.load(incident).incident.commander
