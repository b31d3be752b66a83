"""Sessions: hashed at rest, ended by a new password, by disabling and by hand; and what the log keeps of it."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.models import Session

from quarterdeck.app.people import accounts
from quarterdeck.core.kernel.refused import Refused
from quarterdeck.store import log, models
from quarterdeck.web import sessions
from support.database import db

__all__ = ["db"]
pytestmark = pytest.mark.usefixtures("db")
PASSWORD = "wet anchor slow lantern"
NOW = datetime(2026, 11, 22, 6, 0, tzinfo=UTC)


@pytest.fixture
def ana(db):
    return accounts.create(
        accounts.operator(NOW), "ana@example.com", "Ana", role="administrator", password=PASSWORD
    )


def signed_in(person):
    """A cookie value under which this person is signed in."""
    store = sessions.SessionStore()
    store[SESSION_KEY] = person.pk
    store[BACKEND_SESSION_KEY] = "allauth.account.auth_backends.AuthenticationBackend"
    store[HASH_SESSION_KEY] = person.get_session_auth_hash()
    store.create()
    store.save()
    return store.session_key


def test_the_key_of_a_session_is_not_in_the_database(ana):
    key = signed_in(ana)
    row = Session.objects.get()
    assert row.session_key == sessions.stored_key(key)
    assert key not in row.session_key + row.session_data
    assert sessions.visitor(row.session_key) is None


def test_a_cookie_answers_who_is_signed_in(ana):
    visitor = sessions.visitor(signed_in(ana))
    assert (visitor.person_id, visitor.role) == (ana.id, "administrator")


@pytest.mark.parametrize("key", ["", "x" * 32, "x" * 4000, "'; drop table person; --", "\0"])
def test_a_cookie_nobody_gave_out_answers_nobody(ana, key):
    assert sessions.visitor(key) is None


def test_a_new_password_ends_every_session(ana):
    key = signed_in(ana)
    before = sessions.visitor(key)
    accounts.set_password(accounts.operator(NOW), ana.id, "four other plain words")
    assert sessions.visitor(key) is None
    assert sessions.stamps([before.stored]).get(before.stored) != before.stamp


def test_disabling_somebody_ends_every_session(ana):
    ben = accounts.create(accounts.operator(NOW), "ben@example.com", "Ben", password=PASSWORD)
    key = signed_in(ben)
    accounts.set_active(accounts.operator(NOW), ben.id, False)
    assert sessions.visitor(key) is None


def test_a_session_ended_by_hand_is_over_and_recorded(ana):
    key = signed_in(ana)
    stored = sessions.visitor(key).stored
    assert [k for k, _ in sessions.of_person(ana.id)] == [stored]
    assert accounts.end_sessions(accounts.operator(NOW), ana.id, [stored]) == 1
    assert sessions.visitor(key) is None
    assert sessions.stamps([stored]) == {}
    assert log.read("installation")[-1].kind == "SessionsEnded"


def test_the_last_administrator_cannot_be_disabled(ana):
    with pytest.raises(Refused, match="only administrator"):
        accounts.set_active(accounts.operator(NOW), ana.id, False)


def test_only_the_first_person_is_made_without_being_asked_by_anybody(ana):
    with pytest.raises(Refused) as told:
        accounts.first_administrator("eve@example.com", "Eve", PASSWORD, NOW)
    assert told.value.code == "setup.done"


@pytest.mark.parametrize("password", ["short", "password123", "ana@example.com", "x" * 600])
def test_a_weak_or_endless_password_is_refused(db, password):
    with pytest.raises(Refused) as told:
        accounts.create(accounts.operator(NOW), "ana@example.com", "Ana", password=password)
    assert "password" in told.value.fields


@pytest.mark.parametrize("password", ["eight or", "x" * 64 + " and more", "pässwörter sind lang genug"])
def test_a_long_enough_password_of_any_characters_is_taken(db, password):
    person = accounts.create(accounts.operator(NOW), "cy@example.com", "Cy", password=password)
    assert person.check_password(password)
    assert person.password.startswith("argon2$argon2id$")


def test_what_an_account_went_through_is_recorded_without_its_secrets(ana):
    accounts.set_password(accounts.operator(NOW), ana.id, "four other plain words")
    kept = log.read("installation")
    assert [e.kind for e in kept] == ["PersonCreated", "PasswordSet"]
    assert "ana@example.com" not in str([e.data for e in kept])
    assert log.verify("installation") is None


def test_a_mail_about_an_account_waits_in_the_outbox(db):
    accounts.queue_mail("ana@example.com", "Reset\r\nBcc: eve@example.com", "https://x.example/reset")
    row = models.Delivery.objects.get()
    assert (row.channel, row.address, row.cls) == ("email", "ana@example.com", "message")
    assert "\n" not in row.body["subject"]
