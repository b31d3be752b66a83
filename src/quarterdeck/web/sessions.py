"""Sessions in the database under the hash of their key, and the one answer to "who is signed in with this
cookie".

A copy of the table opens no session. Used by Django's middleware and by the native routes alike.
"""

from __future__ import annotations

import base64
import functools
import hashlib
import time
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.contrib.auth import HASH_SESSION_KEY, SESSION_KEY, get_user
from django.contrib.sessions.backends import db
from django.contrib.sessions.models import Session
from django.http import HttpRequest
from django.utils import timezone

from quarterdeck.store.models import Person

# Where a session keeps when it began.
SINCE = "since"


def stored_key(session_key: str) -> str:
    """SHA-256 of a session key, cut to the 240 bits (40 characters) that Django's column takes."""
    return base64.urlsafe_b64encode(hashlib.sha256(session_key.encode()).digest()[:30]).decode()


class SessionStore(db.SessionStore):
    """Django's database sessions; the row's key is the hash, the cookie's is not stored anywhere."""

    def _get_session_from_db(self) -> Session | None:
        key = self.session_key
        found = None
        if key:
            found = self.model.objects.filter(
                session_key=stored_key(key), expire_date__gt=timezone.now()
            ).first()
        if found is None:
            self._session_key = None
        return found

    def exists(self, session_key: str) -> bool:
        return super().exists(stored_key(session_key))

    def create_model_instance(self, data: dict[str, Any]) -> Session:
        row = super().create_model_instance(data)
        row.session_key = stored_key(row.session_key)
        return row

    def delete(self, session_key: str | None = None) -> None:
        key = session_key or self.session_key
        if key is not None:
            super().delete(stored_key(key))


@dataclass(frozen=True, slots=True)
class Visitor:
    """Somebody signed in. `stamp` changes whenever it must be asked again whether they still are; `proven` is False
    while they lack the second factor that is asked for here.
    """

    person_id: str
    role: str
    stamp: str
    stored: str
    proven: bool = True


def too_old(since: object, now: float) -> bool:
    """Whether a session that began then has lasted as long as any may."""
    return isinstance(since, int) and now - since > settings.QUARTERDECK_SESSION_SECONDS


def lacks_second_factor(person: Person) -> bool:
    """Whether the configuration asks this person for a second factor that they do not have."""
    wanted = settings.QUARTERDECK_SECOND_FACTOR
    if wanted == "optional" or (wanted == "administrators" and person.role != "administrator"):
        return False
    return not person.authenticator_set.exclude(type="recovery_codes").exists()


def visitor(session_key: str) -> Visitor | None:
    """Who is signed in with this cookie value: the session is alive and not too old, its owner active, the password
    unchanged.
    """
    if not session_key or len(session_key) > 64:
        return None
    request = HttpRequest()
    request.session = SessionStore(session_key)  # type: ignore[assignment]
    person = get_user(request)
    if not isinstance(person, Person) or not person.is_active:
        return None
    if too_old(request.session.get(SINCE), time.time()):
        return None
    stored = stored_key(session_key)
    stamp = stamps([stored]).get(stored, "")
    return Visitor(person.id, person.role, stamp, stored, not lacks_second_factor(person))


def stamps(stored: Collection[str]) -> Mapping[str, str]:
    """For many stored keys at once, a text that changes when the session or its owner's rights do.

    Two queries for any number of streams; a key that is missing from the answer has no session any more.
    """
    rows = Session.objects.filter(session_key__in=stored, expire_date__gt=timezone.now())
    owners: dict[str, str] = {}
    hashes: dict[str, str] = {}
    for key, data in rows.values_list("session_key", "session_data"):
        owners[key], hashes[key] = _owner(data)
    people = {
        p.id: f"{p.is_active}:{p.role}:{p.get_session_auth_hash()}"
        for p in Person.objects.filter(id__in=set(owners.values()))
    }
    return {key: f"{hashes[key]}:{people[owner]}" for key, owner in owners.items() if owner in people}


@functools.lru_cache(maxsize=8192)
def _owner(session_data: str) -> tuple[str, str]:
    data = SessionStore().decode(session_data)
    return data.get(SESSION_KEY, ""), data.get(HASH_SESSION_KEY, "")


def of_person(person_id: str) -> list[tuple[str, dict[str, Any]]]:
    """The live sessions of one person: stored key and contents, the newest first."""
    found = []
    for row in Session.objects.filter(expire_date__gt=timezone.now()).order_by("-expire_date"):
        data = row.get_decoded()
        if data.get(SESSION_KEY) == person_id:
            found.append((row.session_key, data))
    return found


def number(stored: str) -> str:
    """A name for a session in a list, from which its stored key cannot be told."""
    return hashlib.sha256(stored.encode()).hexdigest()[:16]
