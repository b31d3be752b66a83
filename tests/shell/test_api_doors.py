"""Who may come in through the REST interface, and what every refusal looks like."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.test import Client
from ninja import NinjaAPI, Router

from quarterdeck.api.operations import OPERATIONS, Noun, Operation, require_all_declared
from quarterdeck.app.people import keys
from quarterdeck.core.access import PERMISSIONS, ROLES, allowed
from quarterdeck.store import models
from support.rest import HOST, ROOT, Caller, Organisation, answer


@pytest.fixture
def org(db: None) -> Organisation:
    o = Organisation()
    o.call("ana")
    return o


def address(operation: Operation) -> str:
    """The path with names that fit and that nothing has."""
    path = operation.path.replace("{incident}", "INC-999999").replace("{index}", "1")
    return re.sub(r"{\w+}", "nothing", path)


# -- who comes in


@pytest.mark.parametrize("role", ROLES)
def test_every_operation_admits_exactly_the_roles_that_have_its_permission(
    org: Organisation, role: str
) -> None:
    caller = org.call(f"some-{role}", role)
    for op in OPERATIONS:
        got = caller(op.method, address(op))
        code = got.json["error"]["code"] if got.json and "error" in got.json else ""
        refused = got.status == 403 and code == f"access.{op.permission}"
        told = f"{op.method} {op.path} for {role}: {got.status} {code}"
        assert refused == (op.permission in PERMISSIONS and not allowed(role, op.permission)), told
        assert got.status < 500, told
        assert got.status != 401, told


def test_every_operation_asks_for_credentials(db: None) -> None:
    nobody = Caller()
    for op in OPERATIONS:
        got = nobody(op.method, address(op))
        assert (got.status, got.code) == (401, "access.unknown"), f"{op.method} {op.path}"
        assert got.headers["WWW-Authenticate"].startswith("Bearer")


def test_operations_are_declared_once_and_with_a_permission_that_exists() -> None:
    assert len({(op.method, op.path) for op in OPERATIONS}) == len(OPERATIONS) > 100
    assert len({op.name for op in OPERATIONS}) == len(OPERATIONS)
    assert {op.permission for op in OPERATIONS} <= {"login", *PERMISSIONS}


def test_an_operation_without_a_permission_stops_the_start() -> None:
    router = Router()
    router.api_operation(["GET"], "/bare")(lambda request: None)
    with pytest.raises(ImproperlyConfigured, match="No permission is declared"):
        require_all_declared(NinjaAPI(docs_url=None, default_router=router, urls_namespace="bare"))
    with pytest.raises(ImproperlyConfigured, match="is no permission"):
        Noun("Strange", "/strange").get("", "strange.thing", None)


def test_a_key_that_is_wrong_revoked_or_expired_is_refused(org: Organisation) -> None:
    past = datetime.now(UTC) - timedelta(days=400)
    act = org.act("ana")
    row, revoked = keys.create_api_key(act, "revoked")
    keys.revoke_api_key(act, row.id)
    old, expired = keys.create_api_key(act, "expired")
    models.ApiKey.objects.filter(id=old.id).update(expires_at=past)
    for given in (
        f"Bearer {revoked}",
        f"Bearer {expired}",
        "Bearer qd_api_x",
        "Bearer",
        "Basic YTpi",
        "Bearer \xff",
    ):
        assert Caller(Authorization=given).get("/me").status == 401


def test_a_key_acts_as_its_owner(org: Organisation) -> None:
    me = org.call("ana").get("/me").json
    assert (me["id"], me["role"]) == (org.id("ana"), "responder")
    assert "alert.act" in me["permissions"]
    assert "key.edit" not in me["permissions"]


def test_somebody_switched_off_is_refused_at_once(org: Organisation) -> None:
    ana = org.call("ana")
    org.call("root", "administrator").put(f"/people/{org.id('ana')}/deactivation")
    assert ana.get("/me").status == 401


def test_a_browser_session_reads_and_writes_only_with_the_form_token(org: Organisation) -> None:
    client = Client(headers={"host": HOST}, enforce_csrf_checks=True)
    client.force_login(org.find("ana"), backend="allauth.account.auth_backends.AuthenticationBackend")
    assert client.get(f"{ROOT}/me").status_code == 200
    alert = org.alert("disk")
    bare = answer(client.put(f"{ROOT}/alerts/{alert.id}/acknowledgement"))
    assert (bare.status, bare.code) == (403, "access.form_token")
    assert models.Alert.objects.get().status == "open"
    form = client.post(f"{ROOT}/silences", {"comment": "from a form"})
    assert form.status_code == 403
    token = _form_token(client)
    done = client.put(f"{ROOT}/alerts/{alert.id}/acknowledgement", headers={"X-CSRFToken": token})
    assert done.status_code == 200
    sent_as_form = client.post(f"{ROOT}/silences", {"comment": "x", "csrfmiddlewaretoken": token})
    assert answer(sent_as_form).code == "body.type"


def _form_token(client: Client) -> str:
    from django.conf import settings
    from django.middleware.csrf import _get_new_csrf_string, _mask_cipher_secret

    secret = _get_new_csrf_string()
    client.cookies[settings.CSRF_COOKIE_NAME] = secret
    return _mask_cipher_secret(secret)


def test_a_bad_key_is_not_made_up_for_by_a_cookie(org: Organisation) -> None:
    client = Client(headers={"host": HOST})
    client.force_login(org.find("ana"), backend="allauth.account.auth_backends.AuthenticationBackend")
    assert client.get(f"{ROOT}/me", headers={"Authorization": "Bearer qd_api_wrong"}).status_code == 401


# -- what refusals look like


def test_unknown_addresses_and_wrong_methods_are_refused_in_the_same_form(org: Organisation) -> None:
    ana = org.call("ana")
    for path in ("/", "/nothing", "/alerts/", "/alerts/x/y/z"):
        assert (ana.get(path).status, ana.get(path).code) == (404, "http.missing")
    wrong = ana("TRACE", "/alerts")
    assert (wrong.status, wrong.code, wrong.headers["Allow"]) == (405, "http.method", "GET")
    both = ana.delete("/incidents")
    assert {m.strip() for m in both.headers["Allow"].split(",")} == {"GET", "POST"}
    head = ana("HEAD", "/alerts")
    assert head.status == 200
    assert head.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"{", "body.malformed"),
        (b"\xff\xfe", "body.malformed"),
        (b'{"title": NaN}', "body.malformed"),
        (b'{"title": "a", "title": "b"}', "body.malformed"),
        (b"[" * 100_000, "body.malformed"),
        (b"[" * 60 + b"]" * 60, "body.malformed"),
        (b'{"severity": ' + b"9" * 5_000 + b"}", "body.malformed"),
        (b"[]", "request.unfit"),
        (b'"text"', "request.unfit"),
        (b'{"title": 5}', "request.unfit"),
        (b'{"title": "x", "severity": "2"}', "request.unfit"),
        (b'{"title": "x", "severity": true}', "request.unfit"),
        (b'{"title": "x", "services": "db"}', "request.unfit"),
        (b'{"title": "x", "colour": "red"}', "request.unfit"),
    ],
)
def test_a_body_of_the_wrong_form_is_refused_as_such(org: Organisation, body: bytes, code: str) -> None:
    got = org.call("ana").post("/incidents", body)
    assert (got.status, got.code) == (400, code)
    assert models.IncidentRow.objects.count() == 0


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "title"),
        ({"title": ""}, "title"),
        ({"title": "\x00\x00"}, "title"),
        ({"title": "x" * 201}, "title"),
        ({"title": "x", "severity": 99_999_999_999_999_999_999}, "severity"),
        ({"title": "x", "severity": 0}, "severity"),
        ({"title": "x", "impact": "huge"}, "impact"),
        ({"title": "x", "services": ["nothing"]}, "services"),
        ({"title": "x", "alerts": ["a b"]}, "alerts.0"),
        ({"title": "x", "bridge_url": "javascript:alert(1)"}, "bridge_url"),
    ],
)
def test_a_value_that_cannot_be_used_is_refused_with_its_field(
    org: Organisation, body: dict[str, object], field: str
) -> None:
    got = org.call("ana").post("/incidents", body)
    assert got.status == 422, got.json
    assert field in got.json["error"]["fields"]
    assert got.json["error"]["message"].endswith(".")


def test_another_content_type_is_refused(org: Organisation) -> None:
    for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", ""):
        got = org.call("ana").post("/incidents", b'{"title": "x"}', Content_Type=kind)
        assert (got.status, got.code) == (415, "body.type")
    assert (
        org.call("ana")
        .post("/incidents", b'{"title": "x"}', Content_Type="application/json; charset=utf-8")
        .status
        == 201
    )


def test_text_from_outside_loses_what_no_reader_should_meet(org: Organisation) -> None:
    made = org.call("ana").post("/incidents", b'{"title": "a\\u0000b \\ud800 c\\u202ed"}')
    assert (made.status, made.json["title"]) == (201, "ab \ufffd cd")


@pytest.mark.parametrize(
    "name", ["%00", "%ff", "a%20b", "%ed%a0%80", "x" * 500, "INC-0", "INC-99999999999999", "installation"]
)
def test_names_in_the_address_that_cannot_exist_are_not_found(org: Organisation, name: str) -> None:
    for path in (
        f"/incidents/{name}",
        f"/alerts/{name}",
        f"/incidents/{name}/timeline",
        f"/schedules/{name}",
    ):
        got = org.call("ana").get(path)
        assert got.status == 404, (path, got.json)


@pytest.mark.parametrize(
    "query",
    [
        "limit=0",
        "limit=201",
        "limit=99999999999999999999",
        "limit=x",
        "cursor=!!!",
        "cursor=W10",
        "status=gone",
        "cursor=WzFd",
        "cursor=bnVsbA",
    ],
)
def test_a_question_that_cannot_be_answered_is_refused(org: Organisation, query: str) -> None:
    assert org.call("ana").get(f"/alerts?{query}").status == 422


@pytest.mark.parametrize(
    "at", ["9999-12-31T23:59:59Z", "0001-01-01T00:00:00Z", "2026-01-01", "now", "%00", "2026-11-22T03:10:25"]
)
def test_a_time_nobody_means_is_refused(org: Organisation, at: str) -> None:
    assert org.call("ana").get(f"/oncall?at={at}").status == 422


def test_reading_changes_nothing(org: Organisation) -> None:
    org.alert("disk")
    incident = org.declare()
    ana = org.call("ana")
    before = _fingerprint()
    for op in OPERATIONS:
        if op.method == "GET":
            ana.get(address(op))
            ana.get(address(op).replace("INC-999999", incident))
    assert _fingerprint() == before


def _fingerprint() -> dict[str, list[object]]:
    from django.apps import apps

    tables = [m for m in apps.get_app_config("store").get_models() if m is not models.ApiKey]
    return {m.__name__: list(m._default_manager.order_by("pk").values_list()) for m in tables}


def test_the_description_is_for_whoever_has_a_key_or_a_session(org: Organisation) -> None:
    assert Caller().get("/openapi.json").status == 401
    told = org.call("ana").get("/openapi.json").json
    assert told["openapi"] == "3.1.0"
    served = {(m.upper(), p.removeprefix(ROOT)) for p, ms in told["paths"].items() for m in ms}
    assert served == {(op.method, op.path) for op in OPERATIONS}
    assert all(
        op["security"] == [{"Bearer": []}, {"Session": []}]
        for ms in told["paths"].values()
        for op in ms.values()
    )
    assert all(
        schema["additionalProperties"] is False
        for name, schema in told["components"]["schemas"].items()
        if name.endswith(("Write", "Patch"))
    )
