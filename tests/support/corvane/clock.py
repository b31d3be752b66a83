"""The still clock of the gallery and its people."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

ZONE = ZoneInfo("Europe/Paris")
NOW = datetime(2026, 11, 18, 15, 27, 8, tzinfo=ZONE)


def at(text: str) -> datetime:
    """"15:04", "15:04:10", "Sat 09:00" (this week) or "2026-11-20 12:00" as a moment in the company's zone."""
    days = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]
    first, _, rest = text.partition(" ")
    if first in days:
        monday = NOW.date() - timedelta(days=NOW.weekday())
        return datetime.fromisoformat(f"{monday + timedelta(days=days.index(first))} {rest}").replace(tzinfo=ZONE)
    if "-" in first:
        return datetime.fromisoformat(text).replace(tzinfo=ZONE)
    return datetime.fromisoformat(f"{NOW.date()} {text}").replace(tzinfo=ZONE)


def later(**span: float) -> datetime:
    """A moment after the still clock: later(minutes=7, seconds=52)."""
    return NOW + timedelta(**span)


ANA = {"name": "Ana Ferreira", "initials": "AF", "me": True}
BEN, TOMASZ, YUKI, KWAME = "Ben Okonkwo", "Tomasz Wiśniewski", "Yuki Tanaka", "Kwame Mensah"
FATIMA, AOIFE, MEILING, PRIYA = "Fatima El-Sayed", "Aoife Ní Bhriain", "Mei-Ling Zhao", "Priya Raghunathan"
INGRID, DIMITRA, JOAQUIN, DMYTRO = "Ingrid Solheim", "Dimitra Papadaki", "Joaquín Herrera", "Dmytro Kovalenko"


def who(name: str) -> dict[str, str]:
    return {"name": name}
