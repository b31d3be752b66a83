"""The engagement policy at work: which rows take effect, who is told and called for them."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from quarterdeck.catalog import CatalogError
from quarterdeck.catalog.engagement import FILE, load_engagement
from quarterdeck.core.incidents import Event, Incident, Template, engagement
from quarterdeck.core.incidents.engagement import EngagementRule
from quarterdeck.core.incidents.events.asks import ExecutivesEngaged
from quarterdeck.store.ids import new_id

from ..catalog import catalogue_files, saved_files
from ..incidents.crew_notices import Desk
from ..paging.directory import Directory
from ..paging.role_policies import call_for_role
from . import executive_duty

_known: dict[tuple[Path | None, str | None], tuple[EngagementRule, ...]] = {}


def rules() -> tuple[EngagementRule, ...]:
    """The rows in force: saved in the browser, of the organisation's folder, or as shipped. Never an error."""
    read = catalogue_files.files()
    saved = saved_files.in_force(read)[1].get(FILE)
    key = (read.folder, saved)
    if key not in _known:
        found = None
        with suppress(CatalogError, OSError):
            found = load_engagement(read.folder, {FILE: saved} if saved is not None else None)
        kept = found if found is not None else load_engagement()
        _known.clear()
        _known[key] = kept
    return _known[key]


def follow(incident: Incident, template: Template, directory: Directory) -> list[Event]:
    """What the policy asks for now. Nothing where no executive duty is set."""
    if not incident.is_open:
        return []
    duty = executive_duty.duty(directory)
    if duty is None:
        return []
    people = executive_duty.chain(incident, directory)
    return engagement.follow(rules(), incident, template, directory.now, people, new_id)


def engage(desk: Desk, event: ExecutivesEngaged) -> list[Event]:
    """Call whom a row of the policy calls. A role without a policy of its own is the duty executive's."""
    incident, further = desk.incident, list[Event]()
    if event.measure == "call":
        executive_duty.call_duty(incident, desk.directory)
    if event.measure == "front":
        for role in event.roles:
            made = call_for_role(incident, desk.template, role, "callout", desk.directory)
            if made is None:
                executive_duty.call_duty(incident, desk.directory)
            else:
                further.extend(made)
    return further
