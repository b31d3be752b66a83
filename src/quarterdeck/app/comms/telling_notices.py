"""Who hears that somebody else spoke first, and that the count of affected customers is overdue."""

from __future__ import annotations

from quarterdeck.core.incidents import events as ev
from quarterdeck.core.incidents.events import telling
from quarterdeck.core.incidents.impact_pulse import TAKER
from quarterdeck.core.kernel.text import line

from ..incidents.crew_notices import Desk
from ..paging.callouts import Request
from ..paging.directory import policy_from
from ..paging.role_policies import policy_for

# Who has executive duty: whoever the policy of the first of these roles brings, and who holds the second.
DUTY = ("exec_duty", "elt_approver")


def told(desk: Desk, event: ev.Event) -> list[Request]:
    match event:
        case telling.MentionRecorded(ahead=True) if _first_ahead(desk, event.mention_id):
            text = line(f"{desk.incident.key}: {event.source} spoke of it on {event.place} before us", 200)
            why = "Nothing of ours was public by then. Say publicly what is known, now."
            if desk.incident.page_updates or any(m.sent_at for m in desk.incident.messages.values()):
                why = "Our first public statement came later. Say what is known, and answer there."
            return [desk.ask(person, text, why) for person in watchers(desk)]
        case telling.PulseLate():
            taker = desk.incident.holder(TAKER)
            person = taker.person if taker and event.level == 1 else desk.commander
            why = "Say how many customers are affected now, and how many in the worst case."
            return [desk.ask(person, "Impact pulse overdue", why)]
    return []


def watchers(desk: Desk) -> list[str]:
    """Communications lead, commander, and who has executive duty (X-22); of what is restricted, insiders only."""
    incident = desk.incident
    held = [a.person for role in ("communications_lead", *DUTY) for a in incident.holders(role)]
    duty = [] if incident.restricted else executives_on_duty(desk)
    return list(dict.fromkeys([*held, desk.commander, *duty]))


def executives_on_duty(desk: Desk) -> list[str]:
    """The people whom the policy of executive duty calls first; none where no such policy is set."""
    for role in DUTY:
        row = policy_for(role, desk.incident, desk.template)
        if row is not None:
            steps = policy_from(row.definition).steps[:1]
            return [p for s in steps for t in s.targets for p in desk.directory.on_call(t).people]
    return []


def _first_ahead(desk: Desk, mention_id: str) -> bool:
    """Each further mention is on the list; only the first wakes people."""
    ahead = [m.id for m in desk.incident.telling.mentions.values() if m.ahead]
    return ahead[:1] == [mention_id]
