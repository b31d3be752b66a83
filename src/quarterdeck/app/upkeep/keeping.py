"""How long incidents are kept: legal holds, files that are taken back, and the time after which a closed one goes."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from quarterdeck.core.access import Who
from quarterdeck.core.incidents import Event, Incident, Template
from quarterdeck.core.incidents import keeping as core
from quarterdeck.core.kernel.moments import parse, text
from quarterdeck.core.kernel.refused import Refused, bad
from quarterdeck.core.kernel.text import line
from quarterdeck.store import log, models, tx
from quarterdeck.store.ids import new_id

from .. import casebook
from ..act import Act, need
from ..casebook import Case
from ..incidents import attachments
from ..visibility import visible_incidents
from . import holds

NAME = "retention"
MOST_DAYS = 36_500
# How long a shorter time can be taken back before anything is removed by it: one mistaken or stolen account must not be
# able to empty the record within minutes.
GRACE = timedelta(days=7)
# A file that was taken back is looked for on this node's disk for so long after.
_SWEPT = timedelta(days=30)


def days() -> int:
    """How many days a closed incident is kept; 0 is for ever."""
    row = models.Preference.objects.filter(name=NAME).first()
    kept = row.value.get("days") if row is not None else 0
    return kept if isinstance(kept, int) and core.LEAST_DAYS <= kept <= MOST_DAYS else 0


def removes_from() -> datetime | None:
    """Before this nothing is removed, since the time was made shorter; None when it was not."""
    row = models.Preference.objects.filter(name=NAME).first()
    said = row.value.get("shortened_at") if row is not None else ""
    return parse(said) + GRACE if said else None


def set_days(act: Act, wanted: int) -> None:
    """For incidents that are closed already, too; a shorter time after a week of grace. 0 keeps all for ever."""
    need(act, "settings.edit")
    if wanted and not core.LEAST_DAYS <= wanted <= MOST_DAYS:
        message = f"Give 0 to keep them for ever, or {core.LEAST_DAYS} to {MOST_DAYS} days."
        raise bad("retention.days", message, days=message)
    with tx.write("web"):
        before = days()
        if before == wanted:
            return
        said: dict[str, object] = {"days": wanted}
        if wanted and (before == 0 or wanted < before):
            said["shortened_at"] = text(act.at)
        elif wanted and (since := removes_from()):
            said["shortened_at"] = text(since - GRACE)
        models.Preference.objects.update_or_create(name=NAME, defaults={"value": said})
        log.audit("RetentionSet", {"before": before, "after": wanted}, at=act.at, actor=act.person)


def holds_known_to(who: Who) -> int:
    """How many of the incidents that `who` may know of are held."""
    rows = models.LegalHoldRow.objects.filter(
        lifted_at=None, incident_id__in=visible_incidents(who).values("id")
    )
    return rows.count()


def removed(most: int) -> list[models.PurgedIncident]:
    """What was removed after its time, the last first. Of restricted incidents nobody is left who may know."""
    rows = models.PurgedIncident.objects.exclude(restricted=True)
    return list(rows.order_by("-purged_at", "-number")[:most])


def place_hold(act: Act, incident_id: str, reason: str) -> Case:
    key, why = new_id(), line(reason, 500)
    return casebook.change(
        act, incident_id, lambda i, t: core.place_hold(i, t, act.who, hold_id=key, reason=why)
    )


def lift_hold(act: Act, incident_id: str, reason: str) -> Case:
    why = line(reason, 500)
    return casebook.change(act, incident_id, lambda i, t: core.lift_hold(i, t, act.who, reason=why))


def take_back(act: Act, incident_id: str, file_id: str, reason: str) -> Case:
    """The content of a file is removed, on this machine now and on other nodes within minutes. Where another incident
    has the same file it stays until it is taken back there, too.
    """
    why = line(reason, 500)

    def decide(i: Incident, t: Template) -> Sequence[Event]:
        events = core.take_back_file(i, t, act.who, file_id=file_id, reason=why)
        if events and incident_id in holds.held():
            raise Refused(
                "hold.stands",
                f"An incident that {i.key} was merged with is under a legal hold: nothing of both is removed "
                "until that is lifted.",
            )
        return events

    case = casebook.change(act, incident_id, decide)
    attachments.remove_unless_used(case.incident.attachments[file_id].sha256)
    return case


def sweep(now: datetime) -> int:
    """Remove from this disk what was taken back elsewhere, or while the machine went down. Changes no table."""
    rows = models.AttachmentRow.objects.filter(taken_back_at__gt=now - _SWEPT).values_list(
        "sha256", flat=True
    )
    return sum(attachments.remove_unless_used(sha) for sha in set(rows))
