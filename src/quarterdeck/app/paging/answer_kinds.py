"""What can be answered by a signed link, one kind each: what its page shows now, and what an answer does.

Every answer is the same act as signed in, by the same rules; the link only says who acts and about which text.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from quarterdeck.core.incidents import chain, content_hash, exec_questions, help_requests
from quarterdeck.core.incidents.parts import Message
from quarterdeck.core.kernel.refused import Refused, bad
from quarterdeck.store import models

from .. import casebook
from ..act import Act
from ..casebook import Case
from ..comms import approvals
from ..comms.approval_notices import people_for
from ..executives import asks, executives
from ..incidents import tasks


@dataclass(frozen=True, slots=True)
class Choice:
    """One answer: `words` says that it needs some; the `first` one is offered largest."""

    value: str
    label: str
    words: bool = False
    first: bool = False
    danger: bool = False


@dataclass(frozen=True, slots=True)
class Screen:
    """What the page shows. `over` says why nothing is to be answered; `newer` that another text took its place."""

    heading: str
    about: tuple[tuple[str, str], ...] = ()
    headline: str = ""
    text: str = ""
    choices: tuple[Choice, ...] = ()
    asks_words: bool = True
    over: str = ""
    newer: bool = False
    message: Message | None = None

    @property
    def wants_words(self) -> bool:
        """Whether some answer is taken with words only."""
        return any(c.words for c in self.choices)


@dataclass(frozen=True, slots=True)
class Kind:
    """`show` what there is to answer now; `do` what this answer means. `page` is where one answers signed in."""

    show: Callable[[models.AnswerLink, Case, datetime], Screen]
    do: Callable[[Act, models.AnswerLink, str, str], object]
    page: Callable[[models.AnswerLink], str]


def show(row: models.AnswerLink, case: Case, at: datetime) -> Screen:
    """A link that was used or ran out shows nothing to answer, and neither does one about a text that has changed."""
    found = KINDS[row.kind].show(row, case, at)
    if row.used_at is not None:
        return Screen(found.heading, over=f"You answered at {row.used_at:%H:%M} UTC: {row.answer}.")
    if found.over:
        return found
    if row.expires_at <= at:
        return Screen(found.heading, over="This link has expired.")
    return found


def answer(act: Act, row: models.AnswerLink, value: str, words: str) -> str:
    """Carry an answer out; returns it in words. The caller spends the link with it."""
    case = casebook.load(row.incident_id, act.who)
    screen = KINDS[row.kind].show(row, case, act.at)
    if screen.over:
        raise Refused("link.over", screen.over)
    choice = next((c for c in screen.choices if c.value == value), None)
    if choice is None:
        raise bad("answer.unknown", "Choose one of the answers.", answer="unknown")
    if choice.words and not words.strip():
        raise bad("text.missing", "Write why; whoever asked reads it.", text="Write why.")
    KINDS[row.kind].do(act, row, value, words)
    return choice.label


# -- a text on its way to release


def _approval(row: models.AnswerLink, case: Case, at: datetime) -> Screen:
    heading = "May this go out?" if row.step == chain.APPROVE else "Is this right?"
    message = case.incident.messages.get(row.about)
    if message is None:
        return Screen(heading, over="This message is not there any more.")
    if content_hash(message) != row.content_hash:
        return Screen(heading, newer=True, over="The text was changed after this was written to you.")
    if message.state != "in_review":
        said = {"draft": "It was taken back to be written on", "superseded": "It is not sent"}
        return Screen(heading, over=f"{said.get(message.state, 'It was let go already')}.")
    place = next(
        (
            a
            for a in chain.way(case.incident, case.template, message, at)
            if (a.step.step, a.role) == (row.step, row.role)
        ),
        None,
    )
    if place is None or not place.open:
        return Screen(heading, over="This step was answered already.")
    if row.person not in people_for(case.incident, case.template, message, place):
        return Screen(heading, over="Somebody else answers here now.")
    return Screen(heading, headline=message.headline, message=message, choices=_verdicts(row.step))


def _verdicts(step: str) -> tuple[Choice, ...]:
    approves = step == chain.APPROVE
    return (
        Choice(chain.OK, "Approve" if approves else "Ok", first=True),
        Choice(chain.SUGGESTION, "Approve, with a suggestion" if approves else "Suggestion", words=True),
        Choice(chain.OBJECTION, "Refuse" if approves else "Strong objection", words=True, danger=True),
    )


def _judge(act: Act, row: models.AnswerLink, value: str, words: str) -> object:
    return approvals.judge(
        act, row.incident_id, row.about, step=row.step, role=row.role, verdict=value,
        text_hash=row.content_hash, text=words,
    )  # fmt: skip


# -- what executives are asked


def _help(row: models.AnswerLink, case: Case, at: datetime) -> Screen:
    found = case.incident.asks.help.get(row.about)
    heading = "Can you help?"
    if found is None or found.state != "open" or case.incident.has_ended:
        return Screen(heading, over="This request needs nobody any more.")
    return Screen(
        heading, (("Needed by", f"{found.need_by:%-d %b %H:%M} UTC"),),
        help_requests.KINDS.get(found.kind, found.kind), found.text,
        (
            Choice("accept", "Yes, I take it", first=True),
            Choice("decline", "No", words=True, danger=True),
        ),
    )  # fmt: skip


def _answer_help(act: Act, row: models.AnswerLink, value: str, words: str) -> object:
    if value == "accept":
        return asks.accept_help(act, row.incident_id, row.about, words)
    return asks.decline_help(act, row.incident_id, row.about, words)


def _decision(row: models.AnswerLink, case: Case, at: datetime) -> Screen:
    found = case.incident.asks.decisions.get(row.about)
    heading = "Your decision"
    if found is None or case.incident.has_ended:
        return Screen(heading, over="Nothing is to be decided any more.")
    if not found.is_open:
        return Screen(heading, over=f"This is decided: {found.chosen}.")
    beside = [(option, text) for option, text in zip(found.options, found.consequences, strict=False) if text]
    return Screen(
        heading,
        (
            ("Decide by", f"{found.deadline:%-d %b %H:%M} UTC"),
            ("Recommended", found.recommendation),
            ("Without an answer", found.fallback),
            *beside,
        ),
        found.question,
        choices=tuple(Choice(option, option, first=option == found.recommendation) for option in found.options),
    )  # fmt: skip


def _decide(act: Act, row: models.AnswerLink, value: str, words: str) -> object:
    return asks.answer_decision(act, row.incident_id, row.about, value, words)


def _question(row: models.AnswerLink, case: Case, at: datetime) -> Screen:
    found = case.incident.boundary.questions.get(row.about)
    heading = "A question of an executive"
    if found is None or not found.is_open or case.incident.has_ended:
        return Screen(heading, over="This question waits for no answer any more.")
    if row.person not in exec_questions.answerers(case.incident, case.template):
        return Screen(heading, over="Somebody else answers executives now.")
    choices = (
        Choice("answered", "Send the answer", words=True, first=True),
        Choice("deferred", "Answer later"),
        Choice("declined", "Decline", words=True, danger=True),
    )
    return Screen(heading, headline=found.text, choices=choices)


def _answer_question(act: Act, row: models.AnswerLink, value: str, words: str) -> object:
    return executives.answer(act, row.incident_id, row.about, value, words)


# -- tasks, and the brief


def _task(row: models.AnswerLink, case: Case, at: datetime) -> Screen:
    found = case.incident.tasks.get(row.about)
    heading = "Your task"
    if found is None or found.state not in ("given", "acknowledged") or found.assignee != row.person:
        return Screen(heading, over="This task is not yours any more, or it is done.")
    take = (Choice("acknowledge", "I take it", first=True),) if found.state == "given" else ()
    choices = (*take, Choice("done", "It is done", first=not take))
    return Screen(heading, (("Needed by", f"{found.due_at:%-d %b %H:%M} UTC"),), found.title, choices=choices)


def _answer_task(act: Act, row: models.AnswerLink, value: str, words: str) -> object:
    if value == "acknowledge":
        return tasks.acknowledge(act, row.incident_id, row.about)
    return tasks.finish(act, row.incident_id, row.about, words)


def _brief(row: models.AnswerLink, case: Case, at: datetime) -> Screen:
    found = case.incident.asks.briefs.get(row.about)
    heading = "Executive brief"
    if found is None:
        return Screen(heading, over="This brief is not there any more.")
    newer = case.incident.asks.last_brief
    if newer is not None and newer.id != found.id:
        return Screen(heading, newer=True, over="A newer brief was sent since.")
    about = (
        ("What", found.what), ("Who is affected", found.whom), ("What we do", found.doing),
        ("Help wanted", found.help_wanted), ("Next brief", f"{found.next_at:%-d %b %H:%M} UTC"),
    )  # fmt: skip
    return Screen(heading, about, choices=(Choice("read", "I have read it", first=True),), asks_words=False)


def _read(act: Act, row: models.AnswerLink, value: str, words: str) -> object:
    """The spent link itself is the receipt."""
    return None


def _message_page(row: models.AnswerLink) -> str:
    return f"/incidents/{row.incident_id}/communication?message={row.about}#message"


def _executive_page(row: models.AnswerLink) -> str:
    return f"/briefs/{row.incident_id}"


def _tasks_page(row: models.AnswerLink) -> str:
    return f"/incidents/{row.incident_id}/tasks"


def _desk_page(row: models.AnswerLink) -> str:
    return f"/incidents/{row.incident_id}/executives"


KINDS: Mapping[str, Kind] = {
    "approval": Kind(_approval, _judge, _message_page),
    "help": Kind(_help, _answer_help, _executive_page),
    "decision": Kind(_decision, _decide, _executive_page),
    "question": Kind(_question, _answer_question, _desk_page),
    "task": Kind(_task, _answer_task, _tasks_page),
    "brief": Kind(_brief, _read, _executive_page),
}
