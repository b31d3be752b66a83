"""Keys, links and sessions, tried by whoever should not have them. Each test is named for what it shows."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest
from django.conf import settings
from django.test import Client

from quarterdeck.app.comms import links
from quarterdeck.app.paging import paging
from quarterdeck.app.people import keys
from quarterdeck.boot.logs import masked
from quarterdeck.core.escalation.policy import Target
from quarterdeck.store import models
from support.attacks import org
from support.rest import HOST, Organisation

__all__ = ["org"]

# -- keys, links, sessions (Dispatch CVE-2023-40171, Uptime Kuma GHSA-g9v2-wqcj-j99g)


def test_a_key_makes_no_key_that_outlives_it(org: Organisation) -> None:
    made = org.call("ana").post("/keys", {"name": "child", "days": 366})
    assert (made.status, made.code) == (403, "key.by_key")
    assert models.ApiKey.objects.filter(name="child").count() == 0


def test_the_link_of_one_callout_opens_no_other_and_only_a_form_answers(org: Organisation) -> None:
    first, second = (
        paging.page(org.act("ana"), [Target("person", org.id(h))], "Disk", "Full")[0] for h in ("ben", "ana")
    )
    client = Client(headers={"host": HOST})
    good = f"/c/{first.id}/{links.token('callout', first.id)}/"
    for path in (
        f"/c/{second.id}/{links.token('callout', first.id)}/",
        f"/c/{first.id}/{links.token('incident', first.id)}/",
        f"/c/{first.id}/{links.token('callout', first.id)[:-1]}/",
        f"/c/{first.id}/x/",
    ):
        assert client.get(path).status_code == 404
        assert client.post(path).status_code == 404
    for method in (client.get, client.head, client.options, client.trace):
        method(good, headers={"Purpose": "prefetch"})
    assert models.Callout.objects.get(id=first.id).state == "waiting"
    assert client.get(good)["Cache-Control"].count("no-store")
    assert Client(headers={"host": HOST}, enforce_csrf_checks=True).post(good).status_code == 403
    models.Callout.objects.filter(id=first.id).update(expires_at=datetime.now(UTC) - timedelta(seconds=1))
    assert client.post(good).status_code == 410
    assert models.Callout.objects.get(id=first.id).state == "waiting"


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("Forbidden: /c/01a2-b/s3cr3t_T0ken-abc/", "Forbidden: /c/01a2-b/***/"),
        ("/in/webhook/qd_in_owcetixzjrqmak3wkgurx3dpyhqlc3gn_46da93", "/in/webhook/***"),
        ("/in/pagerduty/v2/enqueue", "/in/pagerduty/v2/enqueue"),
        ("GET /accounts/password/reset/key/01a2-cx-1f2/", "GET /accounts/password/reset/key/***/"),
        ("/setup?token=abc&x=1", "/setup?token=***&x=1"),
        ("body qd_api_owcetixzjrqmak3wkgurx3dpyhqlc3gn_46da93!", "body qd_api_***!"),
    ],
)
def test_a_log_line_holds_no_address_that_opens_something(text: str, kept: str) -> None:
    assert masked(text) == kept


def test_a_link_to_a_new_password_leads_to_the_configured_address_whatever_the_host_says(
    org: Organisation,
) -> None:
    person = org.find("ana")
    person.set_password("wet anchor slow lantern")
    person.save()
    Client(headers={"host": "localhost:6666"}).post("/accounts/password/reset/", {"email": person.email})
    mail = json.dumps([d.body for d in models.Delivery.objects.filter(address=person.email)])
    assert f"{settings.QUARTERDECK_PUBLIC_URL}/accounts/password/reset/key/" in mail
    assert "6666" not in mail


def test_secrets_given_at_making_are_in_no_table_in_clear(org: Organisation) -> None:
    _, api = keys.create_api_key(org.act("ana"), "laptop")
    org.integration()
    from django.db import connection

    with connection.cursor() as c:
        for table in connection.introspection.table_names(c):
            c.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")
            text = repr(c.fetchall())
            assert api not in text, table
            assert org.key not in text, table
