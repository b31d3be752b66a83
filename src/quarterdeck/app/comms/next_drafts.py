"""When the phase moves on, the next drafts stand ready: one for each audience that hears of it. Sends nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from quarterdeck.core.access import ENGINE
from quarterdeck.core.incidents import Content, Incident, Stamped, next_drafts
from quarterdeck.core.incidents import events as ev
from quarterdeck.core.incidents.events.response import ParentMoved
from quarterdeck.core.incidents.structure import Template
from quarterdeck.core.kernel.text import line
from quarterdeck.store.ids import new_id

from ..paging.directory import Directory

_MOVES = (ev.PhaseChanged, ev.Resolved, ev.Reopened, ParentMoved)


def follow(
    before: Incident, after: Incident, template: Template, new: Sequence[Stamped], directory: Directory
) -> list[ev.Event]:
    """The drafts of the new phase, in the agreed wording; nothing where the phase is as it was. The end of the
    technical incident is a new phase of its business response, whose messages then say that it is over.
    """
    phases = [(i.phase, i.told_phase) for i in (before, after)]
    if phases[0] == phases[1] or not any(isinstance(s.event, _MOVES) for s in new):
        return []
    wanted = next_drafts.audiences(after, template, before)
    if not wanted:
        return []
    from ..casebook import Case
    from . import drafting  # it loads incidents, which react

    case = Case(after, template)
    drafts: dict[str, Content] = {
        new_id(): _fitting(drafting.first_draft(case, key, directory.now), template) for key in wanted
    }
    return list(next_drafts.open_drafts(after, template, ENGINE, drafts=drafts, at=directory.now))


def _fitting(content: Content, template: Template) -> Content:
    """A title may be longer than this audience's headlines."""
    profile = template.audience(content.audience)
    limit = profile.headline_limit if profile else 120
    if len(content.headline) <= limit and content.headline.strip():
        return content
    return replace(content, headline=line(content.headline, limit) or "Update", agreed=False)
