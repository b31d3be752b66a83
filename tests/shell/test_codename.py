"""Of a restricted incident its codename leaves the circle of its members, never its title: not to a locked screen, a
mail, a chat, a tab, a calendar or a list, whatever it was called before.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

import pytest

from quarterdeck.app.casebook import load
from quarterdeck.app.chat import chat_rules
from quarterdeck.app.comms import drafting, messages
from quarterdeck.app.executives import executives
from quarterdeck.app.incidents import command, crew, incidents, tasks
from quarterdeck.app.learning import reviews
from quarterdeck.app.paging import paging
from quarterdeck.app.quick import quick
from quarterdeck.channels import deliver, rendering, slack
from quarterdeck.channels.outcome import Outcome, Outgoing, Sent
from quarterdeck.channels.safe_http import SafeClient
from quarterdeck.core.escalation.policy import Target
from quarterdeck.core.incidents import content_hash
from quarterdeck.core.kernel.refused import Refused
from quarterdeck.store import models, project
from quarterdeck.web.routes import pages
from support.attacks import CANARY, org, page_of, signed_in
from support.rest import Organisation
from support.slack_fake import SECRET, TOKEN
from support.slack_workspace import Workspace, slack_workspace

__all__ = ["org"]
NAME = "Quiet Otter"
TITLE = f"{CANARY} ledger was read"
LATER = f"{CANARY} ledger was copied"


@pytest.fixture
def ws() -> Iterator[Workspace]:
    with slack_workspace() as found:
        yield found


def prepared(org: Organisation, ws: Workspace) -> None:
    """Everybody is reached by mail, text and push; a role calls Cleo; staff read mails; channels are private."""
    for handle in ("cleo", "dora"):
        org.person(handle, contacts=("email", "sms", "ntfy", "voice"))
    org.policy("role-communications_lead", ("cleo", 5))
    org.policy("role-executive", ("eva", 5))
    for kind in ("responders", "executives", "staff", "customers_all"):
        models.AudienceContact.objects.create(
            audience=kind, email=f"{kind}@example.com", name=kind, created_at=org.now
        )
    chat_rules.put(org.act("root"), "", wanted="public", restricted="private")
    http, settings = SafeClient(allow=[f"127.0.0.1:{ws.port}"]), slack.Settings(TOKEN, SECRET, ws.server)

    def answer(kind: str, outgoing: Outgoing) -> Outcome:
        return deliver(kind, outgoing, settings, http) if kind == "slack" else Sent("fake")

    org.outbox.answer = answer


def lived(org: Organisation) -> str:
    """A restricted incident that does what writes to people, with its title in everything that is typed."""
    key = org.declare("ana", title=TITLE, restricted=True, codename=NAME, type="security", severity=1)
    org.settle()
    ana = org.act("ana")
    command.assign_role(ana, key, "deputy", org.id("dora"))
    command.assign_role(ana, key, "scribe", org.id("cleo"))
    incidents.set_title(ana, key, LATER)
    tasks.give(ana, key, f"{LATER}: find out who", org.id("cleo"), 10)
    paging.page(ana, [Target("person", org.id("ben"))], TITLE, f"{TITLE}, please help", incident_id=key)
    quick.say(ana, key, f"/page @dora about {LATER}")
    crew.start_roll_call(ana, key)
    crew.stop(ana, key, f"{LATER}: stop")
    executives.off_channel(ana, key, f"{TITLE} restart", TITLE)
    for audience in ("responders", "executives", "staff", "customers_all"):
        spread(org, key, audience)
    incidents.change_phase(ana, key, "investigating", TITLE, TITLE)
    incidents.resolve(ana, key, "fixed", None, f"{LATER} is over", override_reason="small")
    reviews.add_action_item(ana, key, f"{TITLE} item", org.id("cleo"), "2027-03-20")
    org.settle()
    org.pass_time(minutes=40)
    return key


def spread(org: Organisation, key: str, audience: str) -> None:
    """What the product itself would write to an audience goes out as it is."""
    ana, case = org.act("ana"), load(key, org.act("ana").who)
    first = drafting.first_draft(case, audience, org.now)
    open_ = re.compile(r"\[\w+\?\]")
    filled = replace(
        first, headline=open_.sub("none", first.headline), body=open_.sub("none", first.body),
        customer_effect="Some pages fail.", action="We look into it.",
    )  # fmt: skip
    messages.draft(ana, key, filled)
    row = models.MessageRow.objects.filter(incident_id=key, audience=audience).order_by("drafted_at").last()
    assert row is not None
    hash_ = content_hash(project.load(key).messages[row.id])
    messages.release(ana, key, row.id, hash_, break_glass="tested", override="tested")


def said_outside(org: Organisation, ws: Workspace) -> list[str]:
    """Everything that was put into the outbox or left it, and all that the chat was told."""
    told = [repr(d.body) + d.key for d in models.Delivery.objects.all()]
    told += [repr(m.body) for m in models.Mailing.objects.all()]
    told += [rendering.plain_text(outgoing) for _, outgoing in org.outbox.sent]
    told += [f"{r.name} {r.topic} {r.purpose} {r.messages}" for r in ws.rooms.values()]
    return told


@pytest.mark.requirement("R-293")
def test_nothing_that_leaves_bears_the_title_of_a_restricted_incident(
    org: Organisation, ws: Workspace
) -> None:
    prepared(org, ws)
    key = lived(org)
    told = said_outside(org, ws)
    leaks = [t for t in told if CANARY in t]
    assert not leaks, leaks[:3]
    pages_sent = [o for _, o in org.outbox.sent if o.kind == "page"]
    assert len(pages_sent) > 15 and all(f"{key} {NAME}" in o.subject for o in pages_sent)
    kinds = {kind for kind, _ in org.outbox.sent}
    assert {"email", "sms", "ntfy", "voice", "slack"} <= kinds
    (room,) = ws.rooms.values()
    assert room.private and room.name == "inc-1-quiet-otter" and f"{key} {NAME}" in room.topic
    mails = [
        o for kind, o in org.outbox.sent if kind == "email" and o.kind == "message" and "INC" in o.subject
    ]
    assert mails and all(NAME in o.subject for o in mails)
    # What everybody inside reads: the phone list, shifts in a calendar, alarms, the audit.
    assert CANARY not in repr(paging.phone_list(org.now))
    assert CANARY not in repr([a.text for a in models.Alarm.objects.all()])


@pytest.mark.requirement("R-293")
def test_tabs_files_lists_and_forms_know_the_codename(org: Organisation) -> None:
    said = {
        "title": TITLE,
        "restricted": True,
        "codename": NAME,
        "severity": 2,
        "both_reason": "Both are mine.",
    }
    key, other = org.declare("ana", **said), org.declare("ana", **(said | {"codename": ""}))
    browser, ana = signed_in(org, "ana"), org.call("ana")
    told = ana.get(f"/incidents/{key}").json
    made = ana.get(f"/incidents/{other}").json["codename"]
    assert (told["codename"], told["title"]) == (NAME, TITLE) and len(made.split()) == 2
    page = browser.get(f"/incidents/{key}").content.decode()
    assert TITLE in page and NAME in page
    tabs: dict[str, str] = {}
    for route in pages():
        address = page_of(route.pattern, key)
        if address is None or key not in address:
            continue
        got = browser.get(address)
        named = got.headers.get("Content-Disposition", "")
        head = "" if got.streaming else got.content.decode("utf-8", "replace")[:6000]
        tabs[address] = " ".join(re.findall(r"<title>(.*?)</title>", head, re.DOTALL)) + named
    assert len(tabs) > 30 and not [a for a, t in tabs.items() if CANARY in t]
    assert f"{key} {NAME}" in tabs[f"/incidents/{key}"]
    export = browser.post(f"/incidents/{key}/record/export").headers["Content-Disposition"]
    assert f"{key}-record.zip" in export
    board = browser.get("/incidents/board").content.decode()
    wanted = board[board.index("Wanted by several") :].split("</section>")[0]
    assert f"{key} {NAME}" in wanted and f"{other} {made}" in wanted and CANARY not in wanted
    # By its name its members find it; nobody else does.
    assert [i["id"] for i in ana.get("/incidents?q=quiet+otter").json["items"]] == [key]
    assert org.call("ben").get("/incidents?q=quiet+otter").json["items"] == []
    # Called otherwise by the form and over REST; what tells or is taken is refused, and said.
    assert f'value="{NAME}"' in browser.get(f"/incidents/{key}/facts").content.decode()
    assert browser.post(f"/incidents/{key}/codename", {"codename": "Calm Heron"}).status_code in (302, 303)
    assert ana.get(f"/incidents/{key}").json["codename"] == "Calm Heron"
    for name, code in (("The Ledger", "codename.telling"), (made, "codename.taken")):
        assert ana.put(f"/incidents/{key}/codename", {"codename": name}).code == code
    assert org.call("ben").put(f"/incidents/{key}/codename", {"codename": "Mine"}).status == 404
    # A message that says the title, also one of before, is held back; staff read it elsewhere.
    acting = org.act("ana")
    incidents.set_title(acting, key, "Somebody knows more than they should")
    case = load(key, acting.who)
    words = replace(
        drafting.first_draft(case, "staff", org.now), headline=f"About {TITLE}", body="More soon."
    )
    _, message = messages.draft(acting, key, words)
    with pytest.raises(Refused) as refused:
        messages.release(acting, key, message, content_hash(project.load(key).messages[message]))
    assert "title of a restricted incident" in refused.value.message
