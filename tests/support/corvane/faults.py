"""Pages that say no."""

from __future__ import annotations

from support.corvane.clock import NOW, later

CONFLICT = {
    "title": "Ben changed this 4 s ago", "what": "workaround, INC-1042", "theirs_by": "Ben Okonkwo", "theirs_at": later(seconds=-10),
    "theirs": "Sell on account at the quay and settle before midnight. No fee.",
    "yours": "Sell on account at the quay and settle tonight. Operators without an account call support.",
    "action": "/incidents/INC-1042/facts", "version": 312, "field": "workaround",
}  # fmt: skip
PAGES = [(f"fault-{n}", f"{n}.html", {"now": NOW}) for n in ("400", "403", "403_csrf", "404", "500", "503")]
PAGES += [("fault-409", "409.html", {"now": NOW, "conflict": CONFLICT}), ("signed-in", "signed_in.html", {})]
