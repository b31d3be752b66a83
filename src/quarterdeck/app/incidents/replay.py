"""An incident as it looked at any instant, for whoever may read it now. Reads only.

States on the way are kept in memory, each under the hash of its last event, so that a slider is answered at once.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Max, Min

from quarterdeck.core.access import Who
from quarterdeck.core.incidents import Incident, Stamped, evolve
from quarterdeck.core.incidents.instants import TURNS
from quarterdeck.core.kernel.refused import missing
from quarterdeck.store import codec, log, models

from .. import casebook
from ..casebook import Case
from ..visibility import must_see
from . import pins

_EVERY, _MOST_KEPT, LINES = 200, 600, 60
_kept: OrderedDict[tuple[str, int], tuple[str, Incident]] = OrderedDict()
_lock = threading.Lock()


@dataclass(frozen=True, slots=True)
class Turn:
    """An event that changed the course: a mark on the slider."""

    seq: int
    at: datetime
    kind: str


@dataclass(frozen=True, slots=True)
class Instant:
    """`case`: as it was known at `at`. `recent`: the last events until then. `first` and `last` bound the record."""

    case: Case
    at: datetime
    first: datetime
    last: datetime
    events: int
    recent: tuple[Stamped, ...]
    turns: tuple[Turn, ...]


def at(incident_id: str, who: Who, instant: datetime | None) -> Instant:
    """The incident as it was known at `instant` (None: at its end). Before its declaration: as it was declared.

    Whoever may not read it today is told that it does not exist, whatever it was then.
    """
    must_see(who, incident_id)
    events = models.Event.objects.filter(stream=incident_id)
    ends = events.aggregate(first=Min("at"), last=Max("at"))
    if ends["first"] is None or not models.TemplatePin.objects.filter(incident_id=incident_id).exists():
        raise missing("incident.unknown", "There is no such incident. Look it up in the list of incidents.")
    moment = max(ends["first"], min(instant or ends["last"], ends["last"]))
    seq = events.filter(at__lte=moment).aggregate(seq=Max("seq"))["seq"]
    state = _folded(incident_id, seq)
    marks = events.filter(kind__in=TURNS).order_by("seq").values_list("seq", "at", "kind")
    return Instant(
        case=casebook.Case(state, pins.at(incident_id, seq)),
        at=moment,
        first=ends["first"],
        last=ends["last"],
        events=seq,
        recent=tuple(codec.decode(e) for e in log.read(incident_id, max(0, seq - LINES)) if e.seq <= seq),
        turns=tuple(Turn(*mark) for mark in marks),
    )


def forget() -> None:
    """Let go of every state that is kept; the next look folds from the beginning."""
    with _lock:
        _kept.clear()


def _folded(incident_id: str, seq: int) -> Incident:
    """The fold of the first `seq` events, from the nearest state that is kept."""
    begun, state = _nearest(incident_id, seq)
    rows = models.Event.objects.filter(stream=incident_id, seq__gt=begun, seq__lte=seq).order_by("seq")
    for entry in log.entries(rows):
        state = evolve(state, codec.decode(entry))
        if entry.seq % _EVERY == 0:
            _keep(incident_id, entry.seq, entry.hash, state)
    return state


def _nearest(incident_id: str, seq: int) -> tuple[int, Incident]:
    for place in range(seq - seq % _EVERY, 0, -_EVERY):
        with _lock:
            kept = _kept.get((incident_id, place))
            if kept is not None:
                _kept.move_to_end((incident_id, place))
        if kept is None:
            continue
        # Another store, or one that was put back, may have other events under the same numbers.
        found = models.Event.objects.filter(stream=incident_id, seq=place).values_list("hash", flat=True)
        if found.first() == kept[0]:
            return place, kept[1]
    return 0, Incident()


def _keep(incident_id: str, seq: int, digest: str, state: Incident) -> None:
    with _lock:
        _kept[incident_id, seq] = (digest, state)
        _kept.move_to_end((incident_id, seq))
        while len(_kept) > _MOST_KEPT:
            _kept.popitem(last=False)
