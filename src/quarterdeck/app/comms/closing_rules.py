"""What has to be done before an incident is over, and what is asked of executives afterwards, as the catalogue in force
says. Never an error.
"""

from __future__ import annotations

from quarterdeck.catalog.closing import FILE, ClosingRules, load_closing

from ..catalog.kept_rules import Kept

_kept: Kept[ClosingRules] = Kept(FILE, load_closing)


def rules() -> ClosingRules:
    """Those in force now."""
    return _kept.now()
