"""Every table, one file per part of the product."""

from .duties import Absence, Cover, Swap
from .incidents import (
    AlertLinkRow,
    AttachmentRow,
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
from .status import AudienceContact, Component, ComponentState, StatusPage
from .watch import AuditRun, ProbeRun, SourceCount

__all__ = [
    "Absence",
    "ActionItemRow",
    "Alarm",
    "Alert",
    "AlertEntry",
    "AlertLinkRow",
    "ApiKey",
    "AttachmentRow",
    "Attempt",
    "AudienceContact",
    "AuditRun",
    "Callout",
    "CheckRow",
    "ChecklistTickRow",
    "Component",
    "ComponentState",
    "ContactMethod",
    "Cover",
    "Cursor",
    "DecisionRow",
    "Delivery",
    "Due",
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
    "Person",
    "ProbeRun",
    "Removal",
    "RemovalAllowance",
    "ReviewRow",
    "RoleAssignmentRow",
    "Run",
    "Schedule",
    "Service",
    "Silence",
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
