"""Whether words of a request are among those of the catalogue in force."""

from __future__ import annotations

from quarterdeck.app.catalog.catalogue import current
from quarterdeck.core.kernel.refused import bad


def check_assessment(impact: str, urgency: str, scope: str) -> None:
    """Refuse an impact, urgency or scope that the matrix does not have. Empty ones are not said."""
    catalog = current()
    known = {
        "impact": (impact, catalog.impacts),
        "urgency": (urgency, catalog.urgencies),
        "scope": (scope, tuple(s.key for s in catalog.scopes)),
    }
    for field, (value, values) in known.items():
        if value and value not in values:
            message = f"There is no {field} {value!r}. Choose one of: {', '.join(values)}."
            raise bad(f"{field}.unknown", message, **{field: message})
