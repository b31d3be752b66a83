"""The monthly rehearsal of contacts: whether there is one, one's own, and who has not confirmed the last."""

from __future__ import annotations

from typing import Annotated

from quarterdeck.app.paging import rehearsals as acts
from quarterdeck.core.kernel.refused import missing
from quarterdeck.store import models

from .doors import LOGIN, Request
from .fields import Moment, Named, Number, Read, Write, Yes
from .operations import Noun

NOUN = Noun("On call", "/rehearsals")
ME = Noun("On call", "/me/rehearsal")


class Rehearsals(Read):
    """`unconfirmed` were tried two days ago or longer."""

    on: bool
    unconfirmed: list[Named]


class RehearsalsWrite(Write):
    on: Yes


class RehearsedContact(Read):
    """One contact and its page: it is confirmed by answering that page."""

    contact: str
    name: str
    callout: str
    confirmed_at: Moment | None


class Rehearsal(Read):
    """`sent_at` empty: still ahead. `confirmed_at` is when the last contact was confirmed; `callout` is the first."""

    due_at: Moment
    sent_at: Moment | None
    confirmed_at: Moment | None
    postponed: int
    callout: str | None
    contacts: list[RehearsedContact]


class Postponement(Write):
    days: Annotated[int, Number(1, acts.LONGEST_DAYS)]


@NOUN.get("", "schedule.read", Rehearsals)
def get_rehearsals(request: Request) -> Rehearsals:
    """Whether contacts are rehearsed every month, and who has not confirmed."""
    late = [Named(id=o.person.id, name=o.person.name) for o in acts.unconfirmed(request.act.at)]
    return Rehearsals(on=acts.is_on(), unconfirmed=late)


@NOUN.put("", "settings.edit", Rehearsals)
def switch_rehearsals(request: Request, body: RehearsalsWrite) -> Rehearsals:
    """Rehearse every month, or no longer."""
    acts.switch(request.act, body.on)
    return get_rehearsals(request)


@ME.get("", LOGIN, Rehearsal)
def get_own_rehearsal(request: Request) -> Rehearsal:
    """One's newest rehearsal."""
    row = acts.newest(request.act.person)
    if row is None:
        raise missing("rehearsal.none", "There was no rehearsal of yours, and none is planned.")
    return _told(row)


@ME.put("/postponement", LOGIN, Rehearsal)
def postpone_rehearsal(request: Request, body: Postponement) -> Rehearsal:
    """Later, by up to a week and twice a month."""
    return _told(acts.postpone(request.act, body.days))


def _told(row: models.Rehearsal) -> Rehearsal:
    return Rehearsal(
        due_at=row.due_at, sent_at=row.sent_at, confirmed_at=acts.confirmed_at(row), postponed=row.postponed,
        callout=row.callout_id or None,
        contacts=[
            RehearsedContact(
                contact=t.contact, name=t.way, callout=t.callout.id, confirmed_at=t.callout.acknowledged_at
            )
            for t in acts.tried(row)
        ],
    )  # fmt: skip
