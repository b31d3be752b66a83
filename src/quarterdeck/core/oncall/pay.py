"""What hours on call and callouts are worth: a share or an amount per hour of each kind, and an amount per callout.

Money is whole hundredths of the currency; each row is rounded once, so the sum of the rows is the sum.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import timedelta
from typing import Any, Literal

from quarterdeck.core.kernel.refused import bad

from .payroll import PayRow

Kind = Literal["share", "amount"]
KINDS = ("weekday", "night", "weekend", "holiday")
MOST_PERCENT = 1000
MOST_CENTS = 10_000_000
_MICRO = timedelta(microseconds=1)
_HOUR_MICROS = timedelta(hours=1) // _MICRO


@dataclass(frozen=True, slots=True)
class Rate:
    """What one hour counts: `percent` of itself (kind share), or `cents` of money (kind amount)."""

    kind: Kind = "share"
    percent: int = 100
    cents: int = 0


@dataclass(frozen=True, slots=True)
class PayRules:
    """One rate for each kind of hour; a moment is of one kind: a holiday before a weekend before a night."""

    weekday: Rate = Rate()
    night: Rate = Rate()
    weekend: Rate = Rate()
    holiday: Rate = Rate(percent=200)
    callout_cents: int = 0
    currency: str = "EUR"


@dataclass(frozen=True, slots=True)
class Worth:
    """What one row is worth: time weighed by the shares, and money from the amounts and callouts."""

    counted: timedelta
    cents: int


def worth(row: PayRow, rules: PayRules, callouts: int = 0) -> Worth:
    """The hours of a row and its callouts under the rules. An hour that is paid by amount counts as no weighed time."""
    counted, money = timedelta(0), callouts * rules.callout_cents * _HOUR_MICROS
    for span, rate in (
        (row.by_day, rules.weekday),
        (row.by_night, rules.night),
        (row.on_weekend, rules.weekend),
        (row.on_holiday, rules.holiday),
    ):
        if not span:
            continue
        if rate.kind == "share":
            counted += span * rate.percent / 100
        else:
            money += span // _MICRO * rate.cents
    return Worth(counted, (money + _HOUR_MICROS // 2) // _HOUR_MICROS)


def check_rules(rules: PayRules) -> None:
    """Refuses shares and amounts that cannot be meant."""
    for kind in KINDS:
        rate: Rate = getattr(rules, kind)
        if not 0 <= rate.percent <= MOST_PERCENT:
            text = f"An hour counts between 0 and {MOST_PERCENT} percent. Choose such a number."
            raise bad("pay.percent", text, **{kind: text})
        if not 0 <= rate.cents <= MOST_CENTS:
            text = f"An hour is worth between 0 and {MOST_CENTS // 100:,}. Choose such an amount."
            raise bad("pay.amount", text, **{kind: text})
    if not 0 <= rules.callout_cents <= MOST_CENTS:
        text = f"A callout is worth between 0 and {MOST_CENTS // 100:,}. Choose such an amount."
        raise bad("pay.callout", text, callout=text)
    if not (len(rules.currency) == 3 and rules.currency.isascii() and rules.currency.isupper()):
        text = "Give the currency by its three letters, such as EUR."
        raise bad("pay.currency", text, currency=text)


def rules_data(rules: PayRules) -> dict[str, Any]:
    told: dict[str, Any] = {
        kind: {"kind": rate.kind, "percent": rate.percent, "cents": rate.cents}
        for kind in KINDS
        for rate in (getattr(rules, kind),)
    }
    return told | {"callout_cents": rules.callout_cents, "currency": rules.currency}


def rules_of(data: Mapping[str, Any]) -> PayRules:
    """Rules from their data; what is not said is as usual."""
    usual = PayRules()
    rates = {
        kind: Rate(**{f.name: data[kind].get(f.name, f.default) for f in fields(Rate)})
        if kind in data
        else getattr(usual, kind)
        for kind in KINDS
    }
    return PayRules(
        **rates,
        callout_cents=data.get("callout_cents", 0),
        currency=data.get("currency", usual.currency),
    )
