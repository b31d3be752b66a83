"""Texts and calls cost money: how many may leave in a day, and what they may cost, for the whole installation.

Urgent pages always go out, whatever was spent: beyond the limit they are an alarm. Everything else over these channels
then fails with the reason, so that the next contact is tried. A day is one of UTC.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from functools import cache
from typing import Any

from quarterdeck.channels import channels
from quarterdeck.core.kernel.refused import bad
from quarterdeck.core.kernel.text import line
from quarterdeck.store import log, models, tx

from ..act import Act, need
from ..health import alarms
from . import bundles
from .deliveries import failed

LIMIT, USE = "paid_limit", "paid_use"
ALARM, SUBJECT = "paid", "texts and calls"
MOST_SENDS, MOST_CENTS = 1_000_000, 100_000_000
Send = tuple[bundles.Bundle, Mapping[str, str]]


@dataclass(frozen=True, slots=True)
class Limit:
    """For a day: `sends` texts and calls together, `cents` by the prices given for one of each; 0 is no limit."""

    sends: int = 0
    cents: int = 0
    text_cents: int = 0
    call_cents: int = 0
    currency: str = "EUR"

    @property
    def is_set(self) -> bool:
        return bool(self.sends or self.cents)


@dataclass(frozen=True, slots=True)
class Use:
    """What left today, and how many sends the limit held back."""

    texts: int = 0
    calls: int = 0
    held: int = 0

    def cents(self, limit: Limit) -> int:
        return self.texts * limit.text_cents + self.calls * limit.call_cents


@cache
def kinds() -> Mapping[str, str]:
    """Channel → text or call, of those whose provider asks money for each send."""
    return {k: m.PAID for k, m in channels().items() if hasattr(m, "PAID")}


def limit() -> Limit:
    """The limit that is set; without one there is none."""
    row = models.Preference.objects.filter(name=LIMIT).first()
    return Limit(**row.value) if row is not None else Limit()


def used(now: datetime) -> Use:
    """What left since midnight, UTC."""
    row = models.Preference.objects.filter(name=USE).first()
    return _today(row.value if row is not None else {}, now)


def _today(kept: Mapping[str, Any], now: datetime) -> Use:
    if kept.get("day") != _day(now):
        return Use()
    return Use(kept.get("texts", 0), kept.get("calls", 0), kept.get("held", 0))


def _day(now: datetime) -> str:
    return now.astimezone(UTC).date().isoformat()


def is_over(wanted: Limit, use: Use, kind: str = "") -> bool:
    """Whether one more send of a kind ("" for none: whether the limit is used up) would go beyond the limit."""
    more = {"text": wanted.text_cents, "call": wanted.call_cents}.get(kind, 1)
    by_count = bool(wanted.sends) and use.texts + use.calls + 1 > wanted.sends
    return by_count or (bool(wanted.cents) and use.cents(wanted) + more > wanted.cents)


def set_limit(act: Act, wanted: Limit) -> None:
    """From now on, for today as well."""
    need(act, "settings.edit")
    if not 0 <= wanted.sends <= MOST_SENDS:
        raise bad(
            "paid.sends",
            f"Give 0 to {MOST_SENDS} texts and calls a day; 0 is no limit.",
            sends="out of range",
        )
    money = {"cents": wanted.cents, "text_cents": wanted.text_cents, "call_cents": wanted.call_cents}
    for name, cents in money.items():
        if not 0 <= cents <= MOST_CENTS:
            raise bad("paid.cents", "Give an amount of 0 or more; 0 is no limit.", **{name: "out of range"})
    if wanted.cents and not (wanted.text_cents or wanted.call_cents):
        text = "A limit in money needs to know what a text or a call costs: give its price."
        raise bad("paid.price", text, text_cents="missing")
    if not (len(wanted.currency) == 3 and wanted.currency.isascii() and wanted.currency.isalpha()):
        raise bad("paid.currency", "Give the currency by its three letters, such as EUR.", currency="unknown")
    with tx.write("engine", "web"):
        before, after = asdict(limit()), asdict(wanted) | {"currency": wanted.currency.upper()}
        if before != after:
            models.Preference.objects.update_or_create(name=LIMIT, defaults={"value": after})
            log.audit("PaidLimitSet", {"before": before, "after": after}, at=act.at, actor=act.person)
        if not is_over(Limit(**after), used(act.at)):
            alarms.clear_alarm(ALARM, SUBJECT, act.at)


def within(sends: Sequence[Send], now: datetime) -> list[Send]:
    """Those of these sends that may leave, in their order, counted; inside the claim's transaction."""
    known = kinds()
    if not any(b.carrier.channel in known for b, _ in sends):
        return list(sends)
    row, _ = models.Preference.objects.select_for_update().get_or_create(name=USE, defaults={"value": {}})
    wanted, use, kept = limit(), _today(row.value, now), []
    for bundle, subjects in sends:
        kind = known.get(bundle.carrier.channel)
        if kind is None:
            kept.append((bundle, subjects))
            continue
        over = is_over(wanted, use, kind)
        if over:
            alarms.raise_alarm(ALARM, SUBJECT, _alarm(wanted), now)
        if over and not any(_is_urgent(r) for r in bundle.rows):
            _hold(bundle.rows, now)
            use = Use(use.texts, use.calls, use.held + 1)
            continue
        kept.append((bundle, subjects))
        use = Use(use.texts + (kind == "text"), use.calls + (kind == "call"), use.held)
    models.Preference.objects.filter(name=USE).update(value={"day": _day(now)} | asdict(use))
    return kept


def _is_urgent(row: models.Delivery) -> bool:
    """A page that rings at night too: neither a test nor a code nor news."""
    return (
        row.cls == "page"
        and row.body.get("kind", "page") == "page"
        and row.body.get("urgency", "high") == "high"
    )


def _hold(rows: Sequence[models.Delivery], now: datetime) -> None:
    why = "The day's texts and calls are used up; only urgent pages still go out over this channel."
    for row in rows:
        models.Delivery.objects.filter(id=row.id, state="queued").update(
            state="cancelled", finished_at=now, error=line(why, 300)
        )
        failed(row, why, now)


def _alarm(wanted: Limit) -> str:
    return (
        f"The day's limit of {told(wanted)} is used up. Urgent pages still go out by text and phone and cost more; "
        "everything else goes another way or fails until midnight, UTC."
    )


def told(wanted: Limit) -> str:
    """The limit in words; "" for none."""
    found = [f"{wanted.sends:,} texts and calls"] if wanted.sends else []
    if wanted.cents:
        found.append(money(wanted.cents, wanted))
    return " or ".join(found)


def money(cents: int, wanted: Limit) -> str:
    return f"{cents // 100:,}.{cents % 100:02} {wanted.currency}"


def look(now: datetime) -> None:
    """The alarm of a day that is over is cleared."""
    if models.Alarm.objects.filter(kind=ALARM, cleared_at=None).exists() and not is_over(limit(), used(now)):
        with tx.write("web"):
            alarms.clear_alarm(ALARM, SUBJECT, now)
