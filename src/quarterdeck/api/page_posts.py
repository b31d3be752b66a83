"""Posts on a status page without an incident: made, read, put into other languages; and texts to start from."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from ninja import Query
from pydantic import Field

from quarterdeck.app.status import page_languages, page_posts, page_words, post_templates, publishing
from quarterdeck.app.status.status_pages import find_page
from quarterdeck.core.status.posting import BODY_LIMIT, ENDS, KINDS, TITLE_LIMIT, WORDS, Written
from quarterdeck.store import models

from . import tokens
from .doors import Request
from .fields import Id, Key, Line, Moment, Read, Text, When, Word, Write, Yes
from .operations import Noun
from .pages import Page, PageAsked, page, whole

NOUN = Noun("Status pages", "/status-pages")
TEMPLATES = Noun("Status pages", "/post-templates")
PostKind = Literal[KINDS]  # type: ignore[valid-type]
PostWord = Literal[WORDS]  # type: ignore[valid-type]
NextWord = Literal[(*WORDS, *ENDS)]  # type: ignore[valid-type]
Title = Annotated[str, Text(TITLE_LIMIT)]
Body = Annotated[str, Text(BODY_LIMIT, least=1)]
Language = Annotated[str, Text(12, pattern=r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8})?$")]


class Words(Read):
    title: str
    body: str


class PagePost(Read):
    """`ref` is the public id of what it is about, the same for all posts about it. `source` says where it came from:
    hand, maintenance or import. `components` are ids and the states they were put in.
    """

    id: str
    page: str
    ref: str
    kind: PostKind
    source: str
    title: str
    status: str
    body: str
    language: str
    at: Moment
    components: dict[str, str]
    next_update_at: Moment | None
    started_at: Moment | None
    corrects: str
    retroactive: bool
    words: dict[str, Words]


class PagePostWrite(Write):
    """Without `ref` it is something new: it takes a title and the reason why no incident is declared. With
    `started_at` and `ended_at` it is over and entered later. `tell` says whether subscribers hear of it: they do,
    but not of what is entered later. `break_glass` is why somebody posts who may not while an incident is told there.
    Maintenance that was imported is ended by `completed` or `cancelled`.
    """

    body: Body
    title: Title = ""
    status: NextWord | None = None
    kind: PostKind = "update"
    ref: Annotated[str, Text(40)] = ""
    corrects: Annotated[str, Text(40)] = ""
    components: Annotated[dict[Id, Word], Field(max_length=500)] = Field(default_factory=dict)
    next_update_at: When | None = None
    started_at: When | None = None
    ended_at: When | None = None
    reason: Line = ""
    language: Annotated[str, Text(12)] = ""
    tell: Yes | None = None
    break_glass: Line = ""


class WordsWrite(Write):
    """`break_glass` is why somebody writes who may not while an incident is told on the page."""

    body: Body
    title: Title = ""
    break_glass: Line = ""


class Untranslated(Read):
    """`post` is of a post of the page or of a released message on it."""

    post: str
    ref: str
    title: str
    language: str


class PostTemplate(Read):
    id: str
    name: str
    title: str
    body: str
    status: str


class PostTemplateWrite(Write):
    """Fields in the text are {{ page }}, {{ components }} and {{ time }}."""

    name: Annotated[str, Text(120, least=1)]
    title: Title = ""
    body: Body
    status: PostWord = WORDS[0]


class PostsAsked(PageAsked):
    ref: Annotated[str, Text(40)] = ""


@NOUN.get("/{page_key}/posts", "status.read", Page[PagePost])
def list_page_posts(request: Request, page_key: Key, asked: Query[PostsAsked]) -> Page[PagePost]:
    """Posts of a page without an incident, newest first; `ref` for those about one thing."""
    rows = models.PagePost.objects.select_related("page").filter(page=find_page(page_key))
    if asked.ref:
        rows = rows.filter(incident_ref=asked.ref)
    return page(asked, rows, ("-id",), _shapes)


@NOUN.post("/{page_key}/posts", "status.edit", PagePost, openapi_extra=tokens.header("Posts"))
def create_page_post(request: Request, page_key: Key, body: PagePostWrite) -> PagePost:
    """Post on a page. While an open incident is told on it, only who publishes there for the incident may."""
    said = body.model_dump()
    ref, tells, word = said.pop("ref"), said.pop("tell"), said.pop("status")
    glass = said.pop("break_glass")
    made = page_posts.post(
        request.act,
        page_key,
        Written(**said, status_word=word or ""),
        ref=ref,
        token=tokens.token(request),
        tells=tells,
        break_glass=glass,
    )
    return _shapes([page_posts.find(page_key, made.id)])[0]


@NOUN.get("/{page_key}/posts/{post}", "status.read", PagePost)
def get_page_post(request: Request, page_key: Key, post: Id) -> PagePost:
    return _shapes([page_posts.find(page_key, post)])[0]


@NOUN.put("/{page_key}/posts/{post}/words/{language}", "status.edit", Words)
def put_post_words(request: Request, page_key: Key, post: Id, language: Language, body: WordsWrite) -> Words:
    """A post in one more language, a released message's as well. The original stands; nobody is told again."""
    made = page_words.translate(
        request.act, page_key, post, language, body.title, body.body, body.break_glass
    )
    return Words.model_validate(made)


@NOUN.get("/{page_key}/untranslated", "status.read", Page[Untranslated])
def list_untranslated(request: Request, page_key: Key) -> Page[Untranslated]:
    """Posts about what is open that are not told in a language of the page yet."""
    row = find_page(page_key)
    shown = publishing.page_snapshot(row, request.act.at, history=False)
    found = page_languages.pending(shown, page_languages.languages(row))
    return whole(Untranslated(post=p.post_id, ref=p.ref, title=p.title, language=p.language) for p in found)


@TEMPLATES.get("", "status.read", Page[PostTemplate])
def list_post_templates(request: Request) -> Page[PostTemplate]:
    return whole(_template(r) for r in models.PostTemplate.objects.all())


@TEMPLATES.post("", "status.edit", PostTemplate)
def create_post_template(request: Request, body: PostTemplateWrite) -> PostTemplate:
    return _template(post_templates.keep(request.act, body.name, body.title, body.body, body.status))


@TEMPLATES.put("/{template}", "status.edit", PostTemplate)
def change_post_template(request: Request, template: Id, body: PostTemplateWrite) -> PostTemplate:
    return _template(
        post_templates.keep(request.act, body.name, body.title, body.body, body.status, template)
    )


@TEMPLATES.delete("/{template}", "status.edit")
def remove_post_template(request: Request, template: Id) -> None:
    post_templates.remove(request.act, template)


def _template(row: models.PostTemplate) -> PostTemplate:
    return PostTemplate(id=row.id, name=row.name, title=row.title, body=row.body, status=row.status_word)


def _shapes(rows: list[models.PagePost]) -> list[PagePost]:
    words: dict[str, dict[str, Words]] = {}
    for w in models.PostWords.objects.filter(post_id__in=[r.id for r in rows]):
        words.setdefault(w.post_id, {})[w.language] = Words(title=w.title, body=w.body)
    same: tuple[str, ...] = (
        "id", "kind", "source", "title", "body", "language", "at", "components", "next_update_at", "started_at",
        "corrects", "retroactive",
    )  # fmt: skip
    return [
        PagePost(
            **{name: _plain(r, name) for name in same},
            page=r.page.key, ref=r.incident_ref, status=r.status_word, words=words.get(r.id, {}),
        )
        for r in rows
    ]  # fmt: skip


def _plain(row: models.PagePost, name: str) -> Any:
    return getattr(row, name)
