"""Reviews: opened on resolve, written, given to be read, agreed, closed or waived, with action items."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from quarterdeck.core.incidents import review as core
from quarterdeck.core.incidents import review_course as course
from quarterdeck.core.kernel.text import clean, line
from quarterdeck.store import models
from quarterdeck.store.ids import new_id

from .. import casebook
from ..act import Act
from ..casebook import Case
from ..paging.directory import must_be_active


def open_review(act: Act, incident_id: str, owner: str, due_on: str, reason: str = "") -> Case:
    if owner:
        must_be_active(owner, "owner")
    return casebook.change(
        act,
        incident_id,
        lambda i, t: core.open_review(
            i, t, act.who, review_id=new_id(), owner=owner, due_on=due_on, reason=line(reason, 300), at=act.at
        ),
    )


def edit(act: Act, incident_id: str, section: str, text: str) -> Case:
    return casebook.change(
        act, incident_id, lambda i, t: core.edit_review(i, act.who, section=section, text=clean(text, 40_000))
    )


def add_action_item(
    act: Act, incident_id: str, title: str, owner: str, due_on: str, kind: str = "prevent"
) -> Case:
    if owner:
        must_be_active(owner, "owner")
    return casebook.change(
        act,
        incident_id,
        lambda i, t: core.add_action_item(
            i, act.who, item_id=new_id(), title=line(title, 300), owner=owner, due_on=due_on, kind=kind
        ),
    )


def finish_action_item(act: Act, incident_id: str, item_id: str) -> Case:
    return casebook.change(
        act, incident_id, lambda i, t: core.finish_action_item(i, act.who, item_id=item_id)
    )


def waive(act: Act, incident_id: str, reason: str) -> Case:
    return casebook.change(
        act, incident_id, lambda i, t: core.waive_review(i, t, act.who, reason=line(reason, 500))
    )


def submit(
    act: Act, incident_id: str, *, meets_at: datetime | None = None, place: str = "", short_notice: str = ""
) -> Case:
    """Give it to be read; with `meets_at`, call everybody concerned to talk it over."""
    return casebook.change(
        act,
        incident_id,
        lambda i, t: course.submit_review(
            i, t, act.who, at=act.at, meets_at=meets_at, place=line(place, 300),
            service_owners=service_owners(i.services), short_notice=line(short_notice, 300),
        ),
    )  # fmt: skip


def set_meeting(
    act: Act, incident_id: str, meets_at: datetime, *, place: str = "", short_notice: str = ""
) -> Case:
    return casebook.change(
        act,
        incident_id,
        lambda i, t: course.set_meeting(
            i, t, act.who, at=act.at, meets_at=meets_at, place=line(place, 300),
            service_owners=service_owners(i.services), short_notice=line(short_notice, 300),
        ),
    )  # fmt: skip


def service_owners(keys: Iterable[str]) -> list[str]:
    """Who leads the teams that own these services, or everybody in a team without a lead."""
    teams = (
        models.Service.objects.filter(key__in=list(keys)).exclude(team=None).values_list("team_id", flat=True)
    )
    rows = models.Membership.objects.filter(team_id__in=list(teams), person__is_active=True)
    found: dict[str, list[models.Membership]] = {}
    for row in rows.order_by("person__name"):
        found.setdefault(row.team_id, []).append(row)
    return [m.person_id for team in found.values() for m in ([m for m in team if m.lead] or team)]


def send_back(act: Act, incident_id: str, reason: str) -> Case:
    return casebook.change(
        act, incident_id, lambda i, t: course.return_review(i, t, act.who, reason=line(reason, 500))
    )


def assign(act: Act, incident_id: str, owner: str, facilitator: str = "") -> Case:
    """Who writes it and who leads the talk."""
    for person, field in ((owner, "owner"), (facilitator, "facilitator")):
        if person:
            must_be_active(person, field)
    return casebook.change(
        act,
        incident_id,
        lambda i, t: course.assign_review(i, t, act.who, owner=owner, facilitator=facilitator),
    )


def publish(act: Act, incident_id: str, reason: str = "") -> Case:
    """It is agreed. Before everybody had the time to read it takes a reason."""
    return casebook.change(
        act,
        incident_id,
        lambda i, t: course.publish_review(i, t, act.who, at=act.at, reason=line(reason, 500)),
    )


def close(act: Act, incident_id: str, note: str = "", untold_reason: str = "") -> Case:
    """`untold_reason`: why an audience that heard of the incident gets no closing summary."""
    return casebook.change(
        act,
        incident_id,
        lambda i, t: course.close_review(
            i, t, act.who, note=line(note, 500), untold_reason=line(untold_reason, 500)
        ),
    )
