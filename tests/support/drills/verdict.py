"""What must hold when a drill is over: from what clients were answered, what the store holds, what providers saw."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from ..load import Load
from ..smtp_sink import Mail

SHOWN = 5
# What an engine writes when work had to be taken apart, put off or set aside: no fault of a drill explains these.
POISONED = (
    "bodies are expanded one by one",
    "a body is set aside",
    "timers are fired one by one",
    "timer failed",
    "result lost",
)


def judge(loads: Sequence[Load], found: dict[str, Any], mails: Sequence[Mail]) -> list[str]:
    """Everything that is wrong, in sentences. `found` is `aftermath.collect`."""
    return _of_alerts(loads, found) + _of_paging(found, mails)


def _of_alerts(loads: Sequence[Load], found: dict[str, Any]) -> list[str]:
    raised, unsure, ended, acknowledged, written = (
        set[str]().union(*(getattr(load, name) for load in loads))
        for name in ("raised", "unsure", "ended", "acknowledged", "written")
    )
    alerts: dict[str, int] = found["alerts"]
    words = "\n".join(found["texts"])
    return [
        *_some("alerts were answered 2xx and are lost", raised - set(alerts)),
        *_some("alerts are there that nobody sent", set(alerts) - raised - unsure),
        *_some("alerts are there more than once", (s for s, n in alerts.items() if n != 1)),
        *_some("recoveries were answered 2xx and are lost", ended - set(found["resolved"])),
        *_some("acknowledgements were answered 2xx and are lost", acknowledged - set(found["acknowledged"])),
        *_some("timeline entries were answered 2xx and are lost", (t for t in written if t not in words)),
        *_some("bodies could not be read", range(found["unparsed"])),
    ]


def _of_paging(found: dict[str, Any], mails: Sequence[Mail]) -> list[str]:
    arrived = Counter(mail.id for mail in mails)
    bounds: dict[str, dict[str, Any]] = found["mails"]
    outside = {
        f"{name} ({bound['state']}): {arrived[name]}, not {bound['least']} to {bound['most']}"
        for name, bound in bounds.items()
        if not bound["least"] <= arrived[name] <= bound["most"]
    }
    return [
        *_some("open alerts have nobody who is called next, and no alarm", found["unwatched"]),
        *_some("pages were begun too often", found["too_many"]),
        *_some("pages were begun more than 5 s after the answer", found["after_the_answer"]),
        *_some("steps called one person twice", found["pages_twice"]),
        *_some("findings of the audit", found["findings"]),
        *_some("pages failed", range(found["deliveries"].get("failed", 0))),
        *_some("mails arrived that nobody sent", set(arrived) - set(bounds)),
        *_some("mails arrived too seldom or too often", outside),
        *_some("files are broken", found["broken_files"]),
    ]


def _some(what: str, those: Any) -> list[str]:
    all_of_them = sorted(map(str, those))
    if not all_of_them:
        return []
    more = f" and {len(all_of_them) - SHOWN} more" if len(all_of_them) > SHOWN else ""
    return [f"{len(all_of_them)} {what}: {', '.join(all_of_them[:SHOWN])}{more}"]


def poisoned(logs: Sequence[str]) -> list[str]:
    """Lines of these logs that tell of work which could not be done as it came."""
    lines = [
        line[:400] for log in logs for line in log.splitlines() if any(f'"{p}"' in line for p in POISONED)
    ]
    return _some("times work had to be taken apart or set aside", lines)


def twice(mails: Sequence[Mail]) -> int:
    """How many mails were not the first of their Message-ID."""
    names = [mail.id for mail in mails]
    return len(names) - len(set(names))


def waits(loads: Sequence[Load], found: dict[str, Any], mails: Sequence[Mail]) -> list[float]:
    """Seconds from an alert's 2xx to the beginning of its first page at the provider."""
    began: dict[str, float] = {}
    for mail in mails:
        began.setdefault(mail.id, mail.began_at)
    first: dict[str, float] = {}
    for summary, name in found["sends"]:
        if name in began:
            first[summary] = min(first.get(summary, began[name]), began[name])
    answered = {key: at for load in loads for key, at in load.raised_at.items()}
    return [at - answered[summary] for summary, at in first.items() if summary in answered]
