"""ICS 225: how somebody did in their position, rated by whoever they reported to, once, and read by few.

Decides who rates whom, who reads it, and when it may be signed. Never compares people, and makes no figure of anybody.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from quarterdeck.core.kernel.refused import Refused, bad, forbidden

from ..parts import RoleAssignment
from ..state import COMMANDER, Incident
from ..structure import Template
from .rights import PLANNING

# Blocks 11 to 23 of the form as FEMA publishes it, with what each looks at.
FACTORS: tuple[tuple[str, str, str], ...] = (
    ("11", "Knowledge of the Job/Professional Competence", "Knows the position and its tools, and shares it."),
    ("12", "Ability To Obtain Performance/Results", "Gets the work done, in time and well."),
    ("13", "Planning/Preparedness", "Thinks ahead, sets priorities, is ready for what changes."),
    ("14", "Using Resources", "Uses people, material, money and time with care."),
    ("15", "Adaptability/Attitude", "Keeps on when things change, and takes new information up."),
    ("16", "Communication Skills", "Speaks, writes and listens so that others can act."),
    ("17", "Ability To Work on a Team", "Works with others towards what all are there for."),
    ("18", "Consideration for Personnel/Team Welfare", "Sees to rest, safety and needs of others."),
    ("19", "Directing Others", "Leads and delegates, and holds to what was agreed."),
    ("20", "Judgment/Decisions Under Stress", "Decides soundly and in time with what is known."),
    ("21", "Initiative", "Sees what is to be done and does it."),
    ("22", "Physical Ability for the Job", "Is fit for the work of the position."),
    ("23", "Adherence to Safety", "Keeps to what keeps people safe, and sees that others do."),
)  # fmt: skip
SCALE: Mapping[int, str] = {
    0: "N/A", 1: "1 – Unacceptable", 2: "2", 3: "3 – Met Standards", 4: "4", 5: "5 – Exceeded Expectations",
}  # fmt: skip
COMPLEXITIES = (1, 2, 3, 4, 5)
REMARKS_LIMIT, LINE_LIMIT = 5000, 300
# Who is there to look and learn is rated by nobody.
_NOT_RATED = ("observer", "shadow")


@dataclass(frozen=True, slots=True)
class Rating:
    """One position of one person. `scores` maps the block of a factor to 0 (not applicable) to 5. A draft until
    `signed_at`; from then on its words stand. `discussed_at`: the rated person said that it was talked over.
    """

    assignment_id: str
    person: str
    rater: str
    home_unit: str = ""
    agency: str = ""
    complexity: int = 0
    definition: str = ""
    scores: Mapping[str, int] = field(default_factory=dict)
    remarks: str = ""
    signed_at: datetime | None = None
    discussed_at: datetime | None = None


def rated(incident: Incident) -> tuple[RoleAssignment, ...]:
    """The positions that are rated, one for each time somebody held one, the earliest first."""
    found = (a for a in incident.assignments.values() if a.role not in _NOT_RATED)
    return tuple(sorted(found, key=lambda a: (a.started_at, a.id)))


def raters(incident: Incident, template: Template, of: RoleAssignment) -> tuple[str, ...]:
    """Who may rate this position: whoever held the next position above it at the same time. Where nobody did, the one
    above that, and so on up to the commander. Nobody rates themselves.
    """
    role, seen = of.reports_to or _above(template, of.role), {of.role}
    while role and role not in seen:
        seen.add(role)
        held = [a.person for a in incident.assignments.values() if a.role == role and _overlap(a, of)]
        others = tuple(dict.fromkeys(p for p in held if p != of.person))
        if others:
            return others
        role = _above(template, role)
    return ()


def may_read(incident: Incident, rating: Rating, person: str) -> bool:
    """A draft is its rater's. What is signed is read by the rated person, the rater, and whoever commands or leads
    planning, in an incident that has ended whoever did last.
    """
    if rating.signed_at is None:
        return person == rating.rater
    return person in (rating.person, rating.rater) or person in keepers(incident)


def keepers(incident: Incident) -> frozenset[str]:
    """Who commands or leads planning now, or did when the incident ended."""
    held = [a for a in incident.assignments.values() if a.role in (COMMANDER, PLANNING)]
    now = [a.person for a in held if a.is_open]
    if now or not incident.has_ended:
        return frozenset(now)
    return frozenset(a.person for a in held if a.ended_at == incident.closed_at)


def must_rate(incident: Incident, template: Template, assignment_id: str, by: str) -> RoleAssignment:
    """The position, for whoever may rate it; refuses everybody else."""
    found = incident.assignments.get(assignment_id)
    if found is None or found.role in _NOT_RATED or by not in raters(incident, template, found):
        raise forbidden(
            "rating.not_yours",
            "Whoever this position reported to rates it. Ask them, or the planning section.",
        )
    return found


def checked(rating: Rating, by: str) -> Rating:
    """A draft as it may be kept; refuses values that the form does not have, and any change of what is signed."""
    if rating.signed_at is not None:
        raise Refused("rating.signed", "This rating is signed. Its words stay as they are.")
    if rating.rater != by:
        message = "Somebody else rates this position already. Talk with them: a position is rated once."
        raise Refused("rating.taken", message, kind="conflict")
    known = {number for number, _, _ in FACTORS}
    for number, score in rating.scores.items():
        if number not in known or score not in SCALE:
            message = "A factor is rated 0 (not applicable) or 1 to 5. Choose one of them."
            raise bad("rating.score", message, **{f"score.{number}": message})
    if rating.complexity and rating.complexity not in COMPLEXITIES:
        raise bad("rating.complexity", "The complexity level is 1 to 5.", complexity="1 to 5")
    for name, text, limit in (
        ("remarks", rating.remarks, REMARKS_LIMIT), ("home_unit", rating.home_unit, LINE_LIMIT),
        ("agency", rating.agency, LINE_LIMIT), ("definition", rating.definition, LINE_LIMIT),
    ):  # fmt: skip
        if len(text) > limit:
            message = f"{limit} characters fit. Shorten it."
            raise bad(f"{name}.long", message, **{name: message})
    return rating


def missing(rating: Rating) -> dict[str, str]:
    """What stands between a draft and its signature, by field."""
    left = {f"score.{n}": f"{n}. {label}" for n, label, _ in FACTORS if n not in rating.scores}
    if not rating.complexity:
        left["complexity"] = "8. Incident Complexity Level"
    worst = [label for n, label, _ in FACTORS if rating.scores.get(n) == 1]
    if worst and not rating.remarks.strip():
        left["remarks"] = f"24. Remarks: say why “{worst[0]}” was unacceptable"
    return left


def must_sign(rating: Rating, by: str) -> None:
    """Refuses a signature under what is not complete, not one's own, or signed already."""
    checked(rating, by)
    left = missing(rating)
    if left:
        raise bad("rating.missing", f"The rating lacks: {'; '.join(left.values())}.", **left)


def must_discuss(rating: Rating, by: str) -> None:
    """Refuses everybody but the rated person, and a rating that is not signed yet."""
    if rating.person != by:
        raise forbidden("rating.discussed", "Only the person who is rated says that it was talked over.")
    if rating.signed_at is None:
        raise Refused("rating.unsigned", "This rating is not signed yet. Its rater signs first.")


def _above(template: Template, role: str) -> str:
    card = template.role(role)
    return (card.reports_to or "") if card else COMMANDER


def _overlap(a: RoleAssignment, b: RoleAssignment) -> bool:
    return (b.ended_at is None or a.started_at < b.ended_at) and (
        a.ended_at is None or b.started_at < a.ended_at
    )
