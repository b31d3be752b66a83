"""Who may do what, as pure policy: organisation-wide permissions and the grants of roles in an incident."""

from .grants import GRANTS, RoleGrants, acts_as, granted, grants_of
from .permissions import GUEST, HOLDER, PERMISSIONS, ROLES, TABLE, allowed, may, require
from .who import ENGINE, RULE_PREFIX, SYSTEM, Who, rule_actor

__all__ = [
    "ENGINE",
    "GRANTS",
    "GUEST",
    "HOLDER",
    "PERMISSIONS",
    "ROLES",
    "RULE_PREFIX",
    "SYSTEM",
    "TABLE",
    "RoleGrants",
    "Who",
    "acts_as",
    "allowed",
    "granted",
    "grants_of",
    "may",
    "require",
    "rule_actor",
]
