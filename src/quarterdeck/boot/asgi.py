"""The web process: uvicorn, the edge, the journal's writer, the live hub and Django's pool, put together and
run.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import signal
import socket
import sys
from collections.abc import Iterator
from concurrent.futures import Executor, ThreadPoolExecutor
from typing import TYPE_CHECKING

import uvicorn
from django.db import DatabaseError, close_old_connections

from . import counting, invitation, loading, pulse
from .config import Config
from .heads import BoundedHeads, watch
from .wiring import set_up

if TYPE_CHECKING:
    from quarterdeck.web.ingest import Keyring
    from quarterdeck.web.ingest_limits import Limits

GRACEFUL_SECONDS = 5
BEAT_SECONDS = 1.0
KEYS_SECONDS = 2.0
log = logging.getLogger("quarterdeck.web")


class Server(uvicorn.Server):
    """uvicorn without its own signal handlers: the order to stop comes from outside."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def serve(stop: pulse.Stop) -> None:
    """Serve until told to stop. Under the supervisor the listening socket is handed over; alone it is made
    here.
    """
    set_up("web")
    from django.conf import settings

    config: Config = settings.QUARTERDECK
    listener = _listener(config)
    uvicorn_config = uvicorn.Config(
        app=_not_yet,
        loop="uvloop" if _has("uvloop") else "asyncio",
        http=BoundedHeads,
        ws="none",
        lifespan="off",
        interface="asgi3",
        log_config=None,
        access_log=False,
        proxy_headers=False,
        server_header=False,
        timeout_keep_alive=75,
        timeout_graceful_shutdown=GRACEFUL_SECONDS,
        backlog=2048,
    )
    loop_factory = uvicorn_config.get_loop_factory()
    with asyncio.Runner(loop_factory=loop_factory) as runner:
        runner.run(_serve(config, uvicorn_config, listener, stop))


async def _serve(
    config: Config, uvicorn_config: uvicorn.Config, listener: socket.socket, stop: pulse.Stop
) -> None:
    from quarterdeck.store import nudge

    from . import assembly

    loop = asyncio.get_running_loop()
    native = ThreadPoolExecutor(max_workers=3, thread_name_prefix="native")
    parts = assembly.assemble(config, native, stop.asked)
    parts.journal.start(loop)
    await loop.run_in_executor(native, _invite)
    nudges = nudge.listen("web")

    def nudged() -> None:
        nudge.drain(nudges)
        parts.hub.nudge()

    loop.add_reader(nudges.fileno(), nudged)
    uvicorn_config.app = parts.app
    server = Server(uvicorn_config)

    def asked_to_stop() -> None:
        stop.set()
        parts.hub.nudge()
        server.should_exit = True

    loop.add_signal_handler(signal.SIGTERM, asked_to_stop)
    if stop.asked():
        server.should_exit = True
    hub = asyncio.create_task(parts.hub.run())
    keys = asyncio.create_task(_know_keys(parts.keyring, parts.limits, native))
    counts = asyncio.create_task(counting.keep(parts.limits, native))
    for task in (hub, keys, counts, parts.journal.over):
        # None ends by itself: a process without one of them is stopped, and started anew by the supervisor.
        task.add_done_callback(lambda _: asked_to_stop())
    beating = asyncio.create_task(_beat(server, stop))
    watching = asyncio.create_task(watch(server.server_state.connections, stop.is_set))
    loading.done()
    try:
        await server.serve(sockets=[listener])
    finally:
        stop.set()
        parts.hub.nudge()
        for task in (beating, watching, keys, counts):
            task.cancel()
        await asyncio.wait({hub, counts}, timeout=2)
        loop.remove_reader(nudges.fileno())
        nudges.close()
        await asyncio.to_thread(parts.journal.stop)
        native.shutdown(wait=False, cancel_futures=True)


def _invite() -> None:
    """Leave the link to the set-up page for the supervisor, which prints it last of all; alone, print it here."""
    from django.conf import settings

    from quarterdeck.web.views import setup

    link = setup.link() or ""
    invitation.leave(settings.QUARTERDECK_RUN, link)
    if link and "QUARTERDECK_PARENT" not in os.environ:
        print(invitation.WORDS.format(link), file=sys.stderr, flush=True)


async def _beat(server: Server, stop: pulse.Stop) -> None:
    """Show life once the port answers, as long as the event loop turns."""
    while not server.started:
        await asyncio.sleep(0.02)
    while not stop.is_set():
        await asyncio.sleep(BEAT_SECONDS)


async def _know_keys(keyring: Keyring, limits: Limits, executor: Executor) -> None:
    """A revoked key is refused, and a new one known, within two seconds."""
    loop = asyncio.get_running_loop()
    while True:
        try:
            await loop.run_in_executor(executor, _refresh, keyring)
            limits.refresh((k.integration, *k[3:]) for k in keyring.known.values())
        except DatabaseError as e:
            # The keys known so far still open the journal, which does not need this database.
            log.warning("keys cannot be read: %s", e)
        await asyncio.sleep(KEYS_SECONDS)


def _refresh(keyring: Keyring) -> None:
    close_old_connections()
    keyring.refresh()


async def _not_yet(scope: object, receive: object, send: object) -> None:
    raise RuntimeError("the application is put in place before the server starts")


def _listener(config: Config) -> socket.socket:
    handed = os.environ.get("QUARTERDECK_LISTEN_FD")
    if handed:
        return socket.socket(fileno=int(handed))
    from .supervise import bind

    return bind(config.host, config.port)


def _has(module: str) -> bool:
    from importlib.util import find_spec

    return find_spec(module) is not None
