"""The record people write: notes, findings, decisions, corrections. Never edits; corrections supersede."""

from __future__ import annotations

from datetime import datetime, timedelta

from quarterdeck.core.access import Who, require
from quarterdeck.core.kernel.refused import Refused, bad

from .authority import act, authorise, must_read
from .events import (
    DecisionMade,
    EntryCorrected,
    EntryFlagged,
    EntryPinned,
    EntryWritten,
    Event,
    FileAttached,
)
from .guards import filled, known, not_ended, not_later
from .state import Incident
from .structure import Template
from .unified import must_agree

# Anybody who responds may write the first three; the others take an acting role.
KINDS = ("note", "finding", "followup", "hypothesis", "impact_pulse", "broadcast", "can", "abnormal")
# Of decisions; standing down is an act of its own.
DECISION_KINDS = ("", "prioritise", "act", "stand_down")
_FREE = ("note", "finding", "followup")
TEXT_LIMIT = 10_000
# Of one incident.
MOST_FILES, MOST_BYTES = 500, 1 << 30
# An entry that speaks of the last minute speaks of now.
BACKDATED_AFTER = timedelta(minutes=1)


def write_entry(
    incident: Incident,
    template: Template,
    by: Who,
    *,
    entry_id: str,
    kind: str,
    text: str,
    at: datetime,
    happened_at: datetime | None = None,
    pinned: bool = False,
    followup: bool = False,
) -> list[Event]:
    """An entry on the timeline. `happened_at` more than a minute ago makes it back-dated (R-074).

    A broadcast takes the right to decide or to assign roles.
    """
    not_ended(incident)
    must_read(incident, by)
    require(by, "incident.act")
    if kind not in KINDS:
        raise bad("entry.kind", f"There is no kind of entry {kind!r}. Choose one of: {', '.join(KINDS)}.")
    if kind == "broadcast":
        authorise(incident, template, by, "decision.make", "role.assign")
    elif kind not in _FREE:
        act(incident, by)
    if entry_id in incident.entries:
        return []
    written = _text(text)
    when = _backdated(happened_at, at)
    return [EntryWritten(entry_id, kind, written, when, pinned, followup or kind == "followup")]


def can_report(condition: str, actions: str, needs: str) -> str:
    """The text of a report in the form condition, actions, needs (R-072). Refused without a condition."""
    said = filled(condition, "condition", "Say what the condition is: what you see, and how bad it is.")
    rest = (("Actions", actions.strip() or "none"), ("Needs", needs.strip() or "nothing"))
    return "\n".join([f"Condition: {said}", *(f"{label}: {text}" for label, text in rest)])


def correct_entry(
    incident: Incident,
    template: Template,
    by: Who,
    *,
    entry_id: str,
    supersedes: str,
    text: str,
    reason: str = "",
) -> list[Event]:
    """A new text for an entry; the old one stays readable. Of others only with timeline.supersede."""
    not_ended(incident)
    must_read(incident, by)
    old = known(incident.entries.get(supersedes), "entry.unknown", "entry")
    if old.superseded_by == entry_id:
        return []
    if old.superseded_by:
        raise Refused(
            "entry.superseded",
            "This entry was corrected already. Correct the newest text.",
            details={"superseded_by": old.superseded_by},
        )
    if old.kind == "decision":
        raise Refused(
            "entry.decision", "A decision is not corrected. Record a new decision that replaces it."
        )
    if old.kind == "file":
        raise Refused("entry.file", "A file stays as it was attached. Attach another one and say why.")
    if old.author != by.person:
        authorise(incident, template, by, "timeline.supersede", "incident.phase")
    return [EntryCorrected(entry_id, supersedes, _text(text), reason.strip())]


def pin_entry(incident: Incident, by: Who, *, entry_id: str, pinned: bool = True) -> list[Event]:
    """Keeps an entry on top for everybody, or lets it go."""
    not_ended(incident)
    act(incident, by)
    entry = known(incident.entries.get(entry_id), "entry.unknown", "entry")
    return [] if entry.pinned == pinned else [EntryPinned(entry_id, pinned)]


def flag_entry(incident: Incident, by: Who, *, entry_id: str, followup: bool = True) -> list[Event]:
    """Marks an entry for follow-up, or takes the mark away. Whoever may write on the timeline may mark (R-081)."""
    not_ended(incident)
    must_read(incident, by)
    require(by, "incident.act")
    entry = known(incident.entries.get(entry_id), "entry.unknown", "entry")
    if entry.superseded_by:
        raise Refused("entry.superseded", "This entry was corrected. Mark the newest text.")
    return [] if entry.followup == followup else [EntryFlagged(entry_id, followup)]


def attach_file(
    incident: Incident,
    by: Who,
    *,
    entry_id: str,
    name: str,
    media_type: str,
    size_bytes: int,
    sha256: str,
    text: str = "",
) -> list[Event]:
    """A file becomes part of the record. The same content under the same name is attached once."""
    not_ended(incident)
    must_read(incident, by)
    require(by, "incident.act")
    same = (name, sha256)
    if entry_id in incident.entries or any(
        (a.name, a.sha256) == same and a.taken_back_at is None for a in incident.attachments.values()
    ):
        return []
    if len(incident.attachments) >= MOST_FILES:
        raise Refused(
            "files.many", f"{incident.key} has {MOST_FILES} files. Put the rest where a link can lead to it."
        )
    if sum(a.size_bytes for a in incident.attachments.values()) + size_bytes > MOST_BYTES:
        raise Refused(
            "files.large",
            f"The files of {incident.key} would take more than {MOST_BYTES >> 20} MiB. Link to it instead.",
        )
    return [FileAttached(entry_id, name, media_type, size_bytes, sha256, text.strip())]


def make_decision(
    incident: Incident,
    template: Template,
    by: Who,
    *,
    decision_id: str,
    question: str,
    chosen: str,
    options: tuple[str, ...] = (),
    reason: str = "",
    objections: str = "",
    kind: str = "",
) -> list[Event]:
    """A choice by authority, with the options it was taken from and the objections heard (R-033)."""
    not_ended(incident)
    authorise(incident, template, by, "decision.make")
    if decision_id in incident.decisions:
        return []
    must_agree(incident, question)
    question = filled(question, "question", "Say what was to be decided.")
    chosen = filled(chosen, "chosen", "Say what was chosen.")
    options = tuple(option.strip() for option in options if option.strip())
    if options and chosen not in options:
        message = "What was chosen is not among the options. Add it to them, or choose one of them."
        raise bad("chosen.unknown", message, chosen=message)
    if kind not in DECISION_KINDS:
        known_kinds = ", ".join(k for k in DECISION_KINDS if k)
        raise bad("kind.unknown", f"Choose a kind: {known_kinds}, or none.", kind="Choose one of them.")
    return [DecisionMade(decision_id, question, options, chosen, reason.strip(), objections.strip(), kind)]


def _text(text: str) -> str:
    written = filled(text, "text", "Write what happened.")
    if len(written) > TEXT_LIMIT:
        message = f"The text has {len(written)} characters; {TEXT_LIMIT} fit. Split it."
        raise bad("text.long", message, text=message)
    return written


def _backdated(happened_at: datetime | None, at: datetime) -> datetime | None:
    if happened_at is None:
        return None
    not_later(happened_at, at + BACKDATED_AFTER, "happened_at")
    return happened_at if at - happened_at > BACKDATED_AFTER else None
