"""What a signal means for its alert (open, repeat, acknowledge, resolve, nothing), and whether it pages.

A repeat never pages twice and never takes an acknowledgement back; a late resolve never ends a newer episode.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Literal

from quarterdeck.core.kernel.moments import text
from quarterdeck.core.kernel.value import value

from .signal import SEVERITIES, Signal
from .silence import Maintenance, Muted, Silence, muted

Status = Literal["open", "acknowledged", "resolved", "silenced"]
Verb = Literal["open", "repeat", "acknowledge", "resolve", "ignore"]


@value
class AlertState:
    """An alert as far as deciding needs it. `key` is unique among the unresolved alerts of one integration.

    `starts_at` is what the source said; `paged` says whether anybody was ever to be paged for it.
    """

    id: str
    key: str
    status: Status
    count: int
    first_seen_at: datetime
    last_seen_at: datetime
    starts_at: datetime | None = None
    expires_at: datetime | None = None
    severity: str = "error"
    paged: bool = True


@value
class Decision:
    """What to write, and why. Action "open" means a new alert row, unless `reopened` (a silence ended).

    `status` is None only when there is no alert at all. `page` starts the escalation policy now.
    """

    action: Verb
    status: Status | None
    page: bool
    reason: str
    count: int = 0
    severity: str = "error"
    starts_at: datetime | None = None
    last_seen_at: datetime | None = None
    expires_at: datetime | None = None
    muted: Muted | None = None
    reopened: bool = False


def decide(
    existing: AlertState | None,
    signal: Signal,
    now: datetime,
    silences: Sequence[Silence] = (),
    maintenance: Sequence[Maintenance] = (),
    *,
    service: str = "",
    page_from: str = "info",
    repeats: int = 1,
) -> Decision:
    """`existing` is the newest alert with this key, resolved or not; `service` the key it was routed to.

    `page_from` is the least severity that pages; `repeats` how many equal signals were folded into this one.
    """
    match signal.action:
        case "trigger":
            mute = None
            if silences or maintenance:
                critical = signal.severity == "critical"
                severity = signal.severity
                mute = muted(
                    _facts(signal), service, now, silences, maintenance, critical=critical, severity=severity
                )
            pages = _rank(signal.severity) <= _rank(page_from)
            if existing is None or existing.status == "resolved":
                return _open(existing, signal, now, mute, pages, repeats)
            return _repeat(existing, signal, now, mute, pages, repeats)
        case "resolve":
            return _resolve(existing, signal, now)
        case "acknowledge":
            return _acknowledge(existing, signal, now)


def expire(existing: AlertState, now: datetime) -> Decision | None:
    """The end of an alert whose source stopped refreshing it; None while its time runs or once it is over."""
    if existing.status == "resolved" or existing.expires_at is None or now < existing.expires_at:
        return None
    reason = f"The source stopped refreshing this alert, and it ran out at {text(existing.expires_at)}."
    return _as_is(existing, "resolve", "resolved", reason)


def unsilence(
    existing: AlertState,
    labels: Mapping[str, str],
    now: datetime,
    silences: Sequence[Silence] = (),
    maintenance: Sequence[Maintenance] = (),
    *,
    service: str = "",
    page_from: str = "info",
) -> Decision | None:
    """What follows when a silence ends and its alert still fires: it opens and pages. None while muted."""
    if existing.status != "silenced":
        return None
    severity = existing.severity
    critical = severity == "critical"
    facts = {"severity": severity, **labels}
    if muted(facts, service, now, silences, maintenance, critical=critical, severity=severity):
        return None
    page = _rank(existing.severity) <= _rank(page_from)
    return _as_is(existing, "open", "open", "What muted this alert has ended, and it still fires.", page=page)


def _open(
    before: AlertState | None, signal: Signal, now: datetime, mute: Muted | None, pages: bool, repeats: int
) -> Decision:
    reason = "First report of this key." if before is None else "Fires again after it was resolved."
    if mute:
        reason = mute.reason
    elif not pages:
        reason += f" Severity {signal.severity} does not page here."
    return Decision(
        "open", "silenced" if mute else "open", pages and not mute, reason, repeats, signal.severity,
        signal.starts_at, now, signal.expires_at, mute,
    )  # fmt: skip


def _repeat(
    alert: AlertState, signal: Signal, now: datetime, mute: Muted | None, pages: bool, repeats: int
) -> Decision:
    """Known and not over. Pages only when it leaves a silence, or grew severe enough for the first time."""
    status, page, reopened = alert.status, False, False
    if alert.status == "acknowledged":
        reason = "Known and acknowledged: counted."
    elif mute:
        status, reason = "silenced", mute.reason
    elif alert.status == "silenced":
        status, page, reopened = "open", pages, True
        reason = "What muted this alert has ended, and it still fires."
    elif pages and not alert.paged:
        page = True
        reason = f"Severity rose from {alert.severity} to {signal.severity}, which pages."
    else:
        reason = "Known and open: counted."
    return Decision(
        "repeat", status, page, reason, alert.count + repeats, signal.severity,
        _later(alert.starts_at, signal.starts_at), max(alert.last_seen_at, now),
        _later(alert.expires_at, signal.expires_at), mute if status == "silenced" else None, reopened,
    )  # fmt: skip


def _resolve(alert: AlertState | None, signal: Signal, now: datetime) -> Decision:
    if alert is None:
        return Decision("ignore", None, False, "Resolves a key that is not firing.")
    if alert.status == "resolved":
        return _as_is(alert, "ignore", "resolved", "Already resolved.")
    if _stale(alert, signal):
        return _as_is(
            alert, "ignore", alert.status, "A late resolve of an earlier episode: the newer one goes on."
        )
    return _as_is(alert, "resolve", "resolved", "The source says that it is over.", seen_at=now)


def _acknowledge(alert: AlertState | None, signal: Signal, now: datetime) -> Decision:
    if alert is None:
        return Decision("ignore", None, False, "Acknowledges a key that is not firing.")
    if alert.status == "resolved":
        return _as_is(alert, "ignore", "resolved", "Acknowledges an alert that is already resolved.")
    if alert.status == "acknowledged":
        return _as_is(alert, "ignore", "acknowledged", "Already acknowledged.")
    if _stale(alert, signal):
        return _as_is(
            alert, "ignore", alert.status, "Acknowledges an earlier episode: the newer one goes on."
        )
    return _as_is(alert, "acknowledge", "acknowledged", "Acknowledged at the source.", seen_at=now)


def _as_is(
    alert: AlertState,
    action: Verb,
    status: Status,
    reason: str,
    *,
    page: bool = False,
    seen_at: datetime | None = None,
) -> Decision:
    seen_at = max(alert.last_seen_at, seen_at) if seen_at else alert.last_seen_at
    return Decision(
        action, status, page, reason, alert.count, alert.severity, alert.starts_at, seen_at, alert.expires_at,
        reopened=action == "open",
    )  # fmt: skip


def _stale(alert: AlertState, signal: Signal) -> bool:
    return signal.starts_at is not None and alert.starts_at is not None and signal.starts_at < alert.starts_at


def _facts(signal: Signal) -> Mapping[str, str]:
    return {"severity": signal.severity, **signal.labels}


def _later(a: datetime | None, b: datetime | None) -> datetime | None:
    if a is None or b is None:
        return a or b
    return max(a, b)


def is_worse(severity: str, than: str) -> bool:
    """Whether one severity is above another."""
    return _rank(severity) < _rank(than)


def _rank(severity: str) -> int:
    """0 is the most severe. An unknown word counts as error: it pages rather than not."""
    return SEVERITIES.index(severity) if severity in SEVERITIES else SEVERITIES.index("error")
