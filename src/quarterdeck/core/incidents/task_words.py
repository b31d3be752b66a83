"""Questions and answers on a task, kept with it (R-068)."""

from __future__ import annotations

from quarterdeck.core.access import Who, require
from quarterdeck.core.kernel.refused import Refused, bad

from .authority import must_read
from .events import Event
from .events.technical import TaskSaid
from .guards import filled, known, not_ended
from .state import Incident

TEXT_LIMIT = 2000
MOST = 200


def say(
    incident: Incident, by: Who, *, word_id: str, task_id: str, text: str, asks: bool = False
) -> list[Event]:
    """Whoever responds asks or answers; also on a task that is done."""
    not_ended(incident)
    must_read(incident, by)
    require(by, "incident.act")
    task = known(incident.tasks.get(task_id), "task.unknown", "task")
    if word_id in incident.technical.words:
        return []
    said = filled(text, "text", "Write your question, or the answer.")
    if len(said) > TEXT_LIMIT:
        message = f"The text has {len(said)} characters; {TEXT_LIMIT} fit. Shorten it."
        raise bad("text.long", message, text=message)
    if sum(w.task == task.id for w in incident.technical.words.values()) >= MOST:
        raise Refused("task.words", f"There are {MOST} words on this task already. Talk on the call.")
    return [TaskSaid(word_id, task.id, said, asks, task.title)]
