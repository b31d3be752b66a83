"""Reviews: opened on resolve, written, published or waived, with action items."""

from __future__ import annotations

from quarterdeck.core.incidents import review as core
from quarterdeck.core.kernel.text import clean, line
from quarterdeck.store.ids import new_id

from . import casebook
from .act import Act
from .casebook import Case
from .directory import must_be_active


def open_review(act: Act, incident_id: str, owner: str, due_on: str, reason: str = "") -> Case:
    if owner:
        must_be_active(owner, "owner")
    return casebook.change(
        act,
        incident_id,
        lambda i, t: core.open_review(
            i, t, act.who, review_id=new_id(), owner=owner, due_on=due_on, reason=line(reason, 300)
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


def publish(act: Act, incident_id: str) -> Case:
    return casebook.change(act, incident_id, lambda i, t: core.publish_review(i, t, act.who))
