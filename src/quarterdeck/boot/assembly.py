"""The parts of the web process and how they hang together. Starts nothing."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass

from a2wsgi import WSGIMiddleware
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections
from django.template.loader import render_to_string

from quarterdeck.app.status import page_folders
from quarterdeck.store import journal, nudge
from quarterdeck.web import (
    edge,
    edge_answers,
    edge_buddy,
    edge_health,
    edge_metrics,
    edge_private,
    edge_static,
    live,
    live_route,
    routes,
)
from quarterdeck.web.ingest import Ingest, Keyring
from quarterdeck.web.ingest_answers import ANSWERS
from quarterdeck.web.ingest_limits import Limits

from . import pulse
from .config import Config


@dataclass(frozen=True)
class Parts:
    """What the server runs."""

    app: edge_answers.App
    hub: live.Hub
    journal: journal.Journal
    keyring: Keyring
    limits: Limits


def assemble(config: Config, executor: Executor, stopping: Callable[[], bool]) -> Parts:
    """Everything wired, nothing started. Raises ImproperlyConfigured when a route declares no permission."""
    routes.require_all_declared()
    security = edge_answers.secured(config.https)
    figures = edge_health.Figures()
    written = journal.Journal(_sink(config), _wake_engine)
    hub = live.Hub(live_route.StoreFeed(), executor, stopping)
    keyring = Keyring()
    limits = Limits(config.limits.requests_per_minute, config.limits.alerts_per_minute)
    health = edge_health.Health(
        pulse.beat_file(config.run, "engine"), config.audit_seconds, config.silent_seconds
    )
    figures.streams = lambda: len(hub)
    figures.bodies = lambda: written.bodies
    figures.commits = lambda: written.commits
    bridge: edge_answers.App = WSGIMiddleware(get_wsgi_application(), workers=config.web_threads)  # type: ignore[arg-type, assignment]
    pages = edge.Pages(
        bridge,
        config.web_threads,
        config.web_queue,
        config.body_limit_kib * 1024,
        render_to_string("503.html").encode(),
        figures,
        # The form around a file takes a little room too.
        upload_limit=(config.attachments.limit_mib << 20) + (64 << 10),
    )
    app = edge.build(
        ingest=Ingest(written, keyring, limits, ANSWERS),
        static=edge_static.static("/static/", security),
        status=edge_private.pages(
            config.status_folder,
            config.data / page_folders.PRIVATE,
            # Its own: whoever asks for pages must not hold up live updates and keys.
            ThreadPoolExecutor(2, thread_name_prefix="readers"),
            security,
            config.trusted_proxies,
        ),
        native={
            "/live": live_route.live(hub, executor, security),
            "/healthz": edge_health.healthz(health, security),
            "/metrics": edge_metrics.metrics(health, figures, config.metrics_token, config.url, security),
            "/buddy": edge_buddy.buddy(health, config.buddy.key, config.name, security),
        },
        pages=pages,
        hosts=config.hosts,
        trusted_proxies=config.trusted_proxies,
        security=security,
    )
    return Parts(app, hub, written, keyring, limits)


def _wake_engine() -> None:
    """In the journal's own thread: its connection may be one that the server has closed since."""
    close_old_connections()
    nudge.nudge("engine")


def _sink(config: Config) -> journal.Sink:
    if config.database_url:
        return journal.PostgresSink(config.database_url, config.store.synchronous)
    return journal.SqliteSink(config.data / "journal.db")
