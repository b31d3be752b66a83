"""Every process is killed and the data folder moved away: nginx serves the page, an emergency post is told, and it stays.

With nginx as the documentation configures it.
"""

from __future__ import annotations

import gzip
import json
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx2
import pytest

from support.nginx import nginx
from support.serving import Installation

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]


def furnish() -> None:
    from quarterdeck.app.people import accounts
    from quarterdeck.app.status import status_pages

    act = accounts.operator(datetime.now(UTC))
    status_pages.create_page(act, "main", "Corvane status")
    status_pages.create_component(act, "main", "Card payments", group="Shop")


def told() -> dict[str, Any]:
    from quarterdeck.store import models

    return {
        "posts": list(
            models.PagePost.objects.order_by("at").values_list("title", "status_word", "posted_by")
        ),
        "audited": models.Event.objects.filter(kind="EmergencyPostTakenOver").count(),
        "state": models.Component.objects.get().state,
        "published": models.StatusPage.objects.get().published,
    }


def post() -> None:
    """Something else changes on the page, so that it is published in the ordinary way."""
    from quarterdeck.app.people import accounts
    from quarterdeck.app.status import status_pages

    status_pages.update_page(accounts.operator(datetime.now(UTC)), "main", title="Corvane at large")


def until(what: Callable[[], Any], seconds: float = 60.0) -> Any:
    end = time.monotonic() + seconds
    while not (found := what()) and time.monotonic() < end:
        time.sleep(0.1)
    return found


def test_a_page_outlives_quarterdeck_its_database_and_its_data_folder(tmp_path: Path) -> None:
    public = tmp_path / "public"
    installation = Installation(tmp_path, QUARTERDECK_STATUS_FOLDER=str(public))
    installation.ask("stories.test_page_outlives:furnish")
    server = installation.serve()
    site = public / "main"
    try:
        assert until((site / "index.html").is_file, 120), server.log
    finally:
        server.kill_all()
    gone = installation.data.rename(tmp_path / "lost")
    with nginx(tmp_path / "nginx", site) as url, httpx2.Client(base_url=url, trust_env=False) as reader:
        page = reader.get("/")
        assert (page.status_code, page.headers["content-encoding"]) == (200, "gzip")
        assert "Corvane status" in page.text
        # It says how old it is: to people, and to whatever warns them.
        fresh = reader.get("/fresh.json").json()
        made = datetime.fromisoformat(fresh["generated_at"])
        assert timedelta(0) <= datetime.now(UTC) - made < timedelta(minutes=5)
        assert fresh["fresh_for_seconds"] == 1800
        assert made.strftime("%H:%M") in page.text
        # The documented command; nothing of Quarterdeck runs, and there is no data folder.
        said = installation.command(
            "status", "publish", "--title", "Payments fail", "--state", "investigating", "--body", "Cards are declined.",
            "--component", "Card payments=major_outage", "--next-update", "30m",
        )  # fmt: skip
        assert "none was needed" in said
        assert not installation.data.exists()
        assert "Cards are declined." in reader.get("/").text
        summary = reader.get("/api/v2/summary.json").json()
        assert [c["status"] for c in summary["components"] if c["name"] == "Card payments"] == [
            "major_outage"
        ]
        assert summary["incidents"][0]["name"] == "Payments fail"
        installation.command("status", "publish", "--state", "identified", "--body", "A provider is down.")
        # It comes back, and keeps what was told, also with its next ordinary publication.
        gone.rename(installation.data)
        server = installation.serve()
        try:
            assert until(lambda: len(list((public / ".main" / "emergency").glob("*.taken"))) == 2, 120), (
                server.log
            )
            installation.ask("stories.test_page_outlives:post")
            assert until(lambda: "Corvane at large" in reader.get("/").text, 120), server.log
            shown = reader.get("/").text
            assert "Cards are declined." in shown
            assert "A provider is down." in shown
        finally:
            server.stop()
    assert installation.ask("stories.test_page_outlives:told") | {"published": 0} == {
        "posts": [["Payments fail", "investigating", "operator"], ["", "identified", "operator"]],
        "audited": 2, "state": "major_outage", "published": 0,
    }  # fmt: skip


def test_nginx_as_documented_serves_what_was_published_and_nothing_else(tmp_path: Path) -> None:
    from quarterdeck.channels import status_site
    from support.status_sample import NOW, URL, busy_page

    site = tmp_path / "status" / "corvane"
    files = status_site.render(busy_page(), status_site.SiteSettings(URL))
    status_site.write(files, site)
    with nginx(tmp_path / "nginx", site) as url, httpx2.Client(base_url=url, trust_env=False) as reader:
        plain = reader.get("/", headers={"accept-encoding": "identity"})
        assert plain.content == files["index.html"]
        packed = reader.get("/api/v2/summary.json", headers={"accept-encoding": "gzip"})
        assert packed.headers["content-encoding"] == "gzip"
        assert packed.content == files["api/v2/summary.json"]
        assert int(packed.headers["content-length"]) == len(files["api/v2/summary.json.gz"])
        assert gzip.decompress(files["index.html.gz"]) == files["index.html"]
        assert "max-age=10" in plain.headers["cache-control"]
        assert plain.headers["access-control-allow-origin"] == "*"
        again = reader.get(
            "/", headers={"if-none-match": plain.headers["etag"], "accept-encoding": "identity"}
        )
        assert (again.status_code, again.content) == (304, b"")
        kinds = {
            "/": "text/html", "/api/v2/status.json": "application/json", "/history.atom": "application/atom+xml",
            "/history.rss": "application/rss+xml", "/badge.svg": "image/svg+xml", "/status.css": "text/css",
            "/metrics.txt": "text/plain", "/maintenance.ics": "text/calendar", "/embed.html": "text/html",
        }  # fmt: skip
        for path, kind in kinds.items():
            answer = reader.get(path)
            assert (answer.status_code, answer.headers["content-type"].split(";")[0]) == (200, kind), path
        assert reader.get("/status.css").headers["cache-control"] == "public, max-age=300"
        assert plain.headers["content-security-policy"].endswith("; frame-ancestors 'none'")
        assert reader.get("/embed.html").headers["content-security-policy"].endswith("; frame-ancestors *")
        assert reader.get("/incidents/INC-1031/").status_code == 200
        for path, framed in (("/", False), ("/incidents/INC-1031/", False), ("/embed.html", True)):
            policy = reader.get(path).headers["content-security-policy"]
            assert ("frame-ancestors *" in policy, "frame-ancestors 'none'" in policy) == (
                framed,
                not framed,
            ), path
        for path in (
            "/.corvane/snapshot.json",
            "/../.corvane/snapshot.json",
            "/%2e%2e/.corvane/snapshot.json",
            "/none",
        ):
            assert reader.get(path).status_code in (400, 403, 404), path
        # A publication is seen at once, and a file that did not change keeps its tag.
        css = reader.get("/status.css").headers["etag"]
        status_site.write(
            files | {"index.html": b"<p>second", "index.html.gz": gzip.compress(b"<p>second")}, site
        )
        assert reader.get("/").text == "<p>second"
        assert reader.get("/status.css").headers["etag"] == css
        assert json.loads(reader.get("/api/v2/status.json").text)["page"]["updated_at"].startswith(
            f"{NOW:%Y-%m-%d}"
        )
