"""One look at the product: whether it says that it does its work, and if not, for how long not. Changes nothing."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

SECONDS = 4.0


@dataclass(frozen=True)
class Word:
    """`why` is empty when all is well. `seconds` is how long it has not been, as far as the product says itself."""

    why: str = ""
    what: str = "silent"  # silent | unwatched | stale
    seconds: float = 0.0


def ask(url: str) -> Word:
    """Ask the address that shows life. Something other than our own JSON counts by its status alone."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(url, timeout=SECONDS) as answer:
            return judge(answer.status, answer.read(65536))
    except urllib.error.HTTPError as e:
        return judge(e.code, e.read(65536))
    except (OSError, ValueError):
        return Word("it does not answer")


def judge(status: int, body: bytes) -> Word:
    """What an answer means."""
    try:
        told = json.loads(body)
    except ValueError:
        told = {}
    told = told if isinstance(told, dict) else {}
    if status == 200 and told.get("pages") is not False:
        return Word()
    if told.get("store") == "unreachable":
        return Word("its database does not answer")
    if status != 200:
        age = _age(told, "engine_age_seconds")
        return Word("its engine is silent" if told else f"it answers {status}", seconds=age)
    why = str(told.get("why", ""))[:100]
    if why == "the auditor is silent":
        return Word("its auditor is silent", "unwatched", _age(told, "audit_age_seconds"))
    return Word(f"{why}, though it answers", seconds=_age(told, "synthetic_age_seconds"))


def _age(told: Mapping[str, Any], name: str) -> float:
    value = told.get(name)
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else 0.0


def of_snapshot(age_seconds: float | None, longest_seconds: float) -> Word:
    """A product that answers and no longer writes, or that writes from another time."""
    if not longest_seconds or age_seconds is None or -longest_seconds <= age_seconds <= longest_seconds:
        return Word()
    if age_seconds < 0:
        return Word("its snapshot comes from the future: a clock is wrong", "stale", -age_seconds)
    return Word("its snapshot is not written any more", "stale", age_seconds)
