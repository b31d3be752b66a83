"""The organisation-wide matrix and the grants of roles: denied unless said otherwise."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quarterdeck.core.access import (
    ENGINE,
    GRANTS,
    PERMISSIONS,
    ROLES,
    TABLE,
    RoleGrants,
    Who,
    acts_as,
    allowed,
    granted,
    grants_of,
    may,
    require,
)
from quarterdeck.core.kernel.refused import Refused

STRUCTURE = {
    "commander": RoleGrants(("message.release", "incident.phase")),
    "deputy": RoleGrants(("callout.send",), "commander"),
    "communications_lead": RoleGrants(("message.draft",), "commander"),
    "status_page_manager": RoleGrants(("page.publish",), "communications_lead"),
    "elt_approver": RoleGrants(("message.approve",), "commander", rollup=False),
}


@given(st.text(), st.text())
def test_unknown_roles_and_permissions_are_denied(role, permission):
    if role not in ROLES or permission not in PERMISSIONS:
        assert not allowed(role, permission)


def test_the_table_names_only_known_permissions():
    assert all(row <= set(PERMISSIONS) for row in TABLE.values())


@pytest.mark.parametrize("permission", [p for p in PERMISSIONS if not p.endswith(".read")])
def test_an_executive_and_an_observer_write_nothing_but_reports_and_can_call_a_commander(permission):
    expected = permission in ("commander.call", "report.write")
    assert allowed("executive", permission) is (expected or permission in ("executive.act", "executive.work"))
    assert allowed("observer", permission) is expected


def test_executives_see_neither_the_timeline_nor_the_alert_stream():
    assert not allowed("executive", "incident.read")
    assert not allowed("executive", "alert.read")
    assert allowed("executive", "brief.read")


def test_no_permission_of_the_organisation_releases_messages():
    assert "message.release" not in PERMISSIONS
    assert "message.release" in GRANTS


def test_a_refusal_names_the_role_it_takes():
    with pytest.raises(Refused) as refused:
        require(Who("ole", frozenset({"observer"})), "incident.declare")
    assert refused.value.kind == "forbidden"
    assert "administrator or responder" in refused.value.message


def test_the_product_may_page_but_not_change_settings():
    assert may(ENGINE, "page.send")
    assert not may(ENGINE, "settings.edit")


def test_duties_of_an_unfilled_role_go_to_the_next_filled_role_above():
    held = [("commander", "ana")]
    assert granted(STRUCTURE, held, "ana", "page.publish")
    assert acts_as(STRUCTURE, held, "ana") == {
        "commander",
        "deputy",
        "communications_lead",
        "status_page_manager",
    }


def test_a_filled_role_keeps_its_duties_to_itself():
    held = [("commander", "ana"), ("communications_lead", "ben")]
    assert not granted(STRUCTURE, held, "ana", "message.draft")
    assert granted(STRUCTURE, held, "ben", "page.publish")


def test_a_role_without_roll_up_leaves_its_rights_to_nobody():
    assert not granted(STRUCTURE, [("commander", "ana")], "ana", "message.approve")


def test_a_circle_of_reporting_lines_ends():
    circle = {"a": RoleGrants(("x",), "b"), "b": RoleGrants(("y",), "a")}
    assert grants_of(circle, [("c", "ana")], "ana") == frozenset()


@given(st.lists(st.tuples(st.sampled_from(sorted(STRUCTURE)), st.sampled_from(["ana", "ben", "cho"]))))
def test_only_a_holder_of_command_releases_messages(held):
    commanders = {person for role, person in held if role == "commander"}
    for person in ("ana", "ben", "cho"):
        assert granted(STRUCTURE, held, person, "message.release") is (person in commanders)
