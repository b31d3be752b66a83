"""Executives over REST: every technical act is refused and counted, their questions reach the liaison and nobody else."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client

from quarterdeck.api.operations import OPERATIONS
from quarterdeck.app.incidents import command
from quarterdeck.app.people import competence
from quarterdeck.core.incidents import exec_questions
from quarterdeck.core.kernel.refused import Refused
from quarterdeck.store import log, models
from support.rest import HOST, Organisation

# The rows "do" and "ask" of executives.md 4.1: by permission, and by the operation where only a role decides.
DOES = {"executive.act", "executive.work", "report.write", "commander.call"}
# The strategic part; what they were asked for; that they have read it.
WRITES_IN_REVIEW = {"write_section", "give_contribution", "comment_on_review", "confirm_reading"}
# Whether a message may speak in their name is theirs to say.
THEIR_NAME = {"give_consent", "withdraw_consent"}
# What belongs to anybody's own account: where they are reached, their keys, calendars, absences, what was sent to them.
OWN = re.compile(
    r"/(me|keys|calendars|absences|absence-calendars|people/\{person\}|notices/\{notice\}/acknowledgement"
    r"|callouts/\{callout\}/acknowledgement|report-plans/\{plan\}/subscription)(/|$)"
)


@pytest.fixture
def org(db: None) -> Organisation:
    found = Organisation()
    for handle in ("ana", "ben", "cho"):
        found.call(handle)
    found.person("root", "administrator")
    for handle in ("eva", "eli"):
        found.call(handle, "executive")
    return found


@pytest.fixture
def incident(org: Organisation) -> str:
    """Ana commands, Cho is executive liaison, Ben leads the technical work."""
    key = org.declare("ana", title="Cards fail", summary="Cards fail in the west", severity=1)
    for role, handle in (("executive_liaison", "cho"), ("technical_lead", "ben")):
        command.assign_role(org.act("ana"), key, role, org.id(handle))
    org.settle()
    models.Callout.objects.all().delete()
    return key


@pytest.fixture
def calm(monkeypatch: pytest.MonkeyPatch) -> None:
    """No quiet period at any severity."""
    for rank in range(1, 6):
        monkeypatch.setitem(exec_questions.QUIET_MINUTES, rank, 0)  # type: ignore[arg-type]


def told(org: Organisation) -> dict[str, list[str]]:
    """Who was written to since the incident stood, and what."""
    org.settle()
    found: dict[str, list[str]] = {}
    for row in models.Callout.objects.select_related("person").order_by("id"):
        found.setdefault(row.person.handle, []).append(row.subject)
    return found


def counts(org: Organisation, key: str) -> dict[str, Any]:
    got = org.call("eva").get(f"/incidents/{key}/boundary-events").json
    return {k: v for k, v in got.items() if v and k != "events"}


@pytest.mark.requirement("X-01", "R-124", "R-228")
def test_every_act_but_asking_and_advising_is_refused_to_an_executive(
    org: Organisation, incident: str
) -> None:
    eva, refused, before = org.call("eva"), 0, log.head(incident)[0]
    for o in OPERATIONS:
        if (
            o.method == "GET"
            or o.permission in DOES
            or OWN.search(o.path)
            or o.name in WRITES_IN_REVIEW | THEIR_NAME
        ):
            continue
        path = re.sub(r"\{(\w+)\}", lambda m: incident if m[1] == "incident" else "x-1", o.path)
        got = eva(o.method, path, {})
        assert (got.status, got.code.split(".")[0]) == (403, "access"), (o, got.json)
        refused += 1
    assert refused > 150
    assert (
        eva.post(f"/incidents/{incident}/decisions", {"question": "Fail over?", "chosen": "yes"}).status
        == 403
    )
    asked = eva.post(f"/incidents/{incident}/executive-questions", {"text": "Was anybody charged twice?"})
    assert asked.status == 201
    # All that is written down of it: that they tried, once for each kind of act, and the question.
    kinds = {e.kind for e in log.read(incident, before)}
    assert kinds == {"BoundaryCrossed", "ExecQuestionAsked"}


@pytest.mark.requirement("X-05")
def test_a_question_reaches_the_liaison_alone_until_they_pass_it_on(
    org: Organisation, incident: str, calm: None
) -> None:
    eva, cho, where = org.call("eva"), org.call("cho"), f"/incidents/{incident}/executive-questions"
    asked = eva.post(
        where, {"text": "Was anybody charged twice?", "critical": True, "reason": "The bank asks"}
    )
    assert (asked.status, asked.json["state"], asked.json["asked_by"]) == (201, "asked", None)
    joined = org.call("eli").post(where, {"text": "was anybody charged twice"}).json
    assert joined["id"] == asked.json["id"] and joined["mine"]
    assert eva.post(where, {"text": "And what does it cost?"}).status == 201
    assert eva.post(where, {"text": "And who pays?"}).code == "question.interval"
    assert set(told(org)) == {"cho"}
    for handle in ("ana", "ben"):
        assert org.call(handle).get(where).json["items"] == []
    page = org.call("ana").get(f"/incidents/{incident}/timeline").json
    assert "charged" not in str(page)
    assert [q["asked_by"]["name"] for q in cho.get(where).json["items"]] == ["Eva", "Eva"]
    passed = cho.put(f"{where}/{joined['id']}/pass-on", {"person": org.id("ben"), "note": "By noon"})
    assert passed.status == 200
    assert told(org)["ben"] == ["Was anybody charged twice?"] and "ana" not in told(org)
    answered = cho.put(f"{where}/{joined['id']}/answer", {"state": "answered", "text": "None found."})
    assert answered.status == 200
    assert [q["answer"] for q in org.call("eli").get(where).json["items"]] == ["None found."]
    assert (
        org.call("ana").put(f"{where}/{joined['id']}/answer", {"state": "declined", "text": "No"}).status
        == 403
    )
    assert counts(org, incident) == {"questions": 2, "critical": 1, "total": 2}


@pytest.mark.requirement("X-06", "R-133")
def test_a_question_in_the_quiet_period_is_held_and_delivered_at_its_end(
    org: Organisation, incident: str
) -> None:
    eva, cho, where = org.call("eva"), org.call("cho"), f"/incidents/{incident}/executive-questions"
    held = eva.post(where, {"text": "Was anybody charged twice?"}).json
    assert held["state"] == "held" and not told(org) and cho.get(where).json["items"] == []
    assert eva.get(f"/incidents/{incident}/executive-brief").json["happened"] == "Cards fail in the west"
    org.pass_time(minutes=14)
    assert cho.get(where).json["items"] == []
    org.pass_time(minutes=2)
    assert [q["state"] for q in cho.get(where).json["items"]] == ["asked"]
    assert "1 question of executives in your queue" in str(told(org)["cho"])


@pytest.mark.requirement("X-07", "R-126", "R-228")
def test_who_asks_for_the_status_is_answered_by_itself_and_nobody_is_told(
    org: Organisation, incident: str
) -> None:
    due = models.UpdateClockRow.objects.get(incident_id=incident, audience="executives").next_due
    got = org.call("eva").post(f"/incidents/{incident}/executive-questions", {"text": "Status?"}).json
    assert got["state"] == "automatic" and "Cards fail in the west" in got["answer"]
    assert got["next_brief_at"] == f"{due:%Y-%m-%dT%H:%M:%S.%f}"[:-3] + "Z" or got["next_brief_at"]
    assert not told(org)
    assert counts(org, incident) == {"status_demands": 1, "total": 1}


@pytest.mark.requirement("X-08", "R-128")
def test_command_is_taken_formally_or_the_note_is_a_question(
    org: Organisation, incident: str, calm: None
) -> None:
    eva, where = org.call("eva"), f"/incidents/{incident}/command-dialog"
    assert eva.post(where, {"take": False, "text": "Call the minister"}).json == {"handover": None}
    assert [
        q["text"] for q in org.call("cho").get(f"/incidents/{incident}/executive-questions").json["items"]
    ] == ["Call the minister"]
    assert counts(org, incident) == {"questions": 1, "not_taken": 1, "total": 2}
    wanted = {"take": True, "text": "The regulator asked for it", "understood": True}
    certified(org, "ana")
    assert eva.post(where, wanted).code == "competence.lacking"
    certified(org, "eva")
    handover = eva.post(where, wanted).json["handover"]
    # Until it is effective they may speak about the handover and do nothing else.
    assert (
        eva.post(f"/incidents/{incident}/entries", {"kind": "note", "text": "x"}).code
        == "access.incident.act"
    )
    shown = enter(org, "eva").get(f"/briefs/{incident}").content.decode()
    assert "What the commander told you" in shown
    assert any("takes command" in subject for subject in told(org)["ana"])
    step = f"/incidents/{incident}/handovers/{handover}"
    assert org.call("ana").put(f"{step}/briefing", {"briefing": "Four of six are back."}).status == 200
    assert eva.put(f"{step}/effect").status == 200
    # Now they act under the role they hold, here and nowhere else.
    assert eva.get(f"/incidents/{incident}").json["commander"]["name"] == "Eva"
    said = {"severity": 2, "reason": "Half is back"}
    assert eva.put(f"/incidents/{incident}/severity", said).status == 200
    other = org.declare("ben", severity=3)
    assert eva.put(f"/incidents/{other}/severity", said).code == "access.incident.act"
    assert counts(org, other) == {"attempts": 1, "total": 1}


def certified(org: Organisation, handle: str) -> None:
    competence.certify(org.act("root"), org.id(handle), "commander")


def test_an_executive_with_a_role_acts_under_its_grants_there(org: Organisation, incident: str) -> None:
    eva = org.call("eva")
    assert eva.get(f"/incidents/{incident}/tasks").status == 403
    assert eva.post(
        f"/incidents/{incident}/roles/elt_approver/holders", {"person": org.id("eva")}
    ).status in (403, 404)
    command.assign_role(org.act("ana"), incident, "elt_approver", org.id("eva"))
    assert eva.get(f"/incidents/{incident}/tasks").status == 200
    refused = eva.put(f"/incidents/{incident}/severity", {"severity": 3, "reason": "It is small"})
    assert (refused.status, refused.code) == (403, "grant.severity.set")
    with pytest.raises(Refused, match="take command formally"):
        command.assign_role(org.act("ana"), incident, "scribe", org.id("eli"))


@pytest.mark.requirement("R-023", "R-149", "R-240", "X-21")
def test_crossings_are_counted_and_shown_without_a_name(org: Organisation, incident: str, calm: None) -> None:
    eva, root = org.call("eva"), f"/incidents/{incident}"
    for _ in range(2):
        assert eva.put(f"{root}/severity", {"severity": 3, "reason": "It is small"}).status == 403
    assert eva.post(f"{root}/tasks", {"title": "Restart"}).status == 403
    said = {"what": "asked an engineer for a restart", "quote": "Just restart it", "person": org.id("eva")}
    assert org.call("ben").post(f"{root}/boundary-events", said).status == 403
    assert org.call("cho").post(f"{root}/boundary-events", said).status == 201
    eva.post(f"{root}/executive-questions", {"text": "Was anybody charged twice?"})
    eva.post(f"{root}/executive-questions", {"text": "status?"})
    assert counts(org, incident) == {
        "attempts": 2, "off_channel": 1, "questions": 1, "status_demands": 1, "total": 5,
    }  # fmt: skip
    rows = models.BoundaryEventRow.objects.filter(incident_id=incident)
    assert (rows.count(), rows.filter(kind="attempt", person=org.id("eva")).count()) == (3, 2)
    shown = eva.get(f"{root}/boundary-events").json
    assert "Just restart it" in str(shown) and "Eva" not in str(shown["events"])
    # The figures over incidents say the same as the records.
    found = org.call("eva").get("/figures/interruptions").json
    [row] = found["incidents"]
    assert (row["incident"], row["questions"], row["crossings"], found["total"]) == (incident, 1, 3, 5)


@pytest.mark.requirement("X-25")
def test_a_restricted_incident_exists_for_named_executives_only(org: Organisation, calm: None) -> None:
    key = org.declare("ana", title="A key was stolen", type="security", severity=1, restricted=True)
    eva, root = org.call("eva"), f"/incidents/{key}"
    for path in ("executive-brief", "executive-questions", "boundary-events", "guidance"):
        assert eva.get(f"{root}/{path}").status == 404
    asked = {"text": "Was anybody charged twice?"}
    assert eva.post(f"{root}/executive-questions", asked).status == 404
    assert eva.put(f"{root}/severity", {"severity": 3, "reason": "x"}).status == 403
    assert not models.BoundaryEventRow.objects.exists()
    command.assign_role(org.act("ana"), key, "observer", org.id("eva"))
    assert eva.get(f"{root}/executive-brief").status == 200
    assert eva.post(f"{root}/executive-questions", asked).status == 201
    assert org.call("eli").get(f"{root}/executive-brief").status == 404


# -- pages


def enter(org: Organisation, handle: str) -> Client:
    client = Client(headers={"host": HOST, "accept": "text/html"})
    client.force_login(org.find(handle), backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


@pytest.mark.requirement("R-125", "R-228", "R-276", "X-21", "X-24")
def test_the_executive_page_follows_the_incident_by_itself_and_names_nobody(
    org: Organisation, incident: str, calm: None
) -> None:
    for n, handle in enumerate(("ana", "ben", "cho")):
        models.Person.objects.filter(handle=handle).update(name=f"{handle.capitalize()} Sandoval{n}")
    eva, root = enter(org, "eva"), org.call("ana")
    root.post(
        f"/incidents/{incident}/tasks", {"title": "Restart the pool", "assignee": org.id("ben"), "minutes": 5}
    )
    said = {
        "what_we_know": "",
        "next_step": "Ben Sandoval1 rolls back",
        "workaround": "Ask Cho Sandoval2 for cash",
    }
    facts = root.get(f"/incidents/{incident}").json
    assert root.put(f"/incidents/{incident}/facts", said).status == 200, facts
    for address in (f"/briefs/{incident}", f"/briefs/{incident}/export.md"):
        page = eva.get(address).content.decode()
        assert "the Technical Lead rolls back" in page and "Ask the Executive Liaison for cash" in page
        for hidden in ("Sandoval", "Restart the pool"):
            assert hidden not in page, address
    root.put(f"/incidents/{incident}/severity", {"severity": 2, "reason": "Half is back"})
    assert "SEV2" in eva.get(f"/briefs/{incident}").content.decode()
    assert eva.get(f"/incidents/{incident}").status_code == 403


@pytest.mark.requirement("X-17", "R-149")
def test_everything_an_executive_may_do_is_on_their_page_and_keeps_what_was_typed(
    org: Organisation, incident: str, calm: None
) -> None:
    eva, at = enter(org, "eva"), f"/briefs/{incident}"
    asked = eva.post(f"{at}/questions", {"text": "Was anybody charged twice?"}, follow=True).content.decode()
    assert "Was anybody charged twice?" in asked and "With the executive liaison" in asked
    again = eva.post(f"{at}/questions", {"text": "And who pays for it?"})
    assert again.status_code == 422 and "And who pays for it?</textarea>" in again.content.decode()
    told = eva.post(f"{at}/questions", {"text": "Status?"}, follow=True).content.decode()
    assert "Answered with the latest brief" in told and "Cards fail in the west" in told
    eva.post(f"{at}/guidance", {"kind": "constraint", "text": "No data may be lost"})
    eva.post(f"{at}/notes", {"about": "severity", "text": "It was never a SEV1"})
    refused = eva.post(f"{at}/command", {"answer": "yes", "text": "The regulator asked"})
    assert refused.status_code == 422 and "The regulator asked</textarea>" in refused.content.decode()
    eva.post(f"{at}/command", {"answer": "no", "text": "Call the minister"})
    # The liaison has the queue in the war room, the commander the guidance and a counter.
    cho, ana = enter(org, "cho"), enter(org, "ana")
    queue, counter = (c.get(f"/incidents/{incident}").content.decode() for c in (cho, ana))
    assert "Was anybody charged twice?" in queue and "Call the minister" in queue
    assert "charged twice" not in counter and "2 questions went to the executive liaison" in counter
    question = models.ExecQuestionRow.objects.get(text="Was anybody charged twice?")
    room = f"/incidents/{incident}/executives"
    cho.post(f"{room}/questions/{question.id}", {"state": "answered", "text": "None found."})
    guidance = models.GuidanceRow.objects.get()
    ana.post(f"{room}/guidance/{guidance.id}", {"answer": "decline", "reason": "Minutes of it are gone."})
    cho.post(f"{room}/boundary", {"what": "asked for a restart", "quote": "Just restart it"})
    page = eva.get(at).content.decode()
    assert "None found." in page and "Minutes of it are gone." in page
    # What was tried, what was said past the liaison and the doubt stand in the review, without a name.
    assert (
        eva.post(f"/incidents/{incident}/severity", {"severity": "3", "reason": "small"}).status_code == 403
    )
    review = enter(org, "ben").get(f"/reviews/{incident}").content.decode()
    part = review[review.index('id="executives"') : review.index('id="executives"') + 4000]
    for shown in ("Just restart it", "It was never a SEV1", "SEV1", "An act outside the boundary, refused"):
        assert shown in part, shown
    assert "Eva" not in part
    assert models.IncidentRow.objects.get(id=incident).severity == 1


@pytest.mark.requirement("X-23")
def test_executives_see_no_figures_of_a_person(org: Organisation) -> None:
    assert org.call("eva").get(f"/people/{org.id('ben')}/scorecard").status == 403
    assert "Ben" not in enter(org, "eva").get("/insights/response").content.decode()
