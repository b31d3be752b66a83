"""The installation's own keys are replaced without breaking what they signed, and their loss stops no page."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx2
import pytest
from django.test import override_settings

from quarterdeck.app.comms import links
from quarterdeck.app.people import accounts
from quarterdeck.app.upkeep import key_ids
from quarterdeck.boot import secrets
from quarterdeck.core.kernel.refused import Refused
from quarterdeck.store import models
from quarterdeck.web.adapter import SecondFactors
from support.drills import mail_settings
from support.mailbox import links as links_in
from support.mailbox import wait_for_mail
from support.serving import Installation
from support.smtp_sink import smtp_sink

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


def test_former_keys_stay_until_they_are_forgotten(tmp_path: Path) -> None:
    path = tmp_path / "secrets.json"
    first = secrets.ensure(tmp_path)
    secrets.rotate(path)
    second = secrets.read(path)
    assert second["link"] != first["link"] and second["link.before"] == first["link"]
    assert second["engine"] == first["engine"]
    assert secrets.ids(second)[1] == secrets.ids(first)[0] != secrets.ids(second)[0]
    assert not secrets.is_open_to_others(path)
    assert set(secrets.for_process("web", second)) == {"web", "web.before", "link", "link.before"}
    assert set(secrets.for_process("auditor", second)) == {"watch"}
    for _ in range(7):
        secrets.rotate(path)
    assert len(secrets.read(path)["web.before"].split()) == secrets.MOST_BEFORE
    assert secrets.forget(path) == secrets.MOST_BEFORE
    assert secrets.forget(path) == 0
    assert "web.before" not in secrets.read(path)


def test_a_link_that_a_former_key_signed_opens_and_none_that_a_strange_key_signed() -> None:
    with override_settings(QUARTERDECK_LINK_KEY="old" * 20):
        old = links.token("callout", "c1")
    with override_settings(
        QUARTERDECK_LINK_KEY="new" * 20, QUARTERDECK_LINK_KEYS_BEFORE=("older" * 9, "old" * 20)
    ):
        assert links.holds("callout", "c1", old) and links.holds(
            "callout", "c1", links.token("callout", "c1")
        )
        assert not links.holds("callout", "c2", old)
        assert links.token("callout", "c1") != old
    with override_settings(QUARTERDECK_LINK_KEY="new" * 20):
        assert not links.holds("callout", "c1", old)


def test_a_second_factor_sealed_with_a_former_key_opens_and_with_a_lost_one_is_only_refused() -> None:
    with override_settings(SECRET_KEY="old" * 20, SECRET_KEY_FALLBACKS=[]):
        sealed = SecondFactors().encrypt("JBSWY3DPEHPK3PXP")
    with override_settings(SECRET_KEY="new" * 20, SECRET_KEY_FALLBACKS=["old" * 20]):
        assert SecondFactors().decrypt(sealed) == "JBSWY3DPEHPK3PXP"
    with override_settings(SECRET_KEY="new" * 20, SECRET_KEY_FALLBACKS=[]):
        assert SecondFactors().decrypt(sealed) != SecondFactors().decrypt(sealed)


def test_keys_that_follow_known_ones_are_noted_and_strange_ones_are_an_alarm_until_accepted(db: None) -> None:
    def standing() -> int:
        return models.Alarm.objects.filter(kind="keys", cleared_at=None).count()

    key_ids.watch(NOW, "one", ["a"])
    key_ids.watch(NOW, "one", ["b", "a"])
    assert standing() == 0 and models.Event.objects.filter(kind="KeysRotated").count() == 1
    key_ids.watch(NOW, "two", ["z"])
    key_ids.watch(NOW, "two", ["z"])
    assert standing() == 1
    key_ids.watch(NOW, "one", ["b", "a"])
    assert standing() == 1, "the alarm of one machine is not ended by another"
    key_ids.accept(accounts.operator(NOW), ["z"])
    with pytest.raises(Refused):
        key_ids.accept(accounts.operator(NOW), ["z"])
    key_ids.watch(NOW, "two", ["z"])
    assert standing() == 0


def furnish() -> dict[str, Any]:
    """Ana administrates and is called."""
    from quarterdeck.app.people import keys
    from support.world import World

    world = World()
    world.now = datetime.now(UTC)
    world.person("ana", "administrator")
    world.policy("default", ("ana", 30))
    _, key = keys.create_integration(world.act("ana"), "Any", "any")
    return {"key": key}


def alarms() -> list[str]:
    """The alarms about keys that stand."""
    return list(models.Alarm.objects.filter(kind="keys", cleared_at=None).values_list("text", flat=True))


@pytest.mark.slow
def test_rotated_keys_open_old_links_and_lost_keys_stop_no_page(tmp_path: Path) -> None:
    with smtp_sink() as sink:
        installation = Installation(tmp_path, **mail_settings(sink.port))
        key = installation.ask("shell.test_key_ring:furnish")["key"]

        def paged(name: str) -> str:
            """The link of the page about an alert of this name."""
            body = [{"labels": {"alertname": name, "severity": "critical"}}]
            url = f"{installation.url}/in/alertmanager/{key}/api/v2/alerts"
            assert httpx2.post(url, json=body).status_code == 200
            mail = wait_for_mail(sink, "ana@example.com", name, 60)
            return next(link for link in links_in(mail) if "/c/" in link)

        def opened(link: str) -> int:
            return httpx2.get(installation.url + "/c/" + link.partition("/c/")[2]).status_code

        server = installation.serve()
        server.wait_until_ready()
        first = paged("First")
        assert opened(first) == 200
        wait_until(lambda: installation.ask("shell.test_key_ring:known"))
        server.stop()

        installation.command("keys", "rotate")
        server = installation.serve()
        server.wait_until_ready()
        assert opened(first) == 200
        server.stop()

        path = installation.data / "secrets.json"
        path.write_text("{")
        server = installation.serve()
        server.wait_until_ready()
        second = paged("Second")
        assert opened(second) == 200
        assert opened(first) in (403, 404, 410)
        wait_until(lambda: installation.ask("shell.test_key_ring:alarms"))
        assert "Accepted" in installation.command("keys", "accept")
        server.stop()
        assert [p.read_text() for p in installation.data.glob("secrets.json.damaged-*")] == ["{"]
        assert json.loads(path.read_text()).keys() == set(secrets.NAMES)


def known() -> list[str]:
    return list(models.Installation.objects.get(id=1).key_ids)


def wait_until(true: Any, seconds: float = 60.0) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end
        time.sleep(0.2)
