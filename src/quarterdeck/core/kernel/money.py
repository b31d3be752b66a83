"""Amounts of money: whole minor units (cents) and an ISO 4217 code. Never a float, never a conversion of currencies."""

from __future__ import annotations

import re

from .refused import bad

# Digits after the point; every other currency has two.
_WHOLE = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX VND VUV XAF XOF XPF"
_THOUSANDTHS = "BHD IQD JOD KWD LYD OMR TND"
_EXPONENTS = {**dict.fromkeys(_WHOLE.split(), 0), **dict.fromkeys(_THOUSANDTHS.split(), 3)}
_CODE = re.compile(r"[A-Z]{3}")
_AMOUNT = re.compile(r"(\d{1,13}|\d{1,3}(?:[,' ]\d{3})+)(?:\.(\d{1,3}))?", re.ASCII)
# Ten billion in a currency with cents: far above any incident, far below what a column holds.
MOST = 10**12
HOUR = 3600


def exponent(currency: str) -> int:
    """How many digits stand after the point."""
    return _EXPONENTS.get(currency, 2)


def code(text: str, field: str = "currency") -> str:
    """An ISO 4217 code in capitals. Refuses anything else with `<field>.code`."""
    found = text.strip().upper()
    if not _CODE.fullmatch(found):
        message = "Give the currency as three letters, such as EUR or USD."
        raise bad(f"{field}.code", message, **{field: message})
    return found


def minor(text: str, currency: str, field: str = "amount") -> int:
    """What somebody typed as minor units: "1,250.50" EUR is 125050. Refuses more digits than the currency has."""
    found = _AMOUNT.fullmatch(text.strip())
    digits = exponent(currency)
    cents = (found[2] or "") if found else ""
    if found is None or len(cents) > digits:
        like = "1250" if digits == 0 else f"1250.{'5'.ljust(digits, '0')}"
        message = f"Give an amount of {currency} such as {like}."
        raise bad(f"{field}.amount", message, **{field: message})
    whole = int(re.sub(r"[,' ]", "", found[1]))
    return within(whole * 10**digits + int(cents.ljust(digits, "0") or 0), field)


def within(amount: int, field: str = "amount", least: int = 0) -> int:
    """An amount in minor units from `least` to `MOST`. Refuses with `<field>.range`."""
    if not least <= amount <= MOST:
        message = f"Give an amount from {least} to {MOST} in the smallest unit of the currency."
        raise bad(f"{field}.range", message, **{field: message})
    return amount


def text(amount: int, currency: str) -> str:
    """As people read it: 125050 EUR is "1,250.50 EUR"."""
    digits = exponent(currency)
    whole, rest = divmod(abs(amount), 10**digits)
    point = f".{rest:0{digits}d}" if digits else ""
    return f"{'-' if amount < 0 else ''}{whole:,}{point} {currency}".strip()


def typed(amount: int, currency: str) -> str:
    """As a form takes it back: "1250.50"."""
    return text(amount, currency).partition(" ")[0].replace(",", "")


def units(amount: int, currency: str) -> int:
    """In whole units of money, rounded up."""
    one: int = 10 ** exponent(currency)
    return -(-amount // one)


def for_hours(unit_seconds: int) -> int:
    """Minor units for a sum of (minor units an hour x seconds): one rounding, half up, at the very end."""
    return (2 * unit_seconds + HOUR) // (2 * HOUR)
