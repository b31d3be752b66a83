"""The digest a person gets by mail: what waits for them, with a link to answer each."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from quarterdeck.app.act import need_own
from quarterdeck.app.comms import digests
from quarterdeck.app.people import people
from quarterdeck.core.kernel.refused import missing

from .doors import LOGIN, Request
from .fields import Id, Number, Read, Write
from .operations import Noun

NOUN = Noun("People", "/people/{person}/digest")


class DigestRead(Read):
    """`hours` 0 is once a day, at `minute` of the person's own day."""

    hours: int
    minute: int
    set_at: datetime
    last_at: datetime | None


class DigestWrite(Write):
    """Every `hours` while an incident concerns them; 0 for once a day, at `minute`, where something waits."""

    hours: Annotated[int, Number(0, digests.MOST_HOURS)] = 0
    minute: Annotated[int, Number(0, 1439)] = 480


@NOUN.get("", LOGIN, DigestRead)
def get_digest(request: Request, person: Id) -> DigestRead:
    """One's own, or with the permission person.edit; 404 where none is taken."""
    need_own(request.act, person)
    return _found(people.find(person).id)


@NOUN.put("", LOGIN, DigestRead)
def set_digest(request: Request, person: Id, body: DigestWrite) -> DigestRead:
    digests.put(request.act, person, hours=body.hours, minute=body.minute)
    return _found(person)


@NOUN.delete("", LOGIN)
def end_digest(request: Request, person: Id) -> None:
    digests.clear(request.act, person)


def _found(person: str) -> DigestRead:
    row = digests.of(person)
    if row is None:
        raise missing("digest.none", "This person takes no digest.")
    return DigestRead.model_validate(row)
