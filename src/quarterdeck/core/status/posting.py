"""What may be posted on a status page without an incident of ours, and what a post lacks. Decides nothing about who."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Literal

from quarterdeck.core.kernel.refused import Refused, bad

from .words import MAINTENANCE_WORDS, OVER, component_state, label

KINDS = ("update", "correction", "summary")
WORDS = ("investigating", "identified", "monitoring", "resolved")
TITLE_LIMIT, BODY_LIMIT, REASON_LIMIT = 200, 10_000, 300
# How maintenance ends that another product planned: nothing here starts or finishes it.
ENDS = ("completed", "cancelled")
LONGEST_AGO = timedelta(days=366 * 10)
# Glossary 2.3: what may follow; what is over is opened again by investigating.
_NEXT: Mapping[str, tuple[str, ...]] = {
    "investigating": WORDS,
    "identified": WORDS,
    "monitoring": ("investigating", "monitoring", "resolved"),
    "resolved": ("investigating",),
    "postmortem pending": ("investigating",),
    "postmortem": ("investigating",),
}


@dataclass(frozen=True, slots=True)
class Written:
    """A post as somebody wrote it. `components` are ids and the states they are put in.

    `started_at` and `ended_at` are of something that is over and is entered now; `reason` says to colleagues why no
    incident was declared.
    """

    body: str
    title: str = ""
    status_word: str = ""
    kind: str = "update"
    corrects: str = ""
    components: Mapping[str, str] = field(default_factory=dict)
    next_update_at: datetime | None = None
    started_at: datetime | None = None
    ended_at: datetime | None = None
    reason: str = ""
    language: str = ""

    @property
    def is_past(self) -> bool:
        return self.started_at is not None or self.ended_at is not None


@dataclass(frozen=True, slots=True)
class Thread:
    """What was posted about one thing so far: `posts` are its ids, `word` and `next_update_at` as last said.

    `imported`: it came from another product, so that maintenance is ended by a post.
    """

    posts: Sequence[str]
    word: str
    next_update_at: datetime | None = None
    imported: bool = False

    @property
    def is_over(self) -> bool:
        return self.word in OVER


def checked(said: Written, thread: Thread | None, on_page: Mapping[str, str], now: datetime) -> Written:
    """The post as it will stand. `on_page` are the components of the page, id to name. Refuses what lacks something."""
    if said.kind not in KINDS:
        raise bad("post.kind", f"There is no such post. Choose one of: {', '.join(KINDS)}.", kind="unknown")
    said = replace(_texts(said), components=_states(said.components, on_page))
    if thread is None:
        return _past(said, now) if said.is_past else _first(said, now)
    if said.is_past:
        text = "Only what is entered as a whole has times in the past. Leave them out."
        raise bad("post.past", text, started_at=text)
    if said.kind == "correction":
        return _correction(said, thread, now)
    if said.kind == "summary":
        return _summary(said, thread)
    return _update(said, thread, now)


def event_of(
    said: Written, thread: Thread | None
) -> Literal["opened", "updated", "resolved", "corrected", "summary"]:
    """What subscribers are told it is."""
    if said.kind == "correction":
        return "corrected"
    if said.kind == "summary":
        return "summary"
    if said.status_word in OVER:
        return "resolved"
    return "opened" if thread is None else "updated"


def _texts(said: Written) -> Written:
    if not said.body.strip():
        text = "Say what customers notice and what you do about it."
        raise bad("post.body", text, body=text)
    for name, value, most in (("body", said.body, BODY_LIMIT), ("title", said.title, TITLE_LIMIT)):
        if len(value) > most:
            text = f"It has {len(value)} characters; {most} fit. Shorten it."
            raise bad(f"{name}.long", text, **{name: text})
    return replace(said, body=said.body.strip(), title=said.title.strip(), reason=said.reason.strip())


def _states(wanted: Mapping[str, str], on_page: Mapping[str, str]) -> dict[str, str]:
    if not wanted.keys() <= on_page.keys():
        text = "One of these components is not on this page. Choose from its components."
        raise bad("component.unknown", text, components=text)
    return {c: component_state(s) for c, s in wanted.items()}


def _named(said: Written) -> None:
    if not said.title:
        text = "Say in one line what it is about: readers see it as the headline."
        raise bad("post.title", text, title=text)
    if not said.reason:
        text = "Say why no incident is declared for it: your colleagues read it in the audit trail."
        raise bad("post.reason", text, reason=text)
    if said.kind != "update":
        text = "A correction or a summary belongs to something that was posted. Choose what."
        raise bad("post.kind", text, kind=text)


def _first(said: Written, now: datetime) -> Written:
    _named(said)
    word = said.status_word or WORDS[0]
    if word not in WORDS:
        raise bad("status_word.unknown", f"Choose one of: {', '.join(WORDS)}.", status="unknown")
    return _promised(replace(said, status_word=word), now)


def _past(said: Written, now: datetime) -> Written:
    """Entered after it was over: when it began and ended; resolved, and nothing is promised."""
    _named(said)
    start, end = said.started_at, said.ended_at
    if start is None or end is None:
        text = "Say when it began and when it was over."
        raise bad("post.past", text, **{"ended_at" if start else "started_at": text})
    if not start < end <= now:
        text = "It ends after it began, and not in the future. Correct the times."
        raise bad("post.past", text, ended_at=text)
    if start < now - LONGEST_AGO:
        text = "That is more than ten years ago. Correct the time it began."
        raise bad("post.past", text, started_at=text)
    return replace(said, status_word="resolved", next_update_at=None)


def _update(said: Written, thread: Thread, now: datetime) -> Written:
    if thread.word in MAINTENANCE_WORDS and thread.imported and thread.word not in ENDS:
        word = said.status_word or ENDS[0]
        if word not in ENDS:
            text = f"This maintenance came in from another product. Post its end: {' or '.join(ENDS)}."
            raise bad("status_word.order", text, status=text)
        return replace(said, status_word=word, next_update_at=None)
    if thread.word in MAINTENANCE_WORDS:
        raise Refused(
            "post.maintenance", "This is maintenance: start, extend, end or cancel it where it is planned."
        )
    word = said.status_word or thread.word
    following = _NEXT.get(thread.word, WORDS)
    if word not in following:
        text = (
            f"After “{label(thread.word).lower()}” comes one of: {', '.join(following)}."
            " What was wrong is put right by a correction, what was learned is told in a summary."
        )
        raise bad("status_word.order", text, status=text)
    return _promised(replace(said, status_word=word), now)


def _correction(said: Written, thread: Thread, now: datetime) -> Written:
    """What it corrects stays where it is; the status stays, and what was promised unless another time is given."""
    if said.corrects not in thread.posts:
        text = "Choose the post that is corrected; it is one of those shown here."
        raise bad("post.corrects", text, corrects=text)
    due = said.next_update_at or thread.next_update_at
    said = replace(said, status_word=thread.word, next_update_at=None if thread.is_over else due)
    return said if thread.is_over or thread.word in MAINTENANCE_WORDS else _promised(said, now)


def _summary(said: Written, thread: Thread) -> Written:
    """What was learned. Maintenance keeps its own word: with another it would count as a disturbance."""
    planned = thread.word in MAINTENANCE_WORDS
    if not thread.is_over:
        first = "End the maintenance first." if planned else "Say first that it is resolved."
        raise Refused("post.open", f"A summary is written of what is over. {first}")
    return replace(said, status_word=thread.word if planned else "postmortem", next_update_at=None)


def _promised(said: Written, now: datetime) -> Written:
    """An update says when the next one comes, unless it is the last (R-044)."""
    if said.status_word in OVER:
        return replace(said, next_update_at=None)
    if said.next_update_at is None:
        text = "Say when the next update comes, or that it is resolved."
        raise bad("next_update_at.missing", text, next_update_at=text)
    if said.next_update_at <= now:
        text = "The time of the next update has passed. Set a later one."
        raise bad("next_update_at.past", text, next_update_at=text)
    return said
