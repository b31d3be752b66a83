"""Notices: changes of how people work, whom they concern, and who has understood them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from django.db.models import Count, Q
from ninja import Query
from pydantic import Field

from quarterdeck.app.learning import notices as acts
from quarterdeck.store import models

from .doors import LOGIN, Request
from .fields import Flag, Id, Key, Moment, Named, Read, Text, Url, When, Write, Yes
from .operations import Noun
from .pages import Page, PageAsked, page

NOUN = Noun("Notices", "/notices")
_READ = "report.write"  # everybody but guests
Keys = Annotated[list[Key], Field(max_length=100)]


class NoticeRecord(Read):
    """`concerned` and `understood` count people; `failure` says why what was planned with it is not in force."""

    id: str
    kind: str
    subject: str
    version: str
    title: str
    note: str
    path: str
    effective_at: Moment
    planned: bool
    applied_at: Moment | None
    failure: str
    withdrawn_at: Moment | None
    concerned: int
    understood: int
    published_by: Named
    published_at: Moment


class NoticeReader(Read):
    """`understood_at` is empty until they said so."""

    person: Named
    told_at: Moment
    understood_at: Moment | None


class NoticeWrite(Write):
    """Whom it concerns: members of `teams`, people certified for `roles`, everybody `on_call`, or `everybody`."""

    title: Annotated[str, Text(acts.TITLE_LIMIT)]
    note: Annotated[str, Text(acts.NOTE_LIMIT)]
    url: Url = ""
    effective_at: When | None = None
    teams: Keys = Field(default_factory=list)
    roles: Keys = Field(default_factory=list)
    on_call: Yes = False
    everybody: Yes = False


class NoticesAsked(PageAsked):
    """`mine`: those that you have not understood yet."""

    mine: Flag = False


@NOUN.get("", _READ, Page[NoticeRecord])
def list_notices(request: Request, asked: Query[NoticesAsked]) -> Page[NoticeRecord]:
    """Notices, the newest first."""
    rows = acts.notices()
    if asked.mine:
        rows = rows.filter(id__in=[n.id for n in acts.waiting_for(request.act.person)])
    return page(asked, rows, ("-published_at", "-id"), lambda found: _all(request, found))


@NOUN.post("", "settings.edit", NoticeRecord)
def announce(request: Request, body: NoticeWrite) -> NoticeRecord:
    """Tell people of a change of something that is kept elsewhere."""
    audience = acts.Audience(body.teams, body.roles, body.on_call, body.everybody)
    made = acts.announce(
        request.act, body.title, body.note, audience, url=body.url, effective_at=body.effective_at
    )
    return _all(request, [made])[0]


@NOUN.get("/{notice}", _READ, NoticeRecord)
def get_notice(request: Request, notice: Id) -> NoticeRecord:
    return _all(request, [acts.find(notice)])[0]


@NOUN.get("/{notice}/readers", "person.read", Page[NoticeReader])
def list_notice_readers(request: Request, notice: Id, asked: Query[PageAsked]) -> Page[NoticeReader]:
    """Everybody whom it concerns, with whether they have understood."""
    rows = models.NoticeReceipt.objects.filter(notice=acts.find(notice))
    return page(asked, rows, ("person", "id"), lambda found: _readers(request, found))


@NOUN.put("/{notice}/acknowledgement", LOGIN, NoticeRecord)
def understand_notice(request: Request, notice: Id) -> NoticeRecord:
    """You have read it and understood."""
    return _all(request, [acts.understood(request.act, notice)])[0]


@NOUN.put("/{notice}/withdrawal", _READ)
def withdraw_notice(request: Request, notice: Id) -> None:
    """It asks for nobody's word any more. By whoever published it, or an administrator."""
    acts.withdraw(request.act, notice)


def _readers(request: Request, rows: Sequence[models.NoticeReceipt]) -> list[NoticeReader]:
    names = request.names.load(r.person for r in rows)
    return [
        NoticeReader(person=names.of(r.person), told_at=r.told_at, understood_at=r.understood_at)
        for r in rows
    ]


def _all(request: Request, rows: Sequence[models.Notice]) -> list[NoticeRecord]:
    names = request.names.load(r.published_by for r in rows)
    counted = (
        models.NoticeReceipt.objects.filter(notice__in=[r.id for r in rows]).order_by().values("notice_id")
    )
    counts = {
        c["notice_id"]: c
        for c in counted.annotate(n=Count("id"), done=Count("id", filter=~Q(understood_at=None)))
    }
    return [
        NoticeRecord(
            id=r.id, kind=r.kind, subject=r.subject, version=r.version, title=r.title, note=r.note, path=r.path,
            effective_at=r.effective_at, planned=bool(r.files), applied_at=r.applied_at, failure=r.failure,
            withdrawn_at=r.withdrawn_at, concerned=counts.get(r.id, {}).get("n", 0),
            understood=counts.get(r.id, {}).get("done", 0), published_by=names.of(r.published_by),
            published_at=r.published_at,
        )
        for r in rows
    ]  # fmt: skip
