"""What amtool reads: the answers of Alertmanager's API v2."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from quarterdeck.core.kernel.refused import Refused
from quarterdeck.intake.alertmanager_api import fingerprint, gettable_alerts, selected, status

AT = datetime(2026, 5, 4, 4, 11, 0, 250_000, tzinfo=UTC)
DISK = {"labels": {"alertname": "Disk", "severity": "critical"}, "updated_at": AT}


def test_the_status_has_every_part_that_a_client_asks_for():
    answer = status(AT, "0.1.0")
    assert answer["cluster"] == {"status": "disabled", "peers": []}
    assert answer["config"]["original"].startswith("route:\n  receiver: default\nreceivers:")
    assert answer["uptime"] == "2026-05-04T04:11:00.250000Z"
    assert set(answer["versionInfo"]) == {
        "branch",
        "buildDate",
        "buildUser",
        "goVersion",
        "revision",
        "version",
    }


def test_an_alert_has_every_field_that_a_client_requires():
    (answer,) = gettable_alerts([DISK])
    assert answer == {
        "annotations": {},
        "endsAt": "0001-01-01T00:00:00.000Z",
        "fingerprint": fingerprint(DISK["labels"]),
        "receivers": [{"name": "default"}],
        "startsAt": "2026-05-04T04:11:00.250000Z",
        "status": {"inhibitedBy": [], "silencedBy": [], "state": "active"},
        "updatedAt": "2026-05-04T04:11:00.250000Z",
        "generatorURL": "",
        "labels": {"alertname": "Disk", "severity": "critical"},
    }


def test_an_alert_carries_what_is_known_of_it():
    known = {
        "annotations": {"summary": "full"},
        "starts_at": AT.replace(hour=3),
        "ends_at": AT.replace(hour=5),
        "silenced_by": ["s-1"],
        "receivers": ["db"],
        "generator_url": "https://prom.example",
        "fingerprint": "00ff",
    }
    (answer,) = gettable_alerts([DISK | known])
    assert answer["status"] == {"inhibitedBy": [], "silencedBy": ["s-1"], "state": "suppressed"}
    assert (answer["startsAt"], answer["endsAt"]) == (
        "2026-05-04T03:11:00.250000Z",
        "2026-05-04T05:11:00.250000Z",
    )
    assert (answer["receivers"], answer["fingerprint"]) == ([{"name": "db"}], "00ff")


def test_the_fingerprint_is_the_one_that_alertmanager_gives():
    # As a real Alertmanager 0.25 answered for these labels.
    assert fingerprint({"severity": "warning", "alertname": "Manual"}) == "76a5b222a3e52a7f"


SILENCED = DISK | {"labels": {"alertname": "CPU", "severity": "info"}, "silenced_by": ["s-1"]}
INHIBITED = DISK | {"labels": {"alertname": "RAM", "severity": "info"}, "inhibited_by": ["a-1"]}


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ({}, "Disk CPU RAM"),
        (
            {"active": ["true"], "silenced": ["false"], "inhibited": ["false"], "unprocessed": ["false"]},
            "Disk",
        ),
        ({"active": ["false"]}, "CPU RAM"),
        ({"silenced": ["false"]}, "Disk RAM"),
        ({"filter": ["severity=info"]}, "CPU RAM"),
        ({"filter": ['severity="info"', "alertname!=CPU"]}, "RAM"),
        ({"filter": ['{alertname = "Disk"}']}, "Disk"),
        ({"filter": ["team="]}, "Disk CPU RAM"),
        ({"filter": ["expr=a=b"]}, ""),
    ],
)
def test_a_query_selects_by_state_and_labels(query, names):
    assert " ".join(a["labels"]["alertname"] for a in selected([DISK, SILENCED, INHIBITED], query)) == names


@pytest.mark.parametrize(
    ("written", "words"),
    [
        ("a=~b.*", "regular expression"),
        ("a!~b", "regular expression"),
        ("a", "is not a filter"),
        ("=b", "is not a filter"),
    ],
)
def test_a_filter_that_cannot_be_read_is_refused_in_words(written, words):
    with pytest.raises(Refused, match=words):
        selected([DISK], {"filter": [written]})
