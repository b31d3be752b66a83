"""Planned work: plan, approve, move, start, extend, finish, cancel. What each does is in `maintenance_course`.

Who edits status pages plans; administrators, and who leads the team of a covered service, approve.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.conf import settings

from quarterdeck.core.access import may
from quarterdeck.core.kernel.refused import Refused, bad
from quarterdeck.core.kernel.text import clean, line
from quarterdeck.core.status import maintenance as core
from quarterdeck.core.status import maintenance_plan as plans
from quarterdeck.store import log, models, tx
from quarterdeck.store.ids import new_id

from ..act import Act, need
from . import maintenance_course as turns
from . import maintenance_notices, maintenance_repeats, maintenance_rights
from .maintenance_drafts import Draft, tamed
from .maintenance_rows import find, note, save

EDIT = "status.edit"


def plan(act: Act, draft: Draft) -> list[models.MaintenanceWindow]:
    """A draft, or one for each time of a rule, the first first. Nothing happens by itself until it is approved."""
    need(act, EDIT)
    values, services = tamed(draft, act.at)
    times = maintenance_repeats.times(draft.rule, draft.starts_at, draft.ends_at, draft.zone)
    rule = maintenance_repeats.check(draft.rule) if len(times) > 1 else ""
    series = new_id() if len(times) > 1 else ""
    with tx.write("engine", "web"):
        made = [
            models.MaintenanceWindow.objects.create(
                id=new_id(), series=series, rule=rule, starts_at=starts, ends_at=ends, planned_end=ends,
                planned_by=act.person, planned_at=act.at, **values,
            )
            for starts, ends in times
        ]  # fmt: skip
        for row in made:
            row.services.set(services)
            note(row, "planned", act.person, "Planned.", act.at)
        told = {"maintenance": made[0].id, "title": made[0].title, "windows": len(made), "rule": rule}
        log.audit("MaintenancePlanned", told, at=act.at, actor=act.person)
    return made


def change(act: Act, window_id: str, draft: Draft, seen: int | None = None) -> models.MaintenanceWindow:
    """Plan it anew, until it is announced. What was proposed or approved has to be agreed to again."""
    need(act, EDIT)
    values, services = tamed(draft, act.at)
    with tx.write("engine", "web"):
        row = find(window_id, lock=True)
        plans.check_version(row.version, seen)
        if row.state not in core.PLANNING | {"approved"}:
            raise Refused(
                "maintenance.announced",
                "It was announced, so its plan stands. Move it, extend it or cancel it instead.",
            )
        agreed = row.state != "draft"
        again: dict[str, Any] = {"approved_by": "", "approved_at": None, "proposed_by": ""} if agreed else {}
        save(
            row, act.at, state="draft", starts_at=draft.starts_at, ends_at=draft.ends_at,
            planned_end=draft.ends_at, reminded=[], told=[], held_at=None, held_reason="", **values, **again,
        )  # fmt: skip
        row.services.set(services)
        said = "Changed; it has to be proposed again." if agreed else "Changed."
        note(row, "changed", act.person, said, act.at)
        log.audit("MaintenanceChanged", {"maintenance": row.id}, at=act.at, actor=act.person)
    return row


def propose(act: Act, window_id: str, *, series: bool = False) -> models.MaintenanceWindow:
    """Ask for approval; where this installation wants none, it is approved at once. Twice is once."""
    need(act, EDIT)
    with tx.write("engine", "web"):
        row = find(window_id, lock=True)
        for one in _meant(row, {"draft"}, series):
            _propose(act, one)
        row.refresh_from_db()
        if row.state in core.OVER:
            core.must_become(row.state, "proposed", "be proposed")
    return row


def _propose(act: Act, row: models.MaintenanceWindow) -> None:
    plans.check_times(row.starts_at, row.ends_at, act.at)
    if settings.QUARTERDECK.maintenance_approval == "none":
        _approved(act, row, "Needs no approval here.")
        return
    save(row, act.at, state="proposed", proposed_by=act.person)
    note(row, "proposed", act.person, "Waits for approval.", act.at)
    log.audit("MaintenanceProposed", {"maintenance": row.id}, at=act.at, actor=act.person)
    asked = [p for p in maintenance_notices.approvers(row) if p != act.person]
    text = "Look at its plan, then approve it or send it back."
    told = f"proposed {row.version}"
    maintenance_notices.tell_these(row, asked, told, "Maintenance waits for approval", text, act.at)


def approve(
    act: Act, window_id: str, seen: int | None = None, *, series: bool = False
) -> models.MaintenanceWindow:
    """Agree to it: from now on it announces, starts and finishes itself. Approving it again changes nothing."""
    need(act, EDIT)
    with tx.write("engine", "web"):
        row = find(window_id, lock=True)
        if row.approved_at is not None and row.state not in core.OVER:
            return row
        if row.state == "draft":
            raise Refused("maintenance.state", "This maintenance is a draft. Propose it first.")
        core.must_become(row.state, "approved", "be approved")
        plans.check_version(row.version, seen)
        for one in _meant(row, {"proposed"}, series):
            why = maintenance_rights.may_approve(act, one)
            plans.check_times(one.starts_at, one.ends_at, act.at)
            _approved(act, one, why)
        row.refresh_from_db()
    return row


def may_approve(act: Act, row: models.MaintenanceWindow) -> bool:
    """Whether this person may approve it, for showing the button."""
    try:
        maintenance_rights.may_approve(act, row)
    except Refused:
        return False
    return may(act.who, EDIT)


def may_send_back(act: Act, row: models.MaintenanceWindow) -> bool:
    """Whoever proposed it takes it back; whoever may approve sends it back."""
    return act.person in (row.planned_by, row.proposed_by, *maintenance_notices.approvers(row))


def send_back(act: Act, window_id: str, why: str) -> models.MaintenanceWindow:
    """Do not agree: it is a draft again, and its planner hears why."""
    need(act, EDIT)
    why = line(why, 300)
    if not why:
        message = "Say what is missing or wrong, so that it can be planned better."
        raise bad("maintenance.why", message, reason=message)
    with tx.write("engine", "web"):
        row = find(window_id, lock=True)
        if row.state != "proposed":
            raise Refused("maintenance.state", "Only what waits for approval is sent back. Reload the page.")
        if act.person not in (row.planned_by, row.proposed_by):
            maintenance_rights.approver(act, row)
        save(row, act.at, state="draft")
        note(row, "sent_back", act.person, f"Sent back: {why}", act.at)
        log.audit("MaintenanceSentBack", {"maintenance": row.id, "reason": why}, at=act.at, actor=act.person)
        told = f"sent back {row.version}"
        people = [p for p in {row.planned_by, row.proposed_by} if p != act.person]
        maintenance_notices.tell_these(row, people, told, "Maintenance sent back", why, act.at)
    return row


def announce(act: Act, window_id: str, *, break_glass: str = "") -> models.MaintenanceWindow:
    """Announce it now, before its lead says so. Announcing it again changes nothing."""
    need(act, EDIT)
    with tx.write("engine", "web"):
        row = find(window_id, lock=True)
        if row.announced_at is None or row.state in core.OVER:
            core.must_become(row.state, "announced", "be announced")
            maintenance_rights.must_publish(act, row, break_glass)
            turns.announce(row, act.person, act.at)
    return row


def move(
    act: Act, window_id: str, starts_at: datetime, ends_at: datetime, why: str = "", seen: int | None = None,
    *, break_glass: str = "",
) -> models.MaintenanceWindow:  # fmt: skip
    """Other times for what is approved and has not begun. The same times change nothing.

    Where it takes longer then, it has to be agreed to again, unless whoever moves it may agree to it.
    """
    need(act, EDIT)
    with tx.write("engine", "web"):
        row = find(window_id, lock=True)
        if (row.starts_at, row.ends_at) == (starts_at, ends_at):
            return row
        plans.check_version(row.version, seen)
        if row.state not in core.AHEAD:
            raise Refused(
                "maintenance.state", f"This maintenance is {core.LABELS[row.state].lower()}, so it cannot be moved."
            )  # fmt: skip
        plans.check_times(starts_at, ends_at, act.at)
        if row.announced_at is not None:
            maintenance_rights.must_publish(act, row, break_glass)
        again = maintenance_rights.asks_again(act, row, ends_at - starts_at)
        turns.move(row, starts_at, ends_at, act.person, act.at, line(why, 300))
        if again:
            save(row, act.at, approved_by="", approved_at=None)
            _propose(act, row)
    return row


def start(act: Act, window_id: str, text: str = "", *, break_glass: str = "") -> models.MaintenanceWindow:
    """Start it now, whatever its plan says; or go on with work that was being checked. Twice is once."""
    need(act, EDIT)
    with tx.write("engine", "web"):
        row = find(window_id, lock=True)
        if row.state == "in_progress":
            return row
        core.must_become(row.state, "in_progress", "be started")
        maintenance_rights.must_publish(act, row, break_glass)
        if row.state == "verifying":
            turns.resume(row, act.person, act.at, _text(text))
            return row
        if act.at >= row.ends_at:
            raise Refused(
                "maintenance.past", "Its end has passed. Move it to a time that lies ahead, then start it."
            )
        held = f"Although it was held: {row.held_reason}" if row.held_reason else ""
        turns.start(row, act.person, act.at, _text(text), held)
    return row


def verify(act: Act, window_id: str, text: str = "", *, break_glass: str = "") -> models.MaintenanceWindow:
    """The work is done and is being checked; alerts stay silent. Twice is once."""
    need(act, EDIT)
    with tx.write("engine", "web"):
        row = find(window_id, lock=True)
        if row.state != "verifying":
            core.must_become(row.state, "verifying", "be checked")
            maintenance_rights.must_publish(act, row, break_glass)
            turns.verify(row, act.person, act.at, _text(text))
    return row


def extend(
    act: Act, window_id: str, until: datetime, why: str = "", *, break_glass: str = ""
) -> models.MaintenanceWindow:
    """A later end for what runs. The same end changes nothing."""
    need(act, EDIT)
    with tx.write("engine", "web"):
        row = find(window_id, lock=True)
        if row.state not in core.RUNNING:
            word = core.LABELS[row.state].lower()
            raise Refused(
                "maintenance.state", f"This maintenance is {word}, so it cannot be extended. Only one that runs can."
            )  # fmt: skip
        if until == row.ends_at:
            return row
        plans.check_extension(row.ends_at, until, act.at, row.started_at or row.starts_at)
        maintenance_rights.may_extend(act, row, until)
        maintenance_rights.must_publish(act, row, break_glass)
        turns.extend(row, until, act.person, act.at, line(why, 300))
    return row


def finish(act: Act, window_id: str, text: str = "", *, break_glass: str = "") -> models.MaintenanceWindow:
    """It is over now, early or late. Of two who finish it at once the second changes nothing."""
    need(act, EDIT)
    with tx.write("engine", "web"):
        row = find(window_id, lock=True)
        if row.state != "completed":
            core.must_become(row.state, "completed", "be finished")
            maintenance_rights.must_publish(act, row, break_glass)
            turns.finish(row, act.person, act.at, _text(text))
    return row


def cancel(
    act: Act, window_id: str, why: str, *, series: bool = False, break_glass: str = ""
) -> models.MaintenanceWindow:
    """It will not take place, or stops half way and everything goes back. `series`: the later ones as well."""
    need(act, EDIT)
    why = line(why, 300)
    with tx.write("engine", "web"):
        row = find(window_id, lock=True)
        if row.state == "cancelled":
            return row
        core.must_become(row.state, "cancelled", "be cancelled")
        if row.announced_at is not None and not why:
            message = "Say why: those who were told of it read it."
            raise bad("maintenance.why", message, reason=message)
        for one in _meant(row, {s for s in core.STATES if core.may_become(s, "cancelled")}, series):
            if one.announced_at is not None or one.started_at is not None:
                maintenance_rights.must_publish(act, one, break_glass)
            turns.cancel(one, act.person, act.at, why)
        row.refresh_from_db()
    return row


def _meant(row: models.MaintenanceWindow, states: set[str], series: bool) -> list[models.MaintenanceWindow]:
    """The window, and with `series` those of its plan that come after it, where they are in one of these states."""
    found = [row] if row.state in states else []
    if series and row.series:
        later = models.MaintenanceWindow.objects.select_for_update().filter(
            series=row.series, starts_at__gt=row.starts_at, state__in=states
        )
        found += list(later.order_by("starts_at"))
    return found


def _approved(act: Act, row: models.MaintenanceWindow, why: str) -> None:
    values = {"state": "approved", "approved_by": act.person, "approved_at": act.at}
    save(row, act.at, proposed_by=row.proposed_by or act.person, **values)
    note(row, "approved", act.person, f"Approved. {why}", act.at)
    told = {"maintenance": row.id, "reason": why}
    log.audit("MaintenanceApproved", told, at=act.at, actor=act.person)


def _text(text: str) -> str:
    return clean(text, plans.TEXT_LIMIT).strip()
