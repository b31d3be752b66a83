"""Silences: matching alerts page nobody until the end."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from quarterdeck.core.alerts.silence import Matcher, Silence, check
from quarterdeck.core.kernel.refused import bad, missing
from quarterdeck.core.kernel.text import line
from quarterdeck.store import log, models, tx
from quarterdeck.store.ids import new_id

from ..act import Act, need
from ..paging.directory import Directory
from .muting import mute


def standing(now: datetime) -> list[Silence]:
    """The silences that hold at `now`."""
    rows = list(models.Silence.objects.filter(starts_at__lte=now, ends_at__gt=now, ended_at=None))
    directory = Directory(now)
    directory.load_people({r.created_by for r in rows})
    return [from_row(r, directory) for r in rows]


def from_row(row: models.Silence, directory: Directory) -> Silence:
    """A silence as alerts meet it: whose it is stands there by name, since people read it in the alert's reason."""
    return Silence(
        id=row.id,
        matchers=tuple(Matcher(m["name"], m["op"], m["value"]) for m in row.matchers),
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        comment=row.comment,
        by=directory.name(row.created_by),
    )


def add_silence(act: Act, matchers: Sequence[Matcher], ends_at: datetime, comment: str) -> models.Silence:
    """Silence alerts that match all of `matchers` from now on, for at most 24 hours."""
    need(act, "alert.act")
    comment = line(comment, 500)
    if not comment:
        raise bad(
            "silence.comment_missing",
            "A silence needs a reason. Say why nobody should be paged.",
            comment="missing",
        )
    check(Silence("", tuple(matchers), act.at, ends_at, comment, act.person))
    with tx.write("web"):
        row = models.Silence.objects.create(
            id=new_id(),
            matchers=[{"name": m.name, "op": m.op, "value": m.value} for m in matchers],
            starts_at=act.at,
            ends_at=ends_at,
            comment=comment,
            created_by=act.person,
            created_at=act.at,
        )
        log.audit(
            "SilenceAdded",
            {"silence": row.id, "matchers": row.matchers, "comment": comment},
            at=act.at,
            actor=act.person,
        )
    mute(from_row(row, Directory(act.at)), act.at)
    return row


def end_silence(act: Act, silence_id: str) -> None:
    """End a silence now. Ending one that has ended changes nothing."""
    need(act, "alert.act")
    with tx.write("web"):
        row = models.Silence.objects.filter(id=silence_id).first()
        if row is None:
            raise missing("silence.unknown", "There is no such silence. Reload the list.")
        if row.ended_at is None and row.ends_at > act.at:
            models.Silence.objects.filter(id=silence_id).update(ended_at=act.at)
            log.audit("SilenceEnded", {"silence": silence_id}, at=act.at, actor=act.person)
