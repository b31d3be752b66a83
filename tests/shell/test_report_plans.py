"""Review packs, and reports that go out by themselves: once a period, with the figures of the page, to those who want it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection

from quarterdeck.app import timers
from quarterdeck.app.due import Timer
from quarterdeck.app.figures import packs, report_plans
from quarterdeck.app.paging.directory import Directory
from quarterdeck.engine.clock import EngineClock
from quarterdeck.engine.loop import Engine
from quarterdeck.engine.sender import Sender
from quarterdeck.store import models, tx
from support.attacks import CANARY, org, restricted, signed_in
from support.backup_world import alert
from support.rest import Organisation

__all__ = ["org"]
DAY = timedelta(days=1)


def plan(org: Organisation, *handles: str, **said: object) -> dict:
    told = {
        "pack": "on_call",
        "zone": "Europe/Paris",
        "hour": 9,
        "people": [org.id(h) for h in handles],
    } | said
    answer = org.call("root", "administrator").post("/report-plans", told)
    assert answer.status == 201, answer.json
    return answer.json


def due(made: dict) -> models.Due:
    return models.Due.objects.get(kind=report_plans.KIND, ref=made["id"], state="waiting")


def fire(made: dict, at: datetime) -> None:
    """As the engine does, in a transaction of its own."""
    row = due(made)
    with tx.write("engine"):
        timers.fire(Timer(row.id, row.kind, row.ref, 0), Directory(at))


def mails(made: dict) -> list[models.Delivery]:
    return list(models.Delivery.objects.filter(key__startswith=f"report/{made['id']}/").order_by("key"))


@pytest.mark.requirement("R-234")
def test_a_report_is_sent_once_a_period_late_if_it_must_be(org: Organisation) -> None:
    made = plan(org, "ana", "ben")
    first = due(made).due_at
    assert first.astimezone(UTC).weekday() == 0 and made["every"] == "week"
    fire(made, first - timedelta(seconds=1))
    assert mails(made) == []
    for _ in range(3):  # a second engine, and one that comes back from the dead
        fire(made, first)
    assert len(mails(made)) == 2 and models.ReportSent.objects.count() == 1
    late = first + 22 * DAY  # three weeks away
    for _ in range(6):
        fire(made, late)
    sent = list(models.ReportSent.objects.order_by("due_at").values_list("period", "sent_at"))
    assert len(sent) == 4 and len({p for p, _ in sent}) == 4 and [at for _, at in sent[1:]] == [late] * 3
    assert len({m.key for m in mails(made)}) == len(mails(made)) == 8
    assert due(made).due_at == first + 28 * DAY or abs(due(made).due_at - first - 28 * DAY) == timedelta(
        hours=1
    )


def test_after_a_long_absence_the_last_reports_come_and_no_flood(org: Organisation) -> None:
    made = plan(org, "ana")
    first = due(made).due_at
    report_plans.prepare(made["id"], Directory(first + 400 * DAY))
    for _ in range(60):
        fire(made, first + 400 * DAY)
    sent = list(models.ReportSent.objects.order_by("due_at").values_list("period", flat=True))
    assert len(sent) == len(set(sent)) == len(mails(made)) == report_plans.MOST_LATE
    assert due(made).due_at > first + 400 * DAY


def test_a_page_that_is_due_with_a_report_goes_out_before_it(
    org: Organisation, monkeypatch: pytest.MonkeyPatch
) -> None:
    org.person("kim")
    org.policy("default", ("kim", 5))
    made, now = plan(org, "ana"), datetime.now(UTC)
    models.ReportPlan.objects.update(next_at=now)
    models.Due.objects.filter(kind=report_plans.KIND).update(due_at=now)
    org.journal("alertmanager", alert("disk"), org.integration())
    paged, locked, contents = [], [], packs.contents

    def read(*of: Any) -> Any:
        paged.append(models.Attempt.objects.filter(phase="started").exists())
        locked.append(connection.in_atomic_block)
        return contents(*of)

    monkeypatch.setattr(packs, "contents", read)
    clock = EngineClock()
    engine = Engine(clock, Sender(org.outbox.send, clock.monotonic, lambda: None), chores=())
    try:
        for _ in range(3):
            engine.cycle()
    finally:
        engine.close()
    assert paged == [True] and locked == [False] and len(mails(made)) == 1


@pytest.mark.requirement("R-234")
def test_nothing_of_a_period_is_kept_when_sending_it_fails(
    org: Organisation, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = plan(org, "ana")
    at = due(made).due_at
    monkeypatch.setattr(report_plans, "next_due", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        fire(made, at)
    assert mails(made) == [] and not models.ReportSent.objects.exists()
    monkeypatch.undo()
    fire(made, at)
    assert len(mails(made)) == 1


@pytest.mark.requirement("R-234")
def test_the_mail_says_what_the_page_says_and_leads_there(org: Organisation) -> None:
    made = plan(org, "ana")
    org.declare("ben")
    restricted(org)
    at = due(made).due_at
    # In the week it is about, on whatever day this runs.
    models.IncidentRow.objects.update(declared_at=at - 3 * DAY)
    fire(made, at)
    (mail,) = mails(made)
    body = mail.body
    assert "Incidents: 1 (" in body["text"] and CANARY not in body["text"] and CANARY not in body["subject"]
    assert mail.channel == "email" and mail.cls == "message"
    path = body["link"].partition("://")[2].partition("/")[2]
    page = signed_in(org, "ana").get(f"/{path}")
    assert page.status_code == 200
    for line in ("Weekly on-call review", "1 (2"):
        assert line in page.content.decode(), line
    assert CANARY not in page.content.decode(), "not even for somebody who is in it"
    assert f"/insights/reports/{made['id']}" in body["text"]


@pytest.mark.requirement("R-234")
def test_everybody_stops_it_for_themselves_and_stays_out(org: Organisation) -> None:
    made = plan(org, "ana", "eva")
    eva = signed_in(org, "eva")
    assert "Stop sending it to me" in eva.get(f"/insights/reports/{made['id']}").content.decode()
    assert eva.post(f"/insights/reports/{made['id']}/subscription", {"on": "0"}).status_code == 302
    fire(made, due(made).due_at)
    assert [m.person_id for m in mails(made)] == [org.id("ana")]
    again = org.call("root").patch(f"/report-plans/{made['id']}", {"people": [org.id("ana"), org.id("eva")]})
    assert (again.status, again.code) == (409, "people.left")
    assert org.call("eva").put(f"/report-plans/{made['id']}/subscription").status == 204
    assert [p["id"] for p in org.call("ole", "observer").get(f"/report-plans/{made['id']}").json["people"]] == [
        org.id("ana"), org.id("eva"),
    ]  # fmt: skip
    assert org.call("ana").patch(f"/report-plans/{made['id']}", {"hour": 1}).status == 403
    preview = org.call("ole").get(f"/report-plans/{made['id']}/preview").json
    assert preview["subject"].startswith("Weekly on-call review: ") and "ON-CALL" in preview["text"]
    assert org.call("root").delete(f"/report-plans/{made['id']}").status == 204
    assert not models.Due.objects.filter(kind=report_plans.KIND, state="waiting").exists()


def test_what_cannot_be_a_report_is_refused_and_stays_typed(org: Organisation) -> None:
    root = signed_in(org, "root")
    said = {"pack": "service", "title": "For the board", "zone": "Mars/Olympus", "hour": "8"}
    page = root.post("/insights/reports", said)
    assert page.status_code == 422 and "For the board" in page.content.decode()
    assert '<option value="Europe/Berlin"' in page.content.decode()
    assert not models.ReportPlan.objects.exists()
    assert signed_in(org, "ana").post("/insights/reports", said | {"zone": "UTC"}).status_code == 403
    made = root.post("/insights/reports", said | {"zone": "UTC", "people": [org.id("ana")]})
    assert made.status_code == 302 and root.get(made["Location"]).status_code == 200
    assert "For the board" in signed_in(org, "eva").get("/insights/reports").content.decode()
    for path in (
        "/insights/packs/none",
        "/insights/packs/on_call?period=2026-13",
        "/insights/packs/service?zone=x",
    ):
        assert root.get(path).status_code in (404, 422), path


@pytest.mark.requirement("R-241")
@pytest.mark.parametrize("key", packs.PACKS)
def test_each_pack_renders_with_data(org: Organisation, key: str) -> None:
    org.declare("ana")
    org.alert("disk", paged=True)
    period = {"on_call": "%G-W%V", "service": "%Y-%m"}.get(key, "")
    now = datetime.now(UTC)
    name = now.strftime(period) if period else f"{now.year}-Q{(now.month + 2) // 3}"
    found = org.call("eva", "executive").get(f"/report-packs/{key}?period={name}").json
    by = {s["key"]: s for s in found["sections"]}
    assert by["overview"]["facts"]["Incidents"].startswith("1 (") and found["period"] == name
    assert all(s["facts"] or s["tables"] or s["texts"] for s in found["sections"])
    eva = signed_in(org, "eva")
    page = eva.get(f"/insights/packs/{key}?period={name}").content.decode()
    assert all(s["title"] in page for s in found["sections"] if "&" not in s["title"])
    file = eva.get(f"/insights/packs/{key}.pdf?period={name}")
    assert file.content.startswith(b"%PDF-") and len(file.content) > 2_000
