"""The organisation-wide matrix: which role may do which kind of thing. Denies whatever it does not name.

It never answers for one incident: there the grants of the role a person holds decide (grants.py).
"""

from __future__ import annotations

from collections.abc import Mapping

from quarterdeck.core.kernel.refused import forbidden

from .who import Who

PERMISSIONS: Mapping[str, str] = {
    "incident.read": "see incidents and their timelines",
    "incident.declare": "declare an incident",
    "incident.act": "take roles, write notes and findings in an incident",
    "report.write": "report that something is wrong",
    "report.judge": "see the queue of reports and judge them",
    "brief.read": "see the executive view of incidents",
    "executive.act": "ask, advise and decide as an executive",
    "executive.work": "work in the executives’ own workstreams of an incident, as one of them or as their liaison",
    "commander.call": "call a commander, when there is trouble and nobody leads",
    "drill.plan": "plan drills and facilitate them",
    "drill.steer": "steer drills that somebody else facilitates",
    "alert.read": "see alerts",
    "alert.act": "acknowledge, silence and close alerts",
    "page.send": "page a person, a schedule or a team",
    "schedule.read": "see who is on call",
    "schedule.edit": "change schedules and escalation policies",
    "service.read": "see services and their owners",
    "service.edit": "change services and integrations",
    "person.read": "see people and teams",
    "person.edit": "invite, change and remove people and teams",
    "status.read": "see the state of components and pages before it is published",
    "status.edit": "change status pages, components and maintenance windows",
    "review.read": "read reviews",
    "review.edit": "write reviews and action items",
    "insight.read": "see figures and trends",
    "settings.read": "see how the organisation is set up",
    "settings.edit": "change how the organisation is set up",
    "audit.read": "read the audit trail",
    "payroll.read": "see everybody's hours on call and what they are worth",
    "key.edit": "make and revoke keys of the API and of integrations",
}

_EVERYBODY = frozenset(
    {"report.write", "brief.read", "commander.call", "review.read", "insight.read", "status.read"}
)
_OBSERVER = _EVERYBODY | {"incident.read", "alert.read", "schedule.read", "service.read", "person.read"}
_RESPONDER = _OBSERVER | {
    "incident.declare",
    "incident.act",
    "executive.work",
    "drill.plan",
    "report.judge",
    "alert.act",
    "page.send",
    "schedule.edit",
    "service.edit",
    "status.edit",
    "review.edit",
    "settings.read",
}

# What the doors add for an executive in the one incident whose role they hold, and nowhere else.
HOLDER = "holder"

TABLE: Mapping[str, frozenset[str]] = {
    "administrator": frozenset(PERMISSIONS),
    "responder": _RESPONDER,
    "observer": _OBSERVER,
    # no write on technical objects, and neither the raw timeline nor the alert stream.
    "executive": _EVERYBODY | {"schedule.read", "executive.act", "executive.work"},
    HOLDER: frozenset({"incident.read", "incident.act"}),
    # Somebody of another organisation, let into one incident: which one, the pass says (app/incidents/guests.py).
    "guest": frozenset({"incident.read", "incident.act"}),
}
GUEST = "guest"
# What an account may be given. A guest has no account; the pass makes them one.
ROLES = tuple(role for role in TABLE if role not in (GUEST, HOLDER))

_MACHINE = frozenset(
    {
        "incident.read",
        "incident.declare",
        "incident.act",
        "alert.act",
        "page.send",
        "status.edit",
        "review.read",
    }
)
# What a rule of automation may be given at most.
_RULE = frozenset({"incident.read", "incident.declare", "incident.act", "page.send", "status.edit"})


def allowed(role: str, permission: str) -> bool:
    """Whether one organisation role has a permission. Unknown roles and unknown permissions have none."""
    return permission in TABLE.get(role, frozenset())


def may(who: Who, permission: str) -> bool:
    """Whether any of the roles of `who` has the permission."""
    if who.is_system:
        return permission in _MACHINE
    if who.is_rule:
        return permission in _RULE and permission in who.own
    return any(allowed(role, permission) for role in who.roles)


def require(who: Who, permission: str) -> None:
    """Refuses with `access.<permission>` unless `may`."""
    if may(who, permission):
        return
    can = " or ".join(role for role in ROLES if allowed(role, permission)) or "nobody"
    what = PERMISSIONS.get(permission, permission)
    raise forbidden(
        f"access.{permission}",
        f"Your account may not do this: {what}. It takes the role {can}; an administrator can give it.",
    )
