"""An incident decides and evolves: command, roles, phases, tasks, messages, review.

Decisions live one file per noun and return events; `evolve` folds events into an `Incident`; `describe` tells
them as sentences; `rows` lays an incident out as read tables. Everything here is pure.
"""

from .alerts import alert_resolved, link_alert, unlink_alert
from .assess import set_facts, set_impact, set_links, set_severity, set_title, set_type
from .authority import authorise, grants, is_acting, may_read, must_read, stands_for
from .checks import fail_check, pass_check, plan_check, tick, untick
from .clocks import set_clock
from .command import assign_role, release_role, take_over, take_role
from .content import STATUS_WORDS, Content, content_hash, incomplete
from .declare import AlertRef, Declaration, Suggestion, declare, suggest, template_for
from .describe import Line, describe
from .eligibility import definition
from .events import EVENTS, Event, Stamped
from .evolve import evolve, replay
from .gates import Condition, conditions, known_condition, missing
from .handover import (
    accept_handover,
    brief_handover,
    decline_handover,
    make_effective,
    offer_handover,
    withdraw_handover,
)
from .messages import (
    draft_message,
    edit_message,
    message_sent,
    release_message,
    supersede_message,
)
from .phases import change_phase, close, dismiss, reopen, resolve
from .record import attach_file, correct_entry, flag_entry, make_decision, pin_entry, write_entry
from .review import (
    SECTIONS,
    add_action_item,
    due_date,
    edit_review,
    finish_action_item,
    open_review,
    waive_review,
)
from .review_course import publish_review, submit_review
from .rows import TABLES, row_changes, rows
from .staffing import Place, chart, gaps, required, to_call
from .state import Incident
from .structure import Catalog, Template
from .tasks import acknowledge_task, cancel_task, check_back, finish_task, give_task, reassign_task, warnings
from .whos_in_charge import command_line

__all__ = [
    "EVENTS",
    "SECTIONS",
    "STATUS_WORDS",
    "TABLES",
    "AlertRef",
    "Catalog",
    "Condition",
    "Content",
    "Declaration",
    "Event",
    "Incident",
    "Line",
    "Place",
    "Stamped",
    "Suggestion",
    "Template",
    "accept_handover",
    "acknowledge_task",
    "add_action_item",
    "alert_resolved",
    "assign_role",
    "attach_file",
    "authorise",
    "brief_handover",
    "cancel_task",
    "change_phase",
    "chart",
    "check_back",
    "close",
    "command_line",
    "conditions",
    "content_hash",
    "correct_entry",
    "declare",
    "decline_handover",
    "definition",
    "describe",
    "dismiss",
    "draft_message",
    "due_date",
    "edit_message",
    "edit_review",
    "evolve",
    "fail_check",
    "finish_action_item",
    "finish_task",
    "flag_entry",
    "gaps",
    "give_task",
    "grants",
    "incomplete",
    "is_acting",
    "known_condition",
    "link_alert",
    "make_decision",
    "make_effective",
    "may_read",
    "message_sent",
    "missing",
    "must_read",
    "offer_handover",
    "open_review",
    "pass_check",
    "pin_entry",
    "plan_check",
    "publish_review",
    "reassign_task",
    "release_message",
    "release_role",
    "reopen",
    "replay",
    "required",
    "resolve",
    "row_changes",
    "rows",
    "set_clock",
    "set_facts",
    "set_impact",
    "set_links",
    "set_severity",
    "set_title",
    "set_type",
    "stands_for",
    "submit_review",
    "suggest",
    "supersede_message",
    "take_over",
    "take_role",
    "template_for",
    "tick",
    "to_call",
    "unlink_alert",
    "untick",
    "waive_review",
    "warnings",
    "withdraw_handover",
    "write_entry",
]
