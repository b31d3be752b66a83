"""What commands that work on this machine's own store have in common: configuration, keys and Django, or a
clear end.
"""

from __future__ import annotations

import sys

import click

from quarterdeck.boot import secrets
from quarterdeck.boot.config import Config, ConfigError, load


def local(*, create: bool = True) -> Config:
    """Set up this process for the store of the configuration. Ends the program where that is impossible."""
    try:
        config = load()
        if create:
            secrets.ensure(config.data)
    except (ConfigError, ValueError, OSError) as e:
        click.echo(f"quarterdeck: {e}", err=True)
        sys.exit(2)
    from quarterdeck.boot.wiring import set_up

    set_up()
    return config
