"""Figures on a status page: pushed over REST, folded to hours and days, drawn with a table behind."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest

from quarterdeck.app.act import act_of
from quarterdeck.app.status import page_metrics
from quarterdeck.app.status.publishing import page_snapshot, site_settings
from quarterdeck.channels.status_site import render
from quarterdeck.core.kernel.refused import Refused
from quarterdeck.store import models
from support.attacks import signed_in
from support.html_page import Page
from support.rest import Organisation

POINTS = "/status-pages/main/metrics/latency/points"


@pytest.fixture
def org(db: None) -> Organisation:
    made = Organisation()
    ana = made.call("ana")
    ana.post("/status-pages", {"key": "main", "title": "Corvane"})
    told = {"key": "latency", "name": "Response time", "unit": "ms", "names": {"de": "Antwortzeit"}}
    assert ana.post("/status-pages/main/metrics", told).status == 201
    return made


def ago(**span: float) -> str:
    return (datetime.now(UTC) - timedelta(**span)).isoformat()


def test_points_are_folded_and_drawn_and_a_second_push_changes_nothing(org: Organisation) -> None:
    ana = org.call("ana")
    batch = {"points": [{"at": ago(days=3), "value": 80}, {"at": ago(days=3, minutes=1), "value": 120.5},
                        {"at": ago(minutes=1), "value": 42}]}  # fmt: skip
    for _ in range(2):
        assert ana.post(POINTS, batch).json == {"taken": 3}
    assert models.MetricPoint.objects.count() == 3
    assert ana.post(POINTS, {"points": [batch["points"][2] | {"value": 43}]}).json == {"taken": 1}
    page = models.StatusPage.objects.get(key="main")
    made = page_snapshot(page, datetime.now(UTC))
    view = made.metrics[0]
    assert [(p.mean, p.count) for p in view.hours] == [(43.0, 1)]
    assert sum(p.count for p in view.days) == 3
    assert (min(p.least for p in view.days), max(p.most for p in view.days)) == (43.0, 120.5)
    content = render(made, site_settings(page))["index.html"]
    shown = Page(content)
    assert "Latest: 43 ms" in shown.words
    charts = [a for t, a in shown.tags if t == "svg" and a.get("class") == "chart"]
    assert [a["aria-label"] for a in charts] == [
        "Response time, Last 48 hours: between 43 ms and 43 ms", "Response time, Last 90 days: between 43 ms and 120.5 ms",
    ]  # fmt: skip
    assert len(re.findall(rb"<tr><td>", content)) == len(view.hours) + len(view.days)


def test_the_page_is_published_for_points_but_not_for_each(org: Organisation) -> None:
    pages, now = models.StatusPage.objects.filter(key="main"), datetime.now(UTC)
    act = act_of(org.find("ana").id, "responder", now)
    revision = pages.get().revision
    pages.update(published=revision, published_at=now - timedelta(minutes=1))
    page_metrics.push(act, "main", "latency", [(now, 1)])
    assert pages.get().revision == revision
    pages.update(published_at=now - timedelta(minutes=6))
    page_metrics.push(act, "main", "latency", [(now, 2)])
    assert pages.get().revision == revision + 1


@pytest.mark.parametrize(
    "points",
    [
        [], [{"at": "2099-01-01T00:00:00Z", "value": 1}], [{"at": "1999-01-01T00:00:00Z", "value": 1}],
        [{"at": "now", "value": 1}], [{"at": "2026-11-01T00:00:00", "value": 1}], [{"value": 1}],
        [{"at": "OK", "value": "1"}], [{"at": "OK", "value": True}], [{"at": "OK", "value": 1e300}],
        [{"at": "OK", "value": None}], [{"at": "OK", "value": 1, "more": 2}], [{"at": "OK", "value": 1}] * 1001, "x", None,
    ],
)  # fmt: skip
def test_nonsense_is_refused_and_nothing_of_its_batch_is_kept(org: Organisation, points) -> None:
    good = {"at": ago(minutes=1), "value": 1}
    sent = (
        [good, *({**p, **({"at": ago(minutes=2)} if p.get("at") == "OK" else {})} for p in points)]
        if isinstance(points, list) and points
        else points
    )
    answer = org.call("ana").post(POINTS, {"points": sent})
    assert answer.status in (400, 422), answer.json
    assert answer.json["error"]["message"]
    assert not models.MetricPoint.objects.exists()


def test_who_may_only_read_pushes_nothing_and_an_unknown_metric_is_said_so(org: Organisation) -> None:
    good = {"points": [{"at": ago(minutes=1), "value": 1}]}
    assert org.call("eva", "executive").post(POINTS, good).status == 403
    assert org.call("ana").post("/status-pages/main/metrics/none/points", good).status == 404
    assert org.call("ana").post("/status-pages/none/metrics/latency/points", good).status == 404


def test_a_figure_is_changed_listed_and_removed(org: Organisation) -> None:
    ana = org.call("ana")
    assert ana.patch("/status-pages/main/metrics/latency", {"name": "Time"}).json["name"] == "Time"
    assert ana.post("/status-pages/main/metrics", {"key": "latency", "name": "x"}).code == "metric.exists"
    assert ana.post("/status-pages/main/metrics", {"key": "Not a key", "name": "x"}).status == 422
    assert [m["key"] for m in ana.get("/status-pages/main/metrics").json["items"]] == ["latency"]
    assert ana.delete("/status-pages/main/metrics/latency").status == 204
    assert not models.PageMetric.objects.exists()


def test_a_page_shows_no_more_figures_than_it_can_carry(org: Organisation) -> None:
    act = act_of(org.find("ana").id, "responder", datetime.now(UTC))
    for n in range(page_metrics.MOST_METRICS - 1):
        page_metrics.create_metric(act, "main", f"m{n}", f"M{n}")
    with pytest.raises(Refused, match="at most 10"):
        page_metrics.create_metric(act, "main", "one-more", "One more")


def test_the_form_names_a_figure_and_says_where_points_go(org: Organisation) -> None:
    client = signed_in(org, "ana")
    where = "/status-pages/main/metrics"
    said = client.get(where).content.decode()
    assert "/api/v1/status-pages/main/metrics/latency/points" in said
    wrong = client.post(where, {"name": "Load", "key": "latency", "unit": "%", "names": "de: Last"})
    assert wrong.status_code == 422
    assert 'value="Load"' in wrong.content.decode()
    assert (
        client.post(where, {"name": "Load", "key": "load", "unit": "%", "names": "de: Last"}).status_code
        == 302
    )
    assert models.PageMetric.objects.get(key="load").names == {"de": "Last"}
    assert client.post(f"{where}/load/remove").status_code == 302
    assert models.PageMetric.objects.filter(key="load").count() == 0
