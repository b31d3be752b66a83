"""A legal hold keeps what came in and went out while the held incident ran, however old it grows."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection

from quarterdeck.app.upkeep import holds, retention
from quarterdeck.store import models
from quarterdeck.store.ids import new_id
from quarterdeck.store.journal_reader import JournalReader
from support.attacks import org, signed_in
from support.left_behind import PNG, attach, over
from support.rest import Organisation

__all__ = ["org"]


def sent(org: Organisation, **about: str) -> str:
    """Something that went out long ago."""
    then = org.now - timedelta(days=200)
    key = new_id()
    models.Delivery.objects.create(
        id=f"0{key[1:]}", key=key, channel="email", address="ana@example.com", state="sent",
        next_at=then, created_at=then, finished_at=then, **about,
    )  # fmt: skip
    return f"0{key[1:]}"


@pytest.mark.requirement("R-281")
def test_what_went_out_and_what_was_changed_stays_while_the_incident_is_held(org: Organisation) -> None:
    alert = org.alert("disk")
    held, free = org.declare("ana", alerts=[alert.id]), org.declare("ana", title="Another")
    page = models.Callout.objects.create(
        id=new_id(), alert_id=alert.id, person=org.find("ben"), subject="Disk", state="done",
        created_at=org.now, expires_at=org.now,
    )  # fmt: skip
    kept = {sent(org, incident_id=held), sent(org, callout_id=page.id), sent(org, alert_id=alert.id)}
    gone = {sent(org, incident_id=free), sent(org)}
    said = {"source": "ci", "kind": "deploy", "title": "v1", "received_at": org.now, "sent_by": "k"}
    near = models.Change.objects.create(
        id=f"0{new_id()[1:]}", changed_at=org.now - timedelta(hours=1), **said
    )
    models.Change.objects.create(id=f"00{new_id()[2:]}", changed_at=org.now - timedelta(days=9), **said)
    root = org.call("root", "administrator")
    assert root.post(f"/incidents/{held}/legal-hold", {"reason": "A claim"}).status == 201
    over(org, held)
    later = org.now + timedelta(days=400)
    retention.tidy(later)
    left = set(models.Delivery.objects.filter(id__in=kept | gone).values_list("id", flat=True))
    assert left == kept
    assert list(models.Change.objects.values_list("id", flat=True)) == [near.id]
    assert root.put(f"/incidents/{held}/legal-hold/end", {"reason": "Settled"}).status == 200
    retention.tidy(later)
    assert not models.Delivery.objects.filter(id__in=kept).exists()
    assert not models.Change.objects.exists()


def test_the_raw_bodies_of_a_held_incident_stay_and_older_and_newer_ones_go(org: Organisation) -> None:
    integration = org.integration()
    body = b'{"event_action":"trigger","dedup_key":"k","routing_key":"r","payload":{"summary":"x","source":"s",' \
        b'"severity":"critical"}}'  # fmt: skip
    began = org.now

    def arrives(after: timedelta) -> None:
        org.now = began + after
        org.journal("pagerduty", body, integration)
        org.expand()

    arrives(timedelta(hours=-2))
    models.Alert.objects.all().delete()
    arrives(timedelta(0))
    alert = models.Alert.objects.get()
    incident = org.declare("ana", alerts=[alert.id])
    arrives(timedelta(milliseconds=1))
    root = org.call("root", "administrator")
    assert root.post(f"/incidents/{incident}/legal-hold", {"reason": "A claim"}).status == 201
    over(org, incident)
    for days in (9, 10):
        arrives(timedelta(days=days))
    kept = [(s.begins, s.ends) for s in holds.spans()]
    assert len(kept) == 1
    before = org.now + timedelta(days=1)
    reader = JournalReader()
    gone = sum(iter(lambda: reader.forget(before, kept), 0))
    # The last one that was read stays in a file: it says which journal this is.
    assert gone == (3 if connection.vendor == "postgresql" else 2)
    assert reader.forget(before) >= 1
    reader.close()


def test_a_file_stays_while_an_incident_that_was_merged_with_its_own_is_held(org: Organisation) -> None:
    here, there = org.declare("ana"), org.declare("ben", title="The same")
    attach(org, here, PNG)
    file = models.AttachmentRow.objects.get()
    assert org.call("ana").put(f"/incidents/{here}/merge", {"into": there, "reason": "Same"}).status == 204
    root = org.call("root", "administrator")
    assert root.post(f"/incidents/{there}/legal-hold", {"reason": "A claim"}).status == 201
    answer = root.put(f"/incidents/{here}/files/{file.id}/removal", {"reason": "Private"})
    assert (answer.status, answer.code) == (409, "hold.stands")


def test_an_administrator_counts_no_holds_and_reads_no_removals_of_incidents_hidden_from_them(
    org: Organisation,
) -> None:
    secret = org.declare("ana", restricted=True)
    root = org.call("root", "administrator")
    assert root.post(f"/incidents/{secret}/legal-hold", {"reason": "x"}).status == 404
    models.LegalHoldRow.objects.create(
        id=new_id(), incident_id=secret, reason="A claim", placed_by=org.id("ana"), placed_at=org.now
    )
    models.PurgedIncident.objects.create(
        id="INC-900",
        number=900,
        events=3,
        head="0" * 64,
        ended_at=org.now,
        purged_at=org.now,
        restricted=True,
    )
    page = signed_in(org, "root").get("/settings/retention").content.decode()
    assert "No incident is held." in page
    assert "INC-900" not in page
    assert "INC-900" not in str(root.get("/retention").json)
