"""Which days are public holidays in a country or one of its regions: looked up in the library, kept per region.

A region is a code such as DE or DE-BY. The core only ever sees dates.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Mapping
from datetime import date
from difflib import get_close_matches
from functools import cache

import holidays as library

from quarterdeck.core.kernel.refused import bad
from quarterdeck.core.kernel.text import line
from quarterdeck.core.oncall import Schedule
from quarterdeck.core.oncall.holidays import with_holidays

# Enough for any schedule that is looked at; fixed, so that a layer means the same in every process and year.
FIRST_YEAR, LAST_YEAR = 2015, 2045
LONGEST_CODE = 20


@cache
def regions() -> Mapping[str, str]:
    """Every code with what it is called, by name: "Germany", "Germany, BY"."""
    found: dict[str, str] = {}
    for country, parts in library.list_supported_countries(include_aliases=False).items():
        name = _country(country)
        found[country] = name
        found |= {
            f"{country}-{part}": f"{name}, {_part(country, part)}" for part in parts if _short(country, part)
        }
    return dict(sorted(found.items(), key=lambda item: item[1]))


def check(region: str) -> str:
    """A region as it is kept; "" for none. Refuses one that nobody knows, with a proposal."""
    region = line(region, 60).strip()
    known = regions()
    if not region or region in known:
        return region
    near = get_close_matches(region.upper(), [code.upper() for code in known], 1)
    by_name = {name.casefold(): code for code, name in known.items()}
    if region.casefold() in by_name:
        return by_name[region.casefold()]
    upper = {code.upper(): code for code in known}
    if region.upper() in upper:
        return upper[region.upper()]
    hint = f" Did you mean {upper[near[0]]}?" if near else ""
    raise bad(
        "holidays.region",
        f"No public holidays are known for {region[:30]!r}.{hint} Give a country or its part, such as DE or DE-BY.",
        region="unknown",
        holiday_region="unknown",
    )


@cache
def named(region: str) -> Mapping[date, str]:
    """The holidays of a region from 2015 to 2045 with their names; none for a region that is no longer known."""
    if region not in regions():
        return {}
    country, _, part = region.partition("-")
    years = range(FIRST_YEAR, LAST_YEAR + 1)
    with warnings.catch_warnings():
        # Of some countries the library knows fewer years, and says so.
        warnings.simplefilter("ignore")
        return dict(library.country_holidays(country, subdiv=part or None, years=years, language="en_US"))


@cache
def days(region: str) -> frozenset[date]:
    """The same as dates alone; always the same object, so that layers stay quick to compare."""
    return frozenset(named(region)) if region else frozenset()


def with_days(schedule: Schedule) -> Schedule:
    """The schedule with the days of the regions its layers name."""
    wanted = {layer.region for layer in schedule.layers if layer.region}
    return with_holidays(schedule, {region: days(region) for region in wanted}) if wanted else schedule


def between(region_codes: Iterable[str], first: date, last: date) -> dict[date, str]:
    """The holidays of several regions from one day to another, names joined where they differ."""
    found: dict[date, dict[str, None]] = {}
    for region in region_codes:
        for day, name in named(region).items() if region else ():
            if first <= day <= last:
                found.setdefault(day, {})[name] = None
    return {day: ", ".join(found[day]) for day in sorted(found)}


def _short(country: str, part: str) -> bool:
    return len(country) + len(part) < LONGEST_CODE and part.isascii()


@cache
def _country(code: str) -> str:
    kind = type(library.country_holidays(code))
    made = next((base.__name__ for base in kind.__mro__ if not base.__name__.isupper()), code)
    words = "".join(
        f" {c}" if c.isupper() and n and not made[n - 1].isupper() else c for n, c in enumerate(made)
    )
    return words.strip()


def _part(country: str, part: str) -> str:
    names = getattr(library.country_holidays(country), "subdivisions_aliases", {})
    found = next((name for name, code in names.items() if code == part), "")
    return f"{found} ({part})" if found else part
