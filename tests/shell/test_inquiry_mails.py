"""Mails to the address of the desk become inquiries, once, and reveal nothing."""

from __future__ import annotations

from email.message import EmailMessage
from email.policy import SMTP

import pytest
from django.test import Client, override_settings

from quarterdeck.store import models
from support.attacks import org, restricted
from support.rest import HOST, Organisation

__all__ = ["org"]
TOKEN = "in-" * 10
ADDRESS = "desk@pages.example.com"


def post(
    to: str = ADDRESS, sender: str = "Eva <eva@customer.example>", text: str = "When?", **headers: str
) -> dict:
    made = EmailMessage(policy=SMTP)
    made["From"], made["To"], made["Subject"] = sender, to, "Checkout"
    for name, value in headers.items():
        made[name.replace("_", "-")] = value
    made.set_content(text)
    answer = Client(headers={"host": HOST}).post(
        "/callbacks/mail", made.as_bytes(), content_type="message/rfc822",
        headers={"Authorization": f"Bearer {TOKEN}"},
    )  # fmt: skip
    assert answer.status_code == 200
    return answer.json()


@pytest.mark.requirement("R-083")
def test_a_mail_stands_on_the_desk_once_and_says_nothing_of_restricted_incidents(org: Organisation) -> None:
    incident, secret = org.declare("ana"), restricted(org)
    with override_settings(
        QUARTERDECK_CALLBACKS={"email": {"inbound_token": TOKEN, "inquiry_address": ADDRESS}}
    ):
        said = post(f"desk+{incident.lower()}@pages.example.com")
        assert said["state"] == "answered"
        assert post(f"desk+{incident.lower()}@pages.example.com")["text"] == "It came before."
        row = models.Inquiry.objects.get()
        assert (row.kind, row.channel, row.incident_id, row.contact) == (
            "customer", "email", incident, "eva@customer.example",
        )  # fmt: skip
        assert row.question == "Checkout\n\nWhen?"
        assert post(f"desk+{secret.lower()}@pages.example.com", text="Other") == said
        assert post("desk+media@pages.example.com", text="Third") == said
        found = {r.question[-5:]: (r.kind, r.incident_id) for r in models.Inquiry.objects.all()}
        assert found["Other"] == ("customer", "") and found["Third"] == ("media", "")
        assert post(text="Away", Auto_Submitted="auto-replied")["state"] == "ignored"
        assert post(sender=ADDRESS, text="Loop")["state"] == "ignored"
    assert models.Inquiry.objects.count() == 3
    assert org.call("ben").get("/inquiries").json["items"][0]["source"] == "mail"
