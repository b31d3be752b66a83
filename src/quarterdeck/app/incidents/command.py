"""Roles of an incident: take, assign, release, take over, hand over. One commander, always."""

from __future__ import annotations

from datetime import datetime

from django.db import IntegrityError

from quarterdeck.core.access import Who
from quarterdeck.core.incidents import Incident, handover, own_roles, timed_handover, transfer, unified
from quarterdeck.core.incidents import command as core
from quarterdeck.core.incidents.state import COMMANDER
from quarterdeck.core.incidents.structure import Template
from quarterdeck.core.kernel.refused import Refused, missing
from quarterdeck.core.kernel.text import clean, line
from quarterdeck.store import models
from quarterdeck.store.ids import new_id

from .. import casebook
from ..act import Act
from ..casebook import Case
from ..paging.directory import Directory
from ..people import competence
from ..visibility import known_to


def take_role(
    act: Act, incident_id: str, role: str, reason: str = "", mentor: str = "", understood: bool = False
) -> Case:
    """Take a free role oneself. A held one is refused, naming the holder. `understood`: its card was read (R-168)."""
    return _exclusively(
        act,
        incident_id,
        lambda i, t: _certified(t, role, act.person, act)
        or core.take_role(
            i, t, act.who, assignment_id=new_id(), role=role, elsewhere=elsewhere(act.person, incident_id),
            reason=line(reason, 300), names=Directory(act.at).name, mentor=mentor,
            understood=understood,
        ),
    )  # fmt: skip


def assign_role(
    act: Act,
    incident_id: str,
    role: str,
    person_id: str,
    reason: str = "",
    domain: str = "",
    mentor: str = "",
) -> Case:
    """Give a free role to somebody, who is told at once."""
    person = who(person_id)
    return _exclusively(
        act,
        incident_id,
        lambda i, t: _certified(t, role, person_id, act)
        or core.assign_role(
            i, t, act.who, assignment_id=new_id(), role=role, person=person,
            elsewhere=_known(act, elsewhere(person_id, incident_id)), reason=line(reason, 300),
            names=Directory(act.at).name, domain=line(domain, 300), mentor=mentor,
        ),
    )  # fmt: skip


def release_role(act: Act, incident_id: str, assignment_id: str, reason: str = "") -> Case:
    return casebook.change(
        act,
        incident_id,
        lambda i, t: core.release_role(i, t, act.who, assignment_id=assignment_id, reason=line(reason, 300)),
    )


def take_over(act: Act, incident_id: str, role: str, reason: str, understood: bool = False) -> Case:
    """Replace a holder who cannot be reached; always with a reason."""
    return _exclusively(
        act,
        incident_id,
        lambda i, t: _certified(t, role, act.person, act)
        or core.take_over(
            i, t, act.who, assignment_id=new_id(), role=role, reason=line(reason, 300),
            elsewhere=elsewhere(act.person, incident_id), understood=understood,
        ),
    )  # fmt: skip


def offer_handover(act: Act, incident_id: str, assignment_id: str, to_person: str, note: str = "") -> Case:
    to = who(to_person)
    return casebook.change(
        act,
        incident_id,
        lambda i, t: (
            _certified_for(i, t, assignment_id, to_person, act)
            or handover.offer_handover(
                i,
                t,
                act.who,
                handover_id=new_id(),
                assignment_id=assignment_id,
                to=to,
                note=clean(note, 2000),
            )
        ),
    )


def accept_handover(
    act: Act, incident_id: str, handover_id: str, reason: str = "", understood: bool = False
) -> Case:
    return casebook.change(
        act,
        incident_id,
        lambda i, t: handover.accept_handover(
            i, t, act.who, handover_id=handover_id, elsewhere=elsewhere(act.person, incident_id),
            reason=line(reason, 300), understood=understood,
        ),
    )  # fmt: skip


def brief_handover(act: Act, incident_id: str, handover_id: str, briefing: str) -> Case:
    """What was told is kept with the incident as it stood: for command, the content of form ICS 201 (R-040)."""
    return casebook.change(
        act,
        incident_id,
        lambda i, t: handover.brief_handover(
            i, act.who, handover_id=handover_id, briefing=clean(briefing, 4000),
            snapshot=_snapshot(act, i, t, handover_id),
        ),
    )  # fmt: skip


def _snapshot(act: Act, incident: Incident, template: Template, handover_id: str) -> dict[str, str]:
    passing = incident.handovers.get(handover_id)
    if passing is None or passing.role != COMMANDER:
        return {}
    return transfer.snapshot(incident, template, Directory(act.at).name, lambda at: f"{at:%H:%M} UTC")


def delegate_domain(act: Act, incident_id: str, assignment_id: str, domain: str) -> Case:
    """What a deputy looks after; "" takes it back."""
    return casebook.change(
        act,
        incident_id,
        lambda i, t: core.delegate_domain(i, act.who, assignment_id=assignment_id, domain=line(domain, 300)),
    )


def create_role(act: Act, incident_id: str, title: str, purpose: str, reports_to: str = "") -> Case:
    """A role this incident needs and its structure does not have (R-117)."""
    return casebook.change(
        act,
        incident_id,
        lambda i, t: own_roles.create_role(
            i, t, act.who, title=line(title, 200), purpose=line(purpose, 300), reports_to=reports_to
        ),
    )


def unify(act: Act, incident_id: str, reason: str) -> Case:
    """Unified command, where the structure allows it."""
    return casebook.change(
        act, incident_id, lambda i, t: unified.unify(i, t, act.who, reason=line(reason, 300))
    )


def agree(act: Act, incident_id: str, subject: str) -> Case:
    return casebook.change(
        act, incident_id, lambda i, t: unified.agree(i, act.who, subject=line(subject, 500))
    )


def end_unified(act: Act, incident_id: str, reason: str = "") -> Case:
    return casebook.change(
        act, incident_id, lambda i, t: unified.end_unified(i, t, act.who, reason=line(reason, 300))
    )


def make_effective(act: Act, incident_id: str, handover_id: str) -> Case:
    return _exclusively(
        act,
        incident_id,
        lambda i, t: handover.make_effective(
            i, t, act.who, handover_id=handover_id, new_assignment_id=new_id()
        ),
    )


def time_handover(act: Act, incident_id: str, handover_id: str, effective_at: datetime | None) -> Case:
    """Announce when a handover takes effect; None takes the time back."""
    return casebook.change(
        act,
        incident_id,
        lambda i, t: timed_handover.time_handover(
            i, act.who, handover_id=handover_id, effective_at=effective_at, at=act.at
        ),
    )


def decline_handover(act: Act, incident_id: str, handover_id: str, reason: str = "") -> Case:
    return casebook.change(
        act,
        incident_id,
        lambda i, t: handover.decline_handover(i, act.who, handover_id=handover_id, reason=line(reason, 300)),
    )


def withdraw_handover(act: Act, incident_id: str, handover_id: str, reason: str = "") -> Case:
    return casebook.change(
        act,
        incident_id,
        lambda i, t: handover.withdraw_handover(
            i, act.who, handover_id=handover_id, reason=line(reason, 300)
        ),
    )


def warning(case: Case, role: str, person_id: str, act: Act) -> str:
    """That somebody holds a role without its certification, for whoever gave it to them; "" where they have it."""
    card = case.template.role(role)
    try:
        return (
            competence.may_take(person_id, card.qualification, card.title, act.at) if card is not None else ""
        )
    except Refused:
        return ""


def _certified(template: Template, role: str, person_id: str, act: Act) -> None:
    """Refuse whom the installation's rule refuses (R-034)."""
    card = template.role(role)
    if card is not None:
        competence.may_take(person_id, card.qualification, card.title, act.at)


def _certified_for(incident: Incident, template: Template, assignment_id: str, to: str, act: Act) -> None:
    held = incident.assignments.get(assignment_id)
    if held is not None:
        _certified(template, held.role, to, act)


def elsewhere(person_id: str, incident_id: str) -> str:
    """Another open incident in which the person holds an exclusive role, or "". A drill never counts: it can wait."""
    rows = models.RoleAssignmentRow.objects.filter(person_id=person_id, exclusive=True, ended_at=None)
    held = rows.exclude(incident_id=incident_id).values_list("incident_id", flat=True)
    open_ids = models.IncidentRow.objects.filter(id__in=held, is_open=True, drill=False).values_list(
        "id", flat=True
    )
    return next(iter(open_ids), "")


def elsewhere_for(act: Act, person_id: str) -> str:
    """As `elsewhere` for an incident to be declared; only that there is one, where the actor may not know which."""
    return _known(act, elsewhere(person_id, ""))


def _known(act: Act, incident_id: str) -> str:
    """The id, or no more than that there is one when the incident is hidden from the actor."""
    return incident_id if not incident_id or known_to(act.who, [incident_id]) else "another incident"


def _exclusively(act: Act, incident_id: str, decide: casebook.Decide) -> Case:
    """As `change`. Should two processes ever decide at once, the database has the last word: one holder."""
    try:
        return casebook.change(act, incident_id, decide)
    except IntegrityError as e:
        if "role_assignment" not in str(e) and "one_open_exclusive_holder" not in str(e):
            raise
        raise Refused(
            "role.held",
            "Somebody else took this role at the same moment. Reload to see who holds it.",
            kind="conflict",
        ) from e


def who(person_id: str) -> Who:
    """An active person with their organisation role. Refuses anybody else."""
    person = models.Person.objects.filter(id=person_id, is_active=True).first()
    if person is None:
        raise missing("person.unknown", "There is no such active person. Choose one from the list.")
    return Who(person.id, frozenset({person.role}))


def elsewhere_known(act: Act, incident_id: str) -> str:
    """Another open incident in which the actor holds an exclusive role, as far as they may know of it."""
    return _known(act, elsewhere(act.person, incident_id))
