"""Answers in the shapes of Alertmanager's API v2, for amtool and whatever else reads alerts there. Pure: from
plain values to plain values; it never reads the store and never changes anything."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from quarterdeck.core.kernel.moments import text

from .strict_json import refuse

# The release whose answers these are; amtool compares it with nothing.
VERSION = "0.25.0"
_NEVER = "0001-01-01T00:00:00.000Z"
# amtool reads routes and receivers out of this.
_CONFIG = "route:\n  receiver: default\nreceivers:\n- name: default\n"
_FNV_OFFSET, _FNV_PRIME, _64_BIT = 0xCBF29CE484222325, 0x100000001B3, 0xFFFFFFFFFFFFFFFF


def status(started_at: datetime, version: str = VERSION) -> dict[str, object]:
    """GET /api/v2/status. amtool asks for it before everything else and refuses an answer with a part
    missing."""
    build = {"branch": "", "buildDate": "", "buildUser": "", "goVersion": "", "revision": ""}
    return {
        "cluster": {"status": "disabled", "peers": []},
        "config": {"original": _CONFIG},
        "uptime": text(started_at),
        "versionInfo": {**build, "version": version},
    }


def gettable_alerts(alerts: Iterable[Mapping[str, object]]) -> list[dict[str, object]]:
    """GET /api/v2/alerts. Each alert is a plain mapping; all but `labels` and `updated_at` may be absent:

    labels, annotations: {str: str}; starts_at, ends_at, updated_at: aware datetimes (ends_at: when it
    expires); state: "active" | "suppressed" | "unprocessed"; silenced_by, inhibited_by: [ids]; receivers:
    [names]; generator_url: str; fingerprint: str.
    """
    return [_gettable(alert) for alert in alerts]


def selected(
    alerts: Iterable[Mapping[str, object]], query: Mapping[str, list[str]]
) -> list[Mapping[str, object]]:
    """The alerts that the query of GET /api/v2/alerts asks for, given as {name: [values]}.

    Read are active, silenced, inhibited, unprocessed (true unless said otherwise) and `filter`, as
    `severity=page` or `severity!="info"`. Raises Refused for a filter by regular expression and for one that
    cannot be read.
    """
    wanted = {name: (query.get(name) or ["true"])[-1] != "false" for name in _KINDS}
    matchers = [_matcher(written) for written in query.get("filter", [])]
    return [a for a in alerts if _is_wanted(a, wanted) and all(_fits(a, *m) for m in matchers)]


def fingerprint(labels: Mapping[str, str]) -> str:
    """Alertmanager's own fingerprint: 16 hex digits of FNV-1a over the sorted labels. Only to be shown: two
    sets of labels can be made to share one."""
    digest = _FNV_OFFSET
    for name in sorted(labels):
        for byte in f"{name}\0{labels[name]}\0".encode().replace(b"\0", b"\xff"):
            digest = ((digest ^ byte) * _FNV_PRIME) & _64_BIT
    return f"{digest:016x}"


_KINDS = ("active", "silenced", "inhibited", "unprocessed")


def _gettable(alert: Mapping[str, object]) -> dict[str, object]:
    labels = _texts(alert.get("labels"))
    updated_at = alert.get("updated_at")
    return {
        "annotations": _texts(alert.get("annotations")),
        "endsAt": _time(alert.get("ends_at")),
        "fingerprint": str(alert.get("fingerprint") or fingerprint(labels)),
        "receivers": [{"name": name} for name in _list(alert.get("receivers")) or ["default"]],
        "startsAt": _time(alert.get("starts_at") or updated_at),
        "status": {
            "inhibitedBy": _list(alert.get("inhibited_by")),
            "silencedBy": _list(alert.get("silenced_by")),
            "state": _state(alert),
        },
        "updatedAt": _time(updated_at),
        "generatorURL": str(alert.get("generator_url") or ""),
        "labels": labels,
    }


def _state(alert: Mapping[str, object]) -> str:
    muted = _list(alert.get("silenced_by")) or _list(alert.get("inhibited_by"))
    return str(alert.get("state") or ("suppressed" if muted else "active"))


def _is_wanted(alert: Mapping[str, object], wanted: Mapping[str, bool]) -> bool:
    state = _state(alert)
    if state == "suppressed":
        kinds = [
            k
            for k, by in (("silenced", "silenced_by"), ("inhibited", "inhibited_by"))
            if _list(alert.get(by))
        ]
        return all(wanted[kind] for kind in kinds or ["silenced"])
    return wanted.get(state, True)


def _matcher(written: str) -> tuple[str, str, bool]:
    """Name, value and whether they must be equal, of `name=value` or `name!="value"`."""
    if "=~" in written or "!~" in written:
        raise refuse(
            "filter", f"{written[:60]!r} is a regular expression. Filter by = or != instead.", "filter"
        )
    name, sign, value = written.strip().strip("{}").partition("=")
    if not sign or not name.rstrip("! "):
        raise refuse("filter", f"{written[:60]!r} is not a filter such as severity=critical.", "filter")
    return name.rstrip("! ").strip(), value.strip().strip('"'), not name.rstrip().endswith("!")


def _fits(alert: Mapping[str, object], name: str, value: str, equal: bool) -> bool:
    return (_texts(alert.get("labels")).get(name, "") == value) is equal


def _time(at: object) -> str:
    return text(at) if isinstance(at, datetime) else _NEVER


def _texts(names: object) -> dict[str, str]:
    return {str(k): str(v) for k, v in names.items()} if isinstance(names, Mapping) else {}


def _list(values: object) -> list[str]:
    return [str(v) for v in values] if isinstance(values, list | tuple) else []
