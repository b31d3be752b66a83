"""Knowledge articles, with author and source, and the training that passes it on."""

from __future__ import annotations

from typing import Annotated, Literal

from ninja import Query
from pydantic import Field

from quarterdeck.app.executives import executive_training
from quarterdeck.app.people import training
from quarterdeck.app.technical import knowledge as acts
from quarterdeck.store import models

from .doors import Request
from .fields import (
    Asked,
    Essay,
    Id,
    IncidentId,
    Key,
    Line,
    Moment,
    Named,
    Number,
    Read,
    Text,
    When,
    Word,
    Write,
)
from .operations import Noun
from .pages import Page, PageAsked, page

NOUN = Noun("Knowledge", "/knowledge")
ENTRIES = Noun("Knowledge", "/incidents/{incident}/entries/{entry}/article")
REVIEWS = Noun("Knowledge", "/incidents/{incident}/review/article")
TRAINING = Noun("Knowledge", "/training-sessions")
RECORDS = Noun("Knowledge", "/training-records")


class Article(Read):
    """`incident` and `entry` are where it comes from; empty when it was written as an article."""

    id: str
    title: str
    text: str
    author: Named
    incident: str
    entry: str
    promoted_by: Named | None
    created_at: Moment
    changed_at: Moment
    changed_by: Named | None
    sources: list[str]
    version: int


class ArticleVersion(Read):
    """What an article said before."""

    number: int
    title: str
    text: str
    by: Named
    at: Moment


class ArticleWrite(Write):
    title: Annotated[str, Text(acts.TITLE_LIMIT, least=1)]
    text: Essay


class ArticlePut(ArticleWrite):
    """`teams` (keys) are told of it, and asked whether they understood; `note` says what changed."""

    note: Annotated[str, Text(4000)] = ""
    teams: Annotated[list[Key], Field(max_length=100)] = Field(default_factory=list)


class PromotionWrite(Write):
    title: Annotated[str, Text(acts.TITLE_LIMIT, least=1)]


class ArticlesAsked(PageAsked):
    q: Annotated[str, Text(200)] = ""


class Training(Read):
    """`role`: whoever attended is certified for it, for `valid_months` (0: for ever). `invited` must come, `joined`
    come of their own accord; `seats` 0 is any number.
    """

    id: str
    topic: str
    track: str
    trainer: Named
    held_at: Moment
    minutes: int
    place: str
    seats: int
    valid_months: int
    role: str
    article: str
    invited: list[Named]
    joined: list[Named]
    attended: list[Named]
    called_off_at: Moment | None


class TrainingRecord(Read):
    """What somebody has learnt. `expires_at` empty: it counts for ever."""

    person: Named
    topic: str
    track: str
    role: str
    held_at: Moment
    expires_at: Moment | None


class TrainingWrite(Write):
    topic: Line
    trainer: Id
    held_at: When
    role: Word = ""
    article: Annotated[str, Text(40)] = ""
    invited: list[Id] = Field(default_factory=list, max_length=training.MOST)
    track: Word = ""
    place: Line = ""
    minutes: Annotated[int, Number(5, training.LONGEST_MINUTES)] = 60
    seats: Annotated[int, Number(0, training.MOST)] = 0
    valid_months: Annotated[int, Number(0, training.MOST_MONTHS)] = 0


class TrainingRecordWrite(Write):
    """That somebody was trained on a day that has passed; by whom, is the caller. `valid_months` 0 is for ever."""

    person: Id
    track: Literal[tuple(training.TRACKS)]  # type: ignore[valid-type]
    held_at: When
    topic: Annotated[str, Text(200)] = ""
    valid_months: Annotated[int, Number(0, training.MOST_MONTHS)] = 0


class RecordsAsked(Asked):
    person: Word = ""


class AttendanceWrite(Write):
    people: Annotated[list[Id], Field(min_length=1, max_length=training.MOST)]


@NOUN.get("", "incident.read", Page[Article])
def list_articles(request: Request, asked: Query[ArticlesAsked]) -> Page[Article]:
    """Articles with every word of `q`, the newest first."""
    rows = acts.articles(request.act.who, asked.q)
    return page(asked, rows, ("-created_at", "-id"), lambda found: [_article(request, r) for r in found])


@NOUN.post("", "review.edit", Article)
def write_article(request: Request, body: ArticleWrite) -> Article:
    """An article of your own."""
    return _article(request, acts.write(request.act, body.title, body.text))


@NOUN.get("/{article}", "incident.read", Article)
def get_article(request: Request, article: Id) -> Article:
    return _article(request, acts.find(article, request.act.who))


@NOUN.put("/{article}", "review.edit", Article)
def change_article(request: Request, article: Id, body: ArticlePut) -> Article:
    """A better text; by its author or an administrator. Author and source stay."""
    return _article(request, acts.change(request.act, article, body.title, body.text, body.note, body.teams))


@NOUN.get("/{article}/versions", "incident.read", list[ArticleVersion])
def list_article_versions(request: Request, article: Id) -> list[ArticleVersion]:
    """What it said before, the newest first."""
    found = acts.versions(acts.find(article, request.act.who).id)
    names = request.names.load(v.by for v in found)
    return [
        ArticleVersion(number=v.number, title=v.title, text=v.text, by=names.of(v.by), at=v.at) for v in found
    ]


@REVIEWS.post("", "review.edit", Article)
def make_article_of_review(request: Request, incident: IncidentId, body: PromotionWrite) -> Article:
    """Make an article of an agreed review; it keeps the incident as its source."""
    return _article(request, acts.from_review(request.act, incident, body.title))


@ENTRIES.post("", "review.edit", Article)
def promote_entry(request: Request, incident: IncidentId, entry: Id, body: PromotionWrite) -> Article:
    """Make an article of what somebody wrote in an incident; it keeps author and source."""
    return _article(request, acts.promote(request.act, incident, entry, body.title))


@TRAINING.get("", "person.read", list[Training])
def list_training(request: Request) -> list[Training]:
    """Training sessions, the newest first."""
    return [_session(request, r) for r in training.sessions()]


@TRAINING.post("", "person.edit", Training)
def plan_training(request: Request, body: TrainingWrite) -> Training:
    """A session that is to be held, or was."""
    made = training.plan(
        request.act, topic=body.topic, trainer=body.trainer, held_at=body.held_at, role=body.role,
        article=body.article, invited=body.invited,
        details=training.Details(body.track, body.place, body.minutes, body.seats, body.valid_months),
    )  # fmt: skip
    return _session(request, made)


@TRAINING.put("/{session}/attendance", "person.read", Training)
def attend_training(request: Request, session: Id, body: AttendanceWrite) -> Training:
    """Who was there. Where the session is for a role, they are certified for it. By its trainer, too."""
    return _session(request, training.attend(request.act, session, body.people))


@TRAINING.put("/{session}/seat", "person.read", Training)
def join_training(request: Request, session: Id) -> Training:
    """You come, too."""
    return _session(request, training.join(request.act, session))


@TRAINING.delete("/{session}/seat", "person.read", Training)
def leave_training(request: Request, session: Id) -> Training:
    """You do not come after all."""
    return _session(request, training.join(request.act, session, leave=True))


@TRAINING.delete("/{session}", "person.read", Training)
def call_off_training(request: Request, session: Id) -> Training:
    """It is not held; those who would have come are told. By its trainer, or with the right to change people."""
    return _session(request, training.call_off(request.act, session))


@RECORDS.get("", "person.read", list[TrainingRecord])
def list_training_records(request: Request, asked: Query[RecordsAsked]) -> list[TrainingRecord]:
    """What people have learnt and until when it counts, the newest first."""
    found = training.records([asked.person] if asked.person else [])
    names = request.names.load(r.person for r in found)
    return [
        TrainingRecord(
            person=names.of(r.person), topic=r.topic, track=r.track, role=r.role, held_at=r.held_at,
            expires_at=r.expires_at,
        )
        for r in found
    ]  # fmt: skip


@RECORDS.post("", "person.edit", list[TrainingRecord])
def record_training(request: Request, body: TrainingRecordWrite) -> list[TrainingRecord]:
    """Write down what somebody has learnt; everything they have learnt is the answer."""
    executive_training.record(
        request.act, body.person, track=body.track, held_at=body.held_at, topic=body.topic,
        valid_months=body.valid_months,
    )  # fmt: skip
    return list_training_records(request, RecordsAsked(person=body.person))


def _article(request: Request, r: models.KnowledgeArticle) -> Article:
    names = request.names.load((r.author, r.promoted_by, r.changed_by))
    return Article(
        id=r.id, title=r.title, text=r.text, author=names.of(r.author), incident=r.incident_id,
        entry=r.entry_id, promoted_by=names.maybe(r.promoted_by), created_at=r.created_at,
        changed_at=r.changed_at, changed_by=names.maybe(r.changed_by), sources=acts.sources(r, request.act.who),
        version=len(acts.versions(r.id)) + 1,
    )  # fmt: skip


def _session(request: Request, r: models.TrainingSession) -> Training:
    names = request.names.load((r.trainer, *r.invited, *r.joined, *r.attended))
    return Training(
        id=r.id, topic=r.topic, trainer=names.of(r.trainer), held_at=r.held_at, role=r.role, article=r.article,
        invited=[names.of(p) for p in r.invited], attended=[names.of(p) for p in r.attended],
        joined=[names.of(p) for p in r.joined], track=r.track, minutes=r.minutes, place=r.place, seats=r.seats,
        valid_months=r.valid_months, called_off_at=r.called_off_at,
    )  # fmt: skip
