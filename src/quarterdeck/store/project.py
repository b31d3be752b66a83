"""Read tables follow the log: what an incident's new state changed is written, nothing else.

`core.incidents.rows` says what the tables hold; this only compares before and after. So dropping every table and
writing them again from the log gives the same rows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from threading import Lock
from typing import Any

from django.db import IntegrityError
from django.db import models as orm

from quarterdeck.core.incidents import Incident, Stamped, describe, evolve, row_changes
from quarterdeck.core.kernel.refused import Refused

from . import log, models
from .codec import decode

TABLES: Mapping[str, type[orm.Model]] = {
    "incident": models.IncidentRow,
    "role_assignment": models.RoleAssignmentRow,
    "handover": models.HandoverRow,
    "task": models.TaskRow,
    "decision": models.DecisionRow,
    "incident_check": models.CheckRow,
    "alert_link": models.AlertLinkRow,
    "update_clock": models.UpdateClockRow,
    "message": models.MessageRow,
    "message_verdict": models.MessageVerdictRow,
    "message_stand_in": models.MessageStandInRow,
    "message_step": models.MessageStepRow,
    "message_consent": models.MessageConsentRow,
    "page_update": models.PageUpdateRow,
    "review": models.ReviewRow,
    "action_item": models.ActionItemRow,
    "checklist_tick": models.ChecklistTickRow,
    "ics_period": models.IcsPeriodRow,
    "ics_meeting": models.IcsMeetingRow,
    "ics_objective": models.IcsObjectiveRow,
    "ics_hazard": models.IcsHazardRow,
    "ics_division": models.IcsDivisionRow,
    "ics_channel": models.IcsChannelRow,
    "ics_resource": models.IcsResourceRow,
    "ics_checkin": models.IcsCheckInRow,
    "ics_request": models.IcsRequestRow,
    "ics_release": models.IcsReleaseRow,
    "ics_fill": models.IcsFillRow,
    "ics_approval": models.IcsApprovalRow,
    "ics_plan": models.IcsPlanRow,
    "workstream": models.WorkstreamRow,
    "roll_call": models.RollCallRow,
    "presence": models.PresenceRow,
    "relief": models.ReliefRow,
    "safety_stop": models.SafetyStopRow,
    "hypothesis": models.HypothesisRow,
    "incident_link": models.IncidentLinkRow,
    "attachment": models.AttachmentRow,
    "debrief": models.DebriefRow,
    "lesson": models.LessonRow,
    "contribution": models.ContributionRow,
    "legal_hold": models.LegalHoldRow,
    "problem_link": models.ProblemLinkRow,
    "strategic_comment": models.StrategicCommentRow,
    "executive_reading": models.ExecutiveReadingRow,
    "remediation": models.RemediationRow,
    "finding": models.FindingRow,
    "evidence": models.EvidenceRow,
    "choice": models.ChoiceRow,
    "poll": models.PollRow,
    "task_word": models.TaskWordRow,
    "runbook_step": models.RunbookStepRow,
    "relapse": models.RelapseRow,
    "delegation": models.DelegationRow,
    "cost_entry": models.CostEntryRow,
    "impact_assessment": models.ImpactAssessmentRow,
    "vendor_case": models.VendorCaseRow,
    "regulatory_clock": models.RegulatoryClockRow,
    "continuity": models.ContinuityRow,
    "agency": models.AgencyRow,
    "agency_request": models.AgencyRequestRow,
    "mention": models.MentionRow,
    "affected_customer": models.AffectedCustomerRow,
    "impact_pulse": models.PulseRow,
    "exec_question": models.ExecQuestionRow,
    "boundary_event": models.BoundaryEventRow,
    "strategic_guidance": models.GuidanceRow,
    "executive_note": models.ExecutiveNoteRow,
    "proposal": models.ProposalRow,
    "operations_switch": models.OperationsSwitchRow,
    "area_status": models.AreaStatusRow,
    "sentiment_report": models.SentimentReportRow,
    "meeting_offer": models.MeetingOfferRow,
    "exec_engagement": models.EngagementRow,
    "help_request": models.HelpRequestRow,
    "help_offer": models.HelpOfferRow,
    "decision_request": models.DecisionRequestRow,
    "exec_briefing": models.ExecBriefingRow,
    "exec_brief": models.ExecBriefRow,
    "exec_line": models.ExecLineRow,
    "exec_task": models.ExecTaskRow,
    "exec_word": models.ExecWordRow,
    "severe_rating": models.SevereRatingRow,
    "business_response": models.BusinessResponseRow,
    "briefing_answer": models.BriefingAnswerRow,
    "message_grid": models.MessageGridRow,
}

Names = Callable[[str], str]


def project(before: Incident, after: Incident, new: Iterable[Stamped], names: Names, titles: Names) -> None:
    """Bring the read tables from one state to the next, inside the caller's transaction."""
    old, fresh = row_changes(before, after)
    for table, model in TABLES.items():
        if table in fresh:
            _write(model, old[table], fresh[table])
    _timeline(after, new, names, titles)


def _write(
    model: type[orm.Model], old: Mapping[str, Mapping[str, Any]], new: Mapping[str, Mapping[str, Any]]
) -> None:
    gone = old.keys() - new.keys()
    if gone:
        model._default_manager.filter(pk__in=gone).delete()
    changed = [values for key, values in new.items() if old.get(key) != values]
    if not changed:
        return
    # What ends goes first, so that an exclusive role is free before its next holder comes.
    changed.sort(key=lambda v: v.get("ended_at") is None)
    fields = [f.name for f in model._meta.concrete_fields if not f.primary_key]
    made = []
    for values in changed:
        key = {model._meta.pk.name: values[model._meta.pk.name]} if model._meta.pk else {}
        rest = {name: values[name] for name in fields if name in values}
        if key and values[model._meta.pk.name] in old:  # type: ignore[union-attr]
            model._default_manager.filter(**key).update(**rest)
        else:
            made.append(model(**key, **rest))
    try:
        model._default_manager.bulk_create(made, batch_size=200)
    except IntegrityError as e:
        if not _is_key(model, str(e)):
            raise
        # Ids of some parts come from outside: what another incident has is not to be had twice.
        message = "Something else has this id already. Choose another one."
        raise Refused("id.taken", message, kind="conflict") from e


def _is_key(model: type[orm.Model], told: str) -> bool:
    """Whether the database refused a row because of its id, as SQLite and as PostgreSQL say it."""
    table, key = model._meta.db_table, model._meta.pk
    return (
        f"{table}.{key.column if key else ''}" in told.split(": ")[-1].split(", ") or f"{table}_pkey" in told
    )


def _timeline(after: Incident, new: Iterable[Stamped], names: Names, titles: Names) -> None:
    made = []
    for stamped in new:
        line = describe(stamped, names, titles)
        entry_id = getattr(stamped.event, "entry_id", "") or getattr(stamped.event, "decision_id", "")
        made.append(
            models.TimelineRow(
                id=f"{after.key}/{stamped.seq}",
                incident_id=after.key,
                seq=stamped.seq,
                kind=line.kind,
                weight=line.weight,
                actor=stamped.actor,
                happened_at=line.happened_at,
                entered_at=line.entered_at,
                backdated=line.backdated,
                title=line.title,
                text=line.text,
                entry_id=entry_id,
                shared=line.kind not in _MARKS and entry_id in after.outside.shared,
                pinned=line.kind != "pin" and getattr(stamped.event, "pinned", False),
                followup=line.kind != "flag" and getattr(stamped.event, "followup", False),
            )
        )
        _touch(after.key, stamped)
    models.TimelineRow.objects.bulk_create(made)


# Lines that only say that another line was marked.
_MARKS = ("flag", "pin", "share")


def _touch(incident: str, stamped: Stamped) -> None:
    """A correction and a pin mark an earlier line of the same incident (ids of entries come from outside and may stand
    in another one too); its text stays as it was.
    """
    lines = models.TimelineRow.objects.filter(incident_id=incident)
    kind = type(stamped.event).__name__
    if kind == "EntryCorrected":
        lines.filter(entry_id=stamped.event.supersedes).update(  # type: ignore[union-attr]
            superseded_by=stamped.event.entry_id  # type: ignore[union-attr]
        )
    elif kind == "EntryFlagged":
        lines.filter(entry_id=stamped.event.entry_id).exclude(kind__in=_MARKS).update(  # type: ignore[union-attr]
            followup=stamped.event.followup  # type: ignore[union-attr]
        )
    elif kind == "EntryShared":
        lines.filter(entry_id=stamped.event.entry_id).exclude(kind__in=_MARKS).update(  # type: ignore[union-attr]
            shared=stamped.event.shared  # type: ignore[union-attr]
        )
    elif kind == "EntryPinned":
        lines.filter(entry_id=stamped.event.entry_id).exclude(kind__in=_MARKS).update(  # type: ignore[union-attr]
            pinned=stamped.event.pinned  # type: ignore[union-attr]
        )


def load(incident_id: str) -> Incident:
    """The state of an incident from its log; `seq` is 0 when there is none.

    The log only grows, so what was folded before is kept and only what came since is read. The hash of the last event
    tells whether it is the same log: one that was rolled back, purged or restored is folded from its beginning.
    """
    return load_many([incident_id])[incident_id]


def load_many(incident_ids: Sequence[str]) -> dict[str, Incident]:
    """The same of many, with one query for all of them; with a second for those whose log is another than it was."""
    kept = {i: _folded.get(i, (Incident(), "")) for i in incident_ids}
    read = log.read_many({i: max(state.seq - 1, 0) for i, (state, _) in kept.items()})
    known = [i for i, (state, _) in kept.items() if state.seq]
    others = [i for i in known if not read[i] or read[i][0].hash != kept[i][1]]
    for i in known:
        read[i] = read[i][1:]
    read |= log.read_many(dict.fromkeys(others, 0))
    kept |= dict.fromkeys(others, (Incident(), ""))
    found = {}
    for i, (state, digest) in kept.items():
        for entry in read[i]:
            state = evolve(state, decode(entry))
        _keep(i, state, read[i][-1].hash if read[i] else digest)
        found[i] = state
    return found


# Incident id to its state and the hash of the last event in it; the one used longest ago goes first.
_folded: dict[str, tuple[Incident, str]] = {}
_MOST_FOLDED = 64
_keeping = Lock()


def _keep(incident_id: str, state: Incident, digest: str) -> None:
    with _keeping:
        _folded.pop(incident_id, None)
        if state.seq:
            _folded[incident_id] = (state, digest)
        if len(_folded) > _MOST_FOLDED:
            del _folded[next(iter(_folded))]


def rebuild(incident_id: str, names: Names, titles_at: Callable[[int], Names]) -> Incident:
    """Drop the read rows of one incident and write them again from its log. `titles_at` gives the words that an event,
    by its number, was told with.
    """
    for model in (*TABLES.values(), models.TimelineRow):
        field = "id" if model is models.IncidentRow else "incident_id"
        model._default_manager.filter(**{field: incident_id}).delete()
    before = Incident()
    for entry in log.read(incident_id):
        stamped = decode(entry)
        after = evolve(before, stamped)
        project(before, after, [stamped], names, titles_at(stamped.seq))
        before = after
    return before
