"""Silences: alerts that match page nobody until the end."""

from __future__ import annotations

from typing import Annotated, Literal

from ninja import Query
from pydantic import Field

from quarterdeck.app.alerts import silences as acts
from quarterdeck.core.alerts.silence import MAX_MATCHERS, Matcher
from quarterdeck.core.kernel.refused import missing
from quarterdeck.store import models

from .doors import Request
from .fields import Flag, Id, Line, LongLine, Moment, Named, Read, Text, When, Write
from .operations import Noun
from .pages import Page, PageAsked, page

NOUN = Noun("Silences", "/silences")
Op = Literal["=", "!=", "in", "glob"]


class LabelMatcher(Read):
    """One condition on a label."""

    name: str
    op: Op
    value: str


class Silence(Read):
    """`standing` is whether it mutes anything now."""

    id: str
    matchers: list[LabelMatcher]
    starts_at: Moment
    ends_at: Moment
    ended_at: Moment | None
    standing: bool
    comment: str
    created_by: Named
    created_at: Moment


class MatcherWrite(Write):
    """`in` takes values separated by commas, `glob` knows * ? and [..]; service, severity and source ask the
    alert itself.
    """

    name: Annotated[str, Text(120, least=1)]
    op: Op = "="
    value: Line


class SilenceWrite(Write):
    """From now until `ends_at`, for at most 24 hours."""

    matchers: Annotated[list[MatcherWrite], Field(min_length=1, max_length=MAX_MATCHERS)]
    ends_at: When
    comment: LongLine


class SilencesAsked(PageAsked):
    standing: Flag = False


@NOUN.get("", "alert.read", Page[Silence])
def list_silences(request: Request, asked: Query[SilencesAsked]) -> Page[Silence]:
    """Silences, the newest first; `standing=true` for those that hold now."""
    rows = models.Silence.objects.all()
    if asked.standing:
        now = request.act.at
        rows = rows.filter(starts_at__lte=now, ends_at__gt=now, ended_at=None)
    return page(asked, rows, ("-id",), lambda found: [_told(request, r) for r in found])


@NOUN.post("", "alert.act", Silence)
def add_silence(request: Request, body: SilenceWrite) -> Silence:
    """Mute matching alerts from now on."""
    matchers = [Matcher(m.name, m.op, m.value) for m in body.matchers]
    return _told(request, acts.add_silence(request.act, matchers, body.ends_at, body.comment))


@NOUN.get("/{silence}", "alert.read", Silence)
def get_silence(request: Request, silence: Id) -> Silence:
    row = models.Silence.objects.filter(id=silence).first()
    if row is None:
        raise missing("silence.unknown", "There is no such silence. Reload the list.")
    return _told(request, row)


@NOUN.delete("/{silence}", "alert.act")
def end_silence(request: Request, silence: Id) -> None:
    """End a silence now; it stays in the list."""
    acts.end_silence(request.act, silence)


def _told(request: Request, row: models.Silence) -> Silence:
    standing = row.ended_at is None and row.starts_at <= request.act.at < row.ends_at
    return Silence(
        id=row.id,
        matchers=[LabelMatcher(**m) for m in row.matchers],
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        ended_at=row.ended_at,
        standing=standing,
        comment=row.comment,
        created_by=request.names.of(row.created_by),
        created_at=row.created_at,
    )
