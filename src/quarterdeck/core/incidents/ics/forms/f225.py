"""ICS 225, Incident Personnel Performance Rating: one for each position that somebody held. Never part of a public
copy, of the list of forms or of a plan: few may read it.
"""

from __future__ import annotations

from typing import Any

from ...parts import RoleAssignment
from ..ratings import COMPLEXITIES, FACTORS, SCALE, Rating
from . import page as pages
from .shapes import Block, Column, Form, Sheet, at

ONLY_FOR = "This rating is to be used only for determining an individual's performance on an incident"

_SCALE = "N/A, 1 Unacceptable, 3 Met Standards, 5 Exceeded Expectations"


def page(rating: Rating, held: RoleAssignment, sheet: Sheet) -> dict[str, Any]:
    """The form as plain data, as the others; block 25 is the rated person's, 26 the rater's."""
    found = pages.page(_form(rating, held), sheet)
    discussed = at(rating.discussed_at)
    return found | {
        "subject": rating.assignment_id,
        "subject_name": f"{sheet.titles(held.role)} – {sheet.name(rating.person)}",
        "prepared": {
            "number": "25", "label": "Rated Individual (this rating has been discussed with me)",
            "name": sheet.name(rating.person), "position": sheet.titles(held.role), "at": discussed,
        },
        "missing": [],
    }  # fmt: skip


def _form(rating: Rating, held: RoleAssignment) -> Form:
    until = at(held.ended_at) or "today"
    rows = tuple(
        (f"{n}. {label}", hint, *("X" if rating.scores.get(n) == score else "" for score in SCALE))
        for n, label, hint in FACTORS
    )
    return Form(
        key="225",
        name="Incident Personnel Performance Rating",
        by_period=False,
        sensitive=True,
        blocks=(
            Block("1", "Name", auto=lambda s: s.name(rating.person), width=4),
            Block("2", "Incident Name", auto=lambda s: s.incident.title, width=5),
            Block("3", "Incident Number", auto=lambda s: s.incident.key, width=3),
            Block("4", "Home Unit Name and Address", auto=lambda s: rating.home_unit, width=6),
            Block("5", "Incident Agency and Address", auto=lambda s: rating.agency, width=6),
            Block("6", "Position Held on Incident", auto=lambda s: s.titles(held.role), width=4),
            Block("7", "Date(s) of Assignment", auto=lambda s: f"From {at(held.started_at)} to {until} UTC", width=8),
            Block("8", "Incident Complexity Level", "ticks", options=tuple(map(str, COMPLEXITIES)), width=5,
                  auto=lambda s: [str(rating.complexity)]),
            Block("9", "Incident Definition", auto=lambda s: rating.definition, width=7),
            Block("10", f"Evaluation ({_SCALE}). {ONLY_FOR}", "grid", auto=lambda s: rows,
                  columns=(Column("Rating Factor", 4.4), Column("Looks at", 5),
                           *(Column("N/A" if score == 0 else str(score), 0.6) for score in SCALE))),
            Block("24", "Remarks", auto=lambda s: rating.remarks),
        ),
        approved_number="26",
        approved_label="Rated by",
    )  # fmt: skip
