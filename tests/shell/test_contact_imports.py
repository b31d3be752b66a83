"""Lists of contacts come in by REST and page, with a reason for each row that is not taken, and go out again safely."""

from __future__ import annotations

import csv
import io
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from quarterdeck.app.act import act_of
from quarterdeck.app.comms import contact_imports, suppressions
from quarterdeck.core.kernel.refused import Refused
from quarterdeck.store import models
from support.attacks import org, signed_in
from support.rest import ROOT, Organisation

__all__ = ["org"]
LIST = """\ufeffemail;name;segments;consent_at
Ana@Example.com;Ana;eu, gold;2026-03-01
ben@example.com;"=HYPERLINK(""http://x"")";eu;
eve@example.com;"Eve
Bcc: all@example.com";;
broken;;;
ana@example.com;Again;;

gone@example.com;Gone;;
"""


def uploaded(org: Organisation, text: str = LIST, **said: str) -> models.ContactImport:
    client = signed_in(org, "root")
    file = SimpleUploadedFile("list.csv", text.encode())
    form = {"audience": "customers_all", "source": "contract", "segment": "Affected EU", "file": file} | said
    answer = client.post("/catalog/audiences/imports", form)
    assert answer.status_code == 302, answer.content
    return models.ContactImport.objects.get(id=answer["Location"].rpartition("/")[2])


def taken(org: Organisation, row: models.ContactImport) -> models.ContactImport:
    answer = org.call("root", "administrator").put(f"/audience-imports/{row.id}/start")
    assert answer.status == 200, answer.json
    org.settle()
    row.refresh_from_db()
    return row


def test_nothing_changes_before_somebody_has_seen_it_and_each_refused_row_has_a_reason(
    org: Organisation,
) -> None:
    suppressions.put("email", "gone@example.com", "unsubscribe", "", org.now)
    row = uploaded(org)
    page = signed_in(org, "root").get(f"/catalog/audiences/imports/{row.id}").content.decode()
    assert "Start the import" in page and "line end in it" in page and "no mail address" in page
    assert not models.AudienceContact.objects.exists()
    done = taken(org, row)
    assert (done.state, done.total, done.added, done.refused, done.withheld) == ("done", 6, 3, 3, 1)
    assert done.reasons == {"line_end": 1, "address": 1, "twice": 1}
    faults = org.call("root", "administrator").get(f"/audience-imports/{row.id}/faults").json["items"]
    assert [(f["row"], f["code"]) for f in faults] == [(4, "line_end"), (5, "address"), (6, "twice")]
    ana = models.AudienceContact.objects.get(email="ana@example.com")
    assert ana.segments == "|eu|gold|affected-eu|" and ana.consent_source == "contract"
    assert ana.consent_at.date().isoformat() == "2026-03-01"
    assert models.AudienceContact.objects.get(email="gone@example.com").withdrawn_at is not None


def test_who_unsubscribed_stays_so_when_a_list_brings_them_again(org: Organisation) -> None:
    taken(org, uploaded(org))
    models.AudienceContact.objects.filter(email="ana@example.com").update(
        withdrawn_at=org.now, withdrawn_via="link"
    )
    again = taken(org, uploaded(org, "email,name\nana@example.com,Ana Ruiz\n"))
    assert (again.changed, again.withheld) == (1, 1)
    row = models.AudienceContact.objects.get(email="ana@example.com")
    assert row.name == "Ana Ruiz" and row.withdrawn_at is not None


def test_an_import_goes_on_where_it_was_and_takes_no_row_twice(org: Organisation) -> None:
    count = 2 * contact_imports.PART + 5
    row = uploaded(org, "email\n" + "".join(f"p{n}@example.com\n" for n in range(count)))
    act = act_of(org.id("root"), "administrator", org.now, "web")
    contact_imports.start(act, row.id)
    assert contact_imports.start(act, row.id).state == "running"
    org._fire()
    row.refresh_from_db()
    assert (row.state, row.done) == ("running", contact_imports.PART)
    listed = signed_in(org, "root").get("/catalog/audiences").content.decode()
    assert f"{contact_imports.PART} / {count}" in listed
    org.settle()
    row.refresh_from_db()
    assert (row.state, row.done, row.added) == ("done", count, count)
    assert not models.ContactImportPart.objects.exists()


def test_a_date_nobody_means_is_refused_and_leaves_an_audience_that_can_be_read(org: Organisation) -> None:
    dates = (
        "0001-01-01T00:00+14:00",
        "9999-12-31T23:59:59-14:00",
        "0001-01-01",
        "9999-12-31",
        "\u00b2",
        "2026-03-01",
    )
    rows = "".join(f"p{n}@example.com,{at}\n" for n, at in enumerate(dates))
    done = taken(org, uploaded(org, f"email,consent_at\n{rows}"))
    assert (done.state, done.added, done.reasons) == ("done", 1, {"consent_at": 5})
    client, caller = signed_in(org, "root"), org.call("root")
    assert client.get("/catalog/audiences/contacts.csv?audience=customers_all").status_code == 200
    said = {
        "audience": "customers_all",
        "source": "x",
        "file": SimpleUploadedFile("l.csv", b"email\na@b.example\n"),
    }
    sent = caller.client.post(
        f"{ROOT}/audience-imports", said | {"consent_at": "9999-12-31"}, headers=caller.headers
    )
    assert sent.status_code == 422 and "no date" in sent.content.decode()


def test_a_list_that_nobody_takes_is_forgotten_and_does_not_pile_up(
    org: Organisation, monkeypatch: pytest.MonkeyPatch
) -> None:
    done = taken(org, uploaded(org))
    row = uploaded(org)
    monkeypatch.setattr(contact_imports, "MOST_WAITING", 1)
    file = SimpleUploadedFile("list.csv", LIST.encode())
    form = {"audience": "customers_all", "source": "contract", "file": file}
    refused = signed_in(org, "root").post(
        "/catalog/audiences/imports", form, headers={"accept": "application/json"}
    )
    assert refused.json()["code"] == "import.many"
    contact_imports.tidy(org.now + contact_imports.WAITS - timedelta(hours=1))
    assert models.ContactImportPart.objects.filter(import_id=row.id).exists()
    contact_imports.tidy(org.now + contact_imports.WAITS + timedelta(hours=1))
    row.refresh_from_db()
    assert row.state == "dropped" and not models.ContactImportPart.objects.exists()
    assert models.ContactImportFault.objects.filter(import_id=done.id).exists()
    contact_imports.tidy(org.now + contact_imports.FAULTS_KEPT + timedelta(hours=1))
    assert not models.ContactImportFault.objects.exists()


@pytest.mark.parametrize(
    ("text", "code"),
    [("", "import.empty"), ("email\n", "import.empty"), ("street,town\na,b\n", "import.columns"),
     ("a\0b", "import.kind")],
)  # fmt: skip
def test_a_file_that_is_no_list_is_refused_with_what_to_do(org: Organisation, text: str, code: str) -> None:
    org.call("root", "administrator")
    act = act_of(org.id("root"), "administrator", org.now, "web")
    with pytest.raises(Refused) as refused:
        contact_imports.begin(act, "customers_all", "x.csv", io.BytesIO(text.encode()), source="contract")
    assert refused.value.code == code
    assert not models.ContactImport.objects.exists() and not models.ContactImportPart.objects.exists()


def test_no_cell_of_an_export_is_a_formula_and_it_can_be_imported_again(org: Organisation) -> None:
    taken(org, uploaded(org))
    client = signed_in(org, "root")
    text = client.get("/catalog/audiences/contacts.csv?audience=customers_all").getvalue().decode()
    cells = [c for line in csv.reader(io.StringIO(text)) for c in line]
    assert '\'=HYPERLINK("http://x")' in cells and not any(c.startswith(("=", "+", "-", "@")) for c in cells)
    again = taken(org, uploaded(org, text, segment=""))
    assert (again.same, again.changed, again.added, again.refused) == (3, 0, 0, 0)


def test_an_export_comes_a_part_at_a_time_and_each_contact_once(
    org: Organisation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("quarterdeck.web.views.contact_imports.AT_ONCE", 4)
    models.AudienceContact.objects.bulk_create(
        models.AudienceContact(audience="customers_all", email=f"p{n}@example.com", created_at=org.now)
        for n in range(10)
    )
    answer = signed_in(org, "root").get("/catalog/audiences/contacts.csv?audience=customers_all")
    parts = [part.decode() for part in answer.streaming_content]
    assert len([p for p in parts if p]) == 3
    rows = list(csv.reader(io.StringIO("".join(parts))))
    assert rows[0][0] == "email" and sorted(r[0] for r in rows[1:]) == sorted(
        f"p{n}@example.com" for n in range(10)
    )


def test_lifting_needs_a_reason_and_is_written_down(org: Organisation) -> None:
    root = org.call("root", "administrator")
    made = root.post("/suppressions", {"address": "ana@example.com", "detail": "asked on the phone"})
    assert made.status == 201, made.json
    assert root.post("/suppressions", {"address": "Ana@example.com"}).status == 409
    assert root.delete(f"/suppressions/{made.json['id']}").status == 422
    client = signed_in(org, "root")
    assert "ana@example.com" in client.get("/catalog/audiences/suppressed").content.decode()
    client.post(f"/catalog/audiences/suppressed/{made.json['id']}/removal", {"reason": "asked again by mail"})
    assert not models.Suppression.objects.exists()
    assert models.Event.objects.filter(kind="SuppressionLifted").count() == 1


def test_a_message_on_its_way_is_shown_and_held_by_page_and_interface(org: Organisation) -> None:
    ana, incident = org.call("ana"), org.declare("ana")
    for n in range(3):
        models.AudienceContact.objects.create(
            audience="staff", email=f"p{n}@example.com", name="=1+1", created_at=org.now
        )
    content = {
        "audience": "staff",
        "headline": "Slow",
        "customer_effect": "Slow",
        "action": "We look",
        "final": True,
    }
    message = ana.post(f"/incidents/{incident}/messages", content).json
    at = f"/incidents/{incident}/messages/{message['id']}"
    assert ana.get(f"{at}/delivery").status == 404
    released = ana.put(f"{at}/release", {"content_hash": message["content_hash"]})
    assert released.status == 200, released.json
    assert ana.put(f"{at}/delivery/pause", {"reason": "A wrong figure"}).json["state"] == "paused"
    org.settle()
    told = ana.get(f"{at}/delivery").json
    assert (told["total"], told["counts"]["queued"], told["state"]) == (3, 3, "paused")
    client = signed_in(org, "ana")
    page = client.get(f"{at}/delivery").content.decode()
    assert "p0@example.com" in page and "paused" in page and "A wrong figure" in page
    assert org.call("ole").put(f"{at}/delivery/stop", {"reason": "because"}).status == 403
    assert client.post(f"{at}/delivery/state", {"to": "resume"}).status_code == 302
    org.settle()
    assert ana.get(f"{at}/delivery").json["state"] == "done"
    rows = ana.get(f"{at}/recipients?state=handed").json["items"]
    assert sorted(r["address"] for r in rows) == [f"p{n}@example.com" for n in range(3)]
    table = client.get(f"{at}/delivery.csv").content.decode()
    assert "'=1+1" in table and table.count("handed over") == 3
