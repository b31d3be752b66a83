"""Every way in declares who may come in, lets in exactly those, and changes nothing when it is only read."""

from __future__ import annotations

import hashlib
import re
import sqlite3
from datetime import UTC, datetime
from pathlib import Path

import pytest

from support.database import db, migrated  # isort: skip - sets Django up

from django.core.exceptions import ImproperlyConfigured
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.urls import path

import quarterdeck.api
from quarterdeck.app.people import accounts
from quarterdeck.core.access import PERMISSIONS, ROLES
from quarterdeck.web import routes
from quarterdeck.web.routes import KEY, LOGIN, NATIVE, PER_OPERATION, PUBLIC

__all__ = ["db", "migrated"]
WORDS = {PUBLIC, LOGIN, KEY, PER_OPERATION} | set(PERMISSIONS)
PAGES = sorted(routes.pages(), key=lambda p: p.pattern)
# What a session remembers of its own use, and counters of refused sign-ins, are no state of the product.
BOOKKEEPING = {"django_session", "cache_entry", "sqlite_sequence", "sqlite_stat1"}
# A value for each parameter of a path; a page of something that is not there must say so, and change nothing either.
SAMPLES = {"int": "1", "uidb36": "1", "key": "set-password", "str": "INC-1042", "slug": "none", "uuid": "0"}
PARAMETER = re.compile(r"<(?:(\w+):)?(\w+)>|\(\?P<(\w+)>[^)]*\)")


def address(page):
    """The page's path with a value in the place of each parameter."""

    def value(found):
        kind, name, regex_name = found.groups()
        return SAMPLES.get(name or regex_name) or SAMPLES.get(kind or "str", "none")

    return "/" + PARAMETER.sub(value, page.pattern.replace("^", "").replace("$", ""))


def contents():
    """A hash over everything the store holds, bookkeeping left out."""
    digest = hashlib.sha256()
    for table in sorted(set(connection.introspection.table_names()) - BOOKKEEPING):
        with connection.cursor() as c:
            c.execute(f"SELECT * FROM {connection.ops.quote_name(table)} ORDER BY 1")
            digest.update(repr((table, c.fetchall())).encode())
    return digest.hexdigest()


class Store:
    """What the store holds, looked through again only when another connection than ours has written to its file."""

    def __init__(self):
        name = connection.settings_dict["NAME"]
        self._beside = sqlite3.connect(name) if connection.vendor == "sqlite" else None
        self._seen, self._contents = None, ""

    def contents(self):
        version = self._beside.execute("PRAGMA data_version").fetchone() if self._beside else None
        if version is None or version != self._seen:
            self._seen, self._contents = version, contents()
        return self._contents

    def close(self):
        if self._beside:
            self._beside.close()


def client_of(role):
    """A browser of somebody with this role; None is nobody."""
    client = Client(SERVER_NAME="127.0.0.1", HTTP_ACCEPT="text/html", raise_request_exception=False)
    if role is not None:
        now = datetime(2026, 11, 22, tzinfo=UTC)
        person = accounts.create(
            accounts.operator(now),
            f"{role}@example.com",
            role.title(),
            role=role,
            password="wet anchor slow lantern",
        )
        client.force_login(person)
        client.get("/accounts/sessions/")
    return client


def test_every_page_declares_who_may_open_it():
    assert {p.pattern: p.permission for p in PAGES if p.permission not in WORDS} == {}


def test_every_native_route_declares_who_may_use_it():
    assert {n.prefix: n.permission for n in NATIVE if n.permission not in WORDS} == {}


def test_a_page_without_a_declaration_stops_the_start():
    bare = path("secret", lambda request: HttpResponse("x"))
    with pytest.raises(ImproperlyConfigured, match="secret"):
        routes.require_all_declared([bare])


def test_a_declaration_must_be_a_permission_there_is():
    with pytest.raises(ImproperlyConfigured, match="incident.raed"):
        routes.route("x", lambda request: HttpResponse("x"), name="x", permission="incident.raed")


def test_every_operation_of_the_interface_for_programs_declares_its_own():
    mounted = [p for p in PAGES if p.permission == PER_OPERATION]
    assert all(p.pattern.startswith("api/") for p in mounted)


def test_reading_any_page_changes_nothing(db):
    client, store = client_of("administrator"), Store()
    before = store.contents()
    changed, failed = [], []
    for page in PAGES:
        if page.permission == PER_OPERATION:
            continue
        for method in (client.get, client.head):
            if method(address(page)).status_code >= 500:
                failed.append(page.pattern)
            after = store.contents()
            if after != before:
                changed.append(page.pattern)
                before = after
    assert (changed, failed) == ([], [])
    accounts.create(
        accounts.operator(datetime(2026, 11, 22, tzinfo=UTC)), "b@example.com", "B", role="observer"
    )
    assert store.contents() != before
    store.close()


@pytest.mark.parametrize("role", [None, *ROLES])
def test_each_role_comes_in_where_the_declaration_says_so_and_nowhere_else(db, role):
    client = client_of(role)
    wrong = []
    for page in PAGES:
        if page.permission == PER_OPERATION or page.name == "setup":
            continue
        answer = client.get(address(page))
        asked_to_sign_in = answer.status_code == 302 and answer.headers["Location"].startswith(
            "/accounts/login/?next="
        )
        refused = asked_to_sign_in or answer.status_code in (401, 403)
        if refused == routes.admits(page.permission, role):
            wrong.append((page.pattern, page.permission, answer.status_code))
    assert wrong == []


def test_a_visitor_is_sent_to_the_sign_in_and_back(db):
    answer = client_of(None).get("/accounts/sessions/?x=1")
    assert answer.headers["Location"] == "/accounts/login/?next=%2Faccounts%2Fsessions%2F%3Fx%3D1"


@pytest.mark.parametrize(
    "headers", [{"HX-Request": "true"}, {"Accept": "application/json"}, {"Sec-Fetch-Dest": "empty"}]
)
def test_a_session_that_ends_in_the_middle_of_a_page_is_said_without_leaving_it(db, headers):
    answer = client_of(None).get("/accounts/sessions/", headers=headers)
    assert (answer.status_code, answer.headers["HX-Trigger"]) == (401, "signin-needed")


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
    ],
)
def test_a_form_sent_from_another_site_is_refused(db, headers):
    client = client_of("administrator")
    before = contents()
    answer = client.post("/accounts/sessions/", {"end": "others"}, headers=headers)
    assert answer.status_code == 403
    assert contents() == before


def test_a_form_without_its_token_is_refused(db):
    client = Client(SERVER_NAME="127.0.0.1", enforce_csrf_checks=True)
    assert client.post("/accounts/login/", {"login": "a@example.com", "password": "x"}).status_code == 403


def test_no_two_shapes_of_the_interface_share_a_name():
    """The document knows a shape by its name alone: the later of two would stand for both."""
    names = [
        name
        for path in sorted(Path(quarterdeck.api.__file__).parent.glob("*.py"))
        for name in re.findall(r"^class (\w+)\((?:Read|Write|Schema)\b", path.read_text(), re.MULTILINE)
    ]
    assert len(names) > 200
    assert not {n for n in names if names.count(n) > 1}
