"""How a status page is entered, read from the store: for whom it is and the ways in. Changes nothing."""

from __future__ import annotations

from quarterdeck.core.status import access as core
from quarterdeck.store import models


def of(page: models.StatusPage) -> models.PageAccess:
    """How a page is entered; what is not stored is internal and hidden."""
    found: models.PageAccess | None = getattr(page, "access", None)
    return found or models.PageAccess(page=page, updated_at=page.created_at)


def visibility(page: models.StatusPage, row: models.PageAccess | None = None) -> core.Visibility:
    if page.public:
        return "public"
    return "private" if (row or of(page)).visibility == "private" else "internal"


def ways(page: models.StatusPage, row: models.PageAccess) -> core.Ways:
    """The same, as the core asks for it."""
    rule: core.NetworkRule = row.network if row.network in core.NETWORK_RULES else "needed"
    return core.Ways(
        visibility(page, row), row.members, bool(row.password), tuple(row.domains), tuple(row.networks), rule
    )
