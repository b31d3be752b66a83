"""Incidents whose time is over are removed whole: their log, their tables, their files. What is left is a line in the
installation's own chain that says what was removed. Never touches one that is open, held, or has work left.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import Q

from quarterdeck.core.access import ENGINE
from quarterdeck.core.incidents import keeping as core
from quarterdeck.core.incidents.regulatory import NOT_COUNTED
from quarterdeck.core.incidents.state import ENDED_PHASES
from quarterdeck.core.kernel.chain import GENESIS
from quarterdeck.core.kernel.moments import text
from quarterdeck.store import log, models, project, tx

from ..comms import frozen
from ..incidents import attachments
from . import holds, keeping
from .verify import PURGED

GONE = "Removed after the time it is kept"
# Looked at in one turn; one of them at most is removed, so that nothing waits for it.
_LOOKED_AT = 20
# What stands beside the log and its tables, and speaks of one incident only.
_BESIDE = (
    models.TimelineRow, models.TemplatePin, models.PastPin, models.GuestPass, models.IncidentReading, models.Report,
    models.AutomationRun, models.PerformanceRating,
    models.IncidentChannel, models.ChannelMember, models.ChatEntry, models.PrivilegedNote,
    models.FeedbackLink, models.FeedbackAnswer, models.Inquiry, models.InquiryEntry, models.CustomerEscalation,
    models.CustomerReport, models.ReportsReached, models.SupportBrief, models.FaqEntry, models.SupportReceipt,
    models.AffectedList, models.AnswerLink, models.ExecutiveChannel,
)  # fmt: skip


def purge_one(now: datetime) -> int:
    """Remove one incident whose time is over; how many were (0 or 1)."""
    days = keeping.days()
    since = keeping.removes_from()
    if days == 0 or (since is not None and now < since):
        return 0
    for incident_id in _candidates(now - timedelta(days=days)):
        if _purge(incident_id, now, days):
            return 1
    return 0


def _candidates(before: datetime) -> list[str]:
    unwritten = models.ReviewRow.objects.filter(state__in=("draft", "in_review")).values("incident_id")
    undone = models.ActionItemRow.objects.filter(done_at=None).values("incident_id")
    owed = models.RegulatoryClockRow.objects.filter(state="running").values("incident_id")
    rows = models.IncidentRow.objects.filter(phase__in=ENDED_PHASES, phase_since__lt=before)
    rows = rows.exclude(id__in=holds.held()).exclude(id__in=unwritten).exclude(id__in=undone)
    rows = rows.exclude(~Q(phase__in=NOT_COUNTED), id__in=owed)
    return list(rows.order_by("phase_since", "id").values_list("id", flat=True)[:_LOOKED_AT])


def _purge(incident_id: str, now: datetime, days: int) -> bool:
    """All of it in one transaction, the tombstone first: without that the database deletes no event."""
    with tx.write("web"):
        log.lock_incident(incident_id)
        # The log decides, not the tables: a hold that came meanwhile is in it.
        incident = project.load(incident_id)
        if incident.unknown:
            return False  # one of the entries this release cannot read may be a hold
        if core.may_purge(incident, now=now, keep=timedelta(days=days)) or incident_id in holds.held():
            return False
        events, head = log.head(incident_id)
        ended = core.ended_at(incident) or now
        files = {a.sha256 for a in incident.attachments.values()}
        models.PurgedIncident.objects.create(
            id=incident_id, number=incident.number, events=events, head=head or GENESIS, ended_at=ended,
            purged_at=now, files=len(files), restricted=incident.restricted,
        )  # fmt: skip
        told = {
            "incident": incident_id, "events": events, "head": head, "ended_at": text(ended),
            "files": [] if incident.restricted else sorted(files), "kept_days": days,
        }  # fmt: skip
        log.audit(PURGED, told, at=now, actor=ENGINE.person)
        _forget(incident_id, incident.restricted)
    for sha in files:
        attachments.remove_unless_used(sha)
    return True


def _forget(incident_id: str, restricted: bool) -> None:
    """Every row that speaks of the incident. Pages to people stay as numbers, without their words."""
    for model in project.TABLES.values():
        field = "id" if model is models.IncidentRow else "incident_id"
        model._default_manager.filter(**{field: incident_id}).delete()
    for left in _BESIDE:
        left._default_manager.filter(incident_id=incident_id).delete()
    _forget_recipients(incident_id)
    models.Due.objects.filter(ref=incident_id).delete()
    alerts = models.Alert.objects.filter(incident_id=incident_id)
    secret = list(alerts.values_list("id", flat=True)) if restricted else []
    callouts = models.Callout.objects.filter(Q(incident_id=incident_id) | Q(alert_id__in=secret))
    pages = list(callouts.values_list("id", flat=True))
    models.Delivery.objects.filter(Q(callout_id__in=pages) | Q(incident_id=incident_id)).delete()
    callouts.update(subject=GONE, reason="", note="")
    models.Run.objects.filter(Q(incident_id=incident_id) | Q(alert_id__in=secret)).update(subject=GONE)
    if restricted:
        _forget_secrets(incident_id, secret)
    else:
        alerts.update(incident_id="")
    models.Event.objects.filter(stream=incident_id).delete()


def _forget_recipients(incident_id: str) -> None:
    """Whom its messages went to, and what they said. Who wants no more of them stays on the list of those."""
    mailings = models.Mailing.objects.filter(incident_id=incident_id)
    ids = list(mailings.values_list("id", flat=True))
    models.Recipient.objects.filter(message_id__in=ids).delete()
    models.Due.objects.filter(kind=frozen.REST, ref__in=ids).delete()
    mailings.delete()


def _forget_secrets(incident_id: str, alerts: list[str]) -> None:
    """What only its people may know does not become everybody's by being forgotten."""
    models.AlertEntry.objects.filter(alert_id__in=alerts).delete()
    models.AutomationRun.objects.filter(alert_id__in=alerts).delete()
    models.Alert.objects.filter(id__in=alerts).delete()
    models.Drill.objects.filter(incident_id=incident_id).update(restricted=True)
    models.Problem.objects.filter(incident_id=incident_id).delete()
    seen_in = models.RiskLink.objects.filter(kind="incident", ref=incident_id)
    models.Risk.objects.filter(id__in=list(seen_in.values_list("risk_id", flat=True))).delete()
    models.PreventiveTask.objects.filter(source="alert", source_ref__in=alerts).delete()
    models.ProcessReview.objects.filter(trigger="incident", subject=incident_id).delete()
    known = models.KnowledgeArticle.objects.filter(incident_id=incident_id)
    ids = list(known.values_list("id", flat=True))
    models.KnowledgeVersion.objects.filter(article_id__in=ids).delete()
    known.delete()
