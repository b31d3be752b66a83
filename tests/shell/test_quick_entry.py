"""A typed line in the war room, over the interface and on the page; and the incident at an instant there."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from quarterdeck.app.incidents import replay
from quarterdeck.store import models
from support.attacks import org, signed_in
from support.rest import Organisation

__all__ = ["org"]


def typed(org: Organisation, incident: str, text: str, handle: str = "ana"):
    return org.call(handle).post(f"/incidents/{incident}/say", {"text": text})


@pytest.mark.requirement("R-079")
def test_every_verb_does_what_its_form_does(org: Organisation) -> None:
    incident = org.declare("ana")
    for text, told in (
        ("The pool is full", "Written."),
        ("/finding 5xx since 14:02", "Written."),
        ("/decision Roll back", "The decision is on record."),
        ("/task @ben in 10m Look at the pool", "Ben has the task, 10 min."),
        ("/sev 1 all shops", "The severity is 1."),
        ("/fact cause: release 4.18.0", "The facts say so now."),
        ("/fact affected: about 1200", "The facts say so now."),
        ("/follow-up Ask the bank", "Written."),
        ("/page @ben A second pair of eyes", "Ben is being paged."),
        ("/phase investigating we look", "The phase is investigating."),
    ):
        got = typed(org, incident, text)
        assert (got.status, got.json.get("text")) == (201, told), got.json
    row = models.IncidentRow.objects.get(id=incident)
    assert (row.severity, row.cause, row.customers_affected, row.phase) == (
        1, "release 4.18.0", "about 1200", "investigating",
    )  # fmt: skip
    decision = models.DecisionRow.objects.get()
    assert decision.chosen == "Roll back" and decision.decided_by == org.id("ana") and decision.decided_at
    task = models.TaskRow.objects.exclude(kind="checklist").get(title="Look at the pool")
    assert (task.assignee, task.minutes) == (org.id("ben"), 10)
    assert models.TimelineRow.objects.get(kind="followup").followup
    assert models.Callout.objects.filter(person_id=org.id("ben"), incident_id=incident).exists()
    assert any(line.startswith("/task") for line in typed(org, incident, "/help").json["lines"])


@pytest.mark.requirement("R-074")
def test_a_note_about_an_earlier_moment_stands_there_and_shows_when_it_was_entered(org: Organisation) -> None:
    incident = org.declare("ana")
    earlier = datetime.now(UTC) - timedelta(minutes=7)
    assert typed(org, incident, f"/at {earlier:%H:%M} It began").status == 201
    rows = list(models.TimelineRow.objects.filter(incident_id=incident).order_by("happened_at", "seq"))
    assert rows[0].text == "It began" and rows[0].backdated
    assert rows[0].happened_at == earlier.replace(second=0, microsecond=0) < rows[0].entered_at
    html = signed_in(org, "ana").get(f"/incidents/{incident}").content.decode()
    assert "written <time" in " ".join(html.split())


@pytest.mark.parametrize(
    ("text", "code", "told"),
    [
        ("/tsk @ben 10 go", "command.unknown", "Did you mean /task?"),
        ("/task @bem 10 go", "person.unknown", "Did you mean @ben?"),
        ("/phase monitors", "phase.unknown", "Did you mean monitoring?"),
        ("/sev 9", "severity.unknown", "Choose one of"),
        ("/phase resolved", "phase.own_act", "Resolve"),
    ],
)
def test_what_cannot_be_done_is_refused_and_stays_in_the_field(
    org: Organisation, text: str, code: str, told: str
) -> None:
    incident = org.declare("ana")
    before = models.Event.objects.count()
    got = typed(org, incident, text)
    assert got.code == code and told in got.json["error"]["message"]
    page = signed_in(org, "ana").post(f"/incidents/{incident}/entries", {"text": text, "kind": "note"})
    html = page.content.decode()
    assert page.status_code == 422 and told in html and f">{text}</textarea>" in html
    assert models.Event.objects.count() == before


def test_a_line_does_no_more_than_its_writer_may(org: Organisation) -> None:
    incident = org.declare("ana")
    for text in ("/sev 1 x", "/decide x", "/phase investigating", "/task @ana 5 x", "/fact cause: x"):
        assert typed(org, incident, text, "ben").status == 403, text
    assert typed(org, incident, "/note seen", "ben").status == 201
    assert typed(org, incident, "/note seen", "ole").status == 403
    hidden = org.declare("ana", restricted=True)
    for text in ("x", "/help", "/page @ana x", "/phase nonsense"):
        assert typed(org, hidden, text, "ben").status == 404, text


@pytest.mark.requirement("R-081")
def test_flagged_entries_are_listed_on_the_record_and_in_the_review(org: Organisation) -> None:
    incident = org.declare("ana")
    ana = org.call("ana")
    typed(org, incident, "/follow-up Ask the bank")
    entry = ana.post(f"/incidents/{incident}/entries", {"text": "The alarm came late"}).json["entry"]
    client = signed_in(org, "ana")
    client.post(f"/incidents/{incident}/entries/{entry}", {"act": "flag"})
    page = client.get(f"/incidents/{incident}/record").content.decode()
    assert "Ask the bank" in page and "The alarm came late" in page
    report = client.get(f"/reviews/{incident}/report.md?timeline=all").content.decode()
    assert report.count("marked for follow-up") == 2
    client.post(f"/incidents/{incident}/entries/{entry}", {"act": "unflag"})
    assert "The alarm came late" not in client.get(f"/incidents/{incident}/record").content.decode()


def test_the_page_of_an_instant_works_with_a_time_a_slider_and_neither(org: Organisation) -> None:
    incident = org.declare("ana")
    typed(org, incident, "/fact cause: release 4.18.0")
    client = signed_in(org, "ana")
    events = list(models.Event.objects.filter(stream=incident).order_by("seq"))
    first = f"{events[0].at.isoformat()}".replace("+00:00", "Z")
    whole = client.get(f"/incidents/{incident}/at").content.decode()
    assert "release 4.18.0" in whole and 'type="range"' in whole and f"{len(events)} events by then" in whole
    then = client.get(f"/incidents/{incident}/at", {"t": first}).content.decode()
    assert "release 4.18.0" not in then
    part = client.get(
        f"/incidents/{incident}/at", {"s": "0"}, headers={"HX-Request": "true"}
    ).content.decode()
    assert "release 4.18.0" not in part and "<html" not in part
    told = org.call("ben").get(f"/incidents/{incident}/at?t={first}").json
    assert (told["cause"], told["phase"], told["roles"][0]["role"]) == ("", "triage", "commander")
    for odd in ({"t": "x"}, {"s": "-1"}, {"s": "9" * 50}, {"t": "0001-01-01T00:00:00Z"}, {"t": "9" * 400}):
        assert client.get(f"/incidents/{incident}/at", odd).status_code in (200, 422), odd


def test_states_that_are_kept_are_those_of_this_log(org: Organisation) -> None:
    """Folding from a kept state gives what folding from the beginning gives; another log under the same name counts
    for nothing."""
    incident = org.declare("ana")
    who = org.act("ana").who
    for n in range(230):
        typed(org, incident, f"note {n}") if n % 40 == 0 else org.call("ana").put(
            f"/incidents/{incident}/facts", {"cause": f"cause {n}"}
        )
    replay.forget()
    cold = replay.at(incident, who, None)
    warm = replay.at(incident, who, None)
    assert warm.case.incident == cold.case.incident and cold.case.incident.cause == "cause 229"
    key = next(k for k in replay._kept if k[0] == incident)
    replay._kept[key] = ("0" * 64, replay._kept[key][1])
    assert replay.at(incident, who, None).case.incident == cold.case.incident
