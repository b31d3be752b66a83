"""Ratings of people in an incident (ICS 225): written and signed by whoever they reported to, read by few. No event, no
export, no search and no figure holds them; the audit trail keeps a seal of each that is signed.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from quarterdeck.app import casebook
from quarterdeck.app.act import Act
from quarterdeck.app.casebook import Case
from quarterdeck.app.oncall import duty_notes
from quarterdeck.core.incidents.ics import fills
from quarterdeck.core.incidents.ics import ratings as core
from quarterdeck.core.incidents.ics.forms import f225
from quarterdeck.core.incidents.ics.forms.shapes import at
from quarterdeck.core.incidents.parts import RoleAssignment
from quarterdeck.core.kernel.chain import canonical
from quarterdeck.core.kernel.refused import Refused, missing
from quarterdeck.core.kernel.text import clean, line
from quarterdeck.store import log, models, tx
from quarterdeck.store.ids import new_id

from .sheet import sheet

Page = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Shown:
    """A position with its rating, for whoever may see it. `mine`: they rate it; `version` 0: nothing is kept yet."""

    held: RoleAssignment
    rating: core.Rating
    version: int
    mine: bool
    signed_as: str = ""
    seal: str = ""

    @property
    def state(self) -> str:
        """open, draft, signed or discussed."""
        if self.rating.signed_at is None:
            return "draft" if self.version else "open"
        return "discussed" if self.rating.discussed_at else "signed"


def listed(act: Act, incident_id: str) -> tuple[Case, list[Shown]]:
    """What this person rates here, what is said of them, and what they keep as commander or planning section."""
    case = _case(act, incident_id)
    rows = {r.assignment_id: r for r in models.PerformanceRating.objects.filter(incident_id=incident_id)}
    units = _units(case, act.at)
    found = (_shown(case, held, rows.get(held.id), act.person, units) for held in core.rated(case.incident))
    return case, [s for s in found if s is not None]


def show(act: Act, incident_id: str, assignment_id: str) -> tuple[Case, Shown]:
    """One of them. For everybody else there is none, signed or not."""
    case = _case(act, incident_id)
    return case, _one(case, act, assignment_id)


def page(act: Act, incident_id: str, assignment_id: str) -> tuple[Page, Mapping[str, Any] | None]:
    """The form, and once it is signed by whom; as it was signed, with the word of the rated person since."""
    case, found = show(act, incident_id, assignment_id)
    if found.rating.signed_at is None:
        return f225.page(found.rating, found.held, sheet(case, act.at, None, assignment_id)), None
    row = models.PerformanceRating.objects.get(assignment_id=assignment_id)
    frozen: Page = json.loads(row.page)
    frozen["prepared"] = frozen["prepared"] | {"at": at(row.discussed_at)}
    stamp = {
        "name": case.directory(act.at).name(row.rater),
        "position": casebook.titles(case.template)(row.signed_as),
        "at": at(row.signed_at), "version": 1, "hash": row.seal,
    }  # fmt: skip
    return frozen, stamp


def write(
    act: Act, incident_id: str, assignment_id: str, *, scores: Mapping[str, int], complexity: int = 0,
    definition: str = "", home_unit: str = "", agency: str = "", remarks: str = "", version: int | None = None,
) -> Shown:  # fmt: skip
    """Keep a draft as a whole. `version` is the one that was seen: an older one is a conflict."""
    with tx.write("engine", "web"):
        log.lock_incident(incident_id)
        case = _case(act, incident_id)
        held = core.must_rate(case.incident, case.template, assignment_id, act.person)
        row = models.PerformanceRating.objects.filter(assignment_id=assignment_id).first()
        seen = row.version if row else 0
        if version is not None and version != seen:
            message = "This rating was changed elsewhere meanwhile. Reload it, compare, and save again."
            raise Refused("rating.version", message, kind="conflict")
        row = row or models.PerformanceRating(
            id=new_id(), incident_id=incident_id, assignment_id=held.id, person=held.person, rater=act.person, version=0
        )  # fmt: skip
        core.checked(_rating(row), act.person)
        row.scores, row.complexity = dict(scores), complexity
        row.definition, row.home_unit, row.agency = (line(t, 400) for t in (definition, home_unit, agency))
        row.remarks = clean(remarks, core.REMARKS_LIMIT + 1)
        core.checked(_rating(row), act.person)
        row.version, row.changed_at = row.version + 1, act.at
        row.save()
        return _one(case, act, assignment_id)


def sign(act: Act, incident_id: str, assignment_id: str, seen: int | None = None) -> Shown:
    """The rater signs the draft of this version: from now on it stands, and the rated person is told of it."""
    with tx.write("engine", "web"):
        log.lock_incident(incident_id)
        case = _case(act, incident_id)
        held = core.must_rate(case.incident, case.template, assignment_id, act.person)
        row = models.PerformanceRating.objects.filter(assignment_id=assignment_id).first()
        if row is None:
            raise missing("rating.none", "There is no draft of this rating yet. Write it first.")
        if seen is not None and seen != row.version and row.signed_at is None:
            raise Refused(
                "rating.version", "The draft has changed since you read it. Read it again, then sign."
            )
        core.must_sign(_rating(row), act.person)
        page = f225.page(_rating(row), held, sheet(case, act.at, None, assignment_id))
        row.page, row.seal, row.signed_at = canonical(page), fills.page_hash(page), act.at
        row.signed_as = _position(case, act.person, held)
        row.save()
        log.audit("PerformanceRated", {"rating": row.id, "seal": row.seal}, at=act.at, actor=act.person)
        duty_notes.tell(
            [row.person], "A rating of yours is signed",
            f"{case.directory(act.at).name(act.person)} rated how you did. Read it, and talk it over with them.",
            f"/incidents/{incident_id}/ics/ratings/{assignment_id}", act.at,
        )  # fmt: skip
        return _one(case, act, assignment_id)


def discuss(act: Act, incident_id: str, assignment_id: str) -> Shown:
    """The rated person says that it was talked over with them; not that they agree."""
    with tx.write("engine", "web"):
        log.lock_incident(incident_id)
        case, found = show(act, incident_id, assignment_id)
        core.must_discuss(found.rating, act.person)
        rows = models.PerformanceRating.objects.filter(assignment_id=assignment_id, discussed_at=None)
        rows.update(discussed_at=act.at)
        return _one(case, act, assignment_id)


def _case(act: Act, incident_id: str) -> Case:
    case = casebook.load(incident_id, act.who)
    if case.template.key != "ics":
        raise missing("ics.none", "People are rated in incidents with the structure ICS only.")
    return case


def _one(case: Case, act: Act, assignment_id: str) -> Shown:
    held = case.incident.assignments.get(assignment_id)
    row = models.PerformanceRating.objects.filter(assignment_id=assignment_id).first()
    found = _shown(case, held, row, act.person, _units(case, act.at)) if held else None
    if found is None:
        raise missing(
            "rating.unknown", "There is no rating here that you may read. Look in the list of ratings."
        )
    return found


def _shown(
    case: Case, held: RoleAssignment, row: models.PerformanceRating | None, person: str, units: Mapping[str, str]
) -> Shown | None:  # fmt: skip
    """None for whoever may neither write nor read it."""
    may_rate = person in core.raters(case.incident, case.template, held)
    if row is None:
        if not may_rate or held not in core.rated(case.incident):
            return None
        unit, kind = units.get(held.person, ""), case.incident.type.replace("_", " ").capitalize()
        blank = core.Rating(held.id, held.person, person, home_unit=unit, definition=kind)
        return Shown(held, blank, 0, True)
    rating = _rating(row)
    if not core.may_read(case.incident, rating, person):
        return None
    return Shown(held, rating, row.version, may_rate and row.rater == person, row.signed_as, row.seal)


def _rating(row: models.PerformanceRating) -> core.Rating:
    return core.Rating(
        row.assignment_id, row.person, row.rater, row.home_unit, row.agency, row.complexity, row.definition,
        dict(row.scores), row.remarks, row.signed_at, row.discussed_at,
    )  # fmt: skip


def _position(case: Case, person: str, held: RoleAssignment) -> str:
    """In which position somebody rated another: the one that the other reported to, else the last they held."""
    roles = [a.role for a in core.rated(case.incident) if a.person == person]
    return held.reports_to if held.reports_to in roles else roles[-1]


def _units(case: Case, now: datetime) -> Mapping[str, str]:
    """Person → the teams they come from."""
    people = {a.person for a in case.incident.assignments.values()}
    rows = (
        models.Membership.objects.filter(person_id__in=people).select_related("team").order_by("team__name")
    )
    found: dict[str, list[str]] = {}
    for row in rows:
        found.setdefault(str(row.person_id), []).append(row.team.name)
    return {person: ", ".join(names)[: core.LINE_LIMIT] for person, names in found.items()}
