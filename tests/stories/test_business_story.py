"""A SEV-1 of the software becomes a business incident and returns to normal; everybody acts with their own login."""

from __future__ import annotations

import pytest

from quarterdeck.store import models
from quarterdeck.store.ids import new_id
from support.severe_story import Company, Paper


@pytest.fixture
def company(db: None, monkeypatch: pytest.MonkeyPatch) -> Company:
    found = Company(monkeypatch)
    for role, people in {
        "technical_lead": ("tia",), "communications_lead": ("coco",), "customer_liaison": ("ben", "una"),
        "business_sme": ("sam",), "business_lead": ("lea",), "marketing_officer": ("mel",),
        "social_officer": ("sol",), "legal_officer": ("leo",), "messaging_officer": ("mia",),
        "elt_approver": ("eve", "fay"), "status_page_manager": ("pat",), "internal_liaison": ("ida",),
    }.items():  # fmt: skip
        found.policy(f"role-{role}", *((p, 5) for p in people))
    for audience, name in (("customers_all", "Kim"), ("customers_strategic", "Halden Ferries")):
        mail = f"{name.split()[0].lower()}@customer.example"
        models.AudienceContact.objects.create(
            id=new_id(), audience=audience, name=name, email=mail, created_at=found.now
        )
    return found


SOCIAL, MARKETING = (
    ("paid_social", "scheduled_posts"),
    ("paid_ads", "email_campaigns", "calling_campaigns", "web_promotions"),
)
OVER = {
    "headline": "Bookings work again", "final": True, "action": "", "next_update_at": None,
    "customer_effect": "Bookings were refused from nine to ten.", "body": "All works again. No data was lost.",
}  # fmt: skip
QUESTIONS = ("start", "trigger", "affected", "worst_case", "services", "effect", "next_news", "else")


@pytest.mark.requirement("R-100", "R-122")
def test_a_sev1_becomes_a_business_incident_and_everything_returns_to_normal(company: Company) -> None:
    c = company
    incident = declared_and_staffed(c)
    child = escalated(c, incident)
    liaison_handed_over(c, incident, child)
    briefed(c, child)
    halted(c, child)
    told_customers(c, child)
    moved_on(c, incident, child)
    resolved(c, incident, child)
    resumed(c, child)
    ended(c, incident, child)
    never_without_liaison(c, incident, child)


def declared_and_staffed(c: Company) -> str:
    """Ana declares and commands; who is called answers; customers have their first word within five minutes."""
    said = {
        "title": "Bookings fail",
        "severity": 1,
        "type": "availability",
        "summary": "Bookings fail in the west",
    }
    incident = str(c.good("ana", "POST", "/incidents", said)["id"])
    where = f"/incidents/{incident}"
    for handle, role in (("tia", "technical_lead"), ("coco", "communications_lead")):
        c.answers(handle, incident, role)
        c.good("ana", "PUT", f"{where}/roles/{role}/holder", {"person": c.id(handle)})
    c.good("ana", "PUT", f"{where}/roles/customer_liaison/holder", {"person": c.id("ben")})
    c.pass_time(minutes=2)
    c.login("coco").form(f"{where}/acknowledgement")
    (first,) = c.good("coco", "GET", f"{where}/messages")["items"]
    assert (first["state"], first["recipients"]) == ("sent", 1)
    c.good("ana", "PUT", f"{where}/phase", {"phase": "investigating"})
    c.good("tia", "POST", f"{where}/hypotheses", {"text": "The pool is empty"})
    c.login("ben").form(f"{where}/impact-pulses", affected_now="1,200", worst_case="4000", note="West only")
    return incident


def escalated(c: Company, incident: str) -> str:
    """The score prompts and does nothing; the SME recommends; the commander alone decides."""
    where = f"/incidents/{incident}"
    worst = {"visibility": "public", "impact": "critical", "duration": "open", "confidence": "low"}
    assert c.good("ana", "PUT", f"{where}/severe/score", worst)["score"]["crossed"] is True
    assert models.IncidentRow.objects.count() == 1
    c.good("ana", "POST", f"{where}/severe/sme-call")
    c.answers("sam", incident, "business_sme")
    if c.holder(incident, "business_sme") != "sam":
        c.good("ana", "PUT", f"{where}/roles/business_sme/holder", {"person": c.id("sam")})
    c.good("sam", "PUT", f"{where}/severe/recommendation", {"reason": "It is in the news"})
    for handle in ("sam", "tia", "ben", "coco"):
        assert c.bad(handle, "POST", f"{where}/severe/escalation", {})[0] == 403
    assert c.bad("eve", "POST", f"{where}/severe/escalation", {})[0] == 403
    assert models.IncidentRow.objects.count() == 1
    c.login("ana").form(f"{where}/response/acts/escalate-severe", reason="Sam is right")
    child = str(c.good("ana", "GET", f"{where}/severe")["child"])
    assert (c.holder(child, "technical_slt"), c.holder(incident, "business_sme")) == ("sam", "")
    c.answers("lea", child, "commander")
    assert (c.holder(child, "commander"), c.holder(incident, "commander")) == ("lea", "ana")
    return child


def liaison_handed_over(c: Company, incident: str, child: str) -> None:
    """Ben stays until Una, the standby, has accepted, is briefed and has the role; then he is in the child."""
    here = f"/incidents/{incident}/handovers"
    passing = c.good("una", "GET", here)["items"][-1]["id"]
    held = models.RoleAssignmentRow.objects.get(incident_id=incident, role="customer_liaison", ended_at=None)
    assert c.bad("ben", "DELETE", f"/incidents/{incident}/assignments/{held.id}")[1] == "liaison.staged"
    step = f"/incidents/{child}/business-response/step"
    assert c.bad("lea", "PUT", step, {"step": "ready"})[1] == "step.gate"
    c.good("una", "PUT", f"{here}/{passing}/acceptance", {})
    c.good(
        "ben", "PUT", f"{here}/{passing}/briefing", {"briefing": "1,200 customers, most of them in the west"}
    )
    assert (c.holder(incident, "customer_liaison"), c.holder(child, "customer_liaison")) == ("ben", "")
    c.good("una", "PUT", f"{here}/{passing}/effect")
    assert (c.holder(incident, "customer_liaison"), c.holder(child, "customer_liaison")) == ("una", "ben")


def briefed(c: Company, child: str) -> None:
    """The readiness gate opened by itself; eight questions, and the word of the Technical SLT that it is enough."""
    here = f"/incidents/{child}/business-response"
    found = c.good("lea", "GET", here)
    assert all(one["accepted"] for one in found["initial"]) and found["step"] == "briefing"
    assert c.bad("lea", "PUT", f"{here}/step", {"step": "emergency_ops"})[1] == "step.gate"
    for question in QUESTIONS[:7]:
        c.good("ben", "PUT", f"{here}/briefing/{question}", {"text": f"About {question}: bookings"})
    c.login("ben").form(f"/incidents/{child}/response/acts/answer-briefing", question="else", text="Nothing")
    assert c.bad("lea", "PUT", f"{here}/briefing")[0] == 403
    found = c.good("sam", "PUT", f"{here}/briefing")
    assert [b["text"] is not None for b in found["briefing"]] == [True] * 8
    assert c.bad("sam", "PUT", f"{here}/step", {"step": "emergency_ops"})[0] == 403
    assert c.good("lea", "PUT", f"{here}/step", {"step": "emergency_ops"})["step"] == "emergency_ops"


def halted(c: Company, child: str) -> None:
    """The officers answer their calls, every area says how it does, and what goes outside stands still, with proof."""
    where = f"/incidents/{child}"
    for handle, role in (
        ("mel", "marketing_officer"), ("sol", "social_officer"), ("leo", "legal_officer"),
        ("mia", "messaging_officer"), ("eve", "elt_approver"),
    ):  # fmt: skip
        c.answers(handle, child, role)
        if c.holder(child, role) != handle:
            c.good("lea", "PUT", f"{where}/roles/{role}/holder", {"person": c.id(handle)})
    for handle, role in (
        ("pat", "status_page_manager"),
        ("ida", "internal_liaison"),
        ("sue", "support_responder"),
    ):
        c.good("lea", "PUT", f"{where}/roles/{role}/holder", {"person": c.id(handle)})
    c.login("lea").form(f"{where}/emergency/acts/ask-area")
    for handle, role in (
        ("mel", "marketing_officer"),
        ("sol", "social_officer"),
        ("sue", "support_responder"),
    ):
        said = {"state": "affected" if handle == "sue" else "normal", "text": "As of now"}
        c.good(handle, "PUT", f"{where}/areas/{role}", said)
    areas = {a["role"]: a for a in c.good("lea", "GET", f"{where}/areas")["items"]}
    assert areas["support_responder"]["state"] == "affected" and not areas["support_responder"]["owed"]
    assert areas["internal_liaison"]["owed"]
    for key in (*MARKETING, *SOCIAL):
        owner = "sol" if key in SOCIAL else "mel"
        at = f"{where}/switches/{key}"
        c.good(owner, "PUT", f"{at}/halt", {"eta_at": c.soon(minutes=10)})
        assert c.bad("ben", "PUT", f"{at}/halted", {"evidence": "It looks so"})[1] == "switch.owner"
        if key != "scheduled_posts":
            c.good(owner, "PUT", f"{at}/halted", {"evidence": "The account shows paused"})
    c.pass_time(minutes=11)
    assert c.told("sol", "Still not halted: Scheduled posts") == 1
    c.login("sol").form(
        f"{where}/emergency/acts/halted-switch", switch="scheduled_posts", evidence="Queue is empty"
    )
    assert "Emergency mode: 6 of 6 halted" in c.login("lea").page(where)
    mood = {"channel": "Mastodon", "level": -2, "volume": 25, "posts": "Nothing works"}
    c.good("sol", "POST", f"{where}/sentiment", mood)
    c.good("sue", "POST", f"{where}/say", {"text": "/abnormal Support gets two calls for each ticket"})
    assert (
        c.good("lea", "PUT", f"{where}/business-response/step", {"step": "messaging"})["step"] == "messaging"
    )


def write(c: Company, child: str, audience: str, **more: object) -> Paper:
    """Sam drafts, or takes the draft that stands ready for this audience."""
    body = {
        "audience": audience, "headline": "Bookings fail in the west", "customer_effect": "Bookings are refused.",
        "action": "We are adding capacity.", "next_update_at": c.soon(minutes=50),
    } | more  # fmt: skip
    author = "ida" if audience == "staff" else "sam"
    ready = [
        m for m in c.good(author, "GET", f"/incidents/{child}/messages")["items"]
        if m["audience"] == audience and m["state"] == "draft"
    ]  # fmt: skip
    if ready:
        paper = Paper(c, child, ready[0]["id"])
        c.good(author, "PUT", paper.url, body)
        return paper
    return Paper(c, child, c.good(author, "POST", f"/incidents/{child}/messages", body)["id"])


def agreed(paper: Paper, author: str = "sam") -> Paper:
    """Everybody on the way says yes: the three reviewers side by side, then the executive."""
    paper.hand_in(author)
    for handle, role in (("leo", "legal_officer"), ("mia", "messaging_officer"), ("ben", "customer_liaison")):
        paper.says(handle, "review", role)
    paper.says("eve", "approve", "elt_approver")
    return paper


def told_customers(c: Company, child: str) -> None:
    """Each audience in its own words: strategic customers, everybody, staff; released by the technical commander."""
    strategic = write(c, child, "customers_strategic")
    assert strategic.may_not_release("ana")[1] == "message.unapproved"
    agreed(strategic)
    assert strategic.may_not_release("ana")[1] == "consent.missing"
    strategic.lends_name("sam")
    everybody = agreed(write(c, child, "customers_all"))
    waiting = c.good("lea", "GET", f"/incidents/{child}/business-response")["waiting_release"]
    assert waiting == [strategic.id, everybody.id]
    for paper in (strategic, everybody):
        for handle in ("lea", "sam", "eve", "mel", "pat"):
            assert paper.may_not_release(handle)[0] == 403
        assert paper.release("ana") == "sent"
    strategic.carry("mel", "confirm", "Halden's mail server took it, id 7")
    everybody.carry("pat", "confirm", "Seen in the inbox of a customer")
    staff = write(c, child, "staff")
    staff.hand_in("ida")
    staff.says("mia", "review", "messaging_officer")
    assert staff.release("ana") == "released"
    assert staff.read()["sent_at"] is None
    staff.carry("ida", "distribute", "Posted in the canteen and on the intranet")
    assert staff.state == "sent"
    c.settle()
    mailed = sorted(o.to for _, o in c.outbox.sent if o.to.endswith("customer.example"))
    assert mailed == ["halden@customer.example", "kim@customer.example", "kim@customer.example"]


def moved_on(c: Company, incident: str, child: str) -> None:
    """The technical incident goes on: what was drafted for the phase before ends, the next set stands ready."""
    where = f"/incidents/{incident}"
    old = write(c, child, "customers_all", headline="We still search")
    old.hand_in("sam")
    c.good("tia", "PUT", f"{where}/facts", {"cause": "A pool without room"})
    c.good("ana", "PUT", f"{where}/phase", {"phase": "identified"})
    assert (old.state, c.good("lea", "GET", f"/incidents/{child}")["phase"]) == ("superseded", "identified")
    assert old.may_not_say("leo", "review", "legal_officer") == "message.not_draft"
    c.good("ana", "POST", f"{where}/decisions", {"question": "How?", "chosen": "Double the pool"})
    check = c.good("tia", "POST", f"{where}/checks", {"subject": "West"})["id"]
    c.good("ana", "PUT", f"{where}/phase", {"phase": "monitoring"})
    c.good("tia", "PUT", f"{where}/checks/{check}/outcome", {"passed": True})
    rows = c.good("lea", "GET", f"/incidents/{child}/business-response")["grid"]
    assert [r["phase"] for r in rows] == ["investigating", "identified", "monitoring"]
    assert {m["state"] for m in rows[-1]["messages"].values() if m} == {"draft"}


def resolved(c: Company, incident: str, child: str) -> None:
    """The technical incident ends. What was halted stays so until customers have heard that it is over."""
    end = {"code": "fixed", "summary": "The pool is twice as large"}
    early = c.bad("lea", "PUT", f"/incidents/{child}/resolution", end)
    assert early == (409, "phase.gate")
    c.good("ana", "PUT", f"/incidents/{incident}/resolution", end)
    assert c.good("lea", "PUT", f"/incidents/{child}/business-response/step", {"step": "resuming"})
    for key in (*SOCIAL, *MARKETING):
        owner = "sol" if key in SOCIAL else "mel"
        assert c.bad(owner, "PUT", f"/incidents/{child}/switches/{key}/resume")[1] == "switch.not_yet"
    ready = c.good("lea", "GET", f"/incidents/{child}/business-response")["grid"][-1]
    assert ready["phase"] == "resolved"
    drafts = {k: m["id"] for k, m in ready["messages"].items() if m}
    assert set(drafts) >= {"customers_all", "customers_strategic", "staff"}
    assert all(Paper(c, child, i).read()["final"] for i in drafts.values())
    over = agreed(write(c, child, "customers_all", **OVER))
    assert c.bad("sol", "PUT", f"/incidents/{child}/switches/paid_social/resume")[1] == "switch.not_yet"
    assert over.release("ana") == "sent"


def resumed(c: Company, child: str) -> None:
    """Social before marketing."""
    where = f"/incidents/{child}/switches"
    for key in MARKETING:
        assert c.bad("mel", "PUT", f"{where}/{key}/resume")[1] == "switch.not_yet"
    for owner, keys in (("sol", SOCIAL), ("mel", MARKETING)):
        for key in keys:
            c.good(owner, "PUT", f"{where}/{key}/resume")
            c.good(owner, "PUT", f"{where}/{key}/resumed", {"evidence": "It runs"})
    assert {s["state"] for s in c.good("lea", "GET", where)["items"]} == {"normal"}
    assert "Emergency mode:" not in c.login("lea").page(f"/incidents/{child}")


def ended(c: Company, incident: str, child: str) -> None:
    """Resolution of the child, the preliminary analysis within a day, the last word to everybody told, both closed."""
    where = f"/incidents/{child}"
    end = {"code": "fixed", "summary": "Customers are served, campaigns run"}
    assert (
        "messages_settled" in c.login("lea").send("PUT", f"{where}/resolution", end).json["error"]["details"]
    )
    for message in c.good("lea", "GET", f"{where}/messages")["items"]:
        if message["state"] == "draft":
            author = "ida" if message["audience"] == "staff" else "sam"
            c.good(
                "lea" if message["audience"] == "executives" else author,
                "DELETE",
                f"{where}/messages/{message['id']}?reason=Said+below",
            )
    c.good("lea", "PUT", f"{where}/resolution", end)
    task = models.TaskRow.objects.get(incident_id=child, title__contains="preliminary analysis")
    assert (task.assignee, task.minutes) == (c.id("sam"), 24 * 60)
    c.pass_time(hours=20)
    review = {
        key: c.good(lead, "GET", f"/incidents/{key}/review")
        for key, lead in ((incident, "ana"), (child, "lea"))
    }
    assert [r["owner"]["name"] for r in review.values()] == ["Ana Ferreira", "Lea Castro"]
    for key, lead in ((incident, "ana"), (child, "lea")):
        agree_review(c, key, lead)
        refused = c.login(lead).send("PUT", f"/incidents/{key}/review/closure")
        assert (refused.code, "All customers" in refused.json["error"]["message"]) == ("review.untold", True)
    c.good(
        "sam",
        "PUT",
        f"{where}/business-response/preliminary-analysis",
        {"text": "Zanzibar failed over twice"},
    )
    task.refresh_from_db()
    assert task.state == "done"
    last = [
        agreed(write(c, child, audience, **OVER)) for audience in ("customers_all", "customers_strategic")
    ]
    last[1].lends_name("sam")
    staff = write(c, child, "staff", **OVER)
    staff.hand_in("ida")
    staff.says("mia", "review", "messaging_officer")
    for paper in (*last, staff):
        assert paper.may_not_release("lea")[0] == 403
        paper.release("ana")
    staff.carry("ida", "distribute", "In the canteen")
    (first,) = [
        m for m in c.good("coco", "GET", f"/incidents/{incident}/messages")["items"]
        if (m["audience"], m["state"]) == ("customers_all", "draft")
    ]  # fmt: skip
    paper = Paper(c, incident, first["id"])
    c.good("coco", "PUT", paper.url, {"audience": "customers_all", **OVER})
    assert paper.release("ana") == "sent"
    for key, lead in ((child, "lea"), (incident, "ana")):
        told = c.good(lead, "GET", f"/incidents/{key}/closing-summaries")["items"]
        assert told and all(one["summary"] for one in told)
        assert c.good(lead, "PUT", f"/incidents/{key}/review/closure")["state"] == "closed"
        assert (
            c.good(lead, "PUT", f"/incidents/{key}/closure", {"reason": "All is as before"})["phase"]
            == "closed"
        )
    c.settle()
    assert "Emergency mode" not in c.login("ana").page("/incidents/board")
    public = [
        *models.MessageRow.objects.values(),
        *models.PageUpdateRow.objects.values(),
        *models.Delivery.objects.values(),
    ]
    assert "Zanzibar" not in str(public)


def agree_review(c: Company, incident: str, lead: str) -> None:
    where = f"/incidents/{incident}/review"
    for section in ("what_happened", "how_we_responded", "improvements", "root_cause"):
        c.good(lead, "PUT", f"{where}/sections/{section}", {"text": "Written."})
    c.good(lead, "PUT", f"{where}/submission", {})
    assert c.good(lead, "PUT", f"{where}/publication", {"reason": "All agree"})["state"] == "reviewed"


def never_without_liaison(c: Company, incident: str, child: str) -> None:
    """At no event of the log."""
    for key in (incident, child):
        began = False
        for state in c.history(key):
            held = state.holder("customer_liaison") is not None
            began = began or held
            assert held or not began or not state.is_open, (key, state.seq)
