"""What those who watch the pager know, in figures for programs and in checks for people. Reads only."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.db.models import Count

from quarterdeck.channels import channels
from quarterdeck.core.kernel.moments import parse, spoken
from quarterdeck.core.kernel.text import counted
from quarterdeck.store import models

from ..alerts import source_counts
from . import audit, nodes, probes, selftests, synthetic
from .health_finding import Finding, fault, ok, warning

STALE = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Figures:
    """Seconds, counts and verdicts; `None` where nothing is known yet."""

    audit_seconds: float | None = None
    findings: int | None = None
    broken: int | None = None
    late: nodes.Lateness = field(default_factory=nodes.Lateness)
    page_age_seconds: float | None = None
    page_seconds: float | None = None
    page_well: bool | None = None
    alarms: Mapping[str, int] = field(default_factory=dict)
    channels: Mapping[str, bool] = field(default_factory=dict)
    sources: Sequence[source_counts.Source] = ()


def figures(now: datetime) -> Figures:
    """A handful of look-ups, each by an index."""
    look, page = audit.newest(), synthetic.newest()
    standing = (
        models.Alarm.objects.filter(cleared_at=None).order_by().values_list("kind").annotate(n=Count("pk"))
    )
    tried = {kind: _last_result(kind) for kind in probes.contacts()}
    return Figures(
        audit_seconds=look.ms / 1000 if look else None,
        findings=look.findings if look else None,
        broken=look.broken if look else None,
        late=nodes.lateness(now),
        page_age_seconds=(now - page.ended_at).total_seconds() if page and page.ended_at else None,
        page_seconds=page.late_ms / 1000 if page and page.late_ms is not None else None,
        page_well=page.well if page else None,
        alarms=dict(standing),
        channels={kind: run.well for kind, run in tried.items() if run is not None and run.well is not None},
        sources=source_counts.everything(),
    )


def _last_result(kind: str) -> models.ProbeRun | None:
    return models.ProbeRun.objects.filter(kind=kind).exclude(ended_at=None).order_by("-started_at").first()


def look(now: datetime) -> list[Finding]:
    """The checks, in the order to read them."""
    node = nodes.newest("auditor")
    detail: Mapping[str, Any] = node.detail if node is not None else {}
    return [
        *_auditor(now),
        *_page(now),
        *_channels(now),
        *source_counts.look(now),
        *selftests.look(now),
        *_ping(detail.get("ping") or {}, now),
        *_buddy(detail.get("buddy") or {}, now),
    ]


def _auditor(now: datetime) -> Iterator[Finding]:
    last = audit.newest()
    if last is None or now - last.ended_at > STALE:
        since = f"for {spoken(now - last.ended_at)}" if last else "yet"
        text = f"Nothing has checked {since} whether due pages went out."
        yield warning("auditor", text, "Run quarterdeck serve, or look at its log.")
        return
    took = f"{last.ms:.0f} ms" if last.ms >= 1 else "less than 1 ms"
    text = f"Every promise of paging was checked {spoken(now - last.ended_at)} ago, in {took}"
    if last.findings:
        found = counted(last.findings, "finding")
        yield fault("auditor", f"{text}: {found}.", "Each is an alarm above; mend the cause.")
    else:
        yield ok("auditor", f"{text}: no finding.")


def _page(now: datetime) -> Iterator[Finding]:
    last = synthetic.newest()
    if last is None or last.ended_at is None:
        yield warning(
            "synthetic page",
            "None has come back yet.",
            "Wait a minute after the start, then look at the log.",
        )
        return
    age = now - last.ended_at
    if not last.well:
        yield fault("synthetic page", last.text, "Pages may not go out: look at the log of web and engine.")
    elif age > STALE:
        yield warning(
            "synthetic page", f"The last came back {spoken(age)} ago.", "Look at the auditor's log."
        )
    else:
        seconds = (last.late_ms or 0) / 1000
        text = f"The last went through journal, timer and outbox in {seconds:.1f} s, {spoken(age)} ago."
        yield ok("synthetic page", text)


def _channels(now: datetime) -> Iterator[Finding]:
    wanted = probes.contacts()
    for kind in settings.QUARTERDECK_CHANNELS:
        if kind not in channels() or _needs_no_probe(channels()[kind]):
            continue
        title = f"test: {channels()[kind].NAME}"
        if kind not in wanted:
            yield warning(
                title, "Not probed: nobody would notice a provider that takes pages and drops them.",
                f"Name a test contact in quarterdeck.toml under [probe]: {kind} = \"…\"",
            )  # fmt: skip
        else:
            yield _probe(title, _last_result(kind), now)


def _needs_no_probe(module: object) -> bool:
    """It leads nowhere, or only to devices of people: no contact of a test could stand for them."""
    return bool(getattr(module, "STAYS_INSIDE", False) or getattr(module, "BY_DEVICE", False))


def _probe(title: str, last: models.ProbeRun | None, now: datetime) -> Finding:
    if last is None:
        return ok(title, "The first daily test is under way.")
    ago = spoken(now - last.started_at)
    if not last.well:
        return fault(
            title, f"The test {ago} ago failed: {last.text}", "Mend it; it is tried again every 15 min."
        )
    until = parse(str(last.detail.get("certificate_until", "")))
    left = probes.days_left(until, now)
    if left is not None and left <= max(probes.WARN_DAYS):
        text = f"The test {ago} ago succeeded; the server's certificate ends in {counted(left, 'day')}."
        return warning(title, text, "Renew the certificate: without one nothing is sent.")
    tail = f" The server's certificate is good for {left} days." if left is not None else ""
    return ok(title, f"The test {ago} ago succeeded.{tail}")


def _ping(state: Mapping[str, Any], now: datetime) -> Iterator[Finding]:
    url: str = settings.QUARTERDECK.ping_url
    if not url:
        yield warning(
            "outside ping", "Nobody outside would notice the loss of this whole machine.",
            "Set ping_url to a check of a dead man's switch elsewhere, or watch with a [buddy].",
        )  # fmt: skip
        return
    where, sent = urlsplit(url).hostname, parse(str(state.get("sent_at", "")))
    if state.get("failures"):
        yield fault(
            "outside ping", f"{where} cannot be told: {state.get('why')}", "Check ping_url and the way out."
        )
    elif state.get("why"):
        text = f"Held back, so that {where} tells people: {state['why']}"
        yield warning("outside ping", text, "Mend what is named; it goes out again by itself.")
    elif sent is None or now - sent > STALE:
        yield warning("outside ping", f"{where} was not told lately.", "Look at the auditor's log.")
    else:
        yield ok("outside ping", f"{where} was told {spoken(now - sent)} ago that all is well.")


def _buddy(state: Mapping[str, Any], now: datetime) -> Iterator[Finding]:
    url: str = settings.QUARTERDECK.buddy.url
    if not url:
        return
    name = str(state.get("name") or urlsplit(url).hostname)
    heard = parse(str(state.get("heard_at", "")))
    if state.get("why"):
        silent = timedelta(seconds=float(state.get("silent_seconds") or 0))
        since = f"{name} has been silent for {spoken(silent)}" if silent else f"{name} cannot be watched"
        yield fault("buddy", f"{since}: {state['why']}", "Look there, and at [buddy] on both sides.")
    elif heard is None or now - heard > STALE:
        yield warning("buddy", f"{name} was not asked lately.", "Look at the auditor's log.")
    else:
        yield ok("buddy", f"{name} answered {spoken(now - heard)} ago that it works.")
