"""Who hears of what executives do: the executive liaison of questions, the commander of a transfer of command.

No question is ever told to a commander or a responder but by the liaison's "pass on" (X-05). Makes requests only.
"""

from __future__ import annotations

from quarterdeck.core.incidents import events as ev
from quarterdeck.core.incidents import rooms
from quarterdeck.core.incidents.events import boundary as said
from quarterdeck.core.incidents.events.exec_work import ExecWordSaid
from quarterdeck.core.incidents.exec_questions import answerers
from quarterdeck.core.kernel.text import line

from ..incidents.crew_notices import Desk
from ..paging.callouts import Request


def told(desk: Desk, event: ev.Event) -> list[Request]:
    match event:
        case said.ExecQuestionAsked() if event.critical:
            why = f"A critical question of an executive: {event.reason}"
            return [desk.ask(p, line(event.text, 200), line(why, 480)) for p in _liaisons(desk)]
        case said.ExecQuestionAsked() if event.held_until is None:
            return [_queued(desk, p, 1) for p in _liaisons(desk)]
        case said.ExecQuestionsDelivered():
            return [_queued(desk, p, len(event.question_ids)) for p in _liaisons(desk)]
        case said.ExecQuestionPassedOn() if event.person != desk.act.person:
            why = event.note or "A question of an executive, passed on by the executive liaison. Answer them."
            return [desk.tell(event.person, line(event.text, 200), line(why, 480))]
        case said.BoundaryCrossed(kind="off_channel", what=rooms.WROTE):
            # Alarmed whoever shields the responders; a responder hears of it only where nobody does.
            why = f"They may only read there. Answer them in their own channel: {event.quote}"
            text = f"An executive wrote in the responders’ channel of {desk.incident.key}"
            return [desk.ask(p, text, line(why, 480)) for p in _liaisons(desk) or [desk.commander]]
        case ExecWordSaid():
            return _word(desk, event)
        case said.CommandSought():
            who = desk.name(event.to_person)
            why = event.note or "Brief them in the incident; then command passes."
            text = f"{who} takes command of {desk.incident.key}: brief them"
            return [desk.ask(event.from_person, line(text, 200), line(why, 480))]
        case _:
            return []


def _queued(desk: Desk, person: str, n: int) -> Request:
    text = f"{desk.incident.key}: {n} question{'' if n == 1 else 's'} of executives in your queue"
    return desk.tell(person, text, "Answer from the facts, defer to the brief, or say why not.")


def _word(desk: Desk, event: ExecWordSaid) -> list[Request]:
    """In the executives' channel: from one of them to their liaison, from the liaison to those who spoke there."""
    bridging = _liaisons(desk)
    spoke = dict.fromkeys(w.said_by for w in desk.incident.asks.work.words.values())
    others = (
        [p for p in spoke if p != desk.act.person]
        if desk.act.person in answerers(desk.incident, desk.template)
        else bridging
    )
    text = f"{desk.incident.key}: a word in the executives’ channel"
    return [desk.tell(p, text, line(event.text, 480)) for p in others]


def _liaisons(desk: Desk) -> tuple[str, ...]:
    return tuple(p for p in answerers(desk.incident, desk.template) if p != desk.act.person)
