"""How long incidents are kept: the retention time, legal holds, files taken back, and who read an incident."""

from __future__ import annotations

from typing import Annotated

from quarterdeck.app.casebook import Case, load
from quarterdeck.app.incidents import readings
from quarterdeck.app.upkeep import keeping as acts

from .doors import Request
from .fields import Id, IncidentId, LongLine, Moment, Named, Number, Read, Write
from .operations import Noun
from .pages import Page, whole

NOUN = Noun("Record", "/incidents/{incident}")
RETENTION = Noun("Record", "/retention")


class LegalHold(Read):
    """`lifted_at` null: nothing of the incident may be removed."""

    id: str
    reason: str
    placed_by: Named
    placed_at: Moment
    lifted_by: Named | None
    lifted_at: Moment | None
    lifted_reason: str


class IncidentReading(Read):
    """`what`: page, review (by people who had no part in the incident), record, report, file (by anybody)."""

    person: Named
    what: str
    member: bool
    first_at: Moment
    last_at: Moment
    times: int


class Purged(Read):
    """An incident that was removed: the length and last hash of its chain prove a copy of its record."""

    incident: str
    events: int
    head: str
    ended_at: Moment
    purged_at: Moment
    files: int


class Retention(Read):
    """`days` a closed incident is kept; 0 is for ever."""

    days: int
    purged: list[Purged]


class KeepingReasonWrite(Write):
    reason: LongLine


class RetentionWrite(Write):
    days: Annotated[int, Number(0, acts.MOST_DAYS)]


class TakenBack(Read):
    id: str
    name: str
    sha256: str
    taken_back_at: Moment
    taken_back_by: Named
    reason: str


@NOUN.get("/legal-hold", "incident.read", Page[LegalHold])
def list_holds(request: Request, incident: IncidentId) -> Page[LegalHold]:
    """Every legal hold there was, the standing one last."""
    return _holds(request, load(incident, request.act.who))


@NOUN.post("/legal-hold", "incident.read", Page[LegalHold])
def place_hold(request: Request, incident: IncidentId, body: KeepingReasonWrite) -> Page[LegalHold]:
    """Nothing of the incident may be removed. By an administrator, or who judges legal duties."""
    return _holds(request, acts.place_hold(request.act, incident, body.reason))


@NOUN.put("/legal-hold/end", "incident.read", Page[LegalHold])
def lift_hold(request: Request, incident: IncidentId, body: KeepingReasonWrite) -> Page[LegalHold]:
    """The usual time counts again."""
    return _holds(request, acts.lift_hold(request.act, incident, body.reason))


@NOUN.get("/readings", "incident.read", Page[IncidentReading])
def list_readings(request: Request, incident: IncidentId) -> Page[IncidentReading]:
    """Who read the incident from outside, and who took copies; for its commander and administrators."""
    rows = readings.listing(request.act, incident)
    names = request.names.load(r.person for r in rows)
    return whole(
        IncidentReading(
            person=names.of(r.person), what=r.what, member=r.member, first_at=r.first_at, last_at=r.last_at,
            times=r.times,
        )
        for r in rows
    )  # fmt: skip


@NOUN.put("/files/{file}/removal", "incident.read", TakenBack)
def take_back_file(request: Request, incident: IncidentId, file: Id, body: KeepingReasonWrite) -> TakenBack:
    """Remove the content of a file for good. Its name, size and hash stay in the record, with the reason."""
    gone = acts.take_back(request.act, incident, file, body.reason).incident.attachments[file]
    return TakenBack(
        id=gone.id, name=gone.name, sha256=gone.sha256, taken_back_at=gone.taken_back_at,
        taken_back_by=request.names.of(gone.taken_back_by), reason=gone.taken_back_reason,
    )  # fmt: skip


@RETENTION.get("", "settings.edit", Retention)
def get_retention(request: Request) -> Retention:
    """How long closed incidents are kept, and which were removed."""
    gone = [
        Purged(
            incident=r.id, events=r.events, head=r.head, ended_at=r.ended_at, purged_at=r.purged_at,
            files=r.files,
        )
        for r in acts.removed(200)
    ]  # fmt: skip
    return Retention(days=acts.days(), purged=gone)


@RETENTION.put("", "settings.edit", Retention)
def set_retention(request: Request, body: RetentionWrite) -> Retention:
    """How long from now on. 0: for ever."""
    acts.set_days(request.act, body.days)
    return get_retention(request)


def _holds(request: Request, case: Case) -> Page[LegalHold]:
    found = list(case.incident.aftermath.holds.values())
    names = request.names.load(p for h in found for p in (h.placed_by, h.lifted_by))
    return whole(
        LegalHold(
            id=h.id, reason=h.reason, placed_by=names.of(h.placed_by), placed_at=h.placed_at,
            lifted_by=names.maybe(h.lifted_by), lifted_at=h.lifted_at, lifted_reason=h.lifted_reason,
        )
        for h in found
    )  # fmt: skip
