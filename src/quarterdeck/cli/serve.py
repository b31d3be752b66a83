"""`quarterdeck serve`: make ready, then supervise the four processes until told to stop."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable, Mapping

import click

from quarterdeck.boot import environment, invitation, secrets, supervise
from quarterdeck.boot.config import Config, ConfigError, load
from quarterdeck.boot.launch import run_once
from quarterdeck.boot.migrate import is_current


@click.command(
    epilog="""\b
Examples:
  quarterdeck serve
  quarterdeck serve --port 9000 --data /srv/quarterdeck
  QUARTERDECK_PUBLIC_URL=https://ops.example quarterdeck serve --host 0.0.0.0

Stop it with Ctrl-C or SIGTERM: requests under way are finished, deliveries under way are recorded."""
)
@click.option("--port", type=click.IntRange(0, 65535), help="Listen here (default 8080; 0 takes a free one).")
@click.option("--host", help="Listen on this address (default 127.0.0.1; 0.0.0.0 for every interface).")
@click.option("--data", type=click.Path(file_okay=False), help="Keep everything in this folder.")
def serve(port: int | None, host: str | None, data: str | None) -> None:
    """Run Quarterdeck: web, engine, auditor and lifeline, each restarted when it dies or falls silent."""
    sys.exit(run(port=port, host=host, data=data))


def run(
    *,
    port: int | None = None,
    host: str | None = None,
    data: str | None = None,
    prepare: Callable[[Config, Mapping[str, str]], None] | None = None,
    on_ready: Callable[[Config], None] | None = None,
) -> int:
    """Serve with these settings over those of the environment; returns the exit code."""
    for name, value in (("PORT", port), ("QUARTERDECK_HOST", host), ("QUARTERDECK_DATA", data)):
        if value is not None:
            os.environ[name] = str(value)
    signal.signal(signal.SIGTERM, _leave)
    try:
        config = load()
        for warning in environment.strange(os.environ):
            supervise.say(f"warning: {warning}")
        with supervise.own(config.data), supervise.bind(config.host, config.port) as listener:
            os.environ["PORT"] = str(listener.getsockname()[1])
            config = load()
            keys = secrets.ensure(config.data, put_aside=True)
            migrate(config, keys)
            if prepare is not None:
                prepare(config, keys)

            def ready() -> None:
                link = invitation.take(config.run)
                more = f"\n{invitation.WORDS.format(link)}" if link else ""
                supervise.say(f"Quarterdeck is ready at {config.url}{more}")
                if on_ready is not None:
                    on_ready(config)

            return supervise.Supervisor(config, listener, keys).run(ready)
    except (ConfigError, supervise.CannotStart, ValueError) as e:
        supervise.say(f"quarterdeck: {e}")
        return 2
    except OSError as e:
        supervise.say(f"quarterdeck: {e.filename or 'The data folder'} cannot be used ({e.strerror}).")
        return 2
    except KeyboardInterrupt:
        return 130


def migrate(config: Config, keys: Mapping[str, str]) -> None:
    """Migrate, where there is anything to do, in a process of its own: this one stays small. Raises CannotStart."""
    if not is_current(config) and run_once("migrate", config, keys) != 0:
        raise supervise.CannotStart(
            "The store is not ready, so nothing was started. The reason stands above."
        )


def _leave(*_: object) -> None:
    """Asked to stop while still getting ready: go, and take what runs for us along."""
    raise SystemExit(0)
