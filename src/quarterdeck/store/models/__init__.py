"""Every table, one file per part of the product."""

from .calendars import AbsenceCalendar, CalendarFeed, PayRules
from .duties import Absence, Cover, Swap
from .incidents import (
    AlertLinkRow,
    ChecklistTickRow,
    CheckRow,
    DecisionRow,
    HandoverRow,
    IncidentRow,
    RoleAssignmentRow,
    TaskRow,
    TemplatePin,
    TimelineRow,
)
from .installation import Installation
from .log import Cursor, Event, Inbound, Unparsed
from .messages import MessageRow, PageUpdateRow, UpdateClockRow
from .paging import Alarm, Alert, AlertEntry, Attempt, Callout, Delivery, Due, Node, Pace, Run
from .people import ApiKey, ContactMethod, Idempotency, Membership, NotificationRule, Person, Team
from .personal import Certification, ContactProof, DutyWish, Preference, QuietHours, Rehearsal, ShiftNote
from .push import PushDevice, PushKey
from .removals import Removal, RemovalAllowance
from .reviews import ActionItemRow, ReviewRow
from .services import (
    EscalationPolicy,
    IncidentTypeRow,
    Integration,
    Layer,
    Override,
    Schedule,
    Service,
    Silence,
)
from .snoozes import Snooze
from .status import AudienceContact, Component, ComponentState, StatusPage
from .watch import AuditRun, ProbeRun, SourceCount

__all__ = [
    "Absence",
    "AbsenceCalendar",
    "ActionItemRow",
    "Alarm",
    "Alert",
    "AlertEntry",
    "AlertLinkRow",
    "ApiKey",
    "Attempt",
    "AudienceContact",
    "AuditRun",
    "CalendarFeed",
    "Callout",
    "Certification",
    "CheckRow",
    "ChecklistTickRow",
    "Component",
    "ComponentState",
    "ContactMethod",
    "ContactProof",
    "Cover",
    "Cursor",
    "DecisionRow",
    "Delivery",
    "Due",
    "DutyWish",
    "EscalationPolicy",
    "Event",
    "HandoverRow",
    "Idempotency",
    "Inbound",
    "IncidentRow",
    "IncidentTypeRow",
    "Installation",
    "Integration",
    "Layer",
    "Membership",
    "MessageRow",
    "Node",
    "NotificationRule",
    "Override",
    "Pace",
    "PageUpdateRow",
    "PayRules",
    "Person",
    "Preference",
    "ProbeRun",
    "PushDevice",
    "PushKey",
    "QuietHours",
    "Rehearsal",
    "Removal",
    "RemovalAllowance",
    "ReviewRow",
    "RoleAssignmentRow",
    "Run",
    "Schedule",
    "Service",
    "ShiftNote",
    "Silence",
    "Snooze",
    "SourceCount",
    "StatusPage",
    "Swap",
    "TaskRow",
    "Team",
    "TemplatePin",
    "TimelineRow",
    "Unparsed",
    "UpdateClockRow",
]
