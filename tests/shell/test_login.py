"""Signing in, second factors and what they leave in the database, driven through the pages themselves."""

from __future__ import annotations

import re
import time
from datetime import UTC, datetime

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal import auth as totp
from django.conf import settings
from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.db import connection
from django.test import Client, override_settings

from quarterdeck.app.people import accounts, second_factors
from quarterdeck.store import models
from quarterdeck.web import sessions
from quarterdeck.web.adapter import SecondFactors
from support.database import db

__all__ = ["db"]
pytestmark = pytest.mark.usefixtures("db")
PASSWORD = "wet anchor slow lantern"
EMAIL = "ana@example.com"
NOW = datetime(2026, 11, 22, tzinfo=UTC)


def browser():
    return Client(SERVER_NAME="127.0.0.1", HTTP_ACCEPT="text/html")


@pytest.fixture
def ana(db):
    cache.clear()
    return accounts.create(accounts.operator(NOW), EMAIL, "Ana", role="administrator", password=PASSWORD)


def sign_in(client, password=PASSWORD, email=EMAIL, **more):
    return client.post("/accounts/login/", {"login": email, "password": password, **more})


def is_signed_in(client):
    return client.get("/accounts/sessions/").status_code == 200


def everything():
    """All texts of the database in one."""
    kept = []
    for table in connection.introspection.table_names():
        with connection.cursor() as c:
            c.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")
            kept.append(repr(c.fetchall()))
    return "\n".join(kept)


def code_of(secret):
    """A code that stays valid long enough to be used."""
    if time.time() % 30 > 27:
        time.sleep(3.2)
    return totp.format_hotp_value(totp.hotp_value(secret, int(time.time()) // 30))


def activate(client):
    """Turn the authenticator on by its page; returns its secret."""
    assert (
        client.get("/accounts/2fa/totp/activate/").headers["Location"].startswith("/accounts/reauthenticate/")
    )
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    client.get("/accounts/2fa/totp/activate/")
    secret = client.session[totp.SECRET_SESSION_KEY]
    answer = client.post("/accounts/2fa/totp/activate/", {"code": code_of(secret)})
    assert answer.status_code == 302
    return secret


def test_the_right_password_signs_in_and_returns_to_where_one_was_going(ana):
    client = browser()
    answer = sign_in(client, next="/accounts/sessions/")
    assert (answer.status_code, answer.headers["Location"]) == (302, "/accounts/sessions/")
    cookie = client.cookies[settings.SESSION_COOKIE_NAME]
    assert (cookie["httponly"], cookie["samesite"]) == (True, "Lax")
    assert is_signed_in(client)


@pytest.mark.parametrize(
    "target", ["https://evil.example/", "//evil.example", "javascript:alert(1)", "/\\evil.example"]
)
def test_signing_in_never_leads_to_another_site(ana, target):
    assert sign_in(browser(), next=target).headers["Location"] == "/"


@pytest.mark.parametrize("password", ["", " ", "\0", "wrong", PASSWORD + "\0", PASSWORD.upper(), "x" * 5000])
def test_any_other_password_does_not(ana, password):
    client = browser()
    assert sign_in(client, password).status_code == 200
    assert not is_signed_in(client)


def test_an_unknown_address_is_answered_as_a_wrong_password_is(ana):
    wrong = sign_in(browser(), "not the password")
    unknown = sign_in(browser(), "not the password", "nobody@example.com")
    changing = re.compile(r'(?:value|content|data-now)="[^"]*"|[a-z]+@example\.com')
    assert changing.sub("", wrong.content.decode()) == changing.sub("", unknown.content.decode())


def test_a_disabled_person_does_not_come_in(ana):
    accounts.create(accounts.operator(NOW), "ben@example.com", "Ben", password=PASSWORD)
    models.Person.objects.filter(email="ben@example.com").update(is_active=False)
    client = browser()
    sign_in(client, email="ben@example.com")
    assert not is_signed_in(client)


def test_guessing_is_slowed_down_and_the_count_is_kept_in_the_database(ana):
    client = browser()
    for _ in range(12):
        answer = sign_in(client, "guess")
    assert b"Too many" in answer.content or answer.status_code == 429
    sign_in(client)
    assert not is_signed_in(client)
    assert "rl:login_failed" in everything() or "allauth:rl" in everything()


def test_a_new_session_begins_at_sign_in(ana):
    client = browser()
    client.get("/accounts/login/")
    session = client.session
    session["before"] = "1"
    session.save()
    client.cookies[settings.SESSION_COOKIE_NAME] = session.session_key
    sign_in(client)
    assert client.cookies[settings.SESSION_COOKIE_NAME].value != session.session_key


def test_signing_out_takes_a_form_and_ends_the_session(ana):
    client = browser()
    sign_in(client)
    client.get("/accounts/logout/")
    assert is_signed_in(client)
    key = sessions.stored_key(client.session.session_key)
    client.post("/accounts/logout/")
    assert not is_signed_in(client)
    assert not Session.objects.filter(session_key=key).exists()


def test_a_session_has_an_absolute_end_however_much_it_is_used(ana):
    client = browser()
    sign_in(client)
    assert is_signed_in(client)
    session = client.session
    session["since"] = int(time.time()) - settings.QUARTERDECK_SESSION_SECONDS - 1
    session.save()
    assert not is_signed_in(client)


def test_nobody_signs_up_alone(ana):
    client = browser()
    client.post(
        "/accounts/signup/", {"email": "eve@example.com", "password1": PASSWORD, "password2": PASSWORD}
    )
    assert models.Person.objects.count() == 1


def test_a_second_factor_is_asked_for_and_its_code_works_once(ana):
    client = browser()
    sign_in(client)
    secret = activate(client)
    cache.clear()
    code = code_of(secret)
    first, second = browser(), browser()
    assert sign_in(first).headers["Location"] == "/accounts/2fa/authenticate/"
    assert not is_signed_in(first)
    assert first.post("/accounts/2fa/authenticate/", {"code": code}).status_code == 302
    assert is_signed_in(first)
    sign_in(second)
    second.post("/accounts/2fa/authenticate/", {"code": code})
    assert not is_signed_in(second)


def test_secrets_of_second_factors_are_not_in_the_database_in_clear(ana):
    client = browser()
    sign_in(client)
    secret = activate(client)
    shown = client.get("/accounts/2fa/recovery-codes/").content.decode()
    codes = re.findall(r"\b\d{10}\b", shown)
    kept = everything()
    assert len(codes) == 10
    assert secret not in kept
    assert not any(code in kept for code in codes)
    sealed = Authenticator.objects.get(type="totp").data["secret"]
    assert SecondFactors().decrypt(sealed) == secret


def test_a_recovery_code_works_once(ana):
    client = browser()
    sign_in(client)
    activate(client)
    code = re.findall(r"\b\d{10}\b", client.get("/accounts/2fa/recovery-codes/").content.decode())[0]
    for expected in (True, False):
        other = browser()
        sign_in(other)
        other.post("/accounts/2fa/authenticate/", {"code": code})
        assert is_signed_in(other) is expected


def test_a_factor_sealed_with_a_lost_key_lets_nobody_in_until_it_is_taken_away(ana):
    client = browser()
    sign_in(client)
    secret = activate(client)
    with override_settings(SECRET_KEY="another key that this installation has now", SECRET_KEY_FALLBACKS=[]):
        other = browser()
        sign_in(other)
        answer = other.post("/accounts/2fa/authenticate/", {"code": code_of(secret)})
        assert answer.status_code == 200 and not is_signed_in(other)
        operator = accounts.operator(datetime.now(UTC))
        assert second_factors.forget(operator, ana.id) == 2  # the codes, and those to recover with
        again = browser()
        sign_in(again)
        assert is_signed_in(again)


def test_a_forgotten_password_is_mailed_a_link_through_the_outbox(ana):
    client = browser()
    answer = client.post("/accounts/password/reset/", {"email": EMAIL})
    row = models.Delivery.objects.get()
    link = re.search(r"http://127\.0\.0\.1\S+", row.body["text"])[0]
    assert (answer.status_code, row.address, row.channel) == (302, EMAIL, "email")
    assert row.body["subject"] == "Quarterdeck: Choose a new password"
    assert "works once, for three days" in row.body["text"]
    page = client.get("/" + link.split("/", 3)[3])
    new = "four other plain words"
    client.post(page.headers["Location"], {"password1": new, "password2": new})
    assert models.Person.objects.get().check_password("four other plain words")


def test_a_forgotten_password_says_nothing_about_who_has_an_account(ana):
    known = browser().post("/accounts/password/reset/", {"email": EMAIL})
    unknown = browser().post("/accounts/password/reset/", {"email": "nobody@example.com"})
    assert (known.status_code, known.headers["Location"]) == (
        unknown.status_code,
        unknown.headers["Location"],
    )


def test_the_set_up_page_opens_by_its_printed_link_alone_and_then_closes_for_good(db):
    from quarterdeck.web.views import setup

    client = browser()
    assert client.get("/setup").status_code == 403
    assert client.get("/setup?token=guess").status_code == 403
    form = {"name": "Ana", "email": EMAIL, "password": PASSWORD, "timezone": "Europe/Madrid"}
    assert client.post("/setup", form).status_code == 403
    link = setup.link()
    assert client.get(link).status_code == 200
    weak = client.post("/setup", form | {"token": setup.token(), "password": "password"})
    assert weak.status_code == 422
    assert b"too common" in weak.content
    assert client.post("/setup", form | {"token": setup.token()}).status_code == 302
    assert is_signed_in(client)
    assert setup.link() is None
    assert client.get(link).status_code == 404
    assert (
        browser().post("/setup", form | {"token": setup.token(), "email": "eve@example.com"}).status_code
        == 404
    )


def test_other_sessions_are_listed_and_ended(ana):
    here, there = browser(), browser()
    sign_in(here)
    sign_in(there)
    assert is_signed_in(there)
    page = here.get("/accounts/sessions/").content.decode()
    number = re.search(r'name="end" value="([0-9a-f]{16})"', page)[1]
    here.post("/accounts/sessions/", {"end": number})
    assert is_signed_in(here)
    assert not is_signed_in(there)


@pytest.fixture
def for_administrators():
    settings.QUARTERDECK_SECOND_FACTOR = "administrators"
    yield
    settings.QUARTERDECK_SECOND_FACTOR = "optional"


def test_where_a_second_factor_is_asked_for_nobody_gets_past_its_page_without_one(ana, for_administrators):
    client, other = browser(), browser()
    sign_in(client)
    assert client.get("/signed-in").headers["Location"] == "/accounts/2fa/"
    activate(client)
    assert client.get("/signed-in").status_code == 200
    accounts.create(accounts.operator(NOW), "ben@example.com", "Ben", password=PASSWORD)
    sign_in(other, email="ben@example.com")
    assert other.get("/signed-in").status_code == 200
