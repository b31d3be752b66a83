"""In whose name a message goes, over REST, by the link and on the pages: consent, signature, the name in the mail."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import parseaddr
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.test import Client
from tests.shell.test_severe import Severe, approved, release

from quarterdeck.app.comms import audiences
from quarterdeck.app.quick import quick
from quarterdeck.channels import deliver, read_settings
from quarterdeck.channels.outcome import Sent
from quarterdeck.channels.safe_http import SafeClient
from quarterdeck.core.kernel.moments import text
from quarterdeck.core.kernel.refused import Refused
from quarterdeck.store import models
from support.browsing import browser
from support.rest import Organisation
from support.smtp_sink import SmtpSink, smtp_sink


@pytest.fixture
def org(db: None) -> Organisation:
    return Organisation()


@pytest.fixture
def sink(org: Organisation) -> Iterator[SmtpSink]:
    before = settings.QUARTERDECK_CHANNELS
    with smtp_sink() as found:
        settings.QUARTERDECK_CHANNELS = {
            "email": {
                "host": "127.0.0.1", "port": found.port, "tls": "none", "from_address": "status@example.com",
                "from_name": "Corvane", "message_reply_to": "help@example.com", "leader_reply_to": "office@example.com",
            }
        }  # fmt: skip
        yield found
        settings.QUARTERDECK_CHANNELS = before


@pytest.fixture
def severe(org: Organisation) -> Severe:
    """The business response with its liaison, reviewers and approver."""
    org.call("root", role="administrator")
    found = Severe(org)
    found.escalate()
    found.ready()
    for role, handle in (("messaging_officer", "una"), ("elt_approver", "tom"), ("legal_officer", "ben")):
        found.good("lea", "put", f"{found.below}/roles/{role}/holder", {"person": org.id(handle)})
    return found


def consent_of(severe: Severe, message: str, handle: str = "sam"):
    return severe.good(handle, "get", f"{severe.below}/messages/{message}/consent")


def agree(severe: Severe, message: str, handle: str = "sam") -> tuple[int, str]:
    said = {"content_hash": consent_of(severe, message)["content_hash"]}
    answer = severe.org.call(handle).put(f"{severe.below}/messages/{message}/consent", said)
    return answer.status, answer.code if answer.status >= 400 else ""


def staff_text(**more: str) -> dict[str, str]:
    return {
        "audience": "staff", "headline": "We work on it", "customer_effect": "Slow", "action": "We add capacity",
        "next_update_at": text(datetime.now(UTC) + timedelta(hours=5)), **more,
    }  # fmt: skip


@pytest.mark.requirement("R-097")
@pytest.mark.requirement("X-15")
def test_strategic_customers_hear_the_technical_slt_who_signs_it_by_themselves(
    severe: Severe, sink: SmtpSink
) -> None:
    audiences.add_contact(severe.org.act("root"), "customers_strategic", "cto@big.example", "Big")
    models.Person.objects.filter(handle="sam").update(name='Sam "SLT" Ng\r\nBcc: all@evil.example')
    message = approved(severe, "customers_strategic")
    asked = consent_of(severe, message)
    assert (asked["sender_identity"], asked["title"], asked["counts"]) == (
        "technical_slt",
        "Technical SLT",
        False,
    )
    assert severe.good("sam", "get", f"{severe.below}/messages/{message}")["missing"]
    assert release(severe, "ana", message) == (409, "consent.missing")
    assert agree(severe, message, "ana") == (403, "consent.person")
    assert not models.Delivery.objects.filter(message_id=message).exists()
    assert agree(severe, message)[0] == 200
    assert release(severe, "ana", message)[0] == 200
    severe.org.settle()
    outgoing = next(o for kind, o in severe.org.outbox.sent if o.to == "cto@big.example")
    sent = deliver(
        "email", outgoing, read_settings("email", settings.QUARTERDECK_CHANNELS["email"]), SafeClient()
    )
    assert isinstance(sent, Sent)
    mail = sink.mails[0].message
    name, address = parseaddr(str(mail["From"]))
    assert address == "status@example.com" and "Bcc" not in mail and not mail.defects
    assert name.startswith('Sam "SLT" Ng') and name.endswith(", Corvane") and "@" not in name
    assert mail["Reply-To"] == "office@example.com"
    signed = 'Sam "SLT" Ng Bcc: all@evil.example, Technical SLT'
    assert [
        signed in mail.get_body((kind,)).get_content().replace("&quot;", '"') for kind in ("plain", "html")
    ]
    told = severe.good("sam", "get", f"{severe.below}/messages/{message}")
    assert told["spoken_by"]["id"] == severe.org.id("sam")
    row = models.MessageConsentRow.objects.get(id=message)
    assert (row.person, row.state, row.via) == (severe.org.id("sam"), "given", "api")


@pytest.mark.requirement("R-140")
def test_an_executive_lends_their_name_by_the_link_they_got_and_any_edit_ends_it(severe: Severe) -> None:
    org = severe.org
    org.call("eva", role="executive")
    eva = org.id("eva")
    assert severe.bad("sam", "post", f"{severe.below}/messages", staff_text(
        sender_identity="executive", sender_person=org.id("tom")
    ))[1] == "sender.person"  # fmt: skip
    body = staff_text(sender_identity="executive", sender_person=eva)
    message = severe.good("sam", "post", f"{severe.below}/messages", body)["id"]
    here = f"{severe.below}/messages/{message}"
    said = {"content_hash": severe.good("sam", "get", here)["content_hash"]}
    severe.good("sam", "put", f"{here}/submission", said)
    word = {"step": "review", "role": "messaging_officer", "verdict": "ok"}
    severe.good("una", "post", f"{here}/verdicts", word | said)
    assert release(severe, "ana", message) == (409, "consent.missing")
    note = models.Delivery.objects.filter(person_id=eva, body__contains="/consent/").first()
    assert note is not None
    path = urlsplit(re.search(r'https?://[^"\s]+/consent/[^"\s]+', str(note.body["link"]))[0]).path
    client = Client(SERVER_NAME="127.0.0.1", HTTP_ACCEPT="text/html")
    page = client.get(path)
    assert page.status_code == 200 and "We work on it" in page.content.decode()
    assert client.get(path[:-3] + "xx/").status_code == 404
    assert not models.MessageConsentRow.objects.filter(id=message, state="given").exists(), (
        "a look gives nothing"
    )
    assert client.post(path, {"answer": "yes"}).status_code == 302
    assert consent_of(severe, message, "eva")["counts"]
    assert (
        severe.bad("eva", "get", f"{severe.below}/messages/{approved(severe, 'customers_all')}/consent")[0]
        == 404
    )
    severe.good("sam", "put", here, body | {"action": "We add more capacity"})
    assert not consent_of(severe, message)["counts"]
    assert client.get(path).status_code == 410
    assert client.post(path, {"answer": "yes"}).status_code == 410
    severe.good("sam", "put", here, body)
    assert consent_of(severe, message)["counts"], "the very text she agreed to"
    assert client.post(path, {"answer": "no", "reason": "Not now"}).status_code == 302
    severe.good("sam", "put", f"{here}/submission", said)
    severe.good("una", "post", f"{here}/verdicts", word | said)
    assert release(severe, "ana", message) == (409, "consent.missing")
    assert severe.bad("sam", "delete", f"{here}/consent?reason=x")[1] == "consent.person"


def test_a_name_taken_back_while_it_is_sent_stops_whoever_has_not_got_it(severe: Severe) -> None:
    for n in range(3):
        audiences.add_contact(severe.org.act("root"), "customers_strategic", f"c{n}@big.example")
    message = approved(severe, "customers_strategic")
    agree(severe, message)
    release(severe, "ana", message)
    waiting = models.Delivery.objects.filter(message_id=message, state="queued")
    assert waiting.count() == 3
    where = f"{severe.below}/messages/{message}/consent?reason=It+is+wrong"
    assert severe.good("sam", "delete", where)["state"] == "withdrawn"
    assert not waiting.exists()
    assert models.Mailing.objects.get(id=message).state == "stopped"
    severe.org.settle()
    assert set(models.Recipient.objects.filter(message_id=message).values_list("state", flat=True)) == {
        "stopped"
    }


@pytest.mark.requirement("R-101")
@pytest.mark.parametrize("audience", ["customers_all", "media"])
def test_no_message_reaches_the_approver_before_the_liaison_checked_its_accuracy(
    severe: Severe, audience: str
) -> None:
    """Neither out of turn nor by any order of the others; and the approver is not even asked."""
    message = severe.good("sam", "post", f"{severe.below}/messages", staff_text(audience=audience))["id"]
    here = f"{severe.below}/messages/{message}"
    said = {"content_hash": severe.good("sam", "get", here)["content_hash"]}
    severe.good("sam", "put", f"{here}/submission", said)
    approve = {"step": "approve", "role": "elt_approver", "verdict": "ok"}
    for handle, role in (("ben", "legal_officer"), ("una", "messaging_officer")):
        severe.good(
            handle, "post", f"{here}/verdicts", {"step": "review", "role": role, "verdict": "ok"} | said
        )
        assert severe.bad("tom", "post", f"{here}/verdicts", approve | said)[1] == "step.early"
    tom = severe.org.id("tom")
    asked = models.Callout.objects.filter(person_id=tom, subject__startswith="Approve:")
    assert not asked.exists()
    stages = severe.good("tom", "get", f"{here}/stages")["items"]
    assert [s["since"] is None for s in stages if s["role"] == "elt_approver"] == [True]
    assert release(severe, "ana", message)[1] == "message.unapproved"
    accuracy = {"step": "review", "role": "customer_liaison", "verdict": "ok"}
    assert severe.bad("una", "post", f"{here}/verdicts", accuracy | said)[1] == "step.role"
    severe.good("ben", "post", f"{here}/verdicts", accuracy | said)
    assert asked.exists()
    severe.good("tom", "post", f"{here}/verdicts", approve | said)
    # What the liaison briefs and relays: the eight questions, and the parent's feed, read-only.
    assert len(severe.response()["briefing"]) == 8
    severe.good("ana", "put", f"{severe.where}/facts", {"cause": "A failed node"})
    assert severe.response()["parent"]["facts"]["cause"] == "A failed node"
    mirrored = {"phase": "identified", "reason": "x"}
    assert severe.bad("lea", "put", f"{severe.below}/phase", mirrored)[1] == "phase.mirrored"


@pytest.mark.requirement("R-094")
def test_a_task_for_the_business_lead_warns_and_goes_only_with_a_reason(severe: Severe) -> None:
    org = severe.org
    here = f"{severe.below}/tasks"
    task = {"title": "Stop the campaign", "assignee": org.id("lea"), "minutes": 10}
    refused = org.call("lea").post(here, task)
    assert (refused.status, refused.code) == (409, "task.to_lead")
    assert "Business Lead hands the work out" in refused.json["error"]["message"]
    given = severe.good("lea", "post", here, task | {"despite": "Nobody else has the password"})
    assert given["despite"] == "Nobody else has the password" and given["warnings"]
    for lacks in ({"assignee": ""}, {"minutes": 0}):
        assert org.call("lea").post(here, task | lacks).status == 422
    other = severe.good("lea", "post", here, task | {"assignee": org.id("sam")})
    assert (other["despite"], other["warnings"]) == ("", [])
    passed = f"{here}/{other['id']}/assignee"
    assert severe.bad("lea", "put", passed, {"assignee": org.id("lea"), "minutes": 5})[1] == "task.to_lead"
    page = browser(org, "lea").get(f"/incidents/{severe.child}/tasks").content.decode()
    assert "Why it must be the Business Lead" in page
    # The check-back: nobody acknowledges, then its time is over; assignee and lead hear of both.
    org.expand()
    org.pass_time(minutes=2)
    org.pass_time(minutes=10)
    row = models.TaskRow.objects.get(id=other["id"])
    assert (row.reminded, row.late) == (True, True)
    late = models.Callout.objects.filter(incident_id=severe.child, subject="Time is up: Stop the campaign")
    assert {c.person_id for c in late} == {org.id("sam"), org.id("lea")}


def test_a_name_is_lent_and_refused_by_typed_lines_bound_to_the_very_text(severe: Severe) -> None:
    org = severe.org
    eva = org.call("eva", role="executive")
    body = staff_text(sender_identity="executive", sender_person=org.id("eva"))
    message = severe.good("sam", "post", f"{severe.below}/messages", body)["id"]
    here = f"{severe.below}/messages/{message}"
    said = {"content_hash": severe.good("sam", "get", here)["content_hash"]}
    severe.good("sam", "put", f"{here}/submission", said)
    [waits] = eva.get("/consents").json
    assert (waits["message"], waits["content_hash"]) == (message, said["content_hash"])
    assert org.call("una").get("/consents").json == []
    for page in ("/", f"/briefs/{severe.below.rpartition('/')[2]}"):
        shown = browser(org, "eva").get(page).content.decode()
        assert "Waits for your name" in shown and f"/messages/{message}/consent" in shown
    incident, ref = severe.below.rpartition("/")[2], said["content_hash"][:8]

    def say(handle: str, line: str) -> quick.Done:
        return quick.say(org.act(handle), incident, line)

    listed = say("eva", "/consents")
    assert listed.lines[0].startswith(ref) and any("We add capacity" in row for row in listed.lines)
    for handle, line in (
        ("una", f"/consent yes {ref}"),
        ("eva", "/consent yes 00000000"),
        ("eva", f"/consent yes {ref[:5]}"),
    ):
        with pytest.raises(Refused, match="consent.unknown"):
            say(handle, line)
    assert say("eva", f"/consent no {ref} Too cold").text.startswith("Not in your name")
    row = models.MessageConsentRow.objects.get(id=message)
    assert (row.state, row.reason) == ("withdrawn", "Too cold") and eva.get("/consents").json == []
    assert "Waits for your name" not in browser(org, "eva").get("/").content.decode()
    assert say("eva", f"/consent yes {ref}").text.startswith("In your name")
    assert consent_of(severe, message, "eva")["counts"]
    severe.good("sam", "put", here, body | {"action": "We add more"})
    with pytest.raises(Refused, match="consent.unknown"):
        say("eva", f"/consent yes {ref}")
