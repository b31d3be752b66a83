"""The whole way of a message: drafted, reviewed side by side, objected to, approved, released, carried out, proven."""

from __future__ import annotations

import pytest

from quarterdeck.store import models
from support.severe_story import Company, Paper

REVIEWERS = (("leo", "legal_officer"), ("mia", "messaging_officer"), ("ben", "customer_liaison"))


@pytest.fixture
def company(db: None, monkeypatch: pytest.MonkeyPatch) -> Company:
    """Gus is called where Mia is silent, Fay where Eve is."""
    found = Company(monkeypatch)
    found.policy("role-messaging_officer", ("mia", 5), ("gus", 5))
    found.policy("role-elt_approver", ("eve", 5), ("fay", 5))
    return found


def responding(c: Company) -> tuple[str, str]:
    """A severe incident and its business response, fully staffed: Ana commands, Lea leads, Sam writes."""
    said = {"title": "Bookings fail", "severity": 1, "type": "availability"}
    incident = str(c.good("ana", "POST", "/incidents", said)["id"])
    where = f"/incidents/{incident}"
    for role, handle in (("customer_liaison", "ben"), ("business_sme", "sam")):
        c.good("ana", "PUT", f"{where}/roles/{role}/holder", {"person": c.id(handle)})
    c.good("ana", "PUT", f"{where}/phase", {"phase": "investigating"})
    who = {"lead": c.id("lea"), "standby": c.id("una")}
    child = str(c.good("ana", "POST", f"{where}/severe/escalation", who)["child"])
    (passing,) = c.good("una", "GET", f"{where}/handovers")["items"]
    at = f"{where}/handovers/{passing['id']}"
    c.good("una", "PUT", f"{at}/acceptance", {})
    c.good("ben", "PUT", f"{at}/briefing", {"briefing": "All said"})
    c.good("una", "PUT", f"{at}/effect")
    for role, handle in (
        *((r, h) for h, r in REVIEWERS[:2]),
        ("elt_approver", "eve"),
        ("marketing_officer", "mel"),
    ):
        c.good("lea", "PUT", f"/incidents/{child}/roles/{role}/holder", {"person": c.id(handle)})
    c.settle()
    return incident, child


def words(c: Company, action: str = "We add capacity.") -> dict[str, object]:
    return {
        "audience": "customers_strategic", "headline": "Bookings fail in the west",
        "customer_effect": "Bookings are refused.", "action": action, "next_update_at": c.soon(hours=5),
    }  # fmt: skip


@pytest.mark.requirement("R-110", "R-113", "R-114")
@pytest.mark.requirement("R-120", "R-216")
def test_a_message_goes_its_whole_way_and_no_step_of_it_is_left_out(company: Company) -> None:
    c = company
    incident, child = responding(c)
    paper = Paper(c, child, c.good("sam", "POST", f"/incidents/{child}/messages", words(c))["id"])
    reviewed_and_objected(c, paper)
    silent_reviewer_replaced(c, paper)
    edit_voids_everything(c, paper)
    silent_approver_replaced(c, paper)
    released_and_carried(c, paper)
    fresh = superseded(c, incident, child)
    glass_broken(c, fresh)


def reviewed_and_objected(c: Company, paper: Paper) -> None:
    """All three are asked at once, the approver not yet; a strong objection blocks and says why."""
    assert paper.may_not_release("ana")[1] == "message.unapproved"
    assert paper.may_not_say("leo", "review", "legal_officer") == "message.not_in_review"
    paper.hand_in("sam")
    assert [c.told(h, "Review") for h, _ in REVIEWERS] == [1, 1, 1] and c.told("eve", "Approve") == 0
    old = paper.read()["content_hash"]
    paper.says("leo", "review", "legal_officer")
    paper.says("mia", "review", "messaging_officer", "suggestion", "Shorter.")
    assert paper.may_not_say("ben", "review", "customer_liaison", "objection") == "text.missing"
    paper.says("ben", "review", "customer_liaison", "objection", "It is not the capacity.")
    assert (
        c.told("sam", "Strong objection"),
        c.told("sam", "Suggestion"),
        c.told("ana", "Strong objection"),
    ) == (1, 1, 1)
    assert paper.may_not_say("eve", "approve", "elt_approver") == "step.early"
    assert paper.may_not_say("sam", "review", "legal_officer") == "step.author"
    assert paper.may_not_say("gus", "review", "legal_officer") == "step.role"
    assert paper.may_not_release("ana")[1] == "message.unapproved"
    assert "The Customer Liaison objects: It is not the capacity." in paper.read()["missing"]
    # Its resolution is another text; what was said about the old one counts no more.
    c.good("sam", "PUT", paper.url, words(c, "We move traffic."))
    assert paper.state == "draft"
    paper.hand_in("sam")
    assert len(paper.read()["missing"]) == 5
    stale = {"step": "review", "role": "legal_officer", "verdict": "ok", "content_hash": old}
    assert c.bad("leo", "POST", f"{paper.url}/verdicts", stale) == (409, "message.changed")


def silent_reviewer_replaced(c: Company, paper: Paper) -> None:
    """Mia says nothing: she is reminded, then Gus is called and answers in her place."""
    paper.says("leo", "review", "legal_officer")
    paper.says("ben", "review", "customer_liaison")
    before = c.told("mia", "Review")
    assert paper.may_not_say("gus", "review", "messaging_officer") == "step.role"
    c.pass_time(minutes=11)
    assert (c.told("mia", "Review") - before, c.told("gus", "Review")) == (1, 0)
    c.pass_time(minutes=5)
    assert c.told("gus", "Review") == 1
    paper.says("gus", "review", "messaging_officer")
    assert c.told("eve", "Approve") == 1


def edit_voids_everything(c: Company, paper: Paper) -> None:
    """After the last yes Ana is asked to release; a word changed now, and everybody is asked again."""
    assert c.bad("eve", "PUT", paper.url, words(c, "We do better."))[0] == 403
    paper.says("eve", "approve", "elt_approver")
    paper.lends_name("sam")
    assert paper.read()["missing"] == []
    agreed = paper.read()["content_hash"]
    c.good("sam", "PUT", paper.url, words(c, "We move all traffic."))
    said = {"content_hash": agreed}
    assert c.bad("ana", "PUT", f"{paper.url}/release", said) == (409, "message.changed")
    assert paper.may_not_release("ana")[1] == "message.unapproved"
    paper.hand_in("sam")
    for handle, role in REVIEWERS:
        paper.says(handle, "review", role)


def silent_approver_replaced(c: Company, paper: Paper) -> None:
    """Eve is silent this time; the next executive of the list is called and approves."""
    assert paper.may_not_release("ana")[1] == "message.unapproved"
    board = f"/incidents/{paper.incident}/communication?message={paper.id}"
    assert c.login("fay").client.get(board, headers={"accept": "text/html"}).status_code == 403
    assert c.bad("fay", "GET", paper.url)[0] == 403
    c.pass_time(minutes=16)
    assert c.told("fay", "Approve") == 1
    # They have no role here: they read and answer this message, and see nothing else.
    assert "You answer as Executive Approver" in c.login("fay").page(board)
    for path in ("tasks", "timeline", "messages"):
        assert c.bad("fay", "GET", f"/incidents/{paper.incident}/{path}")[0] == 403
    assert c.bad("fay", "PUT", paper.url, words(c, "We do better."))[0] == 403
    paper.says("fay", "approve", "elt_approver")
    stages = c.good("lea", "GET", f"{paper.url}/stages")["items"]
    by = {s["role"]: s["by"]["name"].split()[0] for s in stages}
    assert by == {
        "legal_officer": "Leo",
        "messaging_officer": "Mia",
        "customer_liaison": "Ben",
        "elt_approver": "Fay",
    }


def released_and_carried(c: Company, paper: Paper) -> None:
    """Approved is not released: the technical commander alone does that, and only once Sam, in whose name it speaks, has
    agreed to it; then Mel carries it and proves it.
    """
    assert paper.may_not_release("ana")[1] == "consent.missing"
    paper.lends_name("sam")
    assert c.good("lea", "GET", f"/incidents/{paper.incident}/business-response")["waiting_release"] == [
        paper.id
    ]
    for handle in ("lea", "sam", "eve", "fay", "mel", "leo", "una"):
        assert paper.may_not_release(handle)[0] == 403
        assert paper.may_not_release(handle, break_glass="At once")[0] == 403
    assert (
        c.bad("mel", "PUT", f"{paper.url}/after/distribute", {"proof": "Sent"})[1] == "message.not_released"
    )
    assert paper.release("ana") == "released"
    assert (
        paper.may_not_say("leo", "review", "legal_officer", "objection", "Too late?") == "message.not_draft"
    )
    assert c.bad("mel", "PUT", f"{paper.url}/after/confirm", {"proof": "Seen"})[1] == "step.early"
    assert c.bad("sam", "PUT", f"{paper.url}/after/distribute", {"proof": "Sent"})[1] == "step.role"
    assert c.bad("mel", "PUT", f"{paper.url}/after/distribute", {"proof": " "})[0] == 422
    paper.carry("mel", "distribute", "Campaign 4711 in the CRM")
    assert paper.state == "sent"
    paper.carry("mel", "confirm", "41 of 41 delivered, report 4711")
    after = c.good("lea", "GET", f"{paper.url}/after")["items"]
    assert [(s["step"], s["by"]["id"], s["proof"]) for s in after] == [
        ("distribute", c.id("mel"), "Campaign 4711 in the CRM"),
        ("confirm", c.id("mel"), "41 of 41 delivered, report 4711"),
    ]
    assert paper.release("ana") == "sent"  # said again, nothing happens twice
    assert (
        models.TimelineRow.objects.filter(incident_id=paper.incident, title__contains="released").count() == 1
    )


def superseded(c: Company, incident: str, child: str) -> Paper:
    """The phase moves on while a text is with its reviewers: it ends there, and the next stands ready."""
    old = Paper(c, child, c.good("sam", "POST", f"/incidents/{child}/messages", words(c, "We search."))["id"])
    old.hand_in("sam")
    old.says("leo", "review", "legal_officer")
    body = {"phase": "identified", "override_reason": "Found", "reason": "Found"}
    c.good("ana", "PUT", f"/incidents/{incident}/phase", body)
    found = old.read()
    assert found["state"] == "superseded" and "identified" in found["superseded_reason"]
    assert old.may_not_say("mia", "review", "messaging_officer") == "message.not_draft"
    assert old.may_not_release("ana", break_glass="At once")[1] == "message.not_draft"
    fresh = [
        m for m in c.good("sam", "GET", f"/incidents/{child}/messages")["items"]
        if (m["audience"], m["state"]) == ("customers_strategic", "draft")
    ]  # fmt: skip
    assert [m["phase"] for m in fresh] == ["identified"]
    return Paper(c, child, fresh[0]["id"])


def glass_broken(c: Company, paper: Paper) -> None:
    """In an emergency it goes out past its chain, with a reason; a second person signs, and is missed until then."""
    c.good("sam", "PUT", paper.url, words(c, "We fail over."))
    assert paper.may_not_release("ana", break_glass="  ")[1] == "message.unapproved"
    assert paper.may_not_release("ana", break_glass="The press names a wrong cause.")[1] == "consent.missing"
    paper.lends_name("sam")
    assert paper.release("ana", break_glass="The press names a wrong cause.") == "released"
    assert paper.read()["broke_glass"] == "The press names a wrong cause."
    assert c.told("leo", "Countersign") == 1
    sign = f"{paper.url}/countersignature"
    assert c.bad("ana", "PUT", sign, {"verdict": "ok"})[0] == 403
    assert c.bad("sam", "PUT", sign, {"verdict": "ok"})[1] == "step.author"
    c.pass_time(minutes=61)
    assert c.told("lea", "Not countersigned") + c.told("ana", "Not countersigned") >= 1
    c.good("leo", "PUT", sign, {"verdict": "ok"})
    assert paper.read()["countersigned_by"]["id"] == c.id("leo")
