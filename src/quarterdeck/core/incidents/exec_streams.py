"""The executives' own workstreams and their channel with the liaison: who may see them, write in them, and what crosses
to the commander. Nothing here becomes a task of the response.
"""

from __future__ import annotations

from datetime import datetime

from quarterdeck.core.access import Who, may
from quarterdeck.core.kernel.refused import Refused, forbidden

from .authority import may_read, must_read
from .bridging import holders
from .events import Event
from .events.exec_work import ExecLineSet, ExecTaskEnded, ExecTaskSet, ExecWordSaid
from .exec_questions import PERMISSION, quiet_until
from .exec_work import STREAMS, ExecLine
from .guards import filled, known, not_ended, one_line, unfit
from .state import DEPUTY, Incident
from .structure import Template

LINE_LIMIT, TITLE_LIMIT, WORD_LIMIT = 200, 200, 1000
MOST_TASKS, MOST_WORDS = 200, 1000


def belongs(incident: Incident, template: Template, who: Who) -> bool:
    """Whether somebody is of the executive group of this incident: an executive who may know it, or their liaison."""
    if not may_read(incident, who) or who.is_system:
        return False
    return ("executive" in who.roles and may(who, PERMISSION)) or who.person in holders(incident, template)


def reads_lines(incident: Incident, template: Template, who: Who) -> bool:
    """Who reads the status lines: the group, the commander and the deputies. Nothing else of it crosses to them."""
    if belongs(incident, template, who):
        return True
    commands = incident.commander is not None and incident.commander.person == who.person
    return commands or any(a.person == who.person for a in incident.holders(DEPUTY))


def lines(incident: Incident, template: Template, who: Who) -> dict[str, ExecLine]:
    """The lines this person may read, by workstream."""
    return dict(incident.asks.work.lines) if reads_lines(incident, template, who) else {}


def set_line(incident: Incident, template: Template, by: Who, *, stream: str, text: str) -> list[Event]:
    """How it stands, in one line; the one before is gone."""
    _inside(incident, template, by)
    key = _stream(stream)
    said = one_line(filled(text, "text", "Say in one line how it stands."), "text", LINE_LIMIT)
    before = incident.asks.work.lines.get(key)
    return [] if before is not None and before.text == said else [ExecLineSet(key, said)]


def set_task(
    incident: Incident,
    template: Template,
    by: Who,
    *,
    task_id: str,
    stream: str,
    title: str,
    owner: Who | None = None,
    due_at: datetime | None = None,
) -> list[Event]:
    """A task of the executives, or the same described anew. Its owner is one of the group."""
    _inside(incident, template, by)
    key = _stream(stream)
    before = incident.asks.work.tasks.get(task_id)
    if before is not None and not before.is_open:
        raise Refused("task.ended", f"This task is {before.state} already. Set another one.")
    said = one_line(filled(title, "title", "Say what is to be done."), "title", TITLE_LIMIT)
    if before is None and sum(t.is_open for t in incident.asks.work.tasks.values()) >= MOST_TASKS:
        raise Refused("tasks.many", f"{MOST_TASKS} tasks are open. End one first.")
    if owner is not None and not belongs(incident, template, owner):
        raise unfit("owner.outside", "owner", "Choose an executive who may know of it, or the liaison.")
    event = ExecTaskSet(task_id, key, said, owner.person if owner else "", due_at)
    same = before is not None and (before.stream, before.title, before.owner, before.due_at) == (
        event.stream, event.title, event.owner, event.due_at,
    )  # fmt: skip
    return [] if same else [event]


def end_task(
    incident: Incident, template: Template, by: Who, *, task_id: str, state: str = "done", result: str = ""
) -> list[Event]:
    _inside(incident, template, by)
    if state not in ("done", "dropped"):
        raise unfit("state.unknown", "state", "Choose done or dropped.")
    found = known(incident.asks.work.tasks.get(task_id), "task.unknown", "task")
    if not found.is_open:
        return []
    return [ExecTaskEnded(found.id, found.stream, state, one_line(result, "result", TITLE_LIMIT))]


def say(
    incident: Incident, template: Template, by: Who, now: datetime, *, word_id: str, text: str
) -> list[Event]:
    """A word in the channel of the group. In the quiet period executives only read there; what they ask goes into the
    queue of questions at any time (R-133).
    """
    _inside(incident, template, by)
    if word_id in incident.asks.work.words:
        return []
    if len(incident.asks.work.words) >= MOST_WORDS:
        raise Refused("words.many", f"{incident.key} has {MOST_WORDS} words here. Speak with the liaison.")
    said = filled(text, "text", "Write something first.").strip()
    if len(said) > WORD_LIMIT:
        message = f"This has {len(said)} characters; {WORD_LIMIT} fit. Shorten it."
        raise unfit("text.long", "text", message)
    if by.person not in holders(incident, template):
        until = quiet_until(incident)
        if until is not None and until > now:
            raise Refused(
                "channel.quiet",
                f"Until {until:%H:%M} UTC this channel is to be read only. What cannot wait is a critical question.",
            )
        if said.endswith("?"):
            raise unfit(
                "channel.question", "text", "Ask it as a question: the queue keeps it until it is answered."
            )
    return [ExecWordSaid(word_id, said)]


def _inside(incident: Incident, template: Template, by: Who) -> None:
    must_read(incident, by)
    not_ended(incident)
    if not belongs(incident, template, by):
        raise forbidden(
            "exec.group",
            "This belongs to the executives and their liaison. The commander reads its status lines.",
        )


def _stream(key: str) -> str:
    if key not in STREAMS:
        raise unfit("stream.unknown", "stream", f"Choose one of: {', '.join(STREAMS)}.")
    return key
