"""What waits for the engine, in the words people read: kinds of timers, of deliveries, and rules of automation."""

from __future__ import annotations

from collections.abc import Mapping

WORDS: Mapping[str, str] = {
    "automation": "rules of automation",
    "page": "pages",
    "message": "messages",
    "escalate": "escalation steps",
    "incident": "clocks of incidents",
    "component": "rules of components",
    "recipients": "recipients of messages",
    "synthetic": "test pages",
    "probe": "tests of channels",
    "problem": "review dates of problems",
    "target": "targets that run out",
    "swap": "offers to swap a shift",
    "cover": "requests for cover",
    "rehearsal": "monthly rehearsals",
    "report": "reports by mail",
    "snooze": "alerts that wake up",
    "drill_plan": "planned drills",
    "drill": "steps of drills",
    "drill_inject": "injects of drills",
    "preventive_plan": "plans of prevention",
    "preventive_task": "tasks of prevention",
    "process_review": "reviews of the process",
    "notice": "notices",
    "planned_files": "changes of structures",
    "training": "reminders of training",
    "channel": "steps of chat channels",
    "contact_import": "imports of contacts",
    "customer-escalation": "times of customer issues",
    "inquiry-deadline": "deadlines of inquiries",
    "digest": "digests",
    "maintenance": "times of maintenance",
    "page-mail-link": "links into private status pages",
    "subscription": "requests to subscribe to a status page",
    "subscriber_post": "posts on their way to subscribers",
    "subscriber_digest": "digests of status pages",
    "page_invitation": "invitations to status pages",
    "page_purge": "what is left of deleted status pages",
    "exec-channel": "steps of executives' channels",
}


def words(kind: str) -> str:
    return WORDS.get(kind) or kind.replace("_", " ").replace("-", " ")
