"""Closing summaries: who heard of an incident and waits for its end, and drafts of what they are to be told."""

from __future__ import annotations

from quarterdeck.core.incidents import closing
from quarterdeck.core.incidents.message_authority import may_draft
from quarterdeck.core.kernel.refused import Refused
from quarterdeck.core.kernel.text import cut
from quarterdeck.store import tx

from .. import casebook
from ..act import Act
from . import drafting, messages


def draft_missing(act: Act, incident_id: str) -> list[str]:
    """A draft of the closing summary for each audience that has neither one nor its draft; the ids of the messages.

    Only for audiences that `act` may write to; refused where that is none of them.
    """
    with tx.write("engine", "web"):
        case = casebook.load(incident_id, act.who)
        if case.incident.is_open:
            raise Refused("closing.open", "It is not resolved yet. Summaries are written of what is over.")
        waiting = [one for one in closing.missing(case.incident, case.template) if one.draft is None]
        mine = [one for one in waiting if _may(act, case, one.audience)]
        if waiting and not mine:
            raise Refused(
                "closing.forbidden",
                "You write to none of these audiences. Ask the communications lead.",
                kind="forbidden",
            )
        made = []
        for one in mine:
            content = drafting.first_draft(case, one.audience, act.at)
            profile = case.template.audience(one.audience)
            limit = profile.headline_limit if profile else 120
            made.append(
                messages.draft_within(
                    act, incident_id, drafting.shortened(content, cut(content.headline, limit))
                )
            )
    return made


def _may(act: Act, case: casebook.Case, audience: str) -> bool:
    try:
        may_draft(closing.speaking(case.incident), case.template, act.who, audience)
    except Refused:
        return False
    return True
