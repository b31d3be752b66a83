"""Storms: pages about alerts for one contact go out as one, at most every 30 s; the first never waits.

One delivery of a bundle, its carrier, is sent and says what the others are about. What comes of it holds for all of
them, so each stays in the ledger with its own attempts. Other pages (a role to take, a page by hand) are never held.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection
from django.db.models import Q

from quarterdeck.core.alerts.signal import SEVERITIES
from quarterdeck.core.kernel.text import counted, line
from quarterdeck.store import bulk, models

from ..visibility import without_restricted
from .wording import UNKNOWN

APART = timedelta(seconds=30)
# More than these wait for the next page: a transaction is short, and nobody reads further at night.
MOST = 2_000
NAMED = 15
ANSWERED_AT_ONCE = 200


@dataclass(slots=True)
class Bundle:
    """What one send stands for: the carrier is the first of `rows`."""

    rows: list[models.Delivery]

    @property
    def carrier(self) -> models.Delivery:
        return self.rows[0]


def is_paced(row: models.Delivery) -> bool:
    """Whether a page may wait for others: it is about an alert."""
    return row.cls == "page" and bool(row.alert_id and row.callout_id and row.contact_id)


def bundled(rows: Sequence[models.Delivery], now: datetime) -> list[Bundle]:
    """What may go out now of these queued pages, inside the caller's transaction. The others are put off to the moment
    their contact is free; where somebody else is at a contact just now, they stay as they are.
    """
    of: dict[str, list[models.Delivery]] = {}
    for row in rows:
        of.setdefault(row.contact_id, []).append(row)
    free_at = _paces(sorted(of), now)
    found = []
    for contact, waiting in of.items():
        if contact not in free_at:
            continue
        if free_at[contact] > now:
            ids = [r.id for r in waiting]
            models.Delivery.objects.filter(id__in=ids, next_at__lt=free_at[contact]).update(
                next_at=free_at[contact]
            )
            continue
        found.append(Bundle(sorted(waiting, key=_first)))
    return found


def _first(row: models.Delivery) -> tuple[bool, int, bool, float]:
    """Who carried a bundle that failed carries it again, under the same key; else the most urgent and newest."""
    return row.bundle_id != row.id, -row.attempts, row.body.get("urgency") != "high", -row.next_at.timestamp()


def _paces(contacts: list[str], now: datetime) -> Mapping[str, datetime]:
    """When each contact is free, those that nobody else holds, held until the transaction ends."""
    known = set(models.Pace.objects.filter(contact_id__in=contacts).values_list("contact_id", flat=True))
    new = [models.Pace(contact_id=c, free_at=now) for c in contacts if c not in known]
    models.Pace.objects.bulk_create(new, ignore_conflicts=True)
    rows = models.Pace.objects.filter(contact_id__in=contacts)
    if connection.vendor == "postgresql":
        rows = rows.select_for_update(skip_locked=True)
    return dict(rows.values_list("contact_id", "free_at"))


def hold(contacts: Sequence[str], now: datetime) -> None:
    """These contacts are being paged: nothing more for 30 s."""
    models.Pace.objects.filter(contact_id__in=contacts).update(free_at=now + APART)


def free(contact: str, now: datetime) -> None:
    """Nothing reached this contact: the next try need not wait."""
    models.Pace.objects.filter(contact_id=contact).update(free_at=now)


def others(carrier_id: str) -> list[models.Delivery]:
    """What is under way with this carrier."""
    rows = models.Delivery.objects.filter(bundle_id=carrier_id, state="sending").exclude(id=carrier_id)
    return list(rows.defer("body").order_by("id"))


def mark(bundle: Bundle) -> None:
    """Write down who carries whom."""
    if len(bundle.rows) > 1:
        carrier = bundle.carrier.id
        bulk.update(models.Delivery, ("bundle_id",), [(carrier, r.id) for r in bundle.rows])
        for row in bundle.rows:
            row.bundle_id = carrier


def body_of(bundle: Bundle, subjects: Mapping[str, str]) -> Mapping[str, Any]:
    """The body of the carrier, saying what else it stands for. `subjects` by callout."""
    body: Mapping[str, Any] = bundle.carrier.body
    about = list({r.callout_id: r for r in bundle.rows}.values())
    if len(about) == 1:
        return body
    told = [dict(r.body.get("facts", [])) for r in about]
    lines = [
        " · ".join(
            x for x in ("•", _known(f, "Severity"), _known(f, "Service"), subjects.get(r.callout_id, "")) if x
        )
        for r, f in zip(about[:NAMED], told, strict=False)
    ]
    if len(about) > NAMED:
        lines.append(f"and {len(about) - NAMED} more: the link lists all of them.")
    alerts = counted(len(about), "alert")
    facts = {
        "Service": _several(told, "Service"),
        "Severity": _worst(told),
        "Symptom": alerts,
        "Impact": _several(told, "Impact"),
    }
    kept = [
        [label, facts.get(label, value)]
        for label, value in body.get("facts", [])
        if label not in ("Runbook", "Graphs")
    ]
    return {
        **body,
        "subject": line(f"[Page] {alerts}, first: {subjects.get(about[0].callout_id, '')}", 200),
        "text": "\n".join([f"This page stands for {alerts}.", "", *lines]),
        "facts": kept,
        "link_label": "See and acknowledge them",
    }


def _known(facts: Mapping[str, str], label: str) -> str:
    value = facts.get(label, "")
    return "" if value == UNKNOWN else value


def _several(told: Sequence[Mapping[str, str]], label: str) -> str:
    """The different values of a fact, the most frequent first."""
    counts = Counter(v for facts in told if (v := _known(facts, label)))
    names = [value for value, _ in counts.most_common(3)]
    more = len(counts) - len(names)
    return line(", ".join(names) + (f" and {more} more" if more > 0 else ""), 300) or UNKNOWN


def _worst(told: Sequence[Mapping[str, str]]) -> str:
    found = {_known(facts, "Severity") for facts in told}
    return next((s for s in SEVERITIES if s in found), "") or _several(told, "Severity")


def carried_with(callout_id: str, *, outside: bool = False) -> list[str]:
    """The callouts that went out on the same page as this one and still wait, this one left out. `outside`: for
    somebody who is not logged in, without those about restricted incidents.
    """
    mine = models.Delivery.objects.filter(callout_id=callout_id).exclude(bundle_id="")
    same = models.Delivery.objects.filter(bundle_id__in=mine.values("bundle_id")).values("callout_id")
    rows = models.Callout.objects.filter(Q(id__in=same), state="waiting").exclude(id=callout_id)
    if outside:
        rows = without_restricted(rows)
    return list(rows.order_by("id").values_list("id", flat=True))
