"""Executives in their place: somebody bridges to them, they read and do not write where work is done, their own work is
apart from the technical board.
"""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from quarterdeck.app.incidents import command
from quarterdeck.core.incidents import exec_questions
from quarterdeck.store import models
from support.browsing import browser
from support.rest import Answer, Organisation


@pytest.fixture
def org(db: None) -> Organisation:
    o = Organisation()
    for handle in ("ana", "ben", "cho", "dag"):
        o.call(handle)
    for handle in ("eva", "eli"):
        o.call(handle, "executive")
    return o


def good(answer: Answer) -> Answer:
    assert answer.status in (200, 201, 204), answer.json
    return answer


def later(org: Organisation, **span: float) -> None:
    """Time passes from now on, also where requests, which have the clock of the wall, took long on a busy machine."""
    org.now = max(org.now, datetime.now(UTC))
    org.pass_time(**span)


def told(org: Organisation, handle: str) -> list[str]:
    org.settle()
    rows = models.Callout.objects.filter(person_id=org.id(handle)).order_by("id")
    return list(rows.values_list("subject", flat=True))


@pytest.mark.requirement("R-148", "X-04")
def test_a_sev1_without_an_executive_liaison_is_warned_of_and_told_to_one_after_another(
    org: Organisation,
) -> None:
    key = org.declare("ana", severity=1)
    command.assign_role(org.act("ana"), key, "deputy", org.id("ben"))
    org.policy("role-executive_liaison", ("cho", 5))
    where, room = f"/incidents/{key}/executive-liaison", f"/incidents/{key}"
    ana, eva = browser(org, "ana"), browser(org, "eva")
    now = good(org.call("ana").get(where)).json
    assert (now["warned"], [p["name"] for p in now["answers"]]) == (False, ["Ben"])
    assert now["needed_since"]
    later(org, minutes=3, seconds=5)
    assert good(org.call("ana").get(where)).json["warned"]
    vacant = [s for s in told(org, "ben") if s.startswith("Still vacant") and "Executive Liaison" in s]
    assert len(vacant) == 1
    assert "Nobody is Executive Liaison" not in told(org, "ana")
    shown = ana.get(room).content.decode()
    assert "Nobody bridges to executives; Ben answers them meanwhile." in shown
    assert "Nobody is executive liaison yet" in eva.get(f"/briefs/{key}").content.decode()
    later(org, minutes=3)
    assert told(org, "ana").count("Nobody is Executive Liaison") == 1
    assert models.TimelineRow.objects.filter(incident_id=key, title__contains="Still nobody is").count() == 1
    assert eva.get(room).status_code == 403
    now = good(org.call("ana").get(where)).json
    assert [(f["person"]["name"], f["why"]) for f in now["fillers"]] == [
        ("Cho", "on_call"),
        ("Ben", "deputy"),
    ]
    assert ana.post(f"{room}/executives/liaison", {"person": org.id("cho")}).status_code == 302
    now = good(org.call("ana").get(where)).json
    assert (now["needed_since"], [p["name"] for p in now["answers"]]) == (None, ["Cho"])
    assert "Nobody is executive liaison yet" not in eva.get(f"/briefs/{key}").content.decode()


def test_what_leadership_is_asked_for_stands_on_its_page_without_names(org: Organisation) -> None:
    org.policy("executive-duty", ("eva", 5))
    key = org.declare("ana", severity=3)
    command.assign_role(org.act("ana"), key, "technical_lead", org.id("ben"))
    ask = {"kind": "roadblock", "text": "Ben may not enter the hall", "minutes": 20}
    made = good(org.call("ana").post(f"/incidents/{key}/help-requests", ask)).json["id"]
    eva = browser(org, "eva")
    shown = eva.get(f"/briefs/{key}").content.decode()
    assert "the Technical Lead may not enter the hall" in shown and "Ben" not in shown
    referer = f"http://testserver/briefs/{key}"
    went = eva.post(f"/briefs/{key}/asks/acts/accept", {"help": made}, HTTP_REFERER=referer)
    assert went.status_code == 302
    assert models.HelpRequestRow.objects.get(id=made).state == "accepted"


@pytest.mark.requirement("R-148")
def test_the_deputy_fills_the_gap_by_default_when_an_executive_has_asked(org: Organisation) -> None:
    key = org.declare("ana", severity=3)
    where = f"/incidents/{key}/executive-liaison"
    assert org.call("ana").put(where).code == "liaison.nobody"
    command.assign_role(org.act("ana"), key, "deputy", org.id("ben"))
    assert good(org.call("ana").get(where)).json["needed_since"] is None
    asked = {"text": "Was anybody charged twice?"}
    good(org.call("eva").post(f"/incidents/{key}/executive-questions", asked))
    assert good(org.call("ana").get(where)).json["needed_since"]
    assert [p["name"] for p in good(org.call("ana").put(where)).json["answers"]] == ["Ben"]


@pytest.mark.requirement("R-138", "X-16")
def test_executives_have_their_own_workstreams_and_one_line_of_each_crosses_to_the_commander(
    org: Organisation,
) -> None:
    key = org.declare("ana", severity=1)
    for role, handle in (("executive_liaison", "cho"), ("technical_lead", "ben")):
        command.assign_role(org.act("ana"), key, role, org.id(handle))
    at = f"/incidents/{key}/executive-workstreams"
    calls = {h: org.call(h) for h in ("ana", "ben", "cho", "eva", "eli")}
    new = {"title": "Tell the insurer", "owner": org.id("cho")}
    task = good(calls["eva"].post(f"{at}/legal/tasks", new)).json
    assert (task["state"], task["owner"]["name"]) == ("open", "Cho")
    good(calls["cho"].post(f"{at}/people/tasks", {"title": "Call the families"}))
    assert calls["eva"].post(f"{at}/legal/tasks", new | {"owner": org.id("ben")}).code == "owner.outside"
    for line in ("Counsel is called", "Counsel reads the contract"):
        good(calls["eva"].put(f"{at}/legal/line", {"text": line}))
    for handle in ("ana", "ben"):
        assert calls[handle].post(f"{at}/legal/tasks", new).code == "exec.group"
        assert calls[handle].put(f"{at}/pr/line", {"text": "All is well"}).code == "exec.group"

    def seen(handle: str) -> dict[str, tuple]:
        items = good(calls[handle].get(at)).json["items"]
        tasks = {s["key"]: s["tasks"] and [t["title"] for t in s["tasks"]] for s in items}
        return {s["key"]: (s["line"], tasks[s["key"]]) for s in items}

    crossed = {k: ("", None) for k in ("continuity", "legal", "pr", "people")}
    assert seen("ana") == crossed | {"legal": ("Counsel reads the contract", None)}
    assert seen("ben") == {}
    for handle in ("cho", "eva", "eli"):
        found = seen(handle)
        assert found["legal"] == ("Counsel reads the contract", ["Tell the insurer"])
        assert found["people"] == ("", ["Call the families"])
    # The technical board, its lists and the timeline know nothing of it.
    assert good(calls["ana"].get(f"/incidents/{key}/tasks")).json["items"] == []
    assert not models.TaskRow.objects.exists() and models.ExecTaskRow.objects.count() == 2
    pages = {h: browser(org, h) for h in ("ana", "ben", "cho", "eva")}
    for handle, path in (
        ("ana", ""),
        ("ana", "/tasks"),
        ("ana", "/timeline"),
        ("ben", ""),
        ("ben", "/tasks"),
    ):
        shown = pages[handle].get(f"/incidents/{key}{path}").content.decode()
        assert "insurer" not in shown and "families" not in shown, (handle, path)
        assert ("Counsel reads the contract" in shown) == ((handle, path) == ("ana", "")), (handle, path)
        assert "Counsel is called" not in shown
    brief = pages["eva"].get(f"/briefs/{key}").content.decode()
    assert "Tell the insurer" in brief and "the executive liaison" in brief and "Cho" not in brief
    assert "Tell the insurer" not in pages["ana"].get(f"/briefs/{key}").content.decode()
    # The page keeps what was typed when it is refused, and carries out the rest.
    work = f"/briefs/{key}/work"
    kept = pages["eva"].post(f"{work}/task", {"stream": "legal", "title": "x" * 201})
    assert kept.status_code == 422 and "x" * 201 in kept.content.decode()
    assert pages["cho"].post(f"{work}/done", {"task": task["id"]}).status_code == 302
    assert good(calls["eva"].get(at)).json["items"][1]["tasks"][0]["state"] == "done"
    assert pages["ana"].post(f"{work}/line", {"stream": "legal", "text": "Mine"}).status_code == 422


@pytest.mark.requirement("X-14")
def test_executives_and_their_liaison_talk_in_a_channel_that_no_responder_reads(
    org: Organisation, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = org.declare("ana", severity=1)
    for role, handle in (("executive_liaison", "cho"), ("technical_lead", "ben")):
        command.assign_role(org.act("ana"), key, role, org.id(handle))
    at = f"/incidents/{key}/executive-channel"
    eva, cho = org.call("eva"), org.call("cho")
    assert eva.post(at, {"text": "We are with you"}).code == "channel.quiet"
    good(cho.post(at, {"text": "The first brief comes at half past"}))
    monkeypatch.setitem(exec_questions.QUIET_MINUTES, 1, 0)  # type: ignore[arg-type]
    good(eva.post(at, {"text": "The board is told"}))
    assert eva.post(at, {"text": "When is it over?"}).code == "channel.question"
    for handle in ("cho", "eva", "eli"):
        words = [w["text"] for w in good(org.call(handle).get(at)).json["items"]]
        assert words == ["The first brief comes at half past", "The board is told"]
    for handle in ("ana", "ben"):
        assert good(org.call(handle).get(at)).json["items"] == []
        assert org.call(handle).post(at, {"text": "Hello"}).code == "exec.group"
        shown = browser(org, handle).get(f"/incidents/{key}").content.decode()
        assert "The board is told" not in shown
    page = browser(org, "eva").get(f"/briefs/{key}").content.decode()
    assert "The board is told" in page and "The first brief comes at half past" in page and "Cho" not in page


@pytest.mark.requirement("R-141")
def test_what_costs_more_than_the_limit_goes_to_the_executive_on_duty_and_then_its_way(
    org: Organisation,
) -> None:
    org.call("root", "administrator")
    org.policy("executive-duty", ("eva", 5), ("eli", 5))
    key = org.declare("ana", severity=3)
    command.assign_role(org.act("ana"), key, "technical_lead", org.id("ben"))
    ana, ben, eva, eli = (org.call(h) for h in ("ana", "ben", "eva", "eli"))
    lent = {"person": org.id("ana"), "acts": ["spend"], "limit_minor": 100_000, "currency": "EUR"}
    good(org.call("root").post(f"/incidents/{key}/delegations", lent))
    at, up = f"/incidents/{key}/resource-requests", f"/incidents/{key}/spend-approvals"

    def ask(minor: int) -> str:
        body = {"kind": "Server", "item": "Ben wants a large one", "cost_minor": minor, "currency": "EUR"}
        return good(ben.post(at, body)).json["id"]

    within, above, refused = ask(100_000), ask(100_001), ask(900_000)
    assert good(ana.put(f"{at}/{within}/approval")).json["state"] == "approved"
    good(ana.put(f"{at}/{within}/refusal", {"reason": "Later"}))
    for one in (above, refused):
        sent = good(ana.put(f"{at}/{one}/approval")).json
        assert (sent["state"], sent["waits_for"]["name"]) == ("requested", "Eva")
    assert sum("Approve request" in s for s in told(org, "eva")) == 2
    assert eli.put(f"{up}/{above}", {"approved": True}).code == "request.not_yours"
    assert eva.put(f"{at}/{above}/approval").status == 403  # not by the door of the response
    assert [r["id"] for r in good(eva.get(up)).json["items"]] == [above, refused]
    page = browser(org, "eva")
    shown = page.get(f"/briefs/{key}").content.decode()
    assert "1,000.01 EUR" in shown and "the Technical Lead wants a large one" in shown
    kept = page.post(f"/briefs/{key}/spend", {"request": refused, "answer": "refuse", "reason": ""})
    assert kept.status_code == 422
    assert page.post(f"/briefs/{key}/spend", {"request": above, "answer": "approve"}).status_code == 302
    assert good(eva.put(f"{up}/{refused}", {"approved": False, "reason": "No"})).json["state"] == "refused"
    order = {"order_number": "PO-7", "supplier": "Metal Ltd", "cost_minor": 100_001, "currency": "EUR"}
    assert good(ana.put(f"{at}/{above}/order", order)).json["state"] == "ordered"
    assert good(ana.put(f"{at}/{above}/arrival")).json["state"] == "arrived"


def test_a_spend_approval_that_nobody_answers_goes_to_the_next_executive_and_then_to_the_commander(
    org: Organisation,
) -> None:
    org.call("root", "administrator")
    org.policy("executive-duty", ("eva", 5), ("eli", 5))
    key = org.declare("ana", severity=3)
    command.assign_role(org.act("ana"), key, "technical_lead", org.id("ben"))
    ana, ben, eva, eli = (org.call(h) for h in ("ana", "ben", "eva", "eli"))
    lent = {"person": org.id("ana"), "acts": ["spend"], "limit_minor": 100_000, "currency": "EUR"}
    good(org.call("root").post(f"/incidents/{key}/delegations", lent))
    at, up = f"/incidents/{key}/resource-requests", f"/incidents/{key}/spend-approvals"
    body = {"kind": "Server", "item": "A large one", "cost_minor": 900_000, "currency": "EUR"}
    one = good(ben.post(at, body)).json["id"]
    good(ana.put(f"{at}/{one}/approval"))
    org.pass_time(minutes=14)
    assert not any("Approve request" in s for s in told(org, "eli"))
    org.pass_time(minutes=2)
    assert sum("Approve request" in s for s in told(org, "eli")) == 1
    call = models.Callout.objects.filter(person_id=org.id("eli"), subject__contains="Approve request").get()
    assert call.reason == "Eva has not answered for 15 minutes: you are asked next."
    assert good(ben.get(at)).json["items"][0]["waits_for"]["name"] == "Eli"
    org.pass_time(minutes=16)
    assert any("Nobody approves request 1" in s for s in told(org, "ana"))
    for asked in (eva, eli):
        assert [r["id"] for r in good(asked.get(up)).json["items"]] == [one]
    assert good(eli.put(f"{up}/{one}", {"approved": True})).json["state"] == "approved"
    assert good(eva.put(f"{up}/{one}", {"approved": True})).json["state"] == "approved", (
        "too late, and no harm"
    )


@pytest.mark.requirement("R-141")
def test_granting_access_is_a_task_and_done_is_arrived(org: Organisation) -> None:
    key = org.declare("ana", severity=3)
    for role, handle in (("technical_lead", "ben"), ("scribe", "cho")):
        command.assign_role(org.act("ana"), key, role, org.id(handle))
    at = f"/incidents/{key}/resource-requests"
    asked = {"kind": "access", "item": "The vault of the payment hosts, for Ben"}
    one = good(org.call("ben").post(at, asked)).json["id"]
    body = {"person": org.id("cho"), "minutes": 20}
    assert org.call("ana").put(f"{at}/{one}/grant", body).code == "request.state"
    good(org.call("ana").put(f"{at}/{one}/approval"))
    ana = browser(org, "ana")
    assert "Who can grant it" in ana.get(f"/incidents/{key}/business").content.decode()
    acts = f"/incidents/{key}/business/acts/grant-request"
    assert ana.post(acts, {"request": one} | {k: str(v) for k, v in body.items()}).status_code == 302
    assert good(org.call("ana").put(f"{at}/{one}/grant", body)).json["state"] == "ordered"
    task = models.TaskRow.objects.get(incident_id=key)
    assert (task.assignee, task.title) == (org.id("cho"), f"Grant access: {asked['item']}")
    good(org.call("cho").put(f"/incidents/{key}/tasks/{task.id}/result", {"result": "Granted until six"}))
    assert {r["id"]: r["state"] for r in good(org.call("ana").get(at)).json["items"]} == {one: "arrived"}
