"""Somebody guesses codes, or has many sent: who keeps a page reads it there, until it is over."""

from __future__ import annotations

from datetime import timedelta

from quarterdeck.app.status import page_health
from quarterdeck.app.subscribers import subscribe_limits, subscribers
from quarterdeck.core.access import SYSTEM
from quarterdeck.store import models, tx
from support.attacks import org
from support.rest import Organisation
from support.subscribing import Page, channels, visitor

__all__ = ["org"]
ACCOUNT = {"account_sid": "AC" + "0" * 32, "auth_token": "t" * 32, "sender": "+15005550006"}


def kinds(page: Page) -> list[str]:
    page.row.refresh_from_db()
    return [f.kind for f in page_health.look(page.row, SYSTEM, page.org.now)]


def test_guessed_codes_are_an_alarm_that_who_keeps_the_page_reads(org: Organisation) -> None:
    page = Page(org)
    models.StatusPage.objects.update(published=1)
    with channels(sms_twilio=ACCOUNT):
        before = kinds(page)
        most, subscribe_limits.WRONG_CODES = subscribe_limits.WRONG_CODES, 5
        try:
            for n in range(5):
                assert not models.Alarm.objects.exists()
                given = {"number": f"+4915112345{n:03d}", "code": "000000"}
                assert visitor(f"198.51.100.{n}").post(f"{page.url}/code", given).status_code == 422
        finally:
            subscribe_limits.WRONG_CODES = most
        assert models.Alarm.objects.get().subject == "guesses"
        assert kinds(page) == [*before, "codes"]
        (found,) = [f for f in page_health.look(page.row, SYSTEM, org.now) if f.kind == "codes"]
        assert "somebody guesses" in found.text and "five tries" in found.next
        told = org.call("root").get(f"/status-pages/{page.row.key}/health").json
        assert "codes" in str(told)
        line = next(f for f in page_health.doctor(org.now) if "codes" in f.text)
        assert "Acme Cloud" in line.text
        models.StatusPage.objects.update(public=False)
        assert "codes" not in kinds(page), "nobody is asked for a code there"
        models.StatusPage.objects.update(public=True)
    assert "codes" not in kinds(page), "no text messages, no codes"


def test_the_alarm_ends_after_a_day_even_where_nobody_asks_any_more(org: Organisation) -> None:
    page = Page(org)
    with channels(sms_twilio=ACCOUNT):
        with tx.write():
            for n in range(subscribe_limits.CODES_OF_PREFIX[0] + 1):
                subscribe_limits.code_may_leave(f"+8810{n:07d}", org.now)
        assert "codes" in kinds(page)
        models.SubscribeLimit.objects.all().delete()
        org.now += timedelta(hours=25)
        subscribers.tidy(org.now)
        assert "codes" not in kinds(page)
