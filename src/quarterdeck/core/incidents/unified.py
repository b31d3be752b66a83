"""Unified command: several agencies, one plan, one spokesperson. Off unless the structure allows it.

The commander stays the one holder of command and speaks; the further members hold a role of their own kind, and what
the command decides needs the word of every one of them.
"""

from __future__ import annotations

from quarterdeck.core.access import Who
from quarterdeck.core.kernel.refused import Refused, forbidden

from .command import releasing
from .events import CommandSingle, CommandUnified, Event, MemberAgreed
from .guards import filled, not_ended, one_line
from .state import COMMAND_MEMBER, Incident
from .structure import Template

SUBJECT_LIMIT = 500


def members(incident: Incident) -> tuple[str, ...]:
    """Who commands together: the spokesperson first. One person while command is single."""
    first = [incident.commander.person] if incident.commander else []
    more = [a.person for a in incident.holders(COMMAND_MEMBER)] if incident.crew.unified else []
    return tuple(dict.fromkeys([*first, *more]))


def unify(incident: Incident, template: Template, by: Who, *, reason: str) -> list[Event]:
    """The commander opens unified command. Refused where the structure has none."""
    not_ended(incident)
    _commander(incident, by)
    if incident.crew.unified:
        return []
    if not template.unified_command:
        raise Refused(
            "unified.off",
            f"The structure {template.title!r} has one commander and no unified command. Appoint deputies with a "
            "domain instead, or choose a structure that allows it.",
        )
    return [CommandUnified(filled(reason, "reason", "Say which agencies command together, and why."))]


def agree(incident: Incident, by: Who, *, subject: str) -> list[Event]:
    """A member of the unified command agrees to a decision or an objective, named by its text."""
    not_ended(incident)
    if not incident.crew.unified:
        raise Refused("unified.single", "Command is not unified: the commander decides.")
    if by.person not in members(incident):
        raise forbidden(
            "unified.not_member",
            "Only members of the unified command agree to its decisions. Ask one of them.",
        )
    text = _subject(subject)
    return [] if by.person in incident.crew.agreed.get(text, ()) else [MemberAgreed(text, by.person)]


def must_agree(incident: Incident, subject: str) -> None:
    """Refuses what not every member of a unified command has agreed to, naming who is missing in `details`."""
    if not incident.crew.unified:
        return
    text = _subject(subject)
    said = set(incident.crew.agreed.get(text, ()))
    commander = incident.commander.person if incident.commander else ""
    open_ = [p for p in members(incident) if p not in said and p != commander]
    if open_:
        raise Refused(
            "unified.not_agreed",
            f"Command is unified and {len(open_)} of its members have not agreed to this yet. "
            "Ask each to agree to the same words, then decide.",
            details={"subject": text, "missing": ",".join(open_)},
        )


def end_unified(incident: Incident, template: Template, by: Who, *, reason: str = "") -> list[Event]:
    """Back to a single commander; the other members are released from their part of command."""
    not_ended(incident)
    _commander(incident, by)
    if not incident.crew.unified:
        return []
    gone = [
        e for a in incident.holders(COMMAND_MEMBER) for e in releasing(incident, a, "command is single again")
    ]
    return [*gone, CommandSingle(reason.strip())]


def _commander(incident: Incident, by: Who) -> None:
    if incident.commander is None or incident.commander.person != by.person:
        raise forbidden("unified.commander", "Only the commander opens or ends unified command. Ask them.")


def _subject(subject: str) -> str:
    text = " ".join(filled(subject, "subject", "Say what is to be agreed to.").split())
    return one_line(text, "subject", SUBJECT_LIMIT)
