"""What each kind of timer does when it falls due. One list: whoever adds a kind adds a line."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from django.db import transaction

from . import due, reactions
from .alerts import snooze_rows, snoozes
from .catalog import planned_files
from .chat import channel_steps, incident_chat
from .comms import contact_imports, digests, recipients, sending
from .desk import customer_escalations, inquiries
from .drills import drill_course, drill_injects, drill_plans, drills
from .due import Timer
from .executives import executive_channel
from .figures import report_plans
from .health import probes, synthetic
from .incidents import incident_timers, newer, target_clock, target_watch
from .learning import notices, prevention, problems, process
from .maintenance import maintenance_clock
from .oncall import covers, swaps
from .paging import escalations, rehearsals, role_calls
from .paging.directory import Directory
from .people import training
from .status import component_rules, page_doors, page_invitations, page_purge
from .subscribers import (
    subscribe_requests,
    subscriber_digests,
    subscriber_fanout,
    subscriber_notices,
)


def _escalate(run_id: str, directory: Directory) -> None:
    role_calls.advance([run_id], directory)


KINDS: Mapping[str, Callable[[str, Directory], None]] = {
    escalations.KIND: _escalate,
    reactions.TIMER: incident_timers.fire,
    component_rules.KIND: component_rules.fire,
    sending.REST: recipients.fire,
    synthetic.KIND: synthetic.fire,
    probes.KIND: probes.fire,
    problems.KIND: problems.fire,
    target_clock.KIND: target_watch.fire,
    swaps.KIND: swaps.fire,
    covers.KIND: covers.fire,
    rehearsals.KIND: rehearsals.fire,
    report_plans.KIND: report_plans.fire,
    snooze_rows.KIND: snoozes.fire,
    drill_plans.KIND: drill_plans.fire,
    drills.KIND: drill_course.fire,
    drills.INJECT: drill_injects.timer,
    prevention.PLAN: prevention.wake_plan,
    prevention.TASK: prevention.wake_task,
    process.KIND: process.fire,
    notices.KIND: notices.fire,
    planned_files.KIND: planned_files.fire,
    training.KIND: training.fire,
    channel_steps.KIND: incident_chat.fire,
    contact_imports.KIND: contact_imports.fire,
    maintenance_clock.KIND: maintenance_clock.fire,
    customer_escalations.KIND: customer_escalations.fire,
    inquiries.DEADLINE: customer_escalations.fire_deadline,
    subscribe_requests.KIND: subscribe_requests.fire,
    subscriber_notices.KIND: subscriber_fanout.fire,
    subscriber_digests.KIND: subscriber_digests.fire,
    digests.KIND: digests.fire,
    page_doors.KIND: page_doors.fire,
    page_invitations.KIND: page_invitations.fire,
    page_purge.KIND: page_purge.fire,
    executive_channel.KIND: executive_channel.fire,
}

# Those that read much before they are done: fired one by one, each for itself.
SLOW = frozenset(
    {
        report_plans.KIND,
        planned_files.KIND,
        contact_imports.KIND,
        subscriber_notices.KIND,
        subscriber_digests.KIND,
        digests.KIND,
        page_invitations.KIND,
        page_purge.KIND,
    }
)

# What a slow one reads first, in no transaction.
PREPARED: Mapping[str, Callable[[str, Directory], None]] = {report_plans.KIND: report_plans.prepare}


def prepare(row: Timer, directory: Directory) -> None:
    """Read what the timer is going to need, before the transaction in which it is fired."""
    if row.kind in PREPARED:
        PREPARED[row.kind](row.ref, directory)


def fire(row: Timer, directory: Directory) -> None:
    """Do what a timer is for, inside the caller's transaction. An unknown kind is an error, not silence. Where only a
    newer release can tell what is due, the timer is left to its nodes.

    `directory` may serve many timers at one instant.
    """
    try:
        with transaction.atomic():
            KINDS[row.kind](row.ref, directory)
    except newer.Newer as met:
        newer.tell(met, directory.now)
        due.arm(row.kind, row.ref, directory.now + newer.LEFT, directory.now)


def together(rows: Sequence[Timer]) -> list[Timer]:
    """Those of these timers that `fire_together` may fire with one another."""
    steps = [r for r in rows if r.kind == escalations.KIND]
    alone = role_calls.alone([r.ref for r in steps]) if steps else frozenset()
    return [r for r in steps if r.ref not in alone]


def fire_together(rows: Sequence[Timer], directory: Directory) -> None:
    """Fire many timers with as few statements as one, inside the caller's transaction: all of them or, when one of them
    cannot be fired, none. Whoever calls it then fires them one by one.
    """
    if rows:
        role_calls.advance(list(dict.fromkeys(r.ref for r in rows)), directory)
