"""The first question of every decision: is the incident in a state, and the text in a shape, to go on?"""

from __future__ import annotations

from datetime import date, datetime
from typing import TypeVar

from quarterdeck.core.kernel.refused import Refused, missing

from .state import Incident

T = TypeVar("T")
EARLIEST_YEAR, LATEST_YEAR = 1971, 2199


def not_ended(incident: Incident) -> None:
    """Refuses on an incident that was never declared, is closed or was dismissed."""
    if not incident.number:
        raise missing("incident.unknown", "There is no such incident. Look it up in the list of incidents.")
    if incident.has_ended:
        raise Refused(
            "incident.ended",
            f"{incident.key} is {incident.phase}. Declare a new incident, or go on in its review.",
        )


def unfit(code: str, field: str, message: str) -> Refused:
    """What was sent in one field cannot be used as it is."""
    return Refused(code, message, kind="bad", fields={field: message})


def filled(text: str, field: str, message: str) -> str:
    """The text without outer white space. Refuses with `<field>.missing` when nothing is left."""
    text = text.strip()
    if not text:
        raise unfit(f"{field}.missing", field, message)
    return text


def one_line(text: str, field: str, limit: int) -> str:
    """One line of at most `limit` characters. Refuses otherwise; nothing is cut silently."""
    text = text.strip()
    if "\n" in text:
        message = f"The {field} has several lines. Put one line here and the rest into the text."
        raise unfit(f"{field}.lines", field, message)
    if len(text) > limit:
        message = f"The {field} has {len(text)} characters; {limit} fit. Shorten it."
        raise unfit(f"{field}.long", field, message)
    return text


def not_later(moment: datetime, at: datetime, field: str) -> None:
    """Refuses a moment that has not come yet."""
    if moment > at:
        message = "This time lies in the future. Give a time that has passed, or leave it out for now."
        raise unfit(f"{field}.future", field, message)


def calendar_day(text: str, field: str = "due_on") -> str:
    """A date as it is written down. What lies outside a lifetime is a mistake, and no reckoning could go on from it."""
    try:
        found = date.fromisoformat(text.strip())
    except ValueError as e:
        raise unfit(f"{field}.unknown", field, "Give a date such as 2026-12-01.") from e
    if not EARLIEST_YEAR <= found.year <= LATEST_YEAR:
        raise unfit(
            f"{field}.range", field, f"Give a date between the years {EARLIEST_YEAR} and {LATEST_YEAR}."
        )
    return found.isoformat()


def known(part: T | None, code: str, what: str) -> T:
    """The part. Refuses with `<code>` when it does not exist."""
    if part is None:
        raise missing(code, f"There is no such {what} in this incident. Reload the page and choose again.")
    return part
